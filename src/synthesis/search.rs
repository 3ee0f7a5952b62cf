//! Goals, conditions that are to hold or not to hold together, to an event for which they do.
//!
//! What a goal says of its parts for certain becomes facts about fields at once. Where a goal leaves a choice, the event that the
//! facts give is asked first; a part is chosen only where the goal is not met by it, one after the other until the facts agree.
//! The number of choices is bounded. An event that is found meets every goal, as the evaluator says.

use std::rc::Rc;

use serde_json::{Value, json};

use super::facts::{Fact, Leaf};
use super::group::{Group, Known, Work, with_fact};
use super::items;
use crate::eval;
use crate::ir::{ByFingerprint, Condition};

/// How many parts are chosen for one event, at most.
const CHOICES: usize = 2_000;

/// How many goals may be open within another: an event that needs more choices is not looked for.
const DEPTH: usize = 400;

/// A condition and whether it is to hold.
#[derive(Clone, Debug)]
pub(super) struct Goal {
    /// The condition.
    pub(super) condition: Condition,
    /// Whether it is to hold.
    pub(super) holds: bool,
    /// Whether the fields of the condition, a leaf, are to have values.
    pub(super) present: bool,
}

impl Goal {
    /// That the condition holds, or does not.
    pub(super) fn new(condition: &Condition, holds: bool) -> Self {
        Self {
            condition: condition.clone(),
            holds,
            present: false,
        }
    }

    /// The same, of fields that have values.
    pub(super) fn with_values(mut self) -> Self {
        self.present = true;
        self
    }

    /// Whether the event meets it. The evaluator is asked about every part of the condition, which is `work`.
    fn is_met(&self, event: &Value, work: &mut Work) -> bool {
        work.spend(self.condition.size());
        eval::holds(&self.condition, event) == self.holds
    }
}

/// Why there is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No value was found of which everything that is asked holds: it may be contradictory, or too hard.
    NoValue,
    /// Too many alternatives would have to be tried.
    TooMany,
}

/// What is known while goals are met.
#[derive(Clone, Default)]
struct State {
    groups: Vec<Rc<Group>>,
    /// Goals that leave a choice.
    open: Vec<Goal>,
}

impl State {
    fn event(&self) -> Value {
        let mut event = json!({});
        for group in &self.groups {
            group.write(&mut event);
        }
        event
    }
}

/// An event, and the groups of fields that it was made of.
pub(super) struct Solution {
    /// The event.
    pub(super) event: Value,
    /// Its fields.
    pub(super) groups: Vec<Rc<Group>>,
}

/// Which events there may be.
pub(super) type Accepts<'s> = &'s dyn Fn(&Value) -> bool;

/// Finds events, and remembers what was found out about leaves and about facts that stood together.
#[derive(Default)]
pub(super) struct Search<'s> {
    /// How many lists are around.
    depth: usize,
    leaves: ByFingerprint<Rc<Leaf>>,
    known: Known,
    accepts: Option<Accepts<'s>>,
}

impl<'s> Search<'s> {
    /// A search within the items of so many lists.
    pub(super) fn within(depth: usize) -> Self {
        Self {
            depth,
            ..Self::default()
        }
    }

    /// A search for events that are accepted, where there is a choice.
    pub(super) fn of(accepts: Option<Accepts<'s>>) -> Self {
        Self {
            accepts,
            ..Self::default()
        }
    }

    /// Whether the search has come to its end: no more events are looked for.
    pub(super) fn is_over(&self) -> bool {
        self.known.work.is_over()
    }

    /// Whether not every event will do.
    pub(super) fn is_choosy(&self) -> bool {
        self.accepts.is_some()
    }

    /// An event for which the goals are met.
    pub(super) fn solve(&mut self, goals: &[Goal]) -> Result<Solution, Reason> {
        let mut state = State::default();
        self.known.work.begin();
        // The goals that ask for values come first, so that the others take theirs into account.
        let (first, rest): (Vec<&Goal>, Vec<&Goal>) = goals.iter().partition(|goal| goal.present);
        for goal in first.into_iter().chain(rest) {
            if self.assert(&mut state, goal).is_none() {
                return Err(self.reason());
            }
        }
        let mut left = CHOICES;
        match self.choose(state, &mut left, 0) {
            Some(state) => {
                let event = state.event();
                let work = &mut self.known.work;
                // Groups are solved alone; a search over the whole event sees the values of all.
                if !goals.iter().all(|goal| goal.is_met(&event, work)) {
                    return Err(Reason::NoValue);
                }
                Ok(Solution {
                    event,
                    groups: state.groups,
                })
            }
            None if left == 0 => Err(Reason::TooMany),
            None => Err(self.reason()),
        }
    }

    /// Why nothing was found.
    fn reason(&self) -> Reason {
        if self.known.work.is_spent() {
            Reason::TooMany
        } else {
            Reason::NoValue
        }
    }

    /// Adds what the goal says for certain; nothing where that contradicts what is known.
    fn assert(&mut self, state: &mut State, goal: &Goal) -> Option<()> {
        match (&goal.condition, goal.holds) {
            (Condition::Not(inner), holds) => {
                let inner = Goal {
                    condition: inner.as_ref().clone(),
                    holds: !holds,
                    present: goal.present,
                };
                self.assert(state, &inner)
            }
            (Condition::All(parts), true) | (Condition::Any(parts), false) => parts
                .iter()
                .try_for_each(|part| self.assert(state, &Goal::new(part, goal.holds))),
            (Condition::All(parts), false) | (Condition::Any(parts), true) => {
                if parts.is_empty() {
                    return None;
                }
                if let [part] = &parts[..] {
                    return self.assert(state, &Goal::new(part, goal.holds));
                }
                state.open.push(goal.clone());
                Some(())
            }
            (leaf @ (Condition::Test(_) | Condition::Items { .. }), holds) => {
                let fact = Fact {
                    leaf: self.leaf(leaf),
                    holds,
                    present: goal.present,
                };
                state.groups = with_fact(&state.groups, fact, self.accepts, &mut self.known)?;
                Some(())
            }
        }
    }

    /// Meets the open goals by choosing parts of them.
    fn choose(&mut self, mut state: State, left: &mut usize, depth: usize) -> Option<State> {
        let event = state.event();
        let work = &mut self.known.work;
        let mut open = state.open.iter();
        let Some(at) = open.position(|goal| !goal.is_met(&event, work)) else {
            return Some(state);
        };
        if depth >= DEPTH {
            *left = 0;
            return None;
        }
        let goal = state.open.remove(at);
        let (Condition::All(parts) | Condition::Any(parts)) = &goal.condition else {
            return None;
        };
        for part in parts {
            if *left == 0 || self.known.work.is_spent() {
                return None;
            }
            *left -= 1;
            let mut next = state.clone();
            if self
                .assert(&mut next, &Goal::new(part, goal.holds))
                .is_some()
                && let Some(found) = self.choose(next, left, depth + 1)
            {
                return Some(found);
            }
        }
        None
    }

    /// What is known about the leaf, with lists whose items pass, or do not, where it is a question about items.
    fn leaf(&mut self, leaf: &Condition) -> Rc<Leaf> {
        let print = leaf.fingerprint();
        if let Some(known) = self.leaves.get(&print) {
            return Rc::clone(known);
        }
        let lists = match leaf {
            Condition::Items { body, .. } => items::lists(body, self.depth),
            _ => Vec::new(),
        };
        let known = Rc::new(Leaf::new(leaf, print, lists));
        self.leaves.insert(print, Rc::clone(&known));
        known
    }
}
