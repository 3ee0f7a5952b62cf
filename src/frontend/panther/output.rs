//! The functions beside `rule()`: title, dedup, severity and so on to terms, `alert_context` to outputs.
//!
//! What cannot be expressed is a warning that names the function or the key. The condition is not affected, except that a rule
//! with a threshold needs the text by which it counts.

use super::document::severity_named;
use super::execute::{Executor, Purpose, Value, Way, given, json_key, merged, presence, term_of};
use super::threshold::Lowered;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{AlertOrigins, Case, Literal, Origin, Output, Rule, Severity, Shared, Stage, Term};
use crate::schema::LogSourceMap;

/// Fills in what the alert says; `known` is the map of the rule's one source. Returns the value of `unique()`, and why the text by which a threshold groups its events could
/// not be expressed, if it could not.
pub(super) fn lower(
    rule: &mut Rule,
    known: Option<&LogSourceMap>,
    executor: &mut Executor<'_>,
    diagnostics: &mut Diagnostics,
) -> (Lowered, Option<Box<Diagnostic>>) {
    // In Panther's order, in which what one function changes shows in the next.
    let alert = &mut rule.alert;
    let title = text(executor, "title");
    alert.description = text(executor, "description").shown(diagnostics);
    alert.reference = text(executor, "reference").shown(diagnostics);
    let severity = text(executor, "severity").shown(diagnostics);
    alert.runbook = text(executor, "runbook").shown(diagnostics);
    let dedup = text(executor, "dedup");
    let ungrouped = match (&dedup, &title) {
        (Lowered::Lost(problem), _) | (Lowered::Absent, Lowered::Lost(problem)) => {
            Some(problem.clone())
        }
        _ => None,
    };
    alert.title = title.shown(diagnostics);
    alert.dedup = dedup.shown(diagnostics);
    alert.severity = severity.map(|term| severities(term, rule.metadata.severity));
    if executor.defines("destinations") {
        let message = "`destinations()` cannot be expressed: who is told is left to the target";
        let place = executor.span_of("destinations");
        diagnostics.push(Diagnostic::warning(Code::PythonOutput, message).at(place));
    }
    rule.outputs = alert_context(executor, diagnostics);
    rule.alert.origins = origins(executor);
    let mut unique = text(executor, "unique");
    if let Some(known) = known {
        let shown = |term: &mut Term| {
            if let Some(shown) = known.shown(term) {
                *term = shown;
            }
        };
        let alert = &mut rule.alert;
        let texts = [
            &mut alert.title,
            &mut alert.dedup,
            &mut alert.description,
            &mut alert.runbook,
            &mut alert.reference,
        ];
        texts.into_iter().flatten().for_each(shown);
        rule.outputs
            .iter_mut()
            .for_each(|output| shown(&mut output.source));
        if let Lowered::Term(term) = &mut unique {
            shown(term);
        }
    }
    (unique, ungrouped)
}

/// Where the functions stand that make the alert's texts.
fn origins(executor: &Executor<'_>) -> AlertOrigins {
    let origin = |function: &str| Origin(executor.span_of(function));
    AlertOrigins {
        title: origin("title"),
        description: origin("description"),
        dedup: origin("dedup"),
        severity: origin("severity"),
        runbook: origin("runbook"),
        reference: origin("reference"),
    }
}

/// What a function of the rule returns.
fn returned<'m>(
    executor: &mut Executor<'m>,
    name: &'static str,
) -> Result<Option<Value<'m>>, Box<Diagnostic>> {
    if !executor.defines(name) {
        return Ok(None);
    }
    let exits = executor
        .run(name, Purpose::Display)
        .map_err(|problem| Box::new(lost(name, &problem)))?;
    let mut values: Vec<_> = exits
        .into_iter()
        .filter_map(|exit| match exit.way {
            Way::Return(value) => Some((exit.when, value)),
            Way::Raise(_) => None,
        })
        .collect();
    Ok(values
        .pop()
        .map(|(_, otherwise)| Value::choose(values, otherwise)))
}

fn text(executor: &mut Executor<'_>, name: &'static str) -> Lowered {
    let value = match returned(executor, name) {
        Ok(Some(value)) => value,
        Ok(None) => return Lowered::Absent,
        Err(problem) => return Lowered::Lost(problem),
    };
    match term(name, &value) {
        Ok(term) => Lowered::Term(term),
        Err(problem) => Lowered::Lost(problem),
    }
}

