//! Arithmetic, conversions to numbers, and bits.

use serde_json::Value;

use super::Arguments;
use super::number::{Number, real_value, spelled_real, spelled_whole, truncated};
use super::real::real_function;
use crate::ir::Function;

pub(super) fn call(function: Function, arguments: Arguments<'_>) -> Option<Value> {
    let number = |at: usize| Number::of(arguments.get(at)?);
    let bits = |operation: fn(i64, u32) -> i64| {
        let places = u32::try_from(arguments.whole(1)?.rem_euclid(64)).ok()?;
        Some(operation(arguments.whole(0)?, places).into())
    };
    match function {
        Function::Plus => combined(arguments, |a, b| Some(a.wrapping_add(b)), |a, b| a + b),
        Function::Minus => combined(arguments, |a, b| Some(a.wrapping_sub(b)), |a, b| a - b),
        Function::Times => combined(arguments, |a, b| Some(a.wrapping_mul(b)), |a, b| a * b),
        Function::Quotient => combined(
            arguments,
            |a, b| (b != 0).then(|| a.wrapping_div(b)),
            |a, b| a / b,
        ),
        Function::Remainder => combined(
            arguments,
            |a, b| (b != 0).then(|| a.wrapping_rem_euclid(b)),
            f64::rem_euclid,
        ),
        Function::Opposite => Some(match number(0)? {
            Number::Whole(number) => number.wrapping_neg().into(),
            Number::Real(number) => real_value(-number),
        }),
        Function::MultipleBelow => multiple_below(arguments),
        Function::WholeNumber => whole_number(arguments.get(0)?).map(Value::from),
        Function::ShortNumber => {
            let number = whole_number(arguments.get(0)?)?;
            i32::try_from(number).ok().map(Value::from)
        }
        Function::RealNumber => real_number(arguments.get(0)?).map(real_value),
        Function::TruthValue => truth_value(arguments.get(0)?).map(Value::Bool),
        Function::Magnitude => Some(match number(0)? {
            Number::Whole(number) => number.wrapping_abs().into(),
            Number::Real(number) => real_value(number.abs()),
        }),
        Function::Sign => Some(sign(number(0)?.real())),
        Function::RoundAway => round_away(number(0)?.real(), arguments.whole_or(1, 0)?),
        Function::RealFunction => {
            let second = match arguments.0.get(2) {
                Some(_) => Some(number(2)?.real()),
                None => None,
            };
            real_function(arguments.text(0)?, number(1)?.real(), second)
        }
        Function::ShiftLeft => bits(|number, places| number << places),
        Function::ShiftRight => bits(|number, places| number >> places),
        Function::BitInverse => Some((!arguments.whole(0)?).into()),
        Function::BitCount => Some(arguments.whole(0)?.count_ones().into()),
        Function::Hexadecimal => hexadecimal(arguments),
        _ => None,
    }
}

fn combined(
    arguments: Arguments<'_>,
    whole: fn(i64, i64) -> Option<i64>,
    fraction: fn(f64, f64) -> f64,
) -> Option<Value> {
    let (a, b) = (
        Number::of(arguments.get(0)?)?,
        Number::of(arguments.get(1)?)?,
    );
    match (a, b) {
        (Number::Whole(a), Number::Whole(b)) => whole(a, b).map(Value::from),
        (a, b) => Some(real_value(fraction(a.real(), b.real()))),
    }
}

pub(super) fn sign(number: f64) -> Value {
    if number > 0.0 {
        1.into()
    } else if number < 0.0 {
        (-1).into()
    } else {
        0.into()
    }
}

fn multiple_below(arguments: Arguments<'_>) -> Option<Value> {
    let (value, step) = (
        Number::of(arguments.get(0)?)?,
        Number::of(arguments.get(1)?)?,
    );
    let from = match arguments.0.get(2) {
        Some(_) => Number::of(arguments.get(2)?)?,
        None => Number::Whole(0),
    };
    if let (Number::Whole(value), Number::Whole(step), Number::Whole(from)) = (value, step, from) {
        let distance = value.wrapping_sub(from);
        return (step > 0).then(|| value.wrapping_sub(distance.rem_euclid(step)).into());
    }
    let (value, step, from) = (value.real(), step.real(), from.real());
    (step > 0.0).then(|| real_value(((value - from) / step).floor() * step + from))
}

fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(value) => Some(i64::from(*value)),
        Value::String(text) => spelled_whole(text),
        value => match Number::of(value)? {
            Number::Whole(number) => Some(number),
            Number::Real(number) => truncated(number),
        },
    }
}

pub(super) fn real_number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::String(text) => spelled_real(text),
        value => Some(Number::of(value)?.real()),
    }
}

fn truth_value(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            other => other.parse::<i64>().ok().map(|number| number != 0),
        },
        value => Some(Number::of(value)?.real() != 0.0),
    }
}

fn round_away(number: f64, digits: i64) -> Option<Value> {
    let digits = i32::try_from(digits.clamp(-400, 400)).ok()?;
    let scale = 10_f64.powi(digits.abs());
    let rounded = if digits >= 0 {
        (number * scale).round() / scale
    } else {
        (number / scale).round() * scale
    };
    // A scale beyond the range leaves a number that has no further digits as it is.
    Some(real_value(if rounded.is_finite() {
        rounded
    } else {
        number
    }))
}

fn hexadecimal(arguments: Arguments<'_>) -> Option<Value> {
    let number = arguments.whole(0)?;
    let least = usize::try_from(arguments.whole_or(1, 0)?.clamp(0, 64)).ok()?;
    let text = format!("{number:x}");
    let text = match text.char_indices().nth_back(least.saturating_sub(1)) {
        Some((at, _)) if number < 0 && least > 0 => text[at..].to_owned(),
        _ => format!("{text:0>least$}"),
    };
    Some(text.into())
}
