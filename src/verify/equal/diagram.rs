//! Binary decision diagrams: propositions over numbered atoms, of which equal ones are one node.

use std::collections::BTreeMap;

/// A node; the first two are the constants.
pub(super) type Node = usize;

pub(super) const NO: Node = 0;
pub(super) const YES: Node = 1;

/// More nodes than this are not made.
const MOST: usize = 100_000;

/// A question and what follows from either answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Branch {
    pub(super) atom: usize,
    pub(super) no: Node,
    pub(super) yes: Node,
}

/// The nodes that were made.
#[derive(Default)]
pub(super) struct Diagrams {
    branches: Vec<Branch>,
    known: BTreeMap<Branch, Node>,
    joined: BTreeMap<(Join, Node, Node), Node>,
}

/// How two propositions are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Join {
    And,
    Or,
    Differ,
}

impl Diagrams {
    /// The question of a node that is no constant.
    pub(super) fn branch(&self, node: Node) -> Option<Branch> {
        self.branches.get(node.checked_sub(2)?).copied()
    }

    /// An atom; nothing where there are too many nodes.
    pub(super) fn atom(&mut self, atom: usize) -> Option<Node> {
        self.node(Branch {
            atom,
            no: NO,
            yes: YES,
        })
    }

    fn node(&mut self, branch: Branch) -> Option<Node> {
        if branch.no == branch.yes {
            return Some(branch.no);
        }
        if let Some(known) = self.known.get(&branch) {
            return Some(*known);
        }
        if self.branches.len() >= MOST {
            return None;
        }
        self.branches.push(branch);
        let node = self.branches.len() + 1;
        self.known.insert(branch, node);
        Some(node)
    }

    /// The opposite.
    pub(super) fn negated(&mut self, node: Node) -> Option<Node> {
        self.join(Join::Differ, node, YES)
    }

    /// Two propositions in one; nothing where there are too many nodes.
    pub(super) fn join(&mut self, how: Join, a: Node, b: Node) -> Option<Node> {
        let (a, b) = (a.min(b), a.max(b));
        match (how, a, b) {
            (Join::And, NO, _) => return Some(NO),
            (Join::And, YES, other) | (Join::Or | Join::Differ, NO, other) => return Some(other),
            (Join::Or, YES, _) => return Some(YES),
            (Join::Differ, YES, YES) => return Some(NO),
            (Join::Differ, a, b) if a == b => return Some(NO),
            (Join::And | Join::Or, a, b) if a == b => return Some(a),
            _ => {}
        }
        if let Some(known) = self.joined.get(&(how, a, b)) {
            return Some(*known);
        }
        let atom = [a, b]
            .into_iter()
            .filter_map(|node| self.branch(node))
            .map(|branch| branch.atom)
            .min()?;
        let (no_a, yes_a) = self.split(a, atom);
        let (no_b, yes_b) = self.split(b, atom);
        let no = self.join(how, no_a, no_b)?;
        let yes = self.join(how, yes_a, yes_b)?;
        let node = self.node(Branch { atom, no, yes })?;
        self.joined.insert((how, a, b), node);
        Some(node)
    }

    fn split(&self, node: Node, atom: usize) -> (Node, Node) {
        match self.branch(node) {
            Some(branch) if branch.atom == atom => (branch.no, branch.yes),
            _ => (node, node),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_propositions_are_one_node() {
        let mut made = Diagrams::default();
        let [a, b, c] = [0, 1, 2].map(|atom| made.atom(atom).unwrap());
        let both = made.join(Join::And, a, b).unwrap();
        let one = made.join(Join::Or, both, c).unwrap();
        let (ac, bc) = (
            made.join(Join::Or, a, c).unwrap(),
            made.join(Join::Or, c, b).unwrap(),
        );
        assert_eq!(
            made.join(Join::And, bc, ac),
            Some(one),
            "(a and b) or c is (a or c) and (b or c)"
        );
        let not_a = made.negated(a).unwrap();
        assert_eq!(made.join(Join::And, not_a, a), Some(NO));
        assert_ne!(both, one);
    }
}
