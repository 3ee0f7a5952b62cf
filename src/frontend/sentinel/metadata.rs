//! The document's own keys to a rule's metadata, schedule and preserved keys.

use serde_json::Value;

use super::document::{Document, SENTINEL_KEYS, plain};
use super::{FORMAT, duration, incidents};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Attack, Metadata, Origin, Preserved, Rule, Schedule, Severity};
use crate::schema::{AttackTable, is_industrial_tactic, is_industrial_technique};
use crate::source::Span;
use crate::syntax::yaml::{self, Step};

/// The keys that the rule, or the log source that it is on, says as well.
const READ: [&str; 21] = [
    "name",
    "description",
    "severity",
    "status",
    "version",
    "kind",
    "type",
    "enabled",
    "query",
    "queryFrequency",
    "queryPeriod",
    "triggerOperator",
    "triggerThreshold",
    "requiredDataConnectors",
    "tactics",
    "relevantTechniques",
    "techniques",
    "subTechniques",
    "tags",
    "entityMappings",
    "customDetails",
];

/// The same of the keys of `alertDetailsOverride`.
const TEXTS_READ: [&str; 3] = [
    "alertDisplayNameFormat",
    "alertDescriptionFormat",
    "alertSeverityColumnName",
];

/// The tag that keeps a severity which Sentinel has no word for.
const KEPT_SEVERITY: &str = "Severity: Critical";

/// Reads keys of a document, with a diagnostic at the value for each one that is not understood.
pub(super) struct Reader<'r, 't> {
    pub yaml: &'r yaml::Document<'t>,
    pub diagnostics: &'r mut Diagnostics,
}

impl Reader<'_, '_> {
    /// A value that was not understood.
    pub(super) fn warn(&mut self, code: Code, message: String, path: &[Step<'_>]) {
        self.diagnostics
            .push(Diagnostic::warning(code, message).at(self.yaml.span(path)));
    }

    /// Who and what the rule is.
    pub(super) fn metadata(&mut self, document: &Document) -> Metadata {
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let severity = self.severity(&document.severity);
        let is_kept = |tag: &&str| *tag == KEPT_SEVERITY;
        let tags = document.tags.iter().filter_map(Value::as_str);
        let (kept, tags): (Vec<&str>, Vec<&str>) = tags.partition(is_kept);
        let severity = match severity {
            Severity::High if !kept.is_empty() => Severity::Critical,
            other => other,
        };
        Metadata {
            id: document.id.clone(),
            name: document.name.trim().to_owned(),
            description: unquoted(&document.description),
            severity,
            disabled: document.enabled == Some(false),
            status: filled(&document.status),
            version: filled(&document.version),
            tags: tags.into_iter().map(str::to_owned).collect(),
            attack: self.attack(document),
            ..Metadata::default()
        }
    }

    fn severity(&mut self, text: &str) -> Severity {
        match text.to_ascii_lowercase().as_str() {
            "informational" => Severity::Informational,
            "low" => Severity::Low,
            "medium" | "" => Severity::Medium,
            "high" => Severity::High,
            _ => {
                let message = format!(
                    "`{text}` is not a severity; expected Informational, Low, Medium or High"
                );
                self.warn(Code::RuleMetadata, message, &[Step::Key("severity")]);
                Severity::Medium
            }
        }
    }

    /// Each tactic with the techniques that belong to it, in the order of the file; techniques of no listed tactic alone.
    fn attack(&mut self, document: &Document) -> Vec<Attack> {
        let table = AttackTable::builtin();
        let mut tactics = Vec::new();
        for (at, name) in document.tactics.iter().map(plain).enumerate() {
            let path = [Step::Key("tactics"), Step::Item(at)];
            if let Some(tactic) = table.tactic_named(&name) {
                tactics.push(tactic.id.as_str());
            } else if is_industrial_tactic(&name) {
                let message = format!(
                    "the tactic `{name}` is one of ATT&CK for industrial systems, and is left out"
                );
                let span = self.yaml.span(&path);
                let note = Diagnostic::note(Code::Unsupported, message).at(span);
                self.diagnostics.push(note);
            } else {
                let message = format!("`{name}` is not a tactic");
                self.warn(Code::RuleMetadata, message, &path);
            }
        }
        let mut techniques: Vec<String> = Vec::new();
        for (key, listed) in [
            ("relevantTechniques", &document.relevant_techniques),
            ("techniques", &document.techniques),
        ] {
            for (at, id) in listed.iter().map(plain).enumerate() {
                if table.technique(&id).is_none() && !is_industrial_technique(&id) {
                    let message = format!("`{id}` is not a technique of ATT&CK {}", table.version);
                    self.warn(
                        Code::AttackUnknown,
                        message,
                        &[Step::Key(key), Step::Item(at)],
                    );
                }
                if !id.is_empty() && !techniques.contains(&id) {
                    techniques.push(id);
                }
            }
        }
        paired(&tactics, &techniques)
    }

    /// When the rule runs; near-real-time rules have no schedule.
    pub(super) fn schedule(&mut self, document: &Document) -> Option<Schedule> {
        if document.kind.eq_ignore_ascii_case("NRT") {
            return None;
        }
        let mut read = |key: &'static str, text: &str| {
            let read = duration::parse(text);
            if read.is_none() && !text.is_empty() {
                self.warn(
                    Code::RuleMetadata,
                    format!("`{text}` is not a duration"),
                    &[Step::Key(key)],
                );
            }
            read
        };
        let frequency = read("queryFrequency", &document.query_frequency);
        let period = read("queryPeriod", &document.query_period);
        Some(Schedule {
            frequency: frequency.or(period)?,
            period: period.or(frequency)?,
        })
    }

