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
use crate::frontend::{Frontend, Panther};
use crate::ir::{Origin, Rule, RuleTest};

const EXAMPLES: &str = "\
Examples:
  rulec test rules
  rulec test pack.zip
  rulec test rules/panther/login/login.yml
  rulec test tuned --without-filters
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
    /// Judge Panther rules without their `InlineFilters`, which keep out the events of tests made before the rule was tuned
    #[arg(long)]
    without_filters: bool,
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

impl Counts {
    fn add(&mut self, other: &Self) {
        self.rules += other.rules;
        self.passed += other.passed;
        self.failed += other.failed;
        self.untested += other.untested;
        self.unread += other.unread;
    }
}

/// The results of a rule.
pub(super) struct Judged {
    /// The rule's id and name.
    pub(super) id: String,
    pub(super) name: String,
    /// Its tests.
    pub(super) tests: Vec<JudgedTest>,
}

/// The result of a test.
pub(super) struct JudgedTest {
    /// Its name, and where it stands.
    pub(super) name: String,
    pub(super) origin: Origin,
    /// What is wrong with the rule's verdict; nothing where it is as expected.
    pub(super) failure: Option<String>,
}

/// What a thread makes of a document.
enum Results {
    Rules(Vec<Judged>),
    Lines(io::Result<String>),
}

impl Test {
    /// Runs every test that the paths lead to.
    pub(super) fn run(
        &self,
        registry: Registry<'_>,
        console: &mut Console<'_>,
    ) -> io::Result<Exit> {
        let frontends = self.frontends(registry);
        let registry = Registry {
            frontends: &frontends,
            ..registry
        };
        let mut counts = Counts::default();
        let mut suites = (self.format == TestFormat::Junit).then(Suites::default);
        let mut exit = each_document(
            &self.paths,
            &self.reading,
            registry,
            console,
            |document| self.results(document),
            |document, (results, counted), console| {
                counts.add(&counted);
                match (results, &mut suites) {
                    (Results::Lines(lines), _) => console.print(&lines?),
                    (Results::Rules(rules), None) => rules
                        .iter()
                        .try_for_each(|rule| print(rule, document, console)),
                    (Results::Rules(rules), Some(suites)) => {
                        suites.unread(document);
                        rules.iter().try_for_each(|rule| {
                            suites.rule(rule, document);
                            diagnose(rule, document, console)
                        })
                    }
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

    /// The formats that rules are read as.
    fn frontends<'r>(&self, registry: Registry<'r>) -> Vec<&'r dyn Frontend> {
        static UNFILTERED: Panther = Panther::without_filters();
        let known = registry.frontends.iter().copied();
        known
            .map(|known| match known.name() {
                name if self.without_filters && name == UNFILTERED.name() => &UNFILTERED,
                _ => known,
            })
            .collect()
    }

    /// Runs the tests of a document, of which the rules are not needed afterwards.
    fn results(&self, document: &mut Document) -> (Results, Counts) {
        let mut counts = Counts {
            rules: document.rules.len(),
            unread: document.left_out(),
            ..Counts::default()
        };
        let results = match self.format {
            TestFormat::Text | TestFormat::Junit => {
                let rules = every_rule(document).map(|rule| judge(&rule, &mut counts));
                Results::Rules(rules.collect())
            }
            TestFormat::Json => Results::Lines(json::lines(document, &mut counts)),
        };
        document.rules = Vec::new();
        document.undecided = Vec::new();
        (results, counts)
    }
}

/// Runs the tests of a rule.
fn judge(rule: &Rule, counts: &mut Counts) -> Judged {
    let tests: Vec<JudgedTest> = every_test(rule)
        .map(|(rule, test)| JudgedTest {
            name: test.name.clone(),
            origin: test.origin,
            failure: failure(&rule, test),
        })
        .collect();
    let failed = tests.iter().filter(|test| test.failure.is_some()).count();
    counts.untested += usize::from(tests.is_empty());
    counts.failed += failed;
    counts.passed += tests.len() - failed;
    Judged {
        id: rule.metadata.id.clone(),
        name: rule.metadata.name.clone(),
        tests,
    }
}

/// Writes what is wrong with a rule's verdicts.
fn diagnose(rule: &Judged, document: &Document, console: &mut Console<'_>) -> io::Result<()> {
    let mut failed = Diagnostics::new();
    for test in &rule.tests {
        if let Some(message) = &test.failure {
            failed.push(Diagnostic::error(Code::TestFailed, message.clone()).at(test.origin));
        }
    }
    console.diagnose(&failed, &document.sources)
}

/// The rules, and those whose verdict on some events depends on more than the event, with the tests that do not.
fn every_rule(document: &Document) -> impl Iterator<Item = Cow<'_, Rule>> {
    let now = super::clock::now();
    let decided = document.undecided.iter().filter_map(move |undecided| {
        let mut rule = undecided.rule.clone();
        rule.tests
            .to_mut()
            .retain(|test| !eval::holds_at(&undecided.when, &test.event, now));
        let tested = !rule.tests.is_empty() || !rule.variants.is_empty();
        tested.then_some(Cow::Owned(rule))
    });
    document.rules.iter().map(Cow::Borrowed).chain(decided)
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

fn print(rule: &Judged, document: &Document, console: &mut Console<'_>) -> io::Result<()> {
    let path = document.path.display();
    console.print(&format!("{} ({path})\n", rule.name))?;
    if rule.tests.is_empty() {
        console.print("  no tests\n")?;
    }
    for test in &rule.tests {
        let word = if test.failure.is_none() {
            "ok    "
        } else {
            "FAILED"
        };
        console.print(&format!("  {word}  {}\n", test.name))?;
    }
    diagnose(rule, document, console)
}

/// The tests of the rule, each with the rule as the test has it.
fn every_test(rule: &Rule) -> impl Iterator<Item = (Cow<'_, Rule>, &RuleTest)> {
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
