//! Lists as sets: each item once, in the order in which it comes first.

use serde_json::Value;

use super::Arguments;
use super::logic::equal;
use super::number::real_value;

fn lists(arguments: Arguments<'_>) -> Option<Vec<&[Value]>> {
    (0..arguments.0.len())
        .map(|at| arguments.list(at))
        .collect()
}

fn has(items: &[Value], wanted: &Value) -> bool {
    items.iter().any(|item| equal(item, wanted))
}

/// Whether every item of the second list stands in the first.
pub(super) fn holds_all(list: &[Value], items: &[Value]) -> bool {
    items.iter().all(|item| has(list, item))
}

fn distinct<'a>(items: impl Iterator<Item = &'a Value>) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for item in items {
        if !has(&found, item) {
            found.push(item.clone());
        }
    }
    found
}

pub(super) fn union(arguments: Arguments<'_>) -> Option<Value> {
    let lists = lists(arguments)?;
    Some(distinct(lists.into_iter().flatten()).into())
}

pub(super) fn intersection(arguments: Arguments<'_>) -> Option<Value> {
    let lists = lists(arguments)?;
    let (first, others) = lists.split_first()?;
    let shared = first
        .iter()
        .filter(|item| others.iter().all(|list| has(list, item)));
    Some(distinct(shared).into())
}

pub(super) fn difference(arguments: Arguments<'_>) -> Option<Value> {
    let lists = lists(arguments)?;
    let (first, others) = lists.split_first()?;
    let own = first
        .iter()
        .filter(|item| !others.iter().any(|list| has(list, item)));
    Some(distinct(own).into())
}

/// How many items two lists share of those that they have together.
pub(super) fn likeness(arguments: Arguments<'_>) -> Option<Value> {
    let all = union(arguments)?.as_array()?.len();
    let shared = intersection(arguments)?.as_array()?.len();
    #[allow(clippy::cast_precision_loss, reason = "lists are short")]
    let likeness = shared as f64 / all as f64;
    Some(real_value(likeness))
}
