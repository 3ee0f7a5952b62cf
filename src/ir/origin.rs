//! Where a node came from, and whether it was written or implied. Both are remarks about a node, not part of what it means:
//! they compare equal to every other value and are left out of the serialized form.

use crate::source::Span;

/// The place in the source that a node was lowered from, if there is one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin(pub Option<Span>);

impl Origin {
    /// This place, or the other where there is none.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0.or(other.0))
    }
}

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl From<Span> for Origin {
    fn from(span: Span) -> Self {
        Self(Some(span))
    }
}

impl From<Origin> for Option<Span> {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

/// Whether a predicate was not written by the author but follows from the source language, such as the guard that a value is
/// a text because the method called on it would otherwise raise. Tables leave implied predicates out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Implied(pub bool);

impl PartialEq for Implied {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
