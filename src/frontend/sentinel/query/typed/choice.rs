//! Functions that ask whether something is there, choices, and conversions.

use super::binary::common;
use super::call::Called;
use super::convert::is_real;
use super::{Kind, Lowered, Typed, call as apply, is_true};
use crate::ir::{Case, Function, Literal, Shared, Term};
use crate::syntax::kql::ast::ScalarType;

/// The value, if the function is one of these.
pub(super) fn call(called: Called<'_, '_>) -> Option<Lowered<Typed>> {
    let truth = |term: Lowered<Term>| term.map(|term| Typed::new(term, Kind::Truth));
    let not = |term: Lowered<Term>| term.map(|term| apply(Function::Negation, [term]));
    Some(match called.name {
        "not" => truth(not(called
            .expression(0)
            .and_then(|expression| called.place.truth_term(expression)))),
        "isnull" => truth(is_null(called)),
        "isnotnull" | "notnull" => truth(not(is_null(called))),
        "isempty" => truth(is_empty(called)),
        "isnotempty" | "notempty" => truth(not(is_empty(called))),
        "iff" | "iif" | "case" => case(called),
        "coalesce" => coalesce(called),
        "min_of" => extreme(called, Function::LeastOf),
        "max_of" => extreme(called, Function::GreatestOf),
        "assert" => assert(called),
        "column_ifexists" | "columnifexists" => column(called),
        "gettype" => type_name(called),
        name => {
            let kind = conversion(name)?;
            called
                .typed(0)
                .and_then(|typed| called.to_type(typed, kind))
        }
    })
}

fn conversion(name: &str) -> Option<ScalarType> {
    Some(match name {
        "tostring" => ScalarType::String,
        "toint" => ScalarType::Int,
        "tolong" => ScalarType::Long,
        "todouble" | "toreal" => ScalarType::Real,
        "todecimal" => ScalarType::Decimal,
        "tobool" | "toboolean" => ScalarType::Bool,
        "todatetime" => ScalarType::Datetime,
        "totimespan" | "totime" => ScalarType::Timespan,
        "toguid" => ScalarType::Guid,
        _ => return None,
    })
}

fn is_null(called: Called<'_, '_>) -> Lowered<Term> {
    let typed = called.typed(0)?;
    Ok(match typed.kind {
        Kind::Text => Term::Literal(Literal::Boolean(false)),
        _ => apply(Function::IsAbsent, [typed.term]),
    })
}

fn is_empty(called: Called<'_, '_>) -> Lowered<Term> {
    let typed = called.typed(0)?;
    Ok(match typed.kind {
        Kind::Text => apply(Function::Same, [typed.term, Term::text("")]),
        Kind::Dynamic | Kind::Unknown => {
            let text = apply(Function::PlainText, [typed.term]);
            apply(Function::Same, [text, Term::text("")])
        }
        _ => apply(Function::IsAbsent, [typed.term]),
    })
}

/// `iff(condition, then, else)` and `case(condition, then, ..., else)`.
fn case(called: Called<'_, '_>) -> Lowered<Typed> {
    if called.count() < 3 || called.count().is_multiple_of(2) {
        called.expression(called.count() | 1)?;
    }
    let last = called.count() - 1;
    let mut conditions = Vec::new();
    let mut values = Vec::new();
    for at in (0..last).step_by(2) {
        conditions.push(called.place.truth_term(called.expression(at)?)?);
        values.push(called.typed(at + 1)?);
    }
    values.push(called.typed(last)?);
    let (mut terms, kind) = common(values, called.range)?;
    let Some(mut otherwise) = terms.pop() else {
        return called.wrong();
    };
    let mut cases = Vec::new();
    for (condition, then) in conditions.into_iter().zip(terms) {
        match condition.as_literal() {
            Some(Literal::Boolean(true)) => {
                otherwise = then;
                break;
            }
            Some(_) => {}
            None => cases.push(Case {
                when: is_true(condition),
                then,
            }),
        }
    }
    let term = if cases.is_empty() {
        otherwise
    } else {
        Term::Choice {
            cases: cases.into(),
            otherwise: Shared::new(otherwise),
        }
    };
    Ok(Typed::new(term, kind))
}

