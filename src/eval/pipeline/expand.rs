//! Items of lists as rows.

use serde_json::{Map, Value};

use super::{Result, Row, Run, Table, union};
use crate::ir::Pipeline;
use crate::ir::pipeline::{ColumnKind, Expanded, RowColumn};

impl Run<'_> {
    /// One row for each item.
    pub(super) fn expand(&self, expanded: &Expanded, table: &Table) -> Result<Table> {
        let mut result = Table {
            columns: expanded_columns(expanded, table, true),
            rows: Vec::new(),
        };
        for row in &table.rows {
            let rows = self.items(expanded, row);
            self.spend(rows.len())?;
            result.rows.extend(rows);
        }
        Ok(result)
    }

    /// The rows that one row becomes.
    fn items(&self, expanded: &Expanded, row: &Row) -> Vec<Row> {
        let lists: Vec<Vec<Value>> = self.on(row, |scope| {
            let lists = expanded.lists.iter();
            lists
                .map(|list| items_of(scope.value(&list.list), expanded.pairs))
                .collect()
        });
        let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
        let limit = expanded
            .limit
            .and_then(|limit| usize::try_from(limit).ok())
            .unwrap_or(usize::MAX);
        let one = |at: usize| {
            let mut row = row.clone();
            if let Some(index) = &expanded.index {
                row.insert(index.clone(), Value::from(at));
            }
            for (list, items) in expanded.lists.iter().zip(&lists) {
                let item = items.get(at).cloned().unwrap_or(Value::Null);
                row.insert(list.name.clone(), item);
            }
            row
        };
        (0..longest.min(limit)).map(one).collect()
    }

    /// What the body makes of the items of each row, beside the other columns of the row.
    pub(super) fn apply(
        &self,
        expanded: &Expanded,
        body: &Pipeline,
        table: &Table,
    ) -> Result<Table> {
        let is_item = |name: &str| {
            expanded.index.as_deref() == Some(name)
                || expanded.lists.iter().any(|list| list.name == name)
        };
        let columns = expanded_columns(expanded, table, false);
        let mut outer = table.columns.clone();
        outer.retain(|column| !is_item(&column.name));
        let mut parts = vec![Table {
            columns: outer.clone(),
            rows: Vec::new(),
        }];
        // Where there is no row, the body still says which columns there are.
        let mut inputs = vec![(Row::new(), Vec::new())];
        for row in &table.rows {
            let mut kept = row.clone();
            kept.retain(|name, _| !is_item(name));
            inputs.push((kept, self.items(expanded, row)));
        }
        for (at, (kept, rows)) in inputs.into_iter().enumerate() {
            let input = Table {
                columns: columns.clone(),
                rows,
            };
            self.spend(1 + input.rows.len())?;
            let mut made = self.pipeline(body, Some(&input))?;
            made.columns
                .retain(|column| !outer.iter().any(|kept| kept.name == column.name));
            let mut all = outer.clone();
            all.extend(made.columns);
            let beside = |mut row: Row| {
                row.extend(kept.clone());
                row
            };
            parts.push(Table {
                columns: all,
                rows: made
                    .rows
                    .into_iter()
                    .filter(|_| at > 0)
                    .map(beside)
                    .collect(),
            });
        }
        Ok(union::union(parts, None, false))
    }
}

/// The columns behind the expansion; the position stands before the items or behind them.
fn expanded_columns(expanded: &Expanded, table: &Table, index_first: bool) -> Vec<RowColumn> {
    let mut columns = table.columns.clone();
    let index = expanded.index.iter().map(|name| (name, ColumnKind::Number));
    let lists = expanded
        .lists
        .iter()
        .map(|list| (&list.name, ColumnKind::Any));
    let mut new: Vec<(&String, ColumnKind)> = index.chain(lists).collect();
    if !index_first && expanded.index.is_some() {
        new.rotate_left(1);
    }
    for (name, kind) in new {
        match columns.iter_mut().find(|column| column.name == *name) {
            Some(column) => column.kind = kind,
            None => columns.push(RowColumn {
                name: name.clone(),
                kind,
            }),
        }
    }
    columns
}

/// The items that a value is expanded to.
fn items_of(value: Option<Value>, pairs: bool) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items,
        Some(Value::Object(entries)) => entries
            .into_iter()
            .map(|(key, value)| {
                if pairs {
                    Value::Array(vec![key.into(), value])
                } else {
                    Value::Object(Map::from_iter([(key, value)]))
                }
            })
            .collect(),
        value => vec![value.unwrap_or(Value::Null)],
    }
}
