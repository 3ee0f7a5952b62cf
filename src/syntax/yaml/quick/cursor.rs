//! A place in a text, and the steps that lead over what means nothing.

use super::{Found, GivenUp};

/// A place in a text.
pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
    /// Where the line begins.
    pub(super) line: usize,
    /// Where the last comment begins.
    pub(super) comment: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            line: 0,
            comment: 0,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The byte so many places further on.
    pub(super) fn byte(&self, further: usize) -> Option<u8> {
        self.bytes.get(self.at + further).copied()
    }

    /// How far from the line's beginning the place is. Only spaces and dashes stand before what is asked for it.
    pub(super) fn column(&self) -> isize {
        isize::try_from(self.at - self.line).unwrap_or(isize::MAX)
    }

    /// Whether a space or the end of the line stands so many places further on.
    pub(super) fn is_blank(&self, further: usize) -> bool {
        matches!(self.byte(further), None | Some(b' ' | b'\n' | b'\r'))
    }

    /// Whether the line ends here.
    pub(super) fn is_line_end(&self) -> bool {
        matches!(self.byte(0), None | Some(b'\n' | b'\r'))
    }

    /// Whether an item of a sequence begins here.
    pub(super) fn is_dash(&self) -> bool {
        self.byte(0) == Some(b'-') && self.is_blank(1)
    }

    /// Whether the line is this mark between documents.
    pub(super) fn is_mark(&self, mark: &str) -> bool {
        self.at == self.line && self.is_like_mark(mark)
    }

    /// Whether the text here would be this mark between documents, did it begin the line.
    pub(super) fn is_like_mark(&self, mark: &str) -> bool {
        self.bytes[self.at..].starts_with(mark.as_bytes()) && self.is_blank(3)
    }

    /// Whether nothing of this document follows.
    pub(super) fn is_end(&self) -> bool {
        self.is_done() || self.is_mark("---") || self.is_mark("...")
    }

    /// Over the mark before a document, which begins below it.
    pub(super) fn pass_mark(&mut self) -> Found<()> {
        self.at += 3;
        self.rest()?;
        self.gap();
        if self.is_end() { Err(GivenUp) } else { Ok(()) }
    }

    pub(super) fn spaces(&mut self) {
        while self.byte(0) == Some(b' ') {
            self.at += 1;
        }
    }

    /// Over spaces, and the comment behind them.
    pub(super) fn trailing(&mut self) {
        let from = self.at;
        self.spaces();
        let is_apart = self.at > from || self.at == self.line;
        if is_apart && self.byte(0) == Some(b'#') {
            self.comment = self.at;
            self.skip_line();
        }
    }

    /// Over the rest of a line that has no more than a comment.
    pub(super) fn rest(&mut self) -> Found<()> {
        self.trailing();
        if self.is_line_end() {
            Ok(())
        } else {
            Err(GivenUp)
        }
    }

    pub(super) fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        self.at += length.unwrap_or(rest.len());
    }

    /// Over the end of the line, if it is here; whether it is.
    pub(super) fn line_end(&mut self) -> bool {
        let length = match self.byte(0) {
            Some(b'\n') => 1,
            // A return stands only before the end of a line.
            Some(b'\r') => 2,
            _ => return false,
        };
        self.at += length;
        self.line = self.at;
        true
    }

    /// Over spaces, comments and ends of lines.
    pub(super) fn gap(&mut self) {
        loop {
            self.trailing();
            if !self.line_end() {
                return;
            }
        }
    }
}
