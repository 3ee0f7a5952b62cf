//! A rule that came as a document of this format, as that document again: its own query and values, in the content hub's order.
//!
//! What the IR took from the document it may have taken in part; the document says it whole, so nothing is translated and
//! nothing lost. Mended is only what Microsoft refuses and what has one meaning: an id that is no GUID, a tactic in other
//! letters, a missing version or schedule, a schedule out of its bounds or where none belongs.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::super::{kusto, yaml};
use super::{attack, document, schedule, shown};
use crate::analysis::{Fidelity, Report};
use crate::ir::Rule;

/// The keys before those of no fixed place, and those after them.
const FIRST: &[&str] = &[
    "id",
    "name",
    "description",
    "severity",
    "status",
    "enabled",
    "requiredDataConnectors",
    "queryFrequency",
    "queryPeriod",
    "triggerOperator",
    "triggerThreshold",
    "tactics",
    "relevantTechniques",
    "techniques",
    "subTechniques",
    "tags",
    "query",
    "entityMappings",
    "sentinelEntitiesMappings",
    "customDetails",
    "alertDetailsOverride",
    "eventGroupingSettings",
    "incidentConfiguration",
    "suppressionEnabled",
    "suppressionDuration",
];
const LAST: &[&str] = &["version", "kind"];

/// The keys of a schedule, in order.
const SCHEDULE: [&str; 4] = [
    "queryFrequency",
    "queryPeriod",
    "triggerOperator",
    "triggerThreshold",
];

/// What the template prints.
#[derive(Serialize)]
pub(super) struct Model {
    blocks: Vec<String>,
}

/// The document that the rule came as, if it came as one.
pub(super) fn model(rule: &Rule, report: &mut Report) -> Option<Model> {
    kusto::own_query(rule)?;
    let keys = &rule.preserved.keys;
    let mut values: Map<String, Value> = keys.clone().into_iter().collect();
    values.insert("id".to_owned(), Value::String(document::id(rule)));
    cut(&mut values, rule, report);
    values.insert("severity".to_owned(), severity(rule, &values));
    attack::mend(&mut values, rule, report);
    if values.contains_key("kind") {
        complete(&mut values, rule, report);
    } else if !keys.contains_key("severity") {
        // A query to run by hand has none.
        values.shift_remove("severity");
    }
    report.record_predicate(Fidelity::Exact, "query", rule.origin, "");
    let further = values
        .keys()
        .map(String::as_str)
        .filter(|key| !FIRST.contains(key) && !LAST.contains(key));
    let order = FIRST
        .iter()
        .copied()
        .chain(further)
        .chain(LAST.iter().copied());
    let blocks = order
        .filter_map(|key| Some(block(key, values.get(key)?)))
        .collect();
    Some(Model { blocks })
}

/// Name and description, cut to what Microsoft takes.
fn cut(values: &mut Map<String, Value>, rule: &Rule, report: &mut Report) {
    for (key, limit) in [
        ("name", document::NAME),
        ("description", document::DESCRIPTION),
    ] {
        if let Some(Value::String(text)) = values.get_mut(key) {
            *text = shown::shortened(std::mem::take(text), limit, key, rule, report);
        }
    }
}

/// The document's word, in Sentinel's letters.
fn severity(rule: &Rule, values: &Map<String, Value>) -> Value {
    let word = kusto::severity_word(rule.metadata.severity);
    let own = values.get("severity").and_then(Value::as_str);
    let own = own.filter(|own| !own.eq_ignore_ascii_case(word));
    Value::from(own.unwrap_or(word))
}

/// What an analytics rule cannot be without; and what a near-real-time rule is without.
fn complete(values: &mut Map<String, Value>, rule: &Rule, report: &mut Report) {
    let kind = values
        .get("kind")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if kind.eq_ignore_ascii_case("NRT") {
        for key in SCHEDULE {
            if values.shift_remove(key).is_some() {
                let reason = "a near-real-time rule has no schedule";
                report.record(Fidelity::Unsupported, key, rule.origin, reason);
            }
        }
    } else {
        if schedule::is_out_of_bounds(rule) {
            values.shift_remove("queryFrequency");
            values.shift_remove("queryPeriod");
        }
        scheduled(values, rule, report);
    }
    values.entry("requiredDataConnectors").or_insert(json!([]));
    let version = values.get("version").and_then(text);
    if !version.is_some_and(|version| document::is_version(&version)) {
        values.insert("version".to_owned(), json!("1.0.0"));
    }
}

/// The keys of a schedule that are not there.
fn scheduled(values: &mut Map<String, Value>, rule: &Rule, report: &mut Report) {
    if SCHEDULE.iter().all(|key| values.contains_key(*key)) {
        return;
    }
    let (frequency, period) = schedule::of(rule, report);
    let known = [json!(frequency), json!(period), json!("gt"), json!(0)];
    for (key, value) in SCHEDULE.into_iter().zip(known) {
        values.entry(key).or_insert(value);
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// `key: value` in the form that the content hub writes this key in.
fn block(key: &str, value: &Value) -> String {
    match (key, value) {
        ("query", Value::String(text)) => format!("{key}: {}", yaml::literal(text)),
        ("description", Value::String(text)) => format!("{key}: {}", yaml::block_text(text)),
        ("id" | "version", Value::String(text)) => format!("{key}: {text}"),
        ("queryFrequency" | "queryPeriod", Value::String(text)) if is_short(text) => {
            format!("{key}: {text}")
        }
        _ => yaml::entry(key, value),
    }
}

/// Digits and a unit, which no reader of YAML takes for anything but a text.
fn is_short(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    unit.len() < text.len() && matches!(unit, "m" | "h" | "d")
}
