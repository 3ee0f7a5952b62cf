//! A line on its way to the page: leaves of a statement, how far in they stand, and where the line may be split.

use super::leaf::{Kind, Leaves, width};

/// How loosely a delimiter holds; a line is split at its loosest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Delimiter {
    /// Before the dot of a call on a call's result.
    Dot,
    /// Before a comparison.
    Comparison,
    /// Before `and` and `or`.
    Logic,
    /// After a comma.
    Comma,
    /// Before the `for` and the `if` of a generator.
    Generator,
}

/// A line.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// The leaves, as indices.
    pub(super) leaves: Vec<usize>,
    /// How many levels in it stands.
    pub(super) depth: usize,
    /// Whether it is what stood between two brackets.
    pub(super) inside: bool,
    /// Whether it is split even if it fits.
    pub(super) forced: bool,
    /// The leaves after which the line may be split, outside of any bracket of its own, in the line's order.
    pub(super) delimiters: Vec<(usize, Delimiter)>,
}

impl Line {
    /// A line whose delimiters are known.
    pub(super) fn tracked(
        leaves: Vec<usize>,
        depth: usize,
        inside: bool,
        all: &Leaves<'_>,
    ) -> Self {
        let delimiters = delimiters(&leaves, all);
        Self {
            leaves,
            depth,
            inside,
            forced: false,
            delimiters,
        }
    }

    /// The head or tail of a split: nothing in it is split at a delimiter.
    pub(super) fn plain(leaves: Vec<usize>, depth: usize) -> Self {
        Self {
            leaves,
            depth,
            ..Self::default()
        }
    }

    /// The text with its indentation.
    pub(super) fn text(&self, all: &Leaves<'_>) -> String {
        let mut text = "    ".repeat(self.depth);
        text.extend(self.pieces(all));
        text
    }

    /// The pieces of the text after its indentation.
    fn pieces<'l>(&'l self, all: &'l Leaves<'_>) -> impl Iterator<Item = &'l str> {
        let leaves = self.leaves.iter().enumerate();
        leaves.flat_map(|(at, &leaf)| {
            let space = if at > 0 && all[leaf].space { " " } else { "" };
            [space, all[leaf].text]
        })
    }

    /// Whether it fits.
    pub(super) fn fits(&self, all: &Leaves<'_>) -> bool {
        let mut left = super::WIDTH.checked_sub(4 * self.depth);
        for piece in self.pieces(all) {
            left = left.and_then(|left| left.checked_sub(width(piece)));
            if left.is_none() {
                return false;
            }
        }
        left.is_some()
    }

    /// Whether this is its text.
    pub(super) fn reads(&self, text: &str, all: &Leaves<'_>) -> bool {
        let own = text.trim_start_matches(' ');
        if text.len() - own.len() != 4 * self.depth {
            return false;
        }
        let mut rest = own;
        for piece in self.pieces(all) {
            match rest.strip_prefix(piece) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        rest.is_empty()
    }

    /// The loosest delimiter, the last leaf's aside.
    pub(super) fn loosest(&self, with_last: bool) -> Option<Delimiter> {
        let last = self.leaves.last().filter(|_| !with_last);
        let others = self
            .delimiters
            .iter()
            .filter(|(leaf, _)| Some(leaf) != last);
        others.map(|(_, delimiter)| *delimiter).max()
    }

    /// How many delimiters of this kind there are.
    pub(super) fn count(&self, wanted: Delimiter) -> usize {
        self.delimiters
            .iter()
            .filter(|(_, found)| *found == wanted)
            .count()
    }

    /// The columns of a leaf and the space before it.
    pub(super) fn leaf_width(&self, at: usize, all: &Leaves<'_>) -> usize {
        let leaf = &all[self.leaves[at]];
        leaf.text.chars().count() + usize::from(at > 0 && leaf.space)
    }
}

fn delimiters(leaves: &[usize], all: &Leaves<'_>) -> Vec<(usize, Delimiter)> {
    let mut found: Vec<(usize, Delimiter)> = Vec::new();
    let mut depth = 0usize;
    // The depths at which the targets of a generator end with `in`.
    let mut targets: Vec<usize> = Vec::new();
    for (at, &leaf) in leaves.iter().enumerate() {
        let current = &all[leaf];
        if current.kind == Kind::Close {
            if depth == 0 {
                continue;
            }
            depth -= 1;
        }
        let ends_targets =
            current.kind == Kind::Name && current.text == "in" && targets.last() == Some(&depth);
        if ends_targets {
            depth -= 1;
            targets.pop();
        }
        if depth == 0 {
            let previous = at.checked_sub(1).map(|before| leaves[before]);
            match previous
                .and_then(|previous| before(leaf, previous, ends_targets, leaves.get(at + 1), all))
            {
                Some(delimiter) => {
                    // A comma before it counts as it does.
                    found.pop_if(|(leaf, _)| Some(*leaf) == previous);
                    found.extend(previous.map(|previous| (previous, delimiter)));
                }
                None if current.kind == Kind::Comma => {
                    found.push((leaf, Delimiter::Comma));
                }
                None => {}
            }
        }
        match current.kind {
            Kind::Open { .. } => depth += 1,
            Kind::Name if current.text == "for" => {
                depth += 1;
                targets.push(depth);
            }
            _ => {}
        }
    }
    found
}

/// The delimiter that a split before the leaf would be at.
fn before(
    leaf: usize,
    previous: usize,
    ends_targets: bool,
    next: Option<&usize>,
    all: &Leaves<'_>,
) -> Option<Delimiter> {
    let (current, previous) = (&all[leaf], &all[previous]);
    match current.kind {
        Kind::Dot => (previous.kind == Kind::Close).then_some(Delimiter::Dot),
        Kind::Comparator => Some(Delimiter::Comparison),
        Kind::Name => match current.text {
            // A statement's own `if` has no leaf before it.
            "for" | "if" => Some(Delimiter::Generator),
            "and" | "or" => Some(Delimiter::Logic),
            "is" => Some(Delimiter::Comparison),
            "in" if !ends_targets && previous.text != "not" => Some(Delimiter::Comparison),
            "not" if previous.text != "is" && next.is_some_and(|next| all[*next].text == "in") => {
                Some(Delimiter::Comparison)
            }
            _ => None,
        },
        _ => None,
    }
}
