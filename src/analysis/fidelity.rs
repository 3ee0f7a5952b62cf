//! The fidelity report: for every construct of a rule, what its translation kept.
//!
//! A backend records each predicate, threshold, output and piece of metadata once. Whatever is not exact is also a diagnostic
//! with the place in the source, so that no approximation is silent.

use std::fmt;

use super::claim::Claim;
use super::message::message;
use super::what::What;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::Origin;

/// What a translation keeps of a construct, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fidelity {
    /// The same verdict on every event.
    Exact,
    /// Every event of the source, and perhaps others.
    Wider,
    /// Perhaps not every event of the source.
    Narrower,
    /// Left out.
    Unsupported,
}

impl Fidelity {
    /// The word shown to users.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Wider => "wider",
            Self::Narrower => "narrower",
            Self::Unsupported => "unsupported",
        }
    }

    /// Every value, best first.
    pub const ALL: [Self; 4] = [Self::Exact, Self::Wider, Self::Narrower, Self::Unsupported];

    /// The code of the message about a construct that a translation keeps so, where no other says more.
    pub fn code(self) -> Option<Code> {
        match self {
            Self::Exact => None,
            Self::Wider => Some(Code::Wider),
            Self::Narrower => Some(Code::Narrower),
            Self::Unsupported => Some(Code::Unsupported),
        }
    }

    /// The other direction: what a wider part is under a negation.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Wider => Self::Narrower,
            Self::Narrower => Self::Wider,
            same => same,
        }
    }
}

/// Which part of a rule a construct belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The selection of single events.
    Condition,
    /// What an alert shows: outputs, texts, details, entities. It changes neither which alerts come nor how often.
    Shown,
    /// Which of the selected events are read, and how they are counted, where the target could do otherwise.
    Events,
    /// By which values the selected events are counted together.
    Groups,
    /// How the selected events are counted, where the target has no other way.
    Count,
    /// Everything else: schedule, metadata.
    Rest,
}

/// One construct and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Construct {
    /// The part of the rule it belongs to.
    pub part: Part,
    /// What it is, as in the text form: `userAgent not starts_with "x"`, `threshold`, `output userIdentity`.
    pub what: What,
    /// What the translation keeps.
    pub fidelity: Fidelity,
    /// Where it was written.
    pub origin: Origin,
    /// Why it is not exact; empty where it is.
    pub reason: String,
    /// The code of the message that says so; nothing where it is exact.
    pub code: Option<Code>,
}

/// A key of the source document that the target has no place for. It says nothing of which events match, and is no construct.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    /// The key; one within another key is called by both.
    pub key: String,
    /// Where it was written.
    pub origin: Origin,
    /// Why it is left out.
    pub reason: String,
}

/// Every construct of one translation, and what there is to say about it.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The constructs, in the order they were translated.
    pub constructs: Vec<Construct>,
    /// The keys that are left out, each once.
    pub left_out: Vec<LeftOut>,
    /// The messages.
    pub diagnostics: Diagnostics,
    /// Whether what is exact is recorded elsewhere.
    of_refusals: bool,
}

impl Report {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing yet of what is written again: its exact parts are recorded already.
    pub fn refusals() -> Self {
        Self {
            of_refusals: true,
            ..Self::default()
        }
    }

    /// Whether a part of this fidelity is recorded here, not elsewhere.
    pub fn records(&self, fidelity: Fidelity) -> bool {
        fidelity != Fidelity::Exact || !self.of_refusals
    }

