//! What is known on the path to a place: from the branches around it, and from the ways out that were not taken before it.
//!
//! A condition that is known is not asked again. Facts are compared as they are written; beyond that only the kinds that a value
//! can still have are followed, so that a guard of Python's types is asked once. Invariant: what is called known holds on
//! every event on which Python gets to the place.

use super::exits::NotTaken;
use super::guard::Fact;
use super::{Executor, kinds, logic};
use crate::ir::{Condition, Mark};

/// Nodes of a condition whose parts are asked one by one.
const LARGE: usize = 300;

impl Executor<'_> {
    /// The condition with the parts replaced whose value is already known on the path to here.
    pub(super) fn known(&mut self, condition: Condition) -> Condition {
        if self.frame.guards.is_empty() && self.frame.exits.is_empty() {
            return condition;
        }
        let about = self.frame.guards.mark() | self.frame.exits.mark();
        // What is left unasked in a large condition is still right.
        if is_apart(&condition, about) || logic::is_larger(&condition, LARGE) {
            return condition;
        }
        self.frame.exits.prepare();
        match self.known_part(&condition, about) {
            Some(known) => known,
            None => condition,
        }
    }

    /// The parts with what is known replaced; nothing where nothing of them is known.
    fn known_of(&self, parts: &[Condition], about: Mark) -> Option<Vec<Condition>> {
        let mut changed: Option<Vec<Condition>> = None;
        for (at, part) in parts.iter().enumerate() {
            let known = self.known_part(part, about);
            match (&mut changed, known) {
                (Some(changed), known) => changed.push(known.unwrap_or_else(|| part.clone())),
                (None, Some(known)) => {
                    changed = Some(parts[..at].iter().cloned().chain([known]).collect());
                }
                (None, None) => {}
            }
        }
        changed
    }

    /// The same for one part; `about` is what anything is known about.
    fn known_part(&self, condition: &Condition, about: Mark) -> Option<Condition> {
        if condition.as_constant().is_some() {
            return None;
        }
        if is_apart(condition, about) {
            return None;
        }
        if let Some(value) = self.decided(condition) {
            return Some(Condition::constant(value));
        }
        match condition {
            Condition::All(parts) => self.known_of(parts, about).map(logic::all),
            Condition::Any(parts) => self.known_of(parts, about).map(logic::any),
            Condition::Not(inner) => self.known_part(inner, about).map(Condition::negate),
            Condition::Test(_) | Condition::Items { .. } => None,
        }
    }

    /// Whether the guards, or the ways out that were not taken, say what the condition is.
    fn decided(&self, condition: &Condition) -> Option<bool> {
        let asked = Fact::of(condition);
        if let Some(said) = self.frame.guards.say(asked) {
            return Some(said);
        }
        let said = self.frame.exits.about(asked.print);
        self.pay_for(said.len());
        let decided = said.iter().find(|said| self.others_hold(&said.at));
        decided
            // What would have taken the way out is not so.
            .map(|said| said.what != asked.holds)
            .or_else(|| self.decided_by_kind(condition))
    }

    /// Whether every part of the way out but the one is known to hold.
    fn others_hold(&self, at: &NotTaken) -> bool {
        let exits = &self.frame.exits;
        self.pay_for(exits.parts(at));
        exits.others_hold(at, &self.frame.guards)
    }

    /// Whether the kinds that the subject can still have say what a predicate is.
    fn decided_by_kind(&self, condition: &Condition) -> Option<bool> {
        let Condition::Test(predicate) = condition else {
            return None;
        };
        let (wanted, exact) = kinds::of_predicate(predicate)?;
        let subject = predicate.subject.fingerprint();
        let mut possible = self.frame.guards.kinds(subject);
        let said = self.frame.exits.kinds(subject);
        self.pay_for(said.len());
        for said in said {
            if possible & said.what != possible && self.others_hold(&said.at) {
                possible &= said.what;
            }
        }
        if possible & wanted == 0 {
            Some(false)
        } else {
            (exact && possible & !wanted == 0).then_some(true)
        }
    }

    /// Pays for facts that are looked at.
    fn pay_for(&self, facts: usize) {
        let compared = self.compared.get().saturating_add(8 + facts);
        self.compared.set(compared);
    }
}

/// Whether nothing that is known is about any term of the condition.
fn is_apart(condition: &Condition, about: Mark) -> bool {
    let mark = condition.subjects();
    mark & about == 0 && mark != 0
}
