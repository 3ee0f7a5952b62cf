//! A round of a loop over event data that asks for what the rounds before it made of a name: how many there were, whether a key
//! is there already, what the item before this one was.
//!
//! While the round is read, a free item stands for the value at its start. What a round makes of the name, said of the items
//! before this one, is that value, and takes the free item's place.
//!
//! Invariant: what a round makes of the name does not depend on what stands for it, but for two questions whose answer cannot
//! change it: whether something that only grows is empty, and whether what is added to a set or a dictionary is in it already.

use super::aftermath::Change;
use super::ending::End;
use super::growth::Nature;
use super::item::ItemId;
use super::parts::{Raises, Renaming, each, one};
use super::pick::Pick;
use super::predicate::item as item_at;
use super::remap::Remap;
use super::rewrite::Rewrite;
use super::state::Slot;
use super::term::{list_term, term_of};
use super::value::{
    Comprehension, Data, Each, Growth, Items, Names, Part, Parts, SequenceKind, Value,
};
use super::{Executor, Outcome, logic};
use crate::ir::{Condition, Function, Kind, Literal, Term};

/// How often the condition of a change may be written, times its nodes.
const WRITTEN: usize = 4_000;

/// How large the term may be that says what earlier rounds made.
const TERM: usize = 800;

/// As what the value at the start of a round is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// A whole number; values of the event.
    Narrow,
    /// Any number; Python's own values.
    Wide,
    /// Something of which only counts what is in it; values of the event.
    Presence,
    /// The same; Python's own values.
    OwnPresence,
}

impl Reading {
    /// Every one, in the order in which they are tried.
    pub(super) const ALL: [Self; 4] = [Self::Narrow, Self::Wide, Self::Presence, Self::OwnPresence];

    /// Whether lists and objects are Python's own.
    pub(super) fn plain(self) -> bool {
        matches!(self, Self::Wide | Self::OwnPresence)
    }

    pub(super) fn only_presence(self) -> bool {
        matches!(self, Self::Presence | Self::OwnPresence)
    }
}

/// What is kept while loops are read that ask for what earlier rounds made of names.
#[derive(Debug, Default)]
pub(super) struct Carried<'m> {
    /// What stands for it, of the loops that are being read.
    pub(super) standing: Vec<Standing<'m>>,
    /// Conditions on which what a loop adds to a set or a dictionary is in it already.
    there: Vec<Condition>,
    /// As what the last such loop was read.
    pub(super) last_reading: Option<Reading>,
    /// What an earlier round of a loop changed and a later one asked for, where that was refused last.
    pub(super) asked: Option<Slot<'m>>,
    /// The name that was held last while a loop is read in phases.
    pub(super) held_last: Option<Slot<'m>>,
}

/// What stands for the value of a slot at the start of a round.
#[derive(Clone, Debug)]
pub(super) struct Standing<'m> {
    pub(super) slot: Slot<'m>,
    pub(super) item: ItemId,
    /// Its value before the loop.
    pub(super) before: Value<'m>,
    pub(super) value: Value<'m>,
    pub(super) reading: Reading,
}

