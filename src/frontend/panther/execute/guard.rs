//! What holds on the path to a place, prepared for being asked.
//!
//! Every condition that a guard says something about is kept by its fingerprint; conditions with equal fingerprints are taken
//! for equal. Invariant: the index is that of the guards there are. A function goes on with the guards of its caller, which gets
//! them back as they were.

use std::ops::Deref;
use std::rc::Rc;

use smallvec::SmallVec;

use super::kinds::{self, Kinds, KindsOf};
use crate::ir::{ByFingerprint, Condition, Fingerprint, Mark, fingerprint};

/// Conditions that hold, the innermost branch last.
#[derive(Debug, Default)]
pub(super) struct Guards {
    list: Vec<Rc<Guard>>,
    /// For each guard the kinds that its terms could have before it.
    before: Vec<SmallVec<[Kinds; 2]>>,
    /// For each guard the fingerprint of it and those before it.
    prints: Vec<Fingerprint>,
    /// For each guard which terms it and those before it are about.
    marks: Vec<Mark>,
    /// The values of conditions, each with the position of the guard that says it; the outermost one has the word.
    facts: ByFingerprint<(bool, usize)>,
    /// The kinds that terms can have by all guards.
    kinds: ByFingerprint<Kinds>,
}

/// A condition that holds and what it says.
#[derive(Debug)]
pub(super) struct Guard {
    /// The condition.
    pub condition: Condition,
    /// Conditions whose value it gives.
    facts: SmallVec<[Fact; 2]>,
    /// The kinds that terms can have.
    kinds: KindsOf,
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
    /// Enters a branch.
    pub(super) fn push(&mut self, condition: Condition) {
        self.push_known(Rc::new(Guard::new(condition)));
    }

    /// The same with a guard that is prepared already.
    pub(super) fn push_known(&mut self, guard: Rc<Guard>) {
        let at = self.list.len();
        for fact in &guard.facts {
            self.facts.entry(fact.print).or_insert((fact.holds, at));
        }
        let narrowed = guard.kinds.iter().map(|(term, kinds)| {
            let said = self.kinds.entry(*term).or_insert(Kinds::MAX);
            std::mem::replace(said, *said & kinds)
        });
        self.before.push(narrowed.collect());
        self.marks.push(self.mark() | guard.condition.subjects());
        let print = guard.condition.fingerprint();
        self.prints.push(fingerprint::of_two(self.print(), print));
        self.list.push(guard);
    }

    /// Leaves the branches entered after there were `length`.
    pub(super) fn truncate(&mut self, length: usize) {
        while self.list.len() > length {
            let (Some(guard), Some(before)) = (self.list.pop(), self.before.pop()) else {
                return;
            };
            let at = self.list.len();
            for fact in &guard.facts {
                if self.facts.get(&fact.print).is_some_and(|(_, by)| *by == at) {
                    self.facts.swap_remove(&fact.print);
                }
            }
            for ((term, _), before) in guard.kinds.iter().zip(before) {
                if before == Kinds::MAX {
                    self.kinds.swap_remove(term);
                } else {
                    self.kinds.insert(*term, before);
                }
            }
        }
        self.marks.truncate(length);
        self.prints.truncate(length);
    }

    /// What tells these guards from any others.
    pub(super) fn print(&self) -> Fingerprint {
        self.prints.last().copied().unwrap_or(0)
    }

    /// Which terms the guards are about.
    pub(super) fn mark(&self) -> Mark {
        self.marks.last().copied().unwrap_or(0)
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
        let (holds, _) = self.facts.get(&asked.print)?;
        Some(*holds == asked.holds)
    }

    /// The kinds that the term can have.
    pub(super) fn kinds(&self, term: Fingerprint) -> Kinds {
        self.kinds.get(&term).copied().unwrap_or(Kinds::MAX)
    }
}

impl Deref for Guards {
    type Target = [Rc<Guard>];

    fn deref(&self) -> &Self::Target {
        &self.list
    }
}

impl Guard {
    /// What the condition says where it holds.
    pub(super) fn new(condition: Condition) -> Self {
        let mut facts = SmallVec::new();
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
