//! What an alert shows: the texts with placeholders, the details, the things in the world.
//!
//! A document can show columns only, so every value that an alert needs is wanted as a column of the query's result. Sentinel
//! allows three placeholders in a text; a text with more becomes one computed column.

use super::names;
use super::place::Place;
use crate::ir::{
    Case, CaseSensitivity, Function, Literal, Object, Operator, Predicate, Rule, Severity, Shared,
    Term,
};

/// The most placeholders that a text may have.
const PLACEHOLDERS: usize = 3;

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
    // A value that is shown twice takes two.
    let values = found
        .iter()
        .filter(|piece| matches!(piece, Piece::Value(_)));
    if values.count() > PLACEHOLDERS {
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

/// The severity by condition in Sentinel's words; nothing where the rule has none.
pub(in crate::backend) fn severity(rule: &Rule) -> Option<Term> {
    let term = rule.alert.severity.as_ref()?;
    if super::is_own(rule) {
        return Some(term.clone());
    }
    Some(in_words(term, severity_word(rule.metadata.severity)))
}

/// Sentinel's word for a severity.
pub(in crate::backend) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "Informational",
        Severity::Low => "Low",
        Severity::Medium => "Medium",
        Severity::High | Severity::Critical => "High",
    }
}

/// The words for severities, in lower case, and Sentinel's word for them.
const WORDS: [(&[&str], &str); 4] = [
    (&["info", "informational"], "Informational"),
    (&["low"], "Low"),
    (&["medium"], "Medium"),
    (&["high", "critical"], "High"),
];

/// A severity in Sentinel's words. What is no word for one means the rule's own.
fn in_words(term: &Term, usual: &str) -> Term {
    match term {
        Term::Literal(literal) => {
            let word = literal.as_text().unwrap_or_default().to_lowercase();
            let known = WORDS.iter().find(|(words, _)| words.contains(&&*word));
            Term::text(known.map_or(usual, |(_, word)| *word))
        }
        Term::Choice { cases, otherwise } => {
            let cases = cases.iter().map(|case| Case {
                when: case.when.clone(),
                then: in_words(&case.then, usual),
            });
            chosen(cases.collect(), in_words(otherwise, usual))
        }
        // The words are told apart in any letter case.
        Term::Call {
            function: Function::Lower | Function::Upper,
            arguments,
        } => arguments
            .first()
            .map_or_else(|| Term::text(usual), |term| in_words(term, usual)),
        Term::Field(_)
        | Term::Item { .. }
        | Term::Call { .. }
        | Term::Select { .. }
        | Term::Aggregate { .. } => {
            let cases = WORDS.iter().map(|(words, word)| {
                let words = words.iter().map(|word| Literal::text(*word)).collect();
                let mut asked = Predicate::new(term.clone(), Operator::In, Object::List(words));
                asked.case = CaseSensitivity::Insensitive;
                Case {
                    when: asked.into(),
                    then: Term::text(*word),
                }
            });
            chosen(cases.collect(), Term::text(usual))
        }
    }
}

/// The choice without the cases at its end that change nothing.
fn chosen(mut cases: Vec<Case>, otherwise: Term) -> Term {
    while cases.last().is_some_and(|case| case.then == otherwise) {
        cases.pop();
    }
    if cases.is_empty() {
        return otherwise;
    }
    Term::Choice {
        cases: cases.into(),
        otherwise: Shared::new(otherwise),
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
    // Where events are counted, the groups are in the result as they are.
    let dedup = if rule.dedup_window.is_some() {
        &alert.dedup
    } else {
        &None
    };
    for (text, name) in [
        (&alert.title, "AlertTitle"),
        (&alert.description, "AlertDescription"),
        (dedup, "AlertGroup"),
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
        let twice = Term::call(Function::Concat, ["a", "b", "a", "b"].map(field));
        assert_eq!(pieces(&twice), [Piece::Value(twice.clone())]);
    }

    #[test]
    fn severities_are_sentinels_words() {
        let word = |term: &Term| in_words(term, "Low");
        assert_eq!(word(&Term::text("CRITICAL")), Term::text("High"));
        assert_eq!(word(&Term::text("DEFAULT")), Term::text("Low"));
        assert_eq!(word(&Term::text("urgent")), Term::text("Low"));
        let read = word(&Term::call(Function::Upper, [Term::field(["level"])]));
        let of = |level: serde_json::Value| {
            crate::eval::value(&read, &serde_json::json!({ "level": level }))
        };
        for (level, expected) in [
            ("INFO", "Informational"),
            ("low", "Low"),
            ("Medium", "Medium"),
            ("critical", "High"),
            ("urgent", "Low"),
        ] {
            assert_eq!(of(level.into()), Some(expected.into()), "{level}");
        }
        assert_eq!(of(serde_json::Value::Null), Some("Low".into()));
    }
}
