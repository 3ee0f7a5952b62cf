//! Columns that a table makes of several fields, or of a part of one: the end of a path, two texts joined, a word for what holds.
//!
//! Such a column holds no field. It is read as the term over the fields that it is made of, and that term is written as the
//! column again where the rule named it. A column that is made differently for different events is read only where the rule
//! asks for those events alone; else it stays a column of its own name.

use super::choice::asks;
use super::table::TableMap;
use crate::ir::{Condition, Literal, Term};

/// A column that is made of fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// Its name.
    pub column: String,
    /// What tells this way to make it from the table's other ways.
    pub part: Option<String>,
    /// The values, by field, of the events for which it is made so; empty where it is for all.
    pub only: Vec<(String, Vec<Literal>)>,
    /// What it is made of: a text.
    pub term: Term,
}

impl Made {
    /// The name under which a rule keeps it: `Process`, or with its part `Account.target`.
    pub fn name(&self) -> String {
        match &self.part {
            Some(part) => format!("{}.{part}", self.column),
            None => self.column.clone(),
        }
    }

    /// Whether it is made so for every event that the condition selects.
    pub fn is_implied(&self, condition: &Condition) -> bool {
        asks(condition, &self.only)
    }
}

impl TableMap {
    /// The columns that a rule keeps under these names.
    pub fn made_as<'t>(&'t self, names: &'t [String]) -> impl Iterator<Item = &'t Made> {
        let is_kept = |made: &&Made| !names.is_empty() && names.contains(&made.name());
        self.made.iter().filter(is_kept)
    }
}
