//! What is known on the path to a place: from the branches around it, and from the ways out that were not taken before it.
//!
//! A condition that is known is not asked again. Facts are compared as they are written; beyond that only the kinds that a value
//! can still have are followed, so that a guard of Python's types is asked once. Invariant: what is called known holds on
//! every event on which Python gets to the place.

use super::{Executor, logic};
use crate::ir::{Condition, FieldPath, Kind, Literal, Object, Operator, Predicate, Term};

/// The kinds that a value can have, one bit each; the first is that it is missing.
type Kinds = u8;

/// Guards or ways out that are searched for the kinds of a value.
const FACTS: usize = 100;

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
        if condition.as_constant().is_some() {
            return condition;
        }
        if let Some(value) = self.decided(&condition) {
            return Condition::constant(value);
        }
        match condition {
            Condition::All(parts) => logic::all(parts.into_iter().map(|part| self.known(part))),
            Condition::Any(parts) => logic::any(parts.into_iter().map(|part| self.known(part))),
            Condition::Not(inner) => self.known(*inner).negate(),
            other => other,
        }
    }

    /// Whether the guards, or the ways out that were not taken, say what the condition is.
    fn decided(&self, condition: &Condition) -> Option<bool> {
        let facts = 8 + self.frame.guards.len() + self.frame.exits.len();
        self.compared.set(self.compared.get().saturating_add(facts));
        for guard in &self.frame.guards {
            for fact in guard.conjuncts() {
                if let Some(value) = follows(fact, condition) {
                    return Some(value);
                }
            }
        }
        for exit in &self.frame.exits {
            let parts = exit.when.conjuncts();
            let said = parts.iter().enumerate().find_map(|(at, part)| {
                let disjuncts = match part {
                    Condition::Any(parts) => parts.as_slice(),
                    other => std::slice::from_ref(other),
                };
                let fact = disjuncts.iter().find_map(|fact| {
                    if fact == condition {
                        Some(false)
                    } else {
                        logic::is_negation(fact, condition).then_some(true)
                    }
                });
                fact.map(|value| (at, value))
            });
            if let Some((at, value)) = said {
                let mut others = parts.iter().enumerate().filter(|(other, _)| *other != at);
                if others.all(|(_, part)| self.is_guard(part)) {
                    return Some(value);
                }
            }
        }
        self.decided_by_kind(condition)
    }

    fn is_guard(&self, part: &Condition) -> bool {
        self.frame
            .guards
            .iter()
            .any(|guard| guard.conjuncts().contains(part))
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
        let mut possible = Kinds::MAX;
        for guard in &self.frame.guards {
            possible &= allowed(guard, &predicate.subject);
        }
        for exit in &self.frame.exits {
            let parts = exit.when.conjuncts();
            for (at, part) in parts.iter().enumerate() {
                let left = refuted(part, &predicate.subject);
                let mut others = parts.iter().enumerate().filter(|(other, _)| *other != at);
                if left != Kinds::MAX && others.all(|(_, part)| self.is_guard(part)) {
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

/// What a condition that holds says about another.
fn follows(fact: &Condition, condition: &Condition) -> Option<bool> {
    if fact == condition {
        return Some(true);
    }
    if logic::is_negation(fact, condition) {
        return Some(false);
    }
    match fact {
        Condition::Not(inner) => match inner.as_ref() {
            Condition::Any(parts) => parts.iter().find_map(|part| {
                if part == condition {
                    Some(false)
                } else if logic::is_negation(part, condition) {
                    Some(true)
                } else {
                    None
                }
            }),
            _ => None,
        },
        _ => None,
    }
}
