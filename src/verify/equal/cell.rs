//! A field as the row of its event has it: the column, or the place below one, and how the map turns the one into the other.
//!
//! A cell is named by a path whose first key no event has. Three such keys tell what is asked of it: the value as it is, the
//! text of a number (a text field in a column of numbers), the number that a text spells (a number in a column of texts). What
//! the map makes of a value in a way that cannot be said so stays a field of its log source.

use crate::ir::{FieldPath, Function, Literal, Segment};
use crate::schema::{Access, ColumnType, Direction, FieldType, LogSourceMap, TableMap};

/// The key below which a column stands for the fields that it holds.
pub(super) const COLUMN: &str = "\u{0}column";
/// The key below which the numbers of a column stand as texts.
const AS_TEXT: &str = "\u{0}text";
/// The key below which the texts of a column stand as the numbers that they spell.
const AS_NUMBER: &str = "\u{0}number";
/// The key below which a field stands that is no cell, behind the log source.
const OTHER: &str = "\u{0}field";

/// What is asked of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum As {
    /// The value as it is.
    Itself,
    /// The text of the number in it.
    Text,
    /// The number that its text spells.
    Number,
}

impl As {
    fn key(self) -> &'static str {
        match self {
            Self::Itself => COLUMN,
            Self::Text => AS_TEXT,
            Self::Number => AS_NUMBER,
        }
    }
}

/// A place in a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    pub(super) asked: As,
    pub(super) column: String,
    pub(super) steps: Vec<Segment>,
}

impl Cell {
    /// The cell that a path names, if it names one.
    pub(super) fn of(path: &FieldPath) -> Option<Self> {
        let [Segment::Key(root), Segment::Key(column), steps @ ..] = path.segments.as_slice()
        else {
            return None;
        };
        let asked = [As::Itself, As::Text, As::Number];
        let asked = asked.into_iter().find(|asked| asked.key() == root)?;
        Some(Self {
            asked,
            column: column.clone(),
            steps: steps.to_vec(),
        })
    }

    /// The cell of a column as it is.
    pub(super) fn column(name: &str, steps: Vec<Segment>) -> Self {
        Self {
            asked: As::Itself,
            column: name.to_owned(),
            steps,
        }
    }

    pub(super) fn path(&self) -> FieldPath {
        FieldPath::keys([self.asked.key(), self.column.as_str()]).below(self.steps.iter().cloned())
    }

    /// The same cell, asked otherwise.
    pub(super) fn asked(&self, asked: As) -> Self {
        Self {
            asked,
            ..self.clone()
        }
    }

    /// Whether it is all of a column.
    pub(super) fn is_whole(&self) -> bool {
        self.steps.is_empty()
    }
}

/// The name of a field that no cell holds as it is, told from those of other log sources.
pub(super) fn other(source: &LogSourceMap, path: &FieldPath) -> FieldPath {
    FieldPath::keys([OTHER, source.id.as_str()]).below(path.segments.iter().cloned())
}

/// Whether the path is a name that sides have in common already.
pub(super) fn is_named(path: &FieldPath) -> bool {
    matches!(path.segments.first(), Some(Segment::Key(key)) if key.starts_with('\u{0}'))
}

/// The log source and the field that [`other`] names.
pub(super) fn of_other(path: &FieldPath) -> Option<(&str, FieldPath)> {
    match path.segments.as_slice() {
        [Segment::Key(root), Segment::Key(id), steps @ ..] if root == OTHER => {
            let segments = steps.to_vec().into();
            Some((id, FieldPath { segments }))
        }
        _ => None,
    }
}

/// Where a field of an event stands in the row.
pub(super) enum Held {
    /// In this cell.
    Cell(Cell),
    /// In a column that has another value of it.
    Otherwise,
    /// The table has no column of it, and the row its own name.
    Nowhere,
}

/// Where the field stands; `is_made` where the event is made of the row, and not the row of the event.
pub(super) fn held(
    source: &LogSourceMap,
    table: &TableMap,
    path: &FieldPath,
    is_made: bool,
) -> Held {
    match table.access(path) {
        Access::Column(column) => {
            let is_read = !is_made || column.direction == Direction::Both;
            let is_plain = column.values.is_empty() && !column.json && is_read;
            let asked = asked(source.kind(path), column.kind).filter(|_| is_plain);
            match asked {
                Some(asked) => Held::Cell(Cell::column(&column.name, Vec::new()).asked(asked)),
                None => Held::Otherwise,
            }
        }
        Access::Below(column, steps) if column.kind == ColumnType::Dynamic => {
            Held::Cell(Cell::column(&column.name, steps))
        }
        Access::Own(column) => Held::Cell(Cell::column(column.name, Vec::new())),
        Access::Below(..) | Access::Parts(_) => Held::Otherwise,
        Access::Constant(_) | Access::Absent | Access::Unmapped => Held::Nowhere,
    }
}

/// What of a column of the type a field of the type is; nothing where the map makes something else of it.
fn asked(field: FieldType, column: ColumnType) -> Option<As> {
    let (is_text, is_whole) = match column {
        ColumnType::Dynamic => return Some(As::Itself),
        ColumnType::String | ColumnType::Datetime | ColumnType::Timespan | ColumnType::Guid => {
            (true, false)
        }
        ColumnType::Int | ColumnType::Long => (false, true),
        ColumnType::Real | ColumnType::Bool => (false, false),
    };
    match field {
        FieldType::Text | FieldType::Datetime if is_text => Some(As::Itself),
        FieldType::Text if is_whole => Some(As::Text),
        FieldType::Integer if is_text => Some(As::Number),
        FieldType::Integer if is_whole || column == ColumnType::Real => Some(As::Itself),
        FieldType::Float if column == ColumnType::Real => Some(As::Itself),
        FieldType::Boolean if column == ColumnType::Bool => Some(As::Itself),
        // A value of no type has that of its column.
        FieldType::Any => Some(As::Itself),
        _ => None,
    }
}

/// The field of which the cell is made.
pub(super) fn field(table: &TableMap, cell: &Cell) -> Option<FieldPath> {
    let holds = table.columns.iter().filter(|column| {
        let is_written = matches!(column.direction, Direction::Both | Direction::Write);
        let is_way = cell.steps.starts_with(&column.path.segments);
        is_written && column.name == cell.column && is_way
    });
    let nearest = holds.max_by_key(|column| {
        let is_first = column.direction == Direction::Both;
        (column.path.segments.len(), is_first)
    })?;
    let rest = cell.steps.get(nearest.path.segments.len()..)?;
    Some(nearest.field.below(rest.iter().cloned()))
}

/// Whether the function only says a value in another type, `null` being none.
pub(super) fn is_conversion(function: Function) -> bool {
    matches!(
        function,
        Function::ToText | Function::ToNumber | Function::WholeNumber
    )
}

/// The whole number that a text spells in the only way in which a number is written.
pub(super) fn spelt_number(literal: &Literal) -> Option<i64> {
    let text = literal.as_text()?;
    let number = text.parse::<i64>().ok()?;
    (number.to_string() == text).then_some(number)
}
