//! Counts by a key that no table tells: what Panther adds to an event, such as the integration through which it came, and what the
//! rule reads of fields that no table of its log sources has a column for.
//!
//! A threshold that more events only reach sooner counts the events of all values of the key together, and is wider by that; what
//! more events can lower keeps the key, and is refused for it. So does a key of which a table tells a part: without the rest of it
//! one group could fall into several.

use super::place::Place;
use super::window;
use crate::analysis::{Fidelity, Report};
use crate::backend::without::{Without, is_constant};
use crate::backend::{Context, Unmapped};
use crate::ir::{Function, Measure, Rule, Term};
use crate::schema::INTEGRATION;

const INTEGRATIONS: &str = "the table does not say which integration an event came through; those of all are counted together";
const UNTOLD: &str = "no table of the rule's events has a column for it; the events of all its values are counted together";

/// The rule with a count over all values of what no table tells, and the keys that it lost; nothing where it has none to lose.
pub(super) fn together(rule: &Rule, context: &Context<'_>) -> Option<(Rule, Vec<Term>)> {
    let threshold = rule.threshold.as_ref()?;
    let counts = matches!(
        threshold.measure,
        Measure::Count | Measure::DistinctCount(_)
    );
    if super::is_own(rule) || !counts || window::least(threshold).is_none() {
        return None;
    }
    let is_left = |key: &Term| is_integration(key) || is_untold(key, rule, context);
    let (left, kept): (Vec<Term>, Vec<Term>) =
        threshold.group_by.iter().cloned().partition(is_left);
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
        let reason = if is_integration(key) {
            INTEGRATIONS
        } else {
            UNTOLD
        };
        report.record_groups(Fidelity::Wider, what, origin.unwrap_or_default(), reason);
    }
}

/// Whether the term is the same for all events of every table that the rule's events can stand in.
fn is_untold(key: &Term, rule: &Rule, context: &Context<'_>) -> bool {
    if context.unmapped != Unmapped::Refuse || rule.log_sources.is_empty() || is_constant(key) {
        return false;
    }
    rule.log_sources.iter().all(|source| {
        let Some(map) = context.crosswalk.of(source) else {
            return false;
        };
        let tables = map.tables_for(&rule.selection);
        let is_same = |place| {
            let mut without = Without::new(place);
            let left = without.term(key);
            without.has_lost() && (is_constant(&left) || without.is_missing(&left))
        };
        let mut places = tables.iter().map(|table| Place::known(map, table));
        !tables.is_empty() && places.all(is_same)
    })
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
