//! Values of one type as values of another, and event values as values of rows.

use super::{Kind, Lowered, Place, Typed, call, chosen, literal, refused, whole, wrong_type};
use crate::frontend::sentinel::query::value::{Constant, Scalar, Truth, Value};
use crate::ir::{Case, Condition, Function, Literal, Shared, Term};
use crate::source::TextRange;

/// The start of 1970 in ticks.
const EPOCH: i64 = 621_355_968_000_000_000;

/// The time of the run.
pub(super) fn now() -> Term {
    let micros = Term::call(Function::ScanTime, Vec::new());
    Term::call(
        Function::Plus,
        [
            Term::call(Function::Times, [micros, whole(10)]),
            whole(EPOCH),
        ],
    )
}

/// Why the name of a type is no term.
const NO_NAME: &str = "the name of a type is not a value of the IR";

impl Place<'_, '_> {
    /// The typed term of a value that was lowered for events or for rows.
    pub(super) fn typed_of(&self, value: Value, range: TextRange) -> Lowered<Typed> {
        Ok(match value.resolved() {
            Value::Spelt(spelt) | Value::Unlisted(spelt) => return Err(spelt.obstacle(range)),
            Value::Constant(constant) => of_constant(constant, range)?,
            Value::Scalar(scalar) => of_scalar(scalar, self.columns.of_rows),
            Value::Truth(Truth {
                term: Some(term), ..
            }) if self.columns.of_rows => Typed::new(term, Kind::Truth),
            Value::Truth(truth) => {
                let truth = Truth {
                    term: None,
                    ..truth
                };
                Typed::new(Value::Truth(truth).into_term(range)?, Kind::Truth)
            }
            Value::Choice(cases, otherwise) => self.typed_choice(cases, *otherwise, range)?,
            Value::Clock(Some(before)) if self.lower.relational => {
                Typed::new(call(Function::Minus, [now(), whole(before)]), Kind::Moment)
            }
            Value::Clock(_) => return refused(range, "the value depends on the time of the run"),
            Value::Window(ticks) => match self.columns.time() {
                Some(time) => {
                    let time = call(Function::ReadMoment, [time]);
                    let start = call(Function::MultipleBelow, [time, whole(ticks)]);
                    Typed::new(start, Kind::Moment)
                }
                None => return refused(range, "the time of the event is not known"),
            },
            Value::Address { v6, subject } => {
                let subject = of_scalar(subject, self.columns.of_rows).term;
                if v6 {
                    Typed::new(call(Function::LongAddress, [subject]), Kind::Text)
                } else {
                    Typed::new(call(Function::AddressNumber, [subject]), Kind::Number)
                }
            }
            Value::TypeName(_) => return refused(range, NO_NAME),
        })
    }

    /// A choice whose values are all of one type.
    fn typed_choice(
        &self,
        cases: Vec<(Condition, Value)>,
        otherwise: Value,
        range: TextRange,
    ) -> Lowered<Typed> {
        let otherwise = self.typed_of(otherwise, range)?;
        let mut kinds = vec![otherwise.kind];
        let mut made = Vec::new();
        for (when, then) in cases {
            let then = self.typed_of(then, range)?;
            kinds.push(then.kind);
            made.push(Case {
                when,
                then: then.term,
            });
        }
        if kinds.windows(2).any(|pair| pair[0] != pair[1]) {
            return refused(range, "a choice between values of several types");
        }
        let term = Term::Choice {
            cases: made.into(),
            otherwise: Shared::new(otherwise.term),
        };
        Ok(Typed::new(term, kinds[0]))
    }
}

fn of_constant(constant: Constant, range: TextRange) -> Lowered<Typed> {
    let Constant { kind, literal } = constant;
    Ok(match (kind, literal) {
        (Kind::Datetime, Literal::Text(text)) => match literal::moment(&text) {
            Some(ticks) => Typed::constant(Literal::Integer(ticks), Kind::Moment),
            None => {
                return refused(
                    range,
                    format!("`{text}` is read as a point in time by Kusto only"),
                );
            }
        },
        (Kind::Datetime, literal) => Typed::constant(literal, Kind::Moment),
        (Kind::Timespan, literal) => Typed::constant(literal, Kind::Span),
        (Kind::Text, Literal::Null) => Typed::text(""),
        (kind, literal) => Typed::constant(literal, kind),
    })
}

