//! Who a rule is, in Sigma's words: title, ids, status, tags, log source, and what Sigma has no place for.
//!
//! A GUID stays the id; any other id becomes a UUID made of it, always the same. What other formats have and Sigma has not (the id
//! there, a runbook, a version, free tags) stands under the `custom` attribute, which Sigma leaves to the author.

use indexmap::IndexSet;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::backend::is_guid;
use crate::ir::{Condition, LogSource, Metadata, Rule};
use crate::schema::{AttackTable, Crosswalk, SigmaSource};

/// The format whose preserved keys are written again.
pub(super) const FORMAT: &str = "sigma";

/// The longest title that the specification allows.
const TITLE: usize = 256;

/// The namespaces of tags that the specification lists.
const NAMESPACES: [&str; 7] = ["attack", "car", "cve", "d3fend", "detection", "stp", "tlp"];

/// The title on one line, as long as it may be.
pub(super) fn title(metadata: &Metadata) -> String {
    let name = if metadata.name.trim().is_empty() {
        &metadata.id
    } else {
        &metadata.name
    };
    let line = if name.contains(|c: char| c.is_whitespace() && c != ' ') {
        name.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        name.trim().to_owned()
    };
    match line.char_indices().nth(TITLE) {
        Some(_) => line.chars().take(TITLE - 1).chain(['…']).collect(),
        None if line.is_empty() => "Untitled rule".to_owned(),
        None => line,
    }
}

/// The rule's id.
pub(super) fn id(metadata: &Metadata) -> String {
    if is_guid(&metadata.id) {
        return metadata.id.to_ascii_lowercase();
    }
    let named = if metadata.id.is_empty() {
        &metadata.name
    } else {
        &metadata.id
    };
    derived(&format!("rulec:rule:{named}"))
}

/// The id of the rule that only selects the events that a correlation counts.
pub(super) fn event_id(metadata: &Metadata) -> String {
    derived(&format!("rulec:events:{}", id(metadata)))
}

/// The id of the correlation that counts the matches of a member, under this name, of the rule.
pub(super) fn count_id(metadata: &Metadata, name: &str) -> String {
    derived(&format!("rulec:count:{}:{name}", id(metadata)))
}

fn derived(name: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()).to_string()
}

/// Sigma's word for the maturity.
pub(super) fn status(metadata: &Metadata) -> &'static str {
    match metadata
        .status
        .as_deref()
        .unwrap_or_default()
        .to_ascii_lowercase()
        .as_str()
    {
        "stable" | "available" | "production" => "stable",
        "test" | "testing" => "test",
        "deprecated" => "deprecated",
        "unsupported" => "unsupported",
        _ => "experimental",
    }
}

/// The tags, and those that Sigma's rules for tags forbid.
pub(super) fn tags(metadata: &Metadata) -> (Vec<String>, Vec<String>) {
    let table = AttackTable::of(metadata.attack_version);
    let mut tags = IndexSet::new();
    for reference in &metadata.attack {
        let tactic = reference.tactic.as_deref().and_then(|id| table.tactic(id));
        tags.extend(tactic.map(|tactic| format!("attack.{}", tactic.sigma)));
        let technique = reference.technique.as_deref();
        tags.extend(technique.map(|id| format!("attack.{}", id.to_ascii_lowercase())));
    }
    let (allowed, free): (Vec<&String>, Vec<&String>) =
        metadata.tags.iter().partition(|tag| is_tag(tag));
    tags.extend(allowed.into_iter().cloned());
    (
        tags.into_iter().collect(),
        free.into_iter().cloned().collect(),
    )
}

fn is_tag(tag: &str) -> bool {
    tag.split_once('.').is_some_and(|(namespace, name)| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        NAMESPACES.contains(&namespace) && !name.is_empty() && name.chars().all(plain)
    })
}

/// The keys that only Sigma has, from a rule that was read from Sigma.
pub(super) fn preserved(rule: &Rule) -> Map<String, Value> {
    if rule.preserved.format == FORMAT {
        rule.preserved.keys.clone().into_iter().collect()
    } else {
        Map::new()
    }
}

/// The `custom` attribute; empty where there is nothing to say.
pub(super) fn custom(
    metadata: &Metadata,
    free_tags: Vec<String>,
    preserved: Option<Value>,
) -> Map<String, Value> {
    let mut custom = match preserved {
        Some(Value::Object(custom)) => custom,
        _ => Map::new(),
    };
    let mut text = |key: &str, text: Option<&String>| {
        if let Some(text) = text {
            custom.insert(key.to_owned(), Value::from(text.as_str()));
        }
    };
    text(
        "source_id",
        Some(&metadata.id).filter(|id| !id.is_empty() && !is_guid(id)),
    );
    text("version", metadata.version.as_ref());
    text("runbook", metadata.runbook.as_ref());
    if metadata.disabled {
        custom.insert("disabled".to_owned(), Value::Bool(true));
    }
    if metadata.silent {
        custom.insert("silent".to_owned(), Value::Bool(true));
    }
    if !free_tags.is_empty() {
        custom.insert("tags".to_owned(), Value::from(free_tags));
    }
    custom
}

/// The log source as Sigma's keys; `None` where Sigma has no name for it, or for the part of it that the condition selects from.
pub(super) fn log_source(
    source: &LogSource,
    condition: &Condition,
    crosswalk: &Crosswalk,
) -> Option<Map<String, Value>> {
    let source = match source {
        LogSource::Known(name) => crosswalk.get(&name.id)?.sigma_name(condition)?.name.clone(),
        LogSource::Unknown { format, name } if format == FORMAT => {
            let mut names = name
                .splitn(3, '/')
                .map(|name| Some(name.to_owned()).filter(|name| !name.is_empty()));
            SigmaSource {
                product: names.next().flatten(),
                category: names.next().flatten(),
                service: names.next().flatten(),
            }
        }
        LogSource::Resource { .. } | LogSource::Unknown { .. } => return None,
    };
    let names = [
        ("product", source.product),
        ("category", source.category),
        ("service", source.service),
    ];
    let keys = names
        .into_iter()
        .filter_map(|(key, name)| Some((key.to_owned(), Value::from(name?))));
    Some(keys.collect())
}

/// The source that these keys name.
pub(super) fn named(keys: &Map<String, Value>) -> SigmaSource {
    let name = |key: &str| keys.get(key).and_then(Value::as_str).map(str::to_owned);
    SigmaSource {
        product: name("product"),
        category: name("category"),
        service: name("service"),
    }
}
