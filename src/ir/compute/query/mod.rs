//! The functions of query languages with static types: what they give for values.
//!
//! A missing value and `null` are one. Points in time and spans are whole numbers of ticks; a number with a fraction that JSON
//! does not have is its name as a text. Invariant: nothing here panics, and no result is larger than a bounded multiple of the
//! arguments, else it is missing.

mod arithmetic;
mod calendar;
mod coding;
mod collection;
mod digest;
mod format;
mod geography;
mod logic;
mod moment;
mod network;
mod number;
mod object;
mod path;
mod pattern;
mod punycode;
mod real;
mod record;
mod search;
mod series;
mod set;
mod spell;
#[cfg(test)]
mod tests;
mod url;
mod wording;
mod xml;

use serde_json::Value;

use crate::ir::{
    Function, arithmetic_function, coding_function, collection_function, geography_function,
    logic_function, moment_function, network_function, series_function, wording_function,
};

pub use spell::{moment_text, span_text};

/// How many characters or items a result that is made by repetition has at most.
const LARGEST: usize = 1 << 20;

/// The values that a function was called with; a missing one is `null`.
#[derive(Clone, Copy)]
pub(super) struct Arguments<'a>(pub(super) &'a [&'a Value]);

impl<'a> Arguments<'a> {
    /// The argument that is there and not `null`.
    fn get(self, at: usize) -> Option<&'a Value> {
        self.0.get(at).copied().filter(|value| !value.is_null())
    }

    fn text(self, at: usize) -> Option<&'a str> {
        self.get(at)?.as_str()
    }

    fn whole(self, at: usize) -> Option<i64> {
        self.get(at)?.as_i64()
    }

    fn list(self, at: usize) -> Option<&'a [Value]> {
        self.get(at)?.as_array().map(Vec::as_slice)
    }

    /// The whole number, or another one where the argument is left out or `null`.
    fn whole_or(self, at: usize, otherwise: i64) -> Option<i64> {
        match self.get(at) {
            Some(value) => value.as_i64(),
            None => Some(otherwise),
        }
    }

    fn flag(self, at: usize) -> bool {
        self.get(at) == Some(&Value::Bool(true))
    }
}

/// The function's result; `None` where it is missing, or the function is none of these.
pub(crate) fn call(function: Function, arguments: &[&Value]) -> Option<Value> {
    let arguments = Arguments(arguments);
    match function {
        logic_function!() => logic::call(function, arguments),
        arithmetic_function!() => arithmetic::call(function, arguments),
        moment_function!() => moment::call(function, arguments),
        wording_function!() => wording::call(function, arguments),
        collection_function!() => collection::call(function, arguments),
        network_function!() => network::call(function, arguments),
        coding_function!() => coding::call(function, arguments),
        series_function!() => series::call(function, arguments),
        geography_function!() => geography::call(function, arguments),
        _ => None,
    }
}

/// The text form of a value: a text is itself, `null` is empty, a list or object its JSON without blanks.
pub(super) fn plain_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Number(number) => match number.as_f64() {
            Some(real) if number.is_f64() => number::real_text(real),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

/// A position that counts from the end where it is negative; nothing before the start.
fn position(at: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let at = if at < 0 { at.checked_add(length)? } else { at };
    usize::try_from(at).ok()
}
