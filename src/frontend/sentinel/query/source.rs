//! What a pipeline begins with: a table, a saved function, a variable, or several tables at once.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::Lowerer;
use super::columns::{Columns, Table};
use super::expression::CALLS;
use super::rows::Rows;
use super::scope::{Bound, Scope};
use super::value::Obstacle;
use crate::frontend::sentinel::FORMAT;
use crate::ir::{Condition, LogSource, ResidueEffect, SourceName};
use crate::schema::kusto::Schemas;
use crate::schema::{Made, TableMap};
use crate::source::TextRange;
use crate::syntax::kql::ast::{
    Call, Expression, ExpressionKind, Operator, Pipeline, Query, Source, StatementKind, Union,
    Wrapper,
};

impl<'q> Lowerer<'q> {
    /// The rows of a pipeline.
    pub(super) fn pipeline(&self, pipeline: &'q Pipeline, scope: &Scope<'q>, calls: usize) -> Rows {
        let range = *pipeline.range;
        if calls >= CALLS || self.spend(1, range).is_err() {
            return Rows::lost(Obstacle::new(
                range,
                "the query's parts refer to each other too deeply",
            ));
        }
        let mut rows = match &pipeline.source {
            Source::Expression(expression) => self.source(expression, scope, calls),
            Source::Operator(stage) => match &stage.kind {
                Operator::Union(union) if self.relational => self
                    .union_rows(None, union, *stage.range, scope, calls)
                    .unwrap_or_else(Rows::lost),
                Operator::Union(union) => self.union(None, union, *stage.range, scope, calls),
                Operator::Print(columns) if self.relational => {
                    self.print(columns, scope, calls, *stage.range)
                }
                Operator::Range(steps) if self.relational => self
                    .range(steps, scope, calls, *stage.range)
                    .unwrap_or_else(Rows::lost),
                _ => Rows::lost(Obstacle::new(
                    *stage.range,
                    "the query does not begin with the events of a table",
                )),
            },
            Source::Input => Rows::lost(Obstacle::new(range, "the query has no source")),
        };
        for stage in &pipeline.stages {
            self.stage(&mut rows, stage, scope, calls);
        }
        rows
    }

    /// The rows that an expression stands for.
    pub(super) fn source(
        &self,
        expression: &'q Expression,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Rows {
        let range = *expression.range;
        if calls >= CALLS || self.spend(1, range).is_err() {
            return Rows::lost(Obstacle::new(
                range,
                "the query's parts refer to each other too deeply",
            ));
        }
        match &expression.kind {
            ExpressionKind::Name(name) => match scope.find(name) {
                Some((Bound::Pipeline(pipeline), scope)) => {
                    self.pipeline(pipeline, scope, calls + 1)
                }
                Some((Bound::Table(table), scope)) => self.source(table, scope, calls + 1),
                Some((Bound::Function(function), scope)) => {
                    let mut rows = self.returned(function, &scope.clone(), calls, range);
                    rows.called = function.view.then(|| name.clone());
                    rows
                }
                Some((Bound::Value(_) | Bound::Parameter(_), _)) => Rows::lost(Obstacle::new(
                    range,
                    format!("`{name}` is not the name of a table"),
                )),
                None => self.table(name),
            },
            ExpressionKind::Call(call) => self.called(call, range, scope, calls),
            ExpressionKind::Pipeline(pipeline) => self.pipeline(pipeline, scope, calls + 1),
            ExpressionKind::Wrapped(wrapped) if wrapped.wrapper != Wrapper::ToScalar => {
                self.pipeline(&wrapped.pipeline, scope, calls + 1)
            }
            ExpressionKind::DataTable(table) if self.relational => self
                .data_table(table, scope, range)
                .unwrap_or_else(Rows::lost),
            ExpressionKind::DataTable(_) => Rows::lost(Obstacle::new(
                range,
                "the rows are written in the query, not events",
            )),
            ExpressionKind::ExternalData(data) if self.relational => {
                self.external(data, range).unwrap_or_else(Rows::lost)
            }
            ExpressionKind::ExternalData(_) => Rows::lost(Obstacle::new(
                range,
                "the rows come from a file, not from events",
            )),
            _ => Rows::lost(Obstacle::new(
                range,
                "the source is not a table of this workspace",
            )),
        }
    }

