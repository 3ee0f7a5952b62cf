//! `make-series`: lists over equidistant steps; and plugins that make rows of rows.

use std::rc::Rc;

use crate::frontend::sentinel::query::columns::{Column, Columns, Open, Table};
use crate::frontend::sentinel::query::name;
use crate::frontend::sentinel::query::rows::Rows;
use crate::frontend::sentinel::query::scope::Scope;
use crate::frontend::sentinel::query::value::{Constant, Kind, Lowered, Obstacle, Value};
use crate::frontend::sentinel::query::{Lowerer, expression::Place};
use crate::ir::pipeline::{Conflict, NamedTerm, RowStage, Series, Unpacked};
use crate::ir::{Literal, Stage as Made, Term};
use crate::source::TextRange;
use crate::syntax::kql::ast::{
    Call, Evaluate, Expression, MakeSeries, NamedExpression, SeriesAggregate, SeriesRange,
};

use super::column_kind;
use super::settle::{field, settled};

impl<'q> Lowerer<'q> {
    /// `make-series`
    pub(super) fn series_rows(
        &self,
        rows: &mut Rows,
        series: &'q MakeSeries,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<()> {
        let SeriesRange::Steps {
            from: Some(from),
            to: Some(to),
            step,
        } = &series.range
        else {
            return Err(Obstacle::new(
                range,
                "a series without the ends of its axis has no counterpart",
            ));
        };
        self.settle(rows, range)?;
        let before = &rows.columns;
        let place = self.place(before, scope, calls);
        let mut columns = Columns {
            of_rows: true,
            table: before.table.clone(),
            ..Columns::default()
        };
        let by = series.by.iter().map(|key| {
            let (term, kind) = place.series_column(&mut columns, key)?;
            columns.know(&term.name, field(&term.name, kind));
            Ok(term)
        });
        let by = by.collect::<Lowered<Vec<_>>>()?;
        let mut gathered = Vec::new();
        for aggregate in &series.aggregates {
            gathered.push(place.series_value(&mut columns, aggregate)?);
        }
        let (on, _) = place.series_column(&mut columns, &series.on)?;
        columns.know(&on.name, field(&on.name, Kind::Dynamic));
        let nothing = Columns::default();
        let outside = self.place(&nothing, scope, calls);
        let end = |expression: &'q Expression| Ok(settled(outside.value(expression)?, range)?.0);
        let always = series
            .parameters
            .iter()
            .any(|parameter| parameter.name.text == "kind" && parameter.word() == Some("nonempty"));
        let stage = Series {
            by,
            gathered,
            on,
            from: end(from)?,
            to: end(to)?,
            step: end(step)?,
            always,
        };
        self.push_stage(rows, RowStage::Series(Box::new(stage)), range)?;
        rows.columns = columns;
        rows.shape = None;
        Ok(())
    }

    /// `evaluate`
    pub(super) fn plugin_rows(
        &self,
        rows: &mut Rows,
        evaluate: &'q Evaluate,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<()> {
        let plugin = &evaluate.plugin;
        if plugin.function.text != "bag_unpack" || evaluate.schema.is_some() {
            return Err(Obstacle::new(
                range,
                format!("the plugin `{}` has no counterpart", plugin.function.text),
            ));
        }
        self.settle(rows, range)?;
        let place = self.place(&rows.columns, scope, calls);
        let unpacked = place.unpacked(plugin, range)?;
        rows.columns.hide(&unpacked.column);
        let open = rows.columns.open.get_or_insert_with(|| Open {
            table: Table {
                known: None,
                also: Vec::new(),
                made: Rc::default(),
                typed: None,
                dynamic: std::rc::Rc::default(),
            },
            hidden: std::collections::BTreeSet::new(),
            mixed: None,
            grouped: false,
            row: Vec::new(),
            rest: true,
        });
        open.hidden.clear();
        open.row.retain(|(name, _)| *name != unpacked.column);
        open.rest = true;
        rows.shape = None;
        self.push_stage(rows, RowStage::Unpack(unpacked), range)
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Constant(Constant {
            literal: Literal::List(items),
            ..
        }) => items
            .iter()
            .map(|item| item.as_text().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

impl<'q> Place<'_, 'q> {
    /// The arguments of `bag_unpack`.
    fn unpacked(&self, plugin: &'q Call, range: TextRange) -> Lowered<Unpacked> {
        let refused = || Obstacle::new(range, "an argument of the plugin is not known");
        let Some((column, rest)) = plugin.arguments.split_first() else {
            return Err(refused());
        };
        let column = column.value.as_name().ok_or_else(refused)?.to_owned();
        let mut unpacked = Unpacked {
            column,
            prefix: String::new(),
            without: Vec::new(),
            conflict: None,
        };
        for (at, argument) in rest.iter().enumerate() {
            let named = argument.name().map(|name| name.text.as_str());
            let value = self.value(&argument.value)?;
            let text = || value.as_text().map(str::to_owned).ok_or_else(refused);
            match named.or(
                ["OutputColumnPrefix", "columnsConflict", "ignoredProperties"]
                    .get(at)
                    .copied(),
            ) {
                Some("OutputColumnPrefix") => unpacked.prefix = text()?,
                Some("columnsConflict") => {
                    unpacked.conflict = match text()?.as_str() {
                        "error" => None,
                        "keep_source" => Some(Conflict::KeepColumn),
                        "replace_source" => Some(Conflict::TakeEntry),
                        _ => return Err(refused()),
                    };
                }
                Some("ignoredProperties") => {
                    unpacked.without = texts(&value).ok_or_else(refused)?;
                }
                _ => return Err(refused()),
            }
        }
        Ok(unpacked)
    }

    fn series_column(
        &self,
        columns: &mut Columns,
        expression: &'q NamedExpression,
    ) -> Lowered<(NamedTerm, Kind)> {
        let range = *expression.range;
        let (source, kind) = settled(self.value(&expression.value)?, range)?;
        let name = columns.add(Column {
            name: name::of(expression).unwrap_or_else(|| columns.numbered()),
            value: Ok(Value::text("")),
            stage: Made::Summarize,
            range,
        });
        let term = NamedTerm {
            name,
            source,
            kind: column_kind(kind),
        };
        Ok((term, kind))
    }

    /// An aggregate and what a step without rows has.
    fn series_value(
        &self,
        columns: &mut Columns,
        aggregate: &'q SeriesAggregate,
    ) -> Lowered<(crate::ir::pipeline::Gathered, Term)> {
        let expression = &aggregate.value;
        let range = *expression.range;
        let first = self.lower.gathered.borrow().len();
        let value = Place {
            aggregates: true,
            ..*self
        }
        .value(&expression.value);
        let mut gathered = self.lower.gathered.borrow_mut().split_off(first);
        let (term, _) = settled(value?, range)?;
        let name = columns.add(Column {
            name: name::of(expression).unwrap_or_else(|| columns.numbered()),
            value: Ok(Value::text("")),
            stage: Made::Summarize,
            range,
        });
        columns.know(&name, field(&name, Kind::Dynamic));
        let usual = match &aggregate.default {
            Some(usual) => settled(self.value(usual)?, range)?.0,
            None => Term::Literal(Literal::Integer(0)),
        };
        match gathered.pop() {
            Some(mut one) if gathered.is_empty() && term == Term::field([&one.name]) => {
                one.name = name;
                Ok((one, usual))
            }
            _ => Err(Obstacle::new(range, "an aggregate is required here")),
        }
    }
}
