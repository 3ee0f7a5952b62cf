//! The results of the tests as JSON lines.
//!
//! A test is `{"rule", "file", "test", "expected", "verdict", "passed"}` and, where the rule matches, `"alert"`: what the alert
//! would say. Each file that should hold rules is `{"file", "rules", "diagnostics"}`, the rules being those that were read; it
//! stands before their tests. A rule that was not read may have tests, too: those that do not ask for what no event says.

use std::fmt::Write;
use std::io;

use serde_json::{Value, json};

use super::super::import::{Document, Status};
use super::{Counts, every_rule, every_test};
use crate::diagnostic::json::to_json;
use crate::eval;
use crate::ir::{Rule, RuleTest};

/// The lines of a document.
pub(super) fn lines(document: &Document, counts: &mut Counts) -> io::Result<String> {
    let file = document.path.display().to_string();
    let mut lines = String::new();
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
        let _ = writeln!(lines, "{line}");
    }
    for rule in every_rule(document) {
        for (rule, test) in every_test(&rule) {
            let line = judged(&rule, test, &file, counts)?;
            let _ = writeln!(lines, "{line}");
        }
    }
    Ok(lines)
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
