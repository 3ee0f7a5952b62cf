//! Function calls to values: Kusto's own functions by name, the query's functions by their body.
//!
//! A function without a counterpart is an obstacle with its name, so that the part of the rule that needs it is kept as text.

mod address;
mod logic;
mod text;
mod time;

use super::expression::{CALLS, Place, is_leaf};
use super::fold;
use super::scope::{Bound, Scope};
use super::value::{Constant, Kind, Lowered, Obstacle, Scalar, Value};
use crate::diagnostic::Code;
use crate::ir::{Function, Literal, Segment, Term};
use crate::source::TextRange;
use crate::syntax::kql::ast::{self, Call, Expression, Naming, Source, StatementKind};

impl<'q> Place<'_, 'q> {
    /// The value of a call.
    pub(super) fn call(&self, call: &'q Call, range: TextRange) -> Lowered<Value> {
        let name = call.function.text.as_str();
        if let Some((Bound::Function(function), scope)) = self.scope.find(name) {
            let arguments: Vec<&'q ast::NamedExpression> = call.arguments.iter().collect();
            return self.inlined(function, scope, &arguments, range);
        }
        if let Some(value) = self.of_rows(call, range) {
            return value;
        }
        let called = Called {
            place: *self,
            call,
            name,
            range,
        };
        let known = called
            .text()
            .or_else(|| called.logic())
            .or_else(|| called.time())
            .or_else(|| called.address());
        known.unwrap_or_else(|| {
            Err(Obstacle::new(
                range,
                format!("the function `{name}` has no counterpart"),
            ))
        })
    }

    /// The value of a function that is about several rows; `None` where the function is none of these.
    pub(super) fn of_rows(&self, call: &'q Call, range: TextRange) -> Option<Lowered<Value>> {
        match (self.lower.relational, self.aggregates) {
            (true, true) => self
                .gathered(call, range)
                .or_else(|| self.neighbour(call, range)),
            (true, false) => self.neighbour(call, range),
            (false, true) => self.aggregate(call, range),
            (false, false) => None,
        }
    }

    /// The value of one of the query's own functions: its body with the arguments for its parameters.
    pub(super) fn inlined(
        &self,
        function: &'q ast::Function,
        scope: &Scope<'q>,
        arguments: &[&'q ast::NamedExpression],
        range: TextRange,
    ) -> Lowered<Value> {
        if self.calls >= CALLS {
            return Err(Obstacle::new(
                range,
                format!("functions may call each other {CALLS} deep at most"),
            ));
        }
        let scope = self.parameters(function, scope, arguments, range)?;
        let mut inner = Place {
            scope: &scope,
            calls: self.calls + 1,
            ..*self
        };
        let mut scopes = scope.clone();
        for statement in &function.statements {
            if let StatementKind::Let(defined) = &statement.kind {
                scopes = self.lower.defined(defined, &scopes, self.calls + 1);
            }
        }
        inner.scope = &scopes;
        match function
            .result
            .as_ref()
            .map(|result| (&result.source, result.stages.as_slice()))
        {
            Some((Source::Expression(value), [])) => inner.value(value),
            _ => Err(Obstacle::new(
                range,
                "the function returns a table, which is not a value",
            )),
        }
    }

    /// The scope of a function's body: where it was defined, and its parameters.
    pub(super) fn parameters(
        &self,
        function: &'q ast::Function,
        scope: &Scope<'q>,
        arguments: &[&'q ast::NamedExpression],
        range: TextRange,
    ) -> Lowered<Scope<'q>> {
        let mut scope = scope.clone();
        for (at, parameter) in function.parameters.iter().enumerate() {
            let named = arguments.iter().find(|argument| {
                matches!(&argument.naming, Naming::Name(name) if name.text == parameter.name.text)
            });
            let positional = arguments
                .get(at)
                .filter(|argument| argument.naming == Naming::Implicit);
            let given: Option<&'q Expression> = named
                .or(positional)
                .map(|argument| &argument.value)
                .or(parameter.default.as_ref());
            let Some(given) = given else {
                let message = format!("the parameter `{}` requires a value", parameter.name.text);
                return Err(Obstacle::new(range, message).coded(Code::KqlType));
            };
            scope = scope.with(&parameter.name.text, Bound::Parameter(self.value(given)));
        }
        Ok(scope)
    }
}

/// A call of one of Kusto's functions.
struct Called<'a, 'q> {
    place: Place<'a, 'q>,
    call: &'q Call,
    name: &'q str,
    range: TextRange,
}

