//! Pipelines over events: what the rows of a pipeline are.
//!
//! Slow and plain, like the rest of the evaluator. Rows keep their order through every stage that does not say otherwise; where
//! Kusto leaves an order or a choice open, the first row counts. Every row that a stage makes is work; where the budget for it
//! is used up there is no result.

mod expand;
mod join;
mod order;
mod series;
mod summary;
#[cfg(test)]
mod tests;
mod union;
mod unpack;

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use unpack::unpack;

use super::Scope;
use crate::ir::pipeline::{
    ColumnKind, Given, GivenShape, NamedTerm, Neighbour, Numbered, Pipeline, RowColumn, RowSource,
    RowStage,
};
use crate::ir::{Condition, LogSource, Term};

/// How many rows all stages together may make.
const BUDGET: usize = 2_000_000;

/// A row: its columns and their values.
pub type Row = Map<String, Value>;

/// Rows with their columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The columns, in order.
    pub columns: Vec<RowColumn>,
    /// The rows; each has every column.
    pub rows: Vec<Row>,
}

impl Table {
    fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }
}

/// Why a pipeline has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRows {
    /// It makes too many rows.
    TooMany,
    /// It uses rows that are not there: those of a stage or a table that is not around it.
    NoInput,
    /// A number of rows or a step is not a number.
    NoNumber,
    /// An entry of an object has the name of a column.
    Conflict,
}

type Result<T> = std::result::Result<T, NoRows>;

/// The rows that the pipeline makes of the events of each log source. What asks for the time of the run finds `scan_time`, in
/// microseconds since 1970.
pub fn rows(
    pipeline: &Pipeline,
    events: &[(LogSource, Vec<Value>)],
    scan_time: Option<i64>,
) -> Result<Table> {
    let mut run = Run {
        events,
        scan_time,
        work: Cell::new(BUDGET),
        values: Row::new(),
        tables: BTreeMap::new(),
    };
    for given in &pipeline.given {
        run.give(given)?;
    }
    run.pipeline(pipeline, None)
}

/// What a pipeline is run with.
struct Run<'e> {
    events: &'e [(LogSource, Vec<Value>)],
    scan_time: Option<i64>,
    work: Cell<usize>,
    /// The given lists and values, which are fields of every row.
    values: Row,
    tables: BTreeMap<String, Table>,
}

