//! Functions of lists and objects.

use std::cmp::Ordering;

use serde_json::Value;

use super::arithmetic::real_number;
use super::number::{Number, real_value};
use super::{Arguments, LARGEST, logic, object, plain_text, position, search, set, spell};
use crate::ir::Function;

pub(super) fn call(function: Function, arguments: Arguments<'_>) -> Option<Value> {
    Some(match function {
        Function::ListLength => arguments.list(0)?.len().into(),
        Function::ListSlice => slice(arguments)?,
        Function::Rotate => rotate(arguments.list(0)?, arguments.whole(1)?)?,
        Function::Shift => shift(arguments)?,
        Function::SplitAt => split_at(arguments.list(0)?, arguments.get(1)?)?,
        Function::SortItems => sort(arguments)?,
        Function::SortBy => sort_by(arguments)?,
        Function::ListIndex => search::list_index(arguments)?,
        Function::ListSum => {
            let numbers = arguments.list(0)?.iter();
            let sum = numbers
                .map(|item| Some(Number::of(item)?.real()))
                .sum::<Option<f64>>();
            real_value(sum?)
        }
        Function::ListChoice => choice(arguments)?,
        Function::JoinItems => match arguments.list(0) {
            Some(items) => {
                let texts: Vec<String> = items.iter().map(plain_text).collect();
                texts.join(arguments.text(1)?).into()
            }
            None => "".into(),
        },
        Function::Union => set::union(arguments)?,
        Function::Intersection => set::intersection(arguments)?,
        Function::Difference => set::difference(arguments)?,
        Function::HasItem => {
            let wanted = arguments.0.get(1)?;
            let items = arguments.list(0)?;
            items.iter().any(|item| logic::equal(item, wanted)).into()
        }
        Function::Likeness => set::likeness(arguments)?,
        Function::SameItems => {
            let (a, b) = (arguments.list(0)?, arguments.list(1)?);
            (set::holds_all(a, b) && set::holds_all(b, a)).into()
        }
        Function::Repeated => {
            let count = usize::try_from(arguments.whole(1)?).ok()?;
            let item = *arguments.0.first()?;
            let size = size(item).saturating_mul(count);
            (size <= LARGEST).then(|| vec![item.clone(); count].into())?
        }
        Function::Zip => zip(arguments)?,
        Function::Steps => steps(arguments)?,
        Function::MergeObjects => object::merge(arguments.0)?,
        Function::ObjectHas => object::has(arguments.get(0)?, arguments.text(1)?)?.into(),
        Function::WithoutKeys => object::without(arguments.get(0)?, arguments.list(1)?)?,
        Function::WithKey => {
            object::with(arguments.get(0)?, arguments.text(1)?, arguments.0.get(2)?)?
        }
        Function::ZipObject => object::zip(arguments.list(0)?, arguments.list(1)?),
        Function::TreePaths => object::paths(arguments.get(0)?)?,
        _ => return None,
    })
}

/// The items from one position to another, both included.
fn slice(arguments: Arguments<'_>) -> Option<Value> {
    let list = arguments.list(0)?;
    let length = i64::try_from(list.len()).ok()?;
    let place = |at: i64| {
        if at < 0 {
            at.saturating_add(length)
        } else {
            at
        }
    };
    let from = place(arguments.whole(1)?).max(0);
    let to = place(arguments.whole(2)?).min(length - 1);
    if from > to {
        return Some(Value::Array(Vec::new()));
    }
    let (from, to) = (usize::try_from(from).ok()?, usize::try_from(to).ok()?);
    Some(list.get(from..=to)?.to_vec().into())
}

fn rotate(list: &[Value], places: i64) -> Option<Value> {
    let mut items = list.to_vec();
    if !items.is_empty() {
        let length = i64::try_from(items.len()).ok()?;
        items.rotate_left(usize::try_from(places.rem_euclid(length)).ok()?);
    }
    Some(items.into())
}

fn shift(arguments: Arguments<'_>) -> Option<Value> {
    let list = arguments.list(0)?;
    let fill = *arguments.0.get(2)?;
    let places = arguments.whole(1)?;
    let item = |at: usize| {
        let from = i64::try_from(at).ok()?.checked_add(places)?;
        list.get(usize::try_from(from).ok()?)
    };
    let shifted = (0..list.len()).map(|at| item(at).unwrap_or(fill).clone());
    Some(shifted.collect())
}

