//! A Sentinel table: its columns, and how a canonical field is reached in it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::file::SchemaKind;
use super::kusto::{STANDARD, Schemas, TableColumn};
use super::log_source::{FieldType, is_added};
use super::made::Made;
use super::spelling::Spellings;
use super::steps::key;
use crate::ir::{FieldPath, Literal, Segment};
use crate::syntax::kql::ast::ScalarType;

/// The type of a column (Kusto's scalar types).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "Kusto's own names")]
pub enum ColumnType {
    String,
    Bool,
    Int,
    Long,
    Real,
    Datetime,
    Timespan,
    Guid,
    Dynamic,
}

impl ColumnType {
    /// The type of a column of a schema; decimals are read as real numbers.
    pub fn of(kind: ScalarType) -> Self {
        match kind {
            ScalarType::String => Self::String,
            ScalarType::Bool => Self::Bool,
            ScalarType::Int => Self::Int,
            ScalarType::Long => Self::Long,
            ScalarType::Real | ScalarType::Decimal => Self::Real,
            ScalarType::Datetime => Self::Datetime,
            ScalarType::Timespan => Self::Timespan,
            ScalarType::Guid => Self::Guid,
            ScalarType::Dynamic => Self::Dynamic,
        }
    }

    /// The type of a custom log's column, if its name is the one that the collector makes of the field: `a.b` is `a_b_s`.
    pub(super) fn of_custom(name: &str, field: &FieldPath) -> Option<Self> {
        let (stem, suffix) = name.rsplit_once('_')?;
        let keys: Option<Vec<&str>> = field
            .segments
            .iter()
            .map(|step| match step {
                Segment::Key(key) | Segment::Exact(key) => Some(key.as_str()),
                Segment::Index(_) | Segment::Each => None,
            })
            .collect();
        if stem != keys?.join("_") {
            return None;
        }
        Some(match suffix {
            "s" | "g" => Self::String,
            "d" => Self::Real,
            "b" => Self::Bool,
            "t" => Self::Datetime,
            _ => return None,
        })
    }

    /// The column that the collector makes of a field of one value, with its type.
    pub(super) fn collected(field: &FieldPath, kind: FieldType) -> Option<(String, Self)> {
        let (suffix, column) = match kind {
            FieldType::Text => ("s", Self::String),
            FieldType::Integer | FieldType::Float => ("d", Self::Real),
            FieldType::Boolean => ("b", Self::Bool),
            FieldType::Datetime => ("t", Self::Datetime),
            FieldType::Object | FieldType::ScalarList | FieldType::ObjectList | FieldType::Any => {
                return None;
            }
        };
        let keys = field.segments.iter().map(|step| match step {
            Segment::Key(key) | Segment::Exact(key) => Some(key.as_str()),
            Segment::Index(_) | Segment::Each => None,
        });
        let keys: Option<Vec<&str>> = keys.collect();
        Some((format!("{}_{suffix}", keys?.join("_")), column))
    }

    /// Kusto's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Long => "long",
            Self::Real => "real",
            Self::Datetime => "datetime",
            Self::Timespan => "timespan",
            Self::Guid => "guid",
            Self::Dynamic => "dynamic",
        }
    }
}

/// In which directions a column and its field stand for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The column is written for the field, and read as it.
    Both,
    /// The column is read as the field; another one is written for it.
    Read,
    /// The column is written for the field; it is read as another field.
    Write,
    /// The column holds less than the field, so that neither is said by the other.
    Neither,
}

/// One column, or a place below one, and the field it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The place below the column; the root for the column itself.
    pub path: FieldPath,
    /// Its type.
    pub kind: ColumnType,
    /// Whether it is a text that holds the field as JSON.
    pub json: bool,
    /// The canonical field.
    pub field: FieldPath,
    /// The values that the column spells in another way.
    pub values: Spellings,
    /// In which directions the two stand for each other.
    pub direction: Direction,
    /// Whether a table lacks the column as long as no event had a value for it, as those that a collector makes of values.
    pub late: bool,
}

impl Column {
    /// Whether fields below its field lie below it.
    pub fn is_holder(&self) -> bool {
        self.json || self.kind == ColumnType::Dynamic
    }
}

/// Events of other sources in a table, told by how fields are written: paths of another system, say.
#[derive(Clone, Debug)]
pub struct Besides {
    /// The fields; the first is the one that is asked.
    pub fields: Vec<FieldPath>,
    /// A condition that asks for this text in one of the fields asks for the source's events.
    pub told: String,
    /// The text that the first field never holds on the source's events, and always on those that are told by it.
    pub never: String,
    /// Fields that have a value on the source's events alone.
    pub own: Vec<FieldPath>,
    /// Which events are left that nothing tells.
    pub left: Option<String>,
}

