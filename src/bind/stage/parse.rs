//! `parse`, `parse-where` and `parse-kv`: texts taken apart into columns.

use super::super::Binder;
use super::super::builder::Builder;
use super::super::expression::Place;
use super::super::row::Row;
use super::super::scope::Scope;
use super::super::types::Type;
use super::super::value::Value;
use crate::syntax::kql::ast::{ParseKv, ParsePattern, PatternPart, ScalarType};

impl<'a> Binder<'a> {
    pub(super) fn parse(
        &mut self,
        parse: &'a ParsePattern,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let place = Place::inside(row, scope);
        self.scalar(&parse.subject, &place);
        let mut builder = Builder::keeping(row.fields());
        for part in &parse.pattern {
            match part {
                PatternPart::Star => {}
                PatternPart::Text(text) => {
                    self.scalar(text, &Place::outside(scope));
                }
                PatternPart::Column(name, kind) => {
                    let kind = kind.unwrap_or(ScalarType::String);
                    builder.set(name.text.as_str(), Type::from(kind));
                }
            }
        }
        Value::Table(Row::like(builder.finish(), row))
    }

    pub(super) fn parse_kv(
        &mut self,
        parse: &'a ParseKv,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        self.scalar(&parse.subject, &Place::inside(row, scope));
        let mut builder = Builder::keeping(row.fields());
        for column in &parse.columns {
            builder.set(column.name.text.as_str(), Type::from(column.kind));
        }
        Value::Table(Row::like(builder.finish(), row))
    }
}
