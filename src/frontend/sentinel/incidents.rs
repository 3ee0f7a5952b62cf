//! `incidentConfiguration`: whether there are incidents, and which alerts stand in one.
//!
//! Alerts that are grouped by their name, by custom details or by entities are those that a text of these values puts together within
//! the time that Sentinel looks back. Where rows are counted, the count's own groups say what an alert is, and the key stays
//! Sentinel's; so it does where a value that alerts are grouped by is not known.

use std::time::Duration;

use serde_json::Value;

use super::document::Document;
use super::duration;
use super::metadata::Reader;
use crate::ir::{Function, Origin, Rule, Term};
use crate::syntax::yaml::Step;

const KEY: &str = "incidentConfiguration";
const GROUPING: &str = "groupingConfiguration";

/// How far back Sentinel looks for an incident where the rule does not say.
const LOOKBACK: Duration = Duration::from_secs(5 * 60 * 60);

/// Says in the rule how its alerts are put together.
pub(super) fn apply(rule: &mut Rule, document: &Document, reader: &Reader<'_, '_>) {
    let Some(configuration) = document.other.get(KEY) else {
        return;
    };
    rule.metadata.silent = configuration.get("createIncident") == Some(&Value::Bool(false));
    let Some(grouping) = grouping(configuration) else {
        return;
    };
    if rule.metadata.silent || rule.threshold.is_some() || rule.pipeline.is_some() {
        return;
    }
    let Some(values) = common(grouping, rule) else {
        return;
    };
    let length = grouping.get("lookbackDuration").and_then(Value::as_str);
    let length = length.map_or(Some(LOOKBACK), duration::parse);
    let Some(length) = length else { return };
    rule.dedup_window = Some(length.as_secs());
    if Some(&values) != rule.alert.title.as_ref() {
        rule.alert.dedup = Some(values);
        let place = reader.key_span(&[Step::Key(KEY), Step::Key(GROUPING)]);
        rule.alert.origins.dedup = Origin(place);
    }
}

/// The grouping, where alerts are grouped.
fn grouping(configuration: &Value) -> Option<&Value> {
    let grouping = configuration.get(GROUPING)?;
    (grouping.get("enabled") == Some(&Value::Bool(true))).then_some(grouping)
}

/// The text that alerts of one incident have in common; nothing where it is not known.
fn common(grouping: &Value, rule: &Rule) -> Option<Term> {
    let mut values = match grouping.get("matchingMethod")?.as_str()? {
        // Every alert has the rule's name.
        "AnyAlert" => Vec::new(),
        "AllEntities" => identifiers(rule, |_| true),
        "Selected" => selected(grouping, rule)?,
        _ => return None,
    };
    values.dedup();
    let text = match values.len() {
        0 => Term::text(rule.metadata.name.as_str()),
        1 => values.remove(0),
        _ => {
            let values = values.into_iter().enumerate();
            let separated = values.flat_map(|(at, value)| {
                let separator = (at > 0).then(|| Term::text("-"));
                separator.into_iter().chain([value])
            });
            Term::call(Function::Concat, separated.collect::<Vec<_>>())
        }
    };
    Some(text)
}

/// The values that are listed, in the order of the keys.
fn selected(grouping: &Value, rule: &Rule) -> Option<Vec<Term>> {
    let mut values = Vec::new();
    for kind in listed(grouping, "groupByEntities") {
        let found = identifiers(rule, |own| own.eq_ignore_ascii_case(kind));
        if found.is_empty() {
            return None;
        }
        values.extend(found);
    }
    for detail in listed(grouping, "groupByAlertDetails") {
        match detail {
            "DisplayName" => values.extend(rule.alert.title.clone()),
            "Severity" => values.extend(rule.alert.severity.clone()),
            _ => return None,
        }
    }
    for name in listed(grouping, "groupByCustomDetails") {
        let mut details = rule.alert.details.iter();
        values.push(details.find(|detail| detail.name == name)?.source.clone());
    }
    Some(values)
}

fn listed<'v>(grouping: &'v Value, key: &str) -> Vec<&'v str> {
    let items = grouping.get(key).and_then(Value::as_array);
    let items = items.map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).collect()
}

/// What identifies the entities of these kinds.
fn identifiers(rule: &Rule, of: impl Fn(&str) -> bool) -> Vec<Term> {
    let entities = rule.entities.iter().filter(|entity| of(&entity.kind));
    let identifiers = entities.flat_map(|entity| &entity.identifiers);
    identifiers.map(|one| one.source.clone()).collect()
}

/// What of the key the rule does not say.
pub(super) fn unread<'v>(
    configuration: &'v Value,
    rule: &Rule,
) -> impl Iterator<Item = &'static str> + use<'v> {
    let grouping = grouping(configuration);
    let is_said = rule.dedup_window.is_some();
    let whole = (grouping.is_some() && !is_said).then_some(GROUPING);
    let reopens = grouping.filter(|grouping| {
        is_said && grouping.get("reopenClosedIncident") == Some(&Value::Bool(true))
    });
    let reopens = reopens.map(|_| "groupingConfiguration.reopenClosedIncident");
    whole.into_iter().chain(reopens)
}
