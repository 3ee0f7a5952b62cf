//! The results of the tests as JSON lines.
//!
//! A test is `{"rule", "file", "test", "expected", "verdict", "passed"}` and, where the rule matches, `"alert"`: what the alert
//! would say. Each file that should hold rules is `{"file", "rules", "diagnostics"}`, the rules being those that were read; it
//! stands before their tests.

use std::io;

use serde_json::{Value, json};

use super::super::console::Console;
use super::super::import::{Document, Status};
use super::{Counts, every_test};
use crate::diagnostic::json::to_json;
use crate::eval;
use crate::ir::{Rule, RuleTest};

/// Prints the lines of a document.
pub(super) fn print(
    document: &Document,
    counts: &mut Counts,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let file = document.path.display().to_string();
    if document.status != Status::PassedOver {
        let rules: Vec<&str> = document
            .rules
            .iter()
            .map(|rule| rule.metadata.id.as_str())
            .collect();
        let line = json!({
            "file": file,
            "rules": rules,
            "diagnostics": to_json(&document.diagnostics, &document.sources),
        });
        console.print(&format!("{line}\n"))?;
    }
    for rule in &document.rules {
        counts.rules += 1;
        for (rule, test) in every_test(rule) {
            let line = judged(&rule, test, &file, counts)?;
            console.print(&format!("{line}\n"))?;
        }
    }
    Ok(())
}

fn judged(rule: &Rule, test: &RuleTest, file: &str, counts: &mut Counts) -> io::Result<Value> {
    let now = crate::cli::clock::now();
    let verdict = eval::matches_at(rule, &test.event, now);
    let passed = verdict == test.expected;
    if passed {
        counts.passed += 1;
    } else {
        counts.failed += 1;
    }
    let mut line = json!({
        "rule": rule.metadata.id,
        "file": file,
        "test": test.name,
        "expected": test.expected,
        "verdict": verdict,
        "passed": passed,
    });
    if verdict {
        line["alert"] = serde_json::to_value(eval::shown_at(rule, &test.event, now))
            .map_err(io::Error::other)?;
    }
    Ok(line)
}
