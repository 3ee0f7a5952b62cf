//! The columns of a table at one point of a query.
//!
//! A row is closed when its columns are all there is, and open when the table can have others: those that a query names are
//! added as they are met, so that every stage over the same rows sees them. Cloning a row is cheap and keeps that tie.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use super::types::Type;

/// A column: its name and type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) kind: Type,
}

impl<'a> Field<'a> {
    pub(crate) fn new(name: impl Into<Cow<'a, str>>, kind: impl Into<Type>) -> Self {
        Self {
            name: name.into(),
            kind: kind.into(),
        }
    }
}

/// The columns of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row<'a> {
    fields: Rc<Vec<Field<'a>>>,
    /// What an open table was found to have besides.
    found: Option<Rc<RefCell<Vec<Field<'a>>>>>,
    /// Whether it comes from an open table.
    derived: bool,
}

impl<'a> Row<'a> {
    /// A table of exactly these columns.
    pub(crate) fn closed(fields: Vec<Field<'a>>) -> Self {
        Self {
            fields: Rc::new(fields),
            found: None,
            derived: false,
        }
    }

    /// A table of these columns and others.
    pub(crate) fn open(fields: Vec<Field<'a>>) -> Self {
        Self {
            fields: Rc::new(fields),
            found: Some(Rc::default()),
            derived: true,
        }
    }

    /// A table of exactly these columns, made from another.
    pub(crate) fn made(fields: Vec<Field<'a>>, from: &Self) -> Self {
        Self {
            derived: from.derived,
            ..Self::closed(fields)
        }
    }

    /// A table of these columns, open as another is.
    pub(crate) fn like(fields: Vec<Field<'a>>, other: &Self) -> Self {
        if other.is_open() {
            Self::open(fields)
        } else {
            Self::made(fields, other)
        }
    }

    /// Whether it is an open table, or was made from one.
    pub(crate) fn is_derived(&self) -> bool {
        self.derived
    }

    pub(crate) fn is_open(&self) -> bool {
        self.found.is_some()
    }

    /// The columns, those that were found behind the others.
    pub(crate) fn fields(&self) -> Vec<Field<'a>> {
        let mut fields = self.fields.as_ref().clone();
        if let Some(found) = &self.found {
            fields.extend(found.borrow().iter().cloned());
        }
        fields
    }

    pub(crate) fn len(&self) -> usize {
        let found = self.found.as_ref().map_or(0, |found| found.borrow().len());
        self.fields.len() + found
    }

    /// The type of a column that is known.
    pub(crate) fn get(&self, name: &str) -> Option<Type> {
        if let Some(field) = self.fields.iter().find(|field| field.name == name) {
            return Some(field.kind);
        }
        let found = self.found.as_ref()?.borrow();
        let field = found.iter().find(|field| field.name == name)?;
        Some(field.kind)
    }

    /// Adds a column that an open table must have, since the query names it; `None` for a closed one.
    pub(crate) fn infer(&self, name: &'a str) -> Option<Type> {
        let found = self.found.as_ref()?;
        found.borrow_mut().push(Field::new(name, Type::Unknown));
        Some(Type::Unknown)
    }

    /// The names of the columns.
    pub(crate) fn names(&self) -> Vec<Cow<'a, str>> {
        self.fields().into_iter().map(|field| field.name).collect()
    }
}
