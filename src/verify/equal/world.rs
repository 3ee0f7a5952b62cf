//! What is known of the events that both sides are asked about: the types of the log source, the columns in which fields meet,
//! the values that all of them have.

use super::cell::{self, As, Cell, Held};
use super::states::{
    ANY, BOOLEANS, INTEGERS, LISTS, MISSING, NO_TEXT, NULL, NUMBERS, OBJECTS, States, TEXT, TEXTS,
};
use crate::ir::{Condition, FieldPath, Literal, Object, Operator, Predicate, Segment, Term};
use crate::schema::{Access, ColumnType, FieldType, LOG_TYPE, LogSourceMap, TableMap};

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
    /// Whether the rule, too, reads rows.
    pub(in crate::verify) rows: bool,
    /// Whether the events are those alone that rows tell apart: a column has one empty value for what is missing, `null` or empty.
    pub(in crate::verify) told: bool,
}

/// One side's knowledge of events.
#[derive(Clone, Copy, Default)]
pub(super) struct Side<'w> {
    /// How events are seen that rows are made of.
    events: Option<Place<'w>>,
    /// How this side sees them.
    own: Option<Place<'w>>,
    /// How it reads values.
    reads: Reads,
    /// Whether the other side sees them as of another source, so that a name alone says nothing.
    apart: bool,
    /// Whether what a column holds is missing where it is `null` or empty.
    plain: bool,
}

/// What a side reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Reads {
    /// The event that the row is made of.
    #[default]
    Event,
    /// The event that is made of the row.
    Row,
    /// The row itself.
    Columns,
}

impl<'w> World<'w> {
    /// Whether the sides see events as of different sources, or one of them as rows, so that a name alone says nothing.
    pub(super) fn is_apart(self) -> bool {
        let id = |place: Option<Place<'w>>| place.map(|(source, _)| &source.id);
        self.columns || id(self.rule) != id(self.read)
    }

    /// Whether both sides see the same values, so that what is written alike is the same. A row has no `null`, an event may.
    pub(super) fn is_alike(self) -> bool {
        let has_row = self.rule.is_some_and(|(_, table)| table.is_some());
        !self.is_apart() && (self.rows || !has_row)
    }

    pub(super) fn sides(self) -> [Side<'w>; 2] {
        let apart = self.is_apart();
        let side = |own: Option<Place<'w>>, reads| Side {
            events: self.rule,
            own,
            apart,
            plain: self.told,
            reads: match own {
                Some((_, Some(_))) => reads,
                _ => Reads::Event,
            },
        };
        if self.columns {
            return [
                side(self.rule, Reads::Event),
                side(self.rule, Reads::Columns),
            ];
        }
        let rule = if self.rows { Reads::Row } else { Reads::Event };
        [side(self.rule, rule), side(self.read, Reads::Row)]
    }
}

