//! The splitting itself: at the last pair of brackets, and at delimiters.

use std::collections::BTreeSet;

use super::leaf::{Kind, Leaf, Leaves};
use super::line::{Delimiter, Line};

/// A line that was not split after all.
struct Unsplit;

/// A line split at a pair of brackets.
struct Parts {
    head: Line,
    body: Line,
    tail: Line,
    open: usize,
    close: usize,
}

/// How a line is split.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Into one line per operand or item.
    AtDelimiters,
    /// At brackets, invisible ones only where they help.
    AtBrackets,
}

/// Splits the lines of one statement.
pub(super) struct Splitter<'t> {
    all: Leaves<'t>,
}

impl<'t> Splitter<'t> {
    pub(super) fn new(all: Leaves<'t>) -> Self {
        Self { all }
    }

    /// The physical lines of the whole statement.
    pub(super) fn statement(mut self, depth: usize) -> Vec<String> {
        let line = Line::tracked((0..self.all.len()).collect(), depth, false, &self.all);
        let lines = self.lines(&line, false);
        lines.iter().map(|line| line.text(&self.all)).collect()
    }

    /// The physical lines of an item of a display.
    pub(super) fn item(mut self, depth: usize) -> Vec<String> {
        let line = Line::tracked((0..self.all.len()).collect(), depth, true, &self.all);
        let lines = self.lines(&line, false);
        lines.iter().map(|line| line.text(&self.all)).collect()
    }

    /// The line, split until it fits or cannot be split. `forced` keeps invisible parentheses that would help to be avoided.
    fn lines(&mut self, line: &Line, forced: bool) -> Vec<Line> {
        if line.fits(&self.all) && !line.forced {
            return vec![line.clone()];
        }
        let ways: &[Way] = if line.inside {
            &[Way::AtDelimiters, Way::AtBrackets]
        } else {
            &[Way::AtBrackets]
        };
        for way in ways {
            if let Ok(lines) = self.attempt(line, *way, forced) {
                return lines;
            }
        }
        vec![line.clone()]
    }

    fn attempt(&mut self, line: &Line, way: Way, forced: bool) -> Result<Vec<Line>, Unsplit> {
        let before = line.text(&self.all);
        let split = match way {
            Way::AtDelimiters => self.at_delimiters(line)?,
            Way::AtBrackets => self.at_brackets(line, forced)?,
        };
        let mut lines = Vec::new();
        for part in split {
            if part.reads(&before, &self.all) {
                return Err(Unsplit);
            }
            lines.extend(self.lines(&part, forced));
        }
        if way == Way::AtBrackets && !forced && self.wants_second_opinion(line, &lines) {
            let copy = self.all.duplicate(&line.leaves);
            let mut copy = Line::tracked(copy, line.depth, line.inside, &self.all);
            copy.forced = line.forced;
            let other = self.attempt(&copy, way, true)?;
            if other.iter().all(|line| line.fits(&self.all)) {
                return Ok(other);
            }
        }
        Ok(lines)
    }

    /// Whether invisible parentheses were avoided at the price of a first line that is too long.
    fn wants_second_opinion(&self, line: &Line, lines: &[Line]) -> bool {
        let parenthesis = |leaf: &&usize| {
            matches!(
                self.all[**leaf].kind,
                Kind::Open { atom: true } | Kind::Close
            )
        };
        let invisible = line
            .leaves
            .iter()
            .filter(parenthesis)
            .any(|leaf| self.all[*leaf].text.is_empty());
        invisible && !lines.first().is_some_and(|first| first.fits(&self.all))
    }

    fn at_delimiters(&mut self, line: &Line) -> Result<Vec<Line>, Unsplit> {
        let delimiter = line.loosest(false).ok_or(Unsplit)?;
        if delimiter == Delimiter::Dot && line.count(delimiter) == 1 {
            return Err(Unsplit);
        }
        let mut groups: Vec<Vec<usize>> = vec![Vec::new()];
        let mut ends = line.delimiters.iter().filter(|(_, it)| *it == delimiter);
        let mut end = ends.next();
        for leaf in &line.leaves {
            if let Some(group) = groups.last_mut() {
                group.push(*leaf);
            }
            if end.is_some_and(|(end, _)| end == leaf) {
                end = ends.next();
                groups.push(Vec::new());
            }
        }
        groups.retain(|group| !group.is_empty());
        if let Some(last) = groups.last_mut()
            && delimiter == Delimiter::Comma
            && last
                .last()
                .is_some_and(|leaf| self.all[*leaf].kind != Kind::Comma)
        {
            last.push(self.all.push(Leaf {
                text: ",",
                space: false,
                kind: Kind::Comma,
                pair: None,
            }));
        }
        let lines = groups
            .into_iter()
            .map(|leaves| Line::tracked(leaves, line.depth, line.inside, &self.all));
        Ok(lines.collect())
    }

