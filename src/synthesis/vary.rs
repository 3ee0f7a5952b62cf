//! The values of an event, one at a time, to values that differ just so far that systems may disagree about them.

use serde_json::{Value, json};

/// How a value was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// The field is left out.
    Absent,
    /// The field is `null`.
    Null,
    /// The field is the empty text.
    Empty,
    /// The letters in the other case.
    Case,
    /// A text before it.
    Before,
    /// A text behind it.
    Behind,
    /// The first character left out.
    WithoutFirst,
    /// The last character left out.
    WithoutLast,
    /// A number as a text, a text as the number that it spells, a truth value as a text.
    Spelling,
    /// The next number, or the one before.
    Neighbour,
    /// The value as the only item of a list.
    Listed,
    /// A value of another type.
    OtherType,
}

/// What may become of a value.
pub(super) fn changed(value: &Value) -> Vec<(Change, Option<Value>)> {
    let mut changes = vec![
        (Change::Absent, None),
        (Change::Null, Some(Value::Null)),
        (Change::Empty, Some(json!(""))),
        (Change::Listed, Some(json!([value]))),
    ];
    let mut add = |change, value: Value| changes.push((change, Some(value)));
    match value {
        Value::String(text) => {
            texts(text, &mut add);
            add(Change::OtherType, json!(7));
            add(Change::OtherType, json!(true));
        }
        Value::Number(number) => {
            add(Change::Spelling, json!(number.to_string()));
            for step in [-1, 1] {
                if let Some(number) = number.as_i64() {
                    add(Change::Neighbour, json!(number.saturating_add(step)));
                }
            }
            add(Change::OtherType, json!("other"));
        }
        Value::Bool(value) => {
            add(Change::Spelling, json!(value.to_string()));
            add(Change::Neighbour, json!(!value));
            add(Change::OtherType, json!(1));
        }
        Value::Null | Value::Array(_) | Value::Object(_) => {
            add(Change::OtherType, json!("other"));
        }
    }
    changes.retain(|(_, changed)| changed.as_ref() != Some(value));
    changes
}

fn texts(text: &str, add: &mut impl FnMut(Change, Value)) {
    let upper = text.to_uppercase();
    let other_case = if upper == text {
        text.to_lowercase()
    } else {
        upper
    };
    add(Change::Case, json!(other_case));
    add(Change::Before, json!(format!("x{text}")));
    add(Change::Behind, json!(format!("{text}x")));
    let mut chars = text.chars();
    if chars.next().is_some() {
        add(Change::WithoutFirst, json!(chars.as_str()));
    }
    let mut chars = text.chars();
    if chars.next_back().is_some() {
        add(Change::WithoutLast, json!(chars.as_str()));
    }
    if let Ok(number) = text.parse::<serde_json::Number>() {
        add(Change::Spelling, Value::Number(number));
    } else if let Ok(value) = text.to_lowercase().parse::<bool>() {
        add(Change::Spelling, json!(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_changed_in_each_way_that_it_has() {
        let of = |value: Value| -> Vec<Value> {
            let changes = changed(&value).into_iter();
            changes.filter_map(|(_, value)| value).collect()
        };
        let texts = of(json!("5a"));
        for value in [
            json!("5A"),
            json!("x5a"),
            json!("5ax"),
            json!("a"),
            json!("5"),
            json!(["5a"]),
        ] {
            assert!(texts.contains(&value), "{value}");
        }
        assert!(of(json!("12")).contains(&json!(12)));
        assert!(of(json!("True")).contains(&json!(true)));
        assert!(of(json!(12)).contains(&json!("12")));
        assert!(!of(json!("")).contains(&json!("")));
    }
}
