//! What a loop over event data adds to a list, a set, a dictionary, a number or a text from one round to the next.
//!
//! While a round is read, a name that the loop changes holds what the round has added to it; nothing else can be asked of it.
//! After the loop, the name has its value from before with what all rounds have added.

use std::rc::Rc;

use rustpython_ruff_python_ast::Operator as Binary;

use super::parts::{any_there, known, one, restricted};
use super::term::list_term;
use super::value::{Comprehension, Growth, Items, Parts, Sequence, SequenceKind, Value};
use super::{Executor, Outcome};
use crate::ir::{Condition, Function, Kind, Literal, Term};

/// Whether the two are plainly the same items.
pub(super) fn same_parts(a: &Parts<'_>, b: &Parts<'_>) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| Rc::ptr_eq(a, b))
}

/// The one growth that a choice of nothing but growths of one name is.
pub(super) fn joined<'m>(cases: &[(Condition, Value<'m>)], last: &Value<'m>) -> Option<Value<'m>> {
    let growth = |value: &Value<'m>| match value {
        Value::Carried(growth) => Some(growth.clone()),
        _ => None,
    };
    let last = growth(last)?;
    let mut growths: Vec<(Condition, Rc<Growth<'m>>)> = Vec::new();
    for (when, value) in cases {
        growths.push((when.clone(), growth(value)?));
    }
    growths.push((Condition::TRUE, last.clone()));
    if growths.iter().any(|(_, growth)| growth.slot != last.slot) {
        return None;
    }
    let common = growths
        .iter()
        .fold(last.added.len(), |common, (_, growth)| {
            let pairs = growth.added.iter().zip(&last.added).take(common);
            pairs.take_while(|(a, b)| Rc::ptr_eq(a, b)).count()
        });
    let mut added: Parts<'m> = last.added[..common].to_vec();
    let mut before = Condition::FALSE;
    for (when, growth) in growths {
        let taken = before.clone().negate().and(when.clone());
        added.extend(restricted(growth.added[common..].to_vec(), &taken));
        before = before.or(when);
    }
    Some(Value::Carried(Rc::new(Growth {
        slot: last.slot,
        before: last.before.clone(),
        added,
    })))
}

/// What a name can grow by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nature {
    List(SequenceKind),
    Dictionary,
    Number,
    Text,
}

pub(super) fn nature(value: &Value<'_>) -> Option<Nature> {
    match value {
        Value::Carried(growth) => nature(&growth.before),
        Value::Sequence(Sequence { kind, .. })
        | Value::Comprehension(Comprehension { kind, .. }) => Some(Nature::List(*kind)),
        Value::Mapping(_) | Value::Entries(_) => Some(Nature::Dictionary),
        Value::Constant(Literal::Integer(_) | Literal::Float(_)) => Some(Nature::Number),
        Value::Constant(Literal::Text(_)) => Some(Nature::Text),
        Value::Data(data) => match data.kind {
            Some(Kind::Integer | Kind::Number) => Some(Nature::Number),
            Some(Kind::Text) => Some(Nature::Text),
            _ => None,
        },
        Value::Choice(choice) => {
            let first = nature(&choice.otherwise)?;
            let mut others = choice.cases.iter().map(|(_, value)| nature(value));
            others.all(|other| other == Some(first)).then_some(first)
        }
        _ => None,
    }
}

/// Whether the operator adds to what the name has.
pub(super) fn grows_by(growth: &Growth<'_>, op: Binary) -> bool {
    match nature(&growth.before) {
        Some(Nature::Number | Nature::Text | Nature::List(SequenceKind::List)) => op == Binary::Add,
        Some(Nature::List(SequenceKind::Set)) => op == Binary::BitOr,
        _ => false,
    }
}

