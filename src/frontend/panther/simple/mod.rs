//! Simple detections: a `Detection` of match expressions in place of a Python file, to a rule; and `InlineFilters`, which narrow
//! a rule of either kind.
//!
//! Panther's own engine for them is not public. Their meaning here is the one that agrees with the tests of Panther's published
//! examples; [`condition`] says how a missing field counts, [`expression`] how lists do. Every key that is not understood is a
//! diagnostic at the key, and the rule is refused.

mod alert;
mod condition;
mod expression;
mod key;
mod network;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::Context;
use super::document::Fields;
use super::execute::depth;
use super::query;
use super::rule::{DEPTH, log_sources};
use super::threshold::{Counts, Lowered};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{AlertOrigins, Condition, Origin, Rule};
use crate::source::SourceId;
pub(super) use expression::Reader;

/// The rule of a document with a `Detection`, or nothing where it cannot be read whole.
pub(super) fn import(
    id: SourceId,
    mut fields: Fields<'_>,
    context: &mut Context<'_>,
) -> Option<Rule> {
    let queries = query::read(id, &mut fields, context);
    let diagnostics = &mut *context.diagnostics;
    if fields.has("Filename") {
        let message = "a detection must have a `Detection` or a `Filename`, not both";
        let problem = Diagnostic::error(Code::YamlShape, message);
        diagnostics.push(problem.at(fields.key_span("Filename")));
        return None;
    }
    let metadata = fields.metadata(diagnostics);
    let detection = fields.take_value("Detection").unwrap_or_default();
    let selection = expressions(&fields, "Detection", &detection, diagnostics);
    let filter = filter(&mut fields, diagnostics);
    let mut rule = Rule::new(metadata?);
    let alert = alert(&mut rule, &mut fields, diagnostics);
    rule.selection = selection?.and(filter?);
    alert?;
    if let Some(problem) = too_deep(&rule.selection, &fields, "Detection") {
        diagnostics.push(problem);
        return None;
    }
    rule.origin = fields.whole().into();
    rule.log_sources = log_sources(&mut fields, context.crosswalk, diagnostics);
    if let [source] = rule.log_sources.as_slice()
        && let Some(known) = context.crosswalk.of(source)
    {
        rule.selection = known.rule_out(rule.selection);
    }
    rule.residue = queries;
    let counts = Counts::take(&mut fields, diagnostics);
    rule.tests = fields.tests(diagnostics).into();
    rule.preserved = fields.leftover(diagnostics);
    match counts.apply(&mut rule, Lowered::Absent, None) {
        Ok(()) => Some(rule),
        Err(problem) => {
            diagnostics.push(*problem);
            None
        }
    }
}

/// The key of what narrows a rule.
pub(super) const FILTERS: &str = "InlineFilters";

/// Takes `InlineFilters`: the condition on the events that the rule sees at all; `None` where it is not understood.
pub(super) fn filter(fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Condition> {
    match fields.take_value(FILTERS) {
        None => Some(Condition::TRUE),
        Some(value) => Reader::of_filters(fields.document(), FILTERS, diagnostics).all(&value),
    }
}

fn expressions(
    fields: &Fields<'_>,
    key: &str,
    value: &Value,
    diagnostics: &mut Diagnostics,
) -> Option<Condition> {
    Reader::new(fields.document(), key, diagnostics).all(value)
}

fn too_deep(condition: &Condition, fields: &Fields<'_>, key: &str) -> Option<Diagnostic> {
    (depth(condition) > DEPTH).then(|| {
        let message = "the expressions must be nested less deeply";
        Diagnostic::error(Code::PythonBudget, message).at(fields.key_span(key))
    })
}

/// Takes what the alert says.
fn alert(rule: &mut Rule, fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Option<()> {
    let title: Option<String> = fields.take("AlertTitle", diagnostics);
    rule.alert.title = title.map(|title| alert::title(&title));
    let origin = |key| Origin(fields.key_span(key));
    rule.alert.origins = AlertOrigins {
        title: origin("AlertTitle"),
        dedup: origin("GroupBy"),
        severity: origin("DynamicSeverities"),
        ..AlertOrigins::default()
    };
    if let Some(value) = fields.take_value("AlertContext") {
        let mut reader = Reader::new(fields.document(), "AlertContext", diagnostics);
        rule.outputs = alert::context(&mut reader, &value)?;
    }
    if let Some(value) = fields.take_value("GroupBy") {
        let mut reader = Reader::new(fields.document(), "GroupBy", diagnostics);
        rule.alert.dedup = alert::group(&mut reader, &value)?;
    }
    if let Some(value) = fields.take_value("DynamicSeverities") {
        let mut reader = Reader::new(fields.document(), "DynamicSeverities", diagnostics);
        rule.alert.severity = alert::severities(&mut reader, &value, rule.metadata.severity)?;
    }
    Some(())
}
