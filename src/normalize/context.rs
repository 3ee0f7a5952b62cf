//! Parts that follow from what stands beside them are dropped, parts that contradict it are false.
//!
//! Beside a conjunct the other conjuncts hold; beside an alternative the other alternatives do not. So a guard (`x is text`)
//! disappears next to the predicate that needs it (`x starts_with "a"`), and branches that cannot be reached disappear. Parts
//! are decided from the last to the first, each against the others as they are by then, so that two parts that follow from each
//! other never both disappear.

use super::known::known;
use crate::ir::{Condition, Mark, Predicate, Shared, SharedVec, Term};

pub(super) fn simplify(condition: Condition) -> Condition {
    within(&condition, &[]).unwrap_or(condition)
}

/// The condition where another one holds.
pub(super) fn beside(known: &Condition, condition: Condition) -> Condition {
    let fact = Fact {
        condition: known,
        holds: true,
        mark: known.mark(),
    };
    within(&condition, &[fact]).unwrap_or(condition)
}

/// A condition that is known to hold or known not to.
#[derive(Clone, Copy)]
struct Fact<'f> {
    condition: &'f Condition,
    holds: bool,
    mark: Mark,
}

/// The condition without what follows from the facts; nothing where nothing does.
fn within(condition: &Condition, facts: &[Fact<'_>]) -> Option<Condition> {
    match condition {
        Condition::All(parts) => match parts_within(parts, true, facts) {
            Some(parts) => Some(parts.into_iter().fold(Condition::TRUE, Condition::and)),
            None => condition.folded(),
        },
        Condition::Any(parts) => match parts_within(parts, false, facts) {
            Some(parts) => Some(parts.into_iter().fold(Condition::FALSE, Condition::or)),
            None => condition.folded(),
        },
        Condition::Not(inner) => match within(inner, facts) {
            Some(inner) => Some(inner.negate()),
            None => condition.folded(),
        },
        Condition::Test(predicate) => {
            let decided = facts
                .iter()
                .find_map(|fact| entailed(fact.condition, fact.holds, predicate));
            decided.map(Condition::constant)
        }
        Condition::Items {
            quantifier,
            list,
            body,
        } => {
            // Inside, `item` is another value than outside.
            let outer: Vec<Fact<'_>> = facts
                .iter()
                .filter(|fact| !mentions_item(fact.condition))
                .copied()
                .collect();
            within(body, &outer).map(|body| Condition::Items {
                quantifier: *quantifier,
                list: list.clone(),
                body: Shared::new(body),
            })
        }
    }
}

fn parts_within(
    parts: &SharedVec<Condition>,
    holds: bool,
    facts: &[Fact<'_>],
) -> Option<SharedVec<Condition>> {
    let mut parts = parts.clone();
    let mut changed = false;
    // What says nothing about any predicate of a part is not handed down to it; a constant says nothing.
    let mark_of = |part: &Condition| match part.as_constant() {
        Some(_) => 0,
        None => part.mark(),
    };
    let mut marks: Vec<Mark> = parts.iter().map(mark_of).collect();
    for at in (0..parts.len()).rev() {
        let mark = marks[at];
        let others = marks.iter().enumerate();
        let others = others.filter(|(other, others)| *other != at && **others & mark != 0);
        let others = others.map(|(other, mark)| Fact {
            condition: &parts[other],
            holds,
            mark: *mark,
        });
        let related = facts.iter().filter(|fact| fact.mark & mark != 0);
        let around: Vec<Fact<'_>> = related.copied().chain(others).collect();
        if let Some(part) = within(&parts[at], &around) {
            marks[at] = mark_of(&part);
            parts.to_mut()[at] = part;
            changed = true;
        }
    }
    changed.then_some(parts)
}

/// Whether the predicate is decided by a condition that holds (or does not).
fn entailed(fact: &Condition, holds: bool, predicate: &Shared<Predicate>) -> Option<bool> {
    // What is about nothing that the predicate is about says nothing of it.
    if fact.mark() & predicate.mark() == 0 {
        return None;
    }
    match (fact, holds) {
        (Condition::Test(given), _) => known(given, holds, predicate),
        (Condition::Not(inner), _) => entailed(inner, !holds, predicate),
        (Condition::All(parts), true) | (Condition::Any(parts), false) => parts
            .iter()
            .find_map(|part| entailed(part, holds, predicate)),
        (Condition::Any(parts), true) | (Condition::All(parts), false) => {
            let mut verdicts = parts.iter().map(|part| entailed(part, holds, predicate));
            let first = verdicts.next().flatten()?;
            verdicts
                .all(|verdict| verdict == Some(first))
                .then_some(first)
        }
        (Condition::Items { .. }, _) => None,
    }
}

fn mentions_item(condition: &Condition) -> bool {
    condition
        .predicates()
        .iter()
        .any(|(predicate, _)| has_item(&predicate.subject))
}

fn has_item(term: &Term) -> bool {
    match term {
        Term::Field(_) | Term::Literal(_) => false,
        Term::Call { arguments, .. } => arguments.iter().any(has_item),
        // The last two are rare inside predicates; taken as if they had one.
        Term::Item { .. } | Term::Choice { .. } | Term::Select { .. } | Term::Aggregate { .. } => {
            true
        }
    }
}
