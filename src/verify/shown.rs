//! Whether what was read back shows in an alert what the rule shows: its title, and every output, as far as the report calls them
//! exact.
//!
//! An alert shows texts, so that two values are the same where their texts are proved equal ([`super::equal`]). What is not proved
//! equal is no fault: `tests/integration/shown.rs` judges such texts by events.

use super::Share;
use super::equal::is_equal_term;
use super::view::View;
use crate::analysis::{Construct, Fidelity, Report};
use crate::ir::{Function, Output, Rule, Term};

/// How many letters of an output's name every system keeps.
const NAME: usize = 18;

/// How many of the texts that the report calls exact are proved equal.
pub(super) fn shown(rule: &Rule, views: &[View<'_>], report: &Report) -> Share {
    let mut share = Share::default();
    let is_read = views.iter().any(|view| !view.rules.is_empty());
    if !is_read || rule.correlation.is_some() || rule.is_about_rows() {
        return share;
    }
    if let Some(title) = rule
        .alert
        .title
        .as_ref()
        .filter(|_| is_exact(report, "title"))
    {
        let read = |read: &'_ Rule| read.alert.title.clone();
        share.count(is_same(title, views, read));
    }
    for output in &rule.outputs {
        let is_shown = output.when.is_none() && !has_twin(rule, output);
        if is_shown && is_exact(report, &format!("output {}", output.name)) {
            let read = |read: &'_ Rule| of_name(read, &output.name);
            share.count(is_same(&output.source, views, read));
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

/// A name as far as every system keeps it.
fn word(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.take(NAME).collect::<String>().to_lowercase()
}

/// Whether every rule that was read back shows the text of this value.
fn is_same(own: &Term, views: &[View<'_>], of: impl Fn(&Rule) -> Option<Term>) -> bool {
    let text = |term: &Term| Term::call(Function::Concat, [term.clone()]);
    views.iter().all(|view| {
        let mut rules = view.rules.iter();
        rules.all(|read| {
            let read = of(read);
            read.is_some_and(|read| is_equal_term(&text(own), &text(&read), view.world()))
        })
    })
}
