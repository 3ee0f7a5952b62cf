//! Choices between values of the event and what stands in for them, said as shortly as can be.
//!
//! A value of the event that is missing counts as `None`: a condition that the value's being there implies need not be asked
//! where `None` is what is chosen otherwise, and a default for `None` is one for each value that can be `None`. Invariant: the
//! choice is the same value on every event.

use super::kinds::never_missing;
use super::logic::mix;
use super::value::{Data, Value};
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Segment, Term};

/// Parts of a condition that are compared with one another.
const PARTS: usize = 8;
/// Cases of a value that get the default one by one.
const CASES: usize = 8;

/// A case and its condition.
type Case<'m> = (Condition, Value<'m>);

/// `default` where the condition holds, else the value: the default in each of the cases in which the value can be `None`, if
/// that is what the condition says.
pub(super) fn defaulted<'m>(
    when: &Condition,
    first: &Value<'m>,
    otherwise: &Value<'m>,
) -> Option<Value<'m>> {
    let (asked, value, default) = match when {
        Condition::Not(inner) if !is_presence(inner) => (inner.as_ref(), first, otherwise),
        _ => (when, otherwise, first),
    };
    if let Value::Data(data) = value {
        let same = is_none(default) && data.kind.is_none() && is_none_of(data) == *asked;
        return same.then(|| value.clone());
    }
    let Value::Choice(choice) = value else {
        return None;
    };
    if choice.cases.len() > CASES || none_condition(value)? != *asked {
        return None;
    }
    if is_none(default) {
        return Some(value.clone());
    }
    let with_default = |value: &Value<'m>| match value {
        Value::Constant(Literal::Null) => default.clone(),
        Value::Data(data) if data.kind.is_none() => {
            let present = is_none_of(data).negate();
            Value::choose(vec![(present, value.clone())], default.clone())
        }
        other => other.clone(),
    };
    let cases = choice.cases.iter();
    Some(Value::choose(
        cases
            .map(|(when, value)| (when.clone(), with_default(value)))
            .collect(),
        with_default(&choice.otherwise),
    ))
}

fn is_none(value: &Value<'_>) -> bool {
    matches!(value, Value::Constant(Literal::Null))
}

fn is_presence(condition: &Condition) -> bool {
    matches!(condition, Condition::Test(predicate) if predicate.operator == Operator::IsPresent)
}

fn is_none_of(data: &Data) -> Condition {
    let present = crate::ir::Predicate::new(data.term.clone(), Operator::IsPresent, Object::None);
    Condition::from(present).negate()
}

/// When the value is `None`, as asking for it says.
fn none_condition(value: &Value<'_>) -> Option<Condition> {
    Some(match value {
        Value::Data(data) if data.kind.is_none() => is_none_of(data),
        Value::Choice(choice) => {
            let mut result = none_condition(&choice.otherwise)?;
            for (when, value) in choice.cases.iter().rev() {
                result = mix(when.clone(), none_condition(value)?, result);
            }
            result
        }
        Value::Unbound | Value::Carried(_) | Value::Refused(_) => return None,
        other => Condition::constant(is_none(other)),
    })
}

/// The cases without what their values imply, and the value where none of them applies.
pub(super) fn lean<'m>(cases: &mut Vec<Case<'m>>, last: &mut Value<'m>) {
    for (when, value) in cases.iter_mut() {
        if free(value).is_some() && matches!(when.conjuncts().len(), 2..=PARTS) {
            *when = without(std::mem::replace(when, Condition::FALSE), None);
        }
    }
    let Some((when, value)) = cases.last_mut() else {
        return;
    };
    if !is_none(last) || when.conjuncts().len() > PARTS {
        return;
    }
    let Some(data) = free(value) else {
        return;
    };
    *when = without(std::mem::replace(when, Condition::FALSE), Some(&data.term));
    if when.as_constant() == Some(true)
        && let Some((_, value)) = cases.pop()
    {
        *last = value;
    }
}

fn free<'v>(value: &'v Value<'_>) -> Option<&'v Data> {
    match value {
        Value::Data(data) if data.kind.is_none() => Some(data),
        _ => None,
    }
}

/// The condition without the parts that the others imply, or that hold wherever the value is there and not `None`.
fn without(condition: Condition, there: Option<&Term>) -> Condition {
    let mut parts = condition.into_conjuncts();
    let mut at = 0;
    while at < parts.len() {
        let implied = there.is_some_and(|term| implies(term, true, &parts[at]))
            || parts.iter().enumerate().any(|(other, part)| {
                other != at
                    && said_of(part).is_some_and(|(term, null)| implies(term, !null, &parts[at]))
            });
        if implied {
            parts.remove(at);
        } else {
            at += 1;
        }
    }
    super::logic::all(parts)
}

/// What a part says is there, and whether it may be `None`.
fn said_of(part: &Condition) -> Option<(&Term, bool)> {
    match part {
        Condition::Test(predicate) => {
            never_missing(predicate).map(|null| (&predicate.subject, null))
        }
        _ => None,
    }
}

/// Whether the part holds wherever the value is there, and is not `None` if that is said.
fn implies(term: &Term, present: bool, part: &Condition) -> bool {
    let Condition::Test(predicate) = part else {
        return false;
    };
    if never_missing(predicate).is_none() {
        return false;
    }
    if predicate.subject == *term {
        return match predicate.operator {
            Operator::Exists => true,
            Operator::IsPresent => present,
            _ => false,
        };
    }
    let of_object = match (predicate.operator, &predicate.object) {
        (Operator::Exists | Operator::IsPresent | Operator::IsTruthy, _) => true,
        (Operator::IsKind, Object::Kinds(kinds)) => kinds.contains(&Kind::Object),
        _ => false,
    };
    of_object && is_below(term, &predicate.subject)
}

/// Whether the first term is a value below keys of the other one.
fn is_below(term: &Term, object: &Term) -> bool {
    let key = |segment: &Segment| matches!(segment, Segment::Key(_) | Segment::Exact(_));
    match (term, object) {
        (Term::Field(path), Term::Field(above)) => {
            path.segments.len() > above.segments.len()
                && path.starts_with(above)
                && path.segments[above.segments.len()..].iter().all(key)
                && !above.has_each()
        }
        (
            Term::Item { depth, path },
            Term::Item {
                depth: other,
                path: above,
            },
        ) => {
            depth == other
                && path.segments.len() > above.segments.len()
                && path.starts_with(above)
                && path.segments[above.segments.len()..].iter().all(key)
                && !above.has_each()
        }
        (
            Term::Call {
                function: Function::Member | Function::MemberExact,
                arguments,
            },
            _,
        ) => arguments
            .first()
            .is_some_and(|inner| inner == object || is_below(inner, object)),
        _ => false,
    }
}
