//! Thresholds over a sequence of events: which groups alert, and when.
//!
//! Events come with their time in seconds and in ascending order. A rule without a threshold alerts at every match.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{holds, text_of, value};
use crate::ir::{Comparison, Measure, Rule, Term, Threshold, WindowKind};

/// One alert: the group it is for, and the time its window starts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alert {
    /// The text forms of the group's values, in the threshold's order; empty without groups.
    pub group: Vec<String>,
    /// The start of the window, in seconds; the event's own time without a threshold.
    pub window_start: i64,
}

/// The alerts of the rule over events given as `(time in seconds, event)`, in order of group and time, each once. A correlation
/// has none, since it is not about events.
pub fn alerts(rule: &Rule, events: &[(i64, Value)]) -> Vec<Alert> {
    if rule.correlation.is_some() {
        return Vec::new();
    }
    let matching = events
        .iter()
        .filter(|(_, event)| holds(&rule.selection, event));
    let Some(threshold) = &rule.threshold else {
        return matching
            .map(|(time, _)| Alert {
                group: Vec::new(),
                window_start: *time,
            })
            .collect();
    };
    let mut groups: BTreeMap<Vec<String>, Vec<&(i64, Value)>> = BTreeMap::new();
    for entry in matching {
        let group = threshold
            .group_by
            .iter()
            .map(|term| value(term, &entry.1).map_or_else(String::new, |value| text_of(&value)));
        groups.entry(group.collect()).or_default().push(entry);
    }
    let alerting = groups.into_iter().flat_map(|(group, events)| {
        let starts = windows(threshold, &events)
            .into_iter()
            .filter(|(_, members)| reached(threshold, members));
        starts
            .map(move |(window_start, _)| Alert {
                group: group.clone(),
                window_start,
            })
            .collect::<Vec<_>>()
    });
    alerting.collect()
}

type Members<'e> = Vec<&'e (i64, Value)>;

/// The windows of one group's events, each with its start and members.
fn windows<'e>(threshold: &Threshold, events: &[&'e (i64, Value)]) -> Vec<(i64, Members<'e>)> {
    let length = i64::try_from(threshold.window.as_secs())
        .unwrap_or(i64::MAX)
        .max(1);
    let mut windows: Vec<(i64, Members<'e>)> = Vec::new();
    match threshold.window_kind {
        WindowKind::PerRun => {
            windows.extend(events.first().map(|first| (first.0, events.to_vec())));
        }
        WindowKind::Sliding => {
            windows.extend(events.iter().enumerate().map(|(at, event)| {
                let members = events[at..]
                    .iter()
                    .take_while(|other| other.0 - event.0 < length);
                (event.0, members.copied().collect())
            }));
        }
        WindowKind::Aligned | WindowKind::FromFirstMatch => {
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
        }
    }
    windows
}

#[allow(clippy::float_cmp, reason = "a count equals a count exactly")]
fn reached(threshold: &Threshold, members: &Members<'_>) -> bool {
    let Some(measured) = measured(&threshold.measure, members) else {
        return false;
    };
    let holds = |comparison: Comparison, count: f64| match comparison {
        Comparison::AtLeast => measured >= count,
        Comparison::GreaterThan => measured > count,
        Comparison::AtMost => measured <= count,
        Comparison::LessThan => measured < count,
        Comparison::Equal => measured == count,
        Comparison::NotEqual => measured != count,
    };
    let also = threshold.also;
    holds(threshold.comparison, threshold.count)
        && also.is_none_or(|also| holds(also.comparison, also.count))
}

/// The measure over the events, if they have one.
#[allow(
    clippy::cast_precision_loss,
    reason = "counts of events stay far below 2^53"
)]
fn measured(measure: &Measure, members: &Members<'_>) -> Option<f64> {
    let numbers = |term: &Term| -> Vec<f64> {
        members
            .iter()
            .filter_map(|(_, event)| value(term, event)?.as_f64())
            .collect()
    };
    match measure {
        Measure::Count => Some(members.len() as f64),
        Measure::DistinctCount(term) => {
            let values = members
                .iter()
                .filter_map(|(_, event)| value(term, event))
                .filter(|value| !value.is_null());
            let distinct: BTreeSet<String> = values.map(|value| value.to_string()).collect();
            Some(distinct.len() as f64)
        }
        Measure::Sum(term) => Some(numbers(term).into_iter().sum()),
        Measure::Average(term) => {
            let numbers = numbers(term);
            let sum: f64 = numbers.iter().sum();
            (!numbers.is_empty()).then(|| sum / numbers.len() as f64)
        }
        Measure::Percentile { of, percent } => {
            let mut numbers = numbers(of);
            numbers.sort_by(f64::total_cmp);
            let enough = |at: usize| (at + 1) as f64 * 100.0 >= percent * numbers.len() as f64;
            let at = (0..numbers.len()).find(|at| enough(*at))?;
            numbers.get(at).copied()
        }
    }
}
