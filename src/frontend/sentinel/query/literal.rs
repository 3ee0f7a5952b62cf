//! Literals of the query to constants, and arithmetic on what is known before the rule runs.

use super::value::{Constant, Kind, Value};
use crate::ir;
use crate::syntax::kql::ast::{BinaryOperator, DataTable, Dynamic, ExpressionKind, Literal};

/// The constant that a literal is.
pub(super) fn constant(literal: &Literal) -> Constant {
    let or_null = |value: Option<ir::Literal>| value.unwrap_or(ir::Literal::Null);
    let (kind, literal) = match literal {
        Literal::String(text) => (Kind::Text, ir::Literal::text(text)),
        Literal::Bool(value) => (Kind::Truth, or_null(value.map(ir::Literal::Boolean))),
        Literal::Long(value) | Literal::Int(value) => {
            (Kind::Number, or_null(value.map(ir::Literal::Integer)))
        }
        Literal::Real(value) => (
            Kind::Number,
            or_null(value.map(|real| ir::Literal::Float(real.0))),
        ),
        Literal::Decimal(text) => (
            Kind::Number,
            or_null(
                text.as_ref()
                    .and_then(|text| text.parse().ok())
                    .map(ir::Literal::Float),
            ),
        ),
        Literal::Timespan(ticks) => (Kind::Timespan, or_null(ticks.map(ir::Literal::Integer))),
        Literal::Datetime(text) => (
            Kind::Datetime,
            or_null(text.as_ref().map(ir::Literal::text)),
        ),
        Literal::Guid(text) => (Kind::Text, or_null(text.as_ref().map(ir::Literal::text))),
        Literal::Dynamic(value) => (Kind::Dynamic, dynamic(value)),
    };
    Constant::new(kind, literal)
}

fn dynamic(value: &Dynamic) -> ir::Literal {
    match value {
        Dynamic::Null => ir::Literal::Null,
        Dynamic::Scalar(literal) => constant(literal).literal,
        Dynamic::Array(items) => ir::Literal::List(items.iter().map(dynamic).collect()),
        Dynamic::Object(entries) => ir::Literal::object(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), dynamic(value))),
        ),
    }
}

/// The values of a data table's first column.
pub(super) fn first_column(table: &DataTable) -> Vec<Constant> {
    let step = table.columns.len().max(1);
    let values = table.values.iter().step_by(step);
    values
        .filter_map(|value| match &value.kind {
            ExpressionKind::Literal(literal) => Some(constant(literal)),
            _ => None,
        })
        .collect()
}

/// Arithmetic on constants and on distances from the time of the run; `None` where an operand depends on the event.
pub(super) fn arithmetic(operator: BinaryOperator, left: &Value, right: &Value) -> Option<Value> {
    match (left, right) {
        (Value::Constant(a), Value::Constant(b)) => {
            let kind = match (a.kind, b.kind) {
                (Kind::Number, Kind::Number) => Kind::Number,
                (Kind::Timespan, Kind::Timespan) if operator == BinaryOperator::Divide => {
                    Kind::Number
                }
                (Kind::Timespan, Kind::Timespan | Kind::Number)
                | (Kind::Number, Kind::Timespan) => Kind::Timespan,
                _ => return None,
            };
            Some(Value::Constant(Constant::new(
                kind,
                computed(operator, &a.literal, &b.literal, kind)?,
            )))
        }
        (Value::Clock(before), Value::Constant(span)) => {
            let span = span.ticks()?;
            let moved = match operator {
                BinaryOperator::Add => before.and_then(|before| before.checked_sub(span)),
                BinaryOperator::Subtract => before.and_then(|before| before.checked_add(span)),
                _ => return None,
            };
            Some(Value::Clock(moved))
        }
        (Value::Clock(_), Value::Clock(_)) => Some(Value::Clock(None)),
        _ => None,
    }
}

fn computed(
    operator: BinaryOperator,
    a: &ir::Literal,
    b: &ir::Literal,
    kind: Kind,
) -> Option<ir::Literal> {
    use BinaryOperator as B;
    if let (ir::Literal::Integer(a), ir::Literal::Integer(b)) = (a, b) {
        let whole = match operator {
            B::Add => a.checked_add(*b),
            B::Subtract => a.checked_sub(*b),
            B::Multiply => a.checked_mul(*b),
            B::Divide => a.checked_div(*b),
            B::Modulo => a.checked_rem(*b),
            _ => return None,
        };
        return whole.map(ir::Literal::Integer);
    }
    let (a, b) = (super::fold::as_real(a)?, super::fold::as_real(b)?);
    let real = match operator {
        B::Add => a + b,
        B::Subtract => a - b,
        B::Multiply => a * b,
        B::Divide => a / b,
        B::Modulo => a % b,
        _ => return None,
    };
    #[allow(
        clippy::cast_possible_truncation,
        reason = "ticks of a span that a query can write fit"
    )]
    let literal = if kind == Kind::Timespan {
        ir::Literal::Integer(real as i64)
    } else {
        ir::Literal::Float(real)
    };
    Some(literal)
}
