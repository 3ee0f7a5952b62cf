//! Whether a text stands in texts that are joined, as a question about one of them.
//!
//! A text that has no character of the separator lies within one of the joined texts, so that the question needs no joined text,
//! which a table does not have. Refused: a list that may hold something else than texts, which cannot be joined.

use crate::ir::{
    Condition, FieldPath, Function, Literal, Object, Operator, Predicate, Quantifier, Term,
};

/// The question about some text of the list, where the predicate asks for a text in them all, joined.
pub(super) fn test(predicate: &Predicate) -> Option<Condition> {
    let Term::Call {
        function: Function::Join,
        arguments,
    } = &predicate.subject
    else {
        return None;
    };
    let [list, Term::Literal(Literal::Text(separator))] = arguments.as_ref() else {
        return None;
    };
    let (Operator::Contains, Object::Texts(asked)) = (predicate.operator, &predicate.object) else {
        return None;
    };
    let separator = separator.to_lowercase();
    let is_within = |text: &String| {
        let text = text.to_lowercase();
        !text.is_empty() && !separator.chars().any(|one| text.contains(one))
    };
    if separator.is_empty() || !asked.iter().all(is_within) || !is_of_texts(list) {
        return None;
    }
    let asked = Predicate {
        subject: Term::Item {
            depth: 0,
            path: FieldPath::root(),
        },
        ..predicate.clone()
    };
    Some(Condition::Items {
        quantifier: Quantifier::Some,
        list: list.clone().into(),
        body: Condition::from(asked).into(),
    })
}

/// Whether every item of the list is a text, if it is a list.
fn is_of_texts(list: &Term) -> bool {
    match list {
        Term::Call { function, .. } => matches!(
            function,
            Function::Keys | Function::Characters | Function::Split
        ),
        Term::Select { item, .. } => matches!(
            item.as_ref(),
            Term::Call {
                function: Function::Display | Function::DisplayEvent,
                ..
            }
        ),
        _ => false,
    }
}
