//! Verified translations as JSON lines.
//!
//! A translation is `{"rule", "name", "file", "target", "outcome", "fidelity", "same", "shown", "tests", "events", "sequences", "atoms",
//! "guards", "unshown", "unasked", "cut"}`. The outcome is `verified`, `disagrees`, `unproven` or `refused`, the last two with a `"reason"`.
//! Where `same` is false, `"difference": {"part", "rule", "read"}` has what differs first, of the rule and of what was read back.
//! Shares are `{"right", "of"}`; `shown` counts the title, the severity and the outputs that are reported as exact, and those proved equal; `same` is `null` where the report does not say that the translation is exact; `unshown` are the
//! written parts of the condition that no pair of events shows to matter (`guards` are those that follow from the source language), each `{"atom", "place"}`; `unasked` are events that the log
//! source cannot have. A disagreement is `"disagreement": {"event" or "sequence", "seen", "source", "target", "claimed", "atom",
//! "other", "test"}`: the verdicts of both sides, and the parts that decide, with the rule's place. A sequence is `{"what",
//! "events": [{"time", "event"}]}`, times being seconds since 1970. The last line is `{"counts": {...}}`.

use serde_json::{Value, json};

use super::{Counts, Held};
use crate::cli::import::Document;
use crate::ir::Origin;
use crate::verify::{Disagreement, Example};

/// The line of a translation.
pub(super) fn line(held: &Held, document: &Document) -> String {
    let verified = &held.verified;
    let unshown = verified.unshown.iter();
    let unshown: Vec<Value> = unshown
        .map(|(atom, origin)| json!({"atom": atom, "place": place(*origin, document)}))
        .collect();
    let mut line = json!({
        "rule": held.id,
        "name": held.name,
        "file": document.path.display().to_string(),
        "target": held.target,
        "outcome": verified.outcome,
        "fidelity": verified.claim,
        "same": verified.same,
        "shown": verified.shown,
        "tests": verified.tests,
        "events": verified.events,
        "sequences": verified.counts,
        "atoms": verified.atoms,
        "guards": verified.guards,
        "unshown": unshown,
        "unasked": verified.unasked,
        "cut": verified.cut,
    });
    if let Some(reason) = &verified.reason {
        line["reason"] = json!(reason);
    }
    if let Some(difference) = &verified.difference {
        line["difference"] = json!(difference);
    }
    if let Some(found) = &verified.disagreement {
        line["disagreement"] = disagreement(found, document);
    }
    format!("{line}\n")
}

fn disagreement(found: &Disagreement, document: &Document) -> Value {
    let mut value = json!({
        "source": found.source,
        "target": found.target,
        "claimed": found.claimed,
    });
    match &found.example {
        Example::Event(event) => value["event"] = event.clone(),
        Example::Sequence(what, events) => {
            let event = |(time, event): &(i64, Value)| json!({"time": time, "event": event});
            let events: Vec<Value> = events.iter().map(event).collect();
            value["sequence"] = json!({"what": what, "events": events});
        }
    }
    if let Some(seen) = &found.seen {
        value["seen"] = seen.clone();
    }
    if let Some(atom) = &found.atom {
        value["atom"] = json!({"text": atom.text, "place": place(atom.origin, document)});
    }
    if let Some(other) = &found.other {
        value["other"] = json!({"text": other.text});
    }
    if let Some(test) = &found.test {
        value["test"] = json!(test);
    }
    value
}

/// Where something stands, as `{"path", "line", "column"}`.
fn place(origin: Origin, document: &Document) -> Value {
    let found = origin.0.and_then(|span| {
        let source = document.sources.get(span.source)?;
        let position = source.position(span.range.start);
        let path = source.path().display().to_string();
        Some(json!({"path": path, "line": position.line, "column": position.column}))
    });
    found.unwrap_or(Value::Null)
}

/// The last line.
pub(super) fn counts(counts: &Counts) -> String {
    let line = json!({"counts": {
        "rules": counts.rules,
        "translations": counts.translations(),
        "verified": counts.verified,
        "disagree": counts.disagree,
        "unproven": counts.unproven,
        "refused": counts.refused,
        "unread": counts.unread,
        "same": counts.same,
        "shown": counts.shown,
        "tests": counts.tests,
        "events": counts.events,
        "sequences": counts.sequences,
        "atoms": counts.atoms,
        "guards": counts.guards,
        "cut": counts.cut,
    }});
    format!("{line}\n")
}
