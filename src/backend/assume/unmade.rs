//! Questions about values that a rule makes, as questions about what they are made of.
//!
//! Python puts one value in a list, shows it as a text, or leaves out what comes twice, and then asks about the result. Where the
//! question has the same answer for what the result is made of, it is asked of that: a table has the value, and no list or
//! Python text of it. Invariant: the verdict on every event stays. Nothing is said of a form that is not known to be the same.

use crate::ir::{
    CaseSensitivity, Condition, Function, Kind, Literal, Object, Operator, Predicate, Quantifier,
    Shared, Term,
};

/// How Python writes what is no text, besides brackets and digits; and what stands before a list and an object of an event.
const WORDS: [&str; 8] = [
    "true",
    "false",
    "none",
    "null",
    "nan",
    "infinity",
    "immutablelist(",
    "immutablecaseinsensitivedict(",
];

/// The question about what the subject is made of, where it is made.
pub(super) fn test(predicate: &Predicate) -> Option<Condition> {
    let Term::Call {
        function,
        arguments,
    } = &predicate.subject
    else {
        return None;
    };
    match (function, &arguments[..]) {
        (Function::List, items) => of_list(predicate, items),
        (Function::Display | Function::DisplayEvent, [shown]) => of_shown(predicate, shown),
        (Function::Item, [list, position]) => after_first(predicate, list, position),
        (Function::Truncate, [number]) => of_whole(predicate, number),
        (Function::Coalesce, [value, Term::Literal(default)]) => {
            of_default(predicate, value, default, Operator::IsPresent)
        }
        (Function::IfMissing, [value, Term::Literal(default)]) => {
            of_default(predicate, value, default, Operator::Exists)
        }
        _ => None,
    }
}

/// The question about a value with a constant in its place: about the value where it is there, and else its answer for the constant.
/// Asked only what nothing answers with yes that is not there.
fn of_default(
    predicate: &Predicate,
    value: &Term,
    default: &Literal,
    is_there: Operator,
) -> Option<Condition> {
    let plain = match (&predicate.operator, &predicate.object) {
        (Operator::IsTruthy, _) => true,
        (Operator::IsKind, Object::Kinds(kinds)) => !kinds.contains(&Kind::Null),
        (Operator::Equals, Object::Literal(asked)) => *asked != Literal::Null,
        (Operator::In, Object::List(asked)) => !asked.contains(&Literal::Null),
        (operator, Object::Texts(_)) => operator.info().of_texts,
        _ => false,
    };
    if !plain || matches!(value, Term::Literal(_)) {
        return None;
    }
    let asked = |subject: Term| Predicate {
        subject,
        ..predicate.clone()
    };
    let of_constant = Condition::from(asked(Term::Literal(default.clone())));
    let of_value = Condition::from(asked(value.clone()));
    if !crate::eval::holds(&of_constant, &serde_json::Value::Null) {
        return Some(of_value);
    }
    let there = Predicate {
        operator: is_there,
        object: Object::None,
        ..asked(value.clone())
    };
    Some(of_value.or(Condition::from(there).negate()))
}

/// Whether the whole part of a number reaches a whole number: whether the number does. Truth values, which count as 0 and 1, do not.
fn of_whole(predicate: &Predicate, number: &Term) -> Option<Condition> {
    let Object::Literal(Literal::Integer(bound)) = &predicate.object else {
        return None;
    };
    let least = match predicate.operator {
        Operator::GreaterThan => bound.checked_add(1)?,
        Operator::AtLeast => *bound,
        _ => return None,
    };
    (least > 1).then(|| {
        let asked = Predicate {
            subject: number.clone(),
            operator: Operator::AtLeast,
            object: Object::Literal(Literal::Integer(least)),
            ..predicate.clone()
        };
        asked.into()
    })
}

