//! One log source: its names in every system, which are read at once, and its fields and tables, which are read on first use.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::file::{self, Problem};
use super::json_text;
use super::steps::{fold, is_spelt, key};
use super::table::TableMap;
use crate::ir::{FieldPath, Literal, Segment, SourceName};

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

impl fmt::Display for SigmaSource {
    /// As Sigma's files write it: `product: aws, service: cloudtrail`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            ("product", &self.product),
            ("category", &self.category),
            ("service", &self.service),
        ];
        let said = names
            .iter()
            .filter_map(|(key, name)| Some((key, name.as_ref()?)));
        for (at, (key, name)) in said.enumerate() {
            let separator = if at == 0 { "" } else { ", " };
            write!(f, "{separator}{key}: {name}")?;
        }
        Ok(())
    }
}

/// The type of a canonical field, as the event has it.
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

impl FieldType {
    /// The word in a log source file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Datetime => "datetime",
            Self::Object => "object",
            Self::ScalarList => "array<string>",
            Self::ObjectList => "array<object>",
            Self::Any => "any",
        }
    }

    /// The word for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "whole number",
            Self::Float => "number",
            Self::Boolean => "truth value",
            Self::Datetime => "time",
            Self::Object => "object",
            Self::ScalarList => "list",
            Self::ObjectList => "list of objects",
            Self::Any => "any",
        }
    }
}

/// The field in which Panther says what log type an event is of.
pub const LOG_TYPE: &str = "p_log_type";

/// The field in which Panther numbers its rows, and the column in which Log Analytics does.
pub(super) const ROW_ID: (&str, &str) = ("p_row_id", "_ItemId");

/// The fields in which Panther says through which integration an event came. No record has them.
pub const INTEGRATION: [&str; 2] = ["p_source_id", "p_source_label"];

/// The object in which Panther puts what was looked up for an event. No record has it.
const ENRICHMENT: &str = "p_enrichment";

/// What the names of the lists begin with in which Panther puts what stands anywhere in an event. No record has them.
const ANY: &str = "p_any_";

/// Whether the path is that of what was looked up for an event, or lies below it.
pub fn is_enrichment(path: &FieldPath) -> bool {
    let first = path.segments.first();
    matches!(first, Some(Segment::Key(key) | Segment::Exact(key)) if key.eq_ignore_ascii_case(ENRICHMENT))
}

/// Whether Panther adds what stands at the path to what the vendor says of an event.
pub(super) fn is_added(path: &FieldPath) -> bool {
    let first = path.segments.first();
    let is_listed = |key: &str| key.starts_with(ANY) || INTEGRATION.contains(&key);
    is_enrichment(path)
        || matches!(first, Some(Segment::Key(key) | Segment::Exact(key)) if is_listed(key))
}

/// The field in which Panther has the time of an event besides the record's own.
pub const EVENT_TIME: &str = "p_event_time";

/// One field.
#[derive(Clone, Debug)]
pub struct FieldMap {
    /// The canonical path.
    pub field: FieldPath,
    /// Its type in the event.
    pub kind: FieldType,
    /// The type of its items, where it is a list of plain values.
    pub items: FieldType,
    /// Whether it is a text that spells an object in JSON, whose keys are the fields below it.
    pub is_json: bool,
    /// The name that Sigma rules write; empty where no rule can.
    pub sigma: String,
    /// Further names that Sigma rules use.
    pub sigma_aliases: Vec<String>,
    /// Elastic's names for it, to read rules by.
    pub ecs: Vec<String>,
    /// Chronicle's names for it, to read rules by.
    pub udm: Vec<String>,
    /// The vendor's own path, where the record that both systems get is taken apart in another way.
    pub vendor: Option<String>,
    /// What one has to know.
    pub note: Option<String>,
}

