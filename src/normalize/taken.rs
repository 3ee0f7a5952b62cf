//! A value that is taken from one of the items of a list that have something: it is there where such an item is.

use crate::ir::{Case, Condition, Function, Literal, Quantifier, Shared, Term};

/// The list that a value is taken from, and what the item has that it is taken from. Where there is none, there is no value.
pub(super) fn from(mut term: &Term) -> Option<(&Shared<Term>, &Condition)> {
    loop {
        let Term::Call {
            function,
            arguments,
        } = term
        else {
            return None;
        };
        match (function, arguments.as_slice()) {
            (Function::Item, [Term::Select { list, when, .. }, Term::Literal(_)]) => {
                return (!list.reads_each()).then_some((list, when.as_ref()));
            }
            (function, [of, _]) if is_step(*function) => term = of,
            _ => return None,
        }
    }
}

/// What lies below a value that is taken where it is there and `null` elsewhere: the same as below what is taken, as nothing lies
/// below `null`.
pub(super) fn below(function: Function, arguments: &[Term]) -> Option<Term> {
    let (Term::Choice { cases, otherwise }, rest) = arguments.split_first()? else {
        return None;
    };
    let ([Case { when, then }], true) = (cases.as_slice(), is_step(function)) else {
        return None;
    };
    let Condition::Items {
        quantifier: Quantifier::Some,
        list,
        body,
    } = when
    else {
        return None;
    };
    let is_of_it = from(then)? == (list, body.as_ref());
    let is_none = **otherwise == Term::Literal(Literal::Null);
    let whole = std::iter::once(then).chain(rest).cloned();
    (is_of_it && is_none).then(|| Term::call(function, whole.collect::<Vec<_>>()))
}

/// Whether the function gives what lies a step below a value.
fn is_step(function: Function) -> bool {
    matches!(
        function,
        Function::Member | Function::MemberExact | Function::Item
    )
}
