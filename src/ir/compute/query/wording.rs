//! Functions of texts.

use serde_json::Value;

use super::number::{Number, real_text};
use super::{
    Arguments, LARGEST, object, path, pattern, plain_text, position, record, search, url, xml,
};
use crate::ir::Function;

pub(super) fn call(function: Function, arguments: Arguments<'_>) -> Option<Value> {
    Some(match function {
        Function::PlainText => plain_text(arguments.0.first()?).into(),
        Function::RealText => match arguments.get(0) {
            Some(number) => real_text(Number::of(number)?.real()).into(),
            None => "".into(),
        },
        Function::TextPart => text_part(arguments)?,
        Function::Parts => parts(arguments)?,
        Function::IndexWithin => search::index_within(arguments)?,
        Function::IndexOfPattern => search::index_of_pattern(arguments)?,
        Function::FirstHeld => search::first_held(arguments)?,
        Function::CountWithin => search::count_within(arguments)?,
        Function::Repeat => repeat(arguments)?,
        Function::Reversed => arguments.text(0)?.chars().rev().collect::<String>().into(),
        Function::Translate => {
            translate(arguments.text(0)?, arguments.text(1)?, arguments.text(2)?).into()
        }
        Function::TrimPattern => {
            pattern::trim(arguments.text(0)?, arguments.text(1)?, arguments.text(2)?)?
        }
        Function::Substitute => {
            substitute(arguments.text(0)?, arguments.text(1)?, arguments.text(2)?).into()
        }
        Function::SubstituteEach => substitute_each(arguments)?,
        Function::ExtractGroups => {
            pattern::extract(arguments.text(0)?, arguments.text(1)?, arguments.get(2))?
        }
        Function::ReplaceMatches => {
            pattern::replace(arguments.text(0)?, arguments.text(1)?, arguments.text(2)?)?
        }
        Function::QuotePattern => regex::escape(arguments.text(0)?).into(),
        Function::CompareTexts => (arguments.text(0)?.cmp(arguments.text(1)?) as i8).into(),
        Function::ByteLength => arguments.text(0)?.len().into(),
        Function::CodePoints => arguments.text(0)?.chars().map(u32::from).collect(),
        Function::FromCodePoints => from_code_points(arguments)?,
        Function::ReadJson => read_json(arguments.get(0)?)?,
        Function::JsonPath => object::below(arguments.get(0)?, arguments.text(1)?)?,
        Function::SortedJson => object::sorted(arguments.get(0)?).to_string().into(),
        Function::CsvRecord => record::csv(arguments.text(0)?),
        Function::CommandWords => record::command_words(arguments.text(0)?),
        Function::ReadXml => xml::read(arguments.text(0)?)?,
        Function::UrlParts => url::parts(arguments.text(0)?),
        Function::QueryParts => url::query_parts(arguments.text(0)?),
        Function::PathParts => path::parts(arguments.text(0)?),
        _ => return None,
    })
}

fn text_part(arguments: Arguments<'_>) -> Option<Value> {
    let text = arguments.text(0)?;
    let length = text.chars().count();
    let start = position(arguments.whole(1)?, length).unwrap_or_default();
    let rest = text.chars().skip(start);
    let part: String = match arguments.0.get(2) {
        Some(_) => match usize::try_from(arguments.whole(2)?) {
            Ok(count) => rest.take(count).collect(),
            Err(_) => rest.collect(),
        },
        None => rest.collect(),
    };
    Some(part.into())
}

fn parts(arguments: Arguments<'_>) -> Option<Value> {
    let (text, separator) = (arguments.text(0)?, arguments.text(1)?);
    let parts: Vec<&str> = if separator.is_empty() {
        vec![text]
    } else {
        text.split(separator).collect()
    };
    if arguments.0.get(2).is_none() {
        return Some(parts.into_iter().collect());
    }
    let at = usize::try_from(arguments.whole(2)?).ok()?;
    Some(vec![Value::from(*parts.get(at)?)].into())
}

fn repeat(arguments: Arguments<'_>) -> Option<Value> {
    let text = arguments.text(0)?;
    let times = usize::try_from(arguments.whole(1)?.clamp(0, 1_024)).ok()?;
    let between = match arguments.0.get(2) {
        Some(_) => arguments.text(2)?,
        None => "",
    };
    let fits = (text.len() + between.len()).saturating_mul(times) <= LARGEST;
    fits.then(|| vec![text; times].join(between).into())
}

fn translate(from: &str, to: &str, text: &str) -> String {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let replaced = text.chars().filter_map(|c| {
        let at = from.iter().position(|known| *known == c);
        at.map_or(Some(c), |at| to.get(at).or(to.last()).copied())
    });
    replaced.collect()
}

fn substitute(text: &str, wanted: &str, by: &str) -> String {
    if wanted.is_empty() || text.len().saturating_mul(by.len().max(1)) > LARGEST * 64 {
        text.to_owned()
    } else {
        text.replace(wanted, by)
    }
}

/// Each place is replaced once, by the first item that stands there; what has no text to be replaced by stays.
fn substitute_each(arguments: Arguments<'_>) -> Option<Value> {
    let text = arguments.text(0)?;
    let by = |at: usize| match arguments.get(2)? {
        Value::Array(items) => items.get(at)?.as_str(),
        single => single.as_str(),
    };
    let wanted: Vec<(&str, Option<&str>)> = arguments
        .list(1)?
        .iter()
        .enumerate()
        .filter_map(|(at, item)| Some((item.as_str().filter(|item| !item.is_empty())?, by(at))))
        .collect();
    let mut result = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let found = wanted.iter().find(|(wanted, _)| rest.starts_with(wanted));
        let taken = if let Some((wanted, by)) = found {
            result.push_str(by.unwrap_or(wanted));
            wanted.len()
        } else {
            result.push(c);
            c.len_utf8()
        };
        if result.len() > LARGEST * 64 {
            return None;
        }
        rest = &rest[taken..];
    }
    Some(result.into())
}

fn from_code_points(arguments: Arguments<'_>) -> Option<Value> {
    let mut text = String::new();
    for argument in arguments.0 {
        let points = match argument {
            Value::Array(items) => items.as_slice(),
            single => std::slice::from_ref(*single),
        };
        for point in points {
            text.push(char::from_u32(u32::try_from(point.as_i64()?).ok()?)?);
        }
    }
    Some(text.into())
}

fn read_json(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => match serde_json::from_str(text) {
            Ok(Value::Null) => None,
            Ok(value) => Some(value),
            Err(_) => Some(value.clone()),
        },
        other => Some(other.clone()),
    }
}
