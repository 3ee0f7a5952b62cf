//! How a query reads a field of a log source, for people to see and for the binder to judge.

use super::place::Place;
use crate::ir::FieldPath;
use crate::schema::{LogSourceMap, TableMap};

/// The expression that reads the field in the table, or why there is none.
pub fn access(
    source: &LogSourceMap,
    table: &TableMap,
    field: &FieldPath,
) -> Result<String, String> {
    match Place::known(source, table).field(field) {
        Ok(value) => Ok(value.text()),
        Err(gap) => Err(gap.reason()),
    }
}
