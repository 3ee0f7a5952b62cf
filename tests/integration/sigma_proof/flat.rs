//! Events between the names of a Sigma rule and the paths of a log source.

use rulec::ir::{Condition, FieldPath, Segment};
use rulec::schema::{FieldType, LogSourceMap, sigma};
use serde_json::{Map, Value, json};

/// The fields of a condition, each once.
fn fields(condition: &Condition) -> Vec<FieldPath> {
    let mut paths: Vec<FieldPath> = Vec::new();
    for path in condition.fields() {
        if !paths.contains(path) {
            paths.push(path.clone());
        }
    }
    paths
}

/// Every value at the path.
fn values<'v>(root: &'v Value, segments: &[Segment]) -> Vec<&'v Value> {
    let Some((first, rest)) = segments.split_first() else {
        return vec![root];
    };
    match (first, root) {
        (Segment::Key(key) | Segment::Exact(key), Value::Object(map)) => map
            .get(key)
            .map_or_else(Vec::new, |value| values(value, rest)),
        (Segment::Each, Value::Array(items)) => {
            items.iter().flat_map(|item| values(item, rest)).collect()
        }
        (Segment::Index(at), Value::Array(items)) => usize::try_from(*at)
            .ok()
            .and_then(|at| items.get(at))
            .map_or_else(Vec::new, |item| values(item, rest)),
        _ => Vec::new(),
    }
}

/// The event of a rule that was read without a log source, as a row of names and values.
pub fn row(condition: &Condition, event: &Value) -> Value {
    let mut row = Map::new();
    for path in fields(condition) {
        let keys = path.segments.iter().filter_map(|segment| match segment {
            Segment::Key(key) | Segment::Exact(key) => Some(key.as_str()),
            Segment::Each | Segment::Index(_) => None,
        });
        let name = keys.collect::<Vec<_>>().join(".");
        if let [value] = values(event, &path.segments).as_slice() {
            row.insert(name, (*value).clone());
        }
    }
    for (key, value) in unnamed(condition, event) {
        row.insert(key.clone(), value.clone());
    }
    row.into()
}

/// The fields of the event that the condition does not name: what is searched for in the whole event stands there.
fn unnamed<'v>(
    condition: &Condition,
    event: &'v Value,
) -> impl Iterator<Item = (&'v String, &'v Value)> {
    let named = fields(condition);
    let is_named = move |key: &str| {
        let first = |path: &FieldPath| path.segments.first().cloned();
        let mut firsts = named.iter().filter_map(first);
        firsts.any(|first| matches!(first, Segment::Key(own) if own == key))
    };
    let entries = event.as_object().into_iter().flatten();
    entries.filter(move |(key, _)| !is_named(key))
}

/// Whether the fields of the condition have values of their types in the event, or none.
pub fn is_of(map: &LogSourceMap, condition: &Condition, event: &Value) -> bool {
    fields(condition).iter().all(|path| {
        let kind = sigma::kind_of(Some(map), path);
        values(event, &path.segments)
            .iter()
            .all(|value| match kind {
                FieldType::Text | FieldType::Datetime => value.is_string() || value.is_null(),
                FieldType::Integer => value.is_i64() || value.is_null(),
                FieldType::Float => value.is_number() || value.is_null(),
                FieldType::Boolean => value.is_boolean() || value.is_null(),
                FieldType::Object | FieldType::ObjectList => false,
                FieldType::ScalarList | FieldType::Any => !value.is_array() && !value.is_object(),
            })
    })
}

/// The event of a log source by the names that the rule was written with; nothing where it cannot be written so.
pub fn plain(
    map: &LogSourceMap,
    plain: &Condition,
    known: &Condition,
    event: &Value,
) -> Option<Value> {
    let mut out = json!({});
    for path in fields(plain) {
        let name = path.to_string().replace('"', "");
        let meant = sigma::path_of(Some(map), &name);
        if !fields(known).contains(&meant) {
            continue;
        }
        match values(event, &meant.segments).as_slice() {
            [] => {}
            [value] => set(&mut out, &path.segments, (*value).clone()),
            _ => return None,
        }
    }
    for (key, value) in unnamed(known, event) {
        out[key] = value.clone();
    }
    Some(out)
}

fn set(target: &mut Value, segments: &[Segment], value: Value) {
    match segments {
        [Segment::Key(key)] => target[key] = value,
        [Segment::Key(key), rest @ ..] => {
            if !target[key].is_object() {
                target[key] = json!({});
            }
            set(&mut target[key], rest, value);
        }
        _ => {}
    }
}
