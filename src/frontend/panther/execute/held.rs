//! Instances that carry their attributes with them: what is made of an item of event data, and named tuples.
//!
//! The attributes of an instance are cells of the [`state`](super::state). One that is made for any item of a list is many
//! objects at once, one per item, so its cells would have to speak of the item; its attributes go into the value instead, and
//! from there on are read only. A list of lists of such instances is one list of their attributes, put together again.
//!
//! Invariant: what would change such an instance, or a container that it holds, is refused.

use std::rc::Rc;

use super::argument::Arguments;
use super::change::identity_of;
use super::class::Class;
use super::exception::Exception;
use super::parts::one;
use super::state::{Cell, LASTING, NESTING};
use super::term::list_term;
use super::value::{
    Callable, Comprehension, Data, Each, Growth, Items, Mapping, Names, Part, Parts, Sequence,
    SequenceKind, Value,
};
use super::{Executor, Outcome, predicate};
use crate::ir::Condition;

/// The attributes of an instance by their names.
pub(in crate::frontend::panther) type Held<'m> = Rc<Vec<(Rc<str>, Value<'m>)>>;

/// The identity of an instance that holds its attributes, and of a container that nobody sees.
const HELD: u32 = 0;

/// An attribute that an instance holds.
pub(super) fn attribute<'m>(held: &Held<'m>, name: &str) -> Option<Value<'m>> {
    let found = held.iter().find(|(known, _)| known.as_ref() == name);
    found.map(|(_, value)| value.clone())
}

/// Whether every tuple has an attribute of this name.
pub(super) fn is_of_tuples(name: &str) -> bool {
    ["count", "index"].contains(&name) || name.starts_with('_')
}

impl<'m> Executor<'m> {
    /// The items as they are outside of what made them: instances newer than `newest` carry the attributes that they have now,
    /// and newer containers are many objects.
    pub(super) fn holding_parts(&mut self, parts: Parts<'m>, newest: u32) -> Parts<'m> {
        let mut holder = Holder::new(self, newest);
        let held = holder.parts(&parts);
        let many = holder.many;
        self.many.extend(many);
        held
    }

    /// A value and names as they are outside of the round of a loop that left them.
    pub(super) fn hold_names(
        &mut self,
        names: &mut Names<'m>,
        result: Option<&mut Value<'m>>,
        newest: u32,
    ) {
        let here = std::mem::replace(&mut self.frame.names, names.clone());
        let mut holder = Holder::new(self, newest);
        for value in names.values_mut().chain(result) {
            if let Some(held) = holder.value(value) {
                *value = held;
            }
        }
        let cells: Vec<(Cell<'m>, Value<'m>)> = names
            .state
            .cells()
            .filter_map(|(cell, value)| {
                let kept = !holder.is_of_new(cell);
                kept.then(|| holder.inner(value))
                    .flatten()
                    .map(|value| (cell, value))
            })
            .collect();
        let many = holder.many;
        self.many.extend(many);
        for (cell, value) in cells {
            names.state.set(cell, value);
        }
        self.frame.names = here;
    }

    /// `namedtuple(name, fields)`.
    pub(super) fn named_tuple(&mut self, arguments: &Arguments<'m>) -> Outcome<Value<'m>> {
        let fields = arguments.get(1, "field_names");
        let fields: Option<Vec<Rc<str>>> = match &fields {
            Some(Value::Sequence(sequence)) if sequence.kind != SequenceKind::Set => {
                let names = sequence.items.iter();
                names.map(|name| name.as_text().map(Rc::from)).collect()
            }
            Some(names) => names.as_text().map(|names| {
                let names = names.split(|c: char| c == ',' || c.is_ascii_whitespace());
                names
                    .filter(|name| !name.is_empty())
                    .map(Rc::from)
                    .collect()
            }),
            None => None,
        };
        let plain = |name: &Rc<str>| {
            name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && name.starts_with(|c: char| c.is_ascii_alphabetic())
        };
        let fields = fields.filter(|fields| !fields.is_empty() && fields.iter().all(plain));
        let Some(fields) = fields.filter(|_| arguments.only(2..=2)) else {
            return self.refuse("`namedtuple()` requires a name and known names of fields");
        };
        let identity = self.identity();
        Ok(Value::Class(Rc::new(Class::of_fields(fields, identity))))
    }

    /// Calling a named tuple's class.
    pub(super) fn new_named_tuple(
        &mut self,
        class: &Rc<Class<'m>>,
        fields: &[Rc<str>],
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let mut held = Vec::new();
        for (at, field) in fields.iter().enumerate() {
            let Some(value) = arguments.get(at, field) else {
                return self.raise(Exception::TYPE);
            };
            held.push((field.clone(), value));
        }
        if arguments.positional.len() + arguments.keywords.len() != fields.len() {
            return self.raise(Exception::TYPE);
        }
        Ok(Value::Instance {
            class: class.clone(),
            identity: HELD,
            held: Some(Rc::new(held)),
        })
    }

    /// The instances of a list one after the other, as what is made of one list; nothing where they are not all such of one
    /// class.
    pub(super) fn flattened_instances(
        &mut self,
        list: &Comprehension<'m>,
    ) -> Outcome<Option<Rc<Part<'m>>>> {
        let mut values = list.values();
        let Some(Value::Instance {
            class,
            held: Some(held),
            ..
        }) = values.next().cloned()
        else {
            return Ok(None);
        };
        let names: Vec<Rc<str>> = held.iter().map(|(name, _)| name.clone()).collect();
        let alike = |value: &Value<'m>| {
            matches!(value, Value::Instance { class: other, held: Some(held), .. }
                if Rc::ptr_eq(other, &class) && held.iter().map(|(name, _)| name).eq(&names))
        };
        if !values.all(alike) || list.kind == SequenceKind::Set {
            return Ok(None);
        }
        let rows = projected(&list.parts, &|held| {
            let items = held.iter().map(|(_, value)| value.clone()).collect();
            Value::Sequence(Sequence {
                kind: SequenceKind::List,
                items: Rc::new(items),
                weight: held.len() + 1,
                identity: HELD,
            })
        });
        let Some(rows) = list_term(SequenceKind::List, &rows) else {
            return self.refuse("the items of this list cannot be expressed");
        };
        self.settle(&list.parts)?;
        let item = self.item();
        let mut attributes = Vec::new();
        for (at, name) in (0_i64..).zip(&names) {
            let index = usize::try_from(at).unwrap_or(0);
            let column = projected(&list.parts, &|held| held[index].1.clone());
            let (kind, plain) = self.element_of(&column)?;
            let term = predicate::item(&item.term(), at);
            attributes.push((name.clone(), Value::Data(Data { term, kind, plain })));
        }
        let instance = Value::Instance {
            class,
            identity: HELD,
            held: Some(Rc::new(attributes)),
        };
        Ok(Some(super::parts::each(Each {
            list: rows,
            item,
            parts: vec![one(Condition::TRUE, instance)],
            raises: super::parts::Raises::new(),
        })))
    }
}

