//! What is noted of conditions on the way to the normal form, for all who hold them: that they are there, or what leaves them as
//! they are.
//!
//! A note is kept with what a condition is made of, where each kind of condition has notes of its own, and is forgotten when that
//! changes. Invariant: what is noted follows from the condition alone, and not from where it stands.

use super::{Condition, Shared};

/// Changes on the way to the normal form. Each follows from a node and its parts alone and leaves what is in normal form, so that
/// nodes it leaves as they are can be noted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Local {
    /// Choices are taken apart.
    Choice,
    /// Levels that say nothing go.
    Flatten,
    /// Negations have one place.
    Negation,
    /// What is there and not empty is asked at once.
    Filled,
    /// Alternatives become lists.
    Membership,
    /// Common parts stand once.
    Factor,
    /// The case of letters counts where there are letters.
    Case,
}

/// The note of a condition in normal form. The changes have one each above it.
const NORMAL: u64 = 1;

/// How many notes a condition can have.
const NOTES: u32 = 8;

impl Local {
    /// The note that the change leaves a condition as it is.
    pub(super) fn note(self) -> u64 {
        2 << self as u64
    }
}

impl Condition {
    /// Notes that the condition is in normal form, and so are its parts, for all who hold them. Equal conditions are not known to
    /// be: equality does not see which of their questions are implied, and what the normal form is depends on it.
    pub(crate) fn note_normal(&self) {
        if self.is_noted_normal() {
            return;
        }
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(Self::note_normal),
            Self::Not(inner) | Self::Items { body: inner, .. } => inner.note_normal(),
            Self::Test(_) => {}
        }
        self.note(NORMAL);
    }

    /// Whether that was noted.
    pub(crate) fn is_noted_normal(&self) -> bool {
        self.notes() & NORMAL != 0
    }

    /// What is noted of the condition; of one without parts, everything.
    fn notes(&self) -> u64 {
        match self {
            Self::All(parts) => parts.shared().map_or(u64::MAX, Shared::notes),
            Self::Any(parts) => parts
                .shared()
                .map_or(u64::MAX, |parts| parts.notes() >> NOTES),
            Self::Not(inner) => inner.notes() >> (2 * NOTES),
            Self::Test(predicate) => predicate.notes() >> (3 * NOTES),
            Self::Items { .. } => 0,
        }
    }

    /// Notes something of the condition, for all who hold what it is made of.
    pub(super) fn note(&self, notes: u64) {
        match self {
            Self::All(parts) => parts.shared().into_iter().for_each(|it| it.note(notes)),
            Self::Any(parts) => {
                let parts = parts.shared().into_iter();
                parts.for_each(|parts| parts.note(notes << NOTES));
            }
            Self::Not(inner) => inner.note(notes << (2 * NOTES)),
            Self::Test(predicate) => predicate.note(notes << (3 * NOTES)),
            Self::Items { .. } => {}
        }
    }

    /// Whether one of the notes was made, or that the condition is in normal form.
    pub(super) fn is_noted(&self, notes: u64) -> bool {
        self.notes() & (notes | NORMAL) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Object, Operator, Predicate, SharedVec, Term};

    /// How many nodes a change is asked about that leaves them as they are.
    fn asked(local: Local, condition: &Condition) -> usize {
        let mut asked = 0;
        let left = condition.clone().map_unsettled(local, &mut |_| {
            asked += 1;
            None
        });
        assert_eq!(left, *condition);
        asked
    }

    fn is(field: &str) -> Condition {
        Predicate::new(Term::field([field]), Operator::IsTruthy, Object::None).into()
    }

    #[test]
    fn a_change_is_not_asked_again_about_what_it_left() {
        let mut parts: SharedVec<Condition> = [is("a"), is("b").negate()].into();
        let all = Condition::All(parts.clone());
        assert_eq!(asked(Local::Flatten, &all), 4);
        assert_eq!(asked(Local::Flatten, &all), 0);
        assert_eq!(asked(Local::Filled, &all), 4);
        // An alternative of the same parts is another condition.
        assert_eq!(asked(Local::Flatten, &Condition::Any(parts.clone())), 1);
        // So is one that has been changed, and what is new in it.
        parts.push(is("c"));
        assert_eq!(asked(Local::Flatten, &Condition::All(parts)), 2);
        all.note_normal();
        assert_eq!(asked(Local::Case, &all), 0);
    }
}