    /// Splits at the last pair of brackets for which the first line fits; trailers to its right stay together.
    fn at_brackets(&mut self, line: &Line, forced: bool) -> Result<Vec<Line>, Unsplit> {
        let mut trailers = Trailers::new(line);
        while let Some(omit) = trailers.next(&self.all) {
            let lines = self.right_hand(line, &omit, forced)?;
            if lines.first().is_some_and(|first| first.fits(&self.all)) {
                return Ok(lines);
            }
        }
        self.right_hand(line, &BTreeSet::new(), forced)
    }

    fn right_hand(
        &mut self,
        line: &Line,
        omit: &BTreeSet<usize>,
        forced: bool,
    ) -> Result<Vec<Line>, Unsplit> {
        let parts = self.last_pair(line, omit)?;
        self.without_parentheses(parts, line, omit, forced)
    }

    /// The parts as they are, or split at another pair where the invisible parentheses of the given one are not needed.
    fn without_parentheses(
        &mut self,
        parts: Parts,
        line: &Line,
        omit: &BTreeSet<usize>,
        forced: bool,
    ) -> Result<Vec<Line>, Unsplit> {
        let invisible =
            self.all[parts.open].text.is_empty() && self.all[parts.close].text.is_empty();
        if !forced && invisible && self.reads_well_without(&parts.body) {
            let mut omit = omit.clone();
            omit.insert(parts.close);
            let attempt = match self.last_pair(line, &omit) {
                Ok(other) => self.without_parentheses(other, line, &omit, forced),
                Err(unsplit) => Err(unsplit),
            };
            if attempt.is_ok() {
                return attempt;
            }
            if !self.can_be_split(&parts.body) && !parts.body.fits(&self.all) {
                return Err(Unsplit);
            }
        }
        self.all.show(parts.open, parts.close);
        let lines = [parts.head, parts.body, parts.tail];
        Ok(lines
            .into_iter()
            .filter(|line| !line.leaves.is_empty())
            .collect())
    }

    /// The line split at its last pair of brackets that is not left out.
    fn last_pair(&self, line: &Line, omit: &BTreeSet<usize>) -> Result<Parts, Unsplit> {
        let (mut head, mut body, mut tail) = (Vec::new(), Vec::new(), Vec::new());
        let mut pair: Option<(usize, usize)> = None;
        // Where the next leaf goes, from the right: 0 tail, 1 body, 2 head.
        let mut place = 0;
        for &leaf in line.leaves.iter().rev() {
            if place == 1 && pair.is_some_and(|(open, _)| open == leaf) {
                place = if body.is_empty() { 0 } else { 2 };
            }
            [&mut tail, &mut body, &mut head][place].push(leaf);
            if place == 0
                && self.all[leaf].kind == Kind::Close
                && !omit.contains(&leaf)
                && let Some(open) = self.all[leaf].pair
            {
                pair = Some((open, leaf));
                place = 1;
            }
        }
        let Some((open, close)) = pair.filter(|_| !head.is_empty()) else {
            return Err(Unsplit);
        };
        for leaves in [&mut head, &mut body, &mut tail] {
            leaves.reverse();
        }
        let tail = Line::plain(tail, line.depth);
        if body.is_empty() && tail.text(&self.all).trim().len() < 3 {
            return Err(Unsplit);
        }
        let mut body = Line::tracked(body, line.depth + 1, true, &self.all);
        // The items of a display stand on lines of their own, even if all would fit on one.
        let display = self.all[open].kind == (Kind::Open { atom: true });
        body.forced = display && body.loosest(false) == Some(Delimiter::Comma);
        let head = Line::plain(head, line.depth);
        Ok(Parts {
            head,
            body,
            tail,
            open,
            close,
        })
    }

    fn can_be_split(&self, line: &Line) -> bool {
        let second = line.leaves.get(1).map(|leaf| self.all[*leaf].kind);
        match (line.leaves.first().map(|leaf| self.all[*leaf].kind), second) {
            // A method of a text constant is not worth parentheses.
            (_, None) | (Some(Kind::Text), Some(Kind::Dot)) => false,
            _ => true,
        }
    }

