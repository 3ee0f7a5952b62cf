//! Stages that no selection, count and outputs can say, as stages of a pipeline.
//!
//! A query is lowered a second time where the first left something: filters and columns are still gathered as terms of what a
//! row is made of, but a stage that needs the rows themselves finds them written down by [`Lowerer::settle`], so that its
//! columns are fields of a row. Invariant: a column of settled rows is the field of its name and has the kind it says; a point
//! in time is its ticks.

mod settle;
mod source;
mod whole;

use super::Lowerer;
use super::rows::Rows;
use super::scope::Scope;
use super::stage::operator_name;
use super::value::{Kind, Lowered, Obstacle};
use crate::ir::pipeline::{ColumnKind, RowStage};
use crate::source::TextRange;
use crate::syntax::kql::ast::{Operator, Stage};

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
            Operator::Count(name) => {
                let name = name.as_ref().map_or("Count", |name| name.text.as_str());
                self.count_rows(rows, name, range)
            }
            operator if is_of_one_row(operator) => return false,
            operator => Err(Obstacle::new(
                range,
                format!(
                    "the operator `{}` has no counterpart",
                    operator_name(operator)
                ),
            )),
        };
        let _ = (scope, calls);
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

    fn count_rows(&self, rows: &mut Rows, name: &str, range: TextRange) -> Lowered<()> {
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