impl FieldMap {
    /// The names that Sigma rules use, the one they write first.
    pub fn sigma_names(&self) -> impl Iterator<Item = &String> {
        let names = std::iter::once(&self.sigma).chain(&self.sigma_aliases);
        names.filter(|name| !name.is_empty())
    }
}

/// A name that a system has for the source.
#[derive(Clone, Debug, PartialEq)]
pub struct Named<T> {
    /// The name.
    pub name: T,
    /// Whether it is rulec's own, because the system's documentation has none.
    pub custom: bool,
    /// The values, by the system's own field, that tell the source's events from others under the name; empty where there are
    /// no others.
    pub only: Vec<(String, Vec<Literal>)>,
}

/// A table as the head of a file names it.
#[derive(Clone, Debug)]
pub struct TableName {
    /// The name.
    pub name: String,
    /// Whether all of the table's events are the source's.
    pub whole: bool,
    /// Whether the source's events stand in its tables by the value of a field.
    pub told: bool,
}

/// What is known of the fields.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    pub tables: Vec<TableMap>,
    pub fields: Vec<FieldMap>,
    by_path: FxHashMap<FieldPath, usize>,
    /// By the path in lower case, as [`fold`] writes it.
    by_folded: FxHashMap<String, Vec<usize>>,
    by_sigma: BTreeMap<String, usize>,
    /// Paths that are lists of objects.
    lists: Vec<FieldPath>,
    /// The fields at and below texts that spell objects.
    pub below_json_texts: Vec<usize>,
}

impl Body {
    pub(super) fn new(fields: Vec<FieldMap>, tables: Vec<TableMap>) -> Self {
        let mut body = Self {
            tables,
            ..Self::default()
        };
        for (at, entry) in fields.iter().enumerate() {
            body.by_path.entry(entry.field.clone()).or_insert(at);
            let (folded, _) = fold(&entry.field.segments);
            body.by_folded.entry(folded).or_default().push(at);
            for name in entry.sigma_names() {
                body.by_sigma.entry(name.clone()).or_insert(at);
            }
            if entry.kind == FieldType::ObjectList {
                body.lists.push(entry.field.clone());
            }
            let steps = entry.field.segments.iter().enumerate();
            for (length, _) in steps.filter(|(_, step)| **step == Segment::Each) {
                let list = FieldPath {
                    segments: entry.field.segments[..length].to_vec().into(),
                };
                body.lists.push(list);
            }
        }
        body.lists.sort_unstable();
        body.lists.dedup();
        body.below_json_texts = json_text::below(&fields);
        body.fields = fields;
        body
    }
}

/// One log source.
#[derive(Debug)]
pub struct LogSourceMap {
    /// The id, for example `aws.cloudtrail`.
    pub id: String,
    /// The name shown to people.
    pub name: String,
    /// What one has to know.
    pub note: Option<String>,
    /// The field that holds the time of the event.
    pub time: FieldPath,
    /// The field below which a Sigma rule means a name that is not listed.
    pub rest: Option<FieldPath>,
    /// The fields that hold what the event says as a whole, which a search over the whole event looks at in a table.
    pub message: Vec<FieldPath>,
    /// Paths that rules ask for, and that no record has.
    pub never: Vec<FieldPath>,
    /// Values that a field has in no record of the source, though it has them in others under the same log type.
    pub never_holds: Vec<(FieldPath, Vec<Literal>)>,
    /// What Panther calls it.
    pub panther: Vec<Named<String>>,
    /// The Sentinel tables it stands in, the preferred one first.
    pub table_names: Vec<TableName>,
    /// What Sigma calls it, the preferred one first.
    pub sigma: Vec<Named<SigmaSource>>,
    /// What Elastic calls it.
    pub ecs: Vec<String>,
    /// What Chronicle calls it.
    pub udm: Vec<String>,
    /// The things in the world that its events name: kind, and identifier with field.
    pub entities: Vec<(String, Vec<(String, FieldPath)>)>,
    pub(super) text: Cow<'static, str>,
    pub(super) body: OnceLock<Body>,
}

