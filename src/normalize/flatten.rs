//! No `all` in an `all`, no `any` in an `any`, no double negation, no part twice, no constants but at the top.

use std::collections::BTreeSet;

use crate::ir::{Condition, Literal, Object, Operator, Predicate, Shared};

pub(super) fn flatten(condition: Condition) -> Condition {
    condition.map(&mut |node| match node {
        Condition::All(parts) => unwrap(unique(
            parts.into_iter().fold(Condition::TRUE, Condition::and),
        )),
        Condition::Any(parts) => unwrap(unique(
            parts.into_iter().fold(Condition::FALSE, Condition::or),
        )),
        Condition::Not(inner) => inner.into_inner().negate(),
        Condition::Test(predicate) => canonical(predicate),
        items @ Condition::Items { .. } => items,
    })
}

fn unique(condition: Condition) -> Condition {
    let keep = |parts: Vec<Condition>| {
        parts.into_iter().fold(Vec::new(), |mut kept, part| {
            if !kept.contains(&part) {
                kept.push(part);
            }
            kept
        })
    };
    match condition {
        Condition::All(parts) => Condition::All(keep(parts.into_vec()).into()),
        Condition::Any(parts) => Condition::Any(keep(parts.into_vec()).into()),
        other => other,
    }
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
/// that the empty text satisfies asks only for a text, and the networks of all addresses ask only for an address.
fn canonical(predicate: Shared<Predicate>) -> Condition {
    let is_list = matches!(
        predicate.object,
        Object::List(_) | Object::Texts(_) | Object::Kinds(_)
    );
    if is_list {
        canonical_list(predicate.into_inner())
    } else {
        Condition::Test(predicate)
    }
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
        (Operator::Contains | Operator::StartsWith | Operator::EndsWith, Object::Texts(texts))
            if texts.iter().any(String::is_empty) =>
        {
            predicate.operator = Operator::IsKind;
            predicate.object = Object::Kinds(vec![crate::ir::Kind::Text]);
        }
        (Operator::InNetwork, Object::Texts(networks))
            if ["0.0.0.0/0", "::/0"]
                .iter()
                .all(|all| networks.iter().any(|network| network == all)) =>
        {
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

/// Takes out what is there before. Texts, which lists of thousands are made of, are found by order.
fn dedup<T: PartialEq>(items: &mut Vec<T>, text: impl Fn(&T) -> Option<&str>) {
    let mut texts: BTreeSet<&str> = BTreeSet::new();
    let mut others: Vec<&T> = Vec::new();
    let mut kept = Vec::with_capacity(items.len());
    for item in items.iter() {
        let is_new = match text(item) {
            Some(text) => texts.insert(text),
            None => !others.contains(&item),
        };
        if is_new && text(item).is_none() {
            others.push(item);
        }
        kept.push(is_new);
    }
    let mut kept = kept.into_iter();
    items.retain(|_| kept.next().unwrap_or(true));
}