/// One table.
#[derive(Clone, Debug)]
pub struct TableMap {
    /// Its name.
    pub name: String,
    /// The connector that fills it.
    pub connector: String,
    /// What one has to know.
    pub note: Option<String>,
    /// Where its columns are known from.
    pub schema: SchemaKind,
    /// The values, by column, that tell the source's events from others in the table; empty where there are no others.
    pub only: Vec<(String, Vec<Literal>)>,
    /// Whether it has events of other sources, and nothing is known that tells them apart.
    pub shared: bool,
    /// Events of other sources that no column tells apart, but the way in which a field is written.
    pub besides: Option<Besides>,
    /// The values, by field, that the table's events have; those with other values stand in the source's other tables.
    pub has: Vec<(FieldPath, Vec<Literal>)>,
    /// A text, by field, that stands in none of the field's values here.
    pub lacks: Vec<(FieldPath, String)>,
    /// A text, by field, that stands in each of the field's values here.
    pub holds: Vec<(FieldPath, String)>,
    /// The text column that has a value on the source's rows alone, where the table has other rows besides.
    pub filled: Option<String>,
    /// The tables whose events stand in this one as well.
    pub covers: Vec<String>,
    /// Its columns that hold a field.
    pub columns: Vec<Column>,
    /// Fields that have no column of their own, with the fields that make them up.
    pub parts: Vec<(FieldPath, Vec<FieldPath>)>,
    /// Fields that have one value for every event of the table.
    pub constants: Vec<(FieldPath, Literal)>,
    /// Fields that are known to be absent.
    pub absent: Vec<FieldPath>,
    /// Its columns that are made of several fields, or of a part of one.
    pub made: Vec<Made>,
    pub(super) index: Index,
}

/// Where the columns of a table are found.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    by_field: FxHashMap<FieldPath, usize>,
    by_name: BTreeMap<String, usize>,
    texts: OnceLock<ColumnTexts>,
    below: OnceLock<Arc<KeysBelow>>,
}

/// The keys below paths, each with its own path, by the paths in small letters.
type KeysBelow = FxHashMap<String, Vec<(String, FieldPath)>>;

/// The columns of a table by their texts: the field that each holds, and its name. A copy is a count.
pub type ColumnTexts = Arc<[(String, String)]>;

impl Index {
    /// The index of these columns: by the field that each is written for, and by the name under which each is read.
    pub(super) fn of(columns: &[Column]) -> Self {
        let mut index = Self::default();
        for (at, column) in columns.iter().enumerate() {
            if matches!(column.direction, Direction::Both | Direction::Write) {
                index.by_field.entry(column.field.clone()).or_insert(at);
            }
            if column.direction != Direction::Write && column.path.segments.is_empty() {
                index.by_name.entry(column.name.clone()).or_insert(at);
            }
        }
        index
    }
}