impl Run<'_> {
    fn spend(&self, rows: usize) -> Result<()> {
        let left = self.work.get().checked_sub(rows).ok_or(NoRows::TooMany)?;
        self.work.set(left);
        Ok(())
    }

    fn give(&mut self, given: &Given) -> Result<()> {
        let table = self.pipeline(&given.rows, None)?;
        let first = |table: &Table| table.columns.first().map(|column| column.name.clone());
        let value = match given.shape {
            GivenShape::Table => {
                self.tables.insert(given.name.clone(), table);
                return Ok(());
            }
            GivenShape::List => {
                let column = first(&table).unwrap_or_default();
                let rows = table.rows.into_iter();
                rows.map(|mut row| row.remove(&column).unwrap_or(Value::Null))
                    .collect()
            }
            GivenShape::Value => {
                let column = first(&table).unwrap_or_default();
                let row = table.rows.into_iter().next();
                row.and_then(|mut row| row.remove(&column))
                    .unwrap_or(Value::Null)
            }
        };
        self.values.insert(given.name.clone(), value);
        Ok(())
    }

    fn pipeline(&self, pipeline: &Pipeline, input: Option<&Table>) -> Result<Table> {
        let mut table = self.source(&pipeline.source, input)?;
        for stage in &pipeline.stages {
            table = self.stage(stage, table)?;
            self.spend(1 + table.rows.len())?;
        }
        Ok(table)
    }

    fn source(&self, source: &RowSource, input: Option<&Table>) -> Result<Table> {
        match source {
            RowSource::Events {
                sources,
                selection,
                columns,
                rest,
                ..
            } => self.of_events(sources, selection, columns, *rest),
            RowSource::Rows { columns, rows } => {
                self.spend(rows.len())?;
                let rows = rows.iter().map(|values| {
                    let values = values.iter().map(crate::ir::Literal::to_json);
                    let names = columns.iter().map(|column| column.name.clone());
                    names.zip(values).collect()
                });
                Ok(Table {
                    columns: columns.clone(),
                    rows: rows.collect(),
                })
            }
            RowSource::Range {
                column,
                from,
                to,
                step,
            } => self.range(column, from, to, step),
            RowSource::Given(name) => self.tables.get(name).cloned().ok_or(NoRows::NoInput),
            RowSource::Union {
                parts,
                label,
                common,
            } => {
                let parts: Vec<Table> = parts
                    .iter()
                    .map(|part| self.pipeline(part, input))
                    .collect::<Result<_>>()?;
                self.spend(parts.iter().map(|part| part.rows.len()).sum())?;
                Ok(union::union(parts, label.as_ref(), *common))
            }
            RowSource::Input => input.cloned().ok_or(NoRows::NoInput),
        }
    }

    fn of_events(
        &self,
        sources: &[LogSource],
        selection: &Condition,
        columns: &[NamedTerm],
        rest: bool,
    ) -> Result<Table> {
        let mut table = Table {
            columns: columns_of(columns),
            rows: Vec::new(),
        };
        for event in self
            .events
            .iter()
            .filter(|(source, _)| sources.contains(source))
            .flat_map(|(_, events)| events)
        {
            self.spend(1)?;
            let whole = self.with_values(event);
            let scope = self.scope(&whole);
            if !scope.holds(selection) {
                continue;
            }
            let mut row = named(&scope, columns);
            if let Some(keys) = event.as_object().filter(|_| rest) {
                for (key, value) in keys {
                    if !row.contains_key(key) {
                        row.insert(key.clone(), value.clone());
                        if !table.has(key) {
                            table.columns.push(RowColumn {
                                name: key.clone(),
                                kind: ColumnKind::Unknown,
                            });
                        }
                    }
                }
            }
            table.rows.push(row);
        }
        fill(&mut table);
        Ok(table)
    }

    fn range(&self, column: &RowColumn, from: &Term, to: &Term, step: &Term) -> Result<Table> {
        let nothing = Value::Object(self.values.clone());
        let scope = self.scope(&nothing);
        let value = |term| scope.value(term).ok_or(NoRows::NoNumber);
        let (mut at, to, step) = (value(from)?, value(to)?, value(step)?);
        let rising = step.as_f64().is_some_and(|step| step > 0.0);
        let falling = step.as_f64().is_some_and(|step| step < 0.0);
        let mut table = Table {
            columns: vec![column.clone()],
            rows: Vec::new(),
        };
        while rising && order::compare(&at, &to).is_le()
            || falling && order::compare(&at, &to).is_ge()
        {
            self.spend(1)?;
            table
                .rows
                .push(std::iter::once((column.name.clone(), at.clone())).collect());
            at = order::sum(&at, &step).ok_or(NoRows::NoNumber)?;
        }
        Ok(table)
    }

    fn stage(&self, stage: &RowStage, mut table: Table) -> Result<Table> {
        match stage {
            RowStage::Where(condition) => {
                table
                    .rows
                    .retain(|row| self.on(row, |scope| scope.holds(condition)));
                Ok(table)
            }
            RowStage::Extend(columns) => {
                self.extend(columns, &mut table);
                Ok(table)
            }
            RowStage::Project(columns) => {
                let rows = table.rows.iter();
                let rows = rows.map(|row| self.on(row, |scope| named(scope, columns)));
                Ok(Table {
                    rows: rows.collect(),
                    columns: columns_of(columns),
                })
            }
            RowStage::Without(names) => {
                table.columns.retain(|column| !names.contains(&column.name));
                for row in &mut table.rows {
                    row.retain(|name, _| !names.contains(name));
                }
                Ok(table)
            }
            RowStage::Summarize(summary) => self.summarize(summary, &table),
            RowStage::Distinct => Ok(summary::distinct(table)),
            RowStage::Join(joined) => {
                let right = self.pipeline(&joined.right, None)?;
                self.join(joined, &table, &right)
            }
            RowStage::Expand(expanded) => self.expand(expanded, &table),
            RowStage::Apply { items, body } => self.apply(items, body, &table),
            RowStage::Unpack(unpacked) => unpack(unpacked, table),
            RowStage::Series(series) => self.series(series, &table),
            RowStage::Partition { by, body } => self.partition(by, body, &table),
            RowStage::Sort(keys) => Ok(self.sort(keys, table)),
            RowStage::Take(count) => {
                let nothing = Value::Object(self.values.clone());
                let count = self.scope(&nothing).value(count);
                let count = count.and_then(|count| count.as_i64());
                let count = count.ok_or(NoRows::NoNumber)?;
                table.rows.truncate(usize::try_from(count).unwrap_or(0));
                Ok(table)
            }
            RowStage::Count(name) => Ok(counted(name, &table)),
            RowStage::Number(columns) => {
                for column in columns {
                    self.number(column, &mut table);
                }
                Ok(table)
            }
        }
    }

    /// Columns that are added, or replaced in place.
    fn extend(&self, columns: &[NamedTerm], table: &mut Table) {
        for row in &mut table.rows {
            let new = self.on(row, |scope| named(scope, columns));
            row.extend(new);
        }
        for column in columns_of(columns) {
            match table.columns.iter_mut().find(|old| old.name == column.name) {
                Some(old) => *old = column,
                None => table.columns.push(column),
            }
        }
    }

    /// A column whose values depend on other rows.
    fn number(&self, numbered: &Numbered, table: &mut Table) {
        let mut values: Vec<Value> = Vec::new();
        for (at, row) in table.rows.iter().enumerate() {
            let value = match &numbered.value {
                Neighbour::At {
                    term,
                    distance,
                    otherwise,
                } => {
                    let at = i64::try_from(at)
                        .ok()
                        .and_then(|at| at.checked_add(*distance));
                    let other = at.and_then(|at| usize::try_from(at).ok());
                    match other.and_then(|at| table.rows.get(at)) {
                        Some(other) => self.on(other, |scope| scope.value(term)),
                        None => self.on(row, |scope| scope.value(otherwise)),
                    }
                }
                Neighbour::Row { start, restart } => {
                    let again = self.on(row, |scope| scope.holds(restart));
                    let before = values.last().filter(|_| !again).and_then(Value::as_i64);
                    Some(before.map_or(*start, |before| before + 1).into())
                }
                Neighbour::Sum { term, restart } => {
                    let again = self.on(row, |scope| scope.holds(restart));
                    let value = self.on(row, |scope| scope.value(term));
                    let value = value.unwrap_or(Value::Null);
                    match values.last().filter(|_| !again) {
                        Some(before) => order::sum(before, &value).or(Some(before.clone())),
                        None => Some(value),
                    }
                }
            };
            values.push(value.unwrap_or(Value::Null));
        }
        for (row, value) in table.rows.iter_mut().zip(values) {
            row.insert(numbered.name.clone(), value);
        }
        if !table.has(&numbered.name) {
            table.columns.push(RowColumn {
                name: numbered.name.clone(),
                kind: ColumnKind::Unknown,
            });
        }
    }

    fn partition(&self, by: &Term, body: &Pipeline, table: &Table) -> Result<Table> {
        let mut parts: Vec<Table> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for row in &table.rows {
            let key = self.on(row, |scope| order::key(scope.value(by).as_ref()));
            let at = *places.entry(key).or_insert_with(|| {
                parts.push(Table {
                    columns: table.columns.clone(),
                    rows: Vec::new(),
                });
                parts.len() - 1
            });
            if let Some(part) = parts.get_mut(at) {
                part.rows.push(row.clone());
            }
        }
        if parts.is_empty() {
            parts.push(Table {
                columns: table.columns.clone(),
                rows: Vec::new(),
            });
        }
        let parts = parts.iter().map(|part| self.pipeline(body, Some(part)));
        Ok(union::union(parts.collect::<Result<_>>()?, None, false))
    }

    /// What is asked of a row, with the given values among its fields.
    fn on<T>(&self, row: &Row, ask: impl FnOnce(&Scope<'_>) -> T) -> T {
        let mut whole = row.clone();
        whole.extend(self.values.clone());
        let whole = Value::Object(whole);
        ask(&self.scope(&whole))
    }

    fn with_values(&self, event: &Value) -> Value {
        match event {
            Value::Object(keys) if !self.values.is_empty() => {
                let mut keys = keys.clone();
                keys.extend(self.values.clone());
                Value::Object(keys)
            }
            other => other.clone(),
        }
    }

    fn scope<'v>(&self, event: &'v Value) -> Scope<'v> {
        match self.scan_time {
            Some(time) => Scope::at(event, time),
            None => Scope::new(event),
        }
    }
}

