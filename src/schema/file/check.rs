//! What a file's parts say of each other: references that lead somewhere, names that stand for one thing, lists that are gone
//! through in the open, and columns that lead back to their fields.

use std::collections::BTreeMap;

use super::body::skips_items;
use super::model::{File, Tables};
use super::{Key, Problem};
use crate::ir::FieldPath;
use crate::schema::log_source::{Body, FieldType};
use crate::schema::table::{Access, Column, Direction, TableMap};

/// Notes everything that is wrong between the parts.
pub(super) fn check(file: &File, body: &Body, problems: &mut Vec<Problem>) {
    let mut checker = Checker {
        file,
        body,
        problems,
    };
    if file.fields.is_empty() {
        checker.problem(vec![], "`fields` is required");
    }
    checker.required();
    checker.names();
    checker.references();
    checker.lists();
    checker.tables();
    for table in &body.tables {
        checker.round_trip(table);
    }
}

struct Checker<'c> {
    file: &'c File,
    body: &'c Body,
    problems: &'c mut Vec<Problem>,
}

impl Checker<'_> {
    fn problem(&mut self, place: Vec<Key>, message: impl Into<String>) {
        self.problems.push(Problem {
            place,
            message: message.into(),
        });
    }

    fn has(&self, field: &FieldPath) -> bool {
        self.body.fields.iter().any(|entry| &entry.field == field)
    }

    /// A field and a Sigma name stand for one thing each.
    fn names(&mut self) {
        let mut fields = BTreeMap::new();
        let mut sigma = BTreeMap::new();
        for (at, entry) in self.body.fields.iter().enumerate() {
            let field = entry.field.to_string();
            if let Some(before) = fields.insert(field.clone(), at) {
                let place = vec!["fields".into(), at.into(), "field".into()];
                let message = format!("`{field}` is listed before, as item {before}");
                self.problem(place, message);
            }
            for name in entry.sigma_names() {
                if let Some(other) = sigma.insert(name.clone(), &entry.field) {
                    let place = vec!["fields".into(), at.into(), "sigma".into()];
                    let message = format!("`{name}` is Sigma's name for `{other}`");
                    self.problem(place, message);
                }
            }
        }
    }

    /// What a source cannot do without; an overlay has it from what it extends.
    fn required(&mut self) {
        match &self.file.time {
            Some(time) if !self.has(time) => {
                self.problem(vec!["time".into()], format!("`{time}` is not a field"));
            }
            Some(_) => {}
            None => self.problem(vec![], "`time` is required"),
        }
        if self.file.name.is_none() {
            self.problem(vec![], "`name` is required");
        }
        for (at, field) in self.file.fields.iter().enumerate() {
            if field.r#type.is_none() {
                let message = format!("`{}` requires a `type`", field.field);
                self.problem(vec!["fields".into(), at.into()], message);
            }
        }
    }

    /// What columns are made of are fields.
    fn made(&mut self, at: usize, table: &TableMap) {
        for made in &table.made {
            let told = made.only.iter().map(|(field, _)| FieldPath::parse(field));
            let told: Vec<FieldPath> = told.filter_map(Result::ok).collect();
            for field in made.term.fields().into_iter().chain(&told) {
                if !self.has(field) {
                    let place = ["made", &made.column].map(Key::from);
                    let start: [Key; 2] = ["sentinel".into(), at.into()];
                    let place = start.into_iter().chain(place).collect();
                    self.problem(place, format!("`{field}` is not a field"));
                }
            }
        }
    }

    fn references(&mut self) {
        if let Some(rest) = &self.file.rest
            && !self.has(rest)
        {
            self.problem(vec!["rest".into()], format!("`{rest}` is not a field"));
        }
        for (at, field) in self.file.message.iter().enumerate() {
            if !self.has(field) {
                let place = vec!["message".into(), at.into()];
                self.problem(place, format!("`{field}` is not a field"));
            }
        }
        for (at, entity) in self.file.entities.iter().enumerate() {
            for (identifier, field) in &entity.identifiers {
                if !self.has(field) {
                    let place = ["identifiers", identifier].map(Key::from);
                    let start: [Key; 2] = ["entities".into(), at.into()];
                    let place = start.into_iter().chain(place).collect();
                    self.problem(place, format!("`{field}` is not a field"));
                }
            }
        }
        let body = self.body;
        for (at, table) in body.tables.iter().enumerate() {
            for (field, _) in &table.has {
                if !self.has(field) {
                    let place = vec!["sentinel".into(), at.into(), "has".into()];
                    self.problem(place, format!("`{field}` is not a field"));
                }
            }
            self.made(at, table);
        }
        for (at, name) in self.file.sigma.iter().enumerate() {
            for field in name.only.keys() {
                let known = FieldPath::parse(field).is_ok_and(|field| self.has(&field));
                if !known {
                    let place = vec!["sigma".into(), at.into(), "where".into()];
                    self.problem(place, format!("`{field}` is not a field"));
                }
            }
        }
        for table in &body.tables {
            let parts = table.parts.iter();
            for (field, part) in
                parts.flat_map(|(field, parts)| parts.iter().map(move |part| (field, part)))
            {
                if !self.has(part) {
                    let place = self.place_of(field, table);
                    self.problem(place, format!("`{part}` is not a field"));
                }
            }
        }
    }

    fn place_of(&self, field: &FieldPath, table: &TableMap) -> Vec<Key> {
        let at = self
            .file
            .fields
            .iter()
            .position(|entry| &entry.field == field);
        at.map_or_else(Vec::new, |at| {
            let table = table.name.as_str();
            vec!["fields".into(), at.into(), "sentinel".into(), table.into()]
        })
    }

    /// A path through a list says so.
    fn lists(&mut self) {
        let lists: Vec<&FieldPath> = self
            .body
            .fields
            .iter()
            .filter(|entry| matches!(entry.kind, FieldType::ObjectList | FieldType::ScalarList))
            .map(|entry| &entry.field)
            .collect();
        for (at, entry) in self.body.fields.iter().enumerate() {
            if let Some(list) = lists.iter().find(|list| skips_items(list, &entry.field)) {
                let place = vec!["fields".into(), at.into(), "field".into()];
                let message = format!("`{list}` is a list, so that `{list}[]` is required");
                self.problem(place, message);
            }
        }
    }

    /// Every table that a field names is one of the source's.
    fn tables(&mut self) {
        for (at, field) in self.file.fields.iter().enumerate() {
            let Tables::Known(tables) = &field.sentinel else {
                continue;
            };
            for name in tables.keys() {
                if !self.file.sentinel.iter().any(|table| &table.table == name) {
                    let place: [Key; 4] = [
                        "fields".into(),
                        at.into(),
                        "sentinel".into(),
                        name.as_str().into(),
                    ];
                    self.problem(
                        place.to_vec(),
                        format!("`{name}` is not listed under `sentinel`"),
                    );
                }
            }
        }
    }

    /// Every field is found in its column, and every column is read as its field.
    fn round_trip(&mut self, table: &TableMap) {
        for column in &table.columns {
            let back = match table.access(&column.field) {
                Access::Column(found) | Access::Below(found, _) => found == column,
                Access::Parts(_)
                | Access::Constant(_)
                | Access::Own(_)
                | Access::Absent
                | Access::Unmapped => column.field.segments.is_empty(),
            };
            let read = |column: &Column| {
                table.column(&column.name).map(|found| &found.field) == Some(&column.field)
            };
            let whole = column.path.segments.is_empty();
            let leads_back = match column.direction {
                Direction::Both => back && (!whole || read(column)),
                Direction::Read => !whole || read(column),
                Direction::Write => back,
                Direction::Neither => true,
            };
            if !leads_back {
                let place = self.place_of(&column.field, table);
                let message = format!(
                    "`{}` and `{}` do not lead to each other",
                    column.field, column.name
                );
                self.problem(place, message);
            }
        }
    }
}
