//! `mv-expand` and `mv-apply`: the items of dynamic values as rows.

use super::super::Binder;
use super::super::builder::Builder;
use super::super::expression::Place;
use super::super::row::Row;
use super::super::scope::Scope;
use super::super::types::Type;
use super::super::value::Value;
use super::parameter_name;
use super::project::Mode;
use crate::diagnostic::Code;
use crate::syntax::kql::ast::{Expanded, MvApply, MvExpand, NamedExpression, Naming};

impl<'a> Binder<'a> {
    pub(super) fn mv_expand(
        &mut self,
        expand: &'a MvExpand,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        if let Some(limit) = &expand.limit {
            self.scalar(limit, &Place::outside(scope));
        }
        let mut builder = Builder::keeping(row.fields());
        if let Some(name) = parameter_name(&expand.parameters, "with_itemindex") {
            builder.add(name, Type::LONG);
        }
        for column in &expand.columns {
            self.expanded(&mut builder, column, row, scope);
        }
        Value::Table(Row::like(builder.finish(), row))
    }

    fn expanded(
        &mut self,
        builder: &mut Builder<'a>,
        column: &'a Expanded,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) {
        let Some((item, kind)) = self.item(column, row, scope) else {
            return;
        };
        let place = Place::inside(row, scope);
        self.column_of(builder, item, &Value::of(kind), &place, Mode::Replace);
    }

    /// What is expanded, and the type of an item.
    fn item(
        &mut self,
        column: &'a Expanded,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Option<(&'a NamedExpression, Type)> {
        let item = column.value.as_ref()?;
        let kind = self.scalar(&item.value, &Place::inside(row, scope)).kind();
        if !kind.is_unknown() && !kind.is_dynamic() {
            let message = format!("a dynamic value is required here, not {}", kind.name());
            self.error(Code::KqlType, item.range.0, message);
        }
        let items = if kind.is_dynamic() {
            Type::DYNAMIC
        } else {
            kind
        };
        Some((item, column.kind.map_or(items, Type::from)))
    }

    pub(super) fn mv_apply(
        &mut self,
        apply: &'a MvApply,
        row: &Row<'a>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        if let Some(limit) = &apply.limit {
            self.scalar(limit, &Place::outside(scope));
        }
        let place = Place::inside(row, scope);
        let mut builder = Builder::keeping(row.fields());
        let mut items = Vec::new();
        if let Some(name) = parameter_name(&apply.parameters, "with_itemindex") {
            builder.set(name, Type::LONG);
            items.push(name.to_owned());
        }
        for column in &apply.columns {
            let Some((item, kind)) = self.item(column, row, scope) else {
                continue;
            };
            let name = match &item.naming {
                Naming::Name(name) => Some(name.text.as_str().into()),
                Naming::Names(names) => names.first().map(|name| name.text.as_str().into()),
                Naming::Implicit => self.implicit_name(&item.value, &place),
            };
            match name {
                Some(name) => {
                    items.push(name.clone().into_owned());
                    builder.set(name, kind);
                }
                None => builder.add_unnamed(kind, None),
            }
        }
        let inside = Row::like(builder.finish(), row);
        let result = self.rows(&apply.body, scope, Some(&inside));
        // The columns that were not expanded come first, then those of the subquery that are not the same.
        let mut fields = row.fields();
        fields.retain(|field| !items.iter().any(|item| *item == field.name));
        let known = Row::closed(fields.clone());
        let mut outer = Builder::keeping(fields);
        for field in result.fields() {
            if known.get(&field.name) != Some(field.kind) {
                outer.add(field.name, field.kind);
            }
        }
        let open = row.is_open() || result.is_open();
        let fields = outer.finish();
        Value::Table(if open {
            Row::open(fields)
        } else {
            Row::closed(fields)
        })
    }
}
