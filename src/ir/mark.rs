//! Which terms a condition is about, as a set of 64 bits: two predicates of which one says something about the other have a bit
//! in common.
//!
//! A bit stands for terms, by their fingerprint. Invariant: marks without a common bit are those of conditions about different
//! terms; other marks say nothing.

use super::shared::Found;
use super::{Condition, Predicate, Shared, SharedVec};

/// A set of terms.
pub type Mark = u64;

impl Condition {
    /// What the predicates of the condition are about, those within quantifiers included.
    pub fn mark(&self) -> Mark {
        match self {
            Self::All(parts) | Self::Any(parts) => of_all(parts),
            Self::Not(inner) | Self::Items { body: inner, .. } => {
                inner.found(Found::Mark, Self::mark)
            }
            Self::Test(predicate) => predicate.mark(),
        }
    }
}

impl Shared<Predicate> {
    /// What the predicate is about.
    pub fn mark(&self) -> Mark {
        self.found(Found::Mark, |predicate| {
            1 << (predicate.subject.fingerprint() % 64)
        })
    }
}

fn of_all(parts: &SharedVec<Condition>) -> Mark {
    parts.found(Found::Mark, |parts| {
        parts.iter().fold(0, |marks, part| marks | part.mark())
    })
}
