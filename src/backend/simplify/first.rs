//! Lists that are taken apart at the first item that passes a question.
//!
//! A loop that treats its first match apart is read as the items before it, the match, and the items behind it. Nothing before
//! the first match passes; what passes behind it is what passes at all, without the first.

use crate::ir::{
    Case, CaseSensitivity, Condition, Function, Literal, Object, Operator, Predicate, Quantifier,
    Term,
};

/// The list of which `list` has the items before the first that passes, and what that is.
pub(super) fn before_first(list: &Term) -> Option<(&Term, &Condition)> {
    let [whole, Term::Literal(Literal::Integer(0)), end] = slice(list)? else {
        return None;
    };
    let (of, passes) = position(end)?;
    (of == whole).then_some((whole, passes))
}

/// The list of which `list` has the items behind the first that passes, and what that is.
pub(super) fn behind_first(list: &Term) -> Option<(&Term, &Condition)> {
    let [whole, start, Term::Literal(Literal::Null)] = slice(list)? else {
        return None;
    };
    let Term::Call {
        function: Function::Add,
        arguments,
    } = start
    else {
        return None;
    };
    let [at, Term::Literal(Literal::Integer(1))] = &arguments[..] else {
        return None;
    };
    let (of, passes) = position(at)?;
    (of == whole).then_some((whole, passes))
}

/// The arguments of a part of a list.
fn slice(list: &Term) -> Option<&[Term]> {
    match list {
        Term::Call {
            function: Function::Slice,
            arguments,
        } => Some(arguments),
        _ => None,
    }
}

/// The list whose first item that passes has the position, and what passing is.
fn position(term: &Term) -> Option<(&Term, &Condition)> {
    let Term::Call {
        function: Function::Position,
        arguments,
    } = term
    else {
        return None;
    };
    let [
        Term::Select { list, when, item },
        Term::Literal(Literal::Boolean(true)),
    ] = &arguments[..]
    else {
        return None;
    };
    let passes = verdict(item)?;
    (when.as_constant() == Some(true)).then_some((list, passes))
}

/// The condition on which the value is `true`, where it is `false` otherwise.
fn verdict(item: &Term) -> Option<&Condition> {
    let Term::Choice { cases, otherwise } = item else {
        return None;
    };
    match (&cases[..], &**otherwise) {
        (
            [
                Case {
                    when,
                    then: Term::Literal(Literal::Boolean(true)),
                },
            ],
            Term::Literal(Literal::Boolean(false)),
        ) => Some(when),
        _ => None,
    }
}

/// That some item of a list is taken at all, where the predicate asks that the first one taken is `true`; and whether it asks for
/// no more.
pub(super) fn some_taken(predicate: &Predicate) -> Option<(Condition, bool)> {
    let asks = predicate.operator == Operator::Equals
        && predicate.case == CaseSensitivity::Sensitive
        && predicate.object == Object::Literal(Literal::Boolean(true));
    let Term::Call {
        function: Function::Item,
        arguments,
    } = &predicate.subject
    else {
        return None;
    };
    let [
        Term::Select { list, when, item },
        Term::Literal(Literal::Integer(0)),
    ] = &arguments[..]
    else {
        return None;
    };
    let always = **item == Term::Literal(Literal::Boolean(true));
    let taken = Condition::Items {
        quantifier: Quantifier::Some,
        list: list.clone(),
        body: when.clone(),
    };
    asks.then_some((taken, always))
}

/// The text that is joined of one text alone, or of none.
pub(super) fn joined_one(function: Function, arguments: &[Term]) -> Option<Term> {
    if function != Function::Join {
        return None;
    }
    if let [
        Term::Literal(Literal::List(none)),
        Term::Literal(Literal::Text(_)),
    ] = arguments
        && none.is_empty()
    {
        return Some(Term::text(""));
    }
    let [
        Term::Call {
            function: Function::List,
            arguments: items,
        },
        Term::Literal(Literal::Text(_)),
    ] = arguments
    else {
        return None;
    };
    let [one] = &items[..] else { return None };
    is_text_or_missing(one).then(|| one.clone())
}

fn is_text_or_missing(term: &Term) -> bool {
    match term {
        Term::Call {
            function: Function::Concat,
            ..
        } => true,
        Term::Call {
            function: Function::Item,
            arguments,
        } => {
            matches!(&arguments[..], [Term::Select { item, .. }, Term::Literal(Literal::Integer(_))]
            if is_text_or_missing(item))
        }
        _ => false,
    }
}

/// The list without its first item.
pub(super) fn without_first(list: Term) -> Term {
    let null = Term::Literal(Literal::Null);
    Term::call(
        Function::Slice,
        vec![list, Term::Literal(Literal::Integer(1)), null],
    )
}

/// A list of which no item is taken, where the list always is one; nothing where it may be missing.
pub(super) fn none_of(list: &Term) -> Option<Term> {
    let of_event = |term: &Term| matches!(term, Term::Field(path) if path.segments.is_empty());
    let is_entries = |term: &Term| {
        matches!(term, Term::Call { function: Function::Entries | Function::Keys, arguments }
            if arguments.iter().all(of_event))
    };
    let is_list =
        is_entries(list) || before_first(list).is_some_and(|(whole, _)| is_entries(whole));
    is_list.then(|| Term::Literal(Literal::List(Vec::new())))
}
