//! `.startswith()` and `.endswith()`, and whether one text holds another.
//!
//! Known texts make a plain test of the text; a text of the event makes a test against that value.

use super::argument::Arguments;
use super::value::{SequenceKind, Value};
use super::{Executor, Outcome, logic, term};
use crate::ir::{Condition, Kind, Literal, Object, Operator, Shared};

impl<'m> Executor<'m> {
    /// `.startswith` and `.endswith`, of one text or a tuple of texts.
    pub(super) fn affix(
        &mut self,
        receiver: &Value<'m>,
        name: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        if !arguments.only(1..=1) {
            return self.refuse(format!("`.{name}()` requires one argument here"));
        }
        let operator = if name == "startswith" {
            Operator::StartsWith
        } else {
            Operator::EndsWith
        };
        let affix = arguments.positional.into_iter().next();
        self.each(affix.unwrap_or(Value::NONE), &mut |this, affix| {
            let affixes = match affix {
                Value::Sequence(sequence) if sequence.kind == SequenceKind::Tuple => {
                    sequence.items.as_ref().clone()
                }
                Value::Data(data) if data.kind == Some(Kind::List) && data.plain => {
                    return this.refuse(format!(
                        "`.{name}()` with a list made of event data cannot be expressed"
                    ));
                }
                Value::Comprehension(_) => {
                    return this.refuse(format!(
                        "`.{name}()` with a list made of event data cannot be expressed"
                    ));
                }
                other => vec![other],
            };
            this.any_affix(receiver, operator, affixes)
        })
    }

    /// Python tries one after the other and stops at the first that holds; only then it looks at the kind of the next.
    fn any_affix(
        &mut self,
        receiver: &Value<'m>,
        operator: Operator,
        affixes: Vec<Value<'m>>,
    ) -> Outcome<Value<'m>> {
        let known: Option<Vec<String>> = affixes
            .iter()
            .map(|affix| affix.as_text().map(str::to_owned))
            .collect();
        if let Some(texts) = known {
            return Ok(Value::truth(self.compare_text(receiver, operator, &texts)));
        }
        let before = self.frame.guards.len();
        let mut parts = Vec::new();
        for affix in affixes {
            let held = self.require_text(affix).and_then(|affix| {
                self.each(affix, &mut |this, affix| {
                    Ok(Value::truth(this.compare_texts(receiver, operator, &affix)))
                })
            });
            let held = match held {
                Ok(held) => self.truth(&held)?,
                Err(super::Stop::Dead) if !parts.is_empty() => break,
                Err(stop) => {
                    self.frame.guards.truncate(before);
                    return Err(stop);
                }
            };
            self.frame.guards.push(held.clone().negate());
            parts.push(held);
        }
        self.frame.guards.truncate(before);
        Ok(Value::truth(logic::any(parts)))
    }

    /// A test of a text against another.
    pub(super) fn compare_texts(
        &self,
        text: &Value<'m>,
        operator: Operator,
        other: &Value<'m>,
    ) -> Condition {
        if let Some(other) = other.as_text() {
            return self.compare_text(text, operator, &[other.to_owned()]);
        }
        match (term::term_of(text), term::term_of(other)) {
            (Some(text), Some(other)) => {
                self.test(text, operator, Object::Term(Shared::new(other)))
            }
            _ => Condition::FALSE,
        }
    }

    fn compare_text(&self, text: &Value<'m>, operator: Operator, others: &[String]) -> Condition {
        match text {
            Value::Constant(Literal::Text(text)) => {
                Condition::constant(others.iter().any(|other| match operator {
                    Operator::StartsWith => text.starts_with(other.as_str()),
                    Operator::EndsWith => text.ends_with(other.as_str()),
                    _ => text.contains(other.as_str()),
                }))
            }
            Value::Data(data) => self.text_test(&data.term, operator, others),
            _ => Condition::FALSE,
        }
    }
}
