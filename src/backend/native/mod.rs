//! The native target: a rule as a self-contained Rust module, and as the IR itself in JSON.
//!
//! The module's `matches` gives the verdict of the reference evaluator on every event, `title`, `outputs` and the like what its
//! alert says, its tests are the rule's. It needs `serde_json`, and other crates only for what needs them; its documentation names
//! these. Keys of an object are in the order of the object, which is the document's with `serde_json`'s `preserve_order`. The JSON
//! holds everything that the IR does. Refused is a condition that depends on a value of several events; counting is left to the
//! caller, to whom the module says the threshold and the values that it asks for.

mod alert;
mod call;
mod helpers;
mod layout;
mod made;
mod many;
mod module;
mod notation;
mod quote;
mod runtime;
mod scope;
#[cfg(test)]
mod tests;

#[cfg(test)]
#[allow(
    dead_code,
    clippy::expect_used,
    clippy::redundant_closure,
    clippy::unnecessary_wraps,
    reason = "compiled in tests only, so that it is checked and formatted like any other file"
)]
mod library;

use serde::Serialize;

use super::notation::{Support, print, support};
use super::unmapped::{TEXTS, VendorNames};
use super::{Artifact, Backend, Context, Translation, file_stem, names};
use crate::analysis::{Fidelity, Report};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{LogSource, Measure, ResidueEffect, Rule, RuleTest, Term, Threshold, sharing};
use module::Module;
use scope::Scope;

/// The native target.
#[derive(Clone, Copy, Debug)]
pub struct Native;

impl Backend for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    fn holds_keys_of(&self, _: &str) -> bool {
        true
    }

    fn description(&self) -> &'static str {
        "a Rust module that matches events, and the rule's IR as JSON"
    }

    fn emit(&self, rule: &Rule, context: &Context<'_>) -> Translation {
        let mut report = Report::new();
        let artifacts = artifacts(rule, context, &mut report).unwrap_or_default();
        Translation { artifacts, report }
    }

    fn support(&self) -> Vec<Support> {
        let module = Module::default();
        support(&Scope::new(&module), &Term::field(["field"]))
    }
}

/// What the template prints.
#[derive(Debug, Serialize)]
struct Document {
    doc: Vec<String>,
    uses: Vec<String>,
    id: String,
    name: String,
    severity: String,
    attack: String,
    log_sources: String,
    threshold: String,
    blocks: Vec<String>,
    tests: Vec<Test>,
}

#[derive(Debug, Serialize)]
struct Test {
    name: String,
    function: String,
    event: String,
    verdict: &'static str,
}

fn artifacts(rule: &Rule, context: &Context<'_>, report: &mut Report) -> Option<Vec<Artifact>> {
    if let Some(correlation) = &rule.correlation {
        let reason = "a module matches events; the correlation stands in the JSON alone";
        report.record(Fidelity::Unsupported, "module", correlation.origin, reason);
        return form(rule, report).map(|form| vec![form]);
    }
    if let Some(threshold) = rule.threshold.as_ref().filter(|one| !is_constant(one)) {
        let reason =
            "a module says one bound of a count, sum or average; this one stands in the JSON alone";
        let what = format!("module of {threshold}");
        report.record(Fidelity::Unsupported, what, threshold.origin, reason);
        return form(rule, report).map(|form| vec![form]);
    }
    let names = VendorNames {
        own: "native",
        system: "the native form",
        texts: &TEXTS,
        called: |output| format!("output {}", output.name),
    };
    names.written(rule, context, report, |rule, report| {
        module(rule, context, report)
    })
}

