//! Parts that follow from what stands beside them are dropped, parts that contradict it are false.
//!
//! Beside a conjunct the other conjuncts hold; beside an alternative the other alternatives do not. So a guard (`x is text`)
//! disappears next to the predicate that needs it (`x starts_with "a"`), and branches that cannot be reached disappear. Parts
//! are decided from the last to the first, each against the others as they are by then, so that two parts that follow from each
//! other never both disappear.

use super::known::known;
use super::mark::{Mark, mark, mark_of};
use crate::ir::{Condition, Predicate, Shared, Term};

pub(super) fn simplify(condition: Condition) -> Condition {
    within(condition, &[])
}

/// A condition that is known to hold or known not to.
#[derive(Clone, Copy)]
struct Fact<'f> {
    condition: &'f Condition,
    holds: bool,
    mark: Mark,
}

impl Fact<'_> {
    /// What the predicate is by this fact, if that is decided.
    fn decides(&self, predicate: &Predicate, mark: Mark) -> Option<bool> {
        if self.mark & mark == 0 {
            return None;
        }
        entailed(self.condition, self.holds, predicate)
    }
}

fn within(condition: Condition, facts: &[Fact<'_>]) -> Condition {
    match condition {
        Condition::All(parts) => parts_within(parts.into_vec(), true, facts)
            .into_iter()
            .fold(Condition::TRUE, Condition::and),
        Condition::Any(parts) => parts_within(parts.into_vec(), false, facts)
            .into_iter()
            .fold(Condition::FALSE, Condition::or),
        Condition::Not(inner) => within(inner.into_inner(), facts).negate(),
        Condition::Test(predicate) => {
            let mark = mark_of(&predicate);
            let decided = facts.iter().find_map(|fact| fact.decides(&predicate, mark));
            decided.map_or(Condition::Test(predicate), Condition::constant)
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
            Condition::Items {
                quantifier,
                list,
                body: Shared::new(within(body.into_inner(), &outer)),
            }
        }
    }
}

fn parts_within(mut parts: Vec<Condition>, holds: bool, facts: &[Fact<'_>]) -> Vec<Condition> {
    let mut marks: Vec<Mark> = parts.iter().map(mark).collect();
    for at in (0..parts.len()).rev() {
        let part = std::mem::replace(&mut parts[at], Condition::constant(holds));
        let others = parts.iter().zip(&marks);
        let others = others.filter(|(other, _)| other.as_constant().is_none());
        let others = others.map(|(condition, mark)| Fact {
            condition,
            holds,
            mark: *mark,
        });
        // What says nothing about any predicate of the part is not handed down.
        let related = facts.iter().copied().chain(others);
        let related = related.filter(|fact| fact.mark & marks[at] != 0);
        let around: Vec<Fact<'_>> = related.collect();
        parts[at] = within(part, &around);
        marks[at] = mark(&parts[at]);
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
