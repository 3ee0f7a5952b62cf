//! A threshold to the `correlation` section.
//!
//! Sigma leaves the window to the engine, and engines slide it: a window that starts elsewhere is counted wider. Refused: a group
//! key that is computed from more than the text of fields, and a measure of a computed value.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::measure::{kind, measured};
use super::predicate::Speller;
use crate::analysis::{Fidelity, Report};
use crate::ir::{Comparison, Function, Measure, Term, Threshold, WindowKind};

/// The section; `None` where the threshold cannot be expressed, which the report then says.
pub(super) fn build(
    threshold: &Threshold,
    counted: &str,
    speller: Speller<'_>,
    report: &mut Report,
) -> Option<Map<String, Value>> {
    match section(threshold, counted, speller) {
        Ok((section, notes)) => {
            record(threshold, &notes, report);
            Some(section)
        }
        Err(reason) => {
            report.refuse(format!("threshold {threshold}"), threshold.origin, reason);
            None
        }
    }
}

fn section(
    threshold: &Threshold,
    counted: &str,
    speller: Speller<'_>,
) -> Result<(Map<String, Value>, Vec<String>), String> {
    let (kind, _) = kind(&threshold.measure);
    let measured = measured(&threshold.measure)?.into_iter();
    let fields: Result<Vec<String>, String> = measured.map(|path| speller.name(path)).collect();
    let fields = fields?;
    let mut notes = Vec::new();
    let mut groups: Vec<String> = Vec::new();
    for term in &threshold.group_by {
        for name in group_names(term, speller, &mut notes)? {
            if !groups.contains(&name) {
                groups.push(name);
            }
        }
    }
    let window = threshold.window;
    if window.as_secs() == 0 {
        return Err("a correlation requires a window".to_owned());
    }
    let mut condition = Map::new();
    match fields.as_slice() {
        [] => {}
        [field] => {
            condition.insert("field".to_owned(), Value::from(field.as_str()));
        }
        fields => {
            condition.insert("field".to_owned(), Value::from(fields));
        }
    }
    condition.insert(
        word(threshold.comparison).to_owned(),
        number(threshold.count),
    );
    if let Some(also) = threshold.also {
        condition.insert(word(also.comparison).to_owned(), number(also.count));
    }
    if let Measure::Percentile { percent, .. } = threshold.measure {
        condition.insert("percentile".to_owned(), number(percent));
    }
    let mut section = Map::new();
    section.insert("type".to_owned(), Value::from(kind));
    section.insert("rules".to_owned(), json!([counted]));
    if !groups.is_empty() {
        section.insert("group-by".to_owned(), Value::from(groups));
    }
    section.insert("timespan".to_owned(), Value::from(timespan(window)));
    section.insert("condition".to_owned(), Value::Object(condition));
    Ok((section, notes))
}

fn record(threshold: &Threshold, notes: &[String], report: &mut Report) {
    let what = format!("threshold {threshold}");
    let window = match threshold.window_kind {
        WindowKind::Sliding => None,
        WindowKind::Aligned => Some("a window that is aligned to the clock"),
        WindowKind::FromFirstMatch => Some("a window that starts at the first match"),
        WindowKind::PerRun => Some("the window of one run of the rule"),
    };
    match window {
        None => report.exact(what, threshold.origin),
        Some(window) => {
            let reason = format!(
                "Sigma leaves the window to the engine, and engines slide it: events over the edge of {window} also count together"
            );
            report.record_count(Fidelity::Wider, what, threshold.origin, reason);
        }
    }
    for note in notes {
        report.record_count(
            Fidelity::Narrower,
            "group of the threshold",
            threshold.origin,
            note,
        );
    }
}

/// The fields that make up a group key. A text made of fields groups as they do, as long as they are there.
fn group_names(
    term: &Term,
    speller: Speller<'_>,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, String> {
    let refused = || Err(format!("Sigma groups by fields; `{term}` is computed"));
    match term {
        Term::Field(path) => Ok(vec![speller.name(path)?]),
        Term::Call {
            function,
            arguments,
        } => match (function, arguments.as_slice()) {
            (Function::Coalesce | Function::IfMissing, [Term::Field(path), Term::Literal(_)]) => {
                let name = speller.name(path)?;
                notes.push(format!("events without `{name}` form a group of their own only where the engine counts them"));
                Ok(vec![name])
            }
            (Function::Concat, parts) => {
                let mut names = Vec::new();
                for part in parts.iter().filter(|part| part.as_literal().is_none()) {
                    names.extend(group_names(part, speller, notes)?);
                }
                notes.push(
                    "events are grouped by each field rather than by the text made of them"
                        .to_owned(),
                );
                Ok(names)
            }
            _ => refused(),
        },
        Term::Literal(_) => Ok(Vec::new()),
        Term::Item { .. } | Term::Choice { .. } | Term::Select { .. } | Term::Aggregate { .. } => {
            refused()
        }
    }
}

pub(super) fn word(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::AtLeast => "gte",
        Comparison::GreaterThan => "gt",
        Comparison::AtMost => "lte",
        Comparison::LessThan => "lt",
        Comparison::Equal => "eq",
        Comparison::NotEqual => "neq",
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "only whole numbers far below the limit are cast"
)]
pub(super) fn number(count: f64) -> Value {
    if count.fract() == 0.0 && count.abs() < 1e15 {
        Value::from(count as i64)
    } else {
        Value::from(count)
    }
}

/// The duration in the largest unit that divides it.
pub(super) fn timespan(window: Duration) -> String {
    let seconds = window.as_secs();
    let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
    let unit = units
        .into_iter()
        .find(|(length, _)| seconds.is_multiple_of(*length));
    let (length, unit) = unit.unwrap_or((1, 's'));
    format!("{}{unit}", seconds / length)
}
