//! One log source: its names in every system and its fields.

use serde::Deserialize;

use super::table::TableMap;
use crate::ir::{FieldPath, Segment};

/// A Sigma log source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigmaSource {
    /// The product, for example `aws`.
    #[serde(default)]
    pub product: Option<String>,
    /// The category, for example `process_creation`.
    #[serde(default)]
    pub category: Option<String>,
    /// The service, for example `cloudtrail`.
    #[serde(default)]
    pub service: Option<String>,
}

/// The type of a canonical field, as the vendor's event has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// Any number.
    Float,
    /// A truth value.
    Boolean,
    /// A text that is a point in time.
    Datetime,
    /// An object.
    Object,
    /// A list of texts or other scalars.
    ScalarList,
    /// A list of objects.
    ObjectList,
    /// Not known, or several.
    Any,
}

/// One field.
#[derive(Clone, Debug)]
pub struct FieldMap {
    /// The canonical path.
    pub field: FieldPath,
    /// Its type in the vendor's event.
    pub kind: FieldType,
    /// The name that Sigma rules write.
    pub sigma: String,
    /// Further names that Sigma rules use.
    pub sigma_aliases: Vec<String>,
}

/// One log source.
#[derive(Clone, Debug)]
pub struct LogSourceMap {
    /// The id, for example `aws.cloudtrail`.
    pub id: String,
    /// The name shown to people.
    pub name: String,
    /// The field that holds the time of the event.
    pub time: FieldPath,
    /// What Panther calls it.
    pub panther_log_types: Vec<String>,
    /// The Sentinel tables it stands in, the preferred one first.
    pub tables: Vec<TableMap>,
    /// What Sigma calls it, the preferred one first.
    pub sigma: Vec<SigmaSource>,
    /// The things in the world that its events name: kind, and identifier with field.
    pub entities: Vec<(String, Vec<(String, FieldPath)>)>,
    /// Its fields.
    pub fields: Vec<FieldMap>,
}

impl LogSourceMap {
    /// The table with this name.
    pub fn table(&self, name: &str) -> Option<&TableMap> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// The entry of a field.
    pub fn field(&self, path: &FieldPath) -> Option<&FieldMap> {
        self.fields.iter().find(|entry| &entry.field == path)
    }

    /// The entry of a field, written in any case.
    pub fn field_in_any_case(&self, path: &FieldPath) -> Option<&FieldMap> {
        let folded = path.to_string().to_lowercase();
        self.fields
            .iter()
            .find(|entry| entry.field.to_string().to_lowercase() == folded)
    }

    /// The type of a field; `Any` where it is not known.
    pub fn kind(&self, path: &FieldPath) -> FieldType {
        self.field(path).map_or(FieldType::Any, |entry| entry.kind)
    }

    /// The path in the vendor's own spelling: the keys that the map knows are written as the map writes them. Panther reads
    /// keys in any case, KQL does not. A key that has to be spelt exactly so is a known one only where the map spells it so.
    pub fn canonical(&self, path: &FieldPath) -> FieldPath {
        for length in (1..=path.segments.len()).rev() {
            let (prefix, rest) = path.segments.split_at(length);
            let written = FieldPath {
                segments: prefix.iter().map(in_any_case).collect(),
            };
            if let Some(entry) = self.field_in_any_case(&written)
                && entry.field.segments.iter().zip(prefix).all(is_spelt)
            {
                let segments: Vec<Segment> =
                    entry.field.segments.iter().chain(rest).cloned().collect();
                return FieldPath {
                    segments: segments.into(),
                };
            }
        }
        path.clone()
    }

    /// The field that a Sigma rule means by this name, if the map has it.
    pub fn field_of_sigma(&self, name: &str) -> Option<&FieldMap> {
        self.fields.iter().find(|entry| {
            entry.sigma == name || entry.sigma_aliases.iter().any(|alias| alias == name)
        })
    }
}

fn in_any_case(segment: &Segment) -> Segment {
    match segment {
        Segment::Exact(key) => Segment::Key(key.clone()),
        other => other.clone(),
    }
}

/// Whether a segment of the map stands for one of a path, as to its spelling.
fn is_spelt((known, segment): (&Segment, &Segment)) -> bool {
    match (known, segment) {
        (Segment::Key(known), Segment::Exact(key)) => known == key,
        _ => true,
    }
}