/// The module and the JSON form.
fn module(rule: &Rule, context: &Context<'_>, report: &mut Report) -> Option<Vec<Artifact>> {
    let whole = is_whole(rule, report);
    if let Some(threshold) = &rule.threshold {
        report.exact(threshold.to_string(), threshold.origin);
    }
    let mut written = Report::new();
    let mut code = code(rule, Module::new(false), &mut written);
    // Only what asks for the time is given it.
    if let Some((_, module)) = &code
        && module.is_timed()
    {
        written = Report::new();
        code = self::code(rule, Module::new(true), &mut written);
    }
    report.constructs.extend(written.constructs);
    report.diagnostics.extend(written.diagnostics);
    let (functions, module) = code.filter(|_| whole)?;
    let document = document(rule, module, functions);
    let stem = file_stem(rule);
    let module = match context.templates.render("native/rule.rs.j2", &document) {
        Ok(text) => text,
        Err(error) => {
            report.refuse("document", rule.origin, error.message);
            return None;
        }
    };
    let module = Artifact {
        path: format!("{stem}.rs").into(),
        text: module,
    };
    Some(vec![module, form(rule, report)?])
}

/// The public functions of the rule's module, with what they need.
fn code(rule: &Rule, module: Module, report: &mut Report) -> Option<(Vec<String>, Module)> {
    let scope = Scope::new(&module);
    scope.survey(|survey| survey.condition(&rule.selection));
    let condition = print(&scope, &rule.selection, report);
    let functions = condition.map(|condition| {
        let doc = "Whether the rule selects the event.";
        let last = layout::expression(&condition.flat(), 4, "");
        let matches = alert::public(&scope, "matches", doc, "bool", last);
        let mut functions = vec![matches];
        functions.extend(alert::functions(rule, &module, report));
        functions
    });
    drop(scope);
    Some((functions?, module))
}

/// The rule as JSON.
fn form(rule: &Rule, report: &mut Report) -> Option<Artifact> {
    match sharing::to_json(rule) {
        Ok(text) => Some(Artifact {
            path: format!("{}.json", file_stem(rule)).into(),
            text,
        }),
        Err(error) => {
            report.refuse("document", rule.origin, error.to_string());
            None
        }
    }
}

