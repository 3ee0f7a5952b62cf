//! `rulec test`: the rules' own tests, run by the reference evaluator on the normal form.

mod json;

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use super::console::Console;
use super::import::{Document, Reading, each_document};
use super::junit::Suites;
use super::{Exit, Registry};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::eval;
use crate::ir::{Rule, RuleTest};

const EXAMPLES: &str = "\
Examples:
  rulec test rules
  rulec test pack.zip
  rulec test rules/panther/login/login.yml
  rulec test rules --format junit > results.xml
  rulec test rules --format json | jq 'select(.passed == false)'";

/// How the results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum TestFormat {
    /// For people
    Text,
    /// One JSON object per line: a test with what the alert says, or a file with what there is to say of it
    Json,
    /// JUnit XML: a suite per rule, a case per test
    Junit,
}

/// Run the rules' own tests
///
/// Every test is one event and whether the rule's selection matches it. A format without tests takes them from `events.json`
/// beside the rule: a list of objects with `name`, `event` and `expected`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Test {
    /// Rule files, folders, zip archives of rules, or `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// How to write the results
    #[arg(long, value_enum, default_value = "text")]
    format: TestFormat,
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
        let mut suites = (self.format == TestFormat::Junit).then(Suites::default);
        let mut exit = each_document(
            &self.paths,
            &self.reading,
            registry,
            console,
            |document, console| {
                counts.unread += document.left_out();
                if let Some(suites) = &mut suites {
                    suites.unread(document);
                }
                let mut rules = document.rules.iter();
                match self.format {
                    TestFormat::Text | TestFormat::Junit => rules.try_for_each(|rule| {
                        run_rule(rule, document, &mut counts, suites.as_mut(), console)
                    }),
                    TestFormat::Json => json::print(document, &mut counts, console),
                }
            },
        )?;
        if counts.failed > 0 {
            exit = exit.max(Exit::Refused);
        }
        match self.format {
            TestFormat::Text => console.print(&counts.to_string())?,
            TestFormat::Junit => console.print(&suites.unwrap_or_default().to_string())?,
            TestFormat::Json => {}
        }
        Ok(exit)
    }
}

fn run_rule(
    rule: &Rule,
    document: &Document,
    counts: &mut Counts,
    suites: Option<&mut Suites>,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let failures: Vec<Option<String>> = every_test(rule)
        .map(|(rule, test)| failure(&rule, test))
        .collect();
    counts.rules += 1;
    counts.untested += usize::from(failures.is_empty());
    counts.failed += failures.iter().flatten().count();
    counts.passed += failures.iter().filter(|failure| failure.is_none()).count();
    match suites {
        Some(suites) => suites.rule(rule, document, &failures),
        None => print(rule, document, &failures, console)?,
    }
    let mut failed = Diagnostics::new();
    for ((_, test), message) in every_test(rule).zip(failures) {
        if let Some(message) = message {
            failed.push(Diagnostic::error(Code::TestFailed, message).at(test.origin));
        }
    }
    console.diagnose(&failed, &document.sources)
}

/// What is wrong with the rule's verdict on a test.
fn failure(rule: &Rule, test: &RuleTest) -> Option<String> {
    if eval::matches_at(rule, &test.event, super::clock::now()) == test.expected {
        return None;
    }
    let (expected, verdict) = if test.expected {
        ("a match", "does not match")
    } else {
        ("no match", "matches")
    };
    Some(format!(
        "the test `{}` expects {expected}, but the rule {verdict}",
        test.name
    ))
}

fn print(
    rule: &Rule,
    document: &Document,
    failures: &[Option<String>],
    console: &mut Console<'_>,
) -> io::Result<()> {
    let path = document.path.display();
    console.print(&format!("{} ({path})\n", rule.metadata.name))?;
    if failures.is_empty() {
        return console.print("  no tests\n");
    }
    let mut results = every_test(rule).zip(failures);
    results.try_for_each(|((_, test), failure)| {
        let word = if failure.is_none() {
            "ok    "
        } else {
            "FAILED"
        };
        console.print(&format!("  {word}  {}\n", test.name))
    })
}

/// The tests of the rule, each with the rule as the test has it.
pub(super) fn every_test(rule: &Rule) -> impl Iterator<Item = (Cow<'_, Rule>, &RuleTest)> {
    let plain = rule
        .tests
        .iter()
        .map(move |test| (Cow::Borrowed(rule), test));
    let varied = rule.variants.iter();
    plain.chain(varied.map(move |variant| (Cow::Owned(rule.under(variant)), &variant.test)))
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
