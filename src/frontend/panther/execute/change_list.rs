//! What a change makes of a list's or a set's content: items that are added, set or taken away.

use super::argument::Arguments;
use super::change::{Changed, same_object};
use super::exception::Exception;
use super::parts::one;
use super::predicate::literals;
use super::value::{Sequence, SequenceKind, Value};
use super::{Executor, Outcome};
use crate::ir::{Condition, Literal};

impl<'m> Executor<'m> {
    /// A list or set with more items.
    pub(super) fn extended(
        &mut self,
        content: Value<'m>,
        method: &str,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let [argument] = arguments.positional.as_slice() else {
            return self.refuse(format!("`.{method}()` requires one argument here"));
        };
        let kind = match &content {
            Value::Sequence(sequence) => sequence.kind,
            Value::Comprehension(list) => list.kind,
            _ => SequenceKind::Tuple,
        };
        let exists = match kind {
            SequenceKind::List => matches!(method, "append" | "extend"),
            SequenceKind::Set => matches!(method, "add" | "update"),
            SequenceKind::Tuple => false,
        };
        if !exists {
            return self.raise(Exception::ATTRIBUTE);
        }
        let mut parts = self.loose_parts(content.clone())?;
        let mut more = match method {
            "append" | "add" => vec![one(Condition::TRUE, argument.clone())],
            _ => self.all_parts(argument.clone())?,
        };
        if kind == SequenceKind::Set {
            more = self.hashable_parts(&more)?;
        }
        self.spend(parts.len() / 16)?;
        parts.extend(more);
        let made = self.listed(kind, parts);
        Ok(same_object(made, &content))
    }

    pub(super) fn changed_sequence(
        &mut self,
        sequence: &Sequence<'m>,
        method: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Changed<'m>> {
        let of_sets = matches!(
            method,
            "discard" | "difference_update" | "intersection_update"
        );
        let of_lists = matches!(method, "insert" | "reverse" | "sort");
        let exists = match sequence.kind {
            SequenceKind::List => !of_sets && method != "setdefault" && method != "popitem",
            SequenceKind::Set => !of_lists && method != "setdefault" && method != "popitem",
            SequenceKind::Tuple => false,
        };
        if !exists {
            return self.raise(Exception::ATTRIBUTE);
        }
        if !arguments.keywords.is_empty() {
            return self.refuse(format!(
                "`.{method}()` with these arguments cannot be expressed"
            ));
        }
        let mut positional = arguments.positional.into_iter();
        let (first, second) = (positional.next(), positional.next());
        let mut items = sequence.items.as_ref().clone();
        match (method, first, second) {
            ("insert", Some(at), Some(item)) => {
                let Some(at) = at.as_integer() else {
                    return self.refuse("the position in a list must be known");
                };
                items.insert(insertion(at, items.len()), item);
            }
            ("pop", at, None) if sequence.kind == SequenceKind::List => {
                let at = at.unwrap_or(Value::Constant(Literal::Integer(-1)));
                return self.popped(sequence, &at);
            }
            ("remove" | "discard", Some(item), None) => {
                return self.removed(sequence, method, item);
            }
            ("clear", None, None) => items.clear(),
            ("reverse", None, None) => items.reverse(),
            ("sort", None, None) => {
                let texts = literals(&items)
                    .filter(|items| items.iter().all(|item| item.as_text().is_some()));
                let Some(mut texts) = texts else {
                    return self.refuse("`.sort()` requires known texts");
                };
                texts.sort_by(|a, b| a.as_text().cmp(&b.as_text()));
                items = texts.into_iter().map(Value::Constant).collect();
            }
            _ => {
                return self.refuse(format!(
                    "`.{method}()` with these arguments cannot be expressed"
                ));
            }
        }
        Ok((self.with_items(sequence, items), Value::NONE))
    }

    /// The sequence without the item that equals the given one, which must be known.
    pub(super) fn removed(
        &mut self,
        sequence: &Sequence<'m>,
        method: &str,
        item: Value<'m>,
    ) -> Outcome<Changed<'m>> {
        let mut items = sequence.items.as_ref().clone();
        for at in 0..items.len() {
            let equal = self.equal(&items[at], &item)?;
            match self.known(equal).as_constant() {
                Some(false) => {}
                Some(true) => {
                    items.remove(at);
                    return Ok((self.with_items(sequence, items), Value::NONE));
                }
                None => {
                    return self.refuse(format!("`.{method}()` requires known items"));
                }
            }
        }
        if method == "remove" {
            return self.raise(match sequence.kind {
                SequenceKind::Set => Exception::KEY,
                _ => Exception::VALUE,
            });
        }
        Ok((Value::Sequence(sequence.clone()), Value::NONE))
    }

    pub(super) fn popped(
        &mut self,
        sequence: &Sequence<'m>,
        at: &Value<'m>,
    ) -> Outcome<Changed<'m>> {
        let at = self.place(sequence, at)?;
        let mut items = sequence.items.as_ref().clone();
        let item = items.remove(at);
        Ok((self.with_items(sequence, items), item))
    }

    /// The position of an item that is there.
    pub(super) fn place(&mut self, sequence: &Sequence<'m>, at: &Value<'m>) -> Outcome<usize> {
        let Some(at) = at.as_integer() else {
            return self.refuse("the position in a list must be known");
        };
        let length = i64::try_from(sequence.items.len()).unwrap_or(i64::MAX);
        let at = if at < 0 {
            at.saturating_add(length)
        } else {
            at
        };
        match usize::try_from(at) {
            Ok(at) if at < sequence.items.len() => Ok(at),
            _ => self.raise(Exception::INDEX),
        }
    }

    /// The same object with other items.
    pub(super) fn with_items(
        &mut self,
        sequence: &Sequence<'m>,
        items: Vec<Value<'m>>,
    ) -> Value<'m> {
        let made = self.sequence(sequence.kind, items);
        same_object(made, &Value::Sequence(sequence.clone()))
    }
}

/// Where `insert` puts an item: counted from the end where negative, and never beyond either end.
fn insertion(at: i64, length: usize) -> usize {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let from_start = if at < 0 {
        at.saturating_add(length)
    } else {
        at
    };
    usize::try_from(from_start.clamp(0, length)).unwrap_or(0)
}
