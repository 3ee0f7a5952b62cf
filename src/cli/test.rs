//! `rulec test`: the rules' own tests, run by the reference evaluator on the normal form.

use std::io;
use std::path::PathBuf;

use super::console::Console;
use super::import::{Document, each_document};
use super::{Exit, Registry, formats};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::eval;
use crate::ir::Rule;

const EXAMPLES: &str = "\
Examples:
  rulec test rules
  rulec test rules/panther/login/login.yml";

/// Run the rules' own tests
///
/// Every test is one event and whether the rule's selection matches it. A format without tests takes them from `events.json`
/// beside the rule: a list of objects with `name`, `event` and `expected`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Test {
    /// Rule files, folders, or `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The format of the rules, where the content does not tell
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    from: Option<String>,
}

/// How many tests there were.
#[derive(Default)]
struct Counts {
    rules: usize,
    passed: usize,
    failed: usize,
    untested: usize,
    unread: usize,
}

impl Test {
    /// Runs every test that the paths lead to.
    pub(super) fn run(
        &self,
        registry: Registry<'_>,
        console: &mut Console<'_>,
    ) -> io::Result<Exit> {
        let mut counts = Counts::default();
        let from = self.from.as_deref();
        let mut exit = each_document(&self.paths, from, registry, console, |document, console| {
            counts.unread += document.left_out();
            let mut rules = document.rules.iter();
            rules.try_for_each(|rule| run_rule(rule, document, &mut counts, console))
        })?;
        if counts.failed > 0 {
            exit = exit.max(Exit::Refused);
        }
        console.print(&counts.to_string())?;
        Ok(exit)
    }
}

fn run_rule(
    rule: &Rule,
    document: &Document,
    counts: &mut Counts,
    console: &mut Console<'_>,
) -> io::Result<()> {
    counts.rules += 1;
    console.print(&format!(
        "{} ({})\n",
        rule.metadata.name,
        document.path.display()
    ))?;
    if rule.tests.is_empty() {
        counts.untested += 1;
        return console.print("  no tests\n");
    }
    let mut failures = Diagnostics::new();
    for test in &rule.tests {
        if eval::matches(rule, &test.event) == test.expected {
            counts.passed += 1;
            console.print(&format!("  ok      {}\n", test.name))?;
            continue;
        }
        counts.failed += 1;
        console.print(&format!("  FAILED  {}\n", test.name))?;
        let (expected, verdict) = if test.expected {
            ("a match", "does not match")
        } else {
            ("no match", "matches")
        };
        let message = format!(
            "the test `{}` expects {expected}, but the rule {verdict}",
            test.name
        );
        failures.push(Diagnostic::error(Code::TestFailed, message).at(test.origin));
    }
    console.diagnose(&failures, &document.sources)
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let s = |count: usize| if count == 1 { "" } else { "s" };
        let tests = self.passed + self.failed;
        write!(
            f,
            "\n{} rule{}, {tests} test{}: {} passed, {} failed",
            self.rules,
            s(self.rules),
            s(tests),
            self.passed,
            self.failed
        )?;
        if self.untested > 0 {
            write!(f, "; {} without tests", self.untested)?;
        }
        if self.unread > 0 {
            write!(f, "; {} not read", self.unread)?;
        }
        writeln!(f)
    }
}
