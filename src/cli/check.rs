//! `rulec check`: what is wrong with rules of any format.
//!
//! Every file is imported as for a translation and held against its own system's limits; ids are compared across files. What is
//! found is the answer, and goes to standard output; how much it was goes to standard error.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::console::Console;
use super::import::{Batch, Document, Reading, Status};
use super::{Exit, Registry};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, github, json::to_json, sarif};
use crate::source::{Sources, Span, TextRange};

const EXAMPLES: &str = "\
Examples:
  rulec check rules
  rulec check rules --level warning --ignore MAP004,SEN022
  rulec check rules --format sarif > rules.sarif
  rulec check rules --format github

Exit status: 0 no errors, 1 errors, 2 bad usage or unreadable input.";

/// Find what is wrong with rules
///
/// Every rule is read as for a translation, and held against the limits that its own system sets: lengths, durations, words,
/// identifiers of entities, columns that the query does not have. Ids are to be unique. What a rule says and other formats cannot
/// is told with `--translation` alone. `rulec explain CODE` says more of each finding.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    /// Rule files, folders (walked in the order of names), zip archives of rules, or `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// How to report
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The least severity that is told
    #[arg(long, value_enum, default_value = "note")]
    level: Level,
    /// Also tell what keeps a rule from being translated, which is no fault of the rule
    #[arg(long)]
    translation: bool,
    /// Codes that are not told; several separated by commas
    #[arg(long, value_delimiter = ',', value_name = "CODE", value_parser = code)]
    ignore: Vec<Code>,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people, with excerpts
    Text,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
}

/// How severe a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Level {
    /// Errors alone
    Error,
    /// Errors and warnings
    Warning,
    /// Everything
    Note,
}

fn code(name: &str) -> Result<Code, String> {
    Code::from_name(name).ok_or_else(|| "not a code, such as SEN001".to_owned())
}

impl Check {
    /// Checks everything that the paths lead to.
    pub(super) fn run(
        &self,
        registry: Registry<'_>,
        console: &mut Console<'_>,
    ) -> io::Result<Exit> {
        let Some(crosswalk) = self.reading.schemas.crosswalk(console)? else {
            return Ok(Exit::Failure);
        };
        let found = Batch::find(&self.paths, &self.reading, registry, &crosswalk, console)?;
        let Some(batch) = found else {
            return Ok(Exit::Failure);
        };
        let mut run = Run {
            check: self,
            ids: BTreeMap::new(),
            written: Vec::new(),
            summary: Summary::default(),
        };
        run.tell(batch.unfound(), &Sources::new(), console)?;
        let read = batch.each(
            |document| {
                if !self.translation {
                    let told = |one: &Diagnostic| !one.code.is_about_translation();
                    document.diagnostics.retain(told);
                }
                held(document, registry);
            },
            |document, ()| run.document(document, console),
        )?;
        run.tell(&read.diagnostics, &Sources::new(), console)?;
        // Errors of rules count where they are told.
        let exit = match read.exit {
            Exit::Failure => Exit::Failure,
            _ if run.summary.errors > 0 => Exit::Refused,
            _ => Exit::Success,
        };
        run.finish(console)?;
        Ok(exit)
    }

    fn wants(&self, diagnostic: &Diagnostic) -> bool {
        let least = match self.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Note => Severity::Note,
        };
        diagnostic.severity >= least && !self.ignore.contains(&diagnostic.code)
    }
}

/// Adds what the document's own format has to say.
fn held(document: &mut Document, registry: Registry<'_>) {
    let mut formats = registry.frontends.iter();
    let format = formats.find(|format| Some(format.name()) == document.format);
    let (Some(format), Some(id)) = (format, document.sources.find(&document.path)) else {
        return;
    };
    let mut found = Diagnostics::new();
    crate::check(id, Some(*format), &document.sources, &mut found);
    // What is wrong at one place is told once, and the check knows more of it than the import.
    let place = |one: &Diagnostic| one.labels.first().map(|label| label.span);
    let known: BTreeSet<Span> = found.iter().filter_map(place).collect();
    let elsewhere = |one: &Diagnostic| place(one).is_none_or(|span| !known.contains(&span));
    document
        .diagnostics
        .retain(|one| one.severity == Severity::Error || elsewhere(one));
    document.diagnostics.extend(found);
}

