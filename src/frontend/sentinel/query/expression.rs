//! Expressions to values.
//!
//! Names resolve as in Kusto: parameters of the function around, then columns, then variables. Everything is bounded: a column
//! or variable that is used often counts with its whole size each time, and the budget ends in an obstacle, never in a hang.

use super::Lowerer;
use super::columns::Columns;
use super::fit::is_exact;
use super::operator::{arithmetic, text_constant, text_operator};
use super::scope::{Bound, Scope};
use super::text::{self, TextTest};
use super::typed::is_computed;
use super::typed::literal::{TOO_LONG, is_short};
use super::value::{Constant, Kind, Lowered, Obstacle, Scalar, Truth, Value, compare};
use super::{compare as comparison, literal};
use crate::diagnostic::Code;
use crate::ir::{CaseSensitivity, Condition, Function, Literal, Object, Operator, Term};
use crate::source::TextRange;
use crate::syntax::kql::ast::{
    Between, Binary, BinaryOperator, Expression, ExpressionKind, Literal as AstLiteral, Logical,
    LogicalOperator, Membership, MembershipOperator, Path, Step, Unary, Wrapper,
};

/// The largest value that a name may stand for, in nodes; also bounds how deep terms nest.
const LARGEST: usize = 600;

/// How deep functions may call each other.
pub(super) const CALLS: usize = 24;

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'a, 'q> {
    pub lower: &'a Lowerer<'q>,
    pub columns: &'a Columns,
    pub scope: &'a Scope<'q>,
    /// Whether aggregates may be called.
    pub aggregates: bool,
    /// How many calls of the query's own functions are open.
    pub calls: usize,
}

