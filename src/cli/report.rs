//! What a conversion tells: artifacts on standard output and the report on standard error, or both as one JSON document.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::console::Console;
use super::import::Document;
use crate::analysis::{Construct, Fidelity, Report};
use crate::backend::Artifact;
use crate::diagnostic::json::to_json;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::Origin;
use crate::source::Sources;
use crate::verify::Place;

/// The width of the header above an artifact.
const WIDTH: usize = 80;

/// One rule for one target, as it is reported.
pub(super) struct Outcome {
    /// The target.
    pub(super) target: &'static str,
    /// The folder of the rule's files, below the output folder.
    pub(super) folder: PathBuf,
    /// The files; none where the rule was refused.
    pub(super) artifacts: Vec<Artifact>,
    /// Where they were written, if they were.
    pub(super) written: Option<Vec<PathBuf>>,
    /// What was kept.
    pub(super) report: Report,
    /// Where each construct of the report stands in the artifacts, if that is known; only looked for where it is told.
    pub(super) places: Vec<Option<Place>>,
}

impl Outcome {
    /// Whether there is no translation.
    pub(super) fn refused(&self) -> bool {
        self.artifacts.is_empty()
    }
}

/// One rule for every target.
pub(super) struct Converted {
    /// The rule's file name without extension.
    pub(super) stem: String,
    /// The id.
    pub(super) id: String,
    /// The name.
    pub(super) name: String,
    /// What came of it, in the order of the targets.
    pub(super) outcomes: Vec<Outcome>,
}

/// How many rules there were and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    /// Rules with artifacts for every target.
    pub(super) translated: usize,
    /// The others.
    pub(super) refused: usize,
    /// Files that cannot be read, so that nobody knows whether they hold rules.
    pub(super) unreadable: usize,
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            translated,
            refused,
            unreadable,
        } = self;
        let rules = translated + refused;
        let s = if rules == 1 { "" } else { "s" };
        write!(
            f,
            "{rules} rule{s}: {translated} translated, {refused} refused"
        )?;
        match unreadable {
            0 => Ok(()),
            1 => f.write_str("; 1 file cannot be read"),
            files => write!(f, "; {files} files cannot be read"),
        }
    }
}

/// A report in one of the two forms.
pub(super) enum Reporter {
    /// Artifacts and report as they come.
    Text,
    /// The documents so far and the messages that belong to none.
    Json {
        /// One value per rule.
        rules: Vec<Value>,
        /// Messages about paths and folders.
        diagnostics: Vec<Value>,
    },
}

impl Reporter {
    /// The form for `--format`.
    pub(super) fn new(format: super::TextOrJson) -> Self {
        match format {
            super::TextOrJson::Text => Self::Text,
            super::TextOrJson::Json => Self::Json {
                rules: Vec::new(),
                diagnostics: Vec::new(),
            },
        }
    }

    /// Messages about no rule in particular.
    pub(super) fn general(
        &mut self,
        messages: &Diagnostics,
        console: &mut Console<'_>,
    ) -> io::Result<()> {
        match self {
            Self::Text => console.diagnose(messages, &Sources::new()),
            Self::Json { diagnostics, .. } => {
                diagnostics.extend(
                    messages
                        .iter()
                        .map(|message| alone(message, &Sources::new())),
                );
                Ok(())
            }
        }
    }

    /// A document and what became of its rules.
    pub(super) fn document(
        &mut self,
        document: &Document,
        converted: &[Converted],
        console: &mut Console<'_>,
    ) -> io::Result<()> {
        match self {
            Self::Text => text(document, converted, console),
            Self::Json { rules, diagnostics } => {
                let sources = &document.sources;
                if converted.is_empty() && document.left_out() == 0 {
                    diagnostics.extend(
                        document
                            .diagnostics
                            .iter()
                            .map(|message| alone(message, sources)),
                    );
                } else {
                    rules.extend(json_rules(document, converted));
                }
                Ok(())
            }
        }
    }

    /// The last line, and with JSON the document.
    pub(super) fn finish(self, summary: Summary, console: &mut Console<'_>) -> io::Result<()> {
        if let Self::Json { rules, diagnostics } = self {
            let Summary {
                translated,
                refused,
                unreadable,
            } = summary;
            let counts = json!({
                "rules": translated + refused, "translated": translated, "refused": refused, "unreadable": unreadable,
            });
            let whole = json!({"version": 1, "rules": rules, "diagnostics": diagnostics, "summary": counts});
            console.print(&format!("{whole:#}\n"))?;
        }
        console.report(&format!("{summary}\n"))
    }
}

