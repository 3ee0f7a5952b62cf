//! Pipelines: rows of named columns, and what is done with them stage by stage.
//!
//! A rule that is more than one selection of events and one count over them is a [`Pipeline`]: a source of rows and stages in
//! order. A row is an object whose keys are its columns, so that a [`Condition`] or a [`Term`] about an event is about a row in
//! the same way: a column is a field. What is computed once and used in many places (a table of the query, the list behind
//! `in`, a single value) is a [`Given`] of the outermost pipeline; its value is a field of every row, under a name that no
//! column can have. What all of it means is what `eval::pipeline` computes.
//!
//! Invariant: every column that a stage reads is there; one without a value is null, or the empty text where it is a text.
//! A point in time and a time span are whole numbers of 100 nanoseconds, a point in time since the start of the year 1.

mod stage;
mod text;
mod visit;

pub use stage::{
    Conflict, Expanded, ExpandedList, Gather, Gathered, JoinKind, Joined, Neighbour, Numbered,
    Picked, RowStage, Series, SortKey, Summary, Unpacked,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Condition, Literal, LogSource, Term};

/// What the values of a column are, where that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Texts; never null.
    Text,
    /// Truth values.
    Truth,
    /// Numbers.
    Number,
    /// Points in time.
    Time,
    /// Time spans.
    Span,
    /// Any JSON value.
    Any,
    /// Not known.
    #[default]
    Unknown,
}

impl ColumnKind {
    /// What a column has where there is no value.
    pub fn absent(self) -> Literal {
        match self {
            Self::Text => Literal::text(""),
            Self::Truth | Self::Number | Self::Time | Self::Span | Self::Any | Self::Unknown => {
                Literal::Null
            }
        }
    }
}

/// A column and its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NamedTerm {
    /// The column's name.
    pub name: String,
    /// Its value.
    pub source: Term,
    /// What its values are.
    #[serde(default, skip_serializing_if = "is_unknown")]
    pub kind: ColumnKind,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_unknown(kind: &ColumnKind) -> bool {
    *kind == ColumnKind::Unknown
}

/// A column of rows that are written out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RowColumn {
    /// Its name.
    pub name: String,
    /// What its values are.
    #[serde(default, skip_serializing_if = "is_unknown")]
    pub kind: ColumnKind,
}

/// Where rows come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowSource {
    /// The events of log sources: one row for each that the condition selects.
    Events {
        /// The log sources.
        sources: Vec<LogSource>,
        /// Which events.
        selection: Condition,
        /// How far they lie back from the run, in ticks of 100 nanoseconds, where that is less than the rule's whole period.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        look_back: Option<i64>,
        /// The columns that are made of an event.
        columns: Vec<NamedTerm>,
        /// Whether every other key of the event is a column too.
        rest: bool,
    },
    /// Rows that are written out.
    Rows {
        /// The columns.
        columns: Vec<RowColumn>,
        /// The values of each row, in the order of the columns.
        rows: Vec<Vec<Literal>>,
    },
    /// One column of equidistant values, both ends included.
    Range {
        /// The column.
        column: RowColumn,
        /// The first value.
        from: Term,
        /// The last value.
        to: Term,
        /// The distance.
        step: Term,
    },
    /// The rows of a [`Given`] table.
    Given(String),
    /// The rows of several pipelines, one below the other; columns are paired by name.
    Union {
        /// The pipelines.
        parts: Vec<Pipeline>,
        /// A column with the name of the part that a row comes from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<Label>,
        /// Whether only the columns are kept that all parts have.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        common: bool,
    },
    /// The rows that the stage around it hands over.
    Input,
}

/// The column of a union that tells the parts apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Label {
    /// The column.
    pub column: String,
    /// The value for each part.
    pub names: Vec<String>,
}

/// What a [`Given`] is to the rows that use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GivenShape {
    /// A table, for [`RowSource::Given`].
    Table,
    /// The list of the values of the first column.
    List,
    /// The first column of the first row.
    Value,
}

/// What is computed once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Given {
    /// Its name, in parentheses.
    pub name: String,
    /// What it is.
    pub shape: GivenShape,
    /// Where it comes from; what was given before may be used in it.
    pub rows: Pipeline,
}

/// Rows and what is done with them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pipeline {
    /// What is computed once, in order; only of the outermost pipeline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Given>,
    /// Where the rows come from.
    pub source: RowSource,
    /// What is done with them, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<RowStage>,
}

impl Pipeline {
    /// The rows of a source as they are.
    pub fn of(source: RowSource) -> Self {
        Self {
            given: Vec::new(),
            source,
            stages: Vec::new(),
        }
    }
}
