//! Objects, and paths into them.

use serde_json::{Map, Value};

use super::plain_text;

/// How deep paths of an object are listed.
const DEEPEST: usize = 64;

/// A step of a path.
enum Step {
    Key(String),
    Index(usize),
}

/// The steps of a path such as `$.a[0]['b']`.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix('.') {
            let end = behind.find(['.', '[']).unwrap_or(behind.len());
            let (key, behind) = behind.split_at(end);
            if key.is_empty() || key.contains(['*', '?', '(', '@']) {
                return None;
            }
            steps.push(Step::Key(key.to_owned()));
            rest = behind;
            continue;
        }
        let inner = rest.strip_prefix('[')?;
        let quote = inner.chars().next().filter(|c| matches!(c, '\'' | '"'));
        if let Some(quote) = quote {
            let end = inner[1..].find(quote)? + 1;
            steps.push(Step::Key(inner[1..end].to_owned()));
            rest = inner[end + 1..].strip_prefix(']')?;
        } else {
            let (index, behind) = inner.split_once(']')?;
            steps.push(Step::Index(index.parse().ok()?));
            rest = behind;
        }
    }
    Some(steps)
}

fn follow<'a>(value: &'a Value, steps: &[Step]) -> Option<&'a Value> {
    steps.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.as_object()?.get(key),
        Step::Index(index) => value.as_array()?.get(*index),
    })
}

/// What lies below a path; a text is read as JSON before.
pub(super) fn below(value: &Value, path: &str) -> Option<Value> {
    let parsed;
    let value = match value {
        Value::String(text) => {
            parsed = serde_json::from_str(text).ok()?;
            &parsed
        }
        other => other,
    };
    follow(value, &steps(path)?).cloned()
}

/// A key, or the steps of a path.
fn key_or_path(text: &str) -> Option<Vec<Step>> {
    if text.starts_with('$') {
        steps(text)
    } else {
        Some(vec![Step::Key(text.to_owned())])
    }
}

pub(super) fn has(value: &Value, key: &str) -> Option<bool> {
    value.as_object()?;
    Some(key_or_path(key).is_some_and(|steps| follow(value, &steps).is_some()))
}

pub(super) fn without(value: &Value, keys: &[Value]) -> Option<Value> {
    let mut result = value.as_object().map(|_| value.clone())?;
    for key in keys {
        let Some(steps) = key_or_path(&plain_text(key)) else {
            continue;
        };
        let Some((last, above)) = steps.split_last() else {
            continue;
        };
        let holder = above
            .iter()
            .try_fold(&mut result, |value, step| match step {
                Step::Key(key) => value.as_object_mut()?.get_mut(key),
                Step::Index(index) => value.as_array_mut()?.get_mut(*index),
            });
        if let (Some(Value::Object(map)), Step::Key(key)) = (holder, last) {
            map.shift_remove(key);
        }
    }
    Some(result)
}

pub(super) fn with(value: &Value, key: &str, new: &Value) -> Option<Value> {
    let mut result = value.as_object().map(|_| value.clone())?;
    let steps = key_or_path(key)?;
    let (last, above) = steps.split_last()?;
    let mut holder = &mut result;
    for step in above {
        let Step::Key(key) = step else {
            return None;
        };
        holder = holder
            .as_object_mut()?
            .entry(key.clone())
            .or_insert_with(|| Map::new().into());
    }
    let Step::Key(key) = last else {
        return None;
    };
    let map = holder.as_object_mut()?;
    // A key that is set again moves to the end.
    map.shift_remove(key);
    map.insert(key.clone(), new.clone());
    Some(result)
}

pub(super) fn merge(all: &[&Value]) -> Option<Value> {
    let mut result = Map::new();
    let mut any = false;
    for object in all.iter().filter_map(|value| value.as_object()) {
        any = true;
        for (key, value) in object {
            if !result.contains_key(key) {
                result.insert(key.clone(), value.clone());
            }
        }
    }
    any.then(|| result.into())
}

pub(super) fn zip(keys: &[Value], values: &[Value]) -> Value {
    let mut result = Map::new();
    for (at, key) in keys.iter().enumerate() {
        if let Some(key) = key.as_str() {
            let value = values.get(at).cloned().unwrap_or(Value::Null);
            result.insert(key.to_owned(), value);
        }
    }
    result.into()
}

/// The value with the keys of its objects in order.
pub(super) fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(b.0));
            entries
                .into_iter()
                .map(|(key, value)| (key.clone(), sorted(value)))
                .collect::<Map<_, _>>()
                .into()
        }
        other => other.clone(),
    }
}

/// The paths of everything below a value.
pub(super) fn paths(value: &Value) -> Option<Value> {
    if !value.is_object() && !value.is_array() {
        return None;
    }
    let mut found = Vec::new();
    collect(value, "", 0, &mut found);
    Some(found.into_iter().map(Value::from).collect())
}

fn collect(value: &Value, path: &str, depth: usize, found: &mut Vec<String>) {
    if depth >= DEEPEST {
        return;
    }
    let mut add = |path: String, value: &Value| {
        if !found.contains(&path) {
            found.push(path.clone());
        }
        collect(value, &path, depth + 1, found);
    };
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| add(format!("{path}['{key}']"), value)),
        Value::Array(items) => items
            .iter()
            .for_each(|item| add(format!("{path}[0]"), item)),
        _ => {}
    }
}
