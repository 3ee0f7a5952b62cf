//! A format of a time, such as `%Y-%m-%d`, to what a text in it has to look like: Python's `strptime`.
//!
//! A format is matched from its start on, the first way that fits deciding, and has to take up the whole text. Letter case does
//! not count, white space stands for any run of it. Month, day and zone names are the English ones, of a machine that runs in UTC.
//! Refused: directives of weeks and of what a locale makes of a date, a day of the year beside one of a month, any directive
//! twice, and what is not ASCII.

use super::super::text::is_space;
use super::parse::interpret;

/// Why a format cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is none: Python raises.
    Wrong,
    /// It has a directive that is not read.
    Unread,
}

/// What a text has to have at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// This character.
    Literal(char),
    /// White space.
    Space,
    /// What a directive stands for.
    Directive(char),
}

/// A format that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format(Vec<Element>);

/// The text that a directive stood for.
pub(super) type Found<'t> = Vec<(char, &'t [char])>;

impl Format {
    /// Reads a format.
    ///
    /// # Errors
    ///
    /// Why it cannot be used.
    pub fn parse(text: &str) -> Result<Self, Unusable> {
        let mut elements = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let element = match c {
                '%' => match chars.next() {
                    Some('%') => Element::Literal('%'),
                    Some(directive) if DIRECTIVES.contains(directive) => {
                        Element::Directive(directive)
                    }
                    Some('U' | 'W' | 'V' | 'G' | 'c' | 'x' | 'X') => return Err(Unusable::Unread),
                    _ => return Err(Unusable::Wrong),
                },
                c if is_space(c) => Element::Space,
                c if c.is_ascii() => Element::Literal(c),
                _ => return Err(Unusable::Unread),
            };
            match element {
                Element::Directive(_) if elements.contains(&element) => {
                    return Err(Unusable::Unread);
                }
                Element::Space if elements.last() == Some(&element) => {}
                element => elements.push(element),
            }
        }
        let format = Self(elements);
        if format.has('j') && "dmbB".chars().any(|directive| format.has(directive)) {
            return Err(Unusable::Unread);
        }
        Ok(format)
    }

    fn has(&self, directive: char) -> bool {
        self.0.contains(&Element::Directive(directive))
    }

    /// Whether a time in this format says how far its clock is ahead of UTC.
    pub fn has_offset(&self) -> bool {
        self.has('z')
    }

    /// The microseconds since 1970 by the clock of the text, and how far it is ahead of UTC.
    pub(super) fn read(&self, text: &str) -> Option<(i64, Option<i64>)> {
        let chars: Vec<char> = text.chars().collect();
        let mut found = Vec::new();
        let end = follow(&self.0, &chars, 0, &mut found)?;
        (end == chars.len()).then(|| interpret(&found))?
    }
}

/// The directives that are read.
const DIRECTIVES: &str = "aAbBdfHIjmMpSuwyYzZ";

/// Where the elements end in the text, if they fit from a place on, by the first way in which they do.
fn follow<'t>(
    elements: &[Element],
    text: &'t [char],
    at: usize,
    found: &mut Found<'t>,
) -> Option<usize> {
    let Some((first, rest)) = elements.split_first() else {
        return Some(at);
    };
    let here = &text[at..];
    let lengths = match first {
        Element::Literal(wanted) => {
            let fits = here.first().is_some_and(|c| is_letter(*wanted, *c));
            return fits.then(|| follow(rest, text, at + 1, found))?;
        }
        Element::Space => (1..=here.iter().take_while(|c| is_space(**c)).count())
            .rev()
            .collect(),
        Element::Directive(directive) => super::parse::lengths(*directive, here),
    };
    let before = found.len();
    lengths.into_iter().find_map(|length| {
        found.truncate(before);
        if let Element::Directive(directive) = first {
            found.push((*directive, &here[..length]));
        }
        follow(rest, text, at + length, found)
    })
}

/// Whether a character is the wanted one in upper or lower case, as Python's regular expressions see it.
fn is_letter(wanted: char, c: char) -> bool {
    wanted.eq_ignore_ascii_case(&c)
        || matches!(
            (wanted.to_ascii_lowercase(), c),
            ('i', 'ı' | 'İ') | ('s', 'ſ') | ('k', '\u{212a}')
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_read_or_refused() {
        for (format, expected) in [
            ("%Y-%m-%d", None),
            ("100%%", None),
            ("%", Some(Unusable::Wrong)),
            ("%Q", Some(Unusable::Wrong)),
            ("%Y %Y", Some(Unusable::Unread)),
            ("%U", Some(Unusable::Unread)),
            ("é", Some(Unusable::Unread)),
        ] {
            assert_eq!(Format::parse(format).err(), expected, "{format}");
        }
    }
}
