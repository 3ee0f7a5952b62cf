//! `summarize`, and the operators that count the values of a column: `top-nested`, `top-hitters`, `sample-distinct`, `reduce`.

use std::borrow::Cow;

use super::super::Binder;
use super::super::builder::Builder;
use super::super::expression::Place;
use super::super::row::{Field, Row};
use super::super::scope::Scope;
use super::super::types::Type;
use super::super::value::Value;
use super::project::Mode;
use super::table;
use crate::syntax::kql::ast::{
    Expression, ExpressionKind, NamedExpression, Naming, Reduce, SampleDistinct, Summarize,
    TopHitters, TopNested,
};

impl<'a> Binder<'a> {
    pub(super) fn summarize(
        &mut self,
        summarize: &'a Summarize,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let mut builder = Builder::default();
        let keys = self.keys(&mut builder, &summarize.by, row, scope, true);
        if let Some(bin) = &summarize.bin {
            self.scalar(bin, &Place::outside(scope));
        }
        let place = Place {
            aggregates: true,
            keys: &keys,
            ..Place::inside(row, scope)
        };
        for item in &summarize.aggregates {
            let value = self.scalar(&item.value, &place);
            self.column_of(&mut builder, item, &value, &place, Mode::Beside);
        }
        // A star takes whatever columns there are.
        let starred = |item: &NamedExpression| {
            let call = item.value.as_call();
            call.is_some_and(|call| {
                let mut arguments = call.arguments.iter();
                arguments.any(|argument| matches!(argument.value.kind, ExpressionKind::Star))
            })
        };
        if row.is_open() && summarize.aggregates.iter().any(starred) {
            return Value::Table(Row::open(builder.finish()));
        }
        Value::Table(Row::made(builder.finish(), row))
    }

    /// Adds the columns of a `by`, and says which columns of the input they are.
    pub(super) fn keys(
        &mut self,
        builder: &mut Builder<'a>,
        by: &'a [NamedExpression],
        row: &Row<'a>,
        scope: &Scope<'a>,
        plain: bool,
    ) -> Vec<Cow<'a, str>> {
        let place = Place::inside(row, scope);
        let mut keys = Vec::new();
        let mut reported = !plain;
        for item in by {
            let value = self.scalar(&item.value, &place);
            reported = reported || self.key(value.kind(), item.value.range.0);
            if let Some(key) = same_column(&item.value, value.kind(), row) {
                keys.push(key.into());
            }
            self.column_of(builder, item, &value, &place, Mode::Beside);
        }
        keys
    }

    /// An aggregate of the rows.
    pub(super) fn aggregate(
        &mut self,
        item: &'a NamedExpression,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let place = Place {
            aggregates: true,
            ..Place::inside(row, scope)
        };
        self.scalar(&item.value, &place)
    }

    pub(super) fn top_nested(
        &mut self,
        levels: &'a [TopNested],
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let mut builder = Builder::default();
        for level in levels {
            if let Some(count) = &level.count {
                self.count(count, scope);
            }
            if let Some(others) = &level.others {
                self.scalar(others, &Place::outside(scope));
            }
            let (name, kind) = self.column_named(&level.of, row, scope);
            builder.add(name.clone(), kind);
            let value = self.aggregate(&level.by.value, row, scope);
            let aggregate = match level.by.value.name() {
                Some(name) => name.text.as_str().into(),
                None => Cow::from(format!("aggregated_{name}")),
            };
            builder.add(aggregate, value.kind());
        }
        Value::Table(Row::made(builder.finish(), row))
    }

    /// The name and type of one computed column.
    pub(super) fn column_named(
        &mut self,
        item: &'a NamedExpression,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> (Cow<'a, str>, Type) {
        let place = Place::inside(row, scope);
        let kind = self.scalar(&item.value, &place).kind();
        let name = match &item.naming {
            Naming::Name(name) => Some(name.text.as_str().into()),
            Naming::Names(names) => names.first().map(|name| name.text.as_str().into()),
            Naming::Implicit => self.implicit_name(&item.value, &place),
        };
        (name.unwrap_or_else(|| "Column1".into()), kind)
    }

    pub(super) fn top_hitters(
        &mut self,
        hitters: &'a TopHitters,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        self.count(&hitters.count, scope);
        let (name, kind) = self.column_named(&hitters.of, row, scope);
        let weight = match &hitters.by {
            Some(by) => {
                let (weight, _) = self.column_named(by, row, scope);
                format!("approximate_sum_{weight}")
            }
            None => format!("approximate_count_{name}"),
        };
        let fields = vec![Field::new(name, kind), Field::new(weight, Type::LONG)];
        Value::Table(Row::made(fields, row))
    }

    pub(super) fn sample_distinct(
        &mut self,
        sample: &'a SampleDistinct,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        self.count(&sample.count, scope);
        let (name, kind) = self.column_named(&sample.of, row, scope);
        Value::Table(Row::made(vec![Field::new(name, kind)], row))
    }

    pub(super) fn reduce(
        &mut self,
        reduce: &'a Reduce,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        self.scalar(&reduce.by.value, &Place::inside(row, scope));
        table(vec![
            Field::new("Pattern", Type::STRING),
            Field::new("Count", Type::LONG),
            Field::new("Representative", Type::STRING),
        ])
    }
}

/// The column that an expression is, or converts to the type that it has.
fn same_column<'a>(expression: &'a Expression, kind: Type, row: &Row<'a>) -> Option<&'a str> {
    let name = match &expression.kind {
        ExpressionKind::Name(name) => name,
        ExpressionKind::Call(call) if call.function.text.starts_with("to") => {
            let [argument] = call.arguments.as_slice() else {
                return None;
            };
            let name = argument.value.as_name()?;
            return (row.get(name) == Some(kind)).then_some(name);
        }
        _ => return None,
    };
    row.get(name).map(|_| name.as_str())
}
