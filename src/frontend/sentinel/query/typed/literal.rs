//! Literals by their types.

use super::{Kind, Lowered, Typed, call, refused};
use crate::ir::{self, Function, Term};
use crate::source::TextRange;
use crate::syntax::kql::ast::{Dynamic, Literal};

/// Why an `int` is refused that has more than its 32 bits.
pub(in crate::frontend::sentinel::query) const TOO_LONG: &str =
    "an `int` of more than 32 bits is read by Kusto only";

/// Whether the number has at most 32 bits.
pub(in crate::frontend::sentinel::query) fn is_short(value: i64) -> bool {
    i32::try_from(value).is_ok()
}

/// The constant that a literal is.
pub(super) fn constant(literal: &Literal, range: TextRange) -> Lowered<Typed> {
    let null = ir::Literal::Null;
    let (value, kind) = match literal {
        Literal::String(text) => (ir::Literal::text(text), Kind::Text),
        Literal::Bool(value) => (value.map_or(null, ir::Literal::Boolean), Kind::Truth),
        Literal::Int(Some(value)) if !is_short(*value) => return refused(range, TOO_LONG),
        Literal::Long(value) | Literal::Int(value) => {
            (value.map_or(null, ir::Literal::Integer), Kind::Number)
        }
        Literal::Real(value) => (value.map_or(null, |real| real_number(real.0)), Kind::Number),
        Literal::Decimal(_) => return refused(range, "decimal numbers have no exact counterpart"),
        Literal::Timespan(ticks) => (ticks.map_or(null, ir::Literal::Integer), Kind::Span),
        Literal::Datetime(None) => (null, Kind::Moment),
        Literal::Datetime(Some(text)) => match moment(text) {
            Some(ticks) => (ir::Literal::Integer(ticks), Kind::Moment),
            None => {
                return refused(
                    range,
                    format!("`{text}` is read as a point in time by Kusto only"),
                );
            }
        },
        Literal::Guid(text) => {
            let text = text
                .as_ref()
                .map_or(String::new(), |text| text.to_lowercase());
            (ir::Literal::text(text), Kind::Text)
        }
        Literal::Dynamic(value) => (dynamic(value, range)?, Kind::Dynamic),
    };
    Ok(Typed::constant(value, kind))
}

/// A number with a fraction; one that JSON does not have is its name.
fn real_number(number: f64) -> ir::Literal {
    if number.is_nan() {
        ir::Literal::text("NaN")
    } else if number.is_infinite() {
        ir::Literal::text(if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        })
    } else {
        ir::Literal::Float(number)
    }
}

/// The ticks of the text of a datetime literal, which may have blanks between its numbers, or be a list of them.
pub(super) fn moment(text: &str) -> Option<i64> {
    let numbers: Option<Vec<Term>> = text
        .split(',')
        .map(|part| part.trim().parse().ok())
        .map(|number: Option<i64>| number.map(|number| Term::Literal(ir::Literal::Integer(number))))
        .collect();
    let found = match numbers {
        Some(numbers) if (3..=6).contains(&numbers.len()) => call(Function::MakeMoment, numbers),
        _ => {
            let joined = text.trim().replace(" - ", "-").replace(" / ", "/");
            call(Function::ReadMoment, [Term::text(joined)])
        }
    };
    match found {
        Term::Literal(ir::Literal::Integer(ticks)) => Some(ticks),
        _ => None,
    }
}

fn dynamic(value: &Dynamic, range: TextRange) -> Lowered<ir::Literal> {
    Ok(match value {
        Dynamic::Null => ir::Literal::Null,
        Dynamic::Scalar(literal) => {
            let typed = constant(literal, range)?;
            match super::convert::as_dynamic(typed) {
                Term::Literal(literal) => literal,
                _ => return refused(range, "the literal is not known"),
            }
        }
        Dynamic::Array(items) => {
            let items = items.iter().map(|item| dynamic(item, range));
            ir::Literal::List(items.collect::<Lowered<_>>()?)
        }
        Dynamic::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| Ok((key.clone(), dynamic(value, range)?)));
            ir::Literal::object(entries.collect::<Lowered<Vec<_>>>()?)
        }
    })
}

/// What lies below a constant at a key or an index.
pub(super) fn below(value: &ir::Literal, key: &ir::Literal) -> ir::Literal {
    let found = match (value, key) {
        (ir::Literal::Object(map), ir::Literal::Text(key)) => map.get(key),
        (ir::Literal::List(items), ir::Literal::Integer(at)) => {
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let at = if *at < 0 {
                at.saturating_add(length)
            } else {
                *at
            };
            usize::try_from(at).ok().and_then(|at| items.get(at))
        }
        _ => None,
    };
    found.cloned().unwrap_or(ir::Literal::Null)
}