fn split_at(list: &[Value], places: &Value) -> Option<Value> {
    let places = match places {
        Value::Array(places) => places.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut parts = Vec::new();
    let mut from = 0;
    for place in places {
        let to = position(place.as_i64()?, list.len()).unwrap_or(0);
        let to = to.min(list.len()).max(from);
        parts.push(Value::from(list[from..to].to_vec()));
        from = to;
    }
    parts.push(list[from..].to_vec().into());
    Some(parts.into())
}

fn sort(arguments: Arguments<'_>) -> Option<Value> {
    let list = arguments.list(0)?;
    let nulls_last = arguments.get(2) != Some(&Value::Bool(false));
    let order = order(list, arguments.flag(1), nulls_last)?;
    Some(order.into_iter().map(|at| list[at].clone()).collect())
}

fn sort_by(arguments: Arguments<'_>) -> Option<Value> {
    let (list, by) = (arguments.list(0)?, arguments.list(1)?);
    let order = order(by, arguments.flag(2), true)?;
    let items = order.into_iter().map(|at| list.get(at).cloned());
    (list.len() == by.len()).then(|| items.collect::<Option<Value>>())?
}

/// The positions of the items in order: numbers before texts, or truth values alone.
fn order(list: &[Value], descending: bool, nulls_last: bool) -> Option<Vec<usize>> {
    let rank = |item: &Value| match item {
        Value::Number(_) => Some(0),
        Value::String(_) => Some(1),
        _ => None,
    };
    let (nulls, mut places): (Vec<usize>, Vec<usize>) =
        (0..list.len()).partition(|at| list[*at].is_null());
    let truths = places.iter().all(|at| list[*at].is_boolean());
    if !truths && places.iter().any(|at| rank(&list[*at]).is_none()) {
        return None;
    }
    places.sort_by(|a, b| {
        let (a, b) = (&list[*a], &list[*b]);
        let kinds = rank(a).cmp(&rank(b));
        let order = kinds.then_with(|| logic::compare(a, b).unwrap_or(Ordering::Equal));
        if descending { order.reverse() } else { order }
    });
    let (front, back) = if nulls_last {
        (places, nulls)
    } else {
        (nulls, places)
    };
    Some(front.into_iter().chain(back).collect())
}

fn choice(arguments: Arguments<'_>) -> Option<Value> {
    let chosen = |at: usize, place: usize| {
        let value = *arguments.0.get(at)?;
        Some(match value {
            Value::Array(items) => items.get(place).cloned().unwrap_or(Value::Null),
            single => single.clone(),
        })
    };
    let conditions = arguments.list(0)?.iter().enumerate();
    conditions
        .map(|(place, condition)| {
            let holds = match condition {
                Value::Bool(holds) => *holds,
                Value::Number(number) => number.as_f64() != Some(0.0),
                _ => return Some(Value::Null),
            };
            chosen(if holds { 1 } else { 2 }, place)
        })
        .collect()
}

fn zip(arguments: Arguments<'_>) -> Option<Value> {
    let lists: Option<Vec<&[Value]>> = (0..arguments.0.len())
        .map(|at| arguments.list(at))
        .collect();
    let lists = lists?;
    let longest = lists.iter().map(|list| list.len()).max()?;
    let row = |at: usize| {
        let items = lists
            .iter()
            .map(|list| list.get(at).cloned().unwrap_or(Value::Null));
        items.collect::<Value>()
    };
    Some((0..longest).map(row).collect())
}

fn steps(arguments: Arguments<'_>) -> Option<Value> {
    let number = |at: usize| Number::of(arguments.get(at)?);
    let (from, to, step) = (number(0)?, number(1)?, number(2)?);
    let how = arguments.text(3)?;
    let mut items = Vec::new();
    if let (Number::Whole(mut next), Number::Whole(to), Number::Whole(step)) = (from, to, step) {
        while step != 0 && (if step > 0 { next <= to } else { next >= to }) {
            if items.len() >= LARGEST {
                return None;
            }
            items.push(match how {
                "moment" => spell::moment_text(next).into(),
                "span" => spell::span_text(next).into(),
                _ => next.into(),
            });
            next = next.checked_add(step)?;
        }
        return (step != 0).then(|| items.into());
    }
    let (from, to, step) = (from.real(), to.real(), step.real());
    let count = ((to - from) / step).floor();
    #[allow(clippy::cast_precision_loss, reason = "the bound is small")]
    if !count.is_finite() || count >= LARGEST as f64 {
        return None;
    }
    let mut at = 0.0;
    while at <= count {
        items.push(real_value(from + at * step));
        at += 1.0;
    }
    Some(items.into())
}

/// How many values a value has in it, itself included.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// The number that an item of a list is.
pub(super) fn item_number(item: &Value) -> Option<f64> {
    item.is_number().then(|| real_number(item))?
}
