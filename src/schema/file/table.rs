//! One table of a file: its columns, each with the field that it holds.

use super::body::{field_type, own_type};
use super::model::{AlsoColumn, ColumnField, Field, Holds, Scalar, Table, TableField, Tables};
use super::{Key, Problem, SchemaKind, values};
use crate::ir::FieldPath;
use crate::schema::kusto::{Schemas, TableColumn};
use crate::schema::log_source::FieldType;
use crate::schema::made::Made;
use crate::schema::spelling::Spellings;
use crate::schema::table::{Besides, Column, ColumnType, Direction, Index, TableMap};

/// What the name of a column ends in that a workspace has added to a table.
const ADDED: &str = "_CF";

pub(super) struct Builder<'f, 'p> {
    table: &'f Table,
    pub(super) map: TableMap,
    /// The published columns, where there are any.
    published: Option<&'static [TableColumn]>,
    /// Where each column stands, and whether it is marked as preferred.
    places: Vec<(Vec<Key>, bool)>,
    problems: &'p mut Vec<Problem>,
    /// The type of the field that is being added.
    kind: FieldType,
}

impl<'f, 'p> Builder<'f, 'p> {
    pub(super) fn new(table: &'f Table, problems: &'p mut Vec<Problem>) -> Self {
        let map = TableMap {
            name: table.table.clone(),
            connector: table.connector.clone(),
            note: table.note.clone(),
            schema: table.schema,
            only: values(&table.only),
            shared: table.shared,
            besides: table.besides.clone().map(|besides| Besides {
                fields: besides.fields,
                told: besides.told,
                never: besides.never,
                own: besides.own,
                left: besides.left,
            }),
            has: Vec::new(),
            lacks: by_field(&table.lacks),
            holds: by_field(&table.holds),
            filled: table.filled.clone(),
            covers: table.covers.clone(),
            columns: Vec::new(),
            parts: Vec::new(),
            constants: Vec::new(),
            absent: Vec::new(),
            made: Vec::new(),
            index: Index::default(),
        };
        Self {
            table,
            map,
            published: None,
            places: Vec::new(),
            problems,
            kind: FieldType::Any,
        }
    }

    pub(super) fn problem(&mut self, place: Vec<Key>, message: impl Into<String>) {
        self.problems.push(Problem {
            place,
            message: message.into(),
        });
    }

    /// Finds the table's published schema, and the column that holds what has none.
    pub(super) fn schema(&mut self, at: usize) {
        let name = &self.table.table;
        let place = |key: &str| vec!["sentinel".into(), at.into(), key.into()];
        self.published = Schemas::builtin().table(name).map(|columns| &**columns);
        let saved = Schemas::builtin().saved(name).is_some();
        let message = match (self.table.schema, self.published.is_some()) {
            (SchemaKind::Published, false) => Some(format!(
                "no schema of `{name}` is published; say `schema: listed` and the type of each column"
            )),
            (
                SchemaKind::Listed
                | SchemaKind::Collected
                | SchemaKind::NamingRule
                | SchemaKind::Function,
                true,
            ) => Some(format!("the schema of `{name}` is published")),
            (SchemaKind::Function, false) if !saved => {
                Some(format!("no saved function `{name}` is known"))
            }
            _ => None,
        };
        if let Some(message) = message {
            self.problem(place("table"), message);
        }
        if let Some(column) = &self.table.filled
            && self.published_kind(column) != Some(ColumnType::String)
        {
            let message = format!("`{column}` is no text of the table's published schema");
            self.problem(place("filled"), message);
        }
        for column in self.table.only.keys() {
            if self.published_kind(column).is_none() && self.published.is_some() {
                self.problem(place("where"), self.no_column(column));
            }
        }
        for (field, values) in values(&self.table.has) {
            match FieldPath::parse(&field) {
                Ok(field) => self.map.has.push((field, values)),
                Err(message) => self.problem(place("has"), message),
            }
        }
        if let Some(rest) = &self.table.rest {
            let column = ColumnField {
                column: rest.clone(),
                ..ColumnField::default()
            };
            self.column(&place("rest"), &FieldPath::root(), &column);
        }
    }

    fn no_column(&self, column: &str) -> String {
        format!(
            "the schema of `{}` has no column `{column}`",
            self.table.table
        )
    }

    /// Whether the table can have columns besides the published ones.
    fn is_open(&self) -> bool {
        Schemas::builtin().tables().is_open(&self.table.table)
    }

    fn published_kind(&self, column: &str) -> Option<ColumnType> {
        let known = self.published?.iter().find(|known| known.name == column)?;
        Some(ColumnType::of(known.kind))
    }

