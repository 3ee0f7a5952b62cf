//! `make-series`: the rows of a group as lists over an axis.

use super::super::Binder;
use super::super::builder::Builder;
use super::super::expression::Place;
use super::super::row::Row;
use super::super::scope::Scope;
use super::super::types::Type;
use super::super::value::Value;
use super::project::Mode;
use crate::syntax::kql::ast::{MakeSeries, SeriesRange};

impl<'a> Binder<'a> {
    pub(super) fn make_series(
        &mut self,
        series: &'a MakeSeries,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let mut builder = Builder::default();
        let keys = self.keys(&mut builder, &series.by, row, scope, false);
        let place = Place {
            aggregates: true,
            keys: &keys,
            ..Place::inside(row, scope)
        };
        for aggregate in &series.aggregates {
            let value = self.scalar(&aggregate.value.value, &place);
            if let Some(default) = &aggregate.default {
                self.scalar(default, &Place::outside(scope));
            }
            let value = match value {
                Value::Tuple(fields) => Value::Tuple(fields),
                _ => Value::of(Type::Array),
            };
            self.column_of(&mut builder, &aggregate.value, &value, &place, Mode::Beside);
        }
        let (axis, _) = self.column_named(&series.on, row, scope);
        builder.add(axis, Type::Array);
        let outside = Place::outside(scope);
        match &series.range {
            SeriesRange::Steps { from, to, step } => {
                for end in [from, to].into_iter().flatten() {
                    self.scalar(end, &outside);
                }
                self.scalar(step, &outside);
            }
            SeriesRange::InRange(ends) => {
                for end in ends {
                    self.scalar(end, &outside);
                }
            }
        }
        Value::Table(Row::made(builder.finish(), row))
    }
}
