//! The words for types and the maps of values, as a file writes them, to what they mean. A type that is not known is none.

use super::model::{Field, Scalar};
use crate::schema::log_source::FieldType;
use crate::schema::spelling::Spellings;

/// The type of the field in the events that Panther gets.
pub(super) fn own_type(field: &Field) -> Option<FieldType> {
    let own = field
        .panther
        .as_ref()
        .map_or(field.r#type.as_deref(), |own| Some(&own.r#type));
    field_type(own?)
}

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
        "string" | "ip" => FieldType::Text,
        "integer" => FieldType::Integer,
        "float" => FieldType::Float,
        "boolean" => FieldType::Boolean,
        "datetime" => FieldType::Datetime,
        "object" | "json" => FieldType::Object,
        "any" => FieldType::Any,
        _ => return None,
    })
}

/// What the name of a column ends in that a workspace has added to a table.
pub(super) const ADDED: &str = "_CF";

/// The map of values as it is written.
pub(super) fn spellings(values: &indexmap::IndexMap<Scalar, Scalar>, complete: bool) -> Spellings {
    let pairs = values.iter();
    let pairs = pairs.map(|(own, spelt)| (own.literal(), spelt.literal()));
    Spellings::new(pairs.collect(), complete)
}
