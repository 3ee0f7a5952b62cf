//! What an alert says about one event: the texts, the severity and the outputs of a rule, each evaluated.
//!
//! A text that the rule does not set, or that has no value for the event, falls back as the IR says: the severity to the rule's
//! own, the dedup text to the title where the rule has no term for it. What is a value and not a text is shown as it is.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use super::{Scope, text_of};
use crate::ir::{Measure, Output, Rule, Term};

/// What the alert of an event says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// The title; nothing where the rule has only a name.
    pub title: Option<String>,
    /// The text by which alerts are put together; nothing where all alerts of the rule go together.
    pub dedup: Option<String>,
    /// What a threshold counts the distinct values of.
    pub unique: Option<String>,
    /// The severity's name.
    pub severity: String,
    /// A description that depends on the event.
    pub description: Option<String>,
    /// A runbook that depends on the event.
    pub runbook: Option<String>,
    /// A reference that depends on the event.
    pub reference: Option<String>,
    /// The outputs by name, those that the event has.
    pub outputs: IndexMap<String, Value>,
}

/// What the rule's alert says about the event.
pub fn shown(rule: &Rule, event: &Value) -> Shown {
    shown_in(rule, &Scope::new(event))
}

/// The same where the time of the scan is known: see [`matches_at`](super::matches_at).
pub fn shown_at(rule: &Rule, event: &Value, scan_time: i64) -> Shown {
    shown_in(rule, &Scope::at(event, scan_time))
}

fn shown_in(rule: &Rule, scope: &Scope<'_>) -> Shown {
    let text = |term: &Option<Term>| term.as_ref().and_then(|term| text(term, scope));
    let alert = &rule.alert;
    let title = text(&alert.title);
    let dedup = match &alert.dedup {
        Some(term) => self::text(term, scope),
        None => title.clone(),
    };
    let unique = rule
        .threshold
        .as_ref()
        .and_then(|threshold| match &threshold.measure {
            Measure::DistinctCount(term) => self::text(term, scope),
            Measure::Count | Measure::Sum(_) | Measure::Average(_) | Measure::Percentile { .. } => {
                None
            }
        });
    let there = |output: &&Output| output.when.as_ref().is_none_or(|when| scope.holds(when));
    let outputs = rule.outputs.iter().filter(there).map(|output| {
        let value = scope.value(&output.source).unwrap_or(Value::Null);
        (output.name.clone(), value)
    });
    Shown {
        title,
        dedup: dedup.filter(|dedup| !dedup.is_empty()),
        unique,
        severity: text(&alert.severity).unwrap_or_else(|| rule.metadata.severity.name().to_owned()),
        description: text(&alert.description),
        runbook: text(&alert.runbook),
        reference: text(&alert.reference),
        outputs: outputs.collect(),
    }
}

fn text(term: &Term, scope: &Scope<'_>) -> Option<String> {
    let value = scope.value(term).filter(|value| !value.is_null())?;
    Some(text_of(&value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ir::{Function, Literal, Metadata, Stage};

    #[test]
    fn texts_fall_back_as_the_ir_says() {
        let mut rule = Rule::new(Metadata::default());
        assert_eq!(shown(&rule, &json!({})).dedup, None);
        assert_eq!(shown(&rule, &json!({})).severity, "medium");
        let user = Term::field(["user"]);
        rule.alert.title = Some(Term::call(
            Function::Concat,
            [Term::text("by "), user.clone()],
        ));
        rule.alert.severity = Some(Term::field(["level"]));
        let output = |name: &str, source| Output {
            name: name.to_owned(),
            source,
            when: None,
            stage: Stage::Fields,
            origin: crate::ir::Origin::default(),
        };
        rule.outputs = vec![
            output("user", user.clone()),
            output("one", Term::Literal(Literal::Integer(1))),
        ];
        let seen = shown(&rule, &json!({"user": "ann", "level": "high"}));
        assert_eq!(seen.title.as_deref(), Some("by ann"));
        assert_eq!(seen.dedup, seen.title, "the title is the dedup text");
        assert_eq!(seen.severity, "high");
        assert_eq!(seen.outputs["one"], json!(1));
        rule.alert.dedup = Some(user);
        let seen = shown(&rule, &json!({}));
        assert_eq!(
            (seen.dedup, seen.outputs["user"].clone()),
            (None, Value::Null)
        );
    }
}
