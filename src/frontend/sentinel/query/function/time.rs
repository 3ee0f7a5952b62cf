//! Points in time relative to the run, and the windows that events fall into.

use super::super::value::{Constant, Kind, Lowered, Scalar, Value};
use super::Called;
use crate::ir::Literal;

/// Ticks of one day.
const DAY: i64 = 864_000_000_000;

impl Called<'_, '_> {
    /// The value, if the function is one of these.
    pub(super) fn time(&self) -> Option<Lowered<Value>> {
        Some(match self.name {
            "now" => self.now(),
            "ago" => self
                .value(0)
                .map(|span| Value::Clock(span.as_constant().and_then(Constant::ticks))),
            "ingestion_time" => self.ingestion_time(),
            "bin" | "floor" => self.bin(),
            "startofday" => self.start_of(DAY),
            "startofweek" | "startofmonth" | "startofyear" | "endofday" | "endofweek"
            | "endofmonth" | "endofyear" => self.of_clock(),
            "datetime_add" => self.moved(),
            "todatetime" | "totimespan" => self.converted(),
            _ => return None,
        })
    }

    fn now(&self) -> Lowered<Value> {
        if self.count() == 0 {
            return Ok(Value::Clock(Some(0)));
        }
        let offset = self.value(0)?;
        let ticks = offset.as_constant().and_then(Constant::ticks);
        Ok(Value::Clock(ticks.and_then(i64::checked_neg)))
    }

    fn ingestion_time(&self) -> Lowered<Value> {
        match self.place.columns.time() {
            Some(time) => Ok(Value::Scalar(Scalar::new(time, Kind::Datetime))),
            None => self.obstacle("the time of arrival is known only for events of a table"),
        }
    }

    /// The window that a time falls into, or the multiple below a constant.
    fn bin(&self) -> Lowered<Value> {
        let (value, step) = (self.value(0)?, self.value(1)?);
        match (&value, step.as_constant()) {
            (Value::Constant(a), Some(b)) => match (&a.literal, &b.literal) {
                (Literal::Integer(a_value), Literal::Integer(b_value)) if *b_value > 0 => {
                    let floor = a_value.div_euclid(*b_value).saturating_mul(*b_value);
                    Ok(Value::Constant(Constant::new(
                        a.kind,
                        Literal::Integer(floor),
                    )))
                }
                _ => self.obstacle("this constant has no bin"),
            },
            (Value::Clock(_), _) => Ok(Value::Clock(None)),
            (Value::Scalar(scalar), Some(step)) => match step.ticks() {
                Some(ticks) if ticks > 0 && self.is_time(scalar) => Ok(Value::Window(ticks)),
                _ => self.obstacle("only the time of the event falls into windows in the IR"),
            },
            (Value::Window(inner), Some(step)) => match step.ticks() {
                Some(ticks) if ticks > 0 && ticks % inner == 0 => Ok(Value::Window(ticks)),
                _ => self.obstacle("windows of windows have no counterpart"),
            },
            _ => self.obstacle("only the time of the event falls into windows in the IR"),
        }
    }

    fn start_of(&self, ticks: i64) -> Lowered<Value> {
        match self.value(0)? {
            Value::Scalar(scalar) if self.is_time(&scalar) && self.count() == 1 => {
                Ok(Value::Window(ticks))
            }
            Value::Clock(_) => Ok(Value::Clock(None)),
            _ => self.obstacle("only the time of the event falls into windows in the IR"),
        }
    }

    fn of_clock(&self) -> Lowered<Value> {
        match self.value(0)? {
            Value::Clock(_) => Ok(Value::Clock(None)),
            _ => self.obstacle(format!("the function `{}` has no counterpart", self.name)),
        }
    }

    fn moved(&self) -> Lowered<Value> {
        match self.value(2)? {
            Value::Clock(_) => Ok(Value::Clock(None)),
            _ => self.obstacle("arithmetic on points in time has no counterpart"),
        }
    }

    fn converted(&self) -> Lowered<Value> {
        match self.value(0)? {
            Value::Clock(before) => Ok(Value::Clock(before)),
            Value::Scalar(scalar) if scalar.kind == Kind::Datetime => Ok(Value::Scalar(scalar)),
            Value::Scalar(scalar)
                if matches!(scalar.kind, Kind::Text | Kind::Dynamic | Kind::Unknown) =>
            {
                let kind = if self.name == "todatetime" {
                    Kind::Datetime
                } else {
                    Kind::Timespan
                };
                Ok(Value::Scalar(Scalar {
                    kind,
                    absent: Literal::Null,
                    ..scalar
                }))
            }
            Value::Constant(constant)
                if constant.kind == Kind::Timespan && self.name == "totimespan" =>
            {
                Ok(Value::Constant(constant))
            }
            _ => self.obstacle(format!("the function `{}` has no counterpart", self.name)),
        }
    }

    fn is_time(&self, scalar: &Scalar) -> bool {
        !self.place.lower.relational
            && scalar.kind == Kind::Datetime
            && self.place.columns.is_time(&scalar.term)
    }
}
