//! What an alert shows: the texts with placeholders, the details, the things in the world.
//!
//! A document can show columns only, so every value that an alert needs is wanted as a column of the query's result. Sentinel
//! allows three placeholders in a text; a text with more becomes one computed column.

use super::names;
use super::place::Place;
use crate::ir::{Case, Function, Literal, Object, Operator, Predicate, Rule, Shared, Term};

/// The most placeholders that a text may have.
const PLACEHOLDERS: usize = 3;

/// Sentinel's severities, with the words that rules have for them.
const SEVERITIES: &[(&str, &[&str])] = &[
    ("Informational", &["info", "informational"]),
    ("Low", &["low"]),
    ("Medium", &["medium"]),
    ("High", &["high", "critical"]),
];

/// A value that has to be in the result, and the name that it gets where it needs one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Want {
    pub(super) term: Term,
    pub(super) name: String,
}

/// A piece of a text with placeholders.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::backend) enum Piece {
    /// Plain text.
    Text(String),
    /// The value of a term.
    Value(Term),
}

/// A text as pieces; it is one value where it has too many placeholders or is chosen by a condition.
pub(in crate::backend) fn pieces(text: &Term) -> Vec<Piece> {
    let text = &with_own_texts(text.clone());
    let mut found = Vec::new();
    collect(text, &mut found);
    let mut values: Vec<&Term> = Vec::new();
    for piece in &found {
        if let Piece::Value(term) = piece
            && !values.contains(&term)
        {
            values.push(term);
        }
    }
    if values.len() > PLACEHOLDERS {
        vec![Piece::Value(text.clone())]
    } else {
        found
    }
}

/// Whether the text shows a value in words that are not KQL's.
pub(in crate::backend) fn has_foreign_texts(text: &Term) -> bool {
    with_own_texts(text.clone()) != *text
}

/// The text with every value in KQL's own words, and `None` for one that is missing.
fn with_own_texts(term: Term) -> Term {
    match term {
        Term::Call {
            function: Function::Display | Function::DisplayEvent,
            arguments,
        } => {
            let mut arguments: Vec<Term> = arguments.into_iter().map(with_own_texts).collect();
            let filled = matches!(arguments.as_slice(), [Term::Call { function: Function::Coalesce, arguments }] if matches!(arguments.last(), Some(Term::Literal(last)) if *last != Literal::Null));
            match arguments.pop() {
                Some(shown) if filled => shown,
                Some(shown) => Term::call(Function::Coalesce, [shown, Term::text("None")]),
                None => Term::text("None"),
            }
        }
        Term::Call {
            function,
            arguments,
        } => Term::Call {
            function,
            arguments: arguments.into_iter().map(with_own_texts).collect(),
        },
        Term::Choice { cases, otherwise } => Term::Choice {
            cases: cases
                .into_iter()
                .map(|case| Case {
                    when: case.when,
                    then: with_own_texts(case.then),
                })
                .collect(),
            otherwise: Shared::new(with_own_texts(otherwise.into_inner())),
        },
        other @ (Term::Field(_)
        | Term::Item { .. }
        | Term::Literal(_)
        | Term::Select { .. }
        | Term::Aggregate { .. }) => other,
    }
}

fn collect(term: &Term, found: &mut Vec<Piece>) {
    match term {
        Term::Call {
            function: Function::Concat,
            arguments,
        } => arguments
            .iter()
            .for_each(|argument| collect(argument, found)),
        Term::Call {
            function: Function::ToText,
            arguments,
        } if arguments.len() == 1 => collect(&arguments[0], found),
        Term::Literal(Literal::Text(text)) => found.push(Piece::Text(text.clone())),
        Term::Literal(Literal::Null) => {}
        Term::Literal(literal) => found.push(Piece::Text(literal.to_string())),
        Term::Field(_)
        | Term::Item { .. }
        | Term::Call { .. }
        | Term::Choice { .. }
        | Term::Select { .. }
        | Term::Aggregate { .. } => found.push(Piece::Value(term.clone())),
    }
}

/// The severity that depends on the event, in Sentinel's words; nothing where the rule has none, or one that is no text.
pub(in crate::backend) fn severity(rule: &Rule) -> Option<Term> {
    let term = rule.alert.severity.as_ref()?;
    if super::is_own(rule) {
        return Some(term.clone());
    }
    let default = severity_word(rule.metadata.severity.name())?;
    severity_of(term, default)
}

/// Sentinel's word for a severity; `default` in a rule is the rule's own.
fn severity_word(word: &str) -> Option<&'static str> {
    let known = |(_, words): &&(&str, &[&str])| words.contains(&word);
    let (sentinels, _) = SEVERITIES.iter().find(known)?;
    Some(sentinels)
}