/// The number of rows, as the only column.
fn counted(name: &str, table: &Table) -> Table {
    let column = RowColumn {
        name: name.to_owned(),
        kind: ColumnKind::Number,
    };
    let count = Value::from(table.rows.len());
    Table {
        columns: vec![column],
        rows: vec![std::iter::once((name.to_owned(), count)).collect()],
    }
}

/// The values of the columns, a missing one being what its kind has instead.
fn named(scope: &Scope<'_>, columns: &[NamedTerm]) -> Row {
    let value = |column: &NamedTerm| {
        let value = scope
            .value(&column.source)
            .filter(|value| !value.is_null())
            .unwrap_or_else(|| column.kind.absent().to_json());
        (column.name.clone(), value)
    };
    columns.iter().map(value).collect()
}

fn columns_of(columns: &[NamedTerm]) -> Vec<RowColumn> {
    let column = |column: &NamedTerm| RowColumn {
        name: column.name.clone(),
        kind: column.kind,
    };
    columns.iter().map(column).collect()
}

/// Gives every row every column.
fn fill(table: &mut Table) {
    for row in &mut table.rows {
        for column in &table.columns {
            if !row.contains_key(&column.name) {
                row.insert(column.name.clone(), column.kind.absent().to_json());
            }
        }
    }
}
