//! The first text that is there: a choice each of whose cases but asks for its value is `coalesce`.

use super::value::{Blank, Kind, Value};
use crate::ir::Term;

/// The first text that is there, where each case but asks that its value be.
pub(super) fn first(kept: &[(String, &Term)], values: &[Value]) -> Option<Value> {
    let (last, rest) = values.split_first()?;
    let asks = |((when, _), value): (&(String, &Term), &Value)| {
        *when == format!("isnotempty({})", value.text())
    };
    if !kept.iter().zip(rest).all(asks) {
        return None;
    }
    let texts: Vec<String> = rest.iter().chain([last]).map(Value::text).collect();
    let is_empty = last.text() == "\"\"";
    let text = match texts.as_slice() {
        [only, _] if is_empty => only.clone(),
        texts => format!("coalesce({})", texts.join(", ")),
    };
    let filled = last.blank.is_none() && !is_empty;
    Some(Value {
        reshaped: true,
        ..Value::atom(text, Kind::Text).blank((!filled).then(Blank::text))
    })
}
