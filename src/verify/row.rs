//! A row: what the table of a log source has of an event, and the event as the table has it.
//!
//! Refused: what one record cannot be, such as two values in one column, the row of another source that shares the table, or what is
//! written as the events of another system are.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::ir::{FieldPath, Literal};
use crate::schema::{Access, Column, Direction, LogSourceMap, TableMap, rows};

/// The event as the table has it, and its row; nothing where the table has no such event.
pub(super) fn held(
    source: &LogSourceMap,
    table: &TableMap,
    event: &Value,
) -> Option<(Value, Map<String, Value>)> {
    let event = completed(source, table, of_table(table, event));
    let whole = unfolded(source, &event);
    if !is_one_record(table, &whole) || is_foreign(table, &whole) {
        return None;
    }
    let mut row = rows::row(table, &whole)?;
    if is_of_another(table, &row) || !own_columns(table, &whole, &mut row) {
        return None;
    }
    Some((event, row))
}

/// The event with what all events of the table have.
pub(super) fn of_table(table: &TableMap, event: &Value) -> Value {
    let mut made = event.clone();
    for (field, values) in &table.has {
        rows::remove(&mut made, &field.segments);
        tell(&mut made, field, values);
    }
    // What tells the source's rows from others is in its events, too.
    for (name, values) in &table.only {
        let own = FieldPath::keys([name.as_str()]);
        match table.column(name) {
            Some(column) if column.values.is_empty() => tell(&mut made, &column.field, values),
            None if matches!(table.access(&own), Access::Own(_)) => tell(&mut made, &own, values),
            _ => {}
        }
    }
    rows::of_table(table, &made)
}

/// The event with a value in all fields that share its column: a record has them all, or none.
fn completed(source: &LogSourceMap, table: &TableMap, mut event: Value) -> Value {
    let shared: Vec<&Column> = whole_columns(table)
        .filter(|column| column.values.is_empty() && !column.json)
        .collect();
    let given: Vec<(&Column, Value)> = shared
        .iter()
        .filter_map(|column| {
            let value = rows::get(&event, &column.field.segments)?;
            let is_plain = !(value.is_null() || value.is_object() || value.is_array());
            is_plain.then(|| (*column, value.clone()))
        })
        .collect();
    for (held, value) in given {
        for other in shared.iter().filter(|other| other.name == held.name) {
            let lies_within =
                other.field.starts_with(&held.field) || held.field.starts_with(&other.field);
            let own = rows::get(&event, &other.field.segments);
            if lies_within || own.is_some_and(|own| !own.is_null()) {
                continue;
            }
            let mut whole = event.clone();
            rows::put(&mut whole, &other.field.segments, value.clone());
            if source.accepts(&whole) {
                event = whole;
            }
        }
    }
    event
}

/// The columns that stand for a field, be they written for it or read as it.
fn whole_columns(table: &TableMap) -> impl Iterator<Item = &Column> {
    table
        .columns
        .iter()
        .filter(|column| column.direction != Direction::Neither && column.path.segments.is_empty())
}

/// Gives the field, where it has no value, one of those that tell the event from others: the one that the event says in another
/// place, if it does, since one record is not two things.
pub(super) fn tell(event: &mut Value, field: &FieldPath, values: &[Literal]) {
    if rows::get(event, &field.segments).is_some_and(|value| !value.is_null()) {
        return;
    }
    let said = values.iter().find(|value| says(event, &value.to_json()));
    if let Some(value) = said.or(values.first()) {
        let value = value.to_json();
        rows::put(event, &field.segments, value);
    }
}

/// Whether the value stands anywhere in the event.
fn says(event: &Value, value: &Value) -> bool {
    match event {
        Value::Object(entries) => entries.values().any(|below| says(below, value)),
        Value::Array(items) => items.iter().any(|item| says(item, value)),
        other => other == value,
    }
}

/// The event with the objects that its texts spell, where the log source has their keys as fields.
fn unfolded(source: &LogSourceMap, event: &Value) -> Value {
    let mut event = event.clone();
    for entry in source.fields().iter().filter(|entry| entry.is_json) {
        let spelt = rows::get(&event, &entry.field.segments).and_then(Value::as_str);
        let read = spelt.and_then(|text| serde_json::from_str::<Value>(text).ok());
        if let Some(read) = read.filter(Value::is_object) {
            rows::put(&mut event, &entry.field.segments, read);
        }
    }
    event
}

/// Whether the fields that share a column have one value.
fn is_one_record(table: &TableMap, event: &Value) -> bool {
    let mut held: BTreeMap<&str, &Value> = BTreeMap::new();
    for column in whole_columns(table) {
        let value = rows::get(event, &column.field.segments);
        let Some(value) = value.filter(|value| !(value.is_null() || value.is_object())) else {
            continue;
        };
        if *held.entry(&column.name).or_insert(value) != value {
            return false;
        }
    }
    true
}

/// The text that a plain value is compared by.
fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether the row is one of another source that shares the table.
fn is_of_another(table: &TableMap, row: &Map<String, Value>) -> bool {
    table.only.iter().any(|(column, values)| {
        let own = row.get(column).filter(|own| !own.is_null()).map(text);
        own.is_some_and(|own| values.iter().all(|value| text(&value.to_json()) != own))
    })
}

/// Whether the event is written as those of another source in the table are: with paths of another system, say.
fn is_foreign(table: &TableMap, event: &Value) -> bool {
    let Some(besides) = &table.besides else {
        return false;
    };
    let mut asked = besides.fields.iter().take(1);
    asked.any(|field| {
        let text = rows::get(event, &field.segments).and_then(Value::as_str);
        text.is_some_and(|text| text.contains(&besides.never))
    })
}

/// Adds the columns that the table has under the names of fields. `false` where such a column holds another field, whose value
/// is another: one record is not two things.
fn own_columns(table: &TableMap, event: &Value, row: &mut Map<String, Value>) -> bool {
    for (key, value) in event.as_object().into_iter().flatten() {
        let path = FieldPath::keys([key.as_str()]);
        if !matches!(table.access(&path), Access::Own(_) | Access::Unmapped) {
            continue;
        }
        let is_held = table.read_columns().any(|column| column.name == *key);
        if is_held && row.get(key) != Some(value) && !value.is_null() {
            return false;
        }
        // The column that tells the source's rows from others has one of their values.
        if !is_held && row.get(key).is_some_and(|told| text(told) != text(value)) {
            return false;
        }
        row.entry(key.clone()).or_insert_with(|| value.clone());
    }
    true
}
