//! The rows at one point of a pipeline: which events they come from, which are left, and what each row stands for.

use std::collections::BTreeSet;

use super::columns::Columns;
use super::value::{Obstacle, condition_any};
use crate::ir::{Comparison, Condition, LogSource, Measure, Origin, Pipeline, ResidueEffect, Term};
use crate::source::TextRange;

/// Conditions on the event, or on the items of one list of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Level {
    /// The list; nothing for the event itself.
    pub list: Option<Term>,
    /// What must hold.
    pub parts: Vec<Condition>,
}

/// How rows were put together.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// The keys.
    pub keys: Vec<Term>,
    /// The length of the window that is among the keys, in ticks.
    pub window: Option<i64>,
    /// What a filter asks of the group.
    pub asked: Option<(Measure, Comparison, f64)>,
    /// Where the question, else the group, was written.
    pub origin: Origin,
}

/// A part of the query that stays text.
#[derive(Clone, Debug)]
pub(super) struct Left {
    pub construct: String,
    pub range: TextRange,
    pub effect: ResidueEffect,
    pub obstacle: Obstacle,
}

/// The rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub sources: Vec<LogSource>,
    pub columns: Columns,
    /// The event first, then each list that was expanded, the outermost first.
    pub levels: Vec<Level>,
    pub group: Option<Group>,
    /// Why a row is not one event, so that rows must not be counted as events.
    pub multiplied: Option<Obstacle>,
    /// How far the query itself looks back, in ticks.
    pub look_back: Option<i64>,
    /// A stage that keeps only some rows; it matters where rows are filtered or counted afterwards.
    pub limited: Option<(TextRange, String)>,
    /// What could not be lowered.
    pub left: Vec<Left>,
    /// The rows as a pipeline, where they are no longer the events themselves: columns are terms of its rows.
    pub made: Option<Box<Pipeline>>,
    /// What the query calls the rows.
    pub called: Option<String>,
    /// The columns of the left side, where the last stage of the pipeline is a join that takes any one row of each key there.
    pub either: Option<BTreeSet<String>>,
    /// The columns that the pipeline has, as far as they are named.
    pub shape: Option<Vec<String>>,
    /// The test of a field that tells the events of their table from those of the source's other tables; the first condition.
    pub told: Option<Condition>,
    /// What has no effect on the verdict, and why.
    pub notes: Vec<(TextRange, String)>,
}

impl Rows {
    /// The events of these sources.
    pub(super) fn of(sources: Vec<LogSource>, columns: Columns) -> Self {
        Self {
            sources,
            columns,
            levels: vec![Level::default()],
            ..Self::default()
        }
    }

    /// The same, told from others by the condition instead of one that told them before.
    pub(super) fn told_by(mut self, told: Condition) -> Self {
        let always = told.as_constant() == Some(true);
        if let Some(level) = self.levels.first_mut() {
            if self.told.take().is_some() && !level.parts.is_empty() {
                level.parts.remove(0);
            }
            if !always {
                level.parts.insert(0, told.clone());
                self.told = Some(told);
            }
        }
        self
    }

    /// Whether nothing was asked of the events.
    pub(super) fn is_untouched(&self) -> bool {
        let told = self.told.as_slice();
        self.levels.len() == 1 && self.levels.iter().all(|level| level.parts == told)
    }

    /// Rows of which nothing is known.
    pub(super) fn lost(obstacle: Obstacle) -> Self {
        let mut rows = Self::of(Vec::new(), Columns::lost(obstacle.clone()));
        rows.leave("source", obstacle.range, ResidueEffect::Unknown, obstacle);
        rows
    }

    /// Keeps a part of the query as text.
    pub(super) fn leave(
        &mut self,
        construct: &str,
        range: TextRange,
        effect: ResidueEffect,
        obstacle: Obstacle,
    ) {
        self.left.push(Left {
            construct: construct.to_owned(),
            range,
            effect,
            obstacle,
        });
    }

    /// An operator that adds columns of unknown names, and may drop self.
    pub(super) fn opaque(&mut self, construct: &str, range: TextRange, effect: ResidueEffect) {
        let obstacle = Obstacle::new(
            range,
            format!("the operator `{construct}` has no counterpart"),
        );
        self.columns.mix(obstacle.clone());
        if effect != ResidueEffect::OutputsOnly {
            self.multiplied.get_or_insert_with(|| obstacle.clone());
        }
        self.leave(construct, range, effect, obstacle);
    }

    /// An operator behind which nothing is known of the self.
    pub(super) fn lose(&mut self, construct: &str, range: TextRange) {
        let obstacle = Obstacle::new(
            range,
            format!("the operator `{construct}` has no counterpart"),
        );
        self.columns.lose(obstacle.clone());
        self.leave(construct, range, ResidueEffect::Unknown, obstacle);
    }

    /// Adds a condition on events, at the innermost list whose items it is about.
    pub(super) fn push(&mut self, condition: Condition) {
        let level = depth(&condition).min(self.levels.len().saturating_sub(1));
        match self.levels.get_mut(level) {
            Some(level) => level.parts.push(condition),
            None => self.levels.push(Level {
                list: None,
                parts: vec![condition],
            }),
        }
    }
}

/// How many of the expanded lists a condition needs. While a query is lowered, `Item` counts lists from the outermost.
pub(super) fn depth(condition: &Condition) -> usize {
    let mut depth = 0;
    while condition_any(
        condition,
        &|term| matches!(term, Term::Item { depth: at, .. } if *at >= depth),
    ) {
        depth += 1;
    }
    depth
}
