//! Which fields a condition is about, as a set of 64 bits: two predicates of which one says something about the other have a bit
//! in common.
//!
//! A bit stands for the first step of a path, so that a field and what lies in it share it. Invariant: marks without a common bit
//! are those of predicates about nothing in common; other marks say nothing.

use super::shared::Found;
use super::{Condition, FieldPath, Predicate, Segment, Shared, SharedVec, Term};

/// A set of fields.
pub type Mark = u64;

const ANY: Mark = Mark::MAX;

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
        self.found(Found::Mark, |predicate| match fields(&predicate.subject) {
            0 => ANY,
            mark => mark,
        })
    }
}

fn of_all(parts: &SharedVec<Condition>) -> Mark {
    parts.found(Found::Mark, |parts| {
        parts.iter().fold(0, |marks, part| marks | part.mark())
    })
}

fn fields(term: &Term) -> Mark {
    match term {
        Term::Field(path) | Term::Item { path, .. } => first_step(path),
        Term::Literal(_) => 0,
        Term::Call { arguments, .. } => {
            arguments.iter().fold(0, |marks, term| marks | fields(term))
        }
        Term::Choice { .. } | Term::Select { .. } | Term::Aggregate { .. } => ANY,
    }
}

fn first_step(path: &FieldPath) -> Mark {
    match path.segments.first() {
        Some(Segment::Key(key) | Segment::Exact(key)) => {
            let sum = key.bytes().fold(0_u64, |sum, byte| {
                sum.wrapping_mul(31).wrapping_add(u64::from(byte))
            });
            1 << (sum % 64)
        }
        Some(Segment::Index(_) | Segment::Each) | None => ANY,
    }
}
