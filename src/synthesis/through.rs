//! A value that a computed term is to have, to the value of the field that it is computed of.
//!
//! `parse_json(body).kind` is to be `"x"`: the body is `{"kind":"x"}`. What the field holds already is kept where there is room for
//! both, so that several questions about one text in JSON, or about the parts of one path, are answered by one value. These are
//! proposals: whether the term then has the value is for the evaluator. A term of several fields, or of a function that is not
//! understood, gives nothing.

use serde_json::{Map, Value, json};

use super::place;
use crate::eval;
use crate::ir::{FieldPath, Function, Literal, Term};

/// How long a list or a text may be that is made for a length or a position.
const LONGEST: usize = 300;

/// How a length is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Long {
    /// Of a text.
    Text,
    /// Of a list.
    List,
}

/// The field that the term is computed of, where the way is understood; nothing for the field itself.
pub(super) fn field(term: &Term) -> Option<&FieldPath> {
    let Term::Call { arguments, .. } = term else {
        return None;
    };
    match arguments.first()? {
        Term::Field(path) => Some(path),
        inner => field(inner),
    }
}

/// Whether a length is asked for on the way.
pub(super) fn measures(term: &Term) -> bool {
    match term {
        Term::Call {
            function,
            arguments,
        } => *function == Function::Length || arguments.first().is_some_and(measures),
        _ => false,
    }
}

/// The value of the field for which the term has the value, made of what the field holds.
pub(super) fn through(
    term: &Term,
    value: Value,
    held: Option<&Value>,
    long: Long,
) -> Option<Value> {
    let path = field(term)?;
    let mut event = json!({});
    if let Some(held) = held {
        place::put(&mut event, path, std::slice::from_ref(held));
    }
    back(term, value, &event, long)
}

fn back(term: &Term, value: Value, event: &Value, long: Long) -> Option<Value> {
    let Term::Call {
        function,
        arguments,
    } = term
    else {
        return matches!(term, Term::Field(_)).then_some(value);
    };
    let inner = arguments.first()?;
    let held = || eval::value(inner, event);
    let before = argument(*function, arguments, value, &held, long)?;
    back(inner, before, event, long)
}

/// The first argument of the call for which it has the value.
fn argument(
    function: Function,
    arguments: &[Term],
    value: Value,
    held: &dyn Fn() -> Option<Value>,
    long: Long,
) -> Option<Value> {
    let text = |at: usize| match arguments.get(at) {
        Some(Term::Literal(Literal::Text(text))) => Some(text.as_str()),
        _ => None,
    };
    let whole = |at: usize| match arguments.get(at) {
        Some(Term::Literal(Literal::Integer(number))) => Some(*number),
        _ => None,
    };
    match function {
        Function::Lower
        | Function::Upper
        | Function::CaseFold
        | Function::Trim
        | Function::TrimStart
        | Function::TrimEnd
        | Function::ToText
        | Function::ToNumber
        | Function::Coalesce
        | Function::IfMissing
        | Function::Display
        | Function::DisplayEvent
        | Function::Replace
        | Function::WholeNumber
        | Function::Address => Some(value),
        Function::ParseJson => Some(Value::from(value.to_string())),
        Function::Member | Function::MemberExact => Some(member(held(), text(1)?, value)),
        Function::Item => {
            let items = match held() {
                Some(Value::Array(items)) => items,
                _ => Vec::new(),
            };
            item(items, whole(1)?, value)
        }
        Function::Split | Function::SplitFirst | Function::SplitLast => {
            let parts = value.as_array()?.iter();
            let parts: Option<Vec<&str>> = parts.map(Value::as_str).collect();
            Some(Value::from(parts?.join(text(1)?)))
        }
        Function::Substring => {
            let start = usize::try_from(whole(1)?)
                .ok()
                .filter(|start| *start <= LONGEST)?;
            Some(Value::from("x".repeat(start) + value.as_str()?))
        }
        Function::Slice => match whole(1) {
            None | Some(0) => Some(value),
            Some(_) => None,
        },
        Function::Length => length(value.as_u64()?, long),
        _ => None,
    }
}

