//! Groups of rows: `summarize` and `distinct` as a stage.

use crate::frontend::sentinel::query::columns::{Column, Columns};
use crate::frontend::sentinel::query::name;
use crate::frontend::sentinel::query::project::is_star;
use crate::frontend::sentinel::query::rows::Rows;
use crate::frontend::sentinel::query::scope::Scope;
use crate::frontend::sentinel::query::value::{Kind, Lowered, Obstacle, Value};
use crate::frontend::sentinel::query::{Lowerer, expression::Place};
use crate::ir::pipeline::{Gathered, NamedTerm, Picked, RowStage, Summary};
use crate::ir::{Stage as Made, Term};
use crate::source::TextRange;
use crate::syntax::kql::ast::{Call, Distinct, Name, NamedExpression, Naming, Summarize};

use super::column_kind;
use super::settle::{field, settled};

/// What `summarize` makes, as far as it is known.
#[derive(Default)]
struct Grouped {
    summary: Summary,
    /// The columns behind it.
    columns: Columns,
    /// Whether a column is computed of what was gathered, or stands elsewhere than it is made.
    rearranged: bool,
}

impl<'q> Lowerer<'q> {
    /// `summarize aggregates by keys`
    pub(super) fn summarize_rows(
        &self,
        rows: &mut Rows,
        summarize: &'q Summarize,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<()> {
        if let Some(bin) = &summarize.bin {
            return Err(Obstacle::new(
                *bin.range,
                "the old `bin =` of summarize has no counterpart",
            ));
        }
        self.settle(rows, range)?;
        let before = &rows.columns;
        let mut made = Grouped {
            columns: Columns {
                table: before.table.clone(),
                ..Columns::default()
            },
            ..Grouped::default()
        };
        self.group_keys(&mut made, before, &summarize.by, scope, calls)?;
        for expression in &summarize.aggregates {
            self.gather(&mut made, before, expression, scope, calls)?;
        }
        self.group_rows(rows, made, range)
    }

    /// `distinct`
    pub(super) fn distinct_rows(
        &self,
        rows: &mut Rows,
        distinct: &'q Distinct,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<()> {
        self.settle(rows, range)?;
        if distinct.columns.iter().any(|column| is_star(&column.value)) {
            return self.push_stage(rows, RowStage::Distinct, range);
        }
        let before = &rows.columns;
        let mut made = Grouped {
            columns: Columns {
                table: before.table.clone(),
                ..Columns::default()
            },
            ..Grouped::default()
        };
        self.group_keys(&mut made, before, &distinct.columns, scope, calls)?;
        self.group_rows(rows, made, range)
    }

