//! Functions that are one function of the IR each: their parameters and results are lines of `schemas/kusto/scalars.txt`.
//!
//! What a parameter does not take is refused, and so are more arguments than there are parameters.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::call::Called;
use super::convert::{as_dynamic, as_number, as_real, as_text};
use super::{Kind, Lowered, Typed, call as apply, whole, word};
use crate::ir::{FUNCTIONS, Function, Literal, Term};

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Takes {
    /// Anything, as its text.
    Text,
    /// A number.
    Number,
    /// A number, as one with a fraction.
    Real,
    /// A dynamic value.
    Dynamic,
    /// Anything, as a dynamic value.
    Any,
    /// A constant that is not written in the query.
    Word(&'static str),
    /// The same, a number.
    Whole(i64),
    /// The same, a truth value.
    Flag(bool),
}

/// A parameter, and whether it must be given.
type Parameter = (Takes, bool);

/// A function.
#[derive(Debug)]
struct Row {
    function: Function,
    parameters: Vec<Parameter>,
    kind: Kind,
}

const DATA: &str = include_str!("../../../../../schemas/kusto/scalars.txt");

/// The functions by name. A line that cannot be read is left out; a test refuses it.
fn table() -> &'static BTreeMap<&'static str, Row> {
    static TABLE: OnceLock<BTreeMap<&'static str, Row>> = OnceLock::new();
    TABLE.get_or_init(|| lines().filter_map(read).collect())
}

fn lines() -> impl Iterator<Item = &'static str> {
    DATA.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// `name = function(parameter, ...) -> type`
fn read(line: &'static str) -> Option<(&'static str, Row)> {
    let (name, rest) = line.split_once(" = ")?;
    let (call, kind) = rest.split_once(" -> ")?;
    let (function, parameters) = call.strip_suffix(')')?.split_once('(')?;
    let known = FUNCTIONS.iter().find(|known| known.name == function)?;
    let parameters = parameters.split(", ").map(parameter);
    let kind = match kind {
        "text" => Kind::Text,
        "number" => Kind::Number,
        "dynamic" => Kind::Dynamic,
        "truth" => Kind::Truth,
        _ => return None,
    };
    let row = Row {
        function: known.function,
        parameters: parameters.collect::<Option<_>>()?,
        kind,
    };
    Some((name, row))
}

fn parameter(text: &'static str) -> Option<Parameter> {
    let (text, needed) = match text.strip_suffix('?') {
        Some(text) => (text, false),
        None => (text, true),
    };
    let takes = match text {
        "text" => Takes::Text,
        "number" => Takes::Number,
        "real" => Takes::Real,
        "dynamic" => Takes::Dynamic,
        "any" => Takes::Any,
        "true" | "false" => Takes::Flag(text == "true"),
        _ => match text.strip_prefix('\'') {
            Some(word) => Takes::Word(word.strip_suffix('\'')?),
            None => Takes::Whole(text.parse().ok()?),
        },
    };
    Some((takes, needed))
}

/// The value, if the function is one of these.
pub(super) fn call(called: Called<'_, '_>) -> Option<Lowered<Typed>> {
    if let Some(row) = table().get(called.name) {
        return Some(of_row(called, row));
    }
    Some(match called.name {
        "pi" => Ok(Typed::constant(
            Literal::Float(std::f64::consts::PI),
            Kind::Number,
        )),
        "ipv4_compare" => compared(called, 4, false),
        "ipv6_compare" => compared(called, 6, false),
        "ipv4_is_match" => compared(called, 4, true),
        "ipv6_is_match" => compared(called, 6, true),
        "parse_ipv6" | "parse_ipv6_mask" => long_address(called),
        "format_ipv4" => network_text(called, false),
        "format_ipv4_mask" => network_text(called, true),
        "isutf8" => Ok(Typed::constant(Literal::Boolean(true), Kind::Truth)),
        _ => return None,
    })
}

fn taken(called: Called<'_, '_>, takes: Takes, at: usize) -> Lowered<Term> {
    let typed = called.typed(at)?;
    match takes {
        Takes::Text => as_text(typed, called.range),
        Takes::Number => as_number(typed, called.range),
        Takes::Real => as_real(typed, called.range),
        Takes::Dynamic if matches!(typed.kind, Kind::Dynamic | Kind::Unknown) => Ok(typed.term),
        Takes::Any => Ok(as_dynamic(typed)),
        Takes::Dynamic | Takes::Word(_) | Takes::Whole(_) | Takes::Flag(_) => called.wrong(),
    }
}

fn of_row(called: Called<'_, '_>, row: &Row) -> Lowered<Typed> {
    let mut terms = Vec::new();
    let mut at = 0;
    let mut last = None;
    for (takes, needed) in &row.parameters {
        match takes {
            Takes::Word(text) => terms.push(word(text)),
            Takes::Whole(number) => terms.push(whole(*number)),
            Takes::Flag(flag) => terms.push(Term::Literal(Literal::Boolean(*flag))),
            takes if *needed || at < called.count() => {
                terms.push(taken(called, *takes, at)?);
                last = Some(*takes);
                at += 1;
            }
            _ => {}
        }
    }
    let repeats = row.function.info().arity.1 == usize::MAX;
    match last {
        Some(last) if repeats => {
            for at in at..called.count() {
                terms.push(taken(called, last, at)?);
            }
        }
        _ if at < called.count() => return called.wrong(),
        _ => {}
    }
    let mut term = apply(row.function, terms);
    if row.kind == Kind::Text && may_be_missing(row.function) {
        term = apply(Function::PlainText, [term]);
    }
    Ok(Typed::new(term, row.kind))
}

/// Whether a function of texts can have no result, which a string is not.
fn may_be_missing(function: Function) -> bool {
    matches!(
        function,
        Function::GuidFromBase64
            | Function::Repeat
            | Function::ToPunycode
            | Function::FromCodePoints
            | Function::SortedJson
            | Function::SubstituteEach
    )
}

/// The order of two addresses, or whether they are the same.
fn compared(called: Called<'_, '_>, version: i64, is_match: bool) -> Lowered<Typed> {
    let bits = match called.count() {
        0..=2 => whole(if version == 4 { 32 } else { 128 }),
        _ => taken(called, Takes::Number, 2)?,
    };
    let arguments = [
        taken(called, Takes::Text, 0)?,
        taken(called, Takes::Text, 1)?,
        bits,
        whole(version),
    ];
    let order = apply(Function::CompareNetworks, arguments);
    if !is_match {
        return Ok(Typed::new(order, Kind::Number));
    }
    // A text that is no address makes the comparison null, and so the question.
    let absent = apply(Function::IsAbsent, [order.clone()]);
    let same = apply(Function::Same, [order, whole(0)]);
    Ok(Typed::new(
        super::chosen(absent, Term::Literal(Literal::Null), same),
        Kind::Truth,
    ))
}

fn long_address(called: Called<'_, '_>) -> Lowered<Typed> {
    let mut arguments = vec![taken(called, Takes::Text, 0)?];
    if called.name == "parse_ipv6_mask" {
        arguments.push(taken(called, Takes::Number, 1)?);
    }
    let address = apply(Function::LongAddress, arguments);
    Ok(Typed::new(
        apply(Function::PlainText, [address]),
        Kind::Text,
    ))
}

fn network_text(called: Called<'_, '_>, with_bits: bool) -> Lowered<Typed> {
    let address = called.typed(0)?;
    let address = match address.kind {
        Kind::Text | Kind::Number => address.term,
        _ => return called.wrong(),
    };
    let bits = if called.count() > 1 {
        taken(called, Takes::Number, 1)?
    } else {
        whole(32)
    };
    let flag = Term::Literal(Literal::Boolean(with_bits));
    Ok(Typed::new(
        apply(Function::NetworkText, [address, bits, flag]),
        Kind::Text,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_fits_its_function() {
        let mut names = Vec::new();
        for line in lines() {
            let (name, row) = read(line).expect(line);
            let (least, most) = row.function.info().arity;
            let needed = row
                .parameters
                .iter()
                .filter(|parameter| parameter.1)
                .count();
            let fits = needed >= least && (row.parameters.len() <= most);
            assert!(fits, "{line}");
            names.push(name);
        }
        assert!(names.is_sorted(), "the lines are sorted");
        names.dedup();
        assert_eq!(names.len(), lines().count());
    }
}
