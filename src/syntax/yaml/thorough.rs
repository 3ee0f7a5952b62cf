//! Any YAML: values through `serde_yaml`, places through `saphyr-parser`.
//!
//! `serde_yaml` decides what a document means, so that it means what the formats' own tools read; the second parser is asked only
//! where a key or value stands, because the first keeps no places.
//! Invariant: aliases are bounded by the first parser, nesting by [`MAX_DEPTH`].

use std::borrow::Cow;

use saphyr_parser::Event;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::events::Events;
use super::{Content, MAX_DEPTH, Node, lower_first};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span, TextRange};

/// What the second parser says of a line of a flow collection that is not indented.
const MISINDENTED: &str = "invalid indentation";
/// Lines of a file that may be so.
const JOINED_LINES: usize = 200;

/// A document's places and its value.
type Document = (Node<'static>, Result<serde_json::Value, Diagnostic>);

/// The documents of a text.
pub(super) fn documents(source: SourceId, text: &str) -> Result<Vec<Document>, Diagnostic> {
    let roots = roots(source, text)?;
    let mut documents = serde_yaml::Deserializer::from_str(text);
    let mut value = || {
        let value = serde_yaml::Value::deserialize(documents.next().ok_or_else(missing)?);
        value.map(json).map_err(|error| shape_error(source, &error))
    };
    Ok(roots.into_iter().map(|root| (root, value())).collect())
}

/// A document of a text as a value of the given shape.
pub(super) fn read<T: DeserializeOwned>(
    source: SourceId,
    text: &str,
    index: usize,
) -> Result<T, Diagnostic> {
    let document = serde_yaml::Deserializer::from_str(text).nth(index);
    T::deserialize(document.ok_or_else(missing)?).map_err(|error| shape_error(source, &error))
}

/// The value of a text that needs no places.
pub(super) fn data<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_yaml::from_str(text).map_err(|error| error.to_string())
}

/// The number that a text spells, if it spells one.
pub(super) fn number(text: &str) -> Option<serde_json::Value> {
    let number: serde_yaml::Number = text.parse().ok()?;
    Some(number_json(number))
}

fn missing() -> Diagnostic {
    Diagnostic::error(Code::YamlSyntax, "the document is empty")
}

fn shape_error(source: SourceId, error: &serde_yaml::Error) -> Diagnostic {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or(&message);
    let offset = error.location().map_or(0, |location| location.index());
    let at = Span::new(source, TextRange::new(offset, offset + 1));
    Diagnostic::error(Code::YamlShape, lower_first(message)).at(at)
}

fn json(value: serde_yaml::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::Null => Json::Null,
        Yaml::Bool(value) => Json::Bool(value),
        Yaml::Number(number) => number_json(number),
        Yaml::String(text) => Json::String(text),
        Yaml::Sequence(items) => items.into_iter().map(json).collect(),
        Yaml::Mapping(map) => map
            .into_iter()
            .map(|(key, value)| (key_text(key), json(value)))
            .collect(),
        Yaml::Tagged(tagged) => json(tagged.value),
    }
}

fn number_json(number: serde_yaml::Number) -> serde_json::Value {
    serde_json::to_value(number).unwrap_or(serde_json::Value::Null)
}

fn key_text(key: serde_yaml::Value) -> String {
    match json(key) {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    }
}

/// The position trees of the documents.
///
/// YAML 1.1 readers, `serde_yaml` among them, let a line of a flow collection stand no further in than the block around it; the
/// second parser does not. Such a line is joined to the one before, which moves no byte.
fn roots(source: SourceId, text: &str) -> Result<Vec<Node<'static>>, Diagnostic> {
    let mut joined = Cow::Borrowed(text);
    for _ in 0..JOINED_LINES {
        let problem = match Reader::new(source, &joined).documents() {
            Ok(roots) => return Ok(roots),
            Err(problem) => problem,
        };
        let at = problem
            .labels
            .first()
            .map_or(0, |label| label.span.range.start as usize);
        let before = joined.get(..at).unwrap_or_default();
        let line = before.rsplit_once('\n');
        let Some((earlier, indent)) = line.filter(|_| problem.message == MISINDENTED) else {
            return Err(problem);
        };
        let last = earlier.rsplit_once('\n').map_or(earlier, |(_, last)| last);
        if !indent.trim().is_empty() || last.contains('#') {
            return Err(problem);
        }
        let end = earlier.len();
        joined.to_mut().replace_range(end..=end, " ");
    }
    Reader::new(source, text).documents()
}

/// Builds the position tree of each document from the second parser's events.
struct Reader<'t> {
    source: SourceId,
    events: Events<'t>,
}

impl<'t> Reader<'t> {
    fn new(source: SourceId, text: &'t str) -> Self {
        let events = Events::new(text);
        Self { source, events }
    }

    fn documents(mut self) -> Result<Vec<Node<'static>>, Diagnostic> {
        let mut roots = Vec::new();
        loop {
            match self.next()? {
                None | Some((Event::StreamEnd, _)) => return Ok(roots),
                Some((Event::DocumentStart(_), _)) => roots.extend(self.node(0)?),
                Some(_) => {}
            }
        }
    }

    fn next(&mut self) -> Result<Option<(Event<'t>, TextRange)>, Diagnostic> {
        self.events.next().map_err(|(offset, reason)| {
            let at = Span::new(self.source, TextRange::new(offset, offset + 1));
            Diagnostic::error(Code::YamlSyntax, lower_first(&reason)).at(at)
        })
    }

    fn node(&mut self, depth: usize) -> Result<Option<Node<'static>>, Diagnostic> {
        let Some((event, range)) = self.next()? else {
            return Ok(None);
        };
        if depth > MAX_DEPTH {
            let message = format!("collections may nest {MAX_DEPTH} deep at most");
            return Err(
                Diagnostic::error(Code::YamlSyntax, message).at(Span::new(self.source, range))
            );
        }
        let mut range = range;
        let content = match event {
            Event::Scalar(text, ..) => Content::Scalar(Cow::Owned(text.into_owned())),
            Event::Alias(_) => Content::Scalar(Cow::default()),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                while let Some(item) = self.node(depth + 1)? {
                    range = range.cover(item.range);
                    items.push(item);
                }
                Content::Sequence(items)
            }
            Event::MappingStart(..) => {
                let mut entries = Vec::new();
                while let Some(key) = self.node(depth + 1)? {
                    let Some(value) = self.node(depth + 1)? else {
                        break;
                    };
                    range = range.cover(value.range);
                    entries.push((key, value));
                }
                Content::Mapping(entries)
            }
            _ => return Ok(None),
        };
        Ok(Some(Node { range, content }))
    }
}
