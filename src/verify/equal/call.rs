//! Calls to plain ones: of constants, of values that conditions choose, of a value with a constant in place of a missing one; a
//! value in another type, a text of parts, what lies a step below another.

use super::cell::{self, As, Cell};
use super::plain::Place;
use super::states::{
    BOOLEANS, INTEGERS, LISTS, MISSING, NULL, NUMBERS, OBJECTS, States, TEXTS, is_multiple,
};
use super::term::{is_text, pattern, states};
use crate::ir::{
    Case, Condition, FieldPath, Function, Kind, Literal, Object, Operator, Predicate, Segment,
    Shared, Term,
};

/// A term without a value.
pub(super) fn nothing() -> Term {
    let none = Term::Literal(Literal::List(Vec::new()));
    Term::call(Function::Item, [none, Term::Literal(Literal::Integer(0))])
}

pub(super) fn called(
    place: &Place<'_>,
    function: Function,
    mut arguments: Vec<Term>,
    is_converted: bool,
) -> Term {
    if function == Function::Append {
        arguments.retain(|list| !is_empty(list));
        if arguments.is_empty() {
            return Term::Literal(Literal::List(Vec::new()));
        }
    }
    unfill(function, &mut arguments);
    if let Some(found) =
        of_constants(function, &arguments).or_else(|| of_choice(place, function, &arguments))
    {
        return found;
    }
    let step = match (function, arguments.as_slice()) {
        (Function::Member, [holder, Term::Literal(Literal::Text(key))]) => {
            below(holder, Segment::Key(key.clone()))
        }
        (Function::MemberExact, [holder, Term::Literal(Literal::Text(key))]) => {
            below(holder, Segment::Exact(key.clone()))
        }
        (Function::Item, [holder, Term::Literal(Literal::Integer(at))]) => {
            below(holder, Segment::Index(*at))
        }
        (
            Function::FindAll
            | Function::Group
            | Function::Extract
            | Function::IndexOfRegex
            | Function::ReplaceRegex
            | Function::SplitRegex,
            [of, Term::Literal(Literal::Text(regex)), rest @ ..],
        ) => {
            let mut arguments = vec![of.clone(), Term::text(pattern(regex, false))];
            arguments.extend_from_slice(rest);
            return Term::call(function, arguments);
        }
        (function, [of]) if cell::is_conversion(function) => converted(place, function, of),
        (Function::Concat, parts) => return joined(place, parts),
        (Function::Display | Function::DisplayEvent, [of]) => Some(displayed(place, function, of)),
        (Function::ParseJson, [of]) => parsed(place, of),
        (Function::IfMissing, [of, other]) if is_converted => Some(or_other(place, of, other)),
        _ => None,
    };
    match step {
        Some(Term::Field(path)) => Term::Field(place.side.path(&path)),
        Some(Term::Item { depth, path }) => place
            .spelt(depth, &path)
            .unwrap_or(Term::Item { depth, path }),
        Some(term) => term,
        None => Term::call(function, arguments),
    }
}

/// Leaves out what stands in place of an argument that is not there, where the function has no value for either.
fn unfill(function: Function, arguments: &mut [Term]) {
    if let Some(itself) = arguments.first().and_then(|of| unfilled(function, of)) {
        arguments[0] = itself.clone();
    }
    // Nothing has a key that is no text.
    if matches!(function, Function::Member | Function::MemberExact)
        && let Some(key) = arguments.get(1).and_then(or_nothing)
    {
        arguments[1] = key.clone();
    }
}

/// Whether the term is the list without items.
fn is_empty(list: &Term) -> bool {
    matches!(list, Term::Literal(Literal::List(items)) if items.is_empty())
}

/// The value where there is one, else the other, be that `null`.
fn or_other(place: &Place<'_>, of: &Term, other: &Term) -> Term {
    let there = Predicate::new(of.clone(), Operator::IsPresent, Object::None);
    let case = Case {
        when: place.condition(&there.into()),
        then: of.clone(),
    };
    super::term::choice(vec![case], other.clone())
}

