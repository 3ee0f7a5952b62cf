//! `extend`, `project` and its like, `distinct`, `print`: columns that are computed, kept, dropped, renamed or put in order.

use super::super::builder::Builder;
use super::super::expression::Place;
use super::super::row::{Field, Row};
use super::super::scope::Scope;
use super::super::types::Type;
use super::super::value::Value;
use super::super::{Binder, check};
use super::table;
use crate::diagnostic::Code;
use crate::source::TextRange;
use crate::syntax::kql::ast::{
    ColumnPattern, Direction, Distinct, Expression, ExpressionKind, Name, NamedExpression, Naming,
    Reordered,
};

/// Whether a computed column takes the place of one with its name, or stands beside it under another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Replace,
    Beside,
}

impl<'a> Binder<'a> {
    pub(super) fn extend(
        &mut self,
        items: &'a [NamedExpression],
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let place = Place::inside(row, scope);
        let values: Vec<Value<'a>> = items
            .iter()
            .map(|item| self.scalar(&item.value, &place))
            .collect();
        let mut builder = Builder::keeping(row.fields());
        for (item, value) in items.iter().zip(&values) {
            self.column_of(&mut builder, item, value, &place, Mode::Replace);
        }
        Value::Table(Row::like(builder.finish(), row))
    }

    pub(super) fn project(
        &mut self,
        items: &'a [NamedExpression],
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let place = Place::inside(row, scope);
        let mut builder = Builder::default();
        for item in items {
            let value = self.scalar(&item.value, &place);
            self.column_of(&mut builder, item, &value, &place, Mode::Beside);
        }
        Value::Table(Row::made(builder.finish(), row))
    }

    /// Adds the column, or columns, of an item.
    pub(super) fn column_of(
        &mut self,
        builder: &mut Builder<'a>,
        item: &'a NamedExpression,
        value: &Value<'a>,
        place: &Place<'_, 'a>,
        mode: Mode,
    ) {
        if let Value::Tuple(fields) = value {
            self.tuple_columns(builder, &item.naming, fields, mode);
            return;
        }
        let kind = value.kind();
        match &item.naming {
            Naming::Name(name) => self.declared_column(builder, name, kind, mode),
            Naming::Names(names) => match names.as_slice() {
                [name] => self.declared_column(builder, name, kind, mode),
                [first, .., last] => {
                    let message = "the expression has one value, not several";
                    let names = first.range.cover(last.range.0);
                    self.error(Code::KqlArguments, around(names), message);
                }
                [] => {}
            },
            Naming::Implicit => match self.implicit_name(&item.value, place) {
                Some(name) => {
                    let column = matches!(item.value.kind, ExpressionKind::Name(_));
                    if column && mode == Mode::Beside {
                        let declared = Name::new(item.value.range, name);
                        self.declare(builder, &declared, kind, mode);
                    } else if mode == Mode::Replace {
                        builder.set(name, kind);
                    } else {
                        builder.add(name, kind);
                    }
                }
                None => builder.add_unnamed(kind, place.row),
            },
        }
    }

    fn declared_column(
        &mut self,
        builder: &mut Builder<'a>,
        name: &'a Name,
        kind: Type,
        mode: Mode,
    ) {
        self.declare(builder, name, kind, mode);
    }

    fn declare(&mut self, builder: &mut Builder<'a>, name: &Name, kind: Type, mode: Mode) {
        let declared = match mode {
            Mode::Replace => builder.declare(name.text.clone(), kind),
            Mode::Beside => builder.declare_beside(name.text.clone(), kind),
        };
        if !declared {
            let message = format!("the column `{}` is named twice", name.text);
            self.error(Code::KqlDuplicateName, name.range.0, message);
        }
    }