impl<'q> Called<'_, 'q> {
    fn expression(&self, at: usize) -> Lowered<&'q Expression> {
        let argument = self.call.arguments.get(at).map(|argument| &argument.value);
        argument.ok_or_else(|| {
            let message = format!("`{}` requires at least {} arguments", self.name, at + 1);
            Obstacle::new(self.range, message).coded(Code::KqlType)
        })
    }

    fn count(&self) -> usize {
        self.call.arguments.len()
    }

    fn value(&self, at: usize) -> Lowered<Value> {
        self.place.value(self.expression(at)?)
    }

    fn values(&self) -> Lowered<Vec<Value>> {
        (0..self.count()).map(|at| self.value(at)).collect()
    }

    fn obstacle<T>(&self, message: impl Into<String>) -> Lowered<T> {
        Err(Obstacle::new(self.range, message))
    }

    /// The argument as a constant text.
    fn constant_text(&self, at: usize) -> Lowered<String> {
        match self.value(at)?.as_text() {
            Some(text) => Ok(text.to_owned()),
            None => self.obstacle(format!(
                "argument {} of `{}` must be a constant text",
                at + 1,
                self.name
            )),
        }
    }

    /// The argument as a text.
    fn text_at(&self, at: usize) -> Lowered<Value> {
        super::text::as_text(self.value(at)?, false, self.range)
    }
}

/// A value and what lies below it at a key or an index. Paths of fields and items grow; anything else is a call.
pub(super) fn below(term: Term, key: Literal) -> Term {
    let segment = match &key {
        Literal::Text(key) => Segment::Key(key.clone()),
        Literal::Integer(index) => Segment::Index(*index),
        _ => return term,
    };
    match term {
        Term::Field(path) => Term::Field(path.join(segment)),
        Term::Item { depth, path } => Term::Item {
            depth,
            path: path.join(segment),
        },
        other => {
            let function = if key.as_text().is_some() {
                Function::Member
            } else {
                Function::Item
            };
            Term::call(function, [other, Term::Literal(key)])
        }
    }
}

/// A function of values: folded where all are constant, once per case where one is a choice, else a term.
///
/// Where the term is missing, Kusto has what the function gives for the arguments that Kusto has then. With one field below
/// that is known here; with several, each argument is made to be there.
pub(super) fn apply(
    function: Function,
    arguments: Vec<Value>,
    kind: Kind,
    range: TextRange,
) -> Lowered<Value> {
    let constants: Option<Vec<Literal>> = arguments
        .iter()
        .map(|argument| {
            argument
                .as_constant()
                .map(|constant| constant.literal.clone())
        })
        .collect();
    if let Some(literals) = constants {
        let folded = fold::call(function, &literals);
        return match folded {
            Some(literal) => Ok(Value::Constant(Constant::new(kind, literal))),
            None => Err(Obstacle::new(range, "the call has no value that is known")),
        };
    }
    let mut arguments: Vec<Value> = arguments.into_iter().map(Value::resolved).collect();
    if let Some(at) = arguments
        .iter()
        .position(|argument| matches!(argument, Value::Choice(..)))
        && let Value::Choice(cases, otherwise) = arguments.remove(at)
    {
        let on = |value: Value| {
            let mut arguments = arguments.clone();
            arguments.insert(at, value);
            apply(function, arguments, kind, range)
        };
        let cases = cases.into_iter().map(|(when, then)| Ok((when, on(then)?)));
        return Ok(Value::Choice(
            cases.collect::<Lowered<_>>()?,
            Box::new(on(*otherwise)?),
        ));
    }
    let absent = absent_of(function, &arguments);
    let mut terms = Vec::new();
    for argument in arguments {
        let fallback = match &argument {
            Value::Scalar(scalar) if absent.is_none() && function != Function::Concat => {
                scalar.absent.clone()
            }
            Value::Scalar(scalar)
                if function == Function::Concat && scalar.absent != Literal::text("") =>
            {
                scalar.absent.clone()
            }
            _ => Literal::Null,
        };
        let term = argument.into_term(range)?;
        terms.push(match fallback {
            Literal::Null => term,
            absent => Term::call(Function::Coalesce, [term, Term::Literal(absent)]),
        });
    }
    let scalar = Scalar::new(Term::call(function, terms), kind);
    Ok(Value::Scalar(match absent {
        Some(absent) => scalar.or_else(absent),
        None => scalar,
    }))
}

/// What Kusto has where the one field below the arguments is missing; `None` where several fields are.
fn absent_of(function: Function, arguments: &[Value]) -> Option<Literal> {
    let mut leaves: Vec<&Term> = Vec::new();
    let mut literals = Vec::new();
    for argument in arguments {
        match argument {
            Value::Constant(constant) => literals.push(constant.literal.clone()),
            Value::Scalar(scalar) => {
                collect_leaves(&scalar.term, &mut leaves);
                literals.push(scalar.absent.clone());
            }
            _ => return None,
        }
    }
    leaves.dedup();
    if leaves.len() > 1 {
        return None;
    }
    if literals.first() == Some(&Literal::Null) {
        return Some(Literal::Null);
    }
    fold::call(function, &literals)
}

fn collect_leaves<'t>(term: &'t Term, leaves: &mut Vec<&'t Term>) {
    if is_leaf(term) {
        leaves.push(term);
    } else if let Term::Call { arguments, .. } = term {
        for argument in arguments {
            collect_leaves(argument, leaves);
        }
    } else if let Term::Choice { .. } = term {
        // Whether a choice is missing depends on more than one value: it counts as two.
        leaves.push(term);
    }
}
