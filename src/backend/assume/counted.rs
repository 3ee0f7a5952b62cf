//! Questions about how many items of a list a rule takes, and about what it makes of one of two lists.
//!
//! How many items are taken does not depend on what is taken of each, and whether there is any is a question about some item. What is
//! made of a choice is a choice of what is made of its values, so that the question is one of these by the case. Invariant: the
//! verdict on every event stays.

use crate::eval;
use crate::ir::{
    Case, Condition, Function, Kind, Literal, Object, Operator, Predicate, Quantifier, Term,
};

/// The most values of a choice that are asked about apart.
const MOST: usize = 3;

/// The question about the items that are taken, or about the values of a choice.
pub(super) fn test(predicate: &Predicate) -> Option<Condition> {
    of_length(predicate).or_else(|| by_case(predicate))
}

/// A question about how many items of a list are taken.
fn of_length(predicate: &Predicate) -> Option<Condition> {
    let Term::Call {
        function: Function::Length,
        arguments,
    } = &predicate.subject
    else {
        return None;
    };
    let [Term::Select { list, when, item }] = arguments.as_ref() else {
        return None;
    };
    let is_list = Predicate::new(
        list.as_ref().clone(),
        Operator::IsKind,
        Object::Kinds(vec![Kind::List]),
    );
    let is_list = || Condition::from(is_list.clone().implied());
    let some = || Condition::Items {
        quantifier: Quantifier::Some,
        list: list.clone(),
        body: when.clone(),
    };
    let Object::Literal(Literal::Integer(number)) = predicate.object else {
        return None;
    };
    match (predicate.operator, number) {
        (Operator::GreaterThan, 0) | (Operator::AtLeast, 1) => return Some(some()),
        (Operator::LessThan, 1) | (Operator::AtMost | Operator::Equals, 0) => {
            return Some(is_list().and(some().negate()));
        }
        _ => {}
    }
    let counted = |subject: Term| Predicate {
        subject,
        ..predicate.clone()
    };
    if when.as_constant() == Some(true) {
        let all = Term::call(Function::Length, [list.as_ref().clone()]);
        return Some(is_list().and(counted(all).into()));
    }
    (item.as_literal().is_none()).then(|| {
        let ones = Term::Select {
            list: list.clone(),
            when: when.clone(),
            item: Term::Literal(Literal::Integer(1)).into(),
        };
        counted(Term::call(Function::Length, [ones])).into()
    })
}

/// A question about what is made of a choice of lists.
fn by_case(predicate: &Predicate) -> Option<Condition> {
    let (cases, otherwise) = choice(&predicate.subject)?;
    let ask = |subject: Term| {
        let is_constant = matches!(predicate.object, Object::Literal(_) | Object::List(_))
            && subject.fields().is_empty()
            && !has_items(&subject);
        let asked = Condition::from(Predicate {
            subject,
            ..predicate.clone()
        });
        if is_constant {
            let nothing = serde_json::Value::Object(serde_json::Map::new());
            return Condition::constant(eval::holds(&asked, &nothing));
        }
        asked
    };
    let mut before = Condition::TRUE;
    let mut any = Condition::FALSE;
    for Case { when, then } in cases {
        any = any.or(before.clone().and(when.clone()).and(ask(then)));
        before = before.and(when.negate());
    }
    Some(any.or(before.and(ask(otherwise))))
}

/// The choice of lists that the term is made of, with what is made of each.
fn choice(term: &Term) -> Option<(Vec<Case>, Term)> {
    match term {
        Term::Choice { cases, otherwise } => {
            let is_made = |then: &Term| matches!(then, Term::Select { .. });
            let made = cases.iter().any(|case| is_made(&case.then)) || is_made(otherwise);
            let few = cases.len() < MOST;
            (made && few).then(|| (cases.to_vec(), otherwise.as_ref().clone()))
        }
        Term::Call {
            function:
                function @ (Function::Length | Function::Distinct | Function::Item | Function::Join),
            arguments,
        } => {
            let (first, rest) = arguments.split_first()?;
            let (cases, otherwise) = choice(first)?;
            let of = |value: Term| {
                let arguments = std::iter::once(value).chain(rest.iter().cloned());
                Term::call(*function, arguments.collect::<Vec<Term>>())
            };
            let cases = cases.into_iter().map(|case| Case {
                when: case.when,
                then: of(case.then),
            });
            Some((cases.collect(), of(otherwise)))
        }
        _ => None,
    }
}

/// Whether the term reads an item of a list around it, or makes a list.
fn has_items(term: &Term) -> bool {
    match term {
        Term::Literal(_) => false,
        Term::Call { arguments, .. } => arguments.iter().any(has_items),
        _ => true,
    }
}
