//! Functions of regular expressions in the dialect of the `regex` crate.
//!
//! Of a pattern that can match the empty text, dialects take different matches; frontends do not use these functions with one.

use regex::Regex;
use serde_json::Value;

/// The text of a group of the first match; missing where there is none, or the group takes no part in it.
pub(super) fn group(text: &str, pattern: &str, group: &Value) -> Option<Value> {
    let captures = Regex::new(pattern).ok()?.captures(text)?;
    let found = match group {
        Value::String(name) => captures.name(name),
        number => captures.get(usize::try_from(number.as_i64()?).ok()?),
    };
    Some(found?.as_str().into())
}

/// Every match from left to right: its text, or that of the only group, or the list of those of the groups.
pub(super) fn find_all(text: &str, pattern: &str) -> Option<Value> {
    let regex = Regex::new(pattern).ok()?;
    let groups = regex.captures_len() - 1;
    let all = regex.captures_iter(text).map(|captures| {
        let part = |at: usize| Value::from(captures.get(at).map_or("", |part| part.as_str()));
        match groups {
            0 => part(0),
            1 => part(1),
            _ => (1..=groups).map(part).collect(),
        }
    });
    Some(all.collect())
}

/// The text with every match replaced; `$1`, `${name}` stand for groups and `$$` for itself.
pub(super) fn replace(text: &str, pattern: &str, replacement: &str) -> Option<Value> {
    let regex = Regex::new(pattern).ok()?;
    Some(regex.replace_all(text, replacement).as_ref().into())
}

/// The parts between the matches.
pub(super) fn split(text: &str, pattern: &str) -> Option<Value> {
    Some(Regex::new(pattern).ok()?.split(text).collect())
}
