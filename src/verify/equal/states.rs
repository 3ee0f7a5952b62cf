//! What a predicate says of the state of its subject: whether there is a value, of which kind, and whether it is empty.
//!
//! Every value of an event is in exactly one of the states, a missing one included. A predicate holds in some of them only, and
//! where it asks for nothing else it holds in all of those.

use serde_json::Value;

use crate::ir::{
    CaseSensitivity, FieldPath, Function, Kind, Literal, Object, Operator, Predicate, Term,
};
use crate::normalize::is_of_texts;

/// A set of states.
pub(super) type States = u16;

pub(super) const MISSING: States = 1;
pub(super) const NULL: States = 1 << 1;
const FALSE: States = 1 << 2;
const TRUE: States = 1 << 3;
const NO_INTEGER: States = 1 << 4;
const INTEGER: States = 1 << 5;
const NO_FLOAT: States = 1 << 6;
const FLOAT: States = 1 << 7;
pub(super) const NO_TEXT: States = 1 << 8;
pub(super) const TEXT: States = 1 << 9;
const NO_LIST: States = 1 << 10;
pub(super) const LIST: States = 1 << 11;
pub(super) const NO_OBJECT: States = 1 << 12;
pub(super) const OBJECT: States = 1 << 13;

/// All of them.
pub(super) const ANY: States = (1 << 14) - 1;
pub(super) const INTEGERS: States = NO_INTEGER | INTEGER;
pub(super) const NUMBERS: States = INTEGERS | NO_FLOAT | FLOAT;
pub(super) const TEXTS: States = NO_TEXT | TEXT;
pub(super) const LISTS: States = NO_LIST | LIST;
pub(super) const OBJECTS: States = NO_OBJECT | OBJECT;
pub(super) const BOOLEANS: States = FALSE | TRUE;
const SIZED: States = TEXTS | LISTS | OBJECTS;
const ZEROS: States = NO_INTEGER | NO_FLOAT;

/// The states in which a predicate may hold, and whether it holds in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) states: States,
    pub(super) always: bool,
}

/// What a predicate with one object says.
pub(super) fn held(predicate: &Predicate) -> Held {
    let always = |states| Held {
        states,
        always: true,
    };
    let some = |states| Held {
        states,
        always: false,
    };
    match (predicate.operator, &predicate.object) {
        (Operator::Exists, _) => always(ANY & !MISSING),
        (Operator::IsPresent, _) => always(ANY & !(MISSING | NULL)),
        (Operator::IsFilled, _) => always(ANY & !(MISSING | NULL | NO_TEXT)),
        (Operator::IsTruthy, _) => always(TRUE | INTEGER | FLOAT | TEXT | LIST | OBJECT),
        (Operator::IsKind, Object::Kinds(kinds)) => {
            always(kinds.iter().fold(0, |states, kind| states | of_kind(*kind)))
        }
        (Operator::Equals, Object::Literal(literal)) => equal_to(literal),
        (Operator::Equals, _) => some(ANY & !(MISSING | NULL)),
        (
            Operator::Contains | Operator::StartsWith | Operator::EndsWith | Operator::HasTerm,
            Object::Texts(texts),
        ) => {
            if texts.iter().all(String::is_empty) {
                always(TEXTS)
            } else {
                some(TEXT)
            }
        }
        (Operator::InNetwork | Operator::IsIpAddress, _) => some(TEXT),
        (
            Operator::LessThan | Operator::AtMost | Operator::GreaterThan | Operator::AtLeast,
            object,
        ) => some(ordered(predicate.operator, object)),
        (operator, _) if operator.info().of_texts => some(TEXTS),
        _ => some(ANY & !MISSING),
    }
}

fn equal_to(literal: &Literal) -> Held {
    let (states, always) = match literal {
        Literal::Null => (0, true),
        Literal::Boolean(true) => (TRUE, true),
        Literal::Boolean(false) => (FALSE, true),
        Literal::Integer(0) => (ZEROS, true),
        Literal::Float(value) if *value == 0.0 => (ZEROS, true),
        Literal::Integer(_) | Literal::Float(_) => (INTEGER | FLOAT, false),
        Literal::Text(text) if text.is_empty() => (NO_TEXT, true),
        Literal::Text(_) => (TEXT, false),
        Literal::List(items) if items.is_empty() => (NO_LIST, true),
        Literal::List(_) => (LIST, false),
        Literal::Object(map) if map.is_empty() => (NO_OBJECT, true),
        Literal::Object(_) => (OBJECT, false),
    };
    Held { states, always }
}

