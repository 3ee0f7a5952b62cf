//! The document as a resource of Azure Resource Manager: a deployment template with the rule for a workspace, which is a parameter.
//!
//! The keys are those of the vendor's reference for `Microsoft.SecurityInsights/alertRules`; the resource's name is the document's id,
//! so that a rule that is deployed again is the same rule. Durations are in ISO 8601, operators in words, and techniques apart from
//! their sub-techniques. A rule without a severity or a kind is no analytics rule and gives nothing. What the resource has no key
//! for and what the document has for people and for the content hub (connectors, status, version, tags) stays out.

use serde_json::{Map, Value, json};

const SCHEMA: &str =
    "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";
const TYPE: &str = "Microsoft.SecurityInsights/alertRules";
const VERSION: &str = "2023-12-01-preview";
const SCOPE: &str =
    "[resourceId('Microsoft.OperationalInsights/workspaces', parameters('workspace'))]";
/// How long further alerts are held back where the rule does not say; the resource cannot be without it.
const SUPPRESSION: &str = "PT5H";

/// Values that are the same in the document and in the resource.
const SAME: &[&str] = &[
    "triggerThreshold",
    "tactics",
    "entityMappings",
    "sentinelEntitiesMappings",
    "customDetails",
    "alertDetailsOverride",
    "eventGroupingSettings",
];
/// The keys of a schedule, which a near-real-time rule is without.
const SCHEDULE: &[&str] = &["queryFrequency", "queryPeriod"];

/// The deployment template of a document.
pub(super) fn template(document: &Value) -> Option<Value> {
    let text = |key: &str| document.get(key).and_then(Value::as_str);
    let (id, kind) = (text("id")?, text("kind")?);
    let mut properties = Map::new();
    let mut set = |key: &str, value: Value| {
        properties.insert(key.to_owned(), literal(value));
    };
    set("displayName", text("name")?.into());
    set(
        "description",
        text("description").unwrap_or_default().into(),
    );
    set("severity", text("severity")?.into());
    let enabled = document.get("enabled").and_then(Value::as_bool);
    set("enabled", enabled.unwrap_or(true).into());
    set("query", text("query")?.trim_end().into());
    for key in SCHEDULE {
        if let Some(span) = text(key) {
            set(key, iso8601(span)?.into());
        }
    }
    if let Some(operator) = text("triggerOperator") {
        set("triggerOperator", in_words(operator).into());
    }
    let span = match text("suppressionDuration") {
        Some(span) => iso8601(span)?,
        None => SUPPRESSION.to_owned(),
    };
    set("suppressionDuration", span.into());
    let suppressed = document.get("suppressionEnabled").and_then(Value::as_bool);
    set("suppressionEnabled", suppressed.unwrap_or(false).into());
    for key in SAME {
        if let Some(value) = document.get(key) {
            set(key, value.clone());
        }
    }
    let (techniques, below) = techniques(document);
    set("techniques", techniques);
    set("subTechniques", below);
    if let Some(incidents) = document.get("incidentConfiguration") {
        set("incidentConfiguration", incident(incidents));
    }
    Some(json!({
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {
            "workspace": {
                "type": "string",
                "metadata": {"description": "The Log Analytics workspace with Microsoft Sentinel"},
            },
        },
        "resources": [{
            "type": TYPE,
            "apiVersion": VERSION,
            "name": id,
            "scope": SCOPE,
            "kind": kind,
            "properties": properties,
        }],
    }))
}

/// The value with every text as it is: one in brackets would be an expression.
fn literal(value: Value) -> Value {
    match value {
        Value::String(text) if text.starts_with('[') => Value::String(format!("[{text}")),
        Value::Array(items) => items.into_iter().map(literal).collect(),
        Value::Object(entries) => entries
            .into_iter()
            .map(|(key, value)| (key, literal(value)))
            .collect(),
        other => other,
    }
}

fn in_words(operator: &str) -> &str {
    match operator {
        "gt" => "GreaterThan",
        "lt" => "LessThan",
        "eq" => "Equal",
        "ne" => "NotEqual",
        other => other,
    }
}

