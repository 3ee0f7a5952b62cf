//! Log source files of the caller's own over those that are known: a source of its own, or `extends: builtin` and what is to be
//! said otherwise of a source.
//!
//! An overlay is joined with the file that it extends as files, before anything is made of them, so that what holds of a file
//! holds of the result. What the overlay says of a name, a table, a field, a field's column in one table wins, key by key; what it
//! leaves unsaid stays. Its names and tables stand before the others, so that its first is the preferred one. A column that it
//! gives to a field is read as that field, and a Sigma name that it gives to a field is no other's.
//!
//! Refused, at its place in the overlay: an id that is not known, whatever [`check`](super::check) refuses of the result, and a
//! name that another of the caller's files has for another source.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::model::{
    Base, ColumnField, Field, File, Names, PantherNames, Table, TableField, Tables,
};
use super::{Key, Problem, VERSION, body, check, lint, source, unknown_version, values};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::FieldPath;
use crate::schema::log_source::{LogSourceMap, Named};
use crate::source::SourceId;
use crate::syntax::yaml::{self, Document, Parsed};

/// The caller's files so far, each joined with what it extends.
#[derive(Default)]
pub(in crate::schema) struct Layers {
    files: Vec<Layer>,
}

/// One source.
struct Layer {
    file: File,
    /// Its log types with what tells its events from others under each, which one file can only say of all.
    log_types: Vec<Named<String>>,
}

impl Layer {
    fn new(file: File) -> Self {
        let log_types = log_types(&file.panther);
        Self { file, log_types }
    }

    /// What the source is called, in every system.
    fn names(&self) -> Vec<String> {
        let tables = self.file.sentinel.iter();
        let tables = tables.filter(|table| table.is_whole());
        let log_types = self.log_types.iter();
        let log_types = log_types.filter(|named| named.only.is_empty());
        let sigma = self.file.sigma.iter();
        let sigma = sigma.filter(|name| name.only.is_empty());
        log_types
            .map(|named| format!("log type `{}`", named.name))
            .chain(tables.map(|table| format!("table `{}`", table.table)))
            .chain(sigma.map(|name| format!("Sigma log source {}", name.source())))
            .collect()
    }
}

impl Layers {
    /// Adds a file. `shipped` is the text of the file that ships with rulec for an id.
    pub(in crate::schema) fn add<'t>(
        &mut self,
        id: SourceId,
        text: &str,
        shipped: impl Fn(&str) -> Option<&'t str>,
        diagnostics: &mut Diagnostics,
    ) {
        let documents = match yaml::parse(id, text) {
            Ok(documents) => documents,
            Err(error) => return diagnostics.push(error),
        };
        let Some(Parsed { document, .. }) = documents.first() else {
            let message = "the file is empty; a log source is required";
            return diagnostics.push(Diagnostic::error(Code::LogSourceShape, message));
        };
        // JSON has no other keys than texts, and a map of values has; so the text is read.
        let file: File = match document.read(&serde_json::Value::Null) {
            Ok(file) => file,
            Err(error) => {
                return diagnostics.push(Diagnostic {
                    code: Code::LogSourceShape,
                    ..error
                });
            }
        };
        if let Err(problem) = self.join(file, document, shipped, diagnostics) {
            diagnostics.push(lint::at(document, &problem));
        }
    }

    fn join<'t>(
        &mut self,
        file: File,
        document: &Document<'_>,
        shipped: impl Fn(&str) -> Option<&'t str>,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Problem> {
        let problem = |key: &str, message: String| Problem {
            place: vec![key.into()],
            message,
        };
        if file.schema_version != VERSION {
            return Err(problem(
                "schema_version",
                unknown_version(file.schema_version),
            ));
        }
        let before = self.files.iter().position(|layer| layer.file.id == file.id);
        let (layer, origin) = match file.extends {
            None => (Layer::new(file), Origin::default()),
            Some(Base::Builtin) => {
                let base = match before {
                    Some(at) => Some(self.files.remove(at)),
                    None => shipped(&file.id)
                        .and_then(|text| yaml::data::<File>(text).ok())
                        .map(Layer::new),
                };
                let base = base.ok_or_else(|| {
                    let message = format!(
                        "no log source `{}` is known that could be extended",
                        file.id
                    );
                    problem("id", message)
                })?;
                over(file, base)
            }
        };
        let mut problems = Vec::new();
        let built = body::build(&layer.file, &layer.file.fields, &mut problems);
        check::check(&layer.file, &built, &mut problems);
        for problem in problems {
            diagnostics.push(lint::at(document, &origin.of(problem)));
        }
        let names = layer.names();
        for other in self
            .files
            .iter()
            .filter(|other| other.file.id != layer.file.id)
        {
            if let Some(name) = other.names().into_iter().find(|name| names.contains(name)) {
                let message = format!("the {name} is that of `{}` in another file", other.file.id);
                diagnostics.push(lint::at(document, &problem("id", message)));
            }
        }
        self.files.retain(|other| other.file.id != layer.file.id);
        self.files.push(layer);
        Ok(())
    }

    /// The sources.
    pub(in crate::schema) fn sources(self) -> Vec<LogSourceMap> {
        let sources = self.files.into_iter().filter_map(|layer| {
            let fields = layer.file.fields.clone();
            let body = body::build(&layer.file, &fields, &mut Vec::new());
            let map = source(layer.file, Cow::Borrowed("")).ok()?;
            Some(LogSourceMap {
                panther: layer.log_types,
                body: OnceLock::from(body),
                ..map
            })
        });
        sources.collect()
    }
}

