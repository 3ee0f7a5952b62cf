//! Comparisons of values, with Kusto's meaning of null: `==` and `!=` with one null side are false and true, `<` and its like
//! are null, which a filter drops under `not` too.

use super::text::{self, TextTest};
use super::value::{
    Constant, Kind, Lowered, Obstacle, Scalar, Truth, Value, compare, is_filled, is_present,
};
use crate::diagnostic::Code;
use crate::ir::{
    CaseSensitivity, Condition, Kind as IrKind, Literal, Object, Operator, Shared, Term,
};
use crate::source::TextRange;
use crate::syntax::kql::ast::BinaryOperator;

/// A question about each value of a choice, joined by the conditions of its cases.
pub(super) fn distribute(
    value: Value,
    ask: &mut dyn FnMut(Value) -> Lowered<Truth>,
) -> Lowered<Truth> {
    let (cases, otherwise) = match value {
        Value::Choice(cases, otherwise) => (cases, otherwise),
        Value::Spelt(spelt) => return spelt.ask(ask),
        value => return ask(value),
    };
    let mut tail = distribute(*otherwise, ask)?;
    for (when, then) in cases.into_iter().rev() {
        let branch = distribute(then, ask)?;
        let other = when.clone().negate();
        let pick = |a: Condition, b: Condition| when.clone().and(a).or(other.clone().and(b));
        tail = if branch.fails.is_none() && tail.fails.is_none() {
            Truth::total(pick(branch.holds, tail.holds))
        } else {
            let fails = pick(branch.clone().fails(), tail.clone().fails());
            Truth::partial(pick(branch.holds, tail.holds), fails)
        };
    }
    Ok(tail)
}

/// `a == b`, or `a =~ b` where case does not count.
pub(super) fn equality(
    left: Value,
    right: &Value,
    case: CaseSensitivity,
    range: TextRange,
) -> Lowered<Truth> {
    distribute(left, &mut |left| {
        distribute(right.clone(), &mut |right| match (left.clone(), right) {
            (Value::Constant(a), Value::Constant(b)) => constants_equal(&a, &b, case, range),
            (Value::Constant(constant), Value::Unlisted(spelt))
            | (Value::Unlisted(spelt), Value::Constant(constant)) => {
                spelt.unlisted_equals(&constant, range)
            }
            (Value::Constant(constant), other) | (other, Value::Constant(constant)) => {
                equal_to(other, &constant, case, range)
            }
            (Value::Scalar(a), Value::Scalar(b)) => scalars_equal(a, b, case, range),
            (Value::Truth(a), Value::Truth(b)) => Ok(truths_equal(a, b)),
            (Value::Clock(_), _) | (_, Value::Clock(_)) => Err(on_clock(range)),
            _ => Err(Obstacle::new(
                range,
                "these values cannot be compared in the IR",
            )),
        })
    })
}

/// Whether values of the kind are points in time or time spans.
fn is_time(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Datetime | Kind::Timespan | Kind::Moment | Kind::Span
    )
}

/// Whether the type of a value has one of these names.
fn is_of_type(term: Term, names: &[String], range: TextRange) -> Lowered<Truth> {
    let has = |name: &str| names.iter().any(|known| known == name);
    let mut kinds = Vec::new();
    for name in names {
        kinds.push(match name.as_str() {
            "string" => IrKind::Text,
            "bool" => IrKind::Boolean,
            "array" => IrKind::List,
            "dictionary" => IrKind::Object,
            "null" => continue,
            "long" | "int" | "real" | "double" | "decimal" if has("long") && has("double") => {
                IrKind::Number
            }
            "long" | "int" if !has("real") && !has("double") => IrKind::Integer,
            _ => {
                return Err(Obstacle::new(
                    range,
                    "values of this type are not told from others in the IR",
                ));
            }
        });
    }
    kinds.dedup();
    let mut holds = Condition::FALSE;
    if !kinds.is_empty() {
        holds = compare(
            term.clone(),
            Operator::IsKind,
            Object::Kinds(kinds),
            CaseSensitivity::Sensitive,
        );
    }
    if has("null") {
        holds = holds.or(is_present(term).negate());
    }
    Ok(Truth::total(holds))
}

