//! Queries alone, in files of their own; several in a file stand apart by empty lines, as in the query editor.
//!
//! The comments at its head say more: the first line is the rule's name, the others what it detects, but for lines such as
//! `severity: high`. Without a comment the rule is called `query`.

use std::ffi::OsStr;
use std::path::Path;

use super::metadata::paired;
use super::{apply, check, lower};
use crate::diagnostic::Diagnostics;
use crate::frontend::{Context, Frontend};
use crate::ir::{Attack, Metadata, Rule, Severity};
use crate::source::{self, Embedded, SourceId, Sources, Span, TextRange};
use crate::syntax::kql;
use crate::syntax::kql::ast::{Source, StatementKind};

/// Queries in files of their own.
#[derive(Clone, Copy, Debug)]
pub struct Kql;

impl Frontend for Kql {
    fn name(&self) -> &'static str {
        "kql"
    }

    fn table_language(&self) -> Option<&'static str> {
        Some("KQL")
    }

    fn recognises(&self, text: &str) -> bool {
        // Other formats' files would have to be parsed to the end to see that they are none.
        let likely = text.contains('|') && !text.trim_start().starts_with(['{', '[', '#', '-']);
        likely && !queries(text).is_empty()
    }

    fn owns(&self, path: &Path) -> bool {
        let extension = path.extension().and_then(OsStr::to_str);
        extension.is_some_and(|it| ["kql", "csl"].contains(&it.to_lowercase().as_str()))
    }

    fn import(&self, id: SourceId, context: &mut Context<'_>) -> Vec<Rule> {
        let text = context.sources.get(id).map(source::Source::shared_text);
        let Some(text) = text else {
            return Vec::new();
        };
        let mut parts = queries(&text);
        if parts.is_empty() {
            // What is wrong with it is said by the parser.
            parts.push((0, &text));
        }
        let mut rules = Vec::new();
        for (start, part) in parts {
            let range = TextRange::new(start, start + part.len());
            let embedded = Embedded::new(id, vec![(0, range.start)], range.end);
            let Some(lowering) = lower(
                part,
                &embedded,
                None,
                &[],
                context.crosswalk,
                context.diagnostics,
            ) else {
                continue;
            };
            let mut rule = Rule::new(metadata(part));
            rule.origin = Span::new(id, range).into();
            self.name().clone_into(&mut rule.preserved.format);
            apply(&mut rule, lowering);
            rule.forget_unused();
            rules.push(rule);
        }
        rules
    }

    fn check(&self, id: SourceId, sources: &Sources, diagnostics: &mut Diagnostics) {
        let text = sources.get(id).map_or("", |source| source.text());
        for (start, part) in queries(text) {
            let range = TextRange::new(start, start + part.len());
            let embedded = Embedded::new(id, vec![(0, range.start)], range.end);
            check::query_bound(part, &embedded, diagnostics);
        }
    }
}

/// The queries of a file, each with the offset at which it starts; none where the text is anything else.
fn queries(text: &str) -> Vec<(usize, &str)> {
    if is_query(text) {
        return vec![(0, text)];
    }
    let mut parts: Vec<(usize, &str)> = Vec::new();
    let (mut start, mut at) = (0, 0);
    // What stands before a query belongs to it: comments, and what it declares.
    for line in text.split_inclusive('\n') {
        at += line.len();
        let empty = line.trim().is_empty();
        let part = text.get(start..at).unwrap_or("");
        if (empty || at == text.len()) && has_code(part) {
            parts.push((start, part));
            start = at;
        }
    }
    let whole = parts.len() > 1 && parts.iter().all(|(_, part)| is_query(part));
    if whole { parts } else { Vec::new() }
}

/// Whether a line of the text is neither empty nor a comment.
fn has_code(text: &str) -> bool {
    text.lines()
        .map(str::trim)
        .any(|line| !line.is_empty() && !line.starts_with("//"))
}

/// Whether the text is a query with stages.
fn is_query(text: &str) -> bool {
    let parsed = kql::parse(text);
    parsed.errors.is_empty()
        && parsed
            .query
            .statements
            .iter()
            .any(|statement| match &statement.kind {
                StatementKind::Expression(pipeline) => {
                    matches!(pipeline.source, Source::Operator(_)) || !pipeline.stages.is_empty()
                }
                _ => false,
            })
}

/// What the comments at the head of the query say: its name, what it detects, and lines with a key.
fn metadata(text: &str) -> Metadata {
    let mut metadata = Metadata::default();
    let mut description: Vec<&str> = Vec::new();
    let head = text
        .lines()
        .map_while(|line| line.trim().strip_prefix("//"));
    for line in head.map(str::trim) {
        let (key, value) = line
            .split_once(':')
            .map_or(("", line), |(key, value)| (key, value.trim()));
        match key.to_ascii_lowercase().as_str() {
            "name" | "title" => value.clone_into(&mut metadata.name),
            "id" => value.clone_into(&mut metadata.id),
            "description" => description.push(value),
            "severity" => metadata.severity = severity(value),
            "att&ck" => metadata.attack = attack(value),
            _ if metadata.name.is_empty() => line.clone_into(&mut metadata.name),
            _ => description.push(line),
        }
    }
    description
        .join("\n")
        .trim()
        .clone_into(&mut metadata.description);
    if metadata.name.is_empty() {
        "query".clone_into(&mut metadata.name);
    }
    metadata
}

/// Tactics and techniques by id; what stands behind an id is its name.
fn attack(list: &str) -> Vec<Attack> {
    let ids: Vec<&str> = list
        .split(',')
        .filter_map(|entry| entry.split_whitespace().next())
        .collect();
    let (tactics, techniques): (Vec<&str>, Vec<&str>) =
        ids.into_iter().partition(|id| id.starts_with("TA"));
    let techniques: Vec<String> = techniques.into_iter().map(str::to_owned).collect();
    paired(&tactics, &techniques)
}

fn severity(word: &str) -> Severity {
    let all = [
        Severity::Informational,
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];
    all.into_iter()
        .find(|severity| severity.name().eq_ignore_ascii_case(word))
        .unwrap_or_default()
}
