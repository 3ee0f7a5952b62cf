//! What a choice between several says of a predicate, where other facts decide most of its parts.
//!
//! Facts come and go while the parts of a condition are looked at, the latest first. What the older ones say of a part of a choice
//! is kept for as long as they are there; what one condition says of a large one is the same wherever both are.

use std::cell::{Cell, OnceCell};

use super::{Fact, Facts, Serial, Verdicts, about, follows, key};
use crate::ir::{Condition, Fingerprint, Mark, Predicate, Shared, fingerprint, related};

/// A part of a choice between several.
#[derive(Debug)]
pub(super) struct Part {
    /// What tells the part, as a fact, from other facts.
    key: Fingerprint,
    about: Mark,
    /// A bit for each choice and quantifier in it, by their fingerprints.
    within: OnceCell<u64>,
    seen: Cell<Seen>,
}

/// What was found out about a part by the facts of a world.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    world: Serial,
    /// Older facts say nothing of the part.
    until: Serial,
    /// What the fact of just this age says of it, if it does.
    verdict: Option<bool>,
}

impl Part {
    /// The part that is the condition; where it is known that it holds, or does not.
    pub(super) fn new(condition: &Condition, holds: bool) -> Self {
        Self {
            key: key(condition.fingerprint(), holds),
            about: about(condition),
            within: OnceCell::new(),
            seen: Cell::default(),
        }
    }

    /// Whether the fact may say something of the part, which is the condition.
    fn may_follow(&self, condition: &Condition, fact: &Fact) -> bool {
        if !related(fact.about, self.about) {
            return false;
        }
        // Most choices that are known are no part of the condition.
        let is_choice = matches!(fact.condition, Condition::All(_) | Condition::Any(_));
        !is_choice || self.within.get_or_init(|| within(condition)) & bit(fact.print) != 0
    }
}

/// The bit of a fingerprint.
fn bit(print: Fingerprint) -> u64 {
    1 << (print % 64)
}

/// The bits of the choices and quantifiers in a condition.
fn within(condition: &Condition) -> u64 {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            let parts = parts.iter().map(within);
            parts.fold(bit(condition.fingerprint()), |bits, part| bits | part)
        }
        Condition::Not(inner) => within(inner),
        Condition::Test(_) => 0,
        Condition::Items { .. } => bit(condition.fingerprint()),
    }
}

impl Facts {
    /// The verdict that each part of a choice between several has, but for parts that are known not to apply. Most have a part
    /// that applies and says something else, and those that the last questions were left open by are looked at
    /// first.
    pub(super) fn of_clause(
        &self,
        fact: &Fact,
        parts: &[Condition],
        predicate: &Shared<Predicate>,
    ) -> Option<bool> {
        let said = self.said_by_each(fact, parts, predicate)?;
        let says = |at: usize| said[at];
        let applies = |at: usize| self.verdict(&fact.parts[at], &parts[at]) != Some(!fact.holds);
        let silent = fact.silent.get();
        let is_silent = |at: &usize| *at < parts.len() && says(*at).is_none() && applies(*at);
        if silent.iter().any(is_silent) {
            return None;
        }
        let open = |at: usize| {
            fact.silent.set([at, silent[0]]);
            None
        };
        let (first, verdict) = (0..parts.len()).find_map(|at| Some((at, says(at)?)))?;
        if let Some(at) = (0..first).find(|at| applies(*at)) {
            return open(at);
        }
        let mut verdict = applies(first).then_some(verdict);
        for at in first + 1..parts.len() {
            let said = says(at);
            if said.is_some() && said == verdict || !applies(at) {
                continue;
            }
            if said.is_none() || verdict.is_some() {
                return open(at);
            }
            verdict = said;
        }
        verdict
    }

