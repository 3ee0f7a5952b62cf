//! Whether what was read back is the rule itself: the same selection, threshold, pipeline and correlation, in normal form.
//!
//! Conditions and terms that are written otherwise are the same where that is proved ([`super::equal`]), for every log source and
//! table of the rule. A rule that was taken apart by tables is the same where the parts on each table are.

use serde::Serialize;

use super::equal::{World, are_equal, is_equal, is_equal_term};
use super::view::View;
use crate::ir::pipeline::{RowSource, RowStage};
use crate::ir::{
    Condition, Kind, Measure, Object, Operator, Pipeline, Predicate, Rule, Term, Threshold,
};

/// Where what was read back is not known to be the same as the rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Which part of the rule it is.
    pub part: &'static str,
    /// The rule's own, in text form.
    pub rule: String,
    /// The one that was read back.
    pub read: String,
}

impl Difference {
    fn new(part: &'static str, rule: &impl ToString, read: &impl ToString) -> Self {
        let (rule, read) = (rule.to_string(), read.to_string());
        Self { part, rule, read }
    }
}

/// The first part in which the translation differs from the rule; nothing where it is the same.
pub(super) fn difference(rule: &Rule, back: &[Rule], views: &[View<'_>]) -> Option<Difference> {
    let is_seen = |read: &Rule| views.iter().any(|view| view.has(read));
    // What is counted is counted in one place.
    if back.len() > 1 && (rule.threshold.is_some() || !back.iter().all(is_seen)) {
        return Some(Difference::new("rules", &1, &back.len()));
    }
    for view in views {
        if let Some(found) = of_selection(rule, view) {
            return Some(found);
        }
    }
    back.iter().find_map(|read| of_rest(rule, read, views))
}

/// How the selection differs in a view.
fn of_selection(rule: &Rule, view: &View<'_>) -> Option<Difference> {
    let selections = view.rules.iter().map(|read| read.selection.clone());
    let read = selections.fold(Condition::FALSE, Condition::or);
    let is_same = is_equal(&rule.selection, &read, view.world());
    (!is_same).then(|| Difference::new("selection", &rule.selection, &read))
}

/// How a rule that was read back differs beside its selection.
fn of_rest(rule: &Rule, read: &Rule, views: &[View<'_>]) -> Option<Difference> {
    let worlds = || views.iter().map(View::world);
    let is_counted = match (&rule.threshold, &read.threshold) {
        (Some(own), Some(other)) => worlds().all(|world| is_threshold(own, other, world)),
        (own, other) => own == other,
    };
    if !is_counted {
        let text = |threshold: &Option<Threshold>| {
            threshold
                .as_ref()
                .map_or_else(String::new, ToString::to_string)
        };
        return Some(Difference::new(
            "threshold",
            &text(&rule.threshold),
            &text(&read.threshold),
        ));
    }
    if read.correlation != rule.correlation {
        return Some(Difference::new("correlation", &"", &""));
    }
    let about_rows = read.is_about_rows() || rule.is_about_rows();
    let is_same = !about_rows
        || read.pipeline == rule.pipeline
        || !rule.is_about_rows() && read.pipeline.as_ref().is_some_and(|rows| keeps(read, rows));
    (!is_same).then(|| Difference::new("pipeline", &"", &""))
}

/// Whether the pipeline of a rule makes one row of each event that the rule selects: its stages only make columns.
fn keeps(rule: &Rule, pipeline: &Pipeline) -> bool {
    let is_source = matches!(&pipeline.source, RowSource::Events { selection, .. } if *selection == rule.selection);
    is_source && pipeline.given.is_empty() && pipeline.stages.iter().all(keeps_rows)
}

/// Whether the stage makes one row of each.
fn keeps_rows(stage: &RowStage) -> bool {
    match stage {
        RowStage::Extend(_)
        | RowStage::Project(_)
        | RowStage::Without(_)
        | RowStage::Sort(_)
        | RowStage::Number(_) => true,
        // All items together are one row, be there none; a list without items has no row at all.
        RowStage::Apply { items, body } => {
            let at = body.stages.iter().rposition(
                |stage| matches!(stage, RowStage::Summarize(summary) if summary.by.is_empty()),
            );
            let is_one = at.is_some_and(|at| body.stages[at + 1..].iter().all(keeps_rows));
            is_one && items.lists.iter().any(|list| has_items(&list.list))
        }
        RowStage::Where(_)
        | RowStage::Summarize(_)
        | RowStage::Distinct
        | RowStage::Join(_)
        | RowStage::Expand(_)
        | RowStage::Unpack(_)
        | RowStage::Series(_)
        | RowStage::Partition { .. }
        | RowStage::Take(_)
        | RowStage::Count(_) => false,
    }
}

/// Whether the value is no list and no object without items, whatever the row.
fn has_items(list: &Term) -> bool {
    let kinds = Object::Kinds(vec![Kind::List, Kind::Object]);
    let is_list = Condition::from(Predicate::new(list.clone(), Operator::IsKind, kinds));
    let is_filled = Predicate::new(list.clone(), Operator::IsTruthy, Object::None);
    are_equal(&is_list.negate().or(is_filled.into()), &Condition::TRUE)
}

/// Whether two thresholds are one, their terms being equal.
fn is_threshold(own: &Threshold, other: &Threshold, world: World<'_>) -> bool {
    let groups = own.group_by.iter().zip(&other.group_by);
    let is_grouped = own.group_by.len() == other.group_by.len()
        && groups
            .into_iter()
            .all(|(own, other)| is_equal_term(own, other, world));
    let is_measured = match (&own.measure, &other.measure) {
        (Measure::DistinctCount(own), Measure::DistinctCount(other))
        | (Measure::Sum(own), Measure::Sum(other))
        | (Measure::Average(own), Measure::Average(other)) => is_equal_term(own, other, world),
        (own, other) => own == other,
    };
    let rest = Threshold {
        group_by: own.group_by.clone(),
        measure: own.measure.clone(),
        ..other.clone()
    };
    is_grouped && is_measured && rest == *own
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::pipeline::{ColumnKind, Expanded, ExpandedList, NamedTerm, Summary};
    use crate::ir::{Case, FieldPath, Function, Literal, Shared};

    fn apply(list: Term, summary: Summary) -> RowStage {
        let name = "Item".to_owned();
        let items = Expanded {
            lists: vec![ExpandedList { name, list }],
            index: None,
            limit: None,
            pairs: false,
        };
        let mut body = Pipeline::of(RowSource::Input);
        body.stages.push(RowStage::Summarize(summary));
        let body = Box::new(body);
        RowStage::Apply { items, body }
    }

    #[test]
    fn a_stage_that_may_lose_a_row_is_none_that_makes_columns() {
        let list = Term::Field(FieldPath::parse("a.b").unwrap());
        let length = Term::call(Function::Length, [list.clone()]);
        let zero = Object::Literal(Literal::Integer(0));
        let filled = Term::Choice {
            cases: vec![Case {
                when: Predicate::new(length, Operator::GreaterThan, zero).into(),
                then: list.clone(),
            }]
            .into(),
            otherwise: Shared::new(Term::Literal(Literal::List(vec![Literal::Null]))),
        };
        let grouped = Summary {
            by: vec![NamedTerm {
                name: "Item".to_owned(),
                source: Term::field(["Item"]),
                kind: ColumnKind::default(),
            }],
            ..Summary::default()
        };
        assert!(keeps_rows(&apply(filled.clone(), Summary::default())));
        assert!(
            !keeps_rows(&apply(list, Summary::default())),
            "a list may be empty"
        );
        assert!(!keeps_rows(&apply(filled, grouped)), "a row for each group");
        assert!(!keeps_rows(&RowStage::Where(Condition::TRUE)));
        assert!(keeps_rows(&RowStage::Extend(Vec::new())));
    }
}
