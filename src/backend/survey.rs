//! Which conditions a rule, or a function of it, asks more than once.
//!
//! Conditions share their parts, and a rule that was executed on many ways says the same of many of them. What is looked at here
//! is looked at once, so that a tree costs what it holds and not what it would print.

use crate::ir::{ByFingerprint, Condition, Object, Rule, Term};

/// The conditions of a function, by how often they are asked.
#[derive(Debug, Default)]
pub(super) struct Survey {
    seen: ByFingerprint<usize>,
    terms: ByFingerprint<usize>,
    /// Whether it looks at what is asked of items, too.
    with_items: bool,
}

impl Survey {
    /// A survey that looks at what is asked of items, too.
    pub(super) fn with_items() -> Self {
        Self {
            with_items: true,
            ..Self::default()
        }
    }

    /// Adds what a rule asks.
    pub(super) fn rule(&mut self, rule: &Rule) {
        self.condition(&rule.selection);
        rule.alert.texts().for_each(|term| self.term(term));
        for detail in &rule.alert.details {
            self.term(&detail.source);
        }
        for output in &rule.outputs {
            self.term(&output.source);
            output.when.iter().for_each(|when| self.condition(when));
        }
    }

    /// Whether the condition is asked more than once.
    pub(super) fn is_shared(&self, condition: &Condition) -> bool {
        match condition {
            Condition::All(parts) | Condition::Any(parts) if parts.len() < 2 => false,
            Condition::All(_) | Condition::Any(_) | Condition::Items { .. } => self
                .seen
                .get(&condition.fingerprint())
                .is_some_and(|count| *count > 1),
            Condition::Not(_) | Condition::Test(_) => false,
        }
    }

    /// Whether the value is asked for more than once.
    pub(super) fn is_shared_term(&self, term: &Term) -> bool {
        let count = self.terms.get(&term.fingerprint());
        count.is_some_and(|count| *count > 1)
    }

    /// Adds what a condition asks.
    pub(super) fn condition(&mut self, condition: &Condition) {
        let count = self.seen.entry(condition.fingerprint()).or_default();
        *count += 1;
        if *count > 1 {
            return;
        }
        match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| self.condition(part));
            }
            Condition::Not(inner) => self.condition(inner),
            Condition::Test(predicate) => {
                self.term(&predicate.subject);
                if let Object::Term(other) = &predicate.object {
                    self.term(other);
                }
            }
            Condition::Items { list, body, .. } => {
                self.term(list);
                if self.with_items {
                    self.condition(body);
                }
            }
        }
    }

    /// Adds what the choices of a term ask.
    pub(super) fn term(&mut self, term: &Term) {
        if matches!(term, Term::Field(_) | Term::Item { .. } | Term::Literal(_)) {
            return;
        }
        let count = self.terms.entry(term.fingerprint()).or_default();
        *count += 1;
        if *count > 1 {
            return;
        }
        match term {
            Term::Field(_) | Term::Item { .. } | Term::Literal(_) => {}
            Term::Call { arguments, .. } => {
                arguments.iter().for_each(|argument| self.term(argument));
            }
            Term::Choice { cases, otherwise } => {
                for case in cases {
                    self.condition(&case.when);
                    self.term(&case.then);
                }
                self.term(otherwise);
            }
            Term::Select { list, when, item } => {
                self.term(list);
                if self.with_items {
                    self.condition(when);
                    self.term(item);
                }
            }
            Term::Aggregate { argument, .. } => {
                if let Some(argument) = argument {
                    self.term(argument);
                }
            }
        }
    }
}
