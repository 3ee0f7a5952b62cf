//! The text form of a pipeline: its source and stages, one to a line, numbered by who prints them.

use std::fmt::{self, Display, Formatter};

use super::{
    Expanded, Gather, Gathered, GivenShape, JoinKind, Joined, NamedTerm, Neighbour, Numbered,
    Picked, Pipeline, RowSource, RowStage, Series, SortKey, Summary,
};
use crate::ir::Condition;

impl Pipeline {
    /// The pipeline as lines; what lies within a stage is indented below it.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for given in &self.given {
            let what = match given.shape {
                GivenShape::Table => "table",
                GivenShape::List => "list of the first column",
                GivenShape::Value => "first value",
            };
            lines.push(format!("given {} = {what} of", given.name));
            lines.extend(indented(&given.rows));
        }
        self.source.push_lines(&mut lines);
        for stage in &self.stages {
            stage.push_lines(&mut lines);
        }
        lines
    }
}

fn indented(pipeline: &Pipeline) -> impl Iterator<Item = String> {
    pipeline.lines().into_iter().map(|line| format!("  {line}"))
}

impl RowSource {
    fn push_lines(&self, lines: &mut Vec<String>) {
        match self {
            Self::Events {
                sources,
                selection,
                look_back,
                columns,
                rest,
            } => {
                let names: Vec<String> = sources.iter().map(ToString::to_string).collect();
                lines.push(format!("events of {}", names.join(", ")));
                if let Some(ticks) = look_back {
                    lines.push(format!("  of the last {}s", ticks / 10_000_000));
                }
                push_condition(selection, lines);
                if !columns.is_empty() {
                    let rest = if *rest { " and the others" } else { "" };
                    lines.push(format!("  with {}{rest}", Columns(columns)));
                }
            }
            Self::Rows { columns, rows } => {
                let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
                lines.push(format!("{} rows of ({})", rows.len(), names.join(", ")));
            }
            Self::Range {
                column,
                from,
                to,
                step,
            } => lines.push(format!(
                "range {} from {from} to {to} step {step}",
                column.name
            )),
            Self::Given(name) => lines.push(format!("rows of {name}")),
            Self::Union { parts, label, .. } => {
                let label = label
                    .as_ref()
                    .map(|label| format!(", {} saying which", label.column));
                lines.push(format!("union{} of", label.unwrap_or_default()));
                for part in parts {
                    let mut inner = indented(part);
                    lines.extend(
                        inner
                            .next()
                            .map(|first| format!("- {}", first.trim_start())),
                    );
                    lines.extend(inner);
                }
            }
            Self::Input => lines.push("these rows".to_owned()),
        }
    }
}

fn push_condition(condition: &Condition, lines: &mut Vec<String>) {
    if condition.as_constant() == Some(true) {
        return;
    }
    for (at, line) in condition.lines().into_iter().enumerate() {
        let nested = line.starts_with(' ');
        let lead = match (at, nested) {
            (0, _) => "where ",
            (_, true) => "      ",
            (_, false) => "and   ",
        };
        lines.push(format!("  {lead}{line}"));
    }
}

impl RowStage {
    /// The stage's word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Where(_) => "where",
            Self::Extend(_) => "extend",
            Self::Project(_) => "project",
            Self::Without(_) => "without",
            Self::Summarize(_) => "summarize",
            Self::Distinct => "distinct",
            Self::Join(_) => "join",
            Self::Expand(_) => "expand",
            Self::Apply { .. } => "apply",
            Self::Unpack(_) => "unpack",
            Self::Series(_) => "series",
            Self::Partition { .. } => "partition",
            Self::Sort(_) => "sort",
            Self::Take(_) => "take",
            Self::Count(_) => "count",
            Self::Number(_) => "number",
        }
    }

    fn push_lines(&self, lines: &mut Vec<String>) {
        let name = self.name();
        match self {
            Self::Where(condition) => {
                let mut found = condition.lines().into_iter();
                lines.extend(found.next().map(|first| format!("{name} {first}")));
                lines.extend(found.map(|line| format!("  and {line}")));
            }
            Self::Extend(columns) | Self::Project(columns) => {
                lines.push(format!("{name} {}", Columns(columns)));
            }
            Self::Without(names) => lines.push(format!("{name} {}", names.join(", "))),
            Self::Summarize(summary) => lines.push(format!("{name} {summary}")),
            Self::Distinct => lines.push(name.to_owned()),
            Self::Join(joined) => {
                lines.push(format!("{name} {joined}"));
                lines.extend(indented(&joined.right));
            }
            Self::Expand(items) => lines.push(format!("{name} {items}")),
            Self::Apply { items, body } => {
                lines.push(format!("{name} {items}"));
                lines.extend(indented(body));
            }
            Self::Unpack(unpacked) => lines.push(format!("{name} {}", unpacked.column)),
            Self::Series(series) => lines.push(format!("{name} {series}")),
            Self::Partition { by, body } => {
                lines.push(format!("{name} by {by}"));
                lines.extend(indented(body));
            }
            Self::Sort(keys) => {
                let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
                lines.push(format!("{name} by {}", keys.join(", ")));
            }
            Self::Take(count) => lines.push(format!("{name} {count}")),
            Self::Count(column) => lines.push(format!("{name} as {column}")),
            Self::Number(columns) => {
                for column in columns {
                    lines.push(format!("{name} {column}"));
                }
            }
        }
    }
}

