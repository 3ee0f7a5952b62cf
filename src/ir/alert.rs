//! What an alert says, and where the source says so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Origin, Term};

/// What an alert says beyond the metadata. Terms may hold aggregates where the rule has a threshold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Alert {
    /// The alert's title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Term>,
    /// The alert's description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Term>,
    /// The text by which alerts are put together; for a threshold without groups of its own, the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dedup: Option<Term>,
    /// A severity that depends on the event: a term whose value is a severity's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Term>,
    /// A runbook that depends on the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runbook: Option<Term>,
    /// A reference that depends on the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Term>,
    /// Named values shown with the alert (Sentinel's custom details).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
    /// Where its texts were lowered from.
    #[serde(skip)]
    pub origins: AlertOrigins,
}

/// Where the texts of an alert were lowered from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AlertOrigins {
    /// The title.
    pub title: Origin,
    /// The description.
    pub description: Origin,
    /// The text by which alerts are put together.
    pub dedup: Origin,
    /// The severity that depends on the event.
    pub severity: Origin,
    /// The runbook that depends on the event.
    pub runbook: Origin,
    /// The reference that depends on the event.
    pub reference: Origin,
}

impl AlertOrigins {
    /// The place of the text that reports call so: `title`, or `alert title`.
    pub fn of(&self, what: &str) -> Origin {
        let what = what.strip_prefix("alert ").unwrap_or(what);
        match what.split(' ').next().unwrap_or(what) {
            "title" => self.title,
            "description" => self.description,
            "dedup" | "grouping" => self.dedup,
            "severity" => self.severity,
            "runbook" => self.runbook,
            "reference" => self.reference,
            _ => Origin::default(),
        }
    }
}

impl Alert {
    /// The texts that the alert shows, as far as it has them.
    pub fn texts(&self) -> impl Iterator<Item = &Term> {
        let texts = [
            &self.title,
            &self.description,
            &self.dedup,
            &self.severity,
            &self.runbook,
            &self.reference,
        ];
        texts.into_iter().flatten()
    }

    /// The same, to be changed.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut Term> {
        let texts = [
            &mut self.title,
            &mut self.description,
            &mut self.dedup,
            &mut self.severity,
            &mut self.runbook,
            &mut self.reference,
        ];
        texts.into_iter().flatten()
    }
}

/// A named value shown with an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Detail {
    /// Its name.
    pub name: String,
    /// Its value.
    pub source: Term,
}
