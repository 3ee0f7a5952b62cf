//! The functions that an emitted module may call; a module gets the text of those it does.
//!
//! They compute what the reference evaluator computes, and panic on no event. Each is private to the module it is written into.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use regex::Regex;
use serde_json::{Number, Value};

/// The value of a key: spelled as asked for, else the first that differs in case alone.
fn key<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let map = value.as_object()?;
    map.get(name).or_else(|| {
        let folded = name.to_lowercase();
        map.iter()
            .find(|(key, _)| key.to_lowercase() == folded)
            .map(|(_, value)| value)
    })
}

/// The value below the keys, if there is one.
fn field<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, name| key(value, name))
}

/// The value below the keys of a value that may not be there.
fn below<'v>(value: Option<&'v Value>, path: &[&str]) -> Option<&'v Value> {
    field(value?, path)
}

/// The value of a key of an object, spelled exactly so.
fn exact<'v>(value: Option<&'v Value>, name: &str) -> Option<&'v Value> {
    value?.as_object()?.get(name)
}

/// The item of a list; a negative index counts from the end.
fn item_at(value: Option<&Value>, index: i64) -> Option<&Value> {
    let items = value?.as_array()?;
    let length = i64::try_from(items.len()).ok()?;
    let at = if index < 0 { length + index } else { index };
    items.get(usize::try_from(at).ok()?)
}

/// The items of a list; none of anything else.
fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Whether some item of the list satisfies.
fn some(list: Option<&Value>, check: impl Fn(&Value) -> bool) -> bool {
    items(list).iter().any(check)
}

/// Whether the value is a list of which every item satisfies.
fn every(list: Option<&Value>, check: impl Fn(&Value) -> bool) -> bool {
    list.is_some_and(Value::is_array) && items(list).iter().all(check)
}

/// Whether exactly one item of the list satisfies.
fn exactly_one(list: Option<&Value>, check: impl Fn(&Value) -> bool) -> bool {
    items(list).iter().filter(|item| check(item)).count() == 1
}

/// The text that the value is.
fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str)
}

/// The number or text order of two values.
fn order(one: Option<&Value>, other: Option<&Value>) -> Option<Ordering> {
    match (one?, other?) {
        (Value::Number(one), Value::Number(other)) => order_of_numbers(one, other),
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        _ => None,
    }
}

fn order_of_numbers(one: &Number, other: &Number) -> Option<Ordering> {
    match (one.as_i64(), other.as_i64()) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

fn less(one: Option<&Value>, other: Option<&Value>) -> bool {
    order(one, other).is_some_and(Ordering::is_lt)
}

fn at_most(one: Option<&Value>, other: Option<&Value>) -> bool {
    order(one, other).is_some_and(Ordering::is_le)
}

fn greater(one: Option<&Value>, other: Option<&Value>) -> bool {
    order(one, other).is_some_and(Ordering::is_gt)
}

fn at_least(one: Option<&Value>, other: Option<&Value>) -> bool {
    order(one, other).is_some_and(Ordering::is_ge)
}

/// Whether two values are there and the same: numbers as numbers, anything else with its own kind.
fn equal(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (None | Some(Value::Null), _) | (_, None) => false,
        (Some(one), Some(other)) => same(one, other),
    }
}

fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            order_of_numbers(one, other) == Some(Ordering::Equal)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, one)| other.get(key).is_some_and(|other| same(one, other)))
        }
        (one, other) => one == other,
    }
}

/// Every text in the value in lower case.
fn lowercase(value: Option<&Value>) -> Option<Value> {
    value.map(|value| lowered(value))
}

fn lowered(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.to_lowercase()),
        Value::Array(items) => items.iter().map(|item| lowered(item)).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), lowered(value)))
            .collect(),
        other => other.clone(),
    }
}

/// Whether the value is one of the texts.
fn one_of(value: Option<&Value>, texts: &[&str]) -> bool {
    text(value).is_some_and(|text| texts.contains(&text))
}

fn contains(value: Option<&Value>, parts: &[&str]) -> bool {
    text(value).is_some_and(|text| parts.iter().any(|part| text.contains(part)))
}

fn starts_with(value: Option<&Value>, prefixes: &[&str]) -> bool {
    text(value).is_some_and(|text| prefixes.iter().any(|prefix| text.starts_with(prefix)))
}

fn ends_with(value: Option<&Value>, suffixes: &[&str]) -> bool {
    text(value).is_some_and(|text| suffixes.iter().any(|suffix| text.ends_with(suffix)))
}

/// Whether the text holds one of the terms, as Kusto's `has` reads them: between characters that are no part of a term.
fn has_term(value: Option<&Value>, terms: &[&str]) -> bool {
    text(value).is_some_and(|text| terms.iter().any(|term| has_one_term(text, term)))
}

