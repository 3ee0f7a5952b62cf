//! Methods of the event and of containers; those of texts are in [`text`](super::text).

use super::argument::Arguments;
use super::exception::Exception;
use super::predicate::{is_hashable, literals, member};
use super::value::{Data, Mapping, Sequence, SequenceKind, Value, same_constant};
use super::{Executor, Outcome, logic};
use crate::ir::{Condition, FieldPath, Kind, Literal, Object, Operator, Term};

impl<'m> Executor<'m> {
    /// `receiver.name(arguments)`.
    pub(super) fn method(
        &mut self,
        receiver: Value<'m>,
        name: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        match &receiver {
            Value::Event => self.event_method(name, arguments),
            Value::Data(data) => {
                let data = data.clone();
                self.data_method(&data, name, arguments)
            }
            Value::Constant(Literal::Text(_)) => self.text_method(&receiver, name, arguments),
            Value::Mapping(mapping) => {
                let mapping = mapping.clone();
                self.mapping_method(&mapping, name, arguments)
            }
            Value::Sequence(sequence) => {
                let sequence = sequence.clone();
                self.sequence_method(&sequence, name, arguments)
            }
            Value::Pattern(pattern) => {
                let pattern = pattern.clone();
                self.pattern_method(&pattern, name, arguments)
            }
            Value::Match { pattern, text } => self.match_method(pattern, text, name, &arguments),
            Value::Constant(_) | Value::Truth(_) => self.raise(Exception::ATTRIBUTE),
            other => self.refuse(format!(
                "`.{name}()` of {} cannot be expressed",
                other.type_name()
            )),
        }
    }

    fn event_method(&mut self, name: &str, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        match name {
            "get" => self.get(Term::Field(FieldPath::root()), false, arguments),
            "deep_get" => self.deep_get(Term::Field(FieldPath::root()), false, arguments),
            "to_dict" | "copy" => Ok(Value::Event),
            "udm" | "deep_walk" | "lookup" | "event_time_epoch" | "udm_path" => {
                self.refuse(format!("`event.{name}()` is not read yet"))
            }
            _ => self.refuse(format!("`event.{name}()` cannot be expressed")),
        }
    }

    fn data_method(
        &mut self,
        data: &Data,
        name: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        match name {
            "get" | "deep_get" => {
                let object = self.is_kind(data, &[Kind::Object]);
                self.raise_if(object.negate(), Exception::ATTRIBUTE)?;
                if name == "deep_get" && !data.plain {
                    return self.deep_get(data.term.clone(), data.plain, arguments);
                }
                if name == "deep_get" {
                    return self.raise(Exception::ATTRIBUTE);
                }
                self.get(data.term.clone(), data.plain, arguments)
            }
            "keys" | "values" | "items" | "deep_walk" | "copy" | "to_dict" | "as_list" => {
                self.refuse(format!("`.{name}()` of event data is not read yet"))
            }
            name if super::text::METHODS.contains(&name) => {
                if data.kind == Some(Kind::Text) {
                    let receiver = Value::Data(data.clone());
                    return self.text_method(&receiver, name, arguments);
                }
                let list_too = matches!(name, "count" | "index");
                let text = self.is_kind(data, &[Kind::Text]);
                if list_too {
                    return self.refuse(format!("`.{name}()` of event data cannot be expressed"));
                }
                self.raise_if(text.negate(), Exception::ATTRIBUTE)?;
                let receiver = Value::computed(data.term.clone(), Kind::Text);
                self.text_method(&receiver, name, arguments)
            }
            _ => self.refuse(format!("`.{name}()` of event data cannot be expressed")),
        }
    }

    /// `.get(key, default)` of an object: the default only where the key is missing.
    fn get(&mut self, object: Term, plain: bool, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        let Some(key) = arguments.get(0, "key") else {
            return self.raise(Exception::TYPE);
        };
        let default = arguments.get(1, "default").unwrap_or(Value::NONE);
        self.each(key, &mut |this, key| {
            let Some(key) = key.as_text() else {
                return this.refuse("the key of event data must be a known text");
            };
            let term = member(&object, key);
            let value = Value::Data(Data {
                term: term.clone(),
                kind: None,
                plain,
            });
            if matches!(default, Value::Constant(Literal::Null)) {
                return Ok(value);
            }
            let exists = this.implied(term, Operator::Exists, Object::None);
            let default = default.clone();
            this.either(exists, |_| Ok(value), |_| Ok(default))
        })
    }

