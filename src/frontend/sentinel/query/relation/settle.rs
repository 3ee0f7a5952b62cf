//! Rows that are written down: what was gathered as conditions and terms becomes a source or a stage, and every column the
//! field of its name.

use crate::frontend::sentinel::query::Lowerer;
use crate::frontend::sentinel::query::columns::{Column, Columns, Open, Table, truth_column};
use crate::frontend::sentinel::query::expand::selection;
use crate::frontend::sentinel::query::rows::{Level, Rows};
use crate::frontend::sentinel::query::value::{
    Constant, Kind, Lowered, Obstacle, Scalar, Truth, Value,
};
use crate::ir::pipeline::{NamedTerm, RowSource, RowStage};
use crate::ir::{Case, Condition, Function, Literal, Pipeline, Stage as Made, Term};
use crate::schema::FieldType;
use crate::source::TextRange;

use super::column_kind;

impl Lowerer<'_> {
    /// Writes down what the rows are, so that their columns are fields.
    pub(in crate::frontend::sentinel::query) fn settle(
        &self,
        rows: &mut Rows,
        range: TextRange,
    ) -> Lowered<()> {
        self.spend(1 + rows.columns.named.len(), range)?;
        if let Some(obstacle) = &rows.columns.lost {
            return Err(obstacle.clone());
        }
        let mut columns = Vec::new();
        for column in &mut rows.columns.named {
            match settled(&column.value, column.range) {
                Ok((source, kind)) => {
                    columns.push(NamedTerm {
                        name: column.name.clone(),
                        source,
                        kind: column_kind(kind),
                    });
                    column.value = Ok(field(&column.name, kind));
                }
                Err(obstacle) => column.value = Err(obstacle),
            }
        }
        let parts = rows.levels.first_mut().map(|level| &mut level.parts);
        let parts = parts.map(std::mem::take).unwrap_or_default();
        match &mut rows.made {
            None => {
                let source = RowSource::Events {
                    sources: rows.sources.clone(),
                    selection: selection(&[Level { list: None, parts }]),
                    look_back: rows.look_back.take(),
                    columns,
                    rest: rows.columns.open.is_some(),
                };
                rows.made = Some(Box::new(Pipeline::of(source)));
                self.hide_taken(rows);
                open_row(&mut rows.columns);
            }
            Some(made) => {
                let condition = parts.into_iter().fold(Condition::TRUE, Condition::and);
                if condition.as_constant() != Some(true) {
                    made.stages.push(RowStage::Where(condition));
                }
                let open = rows.columns.open.is_some();
                let plain = |column: &NamedTerm| column.source == Term::field([&column.name]);
                if open {
                    columns.retain(|column| !plain(column));
                    if !columns.is_empty() {
                        made.stages.push(RowStage::Extend(columns));
                    }
                    self.hide_taken(rows);
                } else if rows.shape.as_ref().is_none_or(|shape| {
                    !columns.iter().all(plain)
                        || !shape.iter().eq(columns.iter().map(|column| &column.name))
                }) {
                    made.stages.push(RowStage::Project(columns));
                }
            }
        }
        let names = rows
            .columns
            .named
            .iter()
            .filter(|column| column.value.is_ok());
        rows.shape = Some(names.map(|column| column.name.clone()).collect());
        Ok(())
    }

    /// Takes the columns away that an open table has and the rows no longer do.
    #[allow(clippy::unused_self, reason = "one of the steps of settling")]
    fn hide_taken(&self, rows: &mut Rows) {
        let Some(open) = &mut rows.columns.open else {
            return;
        };
        let mut hidden: Vec<String> = std::mem::take(&mut open.hidden).into_iter().collect();
        let named = &rows.columns.named;
        hidden.retain(|name| !named.iter().any(|column| column.name == *name));
        if hidden.is_empty() {
            return;
        }
        if let Some(made) = &mut rows.made {
            made.stages.push(RowStage::Without(hidden));
        }
    }

    /// Adds a stage to settled rows.
    pub(in crate::frontend::sentinel::query) fn push_stage(
        &self,
        rows: &mut Rows,
        stage: RowStage,
        range: TextRange,
    ) -> Lowered<()> {
        self.spend(1, range)?;
        match &mut rows.made {
            Some(made) => {
                made.stages.push(stage);
                Ok(())
            }
            None => Err(Obstacle::new(range, "the rows are not known")),
        }
    }

    /// The settled rows have exactly these columns.
    #[allow(clippy::unused_self, reason = "one of the steps of settling")]
    pub(in crate::frontend::sentinel::query) fn only(
        &self,
        rows: &mut Rows,
        columns: &[(String, Kind)],
        range: TextRange,
    ) {
        rows.columns = Columns {
            table: rows.columns.table.clone(),
            of_rows: true,
            ..Columns::default()
        };
        for (name, kind) in columns {
            rows.columns.named.push(Column {
                name: name.clone(),
                value: Ok(field(name, *kind)),
                stage: Made::Project,
                range,
            });
        }
        rows.shape = Some(columns.iter().map(|(name, _)| name.clone()).collect());
    }
}

