//! Whether an event is one that a log source can have: each value of the type that the map gives its field.
//!
//! A missing value and `null` are of every type, and so is the value of a field that the map does not list.

use serde_json::Value;

use super::{FieldType, LogSourceMap};
use crate::ir::{FieldPath, Segment};

impl LogSourceMap {
    /// Whether every value of the event has its field's type.
    pub fn accepts(&self, event: &Value) -> bool {
        self.accepts_below(event, &FieldPath::root())
    }

    /// Whether the field is an object, as the map says or as fields below it show.
    pub fn is_object(&self, path: &FieldPath) -> bool {
        let path = self.canonical(path);
        if let Some(field) = self.field(&path) {
            return field.kind == FieldType::Object;
        }
        // A key that has to be spelt exactly so is a step to what the map writes so.
        let is_step = |known: &Segment, step: &Segment| match (known, step) {
            (Segment::Key(known), Segment::Exact(key)) => known == key,
            (known, step) => known == step,
        };
        self.fields().iter().any(|field| {
            let steps = &field.field.segments;
            let step = steps.get(path.segments.len());
            let mut above = steps.iter().zip(path.segments.iter());
            matches!(step, Some(Segment::Key(_))) && above.all(|(known, step)| is_step(known, step))
        })
    }

    fn accepts_below(&self, value: &Value, path: &FieldPath) -> bool {
        let is_json = || self.field(path).is_some_and(|entry| entry.is_json);
        let kind = self.kind(path);
        if !(value.is_null()
            || path.segments.is_empty()
            || is_of(value, kind)
            || is_json() && value.is_object())
        {
            return false;
        }
        match value {
            Value::Object(entries) => entries
                .iter()
                .all(|(key, value)| self.accepts_below(value, &path.key(key.clone()))),
            Value::Array(items) => {
                let each = path.join(Segment::Each);
                items.iter().all(|item| self.accepts_below(item, &each))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        }
    }
}

fn is_of(value: &Value, kind: FieldType) -> bool {
    let is_plain = |value: &Value| !(value.is_object() || value.is_array());
    match kind {
        FieldType::Text | FieldType::Datetime => value.is_string(),
        FieldType::Integer => value.is_i64() || value.is_u64(),
        FieldType::Float => value.is_number(),
        FieldType::Boolean => value.is_boolean(),
        FieldType::Object => value.is_object(),
        FieldType::ScalarList => value
            .as_array()
            .is_some_and(|items| items.iter().all(is_plain)),
        FieldType::ObjectList => {
            let is_object = |item: &Value| item.is_object();
            value
                .as_array()
                .is_some_and(|items| items.iter().all(is_object))
        }
        FieldType::Any => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::schema::Crosswalk;

    #[test]
    fn a_value_has_the_type_of_its_field() {
        let source = Crosswalk::builtin().get("aws.cloudtrail").unwrap();
        for event in [
            json!({}),
            json!({"eventName": "x", "userIdentity": {"type": null}, "no": {"such": ["field"]}}),
            json!({"requestParameters": {"any": [1, {"a": "b"}]}}),
        ] {
            assert!(source.accepts(&event), "{event}");
        }
        for event in [
            json!({"eventName": 7}),
            json!({"eventName": ["x"]}),
            json!({"userIdentity": "root"}),
            json!({"userIdentity": {"type": true}}),
            json!({"readOnly": "true"}),
        ] {
            assert!(!source.accepts(&event), "{event}");
        }
    }
}
