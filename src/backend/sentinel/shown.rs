//! What the alert shows, as the document's keys: its texts, its details, its entities. Every value is a column of the result.

use serde::Serialize;

use super::super::kusto::{self, OWN_FORMAT, Piece, Query, is_word, pascal};
use crate::analysis::{Fidelity, Report};
use crate::ir::{Rule, Term};

/// The most custom details and the longest name of one.
const DETAILS: usize = 20;
const DETAIL_NAME: usize = 20;
/// The most entities, and identifiers of one.
const ENTITIES: usize = 10;
const IDENTIFIERS: usize = 3;
/// The key of the title.
const TITLE_KEY: &str = "alertDisplayNameFormat";
/// The longest title and description.
const TITLE: usize = 256;
const DESCRIPTION: usize = 5_000;

/// A name and the column with its value.
#[derive(Serialize)]
pub(super) struct Mapped {
    name: String,
    column: String,
}

/// One entity.
#[derive(Serialize)]
pub(super) struct Entity {
    kind: String,
    identifiers: Vec<Mapped>,
}

/// A key of `alertDetailsOverride`.
#[derive(Serialize)]
pub(super) struct Line {
    name: &'static str,
    text: String,
}

impl Line {
    /// Whether it is the alert's title, and not the beginning of one.
    pub(super) fn is_whole_title(&self) -> bool {
        self.name == TITLE_KEY && self.text.chars().count() < TITLE
    }
}

/// The keys of `alertDetailsOverride`.
pub(super) fn texts(rule: &Rule, query: &Query<'_>, report: &mut Report) -> Vec<Line> {
    let alert = &rule.alert;
    let mut lines = Vec::new();
    for (what, name, term, limit) in [
        ("title", TITLE_KEY, &alert.title, TITLE),
        (
            "alert description",
            "alertDescriptionFormat",
            &alert.description,
            DESCRIPTION,
        ),
    ] {
        let Some(term) = term else { continue };
        let Some(text) = format(term, query) else {
            let reason = query.gap(term);
            let reason = reason.unwrap_or("a value in it cannot be a column");
            unsupported(what, reason, rule, report);
            continue;
        };
        let text = shortened(text, limit, what, rule, report);
        lines.push(Line { name, text });
        let foreign = kusto::has_foreign_texts(term)
            .then_some("KQL writes truth values, fractions, lists and objects in its own way");
        record(what.to_owned(), query.loss(term).or(foreign), rule, report);
    }
    if alert.severity.is_some() {
        let chosen = kusto::severity(rule);
        let column = chosen.as_ref().and_then(|term| query.column(term));
        if let Some(text) = column {
            let name = "alertSeverityColumnName";
            lines.push(Line { name, text });
            let loss = chosen.as_ref().and_then(|term| query.loss(term));
            record("alert severity".to_owned(), loss, rule, report);
        } else {
            let reason = chosen.as_ref().and_then(|term| query.gap(term));
            let reason = reason.unwrap_or("what it is chosen by has no form here");
            unsupported("alert severity", reason, rule, report);
        }
    }
    for (what, term) in [
        ("alert runbook", &alert.runbook),
        ("alert reference", &alert.reference),
    ] {
        if term.is_some() {
            let reason = "Sentinel has no place for one that depends on the event";
            unsupported(what, reason, rule, report);
        }
    }
    lines
}

/// Records what is shown: exact, or as narrower for the reason.
fn record(what: String, loss: Option<&str>, rule: &Rule, report: &mut Report) {
    let fidelity = match loss {
        Some(_) => Fidelity::Narrower,
        None => Fidelity::Exact,
    };
    let origin = rule.alert.origins.of(&what).or(rule.origin);
    report.record_shown(fidelity, what, origin, loss.unwrap_or_default());
}

fn unsupported(what: &str, reason: &str, rule: &Rule, report: &mut Report) {
    let origin = rule.alert.origins.of(what).or(rule.origin);
    report.record_shown(Fidelity::Unsupported, what, origin, reason);
}

/// The text with its values as placeholders; nothing where a value is no column.
fn format(text: &Term, query: &Query<'_>) -> Option<String> {
    let mut formatted = String::new();
    for piece in kusto::pieces(text) {
        match piece {
            // Two braces in plain text would start a placeholder.
            Piece::Text(text) => formatted.push_str(&text.replace("{{", "{ {")),
            Piece::Value(term) => {
                formatted.push_str("{{");
                formatted.push_str(&query.column(&term)?);
                formatted.push_str("}}");
            }
        }
    }
    (!formatted.is_empty()).then_some(formatted)
}

