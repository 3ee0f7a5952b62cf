//! The rule file: a Sentinel analytics rule as YAML.
//!
//! Every key of the format has a field here. Values that differ between authors (a version that is a number, a list that is
//! null) are read leniently; keys that are not of the format stay in `other`, in the order of the file.

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The whole document.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Document {
    #[serde(deserialize_with = "text")]
    pub id: String,
    #[serde(deserialize_with = "text")]
    pub name: String,
    #[serde(deserialize_with = "text")]
    pub description: String,
    #[serde(deserialize_with = "text")]
    pub severity: String,
    #[serde(deserialize_with = "text")]
    pub status: String,
    #[serde(deserialize_with = "text")]
    pub version: String,
    /// `Scheduled` or `NRT`.
    #[serde(deserialize_with = "text")]
    pub kind: String,
    pub enabled: Option<bool>,
    #[serde(deserialize_with = "text")]
    pub query: String,
    #[serde(deserialize_with = "text")]
    pub query_frequency: String,
    #[serde(deserialize_with = "text")]
    pub query_period: String,
    #[serde(deserialize_with = "text")]
    pub trigger_operator: String,
    pub trigger_threshold: Value,
    #[serde(deserialize_with = "list")]
    pub tactics: Vec<Value>,
    #[serde(deserialize_with = "list")]
    pub relevant_techniques: Vec<Value>,
    #[serde(deserialize_with = "list")]
    pub techniques: Vec<Value>,
    #[serde(deserialize_with = "list")]
    pub tags: Vec<Value>,
    #[serde(deserialize_with = "list")]
    pub entity_mappings: Vec<EntityMapping>,
    pub custom_details: Option<IndexMap<String, Value>>,
    pub alert_details_override: Option<AlertDetails>,
    /// Keys that mean something only to Sentinel, and keys that are not of the format.
    #[serde(flatten)]
    pub other: IndexMap<String, Value>,
}

impl Document {
    /// The texts that name columns of the query's result.
    pub(super) fn references(&self) -> Vec<&str> {
        let entities = self.entity_mappings.iter();
        let entities = entities.flat_map(|entity| &entity.field_mappings);
        let details = self.custom_details.iter().flatten();
        let mut references: Vec<&str> = entities.map(|field| field.column_name.as_str()).collect();
        references.extend(details.filter_map(|(_, column)| column.as_str()));
        if let Some(alert) = &self.alert_details_override {
            references.extend([
                alert.display_name_format.as_str(),
                alert.description_format.as_str(),
                alert.severity_column_name.as_str(),
            ]);
        }
        references
    }
}

/// One entity and the columns that identify it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct EntityMapping {
    #[serde(deserialize_with = "text")]
    pub entity_type: String,
    #[serde(deserialize_with = "list")]
    pub field_mappings: Vec<FieldMapping>,
}

/// One identifier of an entity.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FieldMapping {
    #[serde(deserialize_with = "text")]
    pub identifier: String,
    #[serde(deserialize_with = "text")]
    pub column_name: String,
}

/// How an alert is called.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AlertDetails {
    #[serde(rename = "alertDisplayNameFormat", deserialize_with = "text")]
    pub display_name_format: String,
    #[serde(rename = "alertDescriptionFormat", deserialize_with = "text")]
    pub description_format: String,
    #[serde(rename = "alertSeverityColumnName", deserialize_with = "text")]
    pub severity_column_name: String,
}

/// Keys of the format that mean something only to Sentinel.
pub(super) const SENTINEL_KEYS: &[&str] = &[
    "requiredDataConnectors",
    "eventGroupingSettings",
    "incidentConfiguration",
    "suppressionDuration",
    "suppressionEnabled",
    "sentinelEntitiesMappings",
    "alertRuleTemplateName",
    "templateVersion",
    "metadata",
    "type",
    "subTechniques",
];

/// A scalar of any type as text; null and what is no scalar is empty.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(plain(&Value::deserialize(deserializer)?))
}

/// A value as text.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// A list that may be null, or one item without a list around it.
fn list<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let items = match Value::deserialize(deserializer)? {
        Value::Null => Vec::new(),
        Value::Array(items) => items,
        one => vec![one],
    };
    items
        .into_iter()
        .map(|item| serde_json::from_value(item).map_err(serde::de::Error::custom))
        .collect()
}
