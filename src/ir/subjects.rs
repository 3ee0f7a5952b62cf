//! Which terms a condition is about, as a set of 64 bits: finer than [`Mark`], by which a field and what lies in it are one.
//!
//! A bit stands for terms, by their fingerprint. Invariant: sets without a common bit are those of conditions about different
//! terms; other sets say nothing.

use super::shared::Found;
use super::{Condition, Mark, Predicate};

impl Condition {
    /// The subjects of the predicates of the condition, those within quantifiers included.
    pub fn subjects(&self) -> Mark {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.found(Found::Subjects, |parts| {
                parts.iter().fold(0, |all, part| all | part.subjects())
            }),
            Self::Not(inner) | Self::Items { body: inner, .. } => {
                inner.found(Found::Subjects, Self::subjects)
            }
            Self::Test(predicate) => predicate.found(Found::Subjects, of_predicate),
        }
    }
}

fn of_predicate(predicate: &Predicate) -> Mark {
    1 << (predicate.subject.fingerprint() % 64)
}
