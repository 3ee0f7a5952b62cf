//! The Kusto query language: what the `sentinel` and `kql` targets have in common.
//!
//! Turns a rule into one [`Query`] on one table. The invariant: a row that the connector writes for an event passes the query's
//! selection exactly where the reference evaluator says that the rule selects the event, or the report says in which direction
//! the two differ.

mod access;
mod aggregate;
mod alert;
mod besides;
mod collected;
mod column;
mod columns;
mod compared;
mod comparison;
mod constants;
mod cost;
mod decided;
mod dialect;
mod emit;
mod enriched;
mod entries;
mod existence;
mod fields;
mod filled;
mod function;
mod group;
mod guards;
mod items;
mod library;
mod lists;
mod loss;
mod memo;
mod message;
mod names;
mod notation;
mod pass;
mod place;
mod query;
mod question;
mod quote;
mod related;
mod scalar;
mod settle;
mod share;
mod sliding;
mod spelt;
mod stage;
mod staged;
mod term;
mod text;
mod told;
mod union;
mod untold;
mod url;
mod value;
mod walk;
mod window;
mod wording;
mod words;
mod written;

#[cfg(test)]
mod tests;

pub use access::access;
pub(super) use alert::{Piece, entities, has_foreign_texts, pieces, severity, severity_word};
pub(super) use emit::emit;
pub(super) use names::pascal;
pub(super) use place::{OWN_FORMAT, Place, own_query};
pub(super) use query::{Query, is_own};
pub(super) use quote::{is_word, timespan};
pub(super) use window::Counting;

use super::notation::{Support, support};
use crate::ir::Term;
use crate::schema::{ColumnType, Crosswalk};

/// How each operator is spelled on a text column, for the generated support matrix.
pub(super) fn operators() -> Vec<Support> {
    let example = Crosswalk::builtin().sources().find_map(|source| {
        let table = source.preferred_table()?;
        let column = table
            .columns
            .iter()
            .find(|column| column.kind == ColumnType::String && !column.json)?;
        Some((
            Place::known(source, table),
            Term::Field(column.field.clone()),
        ))
    });
    example.map_or_else(Vec::new, |(place, field)| {
        let scope = term::Scope::rows(place);
        support(&notation::Kusto { scope: &scope }, &field)
    })
}
