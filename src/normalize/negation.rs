//! One place for negations: `not (a or b)` is `not a and not b`, so that exclusions stand at the top; `not a or not b` is
//! `not (a and b)`, one exclusion with two parts.

use crate::ir::{Condition, Local};

pub(super) fn gather(condition: Condition) -> Condition {
    condition.map_unsettled(Local::Negation, &mut |node| match node {
        Condition::Not(inner) => match inner.as_ref() {
            Condition::Any(parts) => Some(negated(parts).fold(Condition::TRUE, Condition::and)),
            Condition::All(parts) if parts.len() > 1 && parts.iter().all(is_negation) => {
                Some(negated(parts).fold(Condition::FALSE, Condition::or))
            }
            _ => node.folded(),
        },
        Condition::Any(parts) if parts.len() > 1 && parts.iter().all(is_negation) => {
            let none = negated(parts).fold(Condition::TRUE, Condition::and);
            Some(none.negate())
        }
        _ => None,
    })
}

fn negated(parts: &[Condition]) -> impl Iterator<Item = Condition> {
    parts.iter().cloned().map(Condition::negate)
}

fn is_negation(condition: &Condition) -> bool {
    matches!(condition, Condition::Not(_))
}
