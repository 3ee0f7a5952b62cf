//! Expressions to their types.

use std::borrow::Cow;

use super::operator::{Shape, logical_operand};
use super::row::{Field, Row};
use super::scope::Scope;
use super::types::Type;
use super::value::Value;
use super::{Binder, check};
use crate::diagnostic::Code;
use crate::source::TextRange;
use crate::syntax::kql::ast::{
    Between, Binary, Column, DataTable, Dynamic, Expression, ExpressionKind, Literal, Logical,
    Membership, MembershipOperator, Path, Step, Unary, Wrapped, Wrapper,
};

/// What an expression can see.
#[derive(Clone, Copy)]
pub(super) struct Place<'p, 'a> {
    /// The columns; those of the left side in a join's condition.
    pub(super) row: Option<&'p Row<'a>>,
    /// The columns of a join's right side.
    pub(super) right: Option<&'p Row<'a>>,
    /// The names that statements define.
    pub(super) scope: &'p Scope<'a>,
    /// Whether columns can stand in aggregates only.
    pub(super) aggregates: bool,
    /// The columns that a summary groups by.
    pub(super) keys: &'p [Cow<'a, str>],
}

impl<'p, 'a> Place<'p, 'a> {
    /// A place without rows.
    pub(super) fn outside(scope: &'p Scope<'a>) -> Self {
        Self {
            row: None,
            right: None,
            scope,
            aggregates: false,
            keys: &[],
        }
    }

    /// A place in a stage.
    pub(super) fn inside(row: &'p Row<'a>, scope: &'p Scope<'a>) -> Self {
        Self {
            row: Some(row),
            ..Self::outside(scope)
        }
    }
}