/// The term of a value. The error names what it is of.
fn term(name: &str, value: &Value<'_>) -> Result<Term, Box<Diagnostic>> {
    if let Some(problem) = first_problem(value) {
        return Err(Box::new(lost(name, problem)));
    }
    match term_of(value) {
        Some(term) => Ok(term),
        None => Err(Box::new(Diagnostic::error(
            Code::PythonOutput,
            format!("`{name}` cannot be expressed as a term"),
        ))),
    }
}

fn first_problem<'v>(value: &'v Value<'_>) -> Option<&'v Diagnostic> {
    match value {
        Value::Refused(problem) => Some(problem),
        Value::Choice(choice) => choice
            .cases
            .iter()
            .map(|(_, value)| value)
            .chain([&choice.otherwise])
            .find_map(first_problem),
        Value::Sequence(sequence) => sequence.items.iter().find_map(first_problem),
        Value::Mapping(mapping) => mapping
            .entries
            .iter()
            .find_map(|(_, value)| first_problem(value)),
        Value::Comprehension(list) | Value::Entries(list) => list.values().find_map(first_problem),
        _ => None,
    }
}

fn lost(name: &str, problem: &Diagnostic) -> Diagnostic {
    Diagnostic {
        message: format!("`{name}` cannot be expressed: {}", problem.message),
        ..problem.clone()
    }
}

/// Panther's severities as the IR's; `DEFAULT` is the document's.
fn severities(term: Term, default: Severity) -> Term {
    match term {
        Term::Literal(Literal::Text(name)) => {
            let severity = severity_named(&name)
                .or_else(|| name.eq_ignore_ascii_case("default").then_some(default));
            Term::text(severity.map_or(name, |severity| severity.name().to_owned()))
        }
        Term::Choice { cases, otherwise } => Term::Choice {
            cases: cases
                .into_iter()
                .map(|case| Case {
                    when: case.when,
                    then: severities(case.then, default),
                })
                .collect(),
            otherwise: Shared::new(severities(otherwise.into_inner(), default)),
        },
        other => other,
    }
}

/// The keys of `alert_context`.
fn alert_context(executor: &mut Executor<'_>, diagnostics: &mut Diagnostics) -> Vec<Output> {
    let value = match returned(executor, "alert_context") {
        Ok(Some(value)) => value,
        Ok(None) => return Vec::new(),
        Err(problem) => {
            warn(*problem, diagnostics);
            return Vec::new();
        }
    };
    let Some(entries) = entries(&value) else {
        let message = match first_problem(&value) {
            Some(problem) => format!("`alert_context` cannot be expressed: {}", problem.message),
            None => "`alert_context` must be a dictionary whose keys are known".to_owned(),
        };
        diagnostics.push(
            Diagnostic::warning(Code::PythonOutput, message).at(executor.span_of("alert_context")),
        );
        return Vec::new();
    };
    let mut outputs = Vec::new();
    for (name, value) in entries {
        let place = executor.span_of_key("alert_context", &name);
        match term(&name, &given(&value)) {
            Ok(source) => outputs.push(Output {
                name,
                source,
                when: Some(presence(&value)).filter(|when| when.as_constant() != Some(true)),
                stage: Stage::AlertContext,
                origin: Origin(place),
            }),
            Err(problem) => {
                let problem = match problem.labels.as_slice() {
                    [] => problem.at(place),
                    _ => *problem,
                };
                warn(problem, diagnostics);
            }
        }
    }
    outputs
}

fn warn(mut problem: Diagnostic, diagnostics: &mut Diagnostics) {
    problem.severity = crate::diagnostic::Severity::Warning;
    problem.code = Code::PythonOutput;
    diagnostics.push(problem);
}

/// The keys of a dictionary, or of one of several, as JSON writes them.
fn entries<'m>(value: &Value<'m>) -> Option<Vec<(String, Value<'m>)>> {
    let mapping = match value {
        Value::Mapping(mapping) => mapping.clone(),
        Value::Choice(choice) => merged(choice)?,
        _ => return None,
    };
    let entries = mapping.entries.iter();
    entries
        .map(|(key, value)| Some((json_key(key)?, value.clone())))
        .collect()
}
