//! Block scalars, literal and folded.
//!
//! Given up besides: digits for the indentation, scalars without content, an indentation that cannot be told, and an end of the
//! file without an end of the line.

use serde_json::Value;

use super::super::Node;
use super::{Read, Reader, fold};
use crate::source::TextRange;

/// What becomes of the line ends behind the last line.
#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

impl<'t> Reader<'t> {
    /// A block scalar in the block collection at `parent`. It is said to start with its first character, and to end where the
    /// next line stands less far in.
    pub(super) fn block_scalar(&mut self, parent: Option<usize>) -> Read<'t> {
        let is_folded = self.peek() == b'>';
        let chomping = self.block_header()?;
        let (indent, empty) = self.block_indent(parent)?;
        let start = self.at;
        let mut text = "\n".repeat(empty);
        let line_ends = loop {
            let end = self.line_end(self.at);
            let line = self.text.get(self.at..end)?;
            text.push_str(line);
            self.at = end;
            let (line_ends, goes_on) = self.block_lines(indent);
            if !goes_on {
                break line_ends;
            }
            // Lines that stand further in are not folded.
            let is_plain = !line.starts_with([' ', '\t']) && !matches!(self.peek(), b' ' | b'\t');
            if is_folded && is_plain {
                fold(&mut text, line_ends);
            } else {
                text.extend(std::iter::repeat_n('\n', line_ends));
            }
        };
        let is_file_end = self.at >= self.text.len();
        match chomping {
            Chomping::Strip => {}
            _ if is_file_end && self.line < self.text.len() => return None,
            Chomping::Clip => text.push('\n'),
            Chomping::Keep => text.extend(std::iter::repeat_n('\n', line_ends)),
        }
        let range = TextRange::new(start, self.at);
        if !is_file_end {
            self.at = self.line;
            self.to_token()?;
        }
        let value = Value::from(text.as_str());
        Some((Node::scalar(range, text), value))
    }

    /// Goes over what stands before the first line.
    fn block_header(&mut self) -> Option<Chomping> {
        self.at += 1;
        let chomping = match self.peek() {
            b'-' => Chomping::Strip,
            b'+' => Chomping::Keep,
            _ => Chomping::Clip,
        };
        self.at += usize::from(chomping != Chomping::Clip);
        self.gap()?;
        self.is_line_end().then_some(chomping)
    }

    /// Goes to the first line with content; says how far it stands in, and how many empty lines are before it.
    fn block_indent(&mut self, parent: Option<usize>) -> Option<(usize, usize)> {
        let (mut widest, mut empty) = (0, 0);
        loop {
            self.line = self.line_after(self.at)?;
            self.at = self.behind_spaces(self.line);
            let indent = self.at - self.line;
            match self.peek() {
                b'\n' | b'\r' => (widest, empty) = (widest.max(indent), empty + 1),
                b'\t' => return None,
                _ => {
                    return (Some(indent) > parent && indent >= widest && indent > 0)
                        .then_some((indent, empty));
                }
            }
        }
    }

    /// Goes over the end of a line and empty lines, to where the next line's content can start; says how many line ends these
    /// are, and whether the line belongs to the scalar.
    fn block_lines(&mut self, indent: usize) -> (usize, bool) {
        let mut line_ends = 0;
        while let Some(line) = self.line_after(self.at) {
            line_ends += 1;
            let spaces = self.behind_spaces(line) - line;
            (self.at, self.line) = (line + spaces.min(indent), line);
            if !self.is_line_end() {
                return (line_ends, spaces >= indent);
            }
        }
        (line_ends, false)
    }
}