fn text(document: &Document, converted: &[Converted], console: &mut Console<'_>) -> io::Result<()> {
    for rule in converted {
        for outcome in &rule.outcomes {
            if outcome.written.is_none() {
                for artifact in &outcome.artifacts {
                    let name = outcome.folder.join(&artifact.path);
                    console.print(&format!(
                        "{}\n{}\n",
                        header(&name.display().to_string()),
                        artifact.text
                    ))?;
                }
            }
            let refused = if outcome.refused() { " (refused)" } else { "" };
            let head = format!(
                "{} → {}: {}{refused}\n",
                rule.stem, outcome.target, outcome.report
            );
            console.report_with(head, &outcome.report.diagnostics, &document.sources)?;
        }
    }
    let path = document.path.display();
    for (line, messages) in document.unread() {
        let place = if line > 1 {
            format!("{path}:{line}")
        } else {
            path.to_string()
        };
        console.report(&format!("{place}: a rule was not read\n"))?;
        console.diagnose(&messages, &document.sources)?;
    }
    console.diagnose(&document.besides(), &document.sources)
}

/// `━━ name ━━━━`, as wide as a page.
fn header(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    let rest = WIDTH.saturating_sub(name.chars().count() + 4).max(4);
    format!("━━ {name} {}", "━".repeat(rest))
}

/// One value per rule of the document; the rule that could not be read has neither name nor translations.
fn json_rules(document: &Document, converted: &[Converted]) -> Vec<Value> {
    let path = document.path.display().to_string();
    let unread = document.unread();
    let mut messages = to_json(&document.besides(), &document.sources);
    let mut values: Vec<Value> = Vec::new();
    for rule in converted {
        let translations: Vec<Value> = rule
            .outcomes
            .iter()
            .map(|outcome| json_outcome(outcome, &document.sources))
            .collect();
        values.push(json!({
            "path": path, "format": document.format, "id": rule.id, "name": rule.name, "stem": rule.stem,
            "translations": translations, "diagnostics": taken(&mut messages),
        }));
    }
    for (line, of_rule) in unread {
        let mut said = to_json(&of_rule, &document.sources);
        // What is no error is said once.
        if let (Value::Array(said), Value::Array(rest)) = (&mut said, taken(&mut messages)) {
            said.extend(rest);
        }
        values.push(json!({
            "path": path, "format": document.format, "id": null, "name": null, "stem": null, "line": line,
            "translations": [], "diagnostics": said,
        }));
    }
    values
}

/// The messages, once; none afterwards.
fn taken(messages: &mut Value) -> Value {
    std::mem::replace(messages, json!([]))
}

fn json_outcome(outcome: &Outcome, sources: &Sources) -> Value {
    let count = |fidelity: Fidelity| outcome.report.count(fidelity);
    let artifacts: Vec<Value> = outcome
        .artifacts
        .iter()
        .enumerate()
        .map(|(at, artifact)| {
            let path = outcome.folder.join(&artifact.path).display().to_string();
            match outcome.written.as_ref().and_then(|written| written.get(at)) {
                Some(file) => json!({"path": path, "file": file.display().to_string()}),
                None => json!({"path": path, "text": artifact.text}),
            }
        })
        .collect();
    let places = outcome.places.iter().map(Option::as_ref);
    let places = places.chain(std::iter::repeat(None));
    let constructs = outcome.report.constructs.iter().zip(places);
    let constructs = constructs.map(|(construct, place)| {
        let mut told = json_construct(construct, sources);
        told["written"] = place.map_or(Value::Null, |place| json_written(place, &outcome.folder));
        told
    });
    let left_out = outcome.report.left_out.iter().map(|one| {
        json!({
            "key": one.key, "reason": one.reason, "code": Code::LeftOut.name(),
            "place": json_place(one.origin, sources),
        })
    });
    json!({
        "target": outcome.target,
        "translated": !outcome.refused(),
        "fidelity": {
            "exact": count(Fidelity::Exact), "wider": count(Fidelity::Wider),
            "narrower": count(Fidelity::Narrower), "unsupported": count(Fidelity::Unsupported),
        },
        "constructs": constructs.collect::<Vec<_>>(),
        "left_out": left_out.collect::<Vec<_>>(),
        "artifacts": artifacts,
        "diagnostics": to_json(&outcome.report.diagnostics, sources),
    })
}

/// The place of a construct in an artifact, which is named as in `artifacts`.
fn json_written(place: &Place, folder: &Path) -> Value {
    let path = folder.join(&place.path).display().to_string();
    json!({"path": path, "line": place.line, "column": place.column})
}

fn json_place(origin: Origin, sources: &Sources) -> Option<Value> {
    let span = origin.0?;
    let source = sources.get(span.source)?;
    let start = source.position(span.range.start);
    Some(
        json!({"path": source.path().display().to_string(), "line": start.line, "column": start.column}),
    )
}

fn json_construct(construct: &Construct, sources: &Sources) -> Value {
    let place = json_place(construct.origin, sources);
    json!({
        "part": construct.part, "what": construct.what, "fidelity": construct.fidelity.name(),
        "reason": construct.reason, "code": construct.code.map(Code::name), "place": place,
    })
}

fn alone(message: &Diagnostic, sources: &Sources) -> Value {
    let mut one = Diagnostics::new();
    one.push(message.clone());
    to_json(&one, sources)
        .get_mut(0)
        .map_or(Value::Null, Value::take)
}
