//! What a pipeline reads: its fields, and the columns of its events that nothing asks for.

use std::collections::BTreeSet;

use super::{Gathered, NamedTerm, Neighbour, Pipeline, RowSource, RowStage, Summary};
use crate::ir::{Condition, FieldPath, LogSource, Segment, Term};

impl Pipeline {
    /// The pipelines within: what is given, the parts of a union, the other sides of joins, the bodies of stages.
    pub fn inner(&self) -> Vec<&Self> {
        let mut inner: Vec<&Self> = self.given.iter().map(|given| &given.rows).collect();
        if let RowSource::Union { parts, .. } = &self.source {
            inner.extend(parts);
        }
        for stage in &self.stages {
            match stage {
                RowStage::Join(joined) => inner.push(&joined.right),
                RowStage::Apply { body, .. } | RowStage::Partition { body, .. } => inner.push(body),
                RowStage::Where(_)
                | RowStage::Extend(_)
                | RowStage::Project(_)
                | RowStage::Without(_)
                | RowStage::Summarize(_)
                | RowStage::Distinct
                | RowStage::Expand(_)
                | RowStage::Unpack(_)
                | RowStage::Series(_)
                | RowStage::Sort(_)
                | RowStage::Take(_)
                | RowStage::Count(_)
                | RowStage::Number(_) => {}
            }
        }
        inner
    }

    /// Every log source that it reads, each once, in order of appearance.
    pub fn log_sources(&self) -> Vec<&LogSource> {
        let mut found: Vec<&LogSource> = Vec::new();
        let own = match &self.source {
            RowSource::Events { sources, .. } => sources.as_slice(),
            _ => &[],
        };
        let inner = self.inner();
        let inner = inner.iter().flat_map(|inner| inner.log_sources());
        for source in own.iter().chain(inner) {
            if !found.contains(&source) {
                found.push(source);
            }
        }
        found
    }

    /// Every place where events are read: their sources, and which of them.
    pub fn events(&self) -> Vec<(&[LogSource], &Condition)> {
        let mut found: Vec<(&[LogSource], &Condition)> = Vec::new();
        if let RowSource::Events {
            sources, selection, ..
        } = &self.source
        {
            found.push((sources, selection));
        }
        for inner in self.inner() {
            found.extend(inner.events());
        }
        found
    }

    /// Leaves out the columns of events that no stage reads and that are not wanted in the end either. Where equal rows are
    /// taken once, every column is read.
    pub fn forget_unused(&mut self, wanted: &BTreeSet<String>) {
        let mut read = wanted.clone();
        let mut all = false;
        self.collect_read(&mut read, &mut all);
        if all {
            return;
        }
        // The number behind the name of a joined column is not part of the name that the event's column has.
        let plain = |name: &String| {
            let plain = name.trim_end_matches(|c: char| c.is_ascii_digit());
            (plain.len() < name.len()).then(|| plain.to_owned())
        };
        let numbered: Vec<String> = read.iter().filter_map(plain).collect();
        read.extend(numbered);
        self.forget(&read);
    }

    fn forget(&mut self, read: &BTreeSet<String>) {
        match &mut self.source {
            RowSource::Events { columns, .. } => {
                columns.retain(|column| read.contains(&column.name));
            }
            RowSource::Union { parts, .. } => {
                for part in parts {
                    part.forget(read);
                }
            }
            RowSource::Rows { .. }
            | RowSource::Range { .. }
            | RowSource::Given(_)
            | RowSource::Input => {}
        }
        for given in &mut self.given {
            given.rows.forget(read);
        }
        for stage in &mut self.stages {
            match stage {
                RowStage::Join(joined) => joined.right.forget(read),
                RowStage::Apply { body, .. } | RowStage::Partition { body, .. } => {
                    body.forget(read);
                }
                _ => {}
            }
        }
    }

