//! Rules as resources: `kind` and `properties` with the service's own names.

use serde_json::Value;

use super::{Form, Found, at, below};
use crate::syntax::yaml::{Document, Entry, Step};

/// Properties that say what became of a rule, not what it is.
const STATE: &[&str] = &[
    "lastModifiedUtc",
    "etag",
    "lastUpdatedDateUTC",
    "createdDateUTC",
];

/// Whether the value is a rule that runs a query.
pub(super) fn is_rule(value: &Value) -> bool {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let query = value
        .get("properties")
        .and_then(|properties| properties.get("query"));
    let kind = text("kind");
    let runs = kind.eq_ignore_ascii_case("Scheduled") || kind.eq_ignore_ascii_case("NRT");
    let kind = text("type").to_ascii_lowercase();
    let named = ["/alertrules", "/alertruletemplates", "/savedsearches"]
        .iter()
        .any(|end| kind.ends_with(end));
    query.is_some_and(Value::is_string) && (runs || named)
}

/// The resource at the path.
pub(super) fn read<'t>(document: &Document<'t>, whole: &Value, path: &[Step<'_>]) -> Found<'t> {
    let mut entries = Vec::new();
    let entry = |keys: &[&str]| document.entry(whole, &below(path, keys));
    entries.extend(id(document, whole, path));
    entries.extend(entry(&["kind"]));
    let properties = below(path, &["properties"]);
    let listed = at(whole, &properties).and_then(Value::as_object);
    let mut left = Vec::new();
    for (name, value) in listed.into_iter().flatten() {
        let called = match name.as_str() {
            "displayName" => "name",
            "techniques" => "relevantTechniques",
            other => other,
        };
        if value.is_null() {
            continue;
        }
        let here = below(&properties, &[name]);
        if name == "tags" && is_tagged(value) {
            entries.extend(tags(document, whole, &here));
            continue;
        }
        if STATE.contains(&called) {
            left.push((name.clone(), document.key_span(&here)));
            continue;
        }
        if let Some(entry) = document.entry(whole, &here) {
            let entry = match resolved(whole, value) {
                Some(value) => entry.holding(value),
                None => entry,
            };
            entries.push(entry.named(called));
        }
    }
    Found {
        yaml: document.assembled(path, entries),
        form: Form::Resource,
        left,
    }
}

/// Whether these are a saved search's tags, each a name with its value.
fn is_tagged(value: &Value) -> bool {
    let named = |tag: &Value| tag.get("name").is_some() && tag.get("value").is_some();
    let tags = value.as_array();
    tags.is_some_and(|tags| !tags.is_empty() && tags.iter().all(named))
}

/// What a hunting query's tags say.
fn tags<'t>(document: &Document<'t>, whole: &Value, path: &[Step<'_>]) -> Vec<Entry<'t>> {
    let listed = at(whole, path).and_then(Value::as_array);
    let mut entries = Vec::new();
    for (at, tag) in listed.into_iter().flatten().enumerate() {
        let mut here = path.to_vec();
        here.extend([Step::Item(at), Step::Key("value")]);
        let Some(entry) = document.entry(whole, &here) else {
            continue;
        };
        let words = |text: &str| -> Value {
            let words = text
                .split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty());
            words.map(Value::from).collect()
        };
        let text = entry.value().as_str().unwrap_or_default().to_owned();
        match tag.get("name").and_then(Value::as_str) {
            Some("description") => entries.push(entry.named("description")),
            Some("tactics") => entries.push(entry.named("tactics").holding(words(&text))),
            Some("techniques" | "relevantTechniques") => {
                entries.push(entry.named("relevantTechniques").holding(words(&text)));
            }
            _ => {}
        }
    }
    entries
}

/// The GUID that the resource's name or id ends with, whatever it is put together from.
fn id<'t>(document: &Document<'t>, whole: &Value, path: &[Step<'_>]) -> Option<Entry<'t>> {
    ["name", "id"].iter().find_map(|key| {
        let entry = document.entry(whole, &below(path, &[key]))?;
        let value = resolved(whole, entry.value()).unwrap_or_else(|| entry.value().clone());
        let guid = guid(value.as_str()?)?;
        Some(entry.named("id").holding(Value::String(guid)))
    })
}

/// The last GUID in a text.
fn guid(text: &str) -> Option<String> {
    const LENGTH: usize = 36;
    let starts = (0..text.len()).rev();
    let mut parts = starts.filter_map(|start| text.get(start..start + LENGTH));
    let found = parts.find(|part| uuid::Uuid::try_parse(part).is_ok())?;
    Some(found.to_owned())
}

/// The value with what its expressions stand for, those that name one parameter or variable, and with texts that only look like
/// expressions freed of their mark; nothing where there are none.
fn resolved(whole: &Value, value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => resolved_text(whole, text),
        Value::Array(items) => {
            let found: Vec<Option<Value>> =
                items.iter().map(|item| resolved(whole, item)).collect();
            found.iter().any(Option::is_some).then(|| {
                let items = found.into_iter().zip(items);
                items
                    .map(|(found, item)| found.unwrap_or_else(|| item.clone()))
                    .collect()
            })
        }
        Value::Object(entries) => {
            let mut changed = entries.clone();
            let mut any = false;
            for (key, below) in entries {
                if let Some(found) = resolved(whole, below) {
                    changed.insert(key.clone(), found);
                    any = true;
                }
            }
            any.then_some(Value::Object(changed))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn resolved_text(whole: &Value, text: &str) -> Option<Value> {
    let inside = text.strip_prefix('[')?.strip_suffix(']')?;
    if inside.starts_with('[') {
        return Some(Value::String(format!("{inside}]")));
    }
    let expression = inside.trim();
    let named = |function: &str| {
        let rest = expression.strip_prefix(function)?.trim_start();
        let name = rest.strip_prefix('(')?.trim_end().strip_suffix(')')?.trim();
        name.strip_prefix('\'')?.strip_suffix('\'')
    };
    if let Some(name) = named("parameters") {
        return whole
            .get("parameters")?
            .get(name)?
            .get("defaultValue")
            .cloned();
    }
    whole.get("variables")?.get(named("variables")?).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_guid_is_found() {
        let text = "[concat(parameters('w'),'/x/0f2aa22b-9b2c-4f5c-8f21-5b1d7a3e9c10')]";
        assert_eq!(
            guid(text).as_deref(),
            Some("0f2aa22b-9b2c-4f5c-8f21-5b1d7a3e9c10")
        );
        assert_eq!(guid("é0f2aa22b-9b2c-4f5c-8f21-5b1d7a3e9c1é"), None);
        assert_eq!(guid(""), None);
    }
}
