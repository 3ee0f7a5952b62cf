//! The Panther target: a rule as Panther's YAML with a Python detection beside it.
//!
//! The Python gives the verdict of the reference evaluator on every event and raises on none; it is laid out as Black would lay
//! it out at 100 columns. Panther counts in a window that starts at the first match of a group and compares with `>=` in whole
//! minutes: other windows are recorded as narrower, other comparisons and sums are refused, as is a rule whose log source
//! Panther has no name for.

mod alert;
mod calls;
mod cases;
mod code;
mod context;
mod correlation;
mod document;
mod formatted;
mod function;
mod group;
mod helpers;
mod joined;
mod kept;
mod known;
mod layout;
mod locals;
mod log_type;
mod made;
mod module;
mod names;
mod notation;
mod pairs;
mod path;
mod predicate;
mod query;
mod quote;
mod regex;
mod repeated;
mod reports;
mod rule;
mod shape;
mod simple;
mod table;
mod term;
#[cfg(test)]
mod tests;
mod texts;
mod told;

use super::notation::{Support, print, support};
use super::simplify::{Given, simplify};
use super::unmapped::{TEXTS, VendorNames};
use super::{Artifact, Backend, Context, Events, Style, Translation};
use crate::analysis::{Fidelity, Report};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{
    Condition, Correlation, FieldPath, Literal, LogSource, Measure, Object, Operator, Origin,
    Predicate, ResidueEffect, Rule, RuleTest, Term, Threshold, WindowKind,
};
use crate::schema::{LOG_TYPE, LogSourceMap};
use alert::Alerts;
use module::Module;
use notation::Python;
use serde_json::Value;

/// The Panther target.
#[derive(Clone, Copy, Debug)]
pub struct Panther;

impl Backend for Panther {
    fn name(&self) -> &'static str {
        "panther"
    }

    fn description(&self) -> &'static str {
        "Panther rule: YAML with tests, and the detection in Python"
    }

    fn events(&self) -> Events {
        Events::Typed
    }

    fn emit(&self, rule: &Rule, context: &Context<'_>) -> Translation {
        let mut report = Report::new();
        let artifacts = artifacts(rule, context, &mut report).unwrap_or_default();
        Translation { artifacts, report }
    }

    fn styles(&self) -> &'static [Style] {
        &[Style::Simple]
    }

    fn support(&self) -> Vec<Support> {
        let module = Module::new();
        support(
            &Python::new(&module, &[], &Condition::TRUE),
            &Term::field(["field"]),
        )
    }
}