/// How much there was, and how much was found.
#[derive(Clone, Copy, Debug, Default)]
struct Summary {
    files: usize,
    rules: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counted = |count: usize, name: &str| {
            let s = if count == 1 { "" } else { "s" };
            format!("{count} {name}{s}")
        };
        write!(
            f,
            "{} in {}: {}, {}, {}",
            counted(self.rules, "rule"),
            counted(self.files, "file"),
            counted(self.errors, "error"),
            counted(self.warnings, "warning"),
            counted(self.notes, "note")
        )
    }
}

/// A check under way.
struct Run<'c> {
    check: &'c Check,
    /// Where the rule with an id stands, by format and id.
    ids: BTreeMap<(&'static str, String), PathBuf>,
    /// What goes into one document at the end.
    written: Vec<Value>,
    summary: Summary,
}

impl Run<'_> {
    fn document(&mut self, mut document: Document, console: &mut Console<'_>) -> io::Result<()> {
        if document.status == Status::Rules {
            self.summary.files += 1;
            self.summary.rules += document.rules.len();
        }
        self.compare_ids(&mut document);
        self.tell(&document.diagnostics, &document.sources, console)
    }

    /// An id that another rule of the format has already.
    fn compare_ids(&mut self, document: &mut Document) {
        let Some(format) = document.format else {
            return;
        };
        for rule in &document.rules {
            let id = &rule.metadata.id;
            if id.is_empty() {
                continue;
            }
            let key = (format, id.clone());
            let Some(first) = self.ids.get(&key) else {
                self.ids.insert(key, document.path.clone());
                continue;
            };
            let message = format!("the id `{id}` is that of a rule in {}", first.display());
            let span = rule
                .origin
                .0
                .map(|whole| spelt(&document.sources, whole, id));
            document
                .diagnostics
                .push(Diagnostic::error(Code::DuplicateId, message).at(span));
        }
    }

    /// Writes messages in the order of their places.
    fn tell(
        &mut self,
        diagnostics: &Diagnostics,
        sources: &Sources,
        console: &mut Console<'_>,
    ) -> io::Result<()> {
        let mut wanted: Vec<&Diagnostic> = diagnostics
            .iter()
            .filter(|diagnostic| self.check.wants(diagnostic))
            .collect();
        wanted.sort_by_key(|diagnostic| diagnostic.labels.first().map(|label| label.span));
        let mut told = Diagnostics::new();
        for diagnostic in wanted {
            match diagnostic.severity {
                Severity::Error => self.summary.errors += 1,
                Severity::Warning => self.summary.warnings += 1,
                Severity::Note => self.summary.notes += 1,
            }
            told.push(diagnostic.clone());
        }
        match self.check.format {
            Format::Text => return console.answer(&told, sources),
            Format::Json => {
                if let Value::Array(values) = to_json(&told, sources) {
                    self.written.extend(values);
                }
            }
            Format::Sarif => {
                let results = told.iter().map(|one| sarif::result(one, sources));
                self.written.extend(results);
            }
            Format::Github => {
                for one in &told {
                    console.print(&github::command(one, sources))?;
                }
            }
        }
        Ok(())
    }

    /// The document, if findings are one, and the last line.
    fn finish(self, console: &mut Console<'_>) -> io::Result<()> {
        let summary = self.summary;
        match self.check.format {
            Format::Text | Format::Github => {}
            Format::Json => {
                let counts = json!({
                    "files": summary.files, "rules": summary.rules, "errors": summary.errors,
                    "warnings": summary.warnings, "notes": summary.notes,
                });
                let whole = json!({"version": 1, "diagnostics": self.written, "summary": counts});
                console.print(&format!("{whole:#}\n"))?;
            }
            Format::Sarif => console.print(&format!("{:#}\n", sarif::log(&self.written)))?,
        }
        console.report(&format!("{summary}\n"))
    }
}