    fn tuple_columns(
        &mut self,
        builder: &mut Builder<'a>,
        naming: &'a Naming,
        fields: &[Field<'a>],
        mode: Mode,
    ) {
        let names: &[Name] = match naming {
            Naming::Implicit => &[],
            Naming::Name(name) => std::slice::from_ref(name),
            Naming::Names(names) => names,
        };
        for (at, field) in fields.iter().enumerate() {
            match names.get(at) {
                Some(name) => self.declared_column(builder, name, field.kind, mode),
                None => builder.add(field.name.clone(), field.kind),
            }
        }
        if let Some(name) = names.get(fields.len()) {
            let message = format!("there is no value for `{}`", name.text);
            self.error(Code::KqlArguments, name.range.0, message);
        }
    }

    pub(super) fn project_away(
        &mut self,
        patterns: &'a [ColumnPattern],
        row: &Row<'a>,
    ) -> Value<'a> {
        self.patterns_exist(patterns.iter(), row);
        let mut fields = row.fields();
        fields.retain(|field| !patterns.iter().any(|pattern| fits(pattern, &field.name)));
        Value::Table(Row::like(fields, row))
    }

    pub(super) fn project_keep(
        &mut self,
        patterns: &'a [ColumnPattern],
        row: &Row<'a>,
    ) -> Value<'a> {
        self.patterns_exist(patterns.iter(), row);
        let mut fields = row.fields();
        fields.retain(|field| patterns.iter().any(|pattern| fits(pattern, &field.name)));
        Value::Table(Row::like(fields, row))
    }

    fn patterns_exist(&mut self, patterns: impl Iterator<Item = &'a ColumnPattern>, row: &Row<'a>) {
        let scope = Scope::default();
        for pattern in patterns {
            if !pattern.wildcard {
                let place = Place::inside(row, &scope);
                let kind = self.column(&pattern.name.text, pattern.name.range.0, &place);
                self.record(pattern.name.range.0, kind);
            } else if !row.is_open() && !row.names().iter().any(|name| fits(pattern, name)) {
                let message = format!("no column fits `{}`", pattern.name.text);
                self.error(Code::KqlUnknownName, pattern.name.range.0, message);
            }
        }
    }

    pub(super) fn project_rename(
        &mut self,
        items: &'a [NamedExpression],
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let place = Place::inside(row, scope);
        let mut renamed: Vec<(&'a str, &'a str)> = Vec::new();
        for item in items {
            let Some(old) = item.value.as_name() else {
                self.scalar(&item.value, &place);
                let message = "a column is required here, not a value that is computed";
                self.error(Code::KqlContext, item.value.range.0, message);
                continue;
            };
            let kind = self.column(old, item.value.range.0, &place);
            self.record(item.value.range.0, kind);
            let Some(name) = first_name(&item.naming) else {
                continue;
            };
            let taken = row.get(&name.text).is_some()
                && !renamed.iter().any(|(from, _)| *from == name.text);
            let twice = renamed.iter().any(|(_, to)| *to == name.text);
            if taken || twice {
                let message = format!("there is a column `{}` already", name.text);
                self.error(Code::KqlDuplicateName, name.range.0, message);
            } else {
                renamed.push((old, &name.text));
            }
        }
        let mut fields = row.fields();
        for field in &mut fields {
            if let Some((_, to)) = renamed.iter().find(|(from, _)| *from == field.name) {
                field.name = (*to).into();
            }
        }
        Value::Table(Row::like(fields, row))
    }

    pub(super) fn project_reorder(&mut self, items: &'a [Reordered], row: &Row<'a>) -> Value<'a> {
        let plain = items.iter().map(|item| &item.pattern);
        self.patterns_exist(plain.filter(|pattern| !pattern.wildcard), row);
        for (at, item) in items.iter().enumerate() {
            let name = &item.pattern.name;
            let mut before = items.iter().take(at);
            if !item.pattern.wildcard && before.any(|known| known.pattern.name.text == name.text) {
                let message = format!("the column `{}` is named twice", name.text);
                self.error(Code::KqlDuplicateName, name.range.0, message);
            }
        }
        let mut rest = row.fields();
        let mut fields = Vec::new();
        for item in items {
            let (mut fit, others): (Vec<_>, Vec<_>) = rest
                .into_iter()
                .partition(|field| fits(&item.pattern, &field.name));
            sort_names(&mut fit, item.direction);
            fields.append(&mut fit);
            rest = others;
        }
        fields.append(&mut rest);
        Value::Table(Row::like(fields, row))
    }

    pub(super) fn project_by_names(
        &mut self,
        items: &'a [Expression],
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let place = Place::outside(scope);
        for item in items {
            self.scalar(item, &place);
        }
        Value::Table(row.clone())
    }

    pub(super) fn distinct(
        &mut self,
        distinct: &'a Distinct,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let place = Place::inside(row, scope);
        let mut builder = Builder::default();
        let mut open = false;
        let mut reported = false;
        for item in &distinct.columns {
            if matches!(item.value.kind, ExpressionKind::Star) {
                open = row.is_open();
                for field in row.fields() {
                    reported = reported || self.key(field.kind, item.value.range.0);
                    builder.add(field.name, field.kind);
                }
                continue;
            }
            let value = self.scalar(&item.value, &place);
            reported = reported || self.key(value.kind(), item.value.range.0);
            self.column_of(&mut builder, item, &value, &place, Mode::Beside);
        }
        let fields = builder.finish();
        Value::Table(if open {
            Row::open(fields)
        } else {
            Row::made(fields, row)
        })
    }

    /// Reports a key that cannot be one, and says whether it did.
    pub(super) fn key(&mut self, kind: Type, range: TextRange) -> bool {
        if check::can_be_key(kind) {
            return false;
        }
        let message =
            "a dynamic value cannot be a key; it requires a conversion such as `tostring()`";
        self.error(Code::KqlType, range, message);
        true
    }

    pub(super) fn print(&mut self, items: &'a [NamedExpression], scope: &Scope<'a>) -> Value<'a> {
        let place = Place::outside(scope);
        let mut builder = Builder::default();
        for (at, item) in items.iter().enumerate() {
            let value = self.scalar(&item.value, &place);
            match (&item.naming, &value) {
                (Naming::Implicit, Value::Tuple(_)) | (Naming::Name(_) | Naming::Names(_), _) => {
                    self.column_of(&mut builder, item, &value, &place, Mode::Beside);
                }
                (Naming::Implicit, value) => builder.add(format!("print_{at}"), value.kind()),
            }
        }
        table(builder.finish())
    }
}

