//! Lists and objects that a rule makes of values, to be shown: `pack_array`, `bag_pack` and what Kusto does with whole lists.
//!
//! A table shows a missing text as an empty one, and Kusto leaves `null` out of some lists, so that these values are good enough to
//! be shown and not to be compared.

use super::place::Gap;
use super::term::Scope;
use super::value::{Kind, Value};
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
        let parts: Result<Vec<Fragment>, Gap> = arguments
            .iter()
            .map(|part| Ok(self.try_term(part)?.fragment))
            .collect();
        let (call, holds) = match function {
            Function::Object => ("bag_pack(", FieldType::Object),
            _ => ("pack_array(", FieldType::ScalarList),
        };
        let pairs = match function {
            Function::Object => parts?.chunks(2).map(entry).collect(),
            _ => parts?,
        };
        if pairs.is_empty() {
            let empty = if holds == FieldType::Object {
                "{}"
            } else {
                "[]"
            };
            let empty = Fragment::atom(format!("dynamic({empty})"));
            return Ok(shown(empty, Kind::Dynamic, holds));
        }
        let packed = Fragment::list(call, pairs, ")", ATOM);
        Ok(shown(packed, Kind::Dynamic, holds))
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
        let list = value.as_dynamic().fragment;
        let of_list = |call: &str| {
            let made = Fragment::form(call, &[&list]);
            Ok(shown(made, Kind::Dynamic, value.holds))
        };
        match (function, rest) {
            (Function::Append, rest) => {
                let mut lists = vec![list];
                for part in rest {
                    lists.push(self.try_term(part)?.as_dynamic().fragment);
                }
                let joined = Fragment::called("array_concat", &lists);
                Ok(shown(joined, Kind::Dynamic, value.holds))
            }
            (Function::Distinct, _) => of_list("set_union({}, dynamic([]))"),
            (Function::Reverse, _) => of_list("array_reverse({})"),
            (Function::Sort, _) => of_list("array_sort_asc({})"),
            (Function::Keys, _) => {
                let keys = Fragment::called("bag_keys", &[list]);
                Ok(shown(keys, Kind::Dynamic, FieldType::ScalarList))
            }
            (Function::Join, [separator]) => {
                let separator = self.try_term(separator)?.as_text().fragment;
                let joined = Fragment::called("strcat_array", &[list, separator]);
                Ok(shown(joined, Kind::Text, FieldType::Text))
            }
            (Function::Slice, [start, end]) => sliced(&value, start, end),
            (Function::Capitalize, _) => {
                let text = &value.as_text().fragment;
                let made = "strcat(toupper(substring({}, 0, 1)), tolower(substring({}, 1)))";
                let made = Fragment::form(made, &[text, text]);
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
            let end = format!(", {start}, {})", end - 1);
            let call = value.as_dynamic().fragment.flat_call("array_slice(", &end);
            Ok(shown(call, Kind::Dynamic, value.holds))
        }
        (Some(start), None) if is_list && open => {
            let end = format!(", {start}, -1)");
            let call = value.as_dynamic().fragment.flat_call("array_slice(", &end);
            Ok(shown(call, Kind::Dynamic, value.holds))
        }
        (Some(start), Some(end)) if is_text && 0 <= start && start <= end => {
            let end = format!(", {start}, {})", end - start);
            let call = value.as_text().fragment.flat_call("substring(", &end);
            Ok(shown(call, Kind::Text, FieldType::Text))
        }
        (Some(start), None) if is_text && open && start >= 0 => {
            let end = format!(", {start})");
            let call = value.as_text().fragment.flat_call("substring(", &end);
            Ok(shown(call, Kind::Text, FieldType::Text))
        }
        _ => {
            let reason = "a part from one position to another has a form for constants only";
            Err(Gap::Unreadable(reason.to_owned()))
        }
    }
}

/// A value that is good enough to be shown.
fn shown(fragment: Fragment, kind: Kind, holds: FieldType) -> Value {
    Value {
        holds,
        reshaped: true,
        ..Value::of(fragment, kind)
    }
}

/// A key and its value, as arguments of `bag_pack`; both together are no expression.
pub(super) fn entry(pair: &[Fragment]) -> Fragment {
    match pair {
        [_, _] => Fragment::row(pair.to_vec()),
        _ => Fragment::atom("\"\", \"\""),
    }
}
