//! Collections between brackets.

use super::cursor::Cursor;
use super::{Found, GivenUp, Mapping, Read, Sequence, bounded, nothing};
use crate::source::TextRange;

impl<'t> Cursor<'t> {
    /// The collection that begins here, whose lines stand further in than the column.
    pub(super) fn flow(&mut self, indent: isize, depth: usize) -> Found<Read<'t>> {
        bounded(depth + 1)?;
        let start = self.at;
        let is_sequence = self.byte(0) == Some(b'[');
        self.at += 1;
        self.trailing();
        let range = TextRange::new(start, self.at);
        if is_sequence {
            self.items(Sequence::new(range), indent, depth + 1)
        } else {
            self.pairs(Mapping::new(range), indent, depth + 1)
        }
    }

    fn items(
        &mut self,
        mut sequence: Sequence<'t>,
        indent: isize,
        depth: usize,
    ) -> Found<Read<'t>> {
        loop {
            self.inner_gap(indent)?;
            if self.byte(0) == Some(b']') {
                self.close(sequence.range, sequence.items.is_empty(), indent)?;
                return Ok(sequence.done());
            }
            sequence.push(self.inner(indent, depth)?);
            self.inner_gap(indent)?;
            self.separator(b']')?;
        }
    }

    fn pairs(&mut self, mut mapping: Mapping<'t>, indent: isize, depth: usize) -> Found<Read<'t>> {
        loop {
            self.inner_gap(indent)?;
            if self.byte(0) == Some(b'}') {
                self.close(mapping.range, mapping.entries.is_empty(), indent)?;
                return Ok(mapping.done());
            }
            let line = self.line;
            let is_quoted = matches!(self.byte(0), Some(b'"' | b'\''));
            let key = if is_quoted {
                self.quoted(indent)?
            } else {
                self.plain_line(true)?
            };
            self.spaces();
            let is_parted = is_quoted || self.is_blank(1);
            if self.byte(0) != Some(b':') || self.line != line || !is_parted {
                return Err(GivenUp);
            }
            let colon = self.at;
            self.at += 1;
            self.inner_gap(indent)?;
            let value = match self.byte(0) {
                Some(b'}') if self.column() <= indent => return Err(GivenUp),
                Some(b',' | b'}') => nothing(colon),
                _ => self.inner(indent, depth)?,
            };
            mapping.push(key, value)?;
            self.inner_gap(indent)?;
            self.separator(b'}')?;
        }
    }

    /// Over the closing bracket of a collection. Readers differ on one in the column around it where nothing stands before it, or a
    /// comment.
    fn close(&mut self, range: TextRange, is_empty: bool, indent: isize) -> Found<()> {
        let is_disputed = || is_empty || self.comment >= range.start as usize;
        if self.column() <= indent && is_disputed() {
            return Err(GivenUp);
        }
        self.at += 1;
        Ok(())
    }

    /// A value within brackets.
    fn inner(&mut self, indent: isize, depth: usize) -> Found<Read<'t>> {
        bounded(depth)?;
        match self.byte(0) {
            Some(b'[' | b'{') => self.flow(indent, depth),
            Some(b'"' | b'\'') => self.quoted(indent),
            _ => self.plain_line(true),
        }
    }

    /// Over a comma; the closing bracket stays.
    fn separator(&mut self, close: u8) -> Found<()> {
        match self.byte(0) {
            Some(b',') => self.at += 1,
            Some(byte) if byte == close => {}
            _ => return Err(GivenUp),
        }
        Ok(())
    }

    /// Over spaces, comments and ends of lines. A line stands further in than the column, but a bracket that closes may stand in it.
    fn inner_gap(&mut self, indent: isize) -> Found<()> {
        let line = self.line;
        self.gap();
        let least = match self.byte(0) {
            Some(b']' | b'}') => indent,
            _ => indent + 1,
        };
        let is_in = self.line == line || self.column() >= least;
        if is_in && !self.is_end() {
            Ok(())
        } else {
            Err(GivenUp)
        }
    }
}
