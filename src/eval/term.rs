//! The functions: one term and one event to values.

use std::borrow::Cow;

use serde_json::Value;

use super::Scope;
use super::container;
use super::field::{item, key, lookup};
use super::order;
use super::walk::Walk;
use crate::ir::compute::{compiled, compute, compute_query, trim};
use crate::ir::{Condition, Function, Term, query_function};

impl Scope<'_> {
    /// Every value of the term: none where it is missing, several where a path goes through every item of a list.
    pub(super) fn values<'s>(&'s self, term: &'s Term) -> Vec<Cow<'s, Value>> {
        match term {
            Term::Field(path) => lookup(self.event, &path.segments)
                .into_iter()
                .map(Cow::Borrowed)
                .collect(),
            Term::Item { depth, path } => {
                let item = self
                    .items
                    .len()
                    .checked_sub(depth + 1)
                    .and_then(|at| self.items.get(at));
                let found = item.map_or_else(Vec::new, |item| lookup(item, &path.segments));
                found.into_iter().map(Cow::Borrowed).collect()
            }
            Term::Literal(literal) => vec![Cow::Owned(literal.to_json())],
            Term::Call {
                function: Function::Recurse,
                arguments,
            } => self
                .recurse(arguments)
                .into_iter()
                .map(Cow::Owned)
                .collect(),
            Term::Call {
                function: Function::Again,
                arguments,
            } => self.again(arguments).into_iter().map(Cow::Owned).collect(),
            Term::Call {
                function,
                arguments,
            } => self
                .call(*function, arguments)
                .into_iter()
                .map(Cow::Owned)
                .collect(),
            Term::Choice { cases, otherwise } => {
                let case = cases.iter().find(|case| self.holds(&case.when));
                self.values(case.map_or(otherwise.as_ref(), |case| &case.then))
            }
            Term::Select { list, when, item } => self
                .select(list, when, item)
                .into_iter()
                .map(Cow::Owned)
                .collect(),
            // One event is its own group: aggregates over it are its value.
            Term::Aggregate {
                argument: Some(argument),
                ..
            } => self.values(argument),
            Term::Aggregate { argument: None, .. } => vec![Cow::Owned(Value::from(1))],
        }
    }

    /// The list of what is taken of the items; nothing where there is no list.
    fn select(&self, list: &Term, when: &Condition, item: &Term) -> Option<Value> {
        let lists = self.values(list);
        let items = lists.first()?.as_array()?;
        let taken = items.iter().filter_map(|current| {
            let inner = self.with_item(current.clone());
            let taken = inner
                .holds(when)
                .then(|| inner.values(item).into_iter().next());
            taken.map(|value| value.map_or(Value::Null, Cow::into_owned))
        });
        Some(taken.collect())
    }

    /// The function over every combination of its arguments' values; a missing argument takes part as one missing value.
    fn call(&self, function: Function, arguments: &[Term]) -> Vec<Value> {
        if function == Function::ScanTime {
            return self.scan_time.map(Value::from).into_iter().collect();
        }
        if function == Function::Anywhere {
            let mut found = Vec::new();
            container::leaves(self.event, &mut found);
            return found;
        }
        let mut rows: Vec<Vec<Option<Cow<'_, Value>>>> = vec![Vec::new()];
        for argument in arguments {
            let values = self.values(argument);
            let choices: Vec<Option<Cow<'_, Value>>> = if values.is_empty() {
                vec![None]
            } else {
                values.into_iter().map(Some).collect()
            };
            rows = rows
                .into_iter()
                .flat_map(|row| {
                    choices.iter().map(move |choice| {
                        let mut row = row.clone();
                        row.push(choice.clone());
                        row
                    })
                })
                .collect();
        }
        rows.iter()
            .filter_map(|row| apply(function, &Arguments(row)))
            .collect()
    }
}

/// The values a function was called with, some of them missing.
struct Arguments<'r, 'v>(&'r [Option<Cow<'v, Value>>]);

