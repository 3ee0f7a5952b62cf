//! Lists over equidistant steps.

use std::collections::BTreeMap;

use serde_json::Value;

use super::order::{compare, key, sum};
use super::{NoRows, Result, Row, Run, Table, columns_of, named};
use crate::ir::pipeline::{ColumnKind, RowColumn, Series};

impl Run<'_> {
    /// One row for each group, with a list for each value.
    pub(super) fn series(&self, series: &Series, table: &Table) -> Result<Table> {
        let nothing = Value::Object(self.values.clone());
        let scope = self.scope(&nothing);
        let value = |term| scope.value(term).ok_or(NoRows::NoNumber);
        let (mut at, to, step) = (
            value(&series.from)?,
            value(&series.to)?,
            value(&series.step)?,
        );
        let mut starts = Vec::new();
        while step.as_f64().is_some_and(|step| step > 0.0) && compare(&at, &to).is_lt() {
            self.spend(1)?;
            starts.push(at.clone());
            at = sum(&at, &step).ok_or(NoRows::NoNumber)?;
        }
        let mut groups: Vec<(Row, Vec<(Value, &Row)>)> = Vec::new();
        let mut places: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        if series.by.is_empty() && (series.always || !table.rows.is_empty()) {
            places.insert(Vec::new(), 0);
            groups.push((Row::new(), Vec::new()));
        }
        for row in &table.rows {
            self.spend(1)?;
            let keys = self.on(row, |scope| named(scope, &series.by));
            let on = self.on(row, |scope| scope.value(&series.on.source));
            let place = keys.values().map(|value| key(Some(value))).collect();
            let place = *places.entry(place).or_insert_with(|| {
                groups.push((keys, Vec::new()));
                groups.len() - 1
            });
            if let (Some(group), Some(on)) = (groups.get_mut(place), on) {
                group.1.push((on, row));
            }
        }
        let list = |name: &str| RowColumn {
            name: name.to_owned(),
            kind: ColumnKind::Any,
        };
        let mut columns = columns_of(&series.by);
        columns.extend(
            series
                .gathered
                .iter()
                .map(|(gathered, _)| list(&gathered.name)),
        );
        columns.push(list(&series.on.name));
        let mut rows = Vec::new();
        for (mut row, members) in groups {
            self.spend(starts.len())?;
            self.lists(series, &starts, &step, &members, &mut row)?;
            rows.push(row);
        }
        Ok(Table { columns, rows })
    }

    /// The lists of one group.
    fn lists(
        &self,
        series: &Series,
        starts: &[Value],
        step: &Value,
        members: &[(Value, &Row)],
        row: &mut Row,
    ) -> Result<()> {
        let mut bins: Vec<Vec<&Row>> = Vec::new();
        for start in starts {
            let end = sum(start, step).ok_or(NoRows::NoNumber)?;
            let within = members
                .iter()
                .filter(|(on, _)| compare(on, start).is_ge() && compare(on, &end).is_lt());
            bins.push(within.map(|(_, row)| *row).collect());
            self.spend(members.len())?;
        }
        let nothing = Value::Object(self.values.clone());
        for (gathered, usual) in &series.gathered {
            let usual = self.scope(&nothing).value(usual).unwrap_or(Value::Null);
            let values = bins.iter().map(|rows| match rows.as_slice() {
                [] => usual.clone(),
                rows => self.gather(gathered, rows),
            });
            row.insert(gathered.name.clone(), values.collect());
        }
        let starts = starts
            .iter()
            .map(|start| match (series.on.kind, start.as_i64()) {
                (ColumnKind::Time, Some(ticks)) => crate::ir::compute::moment_text(ticks).into(),
                (ColumnKind::Span, Some(ticks)) => crate::ir::compute::span_text(ticks).into(),
                _ => start.clone(),
            });
        row.insert(series.on.name.clone(), starts.collect());
        Ok(())
    }
}