fn has_one_term(text: &str, term: &str) -> bool {
    let in_term = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii();
    let (Some(first), Some(last)) = (term.chars().next(), term.chars().next_back()) else {
        return true;
    };
    // Occurrences may overlap: the second `a-a` of `xa-a-a` is the one that stands alone.
    let mut starts = text
        .char_indices()
        .map(|(at, _)| at)
        .filter(|at| text[*at..].starts_with(term));
    starts.any(|at| {
        let before = text[..at].chars().next_back();
        let after = text[at + term.len()..].chars().next();
        let joins = |edge: char, beside: Option<char>| in_term(edge) && beside.is_some_and(in_term);
        !joins(first, before) && !joins(last, after)
    })
}

/// Whether the whole text follows one of the patterns: `*` any run, `?` one character, a backslash makes the next plain.
fn wildcard(value: Option<&Value>, patterns: &[&str]) -> bool {
    text(value).is_some_and(|text| {
        let text: Vec<char> = text.chars().collect();
        patterns.iter().any(|pattern| follows(&text, pattern))
    })
}

fn follows(text: &[char], pattern: &str) -> bool {
    let mut steps: Vec<(char, bool)> = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        steps.push(match c {
            '\\' => (chars.next().unwrap_or('\\'), false),
            c => (c, matches!(c, '*' | '?')),
        });
    }
    let (mut at, mut step) = (0, 0);
    // Where to go on after the last `*` if what follows it does not fit.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match steps.get(step) {
            Some(('*', true)) => {
                star = Some((at, step));
                step += 1;
            }
            Some((wanted, special)) if *special || *wanted == text[at] => {
                at += 1;
                step += 1;
            }
            _ => {
                let Some((from, back)) = star else {
                    return false;
                };
                star = Some((from + 1, back));
                at = from + 1;
                step = back + 1;
            }
        }
    }
    steps[step..].iter().all(|step| *step == ('*', true))
}

/// Whether the regular expression matches somewhere in the text.
fn finds(value: Option<&Value>, pattern: &Regex) -> bool {
    text(value).is_some_and(|text| pattern.is_match(text))
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern was checked when it was written")
}

/// The address that a text is; an IPv6 address may carry a scope.
fn address(text: &str) -> Option<IpAddr> {
    if let Some((address, scope)) = text.split_once('%') {
        return (!scope.is_empty() && !scope.contains('%'))
            .then(|| address.parse::<Ipv6Addr>().ok())
            .flatten()
            .map(IpAddr::V6);
    }
    text.parse().ok()
}

fn is_ip(value: Option<&Value>) -> bool {
    text(value).is_some_and(|text| address(text).is_some())
}

/// Whether the text is an address in one of the networks, each an address and how many of its bits count.
fn in_network(value: Option<&Value>, networks: &[(&str, u32)]) -> bool {
    text(value)
        .and_then(|text| address(text))
        .is_some_and(|found| {
            networks
                .iter()
                .any(|(network, bits)| match (found, network.parse()) {
                    (IpAddr::V4(found), Ok(IpAddr::V4(network))) => {
                        let differing = found.to_bits() ^ network.to_bits();
                        differing.leading_zeros() >= *bits
                    }
                    (IpAddr::V6(found), Ok(IpAddr::V6(network))) => {
                        let differing = found.to_bits() ^ network.to_bits();
                        differing.leading_zeros() >= *bits
                    }
                    _ => false,
                })
        })
}

fn is_present(value: Option<&Value>) -> bool {
    value.is_some_and(|value| !value.is_null())
}

fn is_filled(value: Option<&Value>) -> bool {
    value.is_some_and(|value| !value.is_null() && value != "")
}

/// Whether Python takes the value for true.
fn is_truthy(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(value)) => *value,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
    }
}

fn is_integer(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value.is_i64() || value.is_u64())
}

fn integer(value: Option<&Value>) -> Option<i64> {
    value.and_then(Value::as_i64)
}

fn lower(value: Option<&Value>) -> Option<Value> {
    Some(text(value)?.to_lowercase().into())
}

fn upper(value: Option<&Value>) -> Option<Value> {
    Some(text(value)?.to_uppercase().into())
}

/// The number of characters, items or keys.
fn length(value: Option<&Value>) -> Option<Value> {
    match value? {
        Value::String(text) => Some(text.chars().count().into()),
        Value::Array(items) => Some(items.len().into()),
        Value::Object(map) => Some(map.len().into()),
        _ => None,
    }
}

