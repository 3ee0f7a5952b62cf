//! A fragment to lines: on one where it fits, else broken before its words and within its brackets.

use super::{Fragment, Layout};

/// A text that lines are added to.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
    /// Whether the last line goes on with what is added next.
    is_open: bool,
}

impl Page {
    /// A page that begins with a line.
    pub fn new(first: &str) -> Self {
        Self {
            text: first.to_owned(),
            is_open: false,
        }
    }

    /// Adds a line of these pieces so far from the margin, unless the last line goes on: then they stand there.
    pub fn line(&mut self, margin: usize, pieces: &[&str]) {
        if !std::mem::take(&mut self.is_open) {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n(' ', margin));
        }
        self.more(pieces);
    }

    /// Adds the pieces to the last line.
    pub fn more(&mut self, pieces: &[&str]) {
        self.text.extend(pieces.iter().copied());
    }

    /// Lets the last line go on.
    pub fn go_on(&mut self) {
        self.is_open = true;
    }

    /// The text, ending with a line end.
    pub fn done(mut self) -> String {
        self.text.push('\n');
        self.text
    }
}

/// Where lines are to stand.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// How far from the page's margin.
    pub margin: usize,
    /// How far from the margin they are taken to stand where that is asked of their width.
    pub indent: usize,
    /// The most characters of a line that can be broken.
    pub width: usize,
}

impl Place {
    fn within(self) -> Self {
        Self {
            margin: self.margin + 4,
            indent: self.indent + 4,
            ..self
        }
    }
}

impl Fragment {
    /// Adds the text behind `lead` in lines that are no longer than they may be where they can be broken: each part of an infix on a
    /// line of its own, the word first; bracketed text indented by four.
    pub fn write_lines(&self, lead: &str, place: Place, page: &mut Page) {
        let Place { margin, .. } = place;
        if place.indent + lead.chars().count() + self.width <= place.width {
            return self.write_line(lead, margin, page);
        }
        match &self.layout {
            Layout::Text(_) | Layout::Form { .. } | Layout::Infix { is_flat: true, .. } => {
                self.write_line(lead, margin, page);
            }
            Layout::Infix { word, parts, .. } => {
                let joined = format!("{word} ");
                for (at, part) in parts.iter().enumerate() {
                    part.write_lines(if at == 0 { lead } else { &joined }, place, page);
                }
            }
            Layout::Around { open, inner, close } if close.is_empty() => {
                inner.write_lines(&format!("{lead}{open}"), place, page);
            }
            Layout::Around { open, inner, close } => {
                page.line(margin, &[lead, open]);
                inner.write_lines("", place.within(), page);
                page.line(margin, &[close]);
            }
            Layout::List {
                head,
                open,
                items,
                close,
            } => {
                page.line(margin, &[lead]);
                if let Some(head) = head {
                    head.write(&mut page.text);
                }
                page.more(&[open]);
                for (at, item) in items.iter().enumerate() {
                    item.write_line("", margin + 4, page);
                    if at + 1 < items.len() {
                        page.more(&[","]);
                    }
                }
                page.line(margin, &[close]);
            }
        }
    }

    /// Adds the text behind `lead` on one line.
    pub fn write_line(&self, lead: &str, margin: usize, page: &mut Page) {
        page.line(margin, &[lead]);
        self.write(&mut page.text);
    }

    /// The lines of the text.
    #[cfg(test)]
    pub fn lines(&self, indent: usize, width: usize) -> Vec<String> {
        let mut page = Page::default();
        let place = Place {
            margin: 0,
            indent,
            width,
        };
        self.write_lines("", place, &mut page);
        page.done().lines().skip(1).map(str::to_owned).collect()
    }
}
