//! Lists instead of alternatives: `x eq a or x eq b` is `x in [a, b]`, `x starts_with a or x starts_with b` is
//! `x starts_with [a, b]`, and the same under `not` in an `all`.

use super::case;
use crate::ir::{Condition, Literal, Local, Object, Operator, Predicate};

pub(super) fn merge(condition: Condition) -> Condition {
    condition.map_unsettled(Local::Membership, &mut |node| match node {
        Condition::Any(parts) if any_fit(parts, false) => {
            Some(Condition::Any(merged(parts.to_vec(), false).into()))
        }
        Condition::All(parts) if any_fit(parts, true) => {
            Some(Condition::All(merged(parts.to_vec(), true).into()))
        }
        _ => None,
    })
}

/// Whether one of the predicates fits an earlier one.
fn any_fit(parts: &[Condition], negated: bool) -> bool {
    let mut earlier: Vec<&Predicate> = Vec::new();
    parts
        .iter()
        .filter_map(|part| predicate_of(part, negated))
        .any(|new| {
            let fits = earlier.iter().any(|old| mergeable(old, new));
            earlier.push(new);
            fits
        })
}

/// The parts with every predicate merged into the first that it fits; under `negated` only parts that are negations.
fn merged(parts: Vec<Condition>, negated: bool) -> Vec<Condition> {
    let mut kept: Vec<Condition> = Vec::new();
    for part in parts {
        let fits = predicate_of(&part, negated).and_then(|new| {
            let fits =
                |old: &Condition| predicate_of(old, negated).is_some_and(|old| mergeable(old, new));
            let at = kept.iter().position(fits)?;
            predicate_of_mut(kept.get_mut(at)?, negated)
        });
        match (fits, predicate_of(&part, negated)) {
            (Some(old), Some(new)) => absorb(old, new),
            _ => kept.push(part),
        }
    }
    kept
}

fn predicate_of(condition: &Condition, negated: bool) -> Option<&Predicate> {
    match condition {
        Condition::Test(predicate) if !negated => Some(predicate),
        Condition::Not(inner) if negated => predicate_of(inner, false),
        _ => None,
    }
}

fn predicate_of_mut(condition: &mut Condition, negated: bool) -> Option<&mut Predicate> {
    match condition {
        Condition::Test(predicate) if !negated => Some(predicate),
        Condition::Not(inner) if negated => predicate_of_mut(inner, false),
        _ => None,
    }
}

fn mergeable(old: &Predicate, new: &Predicate) -> bool {
    old.subject == new.subject
        && (old.case == new.case || case::is_caseless(old) || case::is_caseless(new))
        && old.implied.0 == new.implied.0
        && match (&old.object, &new.object) {
            (Object::Texts(_), Object::Texts(_)) | (Object::Kinds(_), Object::Kinds(_)) => {
                old.operator == new.operator
            }
            _ => has_members(old) && has_members(new),
        }
}

fn has_members(predicate: &Predicate) -> bool {
    matches!(
        (predicate.operator, &predicate.object),
        (Operator::Equals, Object::Literal(_)) | (Operator::In, Object::List(_))
    )
}

/// The constants that the subject may equal, for `eq` and `in`.
fn members(predicate: &Predicate) -> Option<Vec<Literal>> {
    match (predicate.operator, &predicate.object) {
        (Operator::Equals, Object::Literal(literal)) => Some(vec![literal.clone()]),
        (Operator::In, Object::List(items)) => Some(items.clone()),
        _ => None,
    }
}

fn absorb(old: &mut Predicate, new: &Predicate) {
    if case::is_caseless(old) {
        old.case = new.case;
    }
    match (&mut old.object, &new.object) {
        (Object::Texts(texts), Object::Texts(more)) => texts.extend(more.iter().cloned()),
        (Object::Kinds(kinds), Object::Kinds(more)) => kinds.extend(more),
        _ => {
            let mut items = members(old).unwrap_or_default();
            items.extend(members(new).unwrap_or_default());
            old.operator = Operator::In;
            old.object = Object::List(items);
        }
    }
    if let (Some(first), Some(second)) = (old.origin.0, new.origin.0) {
        old.origin = first.cover(second).into();
    }
}
