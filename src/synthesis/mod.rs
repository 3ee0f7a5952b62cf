//! A condition to events that show what it says: hits, near misses, and events that systems may disagree about.
//!
//! - For every leaf of the condition two events in which the leaf alone decides the verdict, once each way (masking modified
//!   condition/decision coverage): the parts beside it are such that they leave the verdict to it.
//! - For every listed value of a leaf a hit by this very value, and the value cut short.
//! - For every field of a hit the changes of [`Change`]: absent, `null`, other case, other type and so on.
//!
//! Which of the leaves were shown to matter is in [`Synthesis::atoms`]. The verdict of every event is that of `eval`. What could not be made is in [`Synthesis::unmet`], with the reason: a condition
//! may be contradictory, two of its leaves may depend on each other, or a value may be too hard to find. The same condition gives
//! the same events on every machine. Refused: nothing; a condition about values that are computed in ways that are not understood
//! gives fewer events.

mod cases;
mod facts;
mod goals;
mod group;
mod items;
mod place;
mod regex;
mod search;
mod shape;
mod through;
mod vary;
mod wanted;

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use crate::eval;
use crate::ir::{Condition, FieldPath, Origin};
use goals::Asked;
use group::Group;
use search::{Accepts, Search};

pub use cases::missing_tests;
pub use search::Reason;
pub use vary::Change;

/// How much is made.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many events are made at most.
    pub events: usize,
    /// How many of a leaf's listed values get events of their own.
    pub values: usize,
    /// How many hits have each of their fields changed in every way.
    pub varied: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            events: 5_000,
            values: 200,
            varied: 3,
        }
    }
}

/// Why an event was made.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// A leaf, in its text form, decides the verdict.
    Decides {
        /// The leaf.
        leaf: String,
        /// Whether it holds.
        holds: bool,
    },
    /// A hit by one alternative.
    Alternative {
        /// The leaf.
        leaf: String,
    },
    /// A hit by one of the values that a leaf lists.
    Listed {
        /// The leaf with this value alone.
        leaf: String,
    },
    /// An event of another purpose with one field changed.
    Changed {
        /// The field.
        field: FieldPath,
        /// How.
        change: Change,
    },
}

/// An event that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Synthetic {
    /// The event.
    pub event: Value,
    /// Whether the condition holds for it.
    pub matches: bool,
    /// Why it was made.
    pub purpose: Purpose,
}

/// A leaf of the condition: a predicate, or a question about the items of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Atom {
    /// Its text form.
    pub text: String,
    /// Where it was written.
    pub origin: Origin,
    /// Whether it was not written, but follows from the source language.
    pub implied: bool,
    /// Whether the condition wants it to hold; `false` below an odd number of negations.
    pub wanted: bool,
    /// The places, in [`Synthesis::events`], of the events in which it alone decides: one where it does not hold, one where it
    /// does.
    pub decides: [Option<usize>; 2],
}

impl Atom {
    fn of(leaf: &Condition, text: String, wanted: bool) -> Self {
        let mut written = leaf
            .predicates()
            .into_iter()
            .map(|(predicate, _)| predicate);
        let first = written.next();
        let implied =
            first.is_some_and(|first| first.implied.0) && written.all(|other| other.implied.0);
        Self {
            text,
            origin: first.map(|first| first.origin).unwrap_or_default(),
            implied,
            wanted,
            decides: [None; 2],
        }
    }

    /// Whether it was shown to matter both ways.
    pub fn is_shown(&self) -> bool {
        self.decides.iter().all(Option::is_some)
    }
}

/// An event that could not be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Unmet {
    /// What it would have shown.
    pub purpose: Purpose,
    /// Why there is none.
    pub reason: Reason,
}

/// What was made of a condition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Synthesis {
    /// The events, each once.
    pub events: Vec<Synthetic>,
    /// What there is no event for.
    pub unmet: Vec<Unmet>,
    /// The leaves of the condition, in the order in which they are written.
    pub atoms: Vec<Atom>,
    /// Whether a limit left some out: that of events, or that of the search.
    pub cut: bool,
}

impl Synthesis {
    /// The events for which the condition holds.
    pub fn hits(&self) -> impl Iterator<Item = &Synthetic> {
        self.events.iter().filter(|made| made.matches)
    }
}

