//! Functions of lists of numbers.

use serde_json::Value;

use super::arithmetic::sign;
use super::collection::item_number;
use super::number::{Number, real_value};
use super::real::real_function;
use super::{Arguments, LARGEST};
use crate::ir::Function;

pub(super) fn call(function: Function, arguments: Arguments<'_>) -> Option<Value> {
    match function {
        Function::SeriesMap => {
            let name = arguments.text(0)?;
            let items = arguments.list(1)?.iter();
            Some(
                items
                    .map(|item| mapped(name, item).unwrap_or(Value::Null))
                    .collect(),
            )
        }
        Function::SeriesPair => pair(arguments),
        Function::SeriesFill => fill(arguments),
        Function::SeriesSeasonal => seasonal(arguments),
        Function::SeriesFilter => filtered(arguments),
        Function::SeriesFold => match statistic(arguments) {
            Some(value) => Some(value),
            None => fold(arguments).map(real_value),
        },
        _ => None,
    }
}

fn mapped(name: &str, item: &Value) -> Option<Value> {
    let number = item_number(item)?;
    match name {
        "magnitude" => Some(real_value(number.abs())),
        "sign" => Some(sign(number)),
        name => real_function(name, number, None),
    }
}

fn pair(arguments: Arguments<'_>) -> Option<Value> {
    let name = arguments.text(0)?;
    let length = |at: usize| arguments.list(at).map(<[Value]>::len);
    let longest = match (length(1), length(2)) {
        (Some(a), Some(b)) => a.max(b),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => return None,
    };
    let item = |at: usize, place: usize| match arguments.get(at)? {
        Value::Array(items) => items.get(place),
        single => Some(single),
    };
    let one = |place: usize| {
        let (a, b) = (item(1, place)?, item(2, place)?);
        let (a, b) = (number(a)?, number(b)?);
        operation(name, a, b)
    };
    Some(
        (0..longest)
            .map(|place| one(place).unwrap_or(Value::Null))
            .collect(),
    )
}

fn number(value: &Value) -> Option<Number> {
    value.is_number().then(|| Number::of(value))?
}

fn operation(name: &str, a: Number, b: Number) -> Option<Value> {
    let arithmetic = |whole: fn(i64, i64) -> i64, real: fn(f64, f64) -> f64| match (a, b) {
        (Number::Whole(a), Number::Whole(b)) => Value::from(whole(a, b)),
        (a, b) => real_value(real(a.real(), b.real())),
    };
    let (x, y) = (a.real(), b.real());
    let order = x.partial_cmp(&y);
    Some(match name {
        "plus" => arithmetic(i64::wrapping_add, |a, b| a + b),
        "minus" => arithmetic(i64::wrapping_sub, |a, b| a - b),
        "times" => arithmetic(i64::wrapping_mul, |a, b| a * b),
        "divide" => real_value(x / y),
        "pow" => real_value(x.powf(y)),
        "same" => order.is_some_and(std::cmp::Ordering::is_eq).into(),
        "different" => (!order.is_some_and(std::cmp::Ordering::is_eq)).into(),
        "less" => order.is_some_and(std::cmp::Ordering::is_lt).into(),
        "at_most" => order.is_some_and(std::cmp::Ordering::is_le).into(),
        "greater" => order.is_some_and(std::cmp::Ordering::is_gt).into(),
        "at_least" => order.is_some_and(std::cmp::Ordering::is_ge).into(),
        _ => return None,
    })
}

fn fill(arguments: Arguments<'_>) -> Option<Value> {
    let mut items = arguments.list(1)?.to_vec();
    match arguments.text(0)? {
        "const" => {
            let by = arguments.get(2)?;
            for item in items.iter_mut().filter(|item| item.is_null()) {
                *item = by.clone();
            }
        }
        "forward" => carry(items.iter_mut()),
        "backward" => carry(items.iter_mut().rev()),
        _ => return None,
    }
    Some(items.into())
}

fn carry<'a>(items: impl Iterator<Item = &'a mut Value>) {
    let mut last = Value::Null;
    for item in items {
        if item.is_null() {
            *item = last.clone();
        } else {
            last = item.clone();
        }
    }
}

