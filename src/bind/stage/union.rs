//! `union`: tables below each other, and the columns that come of it.
//!
//! Columns of one name and one type are one. Where the types differ, each type becomes a column of its own, named after it:
//! `a_string`, `a_long`; the language service does not see it where the first two agree, and neither does this. A type that is
//! not known fits any other. An inner union has only the columns that all tables have.

use std::borrow::Cow;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::super::row::{Field, Row};
use super::super::scope::Scope;
use super::super::types::Type;
use super::super::value::Value;
use super::super::{Binder, Split};
use super::project::wildcard;
use super::{parameter, parameter_name};
use crate::syntax::kql::ast::{Expression, ExpressionKind, Union};

impl<'a> Binder<'a> {
    pub(super) fn union(
        &mut self,
        union: &'a Union,
        input: Option<&Row<'a>>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let mut rows: Vec<Row<'a>> = input.cloned().into_iter().collect();
        for table in &union.tables {
            self.tables_of(table, scope, &mut rows);
        }
        let inner =
            parameter(&union.parameters, "kind").and_then(Expression::as_name) == Some("inner");
        let mut fields = Vec::new();
        let source = ["withsource", "with_source"]
            .iter()
            .find_map(|name| parameter_name(&union.parameters, name));
        if let Some(name) = source {
            fields.push(Field::new(name, Type::STRING));
        }
        let United {
            fields: united,
            split,
        } = self.united(&rows, inner);
        self.note_splits(union, &rows, &united, split);
        fields.extend(united);
        let open = rows.iter().any(Row::is_open);
        if open {
            return Value::Table(Row::open(fields));
        }
        let derived = rows.iter().find(|row| row.is_derived());
        Value::Table(match derived {
            Some(derived) => Row::made(fields, derived),
            None => Row::closed(fields),
        })
    }

    /// Notes the columns that are split by type.
    fn note_splits(
        &mut self,
        union: &Union,
        rows: &[Row<'a>],
        united: &[Field<'a>],
        names: Vec<Cow<'a, str>>,
    ) {
        let (Some(first), Some(splits)) = (union.tables.first(), &mut self.splits) else {
            return;
        };
        let range = first.range.0;
        for name in names {
            let kinds: Vec<Option<Type>> = rows.iter().map(|row| row.get(&name)).collect();
            let split = |kind: &Option<Type>| {
                kind.is_none_or(|kind| {
                    let column = format!("{name}_{}", kind.name());
                    united.iter().any(|field| *field.name == column)
                })
            };
            let known = splits
                .iter()
                .any(|split| split.range == range && split.name == name);
            if !known && kinds.iter().all(split) {
                splits.push(Split {
                    range,
                    name: name.into_owned(),
                    kinds,
                });
            }
        }
    }

    /// The tables that an operand of `union`, `search` or `find` stands for.
    pub(super) fn tables_of(
        &mut self,
        table: &'a Expression,
        scope: &Scope<'a>,
        rows: &mut Vec<Row<'a>>,
    ) {
        let ExpressionKind::Wildcard(pattern) = &table.kind else {
            if matches!(table.kind, ExpressionKind::Star) {
                rows.push(any_table());
            } else {
                rows.push(self.table(table, scope));
            }
            return;
        };
        let schemas = self.schemas;
        let names: Vec<&str> = schemas
            .tables()
            .names()
            .filter(|name| wildcard(pattern, name))
            .collect();
        if names.len() > 64 {
            rows.push(any_table());
            return;
        }
        for name in names {
            if let Some(Value::Table(row)) = self.workspace(name) {
                rows.push(row);
            }
        }
    }

    /// The columns of tables below each other.
    pub(super) fn united(&mut self, rows: &[Row<'a>], inner: bool) -> United<'a> {
        let mut known: IndexMap<Cow<'a, str>, Seen, FxBuildHasher> = IndexMap::default();
        for row in rows {
            if !self.spend(1 + row.len()) {
                return United::default();
            }
            for field in row.fields() {
                known.entry(field.name).or_default().add(field.kind);
            }
        }
        let mut united = United::default();
        for (name, seen) in known {
            if inner && seen.tables < rows.len() {
                continue;
            }
            let Some(kind) = seen.kind else {
                united.fields.push(Field::new(name, Type::Unknown));
                continue;
            };
            if seen.agreed || seen.others.is_empty() {
                united.fields.push(Field::new(name, kind));
                continue;
            }
            for kind in std::iter::once(kind).chain(seen.others) {
                let name = format!("{name}_{}", kind.name());
                united.fields.push(Field::new(name, kind));
            }
            united.split.push(name);
        }
        united
    }
}

/// The columns of tables below each other, and the names of those that are split by type.
#[derive(Default)]
pub(super) struct United<'a> {
    pub(super) fields: Vec<Field<'a>>,
    split: Vec<Cow<'a, str>>,
}

/// Some table of the workspace: what every one has, and whatever else.
pub(super) fn any_table<'a>() -> Row<'a> {
    let standard = crate::schema::kusto::STANDARD.iter();
    Row::open(
        standard
            .map(|(name, kind)| Field::new(*name, *kind))
            .collect(),
    )
}

/// The types that a column was seen with.
#[derive(Default)]
struct Seen {
    tables: usize,
    /// The first type that is known, and the others.
    kind: Option<Type>,
    others: Vec<Type>,
    /// Whether the first two are the same.
    agreed: bool,
}

impl Seen {
    fn add(&mut self, kind: Type) {
        self.tables += 1;
        if kind.is_unknown() {
            return;
        }
        let Some(first) = self.kind else {
            self.kind = Some(kind);
            return;
        };
        let mut known = std::iter::once(&first).chain(&self.others);
        if !known.any(|known| known.name() == kind.name()) {
            self.others.push(kind);
        } else if self.tables == 2 {
            self.agreed = true;
        }
    }
}
