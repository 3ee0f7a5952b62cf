//! The query's own functions: their bodies once as they are declared, and again for each call with what it is given.

use super::expression::Place;
use super::row::Row;
use super::scope::Scope;
use super::types::Type;
use super::value::{Closure, Scalar, Value};
use super::{Binder, Problem, suggest};
use crate::diagnostic::{Code, Severity};
use crate::syntax::kql::ast::{Call, Function, NamedExpression, Parameter, ParameterKind};

impl<'a> Binder<'a> {
    /// Reports what is wrong with a function, whatever it is called with.
    pub(super) fn check_closure(&mut self, closure: &Closure<'a>) {
        let mut scope = closure.scope.clone();
        for parameter in &closure.function.parameters {
            let value = self.parameter(parameter, &closure.scope);
            scope = scope.with(parameter.name.text.as_str(), value);
        }
        self.nested((), |binder| {
            binder.body(closure.function, scope);
        });
    }

    fn body(&mut self, function: &'a Function, mut scope: Scope<'a>) -> Value<'a> {
        for statement in &function.statements {
            self.statement(statement, &mut scope);
        }
        match &function.result {
            Some(pipeline) => self.pipeline(pipeline, &scope, None),
            None => Value::UNKNOWN,
        }
    }

    /// What a call comes to. `piped` is the table that `invoke` passes first.
    pub(super) fn call_closure(
        &mut self,
        closure: &Closure<'a>,
        call: &'a Call,
        piped: Option<&Row<'a>>,
        place: &Place<'_, 'a>,
    ) -> Value<'a> {
        let parameters = &closure.function.parameters;
        let mut given: Vec<Option<Value<'a>>> = vec![None; parameters.len()];
        if let (Some(row), Some(first)) = (piped, given.first_mut()) {
            *first = Some(Value::Table(row.clone()));
        }
        let mut next = usize::from(piped.is_some());
        let mut surplus = false;
        for argument in &call.arguments {
            let at = match self.named_parameter(parameters, argument) {
                Some(at) => at,
                None => next,
            };
            next = at + 1;
            let Some(parameter) = parameters.get(at) else {
                surplus = true;
                self.any(&argument.value, place);
                continue;
            };
            let value = self.argument(parameter, argument, place);
            if let Some(slot) = given.get_mut(at) {
                *slot = Some(value);
            }
        }
        let missing = |(value, parameter): (&Option<Value<'a>>, &Parameter)| {
            value.is_none() && parameter.default.is_none()
        };
        if surplus || given.iter().zip(parameters).any(missing) {
            self.closure_arity(closure, call, piped.is_some());
        }
        self.call_body(closure, given)
    }

    pub(super) fn call_body(
        &mut self,
        closure: &Closure<'a>,
        given: Vec<Option<Value<'a>>>,
    ) -> Value<'a> {
        self.nested(Value::UNKNOWN, |binder| {
            binder.quietly(|binder| {
                let mut scope = closure.scope.clone();
                for (parameter, value) in closure.function.parameters.iter().zip(given) {
                    let value = match (value, &parameter.default) {
                        (Some(value), _) => value,
                        (None, Some(default)) => {
                            let place = Place::outside(&closure.scope);
                            binder.any(default, &place)
                        }
                        (None, None) => binder.parameter(parameter, &closure.scope),
                    };
                    scope = scope.with(parameter.name.text.as_str(), typed(parameter, value));
                }
                binder.body(closure.function, scope)
            })
        })
    }

    /// The parameter that a named argument is for.
    fn named_parameter(
        &mut self,
        parameters: &'a [Parameter],
        argument: &'a NamedExpression,
    ) -> Option<usize> {
        let name = argument.name()?;
        let at = parameters
            .iter()
            .position(|parameter| parameter.name.text == name.text);
        if at.is_none() {
            let message = format!("the function has no parameter `{}`", name.text);
            let names = parameters
                .iter()
                .map(|parameter| parameter.name.text.as_str());
            let nearest = suggest::nearest(&name.text, names);
            self.report(
                Problem::new(Code::KqlArguments, Severity::Error, name.range.0, message)
                    .meaning(nearest),
            );
        }
        at
    }

    fn argument(
        &mut self,
        parameter: &'a Parameter,
        argument: &'a NamedExpression,
        place: &Place<'_, 'a>,
    ) -> Value<'a> {
        let range = argument.value.range.0;
        match &parameter.kind {
            // Any scalar is taken, and converted to the parameter's type.
            ParameterKind::Scalar(_) => self.scalar(&argument.value, place),
            ParameterKind::Table(columns) => {
                let row = self.table(&argument.value, place.scope);
                for column in columns {
                    if !row.is_open() && row.get(&column.name.text).is_none() {
                        let message = format!("the table requires a column `{}`", column.name.text);
                        self.error(Code::KqlType, range, message);
                    }
                }
                Value::Table(row)
            }
            ParameterKind::AnyTable => Value::Table(self.table(&argument.value, place.scope)),
        }
    }

    fn closure_arity(&mut self, closure: &Closure<'a>, call: &'a Call, piped: bool) {
        let skipped = usize::from(piped);
        let parameters = closure.function.parameters.iter().skip(skipped);
        let most = parameters.clone().count();
        let least = parameters
            .filter(|parameter| parameter.default.is_none())
            .count();
        self.wrong_count(call, least, most);
    }
}

/// An argument as the body of the function sees it: of the declared type.
fn typed<'a>(parameter: &Parameter, value: Value<'a>) -> Value<'a> {
    match (&parameter.kind, value) {
        (ParameterKind::Scalar(kind), Value::Scalar(scalar)) => Value::Scalar(Scalar {
            kind: Type::from(*kind),
            ..scalar
        }),
        (_, value) => value,
    }
}
