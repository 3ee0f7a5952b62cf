//! JSON to lines: a list or an object whose text is no wider than a line stands on one, any other with each entry on a line of its own.
//! What is but a name for one list or object, such as `{"all": [...]}`, takes no lines besides that.
//!
//! The value is written on one line first, with the places where that can be broken, so that how wide something is is known before
//! a line is. Invariant: a value is laid out alike wherever it stands; what is in it does not change.

use std::cell::Cell;
use std::io::{self, Write};

use serde::Serialize;
use serde::ser::Error;
use serde_json::ser::{Formatter, Serializer};

/// The most characters of a list or an object on one line, wherever the line begins.
const WIDTH: usize = 100;

/// The spaces that a step to the right takes.
const STEP: usize = 2;

/// What a line begins with, as far as it goes.
const SPACES: &str = "                                                                ";

/// The value as JSON in lines.
pub(super) fn to_string(value: &impl Serialize) -> serde_json::Result<String> {
    let length = Cell::new(0);
    let mut places = Places::default();
    let mut flat = Flat {
        text: Vec::new(),
        length: &length,
    };
    let marks = Marks {
        places: &mut places,
        length: &length,
    };
    value.serialize(&mut Serializer::with_formatter(&mut flat, marks))?;
    let text = String::from_utf8(flat.text).map_err(serde_json::Error::custom)?;
    Ok(laid_out(&text, &places.found))
}

/// A text of which it can be seen from outside how long it is.
struct Flat<'l> {
    text: Vec<u8>,
    length: &'l Cell<usize>,
}

impl Write for Flat<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        self.length.set(self.text.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A place where a text of one line can be broken.
#[derive(Clone, Copy)]
enum Place {
    /// Behind an opening bracket, with the number of the place before the closing one.
    Open(usize, usize),
    /// Behind a comma, before its space.
    Next(usize),
    /// Before a closing bracket.
    Close(usize),
}

/// The places of a text so far.
#[derive(Default)]
struct Places {
    found: Vec<Place>,
    /// Those whose brackets are open.
    open: Vec<usize>,
}

/// JSON on one line, a space behind each comma and colon, the places of which are kept.
struct Marks<'l> {
    places: &'l mut Places,
    length: &'l Cell<usize>,
}

impl Marks<'_> {
    fn open<W: Write + ?Sized>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        writer.write_all(bracket)?;
        self.places.open.push(self.places.found.len());
        self.places.found.push(Place::Open(self.length.get(), 0));
        Ok(())
    }

    fn close<W: Write + ?Sized>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        let last = self.places.found.len();
        let opened = self.places.open.pop();
        if let Some(Place::Open(_, end)) = opened.and_then(|at| self.places.found.get_mut(at)) {
            *end = last;
        }
        self.places.found.push(Place::Close(self.length.get()));
        writer.write_all(bracket)
    }

    fn next<W: Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first {
            return Ok(());
        }
        writer.write_all(b", ")?;
        self.places.found.push(Place::Next(self.length.get() - 1));
        Ok(())
    }
}

impl Formatter for Marks<'_> {
    fn begin_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.next(writer, first)
    }

    fn begin_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.next(writer, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

/// The text of one line, broken at the places in what is too wide.
fn laid_out(text: &str, places: &[Place]) -> String {
    let mut lines = String::with_capacity(2 * text.len());
    let (mut from, mut depth, mut next) = (0, 0, 0);
    let mut unbroken: Vec<usize> = Vec::new();
    while let Some(place) = places.get(next) {
        next += 1;
        let (at, rest) = match *place {
            Place::Open(at, end) => {
                if let Some(Place::Close(close)) = places.get(end)
                    && fits(&text[at..*close])
                {
                    next = end + 1;
                    continue;
                }
                if is_wrapper(places, next, end) {
                    unbroken.push(end);
                    continue;
                }
                depth += 1;
                (at, at)
            }
            Place::Next(at) => (at, at + 1),
            Place::Close(_) if unbroken.last() == Some(&(next - 1)) => {
                unbroken.pop();
                continue;
            }
            Place::Close(at) => {
                depth -= 1;
                (at, at)
            }
        };
        lines.push_str(&text[from..at]);
        line(&mut lines, depth);
        from = rest;
    }
    lines.push_str(&text[from..]);
    lines
}

/// Whether one list or object alone stands between brackets, by the places behind the opening one and before the closing one.
fn is_wrapper(places: &[Place], first: usize, end: usize) -> bool {
    matches!(places.get(first), Some(Place::Open(_, inner_end)) if inner_end + 1 == end)
}

/// Whether brackets around the text are no wider than a line.
fn fits(inner: &str) -> bool {
    let most = WIDTH - 2;
    // A character has at most four bytes.
    inner.len() <= most || inner.len() <= 4 * most && inner.chars().count() <= most
}

fn line(lines: &mut String, depth: usize) {
    lines.push('\n');
    let mut spaces = STEP * depth;
    while spaces > 0 {
        let some = spaces.min(SPACES.len());
        lines.push_str(&SPACES[..some]);
        spaces -= some;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_is_short_stands_on_one_line() {
        let wide = "x".repeat(60);
        let value = json!({
            "empty": [{}, []],
            "short": {"field": ["userIdentity", "type"], "is": true},
            "long": [{"text": "a, [b]: \"{\n", "count": 1.5}, wide, [[wide], null]],
            "named": {"not": {"all": [wide, wide]}},
        });
        insta::assert_snapshot!(to_string(&value).unwrap(), @r#"
        {
          "empty": [{}, []],
          "short": {"field": ["userIdentity", "type"], "is": true},
          "long": [
            {"text": "a, [b]: \"{\n", "count": 1.5},
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            [["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"], null]
          ],
          "named": {"not": {"all": [
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
          ]}}
        }
        "#);
    }

    #[test]
    fn a_line_has_so_many_characters() {
        for (letter, count) in [
            ("x", WIDTH - 4),
            ("x", WIDTH - 3),
            ("ß", WIDTH - 4),
            ("ß", WIDTH - 3),
        ] {
            let text = to_string(&json!([letter.repeat(count)])).unwrap();
            assert_eq!(text.lines().count() == 1, count == WIDTH - 4, "{text}");
        }
    }

    #[test]
    fn the_value_is_what_is_written() {
        let deep = (0..100).fold(json!([]), |inner, at| match at % 2 {
            0 => json!([inner, at]),
            _ => json!({"a": {}, "b": inner, "c": [[], 1.5, null, "x\ny"]}),
        });
        for value in [deep, json!({}), json!([{}, []]), json!("text")] {
            let text = to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }
    }
}
