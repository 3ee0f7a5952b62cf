//! The window of a threshold to the way in which a query counts within it.
//!
//! `bin` starts windows at multiples of their length, so that events on both sides of such a boundary are not counted together. A
//! window that starts at events is asked in another way, which never misses what the source counts together: by the row that
//! stands as many rows before in order of time, or over all that a run looks back. Only a measure that more events can not lower is
//! asked so; any other comparison stays with `bin` and is reported as narrower.

use std::time::Duration;

use super::quote;
use crate::analysis::{Fidelity, Report};
use crate::ir::{Comparison, Measure, Schedule, Threshold, WindowKind};

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// How a query counts within the window of a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::backend) enum Counting {
    /// By `bin` of the time.
    Bins,
    /// All events that a run looks back on.
    Run,
    /// The events of a run look back so many rows of their group: a window is reached where that row is near enough.
    Rows(u64),
}

impl Counting {
    /// How the threshold is counted.
    pub(in crate::backend) fn of(threshold: &Threshold) -> Self {
        match threshold.window_kind {
            WindowKind::Aligned => return Self::Bins,
            WindowKind::PerRun => return Self::Run,
            WindowKind::FromFirstMatch | WindowKind::Sliding => {}
        }
        let Some(least) = least(threshold) else {
            return Self::Bins;
        };
        match &threshold.measure {
            Measure::Count if least > 1 => Self::Rows(least - 1),
            // One event is a window by itself.
            Measure::Count | Measure::DistinctCount(_) => Self::Run,
            Measure::Sum(_) | Measure::Average(_) | Measure::Percentile { .. } => Self::Bins,
        }
    }

    /// What the counting keeps of the window, and why that is not all.
    pub(in crate::backend) fn fidelity(self, threshold: &Threshold) -> (Fidelity, String) {
        let exact = (Fidelity::Exact, String::new());
        let own = threshold.window_kind.name();
        match (self, threshold.window_kind) {
            (Self::Bins, WindowKind::Aligned)
            | (Self::Run, WindowKind::PerRun)
            | (Self::Rows(_), WindowKind::Sliding) => exact,
            (Self::Run, _) if threshold.measure == Measure::Count => exact,
            (Self::Rows(_), _) => {
                let window = quote::timespan(threshold.window);
                let reason = format!(
                    "events within any {window} are counted together, the source has a {own}"
                );
                (Fidelity::Wider, reason)
            }
            (Self::Run, _) => {
                let reason = format!(
                    "all that a run looks back on is counted together, the source has a {own}"
                );
                (Fidelity::Wider, reason)
            }
            (Self::Bins, _) => {
                let reason = format!(
                    "`bin` starts windows at multiples of their length, the source has a {own}; events on both sides of a \
                     boundary are not counted together"
                );
                (Fidelity::Narrower, reason)
            }
        }
    }

    /// When a rule has to run so that every window is whole in some run.
    pub(in crate::backend) fn schedule(
        self,
        threshold: &Threshold,
        shortest: Duration,
    ) -> Schedule {
        let window = threshold.window.as_secs().max(1);
        let (frequency, period) = match (self, threshold.window_kind) {
            (Self::Run, WindowKind::PerRun) => {
                let frequency = window.max(shortest.as_secs());
                (frequency, frequency)
            }
            // What a run looks back on beyond the window makes the count wider, so that runs follow each other sooner. A rule that
            // looks back two days or more runs once a day.
            (Self::Run, _) => {
                let often = (window / 4).div_ceil(MINUTE).saturating_mul(MINUTE);
                let often = often.max(shortest.as_secs());
                let daily = window.saturating_add(often) >= 2 * DAY;
                let frequency = if daily { often.max(DAY) } else { often };
                (frequency, window.saturating_add(frequency))
            }
            // Runs are not aligned to the windows: one that looked back for a single window would see the end of one window and
            // the start of the next, and neither whole. With one frequency more, every window is whole in some run.
            (Self::Bins | Self::Rows(_), _) => {
                let frequency = window.max(shortest.as_secs());
                (frequency, window.saturating_add(frequency))
            }
        };
        Schedule {
            frequency: Duration::from_secs(frequency),
            period: Duration::from_secs(period),
        }
    }
}

/// The least number that reaches the threshold, where more always does as well.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within the bounds that are asked for"
)]
pub(super) fn least(threshold: &Threshold) -> Option<u64> {
    let count = threshold.count;
    if threshold.also.is_some() || !(0.0..1e9).contains(&count) {
        return None;
    }
    match threshold.comparison {
        Comparison::AtLeast => Some(count.ceil() as u64),
        Comparison::GreaterThan => Some(count.floor() as u64 + 1),
        Comparison::AtMost | Comparison::LessThan | Comparison::Equal | Comparison::NotEqual => {
            None
        }
    }
}

/// What the translation keeps of the threshold.
pub(super) fn record(threshold: &Threshold, what: String, report: &mut Report) {
    let origin = threshold.origin;
    let (fidelity, reason) = Counting::of(threshold).fidelity(threshold);
    if fidelity != Fidelity::Exact {
        report.record_events(fidelity, what.clone(), origin, reason);
        if fidelity == Fidelity::Narrower {
            // More events can lower what is measured here, and fewer raise it.
            let reason = "what is counted on one side of a boundary is compared without the events on the other";
            report.record_count(Fidelity::Wider, what, origin, reason);
        }
        return;
    }
    let counts_up = matches!(
        threshold.comparison,
        Comparison::AtLeast | Comparison::GreaterThan
    );
    match &threshold.measure {
        Measure::DistinctCount(_) => {
            let fidelity = if counts_up {
                Fidelity::Wider
            } else {
                Fidelity::Narrower
            };
            let reason = "`dcount` estimates large numbers, and counts a missing text as a value";
            report.record_count(fidelity, what, origin, reason);
        }
        Measure::Count | Measure::Sum(_) | Measure::Average(_) | Measure::Percentile { .. } => {
            report.exact(what, origin);
        }
    }
}
