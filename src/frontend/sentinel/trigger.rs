//! The trigger: how many rows of the result make an alert. Almost every rule asks for any row at all.

use std::time::Duration;

use super::FORMAT;
use super::document::{Document, plain};
use super::metadata::Reader;
use super::query::Outcome;
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Comparison, Measure, Origin, Residue, ResidueEffect, Rule, Threshold, WindowKind};
use crate::source::Span;
use crate::syntax::yaml::Step;

/// The key that the number stands under.
const THRESHOLD: &str = "triggerThreshold";

/// The trigger as a threshold over the events, where each row is one; anything else is left.
pub(super) fn apply(
    rule: &mut Rule,
    document: &Document,
    outcome: &Outcome,
    period: Option<Duration>,
    reader: &mut Reader<'_, '_>,
) {
    let Some((comparison, count)) = question(document, reader) else {
        return;
    };
    // Any row, however the question is put.
    if matches!(comparison, Comparison::AtLeast | Comparison::NotEqual) && count == 0 {
        return;
    }
    let span = reader.yaml.span(&[Step::Key(THRESHOLD)]);
    // No row at all is an alert of a rule that watches for silence.
    let silent = matches!(
        (comparison, count),
        (Comparison::LessThan | Comparison::NotEqual, _) | (Comparison::Equal, 0)
    );
    if let (true, false, Some(window)) = (
        outcome.rows_are_events && rule.threshold.is_none(),
        silent,
        period,
    ) {
        let count = if comparison == Comparison::AtLeast {
            count.saturating_add(1)
        } else {
            count
        };
        rule.threshold = Some(Threshold {
            measure: Measure::Count,
            comparison,
            count: f64::from(count),
            also: None,
            window,
            window_kind: WindowKind::PerRun,
            group_by: Vec::new(),
            origin: Origin(span),
        });
        return;
    }
    rule.residue
        .push(left_over(document, count, silent, span, reader));
}

/// How the number of result rows is compared, and with what; `None`, with a warning, where that was not understood.
fn question(document: &Document, reader: &mut Reader<'_, '_>) -> Option<(Comparison, u32)> {
    let path = [Step::Key(THRESHOLD)];
    let text = plain(&document.trigger_threshold);
    let count = if text.is_empty() {
        Some(0)
    } else {
        text.parse::<u32>().ok()
    };
    let Some(count) = count else {
        reader.warn(
            Code::RuleMetadata,
            format!("`{text}` is not a whole number"),
            &path,
        );
        return None;
    };
    let comparison = match document.trigger_operator.to_ascii_lowercase().as_str() {
        "gt" | "greaterthan" | "" => Comparison::AtLeast,
        "lt" | "lessthan" => Comparison::LessThan,
        "eq" | "equal" => Comparison::Equal,
        "ne" | "notequal" => Comparison::NotEqual,
        other => {
            let message = format!("`{other}` is not an operator; expected gt, lt, eq or ne");
            reader.warn(Code::RuleMetadata, message, &[Step::Key("triggerOperator")]);
            return None;
        }
    };
    Some((comparison, count))
}

/// A count of rows that are not events: nothing but Sentinel can ask for it.
fn left_over(
    document: &Document,
    count: u32,
    silent: bool,
    span: Option<Span>,
    reader: &mut Reader<'_, '_>,
) -> Residue {
    let text = format!(
        "triggerOperator: {}, triggerThreshold: {count}",
        document.trigger_operator
    );
    let message = format!(
        "`{text}` counts the rows of the result, which are not events, and has no counterpart"
    );
    reader
        .diagnostics
        .push(Diagnostic::warning(Code::KqlUnsupported, message).at(span));
    Residue {
        format: FORMAT.to_owned(),
        construct: "trigger".to_owned(),
        text,
        effect: if silent {
            ResidueEffect::Unknown
        } else {
            ResidueEffect::Wider
        },
        origin: Origin(span),
    }
}