/// Two truth values: not equal where one is null, and null where both are.
fn truths_equal(a: Truth, b: Truth) -> Truth {
    let there = |truth: &Truth| truth.holds.clone().or(truth.clone().fails());
    let any = match (&a.fails, &b.fails) {
        (Some(_), Some(_)) => there(&a).or(there(&b)),
        _ => Condition::TRUE,
    };
    let (fails_a, fails_b) = (a.clone().fails(), b.clone().fails());
    let same = a.holds.and(b.holds).or(fails_a.and(fails_b));
    match any.as_constant() {
        Some(true) => Truth::total(same),
        _ => Truth::partial(same.clone(), same.negate().and(any)),
    }
}

fn on_clock(range: TextRange) -> Obstacle {
    Obstacle::new(range, "the comparison depends on the time of the run")
}

fn constants_equal(
    a: &Constant,
    b: &Constant,
    case: CaseSensitivity,
    range: TextRange,
) -> Lowered<Truth> {
    let time = |kind: Kind| matches!(kind, Kind::Datetime | Kind::Moment);
    if time(a.kind) || time(b.kind) {
        return Err(Obstacle::new(range, "points in time are not compared"));
    }
    let equal = match (a.literal.as_text(), b.literal.as_text()) {
        (Some(a), Some(b)) if case == CaseSensitivity::Insensitive => {
            a.to_lowercase() == b.to_lowercase()
        }
        _ => a.literal == b.literal,
    };
    Ok(Truth::total(Condition::constant(equal)))
}

/// A value that is not constant, and a constant.
fn equal_to(
    value: Value,
    constant: &Constant,
    case: CaseSensitivity,
    range: TextRange,
) -> Lowered<Truth> {
    match (value, &constant.literal) {
        (Value::Truth(truth), Literal::Boolean(true)) => Ok(Truth::total(truth.holds)),
        (Value::Truth(truth), Literal::Boolean(false)) => Ok(Truth::total(truth.fails())),
        (Value::Truth(truth), Literal::Integer(value @ 0..=1)) => {
            Ok(Truth::total(if *value == 1 {
                truth.holds
            } else {
                truth.fails()
            }))
        }
        (Value::Truth(_), _) => Err(wrong_type(range)),
        (Value::Clock(_), _) => Err(on_clock(range)),
        (Value::Scalar(scalar), literal) => match (scalar.kind, constant.kind) {
            (a, b) if is_time(a) || is_time(b) => Err(Obstacle::new(
                range,
                "points in time and time spans are compared as such only by Kusto",
            )),
            // Kusto's `x == null` is false, and null where x is null too.
            (_, _) if *literal == Literal::Null => {
                Ok(Truth::partial(Condition::FALSE, is_present(scalar.term)))
            }
            (Kind::Text | Kind::Unknown | Kind::Dynamic, Kind::Text) => text::test(
                Value::Scalar(scalar),
                TextTest::Equals,
                &[super::fold::text_of(literal)],
                case,
                range,
            ),
            (Kind::Text, _) | (Kind::Number | Kind::Truth, Kind::Text) => Err(wrong_type(range)),
            _ => Ok(Truth::total(plainly(
                scalar,
                Operator::Equals,
                literal,
                |a, b| a.total_cmp(&b).is_eq(),
            ))),
        },
        (Value::TypeName(term), Literal::Text(name)) => {
            is_of_type(term, std::slice::from_ref(name), range)
        }
        _ => Err(Obstacle::new(
            range,
            "this value cannot be compared in the IR",
        )),
    }
}

fn wrong_type(range: TextRange) -> Obstacle {
    Obstacle::new(range, "a comparison requires operands of types that fit").coded(Code::KqlType)
}

/// A predicate on a value that is not a text, with what Kusto has where the term is missing.
fn plainly(
    scalar: Scalar,
    operator: Operator,
    literal: &Literal,
    check: fn(f64, f64) -> bool,
) -> Condition {
    let absent = match (
        super::fold::as_real(&scalar.absent),
        super::fold::as_real(literal),
    ) {
        (Some(absent), Some(literal)) => check(absent, literal),
        _ => false,
    };
    let object = Object::Literal(literal.clone());
    let holds = compare(
        scalar.term.clone(),
        operator,
        object,
        CaseSensitivity::Sensitive,
    );
    if absent {
        holds.or(is_present(scalar.term).negate())
    } else {
        holds
    }
}

