//! `hasattr` and `getattr` with a known name.
//!
//! Refuses values of which it is not known which attributes they have, and names that every object has.

use super::argument::Arguments;
use super::exception::Exception;
use super::value::{Data, Value};
use super::{Executor, Outcome, expression, property, text};
use crate::ir::{Condition, Kind, Literal};

/// Methods that the event, its objects and Python's own dictionaries have, and neither texts nor lists.
const OF_OBJECTS: &[&str] = &["get", "items", "keys", "values"];
/// Methods that both texts and lists have.
const OF_BOTH: &[&str] = &["count", "index"];

impl<'m> Executor<'m> {
    /// `hasattr(value, name)`.
    pub(super) fn has_attribute(
        &mut self,
        value: Value<'m>,
        name: &Value<'m>,
    ) -> Outcome<Value<'m>> {
        let Some(name) = name.as_text() else {
            return self.refuse("`hasattr()` requires a known name");
        };
        self.each(value, &mut |this, value| {
            let has = match &value {
                Value::Module(id) => Condition::constant(this.global_named(*id, name)?.is_some()),
                Value::Instance { .. } if this.answers_for_any(&value) => {
                    return this
                        .refuse("`hasattr()` of an object with `__getattr__` cannot be expressed");
                }
                Value::Instance { .. } | Value::Class(_) => match this.member_of(&value, name)? {
                    Some(Value::Choice(choice)) => {
                        let choice = Value::Choice(choice);
                        return this.each(choice, &mut |_, value| {
                            let there = !matches!(value, Value::Unbound);
                            Ok(Value::Constant(Literal::Boolean(there)))
                        });
                    }
                    found => Condition::constant(!matches!(found, None | Some(Value::Unbound))),
                },
                Value::Address(_) if super::address::PROPERTIES.contains(&name) => Condition::TRUE,
                Value::Data(_) | Value::Constant(_) if property::is_property(name) => {
                    Condition::FALSE
                }
                other => this.has_method(other, name)?,
            };
            Ok(Value::truth(has))
        })
    }

    fn has_method(&mut self, value: &Value<'m>, name: &str) -> Outcome<Condition> {
        let of_objects = OF_OBJECTS.contains(&name);
        let of_texts = text::METHODS.contains(&name) && !OF_BOTH.contains(&name);
        if !of_objects && !of_texts {
            return self.refuse(format!(
                "whether there is an attribute `{name}` is not known"
            ));
        }
        let kind = if of_objects { Kind::Object } else { Kind::Text };
        Ok(match value {
            Value::Data(data) => self.is_kind(data, &[kind]),
            Value::Constant(Literal::Text(_)) => Condition::constant(of_texts),
            Value::Event | Value::Mapping(_) | Value::Entries(_) => Condition::constant(of_objects),
            Value::Constant(_) | Value::Truth(_) | Value::Sequence(_) | Value::Comprehension(_) => {
                Condition::FALSE
            }
            other => {
                return self.refuse(format!(
                    "whether {} has an attribute `{name}` is not known",
                    other.type_name()
                ));
            }
        })
    }

    /// `getattr(value, name, default)`.
    pub(super) fn get_attribute(&mut self, arguments: &Arguments<'m>) -> Outcome<Value<'m>> {
        let [value, name, default @ ..] = arguments.positional.as_slice() else {
            return self.raise(Exception::TYPE);
        };
        let Some(name) = name.as_text() else {
            return self.refuse("`getattr()` requires a known name");
        };
        let default = default.first().cloned();
        self.each(value.clone(), &mut |this, value| match &value {
            Value::Module(id) => match (this.global_named(*id, name)?, &default) {
                (Some(name), _) => this.global(*id, name),
                (None, Some(default)) => Ok(default.clone()),
                (None, None) => this.raise(Exception::ATTRIBUTE),
            },
            Value::Instance { .. } if this.answers_for_any(&value) => {
                this.refuse("`getattr()` of an object with `__getattr__` cannot be expressed")
            }
            Value::Instance { .. } | Value::Class(_) => {
                let found = this.member_of(&value, name)?.unwrap_or(Value::Unbound);
                this.each(found, &mut |this, found| match (found, &default) {
                    (Value::Unbound, Some(default)) => Ok(default.clone()),
                    (Value::Unbound, None) => this.raise(Exception::ATTRIBUTE),
                    (found, _) => Ok(found),
                })
            }
            Value::External(path) => Ok(expression::external(&format!("{path}.{name}"))),
            Value::Data(Data { .. }) | Value::Constant(_)
                if default.is_some() && !name.starts_with('_') && is_no_method(name) =>
            {
                Ok(default.clone().unwrap_or(Value::NONE))
            }
            other => this.refuse(format!(
                "`getattr()` of {} cannot be expressed",
                other.type_name()
            )),
        })
    }
}

/// Attributes of texts, numbers, lists and objects beside the methods that are read.
const OTHERS: &[&str] = &[
    "append",
    "as_integer_ratio",
    "bit_count",
    "bit_length",
    "clear",
    "conjugate",
    "copy",
    "deep_get",
    "deep_walk",
    "denominator",
    "extend",
    "from_bytes",
    "fromhex",
    "fromkeys",
    "hex",
    "imag",
    "insert",
    "is_integer",
    "items",
    "keys",
    "numerator",
    "pop",
    "popitem",
    "real",
    "remove",
    "reverse",
    "setdefault",
    "sort",
    "to_bytes",
    "to_dict",
    "update",
    "values",
    "get",
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "maketrans",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];

/// Whether neither texts, numbers, lists nor objects have an attribute of this name that is known here.
fn is_no_method(name: &str) -> bool {
    !OTHERS.contains(&name)
}
