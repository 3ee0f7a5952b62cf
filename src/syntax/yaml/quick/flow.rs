//! Flow collections and quoted scalars.
//!
//! Given up besides: pairs in sequences, keys without a value, entries that are not written, plain scalars of several lines, and
//! lines that stand no further in than the block around them.

use std::borrow::Cow;

use serde_json::Value;

use super::super::{Content, Node};
use super::plain::meaning;
use super::{LONGEST_KEY, Read, Reader, fold, mapped};
use crate::source::TextRange;

impl<'t> Reader<'t> {
    /// A value in a flow collection, or a flow collection in the block collection at `parent`.
    pub(super) fn flow(&mut self, parent: Option<usize>) -> Read<'t> {
        match self.peek() {
            b'[' => self.flow_sequence(parent),
            b'{' => self.flow_mapping(parent),
            b'"' | b'\'' => {
                let node = self.quoted(parent)?;
                let value = node.as_text()?.into();
                Some((node, value))
            }
            _ => {
                let (range, text) = self.flow_plain()?;
                let value = meaning(text)?.unwrap_or_else(|| text.into());
                Some((Node::scalar(range, text), value))
            }
        }
    }

    fn flow_sequence(&mut self, parent: Option<usize>) -> Read<'t> {
        let mut range = self.open(parent)?;
        let (mut nodes, mut items) = (Vec::new(), Vec::new());
        while self.peek() != b']' {
            let (node, value) = self.flow(parent)?;
            range = range.cover(node.range);
            nodes.push(node);
            items.push(value);
            self.end_entry(parent, b']')?;
        }
        self.close();
        let content = Content::Sequence(nodes);
        Some((Node { range, content }, Value::Array(items)))
    }

    fn flow_mapping(&mut self, parent: Option<usize>) -> Read<'t> {
        let mut range = self.open(parent)?;
        let (mut entries, mut values) = (Vec::new(), Vec::new());
        while self.peek() != b'}' {
            let key = self.flow_key(parent)?;
            self.flow_gap(parent)?;
            let (node, value) = self.flow(parent)?;
            range = range.cover(node.range);
            entries.push((key, node));
            values.push(value);
            self.end_entry(parent, b'}')?;
        }
        self.close();
        mapped(range, entries, values)
    }

    /// A key and its colon.
    fn flow_key(&mut self, parent: Option<usize>) -> Option<Node<'t>> {
        let (start, line) = (self.at, self.line);
        let key = match self.peek() {
            b'[' | b'{' => return None,
            b'"' | b'\'' => self.quoted(parent)?,
            _ => {
                let (range, text) = self.flow_plain()?;
                meaning(text)?
                    .is_none()
                    .then(|| Node::scalar(range, text))?
            }
        };
        self.gap()?;
        let is_key = self.peek() == b':' && self.line == line && self.at - start <= LONGEST_KEY;
        self.at += 1;
        is_key.then_some(key)
    }

    /// Goes over an opening bracket, to the first token behind it. A collection is said to start with what is on its line up to
    /// that.
    fn open(&mut self, parent: Option<usize>) -> Option<TextRange> {
        self.enter()?;
        let start = self.at;
        self.at += 1;
        self.gap()?;
        let range = TextRange::new(start, self.at);
        self.flow_gap(parent)?;
        Some(range)
    }

    fn close(&mut self) {
        self.at += 1;
        self.depth -= 1;
    }

    /// Goes over a comma, to the next entry; what is here otherwise must be the closing bracket.
    fn end_entry(&mut self, parent: Option<usize>, close: u8) -> Option<()> {
        self.flow_gap(parent)?;
        if self.peek() == b',' {
            self.at += 1;
            self.flow_gap(parent)
        } else {
            (self.peek() == close).then_some(())
        }
    }

    /// Goes to the next token of a flow collection.
    fn flow_gap(&mut self, parent: Option<usize>) -> Option<()> {
        let line = self.line;
        self.gap()?;
        if self.is_line_end() {
            self.to_token()?;
        }
        (self.line == line || self.column() > parent).then_some(())
    }

    /// A plain scalar on one line.
    fn flow_plain(&mut self) -> Option<(TextRange, &'t str)> {
        let start = self.at;
        self.starts_plain(true).then_some(())?;
        let end = self.plain_line(true)?;
        let range = TextRange::new(start, end);
        Some((range, self.text.get(range.indices())?))
    }

    /// A scalar in quotes. It is said to end behind the spaces and the comment that follow it.
    pub(super) fn quoted(&mut self, parent: Option<usize>) -> Option<Node<'t>> {
        let start = self.at;
        let quote = self.peek();
        self.at += 1;
        // What was read, where that is not the text as it stands.
        let mut read: Option<String> = None;
        let text = loop {
            let rest = self.text.get(self.at..)?;
            let is_special = |byte: &u8| *byte == quote || matches!(byte, b'\n' | b'\r' | b'\\');
            let length = rest.bytes().position(|byte| is_special(&byte))?;
            let piece = &rest[..length];
            self.at += length;
            match self.peek() {
                b'\\' if quote == b'\'' => {
                    let read = read.get_or_insert_default();
                    read.push_str(piece);
                    read.push('\\');
                    self.at += 1;
                }
                b'\\' => {
                    let read = read.get_or_insert_default();
                    read.push_str(piece);
                    read.push(self.escape()?);
                }
                b'\n' | b'\r' => {
                    let read = read.get_or_insert_default();
                    read.push_str(piece.trim_end_matches([' ', '\t']));
                    fold(read, self.further_line(parent)?);
                }
                _ if quote == b'\'' && self.byte(self.at + 1) == quote => {
                    let read = read.get_or_insert_default();
                    read.push_str(piece);
                    read.push('\'');
                    self.at += 2;
                }
                _ => match read {
                    None => break Cow::Borrowed(piece),
                    Some(read) => break Cow::Owned(read + piece),
                },
            }
        };
        self.at += 1;
        self.gap()?;
        Some(Node::scalar(TextRange::new(start, self.at), text))
    }

    /// The character that an escape stands for; goes over it.
    fn escape(&mut self) -> Option<char> {
        let (length, read) = match self.byte(self.at + 1) {
            b'0' => (2, '\0'),
            b'a' => (2, '\x07'),
            b'b' => (2, '\x08'),
            b't' => (2, '\t'),
            b'n' => (2, '\n'),
            b'v' => (2, '\x0b'),
            b'f' => (2, '\x0c'),
            b'r' => (2, '\r'),
            b'e' => (2, '\x1b'),
            plain @ (b' ' | b'"' | b'/' | b'\\') => (2, char::from(plain)),
            b'x' => (4, self.code(2)?),
            b'u' => (6, self.code(4)?),
            b'U' => (10, self.code(8)?),
            _ => return None,
        };
        self.at += length;
        Some(read)
    }

    /// The character of an escape with so many digits.
    fn code(&self, digits: usize) -> Option<char> {
        let start = self.at + 2;
        let digits = self.text.get(start..start + digits)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        plain
            .then(|| u32::from_str_radix(digits, 16).ok())
            .flatten()
            .and_then(char::from_u32)
    }
}
