//! Names to what they stand for: a column, something that a statement defines, a table, a saved function.

use std::borrow::Cow;

use super::expression::Place;
use super::row::{Field, Row};
use super::scope::Scope;
use super::types::Type;
use super::value::Value;
use super::{Binder, Problem, suggest};
use crate::diagnostic::{Code, Severity};
use crate::schema::kusto::FunctionKind;
use crate::source::TextRange;
use crate::syntax::kql::ast::{Expression, ExpressionKind};

impl<'a> Binder<'a> {
    /// What a name in an expression stands for.
    pub(super) fn name(
        &mut self,
        name: &'a str,
        range: TextRange,
        place: &Place<'_, 'a>,
    ) -> Value<'a> {
        if let Some(row) = place.row {
            if !self.spend(1 + row.len() / 16) {
                return Value::UNKNOWN;
            }
            if let Some(kind) = row.get(name) {
                if place.aggregates {
                    let message =
                        format!("the column `{name}` is required to stand in an aggregate here");
                    self.error(Code::KqlContext, range, message);
                    return Value::UNKNOWN;
                }
                return Value::of(kind);
            }
        }
        if let Some(kind) = place.right.and_then(|right| right.get(name)) {
            return Value::of(kind);
        }
        if let Some(value) = place.scope.find(name) {
            return self.without_arguments(value.clone());
        }
        let aggregate = self.schemas.functions().get(FunctionKind::Aggregate, name);
        if place.aggregates && aggregate.is_some() {
            self.unknown_name(name, range, place);
            return Value::UNKNOWN;
        }
        if let Some(kind) = place.row.and_then(|row| row.infer(name)) {
            return Value::of(kind);
        }
        if let Some(value) = self.workspace(name) {
            return value;
        }
        self.unknown_name(name, range, place);
        Value::UNKNOWN
    }

    /// A column, which has to be one.
    pub(super) fn column(
        &mut self,
        name: &'a str,
        range: TextRange,
        place: &Place<'_, 'a>,
    ) -> Type {
        let Some(row) = place.row else {
            return Type::Unknown;
        };
        if !self.spend(1 + row.len() / 16) {
            return Type::Unknown;
        }
        let found = row.get(name).or_else(|| row.infer(name));
        if found.is_none() {
            self.unknown_name(name, range, place);
        }
        found.unwrap_or(Type::Unknown)
    }

    fn unknown_name(&mut self, name: &str, range: TextRange, place: &Place<'_, 'a>) {
        if self.quiet > 0 {
            return;
        }
        let range = bare(name, range);
        let functions = self.schemas.functions();
        let called = [FunctionKind::Scalar, FunctionKind::Aggregate]
            .iter()
            .any(|kind| functions.get(*kind, name).is_some());
        // What a source that is not known comes to can be judged less surely.
        let derived = place.row.is_some_and(Row::is_derived);
        let severity = if derived {
            Severity::Warning
        } else {
            Severity::Error
        };
        if called {
            let message = format!("the function `{name}` requires an argument list");
            self.report(Problem::new(Code::KqlUnknownName, severity, range, message));
            return;
        }
        let columns: Vec<Cow<'a, str>> = [place.row, place.right]
            .into_iter()
            .flatten()
            .flat_map(Row::names)
            .collect();
        let defined = place.scope.names();
        let names = columns.iter().map(Cow::as_ref).chain(defined);
        let nearest = suggest::nearest(name, names);
        let message = if place.row.is_some() {
            format!("`{name}` is no column here, and no statement defines it")
        } else {
            format!("no statement defines `{name}`")
        };
        let problem = Problem::new(Code::KqlUnknownName, severity, range, message);
        let problem = problem.meaning(nearest);
        self.report(problem);
    }

    /// A function without parameters may be written without its parentheses.
    fn without_arguments(&mut self, value: Value<'a>) -> Value<'a> {
        match &value {
            Value::Function(closure)
                if closure
                    .function
                    .parameters
                    .iter()
                    .all(|parameter| parameter.default.is_some()) =>
            {
                let closure = closure.clone();
                self.call_without_arguments(&closure)
            }
            _ => value,
        }
    }

    /// A table or saved function of the workspace.
    pub(super) fn workspace(&mut self, name: &str) -> Option<Value<'a>> {
        if let Some(columns) = self.schemas.table(name) {
            if !self.spend(1 + columns.len() / 8) {
                return Some(Self::unknown_table());
            }
            let fields = columns
                .iter()
                .map(|column| Field::new(column.name, column.kind));
            let fields = fields.collect();
            return Some(Value::Table(if self.schemas.tables().is_open(name) {
                Row::open(fields)
            } else {
                Row::closed(fields)
            }));
        }
        let function = self.schemas.saved(name)?;
        Some(match function.result {
            Some(kind) => Value::of(kind),
            None => saved_table(),
        })
    }

    /// An expression where a table is expected, though a scalar may stand there: the begin of a pipeline, a `let`.
    pub(super) fn source(&mut self, expression: &'a Expression, scope: &Scope<'a>) -> Value<'a> {
        match &expression.kind {
            ExpressionKind::Name(name) => {
                if let Some(value) = scope.find(name) {
                    let value = value.clone();
                    return self.without_arguments(value);
                }
                self.workspace(name).unwrap_or_else(Self::unknown_table)
            }
            ExpressionKind::Call(call) => self.source_call(call, scope),
            _ => self.any(expression, &Place::outside(scope)),
        }
    }

    /// An expression that has to be a table.
    pub(super) fn table(&mut self, expression: &'a Expression, scope: &Scope<'a>) -> Row<'a> {
        match self.nested(Self::unknown_table(), |binder| {
            binder.source(expression, scope)
        }) {
            Value::Table(row) => row,
            Value::Scalar(scalar) if !scalar.kind.is_unknown() => {
                self.error(
                    Code::KqlContext,
                    expression.range.0,
                    "a table is required here, not a scalar",
                );
                Row::open(Vec::new())
            }
            _ => Row::open(Vec::new()),
        }
    }
}

/// The range of a name without the parentheses around it.
fn bare(name: &str, range: TextRange) -> TextRange {
    let length = range.indices().len();
    if length == name.len() + 2 {
        TextRange {
            start: range.start + 1,
            end: range.end - 1,
        }
    } else {
        range
    }
}

/// What a saved function returns: all of them have the time, and whatever else.
pub(super) fn saved_table<'a>() -> Value<'a> {
    Value::Table(Row::open(vec![Field::new("TimeGenerated", Type::DATETIME)]))
}