/// How a field is reached in a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Access<'t> {
    /// It is a column.
    Column(&'t Column),
    /// It lies below a column that holds JSON or is dynamic, at these steps.
    Below(&'t Column, Vec<Segment>),
    /// It is an object that the columns of these fields make up.
    Parts(&'t [FieldPath]),
    /// Every event has this value.
    Constant(&'t Literal),
    /// A column of the table's published schema has its very name, and holds no other field.
    Own(&'static TableColumn),
    /// The table is known not to have it.
    Absent,
    /// Nothing is known.
    Unmapped,
}

impl TableMap {
    /// How the field is reached: by its own column, else below the column of its longest prefix that holds an object, else by
    /// the column of the published schema that is called like it.
    pub fn access<'t>(&'t self, path: &FieldPath) -> Access<'t> {
        if let Some(column) = self.written(&path.segments) {
            return if column.path.segments.is_empty() {
                Access::Column(column)
            } else {
                Access::Below(column, column.path.segments.to_vec())
            };
        }
        if let Some((_, parts)) = self.parts.iter().find(|(field, _)| field == path) {
            return Access::Parts(parts);
        }
        if let Some((_, value)) = self.constants.iter().find(|(field, _)| field == path) {
            return Access::Constant(value);
        }
        let absent = self
            .absent
            .iter()
            .filter(|field| path.starts_with(field))
            .map(|field| field.segments.len())
            .max();
        // The column for whatever has none is the vendor's event, without what the collector adds.
        let least = usize::from(is_added(path));
        let lengths = (absent.map_or(least, |length| length + 1)..path.segments.len()).rev();
        let mut holders = lengths.filter_map(|length| {
            let column = self.written(path.segments.get(..length)?)?;
            column.is_holder().then_some((column, length))
        });
        match (holders.next(), absent) {
            (Some((column, length)), _) => {
                let steps = column.path.segments.iter();
                let rest = path.segments.get(length..).unwrap_or_default();
                Access::Below(column, steps.chain(rest).cloned().collect())
            }
            (None, Some(_)) => Access::Absent,
            (None, None) => self.own(path).map_or(Access::Unmapped, Access::Own),
        }
    }

    /// The published column with the field's very name. What every table of a workspace has is about the row, not the event.
    fn own(&self, path: &FieldPath) -> Option<&'static TableColumn> {
        let [Segment::Key(name) | Segment::Exact(name)] = path.segments.as_slice() else {
            return None;
        };
        let column = Schemas::builtin().table(&self.name)?.get(name)?;
        let is_standard = STANDARD.iter().any(|(standard, _)| standard == name);
        let is_taken = self.columns.iter().any(|known| &known.name == name);
        (!is_standard && !is_taken).then_some(column)
    }

    /// The column that is written for the field of these steps.
    fn written(&self, steps: &[Segment]) -> Option<&Column> {
        self.columns.get(*self.index.by_field.get(steps)?)
    }

    /// The column with this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(*self.index.by_name.get(name)?)
    }

    /// The columns by their texts.
    pub fn column_texts(&self) -> ColumnTexts {
        let texts = |column: &Column| (column.field.to_string(), column.name.clone());
        let all = || self.columns.iter().map(texts).collect();
        Arc::clone(self.index.texts.get_or_init(all))
    }

    /// The keys of fields with columns that lie below the path, which may be spelt in any case, each with its own path.
    pub fn keys_below(&self, path: &FieldPath) -> &[(String, FieldPath)] {
        let below = self
            .index
            .below
            .get_or_init(|| Arc::new(below(&self.columns)));
        let found = folded_keys(&path.segments).and_then(|path| below.get(&path));
        found.map(Vec::as_slice).unwrap_or_default()
    }

    /// The columns that hold a field which another column is written for.
    pub fn further_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns
            .iter()
            .filter(|column| column.direction == Direction::Read && column.path.segments.is_empty())
    }

    /// Of the columns that hold the same as this one, the one that is named; else itself.
    pub fn kept<'t>(&'t self, column: &'t Column, names: &[String]) -> &'t Column {
        if names.is_empty() || !column.path.segments.is_empty() {
            return column;
        }
        let mut further = self.further_columns();
        further
            .find(|other| other.field == column.field && names.contains(&other.name))
            .unwrap_or(column)
    }

    /// The columns that are read as the fields they hold: none of which only a part is known, or whose values are spelt otherwise.
    pub fn read_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| {
            let read = matches!(column.direction, Direction::Both | Direction::Read);
            read && column.path.segments.is_empty() && column.values.is_empty()
        })
    }

    /// Whether all events of the table are events of the source.
    pub fn is_whole(&self) -> bool {
        self.only.is_empty() && !self.shared && self.filled.is_none()
    }

    /// Whether a query can be written for the source's events in it.
    pub fn is_written(&self) -> bool {
        !self.shared
    }

    /// The value that a column has on every row of the source's, where the table has other rows besides.
    pub fn constant_column(&self, name: &str) -> Option<&Literal> {
        let (_, values) = self.only.iter().find(|(column, _)| column == name)?;
        match values.as_slice() {
            [value] => Some(value),
            _ => None,
        }
    }
}

/// The keys below each path that leads to fields of the columns.
fn below(columns: &[Column]) -> KeysBelow {
    let mut below = KeysBelow::default();
    for steps in columns.iter().map(|column| &column.field.segments) {
        for (at, step) in steps.iter().enumerate() {
            let (Some(above), Some(key)) = (folded_keys(&steps[..at]), key(step)) else {
                break;
            };
            let found = below.entry(above).or_default();
            if !found.iter().any(|(known, _)| known == key) {
                let segments = steps[..=at].to_vec().into();
                found.push((key.to_owned(), FieldPath { segments }));
            }
        }
    }
    below
}

/// The keys of a path in small letters; nothing where something else than a key stands in it.
fn folded_keys(steps: &[Segment]) -> Option<String> {
    let mut folded = String::new();
    for step in steps {
        folded.push_str(key(step)?);
        // No key holds it.
        folded.push('\0');
    }
    folded.make_ascii_lowercase();
    Some(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(field: FieldPath) -> Column {
        Column {
            name: "Column".to_owned(),
            path: FieldPath::root(),
            kind: ColumnType::String,
            json: false,
            field,
            values: Spellings::default(),
            direction: Direction::Both,
            late: false,
        }
    }

    #[test]
    fn keys_below_a_path_are_found_in_any_case() {
        let item = FieldPath::keys(["actor", "groups"]).join(Segment::Each);
        let columns = [
            FieldPath::keys(["Actor", "user", "id"]),
            FieldPath::keys(["Actor", "user", "name"]),
            FieldPath::keys(["actor", "ip"]),
            item.join(Segment::Key("name".to_owned())),
        ];
        let below = below(&columns.map(column));
        let keys = |steps: &[&str]| -> Vec<String> {
            let path = FieldPath::keys(steps.iter().copied());
            let found = folded_keys(&path.segments).and_then(|path| below.get(&path));
            let found = found.into_iter().flatten();
            found.map(|(key, path)| format!("{key}: {path}")).collect()
        };
        assert_eq!(
            keys(&["ACTOR"]),
            ["user: Actor.user", "ip: actor.ip", "groups: actor.groups"]
        );
        assert_eq!(
            keys(&["actor", "User"]),
            ["id: Actor.user.id", "name: Actor.user.name"]
        );
        assert!(keys(&["actor", "groups"]).is_empty());
    }
}
