//! The columns of a result as they are put together: names that are given, names that follow from the expression, and the
//! numbers that keep them apart.

use std::borrow::Cow;
use std::collections::BTreeMap;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::row::{Field, Row};
use super::types::Type;

/// Names, found by a hash: tables have hundreds of columns.
type Names<'a> = IndexSet<Cow<'a, str>, FxBuildHasher>;

/// The columns of a result.
#[derive(Default)]
pub(super) struct Builder<'a> {
    fields: Vec<Field<'a>>,
    names: Names<'a>,
    /// The names that were declared here, not brought along.
    declared: Names<'a>,
    unnamed: usize,
    /// The last number that was put behind a name.
    numbers: BTreeMap<Cow<'a, str>, usize>,
}

impl<'a> Builder<'a> {
    /// A result that begins with all columns of the input.
    pub(super) fn keeping(fields: Vec<Field<'a>>) -> Self {
        let names = fields.iter().map(|field| field.name.clone()).collect();
        Self {
            fields,
            names,
            ..Self::default()
        }
    }

    pub(super) fn finish(self) -> Vec<Field<'a>> {
        self.fields
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Adds or replaces a column by its own name; false where this stage has declared it already.
    pub(super) fn declare(&mut self, name: impl Into<Cow<'a, str>>, kind: Type) -> bool {
        let name = name.into();
        if !self.declared.insert(name.clone()) {
            return false;
        }
        self.set(name, kind);
        true
    }

    /// Adds a column by its own name, or by one with a number where another expression led to that name; false where this
    /// stage has declared it already.
    pub(super) fn declare_beside(&mut self, name: impl Into<Cow<'a, str>>, kind: Type) -> bool {
        let name = name.into();
        if !self.declared.insert(name.clone()) {
            return false;
        }
        self.add(name, kind);
        true
    }

    /// Adds or replaces a column.
    pub(super) fn set(&mut self, name: impl Into<Cow<'a, str>>, kind: Type) {
        let name = name.into();
        if self.names.insert(name.clone()) {
            self.fields.push(Field { name, kind });
        } else if let Some(field) = self.fields.iter_mut().find(|field| field.name == name) {
            field.kind = kind;
        }
    }

    /// Adds a column under its name, or under one with a number where that is taken.
    pub(super) fn add(&mut self, name: impl Into<Cow<'a, str>>, kind: Type) {
        let name = self.free(name.into());
        self.names.insert(name.clone());
        self.fields.push(Field { name, kind });
    }

    /// Adds a column that has no name: `Column1`, `Column2`, whichever the input does not have.
    pub(super) fn add_unnamed(&mut self, kind: Type, input: Option<&Row<'a>>) {
        let taken = |name: &str| input.is_some_and(|row| row.get(name).is_some());
        self.unnamed += 1;
        let mut name = format!("Column{}", self.unnamed);
        while self.has(&name) || taken(&name) {
            self.unnamed += 1;
            name = format!("Column{}", self.unnamed);
        }
        self.names.insert(name.clone().into());
        self.fields.push(Field::new(name, kind));
    }

    /// Puts a name aside that a later column has for certain.
    pub(super) fn reserve(&mut self, name: Cow<'a, str>) {
        self.names.insert(name);
    }

    /// Adds a column whose name was put aside.
    pub(super) fn add_reserved(&mut self, name: Cow<'a, str>, kind: Type) {
        self.fields.push(Field { name, kind });
    }

    /// The name, or the first one behind it with a number that is free.
    fn free(&mut self, name: Cow<'a, str>) -> Cow<'a, str> {
        if !self.has(&name) {
            return name;
        }
        let mut number = self.numbers.get(&name).copied().unwrap_or(0) + 1;
        let mut candidate = format!("{name}{number}");
        while self.has(&candidate) {
            number += 1;
            candidate = format!("{name}{number}");
        }
        self.numbers.insert(name, number);
        candidate.into()
    }
}
