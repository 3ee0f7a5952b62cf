//! Groups of rows and what is computed of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Number, Value};

use super::order::{compare, key, sum};
use super::{Result, Row, Run, Table, columns_of, named};
use crate::ir::pipeline::{ColumnKind, Gather, Gathered, Picked, RowColumn, Summary};

/// The rows of one group, and its keys.
struct Group<'t> {
    keys: Row,
    rows: Vec<&'t Row>,
}

impl Run<'_> {
    /// One row for each group.
    pub(super) fn summarize(&self, summary: &Summary, table: &Table) -> Result<Table> {
        let groups = self.groups(summary, table)?;
        let mut columns = columns_of(&summary.by);
        let gathered = summary.gathered.iter().map(|gathered| RowColumn {
            name: gathered.name.clone(),
            kind: gathered.kind,
        });
        columns.extend(gathered);
        for picked in &summary.picked {
            columns.extend(
                picked
                    .by
                    .iter()
                    .flat_map(|by| columns_of(std::slice::from_ref(by))),
            );
            columns.extend(columns_of(&picked.columns));
            if picked.all {
                for column in &table.columns {
                    if !columns.iter().any(|known| known.name == column.name) {
                        columns.push(column.clone());
                    }
                }
            }
        }
        let mut rows = Vec::new();
        for group in groups {
            let mut row = group.keys;
            for gathered in &summary.gathered {
                let value = self.gather(gathered, &group.rows);
                row.insert(gathered.name.clone(), value);
            }
            for picked in &summary.picked {
                self.pick(picked, &group.rows, &mut row);
            }
            for column in &columns {
                if !row.contains_key(&column.name) {
                    row.insert(column.name.clone(), column.kind.absent().to_json());
                }
            }
            rows.push(row);
        }
        Ok(Table { columns, rows })
    }

    /// The groups in the order of their first rows.
    fn groups<'t>(&self, summary: &Summary, table: &'t Table) -> Result<Vec<Group<'t>>> {
        let mut groups: Vec<Group<'t>> = Vec::new();
        let mut places: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        for row in &table.rows {
            self.spend(1)?;
            let keys = self.on(row, |scope| named(scope, &summary.by));
            let place = keys.values().map(|value| key(Some(value))).collect();
            let at = *places.entry(place).or_insert_with(|| {
                groups.push(Group {
                    keys,
                    rows: Vec::new(),
                });
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(at) {
                group.rows.push(row);
            }
        }
        if summary.by.is_empty() && groups.is_empty() {
            groups.push(Group {
                keys: Row::new(),
                rows: Vec::new(),
            });
        }
        Ok(groups)
    }

    /// The value of a column computed of rows.
    pub(super) fn gather(&self, gathered: &Gathered, rows: &[&Row]) -> Value {
        let values = rows.iter().filter_map(|row| {
            self.on(row, |scope| {
                let taken = gathered.when.as_ref().is_none_or(|when| scope.holds(when));
                taken.then(|| match &gathered.of {
                    Some(term) => scope.value(term).unwrap_or(Value::Null),
                    None => Value::Null,
                })
            })
        });
        computed(gathered.what, values.collect(), gathered.kind)
    }

    fn pick(&self, picked: &Picked, rows: &[&Row], into: &mut Row) {
        let mut best: Option<(Value, &Row)> = None;
        for row in rows {
            let value = picked
                .by
                .as_ref()
                .and_then(|by| self.on(row, |scope| scope.value(&by.source)));
            let value = value.unwrap_or(Value::Null);
            let better = best.as_ref().is_none_or(|(known, _)| {
                let order = compare(&value, known);
                !value.is_null()
                    && (known.is_null()
                        || if picked.greatest {
                            order.is_gt()
                        } else {
                            order.is_lt()
                        })
            });
            if better && (best.is_none() || picked.by.is_some()) {
                best = Some((value, row));
            }
        }
        let Some((_, row)) = best else { return };
        let mut columns: Vec<_> = picked.by.iter().cloned().collect();
        columns.extend(picked.columns.iter().cloned());
        let shown = self.on(row, |scope| named(scope, &columns));
        for (name, value) in shown {
            into.entry(name).or_insert(value);
        }
        if picked.all {
            for (name, value) in row {
                into.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
    }
}

/// Equal rows once, the first of them.
pub(super) fn distinct(mut table: Table) -> Table {
    let mut seen = BTreeSet::new();
    let columns = &table.columns;
    table.rows.retain(|row| {
        let values = columns.iter().map(|column| key(row.get(&column.name)));
        seen.insert(values.collect::<Vec<_>>())
    });
    table
}

/// What is computed of the values.
fn computed(what: Gather, mut values: Vec<Value>, kind: ColumnKind) -> Value {
    if what == Gather::Count {
        return values.len().into();
    }
    if !matches!(what, Gather::List { nulls: true, .. }) {
        values.retain(|value| !value.is_null());
    }
    let capped = |mut values: Vec<Value>, limit: u32| {
        values.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Value::Array(values)
    };
    let least = |a: &Value, b: &Value| compare(a, b);
    let found = match what {
        Gather::Count => None,
        Gather::DistinctCount => Some(unique(values).len().into()),
        Gather::Sum => {
            let zero = Value::from(0);
            values.iter().try_fold(zero, |a, b| sum(&a, b).or(Some(a)))
        }
        Gather::Average => mean(&numbers(&values)).and_then(|mean| real(mean, kind)),
        Gather::Least => values.into_iter().min_by(least),
        // Of equal values the first counts.
        Gather::Greatest => values.into_iter().rev().max_by(least),
        Gather::Any => values.into_iter().next(),
        Gather::Set(limit) => Some(capped(unique(flat(values)), limit)),
        Gather::List { limit, .. } => Some(capped(values, limit)),
        Gather::Object(limit) => Some(object(values, limit)),
        Gather::Variance { whole, root } => variance(&numbers(&values), whole, root),
        Gather::Percentile(percent) => percentile(values, percent),
        Gather::BitAnd => bits(&values, |a, b| a & b),
        Gather::BitOr => bits(&values, |a, b| a | b),
        Gather::BitXor => bits(&values, |a, b| a ^ b),
    };
    found.unwrap_or_else(|| kind.absent().to_json())
}

/// The items of lists in place of the lists.
fn flat(values: Vec<Value>) -> Vec<Value> {
    let items = values.into_iter().flat_map(|value| match value {
        Value::Array(items) => items,
        other => vec![other],
    });
    items.filter(|item| !item.is_null()).collect()
}

fn unique(mut values: Vec<Value>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    values.retain(|value| seen.insert(key(Some(value))));
    values
}

fn numbers(values: &[Value]) -> Vec<f64> {
    values.iter().filter_map(Value::as_f64).collect()
}

#[allow(
    clippy::cast_precision_loss,
    reason = "numbers of rows stay far below 2^53"
)]
fn mean(numbers: &[f64]) -> Option<f64> {
    let count = numbers.len() as f64;
    (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / count)
}