/// The one file of a correlation; `None` where the report says what Panther cannot express.
fn correlated(
    rule: &Rule,
    correlation: &Correlation,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Vec<Artifact>> {
    let detection = correlation::detection(correlation, report);
    if !is_whole(rule, report) {
        return None;
    }
    let document = document::document(rule, None, Some(&detection?), Vec::new(), report);
    rendered(rule, &document, context, report).map(|artifact| vec![artifact])
}

/// The document as a file.
fn rendered(
    rule: &Rule,
    document: &document::Document,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Artifact> {
    let path = format!("{}.yml", document::stem(rule)).into();
    match context.templates.render("panther/rule.yml.j2", document) {
        Ok(text) => Some(Artifact { path, text }),
        Err(error) => {
            report.refuse("document", rule.origin, error.message);
            None
        }
    }
}

/// The two files; `None` where the report says what Panther cannot express.
fn artifacts(rule: &Rule, context: &Context<'_>, report: &mut Report) -> Option<Vec<Artifact>> {
    if let Some(correlation) = &rule.correlation {
        return correlated(rule, correlation, context, report);
    }
    let sources: Vec<&LogSourceMap> = rule
        .log_sources
        .iter()
        .filter_map(|source| context.crosswalk.of(source))
        .collect();
    let whole = is_whole(rule, report);
    let log_types = log_type::log_types(rule, &sources, context, report);
    if !whole {
        // What the fields of a part are called says nothing of the rule.
        return None;
    }
    let names = VendorNames {
        own: "panther",
        system: "Panther",
        texts: &TEXTS,
        called: |output| format!("output {}", output.name),
    };
    names.written(rule, context, report, |rule, report| {
        files(rule, &sources, log_types, context, report)
    })
}

/// The two files of a rule whose names are the vendor's.
fn files(
    rule: &Rule,
    sources: &[&LogSourceMap],
    log_types: Option<Vec<String>>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Vec<Artifact>> {
    let rule = &*told::told_apart(rule, sources, report)?;
    let counted = rule
        .threshold
        .as_ref()
        .is_none_or(|threshold| check_threshold(rule, threshold, report));
    if context.style == Style::Simple {
        let simple = simple::simple(rule, report);
        let log_types = log_types.filter(|_| counted)?;
        let document = document::document(rule, None, None, log_types, report).with(simple?);
        return rendered(rule, &document, context, report).map(|artifact| vec![artifact]);
    }
    // Panther's own rules ask of a value's type what they ask.
    let typed = !matches!(rule.preserved.format.as_str(), "panther" | "");
    let lean = lean(rule, sources, log_types.as_deref());
    let mut is_written = true;
    // Every predicate is recorded once, those that are not asked in the end among them.
    let mut unrecorded = Report::refusals();
    let is_same = lean.selection.fingerprint() == rule.selection.fingerprint();
    if !is_same {
        let scratch = Module::of(rule);
        let python = Python::new(&scratch, sources, &rule.selection).typed(typed);
        is_written = print(&python, &rule.selection, report).is_some();
    }
    let rule = &lean;
    let module = Module::of(rule);
    let python = Python::new(&module, sources, &rule.selection).typed(typed);
    let recorded = if is_same {
        &mut *report
    } else {
        &mut unrecorded
    };
    let mut entries: Vec<module::Function> = rule::function(&python, &rule.selection, recorded)
        .into_iter()
        .collect();
    if is_written {
        report.append(unrecorded);
    }
    is_written &= !entries.is_empty();
    let alerts = Alerts {
        rule,
        python: Python::new(&module, sources, &Condition::TRUE).typed(typed),
    };
    entries.extend(alerts.functions(report));
    entities(rule, report);
    let log_types = log_types?;
    if !is_written || !counted || report.diagnostics.has_errors() {
        return None;
    }
    let stem = document::stem(rule);
    let document = document::document(rule, Some(format!("{stem}.py")), None, log_types, report);
    let blocks = module.blocks(&entries);
    let mut artifact = |name: &str, text: Result<String, super::TemplateError>| match text {
        Ok(text) => Some(Artifact {
            path: name.into(),
            text,
        }),
        Err(error) => {
            report.refuse("document", rule.origin, error.message);
            None
        }
    };
    let yaml = artifact(
        &format!("{stem}.yml"),
        context.templates.render("panther/rule.yml.j2", &document),
    )?;
    let python = artifact(
        &format!("{stem}.py"),
        context.templates.render("panther/rule.py.j2", &blocks),
    )?;
    Some(vec![yaml, python])
}

/// The rule with less to ask on the events that Panther hands to it.
fn lean(rule: &Rule, sources: &[&LogSourceMap], log_types: Option<&[String]>) -> Rule {
    let mut lean = rule.clone();
    let given = known_of(rule, sources, log_types.unwrap_or_default());
    simplify(&mut lean, &given);
    lean
}

/// What is known of the events that Panther hands to the rule, as far as the rule's own tests do not hold others: they are of
/// its log types, and have the types of its log source where it is one.
fn known_of<'m>(rule: &Rule, sources: &[&'m LogSourceMap], log_types: &[String]) -> Given<'m> {
    let mut given = Given::default();
    let is_known = |source: &LogSource| matches!(source, LogSource::Known(_));
    let told = |test: &RuleTest| {
        let name = test.event.get(LOG_TYPE).and_then(Value::as_str);
        name.is_some_and(|name| log_types.iter().any(|known| known == name))
    };
    if rule.log_sources.iter().any(is_known) && !log_types.is_empty() && rule.tests.iter().all(told)
    {
        let names: Vec<Literal> = log_types.iter().map(Literal::text).collect();
        let (operator, object) = match names.as_slice() {
            [one] => (Operator::Equals, Object::Literal(one.clone())),
            _ => (Operator::In, Object::List(names)),
        };
        for path in [
            FieldPath::root().key(LOG_TYPE),
            FieldPath::root().exact(LOG_TYPE),
        ] {
            let fact = Predicate::new(Term::Field(path), operator, object.clone());
            given.facts.push(fact.into());
        }
    }
    if let ([source], [_]) = (sources, rule.log_sources.as_slice())
        && rule.tests.iter().all(|test| source.accepts(&test.event))
    {
        given.types = Some(source);
    }
    given
}

