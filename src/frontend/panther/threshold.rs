//! `Threshold`, `DedupPeriodMinutes` and `unique()` to a threshold with its group.
//!
//! Panther counts the matches of one dedup text within the period that starts at the first. The dedup text is what `dedup()`
//! returns, else the title, else one for the whole rule. A text that is put together from fields groups by the fields.

use std::time::Duration;

use super::document::Fields;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Comparison, Measure, Origin, Rule, Term, Threshold, WindowKind};

/// The period where the document names none, in minutes.
const PERIOD: u64 = 60;

/// What the document says about counting.
pub(super) struct Counts {
    threshold: u64,
    minutes: u64,
    origin: Origin,
}

impl Counts {
    /// Takes the keys.
    pub(super) fn take(fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Self {
        let origin = fields
            .span("Threshold")
            .map_or_else(Origin::default, Into::into);
        Self {
            threshold: fields.take("Threshold", diagnostics).unwrap_or(1),
            minutes: fields
                .take("DedupPeriodMinutes", diagnostics)
                .unwrap_or(PERIOD),
            origin,
        }
    }

    /// Sets the rule's threshold, or its dedup window. `unique` is what `unique()` returns, if there is one; an error where it,
    /// or the text by which a threshold groups (`ungrouped` says why), could not be expressed.
    pub(super) fn apply(
        &self,
        rule: &mut Rule,
        unique: Lowered,
        ungrouped: Option<Box<Diagnostic>>,
    ) -> Result<(), Box<Diagnostic>> {
        let seconds = self.minutes.saturating_mul(60);
        if self.threshold <= 1 {
            rule.dedup_window = Some(seconds);
            return Ok(());
        }
        if let Some(problem) = ungrouped {
            return Err(problem);
        }
        let measure = match unique {
            Lowered::Absent => Measure::Count,
            Lowered::Term(term) => Measure::DistinctCount(term),
            Lowered::Lost(problem) => return Err(problem),
        };
        let dedup = rule.alert.dedup.as_ref().or(rule.alert.title.as_ref());
        let group_by = dedup.map_or_else(Vec::new, Term::deciding);
        #[allow(clippy::cast_precision_loss, reason = "thresholds are small")]
        let count = self.threshold as f64;
        rule.threshold = Some(Threshold {
            measure,
            comparison: Comparison::AtLeast,
            count,
            also: None,
            window: Duration::from_secs(seconds),
            window_kind: WindowKind::FromFirstMatch,
            group_by,
            origin: self.origin,
        });
        Ok(())
    }
}

/// What became of a function that returns a text.
pub(super) enum Lowered {
    /// The rule does not define it.
    Absent,
    /// Its value.
    Term(Term),
    /// It could not be expressed.
    Lost(Box<Diagnostic>),
}

impl Lowered {
    /// The term, where the loss of it only changes what is shown.
    pub(super) fn shown(self, diagnostics: &mut Diagnostics) -> Option<Term> {
        match self {
            Self::Absent => None,
            Self::Term(term) => Some(term),
            Self::Lost(mut problem) => {
                problem.severity = crate::diagnostic::Severity::Warning;
                problem.code = Code::PythonOutput;
                diagnostics.push(*problem);
                None
            }
        }
    }
}
