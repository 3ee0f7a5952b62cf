//! A value that conditions choose, as the conditions under which it is each of its values.

use super::plain::Place;
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
    let there = |subject: &Term, operator| {
        place.condition(&Predicate::new(subject.clone(), operator, Object::None).into())
    };
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
            let (last, first) = arguments.split_last()?;
            let mut left = given.clone();
            for argument in first {
                let there = there(argument, operator);
                add(
                    place,
                    argument,
                    &left.clone().and(there.clone()),
                    found,
                    most,
                )?;
                left = left.and(there.negate());
            }
            add(place, last, &left, found, most)
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