/// Whether the IR holds all of the rule's condition; what it does not hold is recorded.
fn is_whole(rule: &Rule, report: &mut Report) -> bool {
    let mut whole = true;
    // The queries of a scheduled rule stay where they are; the rule names them again.
    let named = document::is_scheduled(rule);
    for residue in rule.unsaid() {
        match residue.effect {
            ResidueEffect::Unknown if named && residue.format == "panther" => {
                report.exact(&residue.construct, residue.origin);
            }
            ResidueEffect::OutputsOnly => {
                let reason = "kept as text of its own format, which Panther cannot run";
                report.record(
                    Fidelity::Unsupported,
                    &residue.construct,
                    residue.origin,
                    reason,
                );
            }
            ResidueEffect::Wider | ResidueEffect::Narrower | ResidueEffect::Unknown => {
                whole = false;
                let message = format!(
                    "`{}` decides what the rule matches, and only {} can express it",
                    residue.construct, residue.format
                );
                report
                    .diagnostics
                    .push(Diagnostic::error(Code::ResidueBlocks, message).at(residue.origin));
            }
        }
    }
    whole
}

/// Records the threshold; whether Panther can count so.
fn check_threshold(rule: &Rule, threshold: &Threshold, report: &mut Report) -> bool {
    let what = threshold.to_string();
    if let Measure::Sum(_) | Measure::Average(_) | Measure::Percentile { .. } = threshold.measure {
        report.refuse(
            what,
            threshold.origin,
            "Panther counts events, it does not sum values",
        );
        return false;
    }
    if alert::least(threshold).is_none() {
        report.refuse(
            what,
            threshold.origin,
            "Panther alerts when a count reaches its threshold, not otherwise",
        );
        return false;
    }
    let seconds = threshold.window.as_secs();
    if seconds == 0 || !seconds.is_multiple_of(60) {
        report.refuse(
            what,
            threshold.origin,
            "Panther counts in windows of whole minutes",
        );
        return false;
    }
    for (fidelity, reason) in differing(rule, threshold) {
        report.record_count(fidelity, what.clone(), threshold.origin, reason);
    }
    if report.counting().is_exact() {
        report.exact(what, threshold.origin);
    }
    true
}

/// How Panther counts otherwise: its window starts at the first match behind the window before, and has its first end alone.
fn differing(rule: &Rule, threshold: &Threshold) -> Vec<(Fidelity, &'static str)> {
    let mut found = Vec::new();
    match threshold.window_kind {
        WindowKind::FromFirstMatch => {}
        // What it counts together lies in one sliding window, too.
        WindowKind::Sliding => found.push((
            Fidelity::Narrower,
            "Panther's window starts at the first match and does not slide",
        )),
        WindowKind::Aligned => found.extend([
            (
                Fidelity::Wider,
                "Panther's window starts at the first match: it counts events on both sides of a multiple of its length",
            ),
            (
                Fidelity::Narrower,
                "Panther's window ends its length after the first match, not at a multiple of its length",
            ),
        ]),
        WindowKind::PerRun => found.extend([
            (
                Fidelity::Wider,
                "Panther's window starts at the first match: it counts events of two runs of the rule",
            ),
            (
                Fidelity::Narrower,
                "Panther's window ends its length after the first match, not with a run of the rule",
            ),
        ]),
    }
    if let Measure::DistinctCount(term) = &threshold.measure
        && !is_present(&rule.selection, term)
    {
        found.push((
            Fidelity::Wider,
            "Panther counts the absence of the value as one more value",
        ));
    }
    found
}

/// Whether the selection asks that the term be there.
fn is_present(selection: &Condition, term: &Term) -> bool {
    let asks = |predicate: &Predicate| {
        &predicate.subject == term && predicate.operator != crate::ir::Operator::Exists
    };
    selection
        .conjuncts()
        .iter()
        .any(|part| matches!(part, Condition::Test(predicate) if asks(predicate)))
}

/// Panther finds the users, hosts and addresses of an event by its log type's schema.
fn entities(rule: &Rule, report: &mut Report) {
    for entity in &rule.entities {
        let shown = entity.identifiers.iter().all(|identifier| {
            rule.outputs
                .iter()
                .any(|output| output.source == identifier.source)
        });
        let reason = if shown {
            "Panther has no entity mapping; its values are in the alert context"
        } else {
            "Panther has no entity mapping"
        };
        let what = format!("entity {}", entity.kind);
        report.record(Fidelity::Unsupported, what, Origin::default(), reason);
    }
}
