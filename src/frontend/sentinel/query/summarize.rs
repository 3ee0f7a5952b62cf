//! `summarize`, `distinct` and `count`: rows to groups, and what a filter asks of a group.

use super::Lowerer;
use super::aggregate::Aggregated;
use super::columns::{Column, Columns, has_aggregate};
use super::project::is_star;
use super::rows::{Group, Rows};
use super::scope::Scope;
use super::value::{Kind, Lowered, Obstacle, Scalar, Value, term_any};
use super::{fold, name};
use crate::ir::{
    Aggregate, Comparison, Condition, Function, Literal, Measure, Object, Operator, Predicate,
    ResidueEffect, Stage as Made, Term,
};
use crate::source::TextRange;
use crate::syntax::kql::ast::{Distinct, Name, NamedExpression, Summarize};

impl<'q> Lowerer<'q> {
    /// `summarize aggregates by keys`.
    pub(super) fn summarize(
        &self,
        rows: &mut Rows,
        summarize: &'q Summarize,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) {
        if rows.group.is_some() {
            let obstacle = Obstacle::new(range, "groups of groups have no counterpart");
            rows.columns.lose(obstacle.clone());
            rows.leave("summarize", range, ResidueEffect::Unknown, obstacle);
            return;
        }
        if let Some(bin) = &summarize.bin {
            let obstacle = Obstacle::new(
                *bin.range,
                "the old `bin =` of summarize has no counterpart",
            );
            rows.columns.lose(obstacle.clone());
            rows.leave("summarize", range, ResidueEffect::Unknown, obstacle);
            return;
        }
        let before = std::mem::take(&mut rows.columns);
        let mut after = Columns {
            table: before.table.clone(),
            ..Columns::default()
        };
        let group = self.keys(&mut after, &before, &summarize.by, range, scope, calls);
        for expression in &summarize.aggregates {
            self.aggregated(rows, &mut after, &before, expression, scope, calls);
        }
        self.grouped(rows, after, group, "summarize", range);
    }

