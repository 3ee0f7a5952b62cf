//! Plain and quoted scalars.

use std::borrow::Cow;

use serde_json::Value;

use super::cursor::Cursor;
use super::{Found, GivenUp, Node, Read, meaning};
use crate::source::TextRange;

/// What no plain scalar begins with, or only where readers differ.
const INDICATORS: &[u8] = b"?,[]{}#&*!|>'\"%@`";

impl<'t> Cursor<'t> {
    /// The plain scalar of this line. In brackets it ends before one of them, too.
    pub(super) fn plain_line(&mut self, in_flow: bool) -> Found<Read<'t>> {
        let start = self.at;
        let first = self.byte(0).ok_or(GivenUp)?;
        let is_sign = self.is_dash() || self.is_like_mark("---") || self.is_like_mark("...");
        if INDICATORS.contains(&first) || is_sign {
            return Err(GivenUp);
        }
        let end = self.plain_end(in_flow)?;
        if end == start {
            return Err(GivenUp);
        }
        let text = &self.text[start..end];
        scalar(TextRange::new(start, end), text.into())
    }

    /// Goes to where the plain text of this line ends, and over spaces there; the place behind its last character.
    fn plain_end(&mut self, in_flow: bool) -> Found<usize> {
        let (start, mut end) = (self.at, self.at);
        while let Some(byte) = self.byte(0) {
            match byte {
                // Readers differ on a dash before a bracket.
                b'-' if in_flow && self.is_flow(1) && (self.at > end || self.at == start) => {
                    return Err(GivenUp);
                }
                b' ' => {
                    self.spaces();
                    if self.byte(0) == Some(b'#') {
                        self.at = end;
                        break;
                    }
                    continue;
                }
                b'\n' | b'\r' => break,
                b':' if self.is_blank(1) || in_flow && self.is_flow(1) => break,
                _ if in_flow && self.is_flow(0) => break,
                _ => self.at += 1,
            }
            end = self.at;
        }
        Ok(end)
    }

    fn is_flow(&self, further: usize) -> bool {
        matches!(self.byte(further), Some(b',' | b'[' | b']' | b'{' | b'}'))
    }

    /// The plain scalar that began at a place and whose first line was read: further lines stand further in than the column.
    pub(super) fn plain_from(&mut self, start: usize, indent: isize) -> Found<Read<'t>> {
        let mut end = self.text[start..self.at].trim_end_matches(' ').len() + start;
        let mut joined: Option<String> = None;
        loop {
            let (at, line) = (self.at, self.line);
            let breaks = self.blank_lines();
            let goes_on = breaks > 0
                && !self.is_done()
                && self.column() > indent
                && self.byte(0) != Some(b'#');
            if !goes_on {
                (self.at, self.line) = (at, line);
                break;
            }
            if self.is_like_mark("---") || self.is_like_mark("...") {
                return Err(GivenUp);
            }
            let from = self.at;
            let text = joined.get_or_insert_with(|| self.text[start..end].to_owned());
            fold(text, breaks);
            end = self.plain_end(false)?;
            text.push_str(&self.text[from..end]);
            if self.byte(0) == Some(b':') {
                return Err(GivenUp);
            }
        }
        let text = joined.map_or_else(|| self.text[start..end].into(), Cow::Owned);
        self.rest()?;
        scalar(TextRange::new(start, end), text)
    }

    /// Over the end of this line and empty ones below; how many lines end.
    fn blank_lines(&mut self) -> usize {
        let mut breaks = 0;
        self.spaces();
        while self.line_end() {
            breaks += 1;
            self.spaces();
        }
        breaks
    }

    /// A text between quotes. Its place reaches over the spaces and the comment behind it.
    pub(super) fn quoted(&mut self, indent: isize) -> Found<Read<'t>> {
        let start = self.at;
        let quote = self.byte(0).ok_or(GivenUp)?;
        self.at += 1;
        let mut joined: Option<String> = None;
        let mut from = self.at;
        loop {
            let byte = self.byte(0).ok_or(GivenUp)?;
            match byte {
                b'\'' if quote == b'\'' && self.byte(1) == Some(b'\'') => {
                    self.at += 1;
                    joined
                        .get_or_insert_default()
                        .push_str(&self.text[from..self.at]);
                    self.at += 1;
                    from = self.at;
                }
                _ if byte == quote => break,
                b'\\' if quote == b'"' => {
                    let text = joined.get_or_insert_default();
                    text.push_str(&self.text[from..self.at]);
                    text.push(self.escaped()?);
                    from = self.at;
                }
                b'\n' | b'\r' => {
                    let text = joined.get_or_insert_default();
                    text.push_str(self.text[from..self.at].trim_end_matches(' '));
                    let breaks = self.blank_lines();
                    if self.column() <= indent || self.is_end() {
                        return Err(GivenUp);
                    }
                    fold(text, breaks);
                    from = self.at;
                }
                _ => self.at += 1,
            }
        }
        let last = &self.text[from..self.at];
        let text = match joined {
            None => last.into(),
            Some(mut text) => {
                text.push_str(last);
                Cow::Owned(text)
            }
        };
        self.at += 1;
        self.trailing();
        let value = Value::from(text.as_ref());
        Ok((Node::scalar(TextRange::new(start, self.at), text), value))
    }

    /// The character that an escape stands for.
    fn escaped(&mut self) -> Found<char> {
        let meant = match self.byte(1).ok_or(GivenUp)? {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'0' => '\0',
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            b'u' => return self.numbered(4),
            b'x' => return self.numbered(2),
            _ => return Err(GivenUp),
        };
        self.at += 2;
        Ok(meant)
    }

    /// The character of so many hexadecimal digits.
    fn numbered(&mut self, length: usize) -> Found<char> {
        let digits = self.text.get(self.at + 2..self.at + 2 + length);
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += 2 + length;
        number.and_then(char::from_u32).ok_or(GivenUp)
    }
}

/// Joins the next line to a text: one end of a line is a space, more are as many less one.
pub(super) fn fold(text: &mut String, breaks: usize) {
    match breaks {
        1 => text.push(' '),
        _ => text.extend(std::iter::repeat_n('\n', breaks.saturating_sub(1))),
    }
}

fn scalar(range: TextRange, text: Cow<'_, str>) -> Found<Read<'_>> {
    let value = meaning(&text)?.unwrap_or_else(|| text.as_ref().into());
    Ok((Node::scalar(range, text), value))
}
