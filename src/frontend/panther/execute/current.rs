//! Values with the contents that their objects have now.
//!
//! A value that a name gave is as it was then; its lists and dictionaries, and those within them, may have been changed since.
//! Invariant: an object within itself is refused, so that every value is finite.

use std::rc::Rc;

use super::Executor;
use super::change::identity_of;
use super::state::{Cell, NESTING, State};
use super::value::{Comprehension, Each, Items, Mapping, Part, Parts, Sequence, Value};

impl<'m> Executor<'m> {
    /// The value with the contents that its objects have now.
    pub(super) fn current(&self, value: Value<'m>) -> Value<'m> {
        let none = |state: &State<'m>| {
            !state
                .cells()
                .any(|(cell, _)| matches!(cell, Cell::Object(_)))
        };
        if none(&self.frame.names.state) && none(&self.loaded) && self.earlier.is_empty() {
            return value;
        }
        self.resolved(&value, &mut Vec::new()).unwrap_or(value)
    }

    /// The value with current contents, if any differs.
    fn resolved(&self, value: &Value<'m>, open: &mut Vec<u32>) -> Option<Value<'m>> {
        let identity = match value {
            Value::Choice(_) => return self.resolved_parts(value, open),
            other => identity_of(other)?,
        };
        let content = self.written(Cell::Object(identity));
        if open.contains(&identity) || open.len() > NESTING {
            return Some(self.refused_value("a list or dictionary must not hold itself"));
        }
        open.push(identity);
        let result = match content {
            Some(content) => Some(self.resolved_content(&content, open).unwrap_or(content)),
            None => self.resolved_parts(value, open),
        };
        open.pop();
        result
    }

    /// The content of an open object, which may be several.
    fn resolved_content(&self, content: &Value<'m>, open: &mut Vec<u32>) -> Option<Value<'m>> {
        let Value::Choice(choice) = content else {
            return self.resolved_parts(content, open);
        };
        let mut part = |value: &Value<'m>| {
            let resolved = self.resolved_parts(value, open);
            resolved.unwrap_or_else(|| value.clone())
        };
        let cases = choice
            .cases
            .iter()
            .map(|(when, value)| (when.clone(), part(value)))
            .collect();
        Some(Value::choose(cases, part(&choice.otherwise)))
    }

    /// The container, or choice, with its parts resolved.
    fn resolved_parts(&self, value: &Value<'m>, open: &mut Vec<u32>) -> Option<Value<'m>> {
        let mut changed = false;
        let mut part = |value: &Value<'m>| match self.resolved(value, open) {
            Some(value) => {
                changed = true;
                value
            }
            None => value.clone(),
        };
        let result = match value {
            Value::Sequence(sequence) => {
                if !sequence.items.iter().any(is_container) {
                    return None;
                }
                let items = sequence.items.iter().map(part).collect();
                Value::Sequence(Sequence {
                    items: Rc::new(items),
                    ..sequence.clone()
                })
            }
            Value::Mapping(mapping) => {
                if !mapping.entries.iter().any(|(_, value)| is_container(value)) {
                    return None;
                }
                let entries = mapping.entries.iter();
                let entries = entries.map(|(key, value)| (key.clone(), part(value)));
                Value::Mapping(Mapping {
                    entries: Rc::new(entries.collect()),
                    ..mapping.clone()
                })
            }
            Value::Comprehension(list) | Value::Entries(list) => {
                let parts = self.resolved_items(&list.parts, open)?;
                let list = Comprehension {
                    parts,
                    ..list.clone()
                };
                return Some(match value {
                    Value::Entries(_) => Value::Entries(list),
                    _ => Value::Comprehension(list),
                });
            }
            Value::Choice(choice) => {
                let cases = choice.cases.iter();
                let cases = cases.map(|(when, value)| (when.clone(), part(value)));
                let cases = cases.collect();
                let otherwise = part(&choice.otherwise);
                if !changed {
                    return None;
                }
                Value::choose(cases, otherwise)
            }
            _ => return None,
        };
        changed.then_some(result)
    }

    /// The items with current contents, if any differs; the others are kept as they are.
    pub(super) fn resolved_items(
        &self,
        parts: &Parts<'m>,
        open: &mut Vec<u32>,
    ) -> Option<Parts<'m>> {
        let mut changed = false;
        let mut result = Parts::new();
        for part in parts {
            let items = match &part.items {
                Items::One(value) => self.resolved(value, open).map(Items::One),
                Items::Each(each) => {
                    let parts = self.resolved_items(&each.parts, open);
                    parts.map(|parts| {
                        Items::Each(Each {
                            parts,
                            ..each.clone()
                        })
                    })
                }
            };
            changed |= items.is_some();
            result.push(match items {
                Some(items) => Rc::new(Part {
                    when: part.when.clone(),
                    items,
                }),
                None => part.clone(),
            });
        }
        changed.then_some(result)
    }

    /// The value as it is after more was evaluated, which may have changed it.
    pub(super) fn current_since(&self, before: &State<'m>, value: Value<'m>) -> Value<'m> {
        if self.frame.names.state.is(before) {
            value
        } else {
            self.current(value)
        }
    }
}

fn is_container(value: &Value<'_>) -> bool {
    matches!(
        value,
        Value::Sequence(_)
            | Value::Mapping(_)
            | Value::Comprehension(_)
            | Value::Entries(_)
            | Value::Choice(_)
    )
}

/// The objects that a value is or holds.
pub(super) fn objects_in(value: &Value<'_>, found: &mut Vec<u32>) {
    found.extend(identity_of(value));
    match value {
        Value::Sequence(sequence) => {
            for item in sequence.items.iter() {
                objects_in(item, found);
            }
        }
        Value::Mapping(mapping) => {
            for (_, value) in mapping.entries.iter() {
                objects_in(value, found);
            }
        }
        Value::Comprehension(list) | Value::Entries(list) => objects_in_parts(&list.parts, found),
        Value::Choice(choice) => {
            objects_in(&choice.otherwise, found);
            for (_, value) in &choice.cases {
                objects_in(value, found);
            }
        }
        _ => {}
    }
}

fn objects_in_parts(parts: &Parts<'_>, found: &mut Vec<u32>) {
    for part in parts {
        match &part.items {
            Items::One(value) => objects_in(value, found),
            Items::Each(each) => objects_in_parts(&each.parts, found),
        }
    }
}