/// Whether the IR holds all of the rule's condition; what it does not hold is recorded.
fn is_whole(rule: &Rule, report: &mut Report) -> bool {
    let mut whole = true;
    for residue in rule.unsaid() {
        match residue.effect {
            ResidueEffect::OutputsOnly => {
                let reason = "kept as text of its own format";
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

/// The `use` lines and the blocks of a module with these public functions; what it needs is added to its documentation.
fn blocks(
    module: Module,
    functions: Vec<String>,
    doc: &mut Vec<String>,
) -> (Vec<String>, Vec<String>) {
    let module::Written {
        constants,
        functions: nested,
        called,
    } = module.written();
    let mut code = functions;
    code.extend(nested);
    let everything = code.iter().chain(&constants);
    let words: Vec<_> = everything.flat_map(|text| quote::scan(text)).collect();
    let helpers = helpers::needed(&words);
    let uses = helpers::uses(&words, &helpers);
    code.extend(helpers.iter().map(|helper| helper.text.to_owned()));
    let mut blocks = Vec::new();
    if !constants.is_empty() {
        blocks.push(constants.join("\n"));
    }
    blocks.extend(code);
    let runtime = (!called.is_empty()).then(|| runtime::of(&called)).flatten();
    if let Some(runtime) = runtime {
        let crates = runtime.crates.iter().map(|name| format!("`{name}`"));
        let crates: Vec<String> = crates.collect();
        if !crates.is_empty() {
            doc.push(String::new());
            doc.push(format!(
                " Needs, besides `serde_json`: {}.",
                crates.join(", ")
            ));
        }
        blocks.push(runtime.text.clone());
    }
    (uses, blocks)
}

fn document(rule: &Rule, module: Module, functions: Vec<String>) -> Document {
    let metadata = &rule.metadata;
    let mut doc = doc(rule);
    let (uses, blocks) = blocks(module, functions, &mut doc);
    let text = |head: &str, text: &str| layout::after_equals(head, &quote::text(text));
    let texts = |head: &str, items: Vec<String>| {
        let items: Vec<String> = items.iter().map(|item| quote::text(item)).collect();
        let whole = layout::list(&format!("{head}&"), &items, ";", 0);
        whole[head.len()..whole.len() - 1].to_owned()
    };
    let attack = metadata
        .attack
        .iter()
        .map(|entry| match (&entry.tactic, &entry.technique) {
            (Some(tactic), Some(technique)) => format!("{tactic}:{technique}"),
            (tactic, technique) => tactic.iter().chain(technique).cloned().collect(),
        });
    let sources = rule.log_sources.iter().map(|source| match source {
        LogSource::Known(name) => name.id.clone(),
        LogSource::Resource { .. } | LogSource::Unknown { .. } => source.to_string(),
    });
    Document {
        doc,
        uses,
        id: text("pub const ID: &str =;", &metadata.id),
        name: text("pub const NAME: &str =;", &metadata.name),
        severity: text("pub const SEVERITY: &str =;", metadata.severity.name()),
        attack: texts("pub const ATTACK: &[&str] = ", attack.collect()),
        log_sources: texts("pub const LOG_SOURCES: &[&str] = ", sources.collect()),
        threshold: rule
            .threshold
            .as_ref()
            .map_or_else(|| "None".to_owned(), threshold),
        blocks,
        tests: tests(&rule.tests),
    }
}

/// The lines of the module's documentation, after their `//!`.
fn doc(rule: &Rule) -> Vec<String> {
    let paragraphs = [&rule.metadata.name, &rule.metadata.description];
    let mut lines = Vec::new();
    for paragraph in paragraphs {
        let paragraph = paragraph.trim();
        if paragraph.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(paragraph.lines().map(doc_line));
    }
    if lines.is_empty() {
        lines.push(" A detection rule.".to_owned());
    }
    lines
}

fn doc_line(line: &str) -> String {
    let plain: String = line
        .trim()
        .chars()
        .filter(|c| !c.is_control() && !quote::is_unseen(*c))
        .collect();
    if plain.is_empty() {
        plain
    } else {
        format!(" {plain}")
    }
}

/// Whether a module's constant says the whole of the threshold.
fn is_constant(threshold: &Threshold) -> bool {
    threshold.also.is_none() && !matches!(threshold.measure, Measure::Percentile { .. })
}

fn threshold(threshold: &Threshold) -> String {
    let (measure, of) = match &threshold.measure {
        Measure::Count => ("events", None),
        Measure::DistinctCount(term) => ("distinct", Some(term)),
        Measure::Sum(term) => ("sum", Some(term)),
        Measure::Average(term) => ("average", Some(term)),
        Measure::Percentile { of, .. } => ("percentile", Some(of)),
    };
    let of = of.map_or_else(
        || "None".to_owned(),
        |term| format!("Some({})", quote::text(&term.to_string())),
    );
    let groups: Vec<String> = threshold
        .group_by
        .iter()
        .map(|term| quote::text(&term.to_string()))
        .collect();
    let lines = [
        format!("measure: {},", quote::text(measure)),
        format!("of: {of},"),
        format!("comparison: {},", quote::text(threshold.comparison.sign())),
        format!("count: {:?},", threshold.count),
        format!("window_seconds: {},", threshold.window.as_secs()),
        format!(
            "window_kind: {},",
            quote::text(threshold.window_kind.name())
        ),
        layout::list("group_by: &", &groups, ",", 4),
    ];
    format!("Some(Threshold {{\n    {}\n}})", lines.join("\n    "))
}

fn tests(tests: &[RuleTest]) -> Vec<Test> {
    let mut taken: Vec<String> = Vec::new();
    let mut written = Vec::new();
    for test in tests {
        let stem = names::snake(&test.name, "test", 60);
        let stem = if module::is_reserved(&stem) {
            format!("test_{stem}")
        } else {
            stem
        };
        let function = module::first_free(&stem, |name| taken.iter().any(|known| known == name));
        taken.push(function.clone());
        // Written with its own line ends and no carriage return, so a raw text can hold any event.
        let event =
            quote::unseen_escaped(&serde_json::to_string_pretty(&test.event).unwrap_or_default());
        written.push(Test {
            name: doc_line(&test.name).trim().to_owned(),
            function,
            event: quote::raw(&event),
            verdict: if test.expected {
                "holds(event)"
            } else {
                "!holds(event)"
            },
        });
    }
    written
}
