//! Every field of every log source is read back from its column as itself.

use std::collections::BTreeSet;

use rulec::backend::access;
use rulec::ir::{FieldPath, Literal, LogSource, Rule};
use rulec::schema::{Access, Crosswalk, Direction, LogSourceMap, TableMap};

use crate::read_back;

/// How many columns a query shows at once.
const COLUMNS: usize = 40;

fn rule(query: &str) -> Rule {
    read_back::query(query).unwrap_or_else(|| panic!("{query}"))
}

/// The fields that are shown for a field, and the expression that shows it; nothing where the two are not meant to lead to each
/// other.
fn shown(
    source: &LogSourceMap,
    table: &TableMap,
    field: &FieldPath,
) -> Option<(BTreeSet<String>, String)> {
    let text = access(source, table, field).ok()?;
    let fields = match table.access(field) {
        Access::Column(column) | Access::Below(column, _) => {
            // What is spelt in another way is read by its own test.
            if !column.values.is_empty()
                || column.direction == Direction::Write
                || !column.path.segments.is_empty()
            {
                return None;
            }
            BTreeSet::from([field.to_string()])
        }
        Access::Parts(_) => BTreeSet::from([field.to_string()]),
        Access::Constant(_) | Access::Own(_) | Access::Absent | Access::Unmapped => return None,
    };
    Some((fields, text))
}

/// The table as a query names it: with the tests of columns that tell the source's rows, where it has others besides; nothing
/// where its rows are read as those of another source.
fn rows_of(source: &LogSourceMap, table: &TableMap) -> Option<String> {
    if table.shared {
        return None;
    }
    if table.is_whole() {
        let (reader, _) = Crosswalk::builtin().by_table(&table.name)?;
        return (reader.id == source.id).then(|| table.name.clone());
    }
    // Rows of a table that another source is all of are read as that one's.
    if Crosswalk::builtin().by_table(&table.name).is_some() {
        return None;
    }
    let said = |(column, values): &(String, Vec<Literal>)| {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        format!("| where {column} in ({})", values.join(", "))
    };
    let tests: Vec<String> = table.only.iter().map(said).collect();
    Some(format!("{} {}", table.name, tests.join(" ")))
}

#[test]
fn every_field_comes_back_from_its_column() {
    let mut wrong = Vec::new();
    let mut read = 0;
    let sources = Crosswalk::builtin().sources();
    let tables =
        sources.flat_map(|source| source.tables().iter().map(move |table| (source, table)));
    for (source, table) in tables {
        let Some(rows) = rows_of(source, table) else {
            continue;
        };
        let fields = source.fields().iter();
        let all: Vec<_> = fields
            .filter_map(|entry| Some((&entry.field, shown(source, table, &entry.field)?)))
            .collect();
        for chunk in all.chunks(COLUMNS) {
            let columns: Vec<String> = chunk
                .iter()
                .enumerate()
                .map(|(at, (_, (_, text)))| format!("f{at} = {text}"))
                .collect();
            let rule = rule(&format!("{rows} | project {}", columns.join(", ")));
            // Rows that several sources claim alike are no source's.
            if let [LogSource::Unknown { name, .. }] = rule.log_sources.as_slice() {
                assert!(!table.is_whole() && name == &table.name, "{rows}");
                break;
            }
            assert_eq!(
                rule.log_sources,
                [LogSource::Known(source.name_with(table))],
                "{rows}"
            );
            for (at, (field, (expected, text))) in chunk.iter().enumerate() {
                let name = format!("f{at}");
                let output = rule.outputs.iter().find(|output| output.name == name);
                let found: Option<BTreeSet<String>> = output.map(|output| {
                    let fields = output.source.fields().into_iter();
                    fields.map(ToString::to_string).collect()
                });
                read += 1;
                if found.as_ref() != Some(expected) {
                    wrong.push(format!(
                        "{} {} {field} = {text}: {found:?}",
                        source.id, table.name
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {read}\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(read > 900, "{read}");
}
