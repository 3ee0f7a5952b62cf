//! Correlations over the matches of one run: whether there is an alert.
//!
//! The matches come as `{member: {field: {value: [time, ...]}}}`: when each member matched with which value of which field. A
//! time is a number of minutes from any start, or an RFC 3339 text; what is neither is no match. Values are compared as texts.
//!
//! - A group alerts if for one value of the members' fields every member that must match does so at least as often as it must
//!   inside of one window (both ends included), and no absent member matches with the value at all. Without fields in common, all
//!   matches count, and a time that stands under several fields of a member is one match.
//! - A sequence alerts if there is a chain of matches, one of each member, each at or after the one before it, with the same
//!   value of the step's fields, within the time that the step may take, and all within the window. An absent last member alerts
//!   where a match of the member before it is not followed so. A member with a least count must follow that often.
//! - A member that matches more often than it may, counted for the value over all times, does not take part.
//! - Matches in this form do not tell which values of two fields belong together, nor what is measured. A correlation that asks
//!   for it does not alert here; `timed` judges it on events.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use crate::ir::compute::time::days_to;
use crate::ir::{Correlation, FieldPath, Member, Pattern, Transition};

/// When something happened, in milliseconds.
type Time = i64;

/// Whether the matches of the members make an alert.
pub(super) fn fires(correlation: &Correlation, matches: &Value) -> bool {
    let window = milliseconds(correlation.window);
    let members = &correlation.members;
    let same = match correlation.same.as_slice() {
        [] => None,
        [same] => Some(same),
        [_, _, ..] => return false,
    };
    match (&correlation.pattern, same) {
        (Pattern::Count { .. } | Pattern::Group { least: Some(_) }, _) => false,
        (Pattern::Group { least: None }, None) => {
            group(members, window, |_, member| every_time(matches, member))
        }
        (Pattern::Group { least: None }, Some(same)) => {
            let present = members.iter().zip(&same.fields);
            let values: BTreeSet<&str> = present
                .filter(|(member, _)| !member.absent)
                .flat_map(|(member, field)| values(matches, member, field))
                .collect();
            values.into_iter().any(|value| {
                group(members, window, |at, member| match same.fields.get(at) {
                    Some(field) => times(matches, member, field, value),
                    None => Vec::new(),
                })
            })
        }
        (Pattern::Sequence { transitions }, None) => {
            sequence(members, transitions, window, matches)
        }
        (Pattern::Sequence { transitions }, Some(same)) => {
            if transitions.iter().any(|step| step.fields.is_some()) {
                return false;
            }
            let pairs = transitions.iter().zip(same.fields.windows(2));
            let steps = pairs.map(|(step, pair)| Transition {
                fields: pair.first().cloned().zip(pair.get(1).cloned()),
                ..step.clone()
            });
            let steps: Vec<Transition> = steps.collect();
            sequence(members, &steps, window, matches)
        }
    }
}

/// Whether the members' times make a group.
fn group(members: &[Member], window: Time, times: impl Fn(usize, &Member) -> Vec<Time>) -> bool {
    let mut needed: Vec<(Vec<Time>, u64)> = Vec::new();
    for (at, member) in members.iter().enumerate() {
        let times = times(at, member);
        if member.absent {
            if !times.is_empty() {
                return false;
            }
            continue;
        }
        if !counted(member, times.len()) {
            return false;
        }
        needed.push((times, member.least));
    }
    let starts = needed.iter().flat_map(|(times, _)| times);
    starts.into_iter().any(|start| {
        let end = start.saturating_add(window);
        needed.iter().all(|(times, least)| {
            let first = times.partition_point(|time| time < start);
            let last = times.partition_point(|time| *time <= end);
            (last - first) as u64 >= *least
        })
    })
}

/// Whether the member matches as often as it must and may.
fn counted(member: &Member, count: usize) -> bool {
    let count = count as u64;
    count >= member.least && member.most.is_none_or(|most| count <= most)
}