    /// `.deep_get(*keys, default=...)`: the default also where the value is `None`, or a step is no object.
    pub(super) fn deep_get(
        &mut self,
        object: Term,
        plain: bool,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let default = arguments.keyword("default").unwrap_or(Value::NONE);
        let object = Value::Data(Data {
            term: object,
            kind: Some(Kind::Object),
            plain,
        });
        let mut value = object;
        for key in arguments.positional {
            value = self.each_two(
                value,
                key,
                &mut |this, value, key| match (&value, key.as_text()) {
                    (Value::Data(data), Some(key)) => Ok(Value::Data(Data {
                        term: member(&data.term, key),
                        kind: None,
                        plain,
                    })),
                    _ => this.refuse("the keys of event data must be known texts"),
                },
            )?;
        }
        if matches!(default, Value::Constant(Literal::Null)) {
            return Ok(value);
        }
        self.each(value, &mut |this, value| {
            let Value::Data(data) = &value else {
                return Ok(value);
            };
            let present = match data.kind {
                Some(_) => Condition::TRUE,
                None => this.implied(data.term.clone(), Operator::IsPresent, Object::None),
            };
            let default = default.clone();
            this.either(present, |_| Ok(value), |_| Ok(default))
        })
    }

    fn mapping_method(
        &mut self,
        mapping: &Mapping<'m>,
        name: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let key = |(key, _): &(Literal, Value<'m>)| Value::Constant(key.clone());
        match name {
            "get" => {
                let Some(wanted) = arguments.get(0, "key") else {
                    return self.raise(Exception::TYPE);
                };
                let default = arguments.get(1, "default").unwrap_or(Value::NONE);
                self.lookup(mapping, wanted, &mut |_| Ok(default.clone()))
            }
            "keys" => {
                let keys = mapping.entries.iter().map(key).collect();
                Ok(self.sequence(SequenceKind::List, keys))
            }
            "values" => {
                let values = mapping.entries.iter().map(|(_, value)| value.clone());
                Ok(self.sequence(SequenceKind::List, values.collect()))
            }
            "items" => {
                let mut items = Vec::new();
                for entry in mapping.entries.iter() {
                    let pair = vec![key(entry), entry.1.clone()];
                    items.push(self.sequence(SequenceKind::Tuple, pair));
                }
                Ok(self.sequence(SequenceKind::List, items))
            }
            "copy" => Ok(self.mapping(mapping.entries.as_ref().clone())),
            _ => self.refuse(format!("`.{name}()` of a dictionary cannot be expressed")),
        }
    }

    fn sequence_method(
        &mut self,
        sequence: &Sequence<'m>,
        name: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        match name {
            "copy" => Ok(self.sequence(sequence.kind, sequence.items.as_ref().clone())),
            "union" | "intersection" | "difference" | "issubset" | "issuperset" | "isdisjoint"
                if sequence.kind == SequenceKind::Set && arguments.only(1..=1) =>
            {
                let other = arguments
                    .positional
                    .into_iter()
                    .next()
                    .unwrap_or(Value::NONE);
                let other = self.as_tuple(other)?;
                let Value::Sequence(other) = other else {
                    return self.raise(Exception::TYPE);
                };
                self.set_operation(name, sequence, &other)
            }
            _ => self.refuse(format!("`.{name}()` of a list cannot be expressed")),
        }
    }

    /// An operation on two sets; event data may be among the items where only the truth is asked.
    pub(super) fn set_operation(
        &mut self,
        name: &str,
        a: &Sequence<'m>,
        b: &Sequence<'m>,
    ) -> Outcome<Value<'m>> {
        for item in a.items.iter().chain(b.items.iter()) {
            if !is_hashable(item) {
                return self.raise(Exception::TYPE);
            }
        }
        match name {
            "union" => {
                let items = a.items.iter().chain(b.items.iter()).cloned().collect();
                return Ok(self.sequence(SequenceKind::Set, items));
            }
            "issubset" | "isdisjoint" | "issuperset" => {
                let (from, to) = if name == "issuperset" { (b, a) } else { (a, b) };
                let mut parts = Vec::new();
                for item in from.items.iter() {
                    let held = self.contained(item, &Value::Sequence(to.clone()))?;
                    parts.push(if name == "isdisjoint" {
                        held.negate()
                    } else {
                        held
                    });
                }
                return Ok(Value::truth(logic::all(parts)));
            }
            _ => {}
        }
        let (Some(ours), Some(theirs)) = (literals(&a.items), literals(&b.items)) else {
            return self.refuse("a set of event data cannot be expressed");
        };
        let wanted = name == "intersection";
        let items = ours
            .into_iter()
            .filter(|item| theirs.iter().any(|other| same_constant(item, other)) == wanted)
            .map(Value::Constant)
            .collect();
        Ok(self.sequence(SequenceKind::Set, items))
    }
}
