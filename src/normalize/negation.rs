//! One place for negations: `not (a or b)` is `not a and not b`, so that exclusions stand at the top; `not a or not b` is
//! `not (a and b)`, one exclusion with two parts.

use crate::ir::Condition;

pub(super) fn gather(condition: Condition) -> Condition {
    condition.map(&mut |node| match node {
        Condition::Not(inner) => match inner.into_inner() {
            Condition::Any(parts) => parts
                .into_iter()
                .map(Condition::negate)
                .fold(Condition::TRUE, Condition::and),
            Condition::All(parts) if parts.len() > 1 && parts.iter().all(is_negation) => parts
                .into_iter()
                .map(Condition::negate)
                .fold(Condition::FALSE, Condition::or),
            other => other.negate(),
        },
        Condition::Any(parts) if parts.len() > 1 && parts.iter().all(is_negation) => parts
            .into_iter()
            .map(Condition::negate)
            .fold(Condition::TRUE, Condition::and)
            .negate(),
        other => other,
    })
}

fn is_negation(condition: &Condition) -> bool {
    matches!(condition, Condition::Not(_))
}
