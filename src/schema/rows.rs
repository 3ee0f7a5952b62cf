//! Events and rows of a table, made of each other by the map alone: no backend and no frontend has a part in it.
//!
//! A row holds what the connector would write for the event: the column of every field, in the column's type and spelling. Texts
//! that are missing are left out of the row; a table shows them as empty. Refused: an event that no record of the source is, with
//! a value that its column cannot hold, or with several values for one column.

use serde_json::{Map, Value, json};

use super::{Access, Column, ColumnType, Direction, FieldType, LogSourceMap, TableMap};
use crate::ir::{FieldPath, Function, Literal, Segment, Term};

/// What stands in a column that always has a value, where an event says nothing of it.
const FILLED: &str = "2024-01-01T00:00:00Z";

/// How far an index may lie in a list that is made.
const FARTHEST: i64 = 100;

/// The value at a path; nothing where the path goes through every item of a list.
pub fn get<'v>(value: &'v Value, steps: &[Segment]) -> Option<&'v Value> {
    steps.iter().try_fold(value, |value, step| match step {
        Segment::Key(key) | Segment::Exact(key) => value.get(key),
        Segment::Index(index) => value.get(usize::try_from(*index).ok()?),
        Segment::Each => None,
    })
}

/// The place in a list, if it lies near.
fn place(step: &Segment) -> Option<usize> {
    match step {
        Segment::Index(index) if *index <= FARTHEST => usize::try_from(*index).ok(),
        Segment::Index(_) | Segment::Each | Segment::Key(_) | Segment::Exact(_) => None,
    }
}

/// Puts a value at a path, and makes the objects on the way. A path that leads to no one place is passed over.
pub fn put(target: &mut Value, steps: &[Segment], value: Value) {
    let Some((first, rest)) = steps.split_first() else {
        *target = value;
        return;
    };
    match first {
        Segment::Key(key) | Segment::Exact(key) => {
            if !target.is_object() {
                *target = json!({});
            }
            if let Value::Object(entries) = target {
                let below = entries.entry(key.clone()).or_insert(Value::Null);
                put(below, rest, value);
            }
        }
        Segment::Index(_) | Segment::Each => {
            let Some(at) = place(first) else { return };
            if !target.is_array() {
                *target = json!([]);
            }
            if let Value::Array(items) = target {
                while items.len() <= at {
                    items.push(Value::Null);
                }
                put(&mut items[at], rest, value);
            }
        }
    }
}

/// Removes the value at a path; the whole list where the path goes through its items.
pub fn remove(target: &mut Value, steps: &[Segment]) {
    let until = steps.iter().position(|step| *step == Segment::Each);
    let steps = &steps[..until.unwrap_or(steps.len())];
    let Some((last, above)) = steps.split_last() else {
        return;
    };
    let mut holder = Some(target);
    for step in above {
        holder = holder.and_then(|value| match step {
            Segment::Key(key) | Segment::Exact(key) => value.get_mut(key),
            Segment::Index(index) => value.get_mut(usize::try_from(*index).ok()?),
            Segment::Each => None,
        });
    }
    if let (Some(Value::Object(entries)), Segment::Key(key) | Segment::Exact(key)) = (holder, last)
    {
        // A key is found in any case.
        entries.retain(|other, _| !other.eq_ignore_ascii_case(key));
    }
}

/// The event with what all events of the table have; of several values that a field may have there the one that it has, or the
/// first.
pub fn of_table(table: &TableMap, event: &Value) -> Value {
    let mut event = event.clone();
    for (field, value) in &table.constants {
        put(&mut event, &field.segments, value.to_json());
    }
    for (field, values) in &table.has {
        let own = get(&event, &field.segments);
        let is_own = |value: &Literal| own == Some(&value.to_json());
        if let (Some(first), false) = (values.first(), values.iter().any(is_own)) {
            put(&mut event, &field.segments, first.to_json());
        }
        with_the_same(table, field, &mut event);
    }
    let filled = table.filled.as_deref();
    if let Some(column) = filled.and_then(|name| table.column(name))
        && get(&event, &column.field.segments).is_none_or(|held| held.is_null() || held == "")
    {
        put(&mut event, &column.field.segments, FILLED.into());
    }
    event
}