/// The text form: a text is itself, null is empty, anything else is its JSON.
fn form(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn concat(values: &[Option<&Value>]) -> Option<Value> {
    let texts: String = values.iter().flatten().map(|value| form(value)).collect();
    Some(texts.into())
}

fn to_text(value: Option<&Value>) -> Option<Value> {
    Some(form(value.filter(|value| !value.is_null())?).into())
}

/// The texts anywhere in a value and the text forms of its numbers, as a list.
fn texts_in(value: &Value) -> Option<Value> {
    let mut found = Vec::new();
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => found.push(number.to_string().into()),
            Value::String(_) => found.push(value.clone()),
            Value::Array(items) => waiting.extend(items.iter().rev()),
            Value::Object(map) => waiting.extend(map.values().rev()),
        }
    }
    Some(Value::Array(found))
}

/// The number that a text spells, or the number itself.
fn to_number(value: Option<&Value>) -> Option<Value> {
    match value? {
        Value::Number(number) => Some(Value::Number(number.clone())),
        Value::String(text) => {
            let text = text.trim();
            text.parse::<i64>()
                .map(Value::from)
                .or_else(|_| text.parse::<f64>().map(Value::from))
                .ok()
        }
        _ => None,
    }
}

/// The first value that is not null.
fn coalesce(values: &[Option<&Value>]) -> Option<Value> {
    values
        .iter()
        .flatten()
        .find(|value| !value.is_null())
        .map(|value| (*value).clone())
}

/// The first value if it is there, be it null; else the second.
fn if_missing(value: Option<&Value>, default: Option<&Value>) -> Option<Value> {
    value.or(default).cloned()
}

/// The value that a text spells in JSON; an object or a list is itself.
fn parse_json(value: Option<&Value>) -> Option<Value> {
    match value? {
        Value::String(text) => serde_json::from_str(text).ok(),
        value @ (Value::Object(_) | Value::Array(_)) => Some(value.clone()),
        _ => None,
    }
}

fn member<'v>(value: Option<&'v Value>, name: Option<&Value>) -> Option<&'v Value> {
    key(value?, text(name)?)
}

fn member_exact<'v>(value: Option<&'v Value>, name: Option<&Value>) -> Option<&'v Value> {
    exact(value, text(name)?)
}

fn split(value: Option<&Value>, separator: Option<&Value>) -> Option<Value> {
    let (text, separator) = (text(value)?, text(separator)?);
    (!separator.is_empty()).then(|| text.split(separator).collect())
}

/// The part of a text from a character position, of a length or to the end.
fn substring(
    value: Option<&Value>,
    start: Option<&Value>,
    length: Option<&Value>,
) -> Option<Value> {
    let start = usize::try_from(integer(start)?).ok()?;
    let rest = text(value)?.chars().skip(start);
    let part: String = match length {
        Some(length) => rest.take(usize::try_from(length.as_i64()?).ok()?).collect(),
        None => rest.collect(),
    };
    Some(part.into())
}

/// The character position of the first match, or -1.
fn index_of(value: Option<&Value>, pattern: &Regex) -> Option<Value> {
    let text = text(value)?;
    Some(pattern.find(text).map_or_else(
        || Value::from(-1),
        |found| text[..found.start()].chars().count().into(),
    ))
}

fn replace(value: Option<&Value>, old: Option<&Value>, new: Option<&Value>) -> Option<Value> {
    Some(text(value)?.replace(text(old)?, text(new)?).into())
}

/// The group of the first match; the empty text without a match.
fn extract(value: Option<&Value>, pattern: &Regex, group: usize) -> Option<Value> {
    let found = pattern
        .captures(text(value)?)
        .and_then(|captures| captures.get(group));
    Some(found.map_or("", |found| found.as_str()).into())
}

/// The value, or null where there is none.
fn or_null(value: Option<&Value>) -> Value {
    value.cloned().unwrap_or(Value::Null)
}

/// The list of what is taken of a list's items, those left out of which nothing is.
fn gather(list: Option<&Value>, take: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    Some(list?.as_array()?.iter().filter_map(take).collect())
}

/// What is taken of the first item of a list; of values within it each is looked at once.
fn recurse(
    list: Option<&Value>,
    take: impl Fn(&Value, &RefCell<BTreeMap<String, Option<Value>>>) -> Option<Value>,
) -> Option<Value> {
    take(list?.as_array()?.first()?, &RefCell::default())
}

/// The same of a value within, at most 150 levels down.
fn again(
    value: Option<&Value>,
    level: usize,
    known: &RefCell<BTreeMap<String, Option<Value>>>,
    take: impl Fn(&Value, usize) -> Option<Value>,
) -> Option<Value> {
    let value = or_null(value);
    let text = value.to_string();
    if let Some(taken) = known.borrow().get(&text) {
        return taken.clone();
    }
    if level == 150 {
        return None;
    }
    let taken = take(&value, level + 1);
    known.borrow_mut().insert(text, taken.clone());
    taken
}

/// What an alert says: the text form of a value that is there and not null.
fn shown(value: Option<&Value>) -> Option<String> {
    value
        .filter(|value| !value.is_null())
        .map(|value| form(value))
}

#[cfg(test)]
mod tests;
