//! `search` and `find`: a condition over the columns of several tables.

use super::super::Binder;
use super::super::builder::Builder;
use super::super::row::{Field, Row};
use super::super::scope::Scope;
use super::super::types::Type;
use super::super::value::Value;
use super::parameter_name;
use super::union::any_table;
use crate::syntax::kql::ast::{
    Expression, ExpressionKind, Find, FindColumn, FindOutput, Search,
};

impl<'a> Binder<'a> {
    pub(super) fn search(
        &mut self,
        search: &'a Search,
        input: Option<&Row<'a>>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let row = self.searched(&search.tables, input, scope);
        self.predicate(&search.predicate, &row, scope);
        let mut builder = Builder::default();
        builder.add("$table", Type::STRING);
        for field in row.fields() {
            builder.add(field.name, field.kind);
        }
        Value::Table(Row::like(builder.finish(), &row))
    }

    /// The columns of all tables that are searched; without tables it may be any.
    fn searched(
        &mut self,
        tables: &'a [Expression],
        input: Option<&Row<'a>>,
        scope: &Scope<'a>,
    ) -> Row<'a> {
        let mut rows: Vec<Row<'a>> = input.cloned().into_iter().collect();
        for table in tables {
            self.tables_of(table, scope, &mut rows);
        }
        if let [row] = rows.as_slice() {
            return row.clone();
        }
        if rows.is_empty() {
            return any_table();
        }
        let fields = self.united(&rows, false);
        if rows.iter().any(Row::is_open) {
            Row::open(fields)
        } else {
            Row::closed(fields)
        }
    }

    /// A condition, or a text that stands for one.
    fn predicate(&mut self, predicate: &'a Expression, row: &Row<'a>, scope: &Scope<'a>) {
        match &predicate.kind {
            ExpressionKind::Literal(_) | ExpressionKind::Star => {}
            ExpressionKind::Logical(logical) => {
                for operand in &logical.operands {
                    self.predicate(operand, row, scope);
                }
            }
            ExpressionKind::Call(call) if call.function.text == "not" => {
                for argument in &call.arguments {
                    self.predicate(&argument.value, row, scope);
                }
            }
            _ => self.condition(predicate, &self.inside(row, scope)),
        }
    }

    pub(super) fn find(
        &mut self,
        find: &'a Find,
        input: Option<&Row<'a>>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let row = self.searched(&find.tables, input, scope);
        self.predicate(&find.predicate, &row, scope);
        let source = parameter_name(&find.parameters, "withsource").unwrap_or("source_");
        let mut builder = Builder::default();
        builder.add(source, Type::STRING);
        match &find.output {
            FindOutput::Implicit | FindOutput::Smart => {
                for field in row.fields() {
                    builder.add(field.name, field.kind);
                }
                Value::Table(Row::like(builder.finish(), &row))
            }
            FindOutput::Columns(columns) => {
                let place = self.inside(&row, scope);
                for column in columns {
                    match column {
                        FindColumn::Column(name, kind) => {
                            let known = row.get(&name.text);
                            let kind = match kind {
                                Some(kind) => Type::from(*kind),
                                None if known.is_some() => known.unwrap_or(Type::Unknown),
                                None => self.column(&name.text, name.range.0, &place),
                            };
                            builder.add(name.text.as_str(), kind);
                        }
                        FindColumn::Pack => builder.add("pack_", Type::Bag),
                        FindColumn::Star => {
                            for Field { name, kind } in row.fields() {
                                builder.set(name, kind);
                            }
                        }
                    }
                }
                Value::Table(Row::made(builder.finish(), &row))
            }
        }
    }
}
