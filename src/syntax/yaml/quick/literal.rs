//! Texts of several lines behind `|` and `>`.

use serde_json::Value;

use super::cursor::Cursor;
use super::{Found, GivenUp, Node, Read};
use crate::source::TextRange;

/// What becomes of the ends of lines behind the last line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Clip,
    Strip,
    Keep,
}

/// A text under way.
struct Lines {
    text: String,
    is_folded: bool,
    /// Whether the line before ended, and how many empty lines followed.
    ended: bool,
    empty: usize,
    /// Whether the line before begins with a space.
    was_indented: bool,
}

impl Lines {
    fn breaks(&mut self, count: usize) {
        self.text.extend(std::iter::repeat_n('\n', count));
    }

    fn push(&mut self, line: &str) {
        let is_indented = line.starts_with(' ');
        if self.is_folded && self.ended && !self.was_indented && !is_indented {
            match self.empty {
                0 => self.text.push(' '),
                empty => self.breaks(empty),
            }
        } else {
            self.breaks(usize::from(self.ended) + self.empty);
        }
        self.text.push_str(line);
        self.was_indented = is_indented;
        (self.ended, self.empty) = (false, 0);
    }
}

impl<'t> Cursor<'t> {
    /// The text whose `|` or `>` is here, below a collection of this column.
    pub(super) fn literal(&mut self, indent: isize) -> Found<Read<'t>> {
        let is_folded = self.byte(0) == Some(b'>');
        self.at += 1;
        let chomping = match self.byte(0) {
            Some(b'-') => Chomping::Strip,
            Some(b'+') => Chomping::Keep,
            _ => Chomping::Clip,
        };
        if chomping != Chomping::Clip {
            self.at += 1;
        }
        self.rest()?;
        let mut lines = Lines {
            text: String::new(),
            is_folded,
            ended: false,
            empty: 0,
            was_indented: false,
        };
        let mut widest = 0;
        while self.line_end() {
            self.spaces();
            if self.is_line_end() {
                widest = widest.max(self.column());
                lines.empty += 1;
            }
        }
        let (start, inner) = (self.at, self.column());
        if self.is_done() || widest > inner {
            return Err(GivenUp);
        }
        if inner <= indent.max(0) {
            // Lines that are kept without a text are read in different ways.
            return match chomping {
                Chomping::Keep => Err(GivenUp),
                _ => Ok(read(start, self.at, String::new())),
            };
        }
        self.lines(inner, &mut lines)?;
        if chomping != Chomping::Strip {
            lines.text.push('\n');
        }
        if chomping == Chomping::Keep {
            let empty = lines.empty;
            lines.breaks(empty);
        }
        Ok(read(start, self.at, lines.text))
    }

    /// The lines from here on that stand in the column or further in.
    fn lines(&mut self, column: isize, lines: &mut Lines) -> Found<()> {
        while self.column() == column && !self.is_done() {
            let from = self.at;
            self.skip_line();
            lines.push(&self.text[from..self.at]);
            if self.is_done() {
                return Ok(());
            }
            self.line_end();
            lines.ended = true;
            loop {
                while self.byte(0) == Some(b' ') && self.column() < column {
                    self.at += 1;
                }
                if self.is_done() && self.at > self.line {
                    return Err(GivenUp);
                }
                if !self.is_line_end() || self.is_done() {
                    break;
                }
                self.line_end();
                lines.empty += 1;
            }
        }
        Ok(())
    }
}

fn read<'t>(start: usize, end: usize, text: String) -> Read<'t> {
    let value = Value::from(text.as_str());
    (Node::scalar(TextRange::new(start, end), text), value)
}
