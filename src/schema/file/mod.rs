//! A log source file to a [`LogSourceMap`]: its head when it is looked for, its fields on first use.
//!
//! A file joins what every system calls one log source and its fields. Everything before `fields:` is the head, which lookups by
//! name need; the fields are parsed when the source is first translated, so that finding it costs the heads alone. The canonical
//! field is the path in the record that is delivered: where Panther takes the vendor's event apart before rules see it (one
//! activity with several events, a line of text, an envelope), that record is the canonical one and `vendor` keeps the vendor's
//! name, because rules' tests carry such records and an evaluator has to read them.
//!
//! `never` lists paths that rules ask for and the records do not have, such as those of an older form of the record;
//! `never_holds` lists, by field, values that only other sources under the same log type have.
//!
//! Columns are named, not written as expressions: `Table: Column`, or a mapping with `column`, and where needed `path` (the place
//! below it), `holds: json` (a text that carries an object), `type` (required only where no schema is published; elsewhere the
//! schema under `schemas/kusto/` says it, and a type that is given has to agree), `values` (values that the column spells in
//! another way, see [`Spellings`](super::Spellings)) and `complete` (the field has no others), `also` (further columns that queries read), `preferred` (of several fields in one column the one it is read
//! as), `lossy` (it holds less than the field, so that neither is said by the other). A column that holds an object holds everything below it, so that prefix rules need no words of their own; `rest` names a
//! table's column for whatever has none. `parts`, `const` and `none` say that there is no column. `like` takes over the columns
//! of another table as far as the table's own schema has them, in its own types. With `schema: collected`, and in a custom log's published columns, a field of which nothing is said stands in the column
//! that the collector of custom logs makes of it, `a_b_s` for the text `a.b`. `where` beside a name says which events under it
//! are the source's: under a log type by fields, in a table by columns; `filled` names the column that
//! has a value on the source's rows alone; `lacks` in a table
//! names, by field, a text that none of its values there has, `holds` one that all of them have, `covers` the tables whose events it has as well; `shared` that nothing does, `besides` that only the way does in which fields are written. `rest` at the top names the
//! field below which Sigma's rules mean whatever name is not listed, `message` the fields that hold what an event says as a whole.
//!
//! `made` in a table says how a column is made of fields: `last` and `first` name the fields of which the one that is there gives
//! its part behind the last, or before the first `by`; `join` the fields between which `by` stands; `entry` the key of a text of
//! pairs `KEY=value`, in `of`; `choose` words, each with what of it holds (`ends` and `in` by field, `missing`), and `otherwise`.
//! A column that is made differently for different events has a list of ways, each with its `where` and the name of its `part`.
//!
//! Refused, with the place: unknown keys and types, a field, column or Sigma name that stands for two things, a column that the
//! table's schema lacks or has in another type, a path below a list that does not say `[]`, a map of values that are
//! none of the field or of the column, a reference to a field or table that is not there.

mod body;
mod check;
mod lint;
mod made;
mod model;
mod overlay;
mod table;

use std::borrow::Cow;
use std::sync::OnceLock;

pub use lint::lint;
pub use model::SchemaKind;
pub(super) use overlay::Layers;

use super::log_source::{Body, LogSourceMap, Named, TableName};
use crate::ir::{FieldPath, Literal};
use crate::syntax::yaml;
use model::{Fields, File, Only};

/// The version of the format.
const VERSION: u32 = 1;

/// The line at which the head ends.
const FIELDS: &str = "\nfields:";

/// One step to the place of a problem in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A key of a mapping.
    Name(String),
    /// An item of a list.
    Item(usize),
}

impl From<&str> for Key {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<usize> for Key {
    fn from(at: usize) -> Self {
        Self::Item(at)
    }
}

/// Something that is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands.
    pub place: Vec<Key>,
    /// What is required.
    pub message: String,
}

/// The log source of a file's text, its fields not yet read.
pub(super) fn read(text: impl Into<Cow<'static, str>>) -> Result<LogSourceMap, String> {
    let text = text.into();
    source(yaml::data(head(&text))?, text)
}

/// What of a file's text stands before its fields.
pub(super) fn head(text: &str) -> &str {
    text.find(FIELDS).map_or(text, |at| &text[..=at])
}

/// The log source of a head.
fn source(file: File, text: Cow<'static, str>) -> Result<LogSourceMap, String> {
    if file.schema_version != VERSION {
        return Err(unknown_version(file.schema_version));
    }
    let entities = file
        .entities
        .into_iter()
        .map(|entity| (entity.kind, entity.identifiers.into_iter().collect()));
    let panther = file.panther;
    let only = values(&panther.only);
    Ok(LogSourceMap {
        id: file.id,
        name: file.name.ok_or("`name` is required")?,
        note: file.note,
        time: file.time.ok_or("`time` is required")?,
        rest: file.rest,
        message: file.message,
        never: file.never,
        never_holds: values(&file.never_holds)
            .into_iter()
            .filter_map(|(field, values)| Some((FieldPath::parse(&field).ok()?, values)))
            .collect(),
        panther: panther
            .log_types
            .into_iter()
            .map(|name| Named {
                name,
                custom: false,
                only: only.clone(),
            })
            .collect(),
        table_names: file
            .sentinel
            .into_iter()
            .map(|table| TableName {
                whole: table.is_whole(),
                told: !table.has.is_empty(),
                name: table.table,
            })
            .collect(),
        sigma: file
            .sigma
            .iter()
            .map(|name| Named {
                name: name.source(),
                custom: name.custom,
                only: values(&name.only),
            })
            .collect(),
        ecs: file.ecs.0,
        udm: file.udm.0,
        entities: entities.collect(),
        body: OnceLock::new(),
        text,
    })
}

fn unknown_version(version: u32) -> String {
    format!("schema version {version} is not known")
}

/// The fields and tables of a source.
pub(super) fn read_body(source: &LogSourceMap) -> Result<Body, String> {
    let at = source.text.find(FIELDS).ok_or("`fields` is required")?;
    let head: File = yaml::data(&source.text[..=at])?;
    let fields: Fields = yaml::data(&source.text[at..])?;
    Ok(body::build(&head, &fields.fields, &mut Vec::new()))
}

/// Everything that is wrong with a file that can be parsed; what cannot is one problem of the whole.
pub(super) fn problems(text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    match yaml::data::<File>(text) {
        Ok(file) => {
            let body = body::build(&file, &file.fields, &mut problems);
            check::check(&file, &body, &mut problems);
        }
        Err(message) => problems.push(Problem {
            place: Vec::new(),
            message,
        }),
    }
    problems
}

fn values(only: &Only) -> Vec<(String, Vec<Literal>)> {
    only.iter()
        .map(|(field, values)| {
            let values = values.iter().map(model::Scalar::literal);
            (field.clone(), values.collect())
        })
        .collect()
}
