//! A query to what it selects, counts and shows.
//!
//! The pipeline is lowered stage by stage over [`rows::Rows`]: which events are left, what the columns of a row are as terms of
//! an event or a group, and how rows are counted. What a stage asks and the IR cannot say is left as a residue with its text,
//! and the stages behind it are lowered with the columns that are still known. Nothing is executed, and nothing is specific to
//! a rule; work is bounded by a budget.

mod aggregate;
mod asked;
mod columns;
mod combine;
mod compare;
mod expand;
mod expression;
mod finish;
mod fit;
mod fold;
mod function;
mod listing;
mod literal;
mod mention;
mod name;
mod operator;
mod parse;
mod part;
mod project;
mod relation;
mod rows;
mod scope;
mod source;
mod spelt;
mod stage;
mod summarize;
mod text;
mod time;
mod typed;
mod value;

pub use asked::asked_names;
pub(super) use finish::{Lowering, Outcome};

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use columns::Columns;
use expression::Place;
use mention::Mentioned;
use part::Reading;
use scope::{Bound, Scope};
use value::{Lowered, Obstacle};

use crate::bind;
use crate::ir::pipeline::{Gathered, Given, Numbered};
use crate::ir::{Literal, Origin, Term};
use crate::schema::Crosswalk;
use crate::schema::kusto::Schemas;
use crate::source::{Embedded, TextRange};
use crate::syntax::kql::ast::{
    Call, Expression, Let, LetValue, Pipeline, Query, Statement, StatementKind,
};

/// How many nodes may be built for one query.
const BUDGET: usize = 200_000;

/// Whether an expression without a value stands for rows: a name that is no variable, or a function of the query's own.
fn names_a_table(expression: &Expression, scope: &Scope<'_>) -> bool {
    let function = |call: &Call| {
        matches!(
            scope.find(&call.function.text),
            Some((Bound::Function(_), _))
        )
    };
    expression.as_name().is_some() || expression.as_call().is_some_and(function)
}

/// What a query is lowered with.
pub(super) struct Lowerer<'q> {
    query: &'q Query,
    text: &'q str,
    embedded: &'q Embedded,
    crosswalk: &'q Crosswalk,
    /// How its tables are read.
    reading: &'q Reading,
    /// How far the rule looks back, where it has a schedule.
    period: Option<Duration>,
    /// The names that the query uses as dynamic values.
    dynamic: Rc<BTreeSet<String>>,
    /// Texts outside of the query that refer to its columns.
    references: &'q [&'q str],
    /// The names that can be spoken of, once rows are written down.
    mentioned: OnceCell<Mentioned<'q>>,
    budget: Cell<usize>,
    /// Whether stages that need the rows themselves become stages of a pipeline.
    relational: bool,
    /// What is computed once before the rows are.
    given: RefCell<Vec<Given>>,
    /// The columns that unions split by type, once there is one.
    splits: OnceCell<Vec<bind::Split>>,
    /// What the current stage gathers of groups of rows.
    gathered: RefCell<Vec<Gathered>>,
    /// What the current stage asks of the rows before and behind.
    numbered: RefCell<Vec<Numbered>>,
    /// How many columns were made that the query does not name.
    hidden: Cell<usize>,
    /// Columns of a known table that the crosswalk does not have.
    unmapped: RefCell<Vec<(String, TextRange)>>,
    /// Literals that were converted to the type of what they are compared with.
    converted: RefCell<Vec<(Literal, TextRange)>>,
    /// Terms of which only the values that are there are counted.
    present: RefCell<Vec<Term>>,
}

/// Lowers a query that was parsed without errors. `period` is the time that a run of the rule looks back, `references` are the
/// texts that name columns of the result.
///
/// What a selection, a count and outputs leave of the query is lowered again as a pipeline; where that says all of it, nothing
/// is left.
pub(super) fn lower(
    query: &Query,
    text: &str,
    embedded: &Embedded,
    period: Option<Duration>,
    references: &[&str],
    crosswalk: &Crosswalk,
) -> Lowering {
    let on = |reading: &Reading| {
        lower_on(
            query, text, embedded, period, references, crosswalk, reading,
        )
    };
    let lowering = on(&Reading::default());
    let reading = Reading::of(&lowering, text, crosswalk);
    if reading.is_plain() {
        return lowering;
    }
    on(&reading)
}

