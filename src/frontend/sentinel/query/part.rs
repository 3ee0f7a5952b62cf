//! Tables that hold the events of several log sources, told apart by the values of columns: which source a query is about.
//!
//! The query is lowered with such a table under its own name first. Where every use of the table asks for the values that tell
//! one source's events, the query is about that source, and is lowered again with its fields.

use crate::frontend::sentinel::FORMAT;
use crate::ir::{Condition, LogSource};
use crate::schema::{Crosswalk, KnownTable};

use super::finish::Lowering;

/// The parts of tables that the query turned out to be about.
pub(super) fn parts(lowering: &Lowering, crosswalk: &Crosswalk) -> Vec<KnownTable> {
    let uses = uses(lowering);
    let mut parts: Vec<Option<KnownTable>> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for (sources, selection) in &uses {
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
