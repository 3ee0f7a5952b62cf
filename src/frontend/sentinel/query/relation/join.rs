//! Rows of other queries: `join`, `lookup` and `union`.

use crate::bind::{Split, Type};
use crate::frontend::sentinel::query::Lowerer;
use crate::frontend::sentinel::query::columns::{Column, Columns, Open};
use crate::frontend::sentinel::query::rows::Rows;
use crate::frontend::sentinel::query::scope::Scope;
use crate::frontend::sentinel::query::value::{Kind, Lowered, Obstacle};
use crate::ir::pipeline::{JoinKind, Joined, Label, RowSource, RowStage};
use crate::ir::{LogSource, Pipeline, Stage as Made, Term};
use crate::source::TextRange;
use crate::syntax::kql::ast::{
    Binary, BinaryOperator, Expression, ExpressionKind, Join, JoinCondition, LogicalOperator, Step,
    Union,
};

use super::settle::{field, kind_of_value, settled};

/// The keys of both sides.
#[derive(Default)]
struct Keys {
    on: Vec<(Term, Term)>,
    /// The right side's columns among them.
    right: Vec<String>,
}

impl<'q> Lowerer<'q> {
    /// Rows of another query, written down.
    fn other(
        &self,
        expression: &'q Expression,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<(Pipeline, Rows)> {
        let range = *expression.range;
        let rows = self.source(expression, scope, calls + 1);
        self.written(rows, range)
    }

    /// The rows as a pipeline, and their columns.
    pub(super) fn written(&self, mut rows: Rows, range: TextRange) -> Lowered<(Pipeline, Rows)> {
        if let Some(left) = rows.left.first() {
            return Err(left.obstacle.clone());
        }
        self.settle(&mut rows, range)?;
        match rows.made.take() {
            Some(made) => Ok((*made, rows)),
            None => Err(Obstacle::new(range, "the rows are not known")),
        }
    }

    /// `join` and `lookup`
    pub(super) fn join_rows(
        &self,
        rows: &mut Rows,
        join: &'q Join,
        lookup: bool,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<()> {
        let kind = join_kind(join.kind(), lookup)
            .ok_or_else(|| Obstacle::new(range, "this kind of join is not known"))?;
        self.settle(rows, range)?;
        let (right, other) = self.other(&join.right, scope, calls)?;
        let mut keys = Keys::default();
        match &join.condition {
            JoinCondition::On(conditions) => {
                for condition in conditions {
                    join_keys(&mut keys, condition, &rows.columns, &other.columns)?;
                }
            }
            JoinCondition::None => {
                return Err(Obstacle::new(
                    range,
                    "a join without keys has no counterpart",
                ));
            }
            JoinCondition::Where(_) => {
                return Err(Obstacle::new(
                    range,
                    "a join on a condition has no counterpart",
                ));
            }
        }
        let without = if lookup { keys.right } else { Vec::new() };
        let columns = match kind {
            JoinKind::LeftSemi | JoinKind::LeftAnti => rows.columns.clone(),
            JoinKind::RightSemi | JoinKind::RightAnti => other.columns,
            _ => side_by_side(&rows.columns, other.columns, &without),
        };
        let joined = Joined {
            kind,
            right,
            on: keys.on,
            without,
        };
        let either = (kind == JoinKind::InnerUnique && rows.columns.open.is_none()).then(|| {
            let names = rows.columns.named.iter().map(|column| column.name.clone());
            names.collect()
        });
        self.push_stage(rows, RowStage::Join(Box::new(joined)), range)?;
        rows.either = either;
        self.spend(columns.named.len(), range)?;
        rows.columns = columns;
        rows.shape = None;
        Ok(())
    }

    /// `union`
    pub(in crate::frontend::sentinel::query) fn union_rows(
        &self,
        first: Option<Rows>,
        union: &'q Union,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<Rows> {
        let word = |wanted: &[&str]| {
            let mut parameters = union.parameters.iter();
            let found = parameters.find(|found| wanted.contains(&found.name.text.as_str()));
            found.and_then(|found| found.word())
        };
        if word(&["kind"]) == Some("inner") {
            let why = "a union of the common columns has no counterpart";
            return Err(Obstacle::new(range, why));
        }
        let (mut parts, mut names) = (Vec::new(), Vec::new());
        let mut sources: Vec<LogSource> = Vec::new();
        let mut columns: Option<Columns> = None;
        let all = self.union_parts(first, union, range, scope, calls)?;
        for rows in all {
            let (pipeline, rows) = self.written(rows, range)?;
            let called = rows.called.clone();
            names.push(called.unwrap_or_else(|| self.part_name(&pipeline, names.len())));
            parts.push(pipeline);
            for source in &rows.sources {
                if !sources.contains(source) {
                    sources.push(source.clone());
                }
            }
            self.spend(rows.columns.named.len(), range)?;
            columns = Some(match columns {
                None => rows.columns,
                Some(known) => below(known, rows.columns),
            });
        }
        let mut columns = columns.ok_or_else(|| Obstacle::new(range, "the union has no tables"))?;
        let label = word(&["withsource", "with_source"]).map(|column| Label {
            column: column.to_owned(),
            names,
        });
        if let Some(label) = &label {
            let column = Column {
                name: label.column.clone(),
                value: Ok(field(&label.column, Kind::Text)),
                stage: Made::Extend,
                range,
            };
            columns.named.insert(0, column);
        }
        let mut rows = Rows::of(sources, columns);
        rows.made = Some(Box::new(Pipeline::of(RowSource::Union {
            parts,
            label,
            common: false,
        })));
        Ok(rows)
    }
}

impl<'q> Lowerer<'q> {
    /// The rows of each part of a union.
    fn union_parts(
        &self,
        first: Option<Rows>,
        union: &'q Union,
        range: TextRange,
        scope: &Scope<'q>,
        calls: usize,
    ) -> Lowered<Vec<Rows>> {
        let given = first.into_iter().map(Ok);
        let tables = union.tables.iter();
        let tables = tables.map(|table| match &table.kind {
            ExpressionKind::Wildcard(_) | ExpressionKind::Star => Err(Obstacle::new(
                *table.range,
                "which tables a pattern stands for is known only to the workspace",
            )),
            _ => Ok(self.source(table, scope, calls + 1)),
        });
        let splits: Vec<_> = match union.tables.first() {
            Some(first) => self.splits(*first.range).collect(),
            None => Vec::new(),
        };
        let mut all = given.chain(tables).collect::<Lowered<Vec<Rows>>>()?;
        for split in splits {
            self.split(&mut all, split, range)?;
        }
        Ok(all)
    }