/// Whether there is a chain of matches.
fn sequence(members: &[Member], transitions: &[Transition], window: Time, matches: &Value) -> bool {
    if transitions.is_empty() || transitions.len() + 1 != members.len() {
        return false;
    }
    // The matches of the current member that a chain leads to, each with the latest start of such a chain.
    let mut reached: Option<BTreeMap<Time, Time>> = None;
    for (step, pair) in transitions.iter().zip(members.windows(2)) {
        let [from, to] = pair else { return false };
        let within = step.within.map_or(window, |within| {
            milliseconds(Duration::from_secs(within)).min(window)
        });
        let mut next: BTreeMap<Time, Time> = BTreeMap::new();
        for (before, after) in matching(step, from, to, matches) {
            let starts = chains(before, reached.as_ref(), from);
            if to.absent {
                if starts
                    .iter()
                    .any(|(time, _)| !follows(&after, *time, within))
                {
                    return true;
                }
                continue;
            }
            let followers = followers(&starts, &after, within, window);
            if followers.len() as u64 >= to.least && counted(to, after.len()) {
                for (time, start) in followers {
                    let latest = next.entry(time).or_insert(start);
                    *latest = start.max(*latest);
                }
            }
        }
        if next.is_empty() {
            return false;
        }
        reached = Some(next);
    }
    true
}

/// The times of both members for each value that they may have in common.
fn matching(
    step: &Transition,
    from: &Member,
    to: &Member,
    matches: &Value,
) -> Vec<(Vec<Time>, Vec<Time>)> {
    let Some((before, after)) = &step.fields else {
        return vec![(every_time(matches, from), every_time(matches, to))];
    };
    let pair = |value: &str| {
        (
            times(matches, from, before, value),
            times(matches, to, after, value),
        )
    };
    values(matches, from, before).map(pair).collect()
}

/// The matches of a member that a chain leads to, with the start of the chain: the match itself for the first member.
fn chains(
    times: Vec<Time>,
    reached: Option<&BTreeMap<Time, Time>>,
    member: &Member,
) -> Vec<(Time, Time)> {
    match reached {
        None if counted(member, times.len()) => {
            times.into_iter().map(|time| (time, time)).collect()
        }
        None => Vec::new(),
        Some(reached) => times
            .into_iter()
            .filter_map(|time| Some((time, *reached.get(&time)?)))
            .collect(),
    }
}

/// The times that end a longer chain, each with its start. The latest match before a time has the latest start, too.
fn followers(
    starts: &[(Time, Time)],
    after: &[Time],
    within: Time,
    window: Time,
) -> Vec<(Time, Time)> {
    let chain = |time: &Time| {
        let at = starts.partition_point(|(before, _)| before <= time);
        let (before, start) = starts.get(at.checked_sub(1)?)?;
        let fits = time.saturating_sub(*before) <= within && time.saturating_sub(*start) <= window;
        fits.then_some((*time, *start))
    };
    after.iter().filter_map(chain).collect()
}

/// Whether one of the times comes at or after the given one, in time.
fn follows(after: &[Time], time: Time, within: Time) -> bool {
    let at = after.partition_point(|later| *later < time);
    after
        .get(at)
        .is_some_and(|later| later.saturating_sub(time) <= within)
}

/// The values with which a member matched.
fn values<'m>(
    matches: &'m Value,
    member: &Member,
    field: &FieldPath,
) -> impl Iterator<Item = &'m str> {
    let of = matches
        .get(&member.name)
        .and_then(|fields| fields.get(field.to_string()))
        .and_then(Value::as_object);
    of.into_iter()
        .flat_map(|values| values.keys().map(String::as_str))
}

/// When a member matched with the value, in order.
fn times(matches: &Value, member: &Member, field: &FieldPath, value: &str) -> Vec<Time> {
    let found = matches
        .get(&member.name)
        .and_then(|fields| fields.get(field.to_string()))
        .and_then(|values| values.get(value));
    let mut times: Vec<Time> = found.into_iter().flat_map(listed).collect();
    times.sort_unstable();
    times
}