impl LogSourceMap {
    /// The log source of a file's text. What contradicts something is left out; [`lint`](super::lint) says what.
    pub fn read(text: &str) -> Result<Self, String> {
        file::read(text.to_owned())
    }

    pub(super) fn body(&self) -> &Body {
        self.body
            .get_or_init(|| file::read_body(self).unwrap_or_default())
    }

    /// The text of its file; empty where it is made of callers' files.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Everything that is wrong with the source's file.
    pub fn problems(&self) -> Vec<Problem> {
        file::problems(&self.text)
    }

    /// Its fields.
    pub fn fields(&self) -> &[FieldMap] {
        &self.body().fields
    }

    /// The Sentinel tables it stands in, the preferred one first.
    pub fn tables(&self) -> &[TableMap] {
        &self.body().tables
    }

    /// The table that queries are written for where a rule names none: the first that holds events of this source alone, else
    /// the first that tells them from others.
    pub fn preferred_table(&self) -> Option<&TableMap> {
        let mut whole = self.tables().iter().filter(|table| table.is_whole());
        let told = || self.tables().iter().find(|table| table.is_written());
        whole.next().or_else(told)
    }

    /// The name of the source with the table; without, where it is the preferred one.
    pub fn name_with(&self, table: &TableMap) -> SourceName {
        let preferred = self.preferred_table().map(|table| &table.name);
        SourceName {
            id: self.id.clone(),
            table: (preferred != Some(&table.name)).then(|| table.name.clone()),
            columns: Vec::new(),
        }
    }

    /// The table with this name.
    pub fn table(&self, name: &str) -> Option<&TableMap> {
        self.tables().iter().find(|table| table.name == name)
    }

    /// The log types of which all events are this source's.
    pub fn log_types(&self) -> impl Iterator<Item = &str> {
        whole(&self.panther).map(String::as_str)
    }

    /// The entry of a field.
    pub fn field(&self, path: &FieldPath) -> Option<&FieldMap> {
        self.field_of(&path.segments)
    }

    /// The entry of the field that the steps lead to.
    pub(super) fn field_of(&self, steps: &[Segment]) -> Option<&FieldMap> {
        let body = self.body();
        body.fields.get(*body.by_path.get(steps)?)
    }

    /// The entry of a field, written in any case; the one that is written so, where there are several.
    pub fn field_in_any_case(&self, path: &FieldPath) -> Option<&FieldMap> {
        let is_exact = |step: &Segment| matches!(step, Segment::Exact(_));
        if path.segments.iter().any(is_exact) {
            return None;
        }
        self.field_folded(&path.segments, &fold(&path.segments).0)
    }

    /// The entry of the field that the steps lead to, which fold to the given text; the one that is written so, where there are
    /// several.
    fn field_folded(&self, steps: &[Segment], folded: &str) -> Option<&FieldMap> {
        let body = self.body();
        let found = body.by_folded.get(folded)?;
        let is_written = |at: &&usize| {
            let known = body
                .fields
                .get(**at)
                .map(|entry| entry.field.segments.iter());
            known.is_some_and(|known| {
                known
                    .zip(steps)
                    .all(|(known, step)| key(known) == key(step))
            })
        };
        let at = found.iter().find(is_written).or(found.first())?;
        body.fields.get(*at)
    }

    /// Whether the value at the path is a list of objects.
    pub(super) fn is_object_list(&self, path: &FieldPath) -> bool {
        self.body().lists.binary_search(path).is_ok()
    }

