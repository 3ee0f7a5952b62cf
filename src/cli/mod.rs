//! The command line: arguments to library calls, their results to standard output and standard error.
//!
//! This is the only module that reads files, writes files and prints. Artifacts and answers go to standard output, reports to
//! standard error, so that output can be piped. Exit status: 0 all went well, 1 a rule was refused, a test
//! failed, a translation is not that of a snapshot or says otherwise than its rule, or a check found an error, 2 bad usage, unreadable input or unwritable output. A reader that closes the pipe ends the run quietly.
#![allow(
    clippy::disallowed_methods,
    reason = "the library's bans on reading files and the environment end here"
)]

mod check;
mod clock;
mod console;
mod convert;
mod disk;
mod events;
mod explain;
mod import;
mod input;
mod junit;
mod matching;
mod output;
mod pack;
mod policy;
mod report;
mod schemas;
mod shaping;
mod snapshot;
mod sources;
mod tables;
mod targets;
mod templates;
mod test;
#[cfg(test)]
mod tests;
mod texts;
mod tuning;
mod verify;
mod workers;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;
use std::sync::mpsc;

use clap::Parser;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::error::ErrorKind;

use crate::backend::{Backend, TARGETS};
use crate::diagnostic::{Code, Diagnostic};
use crate::frontend::{FRONTENDS, Frontend};
use crate::schema::AttackTable;
use console::{ColourChoice, Console};

/// Rules nest deeply where they are generated; all recursion of the library is bounded, and this holds the deepest of it.
const STACK: usize = 256 << 20;

/// How a run ended, the worst last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    /// All went well.
    #[default]
    Success,
    /// A rule was refused, a test failed, or a check found an error.
    Refused,
    /// Bad usage, unreadable input, unwritable output.
    Failure,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What a command works with: the formats and targets, so that tests can put others in their place.
#[derive(Clone, Copy)]
struct Registry<'r> {
    frontends: &'r [&'r dyn Frontend],
    targets: &'r [&'r dyn Backend],
}

const EXAMPLES: &str = "\
Examples:
  rulec convert rules --to sentinel                   every rule of a folder, to standard output
  rulec convert rule.yml --to sentinel,sigma -o out   to files, a folder per target and rule
  rulec convert rules --to sigma --deny wider         refuse what would match too much
  rulec verify rules --to sentinel                    read translations back and prove them on events
  rulec test rules                                    run the rules' own tests
  rulec match rules --events log.jsonl                which rules match which events
  rulec snapshot rules --to sentinel                  write translations and a manifest, to keep in git
  rulec snapshot --check                              fail where a translation is not the one that is kept
  rulec check rules                                   what is wrong with rules, for people and for tools
  rulec tables rule.yml                               condition, indicators, outputs as Markdown
  rulec explain rule.yml                              what the rule means, in the text form
  rulec explain FID001                                what a diagnostic code means
  rulec targets                                       which target can say what
  rulec sources                                       which log sources are known, by what names

Exit status: 0 all went well, 1 a rule was refused, a test failed, a translation is not that of a snapshot or says otherwise
than its rule, or a check found an error, 2 bad usage, unreadable input or unwritable output.";

/// Compiles detection rules: Panther, Microsoft Sentinel and Sigma in; Panther, Sentinel, KQL, Sigma and native matchers out.
#[derive(Parser)]
#[command(name = "rulec", version, after_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Whether to colour reports
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        value_name = "WHEN"
    )]
    color: ColourChoice,
}

#[derive(clap::Subcommand)]
enum Command {
    Check(check::Check),
    Convert(convert::Convert),
    Explain(explain::Explain),
    Match(matching::Match),
    Snapshot(snapshot::Snapshot),
    Sources(sources::Sources),
    Test(test::Test),
    Tables(tables::Tables),
    Targets(targets::Targets),
    Verify(verify::Verify),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let (done, exit) = mpsc::channel();
    let run = move || {
        // Nobody waits for the answer of a process that has been told to end.
        let _ = done.send(run(std::env::args_os()));
        // The process ends with its main thread and gives back its memory at once; a thread's end would do so page by page.
        loop {
            std::thread::park();
        }
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run);
    match thread {
        // A panic has already printed its message and sends nothing; its status is Rust's own.
        Ok(_) => exit.recv().unwrap_or(ExitCode::from(101)),
        Err(error) => {
            Console::standard(ColourChoice::Auto)
                .complain(&format!("no thread could be started: {error}"));
            Exit::Failure.into()
        }
    }
}

fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let mut console = Console::standard(arguments.color);
    let registry = Registry {
        frontends: FRONTENDS,
        targets: TARGETS,
    };
    let done = arguments
        .command
        .run(registry, &mut console)
        .and_then(|exit| console.flush().map(|()| exit));
    finish(done, &mut console).into()
}

/// A reader that has seen enough is no failure; any other trouble with standard output is.
fn finish(done: io::Result<Exit>, console: &mut Console<'_>) -> Exit {
    match done {
        Ok(exit) => exit,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Success,
        Err(error) => {
            let message = format!("standard output could not be written: {error}");
            console.complain_of(&Diagnostic::error(Code::OutputFailed, message));
            Exit::Failure
        }
    }
}

/// Help, the version, or what is wrong with the arguments.
fn usage(error: &clap::Error) -> ExitCode {
    if error.kind() == ErrorKind::DisplayVersion {
        let text = format!(
            "rulec {}\nATT&CK {}\n",
            env!("CARGO_PKG_VERSION"),
            AttackTable::builtin().version
        );
        let mut console = Console::standard(ColourChoice::Never);
        let done = console
            .print(&text)
            .and_then(|()| console.flush())
            .map(|()| Exit::Success);
        return finish(done, &mut console).into();
    }
    // Standard error may be closed; there is nobody left to tell.
    let _ = error.print();
    if error.use_stderr() {
        Exit::Failure
    } else {
        Exit::Success
    }
    .into()
}

impl Command {
    fn run(&self, registry: Registry<'_>, console: &mut Console<'_>) -> io::Result<Exit> {
        match self {
            Self::Check(check) => check.run(registry, console),
            Self::Convert(convert) => convert.run(registry, console),
            Self::Explain(explain) => explain.run(registry, console),
            Self::Match(matching) => matching.run(registry, console),
            Self::Snapshot(snapshot) => snapshot.run(registry, console),
            Self::Sources(sources) => sources.run(registry, console),
            Self::Test(test) => test.run(registry, console),
            Self::Tables(tables) => tables.run(registry, console),
            Self::Targets(targets) => targets.run(registry, console),
            Self::Verify(verify) => verify.run(registry, console),
        }
    }
}

/// The names of the formats, as a value of `--from`.
fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(
        FRONTENDS
            .iter()
            .map(|format| PossibleValue::new(format.name())),
    )
}

/// The names of the targets, as a value of `--to`.
fn target_names() -> PossibleValuesParser {
    let value =
        |target: &&dyn Backend| PossibleValue::new(target.name()).help(target.description());
    PossibleValuesParser::new(TARGETS.iter().map(value))
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum TextOrJson {
    /// For people
    Text,
    /// One JSON document
    Json,
}
