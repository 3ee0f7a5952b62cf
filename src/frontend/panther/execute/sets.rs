//! Sets whose items depend on the event, and lists put together.
//!
//! An intersection or a difference keeps the items of one side that the other has or has not; which side makes no difference
//! to the set, so the side that depends on the event is kept.

use rustpython_ruff_python_ast::Operator as Binary;

use super::argument::Arguments;
use super::exception::Exception;
use super::parts::{any_there, known, one};
use super::predicate::literals;
use super::value::{Comprehension, Data, Parts, Sequence, SequenceKind, Value};
use super::{Executor, Outcome};
use crate::ir::{Condition, Kind};

impl<'m> Executor<'m> {
    /// `a op b` of lists or sets, at least one of which depends on the event.
    pub(super) fn lists(&mut self, a: &Value<'m>, op: Binary, b: &Value<'m>) -> Outcome<Value<'m>> {
        let (ours, theirs) = (kind_of(a), kind_of(b));
        let sets = ours == SequenceKind::Set && theirs == SequenceKind::Set;
        let name = match op {
            Binary::Add if ours == theirs && !sets => {
                let mut parts = self.loose_parts(a.clone())?;
                parts.extend(self.loose_parts(b.clone())?);
                self.spend(parts.len())?;
                return Ok(self.listed(ours, parts));
            }
            Binary::BitOr if sets => "union",
            Binary::BitAnd if sets => "intersection",
            Binary::Sub if sets => "difference",
            Binary::BitXor if sets => return self.refuse("`^` of sets cannot be expressed"),
            Binary::Mult => return self.refuse("`*` of lists cannot be expressed"),
            _ => return self.raise(Exception::TYPE),
        };
        self.set_of(name, a.clone(), b.clone())
    }

    /// A method of a set with any iterable value.
    pub(super) fn set_method(
        &mut self,
        set: &Value<'m>,
        name: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let Some(other) = arguments.positional.into_iter().next() else {
            return self.raise(Exception::TYPE);
        };
        let other = self.iterable(other)?;
        self.each(other, &mut |this, other| {
            // What is in a set can be.
            if matches!(other, Value::Sequence(_) | Value::Comprehension(_))
                && kind_of(&other) == SequenceKind::Set
            {
                return this.set_of(name, set.clone(), other);
            }
            let parts = this.loose_parts(other)?;
            this.settle(&parts)?;
            let parts = this.hashable_parts(&parts)?;
            let other = this.listed(SequenceKind::Set, parts);
            this.set_of(name, set.clone(), other)
        })
    }

    /// An operation on two sets.
    fn set_of(&mut self, name: &str, a: Value<'m>, b: Value<'m>) -> Outcome<Value<'m>> {
        if let (Value::Sequence(a), Value::Sequence(b)) = (&a, &b)
            && literals(&a.items).is_some()
            && literals(&b.items).is_some()
        {
            return self.set_operation(name, a, b);
        }
        let parts = match name {
            "union" => {
                let mut parts = self.loose_parts(a)?;
                parts.extend(self.loose_parts(b)?);
                parts
            }
            "intersection" => {
                let event = matches!(a, Value::Comprehension(_))
                    || matches!(&a, Value::Sequence(a) if literals(&a.items).is_none());
                let (from, to) = if event { (a, b) } else { (b, a) };
                self.filtered(from, &to, true)?
            }
            "difference" => self.filtered(a, &b, false)?,
            "isdisjoint" => {
                let shared = self.set_of("intersection", a, b)?;
                let shared = self.truth(&shared)?;
                return Ok(Value::truth(shared.negate()));
            }
            "issubset" => return self.is_subset(a, b),
            "issuperset" => return self.is_subset(b, a),
            _ => return self.refuse(format!("`.{name}()` of a set cannot be expressed")),
        };
        self.gathered(parts, SequenceKind::Set)
    }

    /// `a <= b` of sets.
    pub(super) fn is_subset(&mut self, a: Value<'m>, b: Value<'m>) -> Outcome<Value<'m>> {
        let outside = self.filtered(a, &b, false)?;
        Ok(Value::truth(any_there(&outside).negate()))
    }

    /// The items that the other set has, or has not.
    fn filtered(&mut self, from: Value<'m>, other: &Value<'m>, wanted: bool) -> Outcome<Parts<'m>> {
        // What is in a set can be in the other: nothing is left to raise.
        let other = &match other {
            Value::Sequence(set) => Value::Sequence(Sequence {
                kind: SequenceKind::List,
                ..set.clone()
            }),
            Value::Comprehension(set) => Value::Comprehension(Comprehension {
                kind: SequenceKind::List,
                ..set.clone()
            }),
            other => other.clone(),
        };
        let parts = self.loose_parts(from)?;
        self.mapped(&parts, false, &mut |this, item| {
            let held = match &item {
                Value::Choice(_) => {
                    let other = other.clone();
                    let held = this.each(item.clone(), &mut |this, item| {
                        Ok(Value::truth(this.contained(&item, &other)?))
                    })?;
                    this.truth(&held)?
                }
                item => this.contained(item, other)?,
            };
            let when = if wanted { held } else { held.negate() };
            if when.as_constant() == Some(false) {
                return Ok(Parts::new());
            }
            Ok(vec![one(when, item)])
        })
    }

    /// `a == b` of lists, tuples or sets, at least one of which depends on the event.
    pub(super) fn equal_lists(&mut self, a: &Value<'m>, b: &Value<'m>) -> Outcome<Condition> {
        let (ours, theirs) = (kind_of(a), kind_of(b));
        let sets = ours == SequenceKind::Set && theirs == SequenceKind::Set;
        if sets {
            let forth = self.is_subset(a.clone(), b.clone())?;
            let back = self.is_subset(b.clone(), a.clone())?;
            return Ok(self.truth(&forth)?.and(self.truth(&back)?));
        }
        let event = |value: &Value<'m>| matches!(value, Value::Data(data) if !data.plain);
        if ours == SequenceKind::Set
            || theirs == SequenceKind::Set
            || (ours != theirs && !event(a) && !event(b))
        {
            return Ok(Condition::FALSE);
        }
        let before = self.frame.guards.len();
        let mut lists = Condition::TRUE;
        for value in [a, b] {
            if let Value::Data(data) = value {
                lists = lists.and(self.is_kind(data, &[Kind::List]));
            }
        }
        self.frame.guards.push(lists.clone());
        let result = self.equal_items(a, b);
        self.frame.guards.truncate(before);
        Ok(lists.and(result?))
    }

    fn equal_items(&mut self, a: &Value<'m>, b: &Value<'m>) -> Outcome<Condition> {
        let (list, items) = match (items_of(a), items_of(b)) {
            (_, Some(items)) => (a, items),
            (Some(items), None) => (b, items),
            (None, None) => return self.equal_terms(a, b),
        };
        let length = self.length(list.clone())?;
        let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let count = Value::Constant(crate::ir::Literal::Integer(count));
        let mut result = self.equal(&length, &count)?;
        self.frame.guards.push(result.clone());
        for (at, item) in (0_i64..).zip(items) {
            let found = self.item_there(list, at)?;
            result = result.and(self.equal(&found, &item)?);
        }
        Ok(result)
    }

    fn equal_terms(&mut self, a: &Value<'m>, b: &Value<'m>) -> Outcome<Condition> {
        let (Some(a), Some(b)) = (super::term::term_of(a), super::term::term_of(b)) else {
            return self.refuse("these lists cannot be compared");
        };
        let list = |term| {
            Value::Data(Data {
                term,
                kind: Some(Kind::List),
                plain: true,
            })
        };
        self.equal(&list(a), &list(b))
    }
}

/// The items, if they are known.
fn items_of<'m>(value: &Value<'m>) -> Option<Vec<Value<'m>>> {
    match value {
        Value::Sequence(sequence) => Some(sequence.items.as_ref().clone()),
        Value::Comprehension(list) => known(&list.parts),
        _ => None,
    }
}

fn kind_of(value: &Value<'_>) -> SequenceKind {
    match value {
        Value::Sequence(sequence) => sequence.kind,
        Value::Comprehension(list) => list.kind,
        _ => SequenceKind::List,
    }
}
