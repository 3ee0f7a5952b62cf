//! Functions of regular expressions in the dialect of the `regex` crate.
//!
//! Of a pattern that can match the empty text, dialects take different matches; frontends do not use these functions with one.

use std::cell::RefCell;
use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};
use serde_json::Value;

/// Compiled patterns that are kept.
const KEPT: usize = 500;

/// Compiled patterns, by whether case counts.
type Compiled = [BTreeMap<String, Option<Regex>>; 2];

thread_local! {
    /// The patterns that were compiled last: compiling takes far longer than matching, and a rule is asked of many events.
    static COMPILED: RefCell<Compiled> = RefCell::default();
}

/// The compiled pattern; nothing where it is none.
pub(crate) fn compiled(pattern: &str, ignore_case: bool) -> Option<Regex> {
    COMPILED.with_borrow_mut(|compiled| {
        let kept = &mut compiled[usize::from(ignore_case)];
        if let Some(found) = kept.get(pattern) {
            return found.clone();
        }
        if kept.len() >= KEPT {
            kept.clear();
        }
        let mut builder = RegexBuilder::new(pattern);
        let regex = builder.case_insensitive(ignore_case).build().ok();
        kept.insert(pattern.to_owned(), regex.clone());
        regex
    })
}

/// The text of a group of the first match; missing where there is none, or the group takes no part in it.
pub(super) fn group(text: &str, pattern: &str, group: &Value) -> Option<Value> {
    let captures = compiled(pattern, false)?.captures(text)?;
    let found = match group {
        Value::String(name) => captures.name(name),
        number => captures.get(usize::try_from(number.as_i64()?).ok()?),
    };
    Some(found?.as_str().into())
}

/// Every match from left to right: its text, or that of the only group, or the list of those of the groups.
pub(super) fn find_all(text: &str, pattern: &str) -> Option<Value> {
    let regex = compiled(pattern, false)?;
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
    let regex = compiled(pattern, false)?;
    Some(regex.replace_all(text, replacement).as_ref().into())
}

/// The parts between the matches.
pub(super) fn split(text: &str, pattern: &str) -> Option<Value> {
    Some(compiled(pattern, false)?.split(text).collect())
}
