//! A value that conditions choose, as the conditions under which it is each of its values.

use super::call::{called, nothing};
use super::plain::Place;
use super::states::is_multiple;
use crate::ir::{Condition, Function, Object, Operator, Predicate, Term};

/// A value that has more ways than this is left as it is.
const MOST: usize = 64;

/// The conditions under which the plain term is each of its values, one of which always holds; nothing where it has too many.
pub(super) fn ways(place: &Place<'_>, term: &Term) -> Option<Vec<(Condition, Term)>> {
    ways_up_to(MOST, place, term)
}

/// The same for a value of so many ways at most.
pub(super) fn ways_up_to(
    most: usize,
    place: &Place<'_>,
    term: &Term,
) -> Option<Vec<(Condition, Term)>> {
    let mut found = Vec::new();
    add(place, term, &Condition::TRUE, &mut found, most)?;
    Some(found)
}

fn add(
    place: &Place<'_>,
    term: &Term,
    given: &Condition,
    found: &mut Vec<(Condition, Term)>,
    most: usize,
) -> Option<()> {
    if given.as_constant() == Some(false) {
        return Some(());
    }
    match term {
        Term::Choice { cases, otherwise } => {
            let mut left = given.clone();
            for case in cases {
                add(
                    place,
                    &case.then,
                    &left.clone().and(case.when.clone()),
                    found,
                    most,
                )?;
                left = left.and(case.when.clone().negate());
            }
            add(place, otherwise, &left, found, most)
        }
        Term::Call {
            function: function @ (Function::Coalesce | Function::IfMissing),
            arguments,
        } => {
            let operator = match function {
                Function::Coalesce => Operator::IsPresent,
                _ => Operator::Exists,
            };
            let mut left = given.clone();
            for (at, argument) in arguments.iter().enumerate() {
                // The last one is the value, but for `null` where that is none.
                if operator == Operator::Exists && at + 1 == arguments.len() {
                    return add(place, argument, &left, found, most);
                }
                let there = Predicate::new(argument.clone(), operator, Object::None);
                let there = place.condition(&there.into());
                let here = left.clone().and(there.clone());
                add(place, argument, &here, found, most)?;
                left = left.and(there.negate());
            }
            add(place, &nothing(), &left, found, most)
        }
        other => {
            if found.len() >= most {
                return None;
            }
            found.push((given.clone(), other.clone()));
            Some(())
        }
    }
}

/// The same, what is computed of a chosen value being one value for each of them.
pub(super) fn ways_within(
    most: usize,
    place: &Place<'_>,
    term: &Term,
) -> Option<Vec<(Condition, Term)>> {
    let mut found = Vec::new();
    for (given, value) in ways_up_to(most, place, term)? {
        let computed = of_arguments(most, place, &value)?;
        for (when, value) in computed.unwrap_or_else(|| vec![(Condition::TRUE, value)]) {
            let given = given.clone().and(when);
            if given.as_constant() != Some(false) {
                found.push((given, value));
            }
        }
        if found.len() > most {
            return None;
        }
    }
    Some(found)
}

/// The values of a call by those of its arguments; nothing within where none of these is chosen.
#[allow(
    clippy::option_option,
    reason = "the outer one says whether there are few enough, the inner one whether there are any"
)]
fn of_arguments(
    most: usize,
    place: &Place<'_>,
    term: &Term,
) -> Option<Option<Vec<(Condition, Term)>>> {
    let Term::Call {
        function,
        arguments,
    } = term
    else {
        return Some(None);
    };
    if is_chosen(term) || !arguments.iter().any(has_chosen) || is_multiple(term) {
        return Some(None);
    }
    let mut products = vec![(Condition::TRUE, Vec::new())];
    for argument in arguments {
        let ways = ways_within(most, place, argument)?;
        let mut longer = Vec::new();
        for (given, before) in &products {
            for (when, value) in &ways {
                let given = given.clone().and(when.clone());
                if given.as_constant() == Some(false) {
                    continue;
                }
                let mut values = before.clone();
                values.push(value.clone());
                longer.push((given, values));
            }
        }
        if longer.len() > most {
            return None;
        }
        products = longer;
    }
    let mut found = Vec::new();
    for (given, values) in products {
        let value = called(place, *function, values, false);
        // A text of one part is chosen by whether it is there.
        for (when, value) in ways_up_to(most, place, &value)? {
            found.push((given.clone().and(when), value));
        }
    }
    Some(Some(found))
}

/// Whether the term is computed of one that conditions choose. What is computed of a list's items is chosen for each of them.
fn has_chosen(term: &Term) -> bool {
    match term {
        Term::Call { arguments, .. } => is_chosen(term) || arguments.iter().any(has_chosen),
        other => is_chosen(other),
    }
}

/// Whether the term is one that conditions choose.
pub(super) fn is_chosen(term: &Term) -> bool {
    matches!(
        term,
        Term::Choice { .. }
            | Term::Call {
                function: Function::Coalesce | Function::IfMissing,
                ..
            }
    )
}
