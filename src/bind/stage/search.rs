//! `search` and `find`: a condition over the columns of several tables.

use super::super::Binder;
use super::super::builder::Builder;
use super::super::expression::Place;
use super::super::row::{Field, Row};
use super::super::scope::Scope;
use super::super::types::Type;
use super::super::value::Value;
use super::parameter_name;
use super::union::any_table;
use crate::syntax::kql::ast::{Expression, ExpressionKind, Find, FindColumn, FindOutput, Search};

impl<'a> Binder<'a> {
    pub(super) fn search(
        &mut self,
        search: &'a Search,
        input: Option<&Row<'a>>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let rows = self.searched_tables(&search.tables, input, scope);
        let row = self.all_of(&rows);
        self.predicate(&search.predicate, &row, scope);
        let mut builder = Builder::default();
        builder.add("$table", Type::STRING);
        for field in row.fields() {
            builder.add(field.name, field.kind);
        }
        Value::Table(Row::like(builder.finish(), &row))
    }

    /// The tables that are searched.
    fn searched_tables(
        &mut self,
        tables: &'a [Expression],
        input: Option<&Row<'a>>,
        scope: &Scope<'a>,
    ) -> Vec<Row<'a>> {
        let mut rows: Vec<Row<'a>> = input.cloned().into_iter().collect();
        for table in tables {
            self.tables_of(table, scope, &mut rows);
        }
        rows
    }

    /// The columns of all tables that are searched; without tables it may be any.
    fn all_of(&mut self, rows: &[Row<'a>]) -> Row<'a> {
        if let [row] = rows {
            return row.clone();
        }
        if rows.is_empty() {
            return any_table();
        }
        let fields = self.united(rows, false).fields;
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
            _ => self.condition(predicate, &Place::inside(row, scope)),
        }
    }

    pub(super) fn find(
        &mut self,
        find: &'a Find,
        input: Option<&Row<'a>>,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let rows = self.searched_tables(&find.tables, input, scope);
        let row = self.all_of(&rows);
        self.predicate(&find.predicate, &row, scope);
        let source = parameter_name(&find.parameters, "withsource").unwrap_or("source_");
        let mut builder = Builder::default();
        builder.add(source, Type::STRING);
        match &find.output {
            FindOutput::Implicit | FindOutput::Smart => {
                let mut named = Vec::new();
                names_in(&find.predicate, &mut named);
                for field in found_columns(&rows, &row, &named) {
                    builder.add(field.name, field.kind);
                }
                Value::Table(Row::like(builder.finish(), &row))
            }
            FindOutput::Columns(columns) => {
                let place = Place::inside(&row, scope);
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

/// The columns that `find` returns by itself: of one table all, of several those that all have or the condition names, and
/// the others packed. A table without a column that the condition names has nothing to return.
fn found_columns<'a>(rows: &[Row<'a>], all: &Row<'a>, named: &[&str]) -> Vec<Field<'a>> {
    let known = |row: &Row<'a>, name: &str| row.get(name).is_some();
    let has_all = |row: &&Row<'a>| {
        let mut named = named.iter().filter(|name| known(all, name));
        named.all(|name| known(row, name))
    };
    let kept: Vec<&Row<'a>> = rows.iter().filter(has_all).collect();
    let kept = if kept.is_empty() {
        rows.iter().collect()
    } else {
        kept
    };
    let [first, others @ ..] = kept.as_slice() else {
        return all.fields();
    };
    let mut fields = first.fields();
    if others.is_empty() {
        return fields;
    }
    let before = fields.len();
    fields.retain(|field| {
        let common = others
            .iter()
            .all(|row| row.get(&field.name) == Some(field.kind));
        common || named.contains(&field.name.as_ref())
    });
    if fields.len() < before || others.iter().any(|row| row.len() > fields.len()) {
        fields.push(Field::new("pack_", Type::Bag));
    }
    fields
}

/// The names in a condition.
fn names_in<'e>(expression: &'e Expression, names: &mut Vec<&'e str>) {
    match &expression.kind {
        ExpressionKind::Name(name) => names.push(name),
        ExpressionKind::Path(path) => names_in(&path.root, names),
        ExpressionKind::Binary(binary) => {
            names_in(&binary.left, names);
            names_in(&binary.right, names);
        }
        ExpressionKind::Logical(logical) => {
            for operand in &logical.operands {
                names_in(operand, names);
            }
        }
        ExpressionKind::Membership(membership) => names_in(&membership.subject, names),
        ExpressionKind::Between(between) => names_in(&between.subject, names),
        ExpressionKind::Call(call) => {
            for argument in &call.arguments {
                names_in(&argument.value, names);
            }
        }
        _ => {}
    }
}
