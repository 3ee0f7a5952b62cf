//! Methods of the event and of containers; those of texts are in [`text`](super::text).

use std::collections::BTreeSet;

use smallvec::SmallVec;

use super::argument::Arguments;
use super::entries::projected;
use super::exception::Exception;
use super::predicate::{is_hashable, literals, members_of};
use super::value::{Comprehension, Data, Mapping, Sequence, SequenceKind, Value, same_constant};
use super::{Executor, Outcome, logic};
use crate::ir::{Condition, FieldPath, Kind, Literal, Object, Operator, Term};

/// Methods of lists, sets and dictionaries that texts do not have.
const NOT_OF_TEXTS: &[&str] = &[
    "add", "append", "copy", "deep_get", "extend", "get", "items", "keys", "pop", "update",
    "values",
];

/// Whether a list can have the method; of those that other types have, it has only two.
fn is_of_lists(name: &str) -> bool {
    let of_texts = super::text::METHODS.contains(&name) && !matches!(name, "count" | "index");
    !of_texts && !matches!(name, "get" | "items" | "keys" | "values" | "deep_get")
}

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
            Value::Sequence(_) | Value::Comprehension(_) if !is_of_lists(name) => {
                self.raise(Exception::ATTRIBUTE)
            }
            Value::Mapping(_) | Value::Entries(_)
                if super::text::METHODS.contains(&name) || name == "deep_get" =>
            {
                self.raise(Exception::ATTRIBUTE)
            }
            Value::Constant(Literal::Text(_)) if NOT_OF_TEXTS.contains(&name) => {
                self.raise(Exception::ATTRIBUTE)
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
            Value::Comprehension(list) => {
                let list = list.clone();
                self.list_method(&list, name, arguments)
            }
            Value::Entries(entries) => self.entries_method(entries, name, &arguments),
            Value::Bytes(bytes) => self.bytes_method(bytes, name, &arguments),
            Value::Pattern(pattern) => {
                let pattern = pattern.clone();
                self.pattern_method(&pattern, name, arguments)
            }
            Value::Record(parts) => match super::property::part_of(parts, &format!("{name}()")) {
                Some(result) if arguments.only(0..=0) => Ok(result),
                _ => self.refuse(format!("`.{name}()` cannot be expressed here")),
            },
            Value::Moment(time) => self.time_method(time, name, &arguments),
            Value::Duration(micros) => self.duration_method(micros, name, &arguments),
            Value::Network { first, last } => self.network_method((first, last), name, &arguments),
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
            "to_dict" | "copy" | "raw_view" => Ok(Value::Data(Data {
                term: Term::Field(FieldPath::root()),
                kind: Some(Kind::Object),
                plain: true,
            })),
            "keys" | "values" | "items" => {
                Ok(self.view(Term::Field(FieldPath::root()), false, name))
            }
            "udm" => self.udm(arguments),
            "udm_path" => self.udm_path(&arguments),
            "deep_walk" => self.deep_walk(&arguments),
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
            "keys" | "values" | "items" => {
                let object = self.is_kind(data, &[Kind::Object]);
                self.raise_if(object.negate(), Exception::ATTRIBUTE)?;
                Ok(self.view(data.term.clone(), data.plain, name))
            }
            "copy" | "to_dict" | "raw_view" | "as_list" => self.copied(data, name),
            "udm" | "deep_walk" | "lookup" | "event_time_epoch" | "udm_path" => {
                self.raise(Exception::ATTRIBUTE)
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

    /// A copy of an object or a list, which is Python's own all the way down.
    fn copied(&mut self, data: &Data, name: &str) -> Outcome<Value<'m>> {
        let kinds: &[Kind] = match (name, data.plain) {
            ("copy", _) => &[Kind::Object, Kind::List],
            ("as_list", false) => &[Kind::List],
            (_, false) => &[Kind::Object],
            (_, true) => return self.raise(Exception::ATTRIBUTE),
        };
        let found = self.is_kind(data, kinds);
        self.raise_if(found.negate(), Exception::ATTRIBUTE)?;
        Ok(Value::Data(Data {
            kind: data.kind.or(match kinds {
                [one] => Some(*one),
                _ => None,
            }),
            term: data.term.clone(),
            plain: true,
        }))
    }

    /// `.get(key, default)` of an object: the default only where the key is missing.
    fn get(&mut self, object: Term, plain: bool, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        let Some(key) = arguments.get(0, "key") else {
            return self.raise(Exception::TYPE);
        };
        let default = arguments.get(1, "default").unwrap_or(Value::NONE);
        self.each(key, &mut |this, key| {
            let object = Data {
                term: object.clone(),
                kind: Some(Kind::Object),
                plain,
            };
            let Some(value) = this.member_at(&object, &key)? else {
                return Ok(default.clone());
            };
            if matches!(default, Value::Constant(Literal::Null)) {
                return Ok(value);
            }
            let Value::Data(member) = &value else {
                return Ok(value);
            };
            let exists = this.implied(member.term.clone(), Operator::Exists, Object::None);
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
        if arguments.keywords.iter().any(|(name, _)| name != "default") {
            return self.raise(Exception::TYPE);
        }
        if arguments.positional.len() > 1 && is_filled_mapping(&default) {
            return self.refuse("a dictionary as a default for several keys cannot be expressed");
        }
        // The first keys are mostly all there are, and known.
        let keys = arguments.positional.iter().map_while(Value::as_text);
        let keys: SmallVec<[&str; 4]> = keys.collect();
        let mut value = Value::Data(Data {
            term: members_of(&object, plain, &keys),
            kind: keys.is_empty().then_some(Kind::Object),
            plain,
        });
        for key in &arguments.positional[keys.len()..] {
            value = self.each_two(value, key.clone(), &mut |this, value, key| match &value {
                Value::Data(data) => Ok(this.member_at(data, &key)?.unwrap_or(Value::NONE)),
                _ => Ok(Value::NONE),
            })?;
        }
        if matches!(default, Value::Constant(Literal::Null)) {
            return Ok(value);
        }
        self.each(value, &mut |this, value| {
            let Value::Data(data) = &value else {
                return Ok(default.clone());
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
        match name {
            "get" => {
                let Some(wanted) = arguments.get(0, "key") else {
                    return self.raise(Exception::TYPE);
                };
                let default = arguments.get(1, "default").unwrap_or(Value::NONE);
                self.lookup(mapping, wanted, &mut |_| Ok(default.clone()))
            }
            "keys" | "values" | "items" => {
                let mut parts = self.entry_parts(Value::Mapping(mapping.clone()))?;
                if name != "items" {
                    parts = projected(&parts, usize::from(name == "values"));
                }
                Ok(self.listed(SequenceKind::List, parts))
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
            "count" => {
                let parts = self.loose_parts(Value::Sequence(sequence.clone()))?;
                let list = Comprehension {
                    kind: sequence.kind,
                    parts,
                    identity: sequence.identity,
                };
                self.list_method(&list, name, arguments)
            }
            "union" | "intersection" | "difference" | "issubset" | "issuperset" | "isdisjoint"
                if sequence.kind == SequenceKind::Set && arguments.only(1..=1) =>
            {
                let sequence = Value::Sequence(sequence.clone());
                self.set_method(&sequence, name, arguments)
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
        let texts: BTreeSet<&str> = theirs.iter().filter_map(Literal::as_text).collect();
        let others = theirs.iter().filter(|other| other.as_text().is_none());
        let others: Vec<&Literal> = others.collect();
        let items = ours
            .into_iter()
            .filter(|item| among(item, &texts, &others) == wanted)
            .map(Value::Constant)
            .collect();
        Ok(self.sequence(SequenceKind::Set, items))
    }
}

/// Whether the constant is one of the texts or of the other constants.
fn among(item: &Literal, texts: &BTreeSet<&str>, others: &[&Literal]) -> bool {
    match item.as_text() {
        Some(text) => texts.contains(text),
        None => others.iter().any(|other| same_constant(item, other)),
    }
}

/// Whether the value is a dictionary, or may be one, that holds something: `deep_get` reads the rest of its keys in it.
fn is_filled_mapping(default: &Value<'_>) -> bool {
    match default {
        Value::Mapping(mapping) => !mapping.entries.is_empty(),
        Value::Event | Value::Entries(_) => true,
        _ => false,
    }
}
