//! Columns for what a selection reads several times out of a dynamic column: one `extend` before it, and names from there on.
//!
//! Done where a query would be too long without. What is read as a text is a text in such a column, and shows for a missing value
//! what the expression shows.

use std::collections::BTreeMap;

use super::columns::named;
use super::names;
use super::quote;
use super::stage::Stage;
use super::term::Scope;
use super::value::{Kind, Value};
use crate::backend::fragment::Fragment;
use crate::ir::{Condition, Term};
use crate::schema::FieldType;

/// How often a field has to be read for a column to take less room.
const OFTEN: usize = 3;

/// The stage that makes the columns, which the scope reads from then on; nothing where no field is read often.
pub(super) fn columns(rows: &mut Scope<'_>, selection: &Condition) -> Option<Stage> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let fields = selection.fields();
    for (at, path) in fields.iter().enumerate() {
        let count = counts.entry(path.to_string()).or_insert((at, 0));
        count.1 += 1;
    }
    let mut often: Vec<usize> = counts
        .values()
        .filter(|(_, count)| *count >= OFTEN)
        .map(|(at, _)| *at)
        .collect();
    often.sort_unstable();
    let mut made: Vec<Fragment> = Vec::new();
    let mut taken: Vec<String> = Vec::new();
    for at in often {
        let term = Term::Field(fields[at].clone());
        let Ok(value) = rows.term(&term) else {
            continue;
        };
        let is_text = matches!(value.holds, FieldType::Text | FieldType::Datetime);
        if value.kind != Kind::Dynamic || !is_text || value.reshaped {
            continue;
        }
        let value = value.as_text();
        let word = names::of_term(&term);
        let numbered = (2..).map(|number| format!("{word}{number}"));
        let is_free = |name: &String| !taken.contains(name) && !rows.place.has_column(name);
        let Some(name) = std::iter::once(word.clone()).chain(numbered).find(is_free) else {
            continue;
        };
        made.push(named(&name, &value.fragment));
        let column = Value {
            fragment: Fragment::atom(quote::name(&name)),
            ..value
        };
        taken.push(name);
        rows.stands(term, column);
    }
    (!made.is_empty()).then_some(Stage::Extend(made))
}
