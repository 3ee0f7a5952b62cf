//! Operators that change no columns, or make them from nothing: `sort`, `top`, `range`, `invoke`.

use super::super::Binder;
use super::super::expression::Place;
use super::super::row::{Field, Row};
use super::super::scope::Scope;
use super::super::types::Type;
use super::super::value::Value;
use super::table;
use crate::syntax::kql::ast::{Expression, ExpressionKind, Ordered, Range, ScalarType};

impl<'a> Binder<'a> {
    pub(super) fn sort(
        &mut self,
        keys: &'a [Ordered],
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        for key in keys {
            self.scalar(&key.value.value, &Place::inside(row, scope));
        }
        Value::Table(row.clone())
    }

    pub(super) fn range(&mut self, range: &'a Range, scope: &Scope<'a>) -> Value<'a> {
        let place = Place::outside(scope);
        let from = self.scalar(&range.from, &place).kind();
        let to = self.scalar(&range.to, &place).kind();
        let step = self.scalar(&range.step, &place).kind();
        let kind = match from.scalar() {
            Some(ScalarType::Int | ScalarType::Long | ScalarType::Real) => {
                from.widest(to).widest(step)
            }
            _ => from,
        };
        table(vec![Field::new(range.name.text.as_str(), kind)])
    }

    /// A function that is given the rows; one that is not known returns any.
    pub(super) fn invoke(
        &mut self,
        function: &'a Expression,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let place = Place::inside(row, scope);
        let ExpressionKind::Call(call) = &function.kind else {
            return Self::unknown_table();
        };
        if let Some(Value::Function(closure)) = scope.find(&call.function.text) {
            let closure = closure.clone();
            return match self.call_closure(&closure, call, Some(row), &place) {
                Value::Scalar(scalar) if scalar.kind == Type::Unknown => Self::unknown_table(),
                value => value,
            };
        }
        for argument in &call.arguments {
            self.any(&argument.value, &place);
        }
        Self::unknown_table()
    }
}
