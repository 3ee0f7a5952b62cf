//! What a change makes of a dictionary's content: methods, keys that are set or taken away.

use std::rc::Rc;

use super::argument::Arguments;
use super::change::{Changed, same_object};
use super::exception::Exception;
use super::parts::restricted;
use super::value::{Data, Part, Parts, SequenceKind, Value, same_constant};
use super::{Executor, Outcome, Stop, WEIGHT, logic};
use crate::ir::{Condition, FieldPath, Kind, Object, Operator, Term};

/// What a lookup gives where there is no such key.
type Missing<'o, 'm> = dyn Fn(&mut Executor<'m>) -> Outcome<Value<'m>> + 'o;

impl<'m> Executor<'m> {
    pub(super) fn changed_dictionary(
        &mut self,
        content: Value<'m>,
        method: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Changed<'m>> {
        let mut positional = arguments.positional.into_iter();
        match (method, positional.next(), positional.next()) {
            ("update", first, None) => {
                let mut content = content;
                if let Some(first) = first {
                    content = self.updated(content, first)?;
                }
                for (name, value) in arguments.keywords {
                    content = self.with_item(content, Value::text(name), value)?;
                }
                Ok((content, Value::NONE))
            }
            ("setdefault", Some(key), default) => {
                let default = default.unwrap_or(Value::NONE);
                let held = self.contained(&key, &content)?;
                let held = self.known(held);
                let value = self.value_of_key(&content, &key, &|_| Ok(default.clone()))?;
                let with = self.with_item(content.clone(), key, default.clone())?;
                Ok((self.join_contents(&held, content, with)?, value))
            }
            ("pop", Some(key), default) => self.without(content, key, default),
            ("clear", None, None) => {
                let empty = self.mapping(Vec::new());
                Ok((same_object(empty, &content), Value::NONE))
            }
            _ => self.refuse(format!(
                "`.{method}()` with these arguments cannot be expressed"
            )),
        }
    }

    /// The dictionary with all that another holds.
    pub(super) fn updated(&mut self, content: Value<'m>, more: Value<'m>) -> Outcome<Value<'m>> {
        match (&content, &more) {
            (Value::Mapping(mapping), Value::Mapping(more)) => {
                let mut result = mapping.clone();
                self.spend(more.entries.len())?;
                for (key, value) in more.entries.iter() {
                    result = result.with(key.clone(), value.clone());
                }
                Ok(Value::Mapping(result))
            }
            (_, Value::Choice(_)) => {
                let content = &content;
                self.each(more, &mut |this, more| this.updated(content.clone(), more))
            }
            _ => {
                let mut parts = self.entry_parts(content.clone())?;
                parts.extend(self.all_entries(more)?);
                let made = self.dictionary(parts);
                Ok(same_object(made, &content))
            }
        }
    }

    /// What a dictionary or an object of the event sets in another.
    pub(super) fn all_entries(&mut self, value: Value<'m>) -> Outcome<Parts<'m>> {
        match value {
            Value::Choice(choice) => {
                let mut parts = Parts::new();
                let mut before = Condition::FALSE;
                let last = (Condition::TRUE, choice.otherwise.clone());
                for (when, value) in choice.cases.iter().chain([&last]) {
                    self.spend(logic::size(&before))?;
                    let taken = before.clone().negate().and(when.clone());
                    let made = self.guarded(taken.clone(), |this| this.all_entries(value.clone()));
                    match made {
                        Ok(made) => parts.extend(restricted(made, &taken)),
                        Err(Stop::Dead) => {}
                        Err(refused) => return Err(refused),
                    }
                    before = before.or(when.clone());
                }
                Ok(parts)
            }
            Value::Event => self.all_entries(Value::Data(Data {
                term: Term::Field(FieldPath::root()),
                kind: Some(Kind::Object),
                plain: false,
            })),
            Value::Data(data) if data.kind != Some(Kind::Object) => {
                let object = self.known(self.is_kind(&data, &[Kind::Object]));
                let filled = self.implied(data.term.clone(), Operator::IsTruthy, Object::None);
                let empty = self
                    .is_kind(&data, &[Kind::List, Kind::Text])
                    .and(filled.negate());
                if object.as_constant().is_none() {
                    self.remark("a list or a text in place of this object counts as an exception");
                }
                self.raise_if(object.clone().or(empty).negate(), Exception::TYPE)?;
                let parts = self.entry_parts(Value::Data(Data {
                    kind: Some(Kind::Object),
                    ..data
                }))?;
                Ok(restricted(parts, &object))
            }
            Value::Constant(_) | Value::Truth(_) => self.raise(Exception::TYPE),
            Value::Refused(problem) => Err(self.refused(&problem)),
            other => self.entry_parts(other),
        }
    }

    /// A key, which can be event data, and its value as an entry.
    pub(super) fn set_entry(&mut self, key: Value<'m>, value: Value<'m>) -> Outcome<Rc<Part<'m>>> {
        self.each(key.clone(), &mut |this, key| {
            this.require_hashable(&key)?;
            Ok(key)
        })?;
        Ok(self.entry(key, value))
    }

    pub(super) fn with_item(
        &mut self,
        content: Value<'m>,
        key: Value<'m>,
        value: Value<'m>,
    ) -> Outcome<Value<'m>> {
        match (&content, &key) {
            (Value::Mapping(mapping), Value::Constant(key)) => {
                let mapping = mapping.with(key.clone(), value);
                if mapping.weight > WEIGHT {
                    return self.refuse("a dictionary must hold fewer values than this");
                }
                self.spend(1 + mapping.entries.len() / 16)?;
                Ok(Value::Mapping(mapping))
            }
            (Value::Mapping(_) | Value::Entries(_), _) => {
                let mut parts = self.entry_parts(content.clone())?;
                parts.push(self.set_entry(key, value)?);
                let made = self.dictionary(parts);
                Ok(same_object(made, &content))
            }
            (Value::Sequence(sequence), _) if sequence.kind == SequenceKind::List => {
                let at = self.place(sequence, &key)?;
                let mut items = sequence.items.as_ref().clone();
                if let Some(item) = items.get_mut(at) {
                    *item = value;
                }
                Ok(self.with_items(sequence, items))
            }
            (Value::Sequence(_), _) => self.raise(Exception::TYPE),
            (other, _) => self.refuse(format!("an item of {} cannot be set", other.type_name())),
        }
    }

    /// The dictionary without a key, and the key's value. `default` is what a method got for a key that is not there.
    pub(super) fn without(
        &mut self,
        content: Value<'m>,
        key: Value<'m>,
        default: Option<Value<'m>>,
    ) -> Outcome<Changed<'m>> {
        let value = self.value_of_key(&content, &key, &|this| match &default {
            Some(default) => Ok(default.clone()),
            None => this.raise(Exception::KEY),
        })?;
        if let (Value::Mapping(mapping), Value::Constant(key)) = (&content, &key) {
            let kept = mapping.entries.iter();
            let kept = kept
                .filter(|(other, _)| !same_constant(other, key))
                .cloned();
            let rest = self.mapping(kept.collect());
            return Ok((same_object(rest, &content), value));
        }
        self.refuse("the key that is taken away must be known")
    }

    pub(super) fn value_of_key(
        &mut self,
        content: &Value<'m>,
        key: &Value<'m>,
        missing: &Missing<'_, 'm>,
    ) -> Outcome<Value<'m>> {
        match content {
            Value::Mapping(mapping) => {
                let mapping = mapping.clone();
                self.lookup(&mapping, key.clone(), &mut |this| missing(this))
            }
            Value::Entries(entries) => {
                let entries = entries.clone();
                self.entry_of(&entries, key, &mut |this| missing(this))
            }
            other => self.refuse(format!("{} has no keys", other.type_name())),
        }
    }
}
