//! A condition to the events that are to show what it says, each as goals that its parts have to meet.
//!
//! For a leaf to decide the verdict, the parts beside it and beside what is around it have to leave the verdict to it: those of an
//! `all` hold, those of an `any` do not.

use super::search::Goal;
use super::{Atom, Purpose};
use crate::ir::{Condition, Object, Predicate};

/// An event that is asked for.
pub(super) struct Asked {
    /// What it shows.
    pub(super) purpose: Purpose,
    /// Goals that make it, the best first.
    pub(super) ways: Vec<Vec<Goal>>,
    /// The leaf that decides by number, and whether it holds; nothing for events of another purpose.
    pub(super) decides: Option<(usize, bool)>,
}

/// The events that are asked for.
pub(super) struct AllAsked {
    /// Hits by alternatives first.
    pub(super) events: Vec<Asked>,
    /// Whether more could be asked for.
    pub(super) is_cut: bool,
}

/// The events that are asked for, `most` of the leaves and as many of their values, and the leaves in the order in which they
/// are written.
pub(super) fn of(condition: &Condition, values: usize, most: usize) -> (AllAsked, Vec<Atom>) {
    let mut walk = Walk {
        values,
        most,
        is_cut: false,
        around: Vec::new(),
        leaves: Vec::new(),
        single: Vec::new(),
        atoms: Vec::new(),
    };
    walk.node(condition, true);
    let Walk {
        mut leaves,
        single,
        atoms,
        is_cut,
        ..
    } = walk;
    leaves.extend(single);
    if leaves.is_empty() {
        // A constant has no leaf; any event shows what it says.
        let purpose = Purpose::Alternative {
            leaf: condition.to_string(),
        };
        leaves.push(Asked {
            purpose,
            ways: vec![Vec::new()],
            decides: None,
        });
    }
    let asked = AllAsked {
        events: leaves,
        is_cut,
    };
    (asked, atoms)
}

/// A part beside the way to a leaf.
#[derive(Clone)]
struct Beside {
    goal: Goal,
    /// Whether the whole can hold only where it is so; else the leaf could not decide, but the whole could hold.
    needed: bool,
}

struct Walk {
    values: usize,
    /// How many events are asked for of leaves, and as many of their values.
    most: usize,
    is_cut: bool,
    around: Vec<Beside>,
    leaves: Vec<Asked>,
    /// Those of the values that leaves list.
    single: Vec<Asked>,
    atoms: Vec<Atom>,
}

impl Walk {
    /// `wanted` is what the node has to be for the whole to hold.
    fn node(&mut self, node: &Condition, wanted: bool) {
        match node {
            Condition::Not(inner) => self.node(inner, !wanted),
            Condition::All(parts) => self.parts(parts, true, wanted),
            Condition::Any(parts) => self.parts(parts, false, wanted),
            leaf @ (Condition::Test(_) | Condition::Items { .. }) => self.leaf(leaf, wanted),
        }
    }

    /// The parts of an `all`, or of an `any`; what leaves the verdict to one part is that the others are `neutral`.
    fn parts(&mut self, parts: &[Condition], neutral: bool, wanted: bool) {
        for (at, part) in parts.iter().enumerate() {
            let depth = self.around.len();
            let others = parts.iter().enumerate().filter(|(other, _)| *other != at);
            self.around.extend(others.map(|(_, other)| Beside {
                goal: Goal::new(other, neutral),
                needed: neutral == wanted,
            }));
            self.node(part, wanted);
            self.around.truncate(depth);
        }
    }

    fn leaf(&mut self, leaf: &Condition, wanted: bool) {
        let text = leaf.to_string();
        let decides = |holds: bool| Purpose::Decides {
            leaf: text.clone(),
            holds,
        };
        let goal = |holds: bool| Goal::new(leaf, holds).with_values();
        let at = self.atoms.len();
        self.atoms.push(Atom::of(leaf, text.clone(), wanted));
        if self.leaves.len() >= self.most {
            self.is_cut = true;
            return;
        }
        for holds in [wanted, !wanted] {
            let mut ways = vec![self.beside(goal(holds), false)];
            if !holds {
                // It may not hold of any value, but of a field that is not there.
                ways.push(self.beside(Goal::new(leaf, holds), false));
            }
            self.leaves.push(Asked {
                purpose: decides(holds),
                ways,
                decides: Some((at, holds)),
            });
        }
        self.leaves.push(Asked {
            purpose: Purpose::Alternative { leaf: text.clone() },
            ways: vec![self.beside(goal(wanted), true)],
            decides: None,
        });
        let Condition::Test(predicate) = leaf else {
            return;
        };
        for one in self.singles(predicate) {
            if self.single.len() >= self.most {
                self.is_cut = true;
                return;
            }
            let goal = Goal::new(&one, true).with_values();
            self.single.push(Asked {
                purpose: Purpose::Listed {
                    leaf: one.to_string(),
                },
                ways: vec![self.beside(goal.clone(), false), self.beside(goal, true)],
                decides: None,
            });
        }
    }

    /// The goal, and what has to be so beside it: for the goal to decide, or for the whole to hold.
    fn beside(&self, goal: Goal, for_whole: bool) -> Vec<Goal> {
        let beside = self.around.iter();
        let beside = beside.filter(|beside| beside.needed || !for_whole);
        std::iter::once(goal)
            .chain(beside.map(|beside| beside.goal.clone()))
            .collect()
    }

    /// The predicate with one of its values each, where it lists several.
    fn singles(&self, predicate: &Predicate) -> Vec<Condition> {
        let objects: Vec<Object> = match &predicate.object {
            Object::List(items) if items.len() > 1 => items
                .iter()
                .map(|item| Object::List(vec![item.clone()]))
                .collect(),
            Object::Texts(texts) if texts.len() > 1 => texts
                .iter()
                .map(|text| Object::Texts(vec![text.clone()]))
                .collect(),
            Object::Kinds(kinds) if kinds.len() > 1 => kinds
                .iter()
                .map(|kind| Object::Kinds(vec![*kind]))
                .collect(),
            Object::None
            | Object::Literal(_)
            | Object::Term(_)
            | Object::List(_)
            | Object::Texts(_)
            | Object::Kinds(_) => Vec::new(),
        };
        let single = |object| {
            let mut predicate = predicate.clone();
            predicate.object = object;
            Condition::from(predicate)
        };
        objects.into_iter().take(self.values).map(single).collect()
    }
}