/// The same with tables that are read so.
fn lower_on(
    query: &Query,
    text: &str,
    embedded: &Embedded,
    period: Option<Duration>,
    references: &[&str],
    crosswalk: &Crosswalk,
    reading: &Reading,
) -> Lowering {
    let dynamic = Rc::new(source::dynamic_names(query));
    let lowerer = |relational| Lowerer {
        query,
        text,
        embedded,
        crosswalk,
        reading,
        period,
        dynamic: Rc::clone(&dynamic),
        references,
        mentioned: OnceCell::new(),
        budget: Cell::new(BUDGET),
        relational,
        given: RefCell::default(),
        splits: OnceCell::new(),
        gathered: RefCell::default(),
        numbered: RefCell::default(),
        hidden: Cell::new(0),
        unmapped: RefCell::new(Vec::new()),
        converted: RefCell::default(),
        present: RefCell::new(Vec::new()),
    };
    let plain = lowerer(false);
    let mut lowering = plain.finish(plain.result(query));
    let known = |statement: &Statement| {
        matches!(
            statement.kind,
            StatementKind::Let(_)
                | StatementKind::Expression(_)
                | StatementKind::Declare(_)
                | StatementKind::Set(_)
        )
    };
    if !lowering.residue.is_empty() && query.statements.iter().all(known) {
        let relational = lowerer(true);
        match relational.whole(relational.result(query)) {
            Ok(whole) => lowering.become_pipeline(whole),
            Err(rows) => lowering.narrow(relational.finish(*rows)),
        }
    }
    lowering.diagnostics.append(&mut lowering.unsaid);
    lowering.listing = plain.listing(query);
    lowering
}

impl<'q> Lowerer<'q> {
    /// The rows of the query.
    fn result(&self, query: &'q Query) -> rows::Rows {
        let (scope, result) = self.statements(query);
        match result {
            Some(pipeline) => self.pipeline(pipeline, &scope, 0),
            None => rows::Rows::lost(Obstacle::new(
                TextRange::default(),
                "the query has no result",
            )),
        }
    }

    /// The names that the statements define, and the query behind them.
    fn statements(&self, query: &'q Query) -> (Scope<'q>, Option<&'q Pipeline>) {
        let mut scope = Scope::default();
        let mut result = None;
        for statement in &query.statements {
            match &statement.kind {
                StatementKind::Let(defined) => scope = self.defined(defined, &scope, 0),
                StatementKind::Expression(pipeline) => result = Some(pipeline),
                StatementKind::Declare(parameters) => {
                    for parameter in parameters {
                        if let Some(default) = &parameter.default {
                            let columns = Columns::default();
                            let value = self.place(&columns, &scope, 0).value(default);
                            scope = scope.with(&parameter.name.text, Bound::Value(value));
                        }
                    }
                }
                StatementKind::Set(_)
                | StatementKind::Pattern(_)
                | StatementKind::Alias(_)
                | StatementKind::Restrict(_)
                | StatementKind::Invalid(_) => {}
            }
        }
        (scope, result)
    }

    /// The scope with the name that a `let` defines.
    fn defined(&self, defined: &'q Let, scope: &Scope<'q>, calls: usize) -> Scope<'q> {
        let bound = match &defined.value {
            LetValue::Expression(expression) if source::is_table(expression) => {
                Bound::Table(expression)
            }
            LetValue::Expression(expression) => {
                let columns = Columns::default();
                match self.place(&columns, scope, calls).value(expression) {
                    Err(_) if names_a_table(expression, scope) => Bound::Table(expression),
                    value => Bound::Value(value),
                }
            }
            LetValue::Pipeline(pipeline) => Bound::Pipeline(pipeline),
            LetValue::Function(function) => Bound::Function(function),
            LetValue::EntityGroup(_) => return scope.clone(),
        };
        scope.with(&defined.name.text, bound)
    }

    fn place<'a>(
        &'a self,
        columns: &'a Columns,
        scope: &'a Scope<'q>,
        calls: usize,
    ) -> Place<'a, 'q> {
        Place {
            lower: self,
            columns,
            scope,
            aggregates: false,
            calls,
        }
    }

    /// The columns that the union with this first table splits by type.
    fn splits(&self, first: TextRange) -> impl Iterator<Item = &bind::Split> {
        let splits = || bind::splits(self.query, Schemas::builtin());
        let splits = self.splits.get_or_init(splits).iter();
        splits.filter(move |split| split.range == first)
    }

    /// The names that can be spoken of.
    fn mentioned(&self) -> &Mentioned<'q> {
        let find = || Mentioned::of(self.text, self.references);
        self.mentioned.get_or_init(find)
    }

    /// Takes nodes from the budget.
    fn spend(&self, nodes: usize, range: TextRange) -> Lowered<()> {
        if let Some(left) = self.budget.get().checked_sub(nodes) {
            self.budget.set(left);
            Ok(())
        } else {
            self.budget.set(0);
            Err(Obstacle::new(
                range,
                "the query expands to too large a condition",
            ))
        }
    }

    /// Remembers a column that the crosswalk does not have.
    fn unmapped(&self, name: &str, range: TextRange) {
        let mut unmapped = self.unmapped.borrow_mut();
        if !unmapped.iter().any(|(known, _)| known == name) {
            unmapped.push((name.to_owned(), range));
        }
    }

    /// The place in the file of a part of the query.
    fn origin(&self, range: TextRange) -> Origin {
        self.embedded.span(range).into()
    }

    /// A part of the query as it is written.
    fn slice(&self, range: TextRange) -> &'q str {
        self.text.get(range.indices()).unwrap_or("").trim()
    }
}
