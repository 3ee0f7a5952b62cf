//! Regular expressions to shapes of texts that they match.
//!
//! The syntax tree is walked with fixed choices: of alternatives one, of a class one character, of a repetition the fewest. What
//! a look-around asserts is not solved: whether a text matches is for the evaluator. A pattern that does not parse has no shape.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::shape::Shape;

/// How many texts are made of one pattern, by other choices.
const ROUNDS: usize = 6;

/// How long a text may become, in bytes.
const LONGEST: usize = 4_000;

/// What is taken of a class, if it is in it.
const PREFERRED: &[char] = &['a', '1', 'A', '_', ' ', '-', '.', '/', '\\'];

/// How many characters a class has that takes nearly any.
const MANY: u32 = 60_000;

/// The shapes of texts in which the pattern is found.
pub(super) fn shapes(pattern: &str, ignore_case: bool) -> Vec<Shape> {
    let parsed = ParserBuilder::new()
        .case_insensitive(ignore_case)
        .build()
        .parse(pattern);
    let Ok(tree) = parsed else {
        return Vec::new();
    };
    let mut shapes = Vec::new();
    for round in 0..ROUNDS {
        let mut walk = Walk::new(round);
        if walk.add(&tree).is_some() {
            let shape = walk.finish();
            if !shapes.contains(&shape) {
                shapes.push(shape);
            }
        }
    }
    shapes
}

/// A text in the making.
struct Walk {
    /// Which choices are made.
    round: usize,
    runs: Vec<String>,
    /// Whether the text starts, and whether it ends, where the pattern does.
    starts: bool,
    ends: bool,
    length: usize,
}

impl Walk {
    fn new(round: usize) -> Self {
        Self {
            round,
            runs: vec![String::new()],
            starts: false,
            ends: false,
            length: 0,
        }
    }

    fn finish(self) -> Shape {
        let mut runs = self.runs;
        if !self.starts {
            runs.insert(0, String::new());
        }
        if !self.ends {
            runs.push(String::new());
        }
        Shape::runs(runs)
    }

    /// Adds a text that the tree matches; nothing where there is none, or where it is too long.
    fn add(&mut self, tree: &Hir) -> Option<()> {
        match tree.kind() {
            HirKind::Empty => Some(()),
            HirKind::Literal(literal) => self.push(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => {
                let chosen = self.chosen(class)?;
                self.push(chosen.encode_utf8(&mut [0; 4]))
            }
            HirKind::Look(look) => {
                self.look(*look);
                Some(())
            }
            HirKind::Repetition(repetition) => self.repeat(repetition),
            HirKind::Capture(capture) => self.add(&capture.sub),
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.add(part)),
            HirKind::Alternation(parts) => self.add(parts.get(self.round % parts.len())?),
        }
    }

    fn push(&mut self, text: &str) -> Option<()> {
        self.length += text.len();
        self.ends &= text.is_empty();
        self.runs.last_mut()?.push_str(text);
        (self.length <= LONGEST).then_some(())
    }

    fn repeat(&mut self, repetition: &Repetition) -> Option<()> {
        // Of what may be left out, every other round takes one.
        let least = usize::try_from(repetition.min).ok()?;
        let taken = if self.round % 2 == 1 && repetition.max != Some(repetition.min) {
            least + 1
        } else {
            least
        };
        if repetition.max.is_none() && takes_nearly_any(&repetition.sub) {
            (0..least).try_for_each(|_| self.add(&repetition.sub))?;
            self.runs.push(String::new());
            self.ends = false;
            return Some(());
        }
        (0..taken).try_for_each(|_| self.add(&repetition.sub))
    }

    fn look(&mut self, look: Look) {
        match look {
            Look::Start | Look::StartLF | Look::StartCRLF => {
                self.starts |= self.runs.len() == 1 && self.length == 0;
            }
            Look::End | Look::EndLF | Look::EndCRLF => self.ends = true,
            _ => {}
        }
    }

    fn chosen(&self, class: &Class) -> Option<char> {
        let Class::Unicode(class) = class else {
            let Class::Bytes(class) = class else {
                return None;
            };
            return Some(char::from(class.ranges().first()?.start()));
        };
        let ranges = class.ranges();
        let holds = |c: &char| {
            ranges
                .iter()
                .any(|range| (range.start()..=range.end()).contains(c))
        };
        let preferred: Vec<char> = PREFERRED.iter().copied().filter(holds).collect();
        if preferred.is_empty() {
            let ranges: Vec<_> = ranges.iter().filter(|range| range.end() >= ' ').collect();
            let range = ranges.get(self.round % ranges.len().max(1))?;
            return Some(range.start().max(' '));
        }
        preferred.get(self.round / 2 % preferred.len()).copied()
    }
}

fn takes_nearly_any(tree: &Hir) -> bool {
    let HirKind::Class(Class::Unicode(class)) = tree.kind() else {
        return false;
    };
    let size = |start: char, end: char| u32::from(end) - u32::from(start);
    let sizes = class
        .ranges()
        .iter()
        .map(|range| size(range.start(), range.end()));
    sizes.sum::<u32>() > MANY * 10
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthesis::shape::compose;

    #[test]
    fn made_texts_match() {
        for pattern in [
            "abc",
            "^a.*b$",
            "(?:foo|bar)[0-9]{3}",
            "\\\\[a-z]{6}\\.exe$",
            "\\s+-e(nc)?\\s",
            "[^\\x00-\\x7f]",
            "(?i)ABC$",
            "^$",
        ] {
            let regex = ::regex::Regex::new(pattern).unwrap();
            let shapes = shapes(pattern, false);
            let mut texts = shapes.iter().flat_map(|shape| compose(&[shape]));
            assert!(texts.any(|text| regex.is_match(&text)), "{pattern}");
        }
    }

    #[test]
    fn every_alternative_comes() {
        let shapes = shapes("^(?:foo|bar)$", false);
        assert_eq!(shapes, [Shape::whole("foo"), Shape::whole("bar")]);
    }

    #[test]
    fn too_long_a_text_is_none() {
        assert!(shapes("a{5000}", false).is_empty());
        assert!(shapes("(", false).is_empty());
    }
}
