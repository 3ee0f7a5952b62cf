//! What is known of the events that both sides are asked about: the types of the log source, the columns in which fields meet,
//! the values that all of them have.

use super::states::{
    ANY, BOOLEANS, INTEGERS, LISTS, MISSING, NULL, NUMBERS, OBJECTS, States, TEXTS,
};
use crate::ir::{Condition, FieldPath, Literal, Object, Operator, Predicate, Segment, Term};
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
    /// Whether the translation reads the columns of the rule's table under their own names.
    pub(in crate::verify) columns: bool,
}

/// One side's knowledge of events.
#[derive(Clone, Copy, Default)]
pub(super) struct Side<'w> {
    own: Option<Place<'w>>,
    other: Option<Place<'w>>,
    /// Whether its fields are columns.
    columns: bool,
}

/// The key below which a column stands for the fields that it holds; no event has such a key.
const COLUMN: &str = "\u{0}column";

impl<'w> World<'w> {
    pub(super) fn sides(self) -> [Side<'w>; 2] {
        let side = |own, other, columns| Side {
            own,
            other,
            columns,
        };
        if self.columns {
            return [side(self.rule, None, false), side(self.rule, None, true)];
        }
        [
            side(self.rule, self.read, false),
            side(self.read, self.rule, false),
        ]
    }
}

impl Side<'_> {
    /// The path under one name of the several that it may have.
    pub(super) fn path(&self, path: &FieldPath) -> FieldPath {
        let Some((source, table)) = self.own else {
            return path.clone();
        };
        if let (true, Some(table)) = (self.columns, table) {
            return own_column(table, path).unwrap_or_else(|| path.clone());
        }
        let path = source.canonical(path);
        let Some((column, rest)) = table.and_then(|table| column(table, &path)) else {
            return path;
        };
        let is_alike = self.other.is_none_or(|(other, table)| {
            let held = table.and_then(|table| table.column(&column));
            let mut made = table.into_iter().flat_map(|table| &table.made);
            other.id == source.id
                || held.is_some_and(|held| other.kind(&held.field) == source.kind(&path))
                || source.kind(&path) == FieldType::Text && made.any(|made| made.column == column)
        });
        if !is_alike {
            return path;
        }
        FieldPath::keys([COLUMN, column.as_str()]).below(rest)
    }

    /// What all rows of the source in its table have, as this side reads it.
    pub(super) fn assumed(&self, world: World<'_>) -> Condition {
        let only = world.rule.and_then(|(_, table)| table);
        let only = only.into_iter().flat_map(|table| &table.only);
        let known = only.filter_map(|(name, values)| {
            let (source, table) = self.own?;
            let column = table?
                .column(name)
                .filter(|column| column.values.is_empty())?;
            let kind = source.kind(&column.field);
            let values = values.iter().map(|value| spelt(value, kind)).collect();
            let field = Term::Field(column.field.clone());
            Some(Predicate::new(field, Operator::In, Object::List(values)).into())
        });
        known.fold(Condition::TRUE, Condition::and)
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
    #[allow(clippy::option_option, reason = "no value is one that is known")]
    pub(super) fn constant(&self, path: &FieldPath) -> Option<Option<Literal>> {
        let (source, table) = self.own.filter(|_| !self.columns)?;
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

/// The value as a field of the type has it.
fn spelt(value: &Literal, kind: FieldType) -> Literal {
    match (kind, value) {
        (FieldType::Text, Literal::Integer(number)) => Literal::text(number.to_string()),
        (FieldType::Integer, Literal::Text(text)) => text
            .parse()
            .map_or_else(|_| value.clone(), Literal::Integer),
        _ => value.clone(),
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

/// The path of a column of the table under its own name; nothing where it spells the values of its field otherwise.
fn own_column(table: &TableMap, path: &FieldPath) -> Option<FieldPath> {
    let [Segment::Key(name) | Segment::Exact(name)] = path.segments.as_slice() else {
        return None;
    };
    let mut held = table.columns.iter().filter(|column| column.name == *name);
    let is_spelt = held.all(|column| column.values.is_empty() && column.path.segments.is_empty());
    is_spelt.then(|| FieldPath::keys([COLUMN, name.as_str()]))
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
