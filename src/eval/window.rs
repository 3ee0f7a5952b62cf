//! Thresholds over a sequence of events: which groups alert, and when.
//!
//! Events come with their time in seconds and in ascending order. A rule without a threshold alerts at every match. A sliding
//! window ends at each event and has both of its ends; the others start where their kind says and lack their end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{holds, text_of, timed, value};
use crate::ir::{Bound, Comparison, Measure, Rule, Threshold, WindowKind};

/// One alert: the group it is for, and its time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alert {
    /// The text forms of the group's values, in the order of the threshold or of what a correlation's members have in common;
    /// empty without groups.
    pub group: Vec<String>,
    /// When it is known, in seconds: the time of the last event that it is for.
    pub at: i64,
}

/// The alerts of the rule over events given as `(time in seconds, event)`, in order of group and time, each once. A member of a
/// correlation is judged on every event, whatever its log source; one without its rule has no matches.
pub fn alerts(rule: &Rule, events: &[(i64, Value)]) -> Vec<Alert> {
    if let Some(correlation) = &rule.correlation {
        return timed::alerts(correlation, events);
    }
    let matching = events
        .iter()
        .filter(|(_, event)| holds(&rule.selection, event));
    let Some(threshold) = &rule.threshold else {
        let alert = |(at, _): &(i64, Value)| Alert {
            group: Vec::new(),
            at: *at,
        };
        return matching.map(alert).collect();
    };
    let mut groups: BTreeMap<Vec<String>, Vec<&(i64, Value)>> = BTreeMap::new();
    for entry in matching {
        let group = threshold
            .group_by
            .iter()
            .map(|term| value(term, &entry.1).map_or_else(String::new, |value| text_of(&value)));
        groups.entry(group.collect()).or_default().push(entry);
    }
    let mut found = Vec::new();
    for (group, events) in groups {
        let windows = windows(threshold, &events).into_iter();
        let reached = windows.filter(|members| reached(threshold, members));
        let mut times: Vec<i64> = reached
            .filter_map(|members| Some(members.last()?.0))
            .collect();
        times.dedup();
        found.extend(times.into_iter().map(|at| Alert {
            group: group.clone(),
            at,
        }));
    }
    found
}

type Members<'e> = Vec<&'e (i64, Value)>;

/// The windows of one group's events, each with its members.
fn windows<'e>(threshold: &Threshold, events: &[&'e (i64, Value)]) -> Vec<Members<'e>> {
    let length = i64::try_from(threshold.window.as_secs())
        .unwrap_or(i64::MAX)
        .max(1);
    match threshold.window_kind {
        WindowKind::PerRun => vec![events.to_vec()],
        WindowKind::Sliding => {
            let ends: BTreeSet<i64> = events.iter().map(|event| event.0).collect();
            let window = |end: i64| {
                let start = end.saturating_sub(length);
                let members = events
                    .iter()
                    .filter(|event| (start..=end).contains(&event.0));
                members.copied().collect()
            };
            ends.into_iter().map(window).collect()
        }
        WindowKind::Aligned | WindowKind::FromFirstMatch => {
            let mut windows: Vec<(i64, Members<'e>)> = Vec::new();
            for event in events {
                let aligned = event.0.div_euclid(length) * length;
                let start = if threshold.window_kind == WindowKind::Aligned {
                    aligned
                } else {
                    event.0
                };
                match windows.last_mut() {
                    Some((open, members)) if event.0 - *open < length => members.push(event),
                    _ => windows.push((start, vec![event])),
                }
            }
            windows.into_iter().map(|(_, members)| members).collect()
        }
    }
}

fn reached(threshold: &Threshold, members: &Members<'_>) -> bool {
    let term = threshold.measure.term();
    let of = |event: &Value| term.and_then(|term| value(term, event));
    let values = members.iter().map(|(_, event)| of(event)).collect();
    let first = Bound {
        comparison: threshold.comparison,
        count: threshold.count,
    };
    measured(&threshold.measure, values)
        .is_some_and(|measured| within(measured, first, threshold.also))
}

/// Whether a measure is what both bounds ask for.
#[allow(clippy::float_cmp, reason = "a count equals a count exactly")]
pub(super) fn within(measured: f64, first: Bound, also: Option<Bound>) -> bool {
    let holds = |bound: Bound| match bound.comparison {
        Comparison::AtLeast => measured >= bound.count,
        Comparison::GreaterThan => measured > bound.count,
        Comparison::AtMost => measured <= bound.count,
        Comparison::LessThan => measured < bound.count,
        Comparison::Equal => measured == bound.count,
        Comparison::NotEqual => measured != bound.count,
    };
    holds(first) && also.is_none_or(holds)
}

/// The measure over matches, given what its term is for each of them; nothing where they have none.
#[allow(
    clippy::cast_precision_loss,
    reason = "counts of events stay far below 2^53"
)]
pub(super) fn measured(measure: &Measure, values: Vec<Option<Value>>) -> Option<f64> {
    let count = values.len();
    let values = values
        .into_iter()
        .flatten()
        .filter(|value| !value.is_null());
    let numbers = |values: &mut dyn Iterator<Item = Value>| -> Vec<f64> {
        values.filter_map(|value| value.as_f64()).collect()
    };
    let mut values = values;
    match measure {
        Measure::Count => Some(count as f64),
        Measure::DistinctCount(_) => {
            let distinct: BTreeSet<String> = values.map(|value| value.to_string()).collect();
            Some(distinct.len() as f64)
        }
        Measure::Sum(_) => Some(numbers(&mut values).into_iter().sum()),
        Measure::Average(_) => {
            let numbers = numbers(&mut values);
            let sum: f64 = numbers.iter().sum();
            (!numbers.is_empty()).then(|| sum / numbers.len() as f64)
        }
        Measure::Percentile { percent, .. } => {
            let mut numbers = numbers(&mut values);
            numbers.sort_by(f64::total_cmp);
            let enough = |at: usize| (at + 1) as f64 * 100.0 >= percent * numbers.len() as f64;
            let at = (0..numbers.len()).find(|at| enough(*at))?;
            numbers.get(at).copied()
        }
    }
}
