//! A loop over a list of the event that asks for what an earlier round set, such as whether it is the first to get somewhere.
//!
//! Where that is a constant before the loop, the rounds are read with that constant, up to and with the first that turns it into
//! another: one phase. The loop goes on with the items after that one in the same way, with the other constant.
//!
//! Invariant: a phase has the items that Python goes through with the value that it was read with. More than a few phases, and
//! values that are no constants, are refused.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use rustpython_ruff_python_ast as ast;

use super::item::some;
use super::rounds::Rounds;
use super::state::Slot;
use super::statement::Flow;
use super::value::{Each, Names, Value};
use super::{Executor, Outcome, logic};
use crate::ir::{Condition, Literal};

/// Phases of one loop.
const PHASES: usize = 4;

impl<'m> Executor<'m> {
    /// Whether the name that a round asked for can be held; then it is.
    pub(super) fn can_hold(
        &mut self,
        held: &mut BTreeSet<Slot<'m>>,
        slots: &BTreeSet<Slot<'m>>,
        before: &Names<'m>,
    ) -> bool {
        let Some(slot) = self.carried.asked else {
            return false;
        };
        let constant = matches!(self.value_of(slot, before), Value::Constant(_));
        let can = matches!(slot, Slot::Name(..)) && slots.contains(&slot) && constant;
        if can && held.insert(slot) {
            self.carried.asked = None;
            self.carried.held_last = Some(slot);
            return true;
        }
        false
    }

    /// Gives the names that are held their values from before.
    pub(super) fn hold(&mut self, held: &BTreeSet<Slot<'m>>, before: &Names<'m>) {
        for slot in held {
            if let Slot::Name(name, _) = slot {
                let value = self.value_of(*slot, before);
                self.frame.names.insert(name, value);
            }
        }
    }

    /// Finds out which rounds turn a name that is held.
    pub(super) fn turn(
        &mut self,
        rounds: &mut Rounds<'_, 'm>,
        held: BTreeSet<Slot<'m>>,
    ) -> Outcome<()> {
        if held.is_empty() {
            return Ok(());
        }
        let mut turns = Condition::FALSE;
        let mut earlier = rounds.ends.clone();
        for (when, names) in &rounds.finished {
            let mut turned = Condition::FALSE;
            for slot in &held {
                let before = self.value_of(*slot, rounds.before);
                let value = self.value_of(*slot, names);
                let Some(other) = differs(&value, &before) else {
                    self.carried.asked = Some(*slot);
                    return self.refuse(
                        "what a round of a loop sets for the next ones must be a constant",
                    );
                };
                turned = turned.or(other);
            }
            self.spend(logic::size(&earlier) + logic::size(&turned))?;
            let here = earlier.clone().negate().and(when.clone());
            turns = turns.or(here.and(turned));
            earlier = earlier.or(when.clone());
        }
        rounds.ends = rounds.ends.clone().or(turns.clone());
        rounds.first = OnceCell::new();
        (rounds.turns, rounds.held) = (turns, held);
        Ok(())
    }

    /// The names after the first round that ends the phase.
    pub(super) fn names_at_turn(
        &mut self,
        rounds: &Rounds<'_, 'm>,
        slots: &BTreeSet<Slot<'m>>,
    ) -> Outcome<Names<'m>> {
        let mut names = rounds.before.clone();
        let ends = rounds.finished.clone();
        for slot in slots {
            let before = self.value_of(*slot, rounds.before);
            let value = if rounds.held.contains(slot) {
                let mut others = Vec::new();
                for (_, names) in &ends {
                    collect(&self.value_of(*slot, names), &before, &mut others);
                }
                match others.as_slice() {
                    [] => before.clone(),
                    [first, rest @ ..]
                        if rounds.held.len() == 1 && rest.iter().all(|other| other.same(first)) =>
                    {
                        first.clone()
                    }
                    _ => self.after_end(rounds, &ends, *slot, before.clone())?,
                }
            } else {
                self.after_end(rounds, &ends, *slot, before.clone())?
            };
            super::aftermath::put(&mut names, *slot, &before, value);
        }
        Ok(names)
    }

    /// The rest of the loop, where a round has ended the phase.
    pub(super) fn next_phase(
        &mut self,
        statement: &'m ast::StmtFor,
        flow: Flow,
        turned: Condition,
        (names, rest): (Names<'m>, Each<'m>),
    ) -> Outcome<Flow> {
        self.phases += 1;
        if self.phases > PHASES {
            self.phases = 0;
            self.carried.asked = self.carried.held_last;
            return self.refuse("the rounds of a loop must set what later ones ask for less often");
        }
        let broken = flow.jumped.clone();
        let result = self.guarded(broken.clone().negate(), |this| {
            this.fork(
                turned,
                |this| {
                    this.frame.names = names;
                    this.deeper(|this| this.rounds(statement, &rest))
                },
                |_| Ok(Flow::FALLS),
            )
        });
        self.phases = self.phases.saturating_sub(1);
        let next = result?;
        Ok(Flow {
            falls: flow.falls,
            jumped: broken.or(next.jumped),
        })
    }
}

impl Rounds<'_, '_> {
    /// When the first round to leave the loop does so by ending the phase.
    pub(super) fn turned(&self) -> Condition {
        if self.turns == self.ends {
            return some(self.list, self.item, self.turns.clone());
        }
        self.first_is(self.turns.clone())
    }
}

/// The first of the values that a name has before a loop, when it has it, and the others.
pub(super) fn split<'m>(value: &Value<'m>) -> Option<(Condition, Value<'m>, Value<'m>)> {
    match value {
        Value::Truth(when) => {
            let truth = |truth| Value::Constant(Literal::Boolean(truth));
            Some((when.clone(), truth(true), truth(false)))
        }
        Value::Choice(choice) => {
            let mut rest = choice.as_ref().clone();
            let (when, first) = rest.cases.remove(0);
            Some((when, first, Value::choose(rest.cases, rest.otherwise)))
        }
        _ => None,
    }
}

/// When a value differs from a constant; nothing where it is not known to be a constant then.
fn differs(value: &Value<'_>, before: &Value<'_>) -> Option<Condition> {
    match (value, before) {
        (Value::Constant(_), _) => Some(Condition::constant(!value.same(before))),
        (Value::Truth(condition), Value::Constant(Literal::Boolean(truth))) => Some(if *truth {
            condition.clone().negate()
        } else {
            condition.clone()
        }),
        (Value::Choice(choice), _) => {
            let mut result = differs(&choice.otherwise, before)?;
            for (when, value) in choice.cases.iter().rev() {
                result = logic::mix(when.clone(), differs(value, before)?, result);
            }
            Some(result)
        }
        _ => None,
    }
}

/// The constants that a value can be other than the one before.
fn collect<'m>(value: &Value<'m>, before: &Value<'m>, others: &mut Vec<Value<'m>>) {
    match (value, before) {
        (Value::Choice(choice), _) => {
            for (_, value) in &choice.cases {
                collect(value, before, others);
            }
            collect(&choice.otherwise, before, others);
        }
        (Value::Truth(_), Value::Constant(Literal::Boolean(truth))) => {
            others.push(Value::Constant(Literal::Boolean(!truth)));
        }
        (other, _) if !other.same(before) => others.push(other.clone()),
        _ => {}
    }
}
