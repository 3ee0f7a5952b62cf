//! The entries of objects as columns.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{NoRows, Result, Table, fill};
use crate::ir::pipeline::{ColumnKind, Conflict, RowColumn, Unpacked};

/// The rows with the entries of an object as columns.
pub(super) fn unpack(unpacked: &Unpacked, mut table: Table) -> Result<Table> {
    table
        .columns
        .retain(|column| column.name != unpacked.column);
    let mut names = BTreeSet::new();
    let mut objects = Vec::new();
    for row in &mut table.rows {
        let mut entries = match row.remove(&unpacked.column) {
            Some(Value::Object(entries)) => entries,
            _ => serde_json::Map::new(),
        };
        entries.retain(|key, _| !unpacked.without.contains(key));
        names.extend(
            entries
                .keys()
                .map(|key| format!("{}{key}", unpacked.prefix)),
        );
        objects.push(entries);
    }
    if unpacked.conflict.is_none() && names.iter().any(|name| table.has(name)) {
        return Err(NoRows::Conflict);
    }
    let keep = unpacked.conflict == Some(Conflict::KeepColumn);
    for (row, entries) in table.rows.iter_mut().zip(objects) {
        for (key, value) in entries {
            let name = format!("{}{key}", unpacked.prefix);
            if !(keep && table.columns.iter().any(|column| column.name == name)) {
                row.insert(name, value);
            }
        }
    }
    for name in names {
        if !table.has(&name) {
            table.columns.push(RowColumn {
                name,
                kind: ColumnKind::Any,
            });
        }
    }
    fill(&mut table);
    Ok(table)
}
