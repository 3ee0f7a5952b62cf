//! What a question about an item of a list says as well: that the list is one, and has items. And what one about a key says that
//! is read out of a text which spells an object: that the text is there, and spells one.

use crate::ir::{Condition, FieldPath, Kind, Object, Operator, Predicate, Quantifier, Term};
use crate::schema::LogSourceMap;

/// The condition without what a question about an item of a list says as well; and whether there was any.
pub(super) fn without_implied(source: &LogSourceMap, condition: Condition) -> (Condition, bool) {
    let mut found = false;
    let condition = condition.map(&mut |node| {
        let Condition::All(parts) = node else {
            return None;
        };
        let filtered: Vec<&Term> = parts.iter().filter_map(filtered_list).collect();
        let texts = texts_read(source, parts);
        let mut changed = false;
        let mut left = Condition::TRUE;
        for part in parts {
            if is_implied(part, &filtered) {
                changed = true;
                continue;
            }
            let told = without_texts(source, &texts, part.clone());
            changed |= !texts.is_empty() && told != *part;
            left = left.and(told);
        }
        found |= changed;
        changed.then_some(left)
    });
    (condition, found)
}

/// The texts out of which keys are read that have to be there.
pub(in crate::backend) fn texts_read(
    source: &LogSourceMap,
    conjuncts: &[Condition],
) -> Vec<FieldPath> {
    if !source.has_json_text() {
        return Vec::new();
    }
    let texts = conjuncts.iter().filter_map(|part| read(source, part));
    texts.collect()
}

/// The condition where the texts are there and spell objects.
pub(in crate::backend) fn without_texts(
    source: &LogSourceMap,
    texts: &[FieldPath],
    condition: Condition,
) -> Condition {
    if texts.is_empty() {
        return condition;
    }
    condition.map(&mut |node| match node {
        Condition::Test(predicate) => {
            says_text(source, predicate, texts).then_some(Condition::TRUE)
        }
        other => other.folded(),
    })
}

/// The list of which some item is asked for more than to be there.
fn filtered_list(conjunct: &Condition) -> Option<&Term> {
    match conjunct {
        Condition::Items {
            quantifier: Quantifier::Some,
            list,
            body,
        } if body.as_constant().is_none() => Some(list),
        _ => None,
    }
}

/// Whether the conjunct says of a list only that it is one with items, which a question about an item of it says as well.
fn is_implied(conjunct: &Condition, filtered: &[&Term]) -> bool {
    match conjunct {
        Condition::Items {
            quantifier: Quantifier::Some,
            list,
            body,
        } => body.as_constant() == Some(true) && filtered.contains(&list.as_ref()),
        Condition::Test(predicate) => {
            let is_list =
                matches!(&predicate.object, Object::Kinds(kinds) if kinds.contains(&Kind::List));
            is_list && filtered.contains(&&predicate.subject)
        }
        _ => false,
    }
}

/// The text out of which a key is read that has to be there for the conjunct to hold.
fn read(source: &LogSourceMap, conjunct: &Condition) -> Option<FieldPath> {
    let below = |term: &Term| source.json_text_above(&source.canonical(term.as_field()?));
    match conjunct {
        Condition::Test(predicate) if !predicate.operator.info().on_missing => {
            below(&predicate.subject)
        }
        Condition::Items {
            quantifier: Quantifier::Some,
            list,
            ..
        } => below(list),
        _ => None,
    }
}

/// Whether the predicate says of one of the texts only that it is there, or that it spells an object.
fn says_text(source: &LogSourceMap, predicate: &Predicate, texts: &[FieldPath]) -> bool {
    let there = |kind: Kind| match (predicate.operator, &predicate.object) {
        (operator, _) if is_presence(operator) => true,
        (Operator::IsKind, Object::Kinds(kinds)) => kinds.contains(&kind),
        _ => false,
    };
    if let Some(path) = predicate.subject.as_field() {
        return texts.contains(&source.canonical(path)) && there(Kind::Text);
    }
    let spelt = source.json_path(&predicate.subject);
    spelt.is_some_and(|path| texts.contains(&path)) && there(Kind::Object)
}

/// Whether every value with something in it passes.
fn is_presence(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Exists | Operator::IsPresent | Operator::IsFilled | Operator::IsTruthy
    )
}
