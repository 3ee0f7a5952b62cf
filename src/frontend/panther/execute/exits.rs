//! The ways out of a function, and what is known where none of them was taken.
//!
//! A way out that was not taken says that not all parts of its condition hold. What each part is about is kept by its
//! fingerprint. Invariant: the index is that of the ways out there are, as far as they were
//! [prepared](Exits::prepare).

use std::cell::Cell;
use std::ops::Deref;
use std::rc::Rc;

use smallvec::{SmallVec, smallvec};

use super::exception::Exception;
use super::guard::{Fact, Guard, Guards};
use super::kinds::{self, Kinds, KindsOf};
use super::logic::is_larger;
use super::value::{Names, Value};
use crate::ir::{ByFingerprint, Condition, Fingerprint, Mark};

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
    /// For each which terms it and those before it are about.
    marks: Vec<Mark>,
    /// The parts of the condition of each that is in the index. The last ways out of a function are often never asked about.
    parts: Vec<Parts>,
    /// That each was not taken, if that is short, as far as it was asked for.
    not_taken: Vec<Option<Rc<Guard>>>,
    /// The conditions that are alternatives of a part.
    facts: ByFingerprint<AllSaid<bool>>,
    /// The kinds that terms can have where a part does not hold.
    kinds: ByFingerprint<AllSaid<Kinds>>,
}

/// The parts of the condition of a way out.
#[derive(Debug)]
struct Parts {
    list: Vec<Part>,
    /// The part that was not known to hold when that was last asked.
    open: Cell<usize>,
    /// Where that was asked, if it is still so there.
    at: Cell<Option<Fingerprint>>,
}

/// A part of the condition of a way out.
#[derive(Debug)]
struct Part {
    /// The part itself.
    whole: Fact,
    alternatives: SmallVec<[Fact; 1]>,
    kinds: KindsOf,
}

/// What a part of a way out says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<T> {
    /// The value.
    pub what: T,
    /// Where it is said.
    pub at: NotTaken,
}

/// What is said about one thing, by the ways out in their order.
type AllSaid<T> = SmallVec<[Said<T>; 1]>;

/// A part of a way out; it does not hold where all others do.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotTaken {
    exit: usize,
    /// The position of the part.
    part: usize,
}

/// Nodes that what is known of a way out not taken may have for the functions that are called after it.
const SMALL: usize = 5;

impl<'m> Exits<'m> {
    /// Adds a way out.
    pub(super) fn push(&mut self, exit: Exit<'m>) {
        self.marks.push(self.mark() | exit.when.subjects());
        self.list.push(exit);
    }

    /// Puts the ways out into the index that are not yet there; to be called before it is asked.
    pub(super) fn prepare(&mut self) {
        for at in self.parts.len()..self.list.len() {
            let parts = self.list[at].when.conjuncts().iter();
            let list: Vec<Part> = parts.map(Part::new).collect();
            for (part, said) in list.iter().enumerate() {
                let at = NotTaken { exit: at, part };
                for fact in &said.alternatives {
                    let what = fact.holds;
                    let all = self.facts.entry(fact.print).or_default();
                    all.push(Said { what, at });
                }
                for (term, what) in &said.kinds {
                    let what = *what;
                    let all = self.kinds.entry(*term).or_default();
                    all.push(Said { what, at });
                }
            }
            let (open, at) = (Cell::new(0), Cell::new(None));
            self.parts.push(Parts { list, open, at });
        }
    }

    /// Takes out the ways out from a position on.
    pub(super) fn split_off(&mut self, start: usize) -> Vec<Exit<'m>> {
        let start = start.min(self.list.len());
        let taken = self.parts.drain(start.min(self.parts.len())..);
        for part in taken.flat_map(|parts| parts.list) {
            for fact in part.alternatives {
                forget(&mut self.facts, fact.print, start);
            }
            for (term, _) in part.kinds {
                forget(&mut self.kinds, term, start);
            }
        }
        self.marks.truncate(start);
        self.not_taken.truncate(start);
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

