//! Functions of constants, as Kusto computes them; `None` where the result is not a plain constant.

use crate::ir::compute::found;
use crate::ir::{Function, Literal, uncommon_function};

/// The result of the function for these arguments.
pub(super) fn call(function: Function, arguments: &[Literal]) -> Option<Literal> {
    let text = |at: usize| arguments.get(at).and_then(Literal::as_text);
    let integer = |at: usize| match arguments.get(at) {
        Some(Literal::Integer(value)) => Some(*value),
        _ => None,
    };
    Some(match function {
        Function::Lower => Literal::text(text(0)?.to_lowercase()),
        Function::Upper => Literal::text(text(0)?.to_uppercase()),
        Function::Trim => Literal::text(text(0)?.trim()),
        Function::Length => length(arguments.first()?)?,
        Function::Concat => Literal::Text(arguments.iter().map(text_of).collect()),
        Function::ToText => Literal::Text(text_of(arguments.first()?)),
        Function::ToNumber => number(arguments.first()?),
        Function::Coalesce => arguments
            .iter()
            .find(|literal| **literal != Literal::Null)
            .cloned()
            .unwrap_or(Literal::Null),
        Function::ParseJson => parse_json(arguments.first()?),
        Function::Member => match arguments.first()? {
            Literal::Object(map) => map.get(text(1)?).cloned().unwrap_or(Literal::Null),
            _ => Literal::Null,
        },
        Function::Item => match arguments.first()? {
            Literal::List(items) => item(items, integer(1)?).unwrap_or(Literal::Null),
            _ => Literal::Null,
        },
        Function::Split => Literal::List(
            text(0)?
                .split(separator(text(1)?)?)
                .map(Literal::text)
                .collect(),
        ),
        Function::Substring => substring(
            text(0)?,
            integer(1)?,
            match arguments.get(2) {
                None => i64::MAX,
                Some(_) => integer(2)?,
            },
        )?,
        Function::IndexOfRegex => index_of(text(0)?, text(1)?)?,
        Function::Replace => Literal::Text(text(0)?.replace(separator(text(1)?)?, text(2)?)),
        Function::Extract => extract(text(0)?, text(1)?, integer(2)?)?,
        Function::Add => arithmetic(arguments, i64::checked_add, |a, b| a + b)?,
        Function::Subtract => arithmetic(arguments, i64::checked_sub, |a, b| a - b)?,
        uncommon_function!() => return None,
        Function::IfMissing | Function::Each | Function::MemberExact => {
            return None;
        }
    })
}

fn separator(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The text form of a constant; null is the empty text.
pub(super) fn text_of(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => text.clone(),
        Literal::Null => String::new(),
        other => other.to_string(),
    }
}

fn length(literal: &Literal) -> Option<Literal> {
    let length = match literal {
        Literal::Text(text) => text.chars().count(),
        Literal::List(items) => items.len(),
        _ => return Some(Literal::Null),
    };
    i64::try_from(length).ok().map(Literal::Integer)
}

fn number(literal: &Literal) -> Literal {
    match literal {
        Literal::Integer(_) | Literal::Float(_) => literal.clone(),
        Literal::Boolean(value) => Literal::Integer(i64::from(*value)),
        Literal::Text(text) => {
            let text = text.trim();
            let whole = text.parse().map(Literal::Integer);
            whole
                .or_else(|_| text.parse().map(Literal::Float))
                .unwrap_or(Literal::Null)
        }
        _ => Literal::Null,
    }
}

fn parse_json(literal: &Literal) -> Literal {
    match literal {
        Literal::Text(text) => {
            serde_json::from_str(text).map_or(Literal::Null, |value| Literal::from_json(&value))
        }
        other => other.clone(),
    }
}

fn item(items: &[Literal], index: i64) -> Option<Literal> {
    let length = i64::try_from(items.len()).ok()?;
    let at = if index < 0 {
        length.checked_add(index)?
    } else {
        index
    };
    items.get(usize::try_from(at).ok()?).cloned()
}

fn substring(text: &str, start: i64, length: i64) -> Option<Literal> {
    let rest = text.chars().skip(usize::try_from(start).ok()?);
    let length = usize::try_from(length).ok()?;
    Some(Literal::Text(rest.take(length).collect()))
}

fn index_of(text: &str, pattern: &str) -> Option<Literal> {
    let found = found(pattern, text, |regex| regex.find(text)).ok()?;
    let at = found.map(|found| text[..found.start()].chars().count());
    Some(Literal::Integer(
        at.map_or(Some(-1), |at| i64::try_from(at).ok())?,
    ))
}

fn extract(text: &str, pattern: &str, group: i64) -> Option<Literal> {
    let captures = found(pattern, text, |regex| regex.captures(text)).ok()?;
    let group = usize::try_from(group).ok()?;
    let found = captures.as_ref().and_then(|captures| captures.get(group));
    Some(Literal::text(found.map_or("", |found| found.as_str())))
}

fn arithmetic(
    arguments: &[Literal],
    whole: fn(i64, i64) -> Option<i64>,
    real: fn(f64, f64) -> f64,
) -> Option<Literal> {
    match arguments {
        [Literal::Integer(a), Literal::Integer(b)] => whole(*a, *b).map(Literal::Integer),
        [Literal::Null, _] | [_, Literal::Null] => Some(Literal::Null),
        [a, b] => Some(Literal::Float(real(as_real(a)?, as_real(b)?))),
        _ => None,
    }
}

/// The number as a real one.
#[allow(
    clippy::cast_precision_loss,
    reason = "Kusto converts whole numbers to real ones in the same way"
)]
pub(super) fn as_real(literal: &Literal) -> Option<f64> {
    match literal {
        Literal::Integer(value) => Some(*value as f64),
        Literal::Float(value) => Some(*value),
        _ => None,
    }
}