    fn called(&self, call: &'q Call, range: TextRange, scope: &Scope<'q>, calls: usize) -> Rows {
        let name = call.function.text.as_str();
        if let Some((Bound::Function(function), defined)) = scope.find(name) {
            let columns = Columns::default();
            let arguments: Vec<_> = call.arguments.iter().collect();
            let inner = self
                .place(&columns, scope, calls)
                .parameters(function, defined, &arguments, range);
            return match inner {
                Ok(inner) => self.returned(function, &inner, calls, range),
                Err(obstacle) => Rows::lost(obstacle),
            };
        }
        if name == "table"
            && let Some(argument) = call.arguments.first()
        {
            let columns = Columns::default();
            let table = self.place(&columns, scope, calls).value(&argument.value);
            return match table.as_ref().ok().and_then(|value| value.as_text()) {
                Some(table) => self.table(table),
                None => Rows::lost(Obstacle::new(
                    range,
                    "the table's name is not known before the rule runs",
                )),
            };
        }
        if self.relational && !call.arguments.is_empty() {
            return match self.call_name(call, scope, calls, range) {
                Ok(name) => self.table(&name),
                Err(obstacle) => Rows::lost(obstacle),
            };
        }
        let mut rows = self.table(name);
        if !call.arguments.is_empty() {
            let obstacle = Obstacle::new(
                range,
                format!("the arguments of the saved function `{name}` may filter its rows"),
            );
            rows.leave("source", range, ResidueEffect::Wider, obstacle);
        }
        rows
    }

    /// The rows that one of the query's own functions returns.
    fn returned(
        &self,
        function: &'q crate::syntax::kql::ast::Function,
        scope: &Scope<'q>,
        calls: usize,
        range: TextRange,
    ) -> Rows {
        let mut scope = scope.clone();
        for statement in &function.statements {
            if let StatementKind::Let(defined) = &statement.kind {
                scope = self.defined(defined, &scope, calls + 1);
            }
        }
        match &function.result {
            Some(result) => self.pipeline(result, &scope, calls + 1),
            None => Rows::lost(Obstacle::new(range, "the function returns nothing")),
        }
    }

    /// The events of a table, or of a saved function that is read like one.
    fn table(&self, name: &str) -> Rows {
        let mut parts = self.reading.parts.iter();
        let part = parts.find(|part| part.table().name == name);
        let known = part.cloned().or_else(|| self.crosswalk.known_table(name));
        let made = known.as_ref().map_or_else(Vec::new, |known| {
            let all = known.table().made.iter();
            let made = all.filter(|made| self.is_made(name, made));
            made.cloned().collect()
        });
        let source = match &known {
            Some(known) => LogSource::Known(SourceName {
                columns: self.kept_columns(known.table(), &made),
                ..known.source().name_with(known.table())
            }),
            None => LogSource::Unknown {
                format: FORMAT.to_owned(),
                name: name.to_owned(),
            },
        };
        let told = known.as_ref().map_or(Condition::TRUE, |known| {
            known.source().telling(known.table())
        });
        let dynamic = if known.is_some() {
            Rc::default()
        } else {
            Rc::clone(&self.dynamic)
        };
        let typed = Schemas::builtin().table(name);
        let table = Table {
            known,
            also: Vec::new(),
            made: made.into(),
            typed,
            dynamic,
        };
        Rows::of(vec![source], Columns::of(table)).told_by(told)
    }

    /// Whether the column of the table is made so for every event that the query is about.
    fn is_made(&self, table: &str, made: &Made) -> bool {
        made.only.is_empty() || {
            let kept = (table.to_owned(), made.name());
            self.reading.made.contains(&kept)
        }
    }

    /// What tells which columns the query names of those that hold the same as another one of the table, or are made of others.
    fn kept_columns(&self, table: &TableMap, made: &[Made]) -> Vec<String> {
        let further = table.further_columns().map(|column| &column.name);
        let further: BTreeSet<&String> = further.collect();
        if further.is_empty() && made.is_empty() {
            return Vec::new();
        }
        let mut named = BTreeSet::new();
        super::listing::walk(self.query, &mut |expression| {
            named.extend(expression.as_name().map(str::to_owned));
        });
        let further = further.into_iter().filter(|name| named.contains(*name));
        let made = made.iter().filter(|made| named.contains(&made.column));
        let kept: BTreeSet<String> = further.cloned().chain(made.map(Made::name)).collect();
        kept.into_iter().collect()
    }