fn severity_of(term: &Term, default: &'static str) -> Option<Term> {
    match term {
        Term::Literal(Literal::Null) => Some(Term::text(default)),
        Term::Literal(literal) => {
            let word = literal.as_text()?.to_ascii_lowercase();
            let word = match word.as_str() {
                "default" => default,
                word => severity_word(word)?,
            };
            Some(Term::text(word))
        }
        Term::Choice { cases, otherwise } => {
            let cases: Option<Vec<Case>> = cases
                .iter()
                .map(|case| {
                    Some(Case {
                        when: case.when.clone(),
                        then: severity_of(&case.then, default)?,
                    })
                })
                .collect();
            let (mut cases, otherwise) = (cases?, severity_of(otherwise, default)?);
            // Sentinel has fewer words.
            while cases.last().is_some_and(|case| case.then == otherwise) {
                cases.pop();
            }
            if cases.is_empty() {
                return Some(otherwise);
            }
            Some(Term::Choice {
                cases: cases.into(),
                otherwise: Shared::new(otherwise),
            })
        }
        // A value of the event is one of the words, or says nothing.
        Term::Field(_) | Term::Call { .. } => {
            let cases = SEVERITIES.iter().filter(|(word, _)| *word != default);
            let cases = cases.map(|(word, words)| {
                let words = words.iter().map(|word| Literal::text(*word)).collect();
                let asked = Predicate::new(term.clone(), Operator::In, Object::List(words));
                Case {
                    when: asked.ignore_case().into(),
                    then: Term::text(*word),
                }
            });
            Some(Term::Choice {
                cases: cases.collect(),
                otherwise: Shared::new(Term::text(default)),
            })
        }
        Term::Item { .. } | Term::Select { .. } | Term::Aggregate { .. } => None,
    }
}

/// The entities of the alert: the rule's own, else those that the table's events name.
pub(in crate::backend) fn entities(rule: &Rule, place: &Place<'_>) -> Vec<crate::ir::Entity> {
    if !rule.entities.is_empty() || rule.preserved.format == super::OWN_FORMAT {
        return rule.entities.clone();
    }
    let known = place.entities().iter().map(|(kind, identifiers)| {
        let identifiers = identifiers
            .iter()
            .map(|(name, field)| crate::ir::Identifier {
                name: name.clone(),
                source: Term::Field(field.clone()),
            });
        crate::ir::Entity {
            kind: kind.clone(),
            identifiers: identifiers.collect(),
        }
    });
    known.collect()
}

/// Every value that the alert needs in the result, each once.
pub(super) fn wants(rule: &Rule, place: &Place<'_>) -> Vec<Want> {
    let mut wants: Vec<Want> = Vec::new();
    let mut want = |term: Term, name: String| {
        if !wants.iter().any(|want| want.term == term) {
            wants.push(Want { term, name });
        }
    };
    let alert = &rule.alert;
    for (text, name) in [
        (&alert.title, "AlertTitle"),
        (&alert.description, "AlertDescription"),
    ] {
        let Some(text) = text else { continue };
        let text = &with_own_texts(text.clone());
        for piece in pieces(text) {
            if let Piece::Value(term) = piece {
                let whole =
                    term == *text && !matches!(term, Term::Field(_) | Term::Aggregate { .. });
                let name = if whole {
                    name.to_owned()
                } else {
                    names::of_term(&term)
                };
                want(term, name);
            }
        }
    }
    if let Some(severity) = severity(rule) {
        want(severity, "AlertSeverity".to_owned());
    }
    for detail in &alert.details {
        want(detail.source.clone(), names::pascal(&detail.name));
    }
    for entity in entities(rule, place) {
        for identifier in entity.identifiers {
            want(
                identifier.source,
                format!("{}{}", entity.kind, identifier.name),
            );
        }
    }
    wants
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval;
    use serde_json::json;

    #[test]
    fn texts_fall_into_pieces() {
        let field = |name: &str| Term::field([name]);
        let text = Term::call(
            Function::Concat,
            [
                Term::text("by "),
                Term::call(Function::ToText, [field("a")]),
                Term::text(" in "),
                field("a"),
            ],
        );
        assert_eq!(
            pieces(&text),
            [
                Piece::Text("by ".into()),
                Piece::Value(field("a")),
                Piece::Text(" in ".into()),
                Piece::Value(field("a")),
            ]
        );
        let long = Term::call(Function::Concat, ["a", "b", "c", "d"].map(field));
        assert_eq!(pieces(&long), [Piece::Value(long.clone())]);
    }

    #[test]
    fn severities_are_sentinels_words() {
        let of = |term: Term| severity_of(&term, "Low");
        assert_eq!(of(Term::text("CRITICAL")), Some(Term::text("High")));
        assert_eq!(of(Term::text("default")), Some(Term::text("Low")));
        assert_eq!(of(Term::text("urgent")), None);
        let field = of(Term::field(["severity"])).unwrap();
        for (said, shown) in [
            (json!("HIGH"), "High"),
            (json!("critical"), "High"),
            (json!("Info"), "Informational"),
            (json!("urgent"), "Low"),
            (json!(null), "Low"),
            (json!(3), "Low"),
        ] {
            let value = eval::value(&field, &json!({ "severity": said }));
            assert_eq!(value, Some(json!(shown)), "{said}");
        }
    }
}
