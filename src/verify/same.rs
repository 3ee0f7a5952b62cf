//! Whether what was read back is the rule itself: the same selection, threshold, pipeline and correlation, in normal form.
//!
//! Conditions and terms that are written otherwise are the same where that is proved ([`super::equal`]), for every log source and
//! table of the rule. A rule that was taken apart by tables is the same where the parts on each table are.

use serde::Serialize;

use super::equal::{Alike, is_equal};
use super::rows;
use super::view::View;
use crate::analysis::Report;
use crate::diagnostic::Code;
use crate::ir::{Condition, Measure, Rule, Severity, Threshold};

/// Where what was read back is not known to be the same as the rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Which part of the rule it is.
    pub part: &'static str,
    /// The rule's own, in text form.
    pub rule: String,
    /// The one that was read back.
    pub read: String,
}

impl Difference {
    fn new(part: &'static str, rule: &impl ToString, read: &impl ToString) -> Self {
        let (rule, read) = (rule.to_string(), read.to_string());
        Self { part, rule, read }
    }
}

/// The first part in which the translation differs from the rule; nothing where it is the same.
pub(super) fn difference(
    rule: &Rule,
    back: &[Rule],
    views: &[View<'_>],
    report: &Report,
) -> Option<Difference> {
    let is_seen = |read: &Rule| views.iter().any(|view| view.has(read));
    // What is counted is counted in one place.
    if back.len() > 1 && (rule.threshold.is_some() || !back.iter().all(is_seen)) {
        return Some(Difference::new("rules", &1, &back.len()));
    }
    for view in views {
        if let Some(found) = of_selection(rule, view) {
            return Some(found);
        }
    }
    back.iter()
        .find_map(|read| of_rest(rule, read, views, report))
}

/// How the severity differs that all alerts of the rule have. What a target has no word for is told.
pub(super) fn severity(rule: &Rule, back: &[Rule], report: &Report) -> Option<Difference> {
    let own = rule.metadata.severity;
    if rule.alert.severity.is_some() || rule.correlation.is_some() {
        return None;
    }
    let mut said = report.diagnostics.iter();
    let is_told = said.any(|said| said.code == Code::RuleMetadata);
    let is_same = |read: &&Rule| {
        let read = read.metadata.severity;
        read == own || is_told && own == Severity::Critical && read == Severity::High
    };
    let other = back.iter().find(|read| !is_same(read))?;
    let (rule, read) = (own.name(), other.metadata.severity.name());
    Some(Difference::new("severity", &rule, &read))
}

/// How the selection differs in a view.
fn of_selection(rule: &Rule, view: &View<'_>) -> Option<Difference> {
    // What stages do with rows is a part of its own, unless each row is an event.
    let is_itself = |read: &&Rule| read.pipeline == rule.pipeline;
    let own = if view.rules.iter().all(is_itself) {
        rule.selection.clone()
    } else {
        rows::selection(rule)
    };
    let selections = view.rules.iter().map(|read| {
        if is_itself(read) {
            read.selection.clone()
        } else {
            rows::selection(read)
        }
    });
    let read = selections.fold(Condition::FALSE, Condition::or);
    let is_same = is_equal(&own, &read, view.world());
    (!is_same).then(|| Difference::new("selection", &own, &read))
}

/// How a rule that was read back differs beside its selection.
fn of_rest(rule: &Rule, read: &Rule, views: &[View<'_>], report: &Report) -> Option<Difference> {
    let mut worlds = views.iter().map(View::world);
    let is_counted = match (&rule.threshold, &read.threshold) {
        (Some(own), Some(other)) => {
            let mut own = own.clone();
            // A key that alerts do without is told; what is grouped by has the others.
            own.group_by
                .retain(|key| !report.shortens(&format!("group by {key}")));
            worlds.all(|world| {
                let mut events = Alike::new(&rule.selection, world).patient();
                is_threshold(&own, other, &mut events)
            })
        }
        (own, other) => own == other,
    };
    if !is_counted {
        let text = |threshold: &Option<Threshold>| {
            threshold
                .as_ref()
                .map_or_else(String::new, ToString::to_string)
        };
        return Some(Difference::new(
            "threshold",
            &text(&rule.threshold),
            &text(&read.threshold),
        ));
    }
    if read.correlation != rule.correlation {
        return Some(Difference::new("correlation", &"", &""));
    }
    let is_of_events = |rule: &Rule| {
        let rows = rule.pipeline.as_ref().filter(|_| rule.is_about_rows());
        rows.is_none_or(|rows| rows::selected(rows).is_some())
    };
    let is_same = read.pipeline == rule.pipeline || is_of_events(rule) && is_of_events(read);
    (!is_same).then(|| Difference::new("pipeline", &"", &""))
}

/// Whether two thresholds are one, their terms being equal in every event that is counted. Groups are told apart by texts.
fn is_threshold(own: &Threshold, other: &Threshold, events: &mut Alike<'_>) -> bool {
    let groups = own.group_by.iter().zip(&other.group_by);
    let is_grouped = own.group_by.len() == other.group_by.len()
        && groups
            .into_iter()
            .all(|(own, other)| events.is_shown_alike(own, other));
    let is_measured = match (&own.measure, &other.measure) {
        (Measure::DistinctCount(own), Measure::DistinctCount(other))
        | (Measure::Sum(own), Measure::Sum(other))
        | (Measure::Average(own), Measure::Average(other)) => events.is_equal(own, other),
        (own, other) => own == other,
    };
    let rest = Threshold {
        group_by: own.group_by.clone(),
        measure: own.measure.clone(),
        ..other.clone()
    };
    is_grouped && is_measured && rest == *own
}
