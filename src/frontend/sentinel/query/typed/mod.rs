//! Expressions to terms by their static types, with Kusto's meaning of null.
//!
//! An expression over columns of rows becomes one term of the functions of query languages: a string is never null, a point in
//! time and a span are ticks, a truth value has three states. What a type does not allow, and what is not known to be exact, is
//! an obstacle. Constants are computed here, so that what is known before the rule runs stays known.

mod binary;
mod call;
mod choice;
mod collection;
mod convert;
mod literal;
mod simple;
mod text;
mod time;
mod tuple;

use super::expression::Place;
use super::value::{Constant, Kind, Lowered, Obstacle, Scalar, Value, term_any, term_size};
use crate::diagnostic::Code;
use crate::ir::compute::compute_query;
use crate::ir::{
    Case, CaseSensitivity, Condition, Function, Literal, Object, Operator, Predicate, Shared, Term,
    query_function,
};
use crate::source::TextRange;
use crate::syntax::kql::ast::{Expression, ExpressionKind, LogicalOperator, Path, Step};

/// The largest term that an expression may become, in nodes; also bounds how deep terms nest.
const LARGEST: usize = 2_000;

/// A term and the type of its values.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub(super) term: Term,
    pub(super) kind: Kind,
}

impl Typed {
    fn new(term: Term, kind: Kind) -> Self {
        Self { term, kind }
    }

    fn constant(literal: Literal, kind: Kind) -> Self {
        Self::new(Term::Literal(literal), kind)
    }

    fn text(text: impl Into<String>) -> Self {
        Self::constant(Literal::text(text), Kind::Text)
    }

    /// The value that other stages know.
    fn into_value(self) -> Value {
        match (self.term, self.kind) {
            (Term::Literal(literal), Kind::Span) => {
                Value::Constant(Constant::new(Kind::Timespan, literal))
            }
            (Term::Literal(literal), kind) => Value::Constant(Constant::new(kind, literal)),
            (term, kind) => Value::Scalar(Scalar::new(term, kind)),
        }
    }
}

/// A function of terms; a constant where all of them are.
fn call(function: Function, arguments: impl Into<Vec<Term>>) -> Term {
    let arguments = arguments.into();
    let constants: Option<Vec<serde_json::Value>> = arguments
        .iter()
        .map(|argument| argument.as_literal().map(Literal::to_json))
        .collect();
    if let (query_function!(), Some(constants)) = (function, constants) {
        let constants: Vec<&serde_json::Value> = constants.iter().collect();
        let value = compute_query(function, &constants);
        return Term::Literal(value.as_ref().map_or(Literal::Null, Literal::from_json));
    }
    Term::Call {
        function,
        arguments: arguments.into(),
    }
}

/// A constant text as an argument.
fn word(text: &str) -> Term {
    Term::text(text)
}

fn whole(number: i64) -> Term {
    Term::Literal(Literal::Integer(number))
}

/// The term where a truth value is true, else the other one.
fn chosen(when: Term, then: Term, otherwise: Term) -> Term {
    match when.as_literal() {
        Some(Literal::Boolean(true)) => then,
        Some(_) => otherwise,
        None => Term::Choice {
            cases: vec![Case {
                when: is_true(when),
                then,
            }]
            .into(),
            otherwise: Shared::new(otherwise),
        },
    }
}

/// The condition that a truth value is true.
fn is_true(term: Term) -> Condition {
    if let Term::Literal(literal) = &term {
        return Condition::constant(*literal == Literal::Boolean(true));
    }
    let mut predicate = Predicate::new(
        term,
        Operator::Equals,
        Object::Literal(Literal::Boolean(true)),
    );
    predicate.case = CaseSensitivity::Sensitive;
    predicate.into()
}

/// Whether the value depends on the time of the run.
fn asks_time(term: &Term) -> bool {
    term_any(term, &|term| {
        matches!(
            term,
            Term::Call {
                function: Function::ScanTime,
                ..
            }
        )
    })
}

fn wrong_type<T>(range: TextRange, message: impl Into<String>) -> Lowered<T> {
    Err(Obstacle::new(range, message).coded(Code::KqlType))
}