    /// A column that has several types is one column for each type.
    fn split(&self, all: &mut [Rows], split: &Split, range: TextRange) -> Lowered<()> {
        let name = |kind: &Type| format!("{}_{}", split.name, kind.name());
        let names: Vec<String> = split.kinds.iter().flatten().map(name).collect();
        self.spend(names.len() * all.len(), range)?;
        let taken = |rows: &Rows| names.iter().any(|name| rows.columns.has(name));
        if all.iter().any(taken) {
            return Err(Obstacle::new(
                range,
                format!("the column `{}` has several types in the union", split.name),
            ));
        }
        // What nobody names is not worth a column of each type.
        let shown = |rows: &Rows| rows.columns.named(&split.name).is_some();
        let wanted = all.iter().any(shown) || names.iter().any(|name| self.text.contains(name));
        for (rows, kind) in all.iter_mut().zip(&split.kinds) {
            match kind {
                Some(kind) if wanted => rows.columns.call(&split.name, &name(kind), range),
                _ => rows.columns.hide(&split.name),
            }
        }
        Ok(())
    }
}

/// The keys of both sides that a condition names.
fn join_keys(
    keys: &mut Keys,
    condition: &Expression,
    left: &Columns,
    right: &Columns,
) -> Lowered<()> {
    let range = *condition.range;
    match &condition.kind {
        ExpressionKind::Name(name) => {
            keys.on
                .push((key(left, name, range)?, key(right, name, range)?));
            keys.right.push(name.clone());
            Ok(())
        }
        ExpressionKind::Logical(logical) if logical.operator == LogicalOperator::And => logical
            .operands
            .iter()
            .try_for_each(|operand| join_keys(keys, operand, left, right)),
        ExpressionKind::Binary(binary) if binary.operator == BinaryOperator::Equal => {
            let Some((mine, theirs)) = sides(binary) else {
                return Err(Obstacle::new(
                    range,
                    "a key of a join is required to be a column of each side",
                ));
            };
            keys.on
                .push((key(left, mine, range)?, key(right, theirs, range)?));
            keys.right.push(theirs.to_owned());
            Ok(())
        }
        _ => Err(Obstacle::new(
            range,
            "a key of a join is required to be a column of each side",
        )),
    }
}

fn join_kind(word: Option<&str>, lookup: bool) -> Option<JoinKind> {
    Some(match word {
        None if lookup => JoinKind::LeftOuter,
        None | Some("innerunique") => JoinKind::InnerUnique,
        Some("inner") => JoinKind::Inner,
        Some("leftouter") => JoinKind::LeftOuter,
        Some("rightouter") => JoinKind::RightOuter,
        Some("fullouter") => JoinKind::FullOuter,
        Some("leftsemi") => JoinKind::LeftSemi,
        Some("leftanti" | "anti" | "leftantisemi") => JoinKind::LeftAnti,
        Some("rightsemi") => JoinKind::RightSemi,
        Some("rightanti" | "rightantisemi") => JoinKind::RightAnti,
        Some(_) => return None,
    })
}

fn key(columns: &Columns, name: &str, range: TextRange) -> Lowered<Term> {
    Ok(settled(columns.value(name, range)?, range)?.0)
}

/// The side and column of `$left.a`.
fn side(expression: &Expression) -> Option<(&str, &str)> {
    let ExpressionKind::Path(path) = &expression.kind else {
        return None;
    };
    match path.steps.as_slice() {
        [Step::Name(name)] => Some((path.root.as_name()?, name.text.as_str())),
        _ => None,
    }
}

/// The columns of `$left.a == $right.b`, in whichever order they stand.
fn sides(binary: &Binary) -> Option<(&str, &str)> {
    match (side(&binary.left)?, side(&binary.right)?) {
        (("$left", left), ("$right", right)) | (("$right", right), ("$left", left)) => {
            Some((left, right))
        }
        _ => None,
    }
}

/// The columns of both sides; those of the right one whose name is taken get a number.
fn side_by_side(left: &Columns, right: Columns, without: &[String]) -> Columns {
    let mut columns = left.clone();
    let is_left = |name: &str| left.has(name);
    let is_right = |name: &str| right.has(name) && !without.iter().any(|other| other == name);
    let free = |columns: &Columns, name: &str| {
        let numbered = |number: usize| format!("{name}{number}");
        let is_free = |name: &String| !columns.has(name) && !is_right(name);
        let most = columns.named.len() + 1_000;
        (1..most).map(numbered).find(is_free).unwrap_or_default()
    };
    let mut others: Vec<(String, Kind)> = Vec::new();
    for (name, kind) in right.open.iter().flat_map(|open| &open.row) {
        if without.contains(name) || right.named(name).is_some() {
            continue;
        }
        let name = if is_left(name) {
            free(&columns, name)
        } else {
            name.clone()
        };
        others.push((name, *kind));
    }
    for column in &right.named {
        if without.contains(&column.name) {
            continue;
        }
        let name = if is_left(&column.name) {
            free(&columns, &column.name)
        } else {
            column.name.clone()
        };
        let value = column
            .value
            .as_ref()
            .map(|value| field(&name, kind_of_value(value)))
            .map_err(Clone::clone);
        columns.named.push(Column {
            name,
            value,
            ..column.clone()
        });
    }
    match (&mut columns.open, right.open) {
        (Some(open), other) => {
            open.row.extend(others);
            open.rest |= other.is_some_and(|other| other.rest);
        }
        (None, Some(other)) => {
            columns.open = Some(Open {
                row: others,
                ..other
            });
        }
        (None, None) => {}
    }
    columns
}

/// The columns of rows below each other.
fn below(mut first: Columns, second: Columns) -> Columns {
    let kind_in = |columns: &Columns, name: &str| {
        if let Some(column) = columns.named(name) {
            return column.value.as_ref().ok().map(kind_of_value);
        }
        let mut row = columns.open.iter().flat_map(|open| &open.row);
        row.find(|(known, _)| known == name).map(|(_, kind)| *kind)
    };
    for column in second.named {
        let name = column.name.clone();
        let kinds = (
            kind_in(&first, &name),
            column.value.as_ref().ok().map(kind_of_value),
        );
        // Columns of two types have two names; where the binder does not know of that, the type is not known.
        let value = match kinds {
            (Some(a), Some(b)) if a == b || b == Kind::Unknown => Ok(field(&name, a)),
            (Some(Kind::Unknown), Some(b)) => Ok(field(&name, b)),
            (None, _) if first.named(&name).is_none() => column.value.clone(),
            _ => Ok(field(&name, Kind::Unknown)),
        };
        match first.named.iter_mut().find(|known| known.name == name) {
            Some(known) => known.value = value,
            None => first.named.push(Column { value, ..column }),
        }
    }
    match (&mut first.open, second.open) {
        (Some(open), Some(other)) => {
            for (name, kind) in other.row {
                match open.row.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, known)) if *known == Kind::Unknown => *known = kind,
                    Some((_, known)) if *known != kind => *known = Kind::Unknown,
                    Some(_) => {}
                    None => open.row.push((name, kind)),
                }
            }
            open.rest |= other.rest;
            let kept: Vec<String> = open.hidden.intersection(&other.hidden).cloned().collect();
            open.hidden = kept.into_iter().collect();
        }
        (None, Some(other)) => first.open = Some(other),
        (_, None) => {}
    }
    first.lost = first.lost.or(second.lost);
    first
}

impl Lowerer<'_> {
    /// What a part of a union is called in the column that tells the parts apart.
    fn part_name(&self, pipeline: &Pipeline, at: usize) -> String {
        let table = match (&pipeline.source, pipeline.stages.as_slice()) {
            (RowSource::Events { sources, .. }, []) => match sources.as_slice() {
                [LogSource::Unknown { name, .. }] => Some(name.clone()),
                [source @ LogSource::Known(_)] => self
                    .crosswalk
                    .table_of(source)
                    .map(|table| table.name.clone()),
                _ => None,
            },
            _ => None,
        };
        table.unwrap_or_else(|| format!("union_arg{at}"))
    }
}
