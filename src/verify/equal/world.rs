//! What is known of the events that both sides are asked about: the types of the log source, the columns in which fields meet,
//! the values that all of them have.

use super::states::{
    ANY, BOOLEANS, INTEGERS, LISTS, MISSING, NULL, NUMBERS, OBJECTS, States, TEXTS,
};
use crate::ir::{FieldPath, Literal, Segment, Term};
use crate::schema::{Access, FieldType, LOG_TYPE, LogSourceMap, TableMap};

/// A log source, with the table where events are rows of one.
pub(in crate::verify) type Place<'w> = (&'w LogSourceMap, Option<&'w TableMap>);

/// What is known of the events, for a rule and for its translation.
#[derive(Clone, Copy, Default)]
pub(in crate::verify) struct World<'w> {
    /// How the rule sees events.
    pub(in crate::verify) rule: Option<Place<'w>>,
    /// How its translation does.
    pub(in crate::verify) read: Option<Place<'w>>,
}

/// One side's knowledge of events.
#[derive(Clone, Copy, Default)]
pub(super) struct Side<'w> {
    own: Option<Place<'w>>,
    other: Option<Place<'w>>,
}

/// The key below which a column stands for the fields that it holds; no event has such a key.
const COLUMN: &str = "\u{0}column";

impl<'w> World<'w> {
    pub(super) fn sides(self) -> [Side<'w>; 2] {
        let side = |own, other| Side { own, other };
        [side(self.rule, self.read), side(self.read, self.rule)]
    }
}

impl Side<'_> {
    /// The path under one name of the several that it may have.
    pub(super) fn path(&self, path: &FieldPath) -> FieldPath {
        let Some((source, table)) = self.own else {
            return path.clone();
        };
        let path = source.canonical(path);
        let Some((column, rest)) = table.and_then(|table| column(table, &path)) else {
            return path;
        };
        let is_alike = self.other.is_none_or(|(other, table)| {
            let held = table.and_then(|table| table.column(&column));
            other.id == source.id
                || held.is_some_and(|held| other.kind(&held.field) == source.kind(&path))
        });
        if !is_alike {
            return path;
        }
        FieldPath::keys([COLUMN, column.as_str()]).below(rest)
    }

    /// The field that a path of [`Self::path`] names.
    fn field(&self, path: &FieldPath) -> FieldPath {
        let (Some((_, Some(table))), [Segment::Key(first), Segment::Key(column), rest @ ..]) =
            (self.own, path.segments.as_slice())
        else {
            return path.clone();
        };
        match table.column(column).filter(|_| first == COLUMN) {
            Some(column) => column.field.below(rest.iter().cloned()),
            None => path.clone(),
        }
    }

    /// The term under the name of the column that is made of it.
    pub(super) fn made(&self, term: &Term) -> Option<FieldPath> {
        let (_, table) = self.own?;
        let made = table?
            .made
            .iter()
            .find(|made| made.only.is_empty() && made.term == *term)?;
        Some(FieldPath::keys([COLUMN, made.column.as_str()]))
    }

    /// The value that the field has in every event; `Some(None)` where it never has one.
    pub(super) fn constant(&self, path: &FieldPath) -> Option<Option<Literal>> {
        let (source, table) = self.own?;
        if source.is_never(path) {
            return Some(None);
        }
        if let [Segment::Key(key) | Segment::Exact(key)] = path.segments.as_slice()
            && key == LOG_TYPE
            && let [named] = source.panther.as_slice()
        {
            return Some(Some(Literal::text(&named.name)));
        }
        let table = table?;
        let constant = table.constants.iter().find(|(field, _)| field == path);
        if let Some((_, value)) = constant {
            return Some(Some(value.clone()));
        }
        let has = table.has.iter().find(|(field, _)| field == path);
        match has.map(|(_, values)| values.as_slice()) {
            Some([value]) => Some(Some(value.clone())),
            _ => None,
        }
    }

    /// The states that the types allow a field; `path` is one of [`Self::path`].
    pub(super) fn states(&self, path: &FieldPath) -> States {
        let Some((source, _)) = self.own else {
            return ANY;
        };
        let path = self.field(path);
        let json = source.field(&path).is_some_and(|entry| entry.is_json);
        let typed = of_type(source.kind(&path));
        let typed = if json { typed | OBJECTS } else { typed };
        let item = path.segments.split_last().and_then(|(last, list)| {
            let list = FieldPath {
                segments: list.to_vec().into(),
            };
            (*last == Segment::Each).then(|| source.kind(&list))
        });
        match item {
            Some(FieldType::ObjectList) => OBJECTS,
            Some(FieldType::ScalarList) => ANY & !(MISSING | LISTS | OBJECTS),
            _ => typed,
        }
    }

    /// Whether the field is a number wherever it is there.
    pub(super) fn is_whole(&self, path: &FieldPath) -> bool {
        self.states(path) & !(MISSING | NULL | INTEGERS) == 0
    }
}

fn of_type(kind: FieldType) -> States {
    let states = match kind {
        FieldType::Text | FieldType::Datetime => TEXTS,
        FieldType::Integer => INTEGERS,
        FieldType::Float => NUMBERS,
        FieldType::Boolean => BOOLEANS,
        FieldType::Object => OBJECTS,
        FieldType::ScalarList | FieldType::ObjectList => LISTS,
        FieldType::Any => ANY,
    };
    states | MISSING | NULL
}

/// The column that holds the field, and the way below it.
fn column(table: &TableMap, path: &FieldPath) -> Option<(String, Vec<Segment>)> {
    match table.access(path) {
        Access::Column(column) if column.values.is_empty() => {
            Some((column.name.clone(), Vec::new()))
        }
        Access::Own(column) => Some((column.name.to_string(), Vec::new())),
        Access::Column(_)
        | Access::Below(..)
        | Access::Parts(_)
        | Access::Constant(_)
        | Access::Absent
        | Access::Unmapped => None,
    }
}
