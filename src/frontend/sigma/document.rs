//! One rule document: its metadata, log source, detection and fields, to a rule.
//!
//! What only Sigma has a place for is kept in `preserved`, unknown keys included. The `custom` attribute holds what other formats
//! have and Sigma has not (the id there, a runbook, free tags); it is read back into the metadata. Refused: a document without
//! title, log source or detection.

use serde_json::{Map, Value};

use super::detection::{self, Section};
use super::filter::Target;
use super::scope::Scope;
use super::tags;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::frontend::tuning::Tuning;
use crate::ir::{
    Condition, LogSource, Metadata, Origin, Output, Preserved, Rule, Severity, Stage, Term,
};
use crate::schema::{Crosswalk, LogSourceMap, Named, SigmaSource, sigma};
use crate::source::Span;
use crate::syntax::yaml::{Document, Step};

/// The name of the format.
pub(super) const FORMAT: &str = "sigma";

/// The keys that are read into the rule; every other key is preserved.
const READ: [&str; 16] = [
    "title",
    "id",
    "name",
    "status",
    "description",
    "references",
    "author",
    "tags",
    "level",
    "falsepositives",
    "fields",
    "logsource",
    "detection",
    "correlation",
    "custom",
    "generate",
];

/// The key of the name that other documents refer to.
pub(super) const NAME: &str = "name";

/// A document and its content.
pub(super) struct Read<'s> {
    /// The document.
    pub(super) document: &'s Document<'s>,
    /// The text of the whole file.
    pub(super) file: &'s str,
    /// The content.
    pub(super) content: Map<String, Value>,
    /// The log sources that are known.
    pub(super) crosswalk: &'s Crosswalk,
    /// What the run gives to its rules.
    pub(super) tuning: &'s Tuning,
}

impl Read<'_> {
    /// A text at the top level. Any other value but `null` is reported.
    pub(super) fn text(&self, key: &str, diagnostics: &mut Diagnostics) -> Option<String> {
        match self.content.get(key)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                let message = format!("`{key}` requires a text");
                diagnostics
                    .push(Diagnostic::warning(Code::RuleMetadata, message).at(self.span(key)));
                None
            }
        }
    }

    /// A list of texts at the top level; one text is a list of one.
    pub(super) fn texts(&self, key: &str, diagnostics: &mut Diagnostics) -> Vec<String> {
        match self.content.get(key) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(items)) => items.iter().map(shown).collect(),
            Some(Value::Object(_)) => {
                let message = format!("`{key}` requires a list of texts");
                diagnostics
                    .push(Diagnostic::warning(Code::RuleMetadata, message).at(self.span(key)));
                Vec::new()
            }
            Some(one) => vec![shown(one)],
        }
    }

    /// Where the value of a top-level key stands.
    pub(super) fn span(&self, key: &str) -> Option<Span> {
        self.document.span(&[Step::Key(key)])
    }

    /// The metadata and what only Sigma can print.
    pub(super) fn metadata(&self, diagnostics: &mut Diagnostics) -> (Metadata, Preserved) {
        let mut metadata = Metadata {
            id: self.text("id", diagnostics).unwrap_or_default(),
            name: self.text("title", diagnostics).unwrap_or_default(),
            slug: self.text("name", diagnostics).unwrap_or_default(),
            description: self.text("description", diagnostics).unwrap_or_default(),
            severity: self.severity(diagnostics),
            author: self.text("author", diagnostics),
            status: self.text("status", diagnostics),
            references: self.texts("references", diagnostics),
            false_positives: self.texts("falsepositives", diagnostics),
            ..Metadata::default()
        };
        (metadata.attack, metadata.tags) = tags::read(&self.texts("tags", diagnostics));
        let mut preserved = Preserved {
            format: FORMAT.to_owned(),
            ..Preserved::default()
        };
        for (key, value) in &self.content {
            // A name is what correlations and filters elsewhere refer to, so that it is also kept as it is.
            if !READ.contains(&key.as_str()) || (key == NAME && value.is_string()) {
                preserved.keys.insert(key.clone(), value.clone());
            }
            let place = self.document.key_span(&[Step::Key(key)]);
            preserved.places.0.insert(key.clone(), Origin(place));
        }
        if let Some(custom) = self.content.get("custom") {
            read_custom(custom, &mut metadata, &mut preserved);
        }
        (metadata, preserved)
    }

    fn severity(&self, diagnostics: &mut Diagnostics) -> Severity {
        let Some(level) = self.text("level", diagnostics) else {
            return Severity::default();
        };
        let known = match level.to_ascii_lowercase().as_str() {
            "informational" => Some(Severity::Informational),
            "low" => Some(Severity::Low),
            "medium" => Some(Severity::Medium),
            "high" => Some(Severity::High),
            "critical" => Some(Severity::Critical),
            _ => None,
        };
        known.unwrap_or_else(|| {
            let message = format!("`{level}` is not a level; `medium` is assumed");
            let help = "the levels are informational, low, medium, high and critical";
            diagnostics.push(
                Diagnostic::warning(Code::RuleMetadata, message)
                    .at(self.span("level"))
                    .help(help),
            );
            Severity::default()
        })
    }

    /// The rule of a document with a detection.
    pub(super) fn rule(&self, diagnostics: &mut Diagnostics) -> Option<Rule> {
        let whole = Some(self.document.whole());
        if !self.content.get("title").is_some_and(Value::is_string) {
            diagnostics
                .push(Diagnostic::error(Code::YamlShape, "a rule requires a `title`").at(whole));
            return None;
        }
        let (metadata, mut preserved) = self.metadata(diagnostics);
        let Some(Value::Object(source)) = self.content.get("logsource") else {
            diagnostics.push(
                Diagnostic::error(Code::YamlShape, "a rule requires a `logsource`").at(whole),
            );
            return None;
        };
        let Some(Value::Object(searches)) = self.content.get("detection") else {
            let span = self.span("detection").or(whole);
            diagnostics.push(
                Diagnostic::error(
                    Code::YamlShape,
                    "a rule requires a `detection` with searches",
                )
                .at(span),
            );
            return None;
        };
        let (log_source, known) = log_source(source, self.crosswalk);
        let map = known.map(|(map, _)| map);
        if source.keys().any(|key| !NAMES.contains(&key.as_str())) {
            preserved
                .keys
                .insert("logsource".to_owned(), Value::Object(source.clone()));
        }
        let fields = self.texts("fields", diagnostics);
        let mut scope = Scope {
            document: self.document,
            file: self.file,
            map,
            placeholders: &self.tuning.placeholders,
            diagnostics,
        };
        let mut rule = Rule::new(metadata);
        let part = known.map_or(Condition::TRUE, |(_, named)| named.condition());
        rule.selection = part.and(detection::lower(&mut scope, Section::Detection, searches)?);
        rule.log_sources = vec![log_source];
        rule.outputs = fields
            .iter()
            .enumerate()
            .map(|(at, name)| self.output(map, at, name))
            .collect();
        rule.preserved = preserved;
        rule.origin = self.document.whole().into();
        Some(rule)
    }

    /// What filters know the rule of the document by.
    pub(super) fn target(&self, rule: &Rule) -> Target<'_> {
        let text = |key: &str| self.content.get(key).and_then(Value::as_str);
        let source = self.content.get("logsource").and_then(Value::as_object);
        Target {
            id: text("id"),
            name: text("name"),
            source: source.map(source_of).unwrap_or_default(),
            map: rule
                .log_sources
                .first()
                .and_then(|source| self.crosswalk.of(source)),
        }
    }

    pub(super) fn output(&self, map: Option<&LogSourceMap>, at: usize, name: &str) -> Output {
        Output {
            name: name.to_owned(),
            source: Term::Field(sigma::path_of(map, name)),
            when: None,
            stage: Stage::Fields,
            origin: Origin(self.document.span(&[Step::Key("fields"), Step::Item(at)])),
        }
    }
}

