//! Log source files of one's own: what contradicts itself or a table's schema, and what a query could not read.

use std::io;
use std::path::PathBuf;

use crate::backend::access;
use crate::bind::bind;
use crate::cli::Exit;
use crate::cli::console::Console;
use crate::cli::input::{Input, read};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::ir::FieldPath;
use crate::schema::kusto::Schemas;
use crate::schema::{Access, Crosswalk, LogSourceMap, TableMap};
use crate::source::Sources as Texts;
use crate::syntax::kql;

/// Says what is wrong with each file.
pub(super) fn files(files: &[PathBuf], console: &mut Console<'_>) -> io::Result<Exit> {
    let mut exit = Exit::Success;
    for path in files {
        let text = match read(&Input::file(path.clone())) {
            Ok(text) => text,
            Err(error) => {
                console.complain_of(&error);
                exit = Exit::Failure;
                continue;
            }
        };
        let mut texts = Texts::new();
        let id = texts.add(path, text);
        let text = texts.get(id).map_or("", |source| source.text());
        let (crosswalk, mut found) = Crosswalk::with_files([(id, text)]);
        if !found.has_errors()
            && let Some(source) = crosswalk.sources().next()
        {
            for (field, table, said) in unbound(source) {
                let message = format!("`{field}` in `{table}`: {said}");
                found.push(Diagnostic::error(Code::LogSourceAccess, message));
            }
        }
        if found.has_errors() {
            exit = exit.max(Exit::Refused);
        }
        console.answer(&found, &texts)?;
    }
    Ok(exit)
}

/// Whether the field stands in a column that the table's published schema has not, because a workspace has added it.
fn is_added(table: &TableMap, field: &FieldPath) -> bool {
    let (Access::Column(column) | Access::Below(column, _)) = table.access(field) else {
        return false;
    };
    let published = Schemas::builtin().table(&table.name);
    published.is_some_and(|columns| columns.get(&column.name).is_none())
        && !Schemas::builtin().tables().is_open(&table.name)
}

/// What the parser and the binder have against the expressions that read the source's fields, each with its field and table.
fn unbound(source: &LogSourceMap) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for table in source.tables() {
        let fields = source.fields().iter();
        let read: Vec<(String, String)> = fields
            .filter(|entry| is_reached(table, &entry.field) && !is_added(table, &entry.field))
            .filter_map(|entry| {
                let text = access(source, table, &entry.field).ok()?;
                Some((entry.field.to_string(), text))
            })
            .collect();
        // All at once, and one by one only where something is wrong.
        let all = read.iter().enumerate();
        let all: Vec<String> = all
            .map(|(at, (_, text))| format!("x{at} = {text}"))
            .collect();
        if all.is_empty() || said_of(&table.name, &all.join(", ")).is_empty() {
            continue;
        }
        for (field, text) in read {
            let said = said_of(&table.name, &format!("x = {text}"));
            let said = said.into_iter();
            found.extend(said.map(|said| (field.clone(), table.name.clone(), said)));
        }
    }
    found
}

/// Whether the table is known to have the field.
fn is_reached(table: &TableMap, field: &FieldPath) -> bool {
    !matches!(table.access(field), Access::Absent | Access::Unmapped)
}

/// What the parser and the binder have against columns made of a table's.
fn said_of(table: &str, columns: &str) -> Vec<String> {
    let parsed = kql::parse(&format!("['{table}'] | project {columns}"));
    let errors = parsed.errors.iter().map(|error| error.message.clone());
    let mut said: Vec<String> = errors.collect();
    let problems = bind(&parsed.query, Schemas::builtin()).problems;
    let problems = problems
        .into_iter()
        .filter(|problem| problem.severity == Severity::Error);
    said.extend(problems.map(|problem| problem.message));
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_field_is_read_by_an_expression_that_binds() {
        let mut read = 0;
        for source in Crosswalk::builtin().sources() {
            assert_eq!(unbound(source), [], "{}", source.id);
            for table in source.tables() {
                let fields = source.fields().iter();
                read += fields
                    .filter(|entry| {
                        is_reached(table, &entry.field)
                            && access(source, table, &entry.field).is_ok()
                    })
                    .count();
            }
        }
        assert!(read > 1_500, "{read}");
    }
}
