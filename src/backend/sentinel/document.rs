//! The model of the document: finished strings and lists in the order of the content hub's keys.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::super::kusto::{self, OWN_FORMAT, Query};
use super::super::{is_guid, yaml};
use super::incidents::{self, Incidents};
use super::shown::{self, Entity, Line, Mapped};
use super::{attack, schedule};
use crate::analysis::Report;
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Rule, Severity, Term};

/// The longest name and description.
pub(super) const NAME: usize = 256;
pub(super) const DESCRIPTION: usize = 5_000;

/// What the template prints.
#[derive(Serialize)]
pub(super) struct Model {
    id: String,
    name: String,
    description: String,
    severity: &'static str,
    status: Option<String>,
    disabled: bool,
    connectors: Vec<Connector>,
    schedule: Option<Schedule>,
    tactics: Vec<String>,
    techniques: Vec<String>,
    tags: Vec<String>,
    query: String,
    entities: Vec<Entity>,
    details: Vec<Mapped>,
    shown: Vec<Line>,
    further: Vec<String>,
    /// Whether its alerts make no incidents.
    silent: bool,
    incidents: Option<Incidents>,
    version: String,
    kind: String,
}

#[derive(Serialize)]
struct Connector {
    id: String,
    tables: Vec<String>,
}

#[derive(Serialize)]
struct Schedule {
    frequency: String,
    period: String,
    operator: String,
    threshold: String,
}

/// The keys that the document makes itself; any other that came with the rule is written again.
const MADE: &[&str] = &[
    "id",
    "name",
    "description",
    "severity",
    "status",
    "enabled",
    "requiredDataConnectors",
    "queryFrequency",
    "queryPeriod",
    "triggerOperator",
    "triggerThreshold",
    "tactics",
    "relevantTechniques",
    "query",
    "entityMappings",
    "customDetails",
    "version",
    "kind",
];

/// The model of a rule and its query.
pub(super) fn model(rule: &Rule, query: &Query<'_>, report: &mut Report) -> Model {
    let metadata = &rule.metadata;
    let kept = Kept::of(rule);
    let (tactics, techniques) = attack::of(rule, report);
    let description = description(rule);
    let description = shown::shortened(description, DESCRIPTION, "description", rule, report);
    let name = shown::shortened(metadata.name.clone(), NAME, "name", rule, report);
    let shown = shown::texts(rule, query, report);
    let mut details = shown::details(rule, query, report);
    let incidents = (!kept.is_own() && !metadata.silent)
        .then(|| incidents::of(rule, query, &shown, &mut details, report))
        .flatten();
    let kind = kept.text("kind").unwrap_or_else(|| "Scheduled".to_owned());
    let schedule = (kind != "NRT").then(|| {
        let (frequency, period) = schedule::of(rule, report);
        Schedule {
            frequency,
            period,
            operator: kept
                .text("triggerOperator")
                .unwrap_or_else(|| "gt".to_owned()),
            threshold: kept
                .text("triggerThreshold")
                .unwrap_or_else(|| "0".to_owned()),
        }
    });
    Model {
        id: id(rule),
        name,
        description: yaml::block_text(&description),
        severity: severity(rule, report),
        status: kept
            .text("status")
            .or_else(|| metadata.status.clone().filter(|_| kept.is_own())),
        disabled: metadata.disabled,
        connectors: kept.connectors().unwrap_or_else(|| connectors(query)),
        schedule,
        tactics,
        techniques,
        tags: tags(rule, &kept),
        query: query.text.trim_end().to_owned(),
        entities: shown::entities(rule, query, report),
        details,
        further: further(rule, &kept, &shown),
        silent: metadata.silent && !kept.is_own(),
        incidents,
        shown,
        version: metadata
            .version
            .clone()
            .filter(|version| is_version(version))
            .unwrap_or_else(|| "1.0.0".to_owned()),
        kind,
    }
}

/// The keys of the source document, where it was of the same format.
struct Kept<'r> {
    keys: Option<&'r IndexMap<String, Value>>,
}

impl<'r> Kept<'r> {
    fn of(rule: &'r Rule) -> Self {
        let own = rule.preserved.format == OWN_FORMAT;
        Self {
            keys: own.then_some(&rule.preserved.keys),
        }
    }

    fn is_own(&self) -> bool {
        self.keys.is_some()
    }

