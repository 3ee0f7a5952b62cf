//! Values to KQL literals and names to KQL names, one function per form.
//!
//! Every result reads back to what it was made from. A backslash is never doubled where a verbatim string can say the same,
//! because people read Windows paths and regular expressions. Nothing is refused: every text has a literal.

use std::fmt::Write;
use std::time::Duration;

use super::words::RESERVED;
use crate::backend::fragment::Fragment;
use crate::ir::Literal;

/// A string: `"..."`, or `@"..."` where it holds a backslash.
pub(super) fn text(value: &str) -> String {
    if is_itself(value) {
        return format!("\"{value}\"");
    }
    let needs_escape = value.contains(is_unprintable);
    if needs_escape || !value.contains(['\\', '"']) {
        return escaped(value);
    }
    if value.contains('"') && !value.contains(['\\', '\'']) {
        return format!("'{value}'");
    }
    format!("@\"{}\"", value.replace('"', "\"\""))
}

/// Whether every character of the text stands for itself between quotes, as that of most do.
fn is_itself(value: &str) -> bool {
    let is_other = |byte: &u8| !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\');
    // All are counted, since many bytes are looked at in one step without a way out in between.
    value.bytes().filter(is_other).count() == 0
}

fn escaped(value: &str) -> String {
    let mut literal = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c if is_unprintable(c) => {
                let _ = write!(literal, "\\u{:04x}", u32::from(c));
            }
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// Characters that would break a line or be invisible in a document; all of them are in the basic plane.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// A regular expression: verbatim where it has a backslash. Control characters, which a verbatim string cannot hold, are written as escapes of
/// the regular expression.
pub(super) fn regex(pattern: &str) -> String {
    if !pattern.contains(['\\', '"']) && !pattern.contains(is_unprintable) {
        return text(pattern);
    }
    let mut literal = String::from("@\"");
    let mut after_backslash = false;
    for c in pattern.chars() {
        if is_unprintable(c) {
            // A backslash before it only made it plain; the escape below is plain as well.
            if after_backslash {
                literal.pop();
            }
            let _ = write!(literal, "\\x{{{:x}}}", u32::from(c));
            after_backslash = false;
            continue;
        }
        literal.push(c);
        if c == '"' {
            literal.push('"');
        }
        after_backslash = c == '\\' && !after_backslash;
    }
    literal.push('"');
    literal
}

/// The name of a column: bare where it can be, else `['...']`.
pub(super) fn name(column: &str) -> String {
    if is_word(column) && RESERVED.binary_search(&column).is_err() {
        column.to_owned()
    } else {
        format!("[{}]", text(column))
    }
}

/// One step into a dynamic value: `.key`, or `["odd key"]`.
pub(super) fn member(key: &str) -> String {
    if is_word(key) && RESERVED.binary_search(&key).is_err() {
        format!(".{key}")
    } else {
        format!("[{}]", text(key))
    }
}

/// Whether the text is a plain identifier, as the names in a Sentinel document also have to be: the words for truth values are none.
pub(in crate::backend) fn is_word(text: &str) -> bool {
    !matches!(text, "true" | "false")
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && has_word_characters(text)
}

/// The text of a fragment, where it is a plain identifier.
pub(super) fn word(fragment: &Fragment) -> Option<String> {
    // What is long is mostly known by its first piece to be none.
    let text = fragment
        .is_all(&has_word_characters)
        .then(|| fragment.flat());
    text.filter(|text| is_word(text))
}

fn has_word_characters(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A constant as an expression.
pub(super) fn literal(value: &Literal) -> String {
    match value {
        Literal::Null => "dynamic(null)".to_owned(),
        Literal::Boolean(value) => value.to_string(),
        Literal::Integer(value) => value.to_string(),
        Literal::Float(value) => number(*value),
        Literal::Text(value) => text(value),
        Literal::List(_) | Literal::Object(_) => format!("dynamic({})", value.to_json()),
    }
}

/// A number: whole where it is.
#[allow(
    clippy::cast_possible_truncation,
    reason = "only numbers far inside the range are written as whole ones"
)]
pub(super) fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        (value as i64).to_string()
    } else if value.is_finite() {
        format!("{value:?}")
    } else {
        format!("real({value})").to_lowercase()
    }
}

