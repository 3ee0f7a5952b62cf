//! The columns of the rows at one point of a pipeline.
//!
//! Columns that a stage has named carry their value; the columns of the source table are looked up when a name asks for them.
//! A column whose value could not be lowered stays, with the reason, so that whoever uses it knows why it cannot be used.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::spelt::Spelt;
use super::value::{Constant, Kind, Lowered, Obstacle, Scalar, Truth, Value, compare, term_any};
use crate::diagnostic::Code;
use crate::ir::{
    Aggregate, CaseSensitivity, FieldPath, Function, Literal, Object, Operator, Segment, Stage,
    Term,
};
use crate::schema::kusto::TableColumns;
use crate::schema::{
    Access, Column as TableColumn, ColumnType, Direction, FieldType, KnownTable, LogSourceMap, Made,
};
use crate::source::TextRange;
use crate::syntax::kql::ast::ScalarType;

/// A column that a stage has named.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub name: String,
    pub value: Lowered<Value>,
    pub stage: Stage,
    pub range: TextRange,
}

/// The table that rows come from.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// Its entry in the crosswalk.
    pub known: Option<KnownTable>,
    /// Further tables of the same source whose rows are among these.
    pub also: Vec<KnownTable>,
    /// Its columns that are made of fields.
    pub made: Rc<[Made]>,
    /// Its columns in the workspace, where it is one of the tables that are known by their types alone.
    pub typed: Option<&'static TableColumns>,
    /// The columns that the query uses as dynamic values, for a table whose types are not known.
    pub dynamic: Rc<BTreeSet<String>>,
}

/// The columns of the table that no stage has named.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub table: Table,
    /// Columns that are no longer there.
    pub hidden: BTreeSet<String>,
    /// Why a name that is not a known column of the table may be a column of something else.
    pub mixed: Option<Obstacle>,
    /// Whether a row stands for a group, of which it shows any event.
    pub grouped: bool,
    /// The columns that a row has besides the named ones, where rows are no events.
    pub row: Vec<(String, Kind)>,
    /// Whether a row may have others besides.
    pub rest: bool,
}

impl Open {
    /// The kind of a column of a row.
    fn kind(&self, name: &str) -> Option<Kind> {
        let column = self.row.iter().find(|(known, _)| known == name)?;
        Some(column.1)
    }
}

/// All columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    pub named: Vec<Column>,
    pub open: Option<Open>,
    /// The table that the events come from, whatever columns are left of it.
    pub table: Option<Table>,
    /// Whether the columns are fields of rows, each of its kind, rather than of events.
    pub of_rows: bool,
    /// Why nothing is known of the columns.
    pub lost: Option<Obstacle>,
}

impl Table {
    /// The tables that the crosswalk knows.
    fn all(&self) -> impl Iterator<Item = &KnownTable> {
        self.known.iter().chain(&self.also)
    }

    /// Whether the tables have a column of the name that stands for different things in them, or for the same in different ways.
    fn differs(&self, name: &str) -> bool {
        let mut columns = self.all().filter_map(|known| known.table().column(name));
        let Some(first) = columns.next() else {
            return false;
        };
        let alike = |other: &TableColumn| {
            TableColumn {
                direction: first.direction,
                ..other.clone()
            } == *first
        };
        let elsewhere = |known: &KnownTable| {
            let absent = matches!(
                known.table().access(&first.field),
                Access::Absent | Access::Unmapped
            );
            known.table().column(name).is_none() && !absent
        };
        !columns.all(alike) || self.all().any(elsewhere)
    }

    /// What the column is made of, where it holds no field and the rows are those of one table.
    pub(super) fn made(&self, name: &str) -> Option<Value> {
        let mut made = self.made.iter().filter(|_| self.also.is_empty());
        let made = made.find(|made| made.column == name)?;
        let mut scalar = Scalar::new(made.term.clone(), Kind::Text);
        scalar.field = FieldType::Text;
        Some(Value::Scalar(scalar))
    }

    /// The type of a column, where the workspace's schema says it.
    pub(super) fn kind(&self, name: &str) -> Option<ScalarType> {
        Some(self.typed?.get(name)?.kind)
    }
}

