//! A value with every term and condition within it replaced by another.
//!
//! Invariant: what is not a term or a condition stays as it is, identities included.

use std::cell::Cell;
use std::rc::Rc;

use super::held::Held;
use super::item::{ItemId, mentions, mentions_term};
use super::value::{
    Callable, Choice, Comprehension, Data, Each, Growth, Items, Mapping, Moment, Part, Parts,
    Sequence, Value,
};
use crate::ir::{Condition, Term};

/// What becomes of the terms and conditions of a value.
pub(super) trait Remap {
    /// What stands for a term.
    fn term(&self, term: Term) -> Term;

    /// What stands for a condition.
    fn condition(&self, condition: Condition) -> Condition;

    /// The value with its terms and conditions replaced.
    fn value<'m>(&self, value: &Value<'m>) -> Value<'m>
    where
        Self: Sized,
    {
        match value {
            Value::Data(data) => Value::Data(Data {
                term: self.term(data.term.clone()),
                ..*data
            }),
            Value::Truth(condition) => Value::truth(self.condition(condition.clone())),
            Value::Address(term) => Value::Address(self.term(term.clone())),
            Value::Network { first, last } => Value::Network {
                first: self.term(first.clone()),
                last: self.term(last.clone()),
            },
            Value::Record(parts) => {
                let parts = parts.iter().map(|(name, part)| (*name, self.value(part)));
                Value::Record(Rc::new(parts.collect()))
            }
            Value::Moment(moment) => self.moment(moment),
            Value::Duration(micros) => Value::Duration(Rc::new(self.value(micros))),
            Value::Match { pattern, text } => Value::Match {
                pattern: pattern.clone(),
                text: self.term(text.clone()),
            },
            Value::Sequence(sequence) => Value::Sequence(Sequence {
                items: Rc::new(sequence.items.iter().map(|item| self.value(item)).collect()),
                ..*sequence
            }),
            Value::Mapping(mapping) => {
                let entries = mapping.entries.iter();
                let entries = entries.map(|(key, value)| (key.clone(), self.value(value)));
                Value::Mapping(Mapping {
                    entries: Rc::new(entries.collect()),
                    ..*mapping
                })
            }
            Value::Comprehension(list) => Value::Comprehension(self.comprehension(list)),
            Value::Entries(list) => Value::Entries(self.comprehension(list)),
            Value::Choice(choice) => self.choice(choice),
            Value::Carried(growth) => Value::Carried(Rc::new(Growth {
                slot: growth.slot,
                before: growth.before.clone(),
                added: self.parts(&growth.added),
            })),
            Value::Instance {
                class,
                identity,
                held: Some(held),
            } => Value::Instance {
                class: class.clone(),
                identity: *identity,
                held: Some(self.held(held)),
            },
            Value::Callable(Callable::Method { receiver, name }) => {
                Value::Callable(Callable::Method {
                    receiver: Box::new(self.value(receiver)),
                    name,
                })
            }
            other => other.clone(),
        }
    }

    /// The same for the attributes that an instance holds.
    fn held<'m>(&self, held: &Held<'m>) -> Held<'m>
    where
        Self: Sized,
    {
        let held = held.iter();
        Rc::new(
            held.map(|(name, value)| (name.clone(), self.value(value)))
                .collect(),
        )
    }

    /// The same for a time.
    fn moment<'m>(&self, moment: &Moment<'m>) -> Value<'m>
    where
        Self: Sized,
    {
        Value::Moment(Rc::new(Moment {
            clock: self.value(&moment.clock),
            offset: moment.offset.as_ref().map(|offset| self.value(offset)),
        }))
    }

    /// The same for a choice.
    fn choice<'m>(&self, choice: &Choice<'m>) -> Value<'m>
    where
        Self: Sized,
    {
        let cases = choice.cases.iter();
        let cases = cases.map(|(when, value)| (self.condition(when.clone()), self.value(value)));
        Value::choose(cases.collect(), self.value(&choice.otherwise))
    }

    /// The same for a list.
    fn comprehension<'m>(&self, list: &Comprehension<'m>) -> Comprehension<'m>
    where
        Self: Sized,
    {
        Comprehension {
            parts: self.parts(&list.parts),
            ..*list
        }
    }

    /// The same for the items of a list.
    fn parts<'m>(&self, parts: &Parts<'m>) -> Parts<'m>
    where
        Self: Sized,
    {
        let part = |part: &Rc<Part<'m>>| {
            let items = match &part.items {
                Items::One(value) => Items::One(self.value(value)),
                Items::Each(each) => Items::Each(Each {
                    list: self.term(each.list.clone()),
                    item: each.item,
                    parts: self.parts(&each.parts),
                    raises: self.raises(&each.raises),
                }),
            };
            let when = self.condition(part.when.clone());
            Rc::new(Part { when, items })
        };
        parts.iter().map(part).collect()
    }

    /// The same for the exceptions of a list.
    fn raises(
        &self,
        raises: &[(Condition, super::Exception)],
    ) -> Vec<(Condition, super::Exception)> {
        let raise = raises.iter();
        raise
            .map(|(when, exception)| (self.condition(when.clone()), *exception))
            .collect()
    }
}

/// Looks for a free item, and changes nothing.
struct Search {
    item: ItemId,
    found: Cell<bool>,
}

impl Remap for Search {
    fn term(&self, term: Term) -> Term {
        self.found
            .set(self.found.get() || mentions_term(&term, self.item));
        term
    }

    fn condition(&self, condition: Condition) -> Condition {
        self.found
            .set(self.found.get() || mentions(&condition, self.item));
        condition
    }
}

/// Whether the value reads the free item.
pub(super) fn mentions_value(value: &Value<'_>, item: ItemId) -> bool {
    let found = Cell::new(false);
    let search = Search { item, found };
    search.value(value);
    search.found.get()
}
