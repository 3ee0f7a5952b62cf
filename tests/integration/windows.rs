//! The promise of thresholds in queries: what the source counts together some run of the query counts together as well, and what is
//! reported as exact alerts for the same groups.
//!
//! Clusters of events are laid over the boundaries of windows and runs; the runs start anywhere. The query that is emitted is read
//! back and evaluated on the events that each run looks back on.

use std::collections::BTreeSet;
use std::time::Duration;

use rulec::analysis::Fidelity;
use rulec::backend::TARGETS;
use rulec::diagnostic::Diagnostics;
use rulec::eval::pipeline::rows;
use rulec::ir::{
    Comparison, Literal, LogSource, Measure, Metadata, Object, Operator, Origin, Predicate, Rule,
    Term, Threshold, WindowKind,
};
use rulec::normalize::normalize;
use rulec::source::{NoFiles, Sources};
use rulec::{eval, frontend};
use serde_json::{Value, json};

use crate::read_back;

const WINDOW: i64 = 3600;

fn rule(kind: WindowKind, measure: Measure, count: f64, group_by: &[&str]) -> Rule {
    let selected = Predicate::new(
        Term::field(["eventName"]),
        Operator::Equals,
        Object::Literal(Literal::text("a")),
    );
    let mut rule = Rule::new(Metadata {
        id: "8fd159eb-ad48-5254-9d63-a20b4538168b".into(),
        name: "counted".into(),
        ..Metadata::default()
    });
    rule.log_sources = vec![LogSource::known("aws.cloudtrail")];
    rule.selection = selected.into();
    rule.threshold = Some(Threshold {
        measure,
        comparison: Comparison::AtLeast,
        count,
        also: None,
        window: Duration::from_secs(WINDOW.unsigned_abs()),
        window_kind: kind,
        group_by: group_by.iter().map(|key| Term::field([*key])).collect(),
        origin: Origin::default(),
    });
    rule
}

/// The rule as the Sentinel document says it, and what was reported of its threshold.
fn read(rule: &Rule) -> (Rule, Fidelity) {
    let target = TARGETS
        .iter()
        .copied()
        .find(|target| target.name() == "sentinel");
    let translation = read_back::export(rule, target.unwrap());
    let counted = |what: &str| what.starts_with("threshold");
    let constructs = translation.report.constructs.iter();
    let fidelity = constructs
        .filter(|construct| counted(&construct.what))
        .map(|construct| construct.fidelity)
        .max();
    let text = &translation.artifacts[0].text;
    let mut sources = Sources::new();
    let id = sources.add("case.yaml", text.as_str());
    let mut diagnostics = Diagnostics::new();
    let format = frontend::format("sentinel");
    let mut rules = rulec::import(id, format, &mut sources, &NoFiles, &mut diagnostics);
    let read = rules
        .pop()
        .unwrap_or_else(|| panic!("{text}: {diagnostics:?}"));
    assert!(read.residue.is_empty(), "{text}{:?}", read.residue);
    (normalize(read), fidelity.unwrap())
}

/// The groups with an alert in a run over these events.
fn run(rule: &Rule, events: &[(i64, Value)], keys: usize) -> BTreeSet<Vec<String>> {
    let Some(pipeline) = &rule.pipeline else {
        let alerts = eval::alerts(rule, events);
        return alerts.into_iter().map(|alert| alert.group).collect();
    };
    let given: Vec<Value> = events.iter().map(|(_, event)| event.clone()).collect();
    let table = rows(pipeline, &[(rule.log_sources[0].clone(), given)], None).unwrap();
    let names: Vec<&String> = table.columns.iter().map(|column| &column.name).collect();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let group = |row: &serde_json::Map<String, Value>| {
        names[..keys].iter().map(|name| text(&row[*name])).collect()
    };
    table.rows.iter().map(group).collect()
}