/// The list without the constant, or nothing, in place of a missing one, which is none.
pub(super) fn unlisted(list: Term) -> Term {
    if let Some(of) = or_nothing(&list) {
        return of.clone();
    }
    match &list {
        Term::Call {
            function: Function::Coalesce,
            arguments,
        } => match arguments.as_slice() {
            [of, Term::Literal(filled)] if !matches!(filled, Literal::List(_)) => of.clone(),
            _ => list,
        },
        _ => list,
    }
}

/// The list or object that is read as JSON, or whose text is: nothing where it is `null`.
fn parsed(place: &Place<'_>, text: &Term) -> Option<Term> {
    let empty = Term::text("");
    let text = match text {
        Term::Call {
            function: Function::Coalesce,
            arguments,
        } => match arguments.as_slice() {
            [text, other] if *other == empty => text,
            _ => return None,
        },
        text => text,
    };
    let of = match text {
        Term::Call {
            function: Function::ToText,
            arguments,
        } => arguments.first()?,
        other => other,
    };
    let states = states(place, of);
    if is_multiple(of) || states & !(MISSING | NULL | LISTS | OBJECTS) != 0 {
        return None;
    }
    if states & NULL == 0 {
        return Some(of.clone());
    }
    Some(Term::Choice {
        cases: vec![Case {
            when: is_present(of),
            then: of.clone(),
        }]
        .into(),
        otherwise: Shared::new(nothing()),
    })
}

/// The value for which there is nothing in place of `null`, or wherever it has none itself. For what is asked of it nothing and
/// `null` are one.
fn or_nothing(term: &Term) -> Option<&Term> {
    let Term::Choice { cases, otherwise } = term else {
        return None;
    };
    let [case] = cases.as_slice() else {
        return None;
    };
    let is_nothing = **otherwise == nothing() || **otherwise == Term::Literal(Literal::Null);
    let is_there = case.when == is_present(&case.then)
        || case.when != Condition::TRUE && is_implied(&case.when, &case.then);
    (is_nothing && is_there).then_some(&case.then)
}

/// Whether the condition holds wherever the value is there.
pub(super) fn is_implied(condition: &Condition, value: &Term) -> bool {
    let Some(implied) = super::term::implied(value) else {
        return false;
    };
    let around = match &implied {
        Condition::Items { list, .. } => super::around::around(list),
        Condition::Test(asked) if asked.operator == Operator::IsKind => {
            super::around::around(&asked.subject)
        }
        _ => Vec::new(),
    };
    let is_around = |part: &Condition| {
        let Condition::Test(predicate) = part else {
            return false;
        };
        let Object::Kinds(kinds) = &predicate.object else {
            return false;
        };
        let is_it = |(of, kind): &(Term, Kind)| *of == predicate.subject && kinds.contains(kind);
        predicate.operator == Operator::IsKind && around.iter().any(is_it)
    };
    let parts = match condition {
        Condition::All(parts) => parts.as_slice(),
        one => std::slice::from_ref(one),
    };
    parts.iter().all(|part| *part == implied || is_around(part))
}

fn is_present(of: &Term) -> Condition {
    Predicate::new(of.clone(), Operator::IsPresent, Object::None).into()
}

/// The value without the constant, or nothing, in place of a missing one, where the function has no value for either.
fn unfilled(function: Function, of: &Term) -> Option<&Term> {
    if let Some(of) = or_nothing(of) {
        let takes = super::states::of_argument(function)?;
        return (takes & (MISSING | NULL) == 0).then_some(of);
    }
    let Term::Call {
        function: Function::Coalesce,
        arguments,
    } = of
    else {
        return None;
    };
    let [of, Term::Literal(filled)] = arguments.as_slice() else {
        return None;
    };
    let kind = match filled {
        Literal::Null => NULL,
        Literal::Boolean(_) => BOOLEANS,
        Literal::Integer(_) | Literal::Float(_) => NUMBERS,
        Literal::Text(_) => TEXTS,
        Literal::List(_) => LISTS,
        Literal::Object(_) => OBJECTS,
    };
    let takes = super::states::of_argument(function)?;
    (takes & (kind | MISSING | NULL) == 0).then_some(of)
}

