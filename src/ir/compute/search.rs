//! Where and how often something stands in a text or a list.

use serde_json::Value;

use super::number::equal;

/// The character position of the first occurrence, or -1.
pub(super) fn index_of(text: &str, part: &str) -> Value {
    place(text, text.find(part))
}

/// The character position of the last occurrence, or -1.
pub(super) fn last_index_of(text: &str, part: &str) -> Value {
    place(text, text.rfind(part))
}

fn place(text: &str, at: Option<usize>) -> Value {
    at.map_or_else(|| Value::from(-1), |at| text[..at].chars().count().into())
}

/// How often the part stands in the text, occurrences that overlap counting once; or how many items of the list equal it.
pub(super) fn count_of(of: &Value, part: &Value) -> Option<Value> {
    match of {
        Value::String(text) => Some(text.matches(part.as_str()?).count().into()),
        Value::Array(items) => Some(items.iter().filter(|item| equal(item, part)).count().into()),
        _ => None,
    }
}
