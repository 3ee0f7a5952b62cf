//! What a loop over a list of the event leaves in the names and objects that its rounds change.
//!
//! After all rounds, or where one broke off, what the rounds set has what the last round that set it gave, and what they add to
//! has all that was added. Anything else is a value that is refused where it is read.

use std::collections::BTreeSet;

use super::change::one_object;
use super::growth::added_any;
use super::item::some;
use super::loops::{Jump, JumpKind};
use super::parts::{Raises, each};
use super::pick::Pick;
use super::remap::Remap;
use super::rounds::Rounds;
use super::state::{Cell, Slot};
use super::statement::Flow;
use super::value::{Each, Names, Parts, Value};
use super::{Executor, Outcome, character, logic};
use crate::ir::{Case, Condition, Function, Literal, Shared, Term};

/// How often the condition that picks an item may be written, times its nodes.
const PICKED: usize = 2_000;

impl<'m> Executor<'m> {
    /// The names after all rounds, and the `break` as a jump.
    pub(super) fn after_rounds(
        &mut self,
        rounds: &Rounds<'_, 'm>,
        slots: &BTreeSet<Slot<'m>>,
        broken: Condition,
    ) -> Outcome<Flow> {
        let mut names = rounds.before.clone();
        for slot in slots {
            let before = self.value_of(*slot, rounds.before);
            let change = self.change_in(rounds, *slot, &rounds.finished);
            let value = self.changed_by(rounds.list, rounds, before.clone(), change);
            let value = self.kept(value)?;
            put(&mut names, *slot, &before, value);
        }
        self.frame.names = names;
        if broken.as_constant() == Some(false) {
            return Ok(Flow::FALLS);
        }
        let mut names = rounds.before.clone();
        for slot in slots {
            let before = self.value_of(*slot, rounds.before);
            let value = self.after_end(rounds, &rounds.broken, *slot, before.clone())?;
            put(&mut names, *slot, &before, value);
        }
        let start = self.frame.iteration.min(self.frame.guards.len());
        let around = logic::all(self.frame.guards.since(start));
        self.frame.jumps.push(Jump {
            kind: JumpKind::Break,
            when: around.and(broken.clone()),
            names,
        });
        Ok(Flow {
            falls: true,
            jumped: broken,
        })
    }

    pub(super) fn unusable(&self) -> Value<'m> {
        self.refused_value("what a loop over event data leaves in this name cannot be expressed")
    }

    /// What a name has where the first round that left the loop did so in one of these ways.
    pub(super) fn after_end(
        &mut self,
        rounds: &Rounds<'_, 'm>,
        ends: &[(Condition, Names<'m>)],
        slot: Slot<'m>,
        before: Value<'m>,
    ) -> Outcome<Value<'m>> {
        let earlier = self.change_in(rounds, slot, &rounds.finished);
        let before = match earlier {
            Change::Nothing => before,
            earlier => {
                let list = rounds.until_end();
                let value = self.changed_by(&list, rounds, before, earlier);
                self.kept(value)?
            }
        };
        let value = match self.change_in(rounds, slot, ends) {
            Change::Nothing => Ok(before),
            Change::Grown(added) => {
                let added = rounds.pick().parts(&added);
                self.after_growth(before, added)
            }
            Change::Set(when, value) => {
                let when = rounds.pick().condition(when);
                Ok(Value::choose(vec![(when, rounds.first(&value))], before))
            }
            Change::Unknown => Ok(self.unusable()),
        };
        self.kept(value)
    }

    /// A value that cannot be expressed is refused where it is used.
    fn kept(&mut self, value: Outcome<Value<'m>>) -> Outcome<Value<'m>> {
        match value {
            Err(super::Stop::Refused(problem))
                if problem.code != crate::diagnostic::Code::PythonBudget =>
            {
                Ok(Value::Refused(std::rc::Rc::new(*problem)))
            }
            Err(super::Stop::Dead) => Ok(self.unusable()),
            other => other,
        }
    }

    /// The value of a name after rounds over the whole of a list.
    fn changed_by(
        &mut self,
        list: &Term,
        rounds: &Rounds<'_, 'm>,
        before: Value<'m>,
        change: Change<'m>,
    ) -> Outcome<Value<'m>> {
        match change {
            Change::Nothing => Ok(before),
            Change::Grown(parts) => {
                let parts = character::folded_parts(list, rounds.item, parts);
                let added = each(Each {
                    list: list.clone(),
                    item: rounds.item,
                    parts,
                    raises: Raises::new(),
                });
                self.after_growth(before, vec![added])
            }
            Change::Set(when, value) => {
                let when = character::folded(list, rounds.item, when);
                self.spend(logic::size(&when))?;
                if logic::size(&when).saturating_mul(places(&value)) > PICKED {
                    return Ok(self.unusable());
                }
                let pick = Pick::new(list, rounds.item, &when, -1);
                let picked = pick.value(&value);
                let set = some(list, rounds.item, when.clone());
                Ok(Value::choose(vec![(set, picked)], before))
            }
            Change::Unknown => Ok(self.unusable()),
        }
    }
}