/// The techniques and, apart, the sub-techniques.
fn techniques(document: &Value) -> (Value, Value) {
    let keys = ["relevantTechniques", "techniques", "subTechniques"];
    let lists = keys.iter().filter_map(|key| document.get(key)?.as_array());
    let (mut whole, mut below): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for id in lists.flatten().filter_map(Value::as_str) {
        let technique = id.split('.').next().unwrap_or(id);
        if !whole.contains(&technique) {
            whole.push(technique);
        }
        if technique != id && !below.contains(&id) {
            below.push(id);
        }
    }
    (whole.into(), below.into())
}

/// The configuration of incidents, with its duration in ISO 8601.
fn incident(configuration: &Value) -> Value {
    let mut configuration = configuration.clone();
    if let Some(span) = configuration.pointer_mut("/groupingConfiguration/lookbackDuration")
        && let Some(text) = span.as_str().and_then(iso8601)
    {
        *span = text.into();
    }
    configuration
}

/// The duration in ISO 8601 of one as rules write it (`15m`, `1h`, `14d`), or as it is where it is in ISO 8601.
pub(crate) fn iso8601(text: &str) -> Option<String> {
    if text.starts_with('P') {
        return Some(text.to_owned());
    }
    let unit = text.chars().next_back()?;
    let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
    match unit.to_ascii_lowercase() {
        'd' => Some(format!("P{number}D")),
        'h' | 'm' | 's' => Some(format!("PT{number}{}", unit.to_ascii_uppercase())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_the_standard() {
        for (text, written) in [
            ("5m", Some("PT5M")),
            ("1h", Some("PT1H")),
            ("14d", Some("P14D")),
            ("PT20M", Some("PT20M")),
            ("1w", None),
            ("", None),
        ] {
            assert_eq!(iso8601(text).as_deref(), written, "{text}");
        }
    }

    #[test]
    fn a_document_is_a_resource_with_the_vendors_keys() {
        let document = json!({
            "id": "0f2aa22b-9b2c-4f5c-8f21-5b1d7a3e9c10",
            "name": "[test] rule",
            "description": "What it is for",
            "severity": "Medium",
            "requiredDataConnectors": [],
            "queryFrequency": "1h",
            "queryPeriod": "14d",
            "triggerOperator": "gt",
            "triggerThreshold": 0,
            "tactics": ["Persistence"],
            "relevantTechniques": ["T1098.001", "T1098", "T1136"],
            "query": "AWSCloudTrail\n| where EventName == \"a\"\n",
            "entityMappings": [{
                "entityType": "IP",
                "fieldMappings": [{"identifier": "Address", "columnName": "SourceIpAddress"}],
            }],
            "incidentConfiguration": {"groupingConfiguration": {"lookbackDuration": "5h"}},
            "version": "1.0.0",
            "kind": "Scheduled",
        });
        let made = template(&document).unwrap();
        let resource = &made["resources"][0];
        assert_eq!(resource["type"], "Microsoft.SecurityInsights/alertRules");
        assert_eq!(resource["name"], document["id"]);
        assert_eq!(resource["kind"], "Scheduled");
        assert_eq!(
            resource["properties"],
            json!({
                "displayName": "[[test] rule",
                "description": "What it is for",
                "severity": "Medium",
                "enabled": true,
                "query": "AWSCloudTrail\n| where EventName == \"a\"",
                "queryFrequency": "PT1H",
                "queryPeriod": "P14D",
                "triggerOperator": "GreaterThan",
                "suppressionDuration": "PT5H",
                "suppressionEnabled": false,
                "triggerThreshold": 0,
                "tactics": ["Persistence"],
                "entityMappings": document["entityMappings"],
                "techniques": ["T1098", "T1136"],
                "subTechniques": ["T1098.001"],
                "incidentConfiguration": {"groupingConfiguration": {"lookbackDuration": "PT5H"}},
            })
        );
    }

    #[test]
    fn what_is_no_analytics_rule_is_no_resource() {
        assert_eq!(template(&json!({"id": "a", "query": "T"})), None);
    }
}