fn refused<T>(range: TextRange, message: impl Into<String>) -> Lowered<T> {
    Err(Obstacle::new(range, message))
}

impl<'q> Place<'_, 'q> {
    /// The value of an expression over columns of rows.
    pub(super) fn row_value(&self, expression: &'q Expression) -> Lowered<Value> {
        self.typed(expression).map(Typed::into_value)
    }

    /// The value of an expression over no columns, or what depends on the time of the run left to the rest.
    pub(super) fn timeless_value(&self, expression: &'q Expression) -> Lowered<Value> {
        let typed = self.typed(expression)?;
        if asks_time(&typed.term) {
            return refused(
                *expression.range,
                "the value depends on the time of the run",
            );
        }
        Ok(typed.into_value())
    }

    /// The term of an expression.
    pub(super) fn typed(&self, expression: &'q Expression) -> Lowered<Typed> {
        let range = *expression.range;
        self.lower.spend(1, range)?;
        let typed = match &expression.kind {
            ExpressionKind::Literal(value) => literal::constant(value, range)?,
            ExpressionKind::Path(path) => self.typed_path(path, range)?,
            ExpressionKind::Unary(unary) => {
                let operand = self.typed(&unary.operand)?;
                match operand.kind {
                    _ if !unary.negative => operand,
                    Kind::Number | Kind::Span | Kind::Dynamic => {
                        let kind = operand.kind;
                        Typed::new(call(Function::Opposite, [operand.term]), kind)
                    }
                    _ => return wrong_type(range, "only numbers and time spans have a sign"),
                }
            }
            ExpressionKind::Binary(binary) => self.typed_binary(binary, range)?,
            ExpressionKind::Logical(logical) => {
                let operands = logical
                    .operands
                    .iter()
                    .map(|operand| self.truth_term(operand));
                let operands = operands.collect::<Lowered<Vec<Term>>>()?;
                let function = match logical.operator {
                    LogicalOperator::And => Function::Conjunction,
                    LogicalOperator::Or => Function::Disjunction,
                };
                Typed::new(call(function, operands), Kind::Truth)
            }
            ExpressionKind::Between(between) => self.typed_between(between, range)?,
            ExpressionKind::Membership(membership) => self.typed_membership(membership, range)?,
            ExpressionKind::Call(call) => self.typed_call(call, range)?,
            _ => {
                let value = self.event_value(expression)?;
                self.typed_of(value, range)?
            }
        };
        let size = term_size(&typed.term);
        self.lower.spend(size / 16, range)?;
        if size > LARGEST {
            return refused(range, "the value expands to too large a term");
        }
        Ok(typed)
    }

    /// The expression as a truth value.
    fn truth_term(&self, expression: &'q Expression) -> Lowered<Term> {
        let typed = self.typed(expression)?;
        match typed.kind {
            Kind::Truth => Ok(typed.term),
            Kind::Dynamic | Kind::Number => Ok(call(Function::TruthValue, [typed.term])),
            _ => wrong_type(*expression.range, "a condition requires a truth value"),
        }
    }

    fn typed_path(&self, path: &'q Path, range: TextRange) -> Lowered<Typed> {
        let mut value = self.typed(&path.root)?;
        for step in &path.steps {
            let key = match step {
                Step::Name(name) => Typed::text(&name.text),
                Step::Index(index) => self.typed(index)?,
                Step::Call(_) | Step::Wildcard(_) => {
                    return refused(range, "this path is not a value of the row");
                }
            };
            if !matches!(value.kind, Kind::Dynamic | Kind::Unknown) {
                return wrong_type(range, "only a dynamic value has parts");
            }
            value = Typed::new(below(value.term, key, range)?, Kind::Dynamic);
        }
        Ok(value)
    }
}

/// What lies below a dynamic value at a key or an index.
fn below(term: Term, key: Typed, range: TextRange) -> Lowered<Term> {
    let function = match key.kind {
        Kind::Text => Function::MemberExact,
        Kind::Number => Function::Item,
        _ => return refused(range, "the index of a dynamic value is a text or a number"),
    };
    if let (Term::Literal(value), Term::Literal(key)) = (&term, &key.term) {
        return Ok(Term::Literal(literal::below(value, key)));
    }
    Ok(Term::call(function, [term, key.term]))
}