impl Columns {
    /// The columns of a table.
    pub(super) fn of(table: Table) -> Self {
        let open = Open {
            table: table.clone(),
            hidden: BTreeSet::new(),
            mixed: None,
            grouped: false,
            row: Vec::new(),
            rest: true,
        };
        Self {
            named: Vec::new(),
            open: Some(open),
            table: Some(table),
            of_rows: false,
            lost: None,
        }
    }

    /// Whether there are no columns at all, as for a variable.
    pub(super) fn is_nothing(&self) -> bool {
        self.named.is_empty() && self.open.is_none() && self.table.is_none() && self.lost.is_none()
    }

    /// Columns of which nothing is known.
    pub(super) fn lost(obstacle: Obstacle) -> Self {
        Self {
            lost: Some(obstacle),
            ..Self::default()
        }
    }

    /// Forgets every column, for the reason given.
    pub(super) fn lose(&mut self, obstacle: Obstacle) {
        self.named.clear();
        self.open = None;
        self.lost = Some(obstacle);
    }

    /// From here on, a name that is not known to be a column of the table may be a column of something else.
    pub(super) fn mix(&mut self, obstacle: Obstacle) {
        match &mut self.open {
            Some(open) => open.mixed = Some(obstacle),
            None => self.lost = Some(obstacle),
        }
    }

    /// The column that a stage has named.
    pub(super) fn named(&self, name: &str) -> Option<&Column> {
        self.named.iter().find(|column| column.name == name)
    }

    /// Whether the name is a column for certain, so that it hides a variable of the same name.
    pub(super) fn has(&self, name: &str) -> bool {
        let typed = || self.open_at(name).and_then(|open| open.table.kind(name));
        let of_row = || self.open_at(name).and_then(|open| open.kind(name));
        self.named(name).is_some()
            || self.known(name).is_some()
            || typed().is_some()
            || of_row().is_some()
    }

    /// Whether the name may be a column: it is one, or too little is known to say that it is none.
    pub(super) fn may_have(&self, name: &str) -> bool {
        self.has(name) || self.open_at(name).is_some() || self.lost.is_some()
    }

    /// The table's columns, where this name may be one of them.
    fn open_at(&self, name: &str) -> Option<&Open> {
        self.open
            .as_ref()
            .filter(|open| !open.hidden.contains(name))
    }

    fn known(&self, name: &str) -> Option<(&LogSourceMap, &TableColumn)> {
        let open = self.open_at(name)?;
        let mut tables = open.table.all();
        tables.find_map(|known| Some((known.source(), known.table().column(name)?)))
    }

    /// The value that the column has on every row, where that is what tells the rows from others of the table.
    fn constant(&self, name: &str) -> Option<&Literal> {
        let known = self.open_at(name)?.table.known.as_ref()?;
        known.table().constant_column(name)
    }

    /// These are also the columns of the rows of another table of the same source.
    pub(super) fn also_of(&mut self, other: Self) {
        let more = other.table.and_then(|table| table.known);
        let tables = [
            self.table.as_mut(),
            self.open.as_mut().map(|open| &mut open.table),
        ];
        for table in tables.into_iter().flatten() {
            table.also.extend(more.clone());
        }
    }

    /// The value of a column. `range` is where its name stands.
    pub(super) fn value(&self, name: &str, range: TextRange) -> Lowered<Value> {
        if let Some(column) = self.named(name) {
            return column.value.clone();
        }
        if let Some(obstacle) = &self.lost {
            return Err(Obstacle {
                range,
                ..obstacle.clone()
            });
        }
        let Some(open) = self.open_at(name) else {
            let message = format!("no column or variable `{name}` is defined here");
            return Err(Obstacle::new(range, message).coded(Code::KqlUnknownName));
        };
        if let Some(kind) = open.kind(name) {
            return Ok(super::relation::field(name, kind));
        }
        if let Some(literal) = self.constant(name) {
            return Ok(Value::Constant(Constant::of(literal.clone())));
        }
        if open.table.differs(name) {
            let message = format!("the tables of the union do not have `{name}` in the same way");
            return Err(Obstacle::new(range, message));
        }
        let value = match (self.known(name), &open.mixed) {
            (Some((_, column)), _) if column.direction == Direction::Neither => {
                let message = format!("`{name}` holds less than `{}` does", column.field);
                return Err(Obstacle::new(range, message));
            }
            (Some((_, column)), _) if !column.values.is_empty() => {
                let spelt = Spelt::of(column);
                if open.grouped {
                    return Err(spelt.obstacle(range));
                }
                Value::Spelt(Box::new(spelt))
            }
            (Some((source, column)), _) => of_column(source, column),
            (None, mixed) => match (open.table.made(name), mixed) {
                (Some(value), _) => value,
                (None, Some(obstacle)) if open.table.kind(name).is_none() => {
                    return Err(Obstacle {
                        range,
                        ..obstacle.clone()
                    });
                }
                (None, _) => of_other(name, &open.table),
            },
        };
        Ok(if open.grouped {
            any_of_group(value)
        } else {
            value
        })
    }

