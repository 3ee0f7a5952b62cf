//! Methods taken from their class: `str.lower(text)`, `map(str.strip, texts)`, `dict.fromkeys(keys)`.
//!
//! Refused: methods that change what they are called on, and those of classes other than `str`, `dict`, `list` and `set`.

use super::argument::Arguments;
use super::change::CHANGES;
use super::exception::Exception;
use super::parts::one;
use super::value::{Comprehension, Sequence, SequenceKind, Value};
use super::{Executor, Outcome};
use crate::ir::{Condition, Kind, Literal};

/// Whether the name is that of a method of a class that is read.
pub(super) fn is_unbound(path: &str) -> bool {
    matches!(
        path.split_once('.'),
        Some(("str" | "dict" | "list" | "set" | "frozenset" | "tuple", name)) if !name.contains('.')
    )
}

impl<'m> Executor<'m> {
    /// A call of `class.method`, its first argument being what the method is called on.
    pub(super) fn unbound(
        &mut self,
        path: &str,
        mut arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let (class, name) = path.split_once('.').unwrap_or((path, ""));
        if (class, name) == ("dict", "fromkeys") {
            return self.dictionary_of_keys(&arguments);
        }
        if CHANGES.contains(&name) || name == "maketrans" || name.starts_with('_') {
            return self.refuse(format!("`{path}()` is not read"));
        }
        if arguments.positional.is_empty() {
            return self.raise(Exception::TYPE);
        }
        let receiver = arguments.positional.remove(0);
        self.each(receiver, &mut |this, receiver| {
            this.require_class(&receiver, class)?;
            let receiver = match receiver {
                Value::Data(data) if class == "str" => Value::computed(data.term, Kind::Text),
                other => other,
            };
            this.method(receiver, name, arguments.clone())
        })
    }

    /// Raises where the value is not of the class. Lists and objects of the event are Panther's own types.
    fn require_class(&mut self, value: &Value<'m>, class: &str) -> Outcome<()> {
        let is = match value {
            Value::Data(data) => match class {
                "str" => self.is_kind(data, &[Kind::Text]),
                "dict" if data.plain => self.is_kind(data, &[Kind::Object]),
                "list" if data.plain => self.is_kind(data, &[Kind::List]),
                _ => Condition::FALSE,
            },
            Value::Constant(Literal::Text(_)) => Condition::constant(class == "str"),
            Value::Mapping(_) | Value::Entries(_) => Condition::constant(class == "dict"),
            Value::Sequence(Sequence { kind, .. })
            | Value::Comprehension(Comprehension { kind, .. }) => Condition::constant(match kind {
                SequenceKind::List => class == "list",
                SequenceKind::Tuple => class == "tuple",
                SequenceKind::Set => {
                    return self.refuse("a method of a set must be called on the set");
                }
            }),
            Value::Constant(_) | Value::Truth(_) | Value::Event => Condition::FALSE,
            other => {
                return self.refuse(format!(
                    "a method of `{class}` on {} cannot be expressed",
                    other.type_name()
                ));
            }
        };
        self.raise_if(is.negate(), Exception::TYPE)
    }

    /// `dict.fromkeys(keys, value)`.
    fn dictionary_of_keys(&mut self, arguments: &Arguments<'m>) -> Outcome<Value<'m>> {
        if !arguments.only(1..=2) {
            return self.refuse("`dict.fromkeys()` with these arguments is not read");
        }
        let keys = arguments.get(0, "").unwrap_or(Value::NONE);
        let value = arguments.get(1, "").unwrap_or(Value::NONE);
        if super::change::identity_of(&value).is_some() {
            return self.refuse("`dict.fromkeys()` requires a value that cannot be changed");
        }
        let keys = self.all_parts(keys)?;
        let entries = self.mapped(&keys, false, &mut |this, key| {
            this.require_hashable(&key)?;
            let pair = this.sequence(SequenceKind::Tuple, vec![key, value.clone()]);
            Ok(vec![one(Condition::TRUE, pair)])
        })?;
        Ok(self.dictionary(entries))
    }
}
