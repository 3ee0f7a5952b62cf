//! Plain scalars: where they end, and what they mean.
//!
//! Given up besides: scalars that start with `?` or `:`, scalars with tabs, and integers of more than 64 bits.

use std::borrow::Cow;

use serde_json::Value;

use super::super::{Node, thorough};
use super::{LONGEST_KEY, Reader, Token, fold};
use crate::source::TextRange;

impl<'t> Reader<'t> {
    /// A plain scalar in the block collection at `parent`, or a key.
    pub(super) fn plain(&mut self, parent: Option<usize>) -> Option<Token<'t>> {
        let start = self.at;
        self.starts_plain(false).then_some(())?;
        let mut end = self.plain_line(false)?;
        let mut text = Cow::Borrowed(self.text.get(start..end)?);
        if self.is_colon() {
            let is_key = text.len() <= LONGEST_KEY && meaning(&text)?.is_none();
            let key = Node::scalar(TextRange::new(start, end), text);
            return is_key.then_some(Token::Key(key));
        }
        loop {
            let before = (self.at, self.line);
            let Some(line_ends) = self.further_line(parent) else {
                break;
            };
            if self.peek() == b'#' {
                (self.at, self.line) = before;
                break;
            }
            let from = self.at;
            self.is_no_mark().then_some(())?;
            end = self.plain_line(false)?;
            if self.is_colon() {
                return None;
            }
            fold(text.to_mut(), line_ends);
            text.to_mut().push_str(self.text.get(from..end)?);
        }
        self.finish_line()?;
        let value = meaning(&text)?.unwrap_or_else(|| text.as_ref().into());
        let node = Node::scalar(TextRange::new(start, end), text);
        Some(Token::Value(node, value))
    }

    /// Whether this is nothing that one of the parsers takes for a mark between documents, on any column.
    fn is_no_mark(&self) -> bool {
        !self.is_word("---") && !self.is_word("...")
    }

    fn is_colon(&self) -> bool {
        self.peek() == b':'
    }

    /// Goes over the part of a plain scalar that is on this line, to what ends it; says where its last character ends.
    pub(super) fn plain_line(&mut self, in_flow: bool) -> Option<usize> {
        let is_flow = |byte: u8| in_flow && b",[]{}".contains(&byte);
        let mut end = self.at;
        loop {
            let (byte, next) = (self.peek(), self.byte(self.at + 1));
            match byte {
                b'\n' | b'\r' => return Some(end),
                b'\t' => return None,
                b':' if self.is_blank(self.at + 1) => return Some(end),
                b':' if is_flow(next) || (in_flow && next == b'?') => return None,
                b'#' | b'-' if end == self.at => {}
                b'#' => {
                    // The spaces before a comment are its own.
                    self.at = end;
                    return Some(end);
                }
                b'-' if is_flow(next) => return None,
                byte if is_flow(byte) => return Some(end),
                _ => {}
            }
            self.at += 1;
            if byte != b' ' {
                end = self.at;
            }
        }
    }

    /// Whether a plain scalar can start here.
    pub(super) fn starts_plain(&self, in_flow: bool) -> bool {
        let next = self.byte(self.at + 1);
        match self.peek() {
            b'-' | b'.' if !self.is_no_mark() => false,
            b'-' => !self.is_blank(self.at + 1) && !(in_flow && b",[]{}".contains(&next)),
            byte => !b" \t\r\n?:,[]{}#&*!|>'\"%@`".contains(&byte),
        }
    }

    /// Goes to the next line of a scalar of several lines in the collection at `parent`, and says how many line ends are before
    /// it; nothing where the scalar does not go on.
    pub(super) fn further_line(&mut self, parent: Option<usize>) -> Option<usize> {
        // At the margin a line can end the document.
        if parent.is_none() || !self.is_line_end() {
            return None;
        }
        let (mut end, mut line_ends) = (self.at, 0);
        loop {
            let line = self.line_after(end)?;
            end = self.behind_spaces(line);
            line_ends += 1;
            match self.byte(end) {
                b'\n' | b'\r' => {}
                b'\t' => return None,
                _ if Some(end - line) <= parent => return None,
                _ => {
                    (self.at, self.line) = (end, line);
                    return Some(line_ends);
                }
            }
        }
    }
}

/// What a plain scalar means where it is no text: null, a truth value, or a number.
pub(super) fn meaning(text: &str) -> Option<Option<Value>> {
    let meaning = match text {
        "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => {
            return match thorough::number(text) {
                None if is_integer(text) => None,
                number => Some(number),
            };
        }
        _ => return Some(None),
    };
    Some(Some(meaning))
}

/// Whether a text has the shape of an integer, of any size; with zeros in front it is a text.
fn is_integer(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    let all = |digits: &str, radix| digits.chars().all(|digit| digit.is_digit(radix));
    let prefixed = |prefix, radix| {
        let digits: Option<&str> = digits.strip_prefix(prefix);
        digits.is_some_and(|digits| all(digits, radix))
    };
    let decimal = all(digits, 10) && (digits.len() == 1 || !digits.starts_with('0'));
    decimal || prefixed("0x", 16) || prefixed("0o", 8) || prefixed("0b", 2)
}
