//! A search over the whole event as keywords: values without a field.
//!
//! A keyword stands anywhere in a text, so that `contains` needs no modifier. Refused: what compares whole texts, and what asks for
//! more than a text.

use super::predicate::{Spelled, Subject, exact, misfit};
use super::search::Node;
use super::text;
use super::{predicate, value};
use crate::backend::yaml_scalar;
use crate::ir::{Operator, Predicate};

/// The predicate as keywords.
pub(super) fn spell(subject: &Subject, predicate: &Predicate) -> Result<Spelled, String> {
    match predicate.operator {
        Operator::Contains => texts(subject, predicate, None),
        Operator::StartsWith => texts(subject, predicate, Some("startswith")),
        Operator::EndsWith => texts(subject, predicate, Some("endswith")),
        Operator::Wildcard => text::wildcard(subject, predicate),
        Operator::Matches => text::matches(subject, predicate),
        Operator::HasTerm => text::has_term(subject, predicate),
        Operator::InNetwork => predicate::networks(subject, predicate),
        // Every event with a text or number has one that is there.
        Operator::Exists | Operator::IsPresent => {
            let any = vec![yaml_scalar("*")];
            Ok(exact(Node::item(predicate::item(subject, &[], any, ""))))
        }
        Operator::Equals
        | Operator::In
        | Operator::LessThan
        | Operator::AtMost
        | Operator::GreaterThan
        | Operator::AtLeast
        | Operator::IsIpAddress
        | Operator::IsFilled
        | Operator::IsTruthy
        | Operator::IsKind => Err(format!(
            "Sigma searches the whole event for parts of texts, not for `{}`",
            predicate.operator.name()
        )),
    }
}

fn texts(
    subject: &Subject,
    predicate: &Predicate,
    modifier: Option<&'static str>,
) -> Result<Spelled, String> {
    let texts = text::object_texts(predicate)?;
    if texts.iter().any(String::is_empty) {
        return Err(misfit(predicate));
    }
    let plain: Vec<&str> = texts.iter().map(String::as_str).collect();
    let cased = text::is_cased(subject, predicate, &plain)?;
    let modifiers: Vec<&'static str> = modifier
        .into_iter()
        .chain(cased.then_some("cased"))
        .collect();
    let values = plain
        .iter()
        .map(|text| match modifiers.as_slice() {
            // A number among keywords is written as one, as it is looked for as a text.
            [] => value::whole(text),
            _ => yaml_scalar(&value::escape_text(text)),
        })
        .collect();
    let node = Node::item(predicate::item(subject, &modifiers, values, plain[0]));
    Ok(exact(node))
}
