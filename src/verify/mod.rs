//! A translation held against the rule that it is of: what was emitted is read back, and both are judged on the same events.
//!
//! - Structure: where the report says exact, the selection and the threshold that are read back are the rule's own, in normal form
//!   or by proof ([`are_equal`]). What is not proved equal is no fault; what it means is for the events.
//! - The rule's own tests.
//! - Events made of both selections: each leaf decides both ways, each field of a hit is changed in every way
//!   ([`synthesis`](crate::synthesis)).
//! - Sequences of events about the boundary of the threshold.
//!
//! Invariant: a translation of an exact condition has the rule's verdict on every event, a wider one matches wherever the rule
//! does, a narrower one nowhere else. The first event for which that is not so is shrunk and handed back. A translation that was
//! refused, or that cannot be read back whole, is not compared; the outcome says which.

mod atoms;
mod back;
mod cases;
mod compare;
mod counts;
mod equal;
mod related;
mod row;
mod rows;
mod same;
mod shown;
mod shrink;
mod view;
mod written;

use serde::Serialize;
use serde_json::Value;

use crate::analysis::Claim;
use crate::backend::{Backend, Translation};
use crate::diagnostic::Severity;
use crate::ir::{Origin, Rule};
use crate::schema::Crosswalk;

pub use atoms::Deciding;
pub use cases::{Asked, Case, Reading};
pub use equal::are_equal;
pub use same::Difference;
pub use written::{Place, places};

/// How much is compared.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many events are made at most of the rule's selection, and as many again of the translation's.
    pub events: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { events: 1_000 }
    }
}

/// How many of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// So many.
    pub of: usize,
    /// Those among them that are as they should be.
    pub right: usize,
}

impl Share {
    /// Counts one more.
    pub fn count(&mut self, right: bool) {
        self.of += 1;
        self.right += usize::from(right);
    }

    /// Counts those of another.
    pub fn add(&mut self, other: Self) {
        self.of += other.of;
        self.right += other.right;
    }
}

/// `3/4`.
impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.right, self.of)
    }
}

/// What the comparison came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Both sides agree as the report says, wherever they were asked.
    Verified,
    /// They do not.
    Disagrees,
    /// There is no translation.
    Refused,
    /// The translation is not read back whole.
    Unproven,
}

impl Outcome {
    /// The word shown to users.
    pub fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Disagrees => "disagrees",
            Self::Refused => "refused",
            Self::Unproven => "not proven",
        }
    }
}

/// What two sides disagree about.
#[derive(Clone, Debug, PartialEq)]
pub enum Example {
    /// An event, as small as it was found.
    Event(Value),
    /// Events, each with its time in seconds since 1970, and what they show.
    Sequence(&'static str, Vec<(i64, Value)>),
}

/// A disagreement.
#[derive(Clone, Debug, PartialEq)]
pub struct Disagreement {
    /// What it is about.
    pub example: Example,
    /// The same as the translation sees it, a row for example, where that is another.
    pub seen: Option<Value>,
    /// Whether the rule matches, or alerts.
    pub source: bool,
    /// Whether the translation does.
    pub target: bool,
    /// What the report says of the condition, or of how events are counted.
    pub claimed: Claim,
    /// The leaf of the rule that decides; nothing where none of them alone does.
    pub atom: Option<Deciding>,
    /// The leaf of the translation that decides.
    pub other: Option<Deciding>,
    /// The name of the rule's own test that it is, if it is one.
    pub test: Option<String>,
}

/// What came of a comparison.
#[derive(Clone, Debug)]
pub struct Verified {
    /// In a word.
    pub outcome: Outcome,
    /// What the report says of the condition.
    pub claim: Claim,
    /// Whether selection and threshold are known to be the same; nothing where the report does not say so.
    pub same: Option<bool>,
    /// Where they are not.
    pub difference: Option<Difference>,
    /// The texts of an alert that the report calls exact, its severity among them, and those that are proved equal.
    pub shown: Share,
    /// The rule's own tests.
    pub tests: Share,
    /// The events that were made.
    pub events: Share,
    /// The sequences about the threshold.
    pub counts: Share,
    /// The leaves that were written in the rule, and shown to matter both ways by events that both sides were asked about.
    pub atoms: Share,
    /// The same of those that follow from the source language, many of which other leaves imply.
    pub guards: Share,
    /// The written ones that were not shown, in their text form, with their places.
    pub unshown: Vec<(String, Origin)>,
    /// How many tests and events were left out, since the log source cannot have them.
    pub unasked: usize,
    /// Whether a limit left out events: that of their number, or that of the search for them.
    pub cut: bool,
    /// The first disagreement, on the rule's tests before made events.
    pub disagreement: Option<Disagreement>,
    /// Why it is not proven, or was refused.
    pub reason: Option<String>,
}

impl Verified {
    fn new(outcome: Outcome, claim: Claim) -> Self {
        Self {
            outcome,
            claim,
            same: None,
            difference: None,
            shown: Share::default(),
            tests: Share::default(),
            events: Share::default(),
            counts: Share::default(),
            atoms: Share::default(),
            guards: Share::default(),
            unshown: Vec::new(),
            unasked: 0,
            cut: false,
            disagreement: None,
            reason: None,
        }
    }

    fn because(outcome: Outcome, claim: Claim, reason: String) -> Self {
        Self {
            reason: Some(reason),
            ..Self::new(outcome, claim)
        }
    }
}

/// Compares what the target made of a rule in normal form with the rule.
pub fn verify(
    rule: &Rule,
    target: &dyn Backend,
    translation: &Translation,
    crosswalk: &Crosswalk,
    limits: Limits,
) -> Verified {
    held(rule, target, translation, crosswalk, limits, false).0
}

/// The same, with everything that both sides were asked about, as an engine of the target gets it.
pub fn verify_keeping(
    rule: &Rule,
    target: &dyn Backend,
    translation: &Translation,
    crosswalk: &Crosswalk,
    limits: Limits,
) -> (Verified, Vec<Case>) {
    held(rule, target, translation, crosswalk, limits, true)
}

fn held(
    rule: &Rule,
    target: &dyn Backend,
    translation: &Translation,
    crosswalk: &Crosswalk,
    limits: Limits,
    keeps: bool,
) -> (Verified, Vec<Case>) {
    let nothing = |outcome, claim, reason| {
        let verified = Verified::because(outcome, claim, reason);
        (verified, Vec::new())
    };
    let claim = translation.report.claim();
    if translation.artifacts.is_empty() {
        let mut said = translation.report.diagnostics.iter();
        let error = said.find(|said| said.severity == Severity::Error);
        let reason = error.map_or_else(String::new, |said| said.message.clone());
        return nothing(Outcome::Refused, claim, reason);
    }
    let back = match back::read(&translation.artifacts, crosswalk) {
        Ok(back) => back,
        Err(reason) => return nothing(Outcome::Unproven, claim, reason),
    };
    if let Some(residue) = back.iter().find_map(unread) {
        return nothing(Outcome::Unproven, claim, residue);
    }
    let kept = keeps.then(Vec::new);
    compare::compare(rule, &back, (target, kept), translation, crosswalk, limits)
}

/// What of the rule was not read, if that may change a verdict.
fn unread(rule: &Rule) -> Option<String> {
    let mut residue = rule.residue.iter();
    let residue = residue.find(|left| left.effect != crate::ir::ResidueEffect::OutputsOnly)?;
    Some(format!(
        "`{}` is not read back: {}",
        residue.construct, residue.text
    ))
}