/// The groups with an alert in any of the rule's runs, the first of which is at `first`.
fn runs(rule: &Rule, events: &[(i64, Value)], first: i64, keys: usize) -> BTreeSet<Vec<String>> {
    let schedule = rule.schedule.unwrap();
    let seconds = |length: Duration| i64::try_from(length.as_secs()).unwrap();
    let (every, back) = (seconds(schedule.frequency), seconds(schedule.period));
    let last = events.last().map_or(0, |(time, _)| *time) + back;
    let mut found = BTreeSet::new();
    let mut now = first;
    while now <= last {
        let seen = events
            .iter()
            .filter(|(time, _)| *time > now - back && *time <= now);
        let seen: Vec<(i64, Value)> = seen.cloned().collect();
        found.extend(run(rule, &seen, keys));
        now += every;
    }
    found
}

fn event(time: i64, region: &str, agent: &str, name: &str) -> (i64, Value) {
    let (day, rest) = (1 + time / 86_400, time % 86_400);
    let clock = format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    let stamp = format!("2026-03-{day:02}T{clock}Z");
    let event = json!({
        "eventTime": stamp, "eventName": name, "awsRegion": region, "userAgent": agent, "eventSource": "s",
    });
    (time, event)
}

/// Clusters of a few events, some shorter than the window, some as long, some longer.
fn sequences() -> Vec<Vec<(i64, Value)>> {
    let mut state = 7_u64;
    let mut next = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        i64::try_from((state >> 33) % below).unwrap()
    };
    let mut all = Vec::new();
    for round in 0..45 {
        let mut events = Vec::new();
        for _ in 0..=next(3) {
            let start = 3 * WINDOW + next(6 * 3600);
            let spread = [600, 3599, 3600, 3601, 5400][usize::try_from(next(5)).unwrap()];
            for at in 0..=next(5) {
                let place = if at == 1 {
                    spread
                } else {
                    next(3601).min(spread)
                };
                let region = ["r1", "r2", ""][usize::try_from(next(3)).unwrap()];
                let agent = ["a1", "a2", "a3"][usize::try_from(next(3)).unwrap()];
                let name = if next(9) == 0 { "b" } else { "a" };
                let region = if round % 2 == 0 { "r1" } else { region };
                events.push(event(start + place, region, agent, name));
            }
        }
        events.sort_by_key(|(time, _)| *time);
        all.push(events);
    }
    all
}

#[test]
fn no_run_misses_what_the_source_counts_together() {
    let measures = [
        (Measure::Count, 1.0),
        (Measure::Count, 2.0),
        (Measure::Count, 3.0),
        (Measure::Count, 4.0),
        (Measure::DistinctCount(Term::field(["userAgent"])), 2.0),
        (Measure::DistinctCount(Term::field(["userAgent"])), 3.0),
    ];
    let (mut alerting, mut more) = (0, 0);
    for (measure, count) in measures {
        for kind in [WindowKind::FromFirstMatch, WindowKind::Sliding] {
            for keys in [&[][..], &["awsRegion"], &["awsRegion", "eventSource"]] {
                let rule = rule(kind, measure.clone(), count, keys);
                let (read, fidelity) = read(&rule);
                assert_ne!(fidelity, Fidelity::Narrower, "{measure} {count} {kind:?}");
                for events in sequences() {
                    let expected: BTreeSet<Vec<String>> = eval::alerts(&rule, &events)
                        .into_iter()
                        .map(|alert| alert.group)
                        .collect();
                    for first in [0, 137, 1801] {
                        let found = runs(&read, &events, first, keys.len());
                        let missed: Vec<_> = expected.difference(&found).collect();
                        assert!(
                            missed.is_empty(),
                            "{measure} {count} {kind:?} {keys:?}: {missed:?} of {events:?}"
                        );
                        if fidelity == Fidelity::Exact {
                            assert_eq!(found, expected, "{measure} {count} {kind:?}: {events:?}");
                        }
                        alerting += usize::from(!expected.is_empty());
                        more += usize::from(found != expected);
                    }
                }
            }
        }
    }
    // Cases of both kinds are among them, so that the comparison is not empty.
    assert!(alerting > 500 && more > 0, "{alerting} {more}");
}
