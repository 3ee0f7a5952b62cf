//! Values: IR texts, patterns and numbers to Sigma values in YAML.
//!
//! A value is built from parts (plain text, `*`, `?`) and escaped once: a backslash is doubled where Sigma would otherwise read it
//! as an escape, and at the end of a value, where a tool could put a wildcard behind it.

use super::super::yaml_scalar;
use crate::ir::Literal;
use crate::schema::FieldType;

/// One part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Any,
    One,
}

/// The parts of a pattern of the IR, in which a backslash makes the next character plain.
pub(super) fn parts(pattern: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let plain = match c {
            '*' if parts.last() == Some(&Part::Any) => continue,
            '*' => {
                parts.push(Part::Any);
                continue;
            }
            '?' => {
                parts.push(Part::One);
                continue;
            }
            '\\' => chars.next().unwrap_or('\\'),
            c => c,
        };
        match parts.last_mut() {
            Some(Part::Text(text)) => text.push(plain),
            _ => parts.push(Part::Text(plain.to_string())),
        }
    }
    parts
}

/// The parts as a Sigma value.
pub(super) fn escape(parts: &[Part]) -> String {
    let mut value = String::new();
    for part in parts {
        match part {
            Part::Any => value.push('*'),
            Part::One => value.push('?'),
            Part::Text(text) => {
                let mut before = None;
                let mut chars = text.chars().peekable();
                while let Some(c) = chars.next() {
                    // The end of a part is a wildcard, or a place where a tool could put one.
                    let beside_special = before == Some('\\')
                        || chars.peek().is_none_or(|next| "*?\\".contains(*next));
                    if "*?".contains(c) || (c == '\\' && beside_special) {
                        value.push('\\');
                    }
                    value.push(c);
                    before = Some(c);
                }
            }
        }
    }
    value
}

/// A text as a Sigma value.
pub(super) fn escape_text(text: &str) -> String {
    escape(&[Part::Text(text.to_owned())])
}

/// A text as a finished whole value: a number where it is the usual spelling of one, as Sigma compares them alike.
pub(super) fn whole(text: &str) -> String {
    const LARGEST: u64 = 1 << 53;
    let number = text.parse::<i64>().ok();
    match number.filter(|number| number.to_string() == text && number.unsigned_abs() <= LARGEST) {
        Some(_) => text.to_owned(),
        None => yaml_scalar(&escape_text(text)),
    }
}

/// A number or truth value as YAML 1.1 and 1.2 both read it: an exponent needs a fraction and a sign.
pub(super) fn number(literal: &Literal) -> String {
    let text = literal.to_string();
    match (literal, text.split_once('e')) {
        (Literal::Float(_), Some((mantissa, exponent))) => {
            let fraction = if mantissa.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with(['+', '-']) {
                ""
            } else {
                "+"
            };
            format!("{mantissa}{fraction}e{sign}{exponent}")
        }
        _ => text,
    }
}

/// Whether a text has letters whose case can differ.
pub(super) fn has_case(text: &str) -> bool {
    text.chars()
        .any(|c| !c.to_lowercase().eq([c]) || !c.to_uppercase().eq([c]))
}

/// What can be said of a field's values by its type.
pub(super) fn is_text(kind: FieldType) -> bool {
    matches!(kind, FieldType::Text | FieldType::Datetime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_where_sigma_would_read_an_escape() {
        for (text, value) in [
            (r"C:\x", r"C:\x"),
            (r"\\srv", r"\\\\srv"),
            (r"a\", r"a\\"),
            (r"a\*", r"a\\\*"),
            ("a*b?", r"a\*b\?"),
        ] {
            assert_eq!(escape_text(text), value);
        }
        assert_eq!(escape(&parts(r"a\\*b\*?")), r"a\\*b\*?");
        assert_eq!(escape(&parts(r"***a")), "*a");
    }

    #[test]
    fn usual_numbers_are_written_as_numbers() {
        assert_eq!(whole("123456789012"), "123456789012");
        assert_eq!(whole("007"), "\"007\"");
        assert_eq!(whole("99999999999999999999"), "\"99999999999999999999\"");
        assert_eq!(whole("-5"), "-5");
    }
}