    /// Whether the path is one of the record's: a field of the map, something below a field that can hold it, or what fields of
    /// the map lie below of.
    pub fn knows(&self, path: &FieldPath) -> bool {
        let steps = of_every_item(&path.segments)
            .into_iter()
            .map(|step| match step {
                Segment::Exact(key) => Segment::Key(key),
                other => other,
            });
        let steps: Vec<Segment> = steps.collect();
        let longest = (1..=steps.len()).rev().find_map(|length| {
            let entry = self.field_of(&steps[..length])?;
            Some((entry, &steps[length..]))
        });
        if let Some((entry, below)) = longest {
            return match entry.kind {
                FieldType::Object | FieldType::ObjectList | FieldType::Any => true,
                FieldType::ScalarList => matches!(below, [] | [Segment::Each]),
                _ => below.is_empty() || entry.is_json,
            };
        }
        let mut fields = self.fields().iter();
        fields.any(|entry| entry.field.segments.starts_with(&steps))
    }

    /// The type of a field; `Any` where it is not known.
    pub fn kind(&self, path: &FieldPath) -> FieldType {
        self.kind_of(&path.segments)
    }

    /// The type of what the steps lead to.
    pub fn kind_of(&self, steps: &[Segment]) -> FieldType {
        let of_item = || {
            let (Segment::Each, list) = steps.split_last()? else {
                return None;
            };
            let list = self.field_of(list)?;
            (list.kind == FieldType::ScalarList).then_some(list.items)
        };
        let own = self.field_of(steps).map(|entry| entry.kind);
        let known = own.or_else(of_item);
        let is_index = |step: &Segment| matches!(step, Segment::Index(_));
        match known {
            Some(kind) => kind,
            // One item is of the type of every item.
            None if steps.iter().any(is_index) => self.kind_of(&of_every_item(steps)),
            None => FieldType::Any,
        }
    }

    /// The path in the vendor's own spelling: the keys that the map knows are written as the map writes them. Panther reads
    /// keys in any case, KQL does not. A key that has to be spelt exactly so is a known one only where the map spells it so.
    pub fn canonical(&self, path: &FieldPath) -> FieldPath {
        // Most paths are spelt so already.
        if self.field(path).is_some() {
            return path.clone();
        }
        match self.longest_as_spelt(&path.segments) {
            Some((length, entry)) if *entry.field.segments != path.segments[..length] => {
                let rest = &path.segments[length..];
                let segments: Vec<Segment> =
                    entry.field.segments.iter().chain(rest).cloned().collect();
                FieldPath {
                    segments: segments.into(),
                }
            }
            _ => path.clone(),
        }
    }

    /// The entry of the longest part of the steps that leads to a field, with its length: keys may be written in any case, unless
    /// they have to be spelt exactly so.
    pub(super) fn longest_as_spelt(&self, steps: &[Segment]) -> Option<(usize, &FieldMap)> {
        let (folded, ends) = fold(steps);
        ends.iter().enumerate().rev().find_map(|(at, end)| {
            let entry = self.field_spelt(&steps[..=at], &folded[..*end])?;
            Some((at + 1, entry))
        })
    }

    fn field_spelt(&self, steps: &[Segment], folded: &str) -> Option<&FieldMap> {
        let entry = self.field_folded(steps, folded)?;
        let is_same = entry.field.segments.iter().zip(steps).all(is_spelt);
        is_same.then_some(entry)
    }

    /// The field that a Sigma rule means by this name, if the map has it.
    pub fn field_of_sigma(&self, name: &str) -> Option<&FieldMap> {
        let body = self.body();
        body.fields.get(*body.by_sigma.get(name)?)
    }
}

/// The steps through every item of the lists of which the path names one.
fn of_every_item(steps: &[Segment]) -> Vec<Segment> {
    let steps = steps.iter().map(|step| match step {
        Segment::Index(_) => Segment::Each,
        other => other.clone(),
    });
    steps.collect()
}

/// The names that stand for the source alone.
fn whole<T>(names: &[Named<T>]) -> impl Iterator<Item = &T> {
    names
        .iter()
        .filter(|named| named.only.is_empty())
        .map(|named| &named.name)
}