fn log_types(panther: &PantherNames) -> Vec<Named<String>> {
    let only = values(&panther.only);
    let names = panther.log_types.iter();
    names
        .map(|name| Named {
            name: name.clone(),
            custom: false,
            only: only.clone(),
        })
        .collect()
}

/// Where the parts of a joined file stand in the overlay, by their place in the joined one.
#[derive(Default)]
struct Origin {
    extended: bool,
    tables: BTreeMap<usize, usize>,
    fields: BTreeMap<usize, usize>,
}

impl Origin {
    /// The problem with its place in the overlay. What is wrong elsewhere is so only because of the overlay as a whole.
    fn of(&self, problem: Problem) -> Problem {
        if !self.extended {
            return problem;
        }
        let place = match problem.place.as_slice() {
            [Key::Name(list), Key::Item(at), rest @ ..] => {
                let moved = match list.as_str() {
                    "fields" => self.fields.get(at),
                    "sentinel" => self.tables.get(at),
                    _ => Some(at),
                };
                moved.map_or_else(Vec::new, |at| {
                    let start = [Key::Name(list.clone()), Key::Item(*at)];
                    start.into_iter().chain(rest.iter().cloned()).collect()
                })
            }
            other => other.to_vec(),
        };
        Problem { place, ..problem }
    }
}

