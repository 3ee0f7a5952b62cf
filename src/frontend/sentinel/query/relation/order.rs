//! Rows in order, the first of them, and what depends on their neighbours.

use crate::frontend::sentinel::query::Lowerer;
use crate::frontend::sentinel::query::expression::Place;
use crate::frontend::sentinel::query::rows::Rows;
use crate::frontend::sentinel::query::scope::Scope;
use crate::frontend::sentinel::query::value::{Kind, Lowered, Obstacle, Value};
use crate::ir::pipeline::{Neighbour, Numbered, RowStage, SortKey};
use crate::ir::{Condition, Literal, Term};
use crate::source::TextRange;
use crate::syntax::kql::ast::{
    Call, Direction, Expression, ExpressionKind, NamedExpression, Operator, Ordered,
};

use super::settle::{field, settled};

impl<'q> Lowerer<'q> {
    /// `sort`, `take` and `top`
    pub(super) fn order_rows(
        &self,
        rows: &mut Rows,
        operator: &'q Operator,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<()> {
        match operator {
            Operator::Sort(sort) => self.sort_rows(rows, &sort.keys, range, scope, calls),
            Operator::Take(take) => self.take_rows(rows, &take.count, range, scope, calls),
            Operator::Top(top) => {
                let key = std::slice::from_ref(&top.by);
                self.sort_rows(rows, key, range, scope, calls)?;
                self.take_rows(rows, &top.count, range, scope, calls)
            }
            _ => Ok(()),
        }
    }

    /// `sort`
    fn sort_rows(
        &self,
        rows: &mut Rows,
        keys: &'q [Ordered],
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<()> {
        self.settle(rows, range)?;
        let place = self.place(&rows.columns, scope, calls);
        let keys = keys.iter().map(|key| place.sort_key(key));
        let keys = keys.collect::<Lowered<Vec<_>>>()?;
        self.push_stage(rows, RowStage::Sort(keys), range)
    }

    /// `take`
    fn take_rows(
        &self,
        rows: &mut Rows,
        count: &'q NamedExpression,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<()> {
        self.settle(rows, range)?;
        let value = self.place(&rows.columns, scope, calls).value(&count.value);
        let (count, _) = settled(value?, range)?;
        self.push_stage(rows, RowStage::Take(count), range)
    }

    /// Writes the rows down where the stage asks for their neighbours.
    pub(super) fn settle_neighbours(&self, rows: &mut Rows, operator: &Operator) -> Lowered<()> {
        let columns = match operator {
            Operator::Extend(columns)
            | Operator::Project(columns)
            | Operator::Serialize(columns) => columns.as_slice(),
            _ => &[],
        };
        let asked = match operator {
            Operator::Where(filter) => asks_neighbours(&filter.predicate),
            _ => columns.iter().any(|column| asks_neighbours(&column.value)),
        };
        if asked && rows.made.is_some() {
            self.settle(rows, TextRange::default())?;
            // Columns are terms of the rows that get the numbers.
            rows.shape = None;
        }
        Ok(())
    }

    /// Adds the columns that were asked for in the meantime.
    pub(in crate::frontend::sentinel::query) fn push_neighbours(&self, rows: &mut Rows) {
        let numbered = self.numbered.take();
        if !numbered.is_empty()
            && let Some(made) = &mut rows.made
        {
            made.stages.push(RowStage::Number(numbered));
            rows.shape = None;
        }
    }
}

/// The functions that are about other rows.
const NEIGHBOURS: &[&str] = &["row_number", "prev", "next", "row_cumsum"];

fn asks_neighbours(expression: &Expression) -> bool {
    let mut asked = false;
    crate::frontend::sentinel::query::listing::expression(expression, &mut |part| {
        if let ExpressionKind::Call(call) = &part.kind {
            asked |= NEIGHBOURS.contains(&call.function.text.as_str());
        }
    });
    asked
}

impl<'q> Place<'_, 'q> {
    fn sort_key(&self, key: &'q Ordered) -> Lowered<SortKey> {
        let range = *key.value.range;
        let (by, _) = settled(self.value(&key.value.value)?, range)?;
        let descending = match key.direction {
            None | Some(Direction::Descending) => true,
            Some(Direction::Ascending) => false,
            Some(Direction::NaturalAscending | Direction::NaturalDescending) => {
                return Err(Obstacle::new(range, "this order has no counterpart"));
            }
        };
        Ok(SortKey {
            by,
            descending,
            nulls_first: key.nulls_first.unwrap_or(!descending),
        })
    }

    /// A value that depends on other rows; `None` where the function is none of these.
    pub(in crate::frontend::sentinel::query) fn neighbour(
        &self,
        call: &'q Call,
        range: TextRange,
    ) -> Option<Lowered<Value>> {
        let name = call.function.text.as_str();
        NEIGHBOURS
            .contains(&name)
            .then(|| self.of_neighbour(name, call, range))
    }

    fn of_neighbour(&self, name: &str, call: &'q Call, range: TextRange) -> Lowered<Value> {
        let argument = |at: usize| call.arguments.get(at).map(|argument| &argument.value);
        let integer = |at: usize, usual: i64| match argument(at) {
            None => Ok(usual),
            Some(expression) => self.value(expression)?.as_integer().ok_or_else(|| {
                Obstacle::new(range, "a whole number that is known is required here")
            }),
        };
        let restart = |at: usize| match argument(at) {
            None => Ok(Condition::FALSE),
            Some(expression) => Ok(self.truth(expression)?.holds),
        };
        let first = || {
            let expression = argument(0)
                .ok_or_else(|| Obstacle::new(range, format!("`{name}` requires an argument")))?;
            settled(self.value(expression)?, range)
        };
        let (value, kind) = match name {
            "row_number" => (
                Neighbour::Row {
                    start: integer(0, 1)?,
                    restart: restart(1)?,
                },
                Kind::Number,
            ),
            "row_cumsum" => {
                let (term, kind) = first()?;
                let restart = restart(1)?;
                (Neighbour::Sum { term, restart }, kind)
            }
            _ => {
                let (term, kind) = first()?;
                let distance = integer(1, 1)?;
                let otherwise = match argument(2) {
                    Some(expression) => settled(self.value(expression)?, range)?.0,
                    None if kind == Kind::Text => Term::text(""),
                    None => Term::Literal(Literal::Null),
                };
                let distance = if name == "prev" { -distance } else { distance };
                let value = Neighbour::At {
                    term,
                    distance,
                    otherwise,
                };
                (value, kind)
            }
        };
        let mut numbered = self.lower.numbered.borrow_mut();
        let at = self.lower.hidden.get() + 1;
        self.lower.hidden.set(at);
        let name = format!("(row {at})");
        numbered.push(Numbered {
            name: name.clone(),
            value,
        });
        Ok(field(&name, kind))
    }
}