/// Where the text stands in a part of a file; the part itself where it does not.
fn spelt(sources: &Sources, whole: Span, text: &str) -> Span {
    let found = sources.text(whole).find(text);
    found.map_or(whole, |at| {
        let start = whole.range.start as usize + at;
        Span::new(whole.source, TextRange::new(start, start + text.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::TARGETS;
    use crate::frontend::FRONTENDS;

    const RULE: &str = "id: 0f2aa22b-9b2c-4f5c-8f21-5b1d7a3e9c10\nname: a\ndescription: b\nquery: T | where a == 1\ntactics:\n  - Guessing\nrequiredDataConnectors: []\n";

    fn run(format: Format, level: Level, ignore: Vec<Code>) -> (Exit, String, String) {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.yaml", "b.yaml"] {
            std::fs::write(folder.path().join(name), RULE).unwrap();
        }
        let check = Check {
            paths: vec![folder.path().to_owned()],
            reading: Reading::default(),
            format,
            level,
            translation: false,
            ignore,
        };
        let registry = Registry {
            frontends: FRONTENDS,
            targets: TARGETS,
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut console = Console::to(&mut out, &mut err);
        let exit = check.run(registry, &mut console).unwrap();
        drop(console);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (exit, text(out), text(err))
    }

    #[test]
    fn findings_are_the_answer_and_their_number_the_report() {
        let (exit, out, err) = run(Format::Text, Level::Error, Vec::new());
        assert_eq!(exit, Exit::Refused);
        assert_eq!(out.matches("error[SEN020]").count(), 2, "{out}");
        assert_eq!(out.matches("error[RUL003]").count(), 1, "{out}");
        assert!(out.contains("b.yaml:1:5"), "{out}");
        assert_eq!(err, "2 rules in 2 files: 3 errors, 0 warnings, 0 notes\n");
    }

    #[test]
    fn what_is_ignored_is_no_error() {
        let ignore = vec![Code::SentinelTactic, Code::DuplicateId];
        let (exit, out, err) = run(Format::Text, Level::Error, ignore);
        assert_eq!((exit, out.as_str()), (Exit::Success, ""));
        assert_eq!(err, "2 rules in 2 files: 0 errors, 0 warnings, 0 notes\n");
    }

    #[test]
    fn what_only_a_translation_loses_is_told_on_demand() {
        let folder = tempfile::tempdir().unwrap();
        let rule = RULE.replace("T | where a == 1", "T | where a == 1 | sort by a");
        std::fs::write(folder.path().join("a.yaml"), rule).unwrap();
        let told = |translation| {
            let check = Check {
                paths: vec![folder.path().to_owned()],
                reading: Reading::default(),
                format: Format::Text,
                level: Level::Note,
                translation,
                ignore: Vec::new(),
            };
            let registry = Registry {
                frontends: FRONTENDS,
                targets: TARGETS,
            };
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let mut console = Console::to(&mut out, &mut err);
            check.run(registry, &mut console).unwrap();
            drop(console);
            String::from_utf8(out).unwrap().contains("KQL002")
        };
        assert_eq!((told(false), told(true)), (false, true));
    }

    #[test]
    fn tools_get_documents() {
        let (_, out, _) = run(Format::Json, Level::Error, Vec::new());
        let json: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(json["summary"]["errors"], 3);
        assert_eq!(json["diagnostics"][0]["code"], "SEN020");
        let (_, out, _) = run(Format::Sarif, Level::Error, Vec::new());
        let sarif: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(
            sarif["runs"][0]["results"].as_array().map(Vec::len),
            Some(3)
        );
        let (_, out, _) = run(Format::Github, Level::Error, Vec::new());
        assert_eq!(
            out.lines()
                .filter(|line| line.starts_with("::error file="))
                .count(),
            3
        );
    }
}
