//! An event to a smaller one that still shows the same.
//!
//! Keys and items are left out, the largest parts first, for as long as what is left shows it. The number of tries is bounded.

use serde_json::Value;

/// How many smaller events are tried.
const TRIES: usize = 2_000;

/// One step from the root to a part: a key, or a place in a list.
type Way = Vec<Step>;

#[derive(Clone, Debug)]
enum Step {
    Key(String),
    At(usize),
}

/// The smallest event found that shows what `event` does.
pub(super) fn shrunk(event: &Value, shows: &dyn Fn(&Value) -> bool) -> Value {
    let mut smallest = event.clone();
    let mut tries = TRIES;
    loop {
        let mut ways = Vec::new();
        parts(&smallest, &mut Vec::new(), &mut ways);
        let smaller = ways.iter().find_map(|way| {
            tries = tries.checked_sub(1)?;
            let mut without = smallest.clone();
            remove(&mut without, way);
            shows(&without).then_some(without)
        });
        match smaller {
            Some(smaller) => smallest = smaller,
            None => return smallest,
        }
    }
}

/// The ways to all parts, each before those below it.
fn parts(value: &Value, above: &mut Way, found: &mut Vec<Way>) {
    let mut part = |step: Step, value: &Value| {
        above.push(step);
        found.push(above.clone());
        parts(value, above, found);
        above.pop();
    };
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                part(Step::Key(key.clone()), value);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                part(Step::At(at), item);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn remove(value: &mut Value, way: &[Step]) {
    match (value, way) {
        (Value::Object(entries), [Step::Key(key)]) => {
            entries.shift_remove(key);
        }
        (Value::Object(entries), [Step::Key(key), rest @ ..]) => {
            if let Some(below) = entries.get_mut(key) {
                remove(below, rest);
            }
        }
        (Value::Array(items), [Step::At(at)]) if *at < items.len() => {
            items.remove(*at);
        }
        (Value::Array(items), [Step::At(at), rest @ ..]) => {
            if let Some(below) = items.get_mut(*at) {
                remove(below, rest);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_does_not_matter_is_left_out() {
        let event = json!({"a": {"b": [1, {"c": 2, "d": 3}], "e": 4}, "f": "g"});
        let shows = |event: &Value| {
            event.pointer("/a/b").is_some_and(|items| {
                items
                    .as_array()
                    .is_some_and(|items| items.iter().any(|item| item["c"] == 2))
            })
        };
        assert_eq!(shrunk(&event, &shows), json!({"a": {"b": [{"c": 2}]}}));
        assert_eq!(shrunk(&event, &|_| true), json!({}));
        assert_eq!(shrunk(&event, &|_| false), event);
    }
}
