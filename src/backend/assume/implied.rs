//! What a question about an item of a list says as well: that the list is one, and has items.

use crate::ir::{Condition, Kind, Object, Quantifier, Term};

/// The condition without what a question about an item of a list says as well; and whether there was any.
pub(super) fn without_implied(condition: Condition) -> (Condition, bool) {
    let mut found = false;
    let condition = condition.map(&mut |node| {
        let Condition::All(parts) = node else {
            return None;
        };
        let filtered: Vec<&Term> = parts.iter().filter_map(filtered_list).collect();
        let implied = |part: &&Condition| is_implied(part, &filtered);
        if !parts.iter().any(|part| implied(&part)) {
            return None;
        }
        found = true;
        let left = parts.iter().filter(|part| !implied(part)).cloned();
        Some(left.fold(Condition::TRUE, Condition::and))
    });
    (condition, found)
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
