//! What changed, for people and for tools: text with diffs, JSON, SARIF, workflow commands of GitHub Actions, JUnit.
//!
//! The answer goes to standard output, the last line with the counts to standard error. Each rule and target that changed is one
//! message at the rule's file; a rule that did not change is a passed case of the JUnit form and nothing elsewhere.

use std::fmt::Write;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::compare::{Change, Comparison, Kind, RuleChange};
use super::diff::{head, painted, unified};
use super::folder::Folder;
use super::manifest::Kept;
use super::root::Root;
use super::take::Taken;
use crate::cli::console::Console;
use crate::cli::junit::{Case, Suites};
use crate::diagnostic::json::to_json;
use crate::diagnostic::render::{Colour, printable};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, github, sarif};
use crate::source::{Sources, Span, TextRange};

/// How many lines of a diff a message of a tool has; the text form has all.
const LINES: usize = 200;

/// How the report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people, with diffs
    Text,
    /// JUnit XML, a case per rule and target
    Junit,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
    /// One JSON document
    Json,
}

impl Kind {
    /// The word shown to users.
    fn word(self) -> &'static str {
        match self {
            Self::Refused => "now refused",
            Self::Fidelity => "fidelity changed",
            Self::Translated => "now translated",
            Self::Reason => "refused for another reason",
            Self::Text => "changed",
            Self::New => "new",
            Self::Vanished => "vanished",
            Self::Same => "unchanged",
        }
    }

    fn code(self) -> Code {
        match self {
            Self::Refused => Code::SnapshotRefused,
            Self::Fidelity => Code::SnapshotFidelity,
            Self::Translated => Code::SnapshotTranslated,
            Self::Reason => Code::SnapshotReason,
            // What is the same is never told.
            Self::Text | Self::Same => Code::SnapshotText,
            Self::New => Code::SnapshotNew,
            Self::Vanished => Code::SnapshotVanished,
        }
    }
}

/// What a report is about.
pub(super) struct Report<'r> {
    /// What changed.
    pub(super) comparison: &'r Comparison,
    /// The collection as it is.
    pub(super) taken: &'r Taken,
    /// The snapshot's folder.
    pub(super) folder: &'r Folder,
    /// What paths are relative to.
    pub(super) root: &'r Root,
    /// Whether the text form shows diffs.
    pub(super) diffs: bool,
}

