//! Conditions and terms to 64 bits each, by which equal ones are found.
//!
//! What is written alike has one fingerprint; where something was written ([`super::Origin`], [`super::Implied`]) is no part of
//! it. Two that differ have two, as far as 64 bits can tell them apart.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::quality::{FixedState, FoldHasher};
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::shared::Found;
use super::{Case, Condition, Literal, Object, Predicate, Segment, Shared, SharedVec, Term};

/// The fingerprint of a condition or a term.
pub type Fingerprint = u64;

/// What is kept by fingerprints. They are spread evenly already.
pub type ByFingerprint<T> = IndexMap<Fingerprint, T, FxBuildHasher>;

/// What a fingerprint is computed with: fast, and the same in every run.
type Hashing = FoldHasher<'static>;

fn hashing() -> Hashing {
    FixedState::default().build_hasher()
}

/// The fingerprint of one thing after another.
pub fn of_two(first: Fingerprint, second: Fingerprint) -> Fingerprint {
    let mut hasher = hashing();
    hasher.write_u64(first);
    hasher.write_u64(second);
    hasher.finish()
}

impl Condition {
    /// The fingerprint of the condition.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hasher = hashing();
        add(self, &mut hasher);
        hasher.finish()
    }
}

impl Predicate {
    /// The fingerprint of the predicate.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hasher = hashing();
        add_predicate(self, &mut hasher);
        hasher.finish()
    }
}

impl Term {
    /// The fingerprint of the term.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hasher = hashing();
        add_term(self, &mut hasher);
        hasher.finish()
    }
}

/// The fingerprint of what can be shared, found out once for all who hold it.
macro_rules! shared_fingerprint {
    ($($part:ty: $add:expr;)*) => {
        $(impl Shared<$part> {
            /// Its fingerprint.
            pub fn fingerprint(&self) -> Fingerprint {
                self.found(Found::Fingerprint, |part| {
                    let mut hasher = hashing();
                    $add(part, &mut hasher);
                    hasher.finish()
                })
            }
        })*
    };
}

shared_fingerprint! {
    Predicate: add_predicate;
    Condition: add;
    Term: add_term;
}

/// The same for a list.
fn list<T>(parts: &SharedVec<T>, add: impl Fn(&T, &mut Hashing)) -> Fingerprint {
    parts.found(Found::Fingerprint, |parts| {
        let mut hasher = hashing();
        parts.len().hash(&mut hasher);
        for part in parts {
            add(part, &mut hasher);
        }
        hasher.finish()
    })
}

fn add(condition: &Condition, hasher: &mut Hashing) {
    std::mem::discriminant(condition).hash(hasher);
    match condition {
        Condition::All(parts) | Condition::Any(parts) => hasher.write_u64(list(parts, add)),
        Condition::Not(inner) => hasher.write_u64(inner.fingerprint()),
        Condition::Test(predicate) => hasher.write_u64(predicate.fingerprint()),
        Condition::Items {
            quantifier,
            list,
            body,
        } => {
            (*quantifier as usize).hash(hasher);
            hasher.write_u64(list.fingerprint());
            hasher.write_u64(body.fingerprint());
        }
    }
}

fn add_predicate(predicate: &Predicate, hasher: &mut Hashing) {
    add_term(&predicate.subject, hasher);
    (predicate.operator as usize).hash(hasher);
    (predicate.case as usize).hash(hasher);
    add_object(&predicate.object, hasher);
}

fn add_object(object: &Object, hasher: &mut Hashing) {
    std::mem::discriminant(object).hash(hasher);
    match object {
        Object::None => {}
        Object::Literal(literal) => add_literal(literal, hasher),
        Object::Term(term) => hasher.write_u64(term.fingerprint()),
        Object::List(literals) => add_literals(literals, hasher),
        Object::Texts(texts) => texts.hash(hasher),
        Object::Kinds(kinds) => {
            hasher.write_usize(kinds.len());
            for kind in kinds {
                hasher.write_u8(*kind as u8);
            }
        }
    }
}

fn add_term(term: &Term, hasher: &mut Hashing) {
    std::mem::discriminant(term).hash(hasher);
    match term {
        Term::Field(path) => hasher.write_u64(list(&path.segments, add_segment)),
        Term::Item { depth, path } => {
            depth.hash(hasher);
            hasher.write_u64(list(&path.segments, add_segment));
        }
        Term::Literal(literal) => add_literal(literal, hasher),
        Term::Call {
            function,
            arguments,
        } => {
            (*function as usize).hash(hasher);
            hasher.write_u64(list(arguments, add_term));
        }
        Term::Choice { cases, otherwise } => {
            hasher.write_u64(list(cases, add_case));
            hasher.write_u64(otherwise.fingerprint());
        }
        Term::Select { list, when, item } => {
            hasher.write_u64(list.fingerprint());
            hasher.write_u64(when.fingerprint());
            hasher.write_u64(item.fingerprint());
        }
        Term::Aggregate {
            aggregate,
            argument,
        } => {
            (*aggregate as usize).hash(hasher);
            if let Some(argument) = argument {
                hasher.write_u64(argument.fingerprint());
            }
        }
    }
}

fn add_case(case: &Case, hasher: &mut Hashing) {
    add(&case.when, hasher);
    add_term(&case.then, hasher);
}

fn add_segment(segment: &Segment, hasher: &mut Hashing) {
    std::mem::discriminant(segment).hash(hasher);
    match segment {
        Segment::Key(key) | Segment::Exact(key) => key.hash(hasher),
        Segment::Index(index) => index.hash(hasher),
        Segment::Each => {}
    }
}

/// A whole number and the fraction of the same value are equal, but their texts differ: each has a print of its own, so that
/// nothing is taken for the other where both are shown.
fn add_literal(literal: &Literal, hasher: &mut Hashing) {
    match literal {
        Literal::Null => hasher.write_u8(0),
        Literal::Boolean(value) => hasher.write_u8(1 + u8::from(*value)),
        Literal::Integer(number) => {
            hasher.write_u8(7);
            number.hash(hasher);
        }
        Literal::Float(number) => {
            hasher.write_u8(3);
            number.to_bits().hash(hasher);
        }
        Literal::Text(text) => {
            hasher.write_u8(4);
            text.hash(hasher);
        }
        Literal::List(items) => {
            hasher.write_u8(5);
            add_literals(items, hasher);
        }
        Literal::Object(map) => {
            hasher.write_u8(6);
            hasher.write_usize(map.len());
            for (key, value) in map.as_ref() {
                key.hash(hasher);
                add_literal(value, hasher);
            }
        }
    }
}

fn add_literals(literals: &[Literal], hasher: &mut Hashing) {
    hasher.write_usize(literals.len());
    for literal in literals {
        add_literal(literal, hasher);
    }
}
