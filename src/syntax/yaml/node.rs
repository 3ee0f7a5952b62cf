//! The tree of places of a document: where each key and value stands, and the text of each scalar.

use std::borrow::Cow;

use super::Step;
use crate::source::TextRange;

/// A value's place and its parts.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::syntax) struct Node<'t> {
    pub(in crate::syntax) range: TextRange,
    pub(in crate::syntax) content: Content<'t>,
}

#[derive(Clone, Debug, PartialEq)]
pub(in crate::syntax) enum Content<'t> {
    Scalar(Cow<'t, str>),
    Sequence(Vec<Node<'t>>),
    Mapping(Vec<(Node<'t>, Node<'t>)>),
}

impl<'t> Node<'t> {
    /// A scalar.
    pub(in crate::syntax) fn scalar(range: TextRange, text: impl Into<Cow<'t, str>>) -> Self {
        Self {
            range,
            content: Content::Scalar(text.into()),
        }
    }

    /// A value of which only the whole has a place.
    pub(super) fn of_value(value: &serde_json::Value, range: TextRange) -> Self {
        use serde_json::Value as Json;
        let node = |value: &Json| Self::of_value(value, range);
        let content = match value {
            Json::String(text) => Content::Scalar(text.clone().into()),
            Json::Array(items) => Content::Sequence(items.iter().map(node).collect()),
            Json::Object(map) => Content::Mapping(
                map.iter()
                    .map(|(key, value)| (Self::scalar(range, key.clone()), node(value)))
                    .collect(),
            ),
            other => Content::Scalar(other.to_string().into()),
        };
        Self { range, content }
    }

    /// The text of a scalar.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The keys of a mapping with their values; none of anything else.
    pub(super) fn entries(&self) -> &[(Self, Self)] {
        match &self.content {
            Content::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// A key of a mapping, and its value.
    pub(super) fn entry(&self, name: &str) -> Option<&(Self, Self)> {
        let mut entries = self.entries().iter();
        entries.find(|(key, _)| key.as_text() == Some(name))
    }

    /// The value at the end of the path.
    pub(super) fn at(&self, path: &[Step<'_>]) -> Option<&Self> {
        path.iter()
            .try_fold(self, |node, step| match (&node.content, step) {
                (_, Step::Key(name)) => node.entry(name).map(|(_, value)| value),
                (Content::Sequence(items), Step::Item(at)) => items.get(*at),
                _ => None,
            })
    }
}
