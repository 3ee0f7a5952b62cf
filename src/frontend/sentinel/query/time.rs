//! Filters on the time of the event: how far the query itself looks back.
//!
//! A rule is run with the events of its period only, so a filter that reaches further has no effect, and one that is shorter
//! shortens the period. Anything else about time depends on the run and is not lowered.

use super::expression::Place;
use super::value::{Constant, Kind, Scalar, Value};
use crate::syntax::kql::ast::{BinaryOperator, Expression, ExpressionKind};

impl<'q> Place<'_, 'q> {
    /// The time that a filter looks back, in ticks; `None` where the expression is no such filter.
    pub(super) fn look_back(&self, expression: &'q Expression) -> Option<i64> {
        match &expression.kind {
            ExpressionKind::Binary(binary) => {
                let after = matches!(
                    binary.operator,
                    BinaryOperator::Greater | BinaryOperator::GreaterOrEqual
                );
                let before = matches!(
                    binary.operator,
                    BinaryOperator::Less | BinaryOperator::LessOrEqual
                );
                if !after && !before {
                    return None;
                }
                let (left, right) = (
                    self.value(&binary.left).ok()?,
                    self.value(&binary.right).ok()?,
                );
                let (time, clock, after) = match (left, right) {
                    (Value::Scalar(time), Value::Clock(clock)) => (time, clock, after),
                    (Value::Clock(clock), Value::Scalar(time)) => (time, clock, before),
                    _ => return None,
                };
                self.is_event_time(&time).then_some(())?;
                // Before now is every event.
                if after {
                    clock.filter(|before| *before > 0)
                } else {
                    clock.filter(|before| *before <= 0).map(|_| i64::MAX)
                }
            }
            ExpressionKind::Between(between) if !between.negated => {
                let subject = self.value(&between.subject).ok()?;
                let (from, to) = (
                    self.value(&between.from).ok()?,
                    self.value(&between.to).ok()?,
                );
                let (Value::Scalar(time), Value::Clock(Some(from))) = (subject, from) else {
                    return None;
                };
                let open = match to {
                    Value::Clock(Some(to)) => to <= 0,
                    Value::Constant(
                        span @ Constant {
                            kind: Kind::Timespan,
                            ..
                        },
                    ) => span.ticks().is_some_and(|span| span >= from),
                    _ => false,
                };
                (self.is_event_time(&time) && open && from > 0).then_some(from)
            }
            _ => None,
        }
    }

    fn is_event_time(&self, scalar: &Scalar) -> bool {
        scalar.kind == Kind::Datetime && self.columns.is_time(&scalar.term)
    }
}
