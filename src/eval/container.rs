//! The functions of lists and objects.

use serde_json::{Map, Value};

use super::compare::equal;

/// The list of the values.
pub(super) fn list(values: &[&Value]) -> Value {
    values.iter().copied().cloned().collect()
}

/// The object of keys and values in turn; `None` where a key is not a text.
pub(super) fn object(pairs: &[&Value]) -> Option<Value> {
    let mut map = Map::new();
    for pair in pairs.chunks_exact(2) {
        map.insert(pair[0].as_str()?.to_owned(), pair[1].clone());
    }
    Some(map.into())
}

/// The items of the lists, one after the other.
pub(super) fn append(lists: &[&Value]) -> Option<Value> {
    let mut items = Vec::new();
    for list in lists {
        items.extend(list.as_array()?.iter().cloned());
    }
    Some(items.into())
}

/// The part of a list or a text from one position to another, as Python slices.
pub(super) fn slice(of: &Value, from: Option<&Value>, to: Option<&Value>) -> Option<Value> {
    let bounds = |length: usize| {
        let end = i64::try_from(length).ok()?;
        let place = |position: Option<&Value>, open: i64| match position {
            None | Some(Value::Null) => Some(open),
            Some(position) => {
                let position = position.as_i64()?;
                let from_start = if position < 0 {
                    position.saturating_add(end)
                } else {
                    position
                };
                Some(from_start.clamp(0, end))
            }
        };
        let (from, to) = (place(from, 0)?, place(to, end)?);
        let from = usize::try_from(from).ok()?;
        Some((from, usize::try_from(to).ok()?.max(from)))
    };
    match of {
        Value::Array(items) => {
            let (from, to) = bounds(items.len())?;
            Some(items.get(from..to)?.to_vec().into())
        }
        Value::String(text) => {
            let (from, to) = bounds(text.chars().count())?;
            let part: String = text.chars().skip(from).take(to - from).collect();
            Some(part.into())
        }
        _ => None,
    }
}

/// Whether a set holds the two as one: `true` is 1, `false` is 0.
fn same(a: &Value, b: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::Bool(value) => Value::from(i64::from(*value)),
        other => other.clone(),
    };
    equal(&number(a), &number(b), false)
}

/// The items without repetitions.
pub(super) fn distinct(list: &Value) -> Option<Value> {
    let mut kept: Vec<&Value> = Vec::new();
    for item in list.as_array()? {
        if !kept.iter().any(|other| same(other, item)) {
            kept.push(item);
        }
    }
    Some(kept.into_iter().cloned().collect())
}

/// The texts of the list with the separator between them.
pub(super) fn join(list: &Value, separator: &str) -> Option<Value> {
    let texts: Option<Vec<&str>> = list.as_array()?.iter().map(Value::as_str).collect();
    Some(texts?.join(separator).into())
}

/// The keys of an object.
pub(super) fn keys(object: &Value) -> Option<Value> {
    Some(object.as_object()?.keys().cloned().collect())
}

/// The keys and values of an object.
pub(super) fn entries(object: &Value) -> Option<Value> {
    let entries = object.as_object()?.iter();
    Some(
        entries
            .map(|(key, value)| Value::Array(vec![key.clone().into(), value.clone()]))
            .collect(),
    )
}

/// What a value is made of, as a list: its items, its keys, each alone (in `pairs`: with its value), or itself.
pub(super) fn spread(value: Option<&Value>, pairs: bool) -> Value {
    match value.unwrap_or(&Value::Null) {
        Value::Array(items) => Value::Array(items.clone()),
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| {
                if pairs {
                    Value::Array(vec![key.clone().into(), value.clone()])
                } else {
                    Value::Object(Map::from_iter([(key.clone(), value.clone())]))
                }
            });
            entries.collect()
        }
        other => Value::Array(vec![other.clone()]),
    }
}

/// The object of a list of keys with their values.
pub(super) fn from_entries(entries: &Value) -> Option<Value> {
    let mut map = Map::new();
    for entry in entries.as_array()? {
        let [key, value] = entry.as_array()?.as_slice() else {
            return None;
        };
        map.insert(key.as_str()?.to_owned(), value.clone());
    }
    Some(map.into())
}

/// The characters of a text.
pub(super) fn characters(text: &Value) -> Option<Value> {
    let characters = text.as_str()?.chars();
    Some(characters.map(|c| Value::from(c.to_string())).collect())
}

/// The items of the lists in a list.
pub(super) fn flatten(lists: &Value) -> Option<Value> {
    append(&lists.as_array()?.iter().collect::<Vec<_>>())
}

