//! Terms to plain ones: the same value in every event, one way to write it.

use regex_syntax::ParserBuilder;

use super::cell::{self, As, Cell};
use super::plain::Place;
use super::states::{
    ANY, BOOLEANS, INTEGERS, LISTS, MISSING, NULL, NUMBERS, OBJECTS, States, TEXTS, is_multiple,
};
use crate::ir::{
    Case, Condition, FieldPath, Function, Kind, Literal, Object, Operator, Predicate, Quantifier,
    Segment, Shared, Term,
};

/// The term in plain form.
pub(super) fn plain(place: &Place<'_>, term: &Term) -> Term {
    if let Some(column) = place.side.made(term) {
        return Term::Field(column);
    }
    match term {
        Term::Field(path) => Term::Field(place.side.path(path)),
        Term::Item { depth, path } => place.spelt(*depth, path).unwrap_or_else(|| term.clone()),
        Term::Literal(_) => term.clone(),
        Term::Aggregate {
            aggregate,
            argument,
        } => Term::Aggregate {
            aggregate: *aggregate,
            argument: argument
                .as_ref()
                .map(|argument| Shared::new(plain(place, argument))),
        },
        Term::Choice { cases, otherwise } => Term::Choice {
            cases: cases
                .iter()
                .map(|case| Case {
                    when: place.condition(&case.when),
                    then: plain(place, &case.then),
                })
                .collect::<Vec<_>>()
                .into(),
            otherwise: Shared::new(plain(place, otherwise)),
        },
        Term::Select { list, when, item } => selected(place, plain(place, list), when, item),
        Term::Call {
            function,
            arguments,
        } => {
            if *function == Function::Walk
                && let Some(walked) = super::walk::plain(place, arguments)
            {
                return walked;
            }
            // What another type says of `null` is no value.
            let is_converted = arguments.first().is_some_and(is_conversion);
            let arguments: Vec<Term> = arguments
                .iter()
                .map(|argument| plain(place, argument))
                .collect();
            called(place, *function, arguments, is_converted)
        }
    }
}

/// The items of the plain list that the condition takes, or what they give; a list that conditions choose is one of several.
fn selected(place: &Place<'_>, list: Term, when: &Condition, item: &Term) -> Term {
    match unlisted(list) {
        Term::Choice { cases, otherwise } => Term::Choice {
            cases: cases
                .iter()
                .map(|case| Case {
                    when: case.when.clone(),
                    then: selected(place, case.then.clone(), when, item),
                })
                .collect::<Vec<_>>()
                .into(),
            otherwise: Shared::new(selected(place, otherwise.as_ref().clone(), when, item)),
        },
        Term::Literal(Literal::List(items)) if items.is_empty() => {
            Term::Literal(Literal::List(items))
        }
        Term::Literal(literal) if !matches!(literal, Literal::List(_)) => nothing(),
        list => {
            let within = place.within(&list);
            let (when, item) = (within.condition(when), plain(&within, item));
            let is_itself = when == Condition::TRUE
                && matches!(&item, Term::Item { depth: 0, path } if path.segments.is_empty());
            // Of what is no list nothing is selected.
            if is_itself && states(place, &list) & !(MISSING | LISTS) == 0 {
                return list;
            }
            Term::Select {
                when: Shared::new(when),
                item: Shared::new(item),
                list: Shared::new(list),
            }
        }
    }
}

/// A term without a value.
fn nothing() -> Term {
    let none = Term::Literal(Literal::List(Vec::new()));
    Term::call(Function::Item, [none, Term::Literal(Literal::Integer(0))])
}

fn called(
    place: &Place<'_>,
    function: Function,
    mut arguments: Vec<Term>,
    is_converted: bool,
) -> Term {
    if let Some(itself) = arguments.first().and_then(|of| unfilled(function, of)) {
        arguments[0] = itself.clone();
    }
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
        (Function::IfMissing, [of, other]) if is_converted => {
            let arguments = [of.clone(), other.clone()];
            Some(Term::call(Function::Coalesce, arguments))
        }
        _ => None,
    };
    match step {
        Some(Term::Field(path)) => Term::Field(place.side.path(&path)),
        Some(term) => term,
        None => Term::call(function, arguments),
    }
}

