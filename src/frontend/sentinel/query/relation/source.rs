//! Rows that are written in the query: `datatable`, `print` and `range`.

use crate::frontend::sentinel::FORMAT;
use crate::frontend::sentinel::query::Lowerer;
use crate::frontend::sentinel::query::columns::{Column, Columns, truth_column};
use crate::frontend::sentinel::query::rows::Rows;
use crate::frontend::sentinel::query::scope::Scope;
use crate::frontend::sentinel::query::value::{Constant, Kind, Lowered, Obstacle, Scalar, Value};
use crate::ir::pipeline::{RowColumn, RowSource};
use crate::ir::{Literal, LogSource, Pipeline, Stage as Made, Term};
use crate::schema::FieldType;
use crate::source::TextRange;
use crate::syntax::kql::ast::{
    Call, DataTable, Expression, ExternalData, NamedExpression, Naming, Range, ScalarType,
};

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
        let value = |expression| settled(place.value(expression)?, range);
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

impl<'q> Lowerer<'q> {
    /// `externaldata`: the rows of a file, a source of its own under its address.
    pub(in crate::frontend::sentinel::query) fn external(
        &self,
        data: &'q ExternalData,
        range: TextRange,
    ) -> Lowered<Rows> {
        let addresses: Option<Vec<&str>> =
            data.addresses.iter().map(Expression::as_string).collect();
        let refused = || Obstacle::new(range, "the address of the data is not known");
        let addresses = addresses.filter(|addresses| !addresses.is_empty());
        let name = format!(
            "externaldata({})",
            addresses.ok_or_else(refused)?.join(", ")
        );
        let source = LogSource::Unknown {
            format: FORMAT.to_owned(),
            name,
        };
        let mut columns = Columns::default();
        for column in &data.columns {
            self.spend(1, range)?;
            let term = Term::field([&column.name.text]);
            let value = match column.kind {
                ScalarType::Bool => truth_column(&term, FieldType::Boolean),
                ScalarType::Datetime => Value::Scalar(Scalar::new(term, Kind::Datetime)),
                ScalarType::Timespan => Value::Scalar(Scalar::new(term, Kind::Timespan)),
                kind => Value::Scalar(Scalar::new(term, kind_of(kind))),
            };
            columns.named.push(Column {
                name: column.name.text.clone(),
                value: Ok(value),
                stage: Made::Project,
                range: *column.range,
            });
        }
        Ok(Rows::of(vec![source], columns))
    }

    /// What a saved function with arguments is called as a source: its name and the arguments, where these are known.
    pub(in crate::frontend::sentinel::query) fn call_name(
        &self,
        call: &'q Call,
        scope: &Scope<'q>,
        calls: usize,
        range: TextRange,
    ) -> Lowered<String> {
        let nothing = Columns::default();
        let place = self.place(&nothing, scope, calls);
        let mut arguments = Vec::new();
        for argument in &call.arguments {
            let value = match place.value(&argument.value)? {
                Value::Constant(constant) => match (constant.kind, &constant.literal) {
                    (Kind::Timespan | Kind::Span, Literal::Integer(ticks)) => span(*ticks),
                    (_, literal) => literal.to_string(),
                },
                Value::Clock(Some(0)) => "now()".to_owned(),
                Value::Clock(Some(before)) => format!("ago({})", span(before)),
                _ => {
                    let message = format!(
                        "the arguments of the saved function `{}` are not known before the rule runs",
                        call.function.text
                    );
                    return Err(Obstacle::new(range, message));
                }
            };
            arguments.push(match argument.name() {
                Some(name) => format!("{}={value}", name.text),
                None => value,
            });
        }
        Ok(format!("{}({})", call.function.text, arguments.join(", ")))
    }
}

/// A time span as it is written: in the greatest unit that divides it.
fn span(ticks: i64) -> String {
    let units = [
        (864_000_000_000, "d"),
        (36_000_000_000, "h"),
        (600_000_000, "m"),
        (10_000_000, "s"),
    ];
    let unit = units.iter().find(|(unit, _)| ticks % unit == 0);
    match unit {
        Some((unit, name)) => format!("{}{name}", ticks / unit),
        None => format!("{ticks}tick"),
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