/// How many terms and conditions about the item a value can have; each will say which item that is.
pub(super) fn places(value: &Value<'_>) -> usize {
    match value {
        Value::Sequence(sequence) => sequence.items.iter().map(places).sum(),
        Value::Mapping(mapping) => mapping.entries.iter().map(|(_, value)| places(value)).sum(),
        Value::Choice(choice) => {
            let cases = choice.cases.iter();
            let cases: usize = cases.map(|(_, value)| 1 + places(value)).sum();
            cases + places(&choice.otherwise)
        }
        Value::Comprehension(list) | Value::Entries(list) => {
            1 + list.values().map(places).sum::<usize>()
        }
        _ => 1,
    }
}

/// What a round does to a name.
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
pub(super) enum Change<'m> {
    Nothing,
    /// It adds to it.
    Grown(Parts<'m>),
    /// Where the condition holds, it sets it.
    Set(Condition, Value<'m>),
    /// Something that cannot be expressed.
    Unknown,
}

impl<'m> Rounds<'_, 'm> {
    pub(super) fn pick(&self) -> &Pick {
        self.first
            .get_or_init(|| Pick::new(self.list, self.item, &self.ends, 0))
    }

    /// Whether an item leaves the loop, and the first that does is so.
    pub(super) fn first_is(&self, what: Condition) -> Condition {
        self.pick().is(self.list, &self.ends, what)
    }

    /// A value about the first item that leaves the loop.
    pub(super) fn first(&self, value: &Value<'m>) -> Value<'m> {
        self.pick().value(value)
    }

    /// The list up to but without the first item that leaves the loop.
    fn until_end(&self) -> Term {
        let start = Term::Literal(Literal::Integer(0));
        Term::call(
            Function::Slice,
            [self.list.clone(), start, self.end_position()],
        )
    }

    /// The list from the item after the first that leaves the loop.
    pub(super) fn after_end(&self) -> Term {
        let one = Term::Literal(Literal::Integer(1));
        let next = Term::call(Function::Add, [self.end_position(), one]);
        let end = Term::Literal(Literal::Null);
        Term::call(Function::Slice, [self.list.clone(), next, end])
    }

    /// The position of the first item that leaves the loop.
    fn end_position(&self) -> Term {
        let truth = |value| Term::Literal(Literal::Boolean(value));
        let leaves = super::item::select(
            self.list,
            self.item,
            Condition::TRUE,
            Term::Choice {
                cases: vec![Case {
                    when: self.ends.clone(),
                    then: truth(true),
                }]
                .into(),
                otherwise: Shared::new(truth(false)),
            },
        );
        Term::call(Function::Position, [leaves, truth(true)])
    }
}

impl<'m> Executor<'m> {
    /// The same, where a name that is held is left alone.
    fn change_in(
        &self,
        rounds: &Rounds<'_, 'm>,
        slot: Slot<'m>,
        ends: &[(Condition, Names<'m>)],
    ) -> Change<'m> {
        if !rounds.held.contains(&slot) {
            return self.change_of(slot, ends);
        }
        // In a round that ends otherwise than by turning it, it may still have been set.
        let before = self.value_of(slot, rounds.before);
        match self.change_of(slot, ends) {
            Change::Set(_, value) if value.same(&before) => Change::Nothing,
            _ if std::ptr::eq(ends, rounds.finished.as_slice()) => Change::Nothing,
            change => change,
        }
    }

    /// What the rounds that end in one of these ways do to the slot.
    pub(super) fn change_of(&self, slot: Slot<'m>, ends: &[(Condition, Names<'m>)]) -> Change<'m> {
        let Some(((_, last), cases)) = ends.split_last() else {
            return Change::Nothing;
        };
        let cases = cases.iter();
        let cases = cases.map(|(when, names)| (when.clone(), self.value_of(slot, names)));
        match Value::choose(cases.collect(), self.value_of(slot, last)) {
            Value::Carried(growth) if growth.slot == slot => {
                if added_any(&growth.added) {
                    Change::Grown(growth.added.clone())
                } else {
                    Change::Nothing
                }
            }
            Value::Choice(choice) => set_by(slot, &choice.cases, &choice.otherwise),
            other if holds_carried(&other) => Change::Unknown,
            other => Change::Set(Condition::TRUE, other),
        }
    }
}

