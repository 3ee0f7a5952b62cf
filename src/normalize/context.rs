//! Parts that follow from what stands beside them are dropped, parts that contradict it are false.
//!
//! Beside a conjunct the other conjuncts hold; beside an alternative the other alternatives do not. So a guard (`x is text`)
//! disappears next to the predicate that needs it (`x starts_with "a"`), and branches that cannot be reached disappear. Parts
//! are decided from the last to the first, each against the others as they are by then, so that two parts that follow from each
//! other never both disappear.

use super::known::known;
use crate::ir::{Condition, Predicate, Term};

pub(super) fn simplify(condition: Condition) -> Condition {
    within(condition, &[])
}

/// A condition and whether it is known to hold or known not to.
type Fact<'f> = (&'f Condition, bool);

fn within(condition: Condition, facts: &[Fact<'_>]) -> Condition {
    match condition {
        Condition::All(parts) => parts_within(parts, true, facts)
            .into_iter()
            .fold(Condition::TRUE, Condition::and),
        Condition::Any(parts) => parts_within(parts, false, facts)
            .into_iter()
            .fold(Condition::FALSE, Condition::or),
        Condition::Not(inner) => within(*inner, facts).negate(),
        Condition::Test(predicate) => match facts
            .iter()
            .find_map(|(fact, holds)| entailed(fact, *holds, &predicate))
        {
            Some(value) => Condition::constant(value),
            None => Condition::Test(predicate),
        },
        Condition::Items {
            quantifier,
            list,
            body,
        } => {
            // Inside, `item` is another value than outside.
            let outer: Vec<Fact<'_>> = facts
                .iter()
                .filter(|(fact, _)| !mentions_item(fact))
                .copied()
                .collect();
            Condition::Items {
                quantifier,
                list,
                body: Box::new(within(*body, &outer)),
            }
        }
    }
}

fn parts_within(mut parts: Vec<Condition>, holds: bool, facts: &[Fact<'_>]) -> Vec<Condition> {
    for at in (0..parts.len()).rev() {
        let part = std::mem::replace(&mut parts[at], Condition::constant(holds));
        let others = parts.iter().filter(|other| other.as_constant().is_none());
        let mut around = facts.to_vec();
        around.extend(others.map(|other| (other, holds)));
        parts[at] = within(part, &around);
    }
    parts
}

/// Whether the predicate is decided by a condition that holds (or does not).
fn entailed(fact: &Condition, holds: bool, predicate: &Predicate) -> Option<bool> {
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
