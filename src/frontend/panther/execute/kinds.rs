//! The kinds that a value can still have: what a condition about it leaves.
//!
//! Invariant: a kind that is left out is none that the value has where the condition is as said.

use smallvec::{SmallVec, smallvec};

use super::logic::is_larger;
use crate::ir::{Condition, Fingerprint, Kind, Literal, Object, Operator, Predicate, Term};

/// The kinds that a value can have, one bit each; the first is that it is missing.
pub(super) type Kinds = u8;

/// The kinds that terms can have, in the order of the terms' fingerprints.
pub(super) type KindsOf = SmallVec<[(Fingerprint, Kinds); 1]>;

/// Nodes of a condition whose predicates are looked at one by one.
const LARGE: usize = 60;

const MISSING: Kinds = 1;
const NULL: Kinds = 1 << 1;
const BOOLEAN: Kinds = 1 << 2;
const INTEGER: Kinds = 1 << 3;
const FRACTION: Kinds = 1 << 4;
const TEXT: Kinds = 1 << 5;
const LIST: Kinds = 1 << 6;
const OBJECT: Kinds = 1 << 7;

/// The kinds that terms can have where the condition holds, or does not; in the order of the terms' fingerprints. A term that can
/// have any is left out, as are all of a large condition.
pub(super) fn said(condition: &Condition, holds: bool) -> KindsOf {
    if is_larger(condition, LARGE) {
        return KindsOf::new();
    }
    let mut said = collected(condition, holds);
    said.retain(|(_, kinds)| *kinds != Kinds::MAX);
    said
}

fn collected(condition: &Condition, holds: bool) -> KindsOf {
    match (condition, holds) {
        (Condition::Test(predicate), _) => {
            let kinds = match (of_predicate(predicate), holds) {
                (Some((kinds, _)), true) => kinds,
                (Some((kinds, true)), false) => !kinds,
                _ => return KindsOf::new(),
            };
            smallvec![(predicate.subject.fingerprint(), kinds)]
        }
        (Condition::Not(inner), _) => collected(inner, !holds),
        (Condition::All(parts), true) | (Condition::Any(parts), false) => {
            let parts = parts.iter().map(|part| collected(part, holds));
            parts.reduce(both).unwrap_or_default()
        }
        (Condition::All(parts), false) | (Condition::Any(parts), true) => {
            let mut parts = parts.iter();
            let Some(first) = parts.next() else {
                return KindsOf::new();
            };
            let first = collected(first, holds);
            parts.fold(first, |some, part| match some.as_slice() {
                [] => some,
                _ => either(some, &collected(part, holds)),
            })
        }
        (Condition::Items { .. }, _) => KindsOf::new(),
    }
}

/// What two parts that are both so say.
fn both(mut some: KindsOf, others: KindsOf) -> KindsOf {
    for (term, kinds) in others {
        match some.binary_search_by_key(&term, |(term, _)| *term) {
            Ok(at) => some[at].1 &= kinds,
            Err(at) => some.insert(at, (term, kinds)),
        }
    }
    some
}

/// What two parts say of which one is so.
fn either(mut some: KindsOf, others: &[(Fingerprint, Kinds)]) -> KindsOf {
    some.retain(|(term, kinds)| {
        match others.binary_search_by_key(term, |(term, _)| *term) {
            Ok(at) => *kinds |= others[at].1,
            Err(_) => return false,
        }
        true
    });
    some
}

/// Whether the subject may be `None` where the predicate holds; nothing where it may be missing.
pub(super) fn never_missing(predicate: &Predicate) -> Option<bool> {
    let (kinds, _) = of_predicate(predicate)?;
    (kinds & MISSING == 0).then_some(kinds & NULL != 0)
}

/// The kinds for which a predicate can hold, and whether it holds for every value of them.
pub(super) fn of_predicate(predicate: &Predicate) -> Option<(Kinds, bool)> {
    let several = match &predicate.subject {
        Term::Item { path, .. } => path.has_each(),
        term => term.reads_each(),
    };
    if several {
        return None;
    }
    Some(match (predicate.operator, &predicate.object) {
        (Operator::IsKind, Object::Kinds(wanted)) => (
            wanted.iter().fold(0, |kinds, kind| kinds | bits(*kind)),
            true,
        ),
        (Operator::Exists, _) => (!MISSING, true),
        (Operator::IsPresent, _) => (!(MISSING | NULL), true),
        (Operator::IsFilled | Operator::IsTruthy, _) | (Operator::Equals, Object::Term(_)) => {
            (!(MISSING | NULL), false)
        }
        (operator, _) if operator.info().of_texts => (TEXT, false),
        (Operator::Equals | Operator::In, Object::List(literals)) => (
            literals
                .iter()
                .fold(0, |kinds, literal| kinds | of(literal)),
            false,
        ),
        (
            Operator::Equals
            | Operator::LessThan
            | Operator::AtMost
            | Operator::GreaterThan
            | Operator::AtLeast,
            Object::Literal(literal),
        ) => (of(literal), false),
        _ => return None,
    })
}

fn bits(kind: Kind) -> Kinds {
    match kind {
        Kind::Null => NULL,
        Kind::Boolean => BOOLEAN,
        Kind::Integer => INTEGER,
        Kind::Number => INTEGER | FRACTION,
        Kind::Text => TEXT,
        Kind::List => LIST,
        Kind::Object => OBJECT,
    }
}

fn of(literal: &Literal) -> Kinds {
    match literal {
        Literal::Null => NULL,
        Literal::Boolean(_) => BOOLEAN,
        Literal::Integer(_) | Literal::Float(_) => INTEGER | FRACTION,
        Literal::Text(_) => TEXT,
        Literal::List(_) => LIST,
        Literal::Object(_) => OBJECT,
    }
}
