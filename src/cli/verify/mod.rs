//! `rulec verify`: translations, read back and held against their rules on tests and events.
//!
//! A refused rule has no translation and nothing to disagree about; it is counted, and does not fail the run. The last line counts
//! every translation once: verified, disagreeing, not proven or refused, and the files of which a rule was not read.

mod cases;
mod json;
mod said;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use super::console::Console;
use super::import::{Document, Reading, each_document};
use super::junit::{Case, Suites};
use super::shaping::{Shaping, targets};
use super::{Exit, Registry, target_names};
use crate::backend::{self, Backend, Templates};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, github};
use crate::ir::Rule;
use crate::schema::Crosswalk;
use crate::verify::{Limits, Outcome, Share, Verified, verify, verify_keeping};

const EXAMPLES: &str = "\
Examples:
  rulec verify rules --to sentinel
  rulec verify rule.yml --to panther,sentinel,sigma,native
  rulec verify rules --to kql --tables union
  rulec verify rules --to sigma --format json | jq 'select(.outcome == \"disagrees\")'
  rulec verify rules --to sentinel --format junit > results.xml";

/// How the results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object per line: each translation, and at the end the counts
    Json,
    /// JUnit XML: a suite per rule, a case per target
    Junit,
    /// Workflow commands of GitHub Actions for what disagrees, beside the text
    Github,
}

/// Prove translations on events
///
/// Every rule is translated, and what was emitted is read back. Both sides are judged on the rule's own tests and on events made
/// for the purpose: each part of the condition decides both ways, fields are absent, null, of another type, in the other case, and
/// a threshold is met, missed by one and passed by one, within its window and at its end. What is reported as exact has to agree
/// on every event, what is wider or narrower in that direction. A disagreement is shown with the smallest event found.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Verify {
    /// Rule files, folders, zip archives of rules, or `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The target, or several separated by commas
    #[arg(long, required = true, value_delimiter = ',', value_name = "TARGET", value_parser = target_names())]
    to: Vec<String>,
    #[command(flatten)]
    reading: Reading,
    /// How to write the results
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The most events to make of a rule, and as many of its translation; where that leaves any out, it is said
    #[arg(long, default_value_t = Limits::default().events, value_name = "COUNT")]
    most_events: usize,
    /// Write what both sides were asked about, and what the rule says of it, for an engine of the target: one JSON object per
    /// translation and line
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
    #[command(flatten)]
    shaping: Shaping,
}

/// One translation of a rule.
struct Held {
    id: String,
    name: String,
    stem: String,
    target: &'static str,
    verified: Verified,
    /// The line with what was asked; empty where it is not wanted.
    cases: String,
}

/// How many translations there were, and what became of them.
#[derive(Default)]
struct Counts {
    rules: usize,
    verified: usize,
    disagree: usize,
    unproven: usize,
    refused: usize,
    unread: usize,
    same: Share,
    shown: Share,
    tests: Share,
    events: Share,
    sequences: Share,
    atoms: Share,
    guards: Share,
    cut: usize,
}

impl Counts {
    fn add(&mut self, held: &Held) {
        let verified = &held.verified;
        match verified.outcome {
            Outcome::Verified => self.verified += 1,
            Outcome::Disagrees => self.disagree += 1,
            Outcome::Unproven => self.unproven += 1,
            Outcome::Refused => self.refused += 1,
        }
        if let Some(same) = verified.same {
            self.same.count(same);
        }
        self.shown.add(verified.shown);
        self.tests.add(verified.tests);
        self.events.add(verified.events);
        self.sequences.add(verified.counts);
        self.atoms.add(verified.atoms);
        self.guards.add(verified.guards);
        self.cut += usize::from(verified.cut);
    }

    fn translations(&self) -> usize {
        self.verified + self.disagree + self.unproven + self.refused
    }
}

impl Verify {
    /// Verifies everything that the paths lead to.
    pub(super) fn run(
        &self,
        registry: Registry<'_>,
        console: &mut Console<'_>,
    ) -> io::Result<Exit> {
        let Some(crosswalk) = self.reading.schemas.crosswalk(console)? else {
            return Ok(Exit::Failure);
        };
        let targets = targets(&self.to, registry);
        let templates = Templates::builtin();
        let context = self.shaping.context(&crosswalk, &templates);
        let mut counts = Counts::default();
        let mut suites = Suites::default();
        let mut written = match self.written(console) {
            Ok(file) => file,
            Err(exit) => return Ok(exit),
        };
        let mut exit = each_document(
            &self.paths,
            &self.reading,
            registry,
            console,
            |document| self.held(document, &targets, &context, &crosswalk),
            |document, (rules, held), console| {
                counts.rules += rules;
                counts.unread += document.left_out();
                for one in &held {
                    counts.add(one);
                    if let Some(file) = &mut written {
                        file.write_all(one.cases.as_bytes())?;
                    }
                }
                match self.format {
                    Format::Text | Format::Github => self.told(document, &held, console),
                    Format::Json => held
                        .iter()
                        .try_for_each(|held| console.print(&json::line(held, document))),
                    Format::Junit => {
                        suites.unread(document);
                        suite(&mut suites, document, &held);
                        Ok(())
                    }
                }
            },
        )?;
        if let Some(mut file) = written {
            file.flush()?;
        }
        if counts.disagree > 0 {
            exit = exit.max(Exit::Refused);
        }
        match self.format {
            Format::Text | Format::Github => console.print(&counts.to_string())?,
            Format::Json => console.print(&json::counts(&counts))?,
            Format::Junit => console.print(&suites.to_string())?,
        }
        Ok(exit)
    }

