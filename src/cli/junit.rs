//! The results of `rulec test` and `rulec snapshot` as JUnit XML: a suite per rule, a case per test or target.
//!
//! A file of which a rule was not read is a suite of its own with one case in error, which says why; a rule without tests is a
//! suite with one skipped case. Invariant: the document is well-formed XML 1.0 whatever names and messages hold; characters that
//! XML cannot have are written as `\u{1}`.

use std::fmt::Write;

use super::import::Document;
use super::test::Judged;
use crate::diagnostic::render::{Colour, render};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};

/// The suites so far.
#[derive(Default)]
pub(super) struct Suites {
    text: String,
    totals: Counts,
}

/// A case that passed or failed.
pub(super) struct Case {
    /// What was tested.
    pub(super) name: String,
    /// What it belongs to.
    pub(super) class: String,
    /// In one line and in full how it failed, if it did.
    pub(super) failure: Option<(String, String)>,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Suites {
    /// Adds a rule with the results of its tests.
    pub(super) fn rule(&mut self, rule: &Judged, document: &Document) {
        let mut counts = Counts::default();
        let mut cases = String::new();
        for test in &rule.tests {
            counts.tests += 1;
            let within = test.failure.as_ref().map(|message| {
                counts.failures += 1;
                (
                    "failure",
                    message.as_str(),
                    place(test.origin.0, document).unwrap_or_default(),
                )
            });
            case(&mut cases, &test.name, &rule.id, within);
        }
        if rule.tests.is_empty() {
            counts.tests = 1;
            counts.skipped = 1;
            let within = ("skipped", "the rule has no tests", String::new());
            case(&mut cases, "tests", &rule.id, Some(within));
        }
        let file = document.path.display().to_string();
        self.suite(&rule.name, &file, counts, &cases);
    }

    /// Adds a file of which a rule was not read, if it is one.
    pub(super) fn unread(&mut self, document: &Document) {
        let problems = document.diagnostics.iter();
        let errors: Vec<&Diagnostic> = problems
            .filter(|problem| problem.severity == Severity::Error)
            .collect();
        let Some(first) = errors.first() else {
            return;
        };
        let message = format!("{}: {}", first.code.name(), first.message);
        let mut all = Diagnostics::new();
        for error in &errors {
            all.push((*error).clone());
        }
        let details = render(&all, &document.sources, Colour::Never);
        let name = document.path.display().to_string();
        let mut cases = String::new();
        let within = ("error", message.as_str(), details);
        case(&mut cases, "the rule is read", &name, Some(within));
        let counts = Counts {
            tests: 1,
            errors: 1,
            ..Counts::default()
        };
        self.suite(&name, &name, counts, &cases);
    }

    /// Adds a suite of cases that passed or failed.
    pub(super) fn cases(&mut self, name: &str, file: &str, cases: &[Case]) {
        let mut counts = Counts::default();
        let mut text = String::new();
        for one in cases {
            counts.tests += 1;
            counts.failures += usize::from(one.failure.is_some());
            let failure = one.failure.as_ref();
            let within = failure.map(|(message, text)| ("failure", message.as_str(), text.clone()));
            case(&mut text, &one.name, &one.class, within);
        }
        self.suite(name, file, counts, &text);
    }

    fn suite(&mut self, name: &str, file: &str, counts: Counts, cases: &str) {
        let _ = write!(
            self.text,
            "  <testsuite name=\"{}\" file=\"{}\" {counts}>\n{cases}  </testsuite>\n",
            escaped(name),
            escaped(file)
        );
        self.totals.tests += counts.tests;
        self.totals.failures += counts.failures;
        self.totals.errors += counts.errors;
        self.totals.skipped += counts.skipped;
    }
}

impl std::fmt::Display for Suites {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
        let (totals, suites) = (&self.totals, &self.text);
        write!(
            f,
            "<testsuites name=\"rulec\" {totals}>\n{suites}</testsuites>\n"
        )
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
            self.tests, self.failures, self.errors, self.skipped
        )
    }
}

/// A case, with what went wrong: the element, its message, and its text.
fn case(cases: &mut String, name: &str, class: &str, within: Option<(&str, &str, String)>) {
    let (name, class) = (escaped(name), escaped(class));
    let _ = write!(cases, "    <testcase name=\"{name}\" classname=\"{class}\"");
    let _ = match within {
        None => writeln!(cases, "/>"),
        Some((element, message, text)) => {
            let (message, text) = (escaped(message), escaped(text.trim_end()));
            // Only an attribute would lose its line breaks.
            let text = text.replace("&#10;", "\n");
            writeln!(
                cases,
                ">\n      <{element} message=\"{message}\">{text}</{element}>\n    </testcase>"
            )
        }
    };
}

/// The file and the position of a span.
fn place(span: Option<crate::source::Span>, document: &Document) -> Option<String> {
    let span = span?;
    let source = document.sources.get(span.source)?;
    let position = source.position(span.range.start);
    Some(format!("{}:{position}", source.path().display()))
}

/// A text as it may stand in an attribute or between tags.
fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(written, "&#{};", u32::from(c));
            }
            c if c < ' ' || ('\u{7f}'..='\u{9f}').contains(&c) || is_no_character(c) => {
                let _ = write!(written, "\\u{{{:x}}}", u32::from(c));
            }
            c => written.push(c),
        }
    }
    written
}

/// Code points that no text has.
fn is_no_character(c: char) -> bool {
    u32::from(c) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_escaped() {
        let text = "<a b=\"c\">&\n\0\u{1b}\u{85}\u{fffe}é😀]]>";
        assert_eq!(
            escaped(text),
            "&lt;a b=&quot;c&quot;&gt;&amp;&#10;\\u{0}\\u{1b}\\u{85}\\u{fffe}é😀]]&gt;"
        );
    }
}