impl<'a> Binder<'a> {
    /// An expression that has to be a scalar.
    pub(super) fn scalar(
        &mut self,
        expression: &'a Expression,
        place: &Place<'_, 'a>,
    ) -> Value<'a> {
        match self.any(expression, place) {
            Value::Table(row) => {
                if !row.is_open() {
                    self.error(
                        Code::KqlContext,
                        expression.range.0,
                        "a scalar is required here, not a table",
                    );
                }
                Value::UNKNOWN
            }
            Value::Function(_) => {
                self.error(
                    Code::KqlContext,
                    expression.range.0,
                    "the function requires an argument list",
                );
                Value::UNKNOWN
            }
            value => value,
        }
    }

    /// An expression that has to be a condition.
    pub(super) fn condition(&mut self, expression: &'a Expression, place: &Place<'_, 'a>) {
        self.condition_at(expression, expression.range.0, place);
    }

    /// A condition, with what is around it.
    pub(super) fn condition_at(
        &mut self,
        expression: &'a Expression,
        range: TextRange,
        place: &Place<'_, 'a>,
    ) {
        let kind = self.scalar(expression, place).kind();
        if !kind.is_unknown() && kind != Type::BOOL {
            let message = format!("a condition of type bool is required, not {}", kind.name());
            self.error(Code::KqlType, range, message);
        }
    }

    /// Any expression.
    pub(super) fn any(&mut self, expression: &'a Expression, place: &Place<'_, 'a>) -> Value<'a> {
        let value = self.nested(Value::UNKNOWN, |binder| binder.any_here(expression, place));
        self.record(expression.range.0, value.kind());
        value
    }

    fn any_here(&mut self, expression: &'a Expression, place: &Place<'_, 'a>) -> Value<'a> {
        let range = expression.range.0;
        match &expression.kind {
            ExpressionKind::Name(name) => self.name(name, range, place),
            ExpressionKind::Literal(literal) => literal_value(literal),
            ExpressionKind::TypeOf(_) | ExpressionKind::TypeOfTable(_) => {
                Value::constant(Type::TypeLiteral, None)
            }
            ExpressionKind::Call(call) => self.call(call, place),
            ExpressionKind::Path(path) => self.path(path, place),
            ExpressionKind::Unary(unary) => self.unary(unary, range, place),
            ExpressionKind::Binary(binary) => self.binary(binary, place),
            ExpressionKind::Logical(logical) => self.logical(logical, place),
            ExpressionKind::Between(between) => self.between(between, place),
            ExpressionKind::Membership(membership) => self.membership(membership, place),
            ExpressionKind::Pipeline(pipeline) => self.pipeline(pipeline, place.scope, None),
            ExpressionKind::Wrapped(wrapped) => self.wrapped(wrapped, place),
            ExpressionKind::DataTable(table) => self.data_table(table, place.scope),
            ExpressionKind::ExternalData(table) => declared_table(&table.columns),
            ExpressionKind::At => Value::Database,
            ExpressionKind::Wildcard(_)
            | ExpressionKind::Star
            | ExpressionKind::Placeholder(_)
            | ExpressionKind::Invalid => Value::UNKNOWN,
        }
    }

    fn path(&mut self, path: &'a Path, place: &Place<'_, 'a>) -> Value<'a> {
        let mut steps = path.steps.as_slice();
        let side = match path.root.as_name() {
            Some("$left") => place.row,
            Some("$right") => place.right,
            _ => None,
        };
        let mut value = match (side, steps.split_first()) {
            (Some(row), Some((Step::Name(name), rest))) => {
                steps = rest;
                let side = Place {
                    row: Some(row),
                    ..*place
                };
                Value::of(self.column(&name.text, name.range.0, &side))
            }
            _ => self.any(&path.root, place),
        };
        for step in steps {
            value = self.step(&value, step, place);
        }
        value
    }

    fn step(&mut self, value: &Value<'a>, step: &'a Step, place: &Place<'_, 'a>) -> Value<'a> {
        if matches!(value, Value::Database) {
            if let Step::Call(call) = step {
                for argument in &call.arguments {
                    self.any(&argument.value, place);
                }
                return match call.function.text.as_str() {
                    "database" | "cluster" => Value::Database,
                    _ => Self::unknown_table(),
                };
            }
            return Self::unknown_table();
        }
        if let (Value::Table(row), Step::Name(name)) = (value, step) {
            // The last row of a step of `scan`.
            return Value::of(row.get(&name.text).unwrap_or(Type::Unknown));
        }
        let kind = value.kind();
        if let Step::Index(index) = step {
            let item = self.scalar(index, place).kind();
            if kind == Type::Array && item == Type::STRING {
                let message = "an item of an array is reached by its number";
                self.error(Code::KqlType, index.range.0, message);
            }
        }
        if kind.is_unknown() {
            return Value::UNKNOWN;
        }
        if kind.is_dynamic() {
            return Value::of(Type::DYNAMIC);
        }
        match step {
            Step::Index(index) => {
                let message = format!(
                    "{} has no elements; a dynamic value is required",
                    kind.name()
                );
                self.error(Code::KqlType, super::stage::around(index.range.0), message);
            }
            Step::Name(name) | Step::Wildcard(name) => {
                let message = format!(
                    "{} has no property `{}`; a dynamic value is required",
                    kind.name(),
                    name.text
                );
                self.error(Code::KqlUnknownName, name.range.0, message);
            }
            Step::Call(_) => {}
        }
        Value::UNKNOWN
    }

    fn unary(&mut self, unary: &'a Unary, range: TextRange, place: &Place<'_, 'a>) -> Value<'a> {
        use crate::syntax::kql::ast::ScalarType::{Bool, Guid, Int, String};
        let operand = self.scalar(&unary.operand, place);
        let kind = operand.kind();
        let result = match kind.scalar() {
            Some(Bool | Guid | String) => {
                let message = format!(
                    "a sign is not allowed before a value of type {}",
                    kind.name()
                );
                let sign = TextRange {
                    end: range.start + 1,
                    ..range
                };
                self.error(Code::KqlType, sign, message);
                Type::Unknown
            }
            Some(Int) => Type::LONG,
            Some(other) => Type::from(other),
            None => Type::Unknown,
        };
        combined(result, &[&operand])
    }

    fn binary(&mut self, binary: &'a Binary, place: &Place<'_, 'a>) -> Value<'a> {
        let left = self.scalar(&binary.left, place);
        let right = self.scalar(&binary.right, place);
        let range = binary.operator_range.0;
        let (kind, allowed) = match Shape::of(binary.operator) {
            Shape::Arithmetic => self.arithmetic(binary.operator, left.kind(), right.kind()),
            Shape::Equality => (Type::BOOL, true),
            Shape::Order => (
                Type::BOOL,
                super::operator::ordered(left.kind(), right.kind()),
            ),
            Shape::Terms | Shape::Text => (
                Type::BOOL,
                super::operator::textual(binary.operator, left.kind(), right.kind()),
            ),
        };
        if allowed {
            check::binary(self, binary, &left, &right);
        } else {
            let message = format!(
                "the operator `{}` is not defined for {} and {}",
                binary.operator.text(),
                left.kind().name(),
                right.kind().name()
            );
            self.error(Code::KqlType, range, message);
        }
        combined(kind, &[&left, &right])
    }

    fn logical(&mut self, logical: &'a Logical, place: &Place<'_, 'a>) -> Value<'a> {
        let values: Vec<Value<'a>> = logical
            .operands
            .iter()
            .map(|operand| self.scalar(operand, place))
            .collect();
        for (at, (operand, value)) in logical.operands.iter().zip(&values).enumerate() {
            let other = values.get(usize::from(at == 0));
            let other_unknown = other.is_some_and(|other| other.kind().is_unknown());
            let excused = at < 2 && other_unknown;
            if !logical_operand(value.kind()) && !excused {
                let message = format!(
                    "an operand of type bool is required here, not {}",
                    value.kind().name()
                );
                self.error(Code::KqlType, operand.range.0, message);
            }
        }
        combined(Type::BOOL, &values.iter().collect::<Vec<_>>())
    }

    fn between(&mut self, between: &'a Between, place: &Place<'_, 'a>) -> Value<'a> {
        let subject = self.scalar(&between.subject, place);
        let from = self.scalar(&between.from, place);
        let to = self.scalar(&between.to, place);
        let kinds = [subject.kind(), from.kind(), to.kind()];
        if !kinds.iter().any(|kind| kind.is_unknown()) {
            for (at, wanted) in super::operator::outside_range(kinds) {
                let operand = [&between.subject, &between.from, &between.to][at];
                let message = format!("a value of type {wanted} is required here");
                self.error(Code::KqlType, operand.range.0, message);
            }
        }
        combined(Type::BOOL, &[&subject, &from, &to])
    }

    fn membership(&mut self, membership: &'a Membership, place: &Place<'_, 'a>) -> Value<'a> {
        let subject = self.scalar(&membership.subject, place);
        let alone = membership.items.len() == 1;
        let mut items = Vec::new();
        for item in &membership.items {
            items.push(if alone {
                self.any(item, place)
            } else {
                self.scalar(item, place)
            });
        }
        let exact = matches!(
            membership.operator,
            MembershipOperator::In | MembershipOperator::NotIn
        );
        let first_unknown = alone && items.iter().any(|item| item.kind().is_unknown());
        if !exact && !super::operator::text_operand(subject.kind()) && !first_unknown {
            let message = format!(
                "`{}` requires a value of type string or dynamic, not {}",
                membership.operator.text(),
                subject.kind().name()
            );
            self.error(Code::KqlType, membership.subject.range.0, message);
        }
        Value::of(Type::BOOL)
    }

    fn wrapped(&mut self, wrapped: &'a Wrapped, place: &Place<'_, 'a>) -> Value<'a> {
        let value = self.pipeline(&wrapped.pipeline, place.scope, None);
        match (wrapped.wrapper, value) {
            (Wrapper::ToScalar, Value::Table(row)) => {
                let first = row.fields().into_iter().next();
                Value::constant(first.map_or(Type::Unknown, |field| field.kind), None)
            }
            (Wrapper::ToScalar, value) => Value::constant(value.kind(), None),
            (Wrapper::ToTable | Wrapper::Materialize, value) => value,
        }
    }

    fn data_table(&mut self, table: &'a DataTable, scope: &Scope<'a>) -> Value<'a> {
        for value in &table.values {
            self.scalar(value, &Place::outside(scope));
        }
        let width = table.columns.len();
        if let (Some(first), Some(last)) = (table.values.first(), table.values.last())
            && width > 0
            && !table.values.len().is_multiple_of(width)
        {
            let message =
                format!("the values of a table of {width} columns come in groups of {width}");
            let range = TextRange::cover(first.range.0, last.range.0);
            self.error(Code::KqlArguments, range, message);
        }
        declared_table(&table.columns)
    }
}

/// A table of declared columns.
fn declared_table(columns: &[Column]) -> Value<'_> {
    let fields = columns
        .iter()
        .map(|column| Field::new(column.name.text.as_str(), column.kind));
    Value::Table(Row::closed(fields.collect()))
}

/// The result of an operation: constant where its operands are.
pub(super) fn combined<'a>(kind: Type, operands: &[&Value<'a>]) -> Value<'a> {
    if operands.iter().all(|operand| operand.is_constant()) {
        Value::constant(kind, None)
    } else {
        Value::of(kind)
    }
}

fn literal_value(literal: &Literal) -> Value<'_> {
    use crate::syntax::kql::ast::ScalarType;
    let kind = match literal {
        Literal::String(text) => {
            return Value::constant(Type::STRING, Some(text.as_str().into()));
        }
        Literal::Bool(_) => ScalarType::Bool,
        Literal::Long(_) => ScalarType::Long,
        Literal::Int(_) => ScalarType::Int,
        Literal::Real(_) => ScalarType::Real,
        Literal::Decimal(_) => ScalarType::Decimal,
        Literal::Timespan(_) => ScalarType::Timespan,
        Literal::Datetime(_) => ScalarType::Datetime,
        Literal::Guid(_) => ScalarType::Guid,
        Literal::Dynamic(dynamic) => {
            let kind = match dynamic.as_ref() {
                Dynamic::Array(_) => Type::Array,
                Dynamic::Object(_) => Type::Bag,
                Dynamic::Null | Dynamic::Scalar(_) => Type::DYNAMIC,
            };
            return Value::constant(kind, None);
        }
    };
    Value::constant(kind, None)
}
