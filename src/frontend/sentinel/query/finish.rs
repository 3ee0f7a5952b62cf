//! The rows at the end of the query to the parts of a rule.

use std::time::Duration;

use super::Lowerer;
use super::columns::Columns;
use super::expand::{selection, shown};
use super::rows::{Level, Rows};
use super::value::{Lowered, Obstacle, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::frontend::sentinel::FORMAT;
use crate::ir::{
    Comparison, Condition, Function, LogSource, Measure, Output, Pipeline, Residue, ResidueEffect,
    StageListing, Term, Threshold, WindowKind,
};
use crate::source::TextRange;

/// What a query means, in the parts of a rule.
pub(in crate::frontend::sentinel) struct Lowering {
    pub sources: Vec<LogSource>,
    pub selection: Condition,
    pub threshold: Option<Threshold>,
    pub outputs: Vec<Output>,
    /// The whole meaning, where the parts above do not say it.
    pub pipeline: Option<Pipeline>,
    /// What only the pipeline says.
    pub beyond: Vec<Residue>,
    pub residue: Vec<Residue>,
    pub listing: StageListing,
    pub diagnostics: Vec<Diagnostic>,
    /// What there is to say about the residue.
    pub unsaid: Vec<Diagnostic>,
    /// How far the query itself looks back, where that is shorter than the rule's period.
    pub period: Option<Duration>,
    /// The rows, for what refers to their columns.
    pub outcome: Outcome,
}

/// The columns of the result.
pub(in crate::frontend::sentinel) struct Outcome {
    columns: Columns,
    levels: Vec<Level>,
    /// Whether a row of the result is exactly one event.
    pub rows_are_events: bool,
}

impl Outcome {
    /// The columns of a pipeline's rows.
    pub(super) fn of_rows(columns: Columns) -> Self {
        Self {
            columns,
            levels: vec![Level::default()],
            rows_are_events: false,
        }
    }

    /// The value of a column of the result.
    pub(in crate::frontend::sentinel) fn term(&self, name: &str) -> Lowered<Term> {
        let range = TextRange::default();
        let term = self.columns.value(name, range)?.into_term(range)?;
        shown(term, &self.levels)
            .ok_or_else(|| Obstacle::new(range, "the value depends on which item a row is about"))
    }
}

impl Lowerer<'_> {
    /// The end of the query.
    pub(super) fn finish(&self, mut rows: Rows) -> Lowering {
        if let Some((range, construct)) = rows.limited.take() {
            rows.notes.push((
                range,
                format!(
                    "`{construct}` limits how many rows an alert shows, not the rule's verdict"
                ),
            ));
        }
        let (outputs, lost) = self.outputs(&rows);
        for (range, obstacle) in lost {
            rows.leave("column", range, ResidueEffect::OutputsOnly, obstacle);
        }
        let window = self.window(&rows);
        let threshold = threshold_of(&mut rows, window);
        let diagnostics = self.remarks(&rows, threshold.as_ref());
        let mut unsaid = Vec::new();
        let residue = rows.left.iter().map(|left| Residue {
            format: FORMAT.to_owned(),
            construct: left.construct.clone(),
            text: self.slice(left.range).to_owned(),
            effect: left.effect,
            origin: self.origin(left.range),
        });
        let residue: Vec<Residue> = residue.collect();
        for left in &rows.left {
            let message = format!("`{}`: {}", left.construct, left.obstacle.message);
            let at = self
                .embedded
                .span(if left.obstacle.range.end > left.obstacle.range.start {
                    left.obstacle.range
                } else {
                    left.range
                });
            // What is wrong with names and types is the binder's to say; here it only keeps a stage from being lowered.
            unsaid.push(Diagnostic::warning(Code::KqlUnsupported, message).at(at));
        }
        Lowering {
            sources: rows.sources,
            selection: selection(&rows.levels),
            threshold,
            outputs,
            pipeline: None,
            beyond: Vec::new(),
            residue,
            listing: StageListing::default(),
            diagnostics,
            unsaid,
            period: rows
                .look_back
                .and_then(duration)
                .filter(|period| self.period.is_some_and(|whole| *period < whole)),
            outcome: Outcome {
                columns: rows.columns,
                rows_are_events: rows.group.is_none() && rows.multiplied.is_none(),
                levels: rows.levels,
            },
        }
    }

    /// The result's columns, and those without a value.
    fn outputs(&self, rows: &Rows) -> (Vec<Output>, Vec<(TextRange, Obstacle)>) {
        let mut outputs = Vec::new();
        let mut lost: Vec<(TextRange, Obstacle)> = Vec::new();
        for column in &rows.columns.named {
            let value = column.value.clone();
            // The window is part of the threshold.
            if matches!(value, Ok(Value::Window(_))) && rows.group.is_some() {
                continue;
            }
            let term = value
                .and_then(|value| value.into_term(column.range))
                .and_then(|term| {
                    shown(term, &rows.levels).ok_or_else(|| {
                        Obstacle::new(
                            column.range,
                            "the value depends on which item a row is about",
                        )
                    })
                });
            match term {
                Ok(source) => {
                    let (name, stage, origin) =
                        (column.name.clone(), column.stage, self.origin(column.range));
                    outputs.push(Output {
                        name,
                        source,
                        when: None,
                        stage,
                        origin,
                    });
                }
                Err(obstacle) => {
                    let told = rows.left.iter().any(|left| left.range == column.range);
                    if !told && !lost.iter().any(|(range, _)| *range == column.range) {
                        lost.push((column.range, obstacle));
                    }
                }
            }
        }
        (outputs, lost)
    }

    /// The length of the window in which groups are counted, and how it lies.
    fn window(&self, rows: &Rows) -> (Duration, WindowKind) {
        let own = rows.look_back.and_then(duration);
        let run = match (own, self.period) {
            (Some(own), Some(period)) => own.min(period),
            (own, period) => own.or(period).unwrap_or(Duration::from_secs(86_400)),
        };
        match rows
            .group
            .as_ref()
            .and_then(|group| group.window)
            .and_then(duration)
        {
            Some(window) => (window, WindowKind::Aligned),
            None => (run, WindowKind::PerRun),
        }
    }

    /// What there is to say about parts that were lowered.
    fn remarks(&self, rows: &Rows, threshold: Option<&Threshold>) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        for (range, message) in &rows.notes {
            diagnostics.push(
                Diagnostic::note(Code::KqlUnsupported, message).at(self.embedded.span(*range)),
            );
        }
        diagnostics.extend(self.conversions());
        for (name, range) in self.unmapped.borrow().iter() {
            let message = format!(
                "the column `{name}` has no canonical field and is kept under its own name"
            );
            diagnostics.push(
                Diagnostic::note(Code::UnmappedColumn, message).at(self.embedded.span(*range)),
            );
        }
        let Some(threshold) = threshold else {
            return diagnostics;
        };
        let windowed = rows
            .group
            .as_ref()
            .is_some_and(|group| group.window.is_some());
        if !windowed && self.period.is_none() && rows.look_back.is_none() {
            let message = "nothing says how far the rule looks back; one day is taken";
            diagnostics.push(Diagnostic::note(Code::KqlUnsupported, message).at(threshold.origin));
        }
        let zero = match threshold.comparison {
            Comparison::AtLeast => threshold.count <= 0.0,
            Comparison::GreaterThan => threshold.count < 0.0,
            Comparison::AtMost => threshold.count >= 0.0,
            Comparison::LessThan => threshold.count > 0.0,
            Comparison::Equal => threshold.count == 0.0,
            Comparison::NotEqual => threshold.count != 0.0,
        };
        if zero && threshold.group_by.is_empty() {
            let message = "the query also has a result where there is no event at all, which the IR does not count";
            diagnostics.push(Diagnostic::warning(Code::Narrower, message).at(threshold.origin));
        }
        if let Measure::DistinctCount(term) = &threshold.measure
            && !self.counts_present(term, rows)
        {
            let message = format!(
                "events without `{term}` count as one more value in Kusto, and not in the IR"
            );
            diagnostics.push(Diagnostic::warning(Code::Narrower, message).at(threshold.origin));
        }
        if let Some(ticks) = rows.group.as_ref().and_then(|group| group.window)
            && TICKS_TO_EPOCH % ticks != 0
        {
            let message =
                "Kusto's windows of this length start at other times than those of the IR";
            diagnostics.push(Diagnostic::warning(Code::WindowKind, message).at(threshold.origin));
        }
        diagnostics
    }

    /// Whether the events without the term are filtered out, by the query or by the aggregate itself, or have a value for it.
    fn counts_present(&self, term: &Term, rows: &Rows) -> bool {
        if let Term::Call {
            function: Function::IfMissing,
            ..
        } = term
        {
            return true;
        }
        let parts = rows.levels.iter().flat_map(|level| &level.parts);
        let mut asked = parts.filter_map(|part| match part {
            Condition::Test(predicate) => Some(predicate),
            _ => None,
        });
        self.present.borrow().contains(term) || asked.any(|predicate| predicate.subject == *term)
    }
}

