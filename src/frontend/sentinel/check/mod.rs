//! A document against the limits that Microsoft sets to every key.
//!
//! What is found stands in no way of a translation: a rule with too long a name still means something. Each limit has a code
//! of its own, and each finding the place of the value, or, where a key is missing, of the document's first key. The query's
//! names and types are checked with it.

mod alert;
mod attack;
mod columns;
mod entities;
mod incident;
mod schedule;
#[cfg(test)]
mod tests;

pub(super) use columns::query_bound;

use serde_json::Value;
use uuid::Uuid;

use super::document::plain;
use super::forms::{Form, Found};
use crate::bind::Bound;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::source::{Span, TextRange};
use crate::syntax::yaml::{self, Step};

/// The longest name, description, query, version and column name.
const NAME: usize = 256;
const DESCRIPTION: usize = 5_000;
const QUERY: usize = 10_000;
const VERSION: usize = 20;
const COLUMN: usize = 500;

/// The keys of a rule that runs on a schedule.
const SCHEDULE: [&str; 4] = [
    "queryFrequency",
    "queryPeriod",
    "triggerOperator",
    "triggerThreshold",
];

/// What kind of document it is, which says what must be in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Scheduled,
    NearRealTime,
    /// A query to run by hand: no kind, no schedule, no severity.
    Hunting,
}

/// Checks one rule.
pub(super) fn check(found: &Found<'_>, diagnostics: &mut Diagnostics) {
    let (yaml, form) = (&found.yaml.document, found.form);
    // What is no document at all was said by the import.
    let Ok(value) = &found.yaml.value else { return };
    let mut checker = Checker {
        yaml,
        form,
        kind: kind(value, form),
        value,
        bound: columns::bound(yaml, diagnostics),
        diagnostics,
    };
    checker.identity();
    checker.query();
    if form == Form::Detection {
        // What is put together from a custom detection has Sentinel's limits nowhere else.
        return checker.attack();
    }
    checker.version();
    checker.connectors();
    checker.severity();
    checker.schedule();
    checker.attack();
    checker.entities();
    checker.alert();
    checker.incident();
}

fn kind(value: &Value, form: Form) -> Kind {
    let has = |key: &str| value.get(key).is_some();
    match value.get("kind").map(plain).as_deref() {
        Some(kind) if kind.eq_ignore_ascii_case("NRT") => Kind::NearRealTime,
        None if form == Form::Template
            && !SCHEDULE.iter().any(|key| has(key))
            && !has("severity") =>
        {
            Kind::Hunting
        }
        _ => Kind::Scheduled,
    }
}

/// The document, and what was found in it.
struct Checker<'c, 't> {
    yaml: &'c yaml::Document<'t>,
    form: Form,
    kind: Kind,
    value: &'c Value,
    /// The columns of the query's result, where the query is well-formed.
    bound: Option<Bound>,
    diagnostics: &'c mut Diagnostics,
}

