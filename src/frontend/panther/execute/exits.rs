//! The ways out of a function, and what is known where none of them was taken.
//!
//! A way out that was not taken says that not all parts of its condition hold. What each part is about is kept by its
//! fingerprint. Invariant: the index is that of the ways out there are.

use std::collections::BTreeMap;
use std::ops::Deref;

use super::exception::Exception;
use super::guard::Fact;
use super::kinds::{self, Kinds};
use super::value::{Names, Value};
use crate::ir::{Condition, Fingerprint};

/// A way out of a function, taken where its condition holds and no earlier one's does.
#[derive(Clone, Debug)]
pub(in crate::frontend::panther) struct Exit<'m> {
    /// When.
    pub when: Condition,
    /// How.
    pub way: Way<'m>,
    /// The names at that point, where a handler may need them; the state always.
    pub(super) names: Names<'m>,
}

impl<'m> Exit<'m> {
    /// A way out.
    pub(super) fn new(when: Condition, way: Way<'m>, names: Names<'m>) -> Self {
        Self { when, way, names }
    }
}

/// How a function is left.
#[derive(Clone, Debug)]
pub(in crate::frontend::panther) enum Way<'m> {
    /// With a value.
    Return(Value<'m>),
    /// With an exception.
    Raise(Exception),
}

/// The ways out of a function so far.
#[derive(Debug, Default)]
pub(super) struct Exits<'m> {
    list: Vec<Exit<'m>>,
    /// The parts of the condition of each.
    parts: Vec<Vec<Part>>,
    /// The conditions that are alternatives of a part.
    facts: BTreeMap<Fingerprint, Vec<Said<bool>>>,
    /// The kinds that terms can have where a part does not hold.
    kinds: BTreeMap<Fingerprint, Vec<Said<Kinds>>>,
}

/// A part of the condition of a way out.
#[derive(Debug)]
pub(super) struct Part {
    /// The part itself.
    pub whole: Fact,
    alternatives: Vec<Fact>,
    kinds: Vec<(Fingerprint, Kinds)>,
}

/// What a part of a way out says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<T> {
    /// The value.
    pub what: T,
    /// Where it is said.
    pub at: NotTaken,
}

/// A part of a way out; it does not hold where all others do.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotTaken {
    exit: usize,
    /// The position of the part.
    pub part: usize,
}

impl<'m> Exits<'m> {
    /// Adds a way out.
    pub(super) fn push(&mut self, exit: Exit<'m>) {
        let parts: Vec<Part> = exit.when.conjuncts().iter().map(Part::new).collect();
        for (at, part) in parts.iter().enumerate() {
            let at = NotTaken {
                exit: self.list.len(),
                part: at,
            };
            for fact in &part.alternatives {
                let what = fact.holds;
                self.facts
                    .entry(fact.print)
                    .or_default()
                    .push(Said { what, at });
            }
            for (term, what) in &part.kinds {
                let what = *what;
                self.kinds.entry(*term).or_default().push(Said { what, at });
            }
        }
        self.list.push(exit);
        self.parts.push(parts);
    }

    /// Takes out the ways out from a position on.
    pub(super) fn split_off(&mut self, start: usize) -> Vec<Exit<'m>> {
        let start = start.min(self.list.len());
        for part in self.parts.drain(start..).flatten() {
            for fact in part.alternatives {
                forget(&mut self.facts, fact.print, start);
            }
            for (term, _) in part.kinds {
                forget(&mut self.kinds, term, start);
            }
        }
        self.list.split_off(start)
    }

    /// Drops the ways out from a position on.
    pub(super) fn truncate(&mut self, start: usize) {
        self.split_off(start);
    }

    /// Takes out all.
    pub(super) fn take(&mut self) -> Vec<Exit<'m>> {
        std::mem::take(self).list
    }

    /// Sets the names of the way out at a position, if there is one.
    pub(super) fn set_names(&mut self, at: usize, names: Names<'m>) {
        if let Some(exit) = self.list.get_mut(at) {
            exit.names = names;
        }
    }

    /// The parts of which the condition is an alternative, and whether it is one where it holds.
    pub(super) fn about(&self, condition: Fingerprint) -> &[Said<bool>] {
        self.facts.get(&condition).map_or(&[], Vec::as_slice)
    }

    /// The kinds that the term can have by each part about it.
    pub(super) fn kinds(&self, term: Fingerprint) -> &[Said<Kinds>] {
        self.kinds.get(&term).map_or(&[], Vec::as_slice)
    }

    /// All parts of the way out.
    pub(super) fn others(&self, of: &NotTaken) -> std::slice::Iter<'_, Part> {
        self.parts
            .get(of.exit)
            .map_or(&[][..], Vec::as_slice)
            .iter()
    }
}

impl<'m> Deref for Exits<'m> {
    type Target = [Exit<'m>];

    fn deref(&self) -> &Self::Target {
        &self.list
    }
}

/// Takes out what ways out from a position on say about something.
fn forget<T>(index: &mut BTreeMap<Fingerprint, Vec<Said<T>>>, about: Fingerprint, start: usize) {
    if let Some(said) = index.get_mut(&about) {
        said.retain(|said| said.at.exit < start);
        if said.is_empty() {
            index.remove(&about);
        }
    }
}

impl Part {
    fn new(part: &Condition) -> Self {
        Self {
            whole: Fact::of(part),
            alternatives: match part {
                Condition::Any(parts) => parts.iter().map(Fact::of).collect(),
                other => vec![Fact::of(other)],
            },
            kinds: kinds::said(part, false),
        }
    }
}
