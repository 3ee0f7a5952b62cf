//! The keys of a log source file, as they are written. Unknown keys are refused here, by the name of the key.

use std::fmt;

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::made::Ways;
use crate::ir::{FieldPath, Literal};
use crate::schema::log_source::SigmaSource;
use crate::schema::table::ColumnType;

/// What stands before `fields:`, and the fields where the text holds them too.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::schema) struct File {
    pub schema_version: u32,
    #[serde(default)]
    pub extends: Option<Base>,
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub time: Option<FieldPath>,
    #[serde(default)]
    pub rest: Option<FieldPath>,
    #[serde(default)]
    pub message: Vec<FieldPath>,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub never: Vec<FieldPath>,
    #[serde(default)]
    pub never_holds: Only,
    #[serde(default)]
    pub panther: PantherNames,
    #[serde(default)]
    pub sentinel: Vec<Table>,
    #[serde(default)]
    pub sigma: Vec<SigmaName>,
    #[serde(default)]
    pub ecs: Names,
    #[serde(default)]
    pub udm: Names,
    #[serde(default)]
    pub entities: Vec<EntityFields>,
    #[serde(default)]
    pub fields: Vec<Field>,
}

/// What a file lies over.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::schema) enum Base {
    /// The source of the same id that is known without the file.
    Builtin,
}

/// The part from `fields:` on.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::schema) struct Fields {
    pub fields: Vec<Field>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::schema) struct PantherNames {
    pub log_types: Vec<String>,
    #[serde(default, rename = "where")]
    pub only: Only,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::schema) struct SigmaName {
    #[serde(default)]
    pub product: Option<String>,
    #[serde(default)]
    pub category: Option<String>,
    #[serde(default)]
    pub service: Option<String>,
    #[serde(default)]
    pub custom: bool,
    #[serde(default, rename = "where")]
    pub only: Only,
}

impl SigmaName {
    pub(super) fn source(&self) -> SigmaSource {
        SigmaSource {
            product: self.product.clone(),
            category: self.category.clone(),
            service: self.service.clone(),
        }
    }
}

/// Values of which one tells the source's events from the others under the same name.
pub(in crate::schema) type Only = IndexMap<String, Vec<Scalar>>;

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_field_names, reason = "the file's own keys")]
pub(in crate::schema) struct Table {
    pub table: String,
    #[serde(default)]
    pub connector: String,
    #[serde(default, rename = "where")]
    pub only: Only,
    #[serde(default)]
    pub shared: bool,
    #[serde(default)]
    pub besides: Option<Besides>,
    #[serde(default)]
    pub has: Only,
    #[serde(default)]
    pub lacks: IndexMap<String, String>,
    #[serde(default)]
    pub holds: IndexMap<String, String>,
    #[serde(default)]
    pub filled: Option<String>,
    #[serde(default)]
    pub covers: Vec<String>,
    #[serde(default)]
    pub schema: SchemaKind,
    #[serde(default)]
    pub like: Option<String>,
    #[serde(default)]
    pub rest: Option<String>,
    #[serde(default)]
    pub made: IndexMap<String, Ways>,
    #[serde(default)]
    pub note: Option<String>,
}

impl Table {
    /// Whether all of the table's events are the source's.
    pub(super) fn is_whole(&self) -> bool {
        self.only.is_empty() && !self.shared && self.filled.is_none()
    }
}

/// Events of other sources in a table, and how they are told.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::schema) struct Besides {
    pub fields: Vec<FieldPath>,
    pub told: String,
    pub never: String,
    #[serde(default)]
    pub own: Vec<FieldPath>,
    #[serde(default)]
    pub left: Option<String>,
}

/// Where the columns of a table are known from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchemaKind {
    /// Its published schema, which the file's columns are held against.
    #[default]
    Published,
    /// No schema is published: the file lists the columns with their types.
    Listed,
    /// No schema is published: the collector of custom logs makes the columns of the fields, `a_b_s` of the text `a.b`.
    Collected,
    /// No schema is published: the columns are called as the connector's rule of naming would call them.
    NamingRule,
    /// It is no table but a saved function, whose columns no schema lists.
    Function,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::schema) struct EntityFields {
    pub kind: String,
    pub identifiers: IndexMap<String, FieldPath>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_field_names, reason = "the file's own keys")]
pub(in crate::schema) struct Field {
    pub field: FieldPath,
    #[serde(default)]
    pub r#type: Option<String>,
    #[serde(default)]
    pub panther: Option<PantherField>,
    #[serde(default)]
    pub sentinel: Tables,
    #[serde(default)]
    pub sigma: Names,
    #[serde(default)]
    pub ecs: Names,
    #[serde(default)]
    pub udm: Names,
    #[serde(default)]
    pub vendor: Option<String>,
    #[serde(default)]
    pub note: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::schema) struct PantherField {
    pub r#type: String,
}

