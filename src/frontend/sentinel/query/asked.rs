//! The names that a query's filters ask for: columns, as far as they are no variables.

use std::collections::BTreeSet;

use super::listing::expression;
use crate::syntax::kql;
use crate::syntax::kql::ast::{
    Expression, ExpressionKind, LetValue, Operator, Pipeline, Source, StatementKind,
};

/// The names in the filters of a query, those of the queries within it included; nothing of one that is not well-formed.
pub fn asked_names(query: &str) -> BTreeSet<String> {
    let parsed = kql::parse(query);
    let mut names = BTreeSet::new();
    for statement in &parsed.query.statements {
        match &statement.kind {
            StatementKind::Expression(rows) => of_rows(rows, &mut names),
            StatementKind::Let(defined) => match &defined.value {
                LetValue::Expression(value) => of_source(value, &mut names),
                LetValue::Pipeline(rows) => of_rows(rows, &mut names),
                LetValue::Function(function) => {
                    if let Some(rows) = &function.result {
                        of_rows(rows, &mut names);
                    }
                }
                LetValue::EntityGroup(_) => {}
            },
            _ => {}
        }
    }
    names
}

fn of_rows(rows: &Pipeline, names: &mut BTreeSet<String>) {
    if let Source::Expression(source) = &rows.source {
        of_source(source, names);
    }
    for stage in &rows.stages {
        match &stage.kind {
            Operator::Where(filter) => expression(&filter.predicate, &mut |part| {
                names.extend(part.as_name().map(str::to_owned));
            }),
            Operator::Join(join) | Operator::Lookup(join) => of_source(&join.right, names),
            Operator::Union(union) => {
                for table in &union.tables {
                    of_source(table, names);
                }
            }
            _ => {}
        }
    }
}

fn of_source(source: &Expression, names: &mut BTreeSet<String>) {
    match &source.kind {
        ExpressionKind::Pipeline(rows) => of_rows(rows, names),
        ExpressionKind::Wrapped(wrapped) => of_rows(&wrapped.pipeline, names),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::asked_names;

    #[test]
    fn filters_ask_for_columns() {
        let query = "let t = AuditLogs | where a == 1; t | where b.c has 'x' | join (T | where d > e) on f | project g";
        let names: Vec<String> = asked_names(query).into_iter().collect();
        assert_eq!(names, ["a", "b", "d", "e"]);
    }
}
