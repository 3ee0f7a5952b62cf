//! The expression for a column's value, and for what lies below it.
//!
//! A column is read as the type that it has; what it shows for an event without the field is said by its [`Blank`]. Refused: a
//! path through every item of a list, which takes a stage.

use super::place::Gap;
use super::quote;
use super::value::{Blank, Kind, Value};
use crate::backend::fragment::Fragment;
use crate::backend::unmapped::Missing;
use crate::ir::{FieldPath, Literal, Segment};
use crate::schema::kusto::TableColumn;
use crate::schema::{
    Column, ColumnType, Direction, FieldType, LogSourceMap, SchemaKind, Spellings, TableMap,
};

/// A column that the rule names itself, and what lies below it.
pub(super) fn own_column(path: &FieldPath) -> Result<Value, Gap> {
    let Some((Segment::Key(column) | Segment::Exact(column), steps)) = path.segments.split_first()
    else {
        return Err(Gap::Unreadable(format!("`{path}` names no column")));
    };
    let name = quote::name(column);
    Ok(if steps.is_empty() {
        Value::atom(name, Kind::Open).blank(Some(Blank::text()))
    } else {
        let text = format!("parse_json({name}){}", members(path, steps)?);
        Value::atom(text, Kind::Dynamic).blank(Some(Blank::null()))
    })
}

/// A value that is no column: one and the same for every event.
pub(super) fn constant_value(value: &Literal) -> Option<Value> {
    match value {
        Literal::Text(text) => Some(Value::atom(quote::text(text), Kind::Text)),
        Literal::Boolean(value) => Some(Value::atom(value.to_string(), Kind::Bool)),
        Literal::Integer(value) => Some(Value::atom(value.to_string(), Kind::Whole)),
        Literal::Null | Literal::Float(_) | Literal::List(_) | Literal::Object(_) => None,
    }
}

pub(super) fn column_value(column: &Column, holds: FieldType) -> Value {
    let name = if column.late {
        late(column)
    } else {
        quote::name(&column.name)
    };
    let (text, kind) = match column.kind {
        ColumnType::String => (name, Kind::Text),
        ColumnType::Guid | ColumnType::Timespan => (format!("tostring({name})"), Kind::Text),
        ColumnType::Bool => (name, Kind::Bool),
        ColumnType::Int | ColumnType::Long => (name, Kind::Whole),
        ColumnType::Real => (name, Kind::Real),
        ColumnType::Datetime => (name, Kind::Time),
        ColumnType::Dynamic => (name, Kind::Dynamic),
    };
    let may_be_empty_text = matches!(
        holds,
        FieldType::Text | FieldType::Datetime | FieldType::Any
    );
    let mut blank = match kind {
        Kind::Text | Kind::Open => Blank::unfilled(),
        Kind::Bool | Kind::Whole | Kind::Real | Kind::Time | Kind::Dynamic => Blank::null(),
    };
    if may_be_empty_text && !column.json && kind != Kind::Dynamic {
        blank.means.push(Some("".into()));
    }
    Value {
        fragment: Fragment::atom(text),
        kind,
        holds,
        blank: Some(blank),
        reshaped: false,
        partial: false,
        cut: false,
    }
}

/// A column that the table may not have yet; it is blank then.
fn late(column: &Column) -> String {
    let blank = match column.kind {
        ColumnType::String => "\"\"".to_owned(),
        kind @ (ColumnType::Bool
        | ColumnType::Int
        | ColumnType::Long
        | ColumnType::Real
        | ColumnType::Datetime
        | ColumnType::Timespan
        | ColumnType::Guid
        | ColumnType::Dynamic) => format!("{}(null)", kind.name()),
    };
    format!("column_ifexists({}, {blank})", quote::text(&column.name))
}

/// A value below a column that holds an object.
pub(super) fn below(
    column: &Column,
    path: &FieldPath,
    steps: &[Segment],
    holds: FieldType,
) -> Result<Value, Gap> {
    let holder = column_value(column, FieldType::Object).as_dynamic();
    let below = Fragment::atom(members(path, steps)?);
    Ok(Value {
        fragment: Fragment::form("{}{}", &[&holder.fragment, &below]),
        kind: Kind::Dynamic,
        holds,
        blank: Some(Blank::null()),
        reshaped: false,
        partial: false,
        cut: false,
    })
}

/// A field that has no column, under its own name: an access that is valid whether there is such a column or not.
pub(super) fn passed_column(source: &LogSourceMap, path: &FieldPath) -> Result<Value, Gap> {
    let Some((Segment::Key(name) | Segment::Exact(name), steps)) = path.segments.split_first()
    else {
        return Err(Gap::Unreadable(format!("`{path}` names no column")));
    };
    let name = quote::text(name);
    let column = |default: &str| format!("column_ifexists({name}, {default})");
    let null = Some(Blank::null());
    if !steps.is_empty() {
        let text = format!("parse_json({}){}", column("\"\""), members(path, steps)?);
        return Ok(Value::atom(text, Kind::Dynamic).blank(null));
    }
    let value = match source.kind(path) {
        FieldType::Text | FieldType::Any => {
            return Ok(Value::atom(column("\"\""), Kind::Open).blank(Some(Blank::text())));
        }
        FieldType::Integer => Value::atom(column("long(null)"), Kind::Whole),
        FieldType::Float => Value::atom(column("real(null)"), Kind::Real),
        FieldType::Boolean => Value::atom(column("bool(null)"), Kind::Bool),
        FieldType::Datetime => Value::atom(column("datetime(null)"), Kind::Time),
        FieldType::Object | FieldType::ScalarList | FieldType::ObjectList => {
            Value::atom(column("dynamic(null)"), Kind::Dynamic)
        }
    };
    Ok(Value {
        holds: source.kind(path),
        ..value.blank(null)
    })
}

/// A column of texts that is made of fields.
pub(super) fn made_column(name: &str) -> Value {
    Value::atom(quote::name(name), Kind::Text).blank(Some(Blank::text()))
}

/// A column that is called as the field is, in the type of the published schema.
pub(super) fn published_value(column: &TableColumn) -> Value {
    let column = Column {
        name: column.name.to_owned(),
        path: FieldPath::root(),
        kind: ColumnType::of(column.kind),
        json: false,
        field: FieldPath::keys([column.name]),
        values: Spellings::default(),
        direction: Direction::Both,
        late: false,
    };
    column_value(&column, FieldType::Any)
}

/// That a field has no column, with what comes close.
pub(super) fn missing(source: &LogSourceMap, table: &TableMap, path: &FieldPath) -> Missing {
    let typed = table.schema != SchemaKind::Published;
    Missing::column(source, &table.name, typed, path, table.column_texts())
}

/// The steps below a dynamic value.
pub(super) fn members(path: &FieldPath, steps: &[Segment]) -> Result<String, Gap> {
    steps
        .iter()
        .map(|step| match step {
            Segment::Key(key) | Segment::Exact(key) => Ok(quote::member(key)),
            Segment::Index(index) => Ok(format!("[{index}]")),
            Segment::Each => Err(Gap::Unreadable(format!(
                "`{path}` goes through every item of a list, which takes `mv-apply`"
            ))),
        })
        .collect()
}