/// The value of a function of a list whose items are written out, of a constant text, or of nothing.
fn of_constants(function: Function, arguments: &[Term]) -> Option<Term> {
    let nothing_of = |of: &Term| *of == nothing() || *of == Term::Literal(Literal::Null);
    if let Some(found) = of_written(function, arguments) {
        return Some(found);
    }
    match (function, arguments) {
        (Function::Item, [of, _]) if *of == nothing() => Some(nothing()),
        (Function::Member | Function::MemberExact, [of, _]) if nothing_of(of) => Some(nothing()),
        (Function::List, items) => {
            let constants = items.iter().map(|item| item.as_literal().cloned());
            let constants: Vec<Literal> = constants.collect::<Option<_>>()?;
            Some(Term::Literal(Literal::List(constants)))
        }
        (
            Function::Display | Function::DisplayEvent | Function::ToText,
            [text @ Term::Literal(Literal::Text(_))],
        ) => Some(text.clone()),
        (
            Function::Distinct
            | Function::Latest
            | Function::Numbered
            | Function::Reverse
            | Function::Flatten,
            [empty @ Term::Literal(Literal::List(items))],
        ) if items.is_empty() => Some(empty.clone()),
        (Function::Distinct, [one @ Term::Literal(Literal::List(items))]) if items.len() == 1 => {
            Some(one.clone())
        }
        (Function::Length, [Term::Literal(Literal::List(items))]) => Some(Term::Literal(
            Literal::Integer(i64::try_from(items.len()).ok()?),
        )),
        // A letter has one form in each case, and what has no white space around it loses none.
        (
            Function::Lower | Function::Upper | Function::Trim,
            [again @ Term::Call { function: of, .. }],
        ) if function == *of => Some(again.clone()),
        (Function::Display | Function::DisplayEvent, [of]) if nothing_of(of) => {
            Some(Term::text("None"))
        }
        // None of these has a value for `null`.
        (
            Function::Length
            | Function::Distinct
            | Function::Keys
            | Function::Sort
            | Function::Flatten
            | Function::Join
            | Function::ToText
            | Function::Lower
            | Function::Upper
            | Function::Trim
            | Function::Split,
            [of, ..],
        ) if nothing_of(of) => Some(nothing()),
        _ => None,
    }
}

/// The same where the list is made of values side by side.
fn of_written(function: Function, arguments: &[Term]) -> Option<Term> {
    let [
        Term::Call {
            function: Function::List,
            arguments: items,
        },
        rest @ ..,
    ] = arguments
    else {
        return None;
    };
    if items.iter().any(is_multiple) {
        return None;
    }
    match (function, rest) {
        (Function::Length, []) => Some(Term::Literal(Literal::Integer(
            i64::try_from(items.len()).ok()?,
        ))),
        (Function::Item, [Term::Literal(Literal::Integer(at))]) => Some(item_of(items, *at)),
        _ => None,
    }
}

/// An item of a list whose items are written out; such a list has `null` for what is not there.
fn item_of(items: &[Term], at: i64) -> Term {
    let from_end = usize::try_from(at.unsigned_abs()).ok();
    let from_start = from_end.and_then(|from_end| match at {
        0.. => Some(from_end),
        _ => items.len().checked_sub(from_end),
    });
    let item = from_start.and_then(|at| items.get(at));
    item.map_or_else(nothing, written_item)
}

/// A value as an item of a list that is written out.
pub(super) fn written_item(item: &Term) -> Term {
    match item {
        Term::Literal(_) => item.clone(),
        _ => Term::call(
            Function::IfMissing,
            [item.clone(), Term::Literal(Literal::Null)],
        ),
    }
}