impl Side<'_> {
    /// The path under one name of the several that it may have: that of the cell in the row, where there is a row.
    pub(super) fn path(&self, path: &FieldPath) -> FieldPath {
        if cell::is_named(path) {
            let cell = Cell::of(path).map(|cell| self.spelt(cell).path());
            return cell.unwrap_or_else(|| path.clone());
        }
        let Some((source, table)) = self.own else {
            return path.clone();
        };
        if let (Reads::Columns, Some(table)) = (self.reads, table) {
            let cell = own_column(table, path);
            return cell.map_or_else(|| path.clone(), |cell| self.spelt(cell).path());
        }
        let path = source.canonical(path);
        // What no record has, and what every record has, is no cell.
        let is_known = || source.is_never(&path) || is_log_type(&path);
        let Some(table) = table.filter(|_| !is_known()) else {
            return path;
        };
        match cell::held(source, table, &path, self.reads == Reads::Row) {
            Held::Cell(cell) => self.spelt(cell).path(),
            Held::Otherwise if self.apart => cell::other(source, &path),
            Held::Otherwise | Held::Nowhere => path,
        }
    }

    /// The cell with its keys as the map spells them, which is how the row has them.
    fn spelt(&self, cell: Cell) -> Cell {
        let exact = |step: &Segment| matches!(step, Segment::Exact(_));
        if !cell.steps.iter().any(exact) {
            return cell;
        }
        let steps = cell.steps.iter().map(|step| match step {
            Segment::Exact(key) => Segment::Key(key.clone()),
            other => other.clone(),
        });
        let plain = Cell::column(&cell.column, steps.collect());
        let field = self.field_of(&plain);
        let is_listed = field.zip(self.events).is_some_and(|(field, (source, _))| {
            source
                .field(&field)
                .is_some_and(|entry| entry.field == field)
        });
        if is_listed { plain } else { cell }
    }

    /// What all events of the source have, and all rows of its table.
    pub(super) fn assumed(&self) -> Condition {
        match self.events {
            Some((_, Some(table))) => self.of_table(table),
            Some((source, None)) => of_log_types(source),
            None => Condition::TRUE,
        }
    }

    /// The text as it is spelt in all records, where it tells a part of the source from others; nothing where it is not known to.
    pub(super) fn spelling(&self, path: &FieldPath, text: &str) -> Option<String> {
        let (source, _) = self.events.filter(|(_, table)| table.is_none())?;
        if self.apart {
            return None;
        }
        let of_sigma = source.sigma.iter().flat_map(|named| &named.only);
        let of_panther = source.panther.iter().flat_map(|named| &named.only);
        let mut told = of_panther.chain(of_sigma);
        told.find_map(|(field, values)| {
            let is_it =
                FieldPath::parse(field).is_ok_and(|field| source.canonical(&field) == *path);
            let mut texts = values.iter().filter_map(Literal::as_text);
            let known = texts.find(|known| is_it && known.eq_ignore_ascii_case(text));
            known.map(str::to_owned)
        })
    }

    /// What a translation has to ask for that reads the table as one of other events, too: what tells the source's rows.
    pub(super) fn told(&self) -> Option<Condition> {
        let (_, table) = self.events.filter(|_| self.apart)?;
        table.map(of_only)
    }

    /// What all rows of the source in its table have.
    fn of_table(&self, table: &TableMap) -> Condition {
        let has = table.has.iter();
        let has = has.map(|(field, values)| is_one_of(self.of_events(field), values));
        let besides = table.besides.iter().filter_map(|besides| {
            let asked = Term::Field(self.of_events(besides.fields.first()?));
            let never = Object::Texts(vec![besides.never.clone()]);
            Some(Condition::from(Predicate::new(asked, Operator::Contains, never)).negate())
        });
        has.chain(besides).fold(of_only(table), Condition::and)
    }

    /// The name of a field of the event that rows are made of.
    fn of_events(&self, field: &FieldPath) -> FieldPath {
        let events = Self {
            own: self.events,
            reads: Reads::Event,
            ..*self
        };
        events.path(field)
    }

    /// Whether a value that is not there and one that is `null` are one: a row has no `null`.
    pub(super) fn is_bare(&self, path: &FieldPath) -> bool {
        self.reads != Reads::Event && Cell::of(path).is_some_and(|cell| cell.is_whole())
    }

    /// Whether the texts in a cell spell whole numbers, being made of such.
    pub(super) fn spells_numbers(&self, cell: &Cell) -> bool {
        let field = self.field_of(cell);
        cell.asked == As::Itself
            && field.is_some_and(|field| self.of_events(&field) == cell.asked(As::Number).path())
    }

    /// The field of the events of which the cell is made.
    fn field_of(&self, cell: &Cell) -> Option<FieldPath> {
        let (_, table) = self.events?;
        cell::field(table?, cell)
    }

    /// The term under the name of the column that is made of it.
    pub(super) fn made(&self, term: &Term) -> Option<FieldPath> {
        let (_, table) = self.own?;
        let mut made = table?.made.iter();
        let made = made.find(|made| made.only.is_empty() && made.term == *term)?;
        Some(Cell::column(&made.column, Vec::new()).path())
    }

    /// Whether the field names the address of an IP entity, and so no network of several addresses.
    pub(super) fn is_address(&self, path: &FieldPath) -> bool {
        let cell = Cell::of(path);
        let is_itself = cell.as_ref().is_none_or(|cell| cell.asked == As::Itself);
        let field = match &cell {
            Some(cell) => self.field_of(cell),
            None => Some(path.clone()),
        };
        let place = if cell.is_some() {
            self.events
        } else {
            self.own
        };
        let (Some(field), Some((source, _))) = (field, place) else {
            return false;
        };
        is_itself
            && source.entities.iter().any(|(kind, identifiers)| {
                let mut identifiers = identifiers.iter();
                kind == "IP" && identifiers.any(|(name, of)| name == "Address" && *of == field)
            })
    }

    /// The value that the field has in every event; `Some(None)` where it never has one.
    #[allow(clippy::option_option, reason = "no value is one that is known")]
    pub(super) fn constant(&self, path: &FieldPath) -> Option<Option<Literal>> {
        let (source, table) = self.own.filter(|_| self.reads != Reads::Columns)?;
        if source.is_never(path) {
            return Some(None);
        }
        if is_log_type(path)
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
        let states = match Cell::of(path) {
            Some(cell) => self.states_of(&cell),
            None => match (cell::of_other(path), self.own) {
                (Some((id, path)), Some((source, _))) if source.id == id => of_field(source, &path),
                (None, Some((source, _))) => of_field(source, path),
                (Some(_), _) | (None, None) => ANY,
            },
        };
        let is_plain = self.plain && Cell::of(path).is_some_and(|cell| cell.is_whole());
        let mut told = states;
        if is_plain || self.is_bare(path) {
            told &= !NULL;
        }
        if is_plain && states & LISTS == 0 {
            told &= !NO_TEXT;
        }
        told
    }

    /// The states of a cell, as the type of its column allows them.
    fn of_column(&self, cell: &Cell) -> States {
        let (_, table) = self.events.filter(|_| cell.is_whole()).unzip();
        let column = table.flatten().and_then(|table| table.column(&cell.column));
        column.map_or(ANY, |column| of_column(column.kind))
    }

    /// The states of a cell, as the types of the events that rows are made of allow them.
    fn states_of(&self, cell: &Cell) -> States {
        match cell.asked {
            As::Itself => {}
            As::Text => return TEXT | NULL | MISSING,
            As::Number => return INTEGERS | NULL | MISSING,
        }
        let (Some(field), Some((source, _))) = (self.field_of(cell), self.events) else {
            return ANY;
        };
        let told = Cell::of(&self.of_events(&field)).or_else(|| {
            // What lies in the items of a list that a column has is in it as it is.
            let mut steps = field.segments.iter();
            let at = steps.position(|step| matches!(step, Segment::Each | Segment::Index(_)))?;
            let list = FieldPath {
                segments: field.segments[..at].to_vec().into(),
            };
            let told = Cell::of(&self.of_events(&list));
            told.filter(|told| told.asked == As::Itself)
        });
        match told.map(|told| told.asked) {
            Some(As::Itself) if source.kind(&field) == FieldType::Any => {
                self.of_column(cell) & of_field(source, &field)
            }
            Some(As::Itself) => of_field(source, &field),
            Some(As::Text) => INTEGERS | NULL | MISSING,
            Some(As::Number) => TEXT | NULL | MISSING,
            None => ANY,
        }
    }
}