/// The question that is asked of a group; any event at all, where there is none.
fn threshold_of(
    rows: &mut Rows,
    (window, window_kind): (Duration, WindowKind),
) -> Option<Threshold> {
    let group = rows.group.take()?;
    let (measure, comparison, count) =
        group
            .asked
            .clone()
            .unwrap_or((Measure::Count, Comparison::AtLeast, 1.0));
    let group_by = group
        .keys
        .iter()
        .filter_map(|key| shown(key.clone(), &rows.levels))
        .collect();
    let measure = match measure {
        Measure::Count => Measure::Count,
        Measure::DistinctCount(term) => Measure::DistinctCount(shown(term, &rows.levels)?),
        Measure::Sum(term) => Measure::Sum(shown(term, &rows.levels)?),
        Measure::Average(term) => Measure::Average(shown(term, &rows.levels)?),
        Measure::Percentile { of, percent } => Measure::Percentile {
            of: shown(of, &rows.levels)?,
            percent,
        },
    };
    let origin = group.origin;
    rows.group = Some(group);
    Some(Threshold {
        measure,
        comparison,
        count,
        also: None,
        window,
        window_kind,
        group_by,
        origin,
    })
}

/// Ticks from the year 1, where Kusto's windows start, to 1970.
pub(super) const TICKS_TO_EPOCH: i64 = 621_355_968_000_000_000;

/// A time span of ticks, in whole seconds; `None` for what is shorter than one.
fn duration(ticks: i64) -> Option<Duration> {
    let seconds = u64::try_from(ticks).ok()? / 10_000_000;
    (seconds > 0).then(|| Duration::from_secs(seconds))
}
