//! Lists and objects that a rule makes of values, to be shown: `pack_array`, `bag_pack` and what Kusto does with whole lists.
//!
//! A table shows a missing text as an empty one, and Kusto leaves `null` out of some lists, so that these values are good enough to
//! be shown and not to be compared.

use super::place::Gap;
use super::term::Scope;
use super::value::{Blank, Kind, Value};
use crate::backend::fragment::{ATOM, Fragment};
use crate::ir::{Function, Literal, Term};
use crate::schema::FieldType;

/// Whether the function is one of these.
pub(super) fn says(function: Function) -> bool {
    matches!(
        function,
        Function::List
            | Function::Object
            | Function::Append
            | Function::Slice
            | Function::Distinct
            | Function::Join
            | Function::Keys
            | Function::Reverse
            | Function::Sort
            | Function::Capitalize
    )
}

impl Scope<'_> {
    /// A list or an object of the arguments.
    fn packed(&self, function: Function, arguments: &[Term]) -> Result<Value, Gap> {
        let parts: Result<Vec<String>, Gap> = arguments
            .iter()
            .map(|part| Ok(self.try_term(part)?.text()))
            .collect();
        let (call, holds) = match function {
            Function::Object => ("bag_pack(", FieldType::Object),
            _ => ("pack_array(", FieldType::ScalarList),
        };
        let pairs = match function {
            Function::Object => parts?.chunks(2).map(|pair| pair.join(", ")).collect(),
            _ => parts?,
        };
        if pairs.is_empty() {
            let empty = if holds == FieldType::Object {
                "{}"
            } else {
                "[]"
            };
            return Ok(shown(format!("dynamic({empty})"), Kind::Dynamic, holds));
        }
        Ok(Value {
            fragment: Fragment::list(call, pairs, ")", ATOM),
            ..shown(String::new(), Kind::Dynamic, holds)
        })
    }

    /// What Kusto makes of a list or an object.
    pub(super) fn collected(&self, function: Function, arguments: &[Term]) -> Result<Value, Gap> {
        if matches!(function, Function::List | Function::Object) {
            return self.packed(function, arguments);
        }
        let Some((first, rest)) = arguments.split_first() else {
            let reason = format!("`{}` lacks an argument", function.name());
            return Err(Gap::Unreadable(reason));
        };
        let value = self.try_term(first)?;
        let list = value.as_dynamic().text();
        let of_list = |call: String| Ok(shown(call, Kind::Dynamic, value.holds));
        match (function, rest) {
            (Function::Append, rest) => {
                let mut lists = vec![list];
                for part in rest {
                    lists.push(self.try_term(part)?.as_dynamic().text());
                }
                of_list(format!("array_concat({})", lists.join(", ")))
            }
            // Of texts that are the rule's, the same ones come twice.
            (Function::Distinct, _) => Ok(Value {
                reshaped: value.reshaped || value.blank != Some(Blank::no_items()),
                blank: value.blank.clone(),
                ..shown(
                    format!("set_union({list}, dynamic([]))"),
                    Kind::Dynamic,
                    value.holds,
                )
            }),
            (Function::Reverse, _) => of_list(format!("array_reverse({list})")),
            (Function::Sort, _) => of_list(format!("array_sort_asc({list})")),
            (Function::Keys, _) => Ok(shown(
                format!("bag_keys({list})"),
                Kind::Dynamic,
                FieldType::ScalarList,
            )),
            (Function::Join, [separator]) => {
                let separator = self.try_term(separator)?.as_text().text();
                let joined = format!("strcat_array({list}, {separator})");
                Ok(shown(joined, Kind::Text, FieldType::Text))
            }
            (Function::Slice, [start, end]) => sliced(&value, start, end),
            (Function::Capitalize, _) => {
                let text = value.as_text().text();
                let made = format!(
                    "strcat(toupper(substring({text}, 0, 1)), tolower(substring({text}, 1)))"
                );
                Ok(shown(made, Kind::Text, FieldType::Text))
            }
            _ => {
                let reason = format!("`{}` has no counterpart yet", function.name());
                Err(Gap::Unreadable(reason))
            }
        }
    }
}

/// The part of a list or of a text between two constant positions.
fn sliced(value: &Value, start: &Term, end: &Term) -> Result<Value, Gap> {
    let number = |term: &Term| match term.as_literal() {
        Some(Literal::Integer(number)) => Some(*number),
        _ => None,
    };
    let start_of = |term: &Term| match term.as_literal() {
        Some(Literal::Null) => Some(0),
        _ => number(term),
    };
    let is_list = matches!(value.holds, FieldType::ScalarList | FieldType::ObjectList);
    let is_text = matches!(value.holds, FieldType::Text);
    let open = end.as_literal() == Some(&Literal::Null);
    match (start_of(start), number(end)) {
        (Some(start), Some(end)) if is_list && end != 0 => {
            let list = value.as_dynamic().text();
            let call = format!("array_slice({list}, {start}, {})", end - 1);
            Ok(shown(call, Kind::Dynamic, value.holds))
        }
        (Some(start), None) if is_list && open => {
            let list = value.as_dynamic().text();
            let call = format!("array_slice({list}, {start}, -1)");
            Ok(shown(call, Kind::Dynamic, value.holds))
        }
        (Some(start), Some(end)) if is_text && 0 <= start && start <= end => {
            let text = value.as_text().text();
            let call = format!("substring({text}, {start}, {})", end - start);
            Ok(shown(call, Kind::Text, FieldType::Text))
        }
        (Some(start), None) if is_text && open && start >= 0 => {
            let call = format!("substring({}, {start})", value.as_text().text());
            Ok(shown(call, Kind::Text, FieldType::Text))
        }
        _ => {
            let reason = "a part from one position to another has a form for constants only";
            Err(Gap::Unreadable(reason.to_owned()))
        }
    }
}

/// A value that is good enough to be shown.
fn shown(text: String, kind: Kind, holds: FieldType) -> Value {
    Value {
        holds,
        reshaped: true,
        ..Value::atom(text, kind)
    }
}