fn scalars_equal(a: Scalar, b: Scalar, case: CaseSensitivity, range: TextRange) -> Lowered<Truth> {
    let textual = |kind: Kind| matches!(kind, Kind::Text | Kind::Unknown);
    if a.term == b.term && textual(a.kind) {
        return Ok(Truth::total(Condition::TRUE));
    }
    if textual(a.kind) || textual(b.kind) {
        let (Value::Scalar(a), Value::Scalar(b)) = (
            text::as_text(Value::Scalar(a), false, range)?,
            text::as_text(Value::Scalar(b), false, range)?,
        ) else {
            return Err(wrong_type(range));
        };
        let both_empty = is_filled(a.term.clone())
            .negate()
            .and(is_filled(b.term.clone()).negate());
        let equal = compare(
            a.term,
            Operator::Equals,
            Object::Term(Shared::new(b.term)),
            case,
        );
        return Ok(Truth::total(equal.or(both_empty)));
    }
    if a.absent != Literal::Null || b.absent != Literal::Null || a.kind != b.kind {
        return Err(Obstacle::new(
            range,
            "these values cannot be compared in the IR",
        ));
    }
    if a.kind == Kind::Dynamic || is_time(a.kind) {
        return Err(Obstacle::new(
            range,
            "points in time, time spans and dynamic values are not compared with each other",
        ));
    }
    let some = is_present(a.term.clone()).or(is_present(b.term.clone()));
    let equal = compare(
        a.term,
        Operator::Equals,
        Object::Term(Shared::new(b.term)),
        CaseSensitivity::Sensitive,
    );
    Ok(Truth::partial(equal.clone(), equal.negate().and(some)))
}

/// The operators `<`, `<=`, `>` and `>=`, with the one that asks the opposite and the one for exchanged operands.
#[derive(Clone, Copy)]
struct Relation {
    operator: Operator,
    inverse: Operator,
    exchanged: BinaryOperator,
    check: fn(f64, f64) -> bool,
    inverse_check: fn(f64, f64) -> bool,
}

fn relation_of(operator: BinaryOperator) -> Option<Relation> {
    let relation = |operator, inverse, exchanged, check, inverse_check| Relation {
        operator,
        inverse,
        exchanged,
        check,
        inverse_check,
    };
    Some(match operator {
        BinaryOperator::Less => relation(
            Operator::LessThan,
            Operator::AtLeast,
            BinaryOperator::Greater,
            |a, b| a < b,
            |a, b| a >= b,
        ),
        BinaryOperator::LessOrEqual => relation(
            Operator::AtMost,
            Operator::GreaterThan,
            BinaryOperator::GreaterOrEqual,
            |a, b| a <= b,
            |a, b| a > b,
        ),
        BinaryOperator::Greater => relation(
            Operator::GreaterThan,
            Operator::AtMost,
            BinaryOperator::Less,
            |a, b| a > b,
            |a, b| a <= b,
        ),
        BinaryOperator::GreaterOrEqual => relation(
            Operator::AtLeast,
            Operator::LessThan,
            BinaryOperator::LessOrEqual,
            |a, b| a >= b,
            |a, b| a < b,
        ),
        _ => return None,
    })
}

/// `a < b` and its like.
pub(super) fn relation(
    left: Value,
    operator: BinaryOperator,
    right: &Value,
    range: TextRange,
) -> Lowered<Truth> {
    let Some(relation) = relation_of(operator) else {
        return Err(Obstacle::new(
            range,
            format!("the operator `{}` is not a comparison", operator.text()),
        ));
    };
    distribute(left, &mut |left| {
        distribute(right.clone(), &mut |right| match (left.clone(), right) {
            (Value::Clock(_), _) | (_, Value::Clock(_)) => Err(on_clock(range)),
            (Value::Constant(a), Value::Constant(b)) => constants_related(&a, &b, relation, range),
            (Value::Scalar(scalar), Value::Constant(constant)) => {
                related_to(scalar, relation, &constant, range)
            }
            (Value::Constant(constant), Value::Scalar(scalar)) => {
                match relation_of(relation.exchanged) {
                    Some(exchanged) => related_to(scalar, exchanged, &constant, range),
                    None => Err(wrong_type(range)),
                }
            }
            (Value::Scalar(a), Value::Scalar(b)) => scalars_related(a, b, relation, range),
            _ => Err(Obstacle::new(
                range,
                "these values cannot be compared in the IR",
            )),
        })
    })
}

