//! A verified translation in words: its line, and the message of a disagreement.

use std::fmt::Write;

use super::Held;
use crate::diagnostic::{Code, Diagnostic};
use crate::verify::{Disagreement, Example, Outcome};

/// How many events of a sequence are shown.
const SHOWN: usize = 3;

/// `login → sentinel: verified, exact; same structure, tests 3/3, events 84/84, atoms 5/6`, ending in a line end.
pub(super) fn line(held: &Held) -> String {
    let verified = &held.verified;
    let mut line = format!(
        "{} → {}: {}",
        held.stem,
        held.target,
        verified.outcome.name()
    );
    match verified.outcome {
        Outcome::Refused | Outcome::Unproven => {
            let reason = verified.reason.as_deref().unwrap_or_default();
            let reason = reason.lines().next().unwrap_or_default();
            let _ = writeln!(line, ", {reason}");
            return line;
        }
        Outcome::Verified | Outcome::Disagrees => {}
    }
    let _ = write!(line, ", {};", verified.claim.name());
    match verified.same {
        Some(true) => line.push_str(" same structure,"),
        Some(false) => line.push_str(" another structure,"),
        None => {}
    }
    let _ = write!(
        line,
        " tests {}, events {}",
        verified.tests, verified.events
    );
    if verified.counts.of > 0 {
        let _ = write!(line, ", sequences {}", verified.counts);
    }
    let _ = write!(line, ", atoms {}", verified.atoms);
    if verified.guards.of > 0 {
        let _ = write!(line, ", guards {}", verified.guards);
    }
    if verified.unasked > 0 {
        let _ = write!(
            line,
            "; {} not asked, as the log source has no such events",
            verified.unasked
        );
    }
    if verified.cut {
        line.push_str("; not every event was made, as a limit was reached");
    }
    line.push('\n');
    line
}

/// What disagrees, with the place in the rule; nothing where nothing does.
pub(super) fn diagnostic(held: &Held) -> Option<Diagnostic> {
    let found = held.verified.disagreement.as_ref()?;
    let message = format!(
        "`{}` in {} {}, but the rule {}, and the translation is {}",
        held.name,
        held.target,
        verdict(found, found.target),
        verdict(found, found.source),
        claim(found)
    );
    let mut diagnostic = Diagnostic::error(Code::TranslationDisagrees, message);
    if let Some(atom) = &found.atom {
        diagnostic = diagnostic.label(atom.origin, "this decides");
    }
    Some(diagnostic.help(details(found)))
}

fn verdict(found: &Disagreement, yes: bool) -> &'static str {
    match (&found.example, yes) {
        (Example::Event(_), true) => "matches",
        (Example::Event(_), false) => "does not match",
        (Example::Sequence(..), true) => "alerts",
        (Example::Sequence(..), false) => "does not alert",
    }
}

fn claim(found: &Disagreement) -> String {
    format!("said to be {}", found.claimed.name())
}

fn details(found: &Disagreement) -> String {
    let mut text = match &found.example {
        Example::Event(event) => format!("the event is {event}"),
        Example::Sequence(what, events) => sequence(what, events),
    };
    if let Some(seen) = &found.seen {
        let _ = write!(text, "; the translation sees {seen}");
    }
    if let Some(test) = &found.test {
        let _ = write!(text, "; it comes from the test `{test}`");
    }
    if let Some(atom) = &found.atom {
        let _ = write!(text, "; in the rule `{}` decides", atom.text);
    }
    if let Some(other) = &found.other {
        let _ = write!(text, "; in the translation `{}` decides", other.text);
    }
    text
}

fn sequence(what: &str, events: &[(i64, serde_json::Value)]) -> String {
    let start = events.first().map_or(0, |(time, _)| *time);
    let mut text = format!("the sequence is {} events, {what}:", events.len());
    for (time, event) in events.iter().take(SHOWN) {
        let _ = write!(text, " after {} s {event}", time - start);
    }
    if let Some((time, event)) = events.last().filter(|_| events.len() > SHOWN) {
        let _ = write!(text, " … after {} s {event}", time - start);
    }
    text
}
