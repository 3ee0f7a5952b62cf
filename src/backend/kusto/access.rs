//! How a query reads each field of a log source, for people to see and for the binder to judge.

use super::place::Place;
use crate::bind::bind;
use crate::diagnostic::Severity;
use crate::ir::FieldPath;
use crate::schema::kusto::Schemas;
use crate::schema::{LogSourceMap, TableMap};
use crate::syntax::kql;

use super::quote;

/// The expression that reads the field in the table, or why there is none.
pub fn access(
    source: &LogSourceMap,
    table: &TableMap,
    field: &FieldPath,
) -> Result<String, String> {
    match Place::known(source, table).field(field) {
        Ok(value) => Ok(value.text()),
        Err(gap) => Err(gap.reason().to_owned()),
    }
}

/// What the binder has against the expressions that read the source's fields, each with its field and table.
pub fn unbound(source: &LogSourceMap) -> Vec<(FieldPath, String, String)> {
    let mut found = Vec::new();
    for table in source.tables() {
        for entry in source.fields() {
            let Ok(text) = access(source, table, &entry.field) else {
                continue;
            };
            let query = format!("{} | project x = {text}", quote::name(&table.name));
            let parsed = kql::parse(&query);
            let mut said: Vec<String> = parsed
                .errors
                .iter()
                .map(|error| error.message.clone())
                .collect();
            let problems = bind(&parsed.query, Schemas::builtin()).problems;
            let problems = problems
                .iter()
                .filter(|problem| problem.severity == Severity::Error);
            said.extend(problems.map(|problem| problem.message.clone()));
            let place = (entry.field.clone(), table.name.clone());
            found.extend(
                said.into_iter()
                    .map(|said| (place.0.clone(), place.1.clone(), said)),
            );
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Crosswalk;

    #[test]
    fn every_shipped_field_is_read_by_an_expression_that_binds() {
        let mut read = 0;
        for source in Crosswalk::builtin().sources() {
            assert_eq!(unbound(source), [], "{}", source.id);
            for table in source.tables() {
                let fields = source.fields().iter();
                read += fields
                    .filter(|entry| access(source, table, &entry.field).is_ok())
                    .count();
            }
        }
        assert!(read > 1_500, "{read}");
    }
}