/// The object with the value at the key.
fn member(held: Option<Value>, key: &str, value: Value) -> Value {
    let mut entries = match held {
        Some(Value::Object(entries)) => entries,
        _ => Map::new(),
    };
    entries.insert(key.to_owned(), value);
    Value::Object(entries)
}

/// A value of this length.
fn length(length: u64, long: Long) -> Option<Value> {
    let length = usize::try_from(length)
        .ok()
        .filter(|length| *length <= LONGEST)?;
    Some(match long {
        Long::Text => Value::from("x".repeat(length)),
        Long::List => Value::from(vec!["x"; length]),
    })
}

/// The list with the item at its place; texts stand in the others.
fn item(mut items: Vec<Value>, at: i64, value: Value) -> Option<Value> {
    let length = i64::try_from(items.len()).ok()?;
    let needed = if at < 0 {
        at.checked_neg()?
    } else {
        at.checked_add(1)?
    };
    let needed = usize::try_from(needed)
        .ok()
        .filter(|needed| *needed <= LONGEST)?;
    while items.len() < needed {
        // What is there keeps its place as seen from the other end.
        if at < 0 {
            items.insert(0, json!("x"));
        } else {
            items.push(json!("x"));
        }
    }
    let length = length.max(i64::try_from(needed).ok()?);
    let place = if at < 0 { length + at } else { at };
    *items.get_mut(usize::try_from(place).ok()?)? = value;
    Some(Value::from(items))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call<const N: usize>(function: Function, arguments: [Term; N]) -> Term {
        Term::call(function, arguments)
    }

    fn number(number: i64) -> Term {
        Term::Literal(Literal::Integer(number))
    }

    #[test]
    fn several_keys_are_held_by_one_text() {
        let body = call(Function::ParseJson, [Term::field(["body"])]);
        let key = |name: &str| call(Function::Member, [body.clone(), Term::text(name)]);
        let first = through(&key("a"), json!(1), None, Long::Text).unwrap();
        assert_eq!(first, json!("{\"a\":1}"));
        let both = through(&key("b"), json!("x"), Some(&first), Long::Text).unwrap();
        assert_eq!(
            eval::value(&key("a"), &json!({"body": both})),
            Some(json!(1))
        );
        assert_eq!(
            eval::value(&key("b"), &json!({"body": both})),
            Some(json!("x"))
        );
    }

    #[test]
    fn parts_of_a_path_have_their_places() {
        let parts = call(Function::Split, [Term::field(["path"]), Term::text("/")]);
        let part = |at: i64| call(Function::Item, [parts.clone(), number(at)]);
        let second = through(&part(1), json!("b"), None, Long::Text).unwrap();
        assert_eq!(second, json!("x/b"));
        assert_eq!(
            through(&part(0), json!("a"), Some(&second), Long::Text),
            Some(json!("a/b"))
        );
        assert_eq!(
            through(&part(-1), json!("z"), None, Long::Text),
            Some(json!("z"))
        );
        assert_eq!(
            through(&part(-3), json!("z"), None, Long::Text),
            Some(json!("z/x/x"))
        );
        assert_eq!(through(&part(i64::MAX), json!("z"), None, Long::Text), None);
        assert_eq!(through(&part(i64::MIN), json!("z"), None, Long::Text), None);
    }

    #[test]
    fn a_length_is_that_of_a_text_or_of_a_list() {
        let length = call(Function::Length, [Term::field(["names"])]);
        assert_eq!(
            through(&length, json!(2), None, Long::Text),
            Some(json!("xx"))
        );
        assert_eq!(
            through(&length, json!(2), None, Long::List),
            Some(json!(["x", "x"]))
        );
        assert_eq!(
            through(&Term::field(["names"]), json!(2), None, Long::Text),
            None
        );
    }
}
