//! Reads a log source file: the YAML model, and its checks. Refused: unknown keys, paths and types that are not well-formed, a
//! field or a column named twice.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Deserialize;

use super::log_source::{FieldMap, FieldType, LogSourceMap, SigmaSource};
use super::table::{Column, ColumnType, TableMap};
use crate::ir::FieldPath;
use crate::syntax::yaml;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema_version: u32,
    id: String,
    name: String,
    time: FieldPath,
    #[serde(default)]
    panther: PantherNames,
    #[serde(default)]
    sentinel: Vec<Table>,
    #[serde(default)]
    sigma: Vec<SigmaSource>,
    #[serde(default)]
    entities: Vec<EntityFields>,
    fields: Vec<Field>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PantherNames {
    log_types: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    table: String,
    connector: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntityFields {
    kind: String,
    identifiers: IndexMap<String, FieldPath>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_field_names, reason = "the file's own keys")]
struct Field {
    field: FieldPath,
    r#type: String,
    #[serde(default)]
    panther: Option<PantherField>,
    #[serde(default)]
    sentinel: BTreeMap<String, TableField>,
    #[serde(default)]
    sigma: Option<String>,
    #[serde(default)]
    sigma_aliases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PantherField {
    r#type: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TableField {
    Column {
        column: String,
        r#type: ColumnType,
        #[serde(default)]
        holds: Option<Holds>,
    },
    Parts {
        parts: Vec<FieldPath>,
    },
    None(NoColumn),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Holds {
    Json,
}

#[derive(Deserialize)]
enum NoColumn {
    #[serde(rename = "none")]
    None,
}

/// The log source of a file's text, or what is wrong with it.
pub(super) fn read(text: &str) -> Result<LogSourceMap, String> {
    let file: File = yaml::data(text)?;
    if file.schema_version != 1 {
        return Err(format!(
            "schema version {} is not known",
            file.schema_version
        ));
    }
    let tables = file
        .sentinel
        .iter()
        .map(|table| table_map(table, &file.fields))
        .collect::<Result<_, _>>()?;
    let fields = file
        .fields
        .iter()
        .map(field_map)
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(twice) = first_repeated(fields.iter().map(|entry| entry.field.to_string())) {
        return Err(format!("field `{twice}` is listed twice"));
    }
    let entities = file
        .entities
        .into_iter()
        .map(|entity| (entity.kind, entity.identifiers.into_iter().collect()));
    Ok(LogSourceMap {
        id: file.id,
        name: file.name,
        time: file.time,
        panther_log_types: file.panther.log_types,
        tables,
        sigma: file.sigma,
        entities: entities.collect(),
        fields,
    })
}

fn first_repeated(names: impl Iterator<Item = String>) -> Option<String> {
    let mut seen = std::collections::BTreeSet::new();
    names.into_iter().find(|name| !seen.insert(name.clone()))
}

fn field_map(field: &Field) -> Result<FieldMap, String> {
    let kind = field
        .panther
        .as_ref()
        .map_or(&field.r#type, |panther| &panther.r#type);
    let sigma = field
        .sigma
        .clone()
        .unwrap_or_else(|| field.field.to_string().replace("[]", ""));
    Ok(FieldMap {
        field: field.field.clone(),
        kind: field_type(kind)?,
        sigma,
        sigma_aliases: field.sigma_aliases.clone(),
    })
}

fn field_type(name: &str) -> Result<FieldType, String> {
    Ok(match name {
        "string" | "ip" => FieldType::Text,
        "integer" => FieldType::Integer,
        "float" => FieldType::Float,
        "boolean" => FieldType::Boolean,
        "datetime" => FieldType::Datetime,
        "object" | "json" => FieldType::Object,
        "array<object>" => FieldType::ObjectList,
        "any" => FieldType::Any,
        other if other.starts_with("array<") => FieldType::ScalarList,
        other => return Err(format!("type `{other}` is not known")),
    })
}

fn table_map(table: &Table, fields: &[Field]) -> Result<TableMap, String> {
    let (name, connector) = (table.table.clone(), table.connector.clone());
    let mut map = TableMap {
        name,
        connector,
        columns: Vec::new(),
        parts: Vec::new(),
        absent: Vec::new(),
    };
    for field in fields {
        let path = field.field.clone();
        match field.sentinel.get(&table.table) {
            Some(TableField::Column {
                column,
                r#type,
                holds,
            }) => {
                let json = matches!(holds, Some(Holds::Json));
                map.columns.push(Column {
                    name: column.clone(),
                    kind: *r#type,
                    json,
                    field: path,
                });
            }
            Some(TableField::Parts { parts }) => map.parts.push((path, parts.clone())),
            Some(TableField::None(NoColumn::None)) => map.absent.push(path),
            None => {}
        }
    }
    if let Some(twice) = first_repeated(map.columns.iter().map(|column| column.name.clone())) {
        return Err(format!("column `{twice}` holds two fields"));
    }
    Ok(map)
}
