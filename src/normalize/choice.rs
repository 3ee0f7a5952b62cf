//! A predicate about a value that depends on a condition becomes a condition about plain values:
//! `(a if c else b) eq 1` is `c and a eq 1, or not c and b eq 1`.

use crate::ir::{Condition, Literal, Local, Object, Operator, Predicate, Term};

pub(super) fn expand(condition: Condition) -> Condition {
    condition.map_unsettled(Local::Choice, &mut |node| match node {
        Condition::Test(predicate) => expanded(predicate),
        _ => None,
    })
}

fn expanded(predicate: &Predicate) -> Option<Condition> {
    match &predicate.subject {
        Term::Choice { cases, otherwise } => {
            let on = |subject: &Term| {
                let about = Predicate {
                    subject: subject.clone(),
                    ..predicate.clone()
                };
                expanded(&about).unwrap_or_else(|| about.into())
            };
            Some(cases.iter().rev().fold(on(otherwise), |tail, case| {
                let (holds, fails) = (case.when.clone(), case.when.clone().negate());
                holds.and(on(&case.then)).or(fails.and(tail))
            }))
        }
        Term::Literal(literal) => constant(literal, predicate).map(Condition::constant),
        Term::Field(_)
        | Term::Item { .. }
        | Term::Call { .. }
        | Term::Select { .. }
        | Term::Aggregate { .. } => None,
    }
}

/// The verdict about a constant, for the questions that guards ask; `None` leaves the predicate as it is.
fn constant(literal: &Literal, predicate: &Predicate) -> Option<bool> {
    let value = literal.to_json();
    match (predicate.operator, &predicate.object) {
        (Operator::Exists, _) => Some(true),
        (Operator::IsPresent, _) => Some(!value.is_null()),
        (Operator::IsFilled, _) => Some(!value.is_null() && value != ""),
        (Operator::IsKind, Object::Kinds(kinds)) => {
            Some(kinds.iter().any(|kind| kind.holds(&value)))
        }
        (Operator::IsTruthy, _) => Some(match literal {
            Literal::Null => false,
            Literal::Boolean(value) => *value,
            Literal::Integer(value) => *value != 0,
            Literal::Float(value) => *value != 0.0,
            Literal::Text(text) => !text.is_empty(),
            Literal::List(items) => !items.is_empty(),
            Literal::Object(map) => !map.is_empty(),
        }),
        // Every other operator is false on null.
        (Operator::Equals, Object::Term(_)) => None,
        (_, _) if value.is_null() => Some(false),
        (Operator::Equals, Object::Literal(other))
            if predicate.case == crate::ir::CaseSensitivity::Sensitive =>
        {
            Some(literal == other)
        }
        (Operator::In, Object::List(others))
            if predicate.case == crate::ir::CaseSensitivity::Sensitive =>
        {
            Some(others.contains(literal))
        }
        _ => None,
    }
}
