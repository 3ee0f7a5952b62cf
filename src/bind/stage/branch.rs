//! Operators with a pipeline inside: `partition`, `fork`, `facet`.

use super::super::Binder;
use super::super::expression::Place;
use super::super::row::Row;
use super::super::scope::Scope;
use super::super::value::Value;
use crate::syntax::kql::ast::{Branch, Facet, Partition};

impl<'a> Binder<'a> {
    pub(super) fn partition(
        &mut self,
        partition: &'a Partition,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        self.scalar(&partition.by, &Place::inside(row, scope));
        if let Some(values) = &partition.scope {
            self.scalar(values, &Place::outside(scope));
        }
        let input = (!partition.braces).then_some(row);
        self.pipeline(&partition.body, scope, input)
    }

    pub(super) fn fork(
        &mut self,
        branches: &'a [Branch],
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        for branch in branches {
            self.pipeline(&branch.body, scope, Some(row));
        }
        Value::NoTable
    }

    pub(super) fn facet(
        &mut self,
        facet: &'a Facet,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        for column in &facet.by {
            self.scalar(column, &Place::inside(row, scope));
        }
        if let Some(body) = &facet.body {
            self.pipeline(body, scope, Some(row));
        }
        Value::NoTable
    }
}
