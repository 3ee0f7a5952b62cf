//! One stage: the rows before it to the rows behind it.
//!
//! Every operator of the language is named here, so that a new one is a compile error. An operator that has no counterpart is
//! left with its effect: does the rule match more without it, less, or only show something else?

use super::columns::{Column, has_aggregate};
use super::expression::marked;
use super::rows::Rows;
use super::scope::Scope;
use super::summarize::asked;
use super::value::{Obstacle, condition_any};
use super::{Lowerer, name};
use crate::ir::{Condition, ResidueEffect, Stage as Made};
use crate::source::TextRange;
use crate::syntax::kql::ast::{
    Expression, ExpressionKind, LogicalOperator, NamedExpression, Naming, Operator, Stage, Where,
};

impl<'q> Lowerer<'q> {
    /// Applies a stage.
    pub(super) fn stage(&self, rows: &mut Rows, stage: &'q Stage, scope: &Scope<'q>, calls: usize) {
        let range = *stage.range;
        if self.relational && self.relational_stage(rows, stage, scope, calls) {
            return;
        }
        if !keeps_verdict(&stage.kind)
            && let Some((at, construct)) = rows.limited.take()
        {
            let obstacle = Obstacle::new(
                at,
                format!("`{construct}` keeps some rows of many before the next stage"),
            );
            rows.leave(&construct, at, ResidueEffect::Wider, obstacle);
        }
        match &stage.kind {
            Operator::Where(filter) => self.filter(rows, filter, scope, calls),
            Operator::Extend(columns) | Operator::Serialize(columns) => {
                self.extend(rows, columns, scope, calls);
            }
            Operator::Project(columns) => self.project(rows, columns, scope, calls),
            Operator::ProjectAway(patterns) => rows.columns.take_away(patterns),
            Operator::ProjectKeep(patterns) => rows.columns.keep(patterns),
            Operator::ProjectRename(columns) => rows.columns.rename(columns),
            Operator::ProjectReorder(columns) => rows.columns.reorder(columns),
            Operator::Summarize(summarize) => self.summarize(rows, summarize, range, scope, calls),
            Operator::Distinct(distinct) => self.distinct(rows, distinct, range, scope, calls),
            Operator::Count(column) => self.count(rows, column.as_ref(), range),
            Operator::MvExpand(expand) => self.expand(rows, expand, range, scope, calls),
            Operator::Parse(pattern) => self.parse(rows, pattern, false, scope, calls),
            Operator::Join(join) => self.join(rows, "join", join, range, scope, calls),
            Operator::Lookup(join) => self.join(rows, "lookup", join, range, scope, calls),
            Operator::Union(union) => {
                let before = std::mem::take(rows);
                *rows = self.union(Some(before), union, range, scope, calls);
            }
            Operator::Sort(_) => rows.notes.push((
                range,
                "the order of the rows is not part of the rule's verdict".to_owned(),
            )),
            Operator::Take(_) => rows.limited = Some((range, "take".to_owned())),
            Operator::Sample(_) => rows.limited = Some((range, "sample".to_owned())),
            Operator::Top(_) => rows.limited = Some((range, "top".to_owned())),
            Operator::As(name) => rows.called = Some(name.name.text.clone()),
            Operator::Render(_) | Operator::Consume(_) | Operator::AssertSchema(_) => {}
            Operator::MvApply(_) => rows.opaque("mv-apply", range, ResidueEffect::Wider),
            Operator::ParseWhere(pattern) => self.parse(rows, pattern, true, scope, calls),
            Operator::ParseKv(_) => {
                rows.opaque("parse-kv", range, ResidueEffect::OutputsOnly);
            }
            Operator::Evaluate(evaluate) => rows.evaluate(evaluate, range),
            Operator::Search(_) => rows.opaque("search", range, ResidueEffect::Wider),
            other => rows.lose(operator_name(other), range),
        }
        self.push_neighbours(rows);
    }

