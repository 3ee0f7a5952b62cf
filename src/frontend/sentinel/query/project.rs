//! The operators that choose, name and order columns.

use super::Lowerer;
use super::columns::{Column, Columns};
use super::rows::Rows;
use super::scope::Scope;
use crate::ir::Stage as Made;
use crate::source::TextRange;
use crate::syntax::kql::ast::{ColumnPattern, Expression, NamedExpression, Naming, Reordered};

impl<'q> Lowerer<'q> {
    /// `project`: the columns that are listed, and no others.
    pub(super) fn project(
        &self,
        rows: &mut Rows,
        columns: &'q [NamedExpression],
        scope: &Scope<'q>,
        calls: usize,
    ) {
        let before = &rows.columns;
        let mut after = Columns {
            table: before.table.clone(),
            ..Columns::default()
        };
        for expression in columns {
            for mut column in self.column(before, expression, Made::Project, scope, calls) {
                // A column that is only passed on was made where it was made.
                if let (Naming::Implicit, Some(made)) = (
                    &expression.naming,
                    expression
                        .value
                        .as_name()
                        .and_then(|name| before.named(name)),
                ) {
                    column.stage = made.stage;
                    column.range = made.range;
                }
                if column.name.is_empty() {
                    column.name = after.numbered();
                }
                after.add(column);
            }
        }
        rows.columns = after;
    }
}

impl Columns {
    /// `project-away`: all but the listed columns.
    pub(super) fn take_away(&mut self, patterns: &[ColumnPattern]) {
        for pattern in patterns {
            if pattern.wildcard {
                self.named
                    .retain(|column| !matches(&pattern.name.text, &column.name));
            } else {
                self.hide(&pattern.name.text);
            }
        }
    }

    /// `project-keep`: the listed columns in the order they have.
    pub(super) fn keep(&mut self, patterns: &[ColumnPattern]) {
        let before = self.clone();
        let kept = |column: &Column| {
            patterns
                .iter()
                .any(|pattern| matches(&pattern.name.text, &column.name))
        };
        self.named.retain(kept);
        self.open = None;
        for pattern in patterns.iter().filter(|pattern| !pattern.wildcard) {
            let name = &pattern.name.text;
            if before.named(name).is_none() {
                let range = *pattern.name.range;
                let value = before.value(name, range);
                self.add(Column {
                    name: name.clone(),
                    value,
                    stage: Made::Project,
                    range,
                });
            }
        }
    }

    /// `project-rename`: new names for columns, in their places.
    pub(super) fn rename(&mut self, columns: &[NamedExpression]) {
        for expression in columns {
            let (Some(new), Some(old)) = (expression.name(), expression.value.as_name()) else {
                continue;
            };
            self.call(old, &new.text, *expression.range);
        }
    }

    /// Gives a column a new name, in its place.
    pub(super) fn call(&mut self, old: &str, new: &str, range: TextRange) {
        let value = self.value(old, range);
        let column = Column {
            name: new.to_owned(),
            value,
            stage: Made::Project,
            range,
        };
        match self.named.iter_mut().find(|column| column.name == old) {
            Some(place) => *place = column,
            None => self.named.push(column),
        }
        if let Some(open) = &mut self.open {
            open.hidden.insert(old.to_owned());
        }
    }

    /// `project-reorder`: the listed columns first.
    pub(super) fn reorder(&mut self, columns: &[Reordered]) {
        let mut ordered = Vec::new();
        for entry in columns {
            let pattern = &entry.pattern.name.text;
            let (chosen, rest) = std::mem::take(&mut self.named)
                .into_iter()
                .partition(|column: &Column| matches(pattern, &column.name));
            ordered.extend::<Vec<Column>>(chosen);
            self.named = rest;
        }
        ordered.append(&mut self.named);
        self.named = ordered;
    }
}

/// Whether a name follows a pattern in which `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Whether an expression is the star that stands for all columns.
pub(super) fn is_star(expression: &Expression) -> bool {
    matches!(
        expression.kind,
        crate::syntax::kql::ast::ExpressionKind::Star
    )
}