    /// The rows of several tables. Whole tables of one kind are several sources of one rule; of anything else the first is
    /// kept, and the others are left.
    pub(super) fn union(
        &self,
        first: Option<Rows>,
        union: &'q Union,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Rows {
        let mut tables = union
            .tables
            .iter()
            .map(|table| (*table.range, self.source(table, scope, calls + 1)));
        let mut rows = match first {
            Some(rows) => rows,
            None => match tables.next() {
                Some((_, rows)) => rows,
                None => return Rows::lost(Obstacle::new(range, "the union has no tables")),
            },
        };
        for (at, other) in tables {
            if is_whole(&rows) && is_whole(&other) && same_columns(&rows, &other) {
                for source in other.sources {
                    if !rows.sources.contains(&source) {
                        rows.sources.push(source);
                    }
                }
                rows.columns.also_of(other.columns);
                let told = rows.told.clone().zip(other.told);
                rows = rows.told_by(told.map_or(Condition::TRUE, |(a, b)| a.or(b)));
            } else if is_same(&rows, &other) {
                join_alternatives(&mut rows, other, range);
            } else {
                let obstacle = Obstacle::new(at, "the rows of another query are added");
                rows.leave("union", at, ResidueEffect::Narrower, obstacle);
            }
        }
        for parameter in union
            .parameters
            .iter()
            .filter(|parameter| parameter.name.text == "withsource")
        {
            if let Some(name) = parameter.word() {
                let obstacle = Obstacle::new(
                    *parameter.range,
                    "the name of the source table is not a value of the event",
                );
                rows.columns.set(super::columns::Column {
                    name: name.to_owned(),
                    value: Err(obstacle),
                    stage: crate::ir::Stage::Extend,
                    range: *parameter.range,
                });
            }
        }
        rows
    }
}

/// Whether the rows are a table's events, all of them, as they are.
fn is_whole(rows: &Rows) -> bool {
    rows.is_untouched()
        && rows.columns.named.is_empty()
        && rows.columns.open.is_some()
        && rows.group.is_none()
        && rows.left.is_empty()
}

fn same_columns(a: &Rows, b: &Rows) -> bool {
    let id = |rows: &Rows| {
        rows.columns
            .table
            .as_ref()
            .and_then(|table| table.known.as_ref())
            .map(|known| known.source().id.clone())
    };
    id(a) == id(b)
}

/// Whether both are events of the same sources with the same columns, so that only their filters differ.
fn is_same(a: &Rows, b: &Rows) -> bool {
    let columns = |rows: &Rows| {
        let named = rows
            .columns
            .named
            .iter()
            .map(|column| (column.name.clone(), column.value.clone()));
        (named.collect::<Vec<_>>(), rows.columns.open.is_some())
    };
    let plain = |rows: &Rows| {
        rows.levels.len() == 1
            && rows.group.is_none()
            && rows.left.is_empty()
            && rows.limited.is_none()
    };
    a.sources == b.sources
        && plain(a)
        && plain(b)
        && a.look_back == b.look_back
        && columns(a) == columns(b)
}

fn join_alternatives(rows: &mut Rows, other: Rows, range: TextRange) {
    let all = |parts: Vec<Condition>| parts.into_iter().fold(Condition::TRUE, Condition::and);
    let ours = rows
        .levels
        .first_mut()
        .map(|level| std::mem::take(&mut level.parts))
        .unwrap_or_default();
    let theirs = other
        .levels
        .into_iter()
        .next()
        .map(|level| level.parts)
        .unwrap_or_default();
    rows.push(all(ours).or(all(theirs)));
    rows.multiplied = Some(Obstacle::new(
        range,
        "an event that several parts of the union select is counted once for each",
    ));
}

/// Whether a `let` of this expression defines a table.
pub(super) fn is_table(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::DataTable(_)
        | ExpressionKind::ExternalData(_)
        | ExpressionKind::Pipeline(_) => true,
        ExpressionKind::Wrapped(wrapped) => wrapped.wrapper != Wrapper::ToScalar,
        ExpressionKind::Call(call) => {
            let name = call.function.text.as_str();
            name == "table"
                || name == "_GetWatchlist"
                || name.starts_with("_Im_")
                || name.starts_with("_ASim_")
        }
        _ => false,
    }
}

/// The names that the query takes apart or expands: they must be dynamic values, whatever the table says.
pub(super) fn dynamic_names(query: &Query) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    super::listing::walk(query, &mut |expression| match &expression.kind {
        ExpressionKind::Path(path) => names.extend(path.root.as_name().map(str::to_owned)),
        ExpressionKind::Call(call) if DYNAMIC.contains(&call.function.text.as_str()) => {
            let first = call
                .arguments
                .first()
                .and_then(|argument| argument.value.as_name());
            names.extend(first.map(str::to_owned));
        }
        _ => {}
    });
    names
}

/// Functions whose first argument must be dynamic.
const DYNAMIC: &[&str] = &[
    "array_length",
    "arraylength",
    "set_has_element",
    "bag_keys",
    "bag_has_key",
    "array_index_of",
    "array_slice",
];
