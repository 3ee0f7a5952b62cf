//! Functions of texts whose arguments are more than values.

use super::call::Called;
use super::convert::{as_number, as_text};
use super::{Kind, Lowered, Typed, call as apply, word};
use crate::frontend::sentinel::query::text::require_regex;
use crate::ir::compute::compiled;
use crate::ir::{CaseSensitivity, Function, Literal, Term};
use crate::syntax::kql::ast::ScalarType;

/// The value, if the function is one of these.
pub(super) fn call(called: Called<'_, '_>) -> Option<Lowered<Typed>> {
    Some(match called.name {
        "strcat" => concat(called, 0),
        "strcat_delim" => concat(called, 1),
        "extract" => extract(called),
        "extract_all" | "extractall" => extract_all(called),
        "replace" | "replace_regex" => replace(called),
        "indexof_regex" => index_of(called),
        "countof" => count_of(called),
        "trim" => trim(called, "both"),
        "trim_start" => trim(called, "start"),
        "trim_end" => trim(called, "end"),
        "split" => split(called),
        "parse_json" | "parsejson" | "todynamic" | "toobject" => json(called),
        "extractjson" | "extract_json" => json_path(called),
        "parse_command_line" => command_line(called),
        "tohex" => hexadecimal(called),
        "hash_md5" => digest(called, "md5"),
        "hash_sha1" => digest(called, "sha1"),
        "hash_sha256" => digest(called, "sha256"),
        "hash" | "hash_xxhash64" => hash(called),
        _ => return None,
    })
}

fn text_at(called: Called<'_, '_>, at: usize) -> Lowered<Term> {
    as_text(called.typed(at)?, called.range)
}

/// The argument as a constant regular expression.
fn pattern(called: Called<'_, '_>, at: usize) -> Lowered<Term> {
    let pattern = called.word(at)?;
    require_regex(&pattern, CaseSensitivity::Sensitive, called.range)?;
    Ok(Term::text(pattern))
}

fn of_text(term: Term) -> Typed {
    Typed::new(term, Kind::Text)
}

/// The texts one after the other, with the first argument between where there is a delimiter.
fn concat(called: Called<'_, '_>, from: usize) -> Lowered<Typed> {
    let delimiter = if from == 1 {
        Some(text_at(called, 0)?)
    } else {
        None
    };
    let mut parts: Vec<Term> = Vec::new();
    for at in from..called.count() {
        parts.extend(delimiter.clone().filter(|_| at > from));
        parts.push(text_at(called, at)?);
    }
    let texts: Option<Vec<&str>> = parts
        .iter()
        .map(|part| part.as_literal().and_then(Literal::as_text))
        .collect();
    Ok(of_text(match texts {
        Some(texts) => Term::text(texts.concat()),
        None => Term::call(Function::Concat, parts),
    }))
}

fn extract(called: Called<'_, '_>) -> Lowered<Typed> {
    let pattern = pattern(called, 0)?;
    let group = as_number(called.typed(1)?, called.range)?;
    let found = Term::call(Function::Extract, [text_at(called, 2)?, pattern, group]);
    let found = Typed::new(found, Kind::Text);
    match called.call.arguments.get(3) {
        None => Ok(found),
        Some(_) => match called.type_at(3) {
            Some(kind) => called.to_type(found, kind),
            None => called.wrong(),
        },
    }
}

/// `extract_all(pattern[, groups], text)`
fn extract_all(called: Called<'_, '_>) -> Lowered<Typed> {
    let pattern = pattern(called, 0)?;
    let text = pattern.as_literal().and_then(Literal::as_text);
    let compiled = text.and_then(|text| compiled(text, false));
    if compiled.is_none_or(|compiled| compiled.captures_len() < 2) {
        return called.refused("`extract_all` requires a group");
    }
    let (groups, text) = match called.count() {
        2 => (Term::Literal(Literal::Null), text_at(called, 1)?),
        _ => (called.typed(1)?.term, text_at(called, 2)?),
    };
    let found = apply(Function::ExtractGroups, [text, pattern, groups]);
    Ok(Typed::new(found, Kind::Dynamic))
}