    /// The names of the columns that stages read, and whether some stage reads all.
    fn collect_read(&self, read: &mut BTreeSet<String>, all: &mut bool) {
        for stage in &self.stages {
            *all |= matches!(stage, RowStage::Distinct);
            if let RowStage::Unpack(unpacked) = stage {
                read.insert(unpacked.column.clone());
            }
            stage.each_part(&mut |part| match part {
                Part::Term(term) => take(term.fields(), read),
                Part::Condition(condition) => take(condition.fields(), read),
            });
        }
        // The first column of what is given is its value; where rows have others than those that are made, a stage chooses it.
        for given in &self.given {
            if let RowSource::Events {
                columns,
                rest: false,
                ..
            } = &given.rows.source
            {
                let names = columns.iter().map(|column| column.name.clone());
                read.extend(names.take(1));
            }
        }
        for inner in self.inner() {
            inner.collect_read(read, all);
        }
    }
}

/// Notes the columns that the fields are, or lie in.
fn take(fields: Vec<&FieldPath>, read: &mut BTreeSet<String>) {
    for field in fields {
        if let Some(Segment::Key(key) | Segment::Exact(key)) = field.segments.first()
            && !read.contains(key)
        {
            read.insert(key.clone());
        }
    }
}

/// A term or a condition of a stage.
enum Part<'s> {
    Term(&'s Term),
    Condition(&'s Condition),
}

impl RowStage {
    /// Visits the stage's own terms and conditions.
    fn each_part<'s>(&'s self, visit: &mut dyn FnMut(Part<'s>)) {
        let mut columns = |columns: &'s [NamedTerm]| {
            for column in columns {
                visit(Part::Term(&column.source));
            }
        };
        match self {
            Self::Where(condition) => visit(Part::Condition(condition)),
            Self::Extend(list) | Self::Project(list) => columns(list),
            Self::Summarize(summary) => summary.each_part(visit),
            Self::Join(joined) => {
                for (left, right) in &joined.on {
                    visit(Part::Term(left));
                    visit(Part::Term(right));
                }
            }
            Self::Expand(items) | Self::Apply { items, .. } => {
                for list in &items.lists {
                    visit(Part::Term(&list.list));
                }
            }
            Self::Partition { by, .. } => visit(Part::Term(by)),
            Self::Sort(keys) => {
                for key in keys {
                    visit(Part::Term(&key.by));
                }
            }
            Self::Take(count) => visit(Part::Term(count)),
            Self::Number(numbered) => {
                for one in numbered {
                    match &one.value {
                        Neighbour::At {
                            term, otherwise, ..
                        } => {
                            visit(Part::Term(term));
                            visit(Part::Term(otherwise));
                        }
                        Neighbour::Row { restart, .. } => visit(Part::Condition(restart)),
                        Neighbour::Sum { term, restart } => {
                            visit(Part::Term(term));
                            visit(Part::Condition(restart));
                        }
                    }
                }
            }
            Self::Series(series) => {
                for column in series.by.iter().chain(std::iter::once(&series.on)) {
                    visit(Part::Term(&column.source));
                }
                for (gathered, _) in &series.gathered {
                    gathered.each_part(visit);
                }
                for term in [&series.from, &series.to, &series.step] {
                    visit(Part::Term(term));
                }
            }
            Self::Without(_) | Self::Distinct | Self::Count(_) | Self::Unpack(_) => {}
        }
    }
}

impl Gathered {
    fn each_part<'s>(&'s self, visit: &mut dyn FnMut(Part<'s>)) {
        if let Some(term) = &self.of {
            visit(Part::Term(term));
        }
        if let Some(condition) = &self.when {
            visit(Part::Condition(condition));
        }
    }
}

impl Summary {
    fn each_part<'s>(&'s self, visit: &mut dyn FnMut(Part<'s>)) {
        for column in &self.by {
            visit(Part::Term(&column.source));
        }
        for gathered in &self.gathered {
            gathered.each_part(visit);
        }
        for picked in &self.picked {
            for column in picked.by.iter().chain(&picked.columns) {
                visit(Part::Term(&column.source));
            }
        }
    }
}
