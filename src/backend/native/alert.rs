//! What an alert says of an event, as public functions of a module: title, dedup text, severity, texts, outputs, and the values of a
//! threshold.
//!
//! Each gives what `eval::shown` gives. What is computed over several events is left to who counts them: it has no function, and is
//! recorded so.

use super::made::function;
use super::module::Module;
use super::quote;
use super::scope::{Parameter, Scope};
use crate::analysis::{Fidelity, Report};
use crate::ir::{Alert, Function, Measure, Origin, Output, Rule, Term};

/// Why a value has no function.
const COUNTED: &str =
    "a module looks at one event; what is computed over several stands in the JSON alone";

/// The functions, each as its text.
pub(super) fn functions(rule: &Rule, module: &Module, report: &mut Report) -> Vec<String> {
    let mut texts = Vec::new();
    let mut add = |what: &str, term: Option<&Term>, doc: &str, shape: Shape| {
        let Some(term) = term else { return };
        match of_term(module, term, what, doc, shape) {
            Ok(text) => texts.push(text),
            Err(reason) => {
                let origin = rule.alert.origins.of(what).or(rule.origin);
                record(report, what, origin, reason);
            }
        }
    };
    for (name, term, doc) in said(&rule.alert) {
        add(name, term, doc, Shape::Text);
    }
    if let Some(threshold) = &rule.threshold {
        let doc = "The value of an event that is counted or added.";
        add("measured", measured(&threshold.measure), doc, Shape::Value);
        let group = list(&threshold.group_by);
        let doc = "The values of an event by which it is counted, together with those that have the same text forms.";
        add("group", group.as_ref(), doc, Shape::Value);
    }
    texts.extend(outputs(module, &rule.outputs, report));
    texts
}

/// The texts of an alert, each with what is said of it.
fn said(alert: &Alert) -> [(&'static str, Option<&Term>, &'static str); 6] {
    [
        (
            "title",
            alert.title.as_ref(),
            "What the alert of an event is called.",
        ),
        (
            "dedup",
            alert.dedup.as_ref(),
            "By which text alerts are put together; without it, by the title.",
        ),
        (
            "severity",
            alert.severity.as_ref(),
            "How severe the alert of an event is; without a value, as `SEVERITY` says.",
        ),
        (
            "description",
            alert.description.as_ref(),
            "What the alert of an event says.",
        ),
        (
            "runbook",
            alert.runbook.as_ref(),
            "What to do about the alert of an event.",
        ),
        (
            "reference",
            alert.reference.as_ref(),
            "Where to read about the alert of an event.",
        ),
    ]
}

/// What a threshold measures of an event; nothing where it counts events.
fn measured(measure: &Measure) -> Option<&Term> {
    match measure {
        Measure::Count => None,
        Measure::DistinctCount(term)
        | Measure::Sum(term)
        | Measure::Average(term)
        | Measure::Percentile { of: term, .. } => Some(term),
    }
}

/// What a function gives.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Value,
}

fn list(terms: &[Term]) -> Option<Term> {
    let call = || Term::call(Function::List, terms.to_vec());
    (!terms.is_empty()).then(call)
}

fn record(report: &mut Report, what: &str, origin: Origin, reason: String) {
    let reason = if reason.starts_with("a value over several events") {
        COUNTED.to_owned()
    } else {
        reason
    };
    report.record(Fidelity::Unsupported, what, origin, reason);
}

fn of_term(
    module: &Module,
    term: &Term,
    name: &str,
    doc: &str,
    shape: Shape,
) -> Result<String, String> {
    let scope = Scope::new(module);
    scope.survey(|survey| survey.term(term));
    let value = scope.attempt(|scope| scope.first(term))?;
    let (result, last) = match shape {
        Shape::Text => ("Option<String>", format!("    shown({value})")),
        Shape::Value => ("Option<Value>", format!("    {value}.cloned()")),
    };
    Ok(public(&scope, name, doc, result, last))
}

/// The text of a public function that ends with these lines.
pub(super) fn public(
    scope: &Scope<'_>,
    name: &str,
    doc: &str,
    result: &str,
    last: String,
) -> String {
    let mut lines = scope.lines();
    lines.push(last);
    let code = lines.join("\n");
    // Mostly a name stands in one of the first lines.
    let is_used = |name: &str| quote::words(&code).any(|word| word == name);
    let parameters: Vec<Parameter> = scope
        .parameters
        .iter()
        .filter_map(|given| match given.name.as_str() {
            "_" => Some(given.clone()),
            name if is_used(name) => Some(given.clone()),
            "event" => Some(Parameter::new("_", given.kind)),
            _ => None,
        })
        .collect();
    format!(
        "/// {doc}\npub {}",
        function(name, &parameters, result, &code)
    )
}

/// The function of the outputs; nothing where there is none.
fn outputs(module: &Module, outputs: &[Output], report: &mut Report) -> Option<String> {
    let scope = Scope::new(module);
    let mut entries = Vec::new();
    scope.survey(|survey| {
        for output in outputs {
            survey.term(&output.source);
            output.when.iter().for_each(|when| survey.condition(when));
        }
    });
    for output in outputs {
        let written = scope.attempt(|scope| {
            let value = scope.first(&output.source)?;
            let when = output.when.as_ref().map(|when| scope.expression(when));
            Ok((value, when.transpose()?))
        });
        match written {
            Ok((value, when)) => {
                report.exact(format!("output {}", output.name), output.origin);
                let name = quote::text(&output.name);
                let entry = format!("outputs.insert({name}.to_owned(), or_null({value}));");
                entries.push(match when {
                    None => format!("    {entry}"),
                    Some(when) => {
                        let head = super::layout::branch("    ", &when, 4);
                        format!("    {head}        {entry}\n    }}")
                    }
                });
            }
            Err(reason) => record(
                report,
                &format!("output {}", output.name),
                output.origin,
                reason,
            ),
        }
    }
    if entries.is_empty() {
        return None;
    }
    entries.insert(0, "    let mut outputs = Map::new();".to_owned());
    entries.push("    outputs".to_owned());
    let doc = "What the alert of an event hands on.";
    let last = entries.join("\n");
    Some(public(&scope, "outputs", doc, "Map<String, Value>", last))
}