/// The text, cut where it is longer than Sentinel takes.
pub(super) fn shortened(
    text: String,
    limit: usize,
    what: &str,
    rule: &Rule,
    report: &mut Report,
) -> String {
    if text.chars().count() <= limit {
        return text;
    }
    let reason = format!("it is cut at {limit} characters, which is what Sentinel takes");
    report.record_shown(
        Fidelity::Unsupported,
        format!("end of the {what}"),
        rule.origin,
        reason,
    );
    text.chars().take(limit).collect()
}

/// The entities whose identifiers are in the result.
pub(super) fn entities(rule: &Rule, query: &Query<'_>, report: &mut Report) -> Vec<Entity> {
    let own = !rule.entities.is_empty();
    let mut found = Vec::new();
    for entity in kusto::entities(rule, &query.place) {
        let mut identifiers = Vec::new();
        for identifier in &entity.identifiers {
            match query.column(&identifier.source) {
                Some(column) => identifiers.push(Mapped {
                    name: identifier.name.clone(),
                    column,
                }),
                None if own => {
                    let what = format!("entity {} {}", entity.kind, identifier.name);
                    unsupported(&what, "its value is not in the result", rule, report);
                }
                None => {}
            }
        }
        identifiers.truncate(IDENTIFIERS);
        if !identifiers.is_empty() {
            let kind = entity.kind;
            found.push(Entity { kind, identifiers });
        }
    }
    if found.len() > ENTITIES {
        let reason = format!("Sentinel takes {ENTITIES} entities");
        unsupported("further entities", &reason, rule, report);
        found.truncate(ENTITIES);
    }
    found
}

/// The custom details: the rule's own, else its outputs.
pub(super) fn details(rule: &Rule, query: &Query<'_>, report: &mut Report) -> Vec<Mapped> {
    let mut found: Vec<Mapped> = Vec::new();
    if rule.alert.details.is_empty() && rule.preserved.format != OWN_FORMAT {
        for (name, column) in &query.outputs {
            add(&mut found, &pascal(name), column.clone());
        }
    }
    for detail in &rule.alert.details {
        let what = format!("detail {}", detail.name);
        match query.column(&detail.source) {
            Some(column) => {
                let word = is_word(&detail.name) && !detail.name.starts_with('_');
                let name = if word {
                    detail.name.clone()
                } else {
                    pascal(&detail.name)
                };
                add(&mut found, &name, column);
                record(what, query.loss(&detail.source), rule, report);
            }
            None => unsupported(&what, "its value is not in the result", rule, report),
        }
    }
    if found.len() > DETAILS {
        let rest: Vec<&str> = found[DETAILS..]
            .iter()
            .map(|detail| detail.name.as_str())
            .collect();
        let what = format!("details {}", rest.join(", "));
        let reason =
            format!("Sentinel takes {DETAILS} custom details; the columns are in the result");
        unsupported(&what, &reason, rule, report);
        found.truncate(DETAILS);
    }
    found
}

/// The name of the detail that shows a column, which becomes one where there is room for it.
pub(super) fn detail_of(details: &mut Vec<Mapped>, column: &str) -> Option<String> {
    if !details.iter().any(|detail| detail.column == column) && details.len() < DETAILS {
        add(details, &pascal(column), column.to_owned());
    }
    let shown = details.iter().find(|detail| detail.column == column)?;
    Some(shown.name.clone())
}

/// Adds a detail under its name, cut to what Sentinel takes and told apart from the others.
fn add(found: &mut Vec<Mapped>, name: &str, column: String) {
    let cut: String = name.chars().take(DETAIL_NAME).collect();
    let taken = |name: &str| found.iter().any(|detail| detail.name == name);
    let numbered = (2..100).map(|number| {
        let stem: String = name.chars().take(DETAIL_NAME - 2).collect();
        format!("{stem}{number}")
    });
    if let Some(name) = std::iter::once(cut)
        .chain(numbered)
        .find(|name| !taken(name))
    {
        found.push(Mapped { name, column });
    }
}