fn ordered(operator: Operator, object: &Object) -> States {
    match object {
        Object::Literal(literal) => match number(literal) {
            Some(bound) => {
                let zero = match operator {
                    Operator::LessThan => 0.0 < bound,
                    Operator::AtMost => 0.0 <= bound,
                    Operator::GreaterThan => 0.0 > bound,
                    _ => 0.0 >= bound,
                };
                if zero { NUMBERS } else { NUMBERS & !ZEROS }
            }
            None if literal.as_text().is_some() => TEXTS,
            None => 0,
        },
        _ => NUMBERS | TEXTS,
    }
}

/// The number that the constant is.
#[allow(
    clippy::cast_precision_loss,
    reason = "JSON numbers have the same limit"
)]
pub(super) fn number(literal: &Literal) -> Option<f64> {
    match literal {
        Literal::Integer(value) => Some(*value as f64),
        Literal::Float(value) => Some(*value),
        _ => None,
    }
}

pub(super) fn of_kind(kind: Kind) -> States {
    match kind {
        Kind::Null => NULL,
        Kind::Boolean => BOOLEANS,
        Kind::Integer => INTEGERS,
        Kind::Number => NUMBERS,
        Kind::Text => TEXTS,
        Kind::List => LISTS,
        Kind::Object => OBJECTS,
    }
}

/// The kinds whose values are in one of the states, where these are all states of texts, lists or objects.
pub(super) fn kinds_of(states: States) -> Option<Vec<Kind>> {
    let kinds = [Kind::Text, Kind::List, Kind::Object].into_iter();
    let kinds: Vec<Kind> = kinds
        .filter(|kind| states & of_kind(*kind) == of_kind(*kind))
        .collect();
    let all = kinds.iter().fold(0, |all, kind| all | of_kind(*kind));
    (all == states && !kinds.is_empty()).then_some(kinds)
}

/// The states in which the values of a function can be.
pub(super) fn of_call(function: Function) -> States {
    match function {
        Function::Lower
        | Function::Upper
        | Function::Trim
        | Function::Substring
        | Function::Replace
        | Function::Extract
        | Function::Join
        | Function::Group
        | Function::TrimStart
        | Function::TrimEnd
        | Function::ReplaceRegex
        | Function::Format
        | Function::TitleCase
        | Function::Capitalize
        | Function::SwapCase
        | Function::CaseFold
        | Function::PercentDecode
        | Function::UrlPart
        | Function::ToText => MISSING | TEXTS,
        Function::QueryValues => MISSING | OBJECTS,
        Function::Concat | Function::Display | Function::DisplayEvent | Function::Quoted => TEXTS,
        Function::Length | Function::IndexOf | Function::LastIndexOf => MISSING | INTEGERS,
        Function::ToNumber
        | Function::Add
        | Function::Subtract
        | Function::Multiply
        | Function::Divide => MISSING | NUMBERS,
        Function::Spread | Function::List => LISTS,
        Function::Split => MISSING | LIST,
        Function::Keys
        | Function::Entries
        | Function::Characters
        | Function::Words
        | Function::Lines
        | Function::ShellWords
        | Function::SplitFirst
        | Function::SplitLast
        | Function::SplitRegex
        | Function::Append
        | Function::Distinct
        | Function::Reverse
        | Function::Sort
        | Function::Numbered
        | Function::Latest
        | Function::Flatten
        | Function::FindAll => MISSING | LISTS,
        Function::Slice => MISSING | TEXTS | LISTS,
        _ => ANY,
    }
}