/// The overlay over the source that it extends.
fn over(overlay: File, base: Layer) -> (Layer, Origin) {
    let mut origin = Origin {
        extended: true,
        ..Origin::default()
    };
    let mut own_types = log_types(&overlay.panther);
    let has = |names: &[Named<String>], name: &Named<String>| {
        names.iter().any(|known| known.name == name.name)
    };
    let kept = base.log_types.into_iter();
    let kept: Vec<_> = kept.filter(|name| !has(&own_types, name)).collect();
    own_types.extend(kept);
    let base = base.file;
    let mut sigma = overlay.sigma;
    let kept = base.sigma.into_iter();
    let is_new =
        |name: &super::model::SigmaName| sigma.iter().all(|known| known.source() != name.source());
    let kept: Vec<_> = kept.filter(is_new).collect();
    sigma.extend(kept);
    let mut never = overlay.never;
    // What the overlay lists as a field is one that a record has.
    let is_field = |path: &FieldPath| overlay.fields.iter().any(|field| &field.field == path);
    never.extend(base.never.into_iter().filter(|path| !is_field(path)));
    let sentinel = tables(overlay.sentinel, base.sentinel, &mut origin);
    let fields = fields(overlay.fields, base.fields, &sentinel, &mut origin);
    let file = File {
        schema_version: overlay.schema_version,
        extends: None,
        id: overlay.id,
        name: overlay.name.or(base.name),
        time: overlay.time.or(base.time),
        note: overlay.note.or(base.note),
        rest: overlay.rest.or(base.rest),
        message: listed_or(overlay.message, base.message),
        never,
        never_holds: own_or(overlay.never_holds, base.never_holds),
        panther: PantherNames {
            log_types: own_types.iter().map(|named| named.name.clone()).collect(),
            only: base.panther.only,
        },
        sentinel,
        sigma,
        ecs: said(overlay.ecs, base.ecs),
        udm: said(overlay.udm, base.udm),
        entities: listed_or(overlay.entities, base.entities),
        fields,
    };
    let layer = Layer {
        file,
        log_types: own_types,
    };
    (layer, origin)
}

/// The overlay's names before the others.
fn said(own: Names, base: Names) -> Names {
    let mut names = own.0;
    let more = base.0.into_iter();
    let more: Vec<String> = more.filter(|name| !names.contains(name)).collect();
    names.extend(more);
    Names(names)
}

fn tables(overlay: Vec<Table>, base: Vec<Table>, origin: &mut Origin) -> Vec<Table> {
    let mut base = base;
    let mut joined = Vec::new();
    for (at, own) in overlay.into_iter().enumerate() {
        origin.tables.insert(at, at);
        let known = base.iter().position(|table| table.table == own.table);
        joined.push(match known {
            Some(known) => over_table(own, base.remove(known)),
            None => own,
        });
    }
    joined.extend(base);
    joined
}

/// The overlay's list where it has one.
fn listed_or<T>(own: Vec<T>, base: Vec<T>) -> Vec<T> {
    if own.is_empty() { base } else { own }
}

/// The overlay's values where it says any.
fn own_or(own: super::model::Only, base: super::model::Only) -> super::model::Only {
    if own.is_empty() { base } else { own }
}

fn over_table(own: Table, base: Table) -> Table {
    let or = own_or;
    Table {
        table: own.table,
        connector: if own.connector.is_empty() {
            base.connector
        } else {
            own.connector
        },
        only: or(own.only, base.only),
        shared: own.shared || base.shared,
        besides: own.besides.or(base.besides),
        has: or(own.has, base.has),
        lacks: if own.lacks.is_empty() {
            base.lacks
        } else {
            own.lacks
        },
        holds: if own.holds.is_empty() {
            base.holds
        } else {
            own.holds
        },
        filled: own.filled.or(base.filled),
        covers: listed_or(own.covers, base.covers),
        schema: if own.schema == super::SchemaKind::default() {
            base.schema
        } else {
            own.schema
        },
        like: own.like.or(base.like),
        rest: own.rest.or(base.rest),
        made: {
            let mut made = base.made;
            made.extend(own.made);
            made
        },
        note: own.note.or(base.note),
    }
}

fn fields(
    overlay: Vec<Field>,
    base: Vec<Field>,
    tables: &[Table],
    origin: &mut Origin,
) -> Vec<Field> {
    let mut joined = base;
    let shipped = joined.len();
    for (at, own) in overlay.into_iter().enumerate() {
        // A field that the overlay has twice is told by the check.
        let known = joined[..shipped]
            .iter()
            .position(|field| field.field == own.field)
            .filter(|known| !origin.fields.contains_key(known));
        if let Some(known) = known {
            let base = joined[known].clone();
            joined[known] = over_field(own, base, tables);
            origin.fields.insert(known, at);
        } else {
            origin.fields.insert(joined.len(), at);
            joined.push(own);
        }
    }
    yield_names(&mut joined, origin);
    yield_columns(&mut joined, origin);
    joined
}

