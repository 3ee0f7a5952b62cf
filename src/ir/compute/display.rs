//! The text that Python's `str` gives for a value of an event.
//!
//! Source: the Python language reference, `str` and `repr` of the built-in types.

use std::fmt::Write as _;

use serde_json::{Number, Value};

/// The text of the value: a text is itself, everything else is written as a literal.
pub fn display(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => {
            let mut out = String::new();
            literal(other, &mut out);
            out
        }
    }
}

/// The value as a literal, a text in quotes.
pub fn quoted_literal(value: &Value) -> String {
    let mut out = String::new();
    literal(value, &mut out);
    out
}

/// The text of a value whose list or object is in a read-only container; what that holds is shown plainly.
pub(super) fn display_event(value: &Value) -> String {
    let plain = display(value);
    match value {
        Value::Array(items) => {
            // Their items are a tuple, which a comma marks where it has one item.
            let inner = &plain[1..plain.len() - 1];
            let comma = if items.len() == 1 { "," } else { "" };
            format!("ImmutableList(({inner}{comma}))")
        }
        Value::Object(_) => format!("ImmutableCaseInsensitiveDict({plain})"),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => plain,
    }
}

fn literal(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(value) => out.push_str(&number(value)),
        Value::String(text) => quoted(text, out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                literal(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (at, (key, item)) in map.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                quoted(key, out);
                out.push_str(": ");
                literal(item, out);
            }
            out.push('}');
        }
    }
}

/// A whole number is its digits; a fraction has the fewest digits that read back alike, from 1e16 and below 1e-4 with an
/// exponent of two digits at least.
fn number(value: &Number) -> String {
    let Some(float) = value.as_f64().filter(|_| value.is_f64()) else {
        return value.to_string();
    };
    let scientific = format!("{float:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    match exponent.parse::<i32>() {
        Ok(power) if !(-4..16).contains(&power) => {
            let sign = if power < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", power.unsigned_abs())
        }
        _ => {
            let plain = format!("{float}");
            if plain.contains('.') {
                plain
            } else {
                format!("{plain}.0")
            }
        }
    }
}

/// The text in single quotes, in double quotes where it holds single ones and no double ones.
fn quoted(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if is_printable(c) => out.push(c),
            c => escape(c, out),
        }
    }
    out.push(quote);
}

fn escape(c: char, out: &mut String) {
    let code = u32::from(c);
    let written = match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
    // Writing to a text does not fail.
    debug_assert!(written.is_ok());
}

/// Whether Python shows the character as it is. Combining marks are printable there, unlike in Rust's own escapes, which do not
/// escape them after another character.
fn is_printable(c: char) -> bool {
    let mut pair = String::from("a");
    pair.push(c);
    matches!(c, '"' | '\'') || pair.escape_debug().count() == 2
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn containers_of_an_event_are_read_only() {
        let cases = [
            (json!([]), "ImmutableList(())"),
            (json!(["a"]), "ImmutableList(('a',))"),
            (json!(["a", [1]]), "ImmutableList(('a', [1]))"),
            (
                json!({"a": [1]}),
                "ImmutableCaseInsensitiveDict({'a': [1]})",
            ),
            (json!("a"), "a"),
            (json!(null), "None"),
        ];
        for (value, text) in cases {
            assert_eq!(display_event(&value), text);
        }
    }

    #[test]
    fn values_are_written_as_python_writes_them() {
        let cases = [
            (json!("a'b"), "a'b"),
            (json!(null), "None"),
            (json!(true), "True"),
            (json!(12), "12"),
            (json!(1.0), "1.0"),
            (json!(1e16), "1e+16"),
            (json!(123_456_789_012_345.6), "123456789012345.6"),
            (json!(0.0001), "0.0001"),
            (json!(0.000_01), "1e-05"),
            (json!(-0.0), "-0.0"),
            (
                json!(["a'b", "c\"d", "e'\"f"]),
                r#"["a'b", 'c"d', 'e\'"f']"#,
            ),
            (
                json!(["\u{1}\n\u{e9}\u{200b}\u{301}\u{1f600}"]),
                "['\\x01\\n\u{e9}\\u200b\u{301}\u{1f600}']",
            ),
            (
                json!({"a": [1, null], "b": {}}),
                "{'a': [1, None], 'b': {}}",
            ),
        ];
        for (value, text) in cases {
            assert_eq!(display(&value), text);
        }
    }
}