/// The list without the constant in place of a missing one, which is none.
pub(super) fn unlisted(list: Term) -> Term {
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

/// The value without the constant in place of a missing one, where the function has no value for either.
fn unfilled(function: Function, of: &Term) -> Option<&Term> {
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
    match (function, arguments) {
        (Function::Item, [of, _]) if *of == nothing() => Some(nothing()),
        (Function::List, items) => {
            let constants = items.iter().map(|item| item.as_literal().cloned());
            let constants: Vec<Literal> = constants.collect::<Option<_>>()?;
            Some(Term::Literal(Literal::List(constants)))
        }
        (
            Function::Display | Function::DisplayEvent | Function::ToText,
            [text @ Term::Literal(Literal::Text(_))],
        ) => Some(text.clone()),
        // None of these has a value for `null`.
        (
            Function::Length
            | Function::Distinct
            | Function::Keys
            | Function::Sort
            | Function::Flatten
            | Function::Join,
            [of, ..],
        ) if nothing_of(of) => Some(nothing()),
        (
            Function::Item | Function::Length,
            [
                Term::Call {
                    function: Function::List,
                    arguments: items,
                },
                rest @ ..,
            ],
        ) if !items.iter().any(is_multiple) => match rest {
            [] => Some(Term::Literal(Literal::Integer(
                i64::try_from(items.len()).ok()?,
            ))),
            [Term::Literal(Literal::Integer(at))] => Some(item_of(items, *at)),
            _ => None,
        },
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
    let null = Term::Literal(Literal::Null);
    item.map_or_else(nothing, |item| match item {
        Term::Literal(_) => item.clone(),
        _ => Term::call(Function::IfMissing, [item.clone(), null]),
    })
}

/// The function of each of the values that conditions choose.
fn of_choice(place: &Place<'_>, function: Function, arguments: &[Term]) -> Option<Term> {
    let (
        Function::Item
        | Function::Length
        | Function::Distinct
        | Function::Keys
        | Function::Sort
        | Function::Flatten
        | Function::Join
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
    Some(Term::Choice {
        cases: cases.iter().map(case).collect::<Vec<_>>().into(),
        otherwise: Shared::new(one(otherwise)),
    })
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

/// Whether the term says a value in another type.
pub(super) fn is_conversion(term: &Term) -> bool {
    matches!(term, Term::Call { function, .. } if cell::is_conversion(*function))
}

/// The term in plain form, and within a conversion if it is one, so that a `null` stays no value.
pub(super) fn plain_value(place: &Place<'_>, term: &Term) -> Term {
    let plain = plain(place, term);
    match term {
        Term::Call { function, .. } if is_conversion(term) && !is_conversion(&plain) => {
            Term::call(*function, [plain])
        }
        _ => plain,
    }
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

/// What holds wherever the term has a value, and is no question about one of its arguments alone.
pub(super) fn implied(term: &Term) -> Option<Condition> {
    if let Term::Call {
        function: Function::Item,
        arguments,
    } = term
        && let [
            Term::Select { list, when, .. },
            Term::Literal(Literal::Integer(0 | -1)),
        ] = arguments.as_slice()
    {
        return Some(Condition::Items {
            quantifier: Quantifier::Some,
            list: list.clone(),
            body: when.clone(),
        });
    }
    if let Some(list) = taken_from(term) {
        let kinds = Object::Kinds(vec![Kind::List]);
        return Some(Predicate::new(list.clone(), Operator::IsKind, kinds).into());
    }
    let (list, needed) = position(term)?;
    let length = Term::call(Function::Length, [list]);
    let needed = Object::Literal(Literal::Integer(needed));
    // That the first and the last one are there is a question about the list alone.
    matches!(needed, Object::Literal(Literal::Integer(2..)))
        .then(|| Predicate::new(length, Operator::AtLeast, needed).into())
}

/// The list of the event that a list is made of, which has to be one.
fn taken_from(term: &Term) -> Option<&Term> {
    match term {
        Term::Select { list, .. } => match list.as_ref() {
            list @ (Term::Field(_) | Term::Item { .. } | Term::Call { .. }) => Some(list),
            _ => None,
        },
        Term::Call {
            function: Function::Length | Function::Distinct | Function::Sort,
            arguments,
        } => match arguments.as_slice() {
            [of @ (Term::Select { .. } | Term::Call { .. })] => taken_from(of),
            _ => None,
        },
        _ => None,
    }
}

/// The list that the term is one item of, by its position, and how long the list has to be for that.
pub(super) fn position(term: &Term) -> Option<(Term, i64)> {
    let index_of = |path: &FieldPath| match path.segments.split_last() {
        Some((Segment::Index(at), above)) if !path.has_each() => {
            let above = FieldPath {
                segments: above.to_vec().into(),
            };
            Some((above, *at))
        }
        _ => None,
    };
    let (list, at) = match term {
        Term::Field(path) => {
            let (path, at) = index_of(path)?;
            (Term::Field(path), at)
        }
        Term::Item { depth, path } => {
            let (path, at) = index_of(path)?;
            (
                Term::Item {
                    depth: *depth,
                    path,
                },
                at,
            )
        }
        Term::Call {
            function: Function::Item,
            arguments,
        } => match arguments.as_slice() {
            [list, Term::Literal(Literal::Integer(at))] if !super::states::is_multiple(list) => {
                (list.clone(), *at)
            }
            _ => return None,
        },
        _ => return None,
    };
    let length = if at < 0 {
        at.checked_neg()?
    } else {
        at.checked_add(1)?
    };
    Some((list, length))
}

/// Whether all items of the list are texts, whatever the event.
pub(super) fn has_texts(list: &Term) -> bool {
    let Term::Call {
        function,
        arguments,
    } = list
    else {
        return false;
    };
    match function {
        Function::Split
        | Function::Characters
        | Function::Keys
        | Function::Words
        | Function::Lines
        | Function::ShellWords
        | Function::SplitFirst
        | Function::SplitLast => true,
        Function::Slice | Function::Reverse | Function::Distinct | Function::Sort => {
            arguments.first().is_some_and(has_texts)
        }
        _ => false,
    }
}

/// The states that the term may be in, by the types of what it is made of.
pub(super) fn states(place: &Place<'_>, term: &Term) -> States {
    match (term, place.whole(term)) {
        (Term::Field(path), _) if path.segments.is_empty() => OBJECTS,
        (Term::Item { depth, path }, None) if path.segments.is_empty() => {
            let has_texts = place.listed(*depth).is_some_and(|listed| listed.texts);
            if has_texts { TEXTS } else { ANY & !MISSING }
        }
        (Term::Item { path: below, .. }, Some(path)) if below.segments.is_empty() => {
            place.side.states(&path) & !MISSING
        }
        (_, Some(path)) => place.side.states(&path),
        (
            Term::Call {
                function: Function::Item,
                arguments,
            },
            None,
        ) if arguments.first().is_some_and(has_texts) => MISSING | TEXTS,
        (
            Term::Call {
                function: Function::Walk,
                arguments,
            },
            None,
        ) => super::walk::states(place, arguments).unwrap_or(ANY),
        (Term::Call { function, .. }, None) => super::states::of_call(*function),
        (_, None) => ANY,
    }
}

/// Whether the term is a truth value wherever it has one.
pub(super) fn is_truth_value(place: &Place<'_>, term: &Term) -> bool {
    states(place, term) & !(MISSING | NULL | BOOLEANS) == 0
}

/// Whether the term is a text wherever it has a value.
pub(super) fn is_text(place: &Place<'_>, term: &Term) -> bool {
    states(place, term) & !(MISSING | NULL | TEXTS) == 0
}

/// The regular expression as its syntax tree prints it.
pub(super) fn pattern(text: &str, insensitive: bool) -> String {
    let mut parser = ParserBuilder::new().case_insensitive(insensitive).build();
    match parser.parse(text) {
        Ok(tree) => tree.to_string(),
        Err(_) if insensitive => format!("(?i:{text})"),
        Err(_) => text.to_owned(),
    }
}
