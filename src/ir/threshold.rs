//! Thresholds: how many matching events, in which window, for which group, make an alert.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Origin, Term};

/// What is counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The matching events.
    Count,
    /// The distinct values of a term over the matching events.
    DistinctCount(Term),
    /// The sum of a term over the matching events.
    Sum(Term),
    /// The mean of the numbers that a term has over the matching events; nothing is reached where it has none.
    Average(Term),
    /// The least of the numbers that a term has over the matching events that so many per cent of them do not exceed; nothing is
    /// reached where it has none.
    Percentile {
        /// The term.
        of: Term,
        /// From 0 to 100.
        percent: f64,
    },
}

impl Measure {
    /// What is measured of the events, where they are not just counted.
    pub fn term(&self) -> Option<&Term> {
        match self {
            Self::Count => None,
            Self::DistinctCount(term)
            | Self::Sum(term)
            | Self::Average(term)
            | Self::Percentile { of: term, .. } => Some(term),
        }
    }

    /// The same, to be changed.
    pub fn term_mut(&mut self) -> Option<&mut Term> {
        match self {
            Self::Count => None,
            Self::DistinctCount(term)
            | Self::Sum(term)
            | Self::Average(term)
            | Self::Percentile { of: term, .. } => Some(term),
        }
    }
}

/// The measure in words, without the events' own count.
impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count => f.write_str("events"),
            Self::DistinctCount(term) => write!(f, "distinct {term}"),
            Self::Sum(term) => write!(f, "sum of {term}"),
            Self::Average(term) => write!(f, "average of {term}"),
            Self::Percentile { of, percent } => write!(f, "percentile {percent} of {of}"),
        }
    }
}

/// How the measure is compared with the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `>=`. Frontends write `> n` on whole numbers as `>= n + 1`.
    AtLeast,
    /// `>`, for measures that are not whole numbers.
    GreaterThan,
    /// `<=`.
    AtMost,
    /// `<`.
    LessThan,
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
}

impl Comparison {
    /// The sign in the text form.
    pub fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::GreaterThan => ">",
            Self::AtMost => "<=",
            Self::LessThan => "<",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        }
    }
}

/// Where a window starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindowKind {
    /// At multiples of its length since the epoch (KQL's `bin`).
    Aligned,
    /// At the first matching event of the group (Panther's deduplication period).
    FromFirstMatch,
    /// At every event (what Sigma engines do).
    Sliding,
    /// One window per run of the rule over its whole look-back period (KQL `summarize` without `bin`).
    PerRun,
}

impl WindowKind {
    /// The words in the text form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aligned => "aligned window",
            Self::FromFirstMatch => "window from the first match",
            Self::Sliding => "sliding window",
            Self::PerRun => "window of one run",
        }
    }
}

/// A number that a measure is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bound {
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub count: f64,
}

/// How many matching events make an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Threshold {
    /// What is counted.
    pub measure: Measure,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub count: f64,
    /// A second comparison that has to hold as well: the other end of a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub also: Option<Bound>,
    /// The length of the window, in whole seconds.
    #[serde(with = "seconds")]
    #[schemars(with = "u64")]
    pub window: Duration,
    /// Where the window starts.
    pub window_kind: WindowKind,
    /// Events with the same values of these terms are counted together; empty for one count over all.
    pub group_by: Vec<Term>,
    /// Where it was lowered from.
    #[serde(skip)]
    pub origin: Origin,
}

impl Threshold {
    /// The values that it counts by, and the one that it counts.
    pub fn counted(&self) -> impl Iterator<Item = &Term> {
        self.group_by.iter().chain(self.measure.term())
    }
}

pub(super) mod seconds {
    //! Durations as whole seconds.
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::ir) fn serialize<S: Serializer>(
        window: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(window.as_secs())
    }

    pub(in crate::ir) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}