fn constants_related(
    a: &Constant,
    b: &Constant,
    relation: Relation,
    range: TextRange,
) -> Lowered<Truth> {
    match (
        super::fold::as_real(&a.literal),
        super::fold::as_real(&b.literal),
    ) {
        (Some(x), Some(y)) if a.kind == b.kind => {
            Ok(Truth::total(Condition::constant((relation.check)(x, y))))
        }
        _ if a.literal == Literal::Null || b.literal == Literal::Null => {
            Ok(Truth::partial(Condition::FALSE, Condition::FALSE))
        }
        _ => Err(wrong_type(range)),
    }
}

fn related_to(
    scalar: Scalar,
    relation: Relation,
    constant: &Constant,
    range: TextRange,
) -> Lowered<Truth> {
    match (scalar.kind, constant.kind) {
        (a, b) if is_time(a) || is_time(b) => Err(Obstacle::new(
            range,
            "points in time and time spans are compared as such only by Kusto",
        )),
        (_, _) if constant.literal == Literal::Null => {
            Ok(Truth::partial(Condition::FALSE, Condition::FALSE))
        }
        (Kind::Number | Kind::Unknown | Kind::Dynamic, Kind::Number) => {
            let holds = plainly(
                scalar.clone(),
                relation.operator,
                &constant.literal,
                relation.check,
            );
            let fails = plainly(
                scalar,
                relation.inverse,
                &constant.literal,
                relation.inverse_check,
            );
            Ok(Truth::partial(holds, fails))
        }
        _ => Err(wrong_type(range)),
    }
}

fn scalars_related(a: Scalar, b: Scalar, relation: Relation, range: TextRange) -> Lowered<Truth> {
    let number = |scalar: &Scalar| scalar.kind == Kind::Number;
    if !number(&a) || !number(&b) {
        return Err(Obstacle::new(
            range,
            "only numbers are compared with each other by size",
        ));
    }
    let total = |scalar: Scalar| match scalar.absent {
        Literal::Null => scalar.term,
        absent => Term::call(
            crate::ir::Function::Coalesce,
            [scalar.term, Term::Literal(absent)],
        ),
    };
    let (a, b) = (total(a), total(b));
    let test = |operator| {
        compare(
            a.clone(),
            operator,
            Object::Term(Shared::new(b.clone())),
            CaseSensitivity::Sensitive,
        )
    };
    Ok(Truth::partial(
        test(relation.operator),
        test(relation.inverse),
    ))
}

/// `x in (a, b)`: equality with any of the items.
pub(super) fn membership(
    subject: Value,
    items: &[Value],
    case: CaseSensitivity,
    range: TextRange,
) -> Lowered<Truth> {
    if let Some(texts) = text::texts_of(items) {
        let fits = |kind| matches!(kind, Kind::Text | Kind::Unknown | Kind::Dynamic);
        return distribute(subject, &mut |value| match value {
            Value::Scalar(scalar) if !fits(scalar.kind) => Err(wrong_type(range)),
            Value::Truth(_) => Err(wrong_type(range)),
            Value::TypeName(term) => is_of_type(term, &texts, range),
            value => text::test(value, TextTest::Equals, &texts, case, range),
        });
    }
    let constants: Option<Vec<&Constant>> = items.iter().map(Value::as_constant).collect();
    let numbers = constants.filter(|constants| {
        constants
            .iter()
            .all(|constant| constant.kind == Kind::Number)
    });
    if let (Value::Scalar(scalar), Some(numbers)) = (&subject, numbers)
        && scalar.absent == Literal::Null
        && matches!(scalar.kind, Kind::Number | Kind::Unknown | Kind::Dynamic)
    {
        let list = numbers
            .iter()
            .map(|constant| constant.literal.clone())
            .collect();
        let holds = compare(
            scalar.term.clone(),
            Operator::In,
            Object::List(list),
            CaseSensitivity::Sensitive,
        );
        return Ok(Truth::total(holds));
    }
    let mut any = Truth::total(Condition::FALSE);
    for item in items {
        any = any.or(equality(subject.clone(), item, case, range)?);
    }
    Ok(any)
}
