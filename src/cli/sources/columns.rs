//! Which columns that Sentinel's rules ask for are fields, and lead back to the same column.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};

use crate::frontend::asked_names;
use crate::ir::{LogSource, Rule};
use crate::schema::kusto::Schemas;
use crate::schema::{Access, Crosswalk, Direction, TableMap};

/// The columns that a rule's filters ask for, in the tables that are known.
#[derive(Clone, Debug)]
pub(super) struct AskedColumns {
    /// The first of the tables.
    table: String,
    /// The columns, and whether each is a field that is written to the same column.
    columns: Vec<(String, bool)>,
}

/// The columns of a rule that came as a query over a table that is known.
pub(super) fn asked_columns(rule: &Rule, crosswalk: &Crosswalk) -> Option<AskedColumns> {
    let query = rule.preserved.keys.get("query")?.as_str()?;
    let within = rule
        .pipeline
        .iter()
        .flat_map(crate::ir::Pipeline::log_sources);
    let sources: Vec<&LogSource> = rule.log_sources.iter().chain(within).collect();
    let tables: Vec<(&TableMap, &[String])> = sources
        .into_iter()
        .filter_map(|source| Some((crosswalk.table_of(source)?, kept(source))))
        .collect();
    let (first, _) = tables.first()?;
    let columns = asked_names(query).into_iter().filter_map(|(name, asked)| {
        let asked = tables
            .iter()
            .filter(|(table, _)| asked.contains(&table.name));
        let known = asked
            .filter(|(table, _)| has(table, &name) || leads_back(table, &name))
            .map(|(table, kept)| leads_back(table, &name) || is_made(table, kept, &name));
        let known = known.reduce(|known, other| known && other)?;
        Some((name, known))
    });
    Some(AskedColumns {
        table: first.name.clone(),
        columns: columns.collect(),
    })
}

/// The columns that the rule keeps.
fn kept(source: &LogSource) -> &[String] {
    match source {
        LogSource::Known(name) => &name.columns,
        LogSource::Resource { .. } | LogSource::Unknown { .. } => &[],
    }
}

/// Whether the column is read as what it is made of, and that written to it.
fn is_made(table: &TableMap, kept: &[String], name: &str) -> bool {
    table.made_as(kept).any(|made| made.column == name)
}

/// Whether the table has the column at all.
fn has(table: &TableMap, name: &str) -> bool {
    let published = Schemas::builtin().table(&table.name);
    published.is_some_and(|columns| columns.get(name).is_some())
}

/// Whether the column is read as a field, and that written to it.
fn leads_back(table: &TableMap, name: &str) -> bool {
    if table.constant_column(name).is_some() {
        return true;
    }
    let Some(column) = table.column(name) else {
        return false;
    };
    let back = match table.access(&column.field) {
        Access::Column(back) | Access::Below(back, _) => {
            table.kept(back, &[name.to_owned()]).name == name
        }
        Access::Parts(_)
        | Access::Constant(_)
        | Access::Own(_)
        | Access::Absent
        | Access::Unmapped => false,
    };
    back && column.direction != Direction::Neither
}

/// What Sentinel's rules ask for, by table.
#[derive(Debug, Default)]
pub(super) struct ColumnCoverage(BTreeMap<String, Asked>);

#[derive(Debug, Default)]
struct Asked {
    rules: usize,
    whole: usize,
    /// The columns that are no fields, with the number of rules that ask for each.
    missing: BTreeMap<String, usize>,
}

impl ColumnCoverage {
    pub(super) fn add(&mut self, asked: &AskedColumns) {
        let table = self.0.entry(asked.table.clone()).or_default();
        table.rules += 1;
        table.whole += usize::from(asked.columns.iter().all(|(_, known)| *known));
        for (name, _) in asked.columns.iter().filter(|(_, known)| !known) {
            *table.missing.entry(name.clone()).or_default() += 1;
        }
    }

    fn totals(&self) -> (usize, usize) {
        let tables = self.0.values();
        tables.fold((0, 0), |(rules, whole), table| {
            (rules + table.rules, whole + table.whole)
        })
    }

    /// The lines for people; nothing without a rule of Sentinel.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let (rules, whole) = self.totals();
        if rules == 0 {
            return text;
        }
        let _ = writeln!(
            text,
            "\n{rules} queries over known tables; every column that is asked for is a field and comes back in {whole}"
        );
        for (name, table) in &self.0 {
            let _ = writeln!(text, "{name}: {} of {}", table.whole, table.rules);
            let mut missing: Vec<(&String, &usize)> = table.missing.iter().collect();
            missing.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            for (column, count) in missing {
                let _ = writeln!(text, "  `{column}` is no field (rules: {count})");
            }
        }
        text
    }

    pub(super) fn json(&self) -> Value {
        let (rules, whole) = self.totals();
        let tables = self.0.iter().map(|(name, table)| {
            json!({
                "table": name,
                "rules": table.rules,
                "rules_whole": table.whole,
                "missing": table.missing,
            })
        });
        json!({"rules": rules, "rules_whole": whole, "tables": tables.collect::<Vec<_>>()})
    }
}