/// The events for a condition.
pub fn synthesise(condition: &Condition, limits: &Limits) -> Synthesis {
    make(condition, limits, None)
}

/// The same, of events that `accepts` says there may be where such can be found: those of the types of a log source, say. The
/// changes of hits are asked for nothing.
pub fn synthesise_of(
    condition: &Condition,
    limits: &Limits,
    accepts: &dyn Fn(&Value) -> bool,
) -> Synthesis {
    make(condition, limits, Some(accepts))
}

fn make(condition: &Condition, limits: &Limits, accepts: Option<Accepts<'_>>) -> Synthesis {
    let (asked, atoms) = goals::of(condition, limits.values, limits.events.saturating_mul(2));
    let mut making = Making {
        condition,
        limits,
        search: Search::of(accepts),
        any: Search::default(),
        seen: BTreeMap::new(),
        made: Synthesis {
            cut: asked.is_cut,
            atoms,
            ..Synthesis::default()
        },
        varied: 0,
        is_full: false,
    };
    for asked in asked.events {
        if making.is_full || making.search.is_over() || making.any.is_over() {
            making.made.cut = true;
            break;
        }
        making.meet(asked);
    }
    making.made
}

/// Events in the making.
struct Making<'m> {
    condition: &'m Condition,
    limits: &'m Limits,
    search: Search<'m>,
    /// The search for events of any form.
    any: Search<'m>,
    /// The events' texts, and where each is.
    seen: BTreeMap<String, usize>,
    made: Synthesis,
    varied: usize,
    /// Whether the limit of events was reached.
    is_full: bool,
}

impl Making<'_> {
    fn meet(&mut self, asked: Asked) {
        let mut reason = Reason::NoValue;
        for goals in &asked.ways {
            let mut solved = self.search.solve(goals);
            if solved.is_err() && self.search.is_choosy() {
                solved = self.any.solve(goals);
            }
            match solved {
                Ok(solution) => {
                    let added = self.add(&solution.event, asked.purpose.clone());
                    let matches = match (added, asked.decides) {
                        (Some(at), Some((atom, holds))) => {
                            self.decided(atom, holds, at);
                            self.made.events[at].matches
                        }
                        (Some(at), None) => self.made.events[at].matches,
                        (None, _) => false,
                    };
                    self.vary(&asked.purpose, matches, &solution.event, &solution.groups);
                    return;
                }
                Err(failed) => reason = reason.max(failed),
            }
        }
        let purpose = asked.purpose;
        self.made.unmet.push(Unmet { purpose, reason });
    }

    /// Notes that the leaf decides the verdict of the event.
    fn decided(&mut self, atom: usize, holds: bool, at: usize) {
        let matches = self.made.events[at].matches;
        let atom = &mut self.made.atoms[atom];
        if matches == (holds == atom.wanted) {
            atom.decides[usize::from(holds)] = Some(at);
        }
    }

    /// Adds the event, and says where it is; nothing where the limit leaves it out.
    fn add(&mut self, event: &Value, purpose: Purpose) -> Option<usize> {
        let text = event.to_string();
        if let Some(at) = self.seen.get(&text) {
            return Some(*at);
        }
        let at = self.made.events.len();
        if at >= self.limits.events {
            self.made.cut = true;
            self.is_full = true;
            return None;
        }
        self.seen.insert(text, at);
        self.made.events.push(Synthetic {
            event: event.clone(),
            matches: eval::holds(self.condition, event),
            purpose,
        });
        Some(at)
    }

    /// Adds the event with its fields changed: all of them in every way for the first hits, then those of the leaf that a hit is
    /// about, so that the changes stay few beside the hits.
    fn vary(&mut self, purpose: &Purpose, matches: bool, event: &Value, groups: &[Rc<Group>]) {
        if !matches {
            return;
        }
        let all = self.varied < self.limits.varied;
        self.varied += 1;
        let listed = matches!(
            purpose,
            Purpose::Listed { .. } | Purpose::Alternative { .. }
        );
        for group in groups {
            if !(all || listed && group.is_chosen()) {
                continue;
            }
            for (path, values) in group.solved() {
                let [value] = values.as_slice() else { continue };
                for (change, changed) in vary::changed(value) {
                    let mut event = event.clone();
                    place::put(&mut event, path, changed.as_slice());
                    let field = path.clone();
                    self.add(&event, Purpose::Changed { field, change });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
