//! Rows that are written down: what was gathered as conditions and terms becomes a source or a stage, and every column the
//! field of its name.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::frontend::sentinel::query::Lowerer;
use crate::frontend::sentinel::query::columns::{
    Column, Columns, Open, Table, of_column, of_typed, truth_column,
};
use crate::frontend::sentinel::query::expand::selection;
use crate::frontend::sentinel::query::expression::Place;
use crate::frontend::sentinel::query::finish::TICKS_TO_EPOCH;
use crate::frontend::sentinel::query::rows::{Level, Rows};
use crate::frontend::sentinel::query::value::{
    Constant, Kind, Lowered, Obstacle, Scalar, Truth, Value,
};
use crate::ir::pipeline::{NamedTerm, RowSource, RowStage};
use crate::ir::{Case, Condition, Function, Literal, Pipeline, Segment, Stage as Made, Term};
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
        let mut columns = written(rows);
        let parts = rows.levels.first_mut().map(|level| &mut level.parts);
        let parts = parts.map(std::mem::take).unwrap_or_default();
        match &mut rows.made {
            None => {
                let others = self.others(&rows.columns, &mut columns);
                let source = RowSource::Events {
                    sources: rows.sources.clone(),
                    selection: selection(&[Level { list: None, parts }]),
                    look_back: rows.look_back.take(),
                    columns,
                    rest: rows.columns.open.is_some(),
                };
                rows.made = Some(Box::new(Pipeline::of(source)));
                self.hide_taken(rows);
                open_row(&mut rows.columns, others);
            }
            Some(made) => {
                let either = rows.either.take().unwrap_or_default();
                push_filters(made, parts, &either);
                self.push_columns(rows, columns);
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

    /// Writes down the columns of rows that are a pipeline already.
    fn push_columns(&self, rows: &mut Rows, mut columns: Vec<NamedTerm>) {
        let Some(made) = &mut rows.made else { return };
        let plain = |column: &NamedTerm| column.source == Term::field([&column.name]);
        if rows.columns.open.is_some() {
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

    /// The columns of a table that no stage has named but may name, where it is known which it has; each is made of the event.
    fn others(&self, columns: &Columns, made: &mut Vec<NamedTerm>) -> Vec<(String, Kind)> {
        let Some(open) = &columns.open else {
            return Vec::new();
        };
        let mentioned = self.mentioned();
        let is_other = |name: &str| {
            mentioned.contains(name) && !open.hidden.contains(name) && columns.named(name).is_none()
        };
        let mut values: Vec<(&str, Value)> = Vec::new();
        let known_table = open.table.known.as_ref();
        if let Some(known) = known_table {
            let source = known.source();
            let known = known.table().read_columns();
            let known = known.filter(|column| is_other(&column.name));
            values.extend(known.map(|column| (column.name.as_str(), of_column(source, column))));
        }
        let of_fields = open.table.made.iter().map(|made| made.column.as_str());
        let of_fields = of_fields.filter(|name| is_other(name));
        values.extend(of_fields.filter_map(|name| Some((name, open.table.made(name)?))));
        // A column that is not read as its field is not read under its own name either.
        let is_other = |name: &str| {
            is_other(name) && known_table.is_none_or(|known| known.table().column(name).is_none())
        };
        let typed = open.table.typed.iter().flat_map(|columns| columns.iter());
        let typed = typed.map(|column| (column.name, Some(column.kind)));
        let typed = typed.chain([("TimeGenerated", None)]);
        for (name, kind) in typed.filter(|(name, _)| is_other(name)) {
            if !values.iter().any(|(known, _)| *known == name) {
                values.push((name, of_typed(name, kind, &open.table)));
            }
        }
        let mut others = Vec::new();
        for (name, value) in values {
            if let Ok((source, kind)) = settled(value, TextRange::default()) {
                others.push((name.to_owned(), kind));
                made.push(NamedTerm {
                    name: name.to_owned(),
                    source,
                    kind: column_kind(kind),
                });
            }
        }
        others
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
        rows.either = None;
        rows.called = None;
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

/// The named columns as terms, and from here on as the fields that these become.
fn written(rows: &mut Rows) -> Vec<NamedTerm> {
    let mut columns = Vec::new();
    for column in &mut rows.columns.named {
        let Ok(value) = &column.value else { continue };
        match settled(value.clone(), column.range) {
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
    columns
}

/// Writes down what was asked of the rows.
fn push_filters(made: &mut Pipeline, parts: Vec<Condition>, either: &BTreeSet<String>) {
    let (mine, parts): (Vec<Condition>, Vec<Condition>) = parts
        .into_iter()
        .flat_map(Condition::into_conjuncts)
        .partition(|part| is_about(part, either));
    // Of the rows that a join may take, it takes one that is not filtered out behind it.
    if !mine.is_empty()
        && let Some(join) = made.stages.pop()
    {
        let mine = mine.into_iter().fold(Condition::TRUE, Condition::and);
        made.stages.push(RowStage::Where(mine));
        made.stages.push(join);
    }
    let condition = parts.into_iter().fold(Condition::TRUE, Condition::and);
    if condition.as_constant() != Some(true) {
        made.stages.push(RowStage::Where(condition));
    }
}

/// Whether a condition is about these columns only, and about one of them.
fn is_about(condition: &Condition, columns: &BTreeSet<String>) -> bool {
    let fields = condition.fields();
    !fields.is_empty()
        && fields.iter().all(|field| {
            matches!(field.segments.first(), Some(Segment::Key(key)) if columns.contains(key))
        })
}

/// The columns of a row that has others than the named ones.
fn open_row(columns: &mut Columns, others: Vec<(String, Kind)>) {
    if let Some(open) = &mut columns.open {
        let dynamic = std::mem::take(&mut open.table.dynamic);
        *open = Open {
            table: Table {
                known: None,
                also: Vec::new(),
                made: Rc::default(),
                typed: None,
                dynamic,
            },
            hidden: std::mem::take(&mut open.hidden),
            mixed: open.mixed.take(),
            grouped: false,
            row: others,
            rest: true,
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
    value: Value,
    range: TextRange,
) -> Lowered<(Term, Kind)> {
    match value {
        Value::Constant(Constant {
            kind: Kind::Timespan,
            literal,
        }) => Ok((Term::Literal(literal), Kind::Span)),
        Value::Constant(Constant {
            kind: Kind::Datetime,
            literal: literal @ Literal::Text(_),
        }) => Ok((
            Term::call(Function::ReadMoment, [Term::Literal(literal)]),
            Kind::Moment,
        )),
        Value::Constant(constant) => Ok((Term::Literal(constant.literal), constant.kind)),
        Value::Scalar(scalar) => Ok(settled_scalar(scalar)),
        Value::Truth(truth) => {
            let term = Value::Truth(Truth {
                term: None,
                ..truth
            });
            Ok((term.into_term(range)?, Kind::Truth))
        }
        Value::Choice(cases, otherwise) => {
            let (otherwise, mut kind) = settled(*otherwise, range)?;
            let mut settled_cases = Vec::new();
            for (when, then) in cases {
                let (then, other) = settled(then, range)?;
                kind = common(kind, other, &otherwise);
                settled_cases.push(Case { when, then });
            }
            let otherwise = otherwise.into();
            Ok((
                Term::Choice {
                    cases: settled_cases.into(),
                    otherwise,
                },
                kind,
            ))
        }
        Value::Clock(Some(before)) => Ok((clock(before), Kind::Moment)),
        Value::Spelt(spelt) => match spelt.as_choice() {
            Some(choice) => settled(choice, range),
            None => Err(spelt.obstacle(range)),
        },
        other @ (Value::Clock(None)
        | Value::Unlisted(_)
        | Value::Window(_)
        | Value::Address { .. }
        | Value::TypeName(_)) => Ok((other.into_term(range)?, Kind::Unknown)),
    }
}

fn settled_scalar(scalar: Scalar) -> (Term, Kind) {
    match scalar.kind {
        // An event's text of a time is its ticks in a row.
        Kind::Datetime => (
            Term::call(Function::ReadMoment, [scalar.term]),
            Kind::Moment,
        ),
        Kind::Timespan => (Term::call(Function::ReadSpan, [scalar.term]), Kind::Span),
        kind => {
            let usual = match &scalar.absent {
                Literal::Null => true,
                Literal::Text(text) => kind == Kind::Text && text.is_empty(),
                _ => false,
            };
            if usual {
                return (scalar.term, kind);
            }
            let absent = Term::Literal(scalar.absent);
            (Term::call(Function::Coalesce, [scalar.term, absent]), kind)
        }
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

impl Place<'_, '_> {
    /// A point in time that depends on the run as a value of a row, where rows have such.
    pub(in crate::frontend::sentinel::query) fn at_run(&self, value: Value) -> Value {
        match value {
            Value::Clock(Some(before)) if self.lower.relational => {
                Value::Scalar(Scalar::new(clock(before), Kind::Moment))
            }
            other => other,
        }
    }
}

/// The time of the run, in ticks, or so many before it.
fn clock(before: i64) -> Term {
    let now = Term::call(
        Function::Times,
        [
            Term::call(Function::ScanTime, []),
            Term::Literal(Literal::Integer(10)),
        ],
    );
    let offset = Literal::Integer(TICKS_TO_EPOCH.saturating_sub(before));
    Term::call(Function::Plus, [now, Term::Literal(offset)])
}

/// The kind of a value, as far as it is one.
pub(in crate::frontend::sentinel::query) fn kind_of_value(value: &Value) -> Kind {
    match value {
        Value::Constant(constant) => constant.kind,
        Value::Scalar(scalar) => scalar.kind,
        Value::Truth(_) => Kind::Truth,
        Value::Choice(_, otherwise) => kind_of_value(otherwise),
        Value::Clock(_) | Value::Window(_) => Kind::Moment,
        Value::Address { .. } => Kind::Number,
        Value::TypeName(_) => Kind::Text,
        Value::Spelt(spelt) | Value::Unlisted(spelt) => spelt.kind,
    }
}
