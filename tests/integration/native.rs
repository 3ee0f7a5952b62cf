//! Emitted Rust modules compute what the reference evaluator computes.
//!
//! Compiling them takes Rust's own compiler, so this module writes rules with random conditions, each with random events and
//! their verdicts as tests, into the folder that `RULEC_NATIVE_SAMPLES` names; `tests/oracles/run native` compiles and runs them.

use std::path::PathBuf;

use rulec::backend::Native;
use rulec::eval;
use rulec::ir::{Metadata, Origin, Rule, RuleTest};

use crate::generate::{self, Random};

#[test]
fn samples_are_written_for_the_oracle() {
    let Some(folder) = std::env::var_os("RULEC_NATIVE_SAMPLES").map(PathBuf::from) else {
        println!("skipped: RULEC_NATIVE_SAMPLES names no folder");
        return;
    };
    let mut random = Random::new(31);
    let mut written = 0;
    for number in 0..60 {
        let slug = format!("sample_{number}");
        let mut rule = Rule::new(Metadata {
            slug: slug.clone(),
            name: slug.clone(),
            ..Metadata::default()
        });
        rule.selection = generate::condition(&mut random, 1 + number % 4, false);
        rule.tests = (0..30)
            .map(|number| {
                let event = generate::event(&mut random);
                let expected = eval::matches(&rule, &event);
                RuleTest {
                    name: format!("event {number}"),
                    event,
                    expected,
                    origin: Origin::default(),
                }
            })
            .collect();
        // What is computed from every item of a list is refused.
        let translation = crate::read_back::export(&rule, &Native);
        let Some(module) = translation.artifacts.first() else {
            continue;
        };
        let path = folder.join(&slug).join(&module.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &module.text).unwrap();
        written += 1;
    }
    assert!(written > 40, "most conditions are expressed: {written}");
}