fn of_scalar(scalar: Scalar, of_rows: bool) -> Typed {
    let Scalar {
        term, kind, absent, ..
    } = scalar;
    match kind {
        Kind::Datetime => Typed::new(call(Function::ReadMoment, [term]), Kind::Moment),
        Kind::Timespan => Typed::new(call(Function::ReadSpan, [term]), Kind::Span),
        Kind::Text if of_rows => Typed::new(term, kind),
        kind if absent == Literal::Null => Typed::new(term, kind),
        kind => Typed::new(
            Term::call(Function::Coalesce, [term, Term::Literal(absent)]),
            kind,
        ),
    }
}

/// The value as a string, which is never null.
pub(super) fn as_text(typed: Typed, range: TextRange) -> Lowered<Term> {
    Ok(match typed.kind {
        Kind::Text => typed.term,
        Kind::Number | Kind::Dynamic | Kind::Unknown => call(Function::PlainText, [typed.term]),
        Kind::Moment | Kind::Datetime => call(Function::MomentText, [typed.term]),
        Kind::Span | Kind::Timespan => call(Function::SpanText, [typed.term]),
        Kind::Truth => return refused(range, "the text of a truth value differs between engines"),
    })
}

/// The value as a dynamic one.
pub(super) fn as_dynamic(typed: Typed) -> Term {
    let shown = |function: Function, term: Term| {
        let absent = call(Function::IsAbsent, [term.clone()]);
        chosen(absent, Term::Literal(Literal::Null), call(function, [term]))
    };
    match typed.kind {
        Kind::Moment | Kind::Datetime => shown(Function::MomentText, typed.term),
        Kind::Span | Kind::Timespan => shown(Function::SpanText, typed.term),
        Kind::Text | Kind::Truth | Kind::Number | Kind::Dynamic | Kind::Unknown => typed.term,
    }
}

/// The value as a number, for parameters that take one.
pub(super) fn as_number(typed: Typed, range: TextRange) -> Lowered<Term> {
    match typed.kind {
        Kind::Number | Kind::Dynamic => Ok(typed.term),
        _ => wrong_type(range, "a number is required"),
    }
}

/// The value as a real number: arithmetic with it has a fraction.
pub(super) fn as_real(typed: Typed, range: TextRange) -> Lowered<Term> {
    match typed.kind {
        Kind::Number | Kind::Dynamic => Ok(call(Function::RealNumber, [typed.term])),
        _ => wrong_type(range, "a number is required"),
    }
}

/// Whether a number is known to have a fraction part.
pub(super) fn is_real(term: &Term) -> bool {
    match term {
        Term::Literal(literal) => matches!(literal, Literal::Float(_) | Literal::Text(_)),
        Term::Call {
            function:
                Function::RealNumber | Function::RealFunction | Function::RoundAway | Function::ListSum,
            ..
        } => true,
        Term::Call {
            function:
                Function::Plus
                | Function::Minus
                | Function::Times
                | Function::Quotient
                | Function::Opposite,
            arguments,
        } => arguments.iter().any(is_real),
        Term::Choice { cases, otherwise } => {
            is_real(otherwise) || cases.iter().any(|case| is_real(&case.then))
        }
        _ => false,
    }
}

/// The conversion `to...` of a value.
pub(super) fn converted(
    typed: Typed,
    to: Kind,
    function: Function,
    range: TextRange,
) -> Lowered<Typed> {
    let term = match (typed.kind, to) {
        (Kind::Moment, Kind::Moment) | (Kind::Span, Kind::Span) => typed.term,
        (Kind::Text | Kind::Dynamic | Kind::Unknown, Kind::Moment | Kind::Span) => {
            let text = match typed.kind {
                Kind::Text => typed.term,
                _ => Term::call(Function::ToText, [typed.term]),
            };
            call(function, [text])
        }
        (Kind::Moment | Kind::Span | Kind::Truth | Kind::Number, Kind::Moment | Kind::Span)
        | (Kind::Moment | Kind::Span, Kind::Truth) => {
            return refused(range, "this conversion has no counterpart");
        }
        _ => call(function, [typed.term]),
    };
    Ok(Typed::new(term, to))
}

/// A constant text, such as the name of a unit.
pub(super) fn constant_word(typed: &Typed, range: TextRange) -> Lowered<String> {
    match typed.term.as_literal().and_then(Literal::as_text) {
        Some(text) => Ok(text.to_owned()),
        None => refused(range, "a constant text is required"),
    }
}
