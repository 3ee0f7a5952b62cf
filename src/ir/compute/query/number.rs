//! Numbers: 64-bit integers that wrap, and IEEE 754 numbers, whose values beyond JSON are texts.

use serde_json::Value;

/// A number.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Whole(i64),
    Real(f64),
}

impl Number {
    /// The number that a value is; a truth value is none.
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => number
                .as_i64()
                .map(Self::Whole)
                .or_else(|| number.as_f64().map(Self::Real)),
            Value::String(text) => named(text).map(Self::Real),
            _ => None,
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "the nearest number is meant")]
    pub(super) fn real(self) -> f64 {
        match self {
            Self::Whole(number) => number as f64,
            Self::Real(number) => number,
        }
    }
}

/// The number that JSON has no digits for.
fn named(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// The value of a number with a fraction.
pub(super) fn real_value(number: f64) -> Value {
    match serde_json::Number::from_f64(number) {
        Some(number) => Value::Number(number),
        None if number.is_nan() => "NaN".into(),
        None if number > 0.0 => "Infinity".into(),
        None => "-Infinity".into(),
    }
}

/// The whole number that is left without the fraction.
#[allow(clippy::cast_possible_truncation, reason = "the range is checked")]
pub(super) fn truncated(number: f64) -> Option<i64> {
    (-9.223_372_036_854_775e18..9.223_372_036_854_775e18)
        .contains(&number)
        .then_some(number as i64)
}

/// The shortest decimal text that reads back as the number.
pub(super) fn real_text(number: f64) -> String {
    if !number.is_finite() {
        return plain_name(number).to_owned();
    }
    let size = number.abs();
    if size != 0.0 && !(1e-5..1e15).contains(&size) {
        let text = format!("{number:e}");
        let Some((digits, exponent)) = text.split_once('e') else {
            return text;
        };
        let (sign, exponent) = match exponent.strip_prefix('-') {
            Some(exponent) => ('-', exponent),
            None => ('+', exponent),
        };
        return format!("{digits}E{sign}{exponent:0>2}");
    }
    format!("{number:?}")
}

fn plain_name(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

/// The whole number that a text spells: decimal digits, or hexadecimal ones behind `0x`.
pub(super) fn spelled_whole(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let hexadecimal = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"));
    match hexadecimal {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            let bits = u64::from_str_radix(digits, 16).ok()?.cast_signed();
            Some(if negative { bits.wrapping_neg() } else { bits })
        }
        Some(_) => None,
        None => text.parse().ok(),
    }
}

/// The number with a fraction that a text spells.
pub(super) fn spelled_real(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    if plain {
        text.parse().ok()
    } else {
        named(text)
    }
}