/// The question about some item of a list that is made, as one about what it is made of.
pub(super) fn some_item(list: &Term, body: &Condition) -> Option<Condition> {
    let some = |list: &Term| Condition::Items {
        quantifier: Quantifier::Some,
        list: Shared::new(list.clone()),
        body: Shared::new(body.clone()),
    };
    let Term::Call {
        function,
        arguments,
    } = list
    else {
        return None;
    };
    match (function, &arguments[..]) {
        // Neither how often an item comes nor in which order matters to whether there is one.
        (Function::Distinct | Function::Reverse, [list]) => Some(some(list)),
        (Function::Append, lists) => {
            let all = lists
                .iter()
                .map(is_list)
                .fold(Condition::TRUE, Condition::and);
            let any = lists.iter().map(some).fold(Condition::FALSE, Condition::or);
            Some(all.and(any))
        }
        (Function::List, items) if !tells_null(body) => {
            let asked = items.iter().map(|item| body.of_value(item));
            asked
                .collect::<Option<Vec<Condition>>>()
                .map(|asked| asked.into_iter().fold(Condition::FALSE, Condition::or))
        }
        (Function::Pairs, [first, second]) if !tells_null(body) => of_pairs(first, second, body),
        (Function::Flatten, [Term::Select { list, when, item }]) => {
            let other = when.as_ref().clone().and(is_list(item).negate());
            let inner = Condition::Items {
                quantifier: Quantifier::Some,
                list: item.clone(),
                body: Shared::new(body.within_list()),
            };
            let of = |body: Condition| Condition::Items {
                quantifier: Quantifier::Some,
                list: list.clone(),
                body: Shared::new(body),
            };
            Some(of(other).negate().and(of(when.as_ref().clone().and(inner))))
        }
        _ => None,
    }
}

/// The question about a pair of two lists of which one is made: about as many pairs as that one has items, the other one's items
/// being there.
fn of_pairs(first: &Term, second: &Term, body: &Condition) -> Option<Condition> {
    let made = |term: &Term| match term {
        Term::Call {
            function: Function::List,
            arguments,
        } => Some(arguments.to_vec()),
        Term::Literal(Literal::List(items)) => {
            let items = items.iter().cloned();
            Some(items.map(Term::Literal).collect())
        }
        _ => None,
    };
    let whole = |number: usize| i64::try_from(number).ok().map(Literal::Integer);
    let at =
        |list: &Term, at: Literal| Term::call(Function::Item, [list.clone(), Term::Literal(at)]);
    let longer = |list: &Term, than: Literal| -> Condition {
        let length = Term::call(Function::Length, [list.clone()]);
        let more = Predicate::new(length, Operator::GreaterThan, Object::Literal(than));
        is_list(list).and(more.implied().into())
    };
    let (count, own) = match (made(first), made(second)) {
        (Some(first), Some(second)) => (first.len().min(second.len()), None),
        (Some(items), None) => (items.len(), Some(second)),
        (None, Some(items)) => (items.len(), Some(first)),
        (None, None) => return None,
    };
    let part = |list: &Term, number: usize| match made(list) {
        Some(items) => items.get(number).cloned(),
        None => Some(at(list, whole(number)?)),
    };
    (0..count).try_fold(Condition::FALSE, |any, number| {
        let asked = body.of_values(&[part(first, number)?, part(second, number)?])?;
        let there = match own {
            Some(list) => longer(list, whole(number)?),
            None => Condition::TRUE,
        };
        Some(any.or(there.and(asked)))
    })
}

fn is_list(term: &Term) -> Condition {
    Predicate::new(
        term.clone(),
        Operator::IsKind,
        Object::Kinds(vec![Kind::List]),
    )
    .implied()
    .into()
}

/// Whether a value that is missing may have another answer than `null`, which is what a list has for it.
fn tells_null(body: &Condition) -> bool {
    body.predicates().iter().any(|(predicate, _)| {
        let asks_kinds =
            matches!(&predicate.object, Object::Kinds(kinds) if kinds.contains(&Kind::Null));
        let is_item = |term: &Term| matches!(term, Term::Item { .. });
        predicate.operator == Operator::Exists || asks_kinds || !is_item(&predicate.subject)
    })
}

/// A list of values, which has as many items as there are values.
fn of_list(predicate: &Predicate, items: &[Term]) -> Option<Condition> {
    match (predicate.operator, &predicate.object) {
        (Operator::Exists | Operator::IsPresent | Operator::IsFilled, _) => Some(Condition::TRUE),
        (Operator::IsTruthy, _) => Some(Condition::constant(!items.is_empty())),
        (Operator::IsKind, Object::Kinds(kinds)) => {
            Some(Condition::constant(kinds.contains(&Kind::List)))
        }
        (Operator::Equals, Object::Literal(Literal::List(asked))) => {
            if asked.len() != items.len() {
                return Some(Condition::FALSE);
            }
            let is_plain = |asked: &Literal| *asked != Literal::Null;
            if !asked.iter().all(is_plain) || items.iter().any(Term::reads_each) {
                return None;
            }
            let same = items.iter().zip(asked).map(|(item, asked)| {
                Condition::from(Predicate {
                    subject: item.clone(),
                    object: Object::Literal(asked.clone()),
                    ..predicate.clone()
                })
            });
            Some(same.fold(Condition::TRUE, Condition::and))
        }
        (operator, _) if operator.info().of_texts => Some(Condition::FALSE),
        _ => None,
    }
}

