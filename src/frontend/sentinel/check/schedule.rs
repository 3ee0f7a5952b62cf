//! When a rule runs and what makes it alert: the limits of a scheduled rule, and what has no place in a near-real-time one.

use std::time::Duration;

use super::super::document::plain;
use super::super::duration;
use super::super::forms::Form;
use super::{Checker, Kind, SCHEDULE};
use crate::diagnostic::Code;
use crate::syntax::yaml::Step;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The shortest and the longest frequency and period.
const SHORTEST: Duration = Duration::from_secs(5 * MINUTE);
const LONGEST: Duration = Duration::from_secs(14 * DAY);
/// A rule that looks back this far runs no more often than that.
const FAR: Duration = Duration::from_secs(2 * DAY);
const SELDOM: Duration = Duration::from_secs(HOUR);
/// The largest threshold.
const THRESHOLD: u64 = 10_000;

const OPERATORS: [&str; 8] = [
    "gt",
    "lt",
    "eq",
    "ne",
    "GreaterThan",
    "LessThan",
    "Equal",
    "NotEqual",
];

impl Checker<'_, '_> {
    /// The schedule and the trigger.
    pub(super) fn schedule(&mut self) {
        match self.kind {
            Kind::Hunting => {}
            Kind::NearRealTime => self.unscheduled(),
            Kind::Scheduled => {
                for key in SCHEDULE {
                    if self.get(key).is_none() {
                        let message = format!("a scheduled rule requires `{key}`");
                        self.fail(Code::SentinelScheduleMissing, &[Step::Key(key)], message);
                    }
                }
                self.times();
                self.trigger();
            }
        }
    }

    fn unscheduled(&mut self) {
        for key in SCHEDULE {
            if self.get(key).is_none() {
                continue;
            }
            let message = format!("a near-real-time rule has no `{key}`");
            let span = self.yaml.key_span(&[Step::Key(key)]);
            let help = Some("leave the key out, or make the rule one of the kind Scheduled".into());
            self.push(
                Code::SentinelNrtSchedule,
                crate::diagnostic::Severity::Error,
                span,
                message,
                help,
            );
        }
    }

    fn times(&mut self) {
        let frequency = self.duration("queryFrequency", SHORTEST, LONGEST);
        let period = self.duration("queryPeriod", SHORTEST, LONGEST);
        let (Some(frequency), Some(period)) = (frequency, period) else {
            return;
        };
        if period < frequency {
            let message = "`queryPeriod` is required to be no shorter than `queryFrequency`";
            let help = "what happens between two runs is seen by neither";
            self.fail_with(
                Code::SentinelPeriod,
                &[Step::Key("queryPeriod")],
                message,
                help,
            );
        } else if period >= FAR && frequency < SELDOM {
            let message = "a rule that looks back 2 days or more runs at most once an hour";
            self.fail(
                Code::SentinelLongPeriod,
                &[Step::Key("queryFrequency")],
                message,
            );
        }
    }

    /// The duration under a key, if there is one; a finding where it is malformed or out of its limits.
    pub(super) fn duration(
        &mut self,
        key: &'static str,
        shortest: Duration,
        longest: Duration,
    ) -> Option<Duration> {
        let text = self.get(key).map(plain)?;
        self.duration_at(&text, &[Step::Key(key)], shortest, longest)
    }

    /// The same for a text at a path.
    pub(super) fn duration_at(
        &mut self,
        text: &str,
        path: &[Step<'_>],
        shortest: Duration,
        longest: Duration,
    ) -> Option<Duration> {
        let iso = text.starts_with(['P', 'p']);
        let Some(read) = duration::parse(text).filter(|_| iso || self.form == Form::Template)
        else {
            let (message, help) = if self.form == Form::Template {
                (
                    format!("`{text}` is not a duration"),
                    "write it as in 5m, 1h or 14d",
                )
            } else {
                (
                    format!("`{text}` is not an ISO 8601 duration"),
                    "write it as in PT5M, PT1H or P14D",
                )
            };
            self.fail_with(Code::SentinelDuration, path, message, help);
            return None;
        };
        let of_schedule = matches!(path, [Step::Key("queryFrequency" | "queryPeriod")]);
        if iso && of_schedule && self.form == Form::Template {
            let message =
                format!("`{text}` is the form of ARM templates; a rule's YAML has another");
            self.fail_with(
                Code::SentinelDuration,
                path,
                message,
                "write it as in 5m, 1h or 14d",
            );
        }
        if read < shortest || read > longest {
            let message = format!(
                "the duration is required to lie between {} and {}",
                spelt(shortest),
                spelt(longest)
            );
            self.fail(Code::SentinelDurationRange, path, message);
        }
        Some(read)
    }

    fn trigger(&mut self) {
        if let Some(operator) = self.get("triggerOperator").map(plain)
            && !OPERATORS.contains(&operator.as_str())
        {
            let message = format!("`{operator}` is not an operator; expected gt, lt, eq or ne");
            self.fail(
                Code::SentinelTriggerOperator,
                &[Step::Key("triggerOperator")],
                message,
            );
        }
        if let Some(threshold) = self.get("triggerThreshold").map(plain)
            && threshold
                .parse::<u64>()
                .ok()
                .is_none_or(|number| number > THRESHOLD)
        {
            let message = format!("`{threshold}` is not a whole number from 0 to 10000");
            self.fail(
                Code::SentinelTriggerThreshold,
                &[Step::Key("triggerThreshold")],
                message,
            );
        }
    }
}

fn spelt(length: Duration) -> String {
    let seconds = length.as_secs();
    for (unit, name) in [(DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")] {
        if seconds >= unit && seconds.is_multiple_of(unit) {
            let count = seconds / unit;
            let s = if count == 1 { "" } else { "s" };
            return format!("{count} {name}{s}");
        }
    }
    format!("{seconds} seconds")
}