/// Columns with their values.
struct Columns<'c>(&'c [NamedTerm]);

impl Display for Columns<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (at, column) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{column}")?;
        }
        Ok(())
    }
}

impl Display for NamedTerm {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let source = self.source.to_string();
        if source == self.name {
            f.write_str(&source)
        } else {
            write!(f, "{} = {source}", self.name)
        }
    }
}

impl Display for Summary {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let gathered = self.gathered.iter().map(ToString::to_string);
        let picked = self.picked.iter().map(ToString::to_string);
        let made: Vec<String> = gathered.chain(picked).collect();
        f.write_str(&made.join(", "))?;
        if self.by.is_empty() {
            return Ok(());
        }
        let space = if made.is_empty() { "" } else { " " };
        write!(f, "{space}by {}", Columns(&self.by))
    }
}

impl Display for Gathered {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}(", self.name, self.what.name())?;
        if let Some(term) = &self.of {
            write!(f, "{term}")?;
        }
        f.write_str(")")?;
        match &self.when {
            Some(condition) => write!(f, " where {condition}"),
            None => Ok(()),
        }
    }
}

impl Gather {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::DistinctCount => "distinct_count",
            Self::Sum => "sum",
            Self::Average => "average",
            Self::Least => "min",
            Self::Greatest => "max",
            Self::Any => "any",
            Self::Set(_) => "set",
            Self::List { .. } => "list",
            Self::Object(_) => "object",
            Self::Variance { root: false, .. } => "variance",
            Self::Variance { root: true, .. } => "deviation",
            Self::Percentile(_) => "percentile",
            Self::BitAnd => "bit_and",
            Self::BitOr => "bit_or",
            Self::BitXor => "bit_xor",
        }
    }
}

impl Display for Picked {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (&self.by, self.greatest) {
            (Some(by), true) => write!(f, "of the row with the greatest {by}: ")?,
            (Some(by), false) => write!(f, "of the row with the least {by}: ")?,
            (None, _) => f.write_str("of any row: ")?,
        }
        let all = match (self.all, self.columns.is_empty()) {
            (true, true) => "everything",
            (true, false) => ", everything",
            (false, _) => "",
        };
        write!(f, "{}{all}", Columns(&self.columns))
    }
}

impl JoinKind {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::InnerUnique => "inner unique",
            Self::Inner => "inner",
            Self::LeftOuter => "left outer",
            Self::RightOuter => "right outer",
            Self::FullOuter => "full outer",
            Self::LeftSemi => "left semi",
            Self::LeftAnti => "left anti",
            Self::RightSemi => "right semi",
            Self::RightAnti => "right anti",
        }
    }
}

impl Display for Joined {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let keys = self.on.iter().map(|(left, right)| {
            if left == right {
                left.to_string()
            } else {
                format!("{left} = {right}")
            }
        });
        let keys: Vec<String> = keys.collect();
        write!(f, "{} on {}", self.kind.name(), keys.join(", "))
    }
}

impl Display for Expanded {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let lists = self.lists.iter().map(|list| {
            let source = list.list.to_string();
            if source == list.name {
                source
            } else {
                format!("{} = {source}", list.name)
            }
        });
        f.write_str(&lists.collect::<Vec<_>>().join(", "))?;
        if let Some(index) = &self.index {
            write!(f, ", at {index}")?;
        }
        match self.limit {
            Some(limit) => write!(f, ", at most {limit}"),
            None => Ok(()),
        }
    }
}

impl Display for Series {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let gathered: Vec<String> = self
            .gathered
            .iter()
            .map(|(gathered, usual)| format!("{gathered} else {usual}"))
            .collect();
        let (from, to, step) = (&self.from, &self.to, &self.step);
        write!(
            f,
            "{} on {} from {from} to {to} step {step}",
            gathered.join(", "),
            self.on
        )?;
        if self.by.is_empty() {
            return Ok(());
        }
        write!(f, " by {}", Columns(&self.by))
    }
}

impl Display for SortKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let order = if self.descending { "desc" } else { "asc" };
        write!(f, "{} {order}", self.by)?;
        if self.nulls_first == self.descending {
            let place = if self.nulls_first { "first" } else { "last" };
            write!(f, " nulls {place}")?;
        }
        Ok(())
    }
}

impl Display for Numbered {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} = ", self.name)?;
        match &self.value {
            Neighbour::At {
                term,
                distance,
                otherwise,
            } => write!(f, "{term} {distance:+} rows on, else {otherwise}"),
            Neighbour::Row { start, restart } => {
                write!(f, "row number from {start}, again where {restart}")
            }
            Neighbour::Sum { term, restart } => {
                write!(f, "sum so far of {term}, again where {restart}")
            }
        }
    }
}