/// The keys that say something to people, or to those who convert Sigma's rules.
pub(super) fn unread(preserved: &Preserved) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in &preserved.keys {
        match (key.as_str(), value) {
            (NAME, _) => {}
            ("logsource", Value::Object(inner)) => {
                let further = inner.keys().filter(|key| !NAMES.contains(&key.as_str()));
                found.extend(further.map(|inner| format!("{key}.{inner}")));
            }
            ("custom", Value::Object(inner)) => {
                found.extend(inner.keys().map(|inner| format!("{key}.{inner}")));
            }
            _ => found.push(key.clone()),
        }
    }
    found
}

/// The keys of a log source that name it.
const NAMES: [&str; 3] = ["product", "category", "service"];

/// What is known of a log source: its map, and the name that it goes by.
type KnownSource<'c> = (&'c LogSourceMap, &'c Named<SigmaSource>);

/// The names of a `logsource`.
pub(super) fn source_of(source: &Map<String, Value>) -> SigmaSource {
    let name = |key: &str| source.get(key).and_then(Value::as_str).map(str::to_owned);
    SigmaSource {
        product: name("product"),
        category: name("category"),
        service: name("service"),
    }
}

/// The log source, and what is known of it.
fn log_source<'c>(
    source: &Map<String, Value>,
    crosswalk: &'c Crosswalk,
) -> (LogSource, Option<KnownSource<'c>>) {
    let wanted = source_of(source);
    if let Some(known) = crosswalk.by_sigma(&wanted) {
        return (LogSource::known(&known.0.id), Some(known));
    }
    let names = [wanted.product, wanted.category, wanted.service];
    let name = names.map(Option::unwrap_or_default).join("/");
    let format = FORMAT.to_owned();
    (LogSource::Unknown { format, name }, None)
}

fn read_custom(custom: &Value, metadata: &mut Metadata, preserved: &mut Preserved) {
    let Value::Object(entries) = custom else {
        preserved.keys.insert("custom".to_owned(), custom.clone());
        return;
    };
    let mut rest = Map::new();
    for (key, value) in entries {
        match (key.as_str(), value) {
            ("source_id", Value::String(id)) => metadata.id.clone_from(id),
            ("runbook", Value::String(runbook)) => metadata.runbook = Some(runbook.clone()),
            ("version", Value::String(version)) => metadata.version = Some(version.clone()),
            ("disabled", Value::Bool(disabled)) => metadata.disabled = *disabled,
            ("silent", Value::Bool(silent)) => metadata.silent = *silent,
            ("tags", Value::Array(tags)) => metadata.tags.extend(tags.iter().map(shown)),
            _ => {
                rest.insert(key.clone(), value.clone());
            }
        }
    }
    if !rest.is_empty() {
        preserved
            .keys
            .insert("custom".to_owned(), Value::Object(rest));
    }
}

/// A text as it is, anything else as its JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