/// Where the item first stands.
pub(super) fn position(list: &Value, item: &Value) -> Option<Value> {
    let found = list
        .as_array()?
        .iter()
        .position(|other| equal(other, item, false));
    Some(found?.into())
}

/// The items with their positions.
pub(super) fn numbered(list: &Value) -> Option<Value> {
    let items = list.as_array()?.iter().enumerate();
    let pair = |(at, item): (usize, &Value)| Value::Array(vec![at.into(), item.clone()]);
    Some(items.map(pair).collect())
}

/// The items of two lists, one of each at a time.
pub(super) fn pairs(a: &Value, b: &Value) -> Option<Value> {
    let items = a.as_array()?.iter().zip(b.as_array()?);
    let pair = |(a, b): (&Value, &Value)| Value::Array(vec![a.clone(), b.clone()]);
    Some(items.map(pair).collect())
}

/// The pairs with each key once.
pub(super) fn latest(pairs: &Value) -> Option<Value> {
    let mut kept: Vec<Value> = Vec::new();
    for pair in pairs.as_array()? {
        let key = pair.get(0)?;
        match kept.iter_mut().find(|other| same(&other[0], key)) {
            Some(other) => other[1] = pair.get(1)?.clone(),
            None => kept.push(pair.clone()),
        }
    }
    Some(kept.into())
}

/// The items from the last to the first.
pub(super) fn reverse(list: &Value) -> Option<Value> {
    Some(list.as_array()?.iter().rev().cloned().collect())
}

/// Adds the texts and numbers of a value to what was found, in their order, numbers as their text forms.
pub(super) fn leaves(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => found.push(number.to_string().into()),
        Value::String(_) => found.push(value.clone()),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, found)),
        Value::Object(map) => map.values().for_each(|value| leaves(value, found)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn slices_are_those_of_python() {
        let list = json!([0, 1, 2, 3]);
        let cases = [
            (json!(1), json!(3), json!([1, 2])),
            (json!(null), json!(-1), json!([0, 1, 2])),
            (json!(-2), json!(null), json!([2, 3])),
            (json!(3), json!(1), json!([])),
            (json!(-9), json!(9), json!([0, 1, 2, 3])),
        ];
        for (from, to, expected) in cases {
            assert_eq!(slice(&list, Some(&from), Some(&to)), Some(expected));
        }
        let text = slice(&json!("h\u{e9}llo"), Some(&json!(1)), Some(&json!(3)));
        assert_eq!(text, Some(json!("\u{e9}l")));
        assert_eq!(slice(&json!(5), None, None), None);
    }

    #[test]
    fn lists_are_taken_apart_and_put_together() {
        let pairs = json!([["a", 1], [1, 2], ["a", 3], [true, 4], [null, 5]]);
        assert_eq!(latest(&pairs), Some(json!([["a", 3], [1, 4], [null, 5]])));
        let list = json!(["x", ["y"]]);
        assert_eq!(numbered(&list), Some(json!([[0, "x"], [1, ["y"]]])));
        assert_eq!(reverse(&list), Some(json!([["y"], "x"])));
        assert_eq!(position(&list, &json!(["y"])), Some(json!(1)));
        assert_eq!(position(&list, &json!("y")), None);
        assert_eq!(flatten(&list), None);
        assert_eq!(flatten(&json!([["a"], [], ["b"]])), Some(json!(["a", "b"])));
        assert_eq!(characters(&json!("a\u{e9}")), Some(json!(["a", "\u{e9}"])));
        assert_eq!(
            super::pairs(&json!([1, 2]), &json!(["a"])),
            Some(json!([[1, "a"]]))
        );
    }

    #[test]
    fn a_repeated_item_is_left_out() {
        let list = json!(["a", 1, "a", 1.0, true, null, [1]]);
        assert_eq!(distinct(&list), Some(json!(["a", 1, null, [1]])));
    }

    #[test]
    fn entries_make_the_object_again() {
        let object = json!({"b": 1, "a": [2]});
        assert_eq!(
            entries(&object).as_ref().and_then(from_entries),
            Some(object)
        );
        assert_eq!(
            from_entries(&json!([["a", 1], ["a", 2]])),
            Some(json!({"a": 2}))
        );
        assert_eq!(from_entries(&json!([[1, 1]])), None);
        assert_eq!(join(&json!(["a", "b"]), "-"), Some(json!("a-b")));
        assert_eq!(join(&json!(["a", 1]), "-"), None);
    }
}