/// A length of time in the largest unit that divides it, as queries and rule documents write it: `10m`.
pub(in crate::backend) fn timespan(length: Duration) -> String {
    let seconds = length.as_secs();
    let (count, unit) = match seconds {
        s if s > 0 && s % 86_400 == 0 => (s / 86_400, "d"),
        s if s > 0 && s % 3_600 == 0 => (s / 3_600, "h"),
        s if s % 60 == 0 => (s / 60, "m"),
        s => (s, "s"),
    };
    format!("{count}{unit}")
}

/// A point in time, if the text is one in the form that logs write: a date, or a date and a time in UTC.
pub(super) fn datetime(value: &str) -> Option<String> {
    let shape: String = value
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    let (whole, fraction) = shape
        .strip_suffix('Z')
        .and_then(|shape| shape.split_once('.'))
        .unwrap_or((shape.strip_suffix('Z').unwrap_or(&shape), ""));
    let known = match whole {
        "0000-00-00" => !value.ends_with('Z') && fraction.is_empty(),
        "0000-00-00T00:00:00" => {
            value.ends_with('Z') && fraction.len() <= 7 && fraction.chars().all(|c| c == '0')
        }
        _ => false,
    };
    known.then(|| format!("datetime({value})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::kql;
    use crate::syntax::kql::ast::Expression;

    fn parsed(literal: &str) -> Expression {
        kql::expression(literal).unwrap_or_else(|error| panic!("{literal}: {error:?}"))
    }

    fn read(literal: &str) -> String {
        match parsed(literal).as_literal() {
            Some(kql::ast::Literal::String(value)) => value.clone(),
            other => panic!("{literal}: {other:?}"),
        }
    }

    #[test]
    fn strings_read_back_as_themselves() {
        for value in [
            "plain",
            "",
            "it's",
            "say \"x\"",
            "both ' and \"",
            "C:\\Windows\\",
            "\\\"",
            "tab\there\r\n",
            "é\u{2028}\u{0}",
            "@\"",
            "\u{85}",
        ] {
            assert_eq!(read(&text(value)), value, "{}", text(value));
        }
        assert_eq!(text("C:\\a"), "@\"C:\\a\"");
        assert_eq!(text("say \"x\""), "'say \"x\"'");
    }

    #[test]
    fn regular_expressions_mean_the_same() {
        for (pattern, sample) in [
            (r#"^\d+"x"$"#, "12\"x\""),
            ("a\nb", "a\nb"),
            ("a\\\nb", "a\nb"),
            ("\\\\\n", "\\\n"),
        ] {
            let back = read(&regex(pattern));
            assert!(regex::Regex::new(&back).unwrap().is_match(sample), "{back}");
        }
        assert_eq!(regex(r"^\w+$"), "@\"^\\w+$\"");
    }

    #[test]
    fn names_are_quoted_where_they_have_to_be() {
        assert_eq!(name("TimeGenerated"), "TimeGenerated");
        assert!(!is_word("false") && is_word("falsely"));
        assert_eq!(name("TimeGenerated [UTC]"), "[\"TimeGenerated [UTC]\"]");
        assert_eq!(member("policyName"), ".policyName");
        assert_eq!(member("x-amz-acl"), "[\"x-amz-acl\"]");
        assert_eq!(member("where"), "[\"where\"]");
    }

    #[test]
    fn times_and_lengths() {
        assert_eq!(timespan(Duration::from_secs(600)), "10m");
        assert_eq!(timespan(Duration::from_secs(172_800)), "2d");
        assert_eq!(timespan(Duration::from_secs(90)), "90s");
        assert_eq!(
            datetime("2024-01-01T00:00:00.123Z").unwrap(),
            "datetime(2024-01-01T00:00:00.123Z)"
        );
        assert_eq!(
            datetime("2024-01-01").as_deref(),
            Some("datetime(2024-01-01)")
        );
        for text in [
            "",
            "2024",
            "2024-01-01T00:00:00",
            "2024-01-01 or so",
            "2024-01-01Z",
        ] {
            assert_eq!(datetime(text), None, "{text}");
        }
    }
}