fn is_log_type(path: &FieldPath) -> bool {
    matches!(path.segments.as_slice(), [Segment::Key(key) | Segment::Exact(key)] if key == LOG_TYPE)
}

/// What tells the source's rows from others in the table.
fn of_only(table: &TableMap) -> Condition {
    let is_plain = |name: &str| {
        let column = table.column(name);
        column.is_none_or(|column| column.values.is_empty())
    };
    let only = table.only.iter().filter(|(name, _)| is_plain(name));
    let only = only.map(|(name, values)| is_one_of(Cell::column(name, Vec::new()).path(), values));
    let filled = table.filled.iter().map(|name| {
        let cell = Term::Field(Cell::column(name, Vec::new()).path());
        Predicate::new(cell, Operator::IsFilled, Object::None).into()
    });
    only.chain(filled).fold(Condition::TRUE, Condition::and)
}

fn is_one_of(path: FieldPath, values: &[Literal]) -> Condition {
    let values = Object::List(values.to_vec());
    Predicate::new(Term::Field(path), Operator::In, values).into()
}

/// What tells the events of the source from others under the log types that they have.
fn of_log_types(source: &LogSourceMap) -> Condition {
    let several = source.panther.len() > 1;
    let of_each = source.panther.iter().map(|named| {
        let name = Object::Literal(Literal::text(&named.name));
        let log_type = Predicate::new(Term::field([LOG_TYPE]), Operator::Equals, name);
        let told = named.condition();
        if several {
            told.and(log_type.into())
        } else {
            told
        }
    });
    let any = of_each.reduce(Condition::or);
    any.unwrap_or(Condition::TRUE)
}

/// The states that the type of a column allows.
fn of_column(kind: ColumnType) -> States {
    of_type(match kind {
        ColumnType::String | ColumnType::Datetime | ColumnType::Timespan | ColumnType::Guid => {
            FieldType::Text
        }
        ColumnType::Int | ColumnType::Long => FieldType::Integer,
        ColumnType::Real => FieldType::Float,
        ColumnType::Bool => FieldType::Boolean,
        ColumnType::Dynamic => FieldType::Any,
    })
}

/// The states that the source allows a field of its events.
fn of_field(source: &LogSourceMap, path: &FieldPath) -> States {
    let json = source.field(path).is_some_and(|entry| entry.is_json);
    let typed = of_type(source.kind(path));
    let typed = if json { typed | OBJECTS } else { typed };
    let item = path.segments.split_last().and_then(|(last, list)| {
        let list = FieldPath {
            segments: list.to_vec().into(),
        };
        (*last == Segment::Each).then(|| source.kind(&list))
    });
    match item {
        Some(FieldType::ObjectList) => OBJECTS,
        Some(FieldType::ScalarList) if source.kind(path) == FieldType::Text => TEXTS | NULL,
        Some(FieldType::ScalarList) => ANY & !(MISSING | LISTS | OBJECTS),
        _ if typed == ANY && source.is_object(path) => OBJECTS | MISSING | NULL,
        _ => typed,
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

/// The cell that a table's column of this name is, and the place below it; nothing where the table has no such column.
fn own_column(table: &TableMap, path: &FieldPath) -> Option<Cell> {
    let (Segment::Key(name) | Segment::Exact(name), rest) = path.segments.split_first()? else {
        return None;
    };
    let is_held = table.columns.iter().any(|column| column.name == *name);
    let is_made = table.made.iter().any(|made| made.column == *name);
    let is_told = table.only.iter().any(|(column, _)| column == name);
    let is_published = || matches!(table.access(&FieldPath::keys([name])), Access::Own(_));
    let is_column = is_held || is_made || is_told || is_published();
    is_column.then(|| Cell::column(name, rest.to_vec()))
}