    /// Where a key stands.
    pub(super) fn key_span(&self, path: &[Step<'_>]) -> Option<Span> {
        self.yaml.key_span(path)
    }

    /// The document as it is, to be written again; a note for each key that is not of the format.
    pub(super) fn preserved(&mut self, document: &Document, values: Value) -> Preserved {
        for key in document.other.keys() {
            if !SENTINEL_KEYS.contains(&key.as_str()) {
                let message = format!("`{key}` is not a key of Sentinel rules");
                let at = self.yaml.key_span(&[Step::Key(key)]);
                self.diagnostics
                    .push(Diagnostic::note(Code::UnknownKey, message).at(at));
            }
        }
        let mut preserved = Preserved {
            format: FORMAT.to_owned(),
            ..Preserved::default()
        };
        let Value::Object(values) = values else {
            return preserved;
        };
        for (key, value) in values {
            let value = match key.as_str() {
                "id" => continue,
                "queryFrequency" | "queryPeriod" => short(&value),
                _ => value,
            };
            if !value.is_null() {
                let place = self.yaml.key_span(&[Step::Key(&key)]);
                preserved.places.0.insert(key.clone(), Origin(place));
                preserved.keys.insert(key, value);
            }
        }
        preserved
    }
}

/// The keys that say something to Sentinel alone.
pub(super) fn unread(rule: &Rule) -> Vec<String> {
    let keys = &rule.preserved.keys;
    let is_on = |key: &str| keys.get(key) == Some(&Value::Bool(true));
    let mut found = Vec::new();
    for (key, value) in keys {
        match key.as_str() {
            "alertDetailsOverride" => {
                let inner = value.as_object().into_iter().flatten();
                let further = inner
                    .filter(|(key, value)| !value.is_null() && !TEXTS_READ.contains(&key.as_str()));
                found.extend(further.map(|(inner, _)| format!("{key}.{inner}")));
            }
            "incidentConfiguration" => {
                let inner = incidents::unread(value, rule);
                found.extend(inner.map(|inner| format!("{key}.{inner}")));
            }
            // Without suppression its length says nothing.
            "suppressionEnabled" | "suppressionDuration" if !is_on("suppressionEnabled") => {}
            read if READ.contains(&read) => {}
            _ => found.push(key.clone()),
        }
    }
    found
}

/// A duration in the form of a rule's YAML.
fn short(value: &Value) -> Value {
    let iso = value.as_str().filter(|text| text.starts_with(['P', 'p']));
    iso.and_then(duration::parse)
        .map_or_else(|| value.clone(), |length| duration::spell(length).into())
}

/// Each tactic with the techniques that belong to it; techniques of no listed tactic alone, at the end.
pub(super) fn paired(tactics: &[&str], techniques: &[String]) -> Vec<Attack> {
    let table = AttackTable::builtin();
    let belongs = |technique: &str, tactic: &str| {
        let entry = table.technique(technique);
        entry.is_some_and(|entry| entry.tactics.iter().any(|id| id == tactic))
    };
    let mut attack = Vec::new();
    for tactic in tactics {
        let under = techniques
            .iter()
            .filter(|technique| belongs(technique, tactic));
        let mut under = under
            .map(|technique| Some(technique.clone()))
            .collect::<Vec<_>>();
        if under.is_empty() {
            under.push(None);
        }
        let tactic = Some((*tactic).to_owned());
        attack.extend(under.into_iter().map(|technique| Attack {
            tactic: tactic.clone(),
            technique,
        }));
    }
    let alone = techniques
        .iter()
        .filter(|technique| !tactics.iter().any(|tactic| belongs(technique, tactic)));
    attack.extend(alone.map(|technique| Attack {
        tactic: None,
        technique: Some(technique.clone()),
    }));
    attack
}

/// The description without the quotes that many authors put into the block scalar.
fn unquoted(text: &str) -> String {
    let text = text.trim();
    let inner = text
        .strip_prefix('\'')
        .and_then(|inner| inner.strip_suffix('\''));
    inner
        .filter(|inner| !inner.contains('\''))
        .unwrap_or(text)
        .trim()
        .to_owned()
}