impl Arguments<'_, '_> {
    fn get(&self, at: usize) -> Option<&Value> {
        self.0.get(at)?.as_deref()
    }

    /// All of them, a missing one as `null`.
    fn all(&self) -> Vec<&Value> {
        let values = self.0.iter();
        values
            .map(|value| value.as_deref().unwrap_or(&Value::Null))
            .collect()
    }

    fn text(&self, at: usize) -> Option<&str> {
        self.get(at)?.as_str()
    }

    fn integer(&self, at: usize) -> Option<i64> {
        self.get(at)?.as_i64()
    }
}

fn apply(function: Function, arguments: &Arguments<'_, '_>) -> Option<Value> {
    match function {
        Function::Lower => Some(arguments.text(0)?.to_lowercase().into()),
        Function::Upper => Some(arguments.text(0)?.to_uppercase().into()),
        Function::Trim => Some(trim(arguments.text(0)?).into()),
        Function::Length => length(arguments.get(0)?),
        Function::Concat => Some(
            arguments
                .0
                .iter()
                .flatten()
                .map(|value| text_of(value))
                .collect::<String>()
                .into(),
        ),
        Function::ToText => {
            Some(text_of(arguments.get(0).filter(|value| !value.is_null())?).into())
        }
        Function::ToNumber => to_number(arguments.get(0)?),
        Function::Coalesce => arguments
            .0
            .iter()
            .flatten()
            .find(|value| !value.is_null())
            .map(|value| value.as_ref().clone()),
        Function::IfMissing => arguments.get(0).or(arguments.get(1)).cloned(),
        Function::ParseJson => match arguments.get(0)? {
            Value::String(text) => serde_json::from_str(text).ok(),
            value @ (Value::Object(_) | Value::Array(_)) => Some(value.clone()),
            _ => None,
        },
        Function::Member => key(arguments.get(0)?, arguments.text(1)?).cloned(),
        Function::MemberExact => arguments
            .get(0)?
            .as_object()?
            .get(arguments.text(1)?)
            .cloned(),
        Function::Item => item(arguments.get(0)?.as_array()?, arguments.integer(1)?).cloned(),
        Function::Split => {
            let (text, separator) = (arguments.text(0)?, arguments.text(1)?);
            if separator.is_empty() {
                None
            } else {
                Some(text.split(separator).collect())
            }
        }
        Function::Substring => substring(arguments),
        Function::IndexOfRegex => {
            let (text, pattern) = (arguments.text(0)?, compiled(arguments.text(1)?, false)?);
            Some(pattern.find(text).map_or_else(
                || Value::from(-1),
                |found| text[..found.start()].chars().count().into(),
            ))
        }
        Function::Replace => Some(
            arguments
                .text(0)?
                .replace(arguments.text(1)?, arguments.text(2)?)
                .into(),
        ),
        Function::Extract => {
            let (text, pattern) = (arguments.text(0)?, compiled(arguments.text(1)?, false)?);
            let group = usize::try_from(arguments.integer(2)?).ok()?;
            let found = pattern
                .captures(text)
                .and_then(|captures| captures.get(group));
            Some(found.map_or("", |found| found.as_str()).into())
        }
        Function::List => Some(container::list(&arguments.all())),
        Function::Object => container::object(&arguments.all()),
        Function::Append => container::append(&arguments.all()),
        Function::Slice => container::slice(arguments.get(0)?, arguments.get(1), arguments.get(2)),
        Function::Distinct => container::distinct(arguments.get(0)?),
        Function::Join => container::join(arguments.get(0)?, arguments.text(1)?),
        Function::Walk => walk(arguments),
        // They bind a value or ask the scope, so they are no functions of values.
        Function::Recurse | Function::Again | Function::ScanTime | Function::Anywhere => None,
        Function::Keys => container::keys(arguments.get(0)?),
        Function::Entries => container::entries(arguments.get(0)?),
        Function::FromEntries => container::from_entries(arguments.get(0)?),
        Function::Characters => container::characters(arguments.get(0)?),
        Function::Spread => Some(container::spread(
            arguments.get(0),
            arguments.get(1) == Some(&Value::Bool(true)),
        )),
        Function::Flatten => container::flatten(arguments.get(0)?),
        Function::Position => container::position(arguments.get(0)?, arguments.get(1)?),
        Function::Numbered => container::numbered(arguments.get(0)?),
        Function::Pairs => container::pairs(arguments.get(0)?, arguments.get(1)?),
        Function::Latest => container::latest(arguments.get(0)?),
        Function::Reverse => container::reverse(arguments.get(0)?),
        Function::Sort => order::sort(arguments.get(0)?),
        Function::SortPairs => order::sort_pairs(arguments.get(0)?),
        Function::Range => order::range(arguments.integer(0)?, arguments.integer(1)?),
        Function::Sum => order::sum(arguments.get(0)?),
        Function::Least => order::least(arguments.get(0)?),
        Function::Greatest => order::greatest(arguments.get(0)?),
        Function::Each => arguments.get(0).cloned(),
        Function::Display
        | Function::DisplayEvent
        | Function::Quoted
        | Function::Format
        | Function::TrimStart
        | Function::TrimEnd
        | Function::TitleCase
        | Function::Capitalize
        | Function::SwapCase
        | Function::CaseFold
        | Function::IndexOf
        | Function::LastIndexOf
        | Function::CountOf
        | Function::Words
        | Function::Lines
        | Function::SplitFirst
        | Function::SplitLast
        | Function::Group
        | Function::FindAll
        | Function::ReplaceRegex
        | Function::SplitRegex
        | Function::ShellWords
        | Function::Encode
        | Function::Decode
        | Function::Base64Decode
        | Function::Similarity
        | Function::PercentDecode
        | Function::UrlPart
        | Function::QueryValues
        | Function::Address
        | Function::FirstAddress
        | Function::LastAddress
        | Function::Add
        | Function::Subtract
        | Function::Multiply
        | Function::Divide
        | Function::FloorDivide
        | Function::Modulo
        | Function::Absolute
        | Function::Round
        | Function::Truncate
        | Function::BitAnd
        | Function::BitOr
        | Function::BitXor
        | Function::ReadTime
        | Function::GuessTime
        | Function::TimeOfSeconds
        | Function::TimePart => compute(function, &arguments.all()),
        query_function!() => compute_query(function, &arguments.all()),
    }
}

