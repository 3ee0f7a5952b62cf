//! ATT&CK references: a tactic, a technique, or a technique under a tactic, by id. Names come from the table in `schema`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One reference. At least one of the two is there.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Attack {
    /// The tactic's id, for example `TA0007`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tactic: Option<String>,
    /// The technique's or sub-technique's id, for example `T1526` or `T1552.001`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technique: Option<String>,
}

/// A version of ATT&CK. Between the two the tactic Defense Evasion was split, and techniques got other ids.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum AttackVersion {
    /// 18.1.
    #[serde(rename = "18")]
    V18,
    /// 19.2.
    #[serde(rename = "19")]
    V19,
}
