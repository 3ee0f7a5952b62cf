//! Emitted Rust modules compute what the reference evaluator computes.
//!
//! A small set is compiled and run where Rust's own compiler is at hand; more of them by `tests/oracles/run modules`:
//! `RULEC_NATIVE_SAMPLES` names the folder that the program is written to. Real rules are asked by `tests/oracles/corpus native`.

mod functions;
mod proof;
mod terms;

use std::path::{Path, PathBuf};

use rulec::eval;
use rulec::ir::{Metadata, Origin, Rule, RuleTest};
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

#[test]
fn a_program_is_written_for_the_oracle() {
    let Some(folder) = std::env::var_os("RULEC_NATIVE_SAMPLES").map(PathBuf::from) else {
        println!("skipped: RULEC_NATIVE_SAMPLES names no folder");
        return;
    };
    let mut proof = Proof::new(&folder);
    for (rule, events) in samples(60) {
        assert!(proof.emit(&rule, &events), "{}", rule.selection);
    }
    proof.finish();
    println!("{} modules, {} events", proof.written, proof.events);
}

/// A file that is computed with and not listed would be missing in modules.
#[test]
fn every_file_of_functions_is_listed() {
    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs")
            {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let list = root.join("backend/native/runtime/files.rs");
    let listed = std::fs::read_to_string(list).unwrap();
    let mut found = Vec::new();
    files(&root.join("ir/compute"), &mut found);
    for path in found {
        let path = path.strip_prefix(&root).unwrap();
        assert!(
            listed.contains(&format!("\"{}\"", path.display())),
            "{path:?}"
        );
    }
}
