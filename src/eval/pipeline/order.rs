//! The order of values, their keys in groups, and sums.
//!
//! Null is the least value; then come truth values, numbers, texts by their code points, and everything else by its JSON.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::{Row, Run, Table};
use crate::ir::pipeline::SortKey;

impl Run<'_> {
    /// The rows in order.
    pub(super) fn sort(&self, keys: &[SortKey], mut table: Table) -> Table {
        let mut rows: Vec<(Vec<Value>, Row)> = Vec::new();
        for row in table.rows {
            let values = self.on(&row, |scope| {
                let values = keys.iter().map(|key| scope.value(&key.by));
                values.map(|value| value.unwrap_or(Value::Null)).collect()
            });
            rows.push((values, row));
        }
        rows.sort_by(|(a, _), (b, _)| {
            let pairs = keys.iter().zip(a.iter().zip(b));
            let mut orders = pairs.map(|(key, (a, b))| of_key(key, a, b));
            orders
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        });
        table.rows = rows.into_iter().map(|(_, row)| row).collect();
        table
    }
}

fn of_key(key: &SortKey, a: &Value, b: &Value) -> Ordering {
    let nulls = if key.nulls_first {
        Ordering::Less
    } else {
        Ordering::Greater
    };
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => nulls,
        (false, true) => nulls.reverse(),
        (false, false) if key.descending => compare(b, a),
        (false, false) => compare(a, b),
    }
}

/// The order of two values.
pub(super) fn compare(a: &Value, b: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    };
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => numbers(a, b),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ if rank(a) == rank(b) => a.to_string().cmp(&b.to_string()),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn numbers(a: &Number, b: &Number) -> Ordering {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a
            .as_f64()
            .unwrap_or(f64::NAN)
            .total_cmp(&b.as_f64().unwrap_or(f64::NAN)),
    }
}

/// What values have in common that are one in a group: numbers are their value, nulls and missing values are one.
pub(super) fn key(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "null".to_owned(),
        Some(Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
            (None, Some(real)) if real.fract() == 0.0 && real.abs() < 9e15 => format!("{real:.0}"),
            _ => number.to_string(),
        },
        Some(other) => other.to_string(),
    }
}

/// The sum of two numbers; `None` of anything else.
pub(super) fn sum(a: &Value, b: &Value) -> Option<Value> {
    let (Value::Number(a), Value::Number(b)) = (a, b) else {
        return None;
    };
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => Some(a.wrapping_add(b).into()),
        _ => Some(Number::from_f64(a.as_f64()? + b.as_f64()?)?.into()),
    }
}