impl<'q> Place<'_, 'q> {
    /// The value of an expression.
    ///
    /// Over rows everything has its type; over events a condition is about fields as far as possible, and the types are asked
    /// where that says nothing.
    pub(super) fn value(&self, expression: &'q Expression) -> Lowered<Value> {
        if self.columns.of_rows {
            return self.row_value(expression);
        }
        // The body of a function of the query's own is tried in both ways itself.
        let both = !self.calls_own(expression);
        if both
            && self.lower.relational
            && self.columns.is_nothing()
            && let Ok(value) = self.timeless_value(expression)
        {
            return Ok(value);
        }
        match self.event_value(expression) {
            Ok(Value::Clock(None)) if self.lower.relational => self.row_value(expression),
            Err(obstacle)
                if both && obstacle.code == Code::KqlUnsupported && is_computed(expression) =>
            {
                self.row_value(expression).map_err(|_| obstacle)
            }
            value => value,
        }
    }

    /// Whether the expression calls a function of the query's own.
    fn calls_own(&self, expression: &Expression) -> bool {
        expression.as_call().is_some_and(|call| {
            matches!(
                self.scope.find(&call.function.text),
                Some((Bound::Function(_), _))
            )
        })
    }

    /// The value of an expression over events.
    pub(super) fn event_value(&self, expression: &'q Expression) -> Lowered<Value> {
        let range = *expression.range;
        self.lower.spend(1, range)?;
        match &expression.kind {
            ExpressionKind::Name(name) => self.name(name, range),
            ExpressionKind::Literal(AstLiteral::Int(Some(value))) if !is_short(*value) => {
                Err(Obstacle::new(range, TOO_LONG))
            }
            ExpressionKind::Literal(value) => Ok(Value::Constant(literal::constant(value))),
            ExpressionKind::Call(call) => self.call(call, range),
            ExpressionKind::Path(path) => self.path(path, range),
            ExpressionKind::Unary(unary) => self.unary(unary, range),
            ExpressionKind::Binary(binary) => self.binary(binary, range),
            ExpressionKind::Logical(logical) => self.logical(logical).map(Value::Truth),
            ExpressionKind::Between(between) => self.between(between, range).map(Value::Truth),
            ExpressionKind::Membership(membership) => {
                self.membership(membership, range).map(Value::Truth)
            }
            ExpressionKind::Wrapped(wrapped)
                if self.lower.relational && wrapped.wrapper == Wrapper::ToScalar =>
            {
                self.scalar_of(&wrapped.pipeline, range)
            }
            ExpressionKind::Pipeline(_) | ExpressionKind::Wrapped(_) => Err(Obstacle::new(
                range,
                "the value depends on the rows of another query",
            )),
            ExpressionKind::DataTable(_) | ExpressionKind::ExternalData(_) => {
                Err(Obstacle::new(range, "a table is not a value"))
            }
            ExpressionKind::Placeholder(_) => Err(Obstacle::new(
                range,
                "a placeholder has no value before the rule is deployed",
            )),
            ExpressionKind::Wildcard(_)
            | ExpressionKind::Star
            | ExpressionKind::At
            | ExpressionKind::TypeOf(_)
            | ExpressionKind::TypeOfTable(_)
            | ExpressionKind::Invalid => Err(Obstacle::new(range, "this is not a value")),
        }
    }

    /// When an expression is true and when it is false.
    pub(super) fn truth(&self, expression: &'q Expression) -> Lowered<Truth> {
        as_truth(self.value(expression)?, *expression.range)
    }

    fn name(&self, name: &str, range: TextRange) -> Lowered<Value> {
        if let Some(value) = self.scope.parameter(name) {
            return value.clone();
        }
        if !self.columns.has(name) {
            match self.scope.find(name) {
                Some((Bound::Value(value), _)) => return value.clone(),
                Some((Bound::Function(function), scope)) if function.parameters.is_empty() => {
                    return self.inlined(function, scope, &[], range);
                }
                Some(_) => {
                    return Err(Obstacle::new(
                        range,
                        format!("`{name}` depends on the rows of another query"),
                    ));
                }
                None => {}
            }
        }
        if self.columns.is_unmapped(name) {
            self.lower.unmapped(name, range);
        }
        let value = self.columns.value(name, range)?;
        let size = value.size();
        self.lower.spend(size, range)?;
        if size > LARGEST {
            return Err(Obstacle::new(
                range,
                format!("the value of `{name}` expands to too large a term"),
            ));
        }
        Ok(value)
    }

    fn path(&self, path: &'q Path, range: TextRange) -> Lowered<Value> {
        let mut value = self.value(&path.root)?;
        for step in &path.steps {
            let key = match step {
                Step::Name(name) => Literal::text(&name.text),
                Step::Index(index) => match self.value(index)? {
                    Value::Constant(constant)
                        if matches!(constant.literal, Literal::Text(_) | Literal::Integer(_)) =>
                    {
                        constant.literal
                    }
                    _ => {
                        return Err(Obstacle::new(
                            range,
                            "an index that depends on the event has no counterpart",
                        ));
                    }
                },
                Step::Call(_) | Step::Wildcard(_) => {
                    return Err(Obstacle::new(
                        range,
                        "this path is not a value of the event",
                    ));
                }
            };
            value = self.step(value, key, range)?;
        }
        Ok(value)
    }

    /// The value below a key or an index of a dynamic value.
    pub(super) fn step(&self, value: Value, key: Literal, range: TextRange) -> Lowered<Value> {
        let function = if key.as_text().is_some() {
            Function::Member
        } else {
            Function::Item
        };
        match value {
            Value::Constant(constant) => {
                let found =
                    super::fold::call(function, &[constant.literal, key]).unwrap_or(Literal::Null);
                Ok(Value::Constant(Constant::new(Kind::Dynamic, found)))
            }
            Value::Scalar(scalar) if matches!(scalar.kind, Kind::Dynamic | Kind::Unknown) => {
                let absent = super::fold::call(function, &[scalar.absent, key.clone()])
                    .unwrap_or(Literal::Null);
                let below = super::function::below(scalar.term, key);
                let field = self.columns.field_type(&below);
                Ok(Value::Scalar(Scalar {
                    field,
                    ..Scalar::new(below, Kind::Dynamic).or_else(absent)
                }))
            }
            Value::Choice(cases, otherwise) => {
                let cases = cases
                    .into_iter()
                    .map(|(when, then)| Ok((when, self.step(then, key.clone(), range)?)));
                let cases = cases.collect::<Lowered<_>>()?;
                Ok(Value::Choice(
                    cases,
                    Box::new(self.step(*otherwise, key, range)?),
                ))
            }
            _ => Err(Obstacle::new(range, "only a dynamic value has parts").coded(Code::KqlType)),
        }
    }

    fn unary(&self, unary: &'q Unary, range: TextRange) -> Lowered<Value> {
        let operand = self.value(&unary.operand)?;
        if !unary.negative {
            return Ok(operand);
        }
        match operand {
            Value::Constant(constant) => {
                let literal = match constant.literal {
                    Literal::Integer(value) => Literal::Integer(value.wrapping_neg()),
                    Literal::Float(value) => Literal::Float(-value),
                    other => other,
                };
                Ok(Value::Constant(Constant::new(constant.kind, literal)))
            }
            operand => arithmetic(
                BinaryOperator::Subtract,
                Value::Constant(Constant::of(Literal::Integer(0))),
                operand,
                range,
            ),
        }
    }

    fn binary(&self, binary: &'q Binary, range: TextRange) -> Lowered<Value> {
        let (mut left, mut right) = (self.value(&binary.left)?, self.value(&binary.right)?);
        if !is_arithmetic(binary.operator) {
            (left, right) = (self.at_run(left), self.at_run(right));
        }
        if is_exact(binary.operator) {
            (left, right) = self.lower.fit_pair(left, right, range);
        }
        let sensitive = CaseSensitivity::Sensitive;
        let truth = match binary.operator {
            BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo => {
                return arithmetic(binary.operator, left, right, range);
            }
            BinaryOperator::Equal => comparison::equality(left, &right, sensitive, range)?,
            BinaryOperator::NotEqual => comparison::equality(left, &right, sensitive, range)?.not(),
            BinaryOperator::EqualTilde => {
                comparison::equality(left, &right, CaseSensitivity::Insensitive, range)?
            }
            BinaryOperator::NotEqualTilde => {
                comparison::equality(left, &right, CaseSensitivity::Insensitive, range)?.not()
            }
            BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual => {
                comparison::relation(left, binary.operator, &right, range)?
            }
            operator => {
                let Some((question, case, negated)) = text_operator(operator) else {
                    return Err(Obstacle::new(
                        range,
                        format!("the operator `{}` has no counterpart", operator.text()),
                    ));
                };
                let Some(wanted) = text_constant(&right) else {
                    let message = format!(
                        "`{}` requires a constant text on its right",
                        operator.text()
                    );
                    return Err(Obstacle::new(range, message));
                };
                let truth = text::test(left, question, &[wanted], case, range)?;
                if negated { truth.not() } else { truth }
            }
        };
        Ok(Value::Truth(truth))
    }

    fn logical(&self, logical: &'q Logical) -> Lowered<Truth> {
        let all = logical.operator == LogicalOperator::And;
        let mut joined = Truth::total(Condition::constant(all));
        for operand in &logical.operands {
            let truth = self.truth(operand)?;
            joined = if all {
                joined.and(truth)
            } else {
                joined.or(truth)
            };
        }
        Ok(joined)
    }

    fn between(&self, between: &'q Between, range: TextRange) -> Lowered<Truth> {
        let subject = self.at_run(self.value(&between.subject)?);
        let from = comparison::relation(
            subject.clone(),
            BinaryOperator::GreaterOrEqual,
            &self.at_run(self.value(&between.from)?),
            range,
        )?;
        let to = comparison::relation(
            subject,
            BinaryOperator::LessOrEqual,
            &self.at_run(self.value(&between.to)?),
            range,
        )?;
        let truth = from.and(to);
        Ok(if between.negated { truth.not() } else { truth })
    }

    fn membership(&self, membership: &'q Membership, range: TextRange) -> Lowered<Truth> {
        let subject = self.value(&membership.subject)?;
        let items = match self.items(&membership.items) {
            Err(obstacle) if self.lower.relational => {
                return match membership.items.as_slice() {
                    [table] => self.member_of_rows(membership, subject, table, obstacle),
                    _ => Err(obstacle),
                };
            }
            items => items?,
        };
        let (sensitive, insensitive) = (CaseSensitivity::Sensitive, CaseSensitivity::Insensitive);
        let items = self.lower.fit_items(items, &subject, range);
        let texts = || {
            let texts: Option<Vec<String>> = items.iter().map(text_constant).collect();
            texts.ok_or_else(|| Obstacle::new(range, "the list requires constant texts"))
        };
        Ok(match membership.operator {
            MembershipOperator::In => comparison::membership(subject, &items, sensitive, range)?,
            MembershipOperator::NotIn => {
                comparison::membership(subject, &items, sensitive, range)?.not()
            }
            MembershipOperator::InTilde => {
                comparison::membership(subject, &items, insensitive, range)?
            }
            MembershipOperator::NotInTilde => {
                comparison::membership(subject, &items, insensitive, range)?.not()
            }
            MembershipOperator::HasAny => {
                text::test(subject, TextTest::HasTerm, &texts()?, insensitive, range)?
            }
            MembershipOperator::HasAll => {
                let mut all = Truth::total(Condition::TRUE);
                for wanted in texts()? {
                    all = all.and(text::test(
                        subject.clone(),
                        TextTest::HasTerm,
                        &[wanted],
                        insensitive,
                        range,
                    )?);
                }
                all
            }
        })
    }

    /// The items of a list in parentheses; a list among them stands for its items.
    pub(super) fn items(&self, expressions: &'q [Expression]) -> Lowered<Vec<Value>> {
        let mut items = Vec::new();
        for expression in expressions {
            if let ExpressionKind::DataTable(table) = &expression.kind {
                items.extend(
                    literal::first_column(table)
                        .into_iter()
                        .map(Value::Constant),
                );
                continue;
            }
            if let ExpressionKind::Name(name) = &expression.kind
                && !self.columns.has(name)
                && let Some((
                    Bound::Table(Expression {
                        kind: ExpressionKind::DataTable(table),
                        ..
                    }),
                    _,
                )) = self.scope.find(name)
            {
                items.extend(
                    literal::first_column(table)
                        .into_iter()
                        .map(Value::Constant),
                );
                continue;
            }
            match self.value(expression)? {
                Value::Constant(Constant {
                    kind: Kind::Dynamic,
                    literal: Literal::List(list),
                }) => {
                    items.extend(
                        list.into_iter()
                            .map(|item| Value::Constant(Constant::of(item))),
                    );
                }
                Value::Scalar(Scalar {
                    kind: Kind::Dynamic,
                    ..
                }) if expressions.len() == 1 => {
                    return Err(Obstacle::new(
                        *expression.range,
                        "a list that depends on the event has no counterpart",
                    ));
                }
                value => items.push(value),
            }
        }
        Ok(items)
    }
}

