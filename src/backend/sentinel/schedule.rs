//! When the rule runs, within Sentinel's limits.
//!
//! A rule that came with a schedule keeps it. Without a threshold a rule runs every hour over the last hour, as a third of the
//! content hub does, or every deduplication window where that is shorter. With one it runs so often
//! that every window is whole in some run.

use std::time::Duration;

use super::super::kusto::{Counting, timespan};
use crate::analysis::{Fidelity, Report};
use crate::ir::{Rule, Schedule};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// The shortest and the longest that Sentinel takes.
const SHORTEST: u64 = 5 * MINUTE;
const LONGEST: u64 = 14 * DAY;

/// Frequency and period in the document's form.
pub(super) fn of(rule: &Rule, report: &mut Report) -> (String, String) {
    let wanted = rule.schedule.unwrap_or_else(|| derived(rule));
    let fitted = fit(wanted);
    if fitted.period < wanted.period {
        let reason = format!(
            "a run looks back at most {}, not {}",
            timespan(fitted.period),
            timespan(wanted.period)
        );
        report.record_events(Fidelity::Narrower, "schedule", rule.origin, reason);
    } else if fitted != wanted && rule.schedule.is_some() {
        let reason = format!(
            "Sentinel takes no run every {} over {}; it runs every {} over {}",
            timespan(wanted.frequency),
            timespan(wanted.period),
            timespan(fitted.frequency),
            timespan(fitted.period)
        );
        report.record(Fidelity::Wider, "schedule", rule.origin, reason);
    }
    (timespan(fitted.frequency), timespan(fitted.period))
}

/// Whether Sentinel would refuse the rule's schedule for its length.
pub(super) fn is_out_of_bounds(rule: &Rule) -> bool {
    let (shortest, longest) = (Duration::from_secs(SHORTEST), Duration::from_secs(LONGEST));
    rule.schedule.is_some_and(|schedule| {
        schedule.frequency < shortest || schedule.frequency.max(schedule.period) > longest
    })
}

/// How far back the matches lie that an alert now may be about, in seconds: through the windows of a correlation and its members.
fn reach(rule: &Rule) -> u64 {
    let own = match (&rule.correlation, &rule.threshold) {
        (Some(correlation), _) => correlation.window.as_secs(),
        (None, Some(threshold)) => threshold.window.as_secs(),
        (None, None) => 0,
    };
    let members = rule.correlation.iter().flat_map(|it| &it.members);
    let held = members.filter_map(|member| member.definition.as_deref());
    own.saturating_add(held.map(reach).max().unwrap_or(0))
}

fn derived(rule: &Rule) -> Schedule {
    let seconds = Duration::from_secs;
    if let Some(correlation) = &rule.correlation {
        let frequency = correlation.window.as_secs().max(SHORTEST);
        return Schedule {
            frequency: seconds(frequency),
            // A run sees whatever belongs to the matches since the one before it.
            period: seconds(reach(rule).saturating_add(frequency)),
        };
    }
    let Some(threshold) = &rule.threshold else {
        let frequency = rule.dedup_window.unwrap_or(HOUR).min(HOUR);
        return Schedule {
            frequency: seconds(frequency),
            period: seconds(frequency),
        };
    };
    Counting::of(threshold).schedule(threshold, seconds(SHORTEST))
}

/// The nearest schedule that Sentinel takes: whole minutes, 5 minutes to 14 days, a period no shorter than the frequency, and
/// no more than one run a day where a run looks back two days or more.
fn fit(wanted: Schedule) -> Schedule {
    let minutes = |length: Duration| length.as_secs().div_ceil(MINUTE).saturating_mul(MINUTE);
    let mut frequency = minutes(wanted.frequency).clamp(SHORTEST, LONGEST);
    let period = minutes(wanted.period).clamp(frequency, LONGEST);
    if period >= 2 * DAY {
        frequency = frequency.max(DAY);
    }
    Schedule {
        frequency: Duration::from_secs(frequency),
        period: Duration::from_secs(period),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(frequency: u64, period: u64) -> (String, String) {
        let schedule = fit(Schedule {
            frequency: Duration::from_secs(frequency),
            period: Duration::from_secs(period),
        });
        (timespan(schedule.frequency), timespan(schedule.period))
    }

    #[test]
    fn schedules_fit_sentinels_limits() {
        for (given, expected) in [
            ((600, 600), ("10m", "10m")),
            ((60, 60), ("5m", "5m")),
            ((90, 330), ("5m", "6m")),
            ((HOUR, 3 * DAY), ("1d", "3d")),
            ((DAY, 30 * DAY), ("1d", "14d")),
            ((30 * DAY, DAY), ("14d", "14d")),
            ((u64::MAX, u64::MAX), ("14d", "14d")),
        ] {
            let (frequency, period) = fitted(given.0, given.1);
            assert_eq!((frequency.as_str(), period.as_str()), expected, "{given:?}");
        }
    }
}
