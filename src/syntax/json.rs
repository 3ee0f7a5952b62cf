//! JSON texts with the place of every value, as documents of the same kind as YAML's.
//!
//! Read is RFC 8259 with the comments that resource templates have. Strings keep the way from each character back to the file,
//! through their escapes. Refused: anything else, and nesting deeper than [`MAX_DEPTH`].

use serde_json::{Map, Value};

use super::yaml::{Content, Document, MAX_DEPTH, Node};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Embedded, SourceId, Span, TextRange};

/// The document of a file, and its value.
pub fn parse(source: SourceId, text: &str) -> Result<(Document<'_>, Value), Diagnostic> {
    let mut reader = Reader { text, at: 0 };
    let read = reader.value(0).and_then(|read| {
        reader.space();
        if reader.at < text.len() {
            Err("the text goes on after its value".to_owned())
        } else {
            Ok(read)
        }
    });
    match read {
        Ok((node, value)) => Ok((Document::of_json(source, text, node), value)),
        Err(message) => {
            let at = Span::new(source, TextRange::new(reader.at, reader.at + 1));
            Err(Diagnostic::error(Code::JsonSyntax, message).at(at))
        }
    }
}

/// The way from a string's text to the file, where `range` holds its quotes; nothing where it is not spelt as in JSON.
pub(super) fn align(
    source: SourceId,
    file: &str,
    range: TextRange,
    text: &str,
) -> Option<Embedded> {
    file.get(range.indices())?.strip_prefix('"')?;
    let mut wanted = text.chars();
    let mut runs: Vec<(u32, u32)> = Vec::new();
    let (mut inner, mut outer) = (0, range.start as usize + 1);
    let end = (range.end as usize).saturating_sub(1);
    while outer < end {
        let (length, read) = character(file, outer)?;
        if wanted.next() != Some(read) {
            return None;
        }
        push(&mut runs, inner, outer);
        // An escape is longer than its character; its end is where the character's last byte is.
        if length > read.len_utf8() && read.len_utf8() > 1 {
            push(&mut runs, inner + read.len_utf8() - 1, outer + length - 1);
        }
        inner += read.len_utf8();
        outer += length;
    }
    let whole = wanted.next().is_none();
    whole.then(|| Embedded::new(source, runs, TextRange::new(0, end).end))
}

/// Adds a run, unless the last one leads there.
fn push(runs: &mut Vec<(u32, u32)>, inner: usize, outer: usize) {
    let run = TextRange::new(inner, outer);
    let leads = |(from, to): &(u32, u32)| to.wrapping_add(run.start.wrapping_sub(*from)) == run.end;
    if !runs.last().is_some_and(leads) {
        runs.push((run.start, run.end));
    }
}

/// The character of a string at an offset, and how many bytes spell it.
fn character(text: &str, at: usize) -> Option<(usize, char)> {
    let rest = text.get(at..)?;
    let first = rest.chars().next()?;
    if first != '\\' {
        return Some((first.len_utf8(), first));
    }
    let plain = match rest.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(rest),
        _ => return None,
    };
    Some((2, plain))
}

