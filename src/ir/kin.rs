//! Which other predicates one may say something about, as a set of 64 bits: finer than [`Mark`](super::Mark), for pairs.
//!
//! The lower half has a bit for the predicate's subject, the upper half one for each term that the subject is taken from: the
//! paths that lead to a field, the first argument of a call and what that is taken from. Invariant: two predicates of which
//! neither subject is taken from the other, nor both from one list by its length and a position, are kin by chance alone.

use super::shared::Found;
use super::{FieldPath, Function, Literal, Predicate, Segment, Shared, Term};

/// The bits of a subject and of what it is taken from.
type Kin = u64;

/// The bits of subjects.
const OWN: Kin = 0xffff_ffff;

impl Shared<Predicate> {
    /// Whether one predicate may say something of the other: their subjects are one, or one is taken from the other.
    pub fn is_kin(&self, other: &Self) -> bool {
        let kin = |predicate: &Self| predicate.found(Found::Own, |it| of_subject(&it.subject));
        let (one, other) = (kin(self), kin(other));
        (one & OWN & (other >> 32)) | (other & OWN & (one >> 32)) != 0
    }
}

fn of_subject(subject: &Term) -> Kin {
    let own = match subject {
        // What says how long a list is, is said by an item of the list.
        Term::Call {
            function: Function::Length,
            arguments,
        } => own(subject) | arguments.first().map_or(0, own),
        _ => own(subject),
    };
    own | chain(subject) << 32
}

/// The bit of a term.
fn own(term: &Term) -> Kin {
    match term {
        Term::Field(path) => steps(path).last().map_or(0, bit),
        Term::Item { depth, path } => steps(path).last().map_or(0, |sum| item_bit(sum, *depth)),
        // A number is equal to another one that is written otherwise.
        Term::Literal(Literal::Text(_)) => bit(term.fingerprint()),
        Term::Literal(_) => OWN,
        Term::Call { .. } | Term::Choice { .. } | Term::Select { .. } | Term::Aggregate { .. } => {
            bit(term.fingerprint())
        }
    }
}

/// The bits of a term and of what it is taken from.
fn chain(term: &Term) -> Kin {
    match term {
        Term::Field(path) => steps(path).fold(0, |bits, sum| bits | bit(sum)),
        Term::Item { depth, path } => steps(path).fold(0, |bits, sum| bits | item_bit(sum, *depth)),
        Term::Call { arguments, .. } => own(term) | arguments.first().map_or(0, chain),
        Term::Literal(_) | Term::Choice { .. } | Term::Select { .. } | Term::Aggregate { .. } => {
            own(term)
        }
    }
}

fn bit(sum: u64) -> Kin {
    1 << (sum % 32)
}

fn item_bit(sum: u64, depth: usize) -> Kin {
    1 << ((sum % 32 + depth as u64) % 32)
}

/// A sum for the root and for each path below it that leads to the field, itself the last.
fn steps(path: &FieldPath) -> impl Iterator<Item = u64> {
    let below = path.segments.iter().scan(0_u64, |sum, segment| {
        *sum = match segment {
            Segment::Key(key) | Segment::Exact(key) => {
                key.bytes().fold(sum.wrapping_add(1), |sum, byte| {
                    sum.wrapping_mul(31).wrapping_add(u64::from(byte))
                })
            }
            Segment::Index(index) => sum.wrapping_mul(31).wrapping_add(index.unsigned_abs()),
            Segment::Each => sum.wrapping_mul(31).wrapping_add(7),
        };
        Some(*sum >> 3)
    });
    std::iter::once(0).chain(below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Object, Operator};

    fn about(subject: Term) -> Shared<Predicate> {
        Shared::new(Predicate::new(subject, Operator::IsTruthy, Object::None))
    }

    #[test]
    fn what_is_taken_from_a_term_is_its_kin() {
        let field = |keys: &[&str]| Term::field(keys.iter().copied());
        let list = field(&["user", "groups"]);
        let item = Term::call(
            Function::Item,
            [list.clone(), Term::Literal(Literal::Integer(0))],
        );
        let lower = Term::call(Function::Lower, [item.clone()]);
        let length = Term::call(Function::Length, [list.clone()]);
        let name = lower.clone();
        for (one, other) in [
            (&list, &item),
            (&list, &lower),
            (&item, &lower),
            (&list, &length),
            (&item, &length),
            (&lower, &name),
            (&field(&["user"]), &lower),
            (&field(&[]), &list),
        ] {
            let (one, other) = (about(one.clone()), about(other.clone()));
            assert!(one.is_kin(&other) && other.is_kin(&one));
        }
        let far = about(field(&["user", "name"]));
        assert!(!about(list).is_kin(&far) && !far.is_kin(&about(lower)));
    }
}
