//! The events of other sources that a table has besides, and that no column tells: a condition that leaves them in to one that
//! leaves them out.
//!
//! Fields that are written in another way for other sources tell them, such as the paths of a system. A condition that asks for
//! that way by itself is not asked again. What no field tells is reported as wider.

use super::place::Place;
use super::quote;
use crate::analysis::{Fidelity, Report};
use crate::backend::fragment::Fragment;
use crate::ir::{CaseSensitivity, Condition, Literal, Object, Operator, Predicate, Rule, Term};
use crate::schema::{Besides, LogSourceMap};

impl Place<'_> {
    /// What tells the source's events from others in the table.
    pub(super) fn only(&self) -> Vec<Fragment> {
        let Some((_, table)) = self.known else {
            return Vec::new();
        };
        let filled = table.filled.iter().map(|column| {
            let column = quote::name(column);
            Fragment::atom(format!("isnotempty({column})"))
        });
        let only = &table.only;
        only.iter()
            .map(|(column, values)| {
                let column = quote::name(column);
                let spelt: Vec<String> = values.iter().map(quote::literal).collect();
                Fragment::atom(match spelt.as_slice() {
                    [one] => format!("{column} == {one}"),
                    _ => format!("{column} in ({})", spelt.join(", ")),
                })
            })
            .chain(filled)
            .collect()
    }
}

/// What is known of the other events.
pub(super) struct Others<'c> {
    source: &'c LogSourceMap,
    besides: &'c Besides,
}

impl<'c> Others<'c> {
    pub(super) fn new(source: &'c LogSourceMap, besides: &'c Besides) -> Self {
        Self { source, besides }
    }

    /// The condition without the events of other sources, as far as they can be told.
    pub(super) fn without(
        &self,
        condition: Condition,
        rule: &Rule,
        report: &mut Report,
    ) -> Condition {
        if let Some(left) = &self.besides.left {
            let what = format!("source {}", self.source.id);
            report.record_predicate(Fidelity::Wider, what, rule.origin, left.clone());
        }
        let Some(field) = self.besides.fields.first() else {
            return condition;
        };
        if self.is_told(&condition) {
            return condition;
        }
        let mut other = Predicate::new(
            Term::Field(field.clone()),
            Operator::Contains,
            Object::Texts(vec![self.besides.never.clone()]),
        )
        .implied();
        other.case = CaseSensitivity::Insensitive;
        condition.and(Condition::from(other).negate())
    }

    /// Whether the condition asks for the way in which a field of the source is written.
    fn is_told(&self, condition: &Condition) -> bool {
        match condition {
            Condition::All(parts) => parts.iter().any(|part| self.is_told(part)),
            Condition::Any(parts) => {
                !parts.is_empty() && parts.iter().all(|part| self.is_told(part))
            }
            Condition::Not(inner) => matches!(&**inner, Condition::Test(predicate)
                if self.asks(predicate, &self.besides.never) && predicate.operator == Operator::Contains),
            Condition::Test(predicate) => {
                self.asks(predicate, &self.besides.told) || self.asks_for_own(predicate)
            }
            Condition::Items { .. } => false,
        }
    }

    /// Whether the predicate asks for a value of a field that other events have none in.
    fn asks_for_own(&self, predicate: &Predicate) -> bool {
        let filled = match &predicate.object {
            Object::Literal(literal) => literal.as_text() != Some(""),
            Object::List(literals) => literals.iter().all(|literal| literal.as_text() != Some("")),
            Object::Texts(texts) => texts.iter().all(|text| !text.is_empty()),
            Object::None | Object::Term(_) | Object::Kinds(_) => false,
        };
        let field = predicate.subject.as_field();
        let field = field.map(|field| self.source.canonical(field));
        filled && field.is_some_and(|field| self.besides.own.contains(&field))
    }

    /// Whether every value that the predicate asks of one of the fields holds the text.
    fn asks(&self, predicate: &Predicate, text: &str) -> bool {
        let Some(field) = predicate.subject.as_field() else {
            return false;
        };
        if !self.besides.fields.contains(&self.source.canonical(field)) {
            return false;
        }
        let escaped = text.replace('\\', "\\\\");
        let text = match predicate.operator {
            Operator::Equals
            | Operator::In
            | Operator::Contains
            | Operator::StartsWith
            | Operator::EndsWith
            | Operator::HasTerm => text,
            Operator::Wildcard => &escaped,
            Operator::Matches
            | Operator::LessThan
            | Operator::AtMost
            | Operator::GreaterThan
            | Operator::AtLeast
            | Operator::InNetwork
            | Operator::IsIpAddress
            | Operator::Exists
            | Operator::IsPresent
            | Operator::IsFilled
            | Operator::IsTruthy
            | Operator::IsKind => return false,
        };
        let holds = |literal: &Literal| literal.as_text().is_some_and(|value| value.contains(text));
        match &predicate.object {
            Object::Literal(literal) => holds(literal),
            Object::List(literals) => literals.iter().all(holds),
            Object::Texts(texts) => texts.iter().all(|value| value.contains(text)),
            Object::None | Object::Term(_) | Object::Kinds(_) => false,
        }
    }
}