    /// What each part of a choice says of the predicate; nothing where none says anything, as it mostly is.
    fn said_by_each(
        &self,
        fact: &Fact,
        parts: &[Condition],
        predicate: &Shared<Predicate>,
    ) -> Option<Verdicts> {
        let (print, asked) = (predicate.fingerprint(), predicate.mark());
        let says = |(part, condition): (&Part, &Condition)| {
            let pair = || fingerprint::of_two(part.key, print);
            let follows = || follows(condition, fact.holds, predicate);
            let is_related = related(part.about, asked);
            is_related.then(|| self.once(condition, pair, follows))?
        };
        let mut known = self.said_by_parts.borrow_mut();
        let known = known.entry(fingerprint::of_two(fact.key, print));
        let said = known.or_insert_with(|| {
            let said: Verdicts = fact.parts.iter().zip(parts).map(says).collect();
            said.iter().any(Option::is_some).then_some(said)
        });
        said.clone()
    }

    /// What of two conditions one says of the other, where one of them is large: looked up by the two of them.
    fn once(
        &self,
        large: &Condition,
        pair: impl FnOnce() -> Fingerprint,
        say: impl FnOnce() -> Option<bool>,
    ) -> Option<bool> {
        let is_large = match large {
            Condition::Not(inner) => matches!(**inner, Condition::All(_) | Condition::Any(_)),
            condition => matches!(condition, Condition::All(_) | Condition::Any(_)),
        };
        if !is_large {
            return say();
        }
        let pair = pair();
        if let Some(said) = self.said.borrow().get(&pair) {
            return *said;
        }
        let said = say();
        self.said.borrow_mut().insert(pair, said);
        said
    }

    /// The verdict of a part of a choice by a fact that is no choice between several. Facts come and go while parts of a
    /// condition are looked at, the latest first, so that what the older ones say is known from before.
    fn verdict(&self, part: &Part, condition: &Condition) -> Option<bool> {
        let mut seen = part.seen.get();
        if seen.world != self.world {
            seen = Seen {
                world: self.world,
                ..Seen::default()
            };
        }
        let start = self.serials.partition_point(|serial| *serial < seen.until);
        let is_there = self.serials.get(start) == Some(&seen.until);
        if !is_there || seen.verdict.is_none() {
            let said = (start..self.list.len()).find_map(|at| {
                let fact = &*self.list[at];
                if !part.may_follow(condition, fact) {
                    return None;
                }
                let pair = || fingerprint::of_two(fact.key, part.key);
                let said = self.once(condition, pair, || fact.plainly(condition));
                Some((self.serials[at], said?))
            });
            let (until, verdict) = match said {
                Some((serial, verdict)) => (serial, Some(verdict)),
                None => (self.clock.get() + 1, None),
            };
            seen = Seen {
                until,
                verdict,
                ..seen
            };
            part.seen.set(seen);
        }
        seen.verdict
    }
}

impl Fact {
    /// The verdict of a condition by the fact, if it is no choice between several.
    fn plainly(&self, condition: &Condition) -> Option<bool> {
        match (condition, &self.condition) {
            (Condition::Not(inner), _) => self.plainly(inner).map(|verdict| !verdict),
            (Condition::Test(predicate), Condition::Test(_) | Condition::Items { .. }) => {
                follows(&self.condition, self.holds, predicate)
            }
            (Condition::All(_), Condition::All(_))
            | (Condition::Any(_), Condition::Any(_))
            | (Condition::Items { .. }, Condition::Items { .. })
                if self.print == condition.fingerprint() =>
            {
                Some(self.holds)
            }
            (Condition::Test(_) | Condition::Items { .. }, _) => None,
            (Condition::All(parts), _) => self.decides(parts, false).then_some(false),
            (Condition::Any(parts), _) => self.decides(parts, true).then_some(true),
        }
    }

    /// Whether one of the parts has the verdict by the fact.
    fn decides(&self, parts: &[Condition], verdict: bool) -> bool {
        let mut near = parts.iter().filter(|part| related(self.about, about(part)));
        near.any(|part| self.plainly(part) == Some(verdict))
    }
}
