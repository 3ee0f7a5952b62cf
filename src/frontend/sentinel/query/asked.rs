//! The names that a query's filters ask for: columns, as far as they are no variables.

use std::collections::{BTreeMap, BTreeSet};

use super::listing::expression;
use crate::syntax::kql;
use crate::syntax::kql::ast::{
    Expression, ExpressionKind, LetValue, NamedExpression, Naming, Operator, PatternPart, Pipeline,
    Source, Stage, StatementKind, Union,
};

/// The names in the filters of a query that a table has to have, those of the queries within it included, each with the tables
/// and saved functions whose rows are asked: none that a stage before has made, and none of rows that are written in the query
/// or a file; nothing of a query that is not well-formed.
pub fn asked_names(query: &str) -> BTreeMap<String, BTreeSet<String>> {
    let parsed = kql::parse(query);
    let mut asked = Asked::default();
    for statement in &parsed.query.statements {
        match &statement.kind {
            StatementKind::Expression(rows) => {
                asked.of_rows(rows);
            }
            StatementKind::Let(defined) => {
                let made = match &defined.value {
                    LetValue::Expression(value) => asked.of_source(value),
                    LetValue::Pipeline(rows) => asked.of_rows(rows),
                    LetValue::Function(function) => match &function.result {
                        Some(rows) => asked.of_rows(rows),
                        None => Made::default(),
                    },
                    LetValue::EntityGroup(_) => continue,
                };
                asked.defined.insert(defined.name.text.clone(), made);
            }
            _ => {}
        }
    }
    asked.names
}

/// The columns of rows that are not the table's own.
#[derive(Clone, Debug, Default)]
struct Made {
    names: BTreeSet<String>,
    /// The tables that the rows are of; none where there is no table at all.
    tables: BTreeSet<String>,
}

impl Made {
    fn of_table(name: &str) -> Self {
        Self {
            names: BTreeSet::new(),
            tables: BTreeSet::from([name.to_owned()]),
        }
    }

    /// What is so of the rows of both.
    fn and(self, mut other: Self) -> Self {
        if self.tables.is_empty() || other.tables.is_empty() {
            return if self.tables.is_empty() { other } else { self };
        }
        other.names.retain(|name| self.names.contains(name));
        other.tables.extend(self.tables);
        other
    }

    fn named(&mut self, columns: &[NamedExpression]) {
        for column in columns {
            match &column.naming {
                // `a = a` is the column itself.
                Naming::Name(name) if column.value.as_name() == Some(&name.text) => {}
                Naming::Name(name) => {
                    self.names.insert(name.text.clone());
                }
                Naming::Names(names) => {
                    self.names
                        .extend(names.iter().map(|name| name.text.clone()));
                }
                Naming::Implicit => {}
            }
        }
    }
}

/// What was found so far.
#[derive(Default)]
struct Asked {
    names: BTreeMap<String, BTreeSet<String>>,
    /// The query's own tables.
    defined: BTreeMap<String, Made>,
}

impl Asked {
    fn of_rows(&mut self, rows: &Pipeline) -> Made {
        let mut made = match &rows.source {
            Source::Expression(source) => self.of_source(source),
            Source::Operator(stage) => match &stage.kind {
                Operator::Union(union) => self.of_union(None, union),
                _ => Made::default(),
            },
            Source::Input => Made::default(),
        };
        for stage in &rows.stages {
            self.of_stage(stage, &mut made);
        }
        made
    }

    fn of_stage(&mut self, stage: &Stage, made: &mut Made) {
        match &stage.kind {
            Operator::Where(filter) => {
                let names = &mut self.names;
                expression(&filter.predicate, &mut |part| {
                    let name = part.as_name().filter(|name| !made.names.contains(*name));
                    if let Some(name) = name.filter(|_| !made.tables.is_empty()) {
                        let tables = names.entry(name.to_owned()).or_default();
                        tables.extend(made.tables.iter().cloned());
                    }
                });
            }
            Operator::Join(join) | Operator::Lookup(join) => {
                self.of_source(&join.right);
            }
            Operator::Union(union) => *made = self.of_union(Some(made.clone()), union),
            Operator::Extend(columns)
            | Operator::Project(columns)
            | Operator::ProjectRename(columns)
            | Operator::Serialize(columns) => made.named(columns),
            Operator::Summarize(summary) => {
                made.named(&summary.aggregates);
                made.named(&summary.by);
            }
            Operator::Parse(pattern) | Operator::ParseWhere(pattern) => {
                for part in &pattern.pattern {
                    if let PatternPart::Column(name, _) = part {
                        made.names.insert(name.text.clone());
                    }
                }
            }
            _ => {}
        }
    }

    fn of_union(&mut self, first: Option<Made>, union: &Union) -> Made {
        let mut made = first;
        for table in &union.tables {
            let other = self.of_source(table);
            made = Some(match made {
                Some(made) => made.and(other),
                None => other,
            });
        }
        made.unwrap_or_default()
    }

    fn of_name(&self, name: &str) -> Made {
        let defined = self.defined.get(name).cloned();
        defined.unwrap_or_else(|| Made::of_table(name))
    }

    fn of_source(&mut self, source: &Expression) -> Made {
        match &source.kind {
            ExpressionKind::Pipeline(rows) => self.of_rows(rows),
            ExpressionKind::Wrapped(wrapped) => self.of_rows(&wrapped.pipeline),
            ExpressionKind::Name(name) => self.of_name(name),
            ExpressionKind::Call(call) => self.of_name(&call.function.text),
            _ => Made::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::asked_names;

    #[test]
    fn filters_ask_for_columns() {
        let query = "let t = AuditLogs | where a == 1; t | where b.c has 'x' | join (T | where d > e) on f | project g";
        let names: Vec<String> = asked_names(query).into_keys().collect();
        assert_eq!(names, ["a", "b", "d", "e"]);
    }

    #[test]
    fn what_the_query_makes_is_no_column_of_a_table() {
        let query = r#"let file = externaldata(Word:string)[@"https://example.org/list"]; let own = T | extend f = tostring(g);
            let listed = file | where Word == "process"; own | where f == h | parse i with 'x' j 'y' | where j == k
            | union (U | extend f = '') | where f == j"#;
        let names: Vec<String> = asked_names(query).into_keys().collect();
        assert_eq!(names, ["h", "j", "k"]);
        let asked = asked_names(query);
        assert_eq!(asked["h"], ["T".to_owned()].into());
        assert_eq!(asked["j"], ["T".to_owned(), "U".to_owned()].into());
    }
}
