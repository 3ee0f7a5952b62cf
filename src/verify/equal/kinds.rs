//! What equals another value is of its kind: beside such a comparison, a question for the kind of the one is one for that of the
//! other.

use super::states::is_multiple;
use crate::ir::{CaseSensitivity, Condition, Kind, Object, Operator, Predicate, Term};

/// The parts of an `all`, each as it is where the others hold.
pub(super) fn beside(parts: Vec<Condition>) -> Vec<Condition> {
    let same: Vec<(Term, Term)> = parts.iter().filter_map(same).collect();
    if same.is_empty() {
        return parts;
    }
    parts.iter().map(|part| told(part, &same)).collect()
}

/// The condition with its questions about the first of two values that are equal. Within a list they have other names.
fn told(condition: &Condition, same: &[(Term, Term)]) -> Condition {
    match condition {
        Condition::All(parts) => parts
            .iter()
            .fold(Condition::TRUE, |all, part| all.and(told(part, same))),
        Condition::Any(parts) => parts
            .iter()
            .fold(Condition::FALSE, |any, part| any.or(told(part, same))),
        Condition::Not(inner) => told(inner, same).negate(),
        Condition::Test(predicate) => {
            of_first(predicate, same).unwrap_or_else(|| condition.clone())
        }
        Condition::Items { .. } => condition.clone(),
    }
}

/// The values that the part says are equal.
fn same(part: &Condition) -> Option<(Term, Term)> {
    let Condition::Test(predicate) = part else {
        return None;
    };
    let Object::Term(other) = &predicate.object else {
        return None;
    };
    let is_same = predicate.operator == Operator::Equals
        && predicate.case == CaseSensitivity::Sensitive
        && !is_multiple(&predicate.subject)
        && !is_multiple(other);
    let (subject, other) = (&predicate.subject, other.as_ref());
    // What is said of no item is said outside of the list.
    let is_outside = subject.may_read(0) && !other.may_read(0);
    let (one, other) = if is_outside {
        (other, subject)
    } else {
        (subject, other)
    };
    is_same.then(|| (one.clone(), other.clone()))
}

/// The question about the first of two values that are equal. A number may equal one that is written otherwise.
fn of_first(predicate: &Predicate, same: &[(Term, Term)]) -> Option<Condition> {
    let Object::Kinds(kinds) = &predicate.object else {
        return None;
    };
    if kinds.contains(&Kind::Integer) {
        return None;
    }
    let (one, _) = same.iter().find(|(_, other)| *other == predicate.subject)?;
    let told = Predicate {
        subject: one.clone(),
        ..predicate.clone()
    };
    Some(told.into())
}
