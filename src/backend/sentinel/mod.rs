//! Microsoft Sentinel: an analytics rule as YAML, with the rule's tests beside it as events.
//!
//! The document follows the content hub's key order and Microsoft's own limits on every key; what does not fit is cut or left
//! out, and reported. Every column that the document names is in the query's result. A rule that came as such a document is that document
//! again ([`own`]).

mod attack;
mod document;
mod own;
mod schedule;
mod shown;
#[cfg(test)]
mod tests;

use serde_json::json;

use super::kusto::{self, Query};
use super::notation::Support;
use super::{Artifact, Backend, Context, Translation, file_stem};
use crate::ir::Rule;

/// The `sentinel` target.
#[derive(Debug)]
pub struct Sentinel;

impl Backend for Sentinel {
    fn name(&self) -> &'static str {
        "sentinel"
    }

    fn description(&self) -> &'static str {
        "a Microsoft Sentinel analytics rule (YAML with KQL), with its events"
    }

    fn emit(&self, rule: &Rule, context: &Context<'_>) -> Translation {
        let mut translation = Translation::default();
        let report = &mut translation.report;
        let rendered = if let Some(model) = own::model(rule, report) {
            context
                .templates
                .render("sentinel/document.yaml.j2", &model)
        } else {
            let Some(query) = Query::of(rule, context, report) else {
                return translation;
            };
            let model = document::model(rule, &query, report);
            context.templates.render("sentinel/rule.yaml.j2", &model)
        };
        match rendered {
            Ok(text) => {
                let path = format!("{}.yaml", file_stem(rule)).into();
                translation.artifacts.push(Artifact { path, text });
                translation.artifacts.extend(events(rule));
            }
            Err(error) => report.refuse("document", rule.origin, error.message),
        }
        translation
    }

    fn support(&self) -> Vec<Support> {
        kusto::operators()
    }
}

/// The rule's tests as `events.json`, for formats that have no tests of their own.
pub(super) fn events(rule: &Rule) -> Option<Artifact> {
    if rule.tests.is_empty() {
        return None;
    }
    let events: Vec<serde_json::Value> = rule
        .tests
        .iter()
        .map(|test| json!({"name": test.name, "event": test.event, "expected": test.expected}))
        .collect();
    let text = serde_json::to_string_pretty(&events).ok()?;
    Some(Artifact {
        path: "events.json".into(),
        text: format!("{text}\n"),
    })
}
