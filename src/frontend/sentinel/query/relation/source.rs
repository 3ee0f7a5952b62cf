//! Rows that are written in the query: `datatable`, `print` and `range`.

use crate::frontend::sentinel::query::Lowerer;
use crate::frontend::sentinel::query::columns::Columns;
use crate::frontend::sentinel::query::rows::Rows;
use crate::frontend::sentinel::query::scope::Scope;
use crate::frontend::sentinel::query::value::{Constant, Kind, Lowered, Obstacle, Value};
use crate::ir::pipeline::{RowColumn, RowSource};
use crate::ir::{Literal, Pipeline, Stage as Made};
use crate::source::TextRange;
use crate::syntax::kql::ast::{DataTable, NamedExpression, Naming, Range, ScalarType};

use super::column_kind;
use super::settle::settled;

impl<'q> Lowerer<'q> {
    /// The rows of a source, of which the columns are known.
    fn rows_of(&self, source: RowSource, columns: &[(String, Kind)], range: TextRange) -> Rows {
        let mut rows = Rows::of(Vec::new(), Columns::default());
        rows.made = Some(Box::new(Pipeline::of(source)));
        self.only(&mut rows, columns, range);
        rows
    }

    /// `datatable`
    pub(in crate::frontend::sentinel::query) fn data_table(
        &self,
        table: &'q DataTable,
        scope: &Scope<'q>,
        range: TextRange,
    ) -> Lowered<Rows> {
        self.spend(table.values.len(), range)?;
        let nothing = Columns::default();
        let place = self.place(&nothing, scope, 0);
        let mut rows = Vec::new();
        for values in table.values.chunks(table.columns.len().max(1)) {
            let cells = table.columns.iter().zip(values).map(|(column, value)| {
                let at = *value.range;
                typed(place.value(value)?, column.kind, at)
            });
            rows.push(cells.collect::<Lowered<Vec<Literal>>>()?);
        }
        let columns: Vec<(String, Kind)> = table
            .columns
            .iter()
            .map(|column| (column.name.text.clone(), kind_of(column.kind)))
            .collect();
        let source = RowSource::Rows {
            columns: row_columns(&columns),
            rows,
        };
        Ok(self.rows_of(source, &columns, range))
    }

    /// `print`: one row.
    pub(in crate::frontend::sentinel::query) fn print(
        &self,
        columns: &'q [NamedExpression],
        scope: &Scope<'q>,
        calls: usize,
        range: TextRange,
    ) -> Rows {
        let source = RowSource::Rows {
            columns: Vec::new(),
            rows: vec![Vec::new()],
        };
        let mut rows = self.rows_of(source, &[], range);
        let before = rows.columns.clone();
        for (at, expression) in columns.iter().enumerate() {
            let made = self.column(&before, expression, Made::Project, scope, calls);
            let unnamed = expression.naming == Naming::Implicit && made.len() == 1;
            for mut column in made {
                if unnamed {
                    column.name = format!("print_{at}");
                }
                rows.columns.add(column);
            }
        }
        rows
    }

    /// `range`
    pub(in crate::frontend::sentinel::query) fn range(
        &self,
        steps: &'q Range,
        scope: &Scope<'q>,
        calls: usize,
        range: TextRange,
    ) -> Lowered<Rows> {
        let nothing = Columns::default();
        let place = self.place(&nothing, scope, calls);
        let value = |expression| settled(&place.value(expression), range);
        let ((from, kind), (to, _), (step, _)) =
            (value(&steps.from)?, value(&steps.to)?, value(&steps.step)?);
        let columns = [(steps.name.text.clone(), kind)];
        let source = RowSource::Range {
            column: RowColumn {
                name: steps.name.text.clone(),
                kind: column_kind(kind),
            },
            from,
            to,
            step,
        };
        Ok(self.rows_of(source, &columns, range))
    }
}

fn row_columns(columns: &[(String, Kind)]) -> Vec<RowColumn> {
    let column = |(name, kind): &(String, Kind)| RowColumn {
        name: name.clone(),
        kind: column_kind(*kind),
    };
    columns.iter().map(column).collect()
}

/// The kind of a scalar type.
pub(in crate::frontend::sentinel::query) fn kind_of(kind: ScalarType) -> Kind {
    match kind {
        ScalarType::Bool => Kind::Truth,
        ScalarType::Datetime => Kind::Moment,
        ScalarType::Dynamic => Kind::Dynamic,
        ScalarType::Guid | ScalarType::String => Kind::Text,
        ScalarType::Int | ScalarType::Long | ScalarType::Real | ScalarType::Decimal => Kind::Number,
        ScalarType::Timespan => Kind::Span,
    }
}

/// A value of a data table as its column holds it.
fn typed(value: Value, kind: ScalarType, range: TextRange) -> Lowered<Literal> {
    let Value::Constant(Constant {
        kind: found,
        literal,
    }) = value
    else {
        return Err(Obstacle::new(
            range,
            "the value is not known before the rule runs",
        ));
    };
    let refused = || Obstacle::new(range, "the value is not one of its column's type");
    Ok(match (kind, literal) {
        (ScalarType::String | ScalarType::Guid, Literal::Null) => Literal::text(""),
        (_, Literal::Null) => Literal::Null,
        #[allow(
            clippy::cast_precision_loss,
            reason = "a real number that is written as a whole one is the nearest"
        )]
        (ScalarType::Real | ScalarType::Decimal, Literal::Integer(value)) => {
            Literal::Float(value as f64)
        }
        (ScalarType::Dynamic, _)
            if matches!(
                found,
                Kind::Datetime | Kind::Timespan | Kind::Moment | Kind::Span
            ) =>
        {
            return Err(refused());
        }
        (ScalarType::Timespan, literal) if matches!(found, Kind::Timespan | Kind::Span) => literal,
        (ScalarType::Dynamic, literal) => literal,
        (_, literal) if kind_of(kind) == found => literal,
        (ScalarType::String, Literal::Text(text)) => Literal::Text(text),
        _ => return Err(refused()),
    })
}
