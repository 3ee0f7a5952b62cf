//! Calls: of the language's functions, of those that are saved, and of what is not known.

use super::arguments::Given;
use super::expression::Place;
use super::scope::Scope;
use super::value::{Closure, Value};
use super::{Binder, Problem, check, suggest};
use crate::diagnostic::{Code, Severity};
use crate::schema::kusto::{Accepts, Function, FunctionKind, SavedFunction};
use crate::syntax::kql::ast::Call;

impl<'a> Binder<'a> {
    /// A call where a scalar is expected.
    pub(super) fn call(&mut self, call: &'a Call, place: &Place<'_, 'a>) -> Value<'a> {
        if let Some(value) = self.known_call(call, place) {
            return value;
        }
        self.unknown_function(call, place);
        Value::UNKNOWN
    }

    /// A call where a table is expected: a function that is not known returns one.
    pub(super) fn source_call(&mut self, call: &'a Call, scope: &Scope<'a>) -> Value<'a> {
        let place = Place::outside(scope);
        if let Some(value) = self.known_call(call, &place) {
            return value;
        }
        self.bind_arguments(call, &place);
        self.misspelt(call);
        Self::unknown_table()
    }

    fn known_call(&mut self, call: &'a Call, place: &Place<'_, 'a>) -> Option<Value<'a>> {
        let name = call.function.text.as_str();
        if let Some(Value::Function(closure)) = place.scope.find(name) {
            let closure = closure.clone();
            return Some(self.call_closure(&closure, call, None, place));
        }
        let functions = self.schemas.functions();
        let aggregate = functions.get(FunctionKind::Aggregate, name);
        if let (true, Some(function)) = (place.aggregates, aggregate) {
            let inner = Place {
                aggregates: false,
                ..*place
            };
            return Some(self.call_function(function, call, &inner));
        }
        if let Some(function) = functions.get(FunctionKind::Scalar, name) {
            return Some(self.call_function(function, call, place));
        }
        if aggregate.is_some() {
            self.bind_arguments(call, place);
            let message =
                format!("the aggregate `{name}` is not allowed here; it requires `summarize`");
            self.error(Code::KqlContext, call.function.range.0, message);
            return Some(Value::UNKNOWN);
        }
        let saved = self.schemas.saved(name)?;
        Some(self.call_saved(&saved, call, place))
    }

    fn call_function(
        &mut self,
        function: &'a Function,
        call: &'a Call,
        place: &Place<'_, 'a>,
    ) -> Value<'a> {
        let tables = function
            .forms
            .iter()
            .flat_map(|form| &form.parameters)
            .any(|parameter| parameter.accepts == Accepts::Table);
        let values = call
            .arguments
            .iter()
            .map(|argument| {
                if tables {
                    self.any(&argument.value, place)
                } else {
                    self.scalar(&argument.value, place)
                }
            })
            .collect();
        let given = Given { call, values };
        let form = self.fitting_form(function, &given);
        check::call(self, function, &given);
        self.result(function, form, &given, place)
    }

    fn call_saved(
        &mut self,
        function: &SavedFunction,
        call: &'a Call,
        place: &Place<'_, 'a>,
    ) -> Value<'a> {
        for argument in &call.arguments {
            self.any(&argument.value, place);
            if let Some(name) = argument.name() {
                let names = function.parameters.iter().map(|parameter| parameter.name);
                if names.clone().any(|known| known == name.text) {
                    continue;
                }
                let message = format!("`{}` has no parameter `{}`", call.function.text, name.text);
                let nearest = suggest::nearest(&name.text, names);
                let range = name.range.0;
                let problem = Problem::new(Code::KqlArguments, Severity::Error, range, message);
                self.report(problem.meaning(nearest));
            }
        }
        match function.result {
            Some(kind) => Value::of(kind),
            None => super::name::saved_table(),
        }
    }

    /// A function of the query's own that is written without its parentheses.
    pub(super) fn call_without_arguments(&mut self, closure: &Closure<'a>) -> Value<'a> {
        let given = vec![None; closure.function.parameters.len()];
        self.call_body(closure, given)
    }

    fn bind_arguments(&mut self, call: &'a Call, place: &Place<'_, 'a>) {
        for argument in &call.arguments {
            self.any(&argument.value, place);
        }
    }

    fn unknown_function(&mut self, call: &'a Call, place: &Place<'_, 'a>) {
        self.bind_arguments(call, place);
        let name = call.function.text.as_str();
        if self.quiet > 0 {
            return;
        }
        let functions = self.schemas.functions();
        let known = functions
            .names(FunctionKind::Scalar)
            .chain(functions.names(FunctionKind::Aggregate))
            .chain(self.schemas.saved_names());
        let defined = suggest::nearest(name, place.scope.names());
        let nearest = defined.or_else(|| suggest::nearest(name, known));
        let message = format!("there is no function `{name}`");
        let range = call.function.range.0;
        let problem = Problem::new(Code::KqlUnknownName, Severity::Error, range, message);
        let problem = problem.meaning(nearest);
        self.report(problem);
    }

    /// A saved function can have any name, but one that is nearly that of a function of the language is more likely that.
    fn misspelt(&mut self, call: &'a Call) {
        if self.quiet > 0 {
            return;
        }
        let functions = self.schemas.functions();
        let name = &call.function;
        let nearest = suggest::nearest(&name.text, functions.names(FunctionKind::Scalar));
        if name.text.len() > 4 && nearest.is_some() {
            let message = format!("there is no function `{}`", name.text);
            let severity = Severity::Warning;
            let problem = Problem::new(Code::KqlUnknownName, severity, name.range.0, message);
            self.report(problem.meaning(nearest));
        }
    }

    /// Reports that a call has too few or too many arguments.
    pub(super) fn wrong_count(&mut self, call: &Call, least: usize, most: usize) {
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        let wanted = if least == most {
            format!("{least} argument{}", plural(least))
        } else if most > 64 {
            format!("at least {least} argument{}", plural(least))
        } else {
            format!("{least} to {most} arguments")
        };
        let name = &call.function.text;
        let given = call.arguments.len();
        let message = format!("`{name}` requires {wanted}, not {given}");
        self.error(Code::KqlArguments, call.function.range.0, message);
    }

    /// The table that `table("name")` names, if the name is known.
    pub(super) fn table_named(&mut self, name: Option<&str>, place: &Place<'_, 'a>) -> Value<'a> {
        let Some(name) = name else {
            return Self::unknown_table();
        };
        if let Some(Value::Table(row)) = place.scope.find(name) {
            return Value::Table(row.clone());
        }
        self.workspace(name).unwrap_or_else(Self::unknown_table)
    }
}
