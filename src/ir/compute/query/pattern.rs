//! Functions of regular expressions.

use regex::{Captures, Regex};
use serde_json::Value;

use super::LARGEST;
use crate::ir::compute::compiled;

/// The text without matches at its start, its end or both.
pub(super) fn trim(pattern: &str, text: &str, side: &str) -> Option<Value> {
    let mut rest = text;
    if side != "end" {
        let start = compiled(&format!("^(?:{pattern})"), false)?;
        while let Some(found) = start.find(rest).filter(|found| !found.is_empty()) {
            rest = &rest[found.end()..];
        }
    }
    if side != "start" {
        let end = compiled(&format!("(?:{pattern})$"), false)?;
        while let Some(found) = end.find(rest).filter(|found| !found.is_empty()) {
            rest = &rest[..found.start()];
        }
    }
    Some(rest.into())
}

/// Every match: the text of its only group, or the list of those of its groups or of the chosen ones.
pub(super) fn extract(text: &str, pattern: &str, chosen: Option<&Value>) -> Option<Value> {
    let regex = compiled(pattern, false)?;
    let groups = match chosen {
        Some(chosen) => chosen
            .as_array()?
            .iter()
            .map(|group| group_number(&regex, group))
            .collect::<Option<Vec<usize>>>()?,
        None => (1..regex.captures_len()).collect(),
    };
    let all: Vec<Value> = regex
        .captures_iter(text)
        .map(|captures| match groups.as_slice() {
            [only] => part(&captures, *only),
            groups => groups.iter().map(|group| part(&captures, *group)).collect(),
        })
        .collect();
    (!all.is_empty()).then_some(Value::Array(all))
}

fn group_number(regex: &Regex, group: &Value) -> Option<usize> {
    match group {
        Value::String(name) => regex
            .capture_names()
            .position(|known| known == Some(name.as_str())),
        number => usize::try_from(number.as_i64()?).ok(),
    }
}

fn part(captures: &Captures<'_>, group: usize) -> Value {
    captures.get(group).map_or("", |part| part.as_str()).into()
}

/// The text with every match replaced; `\1` stands for a group, `\\` for a backslash.
pub(super) fn replace(text: &str, pattern: &str, by: &str) -> Option<Value> {
    let regex = compiled(pattern, false)?;
    let replaced = regex.replace_all(text, |captures: &Captures<'_>| {
        let mut result = String::new();
        let mut chars = by.chars();
        while let Some(c) = chars.next() {
            match (c, c == '\\') {
                (c, false) => result.push(c),
                _ => match chars.next() {
                    Some(digit) if digit.is_ascii_digit() => {
                        let group = digit as usize - '0' as usize;
                        result.push_str(captures.get(group).map_or("", |part| part.as_str()));
                    }
                    Some(other) => result.push(other),
                    None => result.push('\\'),
                },
            }
        }
        result
    });
    (replaced.len() <= LARGEST * 64).then(|| replaced.as_ref().into())
}
