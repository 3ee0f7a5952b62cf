//! Comparisons and the logic of three values.

use std::cmp::Ordering;

use serde_json::Value;

use super::number::Number;
use super::{Arguments, plain_text};
use crate::ir::Function;
use crate::ir::compute::compiled;

pub(super) fn call(function: Function, arguments: Arguments<'_>) -> Option<Value> {
    let all = arguments.0;
    Some(match function {
        Function::Same => return same(all.first()?, all.get(1)?).map(Value::Bool),
        Function::Precedes => Value::Bool(order(arguments)? == Some(Ordering::Less)),
        Function::PrecedesOrIs => {
            Value::Bool(matches!(order(arguments)?, Some(found) if found.is_le()))
        }
        Function::Negation => Value::Bool(!arguments.get(0)?.as_bool()?),
        Function::Conjunction => return joined(all, false),
        Function::Disjunction => return joined(all, true),
        Function::IsAbsent => arguments.get(0).is_none().into(),
        Function::OneOf => one_of(arguments).into(),
        Function::TextTest => text_test(arguments).into(),
        Function::MatchesPattern => arguments
            .text(0)
            .zip(compiled(arguments.text(1)?, false))
            .is_some_and(|(text, pattern)| pattern.is_match(text))
            .into(),
        Function::LeastOf => return extreme(all, Ordering::Less),
        Function::GreatestOf => return extreme(all, Ordering::Greater),
        Function::FirstFilled => {
            let filled = all.iter().find(|value| !value.is_null() && **value != "");
            filled.map_or_else(|| "".into(), |value| (*value).clone())
        }
        Function::TypeName => type_name(all.first()?).into(),
        _ => return None,
    })
}

/// Whether two values are equal; not where one is `null`, and unknown where both are.
pub(super) fn same(a: &Value, b: &Value) -> Option<bool> {
    if a.is_null() && b.is_null() {
        return None;
    }
    Some(equal(a, b))
}

/// Equality of values, numbers by their size.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(_), Value::Number(_)) => compare(a, b) == Some(Ordering::Equal),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}

/// The order of two values of one kind.
pub(super) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => match (Number::of(a)?, Number::of(b)?) {
            (Number::Whole(a), Number::Whole(b)) => Some(a.cmp(&b)),
            (a, b) => a.real().partial_cmp(&b.real()),
        },
    }
}

/// The order of the first two arguments; nothing where one is missing.
#[allow(
    clippy::option_option,
    reason = "two values without an order are not the same as a missing one"
)]
fn order(arguments: Arguments<'_>) -> Option<Option<Ordering>> {
    Some(compare(arguments.get(0)?, arguments.get(1)?))
}

/// `or` where `decides` is true, else `and`.
fn joined(all: &[&Value], decides: bool) -> Option<Value> {
    if all.iter().any(|value| **value == Value::Bool(decides)) {
        return Some(decides.into());
    }
    let known = all.iter().all(|value| value.is_boolean());
    known.then_some((!decides).into())
}

fn one_of(arguments: Arguments<'_>) -> bool {
    let (Some(value), Some(items)) = (arguments.get(0), arguments.list(1)) else {
        return false;
    };
    match value.as_str().filter(|_| arguments.flag(2)) {
        Some(text) => {
            let text = text.to_lowercase();
            let mut texts = items.iter().filter_map(Value::as_str);
            texts.any(|item| item.to_lowercase() == text)
        }
        None => items.iter().any(|item| equal(value, item)),
    }
}

fn text_test(arguments: Arguments<'_>) -> bool {
    let (Some(text), Some(wanted), Some(how)) =
        (arguments.text(0), arguments.get(1), arguments.text(2))
    else {
        return false;
    };
    let folded;
    let fold = arguments.flag(3);
    let text = if fold {
        folded = text.to_lowercase();
        &folded
    } else {
        text
    };
    let holds = |item: &Value| {
        let item = plain_text(item);
        one_test(text, &if fold { item.to_lowercase() } else { item }, how)
    };
    match wanted {
        Value::Array(items) if how == "every_term" => items.iter().all(holds),
        Value::Array(items) => items.iter().any(holds),
        wanted => holds(wanted),
    }
}

fn one_test(text: &str, wanted: &str, how: &str) -> bool {
    match how {
        "contains" => text.contains(wanted),
        "starts" => text.starts_with(wanted),
        "ends" => text.ends_with(wanted),
        "term" | "every_term" => has_term(text, wanted, true, true),
        "term_start" => has_term(text, wanted, true, false),
        "term_end" => has_term(text, wanted, false, true),
        _ => false,
    }
}

/// Whether a text stands somewhere with the border of a term before it and behind it, where these are asked for.
pub(super) fn has_term(text: &str, wanted: &str, before: bool, behind: bool) -> bool {
    let (Some(first), Some(last)) = (wanted.chars().next(), wanted.chars().next_back()) else {
        return true;
    };
    let mut starts = text.char_indices().filter(|(_, c)| *c == first);
    starts.any(|(at, _)| {
        let Some(rest) = text[at..].strip_prefix(wanted) else {
            return false;
        };
        let joined = |edge: char, beside: Option<char>| {
            edge.is_alphanumeric() && beside.is_some_and(char::is_alphanumeric)
        };
        let opens = !before || !joined(first, text[..at].chars().next_back());
        opens && (!behind || !joined(last, rest.chars().next()))
    })
}

fn extreme(all: &[&Value], side: Ordering) -> Option<Value> {
    let mut there = all.iter().filter(|value| !value.is_null());
    let mut best: &Value = there.next()?;
    for value in there {
        if compare(value, best)? == side {
            best = value;
        }
    }
    Some(best.clone())
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "double",
        Value::Number(_) => "long",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "dictionary",
    }
}
