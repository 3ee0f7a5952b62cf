//! What a condition is about, as a set of 64 bits: two predicates of which one says something about the other are [related].
//!
//! The lower half has a bit for the first step of a path, the upper half one for the second, so that a field and what lies in it
//! share a bit in each: a path without a second step has every bit of the upper half. Invariant: marks that are not related are
//! those of predicates about nothing in common; other marks say nothing.

use super::shared::Found;
use super::{Condition, FieldPath, Predicate, Segment, Shared, SharedVec, Term};

/// A set of fields.
pub type Mark = u64;

const ANY: Mark = Mark::MAX;

/// The bits of first steps; the others are those of second steps.
const FIRST: Mark = 0xffff_ffff;

/// Whether something of one may say something of something of the other.
#[must_use]
pub fn related(one: Mark, other: Mark) -> bool {
    let common = one & other;
    common & FIRST != 0 && common & !FIRST != 0
}

impl Condition {
    /// What the predicates of the condition are about, those within quantifiers included, and the lists of these.
    pub fn mark(&self) -> Mark {
        match self {
            Self::All(parts) | Self::Any(parts) => of_all(parts),
            Self::Not(inner) => inner.found(Found::Mark, Self::mark),
            Self::Items { list, body, .. } => list.mark() | body.found(Found::Mark, Self::mark),
            Self::Test(predicate) => predicate.mark(),
        }
    }
}

impl Shared<Predicate> {
    /// What the predicate is about.
    pub fn mark(&self) -> Mark {
        self.found(Found::Mark, |predicate| predicate.subject.mark())
    }
}

impl Shared<Term> {
    /// What the term is about.
    pub fn mark(&self) -> Mark {
        self.found(Found::Mark, Term::mark)
    }
}

impl Term {
    /// What the term is about; one that reads no field may be about any.
    pub fn mark(&self) -> Mark {
        match fields(self) {
            0 => ANY,
            mark => mark,
        }
    }
}

fn of_all(parts: &SharedVec<Condition>) -> Mark {
    parts.found(Found::Mark, |parts| {
        parts.iter().fold(0, |marks, part| marks | part.mark())
    })
}

fn fields(term: &Term) -> Mark {
    match term {
        Term::Field(path) | Term::Item { path, .. } => steps(path),
        Term::Literal(_) => 0,
        Term::Call { arguments, .. } => {
            arguments.iter().fold(0, |marks, term| marks | fields(term))
        }
        Term::Choice { .. } | Term::Select { .. } | Term::Aggregate { .. } => ANY,
    }
}

fn steps(path: &FieldPath) -> Mark {
    match path.segments.first().and_then(step) {
        Some(first) => first | path.segments.get(1).and_then(step).unwrap_or(FIRST) << 32,
        None => ANY,
    }
}

/// The bit of a key; nothing for a step that is none.
fn step(segment: &Segment) -> Option<Mark> {
    match segment {
        Segment::Key(key) | Segment::Exact(key) => {
            let sum = key.bytes().fold(0_u64, |sum, byte| {
                sum.wrapping_mul(31).wrapping_add(u64::from(byte))
            });
            Some(1 << (sum % 32))
        }
        Segment::Index(_) | Segment::Each => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::Function;

    #[test]
    fn paths_are_related_that_part_at_neither_step() {
        let mark = |keys: &[&str]| Term::field(keys.iter().copied()).mark();
        let deep = mark(&["user", "name"]);
        for near in [
            mark(&["user"]),
            mark(&["user", "name", "first"]),
            mark(&[]),
            Term::call(Function::Lower, [Term::field(["user", "name"])]).mark(),
            Term::text("x").mark(),
        ] {
            assert!(related(deep, near));
        }
        for far in [mark(&["user", "id"]), mark(&["stage", "name"])] {
            assert!(!related(deep, far));
        }
        // What is about two fields is related to either.
        let both = mark(&["stage"]) | mark(&["user", "id"]);
        assert!(related(both, mark(&["user", "id"])) && related(both, mark(&["stage", "x"])));
        assert!(!related(0, deep));
    }
}
