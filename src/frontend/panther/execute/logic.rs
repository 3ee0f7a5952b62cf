//! Conditions from conditions: small simplifications that keep what is built small. Normalization does the rest.
//!
//! Invariant: every function here returns a condition that evaluates alike on every event.

use super::value::Value;
use crate::ir::{Condition, Object, Term};

/// Whether both hold or neither does.
pub(super) fn same(a: &Condition, b: &Condition) -> Condition {
    mix(a.clone(), b.clone(), b.clone().negate())
}

/// `then` where the condition holds, `otherwise` where it does not.
pub(in crate::frontend::panther) fn mix(
    when: Condition,
    then: Condition,
    otherwise: Condition,
) -> Condition {
    let then = under(&when, true, then);
    let otherwise = under(&when, false, otherwise);
    match (
        when.as_constant(),
        then.as_constant(),
        otherwise.as_constant(),
    ) {
        (Some(true), ..) => then,
        (Some(false), ..) => otherwise,
        (_, Some(true), _) => when.or(otherwise),
        (_, Some(false), _) => when.negate().and(otherwise),
        (_, _, Some(true)) => when.negate().or(then),
        (_, _, Some(false)) => when.and(then),
        _ if then == otherwise => then,
        _ => {
            let negated = when.clone().negate();
            when.and(then).or(negated.and(otherwise))
        }
    }
}

/// What is left of a condition where `when` is known to be `value`.
fn under(when: &Condition, value: bool, condition: Condition) -> Condition {
    if condition == *when {
        Condition::constant(value)
    } else if is_negation(&condition, when) {
        Condition::constant(!value)
    } else {
        condition
    }
}

/// Whether one is plainly the negation of the other.
pub(in crate::frontend::panther) fn is_negation(a: &Condition, b: &Condition) -> bool {
    matches!(a, Condition::Not(inner) if **inner == *b)
        || matches!(b, Condition::Not(inner) if **inner == *a)
}

/// The conjunction of many.
pub(in crate::frontend::panther) fn all(parts: impl IntoIterator<Item = Condition>) -> Condition {
    parts.into_iter().fold(Condition::TRUE, Condition::and)
}

/// The disjunction of many.
pub(in crate::frontend::panther) fn any(parts: impl IntoIterator<Item = Condition>) -> Condition {
    parts.into_iter().fold(Condition::FALSE, Condition::or)
}

/// How many nodes a condition has.
pub(in crate::frontend::panther) fn size(condition: &Condition) -> usize {
    condition.size()
}

/// Whether a condition has more nodes than this.
pub(in crate::frontend::panther) fn is_larger(condition: &Condition, limit: usize) -> bool {
    condition.size() > limit
}

/// How many nodes a term has, those of its conditions included; `limit` where it has more.
pub(super) fn term_size(term: &Term, limit: usize) -> usize {
    limit - term_left(term, limit).unwrap_or(0)
}

/// What is left of the limit after the term.
fn term_left(term: &Term, limit: usize) -> Option<usize> {
    let limit = limit.checked_sub(1)?;
    match term {
        Term::Field(_) | Term::Item { .. } | Term::Literal(_) | Term::Aggregate { .. } => {
            Some(limit)
        }
        Term::Call { arguments, .. } => arguments
            .iter()
            .try_fold(limit, |limit, term| term_left(term, limit)),
        Term::Choice { cases, otherwise } => {
            let limit = cases.iter().try_fold(limit, |limit, case| {
                term_left(&case.then, condition_left(&case.when, limit)?)
            })?;
            term_left(otherwise, limit)
        }
        Term::Select { list, when, item } => {
            let limit = condition_left(when, term_left(list, limit)?)?;
            term_left(item, limit)
        }
    }
}

/// What is left of the limit after the condition and its terms.
fn condition_left(condition: &Condition, limit: usize) -> Option<usize> {
    let limit = limit.checked_sub(1)?;
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts
            .iter()
            .try_fold(limit, |limit, part| condition_left(part, limit)),
        Condition::Not(inner) => condition_left(inner, limit),
        Condition::Test(predicate) => {
            let limit = term_left(&predicate.subject, limit)?;
            match &predicate.object {
                Object::Term(term) => term_left(term, limit),
                _ => Some(limit),
            }
        }
        Condition::Items { list, body, .. } => condition_left(body, term_left(list, limit)?),
    }
}

/// How many nodes the conditions of a value's cases have.
pub(super) fn size_of(value: &Value<'_>) -> usize {
    match value {
        Value::Choice(choice) => choice.cases.iter().map(|(when, _)| 1 + size(when)).sum(),
        _ => 1,
    }
}

/// How deep a condition is.
pub(in crate::frontend::panther) fn depth(condition: &Condition) -> usize {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            1 + parts.iter().map(depth).max().unwrap_or(0)
        }
        Condition::Not(inner) => 1 + depth(inner),
        Condition::Test(_) => 1,
        Condition::Items { body, .. } => 1 + depth(body),
    }
}