    fn get(&self, key: &str) -> Option<&'r Value> {
        self.keys?.get(key)
    }

    fn text(&self, key: &str) -> Option<String> {
        match self.get(key)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    fn connectors(&self) -> Option<Vec<Connector>> {
        let list = self.get("requiredDataConnectors")?.as_array()?;
        list.iter()
            .map(|entry| {
                let tables = entry.get("dataTypes").or_else(|| entry.get("datatypes"))?;
                let tables = tables
                    .as_array()?
                    .iter()
                    .map(|table| Some(table.as_str()?.to_owned()));
                Some(Connector {
                    id: entry.get("connectorId")?.as_str()?.to_owned(),
                    tables: tables.collect::<Option<_>>()?,
                })
            })
            .collect()
    }
}

fn connectors(query: &Query<'_>) -> Vec<Connector> {
    let mut connectors: Vec<Connector> = Vec::new();
    for place in std::iter::once(&query.place).chain(&query.others) {
        let Some(id) = place.connector() else {
            continue;
        };
        let table = place.table.to_owned();
        match connectors.iter_mut().find(|known| known.id == id) {
            Some(known) => known.tables.push(table),
            None => connectors.push(Connector {
                id: id.to_owned(),
                tables: vec![table],
            }),
        }
    }
    connectors
}

/// The rule's GUID; for another id one that is the same in every translation of the rule.
pub(super) fn id(rule: &Rule) -> String {
    let metadata = &rule.metadata;
    if is_guid(&metadata.id) {
        return metadata.id.clone();
    }
    let source = if metadata.id.is_empty() {
        &metadata.name
    } else {
        &metadata.id
    };
    Uuid::new_v5(&Uuid::NAMESPACE_OID, source.as_bytes()).to_string()
}

pub(super) fn is_version(version: &str) -> bool {
    let parts: Vec<&str> = version.split('.').collect();
    version.len() <= 20
        && parts.len() == 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn severity(rule: &Rule, report: &mut Report) -> &'static str {
    let severity = rule.metadata.severity;
    if severity == Severity::Critical {
        let message =
            "the severity `critical` becomes `High`, the highest of Sentinel; a tag keeps the word";
        report
            .diagnostics
            .push(Diagnostic::note(Code::RuleMetadata, message).at(rule.origin));
    }
    kusto::severity_word(severity)
}

/// The description, and what else a reader of the alert needs that the format has no key for.
fn description(rule: &Rule) -> String {
    let metadata = &rule.metadata;
    let mut text = metadata.description.trim_end().to_owned();
    if text.is_empty() {
        text.clone_from(&metadata.name);
    }
    let mut paragraphs = Vec::new();
    if let Some(runbook) = &metadata.runbook {
        paragraphs.push(format!("Runbook: {}", runbook.trim()));
    }
    if !metadata.references.is_empty() {
        paragraphs.push(format!("Reference: {}", metadata.references.join(", ")));
    }
    if !metadata.false_positives.is_empty() {
        paragraphs.push(format!(
            "False positives: {}",
            metadata.false_positives.join("; ")
        ));
    }
    if let Some(author) = &metadata.author {
        paragraphs.push(format!("Author: {author}"));
    }
    for (at, paragraph) in paragraphs.iter().enumerate() {
        text.push_str(if at == 0 { "\n\n" } else { "\n" });
        text.push_str(paragraph);
    }
    text
}

fn tags(rule: &Rule, kept: &Kept<'_>) -> Vec<String> {
    if kept.get("tags").is_some() {
        return Vec::new();
    }
    let mut tags = rule.metadata.tags.clone();
    if rule.metadata.severity == Severity::Critical {
        tags.push("Severity: Critical".to_owned());
    }
    if let Some(status) = rule.metadata.status.as_ref().filter(|_| !kept.is_own()) {
        tags.push(format!("Status: {status}"));
    }
    tags
}

/// The keys after the alert's texts: those that came with the rule, and one alert per row where each row has a text of its own.
fn further(rule: &Rule, kept: &Kept<'_>, shown: &[Line]) -> Vec<String> {
    let mut blocks: Vec<String> = kept
        .keys
        .into_iter()
        .flatten()
        .filter(|(key, _)| !MADE.contains(&key.as_str()))
        .filter(|(key, _)| *key != "alertDetailsOverride" || shown.is_empty())
        .map(|(key, value)| yaml::entry(key, value))
        .collect();
    let grouped = rule
        .threshold
        .as_ref()
        .is_some_and(|threshold| !threshold.group_by.is_empty());
    let titled = matches!(&rule.alert.title, Some(title) if !matches!(title, Term::Literal(_)));
    if !kept.is_own() && (grouped || titled) {
        let value = serde_json::json!({"aggregationKind": "AlertPerResult"});
        blocks.push(yaml::entry("eventGroupingSettings", &value));
    }
    blocks
}