impl Report<'_> {
    /// Writes the report without its last line.
    pub(super) fn write(&self, format: Format, console: &mut Console<'_>) -> io::Result<()> {
        match format {
            Format::Text => self.text(console),
            Format::Junit => {
                let suites = self.junit();
                console.print(&suites.to_string())
            }
            Format::Json => console.print(&format!("{:#}\n", self.json())),
            Format::Sarif => {
                let results = self
                    .messages()
                    .into_iter()
                    .map(|(message, sources)| sarif::result(&message, &sources));
                let results: Vec<Value> = results.collect();
                console.print(&format!("{:#}\n", sarif::log(&results)))
            }
            Format::Github => {
                let messages = self.messages();
                messages.iter().try_for_each(|(message, sources)| {
                    console.print(&github::command(message, sources))
                })
            }
        }
    }

    /// How many rules there were on both sides, and what became of them.
    pub(super) fn summary(&self) -> Summary {
        let mut summary = Summary {
            unreferenced: self.comparison.unreferenced.len(),
            ..Summary::default()
        };
        for rule in &self.comparison.rules {
            match rule.kind() {
                Kind::Same => summary.unchanged += 1,
                Kind::New => summary.new += 1,
                Kind::Vanished => summary.vanished += 1,
                Kind::Refused | Kind::Fidelity | Kind::Translated | Kind::Reason | Kind::Text => {
                    summary.changed += 1;
                }
            }
        }
        summary
    }

    fn changed(&self) -> impl Iterator<Item = (&RuleChange, &Change)> {
        let rules = self.comparison.rules.iter();
        let all = rules.flat_map(|rule| rule.changes.iter().map(move |change| (rule, change)));
        all.filter(|(_, change)| change.kind != Kind::Same)
    }

    fn text(&self, console: &mut Console<'_>) -> io::Result<()> {
        let colour = console.colour();
        let (bold, reset) = match colour {
            Colour::Never => ("", ""),
            Colour::Always => ("\x1b[1m", "\x1b[0m"),
        };
        for (rule, change) in self.changed() {
            let (headline, details) = (self.headline(rule, change), details(change));
            let mut text = format!("{bold}{}{reset}\n", printable(&headline));
            for line in details {
                let _ = writeln!(text, "  {}", printable(&line));
            }
            if self.diffs {
                for file in &change.files {
                    text.push_str(&painted(
                        &unified(file, &self.folder.shown(&file.path)),
                        colour,
                    ));
                }
                text.push('\n');
            }
            console.print(&text)?;
        }
        for path in &self.comparison.unreferenced {
            console.print(&format!(
                "{bold}{}: in no manifest{reset}\n",
                printable(&self.folder.shown(path))
            ))?;
        }
        if self.is_stale() {
            console.print(&format!("{}\n", printable(&self.stale())))?;
        }
        Ok(())
    }

    /// Whether the manifest alone is out of date.
    fn is_stale(&self) -> bool {
        !self.comparison.stale.is_empty() && self.changed().next().is_none()
    }

    fn stale(&self) -> String {
        format!(
            "no translation changed, but what the manifest records: {}",
            self.comparison.stale.join("; ")
        )
    }

    fn headline(&self, rule: &RuleChange, change: &Change) -> String {
        let path = self.root.shown(&rule.source);
        // A file of several rules does not say which.
        let several = self
            .comparison
            .rules
            .iter()
            .filter(|other| other.source == rule.source)
            .nth(1)
            .is_some();
        let name = if several && !rule.name.is_empty() {
            format!(" ({})", rule.name)
        } else {
            String::new()
        };
        format!(
            "{}{name} → {}: {}",
            path.display(),
            change.target,
            change.kind.word()
        )
    }

    /// A message for each change, with the file that it is about.
    fn messages(&self) -> Vec<(Diagnostic, Sources)> {
        let mut messages: Vec<_> = self
            .changed()
            .map(|(rule, change)| self.message(rule, change))
            .collect();
        for path in &self.comparison.unreferenced {
            let shown = self.folder.shown(path);
            let message = format!("`{shown}` is in no manifest");
            let error = Diagnostic::error(Code::SnapshotUnreferenced, message);
            messages.push(at(error, Path::new(&shown), "", TextRange::default()));
        }
        if self.is_stale() {
            messages.push((
                Diagnostic::note(Code::SnapshotStale, self.stale()),
                Sources::new(),
            ));
        }
        messages
    }

    fn message(&self, rule: &RuleChange, change: &Change) -> (Diagnostic, Sources) {
        let message = format!("{}\n{}", self.headline(rule, change), self.body(change));
        let error = Diagnostic::error(change.kind.code(), message.trim_end());
        match rule.new.and_then(|at| self.taken.places.get(at)) {
            Some(place) => at(error, &place.path, &place.text, place.range),
            None => at(
                error,
                &self.root.shown(&rule.source),
                "",
                TextRange::default(),
            ),
        }
    }

    /// Everything below a headline.
    fn body(&self, change: &Change) -> String {
        let mut body: String = details(change)
            .into_iter()
            .map(|line| line + "\n")
            .collect();
        for file in &change.files {
            body.push_str(&unified(file, &self.folder.shown(&file.path)));
        }
        head(&body, LINES)
    }

    fn junit(&self) -> Suites {
        let mut suites = Suites::default();
        for rule in &self.comparison.rules {
            let shown = self.root.shown(&rule.source).display().to_string();
            let name = if rule.name.is_empty() {
                &shown
            } else {
                &rule.name
            };
            let case = |change: &Change| {
                let failed = (change.kind != Kind::Same)
                    .then(|| (self.headline(rule, change), self.body(change)));
                Case {
                    name: change.target.clone(),
                    class: if rule.id.is_empty() {
                        name.clone()
                    } else {
                        rule.id.clone()
                    },
                    failure: failed,
                }
            };
            let cases: Vec<Case> = rule.changes.iter().map(case).collect();
            suites.cases(name, &shown, &cases);
        }
        let case = |path: &String| Case {
            name: path.clone(),
            class: "unreferenced files".to_owned(),
            failure: Some(("in no manifest".to_owned(), String::new())),
        };
        let unreferenced: Vec<Case> = self.comparison.unreferenced.iter().map(case).collect();
        if !unreferenced.is_empty() {
            suites.cases(
                "unreferenced files",
                &self.folder.path().display().to_string(),
                &unreferenced,
            );
        }
        suites
    }

    fn json(&self) -> Value {
        let messages = self.messages();
        let changes: Vec<Value> = self
            .changed()
            .map(|(rule, change)| self.json_change(rule, change))
            .collect();
        let diagnostics: Vec<Value> = messages
            .iter()
            .filter_map(|(message, sources)| {
                to_json(&Diagnostics::from(message.clone()), sources)
                    .get_mut(0)
                    .map(Value::take)
            })
            .collect();
        let Summary {
            unchanged,
            changed,
            new,
            vanished,
            unreferenced,
        } = self.summary();
        json!({
            "version": 1,
            "snapshot": self.folder.path().display().to_string(),
            "changes": changes,
            "unreferenced": self.comparison.unreferenced,
            "stale": self.comparison.stale,
            "diagnostics": diagnostics,
            "summary": {
                "rules": unchanged + changed + new + vanished, "unchanged": unchanged, "changed": changed, "new": new,
                "vanished": vanished, "unreferenced": unreferenced,
            },
        })
    }

    fn json_change(&self, rule: &RuleChange, change: &Change) -> Value {
        let file = |file: &super::compare::FileChange| json!({"path": file.path, "diff": unified(file, &self.folder.shown(&file.path))});
        json!({
            "path": self.root.shown(&rule.source).display().to_string(),
            "id": rule.id,
            "name": rule.name,
            "target": change.target,
            "change": change.kind.word(),
            "fidelity": {"from": change.kept.0, "to": change.kept.1},
            "reasons": change.reasons,
            "because": change.because,
            "files": change.files.iter().map(file).collect::<Vec<_>>(),
        })
    }
}