    pub(super) fn field(&mut self, at: usize, field: &Field) {
        let path = &field.field;
        self.kind = own_type(field).unwrap_or(FieldType::Any);
        let entry = match &field.sentinel {
            Tables::Unsaid => return,
            Tables::Nowhere => {
                self.map.absent.push(path.clone());
                return;
            }
            Tables::Known(tables) => tables.get(&self.table.table),
        };
        let place: Vec<Key> = vec![
            "fields".into(),
            at.into(),
            "sentinel".into(),
            self.table.table.as_str().into(),
        ];
        match entry {
            None => {}
            Some(TableField::None) => self.map.absent.push(path.clone()),
            Some(TableField::Parts(parts)) => self.map.parts.push((path.clone(), parts.clone())),
            Some(TableField::Constant(value)) => {
                self.map.constants.push((path.clone(), value.literal()));
            }
            Some(TableField::Column(column)) => self.column(&place, path, column),
        }
    }

    fn column(&mut self, place: &[Key], path: &FieldPath, column: &ColumnField) {
        let first = Column {
            late: false,
            name: column.column.clone(),
            path: column.path.clone(),
            kind: ColumnType::Dynamic,
            json: column.json,
            field: path.clone(),
            values: spellings(&column.values, column.complete),
            direction: if column.lossy {
                Direction::Neither
            } else {
                Direction::Both
            },
        };
        self.add(place, first, column.r#type, column.preferred);
        for AlsoColumn {
            column,
            r#type,
            holds,
            lossy,
            values,
            complete,
        } in &column.also
        {
            let also = Column {
                late: false,
                name: column.clone(),
                path: FieldPath::root(),
                kind: ColumnType::Dynamic,
                json: *holds == Some(Holds::Json),
                field: path.clone(),
                values: spellings(values, *complete),
                direction: if *lossy {
                    Direction::Neither
                } else {
                    Direction::Read
                },
            };
            self.add(place, also, *r#type, false);
        }
    }

    /// Adds a column with its type, if that is what it can be.
    fn add(
        &mut self,
        place: &[Key],
        mut column: Column,
        given: Option<ColumnType>,
        preferred: bool,
    ) {
        let name = column.name.clone();
        let by_rule = ColumnType::of_custom(&name, &column.field).filter(|_| self.is_open());
        let known = self.published_kind(&name).or(by_rule);
        let kind = match (known, given) {
            (Some(known), Some(given)) if known != given => {
                let message = format!("the type of `{name}` is {}", known.name());
                return self.problem(place.to_vec(), message);
            }
            (Some(kind), _) => kind,
            // A workspace can add columns to a published table, which are marked so.
            (None, Some(kind)) if self.published.is_none() || name.ends_with(ADDED) => kind,
            (None, None) if self.published.is_none() => {
                let message = format!("no schema is published, so that `{name}` requires a `type`");
                return self.problem(place.to_vec(), message);
            }
            _ => return self.problem(place.to_vec(), self.no_column(&name)),
        };
        column.kind = kind;
        column.late = self.published.is_some() && self.published_kind(&name).is_none();
        if column.json && kind != ColumnType::String {
            let message = format!(
                "`holds: json` is said of a text, and `{name}` is {}",
                kind.name()
            );
            return self.problem(place.to_vec(), message);
        }
        let below = !column.path.segments.is_empty() || column.field.segments.is_empty();
        if below && !column.is_holder() {
            let message = format!("nothing lies below `{name}`, which is {}", kind.name());
            return self.problem(place.to_vec(), message);
        }
        if let Some(message) = column.values.problem(self.kind, kind) {
            return self.problem(place.to_vec(), message);
        }
        self.map.columns.push(column);
        self.places.push((place.to_vec(), preferred));
    }

    /// The columns that the collector of custom logs makes of the fields of which nothing is said: of all where the table's are
    /// known to be made so, else of those whose column the published schema has.
    pub(super) fn collected(&mut self, fields: &[Field]) {
        let made = self.table.schema == SchemaKind::Collected;
        if !made && !self.is_open() {
            return;
        }
        for field in fields {
            let said = match &field.sentinel {
                Tables::Unsaid => false,
                Tables::Nowhere => true,
                Tables::Known(tables) => tables.contains_key(&self.table.table),
            };
            let below =
                |column: &Column| column.is_holder() && field.field.starts_with(&column.field);
            if said || self.map.columns.iter().any(below) {
                continue;
            }
            let kind = field.r#type.as_deref().and_then(field_type);
            let Some((name, kind)) =
                kind.and_then(|kind| ColumnType::collected(&field.field, kind))
            else {
                continue;
            };
            let published = self.published_kind(&name) == Some(kind);
            if !(made || published) || self.map.columns.iter().any(|known| known.name == name) {
                continue;
            }
            self.map.columns.push(Column {
                name,
                path: FieldPath::root(),
                kind,
                json: false,
                field: field.field.clone(),
                values: Spellings::default(),
                direction: Direction::Both,
                late: !published,
            });
            self.places.push((Vec::new(), false));
        }
    }

    /// Takes over the columns of another table that this one has too, for fields of which it says nothing itself.
    pub(super) fn like(&mut self, model: &TableMap) {
        // A column of the table's own is what the table says of it; the model may have several fields in one.
        let own = self.map.columns.len();
        for column in &model.columns {
            let said = |field: &FieldPath| field == &column.field;
            let mut columns = self.map.columns[..own].iter();
            if columns.any(|known| said(&known.field) || known.name == column.name)
                || self.map.absent.iter().any(said)
                || self.map.constants.iter().any(|(field, _)| said(field))
            {
                continue;
            }
            let kind = match self.published {
                Some(_) => self.published_kind(&column.name),
                None => Some(column.kind),
            };
            let Some(kind) = kind else { continue };
            let holder = column.is_holder();
            self.map.columns.push(Column {
                kind,
                json: holder && kind == ColumnType::String,
                ..column.clone()
            });
            self.places.push((Vec::new(), false));
        }
        let has = |field: &FieldPath| self.map.columns.iter().any(|known| &known.field == field);
        let parts: Vec<_> = model
            .parts
            .iter()
            .filter(|(field, parts)| !has(field) && parts.iter().all(has))
            .cloned()
            .collect();
        self.map.parts.extend(parts);
        let own = |made: &&Made| self.table.made.contains_key(&made.column);
        let made = model.made.iter().filter(|made| !own(made)).cloned();
        let made: Vec<Made> = made
            .filter(|made| self.problem_of(made).is_none())
            .collect();
        self.map.made.extend(made);
    }

    /// The columns that are made of fields.
    pub(super) fn made(&mut self, at: usize) {
        for made in super::made::made(&self.table.made) {
            let (column, problem) = match made {
                Ok(made) => {
                    let problem = self.problem_of(&made);
                    let column = made.column.clone();
                    if problem.is_none() {
                        self.map.made.push(made);
                    }
                    (column, problem)
                }
                Err((column, problem)) => (column, Some(problem)),
            };
            if let Some(problem) = problem {
                let place = ["made", &column].map(Key::from);
                let start: [Key; 2] = ["sentinel".into(), at.into()];
                self.problem(start.into_iter().chain(place).collect(), problem);
            }
        }
    }

    fn problem_of(&self, made: &Made) -> Option<String> {
        let name = &made.column;
        if self.map.columns.iter().any(|known| &known.name == name) {
            return Some(format!("`{name}` holds a field"));
        }
        match (self.published, self.published_kind(name)) {
            (Some(_), None) => Some(self.no_column(name)),
            (_, Some(kind)) if kind != ColumnType::String => Some(format!(
                "`{name}` is {}, and what is made is a text",
                kind.name()
            )),
            _ => None,
        }
    }

    /// Of several fields in one place of one column, one is what it is read as.
    pub(super) fn one_field_each(&mut self) {
        for at in 0..self.map.columns.len() {
            let same: Vec<usize> = (0..self.map.columns.len())
                .filter(|other| self.is_same_place(at, *other))
                .collect();
            if same.first() != Some(&at) || same.len() == 1 {
                continue;
            }
            let preferred: Vec<usize> = same
                .iter()
                .copied()
                .filter(|other| self.places.get(*other).is_some_and(|place| place.1))
                .collect();
            if let [one] = preferred.as_slice() {
                for other in same.into_iter().filter(|other| other != one) {
                    if let Some(column) = self.map.columns.get_mut(other) {
                        column.direction = Direction::Write;
                    }
                }
            } else if let (Some(column), Some(last)) = (self.map.columns.get(at), same.last()) {
                let message = format!(
                    "`{}` holds several fields, of which one has to be marked as `preferred`",
                    column.name
                );
                let place = self.places.get(*last).cloned().unwrap_or_default().0;
                self.problem(place, message);
            }
        }
    }

    fn is_same_place(&self, a: usize, b: usize) -> bool {
        let place = |at: usize| {
            let column = self.map.columns.get(at)?;
            let read = matches!(column.direction, Direction::Both | Direction::Read);
            read.then_some((&column.name, &column.path))
        };
        a == b || place(a).is_some_and(|one| place(b) == Some(one))
    }
}

fn by_field(texts: &indexmap::IndexMap<String, String>) -> Vec<(FieldPath, String)> {
    let texts = texts.iter();
    let known =
        texts.filter_map(|(field, text)| Some((FieldPath::parse(field).ok()?, text.clone())));
    known.collect()
}

fn spellings(values: &indexmap::IndexMap<Scalar, Scalar>, complete: bool) -> Spellings {
    let pairs = values.iter();
    let pairs = pairs.map(|(own, spelt)| (own.literal(), spelt.literal()));
    Spellings::new(pairs.collect(), complete)
}