    /// A report of a part, which says as much.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self {
            of_refusals: self.of_refusals,
            ..Self::default()
        }
    }

    /// Records an exact translation.
    pub fn exact(&mut self, what: impl Into<What>, origin: Origin) {
        self.push(
            Part::Rest,
            what.into(),
            Fidelity::Exact,
            origin,
            String::new(),
        );
    }

    /// Records a translation of the given fidelity of something besides the condition; whatever is not exact is reported as a
    /// diagnostic.
    pub fn record(
        &mut self,
        fidelity: Fidelity,
        what: impl Into<What>,
        origin: Origin,
        reason: impl Into<String>,
    ) {
        self.record_part(Part::Rest, fidelity, what.into(), origin, reason.into());
    }

    /// Records the translation of something that an alert shows.
    pub fn record_shown(
        &mut self,
        fidelity: Fidelity,
        what: impl Into<What>,
        origin: Origin,
        reason: impl Into<String>,
    ) {
        self.record_part(Part::Shown, fidelity, what.into(), origin, reason.into());
    }

    /// Records what becomes of the events that are read and counted, such as a window or a table.
    pub fn record_events(
        &mut self,
        fidelity: Fidelity,
        what: impl Into<What>,
        origin: Origin,
        reason: impl Into<String>,
    ) {
        self.record_part(Part::Events, fidelity, what.into(), origin, reason.into());
    }

    /// Records by which values events are counted together.
    pub fn record_groups(
        &mut self,
        fidelity: Fidelity,
        what: impl Into<What>,
        origin: Origin,
        reason: impl Into<String>,
    ) {
        self.record_part(Part::Groups, fidelity, what.into(), origin, reason.into());
    }

    /// Adds what another report says, after what this one does.
    pub fn append(&mut self, mut other: Self) {
        self.constructs.append(&mut other.constructs);
        for one in other.left_out {
            self.leave_out(one.key, one.origin, one.reason);
        }
        self.diagnostics.extend(other.diagnostics);
    }

    /// Records what becomes of the threshold where the target has no other way to count.
    pub fn record_count(
        &mut self,
        fidelity: Fidelity,
        what: impl Into<What>,
        origin: Origin,
        reason: impl Into<String>,
    ) {
        self.record_part(Part::Count, fidelity, what.into(), origin, reason.into());
    }

    /// Whether fewer events are read or counted than the target could read.
    pub fn reads_less(&self) -> bool {
        let less = |construct: &Construct| {
            construct.part == Part::Events && construct.fidelity == Fidelity::Narrower
        };
        self.constructs.iter().any(less)
    }

    /// Records the translation of a predicate.
    pub fn record_predicate(
        &mut self,
        fidelity: Fidelity,
        what: impl Into<What>,
        origin: Origin,
        reason: impl Into<String>,
    ) {
        self.record_part(
            Part::Condition,
            fidelity,
            what.into(),
            origin,
            reason.into(),
        );
    }

    fn record_part(
        &mut self,
        part: Part,
        fidelity: Fidelity,
        what: What,
        origin: Origin,
        reason: String,
    ) {
        if let Some(code) = fidelity.code() {
            let diagnostic = Diagnostic::warning(code, message(&what, &reason));
            self.diagnostics.push(diagnostic.at(origin));
        }
        self.push(part, what, fidelity, origin, reason);
    }

    /// Whether what is shown is recorded, and not as left out.
    pub fn shows(&self, what: &str) -> bool {
        self.shown(what).any(|one| one < Fidelity::Unsupported)
    }

    /// Whether less than that is recorded as shown.
    pub fn shortens(&self, what: &str) -> bool {
        self.shown(what).any(|one| one > Fidelity::Exact)
    }

    fn shown(&self, what: &str) -> impl Iterator<Item = Fidelity> {
        let all = self.constructs.iter();
        let of_it = all.filter(move |one| one.part == Part::Shown && one.what == *what);
        of_it.map(|one| one.fidelity)
    }

    /// Whether what is called so, or so with more behind it, is left out.
    pub fn drops(&self, what: &str) -> bool {
        let is_dropped = |one: &Construct| {
            one.fidelity == Fidelity::Unsupported
                && (one.what.strip_prefix(what))
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        self.constructs.iter().any(is_dropped)
    }

    /// Records that less is shown than the source would, or nothing, for a reason that was found besides. What is recorded of it as
    /// shown keeps its place, and its reason is kept.
    pub fn record_less(&mut self, what: String, origin: Origin, reason: String, told: Diagnostic) {
        let code = Some(told.code);
        self.diagnostics.push(told);
        let mut constructs = self.constructs.iter_mut();
        let known = constructs.find(|one| one.what == what && one.fidelity < Fidelity::Unsupported);
        let construct = Construct {
            part: Part::Shown,
            what: what.into(),
            fidelity: Fidelity::Narrower,
            origin,
            reason,
            code,
        };
        match known {
            Some(known) if known.reason.is_empty() => *known = construct,
            Some(known) => {
                known.fidelity = Fidelity::Narrower;
                known.reason = format!("{}; {}", known.reason, construct.reason);
            }
            None => self.constructs.push(construct),
        }
    }

    /// Records a key that the target has no place for.
    pub fn leave_out(&mut self, key: impl Into<String>, origin: Origin, reason: impl Into<String>) {
        let (key, reason) = (key.into(), reason.into());
        if !self.left_out.iter().any(|one| one.key == key) {
            self.left_out.push(LeftOut {
                key,
                origin,
                reason,
            });
        }
    }

    /// Says which keys are left out, those of one reason together.
    pub fn tell_left_out(&mut self) {
        let mut reasons: Vec<&str> = Vec::new();
        for one in &self.left_out {
            if !reasons.contains(&one.reason.as_str()) {
                reasons.push(&one.reason);
            }
        }
        for reason in reasons {
            let keys = self.left_out.iter().filter(|one| one.reason == reason);
            let names: Vec<String> = keys.clone().map(|one| format!("`{}`", one.key)).collect();
            let place = keys.clone().find_map(|one| one.origin.0);
            let message = format!("left out: {}: {reason}", names.join(", "));
            let told = Diagnostic::note(Code::LeftOut, message).at(place);
            self.diagnostics.push(told);
        }
    }

    /// Records a part of the condition that the target cannot express: the rule must not be emitted.
    pub fn refuse(&mut self, what: impl Into<What>, origin: Origin, reason: impl Into<String>) {
        let (what, reason) = (what.into(), reason.into());
        let told = Diagnostic::error(Code::Unsupported, message(&what, &reason));
        self.diagnostics.push(told.at(origin));
        self.push(Part::Condition, what, Fidelity::Unsupported, origin, reason);
    }

    fn push(&mut self, part: Part, what: What, fidelity: Fidelity, origin: Origin, reason: String) {
        self.constructs.push(Construct {
            part,
            what,
            fidelity,
            origin,
            reason,
            code: fidelity.code(),
        });
    }

    /// How the verdicts on single events compare.
    pub fn claim(&self) -> Claim {
        self.of(&[Part::Condition])
    }

    /// How the alerts on events that are alike selected compare.
    pub fn counting(&self) -> Claim {
        self.of(&[Part::Events, Part::Groups, Part::Count])
    }

    /// How the alerts on events of one window compare, for which the kind of window makes no difference.
    pub fn grouping(&self) -> Claim {
        self.of(&[Part::Groups])
    }

    fn of(&self, parts: &[Part]) -> Claim {
        let constructs = self.constructs.iter();
        let of_them = constructs.filter(|construct| parts.contains(&construct.part));
        of_them.fold(Claim::default(), |claim, construct| {
            claim.and(construct.fidelity.into())
        })
    }

    /// The worst fidelity of any part of the condition.
    pub fn condition(&self) -> Fidelity {
        let condition = self
            .constructs
            .iter()
            .filter(|construct| construct.part == Part::Condition);
        condition
            .map(|construct| construct.fidelity)
            .max()
            .unwrap_or(Fidelity::Exact)
    }

    /// How many constructs have this fidelity.
    pub fn count(&self, fidelity: Fidelity) -> usize {
        self.constructs
            .iter()
            .filter(|construct| construct.fidelity == fidelity)
            .count()
    }

    /// The worst fidelity of any construct.
    pub fn worst(&self) -> Fidelity {
        self.constructs
            .iter()
            .map(|construct| construct.fidelity)
            .max()
            .unwrap_or(Fidelity::Exact)
    }
}