impl<'m> Executor<'m> {
    /// The list with the positions of its items, so that those before an item can be said.
    pub(super) fn numbered_each(&mut self, part: &Each<'m>) -> Each<'m> {
        let item = self.item();
        let rewrite = Rewrite::Item(part.item, item_at(&item.term(), 1));
        Each {
            list: Term::call(Function::Numbered, [part.list.clone()]),
            item,
            parts: rewrite.parts(&part.parts),
            raises: rewrite.raises(&part.raises),
        }
    }

    /// The value of a name that a loop changes, where something stands for what it has from earlier rounds.
    pub(super) fn read_growth(&mut self, growth: &Growth<'m>) -> Outcome<Value<'m>> {
        let standing =
            self.carried.standing.iter().rev().find(|standing| {
                standing.slot == growth.slot && standing.before.same(&growth.before)
            });
        let Some(value) = standing.map(|standing| standing.value.clone()) else {
            self.carried.asked = Some(growth.slot);
            return self
                .refuse("a loop over event data must not use what an earlier round of it changed");
        };
        self.after_growth(value, growth.added.clone())
    }

    /// Whether something can stand for the name that a round asked for; then it does.
    pub(super) fn can_stand(
        &mut self,
        reading: Reading,
        slots: &std::collections::BTreeSet<Slot<'m>>,
        before: &Names<'m>,
    ) -> bool {
        let Some(slot) = self.carried.asked.filter(|slot| slots.contains(slot)) else {
            return false;
        };
        let before = self.value_of(slot, before);
        let known =
            |standing: &Standing<'m>| standing.slot == slot && standing.before.same(&before);
        if matches!(before, Value::Unbound | Value::Refused(_))
            || self.carried.standing.iter().any(known)
        {
            return false;
        }
        let item = self.item();
        let value = self.stand_in(&before, item.term(), reading);
        self.carried.standing.push(Standing {
            slot,
            item,
            before,
            value,
            reading,
        });
        self.carried.asked = None;
        true
    }

    /// A value like the one before the loop, of which the term says what it is.
    fn stand_in(&mut self, before: &Value<'m>, term: Term, reading: Reading) -> Value<'m> {
        let item = self.item();
        let data = |term: Term, kind: Option<Kind>| {
            Value::Data(Data {
                term,
                kind,
                plain: reading.plain(),
            })
        };
        let content = |value: Value<'m>| {
            vec![each(Each {
                list: term.clone(),
                item,
                parts: vec![one(Condition::TRUE, value)],
                raises: Raises::new(),
            })]
        };
        match super::growth::nature(before) {
            Some(Nature::List(kind)) => Value::Comprehension(Comprehension {
                kind,
                parts: content(data(item.term(), None)),
                identity: 0,
            }),
            Some(Nature::Dictionary) => {
                let key = data(item_at(&item.term(), 0), None);
                let value = if reading.only_presence() {
                    self.refused_value(
                        "what a round of a loop asks of earlier ones must not depend on itself",
                    )
                } else {
                    data(item_at(&item.term(), 1), None)
                };
                let entry = self.sequence(SequenceKind::Tuple, vec![key, value]);
                Value::Entries(Comprehension {
                    kind: SequenceKind::List,
                    parts: content(entry),
                    identity: 0,
                })
            }
            Some(Nature::Number) if reading == Reading::Narrow && is_whole(before) => {
                data(term, Some(Kind::Integer))
            }
            Some(Nature::Number) if !reading.only_presence() => data(term, Some(Kind::Number)),
            Some(Nature::Text) if !reading.only_presence() => data(term, Some(Kind::Text)),
            Some(Nature::Number | Nature::Text) | None => data(term, None),
        }
    }

    /// How a round ends, with what earlier rounds made in place of what stands for it.
    pub(super) fn with_earlier(
        &mut self,
        mut end: End<'m>,
        part: &Each<'m>,
        start: usize,
    ) -> Outcome<End<'m>> {
        let mut open: Vec<Standing<'m>> = self
            .carried
            .standing
            .get(start..)
            .unwrap_or_default()
            .to_vec();
        while !open.is_empty() {
            let found = open.iter().position(|standing| {
                let others = open.iter().filter(|other| other.item != standing.item);
                let change = self.change_of(standing.slot, &end.finished(part));
                others.into_iter().all(|other| !change.mentions(other.item))
            });
            let Some(at) = found else {
                return self.dependent();
            };
            let standing = open.remove(at);
            let term = self.value_before(&standing, &end, part)?;
            let size = super::rewrite::term_size(&term);
            self.spend(size)?;
            if size > TERM {
                return self.refuse("what earlier rounds of a loop make of a name must be simpler");
            }
            let rewrite = Rewrite::Item(standing.item, term);
            let there = std::mem::take(&mut self.carried.there);
            self.carried.there = there
                .into_iter()
                .map(|condition| rewrite.condition(condition))
                .collect();
            end.rewrite(&rewrite);
        }
        Ok(end)
    }

    fn dependent<T>(&mut self) -> Outcome<T> {
        self.refuse("what a round of a loop asks of earlier ones must not depend on itself")
    }

    /// The term of a slot's value at the start of a round.
    fn value_before(
        &mut self,
        standing: &Standing<'m>,
        end: &End<'m>,
        part: &Each<'m>,
    ) -> Outcome<Term> {
        let mut change = self.change_of(standing.slot, &end.finished(part));
        if change.mentions(standing.item) {
            if !standing.reading.only_presence() || end.asks_more(standing.item) {
                return self.dependent();
            }
            change = self.without_presence(standing, change)?;
            if change.mentions(standing.item) {
                return self.dependent();
            }
        }
        self.require_alike(standing, &change)?;
        let before = match &standing.before {
            Value::Carried(growth) => self.read_growth(&growth.clone())?,
            other => other.clone(),
        };
        let before = if standing.reading.only_presence() {
            self.without_repetitions(before)
        } else {
            before
        };
        match self.changed_before(standing, before, change, part)? {
            Some(value) => match self.plain_term(value)? {
                Some(term) => Ok(term),
                None => self.dependent(),
            },
            None => self.dependent(),
        }
    }

    /// What a value is after the change of the rounds before this one; nothing where that cannot be said.
    fn changed_before(
        &mut self,
        standing: &Standing<'m>,
        before: Value<'m>,
        change: Change<'m>,
        part: &Each<'m>,
    ) -> Outcome<Option<Value<'m>>> {
        let item = self.item();
        let renaming = Renaming(part.item, item);
        let first = Term::Literal(Literal::Integer(0));
        let here = item_at(&part.item.term(), 0);
        let list = Term::call(Function::Slice, [part.list.clone(), first, here]);
        Ok(Some(match change {
            Change::Nothing => before,
            Change::Unknown => return Ok(None),
            // What it is set to need not be a container of the same kind.
            Change::Set(..) if !matches!(standing.value, Value::Data(_)) => return Ok(None),
            Change::Grown(parts) => {
                let added = each(Each {
                    list,
                    item,
                    parts: renaming.parts(&parts),
                    raises: Raises::new(),
                });
                self.after_growth(before, vec![added])?
            }
            Change::Set(when, value) => {
                if logic::size(&when) * super::aftermath::places(&value) > WRITTEN {
                    return Ok(None);
                }
                let (when, value) = (renaming.condition(when), renaming.value(&value));
                let pick = Pick::new(&list, item, &when, -1);
                let set = super::item::some(&list, item, when.clone());
                Value::choose(vec![(set, pick.value(&value))], before)
            }
        }))
    }

