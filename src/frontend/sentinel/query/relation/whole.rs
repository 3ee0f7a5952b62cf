//! The end of a query that is a pipeline.

use crate::frontend::sentinel::query::Lowerer;
use crate::frontend::sentinel::query::columns::Columns;
use crate::frontend::sentinel::query::finish::{Lowering, Outcome};
use crate::frontend::sentinel::query::rows::Rows;
use crate::ir::{Output, Pipeline, ResidueEffect, Term};
use crate::source::TextRange;

/// A query as a pipeline.
pub(in crate::frontend::sentinel::query) struct Whole {
    pipeline: Pipeline,
    columns: Columns,
    outputs: Vec<Output>,
}

impl Lowerer<'_> {
    /// The pipeline, where it says all of the query; else the rows.
    pub(in crate::frontend::sentinel::query) fn whole(
        &self,
        mut rows: Rows,
    ) -> Result<Whole, Box<Rows>> {
        let settled = match rows.left.as_slice() {
            [] => self.settle(&mut rows, TextRange::default()),
            _ => return Err(Box::new(rows)),
        };
        if let Err(obstacle) = settled {
            rows.leave("query", obstacle.range, ResidueEffect::Unknown, obstacle);
            return Err(Box::new(rows));
        }
        let named = &rows.columns.named;
        if named.iter().any(|column| column.value.is_err()) {
            return Err(Box::new(rows));
        }
        let outputs = named.iter().map(|column| Output {
            name: column.name.clone(),
            source: Term::field([&column.name]),
            when: None,
            stage: column.stage,
            origin: self.origin(column.range),
        });
        let outputs = outputs.collect();
        let Some(made) = rows.made.take() else {
            return Err(Box::new(rows));
        };
        let mut pipeline = *made;
        pipeline.given = self.given.take();
        Ok(Whole {
            pipeline,
            columns: rows.columns,
            outputs,
        })
    }
}

impl Lowering {
    /// The pipeline does not say all, but maybe more: then only what it leaves is the residue.
    pub(in crate::frontend::sentinel::query) fn narrow(&mut self, other: Self) {
        // Of rows that are not events, only the other reading says anything.
        if self.sources.is_empty() {
            *self = other;
        } else if other.residue.len() <= self.residue.len() {
            self.beyond = std::mem::replace(&mut self.residue, other.residue);
            let residue = &self.residue;
            self.beyond.retain(|beyond| !residue.contains(beyond));
            self.unsaid = other.unsaid;
        }
    }

    /// The pipeline says what was left.
    pub(in crate::frontend::sentinel::query) fn become_pipeline(&mut self, whole: Whole) {
        self.beyond = std::mem::take(&mut self.residue);
        let shown = |effect| effect == ResidueEffect::OutputsOnly;
        if !self.beyond.iter().all(|residue| shown(residue.effect)) {
            self.outputs = whole.outputs;
            self.outcome = Outcome::of_rows(whole.columns);
        }
        self.pipeline = Some(whole.pipeline);
        self.unsaid.clear();
    }
}
