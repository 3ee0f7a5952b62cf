//! Correlations over events in time: which values in common alert, and when.
//!
//! The matches of a member are the events that its rule selects, or the alerts of a rule that counts or correlates: at the time
//! of the last event, with the values of the alert's group. A match without one of the values in common takes no part. Values are
//! compared as texts. A window ends at a match and has both of its ends.
//!
//! - A group alerts at each match with whose window all members, or as many as it asks for, match as often as they must and may,
//!   and no absent member does.
//! - A sequence alerts at each match in whose window there is a chain of matches, one of each member, each at or after the one
//!   before it, within the time and with the values of its step. A member with a least count has so many in its own window. An
//!   absent last member alerts when the time of its step is over.
//! - A count alerts at each match whose window has the measure; an event that several members select counts once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::window::{measured, within};
use super::{Alert, alerts as alerts_of, holds, text_of, value};
use crate::ir::{Bound, Correlation, FieldPath, Measure, Member, Pattern, Rule, Term, Transition};

/// One match of a member.
struct Match<'e> {
    member: usize,
    at: i64,
    seen: Seen<'e>,
}

/// What a match is.
enum Seen<'e> {
    /// The event with this number.
    Event(usize, &'e Value),
    /// An alert: the values of its group, by what they are called.
    Alert(Vec<(Term, String)>),
}

impl Match<'_> {
    fn value(&self, term: &Term) -> Option<Value> {
        let found = match &self.seen {
            Seen::Event(_, event) => value(term, event),
            Seen::Alert(values) => {
                let named = values.iter().find(|(name, _)| name == term);
                named.map(|(_, text)| Value::from(text.as_str()))
            }
        };
        found.filter(|value| !value.is_null())
    }

    fn text(&self, field: &FieldPath) -> Option<String> {
        let found = self.value(&Term::Field(field.clone()))?;
        Some(text_of(&found))
    }

    /// Whether the other one is the same event.
    fn is_event_of(&self, other: &Self) -> bool {
        match (&self.seen, &other.seen) {
            (Seen::Event(one, _), Seen::Event(two, _)) => one == two,
            (Seen::Event(..) | Seen::Alert(_), _) => false,
        }
    }
}

/// The alerts of the correlation over `(time in seconds, event)`, in order of values and time.
pub(super) fn alerts(correlation: &Correlation, events: &[(i64, Value)]) -> Vec<Alert> {
    let mut matches = Vec::new();
    for (at, member) in correlation.members.iter().enumerate() {
        if let Some(rule) = &member.definition {
            matches.extend(matches_of(at, rule, events));
        }
    }
    matches.sort_by_key(|found| found.at);
    let mut groups: BTreeMap<Vec<String>, Vec<Match<'_>>> = BTreeMap::new();
    for found in matches {
        let mut fields = correlation
            .same
            .iter()
            .map(|same| same.fields.get(found.member));
        let group: Option<Vec<String>> = fields.try_fold(Vec::new(), |mut group, field| {
            group.push(found.text(field?)?);
            Some(group)
        });
        if let Some(group) = group {
            groups.entry(group).or_default().push(found);
        }
    }
    let mut all = Vec::new();
    for (group, matches) in groups {
        let ends = ends(correlation, &matches).into_iter();
        all.extend(ends.map(|at| Alert {
            group: group.clone(),
            at,
        }));
    }
    all
}

fn matches_of<'e>(member: usize, rule: &Rule, events: &'e [(i64, Value)]) -> Vec<Match<'e>> {
    let names: Vec<Term> = match (&rule.correlation, &rule.threshold) {
        (Some(correlation), _) => {
            let same = correlation.same.iter();
            same.map(|same| Term::field([same.name.as_str()])).collect()
        }
        (None, Some(threshold)) => threshold.group_by.clone(),
        (None, None) => {
            let selected = events.iter().enumerate();
            let selected = selected.filter(|(_, (_, event))| holds(&rule.selection, event));
            return selected
                .map(|(number, (at, event))| Match {
                    member,
                    at: *at,
                    seen: Seen::Event(number, event),
                })
                .collect();
        }
    };
    let alerts = alerts_of(rule, events).into_iter();
    alerts
        .map(|alert| Match {
            member,
            at: alert.at,
            seen: Seen::Alert(names.iter().cloned().zip(alert.group).collect()),
        })
        .collect()
}

