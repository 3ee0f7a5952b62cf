//! The IR to Sigma rules: one YAML document, a correlation for a threshold, and one behind its members for a correlation.
//!
//! With a threshold the correlation says who the rule is (the specification leaves metadata to the outermost document) and keeps the
//! rule's id; the document with the detection gets a name, an id and a title derived from it. A rule's tests stand beside it in
//! `events.json`. What an alert says beyond a list of fields has no place in Sigma and is reported.

mod condition;
mod correlation;
mod document;
mod ends;
mod equality;
mod keywords;
mod layout;
mod measure;
mod members;
mod metadata;
mod part;
mod predicate;
mod presence;
mod range;
mod reference;
mod regex;
mod search;
mod text;
mod value;
mod yaml;

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use self::document::{Document, Names, documents, name};
use self::layout::Layout;
use self::predicate::Speller;
use super::notation::Support;
use super::unmapped::VendorNames;
use super::without::Text;
use super::{Artifact, Backend, Context, Events, Translation, spread};
use crate::analysis::{Fidelity, Report};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{OPERATORS, Rule, Term, sample};
use crate::schema::{Crosswalk, FieldType, LogSourceMap, sigma};

/// The Sigma backend.
#[derive(Clone, Copy, Debug)]
pub struct Sigma;

const TEMPLATE: &str = "sigma/rule.yml.j2";

impl Backend for Sigma {
    fn name(&self) -> &'static str {
        "sigma"
    }

    fn description(&self) -> &'static str {
        "Sigma rules and correlations (YAML)"
    }

    fn events(&self) -> Events {
        Events::Typed
    }

    fn given(&self, source: Option<&LogSourceMap>, event: &Value) -> Value {
        sigma::row(source, event).into()
    }

    fn emit(&self, rule: &Rule, context: &Context<'_>) -> Translation {
        let mut report = Report::new();
        if let Some(correlation) = &rule.correlation {
            let documents = members::documents(rule, correlation, context, &mut report);
            let artifacts =
                documents.and_then(|documents| artifacts(rule, &documents, context, &mut report));
            return Translation {
                artifacts: artifacts.unwrap_or_default(),
                report,
            };
        }
        let legs = spread::by_source(rule, context);
        if !legs.is_empty() {
            return apart(rule, &legs, context);
        }
        let told = spread::alone(rule, context);
        let rule = told.as_ref().unwrap_or(rule);
        let artifacts = one(rule, context, &mut Names::default(), &mut report)
            .and_then(|documents| artifacts(rule, &documents, context, &mut report));
        Translation {
            artifacts: artifacts.unwrap_or_default(),
            report,
        }
    }

    fn support(&self) -> Vec<Support> {
        // A text field of a known source, so that the matrix shows operators and not what types do to them.
        let map = Crosswalk::builtin().sources().next();
        let text = |map: &&crate::schema::LogSourceMap| {
            let field = map
                .fields()
                .iter()
                .find(|field| field.kind == FieldType::Text)?;
            Some(Term::Field(field.field.clone()))
        };
        let field = map
            .as_ref()
            .and_then(text)
            .unwrap_or_else(|| Term::field(["name"]));
        let speller = Speller { map };
        let samples = OPERATORS
            .iter()
            .map(|info| sample(info.operator, field.clone()));
        samples
            .map(|predicate| match speller.spell(&predicate) {
                Ok(written) => Support {
                    operator: predicate.operator,
                    fidelity: written.fidelity,
                    example: example(written.node),
                },
                Err(reason) => Support {
                    operator: predicate.operator,
                    fidelity: Fidelity::Unsupported,
                    example: reason,
                },
            })
            .collect()
    }
}

/// The documents of a rule for each of its log sources, in one file.
fn apart(rule: &Rule, legs: &[Rule], context: &Context<'_>) -> Translation {
    let one = |leg: &Rule, report: &mut Report| one(leg, context, &mut Names::default(), report);
    spread::each(rule, legs, &one, context, &mut |done, report| {
        if let Some(threshold) = rule.threshold.as_ref().filter(|_| done.len() > 1) {
            let reason = "the events of each log source are counted apart";
            let what = format!("threshold {threshold}");
            report.record_count(Fidelity::Narrower, what, threshold.origin, reason);
        }
        let mut all: Vec<Document> = Vec::new();
        for mut document in done.into_iter().flat_map(|(_, documents)| documents) {
            document.follows = !all.is_empty();
            all.push(document);
        }
        artifacts(rule, &all, context, report).unwrap_or_default()
    })
}

/// What reports call the texts of an alert, which Sigma has no place for.
const TEXTS: [Text; 6] = [
    ("alert title", |alert| &mut alert.title),
    ("alert description", |alert| &mut alert.description),
    ("alert grouping", |alert| &mut alert.dedup),
    ("alert severity", |alert| &mut alert.severity),
    ("alert runbook", |alert| &mut alert.runbook),
    ("alert reference", |alert| &mut alert.reference),
];

/// The documents of a rule on one log source, its fields being named as Sigma's rules name them.
fn one(
    rule: &Rule,
    context: &Context<'_>,
    taken: &mut Names,
    report: &mut Report,
) -> Option<Vec<Document>> {
    let names = VendorNames {
        own: "sigma",
        system: "Sigma",
        texts: &TEXTS,
        called: |output| format!("output {output}"),
    };
    names.written(rule, context, report, |rule, report| {
        documents(rule, context.crosswalk, taken, report)
    })
}

fn example(node: search::Node) -> String {
    let Layout {
        searches,
        condition,
    } = layout::layout(node);
    let shown: Vec<String> = searches
        .iter()
        .flat_map(|search| &search.maps)
        .map(|map| {
            let items: Vec<String> = map
                .iter()
                .map(|item| format!("{}: {}", item.key(), item.values.join(", ")))
                .collect();
            items.join("; ")
        })
        .collect();
    let not = if condition.starts_with("not ") {
        "not "
    } else {
        ""
    };
    format!("{not}{}", shown.join(" | "))
}

fn artifacts(
    rule: &Rule,
    documents: &[Document],
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Vec<Artifact>> {
    let model: Map<String, Value> = [("documents".to_owned(), json!(documents))]
        .into_iter()
        .collect();
    let text = match context.templates.render(TEMPLATE, model) {
        Ok(text) => text,
        Err(error) => {
            let message = format!(
                "the template `{}` cannot be used: {}",
                error.template, error.message
            );
            report
                .diagnostics
                .push(Diagnostic::error(Code::OutputFailed, message));
            return None;
        }
    };
    let mut artifacts = vec![Artifact {
        path: PathBuf::from(format!("{}.yml", name(rule))),
        text,
    }];
    if !rule.tests.is_empty() {
        let tests: Vec<Value> = rule
            .tests
            .iter()
            .map(|test| json!({"name": test.name, "event": test.event, "expected": test.expected}))
            .collect();
        artifacts.push(Artifact {
            path: PathBuf::from("events.json"),
            text: format!("{:#}\n", Value::from(tests)),
        });
    }
    Some(artifacts)
}