/// Binds a slot; a name's list or dictionary is also its object's content.
pub(super) fn put<'m>(names: &mut Names<'m>, slot: Slot<'m>, before: &Value<'m>, value: Value<'m>) {
    match slot {
        Slot::Cell(cell) => names.state.set(cell, value),
        Slot::Name(name, _) => {
            if let (Some(identity), Some(after)) = (one_object(before), one_object(&value))
                && identity == after
                && !value.same(before)
            {
                names.state.set(Cell::Object(identity), value.clone());
            }
            names.insert(name, value);
        }
    }
}

/// A choice between leaving a name alone and setting it.
fn set_by<'m>(
    slot: Slot<'m>,
    cases: &[(Condition, Value<'m>)],
    otherwise: &Value<'m>,
) -> Change<'m> {
    let mut set = Condition::FALSE;
    let mut before = Condition::FALSE;
    let mut values: Vec<(Condition, Value<'m>)> = Vec::new();
    let otherwise = (Condition::TRUE, otherwise.clone());
    for (when, value) in cases.iter().chain([&otherwise]) {
        match value {
            Value::Carried(growth) if growth.slot == slot && growth.added.is_empty() => {}
            other if holds_carried(other) => return Change::Unknown,
            other => {
                let taken = before.clone().negate().and(when.clone());
                set = set.or(taken.clone());
                values.push((taken, other.clone()));
            }
        }
        before = before.or(when.clone());
    }
    match values.pop() {
        Some((_, last)) => Change::Set(set, Value::choose(values, last)),
        None => Change::Nothing,
    }
}

/// Whether the value has something of an earlier round in it.
pub(super) fn holds_carried(value: &Value<'_>) -> bool {
    match value {
        Value::Carried(_) => true,
        Value::Sequence(sequence) => sequence.items.iter().any(holds_carried),
        Value::Mapping(mapping) => mapping
            .entries
            .iter()
            .any(|(_, value)| holds_carried(value)),
        Value::Choice(choice) => {
            holds_carried(&choice.otherwise)
                || choice.cases.iter().any(|(_, value)| holds_carried(value))
        }
        Value::Comprehension(list) | Value::Entries(list) => parts_hold_carried(&list.parts),
        _ => false,
    }
}

fn parts_hold_carried(parts: &Parts<'_>) -> bool {
    parts.iter().any(|part| match &part.items {
        super::value::Items::One(value) => holds_carried(value),
        super::value::Items::Each(each) => parts_hold_carried(&each.parts),
    })
}
