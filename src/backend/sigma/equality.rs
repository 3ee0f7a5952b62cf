//! Whole values: `eq` and `in` with constants.
//!
//! A number or truth value stands once for itself and its text, as Sigma does not tell them apart; where the rule does, and the
//! field's type leaves both open, the translation is wider.

use super::predicate::{LOOSE, Spelled, Subject, exact, item, narrower, wider};
use super::search::Node;
use super::text::is_cased;
use super::value;
use crate::backend::yaml_scalar;
use crate::ir::{Literal, Predicate};
use crate::schema::{FieldType, sigma};

/// The constants of an equality, sorted by how Sigma compares them.
#[derive(Default)]
struct Constants<'l> {
    texts: Vec<&'l str>,
    /// Numbers and truth values.
    scalars: Vec<&'l Literal>,
}

impl<'l> Constants<'l> {
    /// The numbers and truth values that do not stand among the texts in their text form.
    fn alone(&self) -> impl Iterator<Item = &'l Literal> {
        let paired = |scalar: &Literal| {
            let mut texts = self.texts.iter();
            texts.any(|text| sigma::typed(text).as_ref() == Some(scalar))
        };
        self.scalars
            .iter()
            .copied()
            .filter(move |scalar| !paired(scalar))
    }
}

fn constants(literals: &[Literal]) -> Result<Constants<'_>, String> {
    let mut constants = Constants::default();
    for literal in literals {
        match literal {
            Literal::Text(text) => constants.texts.push(text),
            Literal::Boolean(_) | Literal::Integer(_) | Literal::Float(_) => {
                constants.scalars.push(literal);
            }
            // No value equals null, so that it adds nothing to the others.
            Literal::Null => {}
            Literal::List(_) | Literal::Object(_) => {
                return Err("Sigma has no constants that are lists or objects".to_owned());
            }
        }
    }
    if constants.texts.is_empty() && constants.scalars.is_empty() {
        return Err("no value equals `null`, and Sigma has no search for nothing".to_owned());
    }
    Ok(constants)
}

pub(super) fn equals(
    subject: &Subject,
    predicate: &Predicate,
    literals: &[Literal],
) -> Result<Spelled, String> {
    let constants = constants(literals)?;
    let cased = is_cased(subject, predicate, &constants.texts)?;
    let label = constants.texts.first().copied().unwrap_or_default();
    let texts: Vec<String> = constants
        .texts
        .iter()
        .map(|text| {
            if cased {
                yaml_scalar(&value::escape_text(text))
            } else {
                value::whole(text)
            }
        })
        .collect();
    let numbers: Vec<String> = constants.alone().map(value::number).collect();
    let mut parts = Vec::new();
    if !texts.is_empty() {
        let modifiers: &[&'static str] = if cased { &["cased"] } else { &[] };
        parts.push(Node::item(item(subject, modifiers, texts, label)));
    }
    // A number beside `cased` would be an error, so that it has an alternative of its own.
    if !numbers.is_empty() {
        parts.push(Node::item(item(subject, &[], numbers, "")));
    }
    Ok(kept(subject, &constants, Node::any(parts)))
}

/// What the equality keeps, by how the constants and the field's type go together.
fn kept(subject: &Subject, constants: &Constants<'_>, node: Node) -> Spelled {
    let loose_text = |text: &&str| {
        !value::is_text(subject.kind)
            && !subject.as_text
            && sigma::typed(text).is_some_and(|typed| !constants.scalars.contains(&&typed))
    };
    let typed = matches!(
        subject.kind,
        FieldType::Integer | FieldType::Float | FieldType::Boolean
    );
    let is_json = |text: &&str| text.starts_with(['{', '[']);
    if constants.texts.iter().any(loose_text) {
        wider(node, LOOSE)
    } else if !typed && constants.alone().next().is_some() {
        let reason = "Sigma compares values as texts, so that the text of this number or truth value also matches";
        wider(node, reason)
    } else if subject.as_text && constants.texts.iter().any(is_json) {
        narrower(
            node,
            "Sigma does not compare the JSON of an object or a list",
        )
    } else {
        exact(node)
    }
}
