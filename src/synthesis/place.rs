//! Values to places in an event.
//!
//! Objects and lists on the way are made where there are none; what is something else there is replaced. A path through every item
//! of a list takes several values, one for each of the first items.

use serde_json::{Map, Value};

use crate::ir::{FieldPath, Segment};

/// How far an index may lie in a list that is made.
const FARTHEST: i64 = 100;

/// Whether one path leads to what lies on the way of the other: the same place, or one below it.
pub(super) fn meet(a: &FieldPath, b: &FieldPath) -> bool {
    let same = |(a, b): (&Segment, &Segment)| match (a, b) {
        (Segment::Key(a) | Segment::Exact(a), Segment::Key(b) | Segment::Exact(b)) => {
            let alike = a.eq_ignore_ascii_case(b);
            alike || !(a.is_ascii() && b.is_ascii()) && a.to_lowercase() == b.to_lowercase()
        }
        (Segment::Each | Segment::Index(_), Segment::Each) | (Segment::Each, Segment::Index(_)) => {
            true
        }
        (a, b) => a == b,
    };
    a.segments.iter().zip(b.segments.iter()).all(same)
}

/// The event with the values at the path. Without a value, what stands there is removed.
pub(super) fn put(event: &mut Value, path: &FieldPath, values: &[Value]) {
    match values {
        [] => remove(event, &path.segments),
        [value] => set(event, &path.segments, value),
        values => {
            for (at, value) in values.iter().enumerate() {
                let mut fixed = false;
                let segments: Vec<Segment> = path
                    .segments
                    .iter()
                    .map(|segment| match segment {
                        Segment::Each if !fixed => {
                            fixed = true;
                            Segment::Index(i64::try_from(at).unwrap_or(0))
                        }
                        other => other.clone(),
                    })
                    .collect();
                set(event, &segments, value);
            }
        }
    }
}

fn set(target: &mut Value, segments: &[Segment], value: &Value) {
    let Some((first, rest)) = segments.split_first() else {
        *target = value.clone();
        return;
    };
    match first {
        Segment::Key(key) | Segment::Exact(key) => {
            if !target.is_object() {
                *target = Value::Object(Map::new());
            }
            if let Value::Object(map) = target {
                let below = map.entry(key.clone()).or_insert(Value::Null);
                set(below, rest, value);
            }
        }
        Segment::Each | Segment::Index(_) => {
            if !target.is_array() {
                *target = Value::Array(Vec::new());
            }
            if let Value::Array(items) = target {
                let Some(at) = index(first, items.len()) else {
                    return;
                };
                while items.len() <= at {
                    items.push(Value::Null);
                }
                set(&mut items[at], rest, value);
            }
        }
    }
}

fn remove(target: &mut Value, segments: &[Segment]) {
    match (segments, target) {
        ([Segment::Key(key) | Segment::Exact(key)], Value::Object(map)) => {
            map.shift_remove(key);
        }
        ([Segment::Key(key) | Segment::Exact(key), rest @ ..], Value::Object(map)) => {
            if let Some(below) = map.get_mut(key) {
                remove(below, rest);
            }
        }
        ([first, rest @ ..], Value::Array(items)) => {
            if let Some(at) = index(first, items.len()).filter(|at| *at < items.len()) {
                if rest.is_empty() {
                    items.remove(at);
                } else {
                    remove(&mut items[at], rest);
                }
            }
        }
        _ => {}
    }
}

/// The place in a list of this length, or behind it; nothing for one too far.
fn index(segment: &Segment, length: usize) -> Option<usize> {
    match segment {
        Segment::Index(index) if *index < 0 => Some(
            length.saturating_sub(
                usize::try_from(index.checked_neg()?)
                    .ok()
                    .filter(|back| *back <= length.max(1))?,
            ),
        ),
        Segment::Index(index) => usize::try_from(*index).ok().filter(|_| *index <= FARTHEST),
        _ => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(text: &str) -> FieldPath {
        FieldPath::parse(text).unwrap()
    }

    #[test]
    fn values_come_to_their_places() {
        let mut event = json!({"a": "text"});
        put(&mut event, &path("a.b"), &[json!(1)]);
        put(&mut event, &path("l[].x"), &[json!("p"), json!("q")]);
        put(&mut event, &path("l[].y"), &[json!("r")]);
        put(&mut event, &path("i[1]"), &[json!(2)]);
        put(&mut event, &path("e[-1].z"), &[json!(3)]);
        assert_eq!(
            event,
            json!({
                "a": {"b": 1}, "l": [{"x": "p", "y": "r"}, {"x": "q"}], "i": [null, 2], "e": [{"z": 3}],
            })
        );
        put(&mut event, &path("a.b"), &[]);
        put(&mut event, &path("l[].y"), &[]);
        put(&mut event, &path("no.such[3].path"), &[]);
        assert_eq!(event["a"], json!({}));
        assert_eq!(event["l"][0], json!({"x": "p"}));
    }

    #[test]
    fn a_far_index_makes_no_list() {
        let mut event = json!({});
        put(&mut event, &path("a[99999999]"), &[json!(1)]);
        assert_eq!(event, json!({"a": []}));
    }

    #[test]
    fn paths_meet_on_the_way() {
        assert!(meet(&path("a.b"), &path("A")));
        assert!(meet(&path("l[].x"), &path("l[0].x")));
        assert!(!meet(&path("a.b"), &path("a.c")));
    }
}
