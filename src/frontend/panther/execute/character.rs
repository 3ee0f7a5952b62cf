//! What is asked of the characters of a text: a text of one character equals no longer one and is never empty.
//!
//! Invariant: the folded condition holds for the same characters.

use super::item::ItemId;
use super::logic;
use super::remap::Remap;
use super::value::Parts;
use crate::ir::{CaseSensitivity, Condition, Function, Literal, Object, Operator, Predicate, Term};

/// The items of a list of characters.
struct Characters(ItemId);

impl Remap for Characters {
    fn term(&self, term: Term) -> Term {
        term
    }

    fn condition(&self, condition: Condition) -> Condition {
        match condition {
            Condition::All(parts) => logic::all(parts.into_iter().map(|part| self.condition(part))),
            Condition::Any(parts) => logic::any(parts.into_iter().map(|part| self.condition(part))),
            Condition::Not(inner) => self.condition(inner.into_inner()).negate(),
            Condition::Test(predicate) if predicate.subject == self.0.term() => {
                match answer(&predicate) {
                    Some(value) => Condition::constant(value),
                    None => Condition::Test(predicate),
                }
            }
            other => other,
        }
    }
}

/// The condition about an item of the list.
pub(super) fn folded(list: &Term, item: ItemId, condition: Condition) -> Condition {
    if is_characters(list) {
        Characters(item).condition(condition)
    } else {
        condition
    }
}

/// The same for what is made of an item.
pub(super) fn folded_parts<'m>(list: &Term, item: ItemId, parts: Parts<'m>) -> Parts<'m> {
    if is_characters(list) {
        let folded = Characters(item).parts(&parts);
        return folded
            .into_iter()
            .filter(|part| part.when.as_constant() != Some(false))
            .collect();
    }
    parts
}

fn is_characters(list: &Term) -> bool {
    matches!(
        list,
        Term::Call {
            function: Function::Characters,
            ..
        }
    )
}

/// What the predicate says of every character, if it says the same of all.
fn answer(predicate: &Predicate) -> Option<bool> {
    let never = |text: &str| {
        // A character can become several in lower case, but not in ASCII.
        let foldable = predicate.case == CaseSensitivity::Sensitive || text.is_ascii();
        foldable && text.chars().nth(1).is_some()
    };
    let literal = |literal: &Literal| match literal {
        Literal::Text(text) => text.is_empty() || never(text),
        _ => true,
    };
    let impossible = match (predicate.operator, &predicate.object) {
        (Operator::IsTruthy | Operator::IsFilled | Operator::IsPresent | Operator::Exists, _) => {
            return Some(true);
        }
        (Operator::Equals, Object::Literal(value)) => literal(value),
        (Operator::Equals | Operator::In, Object::List(values)) => values.iter().all(literal),
        (Operator::Contains | Operator::StartsWith | Operator::EndsWith, Object::Texts(texts)) => {
            texts.iter().all(|text| never(text))
        }
        _ => false,
    };
    impossible.then_some(false)
}