/// Whether the operator makes a value, not a truth value.
fn is_arithmetic(operator: BinaryOperator) -> bool {
    matches!(
        operator,
        BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo
    )
}

/// The value as a truth value.
pub(super) fn as_truth(value: Value, range: TextRange) -> Lowered<Truth> {
    comparison::distribute(value, &mut |value| match value {
        Value::Truth(truth) => Ok(truth),
        Value::Constant(Constant {
            literal: Literal::Boolean(value),
            ..
        }) => Ok(Truth::total(Condition::constant(value))),
        Value::Constant(Constant {
            literal: Literal::Null,
            ..
        }) => Ok(Truth::partial(Condition::FALSE, Condition::FALSE)),
        Value::Scalar(scalar)
            if matches!(scalar.kind, Kind::Truth | Kind::Dynamic | Kind::Unknown) =>
        {
            let is = |value| {
                let object = Object::Literal(Literal::Boolean(value));
                compare(
                    scalar.term.clone(),
                    Operator::Equals,
                    object,
                    CaseSensitivity::Sensitive,
                )
            };
            Ok(Truth::partial(is(true), is(false)))
        }
        _ => Err(Obstacle::new(range, "a condition requires a truth value").coded(Code::KqlType)),
    })
}

/// The term of a value, and the conditions of predicates marked with the place they were written at.
pub(super) fn marked(condition: Condition, origin: crate::ir::Origin) -> Condition {
    condition.map(&mut |node| match node {
        Condition::Test(predicate) if predicate.origin.0.is_none() => {
            let predicate = predicate.as_ref().clone();
            Some(predicate.at(origin).into())
        }
        _ => None,
    })
}

/// A field of the event below a term: keys and indexes of fields and items become part of their path.
pub(super) fn is_leaf(term: &Term) -> bool {
    matches!(
        term,
        Term::Field(_) | Term::Item { .. } | Term::Aggregate { .. }
    )
}
