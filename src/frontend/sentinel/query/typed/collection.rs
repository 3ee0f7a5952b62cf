//! Functions of lists and objects whose arguments are more than values.

use super::call::Called;
use super::convert::{as_dynamic, as_number, as_text};
use super::{Kind, Lowered, Typed, call as apply, whole, word};
use crate::ir::{Function, Literal, Term};

/// Ticks of an hour, a day.
const HOUR: i64 = 36_000_000_000;

/// The value, if the function is one of these.
pub(super) fn call(called: Called<'_, '_>) -> Option<Lowered<Typed>> {
    Some(match called.name {
        "pack_array" => pack_array(called),
        "pack" | "bag_pack" | "pack_dictionary" => pack(called),
        "bag_pack_columns" => pack_columns(called),
        "range" => steps(called),
        "bag_keys" => one_of_object(called, Function::Keys),
        "array_reverse" => one_of_object(called, Function::Reverse),
        "array_rotate_left" => moved(called, Function::Rotate, false),
        "array_rotate_right" => moved(called, Function::Rotate, true),
        "array_shift_left" => moved(called, Function::Shift, false),
        "array_shift_right" => moved(called, Function::Shift, true),
        "array_sort_asc" => sorted(called, false),
        "array_sort_desc" => sorted(called, true),
        "array_concat" => lists(called, Function::Append),
        "has_ipv4" | "has_any_ipv4" => holds_address(called, false),
        "has_ipv4_prefix" | "has_any_ipv4_prefix" => holds_address(called, true),
        "ipv4_is_in_any_range" => in_any(called, 4),
        "ipv6_is_in_any_range" => in_any(called, 6),
        _ => return None,
    })
}

fn dynamic(term: Term) -> Typed {
    Typed::new(term, Kind::Dynamic)
}

/// A list; a constant where all items are.
fn list(items: Vec<Term>) -> Term {
    let literals: Option<Vec<Literal>> = items
        .iter()
        .map(|item| item.as_literal().cloned())
        .collect();
    match literals {
        Some(literals) => Term::Literal(Literal::List(literals)),
        None => Term::call(Function::List, items),
    }
}

fn pack_array(called: Called<'_, '_>) -> Lowered<Typed> {
    let items = called.rest(0)?.into_iter().map(as_dynamic).collect();
    Ok(dynamic(list(items)))
}

fn object(pairs: Vec<(Term, Term)>) -> Term {
    let literals: Option<Vec<(String, Literal)>> = pairs
        .iter()
        .map(|(key, value)| {
            let key = key.as_literal().and_then(Literal::as_text)?;
            Some((key.to_owned(), value.as_literal()?.clone()))
        })
        .collect();
    if let Some(literals) = literals {
        return Term::Literal(Literal::object(literals));
    }
    let parts: Vec<Term> = pairs
        .into_iter()
        .flat_map(|(key, value)| [key, value])
        .collect();
    Term::call(Function::Object, parts)
}

fn pack(called: Called<'_, '_>) -> Lowered<Typed> {
    if !called.count().is_multiple_of(2) {
        return called.wrong();
    }
    let mut pairs = Vec::new();
    for at in (0..called.count()).step_by(2) {
        let key = as_text(called.typed(at)?, called.range)?;
        pairs.push((key, as_dynamic(called.typed(at + 1)?)));
    }
    Ok(dynamic(object(pairs)))
}

fn pack_columns(called: Called<'_, '_>) -> Lowered<Typed> {
    let mut pairs = Vec::new();
    for at in 0..called.count() {
        let Some(name) = called.expression(at)?.as_name() else {
            return called.wrong();
        };
        pairs.push((Term::text(name), as_dynamic(called.typed(at)?)));
    }
    Ok(dynamic(object(pairs)))
}

/// `range(start, stop[, step])`
fn steps(called: Called<'_, '_>) -> Lowered<Typed> {
    let (from, to) = (called.typed(0)?, called.typed(1)?);
    let (how, usual) = match from.kind {
        Kind::Number => ("number", whole(1)),
        Kind::Moment => ("moment", whole(24 * HOUR)),
        Kind::Span => ("span", whole(HOUR)),
        _ => return called.wrong(),
    };
    let step = if called.count() > 2 {
        called.typed(2)?.term
    } else {
        usual
    };
    if from.kind != to.kind {
        return called.wrong();
    }
    Ok(dynamic(Term::call(
        Function::Steps,
        [from.term, to.term, step, word(how)],
    )))
}

/// A function of one dynamic value that the evaluator has.
fn one_of_object(called: Called<'_, '_>, function: Function) -> Lowered<Typed> {
    let value = called.typed(0)?;
    match value.kind {
        Kind::Dynamic | Kind::Unknown => Ok(dynamic(Term::call(function, [value.term]))),
        _ => called.wrong(),
    }
}

fn moved(called: Called<'_, '_>, function: Function, right: bool) -> Lowered<Typed> {
    let list = called.typed(0)?;
    let mut places = as_number(called.typed(1)?, called.range)?;
    if list.kind != Kind::Dynamic {
        return called.wrong();
    }
    if right {
        places = apply(Function::Opposite, [places]);
    }
    let mut arguments = vec![list.term, places];
    if function == Function::Shift {
        arguments.push(if called.count() > 2 {
            as_dynamic(called.typed(2)?)
        } else {
            Term::Literal(Literal::Null)
        });
    }
    Ok(dynamic(apply(function, arguments)))
}

/// The items of one list in order; with several lists the function has several results.
fn sorted(called: Called<'_, '_>, descending: bool) -> Lowered<Typed> {
    let list = called.typed(0)?;
    let mut arguments = vec![list.term, Term::Literal(Literal::Boolean(descending))];
    if called.count() > 1 {
        let nulls = called.typed(1)?;
        match nulls.term.as_literal() {
            Some(Literal::Boolean(_)) if called.count() == 2 => arguments.push(nulls.term),
            _ => return called.refused("several lists are sorted by one only as several columns"),
        }
    }
    Ok(dynamic(apply(Function::SortItems, arguments)))
}

fn lists(called: Called<'_, '_>, function: Function) -> Lowered<Typed> {
    let lists = called.rest(0)?;
    if lists
        .iter()
        .any(|list| !matches!(list.kind, Kind::Dynamic | Kind::Unknown))
    {
        return called.wrong();
    }
    let terms: Vec<Term> = lists.into_iter().map(|list| list.term).collect();
    Ok(dynamic(Term::call(function, terms)))
}

/// The arguments from one on as one list: texts, or one list of them.
fn texts(called: Called<'_, '_>, from: usize) -> Lowered<Term> {
    let mut items = called.rest(from)?;
    if items.len() == 1 && items[0].kind == Kind::Dynamic {
        return Ok(items.remove(0).term);
    }
    if items.iter().any(|item| item.kind != Kind::Text) {
        return called.wrong();
    }
    Ok(list(items.into_iter().map(|item| item.term).collect()))
}

fn holds_address(called: Called<'_, '_>, start: bool) -> Lowered<Typed> {
    let text = as_text(called.typed(0)?, called.range)?;
    let start = Term::Literal(Literal::Boolean(start));
    let term = apply(Function::HoldsAddress, [text, texts(called, 1)?, start]);
    Ok(Typed::new(term, Kind::Truth))
}

fn in_any(called: Called<'_, '_>, version: i64) -> Lowered<Typed> {
    let address = as_text(called.typed(0)?, called.range)?;
    let arguments = [address, texts(called, 1)?, whole(version)];
    Ok(Typed::new(
        apply(Function::InNetworks, arguments),
        Kind::Truth,
    ))
}
