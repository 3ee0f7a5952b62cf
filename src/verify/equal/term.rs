//! Terms to plain ones: the same value in every event, one way to write it.

use regex_syntax::ParserBuilder;

use super::plain::Place;
use crate::ir::{
    Case, Condition, FieldPath, Function, Literal, Object, Operator, Predicate, Quantifier,
    Segment, Shared, Term,
};

/// The term in plain form.
pub(super) fn plain(place: &Place<'_>, term: &Term) -> Term {
    if let Some(column) = place.side.made(term) {
        return Term::Field(column);
    }
    match term {
        Term::Field(path) => Term::Field(place.side.path(path)),
        Term::Item { .. } | Term::Literal(_) => term.clone(),
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
        Term::Select { list, when, item } => {
            let list = plain(place, list);
            let within = place.within(&list);
            Term::Select {
                when: Shared::new(within.condition(when)),
                item: Shared::new(plain(&within, item)),
                list: Shared::new(list),
            }
        }
        Term::Call {
            function,
            arguments,
        } => {
            let arguments: Vec<Term> = arguments
                .iter()
                .map(|argument| plain(place, argument))
                .collect();
            called(place, *function, arguments)
        }
    }
}

fn called(place: &Place<'_>, function: Function, arguments: Vec<Term>) -> Term {
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
        (Function::WholeNumber, [of]) => {
            let path = place.whole(of);
            let is_whole = path.is_some_and(|path| place.side.is_whole(&path));
            is_whole.then(|| of.clone())
        }
        (Function::ToText, [of]) => is_text(of).then(|| of.clone()),
        _ => None,
    };
    match step {
        Some(Term::Field(path)) => Term::Field(place.side.path(&path)),
        Some(term) => term,
        None => Term::call(function, arguments),
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
    let (list, least) = position(term)?;
    let length = Term::call(Function::Length, [list]);
    let least = Object::Literal(Literal::Integer(least));
    // That the first and the last one are there is a question about the list alone.
    matches!(least, Object::Literal(Literal::Integer(2..)))
        .then(|| Predicate::new(length, Operator::AtLeast, least).into())
}

/// The list that the term is one item of, by its position, and how long the list has to be for that.
pub(super) fn position(term: &Term) -> Option<(Term, i64)> {
    let last = |path: &FieldPath| match path.segments.split_last() {
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
            let (path, at) = last(path)?;
            (Term::Field(path), at)
        }
        Term::Item { depth, path } => {
            let (path, at) = last(path)?;
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
    let least = if at < 0 {
        at.checked_neg()?
    } else {
        at.checked_add(1)?
    };
    Some((list, least))
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
        Function::Split | Function::Characters | Function::Keys => true,
        Function::Slice | Function::Reverse | Function::Distinct | Function::Sort => {
            arguments.first().is_some_and(has_texts)
        }
        _ => false,
    }
}

/// Whether the term is a text wherever it has a value.
fn is_text(term: &Term) -> bool {
    let Term::Call {
        function,
        arguments,
    } = term
    else {
        return false;
    };
    *function == Function::Item && arguments.first().is_some_and(has_texts)
        || super::states::of_call(*function) & !(super::states::TEXTS | super::states::MISSING) == 0
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
