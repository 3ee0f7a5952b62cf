//! Thresholds: how many matching events, in which window, for which group, make an alert.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Origin, Term};

/// What is counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The matching events.
    Count,
    /// The distinct values of a term over the matching events.
    DistinctCount(Term),
    /// The sum of a term over the matching events.
    Sum(Term),
}

/// How the measure is compared with the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// How many matching events make an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// What is counted.
    pub measure: Measure,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub count: f64,
    /// The length of the window, in whole seconds.
    #[serde(with = "seconds")]
    pub window: Duration,
    /// Where the window starts.
    pub window_kind: WindowKind,
    /// Events with the same values of these terms are counted together; empty for one count over all.
    pub group_by: Vec<Term>,
    /// Where it was lowered from.
    #[serde(skip)]
    pub origin: Origin,
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
