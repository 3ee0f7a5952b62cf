//! Values to KQL literals and names to KQL names: one function per form.
//!
//! Each result reads back to the value it was made from. Backslashes are never doubled where a verbatim string can say the
//! same, because regular expressions and Windows paths are read by people.

use std::fmt::Write;

use super::ast::{Dynamic, Literal, Real};
use super::{number, word};

/// A string: `"..."`, or `@"..."` where it holds a backslash.
pub fn string(value: &str) -> String {
    let control = value.chars().any(char::is_control);
    if value.contains('\\') && !control {
        verbatim(value)
    } else {
        escaped(value)
    }
}

/// A verbatim string, which cannot hold line ends.
fn verbatim(value: &str) -> String {
    if value.contains('"') && !value.contains('\'') {
        return format!("@'{value}'");
    }
    format!("@\"{}\"", value.replace('"', "\"\""))
}

/// A string with escapes.
pub fn escaped(value: &str) -> String {
    if value.contains('"')
        && !value
            .chars()
            .any(|c| matches!(c, '\'' | '\\') || c.is_control())
    {
        return format!("'{value}'");
    }
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c if c.is_control() => {
                let written = write!(text, "\\u{:04x}", u32::from(c));
                debug_assert!(written.is_ok(), "writing to a string cannot fail");
            }
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

/// A name that is used: bare where it can be, else `['...']`.
pub fn name(text: &str) -> String {
    if is_bare(text) && word::is_usable(text) {
        text.to_owned()
    } else {
        bracketed(text)
    }
}

/// A name that is declared; a few keywords can stay bare here.
pub fn declared_name(text: &str) -> String {
    if is_bare(text) && word::is_declarable(text) {
        text.to_owned()
    } else {
        bracketed(text)
    }
}

/// A name in brackets and quotes.
pub fn bracketed(text: &str) -> String {
    if text
        .chars()
        .any(|c| matches!(c, '\'' | '\\') || c.is_control())
    {
        format!("[{}]", escaped(text))
    } else {
        format!("['{text}']")
    }
}

/// Whether the lexer reads the text as one word that is no literal.
pub fn is_bare(text: &str) -> bool {
    let lexed = super::lexer::lex(text);
    let one = lexed.errors.is_empty() && lexed.comments.is_empty() && lexed.tokens.len() == 2;
    let whole = lexed.tokens.first().is_some_and(|token| {
        token.kind == super::token::TokenKind::Word && token.range.indices() == (0..text.len())
    });
    one && whole && !text.contains(['-', '!', '~'])
}

/// A timespan of this many ticks: `90m`, `14d`; a negative one is `timespan(...)`.
pub fn timespan(ticks: i64) -> String {
    let text = number::spell_timespan(ticks);
    if ticks < 0 {
        format!("timespan({text})")
    } else {
        text
    }
}

/// A real number.
pub fn real(value: f64) -> String {
    if value.is_nan() {
        "real(nan)".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 {
            "real(+inf)"
        } else {
            "real(-inf)"
        }
        .to_owned()
    } else if value.is_sign_negative() {
        format!("real({value:?})")
    } else {
        format!("{value:?}")
    }
}

/// A literal of any kind.
pub fn literal(literal: &Literal) -> String {
    match literal {
        Literal::String(value) => string(value),
        Literal::Bool(Some(value)) => value.to_string(),
        Literal::Bool(None) => "bool(null)".to_owned(),
        Literal::Long(Some(value)) if *value < 0 => format!("long({value})"),
        Literal::Long(Some(value)) => value.to_string(),
        Literal::Long(None) => "long(null)".to_owned(),
        Literal::Int(value) => {
            format!(
                "int({})",
                value.map_or_else(|| "null".to_owned(), |value| value.to_string())
            )
        }
        Literal::Real(Some(Real(value))) => real(*value),
        Literal::Real(None) => "real(null)".to_owned(),
        Literal::Decimal(value) => enclosed("decimal", value.as_deref()),
        Literal::Timespan(Some(ticks)) => timespan(*ticks),
        Literal::Timespan(None) => "timespan(null)".to_owned(),
        Literal::Datetime(value) => enclosed("datetime", value.as_deref()),
        Literal::Guid(value) => enclosed("guid", value.as_deref()),
        Literal::Dynamic(value) => format!("dynamic({})", dynamic(value)),
    }
}

fn enclosed(kind: &str, value: Option<&str>) -> String {
    format!("{kind}({})", value.unwrap_or("null"))
}

/// The inside of `dynamic(...)`.
pub fn dynamic(value: &Dynamic) -> String {
    match value {
        Dynamic::Null => "null".to_owned(),
        Dynamic::Scalar(Literal::Long(Some(value))) => value.to_string(),
        Dynamic::Scalar(Literal::Real(Some(Real(value)))) if value.is_finite() => {
            format!("{value:?}")
        }
        Dynamic::Scalar(value) => literal(value),
        Dynamic::Array(items) => {
            let items: Vec<String> = items.iter().map(dynamic).collect();
            format!("[{}]", items.join(", "))
        }
        Dynamic::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{}: {}", escaped(key), dynamic(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::kql::expression;

    #[test]
    fn strings_read_back() {
        for value in [
            "",
            "a",
            "it's",
            "say \"x\"",
            "C:\\x",
            "(?i)\\d+\"'",
            "a\nb\\c",
            "\u{1}",
            "é\u{202e}",
        ] {
            let text = string(value);
            assert_eq!(
                expression(&text)
                    .ok()
                    .as_ref()
                    .and_then(|read| read.as_string()),
                Some(value),
                "{text}"
            );
        }
        assert_eq!(string("\\d+"), "@\"\\d+\"");
    }

    #[test]
    fn names_read_back() {
        for text in [
            "a",
            "where",
            "a b",
            "2022x",
            "it's",
            "10m",
            "true",
            "a-b",
            "kind",
            "",
            "çédille",
            "1",
        ] {
            let spelled = name(text);
            assert_eq!(
                expression(&spelled)
                    .ok()
                    .as_ref()
                    .and_then(|read| read.as_name()),
                Some(text),
                "{spelled}"
            );
        }
        assert_eq!(name("count_"), "count_");
        assert_eq!(declared_name("title"), "title");
    }
}
