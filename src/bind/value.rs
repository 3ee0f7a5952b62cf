//! What an expression stands for: a scalar, several columns at once, a table, or something that has no columns.

use std::borrow::Cow;
use std::rc::Rc;

use super::row::{Field, Row};
use super::scope::Scope;
use super::types::Type;
use crate::syntax::kql::ast;

/// What an expression stands for.
#[derive(Clone)]
pub(crate) enum Value<'a> {
    Scalar(Scalar<'a>),
    /// The results of functions that have several: `series_stats`, `arg_max`.
    Tuple(Rc<Vec<Field<'a>>>),
    Table(Row<'a>),
    Function(Rc<Closure<'a>>),
    /// A database or cluster; its tables are not known.
    Database,
    /// Several tables, or none: `fork`, `consume`.
    NoTable,
}

/// A scalar.
#[derive(Clone, Debug)]
pub(crate) struct Scalar<'a> {
    pub(crate) kind: Type,
    /// The text, where it is a constant one.
    pub(crate) text: Option<Cow<'a, str>>,
    /// Whether it is the same for every row.
    pub(crate) constant: bool,
}

/// A function of the query's own, and the names it sees.
pub(crate) struct Closure<'a> {
    pub(crate) function: &'a ast::Function,
    pub(crate) scope: Scope<'a>,
}

impl<'a> Value<'a> {
    pub(crate) const UNKNOWN: Self = Self::Scalar(Scalar {
        kind: Type::Unknown,
        text: None,
        constant: false,
    });

    /// A value that differs from row to row.
    pub(crate) fn of(kind: impl Into<Type>) -> Self {
        Self::Scalar(Scalar {
            kind: kind.into(),
            text: None,
            constant: false,
        })
    }

    pub(crate) fn constant(kind: impl Into<Type>, text: Option<Cow<'a, str>>) -> Self {
        Self::Scalar(Scalar {
            kind: kind.into(),
            text,
            constant: true,
        })
    }

    /// The type, where it is one scalar.
    pub(crate) fn kind(&self) -> Type {
        match self {
            Self::Scalar(scalar) => scalar.kind,
            Self::Tuple(fields) => fields.first().map_or(Type::Unknown, |field| field.kind),
            Self::Table(_) | Self::Function(_) | Self::Database | Self::NoTable => Type::Unknown,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Scalar(scalar) => scalar.text.as_deref(),
            _ => None,
        }
    }

    pub(crate) fn is_constant(&self) -> bool {
        matches!(self, Self::Scalar(scalar) if scalar.constant)
    }
}
