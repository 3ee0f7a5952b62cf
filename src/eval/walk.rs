//! The values below keys of objects, through lists of any depth.
//!
//! Equal values are kept once, the first of them. Invariant: what cannot be told apart by value alone (an object, or a list in
//! a list, found in an item of a list) gives nothing at all.

use serde_json::Value;

use super::container::distinct;

/// What is asked for.
pub(super) struct Walk<'v> {
    /// The value where nothing is found, and of a key that is not there.
    pub(super) default: &'v Value,
    /// Which of several values: `first`, `last`, or all as a list.
    pub(super) which: &'v str,
}

impl Walk<'_> {
    /// What stands below the keys.
    pub(super) fn below(&self, value: &Value, keys: &[&str]) -> Option<Value> {
        let Some((key, rest)) = keys.split_first() else {
            let value = if value.is_null() || is_hollow(value) {
                self.default
            } else {
                value
            };
            return Some(value.clone());
        };
        match value {
            Value::Object(map) => self.below(map.get(*key).unwrap_or(self.default), rest),
            Value::Array(items) => self.of_items(items, keys),
            _ => Some(self.default.clone()),
        }
    }

    fn of_items(&self, items: &[Value], keys: &[&str]) -> Option<Value> {
        let mut found: Vec<Value> = Vec::new();
        for item in items {
            match self.below(item, keys)? {
                Value::Null => {}
                Value::Array(values) => found.extend(values),
                value => found.push(value),
            }
        }
        if found
            .iter()
            .any(|value| value.is_array() || value.is_object())
        {
            return None;
        }
        let found = distinct(&Value::Array(found))?;
        let values = found.as_array()?;
        let one = match (self.which, values.len()) {
            (_, 0) => Some(self.default),
            ("first", _) | (_, 1) => values.first(),
            ("last", _) => values.last(),
            _ => None,
        };
        Some(one.unwrap_or(&found).clone())
    }
}

/// Whether a list holds nothing but such lists, or nothing.
fn is_hollow(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|items| items.iter().all(is_hollow))
}