/// The arguments of `walk`: an object, keys, a default, and which of several values.
fn walk(arguments: &Arguments<'_, '_>) -> Option<Value> {
    let keys: Option<Vec<&str>> = arguments
        .get(1)?
        .as_array()?
        .iter()
        .map(Value::as_str)
        .collect();
    let walk = Walk {
        default: arguments.get(2).unwrap_or(&Value::Null),
        which: arguments.text(3)?,
    };
    walk.below(arguments.get(0).unwrap_or(&Value::Null), &keys?)
}

fn length(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => Some(text.chars().count().into()),
        Value::Array(items) => Some(items.len().into()),
        Value::Object(map) => Some(map.len().into()),
        _ => None,
    }
}

fn substring(arguments: &Arguments<'_, '_>) -> Option<Value> {
    let (text, start) = (
        arguments.text(0)?,
        usize::try_from(arguments.integer(1)?).ok()?,
    );
    let rest = text.chars().skip(start);
    let part: String = match arguments.get(2) {
        Some(length) => rest.take(usize::try_from(length.as_i64()?).ok()?).collect(),
        None => rest.collect(),
    };
    Some(part.into())
}

fn to_number(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
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

/// The text form of a value: a text is itself, `null` is empty, everything else is its JSON.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Python's truth of a value.
pub(super) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}
