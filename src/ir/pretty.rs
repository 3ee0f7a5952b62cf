//! JSON in lines, as `serde_json` lays it out. The spaces before a line are written at once: trees of conditions are deep, and most
//! of their text is spaces.

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::Error;
use serde_json::ser::{Formatter, Serializer};

/// What a line begins with, as far as it goes.
const SPACES: &[u8] = &[b' '; 128];

/// The value as JSON in lines.
pub(super) fn to_string(value: &impl Serialize) -> serde_json::Result<String> {
    let mut text = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut text, Lines::default()))?;
    String::from_utf8(text).map_err(serde_json::Error::custom)
}

#[derive(Default)]
struct Lines {
    depth: usize,
    /// Whether the collection has something.
    is_filled: bool,
}

impl Lines {
    fn begin<W: Write + ?Sized>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.is_filled = false;
        writer.write_all(bracket)
    }

    fn end<W: Write + ?Sized>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.is_filled {
            self.line(writer)?;
        }
        writer.write_all(bracket)
    }

    fn next<W: Write + ?Sized>(&self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        self.line(writer)
    }

    fn line<W: Write + ?Sized>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"\n")?;
        let mut spaces = 2 * self.depth;
        while spaces > 0 {
            let some = spaces.min(SPACES.len());
            writer.write_all(&SPACES[..some])?;
            spaces -= some;
        }
        Ok(())
    }
}

impl Formatter for Lines {
    fn begin_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b"]")
    }

    fn begin_array_value<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.next(writer, first)
    }

    fn end_array_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.is_filled = true;
        Ok(())
    }

    fn begin_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b"}")
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

    fn end_object_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.is_filled = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn the_layout_is_that_of_serde_json() {
        let deep = (0..200).fold(json!([]), |inner, at| match at % 2 {
            0 => json!([inner, at]),
            _ => json!({"a": {}, "b": inner, "c": [[], 1.5, null, "x\ny"]}),
        });
        let values: [Value; 4] = [deep, json!({}), json!([{}, []]), json!("text")];
        for value in values {
            let expected = serde_json::to_string_pretty(&value).unwrap();
            assert_eq!(super::to_string(&value).unwrap(), expected);
        }
    }
}
