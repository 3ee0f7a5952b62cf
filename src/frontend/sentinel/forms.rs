//! The forms in which rules are kept, each to documents with the keys of a rule's YAML; every value keeps its place.
//!
//! - rule templates and hunting queries in YAML, several in a file, or in JSON;
//! - resources as the service's interface has them, alone, in a list, or in a resource template with parameters and variables,
//!   of which those that are named alone are put in place;
//! - custom detections of Defender, in JSON or YAML ([`detection`]).
//!
//! What a form has and a rule's YAML has no key for is left out, and named.

mod detection;
mod resource;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::source::{SourceId, Span};
use crate::syntax::json;
use crate::syntax::yaml::{self, Step};

/// Keys that nothing but a rule template has beside its query.
const TEMPLATE: &[&str] = &[
    "queryFrequency",
    "triggerOperator",
    "entityMappings",
    "relevantTechniques",
    "requiredDataConnectors",
    "tactics",
];

/// Where a document comes from, which says how some of its values are spelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A rule template or a hunting query in YAML.
    Template,
    /// A rule as the service's interface has it: resource templates and exports.
    Resource,
    /// A custom detection of Defender.
    Detection,
}

/// One rule of a file.
pub(super) struct Found<'t> {
    /// The rule, with the keys of a rule's YAML.
    pub yaml: yaml::Parsed<'t>,
    pub form: Form,
    /// What has no place in such a document.
    pub left: Vec<(String, Option<Span>)>,
}

/// Whether the text looks like a rule of any of the forms.
pub(super) fn recognises(text: &str) -> bool {
    if is_json(text) {
        let has = |key: &str| text.contains(&format!("\"{key}\""));
        let resource = has("query")
            && has("properties")
            && (has("displayName") || text.to_ascii_lowercase().contains("alertrule"));
        let template = has("query") && TEMPLATE.iter().any(|key| has(key));
        // The native form holds documents in part.
        return !has("rulec") && (resource || template || has("queryCondition"));
    }
    if !text.contains("query") {
        return false;
    }
    let (mut query, mut template) = (false, false);
    for line in text.lines() {
        // Most lines are below a key.
        if !line.starts_with(|first: char| first.is_ascii_lowercase()) {
            continue;
        }
        match line.split(':').next() {
            Some(key) if key.len() == line.len() => {}
            Some("queryCondition") => return true,
            Some("query") => query = true,
            Some("kind") => template = true,
            Some(key) => template |= TEMPLATE.contains(&key),
            None => {}
        }
        if query && template {
            return true;
        }
    }
    false
}

/// The rules of a file.
pub(super) fn documents(id: SourceId, text: &str) -> Result<Vec<Found<'_>>, Diagnostic> {
    let mut found = Vec::new();
    if is_json(text) {
        let (document, value) = json::parse(id, text)?;
        collect(&document, &value, &value, &mut Vec::new(), &mut found);
        return Ok(found);
    }
    for yaml in yaml::parse(id, text)? {
        if yaml.document.keys().contains(&"queryCondition") {
            found.push(detection::read(&yaml.document, &yaml.value?, &[]));
        } else {
            found.push(Found {
                yaml,
                form: Form::Template,
                left: Vec::new(),
            });
        }
    }
    Ok(found)
}

fn is_json(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with(['{', '[']) || text.starts_with("//") && text.contains("\"query\"")
}

/// The rules in a value and below it. Resource templates nest, and name their resources in lists or by keys.
fn collect<'t, 'v>(
    document: &yaml::Document<'t>,
    whole: &'v Value,
    value: &'v Value,
    path: &mut Vec<Step<'v>>,
    found: &mut Vec<Found<'t>>,
) {
    match value {
        Value::Object(_) if resource::is_rule(value) => {
            found.push(resource::read(document, whole, path));
        }
        Value::Object(map) if map.get("queryCondition").is_some_and(Value::is_object) => {
            found.push(detection::read(document, whole, path));
        }
        Value::Object(map) if is_template(map) => {
            let entries = map
                .keys()
                .filter_map(|key| document.entry(whole, &below(path, &[key])));
            found.push(Found {
                yaml: document.assembled(path, entries.collect()),
                form: Form::Template,
                left: Vec::new(),
            });
        }
        Value::Object(map) => {
            for (key, value) in map {
                path.push(Step::Key(key));
                collect(document, whole, value, path, found);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                path.push(Step::Item(at));
                collect(document, whole, value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Whether these are the keys of a rule template, written as JSON.
fn is_template(map: &serde_json::Map<String, Value>) -> bool {
    map.get("query").is_some_and(Value::is_string)
        && map.get("name").is_some_and(Value::is_string)
        && TEMPLATE.iter().any(|key| map.contains_key(*key))
}

/// The value at a path.
fn at<'v>(value: &'v Value, path: &[Step<'_>]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Item(at) => value.get(at),
    })
}

/// The path and a few keys more.
fn below<'s>(path: &[Step<'s>], keys: &[&'s str]) -> Vec<Step<'s>> {
    let keys = keys.iter().map(|key| Step::Key(key));
    path.iter().copied().chain(keys).collect()
}
