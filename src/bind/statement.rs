//! Statements and pipelines: what `let` names, and the rows that go from stage to stage.

use super::expression::Place;
use super::row::{Field, Row};
use super::scope::Scope;
use super::value::{Closure, Value};
use super::{Binder, Type};
use crate::diagnostic::Code;
use crate::syntax::kql::ast::{
    Let, LetValue, Name, Parameter, ParameterKind, Pipeline, Query, Source, Statement,
    StatementKind,
};
use std::rc::Rc;

impl<'a> Binder<'a> {
    /// What the query comes to: its last statement that has a value.
    pub(super) fn query(&mut self, query: &'a Query) -> Value<'a> {
        let mut scope = Scope::default();
        let mut result = Value::NoTable;
        for statement in &query.statements {
            if let Some(value) = self.statement(statement, &mut scope) {
                result = value;
            }
        }
        result
    }

    /// The value of a statement that has one; the others change the scope.
    pub(super) fn statement(
        &mut self,
        statement: &'a Statement,
        scope: &mut Scope<'a>,
    ) -> Option<Value<'a>> {
        match &statement.kind {
            StatementKind::Let(defined) => self.define(defined, scope),
            StatementKind::Declare(parameters) => {
                for parameter in parameters {
                    let value = self.parameter(parameter, scope);
                    *scope = scope.with(parameter.name.text.as_str(), value);
                }
            }
            StatementKind::Alias(alias) => {
                *scope = scope.with(alias.name.text.as_str(), Value::Database);
            }
            StatementKind::Expression(pipeline) => {
                return Some(self.pipeline(pipeline, scope, None));
            }
            StatementKind::Set(_)
            | StatementKind::Pattern(_)
            | StatementKind::Restrict(_)
            | StatementKind::Invalid(_) => {}
        }
        None
    }

    fn define(&mut self, defined: &'a Let, scope: &mut Scope<'a>) {
        let value = match &defined.value {
            LetValue::Expression(expression) => {
                self.nested(Value::UNKNOWN, |binder| binder.source(expression, scope))
            }
            LetValue::Pipeline(pipeline) => self.pipeline(pipeline, scope, None),
            LetValue::Function(function) => {
                let closure = Closure {
                    function,
                    scope: scope.clone(),
                };
                self.check_closure(&closure);
                Value::Function(Rc::new(closure))
            }
            LetValue::EntityGroup(_) => Value::Database,
        };
        self.define_name(&defined.name, value, scope);
    }

    fn define_name(&mut self, name: &'a Name, value: Value<'a>, scope: &mut Scope<'a>) {
        if scope.find(&name.text).is_some() {
            let message = format!("`{}` is defined twice", name.text);
            self.error(Code::KqlDuplicateName, name.range.0, message);
        }
        *scope = scope.with(name.text.as_str(), value);
    }

    /// A parameter as its declaration knows it.
    pub(super) fn parameter(&mut self, parameter: &'a Parameter, scope: &Scope<'a>) -> Value<'a> {
        if let Some(default) = &parameter.default {
            self.scalar(default, &Place::outside(scope));
        }
        match &parameter.kind {
            ParameterKind::Scalar(kind) => Value::constant(*kind, None),
            ParameterKind::Table(columns) => {
                let fields = columns
                    .iter()
                    .map(|column| Field::new(column.name.text.as_str(), column.kind));
                Value::Table(Row::closed(fields.collect()))
            }
            ParameterKind::AnyTable => Value::Table(Row::closed(Vec::new())),
        }
    }

    /// What a pipeline comes to. `input` is what a pipeline without a source of its own begins with.
    pub(super) fn pipeline(
        &mut self,
        pipeline: &'a Pipeline,
        scope: &Scope<'a>,
        input: Option<&Row<'a>>,
    ) -> Value<'a> {
        self.nested(Self::unknown_table(), |binder| {
            binder.pipeline_here(pipeline, scope, input)
        })
    }

    fn pipeline_here(
        &mut self,
        pipeline: &'a Pipeline,
        scope: &Scope<'a>,
        input: Option<&Row<'a>>,
    ) -> Value<'a> {
        let mut scope = scope.clone();
        let mut value = match &pipeline.source {
            Source::Expression(expression) => self.source(expression, &scope),
            Source::Operator(stage) => self.stage(stage, None, &mut scope),
            Source::Input => Value::Table(input.cloned().unwrap_or_default()),
        };
        for stage in &pipeline.stages {
            let row = match value {
                Value::Table(row) => row,
                Value::Scalar(_) | Value::Tuple(_) if value.kind() != Type::Unknown => {
                    Row::closed(Vec::new())
                }
                _ => Row::open(Vec::new()),
            };
            value = self.stage(stage, Some(&row), &mut scope);
        }
        value
    }

    /// A pipeline's rows.
    pub(super) fn rows(
        &mut self,
        pipeline: &'a Pipeline,
        scope: &Scope<'a>,
        input: Option<&Row<'a>>,
    ) -> Row<'a> {
        match self.pipeline(pipeline, scope, input) {
            Value::Table(row) => row,
            _ => Row::open(Vec::new()),
        }
    }
}
