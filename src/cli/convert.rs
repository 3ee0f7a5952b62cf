//! `rulec convert`: rules to targets.
//!
//! One bad rule never stops the others: each is imported, normalized and emitted for every target on its own, and counted as
//! translated or refused.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use super::console::Console;
use super::import::{Batch, Document, Reading, Status};
use super::report::{Converted, Outcome, Reporter, Summary};
use super::shaping::{Shaping, targets};
use super::templates::OwnTemplates;
use super::{Exit, Registry, TextOrJson, output, target_names};
use crate::backend::{self, Backend, Templates, Translation};
use crate::custom::Custom;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::Rule;
use crate::schema::LogSourceMap;
use crate::synthesis::missing_tests;
use crate::verify::places;

/// With fewer files than this, a progress bar would only flicker.
const LONG_WORK: usize = 200;

const EXAMPLES: &str = "\
Examples:
  rulec convert rules --to sentinel
  rulec convert rules/panther/login --to kql > login.kql
  cat rule.yml | rulec convert - --to sigma
  rulec convert rules --to panther,sigma -o out --deny wider,narrower
  rulec convert rules --to sentinel --templates docs/templates/terraform -o out
  rulec convert analytics.yaml --to panther --synthesise-tests -o out
  rulec convert rules --to native --format json | jq .summary";

/// Translate rules
///
/// Artifacts go to standard output, each under a line with its name, or with -o into files: one folder per rule, below a
/// folder per target where there are several. After each rule, standard error tells how much of it was kept: how many of its
/// constructs are exact, wider, narrower or unsupported, and why.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Convert {
    /// Rule files, folders (walked in the order of names), zip archives of rules, or `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The target, or several separated by commas
    #[arg(long, required = true, value_delimiter = ',', value_name = "TARGET", value_parser = target_names())]
    to: Vec<String>,
    /// Write files below this folder instead of printing
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// How to report
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
    /// Fill in the tests that a rule lacks: a match for each alternative, and for each exclusion an event that it alone keeps out
    #[arg(long)]
    synthesise_tests: bool,
    #[command(flatten)]
    shaping: Shaping,
    #[command(flatten)]
    templates: OwnTemplates,
}

impl Convert {
    /// Translates everything that the paths lead to.
    pub(super) fn run(
        &self,
        registry: Registry<'_>,
        console: &mut Console<'_>,
    ) -> io::Result<Exit> {
        let Some(crosswalk) = self.reading.schemas.crosswalk(console)? else {
            return Ok(Exit::Failure);
        };
        let Some(custom) = self.templates.load(registry, console)? else {
            return Ok(Exit::Failure);
        };
        let found = Batch::find(&self.paths, &self.reading, registry, &crosswalk, console)?;
        let Some(batch) = found else {
            return Ok(Exit::Failure);
        };
        let mut run = Run {
            convert: self,
            reporter: Reporter::new(self.format),
            summary: Summary::default(),
            exit: Exit::default(),
            stems: BTreeMap::new(),
        };
        run.general(batch.unfound(), console)?;
        if let Some(Err(error)) = self.output.as_deref().map(output::make_folder) {
            run.general(&Diagnostics::from(error), console)?;
            return Ok(run.exit);
        }
        let targets = targets(&self.to, registry);
        if let Some(error) = self.shaping.unfit(&targets) {
            run.general(&Diagnostics::from(error), console)?;
            return Ok(run.exit);
        }
        let templates = Templates::builtin();
        let context = self.shaping.context(&crosswalk, &templates);
        // Artifacts on the terminal show progress enough.
        let quiet = self.output.is_some() || !console.shown;
        let bar = progress(batch.len(), quiet && console.watched);
        let read = batch.each(
            |document| self.translate(document, &targets, &context, &custom),
            |document, converted| {
                bar.inc(1);
                bar.suspend(|| run.document(&document, converted, console))
            },
        )?;
        bar.finish_and_clear();
        run.general(&read.diagnostics, console)?;
        run.reporter.finish(run.summary, console)?;
        Ok(run.exit.max(read.exit))
    }

