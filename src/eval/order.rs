//! The functions of lists that order or add their items.
//!
//! As in Python, a truth value counts as the number 1 or 0; texts are ordered by their code points. Items of different kinds
//! have no order, so that there is no value.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::compare::order;

/// A truth value as the number that it counts as.
fn counted(value: &Value) -> Value {
    match value {
        Value::Bool(value) => u8::from(*value).into(),
        other => other.clone(),
    }
}

/// The items, where every one has an order against every other.
fn ordered(list: &Value) -> Option<&Vec<Value>> {
    let items = list.as_array()?;
    let texts = items.iter().filter(|item| item.is_string()).count();
    let numbers = items
        .iter()
        .filter(|item| item.is_number() || item.is_boolean())
        .count();
    (items.len() < 2 || texts == items.len() || numbers == items.len()).then_some(items)
}

fn compared(a: &Value, b: &Value) -> Ordering {
    order(&counted(a), &counted(b), false).unwrap_or(Ordering::Equal)
}

/// The items from the least to the greatest.
pub(super) fn sort(list: &Value) -> Option<Value> {
    let mut items = ordered(list)?.clone();
    items.sort_by(compared);
    Some(items.into())
}

/// The second items of lists of two, in the order of the first ones.
pub(super) fn sort_pairs(list: &Value) -> Option<Value> {
    let pair = |pair: &Value| match pair.as_array()?.as_slice() {
        [key, item] => Some((key.clone(), item.clone())),
        _ => None,
    };
    let mut pairs = list
        .as_array()?
        .iter()
        .map(pair)
        .collect::<Option<Vec<_>>>()?;
    ordered(&pairs.iter().map(|(key, _)| key.clone()).collect())?;
    pairs.sort_by(|a, b| compared(&a.0, &b.0));
    Some(pairs.into_iter().map(|(_, item)| item).collect())
}

/// The whole numbers from one up to but without another.
pub(super) fn range(from: i64, to: i64) -> Option<Value> {
    let few = to.saturating_sub(from) <= 10_000;
    few.then(|| (from..to).collect())
}

/// The first of the least items.
pub(super) fn least(list: &Value) -> Option<Value> {
    let items = ordered(list)?.iter();
    items
        .reduce(|least, item| match compared(item, least) {
            Ordering::Less => item,
            _ => least,
        })
        .cloned()
}

/// The first of the greatest items.
pub(super) fn greatest(list: &Value) -> Option<Value> {
    let items = ordered(list)?.iter();
    items
        .reduce(|greatest, item| match compared(item, greatest) {
            Ordering::Greater => item,
            _ => greatest,
        })
        .cloned()
}

/// The sum of the items: a whole number where all are.
pub(super) fn sum(list: &Value) -> Option<Value> {
    let mut sum = Number::from(0);
    for item in list.as_array()? {
        let Value::Number(item) = counted(item) else {
            return None;
        };
        sum = match (sum.as_i64(), item.as_i64()) {
            (Some(a), Some(b)) => a.checked_add(b)?.into(),
            _ => Number::from_f64(sum.as_f64()? + item.as_f64()?)?,
        };
    }
    Some(sum.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn items_are_ordered_as_python_orders_them() {
        for (list, sorted, first, last) in [
            (
                json!(["b", "B", "a"]),
                json!(["B", "a", "b"]),
                json!("B"),
                json!("b"),
            ),
            (
                json!([2, true, 1, 0.5]),
                json!([0.5, true, 1, 2]),
                json!(0.5),
                json!(2),
            ),
            (json!([null]), json!([null]), json!(null), json!(null)),
        ] {
            assert_eq!(sort(&list), Some(sorted));
            assert_eq!(least(&list), Some(first));
            assert_eq!(greatest(&list), Some(last));
        }
        for list in [json!([1, "a"]), json!([null, null]), json!("ab")] {
            assert_eq!((sort(&list), least(&list)), (None, None), "{list}");
        }
        assert_eq!(greatest(&json!([])), None);
    }

    #[test]
    fn numbers_are_added() {
        for (list, expected) in [
            (json!([]), Some(json!(0))),
            (json!([1, true, 2]), Some(json!(4))),
            (json!([1, 0.5]), Some(json!(1.5))),
            (json!([1, "2"]), None),
            (json!([null]), None),
        ] {
            assert_eq!(sum(&list), expected);
        }
    }
}
