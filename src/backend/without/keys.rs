//! What is asked of an event's keys and values as a list, and the functions of which a missing argument decides the value.

use serde_json::Value as Json;

use crate::eval;
use crate::ir::{Condition, Function, Object, Predicate, Segment, Term};

/// What a condition on a pair of a key and its value says of every pair with the key, if that decides.
pub(in crate::backend) fn by_key(when: &Condition, key: &str) -> Option<bool> {
    match when {
        Condition::All(parts) => joined(parts, key, false),
        Condition::Any(parts) => joined(parts, key, true),
        Condition::Not(inner) => by_key(inner, key).map(|holds| !holds),
        Condition::Test(predicate) => {
            let Term::Item { depth: 0, path } = &predicate.subject else {
                return None;
            };
            if path.segments.as_slice() != [Segment::Index(0)]
                || matches!(predicate.object, Object::Term(_))
            {
                return None;
            }
            let asked = Predicate {
                subject: Term::text(key),
                ..predicate.as_ref().clone()
            };
            Some(eval::holds(&asked.into(), &nothing()))
        }
        Condition::Items { .. } => None,
    }
}

fn joined(parts: &[Condition], key: &str, any: bool) -> Option<bool> {
    let mut known = Some(!any);
    for part in parts {
        match by_key(part, key) {
            Some(holds) if holds == any => return Some(any),
            Some(_) => {}
            None => known = None,
        }
    }
    known
}

/// Whether it is a list of the event's keys and their values, or a part of one.
pub(in crate::backend) fn is_of_keys(list: &Term) -> bool {
    match list {
        Term::Call {
            function: Function::Entries,
            arguments,
        } => matches!(arguments.as_ref(), [Term::Field(path)] if path.segments.is_empty()),
        Term::Call {
            function: Function::Slice,
            arguments,
        } => arguments.first().is_some_and(is_of_keys),
        _ => false,
    }
}

/// Whether a missing first argument makes the function's value a missing one.
pub(in crate::backend) fn is_strict(function: Function) -> bool {
    matches!(
        function,
        Function::Lower
            | Function::Upper
            | Function::Trim
            | Function::Length
            | Function::ToText
            | Function::ToNumber
            | Function::ParseJson
            | Function::Member
            | Function::MemberExact
            | Function::Item
            | Function::Split
            | Function::Substring
            | Function::Replace
            | Function::Add
            | Function::Subtract
            | Function::Append
            | Function::Slice
            | Function::Distinct
            | Function::Join
            | Function::Keys
            | Function::Entries
            | Function::Numbered
            | Function::Flatten
            | Function::Sort
            | Function::TrimStart
            | Function::TrimEnd
            | Function::TitleCase
            | Function::Capitalize
    )
}

/// An event without any field.
pub(in crate::backend) fn nothing() -> Json {
    Json::Object(serde_json::Map::new())
}
