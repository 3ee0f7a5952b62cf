//! Guards that a table cannot be asked for: what holds wherever the source language raises no error.
//!
//! A frontend adds a guard to a condition where the source language would raise an error on an event, which is then not selected. An
//! error can depend on what stands before the first item that decides, or on a key that is there and null, which no table keeps.
//! Such a guard beside what the author wrote is left out, and the report says that the selection is wider by the events on which
//! the rule raises an error. What the author wrote is never left out, nor is a guard below a negation or all of a part.

use super::lists;
use super::term::Scope;
use crate::analysis::{Fidelity, Report, What};
use crate::ir::{
    Condition, Function, Implied, Kind, Object, Operator, Predicate, Quantifier, Term,
};

/// Why the selection is wider.
pub(super) const RAISES: &str =
    "an event on which the rule raises an error is not told from others";

/// The condition without the guards that have no form.
pub(super) fn without_unsayable(
    scope: &Scope<'_>,
    condition: &Condition,
    report: &mut Report,
) -> Condition {
    match condition {
        Condition::All(parts) => {
            let is_left_out = |part: &&Condition| {
                is_guard(part)
                    && lists::stages(&mut scope.clone(), part, &mut Report::refusals()).is_none()
            };
            let (out, kept): (Vec<&Condition>, Vec<&Condition>) =
                parts.iter().partition(is_left_out);
            if kept.is_empty() {
                return condition.clone();
            }
            for (predicate, negated) in out.into_iter().flat_map(Condition::predicates) {
                let what = What::line(predicate, negated);
                report.record_predicate(Fidelity::Wider, what, predicate.origin, RAISES);
            }
            kept.into_iter()
                .map(|part| without_unsayable(scope, part, report))
                .fold(Condition::TRUE, Condition::and)
        }
        Condition::Any(parts) => parts
            .iter()
            .map(|part| without_unsayable(scope, part, report))
            .fold(Condition::FALSE, Condition::or),
        Condition::Not(_) | Condition::Test(_) | Condition::Items { .. } => condition.clone(),
    }
}

/// What chooses a value, where lengths of lists are asked beside their items: every question is one that is asked, so that what one
/// says of another is not asked again.
pub(super) fn as_written(condition: Condition) -> Condition {
    let is_of_length = |predicate: &Predicate| {
        matches!(
            predicate.subject,
            Term::Call {
                function: Function::Length,
                ..
            }
        )
    };
    let mut asked = condition.predicates().into_iter();
    if !asked.any(|(predicate, _)| is_of_length(predicate)) {
        return condition;
    }
    let written = condition.map(&mut |node| match node {
        Condition::Test(predicate) if predicate.implied.0 => Some(Condition::from(Predicate {
            implied: Implied(false),
            ..predicate.as_ref().clone()
        })),
        other => other.folded(),
    });
    crate::normalize::condition(written)
}

/// The condition that chooses what is shown, without what is asked of a list whose items are asked, and without the guards that take
/// stages of their own: these would make columns that say no more than that the rule raises no error.
pub(super) fn without_staged(condition: &Condition) -> Condition {
    let within = |parts: &[Condition]| parts.iter().map(without_staged).collect::<Vec<_>>();
    match condition {
        Condition::All(parts) => {
            let is_left_out = |part: &&Condition| is_guard(part) && takes_stages(part);
            let kept: Vec<Condition> = parts
                .iter()
                .filter(|part| !is_left_out(part))
                .cloned()
                .collect();
            if kept.is_empty() {
                return condition.clone();
            }
            let kept = within(&kept);
            let asked = kept.iter().filter(|part| !is_told(part, &kept));
            asked.cloned().fold(Condition::TRUE, Condition::and)
        }
        Condition::Any(parts) => within(parts)
            .into_iter()
            .fold(Condition::FALSE, Condition::or),
        Condition::Items {
            quantifier: Quantifier::Some,
            list,
            body,
        } => Condition::Items {
            quantifier: Quantifier::Some,
            list: list.clone(),
            body: without_staged(body).into(),
        },
        Condition::Items { .. } | Condition::Not(_) | Condition::Test(_) => condition.clone(),
    }
}

/// Whether some guard is left out of the condition.
pub(super) fn leaves_out(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) => {
            let is_left_out = |part: &Condition| is_guard(part) && takes_stages(part);
            let out = parts.iter().filter(|part| is_left_out(part)).count();
            out < parts.len() && (out > 0 || parts.iter().any(leaves_out))
        }
        Condition::Any(parts) => parts.iter().any(leaves_out),
        Condition::Items {
            quantifier: Quantifier::Some,
            body,
            ..
        } => leaves_out(body),
        Condition::Items { .. } | Condition::Not(_) | Condition::Test(_) => false,
    }
}

/// Whether the conjunct says of a list only that it is there, which another one says by asking for an item of it.
fn is_told(conjunct: &Condition, conjuncts: &[Condition]) -> bool {
    let Condition::Test(predicate) = conjunct else {
        return false;
    };
    let holds_for_lists = match (predicate.operator, &predicate.object) {
        (Operator::IsKind, Object::Kinds(kinds)) => kinds.contains(&Kind::List),
        (operator, Object::None) => matches!(
            operator,
            Operator::Exists | Operator::IsPresent | Operator::IsFilled | Operator::IsTruthy
        ),
        _ => false,
    };
    holds_for_lists
        && conjuncts.iter().any(|other| match other {
            Condition::Items {
                quantifier: Quantifier::Some,
                list,
                ..
            } => **list == predicate.subject,
            _ => false,
        })
}

/// Whether the condition goes through a list.
fn takes_stages(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(takes_stages),
        Condition::Not(inner) => takes_stages(inner),
        Condition::Items { .. } => true,
        Condition::Test(predicate) => has_made_list(&predicate.subject),
    }
}

fn has_made_list(term: &Term) -> bool {
    match term {
        Term::Select { .. } => true,
        Term::Call { arguments, .. } => arguments.iter().any(has_made_list),
        _ => false,
    }
}

/// Whether the source language alone asks for it.
fn is_guard(condition: &Condition) -> bool {
    let predicates = condition.predicates();
    !predicates.is_empty() && predicates.iter().all(|(predicate, _)| predicate.implied.0)
}
