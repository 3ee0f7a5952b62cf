//! The YAML that people write: places and values from one pass of `saphyr-parser`.
//!
//! Whatever readers of YAML take in different ways is given up with `None` and read by [`thorough`](super::thorough): tags,
//! anchors, aliases, directives, tabs, keys that are no texts or stand twice, integers of more than 64 bits, characters that end a
//! line in one version of YAML only, documents that are no collection.
//! Invariant: what is not given up means what `serde_yaml` says, plain scalars included; a test compares them.

use saphyr_parser::{Event, ScalarStyle};
use serde_json::map::Entry;
use serde_json::{Map, Value};

use super::events::Events;
use super::{Content, MAX_DEPTH, Node, thorough};
use crate::source::TextRange;

/// A value with its places.
type Read<'t> = (Node<'t>, Value);

/// That the text is left to the other reader.
struct GivenUp;

/// The documents of a text.
pub(super) fn documents(text: &str) -> Option<Vec<Read<'_>>> {
    is_ordinary(text).then_some(())?;
    let mut events = Events::new(text);
    let mut documents = Vec::new();
    loop {
        match events.next().ok()? {
            None | Some((Event::StreamEnd, _)) => return Some(documents),
            Some((Event::DocumentStart(_), _)) => {
                let (node, value) = read(&mut events, 0).ok()??;
                (value.is_object() || value.is_array()).then_some(())?;
                documents.push((node, value));
            }
            Some(_) => {}
        }
    }
}

/// Whether all versions of YAML agree on the text's characters, and on where its lines and tokens end.
fn is_ordinary(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_control = |byte: &&u8| matches!(byte, 0..=9 | 11 | 12 | 14..=31 | 0x7f);
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

/// The value that the next event begins; nothing where the collection around it ends.
fn read<'t>(events: &mut Events<'t>, depth: usize) -> Result<Option<Read<'t>>, GivenUp> {
    let event = events.next().map_err(|_| GivenUp)?;
    let (event, mut range) = event.filter(|_| depth <= MAX_DEPTH).ok_or(GivenUp)?;
    Ok(match event {
        Event::Scalar(text, style, 0, None) => {
            let plain = style == ScalarStyle::Plain;
            let meaning = if plain { meaning(&text)? } else { None };
            let value = meaning.unwrap_or_else(|| text.as_ref().into());
            Some((Node::scalar(range, text), value))
        }
        Event::SequenceStart(0, None) => {
            let (mut items, mut values) = (Vec::new(), Vec::new());
            while let Some((item, value)) = read(events, depth + 1)? {
                range = range.cover(item.range);
                items.push(item);
                values.push(value);
            }
            Some((collection(range, Content::Sequence(items)), values.into()))
        }
        Event::MappingStart(0, None) => {
            let (mut entries, mut values) = (Vec::new(), Map::new());
            while let Some((key, name)) = read(events, depth + 1)? {
                let (node, value) = read(events, depth + 1)?.ok_or(GivenUp)?;
                range = range.cover(node.range);
                entries.push((key, node));
                let Value::String(name) = name else {
                    return Err(GivenUp);
                };
                match values.entry(name) {
                    Entry::Vacant(place) => drop(place.insert(value)),
                    Entry::Occupied(_) => return Err(GivenUp),
                }
            }
            Some((collection(range, Content::Mapping(entries)), values.into()))
        }
        Event::SequenceEnd | Event::MappingEnd => None,
        _ => return Err(GivenUp),
    })
}

fn collection(range: TextRange, content: Content<'_>) -> Node<'_> {
    Node { range, content }
}

/// What a plain scalar means where it is no text: null, a truth value, or a number.
fn meaning(text: &str) -> Result<Option<Value>, GivenUp> {
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
