//! What a condition asks of an event's enrichment: what the collector looked up for the event, and no table has.
//!
//! An event for which nothing was looked up is an ordinary one, and the rule has a verdict on it. A conjunct that this verdict can
//! only make hold more often, such as an exclusion of known addresses, is written as it is for such an event: the selection is wider,
//! and the report says so. A conjunct that would hold less often keeps its questions, for which the rule is refused, and so does one
//! of which something is left.

use super::place::Place;
use crate::analysis::{Construct, Fidelity, Part, Report, What};
use crate::backend::Unmapped;
use crate::backend::without::Without;
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Condition, FieldPath};
use crate::schema::is_enrichment;

/// Why the selection is wider.
const REASON: &str =
    "no table has what enrichment found for an event; every event is taken as one without it";

/// The condition without what it asks of enrichment, as far as that makes it hold on more events.
pub(super) fn without(place: Place<'_>, condition: &Condition, report: &mut Report) -> Condition {
    let asks = |path: &FieldPath| is_enrichment(path) && place.lacks(path);
    if place.unmapped != Unmapped::Refuse || !condition.fields().into_iter().any(asks) {
        return condition.clone();
    }
    let mut found: Vec<(&Condition, Condition)> = Vec::new();
    let mut absent = Without::new(place);
    let left = condition.conjuncts().iter().map(|conjunct| {
        if !reads(conjunct) {
            return conjunct.clone();
        }
        let missing = replaced(conjunct, false, &mut |leaf, _| {
            reads(leaf).then(|| absent.condition(leaf))
        });
        let most = || {
            replaced(conjunct, false, &mut |leaf, negated| {
                reads(leaf).then(|| Condition::constant(!negated))
            })
        };
        if missing != *conjunct && missing == most() {
            found.push((conjunct, missing.clone()));
            missing
        } else {
            conjunct.clone()
        }
    });
    let left = left.fold(Condition::TRUE, Condition::and);
    if left == Condition::TRUE {
        return condition.clone();
    }
    let mut told = Vec::new();
    for (conjunct, missing) in &found {
        record(conjunct, missing, &mut told, report);
    }
    left
}

/// Whether the condition asks for enrichment anywhere in it.
fn reads(condition: &Condition) -> bool {
    condition.fields().into_iter().any(is_enrichment)
}

/// The condition with other leaves; a leaf is told whether an odd number of negations stands above it.
fn replaced(
    condition: &Condition,
    negated: bool,
    leaf: &mut dyn FnMut(&Condition, bool) -> Option<Condition>,
) -> Condition {
    let mut within = |parts: &[Condition]| -> Vec<Condition> {
        let parts = parts.iter();
        parts.map(|part| replaced(part, negated, leaf)).collect()
    };
    match condition {
        Condition::All(parts) => within(parts)
            .into_iter()
            .fold(Condition::TRUE, Condition::and),
        Condition::Any(parts) => within(parts)
            .into_iter()
            .fold(Condition::FALSE, Condition::or),
        Condition::Not(inner) => replaced(inner, !negated, leaf).negate(),
        Condition::Test(_) | Condition::Items { .. } => {
            leaf(condition, negated).unwrap_or_else(|| condition.clone())
        }
    }
}

/// Accounts for the questions that are gone, and tells of each field once.
fn record<'c>(
    conjunct: &'c Condition,
    left: &Condition,
    told: &mut Vec<&'c FieldPath>,
    report: &mut Report,
) {
    let kept = left.predicates();
    for (predicate, negated) in conjunct.predicates() {
        if kept.iter().any(|(other, _)| *other == predicate) {
            continue;
        }
        let what = What::line(predicate, negated);
        let field = predicate.subject.fields();
        let field = field.into_iter().find(|path| is_enrichment(path));
        if let Some(field) = field
            && !told.contains(&field)
        {
            told.push(field);
            let message = format!("`{what}`: {REASON}");
            let warning = Diagnostic::warning(Code::Enriched, message);
            report.diagnostics.push(warning.at(predicate.origin));
        }
        report.constructs.push(Construct {
            part: Part::Condition,
            what,
            fidelity: Fidelity::Wider,
            origin: predicate.origin,
            reason: REASON.to_owned(),
            code: Some(Code::Enriched),
        });
    }
}
