//! What holds on the path to a place, prepared for being asked.
//!
//! Every condition that a guard or a way out says something about is kept as a fingerprint of 64 bits. Equal conditions have
//! equal fingerprints, and conditions with equal fingerprints are taken for equal.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;

use super::logic::is_larger;
use crate::ir::{Condition, Literal, Object, Segment, Term};

/// Nodes of a condition whose predicates are looked at one by one.
const LARGE: usize = 60;

/// The fingerprint of a condition or a term.
pub(super) type Print = u64;

/// Conditions that hold, the innermost branch last.
#[derive(Clone, Debug, Default)]
pub(super) struct Guards(Vec<Rc<Guard>>);

/// A condition that holds and what it says.
#[derive(Debug)]
pub(super) struct Guard {
    /// The condition.
    pub condition: Condition,
    /// Conditions whose value it gives.
    pub facts: Vec<Fact>,
    /// The subjects of its predicates.
    pub subjects: Vec<Print>,
}

/// A condition without its negation, and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    pub print: Print,
    pub holds: bool,
}

impl Fact {
    /// That the condition holds.
    pub(super) fn of(condition: &Condition) -> Self {
        match condition {
            Condition::Not(inner) => Self {
                print: print(inner),
                holds: false,
            },
            other => Self {
                print: print(other),
                holds: true,
            },
        }
    }

    /// The value of the condition that `self` states, if the other fact is about it.
    pub(super) fn given(self, other: Self) -> Option<bool> {
        (self.print == other.print).then_some(self.holds == other.holds)
    }

    fn negated(self) -> Self {
        Self {
            holds: !self.holds,
            ..self
        }
    }
}

impl Guards {
    /// Enters a branch.
    pub(super) fn push(&mut self, condition: Condition) {
        self.0.push(Rc::new(Guard::new(condition)));
    }

    /// Enters the branches that the other guards stand for.
    pub(super) fn extend(&mut self, others: &Self) {
        self.0.extend(others.0.iter().cloned());
    }

    /// Leaves the branches entered after there were `length`.
    pub(super) fn truncate(&mut self, length: usize) {
        self.0.truncate(length);
    }

    /// The conditions of the branches entered after there were `start`.
    pub(super) fn since(&self, start: usize) -> impl Iterator<Item = Condition> {
        let start = start.min(self.0.len());
        self.0[start..].iter().map(|guard| guard.condition.clone())
    }
}

impl Deref for Guards {
    type Target = [Rc<Guard>];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Guard {
    fn new(condition: Condition) -> Self {
        let mut facts = Vec::new();
        for part in condition.conjuncts() {
            facts.push(Fact::of(part));
            if let Condition::Not(inner) = part
                && let Condition::Any(parts) = inner.as_ref()
            {
                facts.extend(parts.iter().map(|part| Fact::of(part).negated()));
            }
        }
        let subjects = subjects(&condition);
        Self {
            condition,
            facts,
            subjects,
        }
    }
}

/// A way out that was not taken: not all of its parts hold.
#[derive(Clone, Debug)]
pub(super) struct NotTaken(Rc<[Part]>);

/// A part of the condition of a way out.
#[derive(Debug)]
pub(super) struct Part {
    /// The part itself.
    pub whole: Fact,
    /// The alternatives of which it is made; itself if it is not.
    pub alternatives: Vec<Fact>,
    /// The subjects of its predicates.
    pub subjects: Vec<Print>,
}

impl NotTaken {
    /// The way out with this condition.
    pub(super) fn new(when: &Condition) -> Self {
        let part = |part: &Condition| Part {
            whole: Fact::of(part),
            alternatives: match part {
                Condition::Any(parts) => parts.iter().map(Fact::of).collect(),
                other => vec![Fact::of(other)],
            },
            subjects: subjects(part),
        };
        Self(when.conjuncts().iter().map(part).collect())
    }
}

impl Deref for NotTaken {
    type Target = [Part];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// None for a large condition, which is not searched for the kinds of its subjects.
fn subjects(condition: &Condition) -> Vec<Print> {
    if is_larger(condition, LARGE) {
        return Vec::new();
    }
    let predicates = condition.predicates().into_iter();
    predicates
        .map(|(predicate, _)| term_print(&predicate.subject))
        .collect()
}

/// The fingerprint of a condition.
pub(super) fn print(condition: &Condition) -> Print {
    let mut hasher = DefaultHasher::new();
    add(condition, &mut hasher);
    hasher.finish()
}

/// The fingerprint of a term.
pub(super) fn term_print(term: &Term) -> Print {
    let mut hasher = DefaultHasher::new();
    add_term(term, &mut hasher);
    hasher.finish()
}

fn add(condition: &Condition, hasher: &mut DefaultHasher) {
    std::mem::discriminant(condition).hash(hasher);
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.len().hash(hasher);
            for part in parts {
                add(part, hasher);
            }
        }
        Condition::Not(inner) => add(inner, hasher),
        Condition::Test(predicate) => {
            add_term(&predicate.subject, hasher);
            (predicate.operator as usize).hash(hasher);
            (predicate.case as usize).hash(hasher);
            add_object(&predicate.object, hasher);
        }
        Condition::Items {
            quantifier,
            list,
            body,
        } => {
            (*quantifier as usize).hash(hasher);
            add_term(list, hasher);
            add(body, hasher);
        }
    }
}

