//! `dir()` of the author's classes and their instances.
//!
//! Refuses objects whose attributes depend on the path, exceptions, and objects that are made of event data.

use std::collections::BTreeSet;

use super::state::Cell;
use super::value::{SequenceKind, Value};
use super::{Executor, Outcome};

/// The names that every class of an author has (CPython 3.11).
const OF_EVERY_CLASS: &[&str] = &[
    "__class__",
    "__delattr__",
    "__dict__",
    "__dir__",
    "__doc__",
    "__eq__",
    "__format__",
    "__ge__",
    "__getattribute__",
    "__getstate__",
    "__gt__",
    "__hash__",
    "__init__",
    "__init_subclass__",
    "__le__",
    "__lt__",
    "__module__",
    "__ne__",
    "__new__",
    "__reduce__",
    "__reduce_ex__",
    "__repr__",
    "__setattr__",
    "__sizeof__",
    "__str__",
    "__subclasshook__",
    "__weakref__",
];
impl<'m> Executor<'m> {
    /// The names of an instance or a class as `dir()` gives them, in their order.
    pub(super) fn listing(&mut self, value: &Value<'m>) -> Outcome<Value<'m>> {
        let (class, own) = match value {
            Value::Instance { held: Some(_), .. } => {
                return self.refuse("`dir()` of an object made of event data cannot be expressed");
            }
            Value::Instance {
                class, identity, ..
            } => (class, self.attributes_of(*identity)?),
            Value::Class(class) => (class, Vec::new()),
            other => {
                return self.refuse(format!(
                    "`dir()` of {} cannot be expressed",
                    other.type_name()
                ));
            }
        };
        if class.exception().is_some() {
            return self.refuse("`dir()` of an exception cannot be expressed");
        }
        let mut names: BTreeSet<&str> = own.into_iter().collect();
        for class in class.line() {
            names.extend(class.own_names());
            names.extend(self.attributes_of(class.number())?);
        }
        names.extend(OF_EVERY_CLASS);
        let names = names.into_iter().map(Value::text).collect();
        Ok(self.sequence(SequenceKind::List, names))
    }

    /// The names of the attributes that an object has on every path.
    fn attributes_of(&mut self, identity: u32) -> Outcome<Vec<&'m str>> {
        let state = &self.frame.names.state;
        let cells: Vec<Cell<'m>> = state
            .cells()
            .chain(self.loaded.cells())
            .map(|(cell, _)| cell)
            .collect();
        let mut names = Vec::new();
        for cell in cells {
            let Cell::Attribute(of, name) = cell else {
                continue;
            };
            if of != identity {
                continue;
            }
            let may_be_unbound = match self.written(cell) {
                Some(Value::Choice(choice)) => choice
                    .cases
                    .iter()
                    .map(|(_, value)| value)
                    .chain([&choice.otherwise])
                    .any(|value| matches!(value, Value::Unbound)),
                value => matches!(value, None | Some(Value::Unbound)),
            };
            if may_be_unbound {
                return self.refuse(format!(
                    "whether there is an attribute `{name}` is not known"
                ));
            }
            names.push(name);
        }
        Ok(names)
    }
}
