//! What the alert of a simple detection says: `AlertTitle`, `AlertContext`, `GroupBy` and `DynamicSeverities`.
//!
//! `{a.b}` in a title is the field's text, the empty text where it is missing. The first severity whose conditions hold counts.
//! What is not understood is a diagnostic at its key, and the rule is refused.

#![allow(
    clippy::option_option,
    reason = "the outer one says whether it was understood, the inner one whether it is there"
)]

use serde_json::Value;

use super::expression::Reader;
use super::key;
use crate::frontend::panther::document::severity_named;
use crate::ir::{Case, Function, Origin, Output, Severity, Shared, Stage, Term};
use crate::syntax::yaml::Step;

/// The title with its fields put in.
pub(super) fn title(text: &str) -> Term {
    let mut parts: Vec<Term> = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let inner = rest[at + 1..].split_once('}');
        let field = inner.and_then(|(name, after)| Some((key::path(name).ok()?, after)));
        let (before, after) = match field {
            Some((path, after)) => {
                plain.push_str(&rest[..at]);
                if !plain.is_empty() {
                    parts.push(Term::text(std::mem::take(&mut plain)));
                }
                parts.push(Term::Field(path));
                ("", after)
            }
            // A brace that names no field is a brace.
            None => rest.split_at(at + 1),
        };
        plain.push_str(before);
        rest = after;
    }
    plain.push_str(rest);
    if parts.is_empty() {
        return Term::text(plain);
    }
    if !plain.is_empty() {
        parts.push(Term::text(plain));
    }
    Term::call(Function::Concat, parts)
}

/// The values that the alert hands on.
pub(super) fn context<'r>(reader: &mut Reader<'r>, value: &'r Value) -> Option<Vec<Output>> {
    let Some(entries) = value.as_array() else {
        return reader.problem("`AlertContext` must be a list");
    };
    let mut outputs = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let output = reader.at(Step::Item(at), |reader| {
            let (name, value) = (entry.get("KeyName"), entry.get("KeyValue"));
            let (Some(Value::String(name)), Some(value)) = (name, value) else {
                return reader.problem("an entry must have a `KeyName` and a `KeyValue`");
            };
            let source = reader.at(Step::Key("KeyValue"), |reader| reader.field(value))?;
            Some(Output {
                name: name.clone(),
                source,
                when: None,
                stage: Stage::AlertContext,
                origin: Origin(reader.span()),
            })
        });
        outputs.push(output?);
    }
    Some(outputs)
}

/// The text by which alerts are put together: the fields, one after the other.
pub(super) fn group<'r>(reader: &mut Reader<'r>, value: &'r Value) -> Option<Option<Term>> {
    let Some(entries) = value.as_array() else {
        return reader.problem("`GroupBy` must be a list");
    };
    let mut parts = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        if at > 0 {
            parts.push(Term::text(":"));
        }
        parts.push(reader.at(Step::Item(at), |reader| reader.field(entry))?);
    }
    Some(match parts.len() {
        0 => None,
        1 => parts.pop(),
        _ => Some(Term::call(Function::Concat, parts)),
    })
}

/// The severity by condition, else the document's.
pub(super) fn severities<'r>(
    reader: &mut Reader<'r>,
    value: &'r Value,
    default: Severity,
) -> Option<Option<Term>> {
    let Some(entries) = value.as_array() else {
        return reader.problem("`DynamicSeverities` must be a list");
    };
    let mut cases = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let case = reader.at(Step::Item(at), |reader| {
            let name = entry.get("ChangeTo").and_then(Value::as_str);
            let Some(severity) = name.and_then(severity_named) else {
                let message = "`ChangeTo` must be Info, Low, Medium, High or Critical";
                return reader.at(Step::Key("ChangeTo"), |reader| reader.problem(message));
            };
            let Some(conditions) = entry.get("Conditions") else {
                return reader.problem("a severity must have `Conditions`");
            };
            let when = reader.at(Step::Key("Conditions"), |reader| reader.all(conditions))?;
            Some(Case {
                when,
                then: Term::text(severity.name()),
            })
        });
        cases.push(case?);
    }
    Some((!cases.is_empty()).then(|| Term::Choice {
        cases: cases.into(),
        otherwise: Shared::new(Term::text(default.name())),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_with_fields_and_without() {
        let shown = |text: &str| title(text).to_string();
        assert_eq!(shown("plain"), "\"plain\"");
        assert_eq!(shown("{a.b} by {c}"), "a.b + \" by \" + c");
        assert_eq!(shown("a {} {b"), "\"a {} {b\"");
        assert_eq!(shown(""), "\"\"");
    }
}
