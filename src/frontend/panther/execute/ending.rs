//! How a round of a loop ends: the ways out, the jumps, the names; what they say of a value that something stands for.

use super::aftermath::Change;
use super::item::{ItemId, mentions, mentions_term};
use super::loops::{Jump, JumpKind};
use super::remap::{Remap, mentions_value};
use super::rewrite::Rewrite;
use super::state::State;
use super::value::{Each, Items, Names, Parts, Value};
use super::{Exit, Way};
use crate::ir::Condition;

/// How a round ends.
pub(super) struct End<'m> {
    pub(super) exits: Vec<Exit<'m>>,
    pub(super) jumps: Vec<Jump<'m>>,
    /// The names where it comes to its end.
    pub(super) after: Option<Names<'m>>,
}

impl<'m> End<'m> {
    pub(super) fn states(&self) -> impl Iterator<Item = &State<'m>> {
        let exits = self.exits.iter().map(|exit| &exit.names.state);
        let jumps = self.jumps.iter().map(|jump| &jump.names.state);
        exits
            .chain(jumps)
            .chain(self.after.iter().map(|names| &names.state))
    }
}

impl Change<'_> {
    /// Whether what stands for a value has a part in it.
    pub(super) fn mentions(&self, item: ItemId) -> bool {
        match self {
            Self::Nothing | Self::Unknown => false,
            Self::Set(when, value) => mentions(when, item) || mentions_value(value, item),
            Self::Grown(parts) => parts_mention(parts, item),
        }
    }
}

fn parts_mention(parts: &Parts<'_>, item: ItemId) -> bool {
    parts.iter().any(|part| {
        mentions(&part.when, item)
            || match &part.items {
                Items::One(value) => mentions_value(value, item),
                Items::Each(each) => {
                    mentions_term(&each.list, item) || parts_mention(&each.parts, item)
                }
            }
    })
}

impl<'m> End<'m> {
    /// The ends of a round after which another may follow, each with the names there.
    pub(super) fn finished(&self, part: &Each<'m>) -> Vec<(Condition, Names<'m>)> {
        let jumps = self.jumps.iter();
        let jumps = jumps.filter(|jump| jump.kind == JumpKind::Continue);
        let folded =
            |when: &Condition| super::character::folded(&part.list, part.item, when.clone());
        let jumps = jumps.map(|jump| (folded(&jump.when), jump.names.clone()));
        let after = self.after.iter().cloned();
        jumps
            .chain(after.map(|names| (Condition::TRUE, names)))
            .collect()
    }

    /// Whether more is asked of the free item than whether it is empty and what is in it.
    pub(super) fn asks_more(&self, item: ItemId) -> bool {
        let questions = Rewrite::Questions(item);
        let asks = |value: &Value<'m>| mentions_value(&questions.value(value), item);
        let condition = |when: &Condition| mentions(&questions.condition(when.clone()), item);
        let names = |names: &Names<'m>| {
            names.values().any(asks) || names.state.cells().any(|(_, value)| asks(value))
        };
        self.exits.iter().any(|exit| {
            let returned = matches!(&exit.way, Way::Return(value) if asks(value));
            returned || condition(&exit.when) || names(&exit.names)
        }) || self
            .jumps
            .iter()
            .any(|jump| condition(&jump.when) || names(&jump.names))
            || self.after.iter().any(names)
    }

    /// Replaces parts of all conditions and values.
    pub(super) fn rewrite(&mut self, rewrite: &Rewrite) {
        for exit in &mut self.exits {
            let way = match &exit.way {
                Way::Return(value) => Way::Return(rewrite.value(value)),
                Way::Raise(exception) => Way::Raise(*exception),
            };
            let names = rewritten(&exit.names, rewrite);
            *exit = Exit {
                when: rewrite.condition(exit.when.clone()),
                way,
                names,
            };
        }
        for jump in &mut self.jumps {
            jump.when = rewrite.condition(jump.when.clone());
            jump.names = rewritten(&jump.names, rewrite);
        }
        if let Some(names) = &mut self.after {
            *names = rewritten(names, rewrite);
        }
    }
}

fn rewritten<'m>(names: &Names<'m>, rewrite: &Rewrite) -> Names<'m> {
    let mut result = names.clone();
    for value in result.values_mut() {
        *value = rewrite.value(value);
    }
    let cells: Vec<_> = names
        .state
        .cells()
        .map(|(cell, value)| (cell, rewrite.value(value)))
        .collect();
    for (cell, value) in cells {
        result.state.set(cell, value);
    }
    result
}