/// Gives the fields that stand in the column of another one its value, where the event has none of theirs.
fn with_the_same(table: &TableMap, field: &FieldPath, event: &mut Value) {
    let (Access::Column(column), Some(value)) =
        (table.access(field), get(event, &field.segments).cloned())
    else {
        return;
    };
    let is_same = |other: &&Column| {
        other.name == column.name && other.path == column.path && other.field != *field
    };
    for other in table.columns.iter().filter(is_same) {
        let above = other.field.segments.split_last();
        let has_holder = above.is_none_or(|(_, above)| {
            above.is_empty() || get(event, above).is_some_and(Value::is_object)
        });
        let own = get(event, &other.field.segments);
        if has_holder && own.is_none_or(Value::is_null) {
            put(event, &other.field.segments, value.clone());
        }
    }
}

/// The row with the columns that a column is joined of, which another source than the row's may be told by; nothing where the
/// text in it is none that they make.
pub fn with_parts(table: &TableMap, mut row: Map<String, Value>) -> Option<Map<String, Value>> {
    for joined in joined(table) {
        let Some(whole) = row.get(joined.whole).and_then(Value::as_str) else {
            continue;
        };
        let (before, behind) = whole.split_once(joined.by)?;
        let parts = [
            (joined.first, before.to_owned()),
            (joined.last, behind.to_owned()),
        ];
        for (column, part) in parts {
            row.entry(column.to_owned()).or_insert(part.into());
        }
    }
    Some(row)
}

/// The row with the columns that are joined of others; nothing where a part of one is missing.
pub fn with_wholes(table: &TableMap, mut row: Map<String, Value>) -> Option<Map<String, Value>> {
    for joined in joined(table) {
        if row.contains_key(joined.whole) {
            continue;
        }
        let part = |column: &str| row.get(column).and_then(Value::as_str);
        let whole = match (part(joined.first), part(joined.last)) {
            (Some(first), Some(last)) => format!("{first}{}{last}", joined.by),
            (None, None) => continue,
            (Some(_), None) | (None, Some(_)) => return None,
        };
        row.insert(joined.whole.to_owned(), whole.into());
    }
    Some(row)
}

/// A column that is joined of two others.
struct Joined<'t> {
    whole: &'t str,
    first: &'t str,
    by: &'t str,
    last: &'t str,
}

fn joined(table: &TableMap) -> impl Iterator<Item = Joined<'_>> {
    table.made.iter().filter_map(|made| {
        let Term::Call {
            function: Function::Concat,
            arguments,
        } = &made.term
        else {
            return None;
        };
        let [
            Term::Field(first),
            Term::Literal(Literal::Text(by)),
            Term::Field(last),
        ] = arguments.as_ref()
        else {
            return None;
        };
        let column = |field| match table.access(field) {
            Access::Column(column) => Some(column.name.as_str()),
            _ => None,
        };
        Some(Joined {
            whole: &made.column,
            first: column(first)?,
            by,
            last: column(last)?,
        })
    })
}

/// The row of an event of the table; nothing where no record of the source is such an event.
pub fn row(table: &TableMap, event: &Value) -> Option<Map<String, Value>> {
    let mut row = Map::new();
    let mut texts = Vec::new();
    let rank = |column: &&Column| match column.direction {
        Direction::Both => 0,
        Direction::Read => 1,
        Direction::Write => 2,
        Direction::Neither => 3,
    };
    let mut columns: Vec<&Column> = table.columns.iter().collect();
    columns.sort_by_key(|column| (rank(column), column.path.segments.len()));
    for column in columns {
        if column.direction == Direction::Neither {
            continue;
        }
        let Some(value) = get(event, &column.field.segments).filter(|value| !value.is_null())
        else {
            continue;
        };
        let steps = &column.path.segments;
        // Of an object the column of a plain value has a part, which is a field of its own.
        let shares = |other: &Column| other.name == column.name && other.field != column.field;
        if value.is_object() && !column.is_holder() && table.columns.iter().any(shares) {
            continue;
        }
        let place = row.entry(column.name.clone()).or_insert(Value::Null);
        let is_free = get(place, steps).is_none_or(Value::is_null);
        if !is_free && column.direction != Direction::Both {
            continue;
        }
        if steps.is_empty() {
            let cell = cell(value, column)?;
            // Fields that share a column have one value, which may be spelt in several ways.
            if !is_free && *place != cell {
                return None;
            }
            *place = cell;
        } else {
            if !is_free && get(place, steps) != Some(value) {
                return None;
            }
            put(place, steps, value.clone());
            if column.json {
                texts.push(column.name.clone());
            }
        }
    }
    for name in texts {
        let text = row[&name].to_string();
        row.insert(name, Value::from(text));
    }
    for (column, values) in &table.only {
        if let Some(value) = values.first() {
            row.entry(column.clone()).or_insert_with(|| value.to_json());
        }
    }
    Some(row)
}