/// The range with the brackets around it.
pub(in super::super) fn around(range: TextRange) -> TextRange {
    TextRange {
        start: range.start.saturating_sub(1),
        end: range.end.saturating_add(1),
    }
}

/// The one name that is given.
fn first_name(naming: &Naming) -> Option<&Name> {
    match naming {
        Naming::Implicit => None,
        Naming::Name(name) => Some(name),
        Naming::Names(names) => names.first(),
    }
}

/// Whether a pattern stands for the name.
pub(super) fn fits(pattern: &ColumnPattern, name: &str) -> bool {
    if pattern.wildcard {
        wildcard(&pattern.name.text, name)
    } else {
        pattern.name.text == name
    }
}

/// Whether the name has the pattern's pieces in their order, the first at its begin and the last at its end.
pub(super) fn wildcard(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(at) => rest = rest.get(at + piece.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.is_empty()
}

fn sort_names(fields: &mut [Field<'_>], direction: Option<Direction>) {
    let lower = |field: &Field<'_>| field.name.to_lowercase();
    match direction {
        None => {}
        Some(Direction::Ascending) => fields.sort_by_key(lower),
        Some(Direction::Descending) => {
            fields.sort_by_key(|field| std::cmp::Reverse(lower(field)));
        }
        Some(Direction::NaturalAscending) => fields.sort_by_key(|field| natural(&field.name)),
        Some(Direction::NaturalDescending) => {
            fields.sort_by_key(|field| std::cmp::Reverse(natural(&field.name)));
        }
    }
}

/// A name as its runs of letters and numbers, so that `a2` stands before `a10`.
fn natural(name: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits = rest
            .find(|letter: char| letter.is_ascii_digit())
            .unwrap_or(rest.len());
        let (text, behind) = rest.split_at(digits);
        let end = behind
            .find(|letter: char| !letter.is_ascii_digit())
            .unwrap_or(behind.len());
        let (number, behind) = behind.split_at(end);
        parts.push((text.to_lowercase(), number.parse().unwrap_or(0)));
        rest = behind;
    }
    parts
}