fn over_field(own: Field, base: Field, tables: &[Table]) -> Field {
    Field {
        field: own.field,
        r#type: own.r#type.or(base.r#type),
        panther: own.panther.or(base.panther),
        sentinel: match (own.sentinel, base.sentinel) {
            (Tables::Unsaid, base) => base,
            (Tables::Nowhere, _) => Tables::Nowhere,
            (own @ Tables::Known(_), Tables::Unsaid) => own,
            (Tables::Known(own), Tables::Known(mut base)) => {
                base.extend(own);
                Tables::Known(base)
            }
            (Tables::Known(mut own), Tables::Nowhere) => {
                for table in tables {
                    own.entry(table.table.clone()).or_insert(TableField::None);
                }
                Tables::Known(own)
            }
        },
        sigma: said(own.sigma, base.sigma),
        ecs: said(own.ecs, base.ecs),
        udm: said(own.udm, base.udm),
        vendor: own.vendor.or(base.vendor),
        note: own.note.or(base.note),
    }
}

/// Takes the Sigma names of the overlay's fields from all others.
fn yield_names(fields: &mut [Field], origin: &Origin) {
    let own: Vec<String> = origin
        .fields
        .keys()
        .flat_map(|at| fields[*at].sigma.0.clone())
        .collect();
    let others = fields.iter_mut().enumerate();
    for (_, field) in others.filter(|(at, _)| !origin.fields.contains_key(at)) {
        field.sigma.0.retain(|name| !own.contains(name));
    }
}

/// A column that the overlay gives to one field is read as that field, whatever else is written to it.
fn yield_columns(fields: &mut [Field], origin: &Origin) {
    let mut own: Vec<(usize, String, ColumnField)> = Vec::new();
    for at in origin.fields.keys() {
        for (table, column) in columns(&fields[*at]) {
            own.push((*at, table.clone(), column.clone()));
        }
    }
    let is_same = |a: &ColumnField, b: &ColumnField| a.column == b.column && a.path == b.path;
    for (at, table, column) in &own {
        let rivals = own
            .iter()
            .filter(|(_, other, rival)| other == table && is_same(rival, column));
        if rivals.count() > 1 {
            continue;
        }
        let mut taken = false;
        for (other, field) in fields
            .iter_mut()
            .enumerate()
            .filter(|(other, _)| other != at)
        {
            if origin.fields.contains_key(&other) {
                continue;
            }
            let root = column.path.segments.is_empty();
            if let Some(other) = column_in(field, table).filter(|_| root) {
                other.also.retain(|also| also.column != column.column);
            }
            if let Some(rival) = column_in(field, table).filter(|rival| is_same(rival, column)) {
                rival.preferred = false;
                taken = true;
            }
        }
        if let Some(column) = column_in(&mut fields[*at], table).filter(|_| taken) {
            column.preferred = true;
        }
    }
}

/// The columns of a field, by table.
fn columns(field: &Field) -> impl Iterator<Item = (&String, &ColumnField)> {
    let tables = match &field.sentinel {
        Tables::Known(tables) => Some(tables),
        Tables::Unsaid | Tables::Nowhere => None,
    };
    tables
        .into_iter()
        .flatten()
        .filter_map(|(table, entry)| match entry {
            TableField::Column(column) => Some((table, column)),
            TableField::Parts(_) | TableField::Constant(_) | TableField::None => None,
        })
}

fn column_in<'f>(field: &'f mut Field, table: &str) -> Option<&'f mut ColumnField> {
    match &mut field.sentinel {
        Tables::Known(tables) => match tables.get_mut(table)? {
            TableField::Column(column) => Some(column),
            TableField::Parts(_) | TableField::Constant(_) | TableField::None => None,
        },
        Tables::Unsaid | Tables::Nowhere => None,
    }
}

#[cfg(test)]
mod tests;