/// A value in a column of its own; nothing where the column cannot hold it.
fn cell(value: &Value, column: &Column) -> Option<Value> {
    if !column.values.is_empty() {
        let own = |(own, _): &(&Literal, &Literal)| own.to_json() == *value;
        return Some(column.values.pairs().find(own)?.1.to_json());
    }
    let text = || match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match column.kind {
        ColumnType::String if column.json => Some(Value::from(value.to_string())),
        ColumnType::String | ColumnType::Guid | ColumnType::Timespan | ColumnType::Datetime => {
            Some(Value::from(text()))
        }
        ColumnType::Dynamic => Some(value.clone()),
        ColumnType::Bool => text().parse::<bool>().ok().map(Value::from),
        ColumnType::Int | ColumnType::Long => text().parse::<i64>().ok().map(Value::from),
        ColumnType::Real => text().parse::<f64>().ok().map(Value::from),
    }
}

/// The event of a row: every field that the table has, from the column that holds it.
pub fn event(source: &LogSourceMap, table: &TableMap, row: &Map<String, Value>) -> Value {
    let mut event = json!({});
    let mut columns: Vec<&Column> = table.columns.iter().collect();
    columns.sort_by_key(|column| column.field.segments.len());
    for column in columns {
        let through_items = column.field.segments.contains(&Segment::Each);
        if column.direction != Direction::Both || through_items {
            continue;
        }
        let Some(stored) = row.get(&column.name) else {
            continue;
        };
        let spelt = stored.as_str().filter(|_| column.json);
        let stored = match spelt.map(serde_json::from_str) {
            Some(Ok(read)) => read,
            Some(Err(_)) | None => stored.clone(),
        };
        let Some(value) = get(&stored, &column.path.segments) else {
            continue;
        };
        let value = uncell(value, column, source.kind(&column.field));
        put(&mut event, &column.field.segments, value);
    }
    // What is no field is read under its own name.
    for (name, stored) in row {
        if !table.columns.iter().any(|column| column.name == *name) {
            put(&mut event, &[Segment::Key(name.clone())], stored.clone());
        }
    }
    of_table(table, &event)
}

/// The field's value of what a column shows.
fn uncell(shown: &Value, column: &Column, kind: FieldType) -> Value {
    let spelt = |(_, spelt): &(&Literal, &Literal)| spelt.to_json() == *shown;
    if let Some((own, _)) = column.values.pairs().find(spelt) {
        return own.to_json();
    }
    match (kind, shown) {
        (FieldType::Text | FieldType::Datetime, Value::Number(number)) => {
            let whole = number.as_f64().filter(|number| number.fract() == 0.0);
            Value::from(whole.map_or_else(|| number.to_string(), |whole| format!("{whole}")))
        }
        (FieldType::Text, Value::Bool(value)) => Value::from(value.to_string()),
        (FieldType::Integer | FieldType::Any, Value::Number(number)) => {
            let whole = number.as_f64().filter(|number| number.fract() == 0.0);
            whole
                .and_then(|whole| format!("{whole:.0}").parse::<i64>().ok())
                .map_or_else(|| shown.clone(), Value::from)
        }
        (FieldType::Integer, Value::String(text)) => text
            .parse::<i64>()
            .map_or_else(|_| shown.clone(), Value::from),
        (FieldType::Float, Value::String(text)) => text
            .parse::<f64>()
            .map_or_else(|_| shown.clone(), Value::from),
        (FieldType::Boolean, Value::String(text)) => text
            .parse::<bool>()
            .map_or_else(|_| shown.clone(), Value::from),
        (
            FieldType::Object | FieldType::ObjectList | FieldType::ScalarList,
            Value::String(text),
        ) => serde_json::from_str(text).unwrap_or_else(|_| shown.clone()),
        _ => shown.clone(),
    }
}

/// The path up to the first step through every item, and the rest.
pub fn at_list(path: &FieldPath) -> Option<(FieldPath, FieldPath)> {
    let at = path
        .segments
        .iter()
        .position(|step| *step == Segment::Each)?;
    let part = |steps: &[Segment]| FieldPath {
        segments: steps.to_vec().into(),
    };
    Some((part(&path.segments[..at]), part(&path.segments[at + 1..])))
}
