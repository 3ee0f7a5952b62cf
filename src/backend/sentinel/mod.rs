//! Microsoft Sentinel: an analytics rule as YAML, with the rule's tests beside it as events.
//!
//! The document follows the content hub's key order and Microsoft's own limits on every key; what does not fit is cut or left
//! out, and reported. Every column that the document names is in the query's result. A rule that came as such a document is that document
//! again ([`own`]).

mod arm;
mod attack;
mod document;
mod incidents;
mod own;
mod schedule;
mod shown;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::json;

use super::kusto::{self, Query};
use super::notation::Support;
use super::{Artifact, Backend, Context, Events, Style, Translation, file_stem};
use crate::analysis::Report;
use crate::ir::Rule;
use crate::source::SourceId;
use crate::syntax::yaml;

pub(crate) use arm::iso8601;

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

    fn events(&self) -> Events {
        Events::Rows
    }

    fn styles(&self) -> &'static [Style] {
        &[Style::Arm]
    }

    fn emit(&self, rule: &Rule, context: &Context<'_>) -> Translation {
        let one = |rule: &Rule, report: &mut Report| match own::model(rule, report) {
            Some(model) => file(rule, context, "sentinel/document.yaml.j2", &model, report),
            None => written(rule, &Query::of(rule, context, report)?, context, report),
        };
        kusto::emit(rule, context, &one, &|rule, query, report| {
            written(rule, query, context, report)
        })
    }

    fn support(&self) -> Vec<Support> {
        kusto::operators()
    }
}

/// The document of a rule with its query.
fn written(
    rule: &Rule,
    query: &Query<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Artifact> {
    let model = document::model(rule, query, report);
    file(rule, context, "sentinel/rule.yaml.j2", &model, report)
}

fn file<M: Serialize>(
    rule: &Rule,
    context: &Context<'_>,
    template: &str,
    model: &M,
    report: &mut Report,
) -> Option<Artifact> {
    let text = match context.templates.render(template, model) {
        Ok(text) => text,
        Err(error) => {
            report.refuse("document", rule.origin, error.message);
            return None;
        }
    };
    let stem = file_stem(rule);
    match context.style {
        Style::Usual | Style::Simple => Some(Artifact {
            path: format!("{stem}.yaml").into(),
            text,
        }),
        Style::Arm => {
            let resource = resource(&text);
            if resource.is_none() {
                let reason = "it is no analytics rule, which a resource has to be";
                report.refuse("document", rule.origin, reason);
            }
            Some(Artifact {
                path: format!("{stem}.json").into(),
                text: resource?,
            })
        }
    }
}

/// The document as a deployment template.
fn resource(text: &str) -> Option<String> {
    let documents = yaml::parse(SourceId(0), text).ok()?;
    let document = documents.into_iter().next()?.value.ok()?;
    let template = arm::template(&document)?;
    let text = serde_json::to_string_pretty(&template).ok()?;
    Some(format!("{text}\n"))
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
