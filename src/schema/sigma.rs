//! Sigma's flat field names and the paths that they stand for.
//!
//! A Sigma name is dotted and says nothing about lists; a path is explicit. [`path_of`] is what a Sigma rule means by a name,
//! [`name_of`] the name under which a Sigma rule knows a path. A name stands for its path exactly where `path_of(name_of(path))`
//! is the path again. Without a log source map a name is just its keys.

use serde_json::Value;

use super::{FieldType, LogSourceMap};
use crate::ir::{FieldPath, Literal, Segment};

/// The path that a Sigma rule means by this name: a field of the map, or a path below one. Where the map knows a list, the path
/// goes through every item of it.
pub fn path_of(map: Option<&LogSourceMap>, name: &str) -> FieldPath {
    let keys = || FieldPath::keys(name.split('.'));
    let Some(map) = map else { return keys() };
    if let Some(entry) = map.field_of_sigma(name) {
        return if entry.kind == FieldType::ScalarList && !ends_with_each(&entry.field) {
            entry.field.join(Segment::Each)
        } else {
            entry.field.clone()
        };
    }
    let dots = name.match_indices('.').map(|(at, _)| at);
    let known = dots
        .rev()
        .find_map(|at| Some((map.field_of_sigma(&name[..at])?.field.clone(), at)));
    let (mut path, rest) = match known {
        Some((path, at)) => (path, FieldPath::keys(name[at + 1..].split('.'))),
        None => unlisted(map, &keys()),
    };
    for segment in rest.segments {
        if is_list(map, &path) {
            path = path.join(Segment::Each);
        }
        path = path.join(segment);
    }
    path
}

/// The name of the path in a Sigma rule; `None` where no name can be written for it.
pub fn name_of(map: Option<&LogSourceMap>, path: &FieldPath) -> Option<String> {
    if let Some(map) = map {
        if let Some(entry) = map.field(path) {
            return Some(entry.sigma.clone()).filter(|name| !name.is_empty());
        }
        if let Some((Segment::Each, list)) = path.segments.split_last()
            && let Some(entry) = map.field(&FieldPath {
                segments: list.to_vec().into(),
            })
            && entry.kind == FieldType::ScalarList
        {
            return Some(entry.sigma.clone()).filter(|name| !name.is_empty());
        }
        if let Some(name) = name_of_rest(map, path) {
            return Some(name);
        }
    }
    let lengths = (1..path.segments.len()).rev();
    let known = lengths.into_iter().find_map(|length| {
        let segments = path.segments[..length].to_vec();
        let entry = map?.field(&FieldPath {
            segments: segments.into(),
        })?;
        Some((entry.sigma.clone(), length))
    });
    let (prefix, from) = known.unzip();
    if prefix.as_ref().is_some_and(String::is_empty) {
        return None;
    }
    let mut names: Vec<String> = prefix.into_iter().collect();
    for segment in &path.segments[from.unwrap_or(0)..] {
        match segment {
            Segment::Key(key) | Segment::Exact(key) => names.push(key.clone()),
            Segment::Each => {}
            Segment::Index(_) => return None,
        }
    }
    let name = names.join(".");
    (!name.is_empty() && !name.contains('|')).then_some(name)
}

/// The values of an event by the names under which a Sigma rule knows them; several of one name are a list, and so is what lies in a
/// list that the name does not go through. What no rule has a name for stands under its keys, since a search of the whole event
/// finds it.
pub fn row(map: Option<&LogSourceMap>, event: &Value) -> serde_json::Map<String, Value> {
    let mut found = serde_json::Map::new();
    fill(map, &FieldPath::root(), event, &mut found);
    found
}

fn fill(
    map: Option<&LogSourceMap>,
    path: &FieldPath,
    value: &Value,
    found: &mut serde_json::Map<String, Value>,
) {
    match value {
        Value::Object(entries) => {
            for (key, below) in entries {
                fill(map, &path.key(key.clone()), below, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                fill(map, &path.join(Segment::Each), item, found);
            }
        }
        plain => {
            let named = name_of(map, path);
            let is_meant = |name: &String| !path.has_each() || path_of(map, name) == *path;
            let value = if named.as_ref().is_none_or(is_meant) {
                plain.clone()
            } else {
                Value::Array(vec![plain.clone()])
            };
            let name = named.unwrap_or_else(|| path.to_string());
            match found.get_mut(&name) {
                None => {
                    found.insert(name, value);
                }
                Some(Value::Array(values)) => values.push(plain.clone()),
                Some(first) => *first = Value::Array(vec![first.take(), plain.clone()]),
            }
        }
    }
}

/// What a name means that the map does not list, nor any part of it: a known path in another spelling, else one below the field
/// that holds what is not listed, as is a name that the map has and Sigma does not. In two parts: a path, and the segments below it that may go through lists.
fn unlisted(map: &LogSourceMap, keys: &FieldPath) -> (FieldPath, FieldPath) {
    let canonical = map.canonical(keys);
    match (&map.rest, canonical.segments.first()) {
        (Some(rest), Some(first))
            if map
                .field(&FieldPath::root().join(first.clone()))
                .is_none_or(|entry| entry.sigma.is_empty()) =>
        {
            (rest.clone(), canonical)
        }
        _ => (FieldPath::root(), canonical),
    }
}

/// The name of a path below the field that holds what is not listed; `None` where it would mean something else.
fn name_of_rest(map: &LogSourceMap, path: &FieldPath) -> Option<String> {
    let rest = map.rest.as_ref()?;
    let below = path.segments.get(rest.segments.len()..)?;
    let keys: Option<Vec<&str>> = below
        .iter()
        .map(|segment| match segment {
            Segment::Key(key) | Segment::Exact(key) => Some(key.as_str()),
            Segment::Each | Segment::Index(_) => None,
        })
        .collect();
    let name = keys?.join(".");
    let stands = path.starts_with(rest) && !name.is_empty() && !name.contains('|');
    (stands && path_of(Some(map), &name) == *path).then_some(name)
}

/// The type of the value at the path, as far as the map says; of an item, where the path goes through a list of scalars.
pub fn kind_of(map: Option<&LogSourceMap>, path: &FieldPath) -> FieldType {
    map.map_or(FieldType::Any, |map| map.kind(path))
}

/// The number or truth value whose text form this is. Sigma compares values as texts, so that it does not tell the two apart.
pub fn typed(text: &str) -> Option<Literal> {
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return Some(Literal::Boolean(text.eq_ignore_ascii_case("true")));
    }
    let number = Literal::from_json(&text.parse::<serde_json::Number>().ok()?.into());
    (number.to_string() == text).then_some(number)
}

