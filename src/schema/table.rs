//! A Sentinel table: its columns, and how a canonical field is reached in it.

use serde::Deserialize;

use crate::ir::{FieldPath, Segment};

/// The type of a column (Kusto's scalar types).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "Kusto's own names")]
pub enum ColumnType {
    String,
    Bool,
    Int,
    Long,
    Real,
    Datetime,
    Timespan,
    Guid,
    Dynamic,
}

/// One column and the field it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: ColumnType,
    /// Whether it is a text that holds the field as JSON.
    pub json: bool,
    /// The canonical field.
    pub field: FieldPath,
}

/// One table.
#[derive(Clone, Debug)]
pub struct TableMap {
    /// Its name.
    pub name: String,
    /// The connector that fills it.
    pub connector: String,
    /// Its columns that hold a field.
    pub columns: Vec<Column>,
    /// Fields that have no column of their own, with the fields that make them up.
    pub parts: Vec<(FieldPath, Vec<FieldPath>)>,
    /// Fields that are known to be absent.
    pub absent: Vec<FieldPath>,
}

/// How a field is reached in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access<'t> {
    /// It is a column.
    Column(&'t Column),
    /// It lies below a column that holds JSON or is dynamic, at these steps.
    Below(&'t Column, &'t [Segment]),
    /// It is an object that the columns of these fields make up.
    Parts(&'t [FieldPath]),
    /// The table is known not to have it.
    Absent,
    /// Nothing is known.
    Unmapped,
}

impl TableMap {
    /// How the field is reached: by its own column, else below the column of its longest prefix that holds an object.
    pub fn access<'t>(&'t self, path: &'t FieldPath) -> Access<'t> {
        if let Some(column) = self.columns.iter().find(|column| &column.field == path) {
            return Access::Column(column);
        }
        if let Some((_, parts)) = self.parts.iter().find(|(field, _)| field == path) {
            return Access::Parts(parts);
        }
        if self.absent.iter().any(|field| path.starts_with(field)) {
            return Access::Absent;
        }
        let holders = self
            .columns
            .iter()
            .filter(|column| column.json || column.kind == ColumnType::Dynamic);
        let below = holders.filter(|column| path.starts_with(&column.field));
        match below.max_by_key(|column| column.field.segments.len()) {
            Some(column) => Access::Below(column, &path.segments[column.field.segments.len()..]),
            None => Access::Unmapped,
        }
    }

    /// The column with this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}