/// A number with a fraction; a point in time or a time span is a whole number.
fn real(number: f64, kind: ColumnKind) -> Option<Value> {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the mean of ticks is a number of ticks"
    )]
    let whole = || Value::from(number as i64);
    match kind {
        ColumnKind::Time | ColumnKind::Span => Some(whole()),
        _ => Number::from_f64(number).map(Value::Number),
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "numbers of rows stay far below 2^53"
)]
fn variance(numbers: &[f64], whole: bool, root: bool) -> Option<Value> {
    let count = numbers.len() as f64;
    let divisor = if whole { count } else { count - 1.0 };
    let variance = match mean(numbers) {
        Some(mean) if divisor > 0.0 => {
            numbers.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / divisor
        }
        _ => 0.0,
    };
    let result = if root { variance.sqrt() } else { variance };
    Number::from_f64(result).map(Value::Number)
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the rank lies within the list"
)]
fn percentile(mut values: Vec<Value>, percent: f64) -> Option<Value> {
    values.sort_by(compare);
    let rank = (percent / 100.0 * values.len() as f64).ceil().max(1.0) as usize;
    values.get(rank - 1).cloned()
}

fn bits(values: &[Value], join: fn(i64, i64) -> i64) -> Option<Value> {
    let numbers = values.iter().filter_map(Value::as_i64);
    numbers.reduce(join).map(Value::from)
}

/// The entries of all objects, the first of each key.
fn object(values: Vec<Value>, limit: u32) -> Value {
    let mut entries = Map::new();
    for value in values {
        if let Value::Object(object) = value {
            for (key, value) in object {
                if entries.len() < usize::try_from(limit).unwrap_or(usize::MAX) {
                    entries.entry(key).or_insert(value);
                }
            }
        }
    }
    entries.into()
}
