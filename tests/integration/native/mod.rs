//! Emitted Rust modules compute what the reference evaluator computes.
//!
//! A small set is compiled and run where Rust's own compiler is at hand. What is emitted for the rules of a corpus is compiled and
//! run by `tests/oracles/run native`: `RULEC_NATIVE_SAMPLES` names the folder that the program is written to, and
//! `RULEC_NATIVE_EMITTED` one that holds what `rulec convert --to native` wrote.

mod functions;
mod proof;
mod terms;

use std::path::{Path, PathBuf};

use rulec::eval;
use rulec::ir::{Metadata, Origin, Rule, RuleTest};
use rulec::synthesis::{Limits, synthesise};
use serde_json::Value;

use crate::generate::{self, Random};
use proof::Proof;

/// Rules with random conditions, each with random events.
fn samples(count: usize) -> Vec<(Rule, Vec<Value>)> {
    let mut random = Random::new(31);
    let rules = (0..count).map(|number| {
        let slug = format!("sample_{number}");
        let mut rule = Rule::new(Metadata {
            slug: slug.clone(),
            name: slug,
            ..Metadata::default()
        });
        rule.selection = generate::condition(&mut random, 1 + number % 4, false);
        let events: Vec<Value> = (0..30).map(|_| generate::event(&mut random)).collect();
        let test = |(number, event): (usize, &Value)| RuleTest {
            name: format!("event {number}"),
            event: event.clone(),
            expected: eval::matches(&rule, event),
            origin: Origin::default(),
        };
        rule.tests = events.iter().take(2).enumerate().map(test).collect();
        (rule, events)
    });
    rules.collect()
}

#[test]
fn modules_of_random_conditions_say_what_the_evaluator_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut proof = Proof::new(folder.path());
    for (rule, events) in samples(24) {
        assert!(proof.emit(&rule, &events), "{}", rule.selection);
    }
    match proof::run(&proof.finish()) {
        Ok(said) => print!("{said}"),
        Err(reason) => println!("skipped: {reason}"),
    }
}

/// The modules below a folder, each with its rule.
fn emitted(folder: &Path, found: &mut Vec<(PathBuf, Rule)>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            emitted(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let form = std::fs::read_to_string(path.with_extension("json")).unwrap();
            let mut form: Value = serde_json::from_str(&form).unwrap();
            let rule = serde_json::from_value(form["rule"].take()).unwrap();
            found.push((path, rule));
        }
    }
}

/// The events that a rule is asked about: those of its tests, and those that its condition asks for.
fn events(rule: &Rule) -> Vec<Value> {
    let limits = Limits {
        events: 60,
        values: 3,
        varied: 1,
    };
    let mut events: Vec<Value> = rule.tests.iter().map(|test| test.event.clone()).collect();
    let made = synthesise(&rule.selection, &limits);
    events.extend(made.events.into_iter().map(|made| made.event));
    events
}

#[test]
fn a_program_is_written_for_the_oracle() {
    let Some(folder) = std::env::var_os("RULEC_NATIVE_SAMPLES").map(PathBuf::from) else {
        println!("skipped: RULEC_NATIVE_SAMPLES names no folder");
        return;
    };
    let mut proof = Proof::new(&folder);
    match std::env::var_os("RULEC_NATIVE_EMITTED").map(PathBuf::from) {
        Some(from) => {
            let mut found = Vec::new();
            emitted(&from, &mut found);
            for (path, rule) in found {
                proof.add(
                    &rule,
                    &std::fs::read_to_string(path).unwrap(),
                    &events(&rule),
                );
            }
        }
        None => {
            for (rule, events) in samples(60) {
                assert!(proof.emit(&rule, &events), "{}", rule.selection);
            }
        }
    }
    proof.finish();
    println!("{} modules, {} events", proof.written, proof.events);
}