/// What the first argument of a function is wherever the function has a value; nothing where that is not known.
pub(super) fn of_argument(function: Function) -> Option<States> {
    match function {
        Function::Characters | Function::UrlPart | Function::QueryValues => Some(TEXTS),
        of_texts if is_of_texts(of_texts) => Some(TEXTS),
        Function::ToText => Some(ANY & !(MISSING | NULL)),
        Function::Length => Some(SIZED),
        Function::Slice => Some(TEXTS | LISTS),
        Function::ParseJson => Some(TEXTS | LISTS | OBJECTS),
        Function::Item => Some(LIST),
        Function::Member | Function::MemberExact => Some(OBJECT),
        Function::Keys | Function::Entries => Some(OBJECTS),
        Function::Distinct | Function::Numbered | Function::Reverse => Some(LISTS),
        _ => None,
    }
}

/// Whether the function has a value for every first argument of [`of_argument`].
pub(super) fn is_total(function: Function, arguments: &[Term]) -> bool {
    match function {
        Function::Lower
        | Function::Upper
        | Function::Trim
        | Function::QueryValues
        | Function::Length
        | Function::ToText
        | Function::Characters
        | Function::Keys
        | Function::Entries
        | Function::Distinct
        | Function::Numbered
        | Function::Reverse => true,
        Function::Split => {
            matches!(arguments.get(1), Some(Term::Literal(Literal::Text(by))) if !by.is_empty())
        }
        Function::Item => matches!(
            arguments.get(1),
            Some(Term::Literal(Literal::Integer(0 | -1)))
        ),
        _ => false,
    }
}

/// Whether the function's value is of the kind of its first argument.
pub(super) fn keeps_kind(function: Function) -> bool {
    function == Function::Slice
}

/// The states of the kinds that a text or a list in one of these states has.
pub(super) fn of_kinds(states: States) -> States {
    let kinds = [TEXTS, LISTS].into_iter();
    kinds
        .filter(|kind| states & kind != 0)
        .fold(0, |all, kind| all | kind)
}

/// Whether the term may have several values at once.
pub(super) fn is_multiple(term: &Term) -> bool {
    let has_each = FieldPath::has_each;
    match term {
        Term::Field(path) | Term::Item { path, .. } => has_each(path),
        Term::Literal(_) => false,
        Term::Aggregate { .. }
        | Term::Call {
            function: Function::Anywhere | Function::Each,
            ..
        } => true,
        Term::Call { arguments, .. } => arguments.iter().any(is_multiple),
        Term::Choice { cases, otherwise } => {
            is_multiple(otherwise) || cases.iter().any(|case| is_multiple(&case.then))
        }
        Term::Select { list, item, .. } => is_multiple(list) || is_multiple(item),
    }
}

/// What a predicate says of a value that equals a constant, be that without regard to case; nothing where the constant does not
/// tell.
pub(super) fn on_equal(fact: &Predicate, query: &Predicate) -> Option<bool> {
    let (Operator::Equals, Object::Literal(literal)) = (fact.operator, &fact.object) else {
        return None;
    };
    if matches!(query.object, Object::Term(_)) {
        return None;
    }
    let folded = fact.case == CaseSensitivity::Insensitive;
    let is_folded = query.case == CaseSensitivity::Insensitive
        && matches!(
            query.operator,
            Operator::Equals
                | Operator::Contains
                | Operator::StartsWith
                | Operator::EndsWith
                | Operator::HasTerm
                | Operator::Wildcard
        );
    if folded && !is_folded {
        return None;
    }
    let values = match literal {
        Literal::Boolean(_) | Literal::Text(_) => vec![literal.to_json()],
        Literal::Integer(whole) => match number(literal).map(Value::from) {
            Some(float) => vec![Value::from(*whole), float],
            None => return None,
        },
        // An object or a list may hold numbers of either form.
        Literal::Null | Literal::Float(_) | Literal::List(_) | Literal::Object(_) => return None,
    };
    let mut verdicts = values.into_iter().map(|value| {
        let mut event = serde_json::Map::new();
        event.insert("x".to_owned(), value);
        let query = Predicate {
            subject: Term::field(["x"]),
            ..query.clone()
        };
        crate::eval::holds(&query.into(), &Value::Object(event))
    });
    let first = verdicts.next()?;
    verdicts.all(|verdict| verdict == first).then_some(first)
}
