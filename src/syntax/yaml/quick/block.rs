//! Collections by indentation.

use super::cursor::Cursor;
use super::{Found, GivenUp, Mapping, Read, Sequence, bounded, nothing};
use crate::source::TextRange;

/// The longest name of a key: readers look no further for its colon.
const LONGEST_KEY: usize = 1000;

/// What stands at a place where a key may stand.
enum Head<'t> {
    /// A key, behind which is its colon.
    Key(Read<'t>),
    /// A whole value.
    Value(Read<'t>),
}

impl<'t> Cursor<'t> {
    /// The value that begins here, below a collection of this column.
    pub(super) fn block(&mut self, indent: isize, depth: usize) -> Found<Read<'t>> {
        bounded(depth)?;
        let column = self.column();
        if self.is_dash() {
            let start = TextRange::new(self.at, self.at);
            return self.sequence(column, Some(start), depth);
        }
        match self.head(indent, depth)? {
            Head::Key(key) => self.mapping(column, key, depth),
            Head::Value(value) => Ok(value),
        }
    }

    fn head(&mut self, indent: isize, depth: usize) -> Found<Head<'t>> {
        let (start, line) = (self.at, self.line);
        let read = match self.byte(0) {
            Some(b'[' | b'{') => self.flow(indent, depth)?,
            Some(b'|' | b'>') => return self.literal(indent).map(Head::Value),
            Some(b'"' | b'\'') => self.quoted(indent)?,
            _ => {
                let key = self.plain_line(false)?;
                if self.byte(0) == Some(b':') {
                    return self.key(start, key);
                }
                return self.plain_from(start, indent).map(Head::Value);
            }
        };
        let is_key = self.byte(0) == Some(b':') && self.line == line;
        if read.1.is_string() && is_key {
            return self.key(start, read);
        }
        self.rest()?;
        Ok(Head::Value(read))
    }

    fn key(&mut self, start: usize, key: Read<'t>) -> Found<Head<'t>> {
        if !self.is_blank(1) || self.at - start > LONGEST_KEY {
            return Err(GivenUp);
        }
        Ok(Head::Key(key))
    }

    /// The mapping whose first key was read.
    fn mapping(&mut self, column: isize, first: Read<'t>, depth: usize) -> Found<Read<'t>> {
        bounded(depth + 1)?;
        let start = first.0.range.start as usize;
        let mut mapping = Mapping::new(TextRange::new(start, start));
        let mut key = first;
        loop {
            let value = self.value(column, depth + 1)?;
            mapping.push(key, value)?;
            self.gap();
            if self.is_end() || self.column() < column {
                return Ok(mapping.done());
            }
            if self.column() > column || self.is_dash() {
                return Err(GivenUp);
            }
            key = match self.head(column, depth + 1)? {
                Head::Key(key) => key,
                Head::Value(_) => return Err(GivenUp),
            };
        }
    }

    /// The value behind a colon in a mapping of this column.
    fn value(&mut self, column: isize, depth: usize) -> Found<Read<'t>> {
        let colon = self.at;
        self.at += 1;
        self.trailing();
        if !self.is_line_end() {
            if self.is_dash() {
                return Err(GivenUp);
            }
            return match self.head(column, depth)? {
                Head::Key(_) => Err(GivenUp),
                Head::Value(value) => Ok(value),
            };
        }
        self.gap();
        if self.is_end() || self.column() < column {
            return Ok(nothing(colon));
        }
        match (self.column() == column, self.is_dash()) {
            // The items may stand in the column of the keys.
            (true, true) => self.sequence(column, None, depth),
            (true, false) => Ok(nothing(colon)),
            (false, _) => self.block(column, depth),
        }
    }

    /// The sequence whose first dash is here; without a start it stands in the column of a mapping's keys and ends with the next.
    fn sequence(
        &mut self,
        column: isize,
        start: Option<TextRange>,
        depth: usize,
    ) -> Found<Read<'t>> {
        bounded(depth + 1)?;
        let mut sequence = start.map(Sequence::new);
        loop {
            self.at += 1;
            self.trailing();
            let mark = self.at;
            if self.is_line_end() {
                self.gap();
            }
            let item = if self.is_end() || self.column() <= column {
                nothing(mark)
            } else {
                self.block(column, depth + 1)?
            };
            let begun = || Sequence::new(TextRange::new(mark, mark));
            sequence.get_or_insert_with(begun).push(item);
            self.gap();
            if !self.is_end() && self.column() == column && self.is_dash() {
                continue;
            }
            let ends = self.is_end() || self.column() < column;
            let next_key = start.is_none() && self.column() == column;
            return match sequence.filter(|_| ends || next_key) {
                Some(sequence) => Ok(sequence.done()),
                None => Err(GivenUp),
            };
        }
    }
}
