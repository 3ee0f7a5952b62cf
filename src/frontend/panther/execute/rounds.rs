//! A loop over a list of the event: one round executed for any item, and what all rounds together do.
//!
//! The first item that takes a way out (a return, an exception, a `break`) decides. Names that the rounds set have what the
//! last round that set them gave; names that the rounds add to have all that was added. A name whose new value depends on
//! the old one in another way cannot be expressed, and is refused where it is read.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use rustpython_ruff_python_ast as ast;

use super::aftermath::holds_carried;
use super::change::one_object;
use super::ending::End;
use super::item::{ItemId, some};
use super::loops::{Jump, JumpKind};
use super::parts::Raises;
use super::pick::Pick;
use super::remap::{Remap, mentions_value};
use super::standing::Reading;
use super::state::{Cell, Slot, State};
use super::statement::{Flow, left_or_flow};
use super::value::{Comprehension, Each, Growth, Names, Parts, Sequence, SequenceKind, Value};
use super::{Executor, Exit, Outcome, Stop, Way, character, logic};
use crate::ir::{Condition, Term};

/// The operator whose `op=` changes the object rather than giving another.
fn in_place(value: &Value<'_>) -> Option<ast::Operator> {
    match value {
        Value::Sequence(Sequence { kind, .. })
        | Value::Comprehension(Comprehension { kind, .. }) => match kind {
            SequenceKind::List => Some(ast::Operator::Add),
            SequenceKind::Set => Some(ast::Operator::BitOr),
            SequenceKind::Tuple => None,
        },
        Value::Mapping(_) | Value::Entries(_) => Some(ast::Operator::BitOr),
        Value::Carried(growth) => in_place(&growth.before),
        _ => None,
    }
}

