//! The fields of a file to the fields and tables of its source. What is wrong is noted with its place and left out.

use super::model::{Field, File, NOWHERE, Table};
use super::table::Builder;
use super::{Key, Problem};
use crate::ir::{FieldPath, Literal, Segment};
use crate::schema::log_source::{Body, FieldMap, FieldType, LOG_TYPE, ROW_ID};
use crate::schema::spelling::Spellings;
use crate::schema::table::{Column, ColumnType, Direction, Index, TableMap};

/// The fields and tables.
pub(super) fn build(head: &File, fields: &[Field], problems: &mut Vec<Problem>) -> Body {
    let mut tables: Vec<(usize, TableMap)> = Vec::new();
    for at in in_order(&head.sentinel) {
        let table = &head.sentinel[at];
        let mut builder = Builder::new(table, problems);
        builder.schema(at);
        for (number, field) in fields.iter().enumerate() {
            builder.field(number, field);
        }
        builder.collected(fields);
        if let Some(name) = &table.like {
            match tables.iter().find(|(_, known)| &known.name == name) {
                Some((_, model)) => builder.like(model),
                None => builder.problem(
                    vec!["sentinel".into(), at.into(), "like".into()],
                    format!("`{name}` is not another table of the source"),
                ),
            }
        }
        builder.made(at);
        builder.one_field_each();
        let mut map = builder.map;
        if let [log_type] = head.panther.log_types.as_slice() {
            let value = Literal::text(log_type.clone());
            map.constants.push((FieldPath::keys([LOG_TYPE]), value));
        }
        if !head.panther.log_types.is_empty() {
            map.columns.push(row_id());
        }
        map.index = Index::of(&map.columns);
        tables.push((at, map));
    }
    tables.sort_by_key(|(at, _)| *at);
    let tables = tables.into_iter().map(|(_, table)| table).collect();
    let listed = fields
        .iter()
        .enumerate()
        .map(|(at, field)| field_map(at, field, problems));
    let names: &[&str] = match head.panther.log_types.as_slice() {
        [] => &[],
        _ => &[LOG_TYPE, ROW_ID.0],
    };
    let added = names.iter().map(|name| FieldMap {
        field: FieldPath::keys([*name]),
        kind: FieldType::Text,
        items: FieldType::Any,
        is_json: false,
        sigma: (*name).to_owned(),
        sigma_aliases: Vec::new(),
        ecs: Vec::new(),
        udm: Vec::new(),
        vendor: None,
        note: None,
    });
    Body::new(listed.chain(added).collect(), tables)
}

/// The column that numbers the rows of every table; it is no field of the record, so that it is not read as one.
fn row_id() -> Column {
    Column {
        name: ROW_ID.1.to_owned(),
        path: FieldPath::root(),
        kind: ColumnType::String,
        json: false,
        field: FieldPath::keys([ROW_ID.0]),
        values: Spellings::default(),
        direction: Direction::Write,
        late: false,
    }
}

/// The tables, each behind the one whose columns it takes over.
fn in_order(tables: &[Table]) -> Vec<usize> {
    let model = |at: usize| {
        let name = tables[at].like.as_ref()?;
        tables.iter().position(|table| &table.table == name)
    };
    let depth = |at: usize| {
        let above = std::iter::successors(model(at), |above| model(*above));
        above.take(tables.len()).count()
    };
    let mut order: Vec<usize> = (0..tables.len()).collect();
    order.sort_by_key(|at| depth(*at));
    order
}

fn field_map(at: usize, field: &Field, problems: &mut Vec<Problem>) -> FieldMap {
    let mut kind = |name: &str, place: &[&str]| {
        field_type(name).unwrap_or_else(|| {
            let keys = place.iter().map(|key| Key::from(*key));
            let start: [Key; 2] = ["fields".into(), at.into()];
            problems.push(Problem {
                place: start.into_iter().chain(keys).collect(),
                message: format!("type `{name}` is not known"),
            });
            FieldType::Any
        })
    };
    let own = match &field.r#type {
        Some(name) => kind(name, &["type"]),
        None => FieldType::Any,
    };
    let kind = field
        .panther
        .as_ref()
        .map_or(own, |panther| kind(&panther.r#type, &["panther", "type"]));
    let mut names = field.sigma.0.iter().cloned();
    let sigma = match names.next() {
        Some(name) if name == NOWHERE => String::new(),
        Some(name) => name,
        None => field.field.to_string().replace("[]", ""),
    };
    FieldMap {
        field: field.field.clone(),
        kind,
        items: item_type(field),
        is_json: field.r#type.as_deref() == Some(JSON),
        sigma,
        sigma_aliases: names.collect(),
        ecs: field.ecs.0.clone(),
        udm: field.udm.0.clone(),
        vendor: field.vendor.clone(),
        note: field.note.clone(),
    }
}

/// The type of the field in the events that Panther gets.
pub(super) fn own_type(field: &Field) -> Option<FieldType> {
    let own = field
        .panther
        .as_ref()
        .map_or(field.r#type.as_deref(), |own| Some(&own.r#type));
    field_type(own?)
}

/// The type of a text that spells an object in JSON.
const JSON: &str = "json";

/// The type of this name.
pub(super) fn field_type(name: &str) -> Option<FieldType> {
    let inner = name
        .strip_prefix("array<")
        .and_then(|rest| rest.strip_suffix('>'));
    if let Some(inner) = inner {
        return match field_type(inner)? {
            FieldType::Object => Some(FieldType::ObjectList),
            FieldType::ObjectList | FieldType::ScalarList => Some(FieldType::Any),
            _ => Some(FieldType::ScalarList),
        };
    }
    Some(match name {
        "string" | "ip" | JSON => FieldType::Text,
        "integer" => FieldType::Integer,
        "float" => FieldType::Float,
        "boolean" => FieldType::Boolean,
        "datetime" => FieldType::Datetime,
        "object" => FieldType::Object,
        "any" => FieldType::Any,
        _ => return None,
    })
}

/// The type of the items of a list of plain values.
fn item_type(field: &Field) -> FieldType {
    let of_panther = field.panther.as_ref().map(|panther| &panther.r#type);
    let name = of_panther.or(field.r#type.as_ref());
    let inner = name.and_then(|name| name.strip_prefix("array<")?.strip_suffix('>'));
    inner.and_then(field_type).unwrap_or(FieldType::Any)
}

/// Whether the path goes on below the list without saying through which items.
pub(super) fn skips_items(list: &FieldPath, path: &FieldPath) -> bool {
    path.starts_with(list)
        && matches!(
            path.segments.get(list.segments.len()),
            Some(Segment::Key(_) | Segment::Exact(_))
        )
}
