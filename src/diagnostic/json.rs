//! The JSON form of a diagnostic: one object with the code, the message and each place as path, line, column and offsets.

use serde_json::{Value, json};

use super::{Diagnostic, Diagnostics};
use crate::source::Sources;

/// All messages as a JSON array.
pub fn to_json(diagnostics: &Diagnostics, sources: &Sources) -> Value {
    diagnostics
        .iter()
        .map(|diagnostic| one(diagnostic, sources))
        .collect()
}

fn one(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let labels: Vec<Value> = diagnostic
        .labels
        .iter()
        .filter_map(|label| {
            let source = sources.get(label.span.source)?;
            let (start, end) =
                (source.position(label.span.range.start), source.position(label.span.range.end));
            Some(json!({
                "path": source.path().display().to_string(),
                "start": {"line": start.line, "column": start.column, "offset": label.span.range.start},
                "end": {"line": end.line, "column": end.column, "offset": label.span.range.end},
                "message": label.message,
            }))
        })
        .collect();
    json!({
        "code": diagnostic.code.name(),
        "severity": diagnostic.severity.name(),
        "message": diagnostic.message,
        "labels": labels,
        "help": diagnostic.help,
    })
}