/// What the rounds of a loop are about.
pub(super) struct Rounds<'r, 'm> {
    pub(super) list: &'r Term,
    pub(super) item: ItemId,
    /// The names before the loop.
    pub(super) before: &'r Names<'m>,
    /// When a round leaves the loop in any way.
    pub(super) ends: Condition,
    /// The first that does.
    pub(super) first: OnceCell<Pick>,
    /// When it leaves the loop by `break`.
    pub(super) breaks: Condition,
    /// The ends of a round by `break`, and the others, each with the names there.
    pub(super) broken: Vec<(Condition, Names<'m>)>,
    pub(super) finished: Vec<(Condition, Names<'m>)>,
    /// The names that have their value from before the loop until a round turns it into another, which ends the phase.
    pub(super) held: BTreeSet<Slot<'m>>,
    /// When a round ends the phase.
    pub(super) turns: Condition,
}

/// A way out of the function that some items take.
struct Group<'m> {
    when: Condition,
    way: Way<'m>,
    /// The states of the ways out that it is made of.
    states: Vec<(Condition, State<'m>)>,
}

impl<'m> Executor<'m> {
    /// The rounds where a name that a round asks for is held, or read as what earlier rounds made of it.
    pub(super) fn rounds_as(
        &mut self,
        statement: &'m ast::StmtFor,
        part: &Each<'m>,
        reading: Option<Reading>,
    ) -> Outcome<Flow> {
        let part = match reading {
            None => self.fresh(part),
            Some(_) => self.numbered_each(part),
        };
        let before = self.frame.names.clone();
        let standing = self.carried.standing.len();
        let (end, slots, held) = self.read_rounds(statement, &part, &before, reading)?;
        let end = self.with_earlier(end, &part, standing)?;
        let raised = part.raises.iter().map(|(when, exception)| {
            let names = Names::within(before.state.clone());
            Exit {
                when: when.clone(),
                way: Way::Raise(*exception),
                names,
            }
        });
        let exits: Vec<Exit<'m>> = raised.chain(end.exits).collect();
        let mut rounds = gathered(&part, &before, &exits, end.jumps, end.after);
        self.turn(&mut rounds, held)?;
        let broken = self.leave_rounds(&rounds, exits, &slots)?;
        let turned = rounds.turned();
        let flow = self.after_rounds(&rounds, &slots, broken)?;
        if turned.as_constant() == Some(false) {
            return Ok(flow);
        }
        let names = self.names_at_turn(&rounds, &slots)?;
        let rest = Each {
            list: rounds.after_end(),
            ..part.clone()
        };
        self.next_phase(statement, flow, turned, (names, rest))
    }

    /// How any round ends, what the rounds change, and which names they ask for and so are held.
    fn read_rounds(
        &mut self,
        statement: &'m ast::StmtFor,
        part: &Each<'m>,
        before: &Names<'m>,
        reading: Option<Reading>,
    ) -> Outcome<(End<'m>, BTreeSet<Slot<'m>>, BTreeSet<Slot<'m>>)> {
        let mut slots = self.slots(statement, before);
        let newest = self.newest();
        let (start, guards) = (self.frame.exits.len(), self.frame.guards.len());
        let mut held = BTreeSet::new();
        loop {
            self.spend(1 + slots.len())?;
            self.carry(&slots, before);
            self.hold(&held, before);
            let end = match self.any_round(statement, part) {
                Err(Stop::Refused(problem)) => {
                    let goes_on = match reading {
                        None => self.can_hold(&mut held, &slots, before),
                        Some(reading) => self.can_stand(reading, &slots, before),
                    };
                    if !goes_on {
                        return Err(Stop::Refused(problem));
                    }
                    self.frame.exits.split_off(start);
                    self.frame.guards.truncate(guards);
                    self.frame.names = before.clone();
                    continue;
                }
                end => end?,
            };
            // What is changed by other ways than a name is found out by doing it.
            let mut found = BTreeSet::new();
            for state in end.states() {
                found.extend(super::state::differing(&before.state, state, newest));
            }
            let found: Vec<Slot<'m>> = found.into_iter().map(Slot::Cell).collect();
            if found.iter().all(|slot| slots.contains(slot)) {
                return Ok((end, slots, held));
            }
            slots.extend(found);
            self.frame.names = before.clone();
        }
    }

    /// The names that a loop assigns, and the lists and dictionaries that it changes by name.
    fn slots(&mut self, statement: &'m ast::StmtFor, before: &Names<'m>) -> BTreeSet<Slot<'m>> {
        let mut slots = BTreeSet::new();
        let assigned = super::bindings::assigned_by(statement);
        for name in super::bindings::changed(statement) {
            let is_global = self.frame.bound.globals.contains(name);
            let in_place = before.get(name).and_then(in_place);
            let same = in_place.is_some_and(|op| !super::bindings::rebinds(statement, name, op));
            if assigned.contains(name) && !is_global && !same {
                slots.insert(Slot::Name(name, self.frame.number));
            }
            if let Some(identity) = before.get(name).and_then(one_object) {
                let cell = Cell::Object(identity);
                let value = before.get(name).cloned().unwrap_or(Value::Unbound);
                self.originals.entry(cell).or_insert(value);
                slots.insert(Slot::Cell(cell));
            }
        }
        slots
    }

    /// While a round is read, each slot holds what the round has added to it.
    fn carry(&mut self, slots: &BTreeSet<Slot<'m>>, before: &Names<'m>) {
        for slot in slots {
            let growth = Growth {
                slot: *slot,
                before: self.value_of(*slot, before),
                added: Parts::new(),
            };
            let growth = Value::Carried(std::rc::Rc::new(growth));
            match *slot {
                Slot::Name(name, _) => {
                    self.frame.names.insert(name, growth);
                }
                Slot::Cell(cell) => self.frame.names.state.set(cell, growth),
            }
        }
    }

    /// One round for any item.
    fn any_round(&mut self, statement: &'m ast::StmtFor, part: &Each<'m>) -> Outcome<End<'m>> {
        let (start, here, newest) = (self.frame.exits.len(), self.here, self.newest());
        let (root, iteration) = (self.frame.root, self.frame.iteration);
        self.frame.root = self.frame.guards.len();
        self.frame.iteration = self.frame.root;
        let outer_jumps = std::mem::take(&mut self.frame.jumps);
        let flow = self.round_over(statement, &part.parts);
        (self.frame.root, self.frame.iteration, self.here) = (root, iteration, here);
        let mut jumps = std::mem::replace(&mut self.frame.jumps, outer_jumps);
        let flow = flow?;
        let mut exits = self.frame.exits.split_off(start);
        for exit in &mut exits {
            let when = std::mem::replace(&mut exit.when, Condition::FALSE);
            exit.when = character::folded(&part.list, part.item, when);
            let result = match &mut exit.way {
                Way::Return(value) => Some(value),
                Way::Raise(_) => None,
            };
            self.hold_names(&mut exit.names, result, newest);
        }
        for jump in &mut jumps {
            self.settle_growths(&mut jump.names);
            self.hold_names(&mut jump.names, None, newest);
        }
        let mut after = std::mem::take(&mut self.frame.names);
        self.settle_growths(&mut after);
        self.hold_names(&mut after, None, newest);
        Ok(End {
            exits,
            jumps,
            after: flow.falls.then_some(after),
        })
    }

