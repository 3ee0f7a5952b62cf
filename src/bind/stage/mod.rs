//! The stages of a pipeline: the columns that go in, to those that come out.

mod branch;
mod expand;
mod join;
mod parse;
mod plugin;
mod project;
mod row;
mod scan;
mod search;
mod series;
mod summarize;
mod union;

pub(super) use project::around;

use super::Binder;
use super::expression::Place;
use super::row::{Field, Row};
use super::scope::Scope;
use super::types::Type;
use super::value::Value;
use crate::syntax::kql::ast::{Expression, NamedExpression, Operator, OperatorParameter, Stage};

impl<'a> Binder<'a> {
    /// What a stage makes of its input; `None` stands for a stage that a pipeline begins with.
    pub(super) fn stage(
        &mut self,
        stage: &'a Stage,
        input: Option<&Row<'a>>,
        scope: &mut Scope<'a>,
    ) -> Value<'a> {
        let nothing = Row::default();
        let row = input.unwrap_or(&nothing);
        if !self.spend(1 + row.len() / 8) {
            return Self::unknown_table();
        }
        match &stage.kind {
            Operator::Where(filter) => {
                let range = match &filter.name {
                    Some(name) => name.range.cover(filter.predicate.range.0),
                    None => filter.predicate.range.0,
                };
                self.condition_at(&filter.predicate, range, &Place::inside(row, scope));
                Value::Table(row.clone())
            }
            Operator::Extend(items) | Operator::Serialize(items) => self.extend(items, row, scope),
            Operator::Project(items) => self.project(items, row, scope),
            Operator::ProjectAway(patterns) => self.project_away(patterns, row),
            Operator::ProjectKeep(patterns) => self.project_keep(patterns, row),
            Operator::ProjectRename(items) => self.project_rename(items, row, scope),
            Operator::ProjectReorder(items) => self.project_reorder(items, row),
            Operator::ProjectByNames(items) => self.project_by_names(items, row, scope),
            Operator::Summarize(summarize) => self.summarize(summarize, row, scope),
            Operator::Distinct(distinct) => self.distinct(distinct, row, scope),
            Operator::Sort(sort) => self.sort(&sort.keys, row, scope),
            Operator::Top(top) => {
                self.count(&top.count, scope);
                self.sort(std::slice::from_ref(&top.by), row, scope)
            }
            Operator::TopNested(levels) => self.top_nested(levels, row, scope),
            Operator::TopHitters(hitters) => self.top_hitters(hitters, row, scope),
            Operator::Take(take) | Operator::Sample(take) => {
                self.count(&take.count, scope);
                Value::Table(row.clone())
            }
            Operator::SampleDistinct(sample) => self.sample_distinct(sample, row, scope),
            Operator::Join(join) => self.join(join, row, scope, false),
            Operator::Lookup(join) => self.join(join, row, scope, true),
            Operator::Union(union) => self.union(union, input, scope),
            Operator::MvExpand(expand) => self.mv_expand(expand, row, scope),
            Operator::MvApply(apply) => self.mv_apply(apply, row, scope),
            Operator::Parse(parse) | Operator::ParseWhere(parse) => self.parse(parse, row, scope),
            Operator::ParseKv(parse) => self.parse_kv(parse, row, scope),
            Operator::Evaluate(evaluate) => self.evaluate(evaluate, input, scope),
            Operator::MakeSeries(series) => self.make_series(series, row, scope),
            Operator::Search(search) => self.search(search, input, scope),
            Operator::Find(find) => self.find(find, input, scope),
            Operator::Count(name) => {
                let name = name.as_ref().map_or("Count", |name| name.text.as_str());
                table(vec![Field::new(name, Type::LONG)])
            }
            Operator::As(named) => {
                *scope = scope.with(named.name.text.as_str(), Value::Table(row.clone()));
                Value::Table(row.clone())
            }
            Operator::GetSchema => table(schema_columns()),
            Operator::Print(items) => self.print(items, scope),
            Operator::Range(range) => self.range(range, scope),
            Operator::Invoke(function) => self.invoke(function, row, scope),
            Operator::Partition(partition) => self.partition(partition, row, scope),
            Operator::Scan(scan) => self.scan(scan, row, scope),
            Operator::Fork(branches) => self.fork(branches, row, scope),
            Operator::Facet(facet) => self.facet(facet, row, scope),
            Operator::Reduce(reduce) => self.reduce(reduce, row, scope),
            Operator::Render(_) | Operator::AssertSchema(_) => Value::Table(row.clone()),
            Operator::Consume(_) => Value::NoTable,
            Operator::MacroExpand(_) | Operator::Text(_) | Operator::Invalid(_) => {
                Self::unknown_table()
            }
        }
    }

    /// A number of rows.
    fn count(&mut self, count: &'a NamedExpression, scope: &Scope<'a>) {
        use crate::diagnostic::Code;
        use crate::syntax::kql::ast::ScalarType;
        let kind = self.scalar(&count.value, &Place::outside(scope)).kind();
        if !kind.may_be(&[ScalarType::Int, ScalarType::Long]) {
            let message = format!("a whole number is required here, not {}", kind.name());
            self.error(Code::KqlType, count.value.range.0, message);
        }
    }
}

/// A table of exactly these columns.
fn table(fields: Vec<Field<'_>>) -> Value<'_> {
    Value::Table(Row::closed(fields))
}

fn schema_columns<'a>() -> Vec<Field<'a>> {
    vec![
        Field::new("ColumnName", Type::STRING),
        Field::new("ColumnOrdinal", Type::LONG),
        Field::new("DataType", Type::STRING),
        Field::new("ColumnType", Type::STRING),
    ]
}

/// The value of an operator's parameter.
fn parameter<'p>(parameters: &'p [OperatorParameter], name: &str) -> Option<&'p Expression> {
    parameters
        .iter()
        .find(|parameter| parameter.name.text == name)
        .and_then(|parameter| parameter.values.first())
}

/// The name that an operator's parameter gives to a column.
fn parameter_name<'p>(parameters: &'p [OperatorParameter], name: &str) -> Option<&'p str> {
    let value = parameter(parameters, name)?;
    value.as_name().or_else(|| value.as_string())
}
