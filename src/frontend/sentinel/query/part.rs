//! Tables that hold the events of several log sources, told apart by the values of columns: which source a query is about.
//!
//! The query is lowered with such a table under its own name first. Where every use of the table asks for the values that tell
//! one source's events, the query is about that source, and is lowered again with its fields. So it is with a column that a table makes of other fields for some
//! events than for others.

use std::collections::{BTreeMap, BTreeSet};

use crate::frontend::sentinel::FORMAT;
use crate::ir::{Condition, LogSource};
use crate::schema::{Crosswalk, KnownTable, Made};

use super::finish::Lowering;

/// How the tables of a query are read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The parts of tables with several sources that the query is about.
    pub parts: Vec<KnownTable>,
    /// The tables with the columns, under the names that a rule keeps, that are made so for the events that the query is about.
    pub made: BTreeSet<(String, String)>,
}

impl Reading {
    /// Whether nothing is read otherwise than it is without the query.
    pub(super) fn is_plain(&self) -> bool {
        self.parts.is_empty() && self.made.is_empty()
    }

    /// What the query turned out to be about, its text being this.
    pub(super) fn of(lowering: &Lowering, text: &str, crosswalk: &Crosswalk) -> Self {
        let uses = uses(lowering);
        Self {
            parts: parts(&uses, crosswalk),
            made: made(&uses, text, crosswalk),
        }
    }
}

/// The columns that a table makes differently for different events, as far as every use of the table asks for the same ones.
fn made(
    uses: &[(&[LogSource], &Condition)],
    text: &str,
    crosswalk: &Crosswalk,
) -> BTreeSet<(String, String)> {
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (sources, selection) in uses {
        for table in sources
            .iter()
            .filter_map(|source| crosswalk.table_of(source))
        {
            let told = table.made.iter().filter(|made| !made.only.is_empty());
            let told =
                told.filter(|made| text.contains(&made.column) && made.is_implied(selection));
            let names: BTreeSet<String> = told.map(Made::name).collect();
            found
                .entry(&table.name)
                .and_modify(|known| known.retain(|name| names.contains(name)))
                .or_insert(names);
        }
    }
    let pairs = found.into_iter().flat_map(|(table, names)| {
        let names = names.into_iter();
        names.map(move |name| (table.to_owned(), name))
    });
    pairs.collect()
}

/// The parts of tables that the query turned out to be about.
fn parts(uses: &[(&[LogSource], &Condition)], crosswalk: &Crosswalk) -> Vec<KnownTable> {
    let mut parts: Vec<Option<KnownTable>> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for (sources, selection) in uses {
        for name in sources.iter().filter_map(own_name) {
            let part = crosswalk.part_of_table(name, selection);
            match names.iter().position(|known| *known == name) {
                None => {
                    names.push(name);
                    parts.push(part);
                }
                Some(at) if !is_same(parts[at].as_ref(), part.as_ref()) => parts[at] = None,
                Some(_) => {}
            }
        }
    }
    parts.into_iter().flatten().collect()
}

/// Where events are read, and what is asked of them there.
fn uses(lowering: &Lowering) -> Vec<(&[LogSource], &Condition)> {
    match &lowering.pipeline {
        Some(pipeline) => pipeline.events(),
        None => vec![(&lowering.sources, &lowering.selection)],
    }
}

fn own_name(source: &LogSource) -> Option<&str> {
    match source {
        LogSource::Unknown { format, name } if format == FORMAT => Some(name),
        LogSource::Known(_) | LogSource::Resource { .. } | LogSource::Unknown { .. } => None,
    }
}

fn is_same(a: Option<&KnownTable>, b: Option<&KnownTable>) -> bool {
    let id = |part: Option<&KnownTable>| part.map(|part| part.source().id.clone());
    id(a) == id(b)
}
