//! What a Panther rule brought along and the rest of the rule does not say: its own keys, and reports of other kinds than ATT&CK's.

use serde_json::Value;

use super::document::{json, long_text};
use crate::backend::{yaml, yaml_scalar};
use crate::ir::Rule;

/// The format whose keys are written again.
pub(super) const FORMAT: &str = "panther";

/// Keys that are written from the IR; a preserved key of the same name is not written again.
const WRITTEN: &[&str] = &[
    "AnalysisType",
    "Filename",
    "RuleID",
    "DisplayName",
    "Enabled",
    "LogTypes",
    "Tags",
    "Reports",
    "Severity",
    "Threshold",
    "DedupPeriodMinutes",
    "Description",
    "Runbook",
    "Reference",
    "Detection",
    "Tests",
];

/// The keys that only Panther understands, each as its lines.
pub(super) fn preserved(rule: &Rule) -> Vec<String> {
    if rule.preserved.format != FORMAT {
        return Vec::new();
    }
    let keys = rule
        .preserved
        .keys
        .iter()
        .filter(|(key, _)| !WRITTEN.contains(&key.as_str()));
    keys.map(|(key, value)| format!("{}:{}", yaml_scalar(key), block(value)))
        .collect()
}

/// The reports that came with a rule of Panther's, besides ATT&CK's; under their key where they are the first.
pub(super) fn other_reports(rule: &Rule, first: bool) -> Vec<String> {
    let own = rule.preserved.format == FORMAT;
    let reports = rule.preserved.keys.get("Reports").filter(|_| own);
    let Some(reports) = reports.and_then(Value::as_object) else {
        return Vec::new();
    };
    let mut lines: Vec<String> = first.then(|| "Reports:".to_owned()).into_iter().collect();
    for (name, value) in reports {
        let entry = yaml::entry(name, value);
        lines.extend(entry.lines().map(|line| format!("  {line}")));
    }
    lines
}

/// What stands after the colon of a key.
fn block(value: &Value) -> String {
    let scalar = |value: &Value| match value {
        Value::String(text) => yaml_scalar(text),
        other => json(other, 0),
    };
    match value {
        Value::String(text) => format!(" {}", long_text(text).unwrap_or_else(|| "\"\"".to_owned())),
        Value::Array(items)
            if !items.is_empty()
                && items
                    .iter()
                    .all(|item| !item.is_array() && !item.is_object()) =>
        {
            let lines: Vec<String> = items
                .iter()
                .map(|item| format!("\n  - {}", scalar(item)))
                .collect();
            lines.concat()
        }
        Value::Array(_) | Value::Object(_) => format!("\n  {}", json(value, 2)),
        Value::Null | Value::Bool(_) | Value::Number(_) => format!(" {}", scalar(value)),
    }
}
