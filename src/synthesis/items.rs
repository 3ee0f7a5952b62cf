//! A question about the items of a list to lists whose items pass and do not pass.
//!
//! An item is found as an event is, the condition being read as one about the item itself. Fields of the event around keep their
//! names, so that what is proposed for them is lost; whether the list does is for the evaluator.

use serde_json::{Value, json};

use super::search::{Goal, Search};
use crate::ir::{Condition, Object, Predicate, Term};

/// How deep lists within items of lists are looked into.
const DEEPEST: usize = 3;

/// Lists for the body of a question about items.
pub(super) fn lists(body: &Condition, depth: usize) -> Vec<Value> {
    if depth >= DEEPEST {
        return Vec::new();
    }
    let body = body.clone().map(&mut |node| match node {
        Condition::Test(predicate) => Some(about_item(predicate).into()),
        Condition::Items {
            quantifier,
            list,
            body,
        } => Some(Condition::Items {
            quantifier: *quantifier,
            list: of_item(list).into(),
            body: body.clone(),
        }),
        _ => None,
    });
    let item = |holds: bool| {
        let mut search = Search::within(depth + 1);
        let found = search.solve(&[Goal::new(&body, holds)]).ok();
        found.map(|solution| solution.event)
    };
    let (hit, miss) = (item(true), item(false));
    let both: Vec<Value> = hit.iter().chain(&miss).cloned().collect();
    [
        Some(hit.clone().into_iter().collect()),
        miss.map(|miss| vec![miss]),
        Some(both),
    ]
    .into_iter()
    .flatten()
    .filter(|items: &Vec<Value>| !items.is_empty())
    .map(Value::from)
    .chain([json!([]), hit.map_or(json!([{}]), |hit| json!([hit, hit]))])
    .collect()
}

fn about_item(predicate: &Predicate) -> Predicate {
    let mut predicate = predicate.clone();
    predicate.subject = of_item(&predicate.subject);
    if let Object::Term(term) = &predicate.object {
        predicate.object = Object::Term(of_item(term).into());
    }
    predicate
}

/// The term with the item read as the event.
fn of_item(term: &Term) -> Term {
    match term {
        Term::Item { depth: 0, path } => Term::Field(path.clone()),
        Term::Call {
            function,
            arguments,
        } => Term::Call {
            function: *function,
            arguments: arguments.iter().map(of_item).collect(),
        },
        other => other.clone(),
    }
}