fn add_object(object: &Object, hasher: &mut DefaultHasher) {
    std::mem::discriminant(object).hash(hasher);
    match object {
        Object::None => {}
        Object::Literal(literal) => add_literal(literal, hasher),
        Object::Term(term) => add_term(term, hasher),
        Object::List(literals) => literals.iter().for_each(|item| add_literal(item, hasher)),
        Object::Texts(texts) => texts.hash(hasher),
        Object::Kinds(kinds) => kinds.iter().for_each(|kind| (*kind as usize).hash(hasher)),
    }
}

fn add_term(term: &Term, hasher: &mut DefaultHasher) {
    std::mem::discriminant(term).hash(hasher);
    match term {
        Term::Field(path) => add_path(&path.segments, hasher),
        Term::Item { depth, path } => {
            depth.hash(hasher);
            add_path(&path.segments, hasher);
        }
        Term::Literal(literal) => add_literal(literal, hasher),
        Term::Call {
            function,
            arguments,
        } => {
            (*function as usize).hash(hasher);
            arguments.len().hash(hasher);
            for argument in arguments {
                add_term(argument, hasher);
            }
        }
        Term::Choice { cases, otherwise } => {
            for case in cases {
                add(&case.when, hasher);
                add_term(&case.then, hasher);
            }
            add_term(otherwise, hasher);
        }
        Term::Select { list, when, item } => {
            add_term(list, hasher);
            add(when, hasher);
            add_term(item, hasher);
        }
        Term::Aggregate {
            aggregate,
            argument,
        } => {
            (*aggregate as usize).hash(hasher);
            if let Some(argument) = argument {
                add_term(argument, hasher);
            }
        }
    }
}

fn add_path(segments: &[Segment], hasher: &mut DefaultHasher) {
    for segment in segments {
        match segment {
            Segment::Key(key) => key.hash(hasher),
            Segment::Exact(key) => {
                hasher.write_u8(2);
                key.hash(hasher);
            }
            Segment::Index(index) => index.hash(hasher),
            Segment::Each => hasher.write_u8(1),
        }
    }
}

/// A whole number and the fraction of the same value are equal, so both are taken as fractions.
fn add_literal(literal: &Literal, hasher: &mut DefaultHasher) {
    match literal {
        Literal::Null => hasher.write_u8(0),
        Literal::Boolean(value) => value.hash(hasher),
        #[allow(
            clippy::cast_precision_loss,
            reason = "equal numbers must have equal prints; near ones may"
        )]
        Literal::Integer(number) => (*number as f64).to_bits().hash(hasher),
        Literal::Float(number) => number.to_bits().hash(hasher),
        Literal::Text(text) => text.hash(hasher),
        Literal::List(items) => items.iter().for_each(|item| add_literal(item, hasher)),
        Literal::Object(map) => {
            for (key, value) in map {
                key.hash(hasher);
                add_literal(value, hasher);
            }
        }
    }
}
