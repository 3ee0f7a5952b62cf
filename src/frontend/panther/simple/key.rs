//! Key specifiers to terms: `Key`, `DeepKey`, `KeyPath` and `Enrichment`.
//!
//! `Key` is one key as it is written, dots included; `DeepKey` a list of keys and indexes; `KeyPath` a path as rulec itself
//! prints them. Inside a list comprehension they start at the current element; an enrichment always starts at the event.

use serde_json::{Map, Value};

use crate::ir::{FieldPath, Segment, Term};

/// The keys that name a field; at most one of them may stand in an expression.
pub(super) const SPECIFIERS: &[&str] = &["Key", "DeepKey", "KeyPath", "Enrichment"];

/// The specifier of a mapping, if it has one.
pub(super) fn specifier(map: &Map<String, Value>) -> Option<(&'static str, &Value)> {
    SPECIFIERS
        .iter()
        .find_map(|name| map.get(*name).map(|value| (*name, value)))
}

/// The field that a specifier names, from the event or, inside a comprehension, from the current element. The error says what
/// is required.
pub(super) fn term(name: &str, value: &Value, inside: bool) -> Result<Term, String> {
    let path = match name {
        "Key" => {
            let key = value.as_str().filter(|key| !key.is_empty());
            FieldPath::keys([key.ok_or("`Key` must be the name of a key")?])
        }
        "DeepKey" => deep(value)?,
        "KeyPath" => path(value.as_str().ok_or("`KeyPath` must be a text")?)?,
        _ => return enrichment(value).map(Term::Field),
    };
    Ok(if inside {
        Term::Item { depth: 0, path }
    } else {
        Term::Field(path)
    })
}

/// The path of a text such as `a.b[2].c` or `a[*].b`.
pub(super) fn path(text: &str) -> Result<FieldPath, String> {
    if text.is_empty() {
        return Err("`KeyPath` must name a key".to_owned());
    }
    FieldPath::parse(text)
}

fn deep(value: &Value) -> Result<FieldPath, String> {
    let wanted = "`DeepKey` must be a list of keys and indexes";
    let steps = value.as_array().filter(|steps| !steps.is_empty());
    let mut segments = Vec::new();
    for step in steps.ok_or(wanted)? {
        segments.push(match step {
            Value::String(key) => Segment::Key(key.clone()),
            step => Segment::Index(step.as_i64().ok_or(wanted)?),
        });
    }
    Ok(FieldPath {
        segments: segments.into(),
    })
}

fn enrichment(value: &Value) -> Result<FieldPath, String> {
    let part = |name: &str| {
        let text = value.get(name).and_then(Value::as_str);
        text.ok_or_else(|| format!("`Enrichment` must have a `{name}`"))
    };
    let mut found = FieldPath::keys(["p_enrichment", part("Table")?]);
    for name in ["Selector", "FieldPath"] {
        found.segments.extend(path(part(name)?)?.segments);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_form_names_a_field() {
        let read = |name: &str, value: Value| term(name, &value, false).map(|it| it.to_string());
        assert_eq!(read("Key", json!("a.b")).unwrap(), "\"a.b\"");
        assert_eq!(read("DeepKey", json!(["a", 0, "b"])).unwrap(), "a[0].b");
        assert_eq!(read("KeyPath", json!("a[*].b[2]")).unwrap(), "a[].b[2]");
        let enrichment = json!({"Table": "t", "Selector": "a.b", "FieldPath": "c"});
        let path = read("Enrichment", enrichment).unwrap();
        assert_eq!(path, "p_enrichment.t.a.b.c");
        let item = term("Key", &json!("a"), true).unwrap();
        assert_eq!(item.to_string(), "item.a");
    }

    #[test]
    fn what_names_no_field_is_an_error() {
        for (name, value) in [
            ("Key", json!(1)),
            ("DeepKey", json!("a.b")),
            ("DeepKey", json!([])),
            ("DeepKey", json!(["a", 1.5])),
            ("KeyPath", json!("a[")),
            ("KeyPath", json!("")),
            ("Enrichment", json!({"Table": "t"})),
        ] {
            assert!(term(name, &value, false).is_err(), "{name} {value}");
        }
    }
}
