//! Counts that are kept apart by the integration through which Panther got an event.
//!
//! A table says nothing of it, and mostly there is one. A threshold that more events only reach sooner counts the events of all
//! integrations together, and is wider by that; what more events can lower keeps the key, and is refused for it.

use super::window;
use crate::analysis::{Fidelity, Report};
use crate::ir::{Function, Measure, Rule, Term};
use crate::schema::INTEGRATION;

const REASON: &str = "the table does not say which integration an event came through; those of all are counted together";

/// The rule with a count over all integrations, and the keys that it lost; nothing where it has none to lose.
pub(super) fn together(rule: &Rule) -> Option<(Rule, Vec<Term>)> {
    let threshold = rule.threshold.as_ref()?;
    let counts = matches!(
        threshold.measure,
        Measure::Count | Measure::DistinctCount(_)
    );
    if super::is_own(rule) || !counts || window::least(threshold).is_none() {
        return None;
    }
    let (left, kept): (Vec<Term>, Vec<Term>) =
        threshold.group_by.iter().cloned().partition(is_integration);
    if left.is_empty() {
        return None;
    }
    let mut rule = rule.clone();
    if let Some(threshold) = &mut rule.threshold {
        threshold.group_by = kept;
    }
    Some((rule, left))
}

/// Says which keys the count has lost.
pub(super) fn record(rule: &Rule, left: &[Term], report: &mut Report) {
    let origin = rule.threshold.as_ref().map(|threshold| threshold.origin);
    for key in left {
        let what = format!("count by {key}");
        report.record_events(Fidelity::Wider, what, origin.unwrap_or_default(), REASON);
    }
}

/// Whether the term is the name of the integration, or what is shown for it.
fn is_integration(term: &Term) -> bool {
    match term {
        Term::Field(path) => INTEGRATION.contains(&path.to_string().as_str()),
        Term::Call {
            function: Function::Display | Function::DisplayEvent | Function::ToText,
            arguments,
        } => arguments.iter().all(is_integration),
        Term::Call {
            function: Function::Coalesce | Function::IfMissing,
            arguments,
        } => {
            let mut rest = arguments.iter().skip(1);
            arguments.first().is_some_and(is_integration)
                && rest.all(|other| other.as_literal().is_some())
        }
        _ => false,
    }
}
