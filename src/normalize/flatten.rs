//! No `all` in an `all`, no `any` in an `any`, no double negation, no part twice, no constants but at the top.

use std::collections::BTreeSet;

use crate::ir::{Condition, Literal, Local, Object, Operator, Predicate, SharedVec};

pub(super) fn flatten(condition: Condition) -> Condition {
    condition.map_unsettled(Local::Flatten, &mut |node| match node {
        Condition::All(_) | Condition::Any(_) => {
            let folded = node.folded();
            let distinct = distinct(folded.as_ref().unwrap_or(node));
            distinct.or(folded).map(unwrap)
        }
        Condition::Not(_) => node.folded(),
        Condition::Test(predicate) => canonical(predicate),
        Condition::Items { .. } => None,
    })
}

/// The condition without parts that are there before; nothing where there are none.
fn distinct(condition: &Condition) -> Option<Condition> {
    match condition {
        Condition::All(parts) => first_ones(parts).map(Condition::All),
        Condition::Any(parts) => first_ones(parts).map(Condition::Any),
        _ => None,
    }
}

fn first_ones(parts: &SharedVec<Condition>) -> Option<SharedVec<Condition>> {
    let is_first = |at: usize| !parts[..at].contains(&parts[at]);
    let repeated = (0..parts.len()).find(|at| !is_first(*at))?;
    let mut kept = parts[..repeated].to_vec();
    for part in &parts[repeated..] {
        if !kept.contains(part) {
            kept.push(part.clone());
        }
    }
    Some(kept.into())
}

fn unwrap(condition: Condition) -> Condition {
    match condition {
        Condition::All(mut parts) | Condition::Any(mut parts) if parts.len() == 1 => {
            parts.to_mut().remove(0)
        }
        other => other,
    }
}

/// One form for predicates that can be written in several: a list of one is `eq`, an empty list never holds, a text operator
/// that the empty text satisfies asks only for a text, and the networks of all addresses ask only for an address. Nothing where
/// the predicate has that form.
fn canonical(predicate: &Predicate) -> Option<Condition> {
    let is_canonical = match (predicate.operator, &predicate.object) {
        (Operator::In, Object::List(items)) => {
            items.len() > 1 && !has_repeated(items, Literal::as_text)
        }
        (_, Object::None | Object::Literal(_) | Object::Term(_) | Object::List(_)) => true,
        (operator, Object::Texts(texts)) => {
            !texts.is_empty()
                && !asks_for_text(operator, texts)
                && !asks_for_address(operator, texts)
                && !has_repeated(texts, |text| Some(text))
        }
        (_, Object::Kinds(kinds)) => !kinds.is_empty() && kinds.is_sorted_by(|a, b| a < b),
    };
    (!is_canonical).then(|| canonical_list(predicate.clone()))
}

/// Whether every text satisfies one of the texts.
fn asks_for_text(operator: Operator, texts: &[String]) -> bool {
    matches!(
        operator,
        Operator::Contains | Operator::StartsWith | Operator::EndsWith
    ) && texts.iter().any(String::is_empty)
}

/// Whether every address is in one of the networks.
fn asks_for_address(operator: Operator, networks: &[String]) -> bool {
    let all = ["0.0.0.0/0", "::/0"];
    operator == Operator::InNetwork
        && all
            .iter()
            .all(|all| networks.iter().any(|network| network == all))
}

fn canonical_list(mut predicate: Predicate) -> Condition {
    match (predicate.operator, &mut predicate.object) {
        (Operator::In, Object::List(items)) => {
            dedup(items, Literal::as_text);
            match items.len() {
                0 => return Condition::FALSE,
                1 => {
                    predicate.object = Object::Literal(items.remove(0));
                    predicate.operator = Operator::Equals;
                }
                _ => {}
            }
        }
        (operator, Object::Texts(texts)) if asks_for_text(operator, texts) => {
            predicate.operator = Operator::IsKind;
            predicate.object = Object::Kinds(vec![crate::ir::Kind::Text]);
        }
        (operator, Object::Texts(networks)) if asks_for_address(operator, networks) => {
            predicate.operator = Operator::IsIpAddress;
            predicate.object = Object::None;
        }
        (_, Object::Texts(texts)) if texts.is_empty() => return Condition::FALSE,
        (_, Object::Texts(texts)) => dedup(texts, |text| Some(text)),
        (_, Object::Kinds(kinds)) if kinds.is_empty() => return Condition::FALSE,
        (_, Object::Kinds(kinds)) => {
            kinds.sort_unstable();
            kinds.dedup();
        }
        _ => {}
    }
    predicate.into()
}

/// Which items are there before. Texts, which lists of thousands are made of, are found by order.
fn repeated<T: PartialEq>(
    items: &[T],
    text: impl Fn(&T) -> Option<&str>,
) -> impl Iterator<Item = bool> {
    let mut texts: BTreeSet<&str> = BTreeSet::new();
    let mut others: Vec<&T> = Vec::new();
    items.iter().map(move |item| match text(item) {
        Some(text) => !texts.insert(text),
        None if others.contains(&item) => true,
        None => {
            others.push(item);
            false
        }
    })
}

fn has_repeated<T: PartialEq>(items: &[T], text: impl Fn(&T) -> Option<&str>) -> bool {
    repeated(items, text).any(|is_repeated| is_repeated)
}

/// Takes out what is there before.
fn dedup<T: PartialEq>(items: &mut Vec<T>, text: impl Fn(&T) -> Option<&str>) {
    let repeated: Vec<bool> = repeated(items, text).collect();
    let mut repeated = repeated.into_iter();
    items.retain(|_| !repeated.next().unwrap_or(false));
}
