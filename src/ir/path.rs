//! Field paths in the vendor's own event spelling: `userIdentity.type`, `target[].displayName`, `items[0].name`.
//!
//! A key that is not a plain word is written in quotes: `annotations."a.b/c"`. A key in single quotes, `'objectRef'.'name'`,
//! has to be spelt exactly so. Reading and printing are inverse.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::hash::{Hash, Hasher};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::SharedVec;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// The value of a key of an object: the key spelt so, else the first that differs in upper and lower case alone.
    Key(String),
    /// The value of a key of an object, spelt exactly so.
    Exact(String),
    /// One item of a list, counted from 0; negative from the end.
    Index(i64),
    /// Every item of a list: a predicate on such a path holds if it holds for any item.
    Each,
}

/// A path from the root of an event, or from the current item of a quantifier.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath {
    /// The steps; empty for the root itself.
    pub segments: SharedVec<Segment>,
}

/// A path is found by its steps.
impl Borrow<[Segment]> for FieldPath {
    fn borrow(&self) -> &[Segment] {
        &self.segments
    }
}

impl Hash for FieldPath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.segments.as_slice().hash(state);
    }
}

impl FieldPath {
    /// The root itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// A path of keys.
    pub fn keys<S: Into<String>>(keys: impl IntoIterator<Item = S>) -> Self {
        Self {
            segments: keys
                .into_iter()
                .map(|key| Segment::Key(key.into()))
                .collect(),
        }
    }

    /// This path and one more step.
    #[must_use]
    pub fn join(&self, segment: Segment) -> Self {
        self.below([segment])
    }

    /// This path and more steps.
    #[must_use]
    pub fn below(&self, steps: impl IntoIterator<Item = Segment>) -> Self {
        let segments = self.segments.iter().cloned();
        Self {
            segments: segments.chain(steps).collect(),
        }
    }

    /// This path and one more key.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.join(Segment::Key(key.into()))
    }

    /// This path and one more key, which has to be spelt exactly so.
    #[must_use]
    pub fn exact(&self, key: impl Into<String>) -> Self {
        self.join(Segment::Exact(key.into()))
    }

    /// Whether the path goes through every item of some list.
    pub fn has_each(&self) -> bool {
        let is_each = |segment: &Segment| matches!(segment, Segment::Each);
        self.segments.iter().any(is_each)
    }

    /// Whether `self` is `prefix` or lies below it.
    pub fn starts_with(&self, prefix: &Self) -> bool {
        self.segments.starts_with(&prefix.segments)
    }

    /// Reads the printed form. The error says what is wrong, in the words of a diagnostic.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut segments = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(inner) = rest.strip_prefix('[') {
                let (index, after) = inner
                    .split_once(']')
                    .ok_or_else(|| format!("`{text}` lacks a `]`"))?;
                segments.push(match index.trim() {
                    "" | "*" => Segment::Each,
                    number => Segment::Index(
                        number
                            .parse()
                            .map_err(|_| format!("`[{number}]` requires a whole number"))?,
                    ),
                });
                rest = after;
            } else {
                let dotless = if segments.is_empty() {
                    rest
                } else {
                    rest.strip_prefix('.').unwrap_or(rest)
                };
                let (key, after) = read_key(dotless)
                    .ok_or_else(|| format!("`{text}` has an empty or unclosed key"))?;
                segments.push(if dotless.starts_with('\'') {
                    Segment::Exact(key)
                } else {
                    Segment::Key(key)
                });
                rest = after;
                if rest == "." {
                    return Err(format!("`{text}` ends with a dot"));
                }
            }
        }
        Ok(Self {
            segments: segments.into(),
        })
    }
}

fn read_key(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next()?;
    let Some(quoted) = text.strip_prefix(['"', '\'']) else {
        let end = text.find(['.', '[']).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut key = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => key.push(chars.next()?.1),
            c if c == quote => return Some((key, &quoted[at + 1..])),
            c => key.push(c),
        }
    }
    None
}

/// Whether `key` needs no quotes in a printed path.
fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && !key.contains(['.', '[', ']', '"', '\'', '\\'])
        && !key.chars().any(|c| c.is_whitespace() || c.is_control())
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Each => f.write_str("[]")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) | Segment::Exact(key) => {
                    if at > 0 {
                        f.write_str(".")?;
                    }
                    if matches!(segment, Segment::Exact(_)) {
                        write!(f, "'{}'", key.replace('\\', "\\\\").replace('\'', "\\'"))?;
                    } else if is_plain(key) {
                        f.write_str(key)?;
                    } else {
                        write!(f, "\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""))?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl JsonSchema for FieldPath {
    fn schema_name() -> Cow<'static, str> {
        "FieldPath".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A path into an event: keys joined by dots, `[]` for every item of a list, `[0]` for one; a key in quotes is looked up as it is.",
            "type": "string"
        })
    }
}

impl Serialize for FieldPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FieldPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_and_printing_are_inverse() {
        for text in [
            "userIdentity.type",
            "target[].displayName",
            "items[0].name",
            "a[][-1]",
            "annotations.\"a.b/c\"",
            "\"q\\\"x\".b",
            "'objectRef'.name.'it\\'s'[0].'a b'",
            "",
        ] {
            assert_eq!(FieldPath::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            FieldPath::parse("requestParameters.a b")
                .unwrap()
                .to_string(),
            "requestParameters.\"a b\""
        );
    }

    #[test]
    fn malformed_paths_are_errors() {
        for text in ["a.", "a[", "a[x]", "\"a", "'a", "a..b", "."] {
            assert!(FieldPath::parse(text).is_err(), "{text}");
        }
    }
}
