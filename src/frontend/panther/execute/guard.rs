//! What holds on the path to a place, prepared for being asked.
//!
//! Every condition that a guard says something about is kept by its fingerprint; conditions with equal fingerprints are taken
//! for equal. Invariant: the index is that of the guards there are. A function's guards begin with those of its caller, whose
//! index it reads and does not copy.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

use super::kinds::{self, Kinds};
use crate::ir::{Condition, Fingerprint};

/// Conditions that hold, the innermost branch last.
#[derive(Debug, Default)]
pub(super) struct Guards {
    list: Vec<Rc<Guard>>,
    /// What the guards of this function say.
    own: Rc<Index>,
    /// What those of its callers say, the outermost first.
    callers: Vec<Rc<Index>>,
}

/// A condition that holds and what it says.
#[derive(Debug)]
pub(super) struct Guard {
    /// The condition.
    pub condition: Condition,
    /// Conditions whose value it gives.
    facts: Vec<Fact>,
    /// The kinds that terms can have.
    kinds: Vec<(Fingerprint, Kinds)>,
}

/// What guards say, each with the position of the guard that says it.
#[derive(Clone, Debug, Default)]
struct Index {
    /// The values of conditions; the outermost guard has the word.
    facts: BTreeMap<Fingerprint, (bool, usize)>,
    /// The kinds that terms can have by each guard and those before it.
    kinds: BTreeMap<Fingerprint, Vec<(Kinds, usize)>>,
}

/// A condition without its negation, and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    pub print: Fingerprint,
    pub holds: bool,
}

impl Fact {
    /// That the condition holds.
    pub(super) fn of(condition: &Condition) -> Self {
        match condition {
            Condition::Not(inner) => Self {
                print: inner.fingerprint(),
                holds: false,
            },
            other => Self {
                print: other.fingerprint(),
                holds: true,
            },
        }
    }

    fn negated(self) -> Self {
        Self {
            holds: !self.holds,
            ..self
        }
    }
}

impl Guards {
    /// Those of a function that is called on the path of `caller`.
    pub(super) fn within(caller: &Self) -> Self {
        let mut callers = caller.callers.clone();
        if !caller.own.is_silent() {
            callers.push(Rc::clone(&caller.own));
        }
        Self {
            list: caller.list.clone(),
            own: Rc::default(),
            callers,
        }
    }

    /// Enters a branch.
    pub(super) fn push(&mut self, condition: Condition) {
        let guard = Guard::new(condition);
        Rc::make_mut(&mut self.own).add(&guard, self.list.len());
        self.list.push(Rc::new(guard));
    }

    /// Leaves the branches entered after there were `length`.
    pub(super) fn truncate(&mut self, length: usize) {
        while self.list.len() > length {
            if let Some(guard) = self.list.pop() {
                Rc::make_mut(&mut self.own).remove(&guard, self.list.len());
            }
        }
    }

    /// The conditions of the branches entered after there were `start`.
    pub(super) fn since(&self, start: usize) -> impl Iterator<Item = Condition> {
        let start = start.min(self.list.len());
        self.list[start..]
            .iter()
            .map(|guard| guard.condition.clone())
    }

    /// Whether the fact holds, if the guards say so.
    pub(super) fn say(&self, asked: Fact) -> Option<bool> {
        let said = self
            .indexes()
            .find_map(|index| index.facts.get(&asked.print));
        said.map(|(holds, _)| *holds == asked.holds)
    }

    /// The kinds that the term can have.
    pub(super) fn kinds(&self, term: Fingerprint) -> Kinds {
        let said = self
            .indexes()
            .filter_map(|index| index.kinds.get(&term)?.last());
        said.fold(Kinds::MAX, |all, (kinds, _)| all & kinds)
    }

    /// Whether the guards say nothing.
    pub(super) fn are_silent(&self) -> bool {
        self.indexes().all(|index| index.is_silent())
    }

    fn indexes(&self) -> impl Iterator<Item = &Rc<Index>> {
        self.callers.iter().chain([&self.own])
    }
}

impl Deref for Guards {
    type Target = [Rc<Guard>];

    fn deref(&self) -> &Self::Target {
        &self.list
    }
}

impl Index {
    fn is_silent(&self) -> bool {
        self.facts.is_empty() && self.kinds.is_empty()
    }

    fn add(&mut self, guard: &Guard, at: usize) {
        for fact in &guard.facts {
            self.facts.entry(fact.print).or_insert((fact.holds, at));
        }
        for (term, kinds) in &guard.kinds {
            let said = self.kinds.entry(*term).or_default();
            let before = said.last().map_or(Kinds::MAX, |(kinds, _)| *kinds);
            said.push((before & kinds, at));
        }
    }

    fn remove(&mut self, guard: &Guard, at: usize) {
        for fact in &guard.facts {
            if self.facts.get(&fact.print).is_some_and(|(_, by)| *by == at) {
                self.facts.remove(&fact.print);
            }
        }
        for (term, _) in &guard.kinds {
            if let Some(said) = self.kinds.get_mut(term)
                && said.pop_if(|(_, by)| *by == at).is_some()
                && said.is_empty()
            {
                self.kinds.remove(term);
            }
        }
    }
}

impl Guard {
    fn new(condition: Condition) -> Self {
        let mut facts = Vec::new();
        for part in condition.conjuncts() {
            facts.push(Fact::of(part));
            if let Condition::Not(inner) = part
                && let Condition::Any(parts) = inner.as_ref()
            {
                facts.extend(parts.iter().map(|part| Fact::of(part).negated()));
            }
        }
        let kinds = kinds::said(&condition, true);
        Self {
            condition,
            facts,
            kinds,
        }
    }
}
