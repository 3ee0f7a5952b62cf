//! Looking up a field path in an event.
//!
//! A key is looked up exactly first, then without regard to case, the first in document order winning: what Panther does for
//! its events; an exact key only exactly. Paths go through objects only, through lists only by an explicit index or `[]`.

use serde_json::Value;

use crate::ir::Segment;

/// Every value that the path leads to: at most one, unless it goes through every item of a list.
pub(super) fn lookup<'v>(root: &'v Value, segments: &[Segment]) -> Vec<&'v Value> {
    let Some((first, rest)) = segments.split_first() else {
        return vec![root];
    };
    match (first, root) {
        (Segment::Key(name), Value::Object(_)) => {
            key(root, name).map_or_else(Vec::new, |value| lookup(value, rest))
        }
        (Segment::Exact(name), Value::Object(map)) => map
            .get(name)
            .map_or_else(Vec::new, |value| lookup(value, rest)),
        (Segment::Index(index), Value::Array(items)) => {
            item(items, *index).map_or_else(Vec::new, |value| lookup(value, rest))
        }
        (Segment::Each, Value::Array(items)) => {
            items.iter().flat_map(|value| lookup(value, rest)).collect()
        }
        _ => Vec::new(),
    }
}

/// The value of a key of an object; `None` for anything else.
pub(super) fn key<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let map = value.as_object()?;
    map.get(name).or_else(|| {
        let folded = name.to_lowercase();
        map.iter()
            .find(|(key, _)| key.to_lowercase() == folded)
            .map(|(_, value)| value)
    })
}

/// The item at an index from 0, negative from the end.
pub(super) fn item(items: &[Value], index: i64) -> Option<&Value> {
    let at = if index < 0 {
        i64::try_from(items.len()).ok()? + index
    } else {
        index
    };
    items.get(usize::try_from(at).ok()?)
}
