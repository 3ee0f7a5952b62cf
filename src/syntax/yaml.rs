//! YAML documents: values through `serde_yaml`, positions through `saphyr-parser`.
//!
//! `serde_yaml` decides what a document means; the second parser is asked only where a key or value stands, so that a
//! diagnostic can point at it and text embedded in a scalar keeps its file positions. This is the only file that names either
//! crate. Refused: documents that are not well-formed, and nesting deeper than [`MAX_DEPTH`].

use std::borrow::Cow;

use saphyr_parser::{Event, Parser};
use serde::de::DeserializeOwned;

use super::align::align;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Embedded, SourceId, Span, TextRange};

/// How deep collections may nest.
pub const MAX_DEPTH: usize = 100;

/// What the second parser says of a line of a flow collection that is not indented.
const MISINDENTED: &str = "invalid indentation";
/// Lines of a file that may be so.
const JOINED_LINES: usize = 200;

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
pub struct Document<'t> {
    source: SourceId,
    text: &'t str,
    index: usize,
    root: Node,
    /// The value, where it is not read from the text as YAML.
    value: Option<serde_json::Value>,
}

/// A value's place and its parts.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) range: TextRange,
    pub(super) content: Content,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    Scalar(String),
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

/// The documents of a file; an empty file has none.
pub fn parse(source: SourceId, text: &str) -> Result<Vec<Document<'_>>, Diagnostic> {
    let roots = roots(source, text)?;
    let documents = roots.into_iter().enumerate().map(|(index, root)| Document {
        source,
        text,
        index,
        root,
        value: None,
    });
    Ok(documents.collect())
}

/// The position trees of the documents.
///
/// YAML 1.1 readers, `serde_yaml` among them, let a line of a flow collection stand no further in than the block around it; the
/// second parser does not. Such a line is joined to the one before, which moves no byte.
fn roots(source: SourceId, text: &str) -> Result<Vec<Node>, Diagnostic> {
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

/// The value of a text that needs no positions: rulec's own data files.
pub fn data<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_yaml::from_str(text).map_err(|error| error.to_string())
}

/// A key with its value, taken out of a document to be put together with others.
#[derive(Clone, Debug)]
pub struct Entry {
    key: Node,
    node: Node,
    value: serde_json::Value,
}

impl Entry {
    /// The same value under another name; its place stays.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.key.content = Content::Scalar(name.to_owned());
        self
    }

    /// Another value at the same place.
    #[must_use]
    pub fn holding(mut self, value: serde_json::Value) -> Self {
        self.node.content = shape(&value, self.node.range);
        self.value = value;
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.key.as_text().unwrap_or_default()
    }

    /// The value.
    pub fn value(&self) -> &serde_json::Value {
        &self.value
    }
}

/// A value of which only the whole has a place.
fn shape(value: &serde_json::Value, range: TextRange) -> Content {
    use serde_json::Value as Json;
    let node = |value: &Json| Node {
        range,
        content: shape(value, range),
    };
    match value {
        Json::String(text) => Content::Scalar(text.clone()),
        Json::Array(items) => Content::Sequence(items.iter().map(node).collect()),
        Json::Object(map) => Content::Mapping(
            map.iter()
                .map(|(key, value)| (node(&Json::from(key.as_str())), node(value)))
                .collect(),
        ),
        other => Content::Scalar(other.to_string()),
    }
}

impl<'t> Document<'t> {
    /// A document that was read by another parser.
    pub(super) fn of_json(
        source: SourceId,
        text: &'t str,
        root: Node,
        value: serde_json::Value,
    ) -> Self {
        Self {
            source,
            text,
            index: 0,
            root,
            value: Some(value),
        }
    }

