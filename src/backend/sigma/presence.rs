//! Whether a field is there, and what kind of value it holds: `exists`, `null`, and what can be said with the two.

use super::predicate::{Spelled, Subject, exact, misfit, narrower, wider};
use super::search::{Item, Node};
use crate::backend::yaml_scalar;
use crate::ir::{Kind, Object, Predicate};
use crate::schema::FieldType;

pub(super) fn null(subject: &Subject) -> Node {
    Node::item(Item::one(&subject.name, &[], "null"))
}

pub(super) fn exists(subject: &Subject) -> Node {
    Node::item(Item::one(&subject.name, &["exists"], "true"))
}

/// Neither null nor the empty text.
fn not_empty(subject: &Subject) -> Node {
    let empty = Node::item(Item::one(&subject.name, &[], yaml_scalar("")));
    Node::any(vec![null(subject), empty]).negate()
}

pub(super) fn filled(subject: &Subject) -> Spelled {
    if subject.path.has_each() {
        narrower(
            not_empty(subject),
            "one empty item of the list is enough for Sigma to leave the event out",
        )
    } else {
        exact(not_empty(subject))
    }
}

pub(super) fn truthy(subject: &Subject) -> Spelled {
    match subject.kind {
        FieldType::Boolean => {
            let node = Node::item(Item::one(&subject.name, &[], "true"));
            narrower(
                node,
                "only `true` counts as true, as the field is a truth value",
            )
        }
        FieldType::Integer | FieldType::Float => {
            let zero = Node::item(Item::one(&subject.name, &[], "0"));
            let node = Node::any(vec![null(subject), zero]).negate();
            wider(
                node,
                "of the values that count as false, only `null` and zero are left out",
            )
        }
        FieldType::Text
        | FieldType::Datetime
        | FieldType::Object
        | FieldType::ScalarList
        | FieldType::ObjectList
        | FieldType::Any => wider(
            not_empty(subject),
            "of the values that count as false, Sigma can leave out `null` and the empty text only",
        ),
    }
}

pub(super) fn is_kind(subject: &Subject, predicate: &Predicate) -> Result<Spelled, String> {
    let Object::Kinds(kinds) = &predicate.object else {
        return Err(misfit(predicate));
    };
    let reason = "Sigma cannot ask for the type of a value";
    match kinds.as_slice() {
        [Kind::Null] => Ok(exact(Node::all(vec![exists(subject), null(subject)]))),
        kinds if kinds.contains(&Kind::Null) => Ok(wider(exists(subject), reason)),
        _ => Ok(wider(
            null(subject).negate(),
            format!("{reason}, only that it is there"),
        )),
    }
}
