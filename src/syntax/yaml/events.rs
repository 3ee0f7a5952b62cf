//! The events of `saphyr-parser`, with places in bytes.

use saphyr_parser::{Event, Parser, StrInput};

use crate::source::TextRange;

/// Where a text is no YAML, in bytes, and why.
pub(super) type Problem = (usize, String);

/// A text's events.
pub(super) struct Events<'t> {
    parser: Parser<'t, StrInput<'t>>,
    /// Byte offsets by character, for texts that are not ASCII.
    offsets: Option<Vec<u32>>,
    length: usize,
}

impl<'t> Events<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let offsets = (!text.is_ascii()).then(|| {
            text.char_indices()
                .map(|(at, _)| TextRange::new(at, at).start)
                .collect()
        });
        Self {
            parser: Parser::new_from_str(text),
            offsets,
            length: text.len(),
        }
    }

    /// The next event and its place; nothing behind the last.
    pub(super) fn next(&mut self) -> Result<Option<(Event<'t>, TextRange)>, Problem> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok((event, span))) => {
                let (start, end) = (span.start.index(), span.end.index());
                let range = TextRange::new(self.offset(start), self.offset(end));
                Ok(Some((event, range)))
            }
            Some(Err(error)) => {
                let at = self.offset(error.marker().index());
                Err((at, error.info().to_owned()))
            }
        }
    }

    fn offset(&self, character: usize) -> usize {
        match &self.offsets {
            None => character.min(self.length),
            Some(offsets) => offsets
                .get(character)
                .map_or(self.length, |at| *at as usize),
        }
    }
}