    /// That the ways out were not taken, where that is short.
    pub(super) fn small_facts(&mut self) -> impl Iterator<Item = Rc<Guard>> {
        let new = self.list.iter().skip(self.not_taken.len());
        self.not_taken.extend(new.map(not_taken));
        self.not_taken.iter().flatten().cloned()
    }

    /// The parts of which the condition is an alternative, and whether it is one where it holds.
    pub(super) fn about(&self, condition: Fingerprint) -> &[Said<bool>] {
        self.facts.get(&condition).map_or(&[], SmallVec::as_slice)
    }

    /// The kinds that the term can have by each part about it.
    pub(super) fn kinds(&self, term: Fingerprint) -> &[Said<Kinds>] {
        self.kinds.get(&term).map_or(&[], SmallVec::as_slice)
    }

    /// Which terms the ways out are about.
    pub(super) fn mark(&self) -> Mark {
        self.marks.last().copied().unwrap_or(0)
    }

    /// How many parts the way out has.
    pub(super) fn parts(&self, of: &NotTaken) -> usize {
        self.parts.get(of.exit).map_or(0, |parts| parts.list.len())
    }

    /// Whether every part of the way out but the one holds by the guards. The part that did not when that was last asked is asked
    /// first; by the same guards it still does not.
    pub(super) fn others_hold(&self, of: &NotTaken, guards: &Guards) -> bool {
        let Some(parts) = self.parts.get(of.exit) else {
            return true;
        };
        let here = Some(guards.print());
        let last = parts.open.get();
        if last != of.part && parts.at.get() == here {
            return false;
        }
        let holds = |fact: Fact| guards.say(fact) == Some(true);
        let is_open = |at: usize, part: &Part| at != of.part && !holds(part.whole);
        let mut all = std::iter::once(last).chain(0..parts.list.len());
        let open = all.find(|at| parts.list.get(*at).is_some_and(|part| is_open(*at, part)));
        if let Some(open) = open {
            parts.open.set(open);
            parts.at.set(here);
        }
        open.is_none()
    }
}

impl<'m> Deref for Exits<'m> {
    type Target = [Exit<'m>];

    fn deref(&self) -> &Self::Target {
        &self.list
    }
}

/// That the way out was not taken, where that is a single condition and short.
fn not_taken(exit: &Exit<'_>) -> Option<Rc<Guard>> {
    let fact = match &exit.when {
        Condition::Not(inner) => inner.as_ref().clone(),
        when => when.clone().negate(),
    };
    let single = matches!(fact, Condition::Test(_) | Condition::Not(_));
    (single && !is_larger(&fact, SMALL)).then(|| Rc::new(Guard::new(fact)))
}

/// Takes out what ways out from a position on say about something.
fn forget<T>(index: &mut ByFingerprint<AllSaid<T>>, about: Fingerprint, start: usize) {
    if let Some(said) = index.get_mut(&about) {
        while said.last().is_some_and(|said| said.at.exit >= start) {
            said.pop();
        }
    }
}

impl Part {
    fn new(part: &Condition) -> Self {
        Self {
            whole: Fact::of(part),
            alternatives: match part {
                Condition::Any(parts) => parts.iter().map(Fact::of).collect(),
                other => smallvec![Fact::of(other)],
            },
            kinds: kinds::said(part, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Object, Operator, Predicate, Term};

    fn is(field: &str) -> Condition {
        Predicate::new(Term::field([field]), Operator::IsTruthy, Object::None).into()
    }

    #[test]
    fn what_is_open_is_asked_again_by_other_guards() {
        let mut exits = Exits::default();
        let way = Way::Raise(Exception::OTHER);
        exits.push(Exit::new(is("a").and(is("b")), way, Names::new()));
        exits.prepare();
        let mut guards = Guards::default();
        let others_hold =
            |part, guards: &Guards| exits.others_hold(&NotTaken { exit: 0, part }, guards);
        assert!(!others_hold(0, &guards));
        assert!(!others_hold(0, &guards) && !others_hold(1, &guards));
        guards.push(is("b"));
        assert!(others_hold(0, &guards));
        assert!(!others_hold(1, &guards));
        assert!(others_hold(0, &guards));
        guards.truncate(0);
        assert!(!others_hold(0, &guards));
    }
}