/// The median of each place of a period, over and over.
fn seasonal(arguments: Arguments<'_>) -> Option<Value> {
    let items = arguments
        .list(0)?
        .iter()
        .map(item_number)
        .collect::<Option<Vec<f64>>>()?;
    let period = usize::try_from(arguments.whole(1)?)
        .ok()
        .filter(|period| *period > 0)?;
    let median = |place: usize| {
        let mut values: Vec<f64> = items.iter().skip(place).step_by(period).copied().collect();
        values.sort_by(f64::total_cmp);
        let upper = *values.get(values.len() / 2)?;
        let lower = *values.get((values.len() - 1) / 2)?;
        Some(f64::midpoint(lower, upper))
    };
    let medians: Option<Vec<f64>> = (0..period.min(items.len())).map(median).collect();
    let medians = medians?;
    let all = (0..items.len()).map(|at| real_value(medians[at % period]));
    Some(all.collect())
}

/// `a[0] y[n] = b[0] x[n] + b[1] x[n-1] + ... - a[1] y[n-1] - ...`
fn filtered(arguments: Arguments<'_>) -> Option<Value> {
    let list = |at: usize| {
        arguments
            .list(at)?
            .iter()
            .map(item_number)
            .collect::<Option<Vec<f64>>>()
    };
    let (items, forward, back) = (list(0)?, list(1)?, list(2)?);
    let first = *back.first().filter(|first| **first != 0.0)?;
    if items.len().saturating_mul(forward.len() + back.len()) > LARGEST * 16 {
        return None;
    }
    let mut results: Vec<f64> = Vec::new();
    for at in 0..items.len() {
        let sum = |factors: &[f64], values: &[f64], from: usize| {
            let places = (from..factors.len()).take_while(|place| *place <= at);
            places
                .map(|place| factors[place] * values[at - place])
                .sum::<f64>()
        };
        let result = (sum(&forward, &items, 0) - sum(&back, &results, 1)) / first;
        results.push(result);
    }
    Some(results.into_iter().map(real_value).collect())
}

fn numbers(arguments: Arguments<'_>, at: usize, length: usize) -> Option<Vec<f64>> {
    match arguments.get(at)? {
        Value::Array(items) => items.iter().map(item_number).collect(),
        single => Some(vec![item_number(single)?; length]),
    }
}

fn fold(arguments: Arguments<'_>) -> Option<f64> {
    let length = (1..3)
        .filter_map(|at| arguments.list(at))
        .map(<[Value]>::len)
        .max()?;
    let a = numbers(arguments, 1, length)?;
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let name = arguments.text(0)?;
    match name {
        "sum" => return Some(a.iter().sum()),
        "product" => return Some(a.iter().product()),
        "magnitude" => return Some(dot(&a, &a).sqrt()),
        _ => {}
    }
    let b = numbers(arguments, 2, length)?;
    if a.len() != b.len() {
        return None;
    }
    match name {
        "dot" => Some(dot(&a, &b)),
        "cosine" => Some(dot(&a, &b) / (dot(&a, &a).sqrt() * dot(&b, &b).sqrt())),
        "pearson" => Some(pearson(&a, &b)),
        _ => None,
    }
}

/// What is asked of one list, where that is no sum or product.
fn statistic(arguments: Arguments<'_>) -> Option<Value> {
    let name = arguments.text(0)?;
    let items = numbers(arguments, 1, 0)?;
    let first = |better: fn(&f64, &f64) -> bool| {
        let mut places = items.iter().enumerate();
        let start = places.next()?;
        Some(places.fold(
            start,
            |best, next| if better(next.1, best.1) { next } else { best },
        ))
    };
    let least = || first(|next, best| next < best);
    let greatest = || first(|next, best| next > best);
    #[allow(clippy::cast_precision_loss, reason = "lists are short")]
    let count = items.len() as f64;
    let mean = items.iter().sum::<f64>() / count;
    let squares = || items.iter().map(|item| (item - mean).powi(2)).sum::<f64>();
    let variance = || {
        if count > 1.0 {
            squares() / (count - 1.0)
        } else {
            0.0
        }
    };
    Some(match name {
        "min" => real_value(*least()?.1),
        "min_idx" => least()?.0.into(),
        "max" => real_value(*greatest()?.1),
        "max_idx" => greatest()?.0.into(),
        "avg" => real_value(mean),
        "variance" => real_value(variance()),
        "stdev" => real_value(variance().sqrt()),
        _ => return None,
    })
}

/// The correlation coefficient of Pearson.
fn pearson(a: &[f64], b: &[f64]) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "lists are short")]
    let count = a.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let off = |x: &[f64], y: &[f64], mean_x: f64, mean_y: f64| {
        let products = x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y));
        products.sum::<f64>()
    };
    off(a, b, mean_a, mean_b)
        / (off(a, a, mean_a, mean_a).sqrt() * off(b, b, mean_b, mean_b).sqrt())
}
