//! The binder: a query's tree and the schemas to the columns of its result, the types of its expressions, and what is wrong
//! with its names and types.
//!
//! [`bind`] follows the columns through every stage, as Kusto's own language service does, and names results as it does. A table
//! or saved function that is not known is an open source: it can have any column, and is never a mistake by itself. What is
//! derived from it has no known type and is not complained about. The binder never fails: where a query is too large for its
//! budget, the rest is taken for open and nothing more is said.
//!
//! ```
//! use rulec::bind::bind;
//! use rulec::schema::kusto::Schemas;
//! use rulec::syntax::kql;
//!
//! let parsed = kql::parse("SigninLogs | summarize count(), make_set(IPAddress) by UserPrincipalName, bin(TimeGenerated, 1h)");
//! let bound = bind(&parsed.query, Schemas::builtin());
//! let names: Vec<_> = bound.columns.iter().map(|column| column.name.as_str()).collect();
//! assert_eq!(names, ["UserPrincipalName", "TimeGenerated", "count_", "set_IPAddress"]);
//! assert!(bound.problems.is_empty() && !bound.open);
//! ```

mod arguments;
mod builder;
mod call;
mod check;
mod closure;
mod expression;
mod form;
mod name;
mod naming;
mod operator;
mod problem;
mod row;
mod scope;
mod stage;
mod statement;
pub(crate) mod suggest;
mod types;
mod value;

pub use problem::Problem;
pub use types::Type;

use crate::diagnostic::{Code, Severity};
use crate::schema::kusto::Schemas;
use crate::source::TextRange;
use crate::syntax::kql::ast::Query;
use row::Row;
use value::Value;

/// How much may be done for one query, in names looked at.
const BUDGET: usize = 1_000_000;

/// How deep expressions, subqueries and calls of the query's own functions may be nested.
const DEPTH: usize = 160;

/// A column of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name.
    pub name: String,
    /// The type.
    pub kind: Type,
}

/// What is known of a query.
#[derive(Clone, Debug, Default)]
pub struct Bound {
    /// The columns of the result, in order; empty where it is no table.
    pub columns: Vec<Column>,
    /// Whether the result can have further columns, because it comes from a source that is not known.
    pub open: bool,
    /// Whether the result is a table.
    pub table: bool,
    /// What is wrong, in the order of the text.
    pub problems: Vec<Problem>,
    /// The types of expressions, by range.
    types: Vec<(TextRange, Type)>,
}

/// A column that has several types in the tables of a union, so that each type becomes a column of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Where the first table of the union that is written stands.
    pub range: TextRange,
    /// The column.
    pub name: String,
    /// Its type in each table, the rows before the union first; nothing where a table lacks it.
    pub kinds: Vec<Option<Type>>,
}

impl Bound {
    /// The type of the expression at exactly this range; [`Type::Unknown`] where there is none.
    pub fn kind(&self, range: TextRange) -> Type {
        let at = self.types.binary_search_by_key(&range, |(known, _)| *known);
        at.ok()
            .and_then(|at| self.types.get(at))
            .map_or(Type::Unknown, |(_, kind)| *kind)
    }

    /// The column with this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether the result has, or can have, a column with this name.
    pub fn may_have(&self, name: &str) -> bool {
        !self.table || self.open || self.column(name).is_some()
    }

    /// The column whose name is nearest to one that does not exist.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        suggest::nearest(name, self.columns.iter().map(|column| column.name.as_str()))
    }
}

/// Resolves the names and types of a query.
pub fn bind(query: &Query, schemas: &Schemas) -> Bound {
    let mut binder = Binder::new(schemas);
    let result = binder.query(query);
    binder.finish(&result)
}

/// The columns that the query's unions split by type, and nothing else.
pub fn splits(query: &Query, schemas: &Schemas) -> Vec<Split> {
    let mut binder = Binder::new(schemas);
    binder.splits = Some(Vec::new());
    binder.quietly(|binder| binder.query(query));
    binder.splits.unwrap_or_default()
}

/// What a query is bound with.
pub(crate) struct Binder<'a> {
    schemas: &'a Schemas,
    problems: Vec<Problem>,
    types: Vec<(TextRange, Type)>,
    /// What unions split, where that is asked for.
    splits: Option<Vec<Split>>,
    /// Above zero nothing is reported or recorded: the body of a function is bound again for each call.
    quiet: usize,
    depth: usize,
    budget: usize,
}

impl<'a> Binder<'a> {
    fn new(schemas: &'a Schemas) -> Self {
        Self {
            schemas,
            problems: Vec::new(),
            types: Vec::new(),
            splits: None,
            quiet: 0,
            depth: 0,
            budget: BUDGET,
        }
    }

    fn finish(mut self, result: &Value<'a>) -> Bound {
        self.types.sort_by_key(|(range, _)| *range);
        self.types.dedup_by_key(|(range, _)| *range);
        self.problems
            .sort_by_key(|problem| (problem.range, problem.code));
        self.problems.dedup();
        let mut bound = Bound {
            problems: self.problems,
            types: self.types,
            ..Bound::default()
        };
        if let Value::Table(row) = result {
            bound.table = true;
            bound.open = row.is_open();
            bound.columns = row
                .fields()
                .into_iter()
                .map(|field| Column {
                    name: field.name.into_owned(),
                    kind: field.kind,
                })
                .collect();
        }
        bound
    }

    /// Reports an error.
    fn error(&mut self, code: Code, range: TextRange, message: impl Into<String>) {
        self.report(Problem::new(code, Severity::Error, range, message));
    }

    fn report(&mut self, problem: Problem) {
        if self.quiet == 0 && self.budget > 0 {
            self.problems.push(problem);
        }
    }

    /// Notes the type of an expression.
    fn record(&mut self, range: TextRange, kind: Type) {
        if self.quiet == 0 {
            self.types.push((range, kind));
        }
    }

    /// Takes work from the budget; once it is used up nothing is known any more.
    fn spend(&mut self, work: usize) -> bool {
        self.budget = self.budget.saturating_sub(work);
        self.budget > 0
    }

    /// Does something one level deeper, or nothing where that is too deep.
    fn nested<T>(&mut self, otherwise: T, work: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= DEPTH || !self.spend(1) {
            return otherwise;
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    /// Does something without reporting.
    fn quietly<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        self.quiet += 1;
        let result = work(self);
        self.quiet -= 1;
        result
    }

    fn unknown_table() -> Value<'a> {
        Value::Table(Row::open(Vec::new()))
    }
}
