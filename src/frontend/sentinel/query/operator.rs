//! The operators between two operands, as far as they are neither comparisons nor logic.

use super::literal;
use super::text::TextTest;
use super::value::{Kind, Lowered, Obstacle, Value};
use crate::ir::{CaseSensitivity, Function, Literal};
use crate::source::TextRange;
use crate::syntax::kql::ast::BinaryOperator;

/// The sum or difference of two values; of constants any arithmetic.
pub(super) fn arithmetic(
    operator: BinaryOperator,
    left: Value,
    right: Value,
    range: TextRange,
) -> Lowered<Value> {
    if let Some(value) = literal::arithmetic(operator, &left, &right) {
        return Ok(value);
    }
    let function = match operator {
        BinaryOperator::Add => Function::Add,
        BinaryOperator::Subtract => Function::Subtract,
        other => {
            return Err(Obstacle::new(
                range,
                format!("the operator `{}` has no counterpart", other.text()),
            ));
        }
    };
    for side in [&left, &right] {
        let kind = match side {
            Value::Constant(constant) => constant.kind,
            Value::Scalar(scalar) => scalar.kind,
            _ => Kind::Unknown,
        };
        if !matches!(kind, Kind::Number | Kind::Unknown | Kind::Dynamic) {
            return Err(Obstacle::new(
                range,
                "arithmetic on points in time and time spans has no counterpart",
            ));
        }
    }
    super::function::apply(function, vec![left, right], Kind::Number, range)
}

/// A constant's text on the right of a string operator; Kusto refuses other types but dynamic.
pub(super) fn text_constant(value: &Value) -> Option<String> {
    let constant = value.as_constant()?;
    match (constant.kind, &constant.literal) {
        (Kind::Text | Kind::Dynamic, Literal::Text(text)) => Some(text.clone()),
        (Kind::Dynamic | Kind::Number, literal @ (Literal::Integer(_) | Literal::Boolean(_))) => {
            Some(super::fold::text_of(literal))
        }
        _ => None,
    }
}

/// What a string operator asks, whether case counts, and whether it is negated.
pub(super) fn text_operator(operator: BinaryOperator) -> Option<(TextTest, CaseSensitivity, bool)> {
    use BinaryOperator as B;
    let (question, sensitive, negated) = match operator {
        B::Has => (TextTest::HasTerm, false, false),
        B::NotHas => (TextTest::HasTerm, false, true),
        B::HasCs => (TextTest::HasTerm, true, false),
        B::NotHasCs => (TextTest::HasTerm, true, true),
        B::HasPrefix => (TextTest::HasPrefix, false, false),
        B::NotHasPrefix => (TextTest::HasPrefix, false, true),
        B::HasPrefixCs => (TextTest::HasPrefix, true, false),
        B::NotHasPrefixCs => (TextTest::HasPrefix, true, true),
        B::HasSuffix => (TextTest::HasSuffix, false, false),
        B::NotHasSuffix => (TextTest::HasSuffix, false, true),
        B::HasSuffixCs => (TextTest::HasSuffix, true, false),
        B::NotHasSuffixCs => (TextTest::HasSuffix, true, true),
        B::Contains => (TextTest::Contains, false, false),
        B::NotContains => (TextTest::Contains, false, true),
        B::ContainsCs => (TextTest::Contains, true, false),
        B::NotContainsCs => (TextTest::Contains, true, true),
        B::StartsWith => (TextTest::StartsWith, false, false),
        B::NotStartsWith => (TextTest::StartsWith, false, true),
        B::StartsWithCs => (TextTest::StartsWith, true, false),
        B::NotStartsWithCs => (TextTest::StartsWith, true, true),
        B::EndsWith => (TextTest::EndsWith, false, false),
        B::NotEndsWith => (TextTest::EndsWith, false, true),
        B::EndsWithCs => (TextTest::EndsWith, true, false),
        B::NotEndsWithCs => (TextTest::EndsWith, true, true),
        B::MatchesRegex => (TextTest::Matches, true, false),
        B::Like
        | B::NotLike
        | B::LikeCs
        | B::NotLikeCs
        | B::Search
        | B::Equal
        | B::NotEqual
        | B::EqualTilde
        | B::NotEqualTilde
        | B::Less
        | B::LessOrEqual
        | B::Greater
        | B::GreaterOrEqual
        | B::Add
        | B::Subtract
        | B::Multiply
        | B::Divide
        | B::Modulo => return None,
    };
    let case = if sensitive {
        CaseSensitivity::Sensitive
    } else {
        CaseSensitivity::Insensitive
    };
    Some((question, case, negated))
}