/// What Python shows of a value. A text is itself; of anything else the constant must not be a part.
fn of_shown(predicate: &Predicate, shown: &Term) -> Option<Condition> {
    let of = |subject: Term| {
        Condition::from(Predicate {
            subject,
            ..predicate.clone()
        })
    };
    let all = |is_of_text: fn(&str) -> bool| -> bool {
        let is = |literal: &Literal| literal.as_text().is_some_and(is_of_text);
        match &predicate.object {
            Object::Literal(literal) => is(literal),
            Object::List(literals) => literals.iter().all(is),
            Object::Texts(texts) => texts.iter().all(|text| is_of_text(text)),
            Object::None | Object::Kinds(_) | Object::Term(_) => false,
        }
    };
    match predicate.operator {
        // Nothing but the empty text is shown as nothing.
        Operator::IsTruthy | Operator::IsFilled => {
            let empty = Predicate {
                subject: shown.clone(),
                operator: Operator::Equals,
                object: Object::Literal(Literal::text("")),
                case: CaseSensitivity::Sensitive,
                ..predicate.clone()
            };
            Some(Condition::from(empty).negate())
        }
        Operator::Exists | Operator::IsPresent => Some(Condition::TRUE),
        Operator::Equals | Operator::In if all(is_no_other) => Some(of(shown.clone())),
        Operator::StartsWith if all(starts_no_other) => Some(of(shown.clone())),
        Operator::EndsWith if all(ends_no_other) => Some(of(shown.clone())),
        Operator::Contains if all(is_within_texts) => {
            Some(of(Term::call(Function::ToText, [shown.clone()])))
        }
        _ => None,
    }
}

/// Whether Python shows nothing but this very text as this text.
fn is_no_other(text: &str) -> bool {
    let lower = text.to_lowercase();
    starts_as_text(text) && !WORDS.iter().any(|word| lower.starts_with(word)) && lower != "inf"
}

/// Whether Python shows nothing but a text so that it starts like this.
fn starts_no_other(text: &str) -> bool {
    let lower = text.to_lowercase();
    is_no_other(text) && !WORDS.iter().any(|word| word.starts_with(&lower))
}

/// Whether Python shows nothing but a text so that it ends like this.
fn ends_no_other(text: &str) -> bool {
    let lower = text.to_lowercase();
    let is_plain = |last: char| !last.is_ascii_digit() && !matches!(last, '.' | ')' | ']' | '}');
    text.chars().next_back().is_some_and(is_plain)
        && !WORDS
            .iter()
            .any(|word| word.ends_with(&lower) || lower.ends_with(word))
        && !"inf".ends_with(&lower)
        && !lower.ends_with("inf")
}

/// Whether what is shown has this text only where a text within it does: letters and digits that stand in no other word, so that
/// neither the brackets nor the way in which numbers are written matter.
fn is_within_texts(text: &str) -> bool {
    let lower = text.to_lowercase();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '@');
    text.len() >= 4
        && text.chars().all(is_plain)
        && text
            .chars()
            .any(|c| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E'))
        && !WORDS.iter().any(|word| word.contains(&lower))
}

/// The first character says that it is a text, and neither a number nor a list or an object.
fn starts_as_text(text: &str) -> bool {
    let is_plain = |first: char| {
        !first.is_ascii_digit() && !matches!(first, '-' | '+' | '.' | '[' | '{' | '(')
    };
    text.chars().next().is_some_and(is_plain)
}

/// Whether there is a part after the first separator: whether there is the separator.
fn after_first(predicate: &Predicate, list: &Term, position: &Term) -> Option<Condition> {
    let Term::Call {
        function: Function::SplitFirst | Function::SplitLast,
        arguments,
    } = list
    else {
        return None;
    };
    let [text, separator, most] = arguments.as_ref() else {
        return None;
    };
    let one = Term::Literal(Literal::Integer(1));
    let separator = separator.as_literal()?.as_text()?;
    let asks = matches!(predicate.operator, Operator::Exists | Operator::IsPresent);
    if !asks || *position != one || *most != one || separator.is_empty() {
        return None;
    }
    let contains = Predicate {
        subject: text.clone(),
        operator: Operator::Contains,
        object: Object::Texts(vec![separator.to_owned()]),
        case: CaseSensitivity::Sensitive,
        ..predicate.clone()
    };
    Some(contains.into())
}
