//! The case of letters counts only where there are letters: a comparison with texts that have no case is case-sensitive, so that
//! `x eq "123"` has one form.

use crate::ir::{CaseSensitivity, Condition, Literal, Local, Object, Operator, Predicate};

pub(super) fn settle(condition: Condition) -> Condition {
    condition.map_unsettled(Local::Case, &mut |node| match node {
        Condition::Test(predicate)
            if predicate.case == CaseSensitivity::Insensitive && is_caseless(predicate) =>
        {
            let mut predicate = predicate.clone();
            predicate.case = CaseSensitivity::Sensitive;
            Some(Condition::Test(predicate))
        }
        _ => None,
    })
}

/// Whether it makes no difference if the case of letters counts.
pub(crate) fn is_caseless(predicate: &Predicate) -> bool {
    let ordered = matches!(
        predicate.operator,
        Operator::LessThan | Operator::AtMost | Operator::GreaterThan | Operator::AtLeast
    );
    // A pattern's letters need not be the text's, and `[` stands between the letters of either case.
    let texts_matter = ordered && matches!(predicate.object, Object::Literal(Literal::Text(_)));
    if predicate.operator == Operator::Matches || texts_matter {
        return false;
    }
    match &predicate.object {
        Object::None | Object::Kinds(_) => true,
        Object::Literal(literal) => caseless(literal),
        Object::List(items) => items.iter().all(caseless),
        Object::Texts(texts) => texts.iter().all(|text| caseless_text(text)),
        Object::Term(_) => false,
    }
}

fn caseless(literal: &Literal) -> bool {
    match literal {
        Literal::Null | Literal::Boolean(_) | Literal::Integer(_) | Literal::Float(_) => true,
        Literal::Text(text) => caseless_text(text),
        Literal::List(items) => items.iter().all(caseless),
        Literal::Object(_) => false,
    }
}

fn caseless_text(text: &str) -> bool {
    // The dot above is part of the lower case of `İ`.
    text.chars()
        .all(|c| c != '\u{307}' && c.to_lowercase().eq([c]) && c.to_uppercase().eq([c]))
}