/// The columns of a row that has others than the named ones.
fn open_row(columns: &mut Columns) {
    if let Some(open) = &mut columns.open {
        let dynamic = std::mem::take(&mut open.table.dynamic);
        *open = Open {
            table: Table {
                known: None,
                dynamic,
            },
            hidden: std::mem::take(&mut open.hidden),
            mixed: open.mixed.take(),
            grouped: false,
        };
    }
}

/// The value of a column of settled rows.
pub(in crate::frontend::sentinel::query) fn field(name: &str, kind: Kind) -> Value {
    let term = Term::field([name]);
    if kind == Kind::Truth {
        return truth_column(&term, FieldType::Boolean);
    }
    Value::Scalar(Scalar::new(term, kind))
}

/// The term of a value, and its kind; a missing one is null, or the empty text.
pub(in crate::frontend::sentinel::query) fn settled(
    value: &Lowered<Value>,
    range: TextRange,
) -> Lowered<(Term, Kind)> {
    match value.clone()? {
        Value::Constant(Constant {
            kind: Kind::Timespan,
            literal,
        }) => Ok((Term::Literal(literal), Kind::Span)),
        Value::Constant(constant) => Ok((Term::Literal(constant.literal), constant.kind)),
        // An event's text of a time is its ticks in a row.
        Value::Scalar(scalar) if matches!(scalar.kind, Kind::Datetime | Kind::Timespan) => {
            let (function, kind) = match scalar.kind {
                Kind::Datetime => (Function::ReadMoment, Kind::Moment),
                _ => (Function::ReadSpan, Kind::Span),
            };
            Ok((Term::call(function, [scalar.term]), kind))
        }
        Value::Scalar(scalar) => {
            let usual = Scalar::new(Term::Literal(Literal::Null), scalar.kind).absent;
            let term = if scalar.absent == usual || scalar.absent == Literal::Null {
                scalar.term
            } else {
                Term::call(
                    Function::Coalesce,
                    [scalar.term, Term::Literal(scalar.absent)],
                )
            };
            Ok((term, scalar.kind))
        }
        Value::Truth(truth) => {
            let term = Value::Truth(Truth {
                term: None,
                ..truth
            });
            Ok((term.into_term(range)?, Kind::Truth))
        }
        Value::Choice(cases, otherwise) => {
            let (otherwise, mut kind) = settled(&Ok(*otherwise), range)?;
            let mut settled_cases = Vec::new();
            for (when, then) in cases {
                let (then, other) = settled(&Ok(then), range)?;
                kind = common(kind, other, &otherwise);
                settled_cases.push(Case { when, then });
            }
            let otherwise = Box::new(otherwise);
            Ok((
                Term::Choice {
                    cases: settled_cases,
                    otherwise,
                },
                kind,
            ))
        }
        other @ (Value::Clock(_)
        | Value::Window(_)
        | Value::Address { .. }
        | Value::TypeName(_)) => Ok((other.into_term(range)?, Kind::Unknown)),
    }
}

/// The kind of values of two kinds; that of a null does not count.
fn common(a: Kind, b: Kind, first: &Term) -> Kind {
    if a == b || b == Kind::Unknown {
        a
    } else if *first == Term::Literal(Literal::Null) {
        b
    } else {
        Kind::Unknown
    }
}