/// Whether a part of a number's or truth value's text form could be this text.
pub fn is_in_spelling(text: &str) -> bool {
    let folded = text.to_ascii_lowercase();
    "true".contains(&folded)
        || "false".contains(&folded)
        || text
            .chars()
            .all(|c| c.is_ascii_digit() || "+-.eE".contains(c))
}

fn ends_with_each(path: &FieldPath) -> bool {
    path.segments.last() == Some(&Segment::Each)
}

fn is_list(map: &LogSourceMap, path: &FieldPath) -> bool {
    if path.segments.is_empty() || ends_with_each(path) {
        return false;
    }
    map.is_object_list(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Crosswalk;

    #[test]
    fn names_go_through_the_lists_that_the_map_knows() {
        let map = Crosswalk::builtin().get("aws.cloudtrail");
        for (name, path) in [
            ("userIdentity.arn", "userIdentity.arn"),
            ("src_ip", "sourceIPAddress"),
            ("resources.ARN", "resources[].ARN"),
            ("resources.other", "resources[].other"),
            (
                "requestParameters.ipPermissions.items.other",
                "requestParameters.ipPermissions.items[].other",
            ),
            ("requestParameters.a.b", "requestParameters.a.b"),
            ("EVENTNAME", "eventName"),
        ] {
            assert_eq!(path_of(map, name).to_string(), path);
        }
        assert_eq!(path_of(None, "a.b").to_string(), "a.b");
    }

    #[test]
    fn paths_have_flat_names() {
        let map = Crosswalk::builtin().get("aws.cloudtrail");
        let name = |path: &str| name_of(map, &FieldPath::parse(path).unwrap());
        assert_eq!(name("resources[].ARN").as_deref(), Some("resources.ARN"));
        assert_eq!(
            name("requestParameters.x[].y").as_deref(),
            Some("requestParameters.x.y")
        );
        assert_eq!(name("a[0]"), None);
        assert_eq!(name("\"a|b\""), None);
        assert_eq!(name(""), None);
    }

    #[test]
    fn an_event_is_a_row_of_names() {
        let map = Crosswalk::builtin().get("aws.cloudtrail");
        let event = serde_json::json!({
            "sourceIPAddress": "10.0.0.1",
            "userIdentity": {"arn": "a", "sessionContext": {"x": null}},
            "resources": [{"ARN": "one"}, {"ARN": "two"}],
            "requestParameters": {"ids": [7], "id": 7},
        });
        let expected = serde_json::json!({
            "sourceIPAddress": "10.0.0.1",
            "userIdentity.arn": "a",
            "userIdentity.sessionContext.x": null,
            "resources.ARN": ["one", "two"],
            "requestParameters.ids": [7],
            "requestParameters.id": 7,
        });
        assert_eq!(Value::Object(row(map, &event)), expected);
        assert_eq!(
            row(None, &serde_json::json!({"a": {"b": 1}})).get("a.b"),
            Some(&1.into())
        );
    }

    #[test]
    fn names_that_are_not_listed_lie_below_one_field() {
        let map = Crosswalk::builtin().get("windows.event_log");
        for (name, path) in [
            ("ScriptBlockText", "ExtraEventData.ScriptBlockText"),
            ("NoSuchName", "ExtraEventData.NoSuchName"),
            ("EventID", "EventID"),
            ("Provider_Name", "ProviderName"),
        ] {
            let meant = path_of(map, name);
            assert_eq!(meant.to_string(), path);
            assert_eq!(name_of(map, &meant).as_deref(), Some(name));
        }
        // The same name is one of the system's part.
        let below = FieldPath::parse("ExtraEventData.EventID").unwrap();
        let name = name_of(map, &below).unwrap();
        assert_eq!(path_of(map, &name), below);
    }
}
