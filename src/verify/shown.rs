//! Whether what was read back shows in an alert what the rule shows: its title, and every output, as far as the report calls them
//! exact.
//!
//! Its severity is one of these, where it depends on the event. An alert shows texts, so that two values are the same where their
//! texts are proved equal ([`super::equal`]), in the events that the rows of a table tell apart. What is not proved equal is no fault:
//! `tests/integration/shown.rs` judges such texts by events.

use super::Share;
use super::equal::{Alike, World};
use super::rows;
use super::view::View;
use crate::analysis::{Construct, Fidelity, Report};
use crate::ir::{Output, Rule, Term};

/// How many letters of an output's name every system keeps.
const NAME: usize = 18;

/// How many of the texts that the report calls exact are proved equal.
pub(super) fn shown(rule: &Rule, views: &[View<'_>], report: &Report) -> Share {
    let mut share = Share::default();
    let is_read = views.iter().any(|view| !view.rules.is_empty());
    if !is_read || rule.correlation.is_some() || rule.is_about_rows() {
        return share;
    }
    let mut seen = Seen::of(rule, views);
    if let Some(title) = rule
        .alert
        .title
        .as_ref()
        .filter(|_| is_exact(report, "title"))
    {
        let read = |read: &'_ Rule| read.alert.title.clone();
        share.count(seen.is_same(title, read));
    }
    if let Some(severity) = &rule.alert.severity
        && is_exact(report, "severity")
    {
        let read = |read: &'_ Rule| read.alert.severity.clone();
        share.count(seen.is_same(severity, read));
    }
    for output in &rule.outputs {
        let is_shown = output.when.is_none() && !has_twin(rule, output);
        if is_shown && is_exact(report, &format!("output {}", output.name)) {
            let read = |read: &'_ Rule| of_name(read, &output.name);
            share.count(seen.is_same(&output.source, read));
        }
    }
    share
}

/// Whether all that the report says of it is that it is exact.
fn is_exact(report: &Report, what: &str) -> bool {
    let about = |one: &&Construct| one.what == what;
    let mut about = report.constructs.iter().filter(about).peekable();
    about.peek().is_some() && about.all(|one| one.fidelity == Fidelity::Exact)
}

/// Whether another output of the rule may have the same name elsewhere.
fn has_twin(rule: &Rule, output: &Output) -> bool {
    let alike = |other: &&Output| word(&other.name) == word(&output.name);
    rule.outputs.iter().filter(alike).count() > 1
}

/// The value that a rule shows under the name, be it as an output or a detail of its alerts.
fn of_name(rule: &Rule, name: &str) -> Option<Term> {
    let name = word(name);
    let outputs = rule.outputs.iter();
    let outputs = outputs.map(|output| (&output.name, &output.source));
    let details = rule.alert.details.iter();
    let details = details.map(|detail| (&detail.name, &detail.source));
    let mut shown = details.chain(outputs);
    let found = shown.find(|(other, _)| word(other) == name);
    found.map(|(_, source)| source.clone())
}

/// The value as one of the event: where a rule is about rows, of the event that a row is made of.
fn of_event(rule: &Rule, shown: Term) -> Option<Term> {
    if !rule.is_about_rows() {
        return Some(shown);
    }
    let selected = rule.pipeline.as_ref().and_then(rows::selected)?;
    selected.term(&shown)
}

/// A name as far as every system keeps it.
fn word(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.take(NAME).collect::<String>().to_lowercase()
}

/// The views, each with the events that the rule selects in it.
struct Seen<'v, 's>(Vec<(&'s View<'v>, Alike<'v>)>);

impl<'v, 's> Seen<'v, 's> {
    fn of(rule: &Rule, views: &'s [View<'v>]) -> Self {
        let seen = views.iter();
        Self(
            seen.map(|view| {
                // What is empty, `null` or missing is one value of a column: no row shows which of them it was.
                let world = World {
                    told: true,
                    ..view.world()
                };
                (view, Alike::new(&rule.selection, world))
            })
            .collect(),
        )
    }

    /// Whether every rule that was read back shows the text of this value.
    fn is_same(&mut self, own: &Term, of: impl Fn(&Rule) -> Option<Term>) -> bool {
        self.0.iter_mut().all(|(view, alike)| {
            let mut rules = view.rules.iter();
            rules.all(|read| {
                let read = of(read).and_then(|shown| of_event(read, shown));
                read.is_some_and(|read| alike.is_shown_alike(own, &read))
            })
        })
    }
}
