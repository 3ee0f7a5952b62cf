//! Items of lists as rows: `mv-expand` and `mv-apply`; and the rows of each value for themselves: `partition`.

use crate::frontend::sentinel::query::Lowerer;
use crate::frontend::sentinel::query::columns::{Column, Columns};
use crate::frontend::sentinel::query::expand::typed;
use crate::frontend::sentinel::query::rows::Rows;
use crate::frontend::sentinel::query::scope::Scope;
use crate::frontend::sentinel::query::value::{Kind, Lowered, Obstacle};
use crate::ir::pipeline::{Expanded, ExpandedList, RowSource, RowStage};
use crate::ir::{Pipeline, Stage as Made, Term};
use crate::source::TextRange;
use crate::syntax::kql::ast::{self, Expression, MvApply, MvExpand, OperatorParameter, Partition};

use super::settle::{field, settled};

/// The columns that items become, each with the type that they are written to have.
type Items<'q> = Vec<(String, &'q ast::Expanded)>;

impl<'q> Lowerer<'q> {
    /// `mv-expand`
    pub(super) fn expand_rows(
        &self,
        rows: &mut Rows,
        expand: &'q MvExpand,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<()> {
        self.settle(rows, range)?;
        let (expanded, items) = self.lists(
            &rows.columns,
            (&expand.parameters, &expand.columns, expand.limit.as_ref()),
            range,
            scope,
            calls,
        )?;
        set_items(&mut rows.columns, &expanded, &items, true, range);
        rows.shape = None;
        self.push_stage(rows, RowStage::Expand(expanded), range)
    }

    /// What is expanded.
    fn lists(
        &self,
        before: &Columns,
        (parameters, columns, limit): (
            &'q [OperatorParameter],
            &'q [ast::Expanded],
            Option<&'q Expression>,
        ),
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<(Expanded, Items<'q>)> {
        let word = |wanted: &str| {
            let mut parameters = parameters.iter();
            let found = parameters.find(|parameter| parameter.name.text == wanted);
            found.and_then(OperatorParameter::word)
        };
        let limit = match limit {
            None => None,
            Some(limit) => {
                let value = self.place(before, scope, calls).value(limit)?;
                let number = value
                    .as_integer()
                    .and_then(|limit| u64::try_from(limit).ok());
                let refused =
                    || Obstacle::new(range, "the limit is not known before the rule runs");
                Some(number.ok_or_else(refused)?)
            }
        };
        let mut expanded = Expanded {
            lists: Vec::new(),
            index: word("with_itemindex").map(str::to_owned),
            limit,
            pairs: word("bagexpansion").or(word("kind")) == Some("array"),
        };
        let mut items = Vec::new();
        for one in columns {
            let Some(list) = &one.value else { continue };
            let made = self.column(before, list, Made::Expand, scope, calls);
            let Some(Column { name, value, .. }) = made.into_iter().next() else {
                continue;
            };
            let name = if name.is_empty() {
                before.numbered()
            } else {
                name
            };
            let (list, kind) = settled(value?, range)?;
            if !matches!(kind, Kind::Dynamic | Kind::Unknown) {
                return Err(Obstacle::new(range, "only a dynamic value is expanded"));
            }
            expanded.lists.push(ExpandedList {
                name: name.clone(),
                list,
            });
            items.push((name, one));
        }
        Ok((expanded, items))
    }

    /// `mv-apply`
    pub(super) fn apply_rows(
        &self,
        rows: &mut Rows,
        apply: &'q MvApply,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<()> {
        if apply.id.is_some() {
            return Err(Obstacle::new(
                range,
                "the id of `mv-apply` has no counterpart",
            ));
        }
        self.settle(rows, range)?;
        let before = rows.columns.clone();
        let (items, names) = self.lists(
            &before,
            (&apply.parameters, &apply.columns, apply.limit.as_ref()),
            range,
            scope,
            calls,
        )?;
        let mut inner = before.clone();
        set_items(&mut inner, &items, &names, false, range);
        let (body, made) = self.inner(inner, &apply.body, range, scope, calls)?;
        let mut columns = before;
        for name in names.iter().map(|(name, _)| name).chain(&items.index) {
            columns.hide(name);
        }
        if let Some(open) = &mut columns.open {
            open.hidden.clear();
        }
        for column in made.named {
            if columns.named(&column.name).is_none() {
                columns.named.push(column);
            }
        }
        self.push_stage(
            rows,
            RowStage::Apply {
                items,
                body: Box::new(body),
            },
            range,
        )?;
        rows.columns = columns;
        rows.shape = None;
        Ok(())
    }

    /// `partition`
    pub(super) fn partition_rows(
        &self,
        rows: &mut Rows,
        partition: &'q Partition,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<()> {
        if partition.braces || partition.scope.is_some() {
            return Err(Obstacle::new(
                range,
                "a partition with a source of its own has no counterpart",
            ));
        }
        self.settle(rows, range)?;
        let value = self.place(&rows.columns, scope, calls).value(&partition.by);
        let (by, _) = settled(value?, range)?;
        let (body, made) =
            self.inner(rows.columns.clone(), &partition.body, range, scope, calls)?;
        self.push_stage(
            rows,
            RowStage::Partition {
                by,
                body: Box::new(body),
            },
            range,
        )?;
        rows.columns = made;
        rows.shape = None;
        Ok(())
    }

    /// What stages make of rows that the stage around them hands over.
    fn inner(
        &self,
        columns: Columns,
        body: &'q ast::Pipeline,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<(Pipeline, Columns)> {
        let mut rows = Rows::of(Vec::new(), columns);
        rows.made = Some(Box::new(Pipeline::of(RowSource::Input)));
        for stage in &body.stages {
            self.stage(&mut rows, stage, scope, calls + 1);
        }
        let (pipeline, rows) = self.written(rows, range)?;
        Ok((pipeline, rows.columns))
    }
}

/// Sets the columns that items become; the position stands before them or behind them.
fn set_items(
    columns: &mut Columns,
    expanded: &Expanded,
    items: &Items<'_>,
    index_first: bool,
    range: TextRange,
) {
    let mut set = |name: &str, value| {
        columns.set(Column {
            name: name.to_owned(),
            value,
            stage: Made::Expand,
            range,
        });
    };
    let mut index = expanded.index.as_ref();
    if let Some(index) = index.take_if(|_| index_first) {
        set(index, Ok(field(index, Kind::Number)));
    }
    for (name, one) in items {
        set(name, typed(Term::field([name]), one, range));
    }
    if let Some(index) = index {
        set(index, Ok(field(index, Kind::Number)));
    }
}
