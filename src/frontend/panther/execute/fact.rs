//! What is known on the path to a place: from the branches around it, and from the ways out that were not taken before it.
//!
//! A condition that is known is not asked again. Facts are compared as they are written; beyond that only the kinds that a value
//! can still have are followed, so that a guard of Python's types is asked once. Invariant: what is called known holds on
//! every event on which Python gets to the place.

use super::guard::{Fact, Part, term_print};
use super::{Executor, logic};
use crate::ir::{Condition, FieldPath, Kind, Literal, Object, Operator, Predicate, Term};

/// The kinds that a value can have, one bit each; the first is that it is missing.
type Kinds = u8;

/// Guards or ways out that are searched for the kinds of a value.
const FACTS: usize = 100;

/// Nodes of a condition whose parts are asked one by one.
const LARGE: usize = 300;

const MISSING: Kinds = 1;
const NULL: Kinds = 1 << 1;
const BOOLEAN: Kinds = 1 << 2;
const INTEGER: Kinds = 1 << 3;
const FRACTION: Kinds = 1 << 4;
const TEXT: Kinds = 1 << 5;
const LIST: Kinds = 1 << 6;
const OBJECT: Kinds = 1 << 7;

impl Executor<'_> {
    /// The condition with the parts replaced whose value is already known on the path to here.
    pub(super) fn known(&self, condition: Condition) -> Condition {
        // What is left unasked in a large condition is still right.
        if logic::is_larger(&condition, LARGE) {
            return condition;
        }
        self.known_parts(condition)
    }

    fn known_parts(&self, condition: Condition) -> Condition {
        if condition.as_constant().is_some() {
            return condition;
        }
        if let Some(value) = self.decided(&condition) {
            return Condition::constant(value);
        }
        match condition {
            Condition::All(parts) => {
                logic::all(parts.into_iter().map(|part| self.known_parts(part)))
            }
            Condition::Any(parts) => {
                logic::any(parts.into_iter().map(|part| self.known_parts(part)))
            }
            Condition::Not(inner) => self.known_parts(*inner).negate(),
            other => other,
        }
    }

    /// Whether the guards, or the ways out that were not taken, say what the condition is.
    fn decided(&self, condition: &Condition) -> Option<bool> {
        let facts = 8 + self.frame.guards.len() + self.frame.exits.len();
        self.compared.set(self.compared.get().saturating_add(facts));
        let asked = Fact::of(condition);
        for guard in self.frame.guards.iter() {
            let said = guard.facts.iter().find_map(|fact| fact.given(asked));
            if said.is_some() {
                return said;
            }
        }
        for exit in &self.frame.exits {
            let said = exit.not_taken.iter().enumerate().find_map(|(at, part)| {
                let given = part.alternatives.iter().find_map(|fact| fact.given(asked));
                given.map(|value| (at, !value))
            });
            if let Some((at, value)) = said
                && self.others_hold(&exit.not_taken, at)
            {
                return Some(value);
            }
        }
        self.decided_by_kind(condition)
    }

    /// Whether every part of the way out but one is known to hold.
    fn others_hold(&self, parts: &[Part], at: usize) -> bool {
        let mut others = parts.iter().enumerate().filter(|(other, _)| *other != at);
        others.all(|(_, part)| self.is_guard(part.whole))
    }

    fn is_guard(&self, part: Fact) -> bool {
        let mut guards = self.frame.guards.iter();
        guards.any(|guard| guard.facts.contains(&part))
    }

    /// Whether the kinds that the subject can still have say what a predicate is.
    fn decided_by_kind(&self, condition: &Condition) -> Option<bool> {
        let Condition::Test(predicate) = condition else {
            return None;
        };
        // More facts than this are not worth the search; a guard too many is still right.
        if self.frame.guards.len() > FACTS || self.frame.exits.len() > FACTS {
            return None;
        }
        let (wanted, exact) = kinds(predicate)?;
        let subject = term_print(&predicate.subject);
        let mut possible = Kinds::MAX;
        for guard in self.frame.guards.iter() {
            if guard.subjects.contains(&subject) {
                possible &= allowed(&guard.condition, &predicate.subject);
            }
        }
        for exit in &self.frame.exits {
            for (at, part) in exit.not_taken.iter().enumerate() {
                if !part.subjects.contains(&subject) {
                    continue;
                }
                let Some(condition) = exit.when.conjuncts().get(at) else {
                    continue;
                };
                let left = refuted(condition, &predicate.subject);
                if left != Kinds::MAX && self.others_hold(&exit.not_taken, at) {
                    possible &= left;
                }
            }
        }
        if possible & wanted == 0 {
            Some(false)
        } else {
            (exact && possible & !wanted == 0).then_some(true)
        }
    }
}

/// The kinds that the subject can have where the condition holds.
fn allowed(condition: &Condition, subject: &Term) -> Kinds {
    match condition {
        Condition::All(parts) => parts
            .iter()
            .fold(Kinds::MAX, |kinds, part| kinds & allowed(part, subject)),
        Condition::Any(parts) if !parts.is_empty() => parts
            .iter()
            .fold(0, |kinds, part| kinds | allowed(part, subject)),
        Condition::Not(inner) => refuted(inner, subject),
        Condition::Test(predicate) if predicate.subject == *subject => {
            kinds(predicate).map_or(Kinds::MAX, |(kinds, _)| kinds)
        }
        _ => Kinds::MAX,
    }
}

/// The kinds that the subject can have where the condition does not hold.
fn refuted(condition: &Condition, subject: &Term) -> Kinds {
    match condition {
        Condition::Any(parts) => parts
            .iter()
            .fold(Kinds::MAX, |kinds, part| kinds & refuted(part, subject)),
        Condition::All(parts) if !parts.is_empty() => parts
            .iter()
            .fold(0, |kinds, part| kinds | refuted(part, subject)),
        Condition::Not(inner) => allowed(inner, subject),
        Condition::Test(predicate) if predicate.subject == *subject => match kinds(predicate) {
            Some((kinds, true)) => !kinds,
            _ => Kinds::MAX,
        },
        _ => Kinds::MAX,
    }
}

/// Whether the subject may be `None` where the predicate holds; nothing where it may be missing.
pub(super) fn never_missing(predicate: &Predicate) -> Option<bool> {
    let (kinds, _) = kinds(predicate)?;
    (kinds & MISSING == 0).then_some(kinds & NULL != 0)
}

/// The kinds for which a predicate can hold, and whether it holds for every value of them.
fn kinds(predicate: &Predicate) -> Option<(Kinds, bool)> {
    let single = |path: &FieldPath| !path.has_each();
    let subject = match &predicate.subject {
        Term::Field(path) | Term::Item { path, .. } => single(path),
        term => term.fields().into_iter().all(single),
    };
    if !subject {
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
        (
            Operator::Contains
            | Operator::StartsWith
            | Operator::EndsWith
            | Operator::HasTerm
            | Operator::Matches
            | Operator::Wildcard
            | Operator::InNetwork
            | Operator::IsIpAddress,
            _,
        ) => (TEXT, false),
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
