//! Rows below each other.

use serde_json::Value;

use super::{Table, fill};
use crate::ir::pipeline::{ColumnKind, Label, RowColumn};

/// The rows of all tables; columns of one name are one.
pub(super) fn union(parts: Vec<Table>, label: Option<&Label>, common: bool) -> Table {
    let mut columns: Vec<RowColumn> = Vec::new();
    if let Some(label) = label {
        columns.push(RowColumn {
            name: label.column.clone(),
            kind: ColumnKind::Text,
        });
    }
    for column in parts.iter().flat_map(|part| &part.columns) {
        let everywhere = || parts.iter().all(|part| part.has(&column.name));
        match columns.iter_mut().find(|known| known.name == column.name) {
            Some(known) if known.kind == ColumnKind::Unknown => known.kind = column.kind,
            Some(_) => {}
            None if common && !everywhere() => {}
            None => columns.push(column.clone()),
        }
    }
    let mut table = Table {
        columns,
        rows: Vec::new(),
    };
    for (at, part) in parts.into_iter().enumerate() {
        for mut row in part.rows {
            if let Some(label) = label {
                let name = label.names.get(at).cloned().unwrap_or_default();
                row.insert(label.column.clone(), Value::from(name));
            }
            if common {
                row.retain(|name, _| table.has(name));
            }
            table.rows.push(row);
        }
    }
    fill(&mut table);
    table
}