/// The function of each of the values that conditions choose.
fn of_choice(place: &Place<'_>, function: Function, arguments: &[Term]) -> Option<Term> {
    let (
        Function::Item
        | Function::Member
        | Function::MemberExact
        | Function::Length
        | Function::Distinct
        | Function::Keys
        | Function::Sort
        | Function::Flatten
        | Function::Join
        | Function::Latest
        | Function::Numbered
        | Function::Entries
        | Function::Slice
        | Function::Reverse
        | Function::Display
        | Function::DisplayEvent,
        [Term::Choice { cases, otherwise }, rest @ ..],
    ) = (function, arguments)
    else {
        return None;
    };
    let one = |list: &Term| {
        let arguments = std::iter::once(list).chain(rest).cloned();
        called(place, function, arguments.collect(), false)
    };
    let case = |case: &Case| Case {
        when: case.when.clone(),
        then: one(&case.then),
    };
    let cases = cases.iter().map(case).collect();
    Some(super::term::choice(cases, one(otherwise)))
}

/// The parts of a text, none of which is joined of parts itself, and no two constants side by side. One value alone is its text,
/// or the empty one where it is not there.
fn joined(place: &Place<'_>, parts: &[Term]) -> Term {
    let mut flat: Vec<Term> = Vec::new();
    for part in parts {
        let inner = match part {
            Term::Call {
                function: Function::Concat,
                arguments,
            } => arguments.as_slice(),
            other => std::slice::from_ref(other),
        };
        for part in inner {
            match (flat.last_mut(), part) {
                (
                    Some(Term::Literal(Literal::Text(before))),
                    Term::Literal(Literal::Text(text)),
                ) => before.push_str(text),
                (_, Term::Literal(Literal::Text(text))) if text.is_empty() => {}
                (_, part) if *part == nothing() || *part == Term::Literal(Literal::Null) => {}
                _ => flat.push(part.clone()),
            }
        }
    }
    match flat.as_slice() {
        [] => Term::text(""),
        [Term::Literal(Literal::Text(_))] => flat.remove(0),
        [one] if !is_multiple(one) => {
            let text = called(place, Function::ToText, flat, false);
            Term::call(Function::Coalesce, [text, Term::text("")])
        }
        _ => Term::call(Function::Concat, flat),
    }
}

/// What an alert shows of a value: a text as it is, and a word for none. A container matters to lists and objects alone.
fn displayed(place: &Place<'_>, function: Function, of: &Term) -> Term {
    let is = |allowed: States| states(place, of) & !(MISSING | NULL | allowed) == 0;
    if is(TEXTS) && !is_multiple(of) {
        return Term::call(Function::Coalesce, [of.clone(), Term::text("None")]);
    }
    let has_container = function == Function::DisplayEvent && !is(TEXTS | NUMBERS | BOOLEANS);
    let function = if has_container {
        function
    } else {
        Function::Display
    };
    Term::call(function, [of.clone()])
}

/// What a value is in another type, where that is the value itself but for `null`, or another cell.
fn converted(place: &Place<'_>, function: Function, of: &Term) -> Option<Term> {
    let is = |allowed: States| {
        let states = states(place, of);
        states & !(MISSING | NULL | allowed) == 0
    };
    let is_same = match function {
        Function::ToText => is_text(place, of),
        Function::ToNumber => is(NUMBERS),
        _ => is(INTEGERS),
    };
    if is_same {
        return Some(of.clone());
    }
    let cell = Cell::of(of.as_field()?)?;
    let is_number = match cell.asked {
        _ if function == Function::ToText => false,
        As::Text => true,
        As::Itself => place.side.spells_numbers(&cell),
        As::Number => false,
    };
    let asked = match cell.asked {
        As::Text => As::Itself,
        As::Itself | As::Number => As::Number,
    };
    is_number.then(|| Term::Field(cell.asked(asked).path()))
}

/// What lies one step below a path that leads to one place.
fn below(holder: &Term, step: Segment) -> Option<Term> {
    let is_single = |path: &FieldPath| !path.has_each();
    match holder {
        Term::Field(path) if is_single(path) => Some(Term::Field(path.join(step))),
        Term::Item { depth, path } if is_single(path) => Some(Term::Item {
            depth: *depth,
            path: path.join(step),
        }),
        _ => None,
    }
}
