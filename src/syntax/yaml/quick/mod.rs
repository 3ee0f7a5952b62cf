//! The YAML that people write: places and values in one pass over the bytes.
//!
//! Whatever readers of YAML take in different ways, or people hardly write, is given up with `None` and read by
//! [`thorough`](super::thorough): tags, anchors, aliases, directives, tabs, keys that are no texts, span lines or stand twice,
//! pairs in brackets, integers of more than 64 bits, characters that end a line in one version of YAML only, content beside the
//! mark of a document, documents that are no collection, indentation that no collection has.
//! Invariant: what is not given up means what `serde_yaml` says, plain scalars included, and stands where `saphyr-parser` says; a
//! test compares them.

mod block;
mod cursor;
mod flow;
mod literal;
mod scalar;

use serde_json::map::Entry;
use serde_json::{Map, Value};

use super::{Content, MAX_DEPTH, Node, thorough};
use crate::source::TextRange;
use cursor::Cursor;

/// A value with its places.
type Read<'t> = (Node<'t>, Value);

/// That the text is left to the other reader.
struct GivenUp;

/// What is read, unless the text is left to the other reader.
type Found<T> = Result<T, GivenUp>;

/// The documents of a text.
pub(super) fn documents(text: &str) -> Option<Vec<Read<'_>>> {
    is_ordinary(text).then_some(())?;
    let mut cursor = Cursor::new(text);
    let mut documents = Vec::new();
    cursor.gap();
    while !cursor.is_done() {
        if cursor.is_mark("---") {
            cursor.pass_mark().ok()?;
        } else {
            documents.is_empty().then_some(())?;
        }
        let (node, value) = cursor.block(-1, 0).ok()?;
        (value.is_object() || value.is_array()).then_some(())?;
        documents.push((node, value));
        cursor.gap();
    }
    Some(documents)
}

/// Whether all versions of YAML agree on the text's characters, and on where its lines and tokens end.
fn is_ordinary(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_control = |byte: &&u8| byte.is_ascii_control() && !b"\r\n".contains(byte);
    let is_rare = |c: char| {
        matches!(
            c,
            '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
    };
    let lonely_return = || {
        let mut returns = text.match_indices('\r');
        returns.any(|(at, _)| bytes.get(at + 1) != Some(&b'\n'))
    };
    // All are counted, since many bytes are looked at in one step without a way out in between.
    let is_plain = bytes.iter().filter(is_control).count() == 0;
    let is_rare = !text.is_ascii() && text.chars().any(is_rare);
    is_plain && !is_rare && (!bytes.contains(&b'\r') || !lonely_return())
}

/// A collection under way: its place so far, the parts' places, and their values.
struct Sequence<'t> {
    range: TextRange,
    items: Vec<Node<'t>>,
    values: Vec<Value>,
}

impl<'t> Sequence<'t> {
    fn new(range: TextRange) -> Self {
        Self {
            range,
            items: Vec::new(),
            values: Vec::new(),
        }
    }

    fn push(&mut self, (item, value): Read<'t>) {
        self.range = self.range.cover(item.range);
        self.items.push(item);
        self.values.push(value);
    }

    fn done(self) -> Read<'t> {
        let content = Content::Sequence(self.items);
        let range = self.range;
        (Node { range, content }, self.values.into())
    }
}

/// The same of keys and values.
struct Mapping<'t> {
    range: TextRange,
    entries: Vec<(Node<'t>, Node<'t>)>,
    values: Map<String, Value>,
}

impl<'t> Mapping<'t> {
    fn new(range: TextRange) -> Self {
        Self {
            range,
            entries: Vec::new(),
            values: Map::new(),
        }
    }

    fn push(&mut self, (key, name): Read<'t>, (node, value): Read<'t>) -> Found<()> {
        let Value::String(name) = name else {
            return Err(GivenUp);
        };
        let Entry::Vacant(entry) = self.values.entry(name) else {
            return Err(GivenUp);
        };
        entry.insert(value);
        self.range = self.range.cover(node.range);
        self.entries.push((key, node));
        Ok(())
    }

    fn done(self) -> Read<'t> {
        let content = Content::Mapping(self.entries);
        let range = self.range;
        (Node { range, content }, self.values.into())
    }
}

/// No value, which has a place.
fn nothing<'t>(at: usize) -> Read<'t> {
    (Node::scalar(TextRange::new(at, at), "~"), Value::Null)
}

fn bounded(depth: usize) -> Found<()> {
    if depth > MAX_DEPTH {
        Err(GivenUp)
    } else {
        Ok(())
    }
}

/// What a plain scalar means where it is no text: null, a truth value, or a number.
fn meaning(text: &str) -> Found<Option<Value>> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        _ if text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => {
            match thorough::number(text) {
                None if is_integer(text) => return Err(GivenUp),
                number => number,
            }
        }
        _ => None,
    })
}

/// Whether a text has the shape of an integer, of any size; with zeros in front it is a text.
fn is_integer(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    let all = |digits: &str, radix| digits.chars().all(|digit| digit.is_digit(radix));
    let prefixed = |prefix, radix| {
        let digits: Option<&str> = digits.strip_prefix(prefix);
        digits.is_some_and(|digits| all(digits, radix))
    };
    let decimal = all(digits, 10) && (digits.len() == 1 || !digits.starts_with('0'));
    decimal || prefixed("0x", 16) || prefixed("0o", 8) || prefixed("0b", 2)
}