/// The fidelity line: `exact 6 · wider 1 · unsupported 0`; `narrower` and `keys left out` only where there are any.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "exact {} · wider {}",
            self.count(Fidelity::Exact),
            self.count(Fidelity::Wider)
        )?;
        match self.count(Fidelity::Narrower) {
            0 => {}
            narrower => write!(f, " · narrower {narrower}")?,
        }
        write!(f, " · unsupported {}", self.count(Fidelity::Unsupported))?;
        match self.left_out.len() {
            0 => Ok(()),
            keys => write!(f, " · keys left out {keys}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_directions_are_neither() {
        let mut report = Report::new();
        let record = |report: &mut Report, fidelity| {
            report.record_predicate(fidelity, "a", Origin::default(), "it differs");
        };
        record(&mut report, Fidelity::Wider);
        assert_eq!(report.claim().name(), "wider");
        assert!(report.claim().allows(false, true) && !report.claim().allows(true, false));
        record(&mut report, Fidelity::Narrower);
        assert_eq!(report.claim().name(), "wider and narrower");
        assert!(report.claim().allows(true, false));
        assert!(report.counting().is_exact());
        report.record_count(Fidelity::Narrower, "n", Origin::default(), "it starts late");
        assert_eq!(report.counting().name(), "narrower");
        assert!(!report.reads_less(), "the target has no other way");
    }
}