    fn group_keys(
        &self,
        made: &mut Grouped,
        before: &Columns,
        by: &'q [NamedExpression],
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<()> {
        for expression in by {
            for mut column in self.column(before, expression, Made::Summarize, scope, calls) {
                if column.name.is_empty() {
                    column.name = made.columns.numbered();
                }
                let (source, kind) = settled(column.value.clone()?, column.range)?;
                let name = made.columns.add(column);
                made.columns.know(&name, field(&name, kind));
                made.summary.by.push(NamedTerm {
                    name,
                    source,
                    kind: column_kind(kind),
                });
            }
        }
        Ok(())
    }

    /// The columns of one aggregate.
    fn gather(
        &self,
        made: &mut Grouped,
        before: &Columns,
        expression: &'q NamedExpression,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<()> {
        let range = *expression.range;
        let place = self.place(before, scope, calls);
        if let Some(call) = expression.value.as_call()
            && let Some(picks) = picks(call)
        {
            return place.picked(made, expression, call, picks);
        }
        let place = Place {
            aggregates: true,
            ..place
        };
        let first = self.gathered.borrow().len();
        let value = place.value(&expression.value);
        let mut gathered: Vec<Gathered> = self.gathered.borrow_mut().split_off(first);
        let (term, kind) = settled(value.clone()?, range)?;
        let column = Column {
            name: name::of(expression).unwrap_or_else(|| made.columns.numbered()),
            value: Ok(Value::text("")),
            stage: Made::Summarize,
            range,
        };
        let name = made.columns.add(column);
        match gathered.as_mut_slice() {
            [one] if term == Term::field([&one.name]) => {
                one.name.clone_from(&name);
                made.columns.know(&name, field(&name, kind));
            }
            [] => {
                return Err(Obstacle::new(range, "an aggregate is required here"));
            }
            _ => {
                made.rearranged = true;
                made.columns.know(&name, value?);
            }
        }
        if !made.summary.picked.is_empty() {
            made.rearranged = true;
        }
        made.summary.gathered.extend(gathered);
        Ok(())
    }

    /// The rows behind the stage.
    fn group_rows(&self, rows: &mut Rows, made: Grouped, range: TextRange) -> Lowered<()> {
        self.push_stage(rows, RowStage::Summarize(made.summary), range)?;
        rows.columns = made.columns;
        let names = rows.columns.named.iter().map(|column| column.name.clone());
        rows.shape = (!made.rearranged).then(|| names.collect());
        Ok(())
    }
}

/// Whether a call picks a row: whether the greatest value decides, if one does, and how many arguments are before the columns.
fn picks(call: &Call) -> Option<(Option<bool>, usize)> {
    let several = call.arguments.len() > 1
        || call
            .arguments
            .iter()
            .any(|argument| is_star(&argument.value));
    match call.function.text.as_str() {
        "arg_max" | "argmax" => Some((Some(true), 1)),
        "arg_min" | "argmin" => Some((Some(false), 1)),
        "take_any" | "any" if several => Some((None, 0)),
        _ => None,
    }
}

fn names(naming: &Naming) -> &[Name] {
    match naming {
        Naming::Implicit => &[],
        Naming::Name(name) => std::slice::from_ref(name),
        Naming::Names(names) => names,
    }
}

impl<'q> Place<'_, 'q> {
    /// The columns of one row of the group.
    fn picked(
        &self,
        made: &mut Grouped,
        expression: &'q NamedExpression,
        call: &'q Call,
        (greatest, skipped): (Option<bool>, usize),
    ) -> Lowered<()> {
        let range = *expression.range;
        let given = names(&expression.naming);
        let mut named = Vec::new();
        let mut all = false;
        for (at, argument) in call.arguments.iter().enumerate() {
            if is_star(&argument.value) {
                all = true;
                continue;
            }
            let (source, kind) = settled(self.value(&argument.value)?, range)?;
            let implicit = || {
                let prefix = call.function.text.replace("arg", "").replace('_', "");
                name::of(argument).unwrap_or_else(|| format!("{prefix}_"))
            };
            let name = given
                .get(at)
                .map_or_else(implicit, |name| name.text.clone());
            // A key is not shown again.
            if made.columns.named(&name).is_some() && at >= skipped {
                continue;
            }
            let name = made.columns.add(Column {
                name,
                value: Ok(Value::text("")),
                stage: Made::Summarize,
                range,
            });
            made.columns.know(&name, field(&name, kind));
            named.push(NamedTerm {
                name,
                source,
                kind: column_kind(kind),
            });
        }
        if all {
            self.all_columns(made);
        }
        let by = (skipped > 0 && !named.is_empty()).then(|| named.remove(0));
        if skipped > 0 && by.is_none() {
            return Err(Obstacle::new(range, "a value that decides is required"));
        }
        made.summary.picked.push(Picked {
            by,
            greatest: greatest.unwrap_or_default(),
            columns: named,
            all,
        });
        Ok(())
    }

    /// Every other column is shown, too.
    fn all_columns(&self, made: &mut Grouped) {
        for column in &self.columns.named {
            if made.columns.named(&column.name).is_none() {
                made.columns.named.push(column.clone());
            }
        }
        made.columns.open.clone_from(&self.columns.open);
    }

    /// A value that is gathered of the rows of a group, under a name of its own for now.
    pub(super) fn hidden(&self, mut gathered: Gathered, kind: Kind) -> Value {
        let mut known = self.lower.gathered.borrow_mut();
        gathered.name = format!("({})", known.len() + 1);
        gathered.kind = column_kind(kind);
        let value = field(&gathered.name, kind);
        known.push(gathered);
        value
    }
}