impl<'c> Checker<'c, '_> {
    /// The value of a key; `None` also for null.
    fn get(&self, key: &str) -> Option<&'c Value> {
        self.value.get(key).filter(|value| !value.is_null())
    }

    /// A finding at the value.
    fn fail(&mut self, code: Code, path: &[Step<'_>], message: impl Into<String>) {
        let span = self.place(path);
        self.push(code, Severity::Error, span, message.into(), None);
    }

    /// A finding at the value, with a way out.
    fn fail_with(
        &mut self,
        code: Code,
        path: &[Step<'_>],
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let span = self.place(path);
        let help = Some(help.into());
        self.push(code, Severity::Error, span, message.into(), help);
    }

    fn push(
        &mut self,
        code: Code,
        severity: Severity,
        span: Option<Span>,
        message: String,
        help: Option<String>,
    ) {
        let diagnostic = match severity {
            Severity::Error => Diagnostic::error(code, message),
            Severity::Warning => Diagnostic::warning(code, message),
            Severity::Note => Diagnostic::note(code, message),
        };
        self.diagnostics.push(Diagnostic {
            help,
            ..diagnostic.at(span)
        });
    }

    /// Where the value stands; for an empty one its key, for what is not there the nearest thing that is.
    fn place(&self, path: &[Step<'_>]) -> Option<Span> {
        let mut path = path;
        loop {
            let empty = |span: &Span| span.range.start == span.range.end;
            let span = self.yaml.span(path).filter(|span| !empty(span));
            let key = || self.yaml.key_span(path).filter(|span| !empty(span));
            let Some((_, parents)) = path.split_last() else {
                return self.first();
            };
            match span.or_else(key) {
                Some(span) => return Some(span),
                None => path = parents,
            }
        }
    }

    /// The document's first key.
    fn first(&self) -> Option<Span> {
        let key = *self.yaml.keys().first()?;
        self.yaml.key_span(&[Step::Key(key)])
    }

    /// A part of the text at the path.
    fn part(&self, path: &[Step<'_>], part: TextRange) -> Option<Span> {
        let (_, embedded) = self.yaml.embedded(path)?;
        Some(embedded.span(part))
    }

    /// The text of a key within its limit; a finding where it is missing, empty or too long.
    fn limited(&mut self, code: Code, key: &'static str, limit: usize) {
        let called = if self.form != Form::Template && key == "name" {
            "displayName"
        } else {
            key
        };
        let text = self.get(key).map(plain).unwrap_or_default();
        if text.trim().is_empty() {
            let message = format!("a Sentinel rule requires a `{called}`");
            return self.fail(code, &[Step::Key(key)], message);
        }
        let length = text.chars().count();
        if length > limit {
            let message = format!("a `{called}` has at most {limit} characters, and this {length}");
            self.fail(code, &[Step::Key(key)], message);
        }
    }

    fn identity(&mut self) {
        let id = self.get("id").map(plain).unwrap_or_default();
        if self.form == Form::Template && !is_guid(&id) {
            let (path, message) = ([Step::Key("id")], "a rule's `id` is required to be a GUID");
            self.fail(Code::SentinelId, &path, message);
        }
        self.limited(Code::SentinelName, "name", NAME);
        if self.form == Form::Template || self.get("description").is_some() {
            self.limited(Code::SentinelDescription, "description", DESCRIPTION);
        }
        let kind = self.get("kind").map(plain).unwrap_or_default();
        let known = matches!(kind.as_str(), "Scheduled" | "NRT");
        if self.kind != Kind::Hunting && !known {
            let message = if kind.is_empty() {
                "a rule with a schedule requires a `kind`, Scheduled or NRT".to_owned()
            } else {
                format!("`{kind}` is not a kind of rule with a query; expected Scheduled or NRT")
            };
            self.fail(Code::SentinelKind, &[Step::Key("kind")], message);
        }
    }

    fn query(&mut self) {
        self.limited(Code::SentinelQuery, "query", QUERY);
    }

    fn version(&mut self) {
        let version = self.get("version").map(plain);
        let message = match version.as_deref() {
            None if self.kind == Kind::Hunting || self.form == Form::Resource => return,
            None => "a rule requires a `version`, such as 1.0.0".to_owned(),
            Some(version) if is_version(version) => return,
            Some(version) => {
                format!("a version is three numbers, such as 1.0.0, and this is `{version}`")
            }
        };
        self.fail(Code::SentinelVersion, &[Step::Key("version")], message);
    }

    fn connectors(&mut self) {
        let key = "requiredDataConnectors";
        let Some(listed) = self.get(key) else {
            if self.kind == Kind::Scheduled && self.form == Form::Template {
                let message = format!("a scheduled rule requires the list `{key}`");
                let help = format!("write `{key}: []` where it needs none");
                self.fail_with(Code::SentinelConnectors, &[Step::Key(key)], message, help);
            }
            return;
        };
        let Some(entries) = listed.as_array() else {
            let message = format!("`{key}` is a list");
            return self.fail(Code::SentinelConnectors, &[Step::Key(key)], message);
        };
        for (at, entry) in entries.iter().enumerate() {
            let id = entry.get("connectorId").and_then(Value::as_str);
            let types = entry.get("dataTypes").or_else(|| entry.get("datatypes"));
            let missing = match (id, types.map(Value::is_array)) {
                (None, _) => "connectorId",
                (_, None | Some(false)) => "dataTypes",
                _ => continue,
            };
            let message = format!("an entry of `{key}` requires `{missing}`");
            let path = [Step::Key(key), Step::Item(at)];
            self.fail(Code::SentinelConnectors, &path, message);
        }
    }

    fn severity(&mut self) {
        let severity = self.get("severity").map(plain);
        let message = match severity.as_deref() {
            Some("Informational" | "Low" | "Medium" | "High") => return,
            None if self.kind == Kind::Hunting => return,
            None => "a rule requires a `severity`".to_owned(),
            Some(other) => {
                format!("`{other}` is not a severity; expected Informational, Low, Medium or High")
            }
        };
        self.fail(Code::SentinelSeverity, &[Step::Key("severity")], message);
    }

    /// A finding where the value is no name of a column.
    fn column(&mut self, value: Option<&Value>, path: &[Step<'_>]) {
        let name = value.map(plain).unwrap_or_default();
        if is_name(
            &name,
            |first| first.is_ascii_alphabetic() || first == '_',
            COLUMN,
        ) {
            self.in_result(&name, self.place(path));
        } else {
            let message = if name.is_empty() {
                "a column is required here".to_owned()
            } else {
                format!("`{name}` is not the name of a column")
            };
            self.fail(Code::SentinelColumnName, path, message);
        }
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && Uuid::try_parse(text).is_ok()
}

fn is_version(version: &str) -> bool {
    let parts: Vec<&str> = version.split('.').collect();
    let number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    version.len() <= VERSION && parts.len() == 3 && parts.iter().all(number)
}

/// A word of at most `longest` characters: a first one, then letters, digits and underscores.
fn is_name(text: &str, first: impl Fn(char) -> bool, longest: usize) -> bool {
    text.starts_with(first)
        && text.chars().count() <= longest
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}