    /// Whether the name is a column of a known table that the crosswalk does not have.
    pub(super) fn is_unmapped(&self, name: &str) -> bool {
        self.named(name).is_none()
            && self.known(name).is_none()
            && self.constant(name).is_none()
            && self.lost.is_none()
            && self.open.as_ref().is_some_and(|open| {
                let made = || open.table.made(name);
                open.table.known.is_some() && open.mixed.is_none() && made().is_none()
            })
    }

    /// Sets the column, in place where it is there, else at the end.
    pub(super) fn set(&mut self, column: Column) {
        match self.named.iter_mut().find(|old| old.name == column.name) {
            Some(old) => *old = column,
            None => self.named.push(column),
        }
    }

    /// Adds a column under its name, or under the next free one: `count_`, `count_1`.
    pub(super) fn add(&mut self, mut column: Column) -> String {
        let mut number = 0_usize;
        let name = column.name.clone();
        while self.named(&column.name).is_some() {
            number += 1;
            column.name = format!("{name}{number}");
        }
        let name = column.name.clone();
        self.named.push(column);
        name
    }

    /// Gives a named column its value.
    pub(super) fn know(&mut self, name: &str, value: Value) {
        if let Some(column) = self.named.iter_mut().find(|column| column.name == name) {
            column.value = Ok(value);
        }
    }

    /// The first free name of the form `Column1`.
    pub(super) fn numbered(&self) -> String {
        let mut number = 1_usize;
        while self.named(&format!("Column{number}")).is_some() {
            number += 1;
        }
        format!("Column{number}")
    }

    /// Takes a column away.
    pub(super) fn hide(&mut self, name: &str) {
        self.named.retain(|column| column.name != name);
        if let Some(open) = &mut self.open {
            open.hidden.insert(name.to_owned());
        }
    }

    /// The field that holds the time of an event.
    pub(super) fn time(&self) -> Option<Term> {
        let known = self
            .table
            .as_ref()?
            .known
            .as_ref()
            .map(|known| known.source().time.clone());
        Some(Term::Field(
            known.unwrap_or_else(|| FieldPath::keys(["TimeGenerated"])),
        ))
    }

    /// What the crosswalk knows of the table that the events come from.
    pub(super) fn known_table(&self) -> Option<&KnownTable> {
        self.table.as_ref()?.known.as_ref()
    }

    /// What the schema says of a field.
    pub(super) fn field_type(&self, term: &Term) -> FieldType {
        match (self.known_table(), term) {
            (Some(known), Term::Field(path)) if !self.is_of_row(path) => known.source().kind(path),
            _ => FieldType::Any,
        }
    }

    /// Whether the path leads to a column of settled rows, which may have the name of an event's field.
    fn is_of_row(&self, path: &FieldPath) -> bool {
        let name = match &*path.segments {
            [Segment::Key(name) | Segment::Exact(name)] => Some(name.as_str()),
            _ => None,
        };
        self.of_rows
            || self.open.as_ref().is_some_and(|open| {
                let mut row = open.row.iter();
                open.rest && row.any(|(column, _)| Some(column.as_str()) == name)
            })
    }

    /// Whether the field is an object that the table holds as JSON in a text column.
    pub(super) fn is_json(&self, path: &FieldPath) -> bool {
        let known = self.known_table().filter(|_| !self.is_of_row(path));
        known.is_some_and(|known| {
            let mut columns = known.table().columns.iter();
            columns.any(|column| column.json && &column.field == path)
        })
    }

    /// Whether the term is the time of the event.
    pub(super) fn is_time(&self, term: &Term) -> bool {
        self.time().as_ref() == Some(term)
            || *term == Term::field(["TimeGenerated"])
            || *term == Term::field(["Timestamp"])
    }
}

