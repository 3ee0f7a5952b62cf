//! The tables of a workspace: a line of `tables.txt` to a table's columns.
//!
//! Invariant: the lines are in the order of the names. A table's columns are read when it is first named, and kept. Every table of a workspace has the standard columns, whether its line says so or not.

use std::ops::Deref;
use std::sync::OnceLock;

use crate::syntax::kql::ast::ScalarType;

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// The name.
    pub name: &'static str,
    /// The type.
    pub kind: ScalarType,
}

/// The columns of a table: those of its line in the order of their names, and behind them what every table has besides.
#[derive(Debug, PartialEq, Eq)]
pub struct TableColumns {
    columns: Vec<TableColumn>,
    /// How many are in order.
    ordered: usize,
}

impl TableColumns {
    /// The column with this name.
    pub fn get(&self, name: &str) -> Option<&TableColumn> {
        let (ordered, others) = self.columns.split_at(self.ordered);
        match ordered.binary_search_by(|column| column.name.cmp(name)) {
            Ok(at) => ordered.get(at),
            Err(_) => others.iter().find(|column| column.name == name),
        }
    }
}

impl Deref for TableColumns {
    type Target = [TableColumn];

    fn deref(&self) -> &[TableColumn] {
        &self.columns
    }
}

/// What every table of a Log Analytics workspace has.
pub const STANDARD: &[(&str, ScalarType)] = &[
    ("TimeGenerated", ScalarType::Datetime),
    ("Type", ScalarType::String),
    ("TenantId", ScalarType::String),
    ("SourceSystem", ScalarType::String),
    ("_ResourceId", ScalarType::String),
    ("_SubscriptionId", ScalarType::String),
    ("_ItemId", ScalarType::String),
    ("_TimeReceived", ScalarType::Datetime),
];

/// What a table of Defender XDR has besides.
const DEFENDER: &[(&str, ScalarType)] = &[
    ("Timestamp", ScalarType::Datetime),
    ("ReportId", ScalarType::String),
];

/// The mark of a table that can have other columns than those of its line.
const OPEN: &str = "+open";

#[derive(Debug)]
struct Line {
    name: &'static str,
    groups: &'static str,
    columns: OnceLock<TableColumns>,
}

/// All tables.
#[derive(Debug, Default)]
pub struct Tables {
    /// In the order of the names.
    lines: Vec<Line>,
    /// The numbered sets of columns, without their names.
    sets: Vec<&'static str>,
}

impl Tables {
    pub(super) fn read(text: &'static str) -> Self {
        let mut tables = Self::default();
        for line in super::lines(text) {
            let (name, groups) = line.split_once('\t').unwrap_or((line, ""));
            if name.starts_with('&') {
                tables.sets.push(groups);
            } else {
                let columns = OnceLock::new();
                tables.lines.push(Line {
                    name,
                    groups,
                    columns,
                });
            }
        }
        tables
    }

    fn line(&self, name: &str) -> Option<&Line> {
        let at = self.lines.binary_search_by(|line| line.name.cmp(name));
        self.lines.get(at.ok()?)
    }

    /// The columns of a table, in their order.
    pub fn columns(&self, name: &str) -> Option<&TableColumns> {
        let line = self.line(name)?;
        Some(line.columns.get_or_init(|| self.read_columns(line.groups)))
    }

    /// Whether a table can have columns besides: the sender of a custom log makes them, and some tables are marked.
    pub fn is_open(&self, name: &str) -> bool {
        let line = || self.line(name);
        name.ends_with("_CL") || line().is_some_and(|line| line.groups.ends_with(OPEN))
    }

    /// The names of the tables, in their order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.lines.iter().map(|line| line.name)
    }

    fn read_columns(&self, groups: &'static str) -> TableColumns {
        let mut columns = Vec::new();
        let mut defender = false;
        for group in groups.split('\t') {
            if group == "+xdr" {
                defender = true;
            } else if group == OPEN {
                // Says nothing of a column.
            } else if let Some(number) = group.strip_prefix('&') {
                let at = number
                    .parse::<usize>()
                    .ok()
                    .and_then(|at| at.checked_sub(1));
                let set = at.and_then(|at| self.sets.get(at)).copied();
                for group in set.unwrap_or_default().split('\t') {
                    add(&mut columns, group);
                }
            } else {
                add(&mut columns, group);
            }
        }
        columns.sort_unstable_by_key(|column| column.name);
        let ordered = columns.len();
        let more = if defender { DEFENDER } else { &[] };
        for &(name, kind) in STANDARD.iter().chain(more) {
            if !columns.iter().any(|column| column.name == name) {
                columns.push(TableColumn { name, kind });
            }
        }
        TableColumns { columns, ordered }
    }
}

/// Adds the columns of one `type=name;name` group.
fn add(columns: &mut Vec<TableColumn>, group: &'static str) {
    let Some((kind, names)) = group.split_once('=') else {
        return;
    };
    if let Some(kind) = ScalarType::from_name(kind) {
        columns.extend(names.split(';').map(|name| TableColumn { name, kind }));
    }
}

#[cfg(test)]
mod tests {
    use super::super::TABLES;
    use super::*;

    #[test]
    fn every_line_is_read_and_stands_in_order() {
        let tables = Tables::read(TABLES);
        assert_eq!(tables.lines.len(), 1942);
        assert!(tables.names().is_sorted());
        let groups = tables.lines.iter().map(|line| line.groups);
        for group in groups
            .chain(tables.sets.iter().copied())
            .flat_map(|groups| groups.split('\t'))
        {
            let number = group.strip_prefix('&').map(str::parse::<usize>);
            let known = match number {
                Some(number) => {
                    number.is_ok_and(|number| (1..=tables.sets.len()).contains(&number))
                }
                None => {
                    matches!(group, "+xdr" | OPEN)
                        || group.split_once('=').is_some_and(|(kind, names)| {
                            ScalarType::from_name(kind).is_some()
                                && names.split(';').all(|name| !name.trim().is_empty())
                        })
                }
            };
            assert!(known, "{group}");
        }
    }

    #[test]
    fn a_table_has_each_column_once_and_the_standard_ones() {
        let tables = Tables::read(TABLES);
        for name in tables.names() {
            let columns = tables.columns(name).unwrap();
            let mut names: Vec<_> = columns.iter().map(|column| column.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), columns.len(), "{name}");
            assert!(
                columns
                    .iter()
                    .all(|column| columns.get(column.name) == Some(column))
            );
            assert!(names.contains(&"TimeGenerated"), "{name}");
        }
        let events = tables.columns("SecurityEvent").unwrap();
        assert_eq!(events.get("EventID").unwrap().kind, ScalarType::Int);
        assert_eq!(events.get("NoSuchColumn"), None);
        assert_eq!(tables.columns("NoSuchTable"), None);
    }
}