fn coalesce(called: Called<'_, '_>) -> Lowered<Typed> {
    let (terms, kind) = common(called.rest(0)?, called.range)?;
    let Some(last) = terms.last() else {
        return called.wrong();
    };
    let term = if kind == Kind::Text {
        apply(Function::FirstFilled, terms)
    } else {
        let there = terms.iter().position(|term| {
            term.as_literal()
                .is_some_and(|literal| *literal != Literal::Null)
        });
        let absent = |term: &&Term| term.as_literal() != Some(&Literal::Null);
        let until = there.map_or(terms.len(), |at| at + 1);
        let left: Vec<Term> = terms[..until].iter().filter(absent).cloned().collect();
        match left.as_slice() {
            [] => last.clone(),
            [only] => only.clone(),
            _ => Term::call(Function::Coalesce, left),
        }
    };
    Ok(Typed::new(term, kind))
}

fn extreme(called: Called<'_, '_>, function: Function) -> Lowered<Typed> {
    let (terms, kind) = common(called.rest(0)?, called.range)?;
    match kind {
        Kind::Dynamic | Kind::Unknown => called.wrong(),
        _ => Ok(Typed::new(apply(function, terms), kind)),
    }
}

/// `assert(condition, message)` of a condition that is known to hold.
fn assert(called: Called<'_, '_>) -> Lowered<Typed> {
    let condition = called.place.truth_term(called.expression(0)?)?;
    match condition.as_literal() {
        Some(Literal::Boolean(true)) => Ok(Typed::new(condition, Kind::Truth)),
        _ => called.refused("the query fails where the assertion does not hold"),
    }
}

/// `column_ifexists("name", default)`
fn column(called: Called<'_, '_>) -> Lowered<Typed> {
    let name = called.word(0)?;
    let columns = called.place.columns;
    if columns.named(&name).is_some() || columns.open.is_some() {
        let value = columns.value(&name, called.range)?;
        return called.place.typed_of(value, called.range);
    }
    called.typed(1)
}

fn type_name(called: Called<'_, '_>) -> Lowered<Typed> {
    let typed = called.typed(0)?;
    let name = match typed.kind {
        Kind::Text => "string",
        Kind::Truth => "bool",
        Kind::Moment | Kind::Datetime => "datetime",
        Kind::Span | Kind::Timespan => "timespan",
        Kind::Number if is_real(&typed.term) => "real",
        Kind::Dynamic => match typed.term.as_literal() {
            Some(Literal::Integer(_) | Literal::Float(_)) | None => {
                return called.refused("the names of a dynamic number's type differ");
            }
            Some(_) => {
                let name = apply(Function::TypeName, [typed.term]);
                return Ok(Typed::new(name, Kind::Text));
            }
        },
        _ => return called.refused("the type of this value is not known"),
    };
    Ok(Typed::text(name))
}

/// Whether two times are at most a span apart.
pub(super) fn around(called: Called<'_, '_>) -> Lowered<Typed> {
    let (value, center, delta) = (called.typed(0)?, called.typed(1)?, called.typed(2)?);
    if value.kind != center.kind {
        return called.wrong();
    }
    let edge = |function: Function| apply(function, [center.term.clone(), delta.term.clone()]);
    let after = apply(
        Function::PrecedesOrIs,
        [edge(Function::Minus), value.term.clone()],
    );
    let before = apply(Function::PrecedesOrIs, [value.term, edge(Function::Plus)]);
    Ok(Typed::new(
        apply(Function::Conjunction, [after, before]),
        Kind::Truth,
    ))
}