    /// What was added has the contents of the round's end.
    fn settle_growths(&mut self, names: &mut Names<'m>) {
        let here = std::mem::replace(&mut self.frame.names, names.clone());
        let settled = |this: &Self, value: &Value<'m>| match value {
            Value::Carried(growth) => {
                let added = this.resolved_items(&growth.added, &mut Vec::new())?;
                Some(Value::Carried(std::rc::Rc::new(Growth {
                    added,
                    ..growth.as_ref().clone()
                })))
            }
            _ => None,
        };
        for value in names.values_mut() {
            if let Some(new) = settled(self, value) {
                *value = new;
            }
        }
        let cells: Vec<_> = names
            .state
            .cells()
            .map(|(cell, value)| (cell, settled(self, value)))
            .collect();
        for (cell, value) in cells {
            if let Some(value) = value {
                names.state.set(cell, value);
            }
        }
        self.frame.names = here;
    }

    /// One round for every item that is made of an item of the list.
    fn round_over(&mut self, statement: &'m ast::StmtFor, parts: &Parts<'m>) -> Outcome<Flow> {
        let [part] = parts.as_slice() else {
            return self.refuse("a loop over lists within lists requires one list here");
        };
        let super::value::Items::One(value) = &part.items else {
            return self.refuse("a loop over lists within lists requires one list here");
        };
        let value = value.clone();
        let when = part.when.clone();
        self.fork(
            when,
            |this| this.round(statement, value),
            |_| Ok(Flow::FALLS),
        )
    }

    /// One round with a value.
    pub(super) fn round(&mut self, statement: &'m ast::StmtFor, item: Value<'m>) -> Outcome<Flow> {
        let flow = self
            .assign(&statement.target, item)
            .and_then(|()| self.block(&statement.body));
        left_or_flow(flow)
    }

    /// The ways out of the function that the first item to leave takes. The result is when the loop is left by `break`.
    fn leave_rounds(
        &mut self,
        rounds: &Rounds<'_, 'm>,
        exits: Vec<Exit<'m>>,
        slots: &BTreeSet<Slot<'m>>,
    ) -> Outcome<Condition> {
        let groups = self.groups(rounds, exits)?;
        let (list, item) = (rounds.list, rounds.item);
        let no_breaks =
            rounds.breaks.as_constant() == Some(false) && rounds.turns.as_constant() == Some(false);
        if groups.is_empty() {
            return Ok(rounds.first_is(rounds.breaks.clone()));
        }
        let final_group = groups.len() - 1;
        let handled = self.frame.tries > 0;
        let names = std::mem::take(&mut self.frame.names);
        if handled {
            self.frame.names = rounds.before.clone();
            for slot in slots {
                if let Slot::Name(name, _) = slot {
                    let value = self.unusable();
                    self.frame.names.insert(name, value);
                }
            }
        }
        for (at, group) in groups.into_iter().enumerate() {
            self.spend(logic::size(&rounds.ends) + logic::size(&group.when))?;
            let when = if at == final_group && no_breaks {
                some(list, item, group.when.clone())
            } else if matches!(group.way, Way::Return(_)) {
                let first = rounds.first_is(group.when.clone());
                some(list, item, group.when.clone()).and(first)
            } else {
                rounds.first_is(group.when.clone())
            };
            let way = match group.way {
                Way::Return(value) => Way::Return(rounds.first(&value)),
                raise @ Way::Raise(_) => raise,
            };
            let when = self.known(when);
            self.frame.names.state = self.state_at(rounds, &group.states, slots);
            self.exit(when, way)?;
        }
        self.frame.names = names;
        Ok(rounds.first_is(rounds.breaks.clone()))
    }

    /// The state where the first round to leave the loop took a way out.
    fn state_at(
        &self,
        rounds: &Rounds<'_, 'm>,
        states: &[(Condition, State<'m>)],
        slots: &BTreeSet<Slot<'m>>,
    ) -> State<'m> {
        let mut result = rounds.before.state.clone();
        for slot in slots {
            let Slot::Cell(cell) = *slot else { continue };
            let before = self.value_of(*slot, rounds.before);
            let untouched = |value: &Value<'m>| matches!(value, Value::Carried(growth) if growth.slot == *slot && growth.added.is_empty());
            let kept = rounds
                .finished
                .iter()
                .all(|(_, names)| untouched(&self.value_of(*slot, names)));
            let mut cases: Vec<(Condition, Value<'m>)> = Vec::new();
            for (when, state) in states {
                let names = Names::within(state.clone());
                let value = match self.value_of(*slot, &names) {
                    value if untouched(&value) && kept => before.clone(),
                    value if holds_carried(&value) => self.unusable(),
                    value => rounds.first(&value),
                };
                cases.push((rounds.pick().condition(when.clone()), value));
            }
            if let Some((_, last)) = cases.pop() {
                result.set(cell, Value::choose(cases, last));
            }
        }
        result
    }

    /// The ways out that items take, exceptions first, each without those that an item takes before it.
    fn groups(&mut self, rounds: &Rounds<'_, 'm>, exits: Vec<Exit<'m>>) -> Outcome<Vec<Group<'m>>> {
        let mut raises = Raises::new();
        let mut raising: Vec<(Condition, State<'m>)> = Vec::new();
        let mut returns: Vec<Group<'m>> = Vec::new();
        let mut before = Condition::FALSE;
        for exit in exits {
            self.spend(logic::size(&before) + logic::size(&exit.when))?;
            let when = before.clone().negate().and(exit.when.clone());
            before = before.or(exit.when);
            let state = exit.names.state;
            match exit.way {
                Way::Raise(exception) => {
                    raising.push((when.clone(), state));
                    raises.push((when, exception));
                }
                Way::Return(value) => match returns.last_mut() {
                    Some(Group {
                        when: same_when,
                        way: Way::Return(same),
                        states,
                    }) if same.same(&value) && !mentions_value(&value, rounds.item) => {
                        states.push((when.clone(), state));
                        *same_when = std::mem::replace(same_when, Condition::FALSE).or(when);
                    }
                    _ => returns.push(Group {
                        states: vec![(when.clone(), state)],
                        when,
                        way: Way::Return(value),
                    }),
                },
            }
        }
        let raises = self
            .by_class(raises)
            .into_iter()
            .map(|(when, exception)| Group {
                when,
                way: Way::Raise(exception),
                states: raising.clone(),
            });
        let groups = raises.chain(returns);
        Ok(groups
            .filter(|group| group.when.as_constant() != Some(false))
            .collect())
    }
}

/// The ends of a round, sorted.
fn gathered<'r, 'm>(
    part: &'r Each<'m>,
    before: &'r Names<'m>,
    exits: &[Exit<'m>],
    jumps: Vec<Jump<'m>>,
    after: Option<Names<'m>>,
) -> Rounds<'r, 'm> {
    let left = logic::any(exits.iter().map(|exit| exit.when.clone()));
    let mut rounds = Rounds {
        list: &part.list,
        item: part.item,
        before,
        ends: left.clone(),
        first: OnceCell::new(),
        breaks: Condition::FALSE,
        broken: Vec::new(),
        finished: Vec::new(),
        held: BTreeSet::new(),
        turns: Condition::FALSE,
    };
    let mut breaks = Condition::FALSE;
    for jump in jumps {
        let when = character::folded(&part.list, part.item, jump.when);
        if jump.kind == JumpKind::Break {
            breaks = breaks.or(when.clone());
            rounds.broken.push((when, jump.names));
        } else {
            rounds.finished.push((when, jump.names));
        }
    }
    rounds
        .finished
        .extend(after.map(|after| (Condition::TRUE, after)));
    rounds.ends = rounds.ends.or(breaks.clone());
    rounds.breaks = left.negate().and(breaks);
    rounds
}
