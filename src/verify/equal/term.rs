//! Terms to plain ones: the same value in every event, one way to write it.

use regex_syntax::ParserBuilder;

use super::call::{called, is_implied, nothing, unlisted};
use super::cell;
use super::plain::Place;
use super::states::{
    ANY, BOOLEANS, INTEGERS, LISTS, MISSING, NULL, NUMBERS, OBJECTS, States, TEXTS, is_multiple,
    is_total, of_argument,
};
use crate::ir::{
    Case, Condition, FieldPath, Function, Kind, Literal, Object, Operator, Predicate, Segment,
    Shared, Term,
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
        Term::Choice { cases, otherwise } => chosen(place, cases, otherwise),
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

/// The choice without cases that never hold, and without those after one that always does.
fn chosen(place: &Place<'_>, cases: &[Case], otherwise: &Term) -> Term {
    let cases = cases.iter().map(|case| Case {
        when: place.condition(&case.when),
        then: plain(place, &case.then),
    });
    choice(cases.collect(), plain(place, otherwise))
}

/// The choice, without those of its cases that are settled.
pub(super) fn choice(cases: Vec<Case>, otherwise: Term) -> Term {
    let mut kept = Vec::new();
    for case in cases {
        match case.when.as_constant() {
            Some(false) => {}
            Some(true) => return choice(kept, case.then),
            None => kept.push(case),
        }
    }
    let mut cases = kept;
    // Nothing stands in place of a value only where that has none itself.
    let is_needless = |case: &Case| match &case.when {
        Condition::Not(needed) => case.then == nothing() && is_implied(needed, &otherwise),
        _ => false,
    };
    while cases.pop_if(|case| is_needless(case)).is_some() {}
    if cases.is_empty() {
        return otherwise;
    }
    Term::Choice {
        cases: cases.into(),
        otherwise: Shared::new(otherwise),
    }
}

/// The items of the plain list that the condition takes, or what they give; a list that conditions choose is one of several.
fn selected(place: &Place<'_>, list: Term, when: &Condition, item: &Term) -> Term {
    match unlisted(list) {
        Term::Choice { cases, otherwise } => {
            let cases = cases.iter().map(|case| Case {
                when: case.when.clone(),
                then: selected(place, case.then.clone(), when, item),
            });
            let otherwise = selected(place, otherwise.as_ref().clone(), when, item);
            choice(cases.collect(), otherwise)
        }
        Term::Literal(Literal::List(items)) if items.is_empty() => {
            Term::Literal(Literal::List(items))
        }
        Term::Literal(literal) if !matches!(literal, Literal::List(_)) => nothing(),
        list => {
            if let Some(known) = of_constants(place, &list, when, item) {
                return known;
            }
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

/// What is selected of a constant list, where that is constant.
fn of_constants(place: &Place<'_>, list: &Term, when: &Condition, item: &Term) -> Option<Term> {
    let Term::Literal(Literal::List(items)) = list else {
        return None;
    };
    let mut selected = Vec::new();
    for value in items {
        let value = Term::Literal(value.clone());
        if place.condition(&when.of_value(&value)?).as_constant()? {
            selected.push(plain(place, &item.of_value(&value)?).as_literal()?.clone());
        }
    }
    Some(Term::Literal(Literal::List(selected)))
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

/// What holds wherever the term has a value, and is no question about one of its arguments alone.
pub(super) fn implied(term: &Term) -> Option<Condition> {
    if let Some((list, body)) = one_selected(term) {
        return Some(Condition::some_item(list.clone(), body.clone()));
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

/// The list of which the term is the first or the last item, or what lies below it, and what that item has.
fn one_selected(term: &Term) -> Option<(&Shared<Term>, &Shared<Condition>)> {
    if let Some(
        [
            Term::Select { list, when, .. },
            Term::Literal(Literal::Integer(0 | -1)),
        ],
    ) = term.arguments_of(Function::Item)
    {
        return Some((list, when));
    }
    let mut parts = [Function::Item, Function::Member, Function::MemberExact].into_iter();
    match parts.find_map(|part| term.arguments_of(part))? {
        [of, _] => one_selected(of),
        _ => None,
    }
}

/// The list of the event that a list is made of, which has to be one.
fn taken_from(term: &Term) -> Option<&Term> {
    match term {
        Term::Select { list, .. } => match list.as_ref() {
            list @ (Term::Field(_) | Term::Item { .. } | Term::Call { .. }) => Some(list),
            _ => None,
        },
        Term::Call {
            function: Function::Length | Function::Distinct | Function::Flatten | Function::Sort,
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
            [list, Term::Literal(Literal::Integer(at))] if !is_multiple(list) => {
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
    if let Some(states) = of_pair(place, term) {
        return states;
    }
    match (term, place.whole(term)) {
        (Term::Field(path), _) if path.segments.is_empty() => OBJECTS,
        (Term::Item { depth, path }, None) if path.segments.is_empty() => {
            let has_texts = place.listed(*depth).is_some_and(|listed| listed.texts);
            if has_texts { TEXTS } else { ANY & !MISSING }
        }
        (Term::Item { path: below, .. }, Some(path)) if below.segments.is_empty() => {
            place.side.states(&path) & !MISSING
        }
        (_, Some(path)) if is_below_none(place, &path) => MISSING,
        (_, Some(path)) => place.side.states(&path),
        (
            Term::Call {
                function,
                arguments,
            },
            None,
        ) => of_call(place, *function, arguments),
        (Term::Select { .. }, None) => MISSING | LISTS,
        (Term::Choice { cases, otherwise }, None) => {
            cases.iter().fold(of_value(place, otherwise), |all, case| {
                all | of_value(place, &case.then)
            })
        }
        (_, None) => ANY,
    }
}

/// The states of a call, by those of its arguments. What has a value for each that its argument may be is never missing.
fn of_call(place: &Place<'_>, function: Function, arguments: &[Term]) -> States {
    let states = of_arguments(place, function, arguments);
    let is_there = || {
        let of = arguments.first().filter(|of| !is_multiple(of))?;
        let takes = of_argument(function)?;
        Some(of_value(place, of) & !takes == 0)
    };
    if states & MISSING != 0 && is_total(function, arguments) && is_there() == Some(true) {
        return states & !MISSING;
    }
    states
}

fn of_arguments(place: &Place<'_>, function: Function, arguments: &[Term]) -> States {
    let are = |allowed: States| {
        let mut arguments = arguments.iter();
        arguments.all(|of| of_value(place, of) & !allowed == 0)
    };
    match function {
        Function::Item if arguments.first().is_some_and(has_texts) => MISSING | TEXTS,
        Function::Walk => super::walk::states(place, arguments).unwrap_or(ANY),
        Function::Add | Function::Subtract | Function::Multiply if are(INTEGERS) => NUMBERS,
        Function::Append if are(LISTS) => LISTS,
        // What is no value is `null` in a list that is written out.
        Function::List if !arguments.is_empty() && !arguments.iter().any(is_multiple) => {
            super::states::LIST
        }
        function => super::states::of_call(function),
    }
}

/// The states of a term that may be a constant.
pub(super) fn of_value(place: &Place<'_>, term: &Term) -> States {
    match term {
        Term::Literal(Literal::Null) => NULL,
        Term::Literal(Literal::Boolean(_)) => BOOLEANS,
        Term::Literal(Literal::Integer(_)) => INTEGERS,
        Term::Literal(Literal::Float(_)) => NUMBERS,
        Term::Literal(Literal::Text(_)) => TEXTS,
        Term::Literal(Literal::List(_)) => LISTS,
        Term::Literal(Literal::Object(_)) => OBJECTS,
        other => states(place, other),
    }
}

/// The states of an item that is a list of two, or of one of its parts.
pub(super) fn of_pair(place: &Place<'_>, term: &Term) -> Option<States> {
    let Term::Item { depth, path } = term else {
        return None;
    };
    let [first, second] = place.listed(*depth)?.pair?;
    match path.segments.as_slice() {
        [] => Some(super::states::LIST),
        [Segment::Index(0 | -2)] => Some(first),
        [Segment::Index(1 | -1)] => Some(second),
        [Segment::Index(_)] => Some(MISSING),
        _ => None,
    }
}

/// Whether the path leads below what has nothing below it: a key of what is no object, a position in what is no list.
fn is_below_none(place: &Place<'_>, path: &FieldPath) -> bool {
    (1..path.segments.len()).any(|length| {
        let (above, below) = path.segments.split_at(length);
        let holders = match below.first() {
            Some(Segment::Key(_) | Segment::Exact(_)) => OBJECTS,
            Some(Segment::Index(_) | Segment::Each) => LISTS,
            None => return false,
        };
        let above = FieldPath {
            segments: above.to_vec().into(),
        };
        place.side.states(&above) & holders == 0
    })
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