/// An attribute that an instance holds.
type Attribute<'m> = (Rc<str>, Value<'m>);

/// The items with something else in place of instances.
pub(super) fn projected<'m>(
    parts: &Parts<'m>,
    make: &dyn Fn(&[Attribute<'m>]) -> Value<'m>,
) -> Parts<'m> {
    let part = |part: &Rc<Part<'m>>| {
        let items = match &part.items {
            Items::One(Value::Instance {
                held: Some(held), ..
            }) => Items::One(make(held)),
            Items::One(other) => Items::One(other.clone()),
            Items::Each(each) => Items::Each(Each {
                parts: projected(&each.parts, make),
                ..each.clone()
            }),
        };
        let when = part.when.clone();
        Rc::new(Part { when, items })
    };
    parts.iter().map(part).collect()
}

/// Puts the attributes of new instances into their values.
struct Holder<'e, 'm> {
    executor: &'e Executor<'m>,
    newest: u32,
    /// The instances around.
    open: Vec<u32>,
    /// Whether what is met is one of many.
    of_many: bool,
    /// The new containers that are many objects.
    many: Vec<u32>,
}

impl<'e, 'm> Holder<'e, 'm> {
    fn new(executor: &'e Executor<'m>, newest: u32) -> Self {
        Self {
            executor,
            newest,
            open: Vec::new(),
            of_many: false,
            many: Vec::new(),
        }
    }

    fn is_new(&self, identity: u32) -> bool {
        identity & LASTING == 0 && identity > self.newest
    }

    /// Whether the cell belongs to a new object, which nobody but its holder sees any more.
    fn is_of_new(&self, cell: Cell<'m>) -> bool {
        match cell {
            Cell::Global(..) => false,
            Cell::Object(identity) | Cell::Attribute(identity, _) => self.is_new(identity),
        }
    }

