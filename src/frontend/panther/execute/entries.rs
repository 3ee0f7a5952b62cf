//! Dictionaries whose keys depend on the event: made by comprehensions, by loops, from pairs; and the views of the event's own
//! objects.
//!
//! Such a dictionary is a list of entries of which a later one of the same key wins.

use std::rc::Rc;

use rustpython_ruff_python_ast as ast;

use super::absent::{given, presence};
use super::argument::Arguments;
use super::exception::Exception;
use super::parts::{Raises, each, one, restricted};
use super::pick::Pick;
use super::predicate::item as item_at;
use super::remap::Remap;
use super::term::list_term;
use super::value::{Choice, Comprehension, Data, Each, Items, Part, Parts, SequenceKind, Value};
use super::{Executor, Outcome};
use crate::ir::{Condition, Function, Kind, Literal, Term};

/// The keys (0) or the values (1) of the entries.
pub(super) fn projected<'m>(entries: &Parts<'m>, at: usize) -> Parts<'m> {
    let part = |part: &Rc<Part<'m>>| {
        let items = match &part.items {
            Items::One(value) => Items::One(side(value, at)),
            Items::Each(each) => Items::Each(Each {
                parts: projected(&each.parts, at),
                ..each.clone()
            }),
        };
        let when = part.when.clone();
        Rc::new(Part { when, items })
    };
    entries.iter().map(part).collect()
}

/// One side of an entry.
fn side<'m>(entry: &Value<'m>, at: usize) -> Value<'m> {
    match entry {
        Value::Sequence(pair) => pair.items.get(at).cloned().unwrap_or(Value::NONE),
        Value::Choice(choice) => {
            let choice: &Choice<'m> = choice;
            let cases = choice.cases.iter();
            let cases = cases.map(|(when, entry)| (when.clone(), side(entry, at)));
            Value::choose(cases.collect(), side(&choice.otherwise, at))
        }
        other => other.clone(),
    }
}

