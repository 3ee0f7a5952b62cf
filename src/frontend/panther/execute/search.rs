//! Whether any item of a list satisfies, and which exception the items of a list raise first.
//!
//! Invariant: an exception is raised where Python gets to it: after an item that ends the search, it does not count.

use super::exception::Exception;
use super::item::{ItemId, some};
use super::parts::Raises;
use super::pick::first_is;
use super::value::{Each, Items, Parts, Value};
use super::{Executor, Outcome, Stop, character, logic};
use crate::ir::{Condition, Term};

impl<'m> Executor<'m> {
    /// Whether the class of an exception can make a difference.
    pub(super) fn is_handled(&self) -> bool {
        self.frame.tries > 0 || self.outer.iter().any(|frame| frame.tries > 0)
    }

    /// The exceptions by class where the class counts, each without what is raised before it.
    pub(super) fn by_class(&self, raises: Raises) -> Raises {
        let open = |(_, exception): &(Condition, Exception)| *exception == Exception::OUTSIDE;
        let counts = self.is_handled() || raises.iter().any(open);
        let mut classes = Raises::new();
        let mut before = Condition::FALSE;
        for (when, exception) in raises {
            let alike = classes
                .iter_mut()
                .find(|(_, class)| *class == exception || !counts);
            let new = before.clone().negate().and(when.clone());
            match alike {
                Some((whens, _)) if counts => {
                    *whens = std::mem::replace(whens, Condition::FALSE).or(new);
                }
                Some((whens, _)) => {
                    *whens = std::mem::replace(whens, Condition::FALSE).or(when.clone());
                }
                None => classes.push((new, exception)),
            }
            if counts {
                before = before.or(when);
            }
        }
        classes
    }

    /// Raises what the first item that raises raises.
    pub(super) fn raise_any(&mut self, list: &Term, item: ItemId, raises: Raises) -> Outcome<()> {
        let mut classes = self.by_class(raises);
        let any = logic::any(classes.iter().map(|(when, _)| when.clone()));
        let Some((rest, class)) = classes.pop() else {
            return Ok(());
        };
        for (when, exception) in classes {
            self.raise_if(first_is(list, item, &any, when), exception)?;
        }
        self.raise_if(some(list, item, rest), class)
    }

    /// Whether an item decides. Lazily, the first item that decides or raises ends the search; else all items are made before.
    pub(super) fn search(
        &mut self,
        parts: &Parts<'m>,
        lazy: bool,
        decide: &mut dyn FnMut(&mut Self, Value<'m>) -> Outcome<Condition>,
    ) -> Outcome<Condition> {
        let (exits, before) = (self.frame.exits.len(), self.frame.guards.len());
        let state = self.frame.names.state.clone();
        let plain = self.search_parts(parts, lazy, false, decide);
        let unmoved = self.frame.exits.len() == exits && self.frame.names.state.is(&state);
        if !lazy || parts.len() < 2 || (plain.is_ok() && unmoved) {
            return plain;
        }
        // Something raises, or changes a list: only for the items before which none decides.
        self.frame.exits.truncate(exits);
        self.frame.names.state = state;
        let found = self.search_parts(parts, lazy, true, decide);
        self.frame.guards.truncate(before);
        found
    }

    fn search_parts(
        &mut self,
        parts: &Parts<'m>,
        lazy: bool,
        in_turn: bool,
        decide: &mut dyn FnMut(&mut Self, Value<'m>) -> Outcome<Condition>,
    ) -> Outcome<Condition> {
        let mut found = Condition::FALSE;
        for part in parts {
            self.spend(1)?;
            let when = part.when.clone();
            let decides = match &part.items {
                Items::One(value) => {
                    let value = value.clone();
                    self.guarded(when.clone(), |this| decide(this, value))
                }
                Items::Each(each) => self.guarded(when.clone(), |this| {
                    this.deeper(|this| this.search_each(each, lazy, decide))
                }),
            };
            let part = match decides {
                Ok(part) => when.and(part),
                Err(Stop::Dead) if when.as_constant().is_none() => Condition::FALSE,
                Err(Stop::Dead) if found.as_constant().is_none() => return Ok(found),
                Err(stop) => return Err(stop),
            };
            self.spend(logic::size(&part))?;
            if in_turn {
                self.frame.guards.push(part.clone().negate());
            }
            found = found.or(part);
            if found.as_constant() == Some(true) {
                break;
            }
        }
        Ok(found)
    }

    fn search_each(
        &mut self,
        part: &Each<'m>,
        lazy: bool,
        decide: &mut dyn FnMut(&mut Self, Value<'m>) -> Outcome<Condition>,
    ) -> Outcome<Condition> {
        let part = self.fresh(part);
        let (body, new) = self.within(&part.list, part.item, |this| {
            this.search(&part.parts, lazy, decide)
        })?;
        let body = character::folded(&part.list, part.item, body.unwrap_or(Condition::FALSE));
        let mut raises = part.raises;
        raises.extend(new);
        if !lazy || body.as_constant() == Some(false) {
            self.raise_any(&part.list, part.item, raises)?;
            return Ok(some(&part.list, part.item, body));
        }
        let classes = self.by_class(raises);
        let any = logic::any(classes.iter().map(|(when, _)| when.clone()));
        let ends = any.or(body.clone());
        self.spend(logic::size(&ends) * (1 + classes.len()))?;
        for (when, exception) in classes {
            self.raise_if(first_is(&part.list, part.item, &ends, when), exception)?;
        }
        Ok(some(&part.list, part.item, body))
    }
}