/// How many rules there were, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) unchanged: usize,
    pub(super) changed: usize,
    pub(super) new: usize,
    pub(super) vanished: usize,
    /// Files, not rules.
    pub(super) unreferenced: usize,
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            unchanged,
            changed,
            new,
            vanished,
            unreferenced,
        } = self;
        let s = |count: usize| if count == 1 { "" } else { "s" };
        let rules = unchanged + changed + new + vanished;
        write!(
            f,
            "{rules} rule{}: {unchanged} unchanged, {changed} changed, {new} new, {vanished} vanished",
            s(rules)
        )?;
        match unreferenced {
            0 => Ok(()),
            count => write!(f, "; {count} unreferenced file{}", s(*count)),
        }
    }
}

/// The lines below a headline: what was kept, what is lost, why it changed.
fn details(change: &Change) -> Vec<String> {
    let mut lines = Vec::new();
    match (&change.kept, change.kind) {
        (_, Kind::Same) => {}
        ((Some(old), Some(new)), _) if old != new => lines.push(kept(old, new)),
        ((None, Some(new)), _) => lines.push(alone(new)),
        _ => {}
    }
    lines.extend(change.reasons.iter().cloned());
    if !change.because.is_empty() {
        lines.push(format!("because {}", change.because.join("; ")));
    }
    lines
}

/// The fidelity line of `rulec convert`, with what it was where that was something else.
fn kept(old: &Kept, new: &Kept) -> String {
    let count = |name: &str, old: usize, new: usize| {
        if old == new {
            format!("{name} {new}")
        } else {
            format!("{name} {old} → {new}")
        }
    };
    let mut line = String::new();
    if old.condition != new.condition {
        let _ = write!(line, "condition {} → {}; ", old.condition, new.condition);
    }
    let _ = write!(
        line,
        "{} · {}",
        count("exact", old.exact, new.exact),
        count("wider", old.wider, new.wider)
    );
    if old.narrower + new.narrower > 0 {
        let _ = write!(line, " · {}", count("narrower", old.narrower, new.narrower));
    }
    let _ = write!(
        line,
        " · {}",
        count("unsupported", old.unsupported, new.unsupported)
    );
    line
}

fn alone(new: &Kept) -> String {
    kept(new, new)
}

/// The message at a place of a file that is not looked at any further.
fn at(message: Diagnostic, path: &Path, text: &str, range: TextRange) -> (Diagnostic, Sources) {
    let mut sources = Sources::new();
    let id = sources.add(path, text);
    (message.at(Span::new(id, range)), sources)
}
