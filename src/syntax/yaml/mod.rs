//! YAML documents: their values, and where each of them stands.
//!
//! The YAML that people write is read by `quick` with one parser. A text with anything else in it is left to `thorough`, whose
//! two parsers are the judges of what YAML means and of what is none; the first may give up, but never read a text otherwise.
//! Refused: documents that are not well-formed, and nesting deeper than [`MAX_DEPTH`].

mod events;
mod node;
mod quick;
#[cfg(test)]
mod tests;
mod thorough;

pub(in crate::syntax) use node::{Content, Node};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::align::align;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Embedded, SourceId, Span};

/// How deep collections may nest.
pub const MAX_DEPTH: usize = 100;

/// One step from a collection to a value in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'s> {
    /// The value of a key of a mapping.
    Key(&'s str),
    /// An item of a sequence, from 0.
    Item(usize),
}

/// One document of a file.
#[derive(Clone, Debug)]
pub struct Parsed<'t> {
    /// Where everything stands.
    pub document: Document<'t>,
    /// The whole document as JSON; keys that are not texts are written as texts.
    pub value: Result<Value, Diagnostic>,
}

/// The places of one document of a file.
#[derive(Clone, Debug)]
pub struct Document<'t> {
    source: SourceId,
    text: &'t str,
    root: Node<'t>,
    /// Which document of the text it is; nothing where it is none that the text spells as YAML.
    index: Option<usize>,
}

/// The documents of a file; an empty file has none.
pub fn parse(source: SourceId, text: &str) -> Result<Vec<Parsed<'_>>, Diagnostic> {
    let parsed = |(index, (root, value))| Parsed {
        document: Document {
            source,
            text,
            root,
            index: Some(index),
        },
        value,
    };
    if let Some(documents) = quick::documents(text) {
        let documents = documents.into_iter().map(|(root, value)| (root, Ok(value)));
        return Ok(documents.enumerate().map(parsed).collect());
    }
    let documents = thorough::documents(source, text)?;
    Ok(documents.into_iter().enumerate().map(parsed).collect())
}

/// The value of a text that needs no positions: rulec's own data files.
pub fn data<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    if let Some([(_, value)]) = quick::documents(text).as_deref()
        && let Ok(read) = T::deserialize(value)
    {
        return Ok(read);
    }
    // What is wrong is said by the other reader.
    thorough::data(text)
}

/// A key with its value, taken out of a document to be put together with others.
#[derive(Clone, Debug)]
pub struct Entry<'t> {
    key: Node<'t>,
    node: Node<'t>,
    value: Value,
}

impl Entry<'_> {
    /// The same value under another name; its place stays.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.key = Node::scalar(self.key.range, name.to_owned());
        self
    }

    /// Another value at the same place.
    #[must_use]
    pub fn holding(mut self, value: Value) -> Self {
        self.node = Node::of_value(&value, self.node.range);
        self.value = value;
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.key.as_text().unwrap_or_default()
    }

    /// The value.
    pub fn value(&self) -> &Value {
        &self.value
    }
}

impl<'t> Document<'t> {
    /// A document that was read by another parser.
    pub(super) fn of_json(source: SourceId, text: &'t str, root: Node<'t>) -> Self {
        Self {
            source,
            text,
            root,
            index: None,
        }
    }

    /// The entry at the path, which ends in a key; `value` is the document's own.
    pub fn entry(&self, value: &Value, path: &[Step<'_>]) -> Option<Entry<'t>> {
        let (Step::Key(name), parents) = path.split_last()? else {
            return None;
        };
        let (key, node) = self.root.at(parents)?.entry(name)?;
        let value = path.iter().try_fold(value, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Item(at) => value.get(at),
        })?;
        Some(Entry {
            key: key.clone(),
            node: node.clone(),
            value: value.clone(),
        })
    }

    /// A document of these entries, standing where the path leads.
    #[must_use]
    pub fn assembled(&self, path: &[Step<'_>], entries: Vec<Entry<'t>>) -> Parsed<'t> {
        let range = self.root.at(path).unwrap_or(&self.root).range;
        let mut value = serde_json::Map::new();
        let mut parts = Vec::new();
        for entry in entries {
            value.insert(entry.name().to_owned(), entry.value);
            parts.push((entry.key, entry.node));
        }
        let root = Node {
            range,
            content: Content::Mapping(parts),
        };
        Parsed {
            document: Self::of_json(self.source, self.text, root),
            value: Ok(Value::Object(value)),
        }
    }

    /// The document as a value of the given shape, out of its JSON.
    pub fn read<T: DeserializeOwned>(&self, value: &Value) -> Result<T, Diagnostic> {
        T::deserialize(value).or_else(|error| {
            // The text knows where a mistake in the shape is.
            if let Some(index) = self.index {
                return thorough::read(self.source, self.text, index);
            }
            let message = lower_first(&error.to_string());
            Err(Diagnostic::error(Code::YamlShape, message).at(self.whole()))
        })
    }

    /// The keys of the document's top level, in order; empty where it is not a mapping.
    pub fn keys(&self) -> Vec<&str> {
        let entries = self.root.entries().iter();
        entries.filter_map(|(key, _)| key.as_text()).collect()
    }

    /// Where the whole document stands.
    pub fn whole(&self) -> Span {
        Span::new(self.source, self.root.range)
    }

    /// Where the value at `path` stands.
    pub fn span(&self, path: &[Step<'_>]) -> Option<Span> {
        let node = self.root.at(path)?;
        Some(Span::new(self.source, node.range))
    }

    /// Where the last key of `path` stands.
    pub fn key_span(&self, path: &[Step<'_>]) -> Option<Span> {
        let (Step::Key(name), parents) = path.split_last()? else {
            return self.span(path);
        };
        let (key, _) = self.root.at(parents)?.entry(name)?;
        Some(Span::new(self.source, key.range))
    }

    /// The text of the scalar at `path`, with the mapping of its offsets to the file's.
    pub fn embedded(&self, path: &[Step<'_>]) -> Option<(&str, Embedded)> {
        let node = self.root.at(path)?;
        let text = node.as_text()?;
        let exact = super::json::align(self.source, self.text, node.range, text);
        let embedded = exact.unwrap_or_else(|| align(self.source, self.text, node.range, text));
        Some((text, embedded))
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}