    fn translate(
        &self,
        document: &Document,
        targets: &[&dyn Backend],
        context: &backend::Context<'_>,
        custom: &Custom,
    ) -> Vec<Converted> {
        let rule = |rule: &Rule| {
            let tested = self.synthesise_tests.then(|| tested(rule, context));
            let rule = tested.as_ref().unwrap_or(rule);
            let stem = backend::file_stem(rule);
            let made = self.shaping.translate(rule, targets, context);
            let outcome = |(target, mut made): (&&dyn Backend, Translation)| {
                custom.apply(rule, target.name(), &mut made);
                let places = match self.format {
                    TextOrJson::Json => places(rule, &made, context.crosswalk),
                    TextOrJson::Text => Vec::new(),
                };
                Outcome {
                    target: target.name(),
                    folder: if targets.len() > 1 {
                        Path::new(target.name()).join(&stem)
                    } else {
                        PathBuf::from(&stem)
                    },
                    artifacts: made.artifacts,
                    written: None,
                    report: made.report,
                    places,
                }
            };
            Converted {
                outcomes: targets.iter().zip(made).map(outcome).collect(),
                id: rule.metadata.id.clone(),
                name: rule.metadata.name.clone(),
                stem,
            }
        };
        document.rules.iter().map(rule).collect()
    }
}

/// The rule with the tests that it lacks.
fn tested(rule: &Rule, context: &backend::Context<'_>) -> Rule {
    let sources = rule.log_sources.iter();
    let known: Vec<&LogSourceMap> = sources
        .filter_map(|source| context.crosswalk.of(source))
        .collect();
    let accepts =
        |event: &Value| known.is_empty() || known.iter().any(|known| known.accepts(event));
    let mut rule = rule.clone();
    let missing = missing_tests(&rule, &accepts);
    rule.tests.extend(missing);
    rule
}

/// A conversion under way.
struct Run<'c> {
    convert: &'c Convert,
    reporter: Reporter,
    summary: Summary,
    exit: Exit,
    /// The rules whose folders are taken, by stem.
    stems: BTreeMap<String, String>,
}

impl Run<'_> {
    fn general(&mut self, diagnostics: &Diagnostics, console: &mut Console<'_>) -> io::Result<()> {
        if diagnostics.has_errors() {
            self.exit = self.exit.max(Exit::Failure);
        }
        self.reporter.general(diagnostics, console)
    }

    fn document(
        &mut self,
        document: &Document,
        mut converted: Vec<Converted>,
        console: &mut Console<'_>,
    ) -> io::Result<()> {
        for rule in &mut converted {
            if let Some(root) = &self.convert.output {
                self.store(root, rule, document);
            }
            if rule.outcomes.iter().any(Outcome::refused) {
                self.summary.refused += 1;
                self.exit = self.exit.max(Exit::Refused);
            } else {
                self.summary.translated += 1;
            }
        }
        self.summary.refused += document.left_out();
        self.summary.unreadable += usize::from(document.status == Status::Unreadable);
        self.reporter.document(document, &converted, console)
    }

    /// Writes the rule's files; a rule whose folder is taken, or cannot be written, is refused.
    fn store(&mut self, root: &Path, rule: &mut Converted, document: &Document) {
        let here = format!("`{}` of {}", rule.name, document.path.display());
        let taken = self.stems.get(&rule.stem).map(|other| {
            let message = format!(
                "{here} would be written over {other}: both are named `{}`",
                rule.stem
            );
            Diagnostic::error(Code::DuplicateOutput, message)
        });
        if taken.is_none() {
            self.stems.insert(rule.stem.clone(), here);
        }
        for outcome in &mut rule.outcomes {
            if outcome.refused() {
                continue;
            }
            let written = match &taken {
                Some(taken) => Err(taken.clone()),
                None => output::write(&root.join(&outcome.folder), &outcome.artifacts).inspect_err(
                    |_| {
                        self.exit = Exit::Failure;
                    },
                ),
            };
            match written {
                Ok(paths) => outcome.written = Some(paths),
                Err(error) => {
                    outcome.artifacts.clear();
                    outcome.report.diagnostics.push(error);
                }
            }
        }
    }
}

fn progress(files: usize, watched: bool) -> ProgressBar {
    if files < LONG_WORK || !watched {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(files as u64);
    // The template is a constant; were it malformed, the default style would do.
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} files") {
        bar.set_style(style);
    }
    bar
}