/// One name, or several, the preferred one first.
#[derive(Clone, Debug, Default)]
pub(in crate::schema) struct Names(pub Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a name or a list of names is required")]
        enum Form {
            One(String),
            Many(Vec<String>),
        }
        Ok(Self(match Form::deserialize(deserializer)? {
            Form::One(name) => vec![name],
            Form::Many(names) => names,
        }))
    }
}

/// Where a field stands in each table.
#[derive(Clone, Default)]
pub(in crate::schema) enum Tables {
    /// In these; nothing is known of the others.
    Known(IndexMap<String, TableField>),
    /// Nowhere.
    #[default]
    Unsaid,
    Nowhere,
}

/// Where a field stands in one table.
#[derive(Clone)]
pub(in crate::schema) enum TableField {
    /// In a column.
    Column(ColumnField),
    /// In the columns of the fields that it is made of.
    Parts(Vec<FieldPath>),
    /// Nowhere: every event of the table has this value.
    Constant(Scalar),
    /// Nowhere.
    None,
}

#[derive(Clone, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a key of the format, and any of them go together"
)]
pub(in crate::schema) struct ColumnField {
    pub column: String,
    pub r#type: Option<ColumnType>,
    pub path: FieldPath,
    pub json: bool,
    pub values: IndexMap<Scalar, Scalar>,
    pub complete: bool,
    pub preferred: bool,
    pub lossy: bool,
    pub also: Vec<AlsoColumn>,
}

/// A further column with the same value, which queries read and rulec does not write.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::schema) struct AlsoColumn {
    pub column: String,
    #[serde(default)]
    pub r#type: Option<ColumnType>,
    #[serde(default)]
    pub holds: Option<Holds>,
    #[serde(default)]
    pub lossy: bool,
    #[serde(default)]
    pub values: IndexMap<Scalar, Scalar>,
    #[serde(default)]
    pub complete: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::schema) enum Holds {
    Json,
}

/// A plain value of a map of values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(
    untagged,
    expecting = "a text, a whole number or a truth value is required"
)]
pub(in crate::schema) enum Scalar {
    Boolean(bool),
    Integer(i64),
    Text(String),
}

impl Scalar {
    pub(super) fn literal(&self) -> Literal {
        match self {
            Self::Boolean(value) => Literal::Boolean(*value),
            Self::Integer(value) => Literal::Integer(*value),
            Self::Text(value) => Literal::text(value),
        }
    }
}

/// The word for no place and no name.
pub(super) const NOWHERE: &str = "none";

impl<'de> Deserialize<'de> for Tables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Tables;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("columns by table, or `none`")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Tables, E> {
                if word == NOWHERE {
                    Ok(Tables::Nowhere)
                } else {
                    Err(E::invalid_value(de::Unexpected::Str(word), &self))
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Tables, A::Error> {
                Deserialize::deserialize(MapAccessDeserializer::new(map)).map(Tables::Known)
            }
        }
        deserializer.deserialize_any(Form)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(default)]
    column: Option<String>,
    #[serde(default)]
    r#type: Option<ColumnType>,
    #[serde(default)]
    path: FieldPath,
    #[serde(default)]
    holds: Option<Holds>,
    #[serde(default)]
    values: IndexMap<Scalar, Scalar>,
    #[serde(default)]
    complete: bool,
    #[serde(default)]
    preferred: bool,
    #[serde(default)]
    lossy: bool,
    #[serde(default)]
    also: Vec<AlsoColumn>,
    #[serde(default, rename = "const")]
    constant: Option<Scalar>,
    #[serde(default)]
    parts: Option<Vec<FieldPath>>,
}

impl<'de> Deserialize<'de> for TableField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = TableField;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column, `none`, or a mapping with `column`, `const` or `parts`")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<TableField, E> {
                Ok(if word == NOWHERE {
                    TableField::None
                } else {
                    TableField::Column(ColumnField {
                        column: word.to_owned(),
                        ..ColumnField::default()
                    })
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TableField, A::Error> {
                let entry = Entry::deserialize(MapAccessDeserializer::new(map))?;
                match (entry.column, entry.constant, entry.parts) {
                    (Some(column), None, None) => Ok(TableField::Column(ColumnField {
                        column,
                        r#type: entry.r#type,
                        path: entry.path,
                        json: entry.holds.is_some(),
                        values: entry.values,
                        complete: entry.complete,
                        preferred: entry.preferred,
                        lossy: entry.lossy,
                        also: entry.also,
                    })),
                    (None, Some(value), None) => Ok(TableField::Constant(value)),
                    (None, None, Some(parts)) => Ok(TableField::Parts(parts)),
                    _ => Err(de::Error::custom(
                        "one of `column`, `const` and `parts` is required",
                    )),
                }
            }
        }
        deserializer.deserialize_any(Form)
    }
}
