//! The stages of a pipeline.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ColumnKind, NamedTerm, Pipeline};
use crate::ir::{Condition, Term};

/// One stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowStage {
    /// Only the rows for which the condition holds.
    Where(Condition),
    /// Columns that are added, or replaced in place; every value sees the row before the stage.
    Extend(Vec<NamedTerm>),
    /// Exactly these columns, in this order.
    Project(Vec<NamedTerm>),
    /// All but these columns.
    Without(Vec<String>),
    /// One row for each group.
    Summarize(Summary),
    /// Equal rows once.
    Distinct,
    /// Rows of another pipeline beside these.
    Join(Box<Joined>),
    /// One row for each item of lists.
    Expand(Expanded),
    /// The rows that the stages make of the items of each row's lists, each beside the columns of its row that are no items.
    Apply {
        /// The lists.
        items: Expanded,
        /// What is done with the items of one row; its source is the input.
        body: Box<Pipeline>,
    },
    /// The entries of an object as columns, in the order of their names behind the others; the column of the object goes.
    Unpack(Unpacked),
    /// One row for each group, whose values are lists over equidistant steps.
    Series(Box<Series>),
    /// The rows of each value of a column for themselves.
    Partition {
        /// The value.
        by: Term,
        /// What is done with the rows of one value; its source is the input.
        body: Box<Pipeline>,
    },
    /// The rows in order; equal ones stay as they are.
    Sort(Vec<SortKey>),
    /// The first rows.
    Take(Term),
    /// The number of rows, as the only column.
    Count(String),
    /// Columns whose values depend on the rows before or behind.
    Number(Vec<Numbered>),
}

/// A column whose value depends on other rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Numbered {
    /// The column.
    pub name: String,
    /// Its value.
    pub value: Neighbour,
}

/// A value that depends on the rows before or behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Neighbour {
    /// The value of the term on another row, so many rows on; before the first and behind the last row, the other term.
    At {
        /// What is read.
        term: Term,
        /// How many rows on; negative for rows before.
        distance: i64,
        /// What stands for rows that do not exist.
        otherwise: Term,
    },
    /// A number that grows by one from row to row.
    Row {
        /// The first number.
        start: i64,
        /// Where it starts again.
        restart: Condition,
    },
    /// The sum of the term over the rows so far.
    Sum {
        /// What is added.
        term: Term,
        /// Where it starts again.
        restart: Condition,
    },
}

/// How rows are put together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Rows with the same values are one group; without keys all rows are, even where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<NamedTerm>,
    /// The columns computed of a group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gathered: Vec<Gathered>,
    /// The columns of a certain row of the group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub picked: Vec<Picked>,
}

/// A value computed of the rows of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gathered {
    /// The column.
    pub name: String,
    /// What is computed.
    pub what: Gather,
    /// Of which values; none for the number of rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Term>,
    /// Of which rows only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// What the result is.
    pub kind: ColumnKind,
}

/// What is computed of the values in a group. Nulls are left out, unless the entry says otherwise; where nothing is left, the
/// result is null, or what the entry says.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gather {
    /// The number of rows.
    Count,
    /// The number of distinct values, the empty text being one.
    DistinctCount,
    /// The sum; 0 of nothing.
    Sum,
    /// The mean.
    Average,
    /// The least value.
    Least,
    /// The greatest value.
    Greatest,
    /// Any value, one that is not null if there is one.
    Any,
    /// The distinct values as a list, at most so many, a list being its items; empty of nothing.
    Set(u32),
    /// The values as a list, at most so many; empty of nothing.
    List {
        /// At most so many.
        limit: u32,
        /// Whether nulls are kept.
        nulls: bool,
    },
    /// The objects among the values as one object, the first value of a key counting; empty of nothing.
    Object(u32),
    /// The variance; 0 of less than two values.
    Variance {
        /// Whether the values are all there are, not a sample.
        whole: bool,
        /// Whether the square root of it is meant.
        root: bool,
    },
    /// The least value that so many percent of the values do not exceed.
    Percentile(f64),
    /// All bits together.
    BitAnd,
    /// The bits that any has.
    BitOr,
    /// The bits that an odd number has.
    BitXor,
}

/// The columns of one row of the group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Picked {
    /// The value that decides, under its name; any row without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<NamedTerm>,
    /// Whether the greatest value is looked for, not the least.
    pub greatest: bool,
    /// The columns that are shown.
    pub columns: Vec<NamedTerm>,
    /// Whether all other columns of the row are shown, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
}

/// Which rows of two sides go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JoinKind {
    /// Every pair, of the left rows only the first of each key.
    InnerUnique,
    /// Every pair.
    Inner,
    /// Every pair, and the left rows without one.
    LeftOuter,
    /// Every pair, and the right rows without one.
    RightOuter,
    /// Every pair, and the rows of both sides without one.
    FullOuter,
    /// The left rows that have a pair.
    LeftSemi,
    /// The left rows that have none.
    LeftAnti,
    /// The right rows that have a pair.
    RightSemi,
    /// The right rows that have none.
    RightAnti,
}

/// The rows of another pipeline beside these.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Joined {
    /// Which rows.
    pub kind: JoinKind,
    /// The other pipeline.
    pub right: Pipeline,
    /// The values that must be the same on the left and on the right; null is the same as null.
    pub on: Vec<(Term, Term)>,
    /// Columns of the right side that are left out. Another one whose name is taken gets the first free number behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
}

/// Lists whose items become rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Expanded {
    /// The lists, which go side by side; each becomes the column of its items. An object counts as the list of its entries,
    /// each an object of its own or, with `pairs`, a list of key and value. A null is one null, another value is itself.
    pub lists: Vec<ExpandedList>,
    /// The column with the position of the item, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    /// At most so many rows of each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Whether the entry of an object is a list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pairs: bool,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExpandedList {
    /// The column.
    pub name: String,
    /// The list.
    pub list: Term,
}

/// An object whose entries become columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unpacked {
    /// The column of the object.
    pub column: String,
    /// What stands before the names of the new columns.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// Entries that are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// Which value counts where a column of the name is there; without, there is no result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<Conflict>,
}

/// Which of two values counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// That of the column.
    KeepColumn,
    /// That of the object.
    TakeEntry,
}

/// Lists over equidistant steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// Rows with the same values are one group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<NamedTerm>,
    /// The columns computed of the rows of each step, with what a step without rows has.
    pub gathered: Vec<(Gathered, Term)>,
    /// The value that the steps are about, under the name of the list of their starts.
    pub on: NamedTerm,
    /// The start of the first step.
    pub from: Term,
    /// Where the steps end; no step starts there.
    pub to: Term,
    /// The distance of the steps.
    pub step: Term,
    /// Whether there is a row without groups even where there are no rows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub always: bool,
}

/// What rows are sorted by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SortKey {
    /// The value.
    pub by: Term,
    /// Whether the greatest comes first.
    pub descending: bool,
    /// Whether nulls come first.
    pub nulls_first: bool,
}