/// `replace_regex(text, pattern, replacement)`, and `replace(pattern, replacement, text)`.
fn replace(called: Called<'_, '_>) -> Lowered<Typed> {
    let places = if called.name == "replace" {
        [2, 0, 1]
    } else {
        [0, 1, 2]
    };
    let [text, wanted, by] = places;
    let arguments = [
        text_at(called, text)?,
        pattern(called, wanted)?,
        text_at(called, by)?,
    ];
    Ok(of_text(apply(Function::ReplaceMatches, arguments)))
}

fn index_of(called: Called<'_, '_>) -> Lowered<Typed> {
    let mut arguments = vec![text_at(called, 0)?, pattern(called, 1)?];
    for at in 2..called.count() {
        arguments.push(as_number(called.typed(at)?, called.range)?);
    }
    Ok(Typed::new(
        apply(Function::IndexOfPattern, arguments),
        Kind::Number,
    ))
}

fn count_of(called: Called<'_, '_>) -> Lowered<Typed> {
    let how = if called.count() > 2 {
        called.word(2)?
    } else {
        "normal".to_owned()
    };
    let wanted = match how.as_str() {
        "regex" => pattern(called, 1)?,
        "normal" => text_at(called, 1)?,
        _ => return called.wrong(),
    };
    let arguments = [text_at(called, 0)?, wanted, word(&how)];
    Ok(Typed::new(
        apply(Function::CountWithin, arguments),
        Kind::Number,
    ))
}

fn trim(called: Called<'_, '_>, side: &str) -> Lowered<Typed> {
    let pattern = pattern(called, 0)?;
    let text = text_at(called, 1)?;
    Ok(of_text(apply(
        Function::TrimPattern,
        [pattern, text, word(side)],
    )))
}

fn split(called: Called<'_, '_>) -> Lowered<Typed> {
    let separator = called.word(1)?;
    if separator.is_empty() {
        return called.refused("an empty separator has no counterpart");
    }
    let mut arguments = vec![text_at(called, 0)?, Term::text(separator)];
    if called.count() > 2 {
        arguments.push(as_number(called.typed(2)?, called.range)?);
    }
    Ok(Typed::new(apply(Function::Parts, arguments), Kind::Dynamic))
}

fn json(called: Called<'_, '_>) -> Lowered<Typed> {
    let typed = called.typed(0)?;
    let term = match typed.kind {
        Kind::Dynamic => typed.term,
        Kind::Text | Kind::Unknown => apply(Function::ReadJson, [typed.term]),
        _ => super::convert::as_dynamic(typed),
    };
    Ok(Typed::new(term, Kind::Dynamic))
}

/// `extract_json(path, text[, type])`
fn json_path(called: Called<'_, '_>) -> Lowered<Typed> {
    let path = called.word(0)?;
    let source = called.typed(1)?;
    let found = Typed::new(
        apply(Function::JsonPath, [source.term, Term::text(path)]),
        Kind::Dynamic,
    );
    let kind = match called.call.arguments.get(2) {
        None => ScalarType::String,
        Some(_) => match called.type_at(2) {
            Some(kind) => kind,
            None => return called.wrong(),
        },
    };
    called.to_type(found, kind)
}

fn command_line(called: Called<'_, '_>) -> Lowered<Typed> {
    if !called.word(1)?.eq_ignore_ascii_case("windows") {
        return called.wrong();
    }
    let words = apply(Function::CommandWords, [text_at(called, 0)?]);
    Ok(Typed::new(words, Kind::Dynamic))
}

fn hexadecimal(called: Called<'_, '_>) -> Lowered<Typed> {
    let mut arguments = vec![as_number(called.typed(0)?, called.range)?];
    if called.count() > 1 {
        arguments.push(as_number(called.typed(1)?, called.range)?);
    }
    let text = apply(Function::Hexadecimal, arguments);
    Ok(of_text(apply(Function::PlainText, [text])))
}

fn digest(called: Called<'_, '_>, algorithm: &str) -> Lowered<Typed> {
    Ok(of_text(apply(
        Function::Digest,
        [text_at(called, 0)?, word(algorithm)],
    )))
}

fn hash(called: Called<'_, '_>) -> Lowered<Typed> {
    let value = called.typed(0)?;
    if value.kind != Kind::Text {
        return called.refused("the bytes of a value that is no text are Kusto's own");
    }
    let mut arguments = vec![value.term];
    if called.count() > 1 {
        arguments.push(as_number(called.typed(1)?, called.range)?);
    }
    Ok(Typed::new(apply(Function::Hash, arguments), Kind::Number))
}
