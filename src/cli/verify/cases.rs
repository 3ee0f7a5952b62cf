//! What was asked of translations, as JSON lines for engines that run them.
//!
//! A line is a translation: `{"rule", "name", "stem", "format", "severity", "target", "outcome", "reason", "fidelity", "counted", "artifacts",
//! "lost", "cases"}`. `fidelity` says how the condition may differ (`wider`, `narrower`), `counted` that the verdicts are about what is
//! counted and not about the rows that come of it, `artifacts` are `{"path", "text"}`, `lost` the
//! parts that are not exact. A case is an event, `{"table", "event", "matches", "shown", "test"}`, or several in time, `{"table", "what",
//! "events": [[seconds, event]], "alerts", "claimed"}`. With a table the events are its rows, else what the target's rules get.
//! `shown` is what the alert of a matching event says, with the values by which it is counted.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use serde_json::{Value, json};

use crate::analysis::Fidelity;
use crate::backend::Translation;
use crate::ir::Rule;
use crate::verify::{Case, Verified};

/// The file, empty; or what stands in the way.
pub(super) fn create(path: &Path) -> Result<BufWriter<File>, String> {
    let file = File::create(path);
    let file = file.map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    Ok(BufWriter::new(file))
}

/// The line of a translation.
pub(super) fn line(
    stem: &str,
    rule: &Rule,
    target: &str,
    made: &Translation,
    verified: &Verified,
    asked: &[Case],
) -> String {
    let artifacts: Vec<Value> = made
        .artifacts
        .iter()
        .map(|one| json!({"path": one.path.display().to_string(), "text": one.text}))
        .collect();
    let constructs = made.report.constructs.iter();
    let lost: Vec<&str> = constructs
        .filter(|one| one.fidelity != Fidelity::Exact)
        .map(|one| one.what.as_str())
        .collect();
    let line = json!({
        "rule": rule.metadata.id,
        "name": rule.metadata.name,
        "stem": stem,
        "format": rule.preserved.format,
        "severity": rule.metadata.severity.name(),
        "target": target,
        "outcome": verified.outcome,
        "reason": verified.reason,
        "fidelity": verified.claim,
        "counted": rule.threshold.is_some() && !rule.is_about_rows(),
        "artifacts": artifacts,
        "lost": lost,
        "cases": asked,
    });
    format!("{line}\n")
}