impl<'m> Executor<'m> {
    /// The growth with the items added.
    pub(super) fn grown(&mut self, growth: &Growth<'m>, more: Parts<'m>) -> Outcome<Value<'m>> {
        self.spend(1 + growth.added.len())?;
        let mut added = growth.added.clone();
        added.extend(more);
        Ok(Value::Carried(Rc::new(Growth {
            slot: growth.slot,
            before: growth.before.clone(),
            added,
        })))
    }

    /// `.append()`, `.add()`, `.extend()` or `.update()` of a name that the loop grows.
    pub(super) fn grow_by_method(
        &mut self,
        growth: &Growth<'m>,
        method: &str,
        argument: Value<'m>,
    ) -> Outcome<Value<'m>> {
        let more = match (nature(&growth.before), method) {
            (Some(Nature::List(SequenceKind::List)), "append") => {
                vec![one(Condition::TRUE, argument)]
            }
            (Some(Nature::List(SequenceKind::Set)), "add") => {
                self.require_hashable(&argument)?;
                vec![one(Condition::TRUE, argument)]
            }
            (Some(Nature::List(SequenceKind::List)), "extend") => self.all_parts(argument)?,
            (Some(Nature::List(SequenceKind::Set)), "update") => {
                let parts = self.all_parts(argument)?;
                self.hashable_parts(&parts)?
            }
            (Some(Nature::Dictionary), "update") => self.entry_parts(argument)?,
            _ => {
                return self.refuse(format!(
                    "`.{method}()` in a loop over event data cannot be expressed"
                ));
            }
        };
        self.grown(growth, more)
    }

    /// `name[key] = value` of a name that the loop grows.
    pub(super) fn grow_by_key(
        &mut self,
        growth: &Growth<'m>,
        key: Value<'m>,
        value: Value<'m>,
    ) -> Outcome<Value<'m>> {
        if nature(&growth.before) != Some(Nature::Dictionary) {
            return self.refuse("only a dictionary can be changed in a loop over event data");
        }
        self.require_hashable(&key)?;
        let entry = self.sequence(SequenceKind::Tuple, vec![key, value]);
        self.grown(growth, vec![one(Condition::TRUE, entry)])
    }

    /// `name += value`, or `name + value` where `in_place` is false.
    pub(super) fn grow_by_operator(
        &mut self,
        growth: &Growth<'m>,
        op: Binary,
        value: Value<'m>,
        in_place: bool,
    ) -> Outcome<Value<'m>> {
        let more = match (nature(&growth.before), op) {
            (Some(Nature::Number), Binary::Add) => {
                let number = self.require_number(value)?;
                vec![one(Condition::TRUE, number)]
            }
            (Some(Nature::Number), Binary::Sub) if in_place => {
                let number = self.require_number(value)?;
                let zero = Value::Constant(Literal::Integer(0));
                let less = self.operate(Binary::Sub, zero, number)?;
                vec![one(Condition::TRUE, less)]
            }
            (Some(Nature::Text), Binary::Add) => {
                let text = self.require_text(value)?;
                vec![one(Condition::TRUE, text)]
            }
            (Some(Nature::List(SequenceKind::List)), Binary::Add) => {
                if !in_place {
                    self.require_own_list(&value)?;
                }
                self.all_parts(value)?
            }
            (Some(Nature::List(SequenceKind::Set)), Binary::BitOr) => {
                let parts = self.all_parts(value)?;
                self.hashable_parts(&parts)?
            }
            _ => {
                return self.refuse(format!(
                    "`{}` of a name that a loop over event data changes cannot be expressed",
                    op.as_str()
                ));
            }
        };
        self.grown(growth, more)
    }

    /// A number or a truth value; raises for anything else.
    pub(super) fn require_number(&mut self, value: Value<'m>) -> Outcome<Value<'m>> {
        self.each(value, &mut |this, value| match value {
            Value::Constant(Literal::Integer(_) | Literal::Float(_)) | Value::Truth(_) => Ok(value),
            Value::Constant(Literal::Boolean(number)) => {
                Ok(Value::Constant(Literal::Integer(i64::from(number))))
            }
            Value::Data(data) => {
                let number = this.is_kind(&data, &[Kind::Number, Kind::Boolean]);
                this.raise_if(number.negate(), super::Exception::TYPE)?;
                Ok(Value::Data(data))
            }
            Value::Constant(_) | Value::Sequence(_) | Value::Mapping(_) => {
                this.raise(super::Exception::TYPE)
            }
            other => this.refuse(format!("{} cannot be added", other.type_name())),
        })
    }

    /// A name's value after the loop: the one before it, with what all rounds have added.
    pub(super) fn after_growth(
        &mut self,
        before: Value<'m>,
        added: Parts<'m>,
    ) -> Outcome<Value<'m>> {
        if added.is_empty() {
            return Ok(before);
        }
        if let Value::Carried(growth) = &before {
            return self.grown(growth, added);
        }
        match nature(&before) {
            Some(Nature::List(_)) => self.each(before, &mut |this, before| {
                let (kind, identity) = match &before {
                    Value::Sequence(sequence) => (sequence.kind, sequence.identity),
                    Value::Comprehension(list) => (list.kind, list.identity),
                    _ => return this.refuse("this list cannot grow in a loop"),
                };
                let mut parts = this.loose_parts(before)?;
                parts.extend(added.iter().cloned());
                Ok(Value::Comprehension(Comprehension {
                    kind,
                    parts,
                    identity,
                }))
            }),
            Some(Nature::Dictionary) => self.each(before, &mut |this, before| {
                let identity = match &before {
                    Value::Mapping(mapping) => mapping.identity,
                    Value::Entries(entries) => entries.identity,
                    _ => return this.refuse("this dictionary cannot grow in a loop"),
                };
                let mut parts = this.entry_parts(before)?;
                parts.extend(added.iter().cloned());
                Ok(Value::Entries(Comprehension {
                    kind: SequenceKind::List,
                    parts,
                    identity,
                }))
            }),
            Some(Nature::Number) => {
                let sum = self.sum_of(&added)?;
                self.operate(Binary::Add, before, sum)
            }
            Some(Nature::Text) => {
                let Some(term) = list_term(SequenceKind::List, &added) else {
                    return self.refuse("these texts cannot be expressed");
                };
                let joined = Term::call(Function::Join, [term, Term::text("")]);
                self.concatenate(vec![before, Value::computed(joined, Kind::Text)])
            }
            None => self.refuse("what a loop over event data adds here cannot be expressed"),
        }
    }

    /// The sum of items that are numbers or truth values.
    pub(super) fn sum_of(&mut self, parts: &Parts<'m>) -> Outcome<Value<'m>> {
        if let Some(items) = known(parts) {
            let mut sum = Value::Constant(Literal::Integer(0));
            for item in items {
                sum = self.operate(Binary::Add, sum, item)?;
            }
            return Ok(sum);
        }
        let Some(term) = list_term(SequenceKind::List, parts) else {
            return self.refuse("these numbers cannot be expressed");
        };
        let (ones, whole) = (all(parts, is_one), all(parts, is_whole));
        let function = if ones {
            Function::Length
        } else {
            Function::Sum
        };
        let kind = if whole { Kind::Integer } else { Kind::Number };
        Ok(Value::computed(Term::call(function, [term]), kind))
    }

    /// Every item of an iterable value, the cases of a choice as conditions.
    pub(super) fn all_parts(&mut self, value: Value<'m>) -> Outcome<Parts<'m>> {
        let mut parts = Parts::new();
        let mut before = Condition::FALSE;
        let value = self.iterable(value)?;
        let mut cases = match &value {
            Value::Choice(choice) => choice.cases.clone(),
            _ => Vec::new(),
        };
        cases.push(match value {
            Value::Choice(choice) => (Condition::TRUE, choice.otherwise.clone()),
            other => (Condition::TRUE, other),
        });
        for (when, value) in cases {
            let taken = before.clone().negate().and(when.clone());
            let found = self.guarded(taken.clone(), |this| {
                let parts = this.parts(value)?;
                this.settle(&parts)?;
                Ok(parts)
            });
            match found {
                Ok(found) => parts.extend(restricted(found, &taken)),
                Err(super::Stop::Dead) if taken.as_constant().is_none() => {}
                Err(stop) => return Err(stop),
            }
            before = before.or(when);
        }
        Ok(parts)
    }

    /// The items, raising where one of them cannot be in a set.
    pub(super) fn hashable_parts(&mut self, parts: &Parts<'m>) -> Outcome<Parts<'m>> {
        self.mapped(parts, false, &mut |this, value| {
            this.require_hashable(&value)?;
            Ok(vec![one(Condition::TRUE, value)])
        })
    }
}

fn is_one(value: &Value<'_>) -> bool {
    matches!(value, Value::Constant(Literal::Integer(1)))
}

fn is_whole(value: &Value<'_>) -> bool {
    match value {
        Value::Constant(Literal::Integer(_)) | Value::Truth(_) => true,
        Value::Data(data) => data.kind == Some(Kind::Integer),
        _ => false,
    }
}

fn all(parts: &Parts<'_>, test: fn(&Value<'_>) -> bool) -> bool {
    parts.iter().all(|part| match &part.items {
        Items::One(value) => test(value),
        Items::Each(each) => all(&each.parts, test),
    })
}

/// Whether the round added anything.
pub(super) fn added_any(parts: &Parts<'_>) -> bool {
    any_there(parts).as_constant() != Some(false)
}
