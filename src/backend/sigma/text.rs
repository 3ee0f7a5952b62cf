//! Texts: parts, beginnings, endings, terms, patterns and regular expressions.
//!
//! Case-sensitive texts are `cased`, unless they have no letters. A pattern that a modifier can say becomes the modifier.

use super::predicate::{LOOSE, Spelled, Subject, exact, item, misfit, narrower, wider};
use super::regex::{self, Portable};
use super::search::Node;
use super::value::{self, Part};
use crate::backend::yaml_scalar;
use crate::ir::{CaseSensitivity, Function, Object, Predicate};
use crate::schema::{FieldType, sigma};

/// Whether letters' case counts for these texts once the subject's own folding is taken into account. A folded subject never
/// equals a text in the other case, which is refused rather than written as a search for nothing.
pub(super) fn is_cased(
    subject: &Subject,
    predicate: &Predicate,
    texts: &[&str],
) -> Result<bool, String> {
    if predicate.case == CaseSensitivity::Insensitive {
        return Ok(false);
    }
    let reachable = |text: &&str| match subject.folded {
        Some(Function::Lower) => text.to_lowercase() == **text,
        Some(Function::Upper) => text.to_uppercase() == **text,
        _ => true,
    };
    match texts.iter().find(|text| !reachable(text)) {
        Some(text) => Err(format!(
            "`{text}` is never found in a text of the other case"
        )),
        None => Ok(subject.folded.is_none() && texts.iter().any(|text| value::has_case(text))),
    }
}

/// The reason why a text operator is not exact: it looks at text forms, and the field may hold other values.
fn text_fidelity(subject: &Subject, node: Node, loose: bool) -> Spelled {
    let other_kinds = matches!(
        subject.kind,
        FieldType::Integer
            | FieldType::Float
            | FieldType::Boolean
            | FieldType::Object
            | FieldType::ObjectList
    );
    if subject.as_text && !other_kinds && subject.kind != FieldType::Datetime {
        narrower(
            node,
            "Sigma leaves it to the engine how a number, list or object is compared with a text",
        )
    } else if !subject.as_text && (other_kinds || (loose && !value::is_text(subject.kind))) {
        wider(node, LOOSE)
    } else {
        exact(node)
    }
}

pub(super) fn object_texts(predicate: &Predicate) -> Result<&[String], String> {
    match &predicate.object {
        Object::Texts(texts) if !texts.is_empty() => Ok(texts),
        _ => Err(misfit(predicate)),
    }
}

pub(super) fn texts(
    subject: &Subject,
    predicate: &Predicate,
    modifier: &'static str,
) -> Result<Spelled, String> {
    let texts: Vec<&str> = object_texts(predicate)?
        .iter()
        .map(String::as_str)
        .collect();
    if texts.iter().any(|text| text.is_empty()) {
        return Err(
            "the empty text is in every text; Sigma cannot ask for the type of a value".to_owned(),
        );
    }
    let cased = is_cased(subject, predicate, &texts)?;
    let modifiers: Vec<&'static str> = if cased {
        vec![modifier, "cased"]
    } else {
        vec![modifier]
    };
    let values = texts
        .iter()
        .map(|text| yaml_scalar(&value::escape_text(text)))
        .collect();
    let node = Node::item(item(subject, &modifiers, values, texts[0]));
    let loose = texts.iter().any(|text| sigma::is_in_spelling(text));
    Ok(text_fidelity(subject, node, loose))
}

/// Patterns: those that a modifier can say become it.
pub(super) fn wildcard(subject: &Subject, predicate: &Predicate) -> Result<Spelled, String> {
    let patterns: Vec<Vec<Part>> = object_texts(predicate)?
        .iter()
        .map(|text| value::parts(text))
        .collect();
    let plain: Vec<&str> = patterns
        .iter()
        .flatten()
        .filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Any | Part::One => None,
        })
        .collect();
    let cased = is_cased(subject, predicate, &plain)?;
    let mut parts = Vec::new();
    for pattern in &patterns {
        let (modifier, inner): (Option<&'static str>, &[Part]) = match pattern.as_slice() {
            [] => (None, &[]),
            [Part::Any] => {
                return Err(
                    "every text follows the pattern; Sigma cannot ask for the type of a value"
                        .to_owned(),
                );
            }
            [Part::Any, inner @ .., Part::Any] => (Some("contains"), inner),
            [Part::Any, inner @ ..] => (Some("endswith"), inner),
            [inner @ .., Part::Any] => (Some("startswith"), inner),
            _ if subject.is_keyword => {
                return Err("Sigma searches the whole event for parts of texts".to_owned());
            }
            whole => (None, whole),
        };
        // A keyword stands anywhere.
        let modifier = modifier.filter(|modifier| !subject.is_keyword || *modifier != "contains");
        let mut modifiers: Vec<&'static str> = modifier.into_iter().collect();
        if cased {
            modifiers.push("cased");
        }
        parts.push(Node::item(item(
            subject,
            &modifiers,
            vec![yaml_scalar(&value::escape(inner))],
            "",
        )));
    }
    let loose = plain.iter().all(|text| sigma::is_in_spelling(text));
    Ok(text_fidelity(subject, Node::any(parts), loose))
}

pub(super) fn matches(subject: &Subject, predicate: &Predicate) -> Result<Spelled, String> {
    if subject.folded.is_some() {
        return Err(format!(
            "Sigma tests fields; a form of `{}` is computed",
            subject.name
        ));
    }
    let ignore_case = predicate.case == CaseSensitivity::Insensitive;
    let mut parts = Vec::new();
    for pattern in object_texts(predicate)? {
        let Portable { flags, pattern } = regex::portable(pattern, ignore_case)?;
        parts.push(Node::item(item(
            subject,
            &[&["re"], flags.as_slice()].concat(),
            vec![yaml_scalar(&pattern)],
            "",
        )));
    }
    Ok(text_fidelity(subject, Node::any(parts), true))
}

pub(super) fn has_term(subject: &Subject, predicate: &Predicate) -> Result<Spelled, String> {
    let texts: Vec<&str> = object_texts(predicate)?
        .iter()
        .map(String::as_str)
        .collect();
    if texts.iter().any(|text| text.is_empty()) {
        return Err(
            "the empty term is in every text; Sigma cannot ask for the type of a value".to_owned(),
        );
    }
    let ignore_case = predicate.case == CaseSensitivity::Insensitive || subject.folded.is_some();
    is_cased(subject, predicate, &texts)?;
    let modifiers: &[&'static str] = if ignore_case { &["re", "i"] } else { &["re"] };
    let values = texts
        .iter()
        .map(|text| yaml_scalar(&regex::term(text)))
        .collect();
    let node = Node::item(item(subject, modifiers, values, texts[0]));
    let loose = texts.iter().any(|text| sigma::is_in_spelling(text));
    Ok(text_fidelity(subject, node, loose))
}
