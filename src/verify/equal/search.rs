//! The search for a way through a diagram to yes whose answers go together.
//!
//! Where there is none below a node, the answers before it that this rests on are kept: wherever these are given again, there is
//! none again. Invariant: what is kept holds for every event, whatever else is asked.

use std::collections::BTreeMap;

use super::Prover;
use super::diagram::{NO, Node, YES};

/// The questions by their numbers and the answers to them.
type Answers = Vec<(usize, bool)>;

/// How many steps a proof makes before it looks for the answers that a contradiction rests on.
const QUICK: usize = 500;

/// How many sets of answers are kept for one node.
const KEPT: usize = 8;

/// What was found out about ways that lead nowhere.
#[derive(Default)]
pub(super) struct Ways {
    steps: usize,
    /// Sets of answers with which no way leads from the node to yes.
    closed: BTreeMap<Node, Vec<Answers>>,
}

/// What a search came to.
enum Found {
    Way,
    /// None, for which it needs no more than these answers.
    None(Answers),
}

impl Prover<'_> {
    /// Whether every way from the node to yes contradicts itself; nothing where a bound was reached.
    pub(super) fn is_never(&mut self, node: Node) -> Option<bool> {
        let mut given = Vec::new();
        let found = self.search(node, &mut given)?;
        Some(matches!(found, Found::None(_)))
    }

    fn search(&mut self, node: Node, given: &mut Answers) -> Option<Found> {
        match node {
            NO => return Some(Found::None(Vec::new())),
            YES => {
                let conflict = self.conflict_beside(given);
                return Some(conflict.map_or(Found::Way, Found::None));
            }
            _ => {}
        }
        if let Some(closed) = self.closed(node, given) {
            return Some(Found::None(closed));
        }
        let branch = self.diagrams.branch(node)?;
        let mut needed = Vec::new();
        for (holds, next) in [(true, branch.yes), (false, branch.no)] {
            if next == NO {
                continue;
            }
            self.steps = self.steps.checked_sub(1)?;
            self.ways.steps += 1;
            given.push((branch.atom, holds));
            let found = match self.conflict(given) {
                Some(conflict) => Some(Found::None(conflict)),
                None => self.search(next, given),
            };
            given.pop();
            match found? {
                Found::Way => return Some(Found::Way),
                Found::None(answers) => needed.extend(answers),
            }
        }
        needed.sort_unstable();
        needed.dedup();
        needed.retain(|(atom, _)| *atom != branch.atom);
        if needed.len() < given.len() {
            let closed = self.ways.closed.entry(node).or_default();
            if closed.len() < KEPT {
                closed.push(needed.clone());
            }
        }
        Some(Found::None(needed))
    }

    /// Answers among the given ones with which no way leads from the node to yes.
    fn closed(&self, node: Node, given: &Answers) -> Option<Answers> {
        let closed = self.ways.closed.get(&node)?;
        let is_given = |answers: &&Answers| answers.iter().all(|answer| given.contains(answer));
        closed.iter().find(is_given).cloned()
    }

    /// Answers with which the last one does not go together.
    fn conflict(&mut self, given: &[(usize, bool)]) -> Option<Answers> {
        let ((last, holds), before) = given.split_last()?;
        for (atom, held) in before {
            let contradicts = *holds && self.decided(*last, *atom) == Some(!held)
                || *held && self.decided(*atom, *last) == Some(!holds);
            if contradicts {
                return Some(vec![(*atom, *held), (*last, *holds)]);
            }
        }
        if !self.theory.is_possible(given) {
            return Some(self.least(given));
        }
        self.conflict_of_items(given)
    }

    /// The answers of those that contradict each other, the last one being among them, without which the others would not.
    fn least(&self, given: &[(usize, bool)]) -> Answers {
        let mut left = given.to_vec();
        if self.ways.steps < QUICK {
            return left;
        }
        for at in (0..given.len() - 1).rev() {
            let answer = left.remove(at);
            if self.theory.is_possible(&left) {
                left.insert(at, answer);
            }
        }
        left
    }
}
