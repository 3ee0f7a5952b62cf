//! Arithmetic of whole numbers and of numbers with a fraction; a truth value is 1 or 0.
//!
//! Whole numbers stay whole; a result that does not fit into 64 bits is the nearest number with a fraction. A division by
//! zero, and a result that is no number, are missing.

use std::cmp::Ordering;

use serde_json::Value;

/// A number as it is computed with.
#[derive(Clone, Copy)]
enum Number {
    Whole(i64),
    Real(f64),
}

impl Number {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(Self::Whole(i64::from(*value))),
            Value::Number(number) => number
                .as_i64()
                .map(Self::Whole)
                .or_else(|| number.as_f64().map(Self::Real)),
            _ => None,
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "the nearest number is meant")]
    fn real(self) -> f64 {
        match self {
            Self::Whole(number) => number as f64,
            Self::Real(number) => number,
        }
    }
}

/// A number with a fraction; missing where it is not finite.
fn real(number: f64) -> Option<Value> {
    serde_json::Number::from_f64(number).map(Value::Number)
}

fn arithmetic(
    a: &Value,
    b: &Value,
    whole: impl Fn(i64, i64) -> Option<i64>,
    fraction: impl Fn(f64, f64) -> f64,
) -> Option<Value> {
    let (a, b) = (Number::of(a)?, Number::of(b)?);
    let result = match (a, b) {
        (Number::Whole(a), Number::Whole(b)) => whole(a, b),
        _ => None,
    };
    match result {
        Some(result) => Some(result.into()),
        None => real(fraction(a.real(), b.real())),
    }
}

pub(super) fn add(a: &Value, b: &Value) -> Option<Value> {
    arithmetic(a, b, i64::checked_add, |a, b| a + b)
}

pub(super) fn subtract(a: &Value, b: &Value) -> Option<Value> {
    arithmetic(a, b, i64::checked_sub, |a, b| a - b)
}

pub(super) fn multiply(a: &Value, b: &Value) -> Option<Value> {
    arithmetic(a, b, i64::checked_mul, |a, b| a * b)
}

pub(super) fn divide(a: &Value, b: &Value) -> Option<Value> {
    let b = Number::of(b)?.real();
    if b == 0.0 {
        return None;
    }
    real(Number::of(a)?.real() / b)
}

pub(super) fn floor_divide(a: &Value, b: &Value) -> Option<Value> {
    if Number::of(b)?.real() == 0.0 {
        return None;
    }
    arithmetic(a, b, floor_quotient, |a, b| {
        let quotient = (a - remainder(a, b)) / b;
        // The division may round down to just below the whole number that it is.
        if quotient == 0.0 {
            0.0_f64.copysign(a / b)
        } else if quotient - quotient.floor() > 0.5 {
            quotient.floor() + 1.0
        } else {
            quotient.floor()
        }
    })
}

pub(super) fn modulo(a: &Value, b: &Value) -> Option<Value> {
    if Number::of(b)?.real() == 0.0 {
        return None;
    }
    let whole = |a: i64, b: i64| {
        Some(a.checked_rem(b).map_or(0, |rest| {
            if rest != 0 && (rest < 0) != (b < 0) {
                rest + b
            } else {
                rest
            }
        }))
    };
    arithmetic(a, b, whole, remainder)
}

fn floor_quotient(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    Some(if a % b != 0 && ((a < 0) != (b < 0)) {
        quotient - 1
    } else {
        quotient
    })
}

/// The remainder with the divisor's sign.
fn remainder(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest == 0.0 {
        0.0_f64.copysign(b)
    } else if (rest < 0.0) == (b < 0.0) {
        rest
    } else {
        rest + b
    }
}

pub(super) fn absolute(value: &Value) -> Option<Value> {
    match Number::of(value)? {
        Number::Whole(number) => number.checked_abs().map(Value::from),
        Number::Real(number) => real(number.abs()),
    }
}

/// Without a number of digits to the nearest whole number, else to so many digits; halves go to the even side.
pub(super) fn round(value: &Value, digits: Option<&Value>) -> Option<Value> {
    let number = Number::of(value)?;
    match (number, digits) {
        (Number::Whole(number), None | Some(Value::Null)) => Some(number.into()),
        (Number::Real(number), None | Some(Value::Null)) => whole(number.round_ties_even()),
        (Number::Whole(number), Some(digits)) => {
            (digits.as_i64()? >= 0).then(|| Value::from(number))
        }
        (Number::Real(number), Some(digits)) => {
            let digits = usize::try_from(digits.as_i64()?).ok()?;
            // The decimal form is exact and rounds halves to even, as the number itself lies.
            real(
                format!("{number:.digits$}", digits = digits.min(330))
                    .parse()
                    .ok()?,
            )
        }
    }
}

/// The whole number that is left without the fraction.
pub(super) fn truncate(value: &Value) -> Option<Value> {
    match Number::of(value)? {
        Number::Whole(number) => Some(number.into()),
        Number::Real(number) => whole(number.trunc()),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the range is checked")]
fn whole(number: f64) -> Option<Value> {
    if (-9.2e18..9.2e18).contains(&number) {
        Some(Value::from(number as i64))
    } else {
        real(number)
    }
}

pub(super) fn bits(a: &Value, b: &Value, operation: fn(i64, i64) -> i64) -> Option<Value> {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => {
            Some(Value::Bool(operation(i64::from(*a), i64::from(*b)) != 0))
        }
        _ => match (Number::of(a)?, Number::of(b)?) {
            (Number::Whole(a), Number::Whole(b)) => Some(operation(a, b).into()),
            _ => None,
        },
    }
}

/// Equality that takes `true` for 1 and `false` for 0, also within lists and objects.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        _ => match (Number::of(a), Number::of(b)) {
            (Some(Number::Whole(a)), Some(Number::Whole(b))) => a == b,
            (Some(a), Some(b)) => a.real().partial_cmp(&b.real()) == Some(Ordering::Equal),
            _ => a == b,
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn results_are_pythons() {
        let check = |found: Option<Value>, expected: Value| {
            assert_eq!(
                found.map(|value| value.to_string()),
                Some(expected.to_string())
            );
        };
        check(floor_divide(&json!(-7), &json!(2)), json!(-4));
        check(floor_divide(&json!(7.5), &json!(-2)), json!(-4.0));
        check(floor_divide(&json!(0.3), &json!(0.1)), json!(2.0));
        check(modulo(&json!(-7), &json!(3)), json!(2));
        check(modulo(&json!(7.5), &json!(-2)), json!(-0.5));
        check(divide(&json!(4), &json!(2)), json!(2.0));
        check(round(&json!(2.5), None), json!(2));
        check(round(&json!(2.675), Some(&json!(2))), json!(2.67));
        check(round(&json!(0.125), Some(&json!(2))), json!(0.12));
        check(truncate(&json!(-1.9)), json!(-1));
        check(absolute(&json!(-1.5)), json!(1.5));
        check(multiply(&json!(true), &json!(3)), json!(3));
        assert_eq!(divide(&json!(1), &json!(0)), None);
        assert_eq!(modulo(&json!(1), &json!(0.0)), None);
        assert!(equal(&json!([1, {"a": true}]), &json!([true, {"a": 1.0}])));
    }
}