    /// Whether the body of invisible parentheses can do without them: it has at most one loosest delimiter, and starts or ends
    /// with brackets that it can be split in.
    fn reads_well_without(&self, body: &Line) -> bool {
        let Some(delimiter) = body.loosest(true) else {
            return true;
        };
        if body.count(delimiter) > 1 {
            return false;
        }
        if delimiter == Delimiter::Dot {
            return true;
        }
        let kind = |at: usize| body.leaves.get(at).map(|leaf| self.all[*leaf].kind);
        let count = body.leaves.len();
        if matches!(kind(0), Some(Kind::Open { .. }))
            && kind(1) != Some(Kind::Close)
            && self.opens_well(body)
        {
            return true;
        }
        let last = &self.all[body.leaves[count - 1]];
        // An index is not a place to split at.
        let index = last.text == "]"
            && last
                .pair
                .is_some_and(|open| self.all[open].kind == (Kind::Open { atom: false }));
        last.kind == Kind::Close
            && !index
            && !matches!(kind(count - 2), Some(Kind::Open { .. }))
            && self.closes_well(body)
    }

    /// Whether what follows the first bracket's pair fits, as far as it cannot be split itself.
    fn opens_well(&self, body: &Line) -> bool {
        let mut remainder = false;
        let mut length = 4 * body.depth;
        for (at, &leaf) in body.leaves.iter().enumerate() {
            if self.all[leaf].kind == Kind::Close && self.all[leaf].pair == Some(body.leaves[0]) {
                remainder = true;
            }
            if remainder {
                length += body.leaf_width(at, &self.all);
                if length > super::WIDTH {
                    return false;
                }
                if matches!(self.all[leaf].kind, Kind::Open { .. }) {
                    remainder = false;
                }
            }
        }
        true
    }

    /// Whether what stands before the last pair of brackets fits, or can be split itself.
    fn closes_well(&self, body: &Line) -> bool {
        let last = body.leaves[body.leaves.len() - 1];
        let mut length = 4 * body.depth;
        let mut other_brackets = false;
        for (at, &leaf) in body.leaves.iter().enumerate() {
            length += body.leaf_width(at, &self.all);
            if self.all[last].pair == Some(leaf) {
                return other_brackets || length <= super::WIDTH;
            }
            other_brackets |= matches!(self.all[leaf].kind, Kind::Open { .. });
        }
        false
    }
}

/// The sets of closing brackets to leave out when looking for the last pair, each one trailer longer than the one before, as
/// long as the trailers fit on one line.
struct Trailers<'l> {
    line: &'l Line,
    started: bool,
    done: bool,
    at: usize,
    length: usize,
    omit: BTreeSet<usize>,
    inner: Vec<usize>,
    open: Option<usize>,
    close: Option<usize>,
}

impl<'l> Trailers<'l> {
    fn new(line: &'l Line) -> Self {
        Self {
            line,
            started: false,
            done: false,
            at: line.leaves.len(),
            length: 4 * line.depth,
            omit: BTreeSet::new(),
            inner: Vec::new(),
            open: None,
            close: None,
        }
    }

    fn next(&mut self, all: &Leaves<'_>) -> Option<BTreeSet<usize>> {
        if !self.started {
            self.started = true;
            return Some(BTreeSet::new());
        }
        while self.at > 0 && !self.done {
            self.at -= 1;
            let leaf = self.line.leaves[self.at];
            self.length += self.line.leaf_width(self.at, all);
            if self.length > super::WIDTH {
                break;
            }
            if let Some(open) = self.open {
                if leaf == open {
                    self.open = None;
                } else if all[leaf].kind == Kind::Close {
                    self.inner.push(leaf);
                }
            } else if all[leaf].kind == Kind::Close && self.closes(leaf, all) {
                return Some(self.omit.clone());
            }
        }
        self.done = true;
        None
    }

    /// Takes a closing bracket outside of any trailer; whether the set has grown by the trailer before it.
    fn closes(&mut self, leaf: usize, all: &Leaves<'_>) -> bool {
        let previous = self
            .at
            .checked_sub(1)
            .map(|before| self.line.leaves[before]);
        if previous.is_some_and(|previous| matches!(all[previous].kind, Kind::Open { .. })) {
            self.inner.push(leaf);
            return false;
        }
        let grown = self.close.is_some_and(|close| {
            self.omit.insert(close);
            self.omit.extend(self.inner.drain(..));
            true
        });
        if !all[leaf].text.is_empty() {
            self.open = all[leaf].pair;
            self.close = Some(leaf);
        }
        grown
    }
}