    fn parts(&mut self, parts: &Parts<'m>) -> Parts<'m> {
        let of_many = std::mem::replace(&mut self.of_many, true);
        let mut result = Parts::new();
        for part in parts {
            let items = match &part.items {
                Items::One(value) => self.value(value).map(Items::One),
                Items::Each(each) => Some(Items::Each(Each {
                    parts: self.parts(&each.parts),
                    ..each.clone()
                })),
            };
            result.push(match items {
                Some(items) => Rc::new(Part {
                    when: part.when.clone(),
                    items,
                }),
                None => part.clone(),
            });
        }
        self.of_many = of_many;
        result
    }

    /// The value with its instances' attributes; nothing where it stays as it is.
    fn value(&mut self, value: &Value<'m>) -> Option<Value<'m>> {
        if self.open.is_empty() {
            return self.inner(value);
        }
        let value = self.executor.current(value.clone());
        Some(self.inner(&value).unwrap_or(value))
    }

    fn inner(&mut self, value: &Value<'m>) -> Option<Value<'m>> {
        match value {
            Value::Instance {
                class,
                identity,
                held: None,
            } if self.is_new(*identity) => Some(self.instance(class, *identity)),
            Value::Callable(Callable::Bound(bound)) => {
                let new = matches!(&bound.receiver, Value::Instance { identity, held: None, .. }
                    if self.is_new(*identity));
                let refused = || {
                    self.executor
                        .refused_value("a method of an instance must be called where it is named")
                };
                new.then(refused)
            }
            Value::Choice(choice) => {
                let mut changed = false;
                let mut cases = Vec::new();
                for (when, value) in &choice.cases {
                    let held = self.value(value);
                    changed |= held.is_some();
                    cases.push((when.clone(), held.unwrap_or_else(|| value.clone())));
                }
                let last = self.value(&choice.otherwise);
                changed |= last.is_some();
                let last = last.unwrap_or_else(|| choice.otherwise.clone());
                changed.then(|| Value::choose(cases, last))
            }
            Value::Carried(growth) => Some(Value::Carried(Rc::new(Growth {
                added: self.parts(&growth.added),
                ..growth.as_ref().clone()
            }))),
            _ => self.container(value),
        }
    }

    fn container(&mut self, value: &Value<'m>) -> Option<Value<'m>> {
        let identity = identity_of(value)?;
        if self.of_many && self.is_new(identity) {
            self.many.push(identity);
        }
        let mut changed = false;
        let mut part = |value: &Value<'m>| {
            let held = self.value(value);
            changed |= held.is_some();
            held.unwrap_or_else(|| value.clone())
        };
        let result = match value {
            Value::Sequence(sequence) => Value::Sequence(Sequence {
                items: Rc::new(sequence.items.iter().map(part).collect()),
                ..*sequence
            }),
            Value::Mapping(mapping) => {
                let entries = mapping.entries.iter();
                let entries = entries.map(|(key, value)| (key.clone(), part(value)));
                Value::Mapping(Mapping {
                    entries: Rc::new(entries.collect()),
                    ..*mapping
                })
            }
            Value::Comprehension(list) | Value::Entries(list) => {
                changed = true;
                let list = Comprehension {
                    parts: self.parts(&list.parts),
                    ..*list
                };
                match value {
                    Value::Entries(_) => Value::Entries(list),
                    _ => Value::Comprehension(list),
                }
            }
            _ => return None,
        };
        changed.then_some(result)
    }

    fn instance(&mut self, class: &Rc<Class<'m>>, identity: u32) -> Value<'m> {
        if self.open.contains(&identity) || self.open.len() > NESTING {
            return self
                .executor
                .refused_value("an instance must not hold itself");
        }
        let of_many = std::mem::replace(&mut self.of_many, true);
        self.open.push(identity);
        let cells: Vec<(Cell<'m>, Value<'m>)> = self
            .executor
            .frame
            .names
            .state
            .cells()
            .map(|(cell, value)| (cell, value.clone()))
            .collect();
        let mut held = Vec::new();
        for (cell, value) in cells {
            if let Cell::Attribute(of, name) = cell
                && of == identity
            {
                let value = self.value(&value).unwrap_or(value);
                held.push((Rc::from(name), value));
            }
        }
        self.open.pop();
        self.of_many = of_many;
        Value::Instance {
            class: class.clone(),
            identity: HELD,
            held: Some(Rc::new(held)),
        }
    }
}
