//! Diagnostics as SARIF 2.1.0, the exchange form of static analysis that code hosts and editors show.
//!
//! Each code is a rule with its explanation, each message a result with its first place; further places are related locations.
//! Columns count characters, and the log says so.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::{CODES, Diagnostic, Label, Severity};
use crate::source::Sources;

/// The result of one message.
pub fn result(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let mut message = diagnostic.message.clone();
    if let Some(help) = &diagnostic.help {
        let _ = write!(message, "\nhelp: {help}");
    }
    let mut places = diagnostic
        .labels
        .iter()
        .filter_map(|label| location(label, sources));
    let locations: Vec<Value> = places.next().into_iter().collect();
    let related: Vec<Value> = places.collect();
    let mut result = json!({
        "ruleId": diagnostic.code.name(),
        "level": level(diagnostic.severity),
        "message": {"text": message},
        "locations": locations,
    });
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    result
}

/// A log of one run with these results.
pub fn log(results: &[Value]) -> Value {
    let used: BTreeSet<&str> = results
        .iter()
        .filter_map(|result| result.get("ruleId")?.as_str())
        .collect();
    let rules = CODES.iter().filter(|info| used.contains(info.name));
    let rules: Vec<Value> = rules
        .map(|info| {
            json!({
                "id": info.name,
                "shortDescription": {"text": info.title},
                "fullDescription": {"text": info.explanation},
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn location(label: &Label, sources: &Sources) -> Option<Value> {
    let source = sources.get(label.span.source)?;
    let range = label.span.range;
    let (start, end) = (source.position(range.start), source.position(range.end));
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(source.path())},
            "region": {
                "startLine": start.line, "startColumn": start.column,
                "endLine": end.line, "endColumn": end.column,
            },
        },
    });
    if !label.message.is_empty() {
        location["message"] = json!({"text": label.message});
    }
    Some(location)
}

/// A path as a relative or absolute URI reference.
fn uri(path: &Path) -> String {
    let text = path.display().to_string().replace('\\', "/");
    let mut uri = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::{Span, TextRange};

    #[test]
    fn a_result_has_its_rule_and_its_place() {
        let mut sources = Sources::new();
        let id = sources.add("a b.yml", "é: x\n");
        let diagnostic = Diagnostic::warning(Code::SentinelId, "wrong")
            .at(Span::new(id, TextRange::new(4, 5)))
            .label(Span::new(id, TextRange::new(0, 2)), "here");
        let log = log(&[result(&diagnostic, &sources)]);
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "SEN001");
        let result = &run["results"][0];
        assert_eq!(result["level"], "warning");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b.yml");
        let region = json!({"startLine": 1, "startColumn": 4, "endLine": 1, "endColumn": 5});
        assert_eq!(place["region"], region);
        assert_eq!(result["relatedLocations"][0]["message"]["text"], "here");
    }
}
