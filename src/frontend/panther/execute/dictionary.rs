//! Dictionaries: displays, lookups, and the changes of dictionaries, lists and sets that have one name.
//!
//! Containers are values here and references in Python. A change is therefore only read where the container has no second
//! name; else it is refused.

use rustpython_ruff_python_ast as ast;

use super::argument::Arguments;
use super::exception::Exception;
use super::value::{Mapping, SequenceKind, Value};
use super::{Executor, Outcome, Stop};
use crate::ir::{Condition, Literal};

/// Methods that change what they are called on.
const CHANGES: &[&str] = &[
    "add",
    "append",
    "clear",
    "discard",
    "extend",
    "insert",
    "pop",
    "remove",
    "setdefault",
    "sort",
    "update",
];

impl<'m> Executor<'m> {
    /// `{key: value, **other}`.
    pub(super) fn dictionary_display(&mut self, dict: &'m ast::ExprDict) -> Outcome<Value<'m>> {
        let mut entries: Vec<(Literal, Value<'m>)> = Vec::new();
        for item in &dict.items {
            let value = self.evaluate(&item.value);
            let value = self.spoiled(value)?;
            let Some(key) = &item.key else {
                match value {
                    Value::Mapping(mapping) => entries.extend(mapping.entries.iter().cloned()),
                    _ => return self.refuse("`**` requires a dictionary whose keys are known"),
                }
                continue;
            };
            match self.evaluate(key)? {
                Value::Constant(key) => entries.push((key, value)),
                _ => return self.refuse("the keys of a dictionary must be known"),
            }
        }
        Ok(self.mapping(entries))
    }

    /// The value of a key, or what `missing` gives where the dictionary has no such key.
    pub(super) fn lookup(
        &mut self,
        mapping: &Mapping<'m>,
        key: Value<'m>,
        missing: &mut dyn FnMut(&mut Self) -> Outcome<Value<'m>>,
    ) -> Outcome<Value<'m>> {
        self.each(key, &mut |this, key| {
            if let Value::Constant(key) = &key {
                return match mapping.get(key) {
                    Some(value) => Ok(value.clone()),
                    None => missing(this),
                };
            }
            this.require_hashable(&key)?;
            let before = this.frame.guards.len();
            let mut cases: Vec<(Condition, Value<'m>)> = Vec::new();
            for (entry, value) in mapping.entries.iter() {
                this.spend(1)?;
                let when = this.equal(&key, &Value::Constant(entry.clone()))?;
                this.frame.guards.push(when.clone().negate());
                cases.push((when, value.clone()));
            }
            let otherwise = missing(this);
            this.frame.guards.truncate(before);
            match otherwise {
                Ok(otherwise) => Ok(Value::choose(cases, otherwise)),
                Err(Stop::Dead) => match cases.pop() {
                    Some((_, last)) => Ok(Value::choose(cases, last)),
                    None => Err(Stop::Dead),
                },
                Err(refused) => Err(refused),
            }
        })
    }

    /// Whether calling the method on the name changes a container that the name stands for.
    pub(super) fn is_changed_by(&self, name: &str, method: &str) -> bool {
        CHANGES.contains(&method)
            && self.frame.names.get(name).is_some_and(|value| {
                let container =
                    |value: &Value<'_>| matches!(value, Value::Sequence(_) | Value::Mapping(_));
                match value {
                    Value::Choice(choice) => {
                        container(&choice.otherwise)
                            || choice.cases.iter().any(|(_, value)| container(value))
                    }
                    other => container(other),
                }
            })
    }

    /// Calls a method that changes the container of a name.
    pub(super) fn change(
        &mut self,
        name: &'m str,
        method: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let before = self.name(name)?;
        if self.frame.guards.len() > self.frame.statement {
            return self.refuse("a change within an expression cannot be expressed");
        }
        self.require_single_name(name, &before)?;
        let after = self.each(before, &mut |this, container| {
            this.changed(container, method, arguments.clone())
        })?;
        self.frame.names.insert(name, after);
        Ok(Value::NONE)
    }

    fn changed(
        &mut self,
        container: Value<'m>,
        method: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        match (container, method) {
            (Value::Mapping(mapping), "update") if arguments.positional.len() <= 1 => {
                let mut result = mapping;
                let mut more = arguments
                    .keywords
                    .into_iter()
                    .map(|(key, value)| (Literal::Text(key), value))
                    .collect::<Vec<_>>();
                if let Some(first) = arguments.positional.into_iter().next() {
                    match first {
                        Value::Mapping(other) => more
                            .splice(0..0, other.entries.iter().cloned())
                            .for_each(drop),
                        other => {
                            return self.refuse(format!(
                                "a dictionary cannot be updated with {}",
                                other.type_name()
                            ));
                        }
                    }
                }
                for (key, value) in more {
                    result = result.with(key, value);
                }
                Ok(Value::Mapping(result))
            }
            (Value::Sequence(sequence), "append" | "add" | "extend" | "update") => {
                let [argument] = arguments.positional.as_slice() else {
                    return self.refuse(format!("`.{method}()` requires one argument here"));
                };
                let more = match method {
                    "append" | "add" => vec![argument.clone()],
                    _ => self.known_items(argument.clone())?,
                };
                if (sequence.kind == SequenceKind::Set) != matches!(method, "add" | "update") {
                    return self.raise(Exception::ATTRIBUTE);
                }
                let items = sequence.items.iter().cloned().chain(more).collect();
                let mut changed = self.sequence(sequence.kind, items);
                if let Value::Sequence(changed) = &mut changed {
                    changed.identity = sequence.identity;
                }
                Ok(changed)
            }
            (other, method) => self.refuse(format!(
                "`.{method}()` of {} cannot be expressed",
                other.type_name()
            )),
        }
    }

    /// `name[key] = value`.
    pub(super) fn change_key(
        &mut self,
        name: &'m str,
        key: Value<'m>,
        value: Value<'m>,
    ) -> Outcome<()> {
        let before = self.name(name)?;
        self.require_single_name(name, &before)?;
        let Value::Constant(key) = key else {
            return self.refuse("the key that is set must be known");
        };
        let after = self.each(before, &mut |this, container| match container {
            Value::Mapping(mapping) => Ok(Value::Mapping(mapping.with(key.clone(), value.clone()))),
            other => this.refuse(format!("an item of {} cannot be set", other.type_name())),
        })?;
        self.frame.names.insert(name, after);
        Ok(())
    }

    /// Refuses the change of a container that another name, or another container, holds as well.
    pub(super) fn require_single_name(&self, name: &str, container: &Value<'m>) -> Outcome<()> {
        let mut identities = Vec::new();
        identity_of(container, &mut identities);
        let locals = self
            .frame
            .names
            .iter()
            .filter(|(other, _)| **other != name)
            .map(|(_, value)| value);
        let callers = self
            .outer
            .iter()
            .flat_map(|frame| frame.names.values().chain(frame.closure.values()));
        let mut others = locals
            .chain(self.frame.closure.values())
            .chain(callers)
            .chain(self.globals.values());
        if others.any(|value| holds(value, &identities)) {
            return self.refuse("only a list or dictionary with a single name can be changed");
        }
        Ok(())
    }
}

fn identity_of(value: &Value<'_>, found: &mut Vec<u32>) {
    match value {
        Value::Sequence(sequence) => found.push(sequence.identity),
        Value::Mapping(mapping) => found.push(mapping.identity),
        Value::Choice(choice) => {
            identity_of(&choice.otherwise, found);
            for (_, value) in &choice.cases {
                identity_of(value, found);
            }
        }
        _ => {}
    }
}

/// Whether the value is or holds one of the containers.
fn holds(value: &Value<'_>, identities: &[u32]) -> bool {
    match value {
        Value::Sequence(sequence) => {
            identities.contains(&sequence.identity)
                || sequence.items.iter().any(|item| holds(item, identities))
        }
        Value::Mapping(mapping) => {
            identities.contains(&mapping.identity)
                || mapping
                    .entries
                    .iter()
                    .any(|(_, value)| holds(value, identities))
        }
        Value::Choice(choice) => {
            holds(&choice.otherwise, identities)
                || choice
                    .cases
                    .iter()
                    .any(|(_, value)| holds(value, identities))
        }
        _ => false,
    }
}