    /// The file for what was asked, where it is wanted; the failure where it cannot be written.
    fn written(&self, console: &mut Console<'_>) -> Result<Option<BufWriter<File>>, Exit> {
        let file = self.cases.as_deref().map(cases::create).transpose();
        file.map_err(|message| {
            console.complain_of(&Diagnostic::error(Code::OutputFailed, message));
            Exit::Failure
        })
    }

    /// Translates and verifies the rules of a document, which are not needed afterwards; their number, and what came of it.
    fn held(
        &self,
        document: &mut Document,
        targets: &[&dyn Backend],
        context: &backend::Context<'_>,
        crosswalk: &Crosswalk,
    ) -> (usize, Vec<Held>) {
        let limits = Limits {
            events: self.most_events,
        };
        let rules = std::mem::take(&mut document.rules);
        let of_rule = |rule: &Rule| -> Vec<Held> {
            let stem = backend::file_stem(rule);
            let made = self.shaping.translate(rule, targets, context);
            let held = targets.iter().zip(made).map(|(target, made)| {
                let (verified, cases) = if self.cases.is_some() {
                    let (verified, asked) = verify_keeping(rule, *target, &made, crosswalk, limits);
                    let line = cases::line(&stem, rule, target.name(), &made, &verified, &asked);
                    (verified, line)
                } else {
                    let verified = verify(rule, *target, &made, crosswalk, limits);
                    (verified, String::new())
                };
                Held {
                    id: rule.metadata.id.clone(),
                    name: rule.metadata.name.clone(),
                    stem: stem.clone(),
                    target: target.name(),
                    verified,
                    cases,
                }
            });
            held.collect()
        };
        (rules.len(), rules.iter().flat_map(of_rule).collect())
    }

    fn told(
        &self,
        document: &Document,
        held: &[Held],
        console: &mut Console<'_>,
    ) -> io::Result<()> {
        for one in held {
            console.print(&said::line(one))?;
            let Some(found) = said::diagnostic(one) else {
                continue;
            };
            if self.format == Format::Github {
                console.print(&github::command(&found, &document.sources))?;
            }
            console.diagnose(&Diagnostics::from(found), &document.sources)?;
        }
        Ok(())
    }
}

/// Adds a suite for each rule of the document.
fn suite(suites: &mut Suites, document: &Document, held: &[Held]) {
    let file = document.path.display().to_string();
    for of_rule in held.chunk_by(|one, other| one.stem == other.stem && one.id == other.id) {
        let cases = of_rule
            .iter()
            .filter(|held| held.verified.outcome != Outcome::Refused);
        let cases: Vec<Case> = cases
            .map(|held| {
                let found = said::diagnostic(held).map(|found| {
                    let details = found.help.unwrap_or_default();
                    (found.message, details)
                });
                let unproven = held.verified.outcome == Outcome::Unproven;
                let reason = held.verified.reason.clone().filter(|_| unproven);
                Case {
                    name: held.target.to_owned(),
                    class: held.id.clone(),
                    failure: found.or(reason.map(|reason| ("not proven".to_owned(), reason))),
                }
            })
            .collect();
        if let Some(first) = of_rule.first().filter(|_| !cases.is_empty()) {
            suites.cases(&first.name, &file, &cases);
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let s = |count: usize| if count == 1 { "" } else { "s" };
        let translations = self.translations();
        write!(
            f,
            "\n{} rule{}, {translations} translation{}: {} verified, {} disagree, {} not proven, {} refused",
            self.rules,
            s(self.rules),
            s(translations),
            self.verified,
            self.disagree,
            self.unproven,
            self.refused
        )?;
        if self.unread > 0 {
            write!(f, "; {} not read", self.unread)?;
        }
        write!(
            f,
            "\nsame structure {}, alert texts {}, tests {}, events {}, sequences {}, atoms shown {}, guards shown {}",
            self.same, self.shown, self.tests, self.events, self.sequences, self.atoms, self.guards
        )?;
        if self.cut > 0 {
            write!(f, "; {} reached a limit of events", self.cut)?;
        }
        writeln!(f)
    }
}