/// When matches with the same values make alerts.
fn ends(correlation: &Correlation, matches: &[Match<'_>]) -> BTreeSet<i64> {
    let length = i64::try_from(correlation.window.as_secs()).unwrap_or(i64::MAX);
    let members = &correlation.members;
    let present = |found: &&Match<'_>| members.get(found.member).is_some_and(|it| !it.absent);
    let times: BTreeSet<i64> = matches
        .iter()
        .filter(present)
        .map(|found| found.at)
        .collect();
    let window = |end: i64| {
        let start = end.saturating_sub(length);
        let inside = matches
            .iter()
            .filter(move |found| (start..=end).contains(&found.at));
        inside.collect::<Vec<&Match<'_>>>()
    };
    match &correlation.pattern {
        Pattern::Group { least } => times
            .into_iter()
            .filter(|end| is_group(members, *least, &window(*end)))
            .collect(),
        Pattern::Sequence { transitions } => {
            sequence(members, transitions, length, matches, &times)
        }
        Pattern::Count {
            measures,
            bound,
            also,
        } => times
            .into_iter()
            .filter(|end| is_counted(measures, *bound, *also, &window(*end)))
            .collect(),
    }
}

fn is_group(members: &[Member], least: Option<u64>, window: &[&Match<'_>]) -> bool {
    let mut matching = 0;
    for (at, member) in members.iter().enumerate() {
        let count = window.iter().filter(|found| found.member == at).count();
        if member.absent && count > 0 {
            return false;
        }
        matching += u64::from(!member.absent && is_enough(member, count));
    }
    let needed = members.iter().filter(|member| !member.absent).count() as u64;
    matching >= least.unwrap_or(needed)
}

fn is_enough(member: &Member, count: usize) -> bool {
    let count = count as u64;
    count >= member.least && member.most.is_none_or(|most| count <= most)
}

fn is_counted(
    measures: &[Measure],
    bound: Bound,
    also: Option<Bound>,
    window: &[&Match<'_>],
) -> bool {
    let mut once: Vec<&Match<'_>> = Vec::new();
    for found in window {
        if !once.iter().any(|other| other.is_event_of(found)) {
            once.push(found);
        }
    }
    let value = |found: &&Match<'_>| {
        let measure = measures.get(found.member)?;
        found.value(measure.term()?)
    };
    let values = once.iter().map(value).collect();
    let kind = measures.first();
    let found = kind.and_then(|measure| measured(measure, values));
    found.is_some_and(|found| within(found, bound, also))
}

/// A match that ends a chain, and the latest start of such a chain.
type Chain<'m, 'e> = (&'m Match<'e>, i64);

fn sequence(
    members: &[Member],
    transitions: &[Transition],
    length: i64,
    matches: &[Match<'_>],
    times: &BTreeSet<i64>,
) -> BTreeSet<i64> {
    if transitions.is_empty() || transitions.len() + 1 != members.len() {
        return BTreeSet::new();
    }
    let of = |at: usize| matches.iter().filter(move |found| found.member == at);
    let first: Vec<Chain<'_, '_>> = of(0).map(|found| (found, found.at)).collect();
    let mut reached = often_enough(members.first(), &first, length);
    for (at, step) in transitions.iter().enumerate() {
        let within = step.within.map_or(length, |within| {
            i64::try_from(within).unwrap_or(i64::MAX).min(length)
        });
        let follows = |before: &Match<'_>, after: &Match<'_>| {
            let same = step.fields.as_ref().is_none_or(|(from, to)| {
                before
                    .text(from)
                    .is_some_and(|text| after.text(to) == Some(text))
            });
            same && (0..=within).contains(&after.at.saturating_sub(before.at))
        };
        let next = members.get(at + 1);
        if next.is_some_and(|member| member.absent) {
            let alone = |(before, _): &Chain<'_, '_>| {
                let end = before.at.saturating_add(within);
                (!of(at + 1).any(|after| follows(before, after))).then_some(end)
            };
            return reached.iter().filter_map(alone).collect();
        }
        let longer = of(at + 1).filter_map(|after| {
            let before = reached.iter().filter(|(before, start)| {
                follows(before, after) && after.at.saturating_sub(*start) <= length
            });
            Some((after, before.map(|(_, start)| *start).max()?))
        });
        reached = often_enough(next, &longer.collect::<Vec<_>>(), length);
    }
    let ends = |time: &&i64| {
        let start = time.saturating_sub(length);
        reached
            .iter()
            .any(|(end, from)| end.at <= **time && *from >= start)
    };
    times.iter().filter(ends).copied().collect()
}

/// The chains that a member ends as often as it must and may within a window.
fn often_enough<'m, 'e>(
    member: Option<&Member>,
    chains: &[Chain<'m, 'e>],
    length: i64,
) -> Vec<Chain<'m, 'e>> {
    let count = |end: i64| {
        let window = end.saturating_sub(length)..=end;
        chains
            .iter()
            .filter(|(found, _)| window.contains(&found.at))
            .count()
    };
    let enough = |(found, _): &&Chain<'m, 'e>| {
        member.is_some_and(|member| is_enough(member, count(found.at)))
    };
    chains.iter().filter(enough).copied().collect()
}