    /// The keys of a group: windows of time apart, everything else a term.
    fn keys(
        &self,
        after: &mut Columns,
        before: &Columns,
        by: &'q [NamedExpression],
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<Group> {
        let mut group = Group {
            origin: self.origin(range),
            ..Group::default()
        };
        let mut failed = None;
        for expression in by {
            for mut column in self.column(before, expression, Made::Summarize, scope, calls) {
                if column.name.is_empty() {
                    column.name = after.numbered();
                }
                match &column.value {
                    Ok(Value::Window(ticks))
                        if group.window.is_none_or(|known| known == *ticks) =>
                    {
                        group.window = Some(*ticks);
                    }
                    Ok(Value::Window(_)) => {
                        failed = Some(Obstacle::new(
                            column.range,
                            "two windows of time have no counterpart",
                        ));
                    }
                    Ok(Value::Clock(_)) => {}
                    Ok(value) => match value.clone().into_term(column.range) {
                        Ok(term) if !matches!(term, Term::Literal(_)) => group.keys.push(term),
                        Ok(_) => {}
                        Err(obstacle) => failed = Some(obstacle),
                    },
                    Err(obstacle) => failed = Some(obstacle.clone()),
                }
                after.add(column);
            }
        }
        failed.map_or(Ok(group), Err)
    }

    /// The columns of one aggregate.
    fn aggregated(
        &self,
        rows: &mut Rows,
        after: &mut Columns,
        before: &Columns,
        expression: &'q NamedExpression,
        scope: &Scope<'q>,
        calls: usize,
    ) {
        let range = *expression.range;
        let mut place = self.place(before, scope, calls);
        place.aggregates = true;
        let one = |value: Lowered<Value>, name: String| Column {
            name,
            value,
            stage: Made::Summarize,
            range,
        };
        if let Some(Aggregated {
            columns,
            all,
            obstacle,
        }) = place.whole_row(expression)
        {
            for (name, value) in columns {
                after.add(one(value, name));
            }
            if all {
                take_any_of_all(after, before);
            }
            if let Some(obstacle) = obstacle {
                rows.leave("summarize", range, ResidueEffect::OutputsOnly, obstacle);
            }
        } else {
            let mut value = place.value(&expression.value);
            if let (Some(obstacle), Ok(found)) = (&rows.multiplied, &value)
                && counts_rows(found)
            {
                value = Err(Obstacle {
                    range,
                    ..obstacle.clone()
                });
            }
            if let Ok(Value::Scalar(Scalar { term, .. })) = &value
                && !has_aggregate(term)
            {
                value = Err(Obstacle::new(range, "an aggregate is required here"));
            }
            let name = name::of(expression).unwrap_or_else(|| after.numbered());
            after.add(one(value, name));
        }
    }

    /// The rows as groups, or lost where the keys could not be lowered.
    fn grouped(
        &self,
        rows: &mut Rows,
        after: Columns,
        group: Lowered<Group>,
        construct: &str,
        range: TextRange,
    ) {
        rows.multiplied = None;
        rows.columns = after;
        match group {
            Ok(group) => rows.group = Some(group),
            Err(obstacle) => {
                // Which groups there are is not known, but there is one wherever there is an event.
                for column in &mut rows.columns.named {
                    if column.value.as_ref().is_ok_and(counts_rows) {
                        column.value = Err(obstacle.clone());
                    }
                }
                rows.group = Some(Group {
                    origin: self.origin(range),
                    ..Group::default()
                });
                rows.leave(construct, range, ResidueEffect::Unknown, obstacle);
            }
        }
    }

    /// `distinct`: one row for each combination of values.
    pub(super) fn distinct(
        &self,
        rows: &mut Rows,
        distinct: &'q Distinct,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) {
        if distinct.columns.iter().any(|column| is_star(&column.value)) {
            rows.multiplied
                .get_or_insert_with(|| Obstacle::new(range, "equal rows are counted once"));
            return;
        }
        if rows.group.is_some() {
            self.project(rows, &distinct.columns, scope, calls);
            return;
        }
        let before = std::mem::take(&mut rows.columns);
        let mut after = Columns {
            table: before.table.clone(),
            ..Columns::default()
        };
        let group = self.keys(&mut after, &before, &distinct.columns, range, scope, calls);
        for column in &mut after.named {
            column.stage = before
                .named(&column.name)
                .map_or(Made::Project, |made| made.stage);
        }
        self.grouped(rows, after, group, "distinct", range);
    }

    /// `count`: one row with the number of rows.
    pub(super) fn count(&self, rows: &mut Rows, column: Option<&'q Name>, range: TextRange) {
        if rows.group.is_some() || rows.multiplied.is_some() {
            let obstacle = Obstacle::new(range, "the rows that are counted are not events");
            rows.columns.lose(obstacle.clone());
            rows.leave("count", range, ResidueEffect::Unknown, obstacle);
            return;
        }
        let mut after = Columns {
            table: rows.columns.table.clone(),
            ..Columns::default()
        };
        let name = column.map_or("Count", |name| name.text.as_str()).to_owned();
        let value = Ok(Value::Scalar(Scalar::new(
            Term::aggregate(Aggregate::Count, None),
            Kind::Number,
        )));
        after.add(Column {
            name,
            value,
            stage: Made::Summarize,
            range,
        });
        self.grouped(
            rows,
            after,
            Ok(Group {
                origin: self.origin(range),
                ..Group::default()
            }),
            "count",
            range,
        );
    }
}

/// Every column of the events, of any event of the group.
fn take_any_of_all(after: &mut Columns, before: &Columns) {
    for column in &before.named {
        if after.named(&column.name).is_none() {
            let value = column.value.clone().and_then(|value| {
                let term = value.into_term(column.range)?;
                Ok(Value::Scalar(Scalar::new(
                    Term::aggregate(Aggregate::TakeAny, Some(term)),
                    Kind::Dynamic,
                )))
            });
            after.named.push(Column {
                value,
                ..column.clone()
            });
        }
    }
    after.open.clone_from(&before.open);
    after.lost.clone_from(&before.lost);
    if let Some(open) = &mut after.open {
        open.grouped = true;
    }
}

/// Whether the value is wrong where a row is not one event: counts, sums and averages, but not sets or ends.
fn counts_rows(value: &Value) -> bool {
    let counting = |term: &Term| {
        matches!(
            term,
            Term::Aggregate {
                aggregate: Aggregate::Count
                    | Aggregate::Sum
                    | Aggregate::Average
                    | Aggregate::MakeList,
                ..
            }
        )
    };
    match value {
        Value::Scalar(scalar) => term_any(&scalar.term, &counting),
        Value::Choice(cases, otherwise) => {
            cases.iter().any(|(_, value)| counts_rows(value)) || counts_rows(otherwise)
        }
        _ => false,
    }
}

/// What a condition asks of a group, where it is one question: a measure, a comparison and a number.
pub(super) fn asked(condition: &Condition) -> Option<(Measure, Comparison, f64)> {
    let (predicate, negated) = match condition {
        Condition::Test(predicate) => (predicate, false),
        Condition::Not(inner) => match inner.as_ref() {
            Condition::Test(predicate) => (predicate, true),
            _ => return None,
        },
        _ => return None,
    };
    let (measure, whole) = measure(&predicate.subject)?;
    let (comparison, number) = comparison(predicate, negated)?;
    Some(if whole {
        (measure, comparison.0, rounded(comparison.1, number))
    } else {
        (measure, comparison.1, number)
    })
}

/// What is measured, and whether that is a whole number.
fn measure(subject: &Term) -> Option<(Measure, bool)> {
    match subject {
        Term::Aggregate {
            aggregate: Aggregate::Count,
            argument: None,
        } => Some((Measure::Count, true)),
        Term::Aggregate {
            aggregate: Aggregate::DistinctCount,
            argument: Some(argument),
        } => Some((Measure::DistinctCount(argument.as_ref().clone()), true)),
        Term::Aggregate {
            aggregate: Aggregate::Sum,
            argument: Some(argument),
        } => Some((Measure::Sum(argument.as_ref().clone()), false)),
        // The length of a set is the number of its values.
        Term::Call {
            function: Function::Length,
            arguments,
        } => match arguments.as_slice() {
            [
                Term::Aggregate {
                    aggregate: Aggregate::MakeSet,
                    argument: Some(argument),
                },
            ] => Some((Measure::DistinctCount(argument.as_ref().clone()), true)),
            _ => None,
        },
        _ => None,
    }
}

/// The comparison for whole numbers and the one for any numbers, and the number.
fn comparison(predicate: &Predicate, negated: bool) -> Option<((Comparison, Comparison), f64)> {
    let Object::Literal(literal) = &predicate.object else {
        return None;
    };
    let number = fold::as_real(literal).filter(|number| number.is_finite())?;
    let same = |comparison| (comparison, comparison);
    let comparison = match (predicate.operator, negated) {
        (Operator::GreaterThan, false) | (Operator::AtMost, true) => {
            (Comparison::AtLeast, Comparison::GreaterThan)
        }
        (Operator::AtLeast, false) | (Operator::LessThan, true) => same(Comparison::AtLeast),
        (Operator::LessThan, false) | (Operator::AtLeast, true) => same(Comparison::LessThan),
        (Operator::AtMost, false) | (Operator::GreaterThan, true) => same(Comparison::AtMost),
        (Operator::Equals, false) => same(Comparison::Equal),
        (Operator::Equals, true) => same(Comparison::NotEqual),
        _ => return None,
    };
    matches!(literal, Literal::Integer(_) | Literal::Float(_)).then_some((comparison, number))
}

/// The number that a whole number is compared with: `> n` is at least the next whole number.
fn rounded(written: Comparison, number: f64) -> f64 {
    match written {
        Comparison::GreaterThan => number.floor() + 1.0,
        Comparison::AtLeast => number.ceil(),
        _ => number,
    }
}