/// When a member matched at all, in order.
fn every_time(matches: &Value, member: &Member) -> Vec<Time> {
    let fields = matches.get(&member.name).and_then(Value::as_object);
    let mut counts: BTreeMap<Time, usize> = BTreeMap::new();
    for values in fields.into_iter().flat_map(|fields| fields.values()) {
        let mut here: BTreeMap<Time, usize> = BTreeMap::new();
        let lists = values.as_object().into_iter().flat_map(|map| map.values());
        for time in lists.flat_map(listed) {
            *here.entry(time).or_default() += 1;
        }
        for (time, count) in here {
            let most = counts.entry(time).or_default();
            *most = count.max(*most);
        }
    }
    let repeated = counts.into_iter();
    repeated
        .flat_map(|(time, count)| std::iter::repeat_n(time, count))
        .collect()
}

fn listed(times: &Value) -> impl Iterator<Item = Time> {
    times.as_array().into_iter().flatten().filter_map(time)
}

/// The time that a value is.
#[allow(
    clippy::cast_possible_truncation,
    reason = "a time that is too large is as large as can be"
)]
fn time(value: &Value) -> Option<Time> {
    match value {
        Value::Number(minutes) => Some((minutes.as_f64()? * 60_000.0).round() as Time),
        Value::String(text) => timestamp(text),
        _ => None,
    }
}

/// Milliseconds since 1970 of a text such as `2024-06-01T10:00:05.250Z`; without an offset it is taken as UTC.
fn timestamp(text: &str) -> Option<Time> {
    let (date, clock) = text.split_once(['T', 't', ' '])?;
    let mut parts = date.splitn(3, '-').map(digits);
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let (clock, offset) = match clock.rfind(['Z', 'z', '+', '-']) {
        Some(at) => (&clock[..at], zone(&clock[at..])?),
        None => (clock, 0),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.splitn(3, ':').map(digits);
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    let padded = format!("{fraction:0<3}");
    let thousandths = digits(padded.get(..3)?)?;
    let valid = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && year <= 9999
        && hour < 24
        && minute < 60
        && second <= 60;
    let minutes = (days_to(year, month, day) * 24 + hour) * 60 + minute - offset;
    valid.then_some((minutes * 60 + second) * 1000 + thousandths)
}

/// The minutes that a zone is ahead of UTC.
fn zone(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first()? {
        b'Z' | b'z' => return (text.len() == 1).then_some(0),
        b'-' => -1,
        _ => 1,
    };
    let (hours, minutes) = text[1..].split_once(':')?;
    Some(sign * (digits(hours)? * 60 + digits(minutes)?))
}

fn digits(text: &str) -> Option<i64> {
    let plain =
        !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn milliseconds(duration: Duration) -> Time {
    Time::try_from(duration.as_millis()).unwrap_or(Time::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_of_every_form() {
        // From Python's `datetime.fromisoformat(..).timestamp()`.
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0.0),
            ("2024-02-29T23:59:59Z", 1_709_251_199.0),
            ("2024-06-01T10:00:05.250Z", 1_717_236_005.25),
            ("2024-06-01T12:00:05+02:00", 1_717_236_005.0),
            ("1900-03-01T00:00:00+00:00", -2_203_891_200.0),
            ("2024-06-01 10:00:05", 1_717_236_005.0),
        ] {
            let minutes = time(&json!(seconds / 60.0));
            assert_eq!(time(&json!(text)), minutes, "{text}");
        }
        for text in [
            "",
            "2024",
            "2024-13-01T00:00:00Z",
            "2024-06-01T10",
            "T",
            "2024-06-01T1:é",
        ] {
            assert_eq!(timestamp(text), None, "{text}");
        }
    }
}