/// `\u0041`, or two of them for a character beyond the first plane; half a pair is the replacement character.
fn unicode(rest: &str) -> Option<(usize, char)> {
    let unit = |from: usize| {
        let digits = rest.get(from..from + 4)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        plain.then(|| u32::from_str_radix(digits, 16).ok())?
    };
    let high = unit(2)?;
    if !(0xd800..0xdc00).contains(&high) {
        return Some((
            6,
            char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER),
        ));
    }
    let low = rest
        .get(6..8)
        .filter(|lead| *lead == "\\u")
        .and_then(|_| unit(8));
    match low.filter(|low| (0xdc00..0xe000).contains(low)) {
        Some(low) => {
            let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            Some((
                12,
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
            ))
        }
        None => Some((6, char::REPLACEMENT_CHARACTER)),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

type Read<T> = Result<T, String>;

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// White space and comments.
    fn space(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{feff}']);
            let skipped = rest.len() - trimmed.len();
            let comment = if trimmed.starts_with("//") {
                trimmed.find('\n').unwrap_or(trimmed.len())
            } else if trimmed.starts_with("/*") {
                trimmed.find("*/").map_or(trimmed.len(), |end| end + 2)
            } else {
                0
            };
            self.at += skipped + comment;
            if comment == 0 {
                return;
            }
        }
    }

    fn takes(&mut self, token: char) -> bool {
        self.space();
        let found = self.rest().starts_with(token);
        self.at += if found { token.len_utf8() } else { 0 };
        found
    }

    fn value(&mut self, depth: usize) -> Read<(Node<'static>, Value)> {
        if depth > MAX_DEPTH {
            return Err(format!("values may nest {MAX_DEPTH} deep at most"));
        }
        self.space();
        let start = self.at;
        let (content, value) = match self.rest().chars().next() {
            Some('{') => self.object(depth)?,
            Some('[') => self.list(depth)?,
            Some('"') => {
                let text = self.string()?;
                (Content::Scalar(text.clone().into()), Value::String(text))
            }
            Some(_) => self.word()?,
            None => return Err("a value is required here".to_owned()),
        };
        let range = TextRange::new(start, self.at);
        Ok((Node { range, content }, value))
    }

    fn object(&mut self, depth: usize) -> Read<(Content<'static>, Value)> {
        self.at += 1;
        let (mut entries, mut map) = (Vec::new(), Map::new());
        if self.takes('}') {
            return Ok((Content::Mapping(entries), Value::Object(map)));
        }
        loop {
            self.space();
            let start = self.at;
            if !self.rest().starts_with('"') {
                return Err("a key in quotes is required here".to_owned());
            }
            let name = self.string()?;
            let key = Node::scalar(TextRange::new(start, self.at), name.clone());
            if !self.takes(':') {
                return Err("`:` is required here".to_owned());
            }
            let (node, value) = self.value(depth + 1)?;
            entries.push((key, node));
            map.insert(name, value);
            if self.takes('}') {
                return Ok((Content::Mapping(entries), Value::Object(map)));
            }
            if !self.takes(',') {
                return Err("`,` or `}` is required here".to_owned());
            }
        }
    }

    fn list(&mut self, depth: usize) -> Read<(Content<'static>, Value)> {
        self.at += 1;
        let (mut nodes, mut items) = (Vec::new(), Vec::new());
        if self.takes(']') {
            return Ok((Content::Sequence(nodes), Value::Array(items)));
        }
        loop {
            let (node, value) = self.value(depth + 1)?;
            nodes.push(node);
            items.push(value);
            if self.takes(']') {
                return Ok((Content::Sequence(nodes), Value::Array(items)));
            }
            if !self.takes(',') {
                return Err("`,` or `]` is required here".to_owned());
            }
        }
    }

    fn string(&mut self) -> Read<String> {
        let mut text = String::new();
        let mut at = self.at + 1;
        loop {
            let Some(next) = self.text.get(at..).and_then(|rest| rest.chars().next()) else {
                return Err("the string is not closed".to_owned());
            };
            if next == '"' {
                self.at = at + 1;
                return Ok(text);
            }
            let Some((length, read)) = character(self.text, at) else {
                self.at = at;
                return Err("this is not an escape".to_owned());
            };
            text.push(read);
            at += length;
        }
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Read<(Content<'static>, Value)> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)))
            .unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or("").to_owned();
        let value: Value =
            serde_json::from_str(&word).map_err(|_| "a value is required here".to_owned())?;
        self.at += end;
        Ok((Content::Scalar(word.into()), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::syntax::yaml::Step;

    #[test]
    fn values_are_those_of_any_other_reader() {
        let text = r#" {"a": [1, -2.5e3, true, null, "x\n\"\\\/\u00e9\ud83d\ude00\ud800"], "b": {}, "c": []} "#;
        let (_, read) = parse(SourceId(0), text).unwrap();
        assert_eq!(read["a"][1], -2500.0);
        assert_eq!(read["a"][4], "x\n\"\\/é😀\u{fffd}");
        let plain = text.replace("\\ud800", "");
        let (_, read) = parse(SourceId(0), &plain).unwrap();
        assert_eq!(read, serde_json::from_str::<Value>(&plain).unwrap());
    }

    #[test]
    fn comments_are_passed_over() {
        let (_, read) = parse(SourceId(0), "// a\n{/* b */ \"c\": 1 // d\n}").unwrap();
        assert_eq!(read, serde_json::json!({"c": 1}));
    }

    #[test]
    fn places_inside_strings_count_escapes() {
        let text = "{\n\t\"q\": \"T\\n| where \\u00e9 == \\\"b\\\" and\\tc\"}";
        let mut sources = Sources::new();
        let id = sources.add("a.json", text);
        let (document, _) = parse(id, text).unwrap();
        let (value, embedded) = document.embedded(&[Step::Key("q")]).unwrap();
        for (inner, outer) in [
            ("where", "where"),
            ("é", "\\u00e9"),
            ("\"b\"", "\\\"b\\"),
            ("c", "c"),
        ] {
            let at = value.rfind(inner).unwrap();
            let span = embedded.span(TextRange::new(at, at + inner.len()));
            assert_eq!(sources.text(span), outer, "{inner}");
        }
    }

    #[test]
    fn what_is_not_json_is_a_diagnostic() {
        for text in [
            "",
            "{",
            "{\"a\"}",
            "{\"a\": }",
            "[1,]",
            "[1 2]",
            "\"a",
            "\"\\x\"",
            "nul",
            "1 2",
            "{a: 1}",
            "\"\\u12\"",
            "/*",
        ] {
            let error = parse(SourceId(0), text).unwrap_err();
            assert_eq!(error.code, Code::JsonSyntax, "{text}");
        }
        let deep = "[".repeat(100_000);
        assert!(parse(SourceId(0), &deep).is_err());
    }
}
