//! Conditions to how many nodes they have, found out once for all who hold a part.

use super::Condition;
use super::shared::Found;

impl Condition {
    /// How many nodes the condition has, a predicate being one.
    pub fn size(&self) -> usize {
        usize::try_from(of(self)).unwrap_or(usize::MAX)
    }
}

fn of(condition: &Condition) -> u64 {
    let sum = |parts: &[Condition]| parts.iter().map(of).fold(0, u64::saturating_add);
    let within = match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.found(Found::Own, sum),
        Condition::Not(inner) | Condition::Items { body: inner, .. } => inner.found(Found::Own, of),
        Condition::Test(_) => 0,
    };
    within.saturating_add(1)
}
