//! A condition to events that show what it says: hits, near misses, and events that systems may disagree about.
//!
//! - For every leaf of the condition two events in which the leaf alone decides the verdict, once each way (masking modified
//!   condition/decision coverage): the parts beside it are such that they leave the verdict to it.
//! - For every listed value of a leaf a hit by this very value, and the value cut short.
//! - For every field of a hit the changes of [`Change`]: absent, `null`, other case, other type and so on.
//!
//! The verdict of every event is that of `eval`. What could not be made is in [`Synthesis::unmet`], with the reason: a condition
//! may be contradictory, two of its leaves may depend on each other, or a value may be too hard to find. The same condition gives
//! the same events on every machine. Refused: nothing; a condition about values that are computed in ways that are not understood
//! gives fewer events.

mod facts;
mod goals;
mod items;
mod place;
mod regex;
mod search;
mod shape;
mod vary;
mod wanted;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::eval;
use crate::ir::{Condition, FieldPath};
use facts::Group;
use goals::Asked;
use search::Search;

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
    /// Whether the limit of events left some out.
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
    let mut making = Making {
        condition,
        limits,
        search: Search::default(),
        seen: BTreeSet::new(),
        made: Synthesis::default(),
        varied: 0,
    };
    for asked in goals::of(condition, limits.values) {
        if making.made.cut {
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
    search: Search,
    /// The events' texts.
    seen: BTreeSet<String>,
    made: Synthesis,
    varied: usize,
}

impl Making<'_> {
    fn meet(&mut self, asked: Asked) {
        let mut reason = Reason::NoValue;
        for goals in &asked.ways {
            match self.search.solve(goals) {
                Ok(solution) => {
                    let matches = self.add(&solution.event, asked.purpose.clone());
                    self.vary(&asked.purpose, matches, &solution.event, &solution.groups);
                    return;
                }
                Err(failed) => reason = reason.max(failed),
            }
        }
        let purpose = asked.purpose;
        self.made.unmet.push(Unmet { purpose, reason });
    }

    /// Adds the event, and says whether the condition holds for it.
    fn add(&mut self, event: &Value, purpose: Purpose) -> bool {
        let matches = eval::holds(self.condition, event);
        if !self.seen.insert(event.to_string()) {
            return matches;
        }
        if self.made.events.len() >= self.limits.events {
            self.made.cut = true;
            return matches;
        }
        self.made.events.push(Synthetic {
            event: event.clone(),
            matches,
            purpose,
        });
        matches
    }

    /// Adds the event with its fields changed: all of them in every way for the first hits, then those of the leaf that a hit is
    /// about, so that the changes stay few beside the hits.
    fn vary(&mut self, purpose: &Purpose, matches: bool, event: &Value, groups: &[Group]) {
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
