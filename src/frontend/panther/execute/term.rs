//! Values to the IR's terms, for what an alert shows.
//!
//! Invariant: the term has the value's value on every event on which the Python that made it does not raise. A value that has
//! no term (a function, a list made of event data) is `None`.

use super::value::{Choice, Value};
use crate::ir::{Case, Condition, Function, Literal, Operator, Predicate, Term};

/// The term of a value.
pub(in crate::frontend::panther) fn term_of(value: &Value<'_>) -> Option<Term> {
    match value {
        Value::Constant(literal) => Some(Term::Literal(literal.clone())),
        Value::Data(data) => Some(data.term.clone()),
        Value::Event => Some(Term::Field(crate::ir::FieldPath::root())),
        Value::Truth(condition) => Some(Term::Choice {
            cases: vec![Case {
                when: condition.clone(),
                then: Term::Literal(Literal::Boolean(true)),
            }],
            otherwise: Box::new(Term::Literal(Literal::Boolean(false))),
        }),
        Value::Sequence(_) | Value::Mapping(_) => value.as_literal().map(Term::Literal),
        Value::Choice(choice) => choice_term(choice),
        _ => None,
    }
}

fn choice_term(choice: &Choice<'_>) -> Option<Term> {
    let mut result = term_of(&choice.otherwise)?;
    for (when, value) in choice.cases.iter().rev() {
        result = case_term(when, term_of(value)?, result);
    }
    Some(result)
}

/// `then` where the condition holds, else `otherwise`; defaults for missing values are said as such.
fn case_term(when: &Condition, then: Term, otherwise: Term) -> Term {
    let (test, value, default) = match when {
        Condition::Not(inner) => (inner.as_ref(), &otherwise, &then),
        other => (other, &then, &otherwise),
    };
    if let Condition::Test(Predicate {
        subject, operator, ..
    }) = test
        && subject == value
    {
        match operator {
            Operator::IsPresent => {
                return if *default == Term::Literal(Literal::Null) {
                    value.clone()
                } else {
                    coalesce(value, default)
                };
            }
            Operator::Exists => {
                return Term::call(Function::IfMissing, [value.clone(), default.clone()]);
            }
            _ => {}
        }
    }
    let case = Case {
        when: when.clone(),
        then,
    };
    match otherwise {
        Term::Choice {
            mut cases,
            otherwise,
        } => {
            cases.insert(0, case);
            Term::Choice { cases, otherwise }
        }
        otherwise => Term::Choice {
            cases: vec![case],
            otherwise: Box::new(otherwise),
        },
    }
}

/// The value, or the default where it is missing.
fn coalesce(value: &Term, default: &Term) -> Term {
    let mut arguments = vec![value.clone()];
    match default {
        Term::Call {
            function: Function::Coalesce,
            arguments: more,
        } => arguments.extend(more.iter().cloned()),
        other => arguments.push(other.clone()),
    }
    Term::call(Function::Coalesce, arguments)
}

/// The term, or the text `None` where it has no value: what Python shows for a missing value.
pub(super) fn or_none(term: Term) -> Term {
    if is_there(&term) {
        term
    } else {
        coalesce(&term, &Term::text("None"))
    }
}

/// Whether a term surely has a value.
fn is_there(term: &Term) -> bool {
    match term {
        Term::Literal(literal) => *literal != Literal::Null,
        Term::Call {
            function: Function::Concat,
            ..
        } => true,
        Term::Call {
            function: Function::Coalesce,
            arguments,
        } => arguments.iter().any(is_there),
        Term::Choice { cases, otherwise } => {
            is_there(otherwise) && cases.iter().all(|case| is_there(&case.then))
        }
        _ => false,
    }
}
