//! Which operands the operators take, and what comes out.

use super::Binder;
use super::types::Type;
use crate::syntax::kql::ast::{BinaryOperator, ScalarType};

/// What kind of operator it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Arithmetic,
    Equality,
    Order,
    /// One that asks for whole terms.
    Terms,
    Text,
}

impl Shape {
    pub(super) fn of(operator: BinaryOperator) -> Self {
        match operator {
            BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo => Self::Arithmetic,
            BinaryOperator::Equal | BinaryOperator::NotEqual => Self::Equality,
            BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual => Self::Order,
            BinaryOperator::Has
            | BinaryOperator::NotHas
            | BinaryOperator::HasCs
            | BinaryOperator::NotHasCs
            | BinaryOperator::HasPrefix
            | BinaryOperator::NotHasPrefix
            | BinaryOperator::HasPrefixCs
            | BinaryOperator::NotHasPrefixCs
            | BinaryOperator::HasSuffix
            | BinaryOperator::NotHasSuffix
            | BinaryOperator::HasSuffixCs
            | BinaryOperator::NotHasSuffixCs => Self::Terms,
            BinaryOperator::EqualTilde
            | BinaryOperator::NotEqualTilde
            | BinaryOperator::Contains
            | BinaryOperator::NotContains
            | BinaryOperator::ContainsCs
            | BinaryOperator::NotContainsCs
            | BinaryOperator::StartsWith
            | BinaryOperator::NotStartsWith
            | BinaryOperator::StartsWithCs
            | BinaryOperator::NotStartsWithCs
            | BinaryOperator::EndsWith
            | BinaryOperator::NotEndsWith
            | BinaryOperator::EndsWithCs
            | BinaryOperator::NotEndsWithCs
            | BinaryOperator::Like
            | BinaryOperator::NotLike
            | BinaryOperator::LikeCs
            | BinaryOperator::NotLikeCs
            | BinaryOperator::MatchesRegex
            | BinaryOperator::Search => Self::Text,
        }
    }
}

impl Binder<'_> {
    /// The type of an arithmetic operation, and whether it is allowed.
    pub(super) fn arithmetic(
        &self,
        operator: BinaryOperator,
        left: Type,
        right: Type,
    ) -> (Type, bool) {
        let outcome = self
            .schemas
            .arithmetic()
            .outcome(operator, left.scalar(), right.scalar());
        match outcome {
            Some(outcome) => (Type::from(outcome.kind), outcome.allowed),
            None => (Type::Unknown, true),
        }
    }
}

/// Whether two values can be ordered.
pub(super) fn ordered(left: Type, right: Type) -> bool {
    let (Some(left), Some(right)) = (left.scalar(), right.scalar()) else {
        return true;
    };
    let number = |kind| {
        matches!(
            kind,
            ScalarType::Int | ScalarType::Long | ScalarType::Real | ScalarType::Decimal
        )
    };
    let counted = |kind| number(kind) || kind == ScalarType::Bool;
    let loose = |kind| number(kind) || kind == ScalarType::Dynamic;
    match (left, right) {
        (ScalarType::Datetime, ScalarType::Datetime)
        | (ScalarType::Timespan, ScalarType::Timespan) => true,
        _ => counted(left) && counted(right) || loose(left) && loose(right),
    }
}

/// Whether a value can be searched in or for.
pub(super) fn text_operand(kind: Type) -> bool {
    kind.may_be(&[ScalarType::String, ScalarType::Dynamic])
}

/// Whether a text operator takes these operands.
pub(super) fn textual(operator: BinaryOperator, left: Type, right: Type) -> bool {
    if left.is_unknown() || right.is_unknown() {
        return true;
    }
    let terms = Shape::of(operator) == Shape::Terms;
    let listed = matches!(right, Type::Array | Type::Bag);
    text_operand(left) && text_operand(right) && !(terms && listed)
}

/// Whether `and`, `or` take the value.
pub(super) fn logical_operand(kind: Type) -> bool {
    kind.may_be(&[ScalarType::Bool, ScalarType::Dynamic])
}

/// The operands of `between` (subject, from, to) that do not fit, with the type that would.
pub(super) fn outside_range(kinds: [Type; 3]) -> Vec<(usize, &'static str)> {
    let [subject, from, to] = kinds;
    let is = |kind: Type, wanted: ScalarType| kind.scalar() == Some(wanted);
    let numeric = |kind: Type| kind.is_number() || kind.is_dynamic();
    let ends = |fits: &dyn Fn(Type) -> bool, wanted| {
        let misfits = [(1, from), (2, to)]
            .into_iter()
            .filter(|(_, kind)| !fits(*kind));
        misfits.map(|(at, _)| (at, wanted)).collect()
    };
    match subject.scalar() {
        Some(ScalarType::Datetime) => {
            let mut misfits = Vec::new();
            if !is(from, ScalarType::Datetime) {
                misfits.push((1, "datetime"));
            }
            if !is(to, ScalarType::Datetime) && !is(to, ScalarType::Timespan) {
                misfits.push((2, "datetime or timespan"));
            }
            misfits
        }
        Some(ScalarType::Timespan) => ends(&|kind| is(kind, ScalarType::Timespan), "timespan"),
        Some(ScalarType::Int | ScalarType::Long | ScalarType::Real | ScalarType::Decimal) => {
            ends(&numeric, "number")
        }
        Some(ScalarType::Dynamic) => ends(&Type::is_number, "number"),
        _ => vec![(0, "number, datetime or timespan")],
    }
}