impl<'m> Executor<'m> {
    /// An entry that is surely there.
    pub(super) fn entry(&mut self, key: Value<'m>, value: Value<'m>) -> Rc<Part<'m>> {
        let pair = self.sequence(SequenceKind::Tuple, vec![key, value]);
        one(Condition::TRUE, pair)
    }

    /// A dictionary comprehension.
    pub(super) fn dictionary_comprehension(
        &mut self,
        dict: &'m ast::ExprDictComp,
    ) -> Outcome<Value<'m>> {
        self.comprehended(
            &dict.generators,
            false,
            &mut |this| {
                let key = this.evaluate(&dict.key)?;
                this.require_hashable(&key)?;
                let value = this.evaluate(&dict.value)?;
                Ok(this.sequence(SequenceKind::Tuple, vec![key, value]))
            },
            &mut |this, parts| Ok(this.dictionary(parts)),
        )
    }

    /// The dictionary of the entries.
    pub(super) fn dictionary(&mut self, parts: Parts<'m>) -> Value<'m> {
        let entry = |part: &Part<'m>| match &part.items {
            Items::One(Value::Sequence(pair)) => match pair.items.as_slice() {
                [Value::Constant(key), value] => {
                    let value =
                        Value::choose(vec![(part.when.clone(), value.clone())], Value::Unbound);
                    Some((key.clone(), value))
                }
                _ => None,
            },
            Items::One(_) | Items::Each(_) => None,
        };
        let entries: Option<Vec<(Literal, Value<'m>)>> =
            parts.iter().map(|part| entry(part)).collect();
        match entries {
            Some(entries) => self.mapping(entries),
            None => Value::Entries(Comprehension {
                kind: SequenceKind::List,
                parts,
                identity: self.identity(),
            }),
        }
    }

    /// The entries of a dictionary, or of a list of pairs.
    pub(super) fn entry_parts(&mut self, value: Value<'m>) -> Outcome<Parts<'m>> {
        match value {
            Value::Mapping(mapping) => {
                let mut parts = Parts::new();
                for (key, value) in mapping.entries.iter() {
                    let entry = self.entry(Value::Constant(key.clone()), given(value));
                    parts.extend(restricted(vec![entry], &presence(value)));
                }
                Ok(parts)
            }
            Value::Entries(entries) => Ok(entries.parts),
            Value::Data(data) if data.kind == Some(Kind::Object) => {
                match self.view(data.term, data.plain, "items") {
                    Value::Comprehension(items) => Ok(items.parts),
                    _ => Ok(Parts::new()),
                }
            }
            Value::Comprehension(_) | Value::Sequence(_) => {
                let parts = self.all_parts(value)?;
                self.mapped(&parts, false, &mut |this, pair| {
                    let whole = matches!(&pair, Value::Sequence(pair) if pair.items.len() == 2);
                    if !whole {
                        return this.refuse("the entries of a dictionary must be pairs");
                    }
                    this.require_hashable(&side(&pair, 0))?;
                    Ok(vec![one(Condition::TRUE, pair)])
                })
            }
            other => self.refuse(format!(
                "the entries of {} cannot be expressed",
                other.type_name()
            )),
        }
    }

    /// The keys of a dictionary, each once.
    pub(super) fn keys_of(&mut self, entries: &Comprehension<'m>) -> Outcome<Parts<'m>> {
        let keys = Comprehension {
            kind: SequenceKind::Set,
            parts: projected(&entries.parts, 0),
            ..entries.clone()
        };
        Ok(vec![self.flattened(&keys)?])
    }

    /// `.keys()`, `.values()` or `.items()` of an object of the event.
    pub(super) fn view(&mut self, object: Term, plain: bool, name: &str) -> Value<'m> {
        let function = match name {
            "keys" => Function::Keys,
            _ => Function::Entries,
        };
        let list = Term::call(function, [object]);
        let parts = match name {
            "keys" => vec![self.each_of(list, Some(Kind::Text), true)],
            name => {
                let pairs = vec![self.each_pair(list, SequenceKind::Tuple, plain)];
                match name {
                    "values" => projected(&pairs, 1),
                    _ => pairs,
                }
            }
        };
        self.listed(SequenceKind::List, parts)
    }

    /// The keys and values that a list of an object's entries has.
    pub(super) fn each_pair(
        &mut self,
        list: Term,
        kind: SequenceKind,
        plain: bool,
    ) -> Rc<Part<'m>> {
        let item = self.item();
        let side = |at, kind| {
            Value::Data(Data {
                term: item_at(&item.term(), at),
                kind,
                plain,
            })
        };
        let sides = vec![side(0, Some(Kind::Text)), side(1, None)];
        let pair = self.sequence(kind, sides);
        each(Each {
            list,
            item,
            parts: vec![one(Condition::TRUE, pair)],
            raises: Raises::new(),
        })
    }

    /// The value of the last entry with the key, or what `missing` gives.
    pub(super) fn entry_of(
        &mut self,
        entries: &Comprehension<'m>,
        key: &Value<'m>,
        missing: &mut dyn FnMut(&mut Self) -> Outcome<Value<'m>>,
    ) -> Outcome<Value<'m>> {
        self.each(key.clone(), &mut |this, key| {
            this.require_hashable(&key)?;
            let mut cases: Vec<(Condition, Value<'m>)> = Vec::new();
            let mut none = Condition::TRUE;
            for part in entries.parts.iter().rev() {
                let (when, value) = this.entry_in(part, &key)?;
                cases.push((part.when.clone().and(when), value));
                none = this.known(logic_none(&cases));
                if none.as_constant() == Some(false) {
                    break;
                }
            }
            if none.as_constant() == Some(false) {
                return match cases.pop() {
                    Some((_, last)) => Ok(Value::choose(cases, last)),
                    None => missing(this),
                };
            }
            match this.guarded(none, |this| missing(this)) {
                Ok(otherwise) => Ok(Value::choose(cases, otherwise)),
                Err(super::Stop::Dead) => match cases.pop() {
                    Some((_, last)) => Ok(Value::choose(cases, last)),
                    None => Err(super::Stop::Dead),
                },
                Err(refused) => Err(refused),
            }
        })
    }

    /// When the entries of a part have the key, and the value of the last that has.
    fn entry_in(
        &mut self,
        part: &Rc<Part<'m>>,
        key: &Value<'m>,
    ) -> Outcome<(Condition, Value<'m>)> {
        let each = match &part.items {
            Items::One(Value::Refused(problem)) => return Err(self.refused(problem)),
            Items::One(entry) if side(entry, 0).same(key) => {
                return Ok((Condition::TRUE, side(entry, 1)));
            }
            Items::One(entry) => {
                let when = self.equal(&side(entry, 0), key)?;
                return Ok((when, side(entry, 1)));
            }
            Items::Each(each) => self.fresh(each),
        };
        let mut cases: Vec<(Condition, Value<'m>)> = Vec::new();
        for part in each.parts.iter().rev() {
            let (when, value) = self.deeper(|this| this.entry_in(part, key))?;
            cases.push((part.when.clone().and(when), value));
        }
        let when = super::logic::any(cases.iter().map(|(when, _)| when.clone()));
        self.spend(super::logic::size(&when))?;
        let Some((_, last)) = cases.pop() else {
            return Ok((Condition::FALSE, Value::NONE));
        };
        let pick = Pick::new(&each.list, each.item, &when, -1);
        let value = pick.value(&Value::choose(cases, last));
        Ok((
            super::item::some(&each.list, each.item, when.clone()),
            value,
        ))
    }

    /// A method of a dictionary whose keys depend on the event.
    pub(super) fn entries_method(
        &mut self,
        entries: &Comprehension<'m>,
        name: &str,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        match name {
            "get" => {
                let Some(key) = arguments.get(0, "key") else {
                    return self.raise(Exception::TYPE);
                };
                let default = arguments.get(1, "default").unwrap_or(Value::NONE);
                self.entry_of(entries, &key, &mut |_| Ok(default.clone()))
            }
            "keys" => {
                let parts = self.keys_of(entries)?;
                Ok(self.listed(SequenceKind::List, parts))
            }
            "values" | "items" => self.entries_view(entries, name),
            "copy" => Ok(Value::Entries(Comprehension {
                identity: self.identity(),
                ..entries.clone()
            })),
            _ => self.refuse(format!("`.{name}()` of a dictionary cannot be expressed")),
        }
    }

    /// `.values()` or `.items()`: every key once.
    fn entries_view(&mut self, entries: &Comprehension<'m>, name: &str) -> Outcome<Value<'m>> {
        let Some(pairs) = list_term(SequenceKind::List, &entries.parts) else {
            return self.refuse("the entries of this dictionary cannot be expressed");
        };
        let item = self.item();
        let mut pair = Vec::new();
        for at in [0, 1] {
            let parts = projected(&entries.parts, at);
            let (kind, plain) = self.element_of(&parts)?;
            pair.push(Value::Data(Data {
                term: item_at(&item.term(), i64::from(at == 1)),
                kind,
                plain,
            }));
        }
        let value = match (name, pair.pop()) {
            ("values", Some(value)) => value,
            (_, Some(value)) => {
                pair.push(value);
                self.sequence(SequenceKind::Tuple, pair)
            }
            (_, None) => Value::NONE,
        };
        let part = each(Each {
            list: Term::call(Function::Latest, [pairs]),
            item,
            parts: vec![one(Condition::TRUE, value)],
            raises: Raises::new(),
        });
        Ok(self.listed(SequenceKind::List, vec![part]))
    }
}

/// None of the cases.
fn logic_none(cases: &[(Condition, Value<'_>)]) -> Condition {
    super::logic::any(cases.iter().map(|(when, _)| when.clone())).negate()
}
