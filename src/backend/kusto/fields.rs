//! What a table tells of an event besides single fields: its keys, constants, and the objects below which it has columns.

use super::place::Place;
use crate::ir::{FieldPath, Literal, Segment};
use crate::schema::{Access, EVENT_TIME, TableMap};

impl<'c> Place<'c> {
    /// The field's value, where it is the same for every event of the table.
    pub(super) fn constant(&self, path: &FieldPath) -> Option<&'c Literal> {
        let (source, table) = self.known.filter(|_| !self.own_names)?;
        match table.access(&source.canonical(path)) {
            Access::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// The field with the time of the event, where the path is the one that Panther adds with it.
    pub(super) fn time_of(&self, path: &FieldPath) -> Option<&'c FieldPath> {
        let (source, _) = self.known.filter(|_| !self.own_names)?;
        let is_added = match path.segments.as_slice() {
            [step] => key_of(Some(step)).is_some_and(|key| key.eq_ignore_ascii_case(EVENT_TIME)),
            _ => false,
        };
        (is_added && !self.lacks(&source.time)).then_some(&source.time)
    }

    /// The keys of an event that the table tells.
    pub(super) fn keys(&self) -> Vec<&'c str> {
        let keys = self.told().map(|field| field.segments.first());
        let mut keys: Vec<&str> = keys.filter_map(key_of).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The keys below a field without a column that the table tells, each with its path.
    pub(super) fn keys_below(&self, path: &FieldPath) -> Vec<(&'c str, FieldPath)> {
        let table = self.table_of_fields();
        let below = table.map_or(&[][..], |table| table.keys_below(path));
        let below = below.iter().map(|(key, path)| (key.as_str(), path.clone()));
        below.collect()
    }

    /// The table, if its columns are known by fields.
    fn table_of_fields(&self) -> Option<&'c TableMap> {
        self.known
            .filter(|_| !self.own_names)
            .map(|(_, table)| table)
    }

    /// The fields that columns of the table hold.
    fn told(&self) -> impl Iterator<Item = &'c FieldPath> {
        let table = self.table_of_fields();
        table
            .into_iter()
            .flat_map(|table| table.columns.iter().map(|column| &column.field))
    }
}

fn key_of(segment: Option<&Segment>) -> Option<&str> {
    match segment? {
        Segment::Key(key) | Segment::Exact(key) => Some(key),
        Segment::Index(_) | Segment::Each => None,
    }
}
