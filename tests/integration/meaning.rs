//! What a rule means does not change on its way: normalization, and what is emitted and read back, give the verdicts of the
//! reference evaluator on the rule that was read.

use rulec::analysis::Fidelity;
use rulec::backend::TARGETS;
use rulec::ir::Rule;
use rulec::{eval, normalize};
use serde_json::Value;

use crate::generate::{self, Random};
use crate::read_back;
use crate::rules;

#[test]
fn normalization_keeps_every_verdict() {
    let mut random = Random::new(7);
    let mut verdicts = [0_usize; 2];
    for _ in 0..4_000 {
        let depth = 1 + random.below(4);
        let source = generate::condition(&mut random, depth, false);
        let normal = normalize::condition(source.clone());
        for _ in 0..25 {
            let event = generate::event(&mut random);
            let verdict = eval::holds(&source, &event);
            verdicts[usize::from(verdict)] += 1;
            assert_eq!(
                verdict,
                eval::holds(&normal, &event),
                "{event}\nsource: {source}\nnormal: {normal}"
            );
        }
    }
    assert!(
        verdicts.iter().all(|count| *count > 10_000),
        "both verdicts occur: {verdicts:?}"
    );
}

#[test]
fn normalization_is_idempotent() {
    let mut random = Random::new(11);
    for _ in 0..2_000 {
        let normal = normalize::condition(generate::condition(&mut random, 3, false));
        assert_eq!(normal, normalize::condition(normal.clone()));
    }
}

#[test]
fn the_rules_own_tests_hold() {
    for example in rules::examples() {
        let normal = normalize::normalize(example.rule.clone());
        assert!(
            example.rule.tests.iter().any(|test| test.expected),
            "{}: no test matches",
            example.name
        );
        for test in &example.rule.tests {
            assert_eq!(
                eval::matches(&example.rule, &test.event),
                test.expected,
                "{}: {}",
                example.name,
                test.name
            );
            assert_eq!(
                eval::matches(&normal, &test.event),
                test.expected,
                "{}, normal: {}",
                example.name,
                test.name
            );
        }
    }
}

#[test]
fn what_is_read_back_gives_the_same_verdicts() {
    for example in rules::examples() {
        let rule = normalize::normalize(example.rule);
        let events = events(&rule);
        assert!(
            events
                .iter()
                .filter(|event| eval::matches(&rule, event))
                .count()
                > 5,
            "{}: few events match",
            example.name
        );
        for target in TARGETS {
            let back = read_back::through(&rule, *target);
            let read = back
                .rule
                .unwrap_or_else(|| panic!("{} refuses {}", target.name(), example.name));
            let fidelity = back.translation.report.condition();
            for event in &events {
                let (before, after) = (eval::matches(&rule, event), eval::matches(&read, event));
                let context = || {
                    format!(
                        "{} {fidelity:?}: {event}\nsource: {}\nread: {}",
                        target.name(),
                        rule.selection,
                        read.selection
                    )
                };
                match fidelity {
                    Fidelity::Exact => assert_eq!(before, after, "{}", context()),
                    Fidelity::Wider => assert!(!before || after, "{}", context()),
                    Fidelity::Narrower => assert!(before || !after, "{}", context()),
                    Fidelity::Unsupported => unreachable!("a refused rule has no artifact"),
                }
            }
        }
    }
}

#[test]
fn tests_travel_with_the_rule() {
    for example in rules::examples() {
        let rule = normalize::normalize(example.rule);
        for target in TARGETS {
            let read = read_back::through(&rule, *target).rule.unwrap();
            let cases = |rule: &Rule| {
                rule.tests
                    .iter()
                    .map(|test| (test.name.clone(), test.event.clone(), test.expected))
                    .collect::<Vec<_>>()
            };
            assert_eq!(
                cases(&read),
                cases(&rule),
                "{} {}",
                target.name(),
                example.name
            );
        }
    }
}

/// The rule's own events, and those that its predicates call for.
fn events(rule: &Rule) -> Vec<Value> {
    let own = rule.tests.iter().map(|test| test.event.clone());
    own.chain(generate::events_for(&rule.selection)).collect()
}