/// The value of a column as Kusto has it, where the event has the field in its own type.
pub(super) fn of_column(source: &LogSourceMap, column: &TableColumn) -> Value {
    let field = source.kind(&column.field);
    let term = Term::Field(column.field.clone());
    let text = |term: Term| Term::call(Function::ToText, [term]);
    let plain_text = matches!(
        field,
        FieldType::Text | FieldType::Datetime | FieldType::Any
    ) && !column.json;
    let mut scalar = match column.kind {
        ColumnType::Bool => return truth_column(&term, field),
        ColumnType::String | ColumnType::Guid if plain_text => Scalar::new(term, Kind::Text),
        ColumnType::String | ColumnType::Guid => {
            return Value::Scalar(Scalar::new(text(term), Kind::Text));
        }
        ColumnType::Int | ColumnType::Long | ColumnType::Real if field == FieldType::Text => {
            return Value::Scalar(Scalar::new(
                Term::call(Function::ToNumber, [term]),
                Kind::Number,
            ));
        }
        ColumnType::Int | ColumnType::Long | ColumnType::Real => Scalar::new(term, Kind::Number),
        ColumnType::Datetime => Scalar::new(term, Kind::Datetime),
        ColumnType::Timespan => Scalar::new(term, Kind::Timespan),
        ColumnType::Dynamic => Scalar::new(term, Kind::Dynamic),
    };
    scalar.field = field;
    Value::Scalar(scalar)
}

/// A `bool` column; the event may spell it as a text.
pub(super) fn truth_column(term: &Term, field: FieldType) -> Value {
    let is = |value: bool| {
        let literal = if field == FieldType::Text {
            Literal::text(value.to_string())
        } else {
            Literal::Boolean(value)
        };
        compare(
            term.clone(),
            Operator::Equals,
            Object::Literal(literal),
            CaseSensitivity::Sensitive,
        )
    };
    Value::Truth(Truth {
        holds: is(true),
        fails: Some(is(false)),
        term: Some(term.clone()),
    })
}

/// The value of a column that the crosswalk does not have: the event has it under its own name, in the type of the schema.
pub(super) fn of_other(name: &str, table: &Table) -> Value {
    of_typed(name, table.kind(name), table)
}

/// The same for one whose type in the workspace was looked up.
pub(super) fn of_typed(name: &str, typed: Option<ScalarType>, table: &Table) -> Value {
    let dynamic = table.dynamic.contains(name);
    let term = Term::field([name]);
    let kind = match typed {
        // Who takes a text apart knows that the column's type is another one by now.
        Some(ScalarType::String) if !dynamic => Kind::Text,
        Some(ScalarType::Int | ScalarType::Long | ScalarType::Real) => Kind::Number,
        Some(ScalarType::Bool) => return truth_column(&term, FieldType::Boolean),
        Some(ScalarType::Datetime) => Kind::Datetime,
        Some(ScalarType::Timespan) => Kind::Timespan,
        Some(ScalarType::Dynamic) => Kind::Dynamic,
        _ if matches!(name, "TimeGenerated" | "Timestamp") => Kind::Datetime,
        _ if dynamic => Kind::Dynamic,
        Some(ScalarType::String | ScalarType::Decimal | ScalarType::Guid) | None => Kind::Unknown,
    };
    let mut scalar = Scalar::new(term, kind);
    if matches!(typed, Some(ScalarType::Int | ScalarType::Long)) {
        scalar.field = FieldType::Integer;
    }
    Value::Scalar(scalar)
}

/// The value of any event of the group.
fn any_of_group(value: Value) -> Value {
    match value {
        Value::Scalar(mut scalar) => {
            scalar.term = Term::aggregate(Aggregate::TakeAny, Some(scalar.term));
            scalar.field = FieldType::Any;
            Value::Scalar(scalar)
        }
        Value::Truth(Truth {
            term: Some(term), ..
        }) => Value::Scalar(Scalar::new(
            Term::aggregate(Aggregate::TakeAny, Some(term)),
            Kind::Truth,
        )),
        other => other,
    }
}

/// Whether the term is about a group rather than an event.
pub(super) fn has_aggregate(term: &Term) -> bool {
    term_any(term, &|term| matches!(term, Term::Aggregate { .. }))
}
