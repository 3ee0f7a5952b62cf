//! Rows of two sides beside each other.

use std::collections::{BTreeMap, BTreeSet};

use super::order::key;
use super::{Result, Row, Run, Table};
use crate::ir::Term;
use crate::ir::pipeline::{JoinKind, Joined, RowColumn};

impl Run<'_> {
    /// The rows of both sides that go together.
    pub(super) fn join(&self, joined: &Joined, left: &Table, right: &Table) -> Result<Table> {
        let lefts = self.keys(
            left,
            &joined.on.iter().map(|(term, _)| term).collect::<Vec<_>>(),
        );
        let rights = self.keys(
            right,
            &joined.on.iter().map(|(_, term)| term).collect::<Vec<_>>(),
        );
        match joined.kind {
            JoinKind::LeftSemi => Ok(one_sided(left, &lefts, &rights, true)),
            JoinKind::LeftAnti => Ok(one_sided(left, &lefts, &rights, false)),
            JoinKind::RightSemi => Ok(one_sided(right, &rights, &lefts, true)),
            JoinKind::RightAnti => Ok(one_sided(right, &rights, &lefts, false)),
            JoinKind::InnerUnique
            | JoinKind::Inner
            | JoinKind::LeftOuter
            | JoinKind::RightOuter
            | JoinKind::FullOuter => self.two_sided(joined, (left, &lefts), (right, &rights)),
        }
    }

    /// The rows of either side beside those of the other with the same key.
    fn two_sided(
        &self,
        joined: &Joined,
        (left, lefts): (&Table, &[Key]),
        (right, rights): (&Table, &[Key]),
    ) -> Result<Table> {
        let mut places: BTreeMap<&[String], Vec<usize>> = BTreeMap::new();
        for (at, key) in rights.iter().enumerate() {
            places.entry(key).or_default().push(at);
        }
        let sides = Sides::of(left, right, &joined.without);
        let mut seen: BTreeSet<&[String]> = BTreeSet::new();
        let mut paired: BTreeSet<usize> = BTreeSet::new();
        let mut rows = Vec::new();
        for (row, key) in left.rows.iter().zip(lefts) {
            if joined.kind == JoinKind::InnerUnique && !seen.insert(key) {
                continue;
            }
            let others = places.get(key.as_slice()).map_or(&[][..], Vec::as_slice);
            self.spend(1 + others.len())?;
            for at in others {
                paired.insert(*at);
                rows.push(sides.row(Some(row), right.rows.get(*at)));
            }
            let alone = matches!(joined.kind, JoinKind::LeftOuter | JoinKind::FullOuter);
            if others.is_empty() && alone {
                rows.push(sides.row(Some(row), None));
            }
        }
        if matches!(joined.kind, JoinKind::RightOuter | JoinKind::FullOuter) {
            for (at, row) in right.rows.iter().enumerate() {
                if !paired.contains(&at) {
                    self.spend(1)?;
                    rows.push(sides.row(None, Some(row)));
                }
            }
        }
        Ok(Table {
            columns: sides.columns(),
            rows,
        })
    }

    fn keys(&self, table: &Table, on: &[&Term]) -> Vec<Key> {
        let keys = table.rows.iter().map(|row| {
            self.on(row, |scope| {
                let values = on.iter().map(|term| scope.value(term));
                values.map(|value| key(value.as_ref())).collect()
            })
        });
        keys.collect()
    }
}

/// The values that a row is joined by, each as its text.
type Key = Vec<String>;

/// The rows of one side whose key is, or is not, among those of the other.
fn one_sided(table: &Table, keys: &[Key], others: &[Key], wanted: bool) -> Table {
    let others: BTreeSet<&[String]> = others.iter().map(Vec::as_slice).collect();
    let rows = table.rows.iter().zip(keys);
    let rows = rows.filter(|(_, key)| others.contains(key.as_slice()) == wanted);
    Table {
        columns: table.columns.clone(),
        rows: rows.map(|(row, _)| row.clone()).collect(),
    }
}

/// The columns of both sides.
struct Sides {
    left: Vec<RowColumn>,
    /// Those of the right side, each with the name it has in the result.
    right: Vec<(RowColumn, String)>,
}

impl Sides {
    fn of(left: &Table, right: &Table, without: &[String]) -> Self {
        let kept = right
            .columns
            .iter()
            .filter(|column| !without.contains(&column.name));
        let kept: Vec<&RowColumn> = kept.collect();
        // A name that only the right side has stays its own, wherever it stands.
        let mut taken: BTreeSet<String> = left
            .columns
            .iter()
            .chain(
                kept.iter()
                    .copied()
                    .filter(|column| !left.has(&column.name)),
            )
            .map(|column| column.name.clone())
            .collect();
        let mut renamed = Vec::new();
        for column in kept {
            let mut name = column.name.clone();
            if left.has(&name) {
                let mut number = 0_usize;
                while taken.contains(&name) {
                    number += 1;
                    name = format!("{}{number}", column.name);
                }
                taken.insert(name.clone());
            }
            renamed.push((column.clone(), name));
        }
        Self {
            left: left.columns.clone(),
            right: renamed,
        }
    }

    fn columns(&self) -> Vec<RowColumn> {
        let right = self.right.iter().map(|(column, name)| RowColumn {
            name: name.clone(),
            kind: column.kind,
        });
        self.left.iter().cloned().chain(right).collect()
    }

    fn row(&self, left: Option<&Row>, right: Option<&Row>) -> Row {
        let value = |row: Option<&Row>, column: &RowColumn| {
            row.and_then(|row| row.get(&column.name))
                .cloned()
                .unwrap_or_else(|| column.kind.absent().to_json())
        };
        let lefts = self
            .left
            .iter()
            .map(|column| (column.name.clone(), value(left, column)));
        let rights = self
            .right
            .iter()
            .map(|(column, name)| (name.clone(), value(right, column)));
        lefts.chain(rights).collect()
    }
}