    /// The entry at the path, which ends in a key; `value` is the document's own.
    pub fn entry(&self, value: &serde_json::Value, path: &[Step<'_>]) -> Option<Entry> {
        let (Step::Key(name), parents) = path.split_last()? else {
            return None;
        };
        let Content::Mapping(entries) = &self.node(parents)?.content else {
            return None;
        };
        let mut entries = entries.iter();
        let (key, node) = entries.find(|(key, _)| key.as_text() == Some(name))?;
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
    pub fn assembled(&self, path: &[Step<'_>], entries: Vec<Entry>) -> Self {
        let value = entries.iter().map(|entry| {
            let name = entry.name().to_owned();
            (name, entry.value.clone())
        });
        let value: serde_json::Map<_, _> = value.collect();
        let range = self.node(path).map_or(self.root.range, |node| node.range);
        let parts = entries.into_iter().map(|entry| (entry.key, entry.node));
        Self {
            root: Node {
                range,
                content: Content::Mapping(parts.collect()),
            },
            value: Some(serde_json::Value::Object(value)),
            ..self.clone()
        }
    }

    /// The document as a value of the given shape.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Diagnostic> {
        if let Some(value) = &self.value {
            return T::deserialize(value).map_err(|error| {
                let message = lower_first(&error.to_string());
                Diagnostic::error(Code::YamlShape, message).at(self.whole())
            });
        }
        let mut documents = serde_yaml::Deserializer::from_str(self.text);
        let document = documents.nth(self.index);
        let read = document.map(|document| T::deserialize(document));
        match read {
            Some(Ok(value)) => Ok(value),
            Some(Err(error)) => Err(self.shape_error(&error)),
            None => Err(Diagnostic::error(Code::YamlSyntax, "the document is empty")),
        }
    }

    fn shape_error(&self, error: &serde_yaml::Error) -> Diagnostic {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message);
        let offset = error.location().map_or(0, |location| location.index());
        let at = Span::new(self.source, TextRange::new(offset, offset + 1));
        Diagnostic::error(Code::YamlShape, lower_first(message)).at(at)
    }

    /// The whole document as JSON; keys that are not texts are written as texts.
    pub fn to_json(&self) -> Result<serde_json::Value, Diagnostic> {
        if let Some(value) = &self.value {
            return Ok(value.clone());
        }
        self.read::<serde_yaml::Value>().map(json)
    }

    /// The document as a value of the given shape, out of its JSON, which the caller has read.
    pub fn read_from<T: DeserializeOwned>(
        &self,
        value: &serde_json::Value,
    ) -> Result<T, Diagnostic> {
        // The text knows where a mistake in the shape is.
        T::deserialize(value).or_else(|_| self.read())
    }

    /// The keys of the document's top level, in order; empty where it is not a mapping.
    pub fn keys(&self) -> Vec<&str> {
        match &self.root.content {
            Content::Mapping(entries) => entries
                .iter()
                .filter_map(|(key, _)| key.as_text())
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Where the whole document stands.
    pub fn whole(&self) -> Span {
        Span::new(self.source, self.root.range)
    }

    /// Where the value at `path` stands.
    pub fn span(&self, path: &[Step<'_>]) -> Option<Span> {
        self.node(path)
            .map(|node| Span::new(self.source, node.range))
    }

    /// Where the last key of `path` stands.
    pub fn key_span(&self, path: &[Step<'_>]) -> Option<Span> {
        let (Step::Key(name), parents) = path.split_last()? else {
            return self.span(path);
        };
        let Content::Mapping(entries) = &self.node(parents)?.content else {
            return None;
        };
        let (key, _) = entries
            .iter()
            .find(|(key, _)| key.as_text() == Some(name))?;
        Some(Span::new(self.source, key.range))
    }

    /// The text of the scalar at `path`, with the mapping of its offsets to the file's.
    pub fn embedded(&self, path: &[Step<'_>]) -> Option<(&str, Embedded)> {
        let node = self.node(path)?;
        let text = node.as_text()?;
        let exact = super::json::align(self.source, self.text, node.range, text);
        let embedded = exact.unwrap_or_else(|| align(self.source, self.text, node.range, text));
        Some((text, embedded))
    }

    fn node(&self, path: &[Step<'_>]) -> Option<&Node> {
        path.iter()
            .try_fold(&self.root, |node, step| match (&node.content, step) {
                (Content::Mapping(entries), Step::Key(name)) => entries
                    .iter()
                    .find(|(key, _)| key.as_text() == Some(name))
                    .map(|(_, value)| value),
                (Content::Sequence(items), Step::Item(at)) => items.get(*at),
                _ => None,
            })
    }
}

impl Node {
    fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(text) => Some(text),
            _ => None,
        }
    }
}

fn json(value: serde_yaml::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::Null => Json::Null,
        Yaml::Bool(value) => Json::Bool(value),
        Yaml::Number(number) => serde_json::to_value(number).unwrap_or(Json::Null),
        Yaml::String(text) => Json::String(text),
        Yaml::Sequence(items) => items.into_iter().map(json).collect(),
        Yaml::Mapping(map) => map
            .into_iter()
            .map(|(key, value)| (key_text(key), json(value)))
            .collect(),
        Yaml::Tagged(tagged) => json(tagged.value),
    }
}

fn key_text(key: serde_yaml::Value) -> String {
    match json(key) {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

/// Builds the position tree of each document from the parser's events.
struct Reader<'t> {
    source: SourceId,
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    /// Byte offsets by character, for files that are not ASCII.
    offsets: Option<Vec<u32>>,
    length: usize,
}

impl<'t> Reader<'t> {
    fn new(source: SourceId, text: &'t str) -> Self {
        let offsets = (!text.is_ascii()).then(|| {
            text.char_indices()
                .map(|(at, _)| TextRange::new(at, at).start)
                .collect()
        });
        Self {
            source,
            parser: Parser::new_from_str(text),
            offsets,
            length: text.len(),
        }
    }

    fn documents(mut self) -> Result<Vec<Node>, Diagnostic> {
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
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok((event, span))) => {
                let range = TextRange::new(
                    self.offset(span.start.index()),
                    self.offset(span.end.index()),
                );
                Ok(Some((event, range)))
            }
            Some(Err(error)) => {
                let offset = self.offset(error.marker().index());
                let at = Span::new(self.source, TextRange::new(offset, offset + 1));
                Err(Diagnostic::error(Code::YamlSyntax, lower_first(error.info())).at(at))
            }
        }
    }

    fn offset(&self, character: usize) -> usize {
        match &self.offsets {
            None => character.min(self.length),
            Some(offsets) => offsets
                .get(character)
                .map_or(self.length, |at| *at as usize),
        }
    }

    fn node(&mut self, depth: usize) -> Result<Option<Node>, Diagnostic> {
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
            Event::Scalar(text, ..) => Content::Scalar(Cow::into_owned(text)),
            Event::Alias(_) => Content::Scalar(String::new()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn located(text: &str, path: &[Step<'_>], inner: &str) -> (String, String) {
        let mut sources = Sources::new();
        let id = sources.add("a.yaml", text);
        let documents = parse(id, text).unwrap();
        let (value, embedded) = documents[0].embedded(path).unwrap();
        let at = value.find(inner).unwrap();
        let span = embedded.span(TextRange::new(at, at + inner.len()));
        (
            sources.text(span).to_owned(),
            sources
                .get(id)
                .unwrap()
                .position(span.range.start)
                .to_string(),
        )
    }

    #[test]
    fn flow_collections_may_end_at_the_margin() {
        let text = "tests:\n  - log: {\n    a: 1\n  }\n    name: [\n  x\n  ]\nlast: y\n";
        let mut sources = Sources::new();
        let id = sources.add("a.yaml", text);
        let documents = parse(id, text).unwrap();
        let span = documents[0].span(&[Step::Key("last")]).unwrap();
        assert_eq!(sources.text(span), "y");
        assert!(parse(id, "a: {\n# x\n}\n  b: c\n").is_err());
    }

    #[test]
    fn block_scalars_keep_file_positions() {
        let text = "name: é\nquery: |\n  let a = 1;\n\n  T\n    | where b == a\nkind: x\n";
        assert_eq!(
            located(text, &[Step::Key("query")], "b == a"),
            ("b == a".into(), "6:13".into())
        );
        assert_eq!(
            located(text, &[Step::Key("query")], "T"),
            ("T".into(), "5:3".into())
        );
    }

    #[test]
    fn quoted_and_folded_scalars_keep_file_positions() {
        assert_eq!(
            located("q: \"a\\tb == 'c'\"", &[Step::Key("q")], "b == 'c'").1,
            "1:8"
        );
        assert_eq!(
            located("q: >-\n  a\n  b == 1\n", &[Step::Key("q")], "b == 1"),
            ("b == 1".into(), "3:3".into())
        );
        assert_eq!(
            located(r#"q: "T\nnext n""#, &[Step::Key("q")], "n").1,
            "1:8"
        );
        assert_eq!(located("q: 'it''s b'", &[Step::Key("q")], "b").1, "1:11");
    }

    /// Each word of a query that was put into a file in some way stands where the file has it.
    #[test]
    fn every_word_of_a_query_is_found_in_any_scalar() {
        let queries = [
            "T1\n| where a2 == \"é3\" // c4\n| extend b5 = 'x6'\n\n| take 7",
            "let a1 = dynamic([2, 3]);\nT4\n    | where b5 in (a1)\n\t| project c6",
        ];
        let block = |head: &str, indent: &str, query: &str| {
            let lines = query.lines().map(|line| match line {
                "" => "\n".to_owned(),
                line => format!("{indent}{line}\n"),
            });
            format!("é: 1\nq: {head}\n{}k: 2\n", lines.collect::<String>())
        };
        for query in queries {
            let escaped = query
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n")
                .replace('\t', "\\t");
            let doubled = query.replace('\'', "''").replace('\n', "\n\n  ");
            let mut files = vec![
                block("|", "  ", query),
                block("|-", " ", query),
                block("|+", "    ", query),
                block("|2", "  ", query),
                block("|2-", "  ", &query.replace('T', "  T")),
                block(">", "  ", query),
                block(">-", "   ", query),
                block("| # why", "  ", query),
                format!("é: 1\nq: \"{escaped}\"\nk: 2\n"),
                format!("é: 1\nq: '{doubled}'\nk: 2\n"),
                format!("{{\"é\": 1, \"q\": \"{escaped}\"}}"),
            ];
            files.extend(files.clone().iter().map(|file| file.replace('\n', "\r\n")));
            for file in &files {
                let words = words(query);
                let (mut sources, path) = (Sources::new(), [Step::Key("q")]);
                let id = sources.add("a.yaml", file.clone());
                let documents = parse(id, file).unwrap();
                let (value, embedded) = documents[0].embedded(&path).unwrap();
                let mut from = 0;
                let mut last = 0;
                for word in words {
                    let at = value[from..].find(word).unwrap() + from;
                    from = at + word.len();
                    let span = embedded.span(TextRange::new(at, from));
                    assert_eq!(sources.text(span), word, "{file}");
                    assert!(span.range.start >= last, "{file}");
                    last = span.range.end;
                }
            }
        }
    }

    /// The runs of letters and digits.
    fn words(text: &str) -> Vec<&str> {
        let parts = text.split(|c: char| !c.is_alphanumeric());
        parts.filter(|word| !word.is_empty()).collect()
    }

    #[test]
    fn several_documents_are_read_each_for_itself() {
        let text = "a: 1\n---\nb: [x, {c: 2}]\n";
        let documents = parse(SourceId(0), text).unwrap();
        assert_eq!(documents.len(), 2);
        assert_eq!(
            documents[1].to_json().unwrap(),
            serde_json::json!({"b": ["x", {"c": 2}]})
        );
        assert_eq!(
            documents[1]
                .span(&[Step::Key("b"), Step::Item(1), Step::Key("c")])
                .unwrap()
                .range
                .indices(),
            20..21
        );
    }

    #[test]
    fn what_is_not_yaml_is_a_diagnostic() {
        assert_eq!(
            parse(SourceId(0), "a: [1").unwrap_err().code,
            Code::YamlSyntax
        );
        assert_eq!(
            parse(SourceId(0), &"[".repeat(100_000)).unwrap_err().code,
            Code::YamlSyntax
        );
        assert!(parse(SourceId(0), "").unwrap().is_empty());
    }
}