    /// The term of a value; of a dictionary, the list of its entries; of a set, one that may have an item more than once.
    fn plain_term(&mut self, value: Value<'m>) -> Outcome<Option<Term>> {
        Ok(match &value {
            Value::Comprehension(list) => list_term(SequenceKind::List, &list.parts),
            Value::Sequence(_) => {
                let parts = self.loose_parts(value)?;
                list_term(SequenceKind::List, &parts)
            }
            Value::Mapping(_) | Value::Entries(_) => {
                let parts = self.entry_parts(value)?;
                list_term(SequenceKind::List, &parts)
            }
            other => term_of(other),
        })
    }

    /// What a round adds where it finds nothing there: what is there already need not be added, and adding it changes nothing.
    fn without_presence(
        &mut self,
        standing: &Standing<'m>,
        change: Change<'m>,
    ) -> Outcome<Change<'m>> {
        let Change::Grown(parts) = change else {
            return Ok(change);
        };
        if super::growth::nature(&standing.before) == Some(Nature::Number) {
            return self.dependent();
        }
        let filled = self.truth(&standing.value)?;
        let mut result = Parts::new();
        for part in &parts {
            let Items::One(value) = &part.items else {
                result.push(part.clone());
                continue;
            };
            let key = match (value, &standing.value) {
                (Value::Sequence(pair), Value::Entries(_)) => {
                    pair.items.first().cloned().unwrap_or(Value::NONE)
                }
                (value, _) => value.clone(),
            };
            let mut when = part.when.clone();
            if matches!(standing.value, Value::Comprehension(_) | Value::Entries(_)) {
                let exits = self.frame.exits.len();
                let there = self.contained(&key, &standing.value);
                self.frame.exits.split_off(exits);
                let there = there?;
                when = Rewrite::Known(there.clone(), false).condition(when);
                self.carried.there.push(there);
            }
            when = Rewrite::Known(filled.clone(), false).condition(when);
            let items = match (&part.items, &standing.value) {
                // Of an entry only the key is asked for.
                (Items::One(_), Value::Entries(_)) => {
                    Items::One(self.sequence(SequenceKind::Tuple, vec![key, Value::NONE]))
                }
                (other, _) => other.clone(),
            };
            result.push(std::rc::Rc::new(Part { when, items }));
        }
        Ok(Change::Grown(result))
    }

    /// A container whose items are there as well where they were there before; what is in it is the same.
    pub(super) fn without_repetitions(&self, value: Value<'m>) -> Value<'m> {
        let simpler = |list: &Comprehension<'m>| {
            let parts = list.parts.iter().map(|part| match &part.items {
                Items::One(_) => part.clone(),
                Items::Each(each) => {
                    let inner = each.parts.iter().map(|part| {
                        let when = self
                            .carried
                            .there
                            .iter()
                            .fold(part.when.clone(), |when, there| {
                                Rewrite::Known(there.clone(), false).condition(when)
                            });
                        std::rc::Rc::new(Part {
                            when,
                            items: part.items.clone(),
                        })
                    });
                    std::rc::Rc::new(Part {
                        when: part.when.clone(),
                        items: Items::Each(Each {
                            parts: inner.collect(),
                            ..each.clone()
                        }),
                    })
                }
            });
            Comprehension {
                parts: parts.collect(),
                ..*list
            }
        };
        match &value {
            _ if self.carried.there.is_empty() => value,
            Value::Comprehension(list) => Value::Comprehension(simpler(list)),
            Value::Entries(list) => Value::Entries(simpler(list)),
            _ => value,
        }
    }
}

fn is_whole(value: &Value<'_>) -> bool {
    matches!(value, Value::Constant(Literal::Integer(_)))
        || matches!(value, Value::Data(data) if data.kind == Some(Kind::Integer))
}
