//! `rulec snapshot`: the translations of a rule collection as files that are kept beside it, with a manifest, and what changed
//! since they were taken.
//!
//! [`take`] makes a snapshot of the collection as it is, [`compare`] holds it against the one in the folder, [`report`] tells what
//! differs, [`folder`] puts it in the old one's place. A check writes nothing. What of the inputs leads nowhere ends a run before
//! anything is compared or written; a rule that is refused is part of the snapshot.

mod accept;
mod begin;
mod cause;
mod compare;
mod diff;
mod folder;
mod layout;
mod manifest;
mod report;
mod root;
mod settings;
mod take;

use std::io;
use std::path::{Path, PathBuf};

use accept::next;
use begin::begin;
use compare::compare;
use folder::Folder;
use manifest::{Manifest, Translated};
use report::{Format, Report};
use take::take;

use super::console::Console;
use super::import::Reading;
use super::shaping::Shaping;
use super::{Exit, Registry, target_names};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Sources;

const EXAMPLES: &str = "\
Examples:
  rulec snapshot rules --to sentinel,sigma            write translations/, to be committed with the rules
  rulec snapshot --check                              in CI: fail where a translation is not the committed one
  rulec snapshot --check --format github              the same, as annotations of a pull request
  rulec snapshot --accept                             after review: show what changed and take it over
  rulec snapshot --accept rules/aws Okta.Login        only for the rules of a folder, and for one by its id

With --check and --accept, PATH, TARGET and all options that shape translations are those of the manifest, unless PATH and
TARGET are given, and then all are those of the command line.

What fails a check: a file that differs, is new, is gone or belongs to no rule; a rule that is now refused or translated; more or
fewer constructs that are not exact. A rule, log source or rulec that changed without changing any of that fails nothing: the
check says that the manifest is out of date, and the next --accept brings it up to date.

Exit status: 0 nothing differs, or everything was written; 1 a check found a difference; 2 bad usage, unreadable input, a manifest
that is missing or damaged, or output that cannot be written.";

/// Keep translations under test
///
/// Writes the translation of every rule below a folder, and a manifest: the version of rulec, hashes of the rules' files and of the
/// log sources, the options, and for every rule and target what was kept or why it is refused. With --check, nothing is written, and
/// whatever differs from the folder is told by rule and target: first what became of its fidelity, then the cause, then a diff. Line
/// ends do not count, and the same rules give the same snapshot on every system.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Snapshot {
    /// Rule files, folders (walked in the order of names) or zip archives of rules
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The target, or several separated by commas
    #[arg(long, value_delimiter = ',', value_name = "TARGET", value_parser = target_names())]
    to: Vec<String>,
    /// The snapshot's folder
    #[arg(long, value_name = "DIR", default_value = "translations")]
    dir: PathBuf,
    /// Write nothing; tell what differs, and fail if anything does
    #[arg(long, conflicts_with = "accept")]
    check: bool,
    /// Tell what differs and take it over: all of it, or that of these rules alone, each given by its file, a folder, its id or name
    #[arg(long, value_name = "RULE", num_args = 0..)]
    accept: Option<Vec<String>>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    shaping: Shaping,
    /// How to report
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Why a run ends before anything was compared.
type Refused = Box<Diagnostic>;

impl Snapshot {
    /// Writes, checks or accepts.
    pub(super) fn run(
        &self,
        registry: Registry<'_>,
        console: &mut Console<'_>,
    ) -> io::Result<Exit> {
        let folder = Folder::new(&self.dir);
        let (settings, old) = match begin(self, &folder, registry) {
            Ok(begun) => begun,
            Err(error) => return failed(*error, console),
        };
        let Some(taken) = take(&settings, folder.path(), registry, console)? else {
            return Ok(Exit::Failure);
        };
        let comparison = compare(old.as_ref(), &taken, &folder);
        let report = Report {
            comparison: &comparison,
            taken: &taken,
            folder: &folder,
            root: &settings.root,
            diffs: self.check || self.accept.is_some(),
        };
        let is_first = old.is_none() && !report.diffs && self.format == Format::Text;
        if !is_first {
            report.write(self.format, console)?;
        }
        let mut exit = taken.exit;
        if self.check {
            console.report(&format!("{}\n", report.summary()))?;
            if !comparison.is_clean() {
                exit = exit.max(Exit::Refused);
                self.hint(console)?;
            }
            return Ok(exit);
        }
        let wanted = self.accept.as_deref().unwrap_or_default();
        let manifest = match next(old.as_ref(), &taken, &comparison, wanted, &settings.root) {
            Ok(manifest) => manifest,
            Err(error) => return failed(*error, console),
        };
        if let Err(error) = folder.replace(old.as_ref(), &manifest, &taken.texts) {
            return failed(error, console);
        }
        console.report(&format!("{}{}\n", translated(&manifest), report.summary()))?;
        Ok(exit)
    }

    fn hint(&self, console: &mut Console<'_>) -> io::Result<()> {
        let dir = if self.dir == Path::new("translations") {
            String::new()
        } else {
            format!(" --dir {}", self.dir.display())
        };
        console.report(&format!(
            "`rulec snapshot --accept{dir}` takes over what changed\n"
        ))
    }
}

/// How many of the manifest's rules are translated and refused, before a summary of what changed.
fn translated(manifest: &Manifest) -> String {
    let refused = |made: &Translated| made.is_refused();
    let refused = manifest
        .rules
        .iter()
        .filter(|rule| rule.translations.values().any(refused))
        .count();
    let translated = manifest.rules.len() - refused;
    format!("{translated} translated, {refused} refused; ")
}

fn failed(error: Diagnostic, console: &mut Console<'_>) -> io::Result<Exit> {
    console.diagnose(&Diagnostics::from(error), &Sources::new())?;
    Ok(Exit::Failure)
}