    /// `where`: each part of a conjunction for itself.
    fn filter(&self, rows: &mut Rows, filter: &'q Where, scope: &Scope<'q>, calls: usize) {
        let parts: Vec<&'q Expression> = match &filter.predicate.kind {
            ExpressionKind::Logical(logical) if logical.operator == LogicalOperator::And => {
                logical.operands.iter().collect()
            }
            _ => vec![&filter.predicate],
        };
        for part in parts {
            let range = *part.range;
            let place = self.place(&rows.columns, scope, calls);
            // Of rows that are no events, the time is a column like any other.
            if rows.made.is_none()
                && let Some(ticks) = place.look_back(part)
            {
                let shorter = rows.look_back.map_or(ticks, |known| known.min(ticks));
                rows.look_back = Some(shorter)
                    .filter(|ticks| *ticks != i64::MAX)
                    .or(rows.look_back);
                continue;
            }
            match place.truth(part) {
                Ok(truth) => self.keep(rows, truth.holds, range),
                Err(obstacle) => rows.leave("where", range, ResidueEffect::Wider, obstacle),
            }
        }
    }

    /// Keeps the rows for which the condition holds.
    pub(super) fn keep(&self, rows: &mut Rows, condition: Condition, range: TextRange) {
        if condition.as_constant() == Some(true) {
            return;
        }
        let condition = marked(condition, self.origin(range));
        if !condition_any(&condition, &has_aggregate) {
            rows.push(condition);
            return;
        }
        let origin = self.origin(range);
        match (asked(&condition), &mut rows.group) {
            (Some(question), Some(group)) if group.asked.is_none() => {
                group.asked = Some(question);
                group.origin = origin;
            }
            (Some(_), Some(_)) => {
                let obstacle = Obstacle::new(
                    range,
                    "a group is asked one question in the IR, and this is another",
                );
                rows.leave("where", range, ResidueEffect::Wider, obstacle);
            }
            _ => {
                let obstacle = Obstacle::new(
                    range,
                    "only a count, a number of distinct values or a sum is compared with a number",
                );
                rows.leave("where", range, ResidueEffect::Wider, obstacle);
            }
        }
    }

    /// `extend`: every expression sees the columns before the stage.
    fn extend(
        &self,
        rows: &mut Rows,
        columns: &'q [NamedExpression],
        scope: &Scope<'q>,
        calls: usize,
    ) {
        let made = columns.iter().flat_map(|expression| {
            self.column(&rows.columns, expression, Made::Extend, scope, calls)
        });
        let made: Vec<Column> = made.collect();
        for column in made {
            match column {
                Column { name, .. } if name.is_empty() => {
                    let name = rows.columns.numbered();
                    rows.columns.set(Column { name, ..column });
                }
                column => rows.columns.set(column),
            }
        }
    }

    /// The columns of an expression with several results, under the names that are given or that Kusto derives.
    fn tuple_columns(
        &self,
        before: &super::columns::Columns,
        expression: &'q NamedExpression,
        stage: Made,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Option<Vec<Column>> {
        let results = self.place(before, scope, calls).tuple(&expression.value)?;
        let given: &[crate::syntax::kql::ast::Name] = match &expression.naming {
            Naming::Names(names) if names.len() <= results.len() => names,
            Naming::Implicit => &[],
            Naming::Name(_) | Naming::Names(_) => return None,
        };
        let count = if given.is_empty() {
            results.len()
        } else {
            given.len()
        };
        let named = results.into_iter().take(count).enumerate();
        let column = |(at, (name, value)): (usize, (String, super::value::Lowered<_>))| Column {
            name: given.get(at).map_or(name, |name| name.text.clone()),
            value,
            stage,
            range: *expression.range,
        };
        Some(named.map(column).collect())
    }

    /// The columns that an expression makes; the name is empty where the stage numbers it.
    pub(super) fn column(
        &self,
        before: &super::columns::Columns,
        expression: &'q NamedExpression,
        stage: Made,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Vec<Column> {
        let range = *expression.range;
        if let Some(columns) = self.tuple_columns(before, expression, stage, scope, calls) {
            return columns;
        }
        if let Naming::Names(names) = &expression.naming {
            let value = Err(Obstacle::new(
                range,
                "one expression for several columns has no counterpart",
            ));
            let column = |name: &crate::syntax::kql::ast::Name| Column {
                name: name.text.clone(),
                value: value.clone(),
                stage,
                range,
            };
            return names.iter().map(column).collect();
        }
        let value = self.place(before, scope, calls).value(&expression.value);
        vec![Column {
            name: name::of(expression).unwrap_or_default(),
            value,
            stage,
            range,
        }]
    }
}

/// Whether the operator neither filters nor counts, so that it does not matter which rows are left.
fn keeps_verdict(operator: &Operator) -> bool {
    matches!(
        operator,
        Operator::Extend(_)
            | Operator::Serialize(_)
            | Operator::Project(_)
            | Operator::ProjectAway(_)
            | Operator::ProjectKeep(_)
            | Operator::ProjectRename(_)
            | Operator::ProjectReorder(_)
            | Operator::Sort(_)
            | Operator::Take(_)
            | Operator::Top(_)
            | Operator::Render(_)
            | Operator::As(_)
            | Operator::Consume(_)
            | Operator::Parse(_)
    )
}

/// The operator's word.
pub(super) fn operator_name(operator: &Operator) -> &str {
    match operator {
        Operator::Where(_) => "where",
        Operator::Extend(_) => "extend",
        Operator::Project(_) => "project",
        Operator::ProjectAway(_) => "project-away",
        Operator::ProjectKeep(_) => "project-keep",
        Operator::ProjectRename(_) => "project-rename",
        Operator::ProjectReorder(_) => "project-reorder",
        Operator::ProjectByNames(_) => "project-by-names",
        Operator::Summarize(_) => "summarize",
        Operator::Distinct(_) => "distinct",
        Operator::Sort(_) => "sort",
        Operator::Top(_) => "top",
        Operator::TopNested(_) => "top-nested",
        Operator::TopHitters(_) => "top-hitters",
        Operator::Take(_) => "take",
        Operator::Sample(_) => "sample",
        Operator::SampleDistinct(_) => "sample-distinct",
        Operator::Join(_) => "join",
        Operator::Lookup(_) => "lookup",
        Operator::Union(_) => "union",
        Operator::MvExpand(_) => "mv-expand",
        Operator::MvApply(_) => "mv-apply",
        Operator::Parse(_) => "parse",
        Operator::ParseWhere(_) => "parse-where",
        Operator::ParseKv(_) => "parse-kv",
        Operator::Evaluate(_) => "evaluate",
        Operator::MakeSeries(_) => "make-series",
        Operator::Render(_) => "render",
        Operator::Serialize(_) => "serialize",
        Operator::Search(_) => "search",
        Operator::Find(_) => "find",
        Operator::Count(_) => "count",
        Operator::As(_) => "as",
        Operator::Consume(_) => "consume",
        Operator::GetSchema => "getschema",
        Operator::Print(_) => "print",
        Operator::Range(_) => "range",
        Operator::Invoke(_) => "invoke",
        Operator::Partition(_) => "partition",
        Operator::Scan(_) => "scan",
        Operator::Fork(_) => "fork",
        Operator::Facet(_) => "facet",
        Operator::Reduce(_) => "reduce",
        Operator::AssertSchema(_) => "assert-schema",
        Operator::MacroExpand(_) => "macro-expand",
        Operator::Text(operator) | Operator::Invalid(operator) => &operator.name,
    }
}
