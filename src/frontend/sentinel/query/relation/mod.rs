//! Stages that no selection, count and outputs can say, as stages of a pipeline.
//!
//! A query is lowered a second time where the first left something: filters and columns are still gathered as terms of what a
//! row is made of, but a stage that needs the rows themselves finds them written down by [`Lowerer::settle`], so that its
//! columns are fields of a row. Invariant: a column of settled rows is the field of its name and has the kind it says; a point
//! in time is its ticks.

mod expand;
mod gather;
mod given;
mod join;
mod order;
mod series;
mod settle;
mod source;
mod summary;
mod whole;

pub(super) use settle::field;

use super::Lowerer;
use super::rows::Rows;
use super::scope::Scope;
use super::stage::operator_name;
use super::value::{Kind, Lowered, Obstacle};
use crate::ir::pipeline::{ColumnKind, RowStage};
use crate::source::TextRange;
use crate::syntax::kql::ast::{Name, Operator, Stage};

impl<'q> Lowerer<'q> {
    /// Applies a stage that needs the rows themselves; false where the stage is none of these.
    pub(super) fn relational_stage(
        &self,
        rows: &mut Rows,
        stage: &'q Stage,
        scope: &Scope<'q>,
        calls: usize,
    ) -> bool {
        let range = *stage.range;
        let result = match &stage.kind {
            Operator::Count(name) => self.count_rows(rows, name.as_ref(), range),
            Operator::Summarize(summarize) => {
                self.summarize_rows(rows, summarize, range, scope, calls)
            }
            Operator::Distinct(distinct) => self.distinct_rows(rows, distinct, range, scope, calls),
            Operator::MvExpand(expand) => self.expand_rows(rows, expand, range, scope, calls),
            Operator::MvApply(apply) => self.apply_rows(rows, apply, range, scope, calls),
            Operator::Partition(partition) => {
                self.partition_rows(rows, partition, range, scope, calls)
            }
            Operator::MakeSeries(series) => self.series_rows(rows, series, range, scope, calls),
            Operator::Evaluate(evaluate) => self.plugin_rows(rows, evaluate, range, scope, calls),
            Operator::Join(join) => self.join_rows(rows, join, false, range, scope, calls),
            Operator::Lookup(join) => self.join_rows(rows, join, true, range, scope, calls),
            Operator::Union(union) => {
                let before = std::mem::take(rows);
                let joined = self.union_rows(Some(before), union, range, scope, calls);
                joined.map(|joined| *rows = joined)
            }
            Operator::Sort(_) | Operator::Take(_) | Operator::Top(_) => {
                self.order_rows(rows, &stage.kind, range, scope, calls)
            }
            operator if is_of_one_row(operator) => match self.settle_neighbours(rows, operator) {
                Ok(()) => return false,
                Err(obstacle) => Err(obstacle),
            },
            operator => Err(Obstacle::new(
                range,
                format!(
                    "the operator `{}` has no counterpart",
                    operator_name(operator)
                ),
            )),
        };
        if let Err(obstacle) = result {
            let construct = operator_name(&stage.kind).to_owned();
            rows.columns.lose(obstacle.clone());
            rows.leave(
                &construct,
                range,
                crate::ir::ResidueEffect::Unknown,
                obstacle,
            );
        }
        true
    }

    fn count_rows(&self, rows: &mut Rows, name: Option<&Name>, range: TextRange) -> Lowered<()> {
        let name = name.map_or("Count", |name| name.text.as_str());
        self.settle(rows, range)?;
        self.push_stage(rows, RowStage::Count(name.to_owned()), range)?;
        self.only(rows, &[(name.to_owned(), Kind::Number)], range);
        Ok(())
    }
}

/// Whether the operator is about each row for itself, so that terms and conditions say it.
fn is_of_one_row(operator: &Operator) -> bool {
    matches!(
        operator,
        Operator::Where(_)
            | Operator::Extend(_)
            | Operator::Project(_)
            | Operator::ProjectAway(_)
            | Operator::ProjectKeep(_)
            | Operator::ProjectRename(_)
            | Operator::ProjectReorder(_)
            | Operator::Parse(_)
            | Operator::ParseWhere(_)
            | Operator::Serialize(_)
            | Operator::Render(_)
            | Operator::As(_)
            | Operator::Consume(_)
            | Operator::AssertSchema(_)
    )
}

/// The kind of a column's values.
pub(super) fn column_kind(kind: Kind) -> ColumnKind {
    match kind {
        Kind::Text => ColumnKind::Text,
        Kind::Truth => ColumnKind::Truth,
        Kind::Number => ColumnKind::Number,
        Kind::Datetime | Kind::Moment => ColumnKind::Time,
        Kind::Timespan | Kind::Span => ColumnKind::Span,
        Kind::Dynamic => ColumnKind::Any,
        Kind::Unknown => ColumnKind::Unknown,
    }
}
