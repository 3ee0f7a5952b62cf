//! The IR to Sigma rules: one YAML document, and a correlation for a threshold.
//!
//! With a threshold the correlation says who the rule is (the specification leaves metadata to the outermost document) and keeps the
//! rule's id; the document with the detection gets a name, an id and a title derived from it. A rule's tests stand beside it in
//! `events.json`. What an alert says beyond a list of fields has no place in Sigma and is reported.

mod alert;
mod condition;
mod correlation;
mod equality;
mod layout;
mod metadata;
mod predicate;
mod presence;
mod regex;
mod search;
mod text;
mod value;
mod yaml;

use std::path::PathBuf;

use indexmap::IndexSet;
use serde::Serialize;
use serde_json::{Map, Value, json};

use self::layout::Layout;
use self::predicate::Speller;
use self::search::{Item, Map as SearchMap};
use super::assume::assume;
use super::notation::Support;
use super::unmapped::VendorNames;
use super::{Artifact, Backend, Context, Translation, file_stem, spread, yaml_scalar};
use crate::analysis::{Fidelity, Report};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{OPERATORS, ResidueEffect, Rule, Term, sample};
use crate::schema::{Crosswalk, FieldType, LogSourceMap, Named, SigmaSource};

/// The Sigma backend.
#[derive(Clone, Copy, Debug)]
pub struct Sigma;

const TEMPLATE: &str = "sigma/rule.yml.j2";

/// The preserved keys that stand right after the id, and those that stand after the author.
const OPENING: [&str; 2] = ["related", "taxonomy"];
const DATES: [&str; 3] = ["license", "date", "modified"];

/// One YAML document, every value finished.
#[derive(Default, Serialize)]
struct Document {
    /// Whether another one stands before it.
    follows: bool,
    title: String,
    id: String,
    name: String,
    opening: Vec<String>,
    status: String,
    description: String,
    references: Vec<String>,
    author: String,
    dates: Vec<String>,
    tags: Vec<String>,
    log_source: Vec<String>,
    searches: Vec<Search>,
    condition: String,
    correlation: Vec<String>,
    fields: Vec<String>,
    false_positives: Vec<String>,
    level: String,
    closing: Vec<String>,
}

#[derive(Serialize)]
struct Search {
    name: String,
    lines: Vec<String>,
}

impl Backend for Sigma {
    fn name(&self) -> &'static str {
        "sigma"
    }

    fn description(&self) -> &'static str {
        "Sigma rules (YAML), with a correlation for a threshold"
    }

    fn emit(&self, rule: &Rule, context: &Context<'_>) -> Translation {
        let mut report = Report::new();
        let reason = "a correlation of Sigma refers to Sigma rules, and the members are rules of another system";
        if super::refuses_correlation(rule, reason, &mut report) {
            return Translation {
                report,
                ..Translation::default()
            };
        }
        let legs = spread::by_source(rule, context.crosswalk);
        if !legs.is_empty() {
            return apart(rule, &legs, context);
        }
        let artifacts = one(rule, context, &mut report)
            .and_then(|documents| artifacts(rule, &documents, context, &mut report));
        Translation {
            artifacts: artifacts.unwrap_or_default(),
            report,
        }
    }

    fn support(&self) -> Vec<Support> {
        // A text field of a known source, so that the matrix shows operators and not what types do to them.
        let map = Crosswalk::builtin().sources().first().map(|map| &**map);
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
    let one = |leg: &Rule, report: &mut Report| one(leg, context, report);
    spread::each(rule, legs, &one, &mut |done, report| {
        if let Some(threshold) = rule.threshold.as_ref().filter(|_| done.len() > 1) {
            let reason = "the events of each log source are counted apart";
            let what = format!("threshold {threshold}");
            report.record(Fidelity::Narrower, what, threshold.origin, reason);
        }
        let mut all: Vec<Document> = Vec::new();
        for mut document in done.into_iter().flat_map(|(_, documents)| documents) {
            document.follows = !all.is_empty();
            all.push(document);
        }
        artifacts(rule, &all, context, report).unwrap_or_default()
    })
}

/// The documents of a rule on one log source, its fields being named as Sigma's rules name them.
fn one(rule: &Rule, context: &Context<'_>, report: &mut Report) -> Option<Vec<Document>> {
    let names = VendorNames {
        own: "sigma",
        system: "Sigma",
    };
    let rule = names.of(rule, context, report)?;
    documents(&rule, context.crosswalk, report)
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

fn documents(rule: &Rule, crosswalk: &Crosswalk, report: &mut Report) -> Option<Vec<Document>> {
    let complete = residue(rule, report);
    let (log_source, known) = log_source(rule, crosswalk, report)?;
    let speller = Speller {
        map: known.map(|(map, _)| map),
    };
    let told = known.and_then(|(_, named)| named).map_or_else(
        || rule.selection.clone(),
        |named| named.told(&rule.selection),
    );
    let assumed = known
        .filter(|_| rule.preserved.format != metadata::FORMAT)
        .and_then(|(map, _)| assume(map, &told));
    let node = condition::build(speller, assumed.as_ref().unwrap_or(&told), report);
    let stem = name(rule);
    let counted = rule
        .threshold
        .as_ref()
        .map(|threshold| correlation::build(threshold, &stem, speller, report));
    let fields = fields(rule, speller, report);
    alert::report(rule, report);
    if !complete {
        return None;
    }
    let (node, counted) = (
        node?,
        counted.map_or(Some(None), |section| section.map(Some))?,
    );
    let selecting = selecting(log_source, layout::layout(node), fields);
    let mut alerting = alerting(rule);
    let Some(section) = counted else {
        return Some(vec![Document {
            log_source: selecting.log_source,
            searches: selecting.searches,
            condition: selecting.condition,
            fields: selecting.fields,
            ..alerting
        }]);
    };
    alerting.follows = true;
    alerting.correlation = section
        .iter()
        .flat_map(|(key, value)| yaml::entry(key, value))
        .collect();
    let title = metadata::title(&rule.metadata);
    let events = Document {
        title: yaml_scalar(&format!(
            "{} - Counted Events",
            title.chars().take(230).collect::<String>()
        )),
        id: metadata::event_id(&rule.metadata),
        name: yaml_scalar(&stem),
        ..selecting
    };
    Some(vec![events, alerting])
}

/// The name of the rule's file, as long as the conventions for Sigma's files require and allow.
fn name(rule: &Rule) -> String {
    const SHORTEST: usize = 6;
    const LONGEST: usize = 66;
    let stem = file_stem(rule);
    let stem: String = stem.chars().take(LONGEST).collect();
    if stem.len() < SHORTEST {
        format!("sigma_{stem}")
    } else {
        stem.trim_end_matches('_').to_owned()
    }
}

/// Whether every part of the source that the IR could not express may be left out.
fn residue(rule: &Rule, report: &mut Report) -> bool {
    let mut complete = true;
    for residue in rule.unsaid() {
        let what = format!("{} ({})", residue.construct, residue.format);
        match residue.effect {
            ResidueEffect::OutputsOnly => {
                let reason =
                    "only the source's own format can express it; the selection is not affected";
                report.record(Fidelity::Unsupported, what, residue.origin, reason);
            }
            ResidueEffect::Wider | ResidueEffect::Narrower | ResidueEffect::Unknown => {
                let message = format!(
                    "`{what}`: only {} can express this part of the rule",
                    residue.format
                );
                report
                    .diagnostics
                    .push(Diagnostic::error(Code::ResidueBlocks, message).at(residue.origin));
                complete = false;
            }
        }
    }
    complete
}

/// What is known of a log source: its map, and the name that is written for it.
type KnownSource<'c> = Option<(&'c LogSourceMap, Option<&'c Named<SigmaSource>>)>;

fn log_source<'c>(
    rule: &Rule,
    crosswalk: &'c Crosswalk,
    report: &mut Report,
) -> Option<(Vec<String>, KnownSource<'c>)> {
    let Some(source) = rule.log_sources.first() else {
        let error = Diagnostic::error(Code::UnmappedSource, "the rule names no log source");
        report.diagnostics.push(error.at(rule.origin));
        return None;
    };
    let preserved = metadata::preserved(rule)
        .get("logsource")
        .and_then(Value::as_object)
        .cloned();
    let Some(names) =
        preserved.or_else(|| metadata::log_source(source, &rule.selection, crosswalk))
    else {
        let error = Diagnostic::error(
            Code::UnmappedSource,
            format!("Sigma has no name for the log source `{source}`"),
        );
        report.diagnostics.push(error.at(rule.origin));
        return None;
    };
    for other in &rule.log_sources[1..] {
        let reason = "a Sigma rule has one log source; this one is left out";
        report.record(
            Fidelity::Narrower,
            format!("log source {other}"),
            rule.origin,
            reason,
        );
    }
    let lines = names
        .iter()
        .flat_map(|(key, value)| yaml::entry(key, value))
        .collect();
    let wanted = metadata::named(&names);
    let known = crosswalk.of(source).map(|map| {
        let name = map.sigma.iter().find(|named| named.name == wanted);
        (map, name)
    });
    Some((lines, known))
}

/// The names of the outputs that are fields; what is computed is reported.
fn fields(rule: &Rule, speller: Speller<'_>, report: &mut Report) -> Vec<String> {
    let mut names = IndexSet::new();
    for output in &rule.outputs {
        let what = format!("output {output}");
        let name = match &output.source {
            Term::Field(path) => speller.name(path),
            term => Err(format!("Sigma lists fields; `{term}` is computed")),
        };
        match name {
            Ok(name) => {
                report.exact(what, output.origin);
                names.insert(yaml_scalar(&name));
            }
            Err(reason) => report.record(Fidelity::Unsupported, what, output.origin, reason),
        }
    }
    names.into_iter().collect()
}

/// The part of a document that says what is selected.
fn selecting(log_source: Vec<String>, layout: Layout, fields: Vec<String>) -> Document {
    let searches = layout.searches.into_iter().map(|search| Search {
        lines: search_lines(&search.maps),
        name: yaml_scalar(&search.name),
    });
    Document {
        log_source,
        searches: searches.collect(),
        condition: yaml_scalar(&layout.condition),
        fields,
        ..Document::default()
    }
}

fn search_lines(maps: &[SearchMap]) -> Vec<String> {
    let lines = |map: &SearchMap| map.iter().flat_map(item_lines).collect::<Vec<String>>();
    match maps {
        [map] => lines(map),
        maps => maps
            .iter()
            .flat_map(|map| yaml::bulleted(lines(map)))
            .collect(),
    }
}

fn item_lines(item: &Item) -> Vec<String> {
    let key = yaml_scalar(&item.key());
    match item.values.as_slice() {
        [value] => vec![format!("{key}: {value}")],
        values => {
            let mut lines = vec![format!("{key}:")];
            lines.extend(
                values
                    .iter()
                    .map(|value| format!("{}- {value}", yaml::LEVEL)),
            );
            lines
        }
    }
}

/// The part of a document that says who the rule is.
fn alerting(rule: &Rule) -> Document {
    let metadata = &rule.metadata;
    let (tags, free) = metadata::tags(metadata);
    let mut preserved = metadata::preserved(rule);
    preserved.shift_remove("logsource");
    let custom = metadata::custom(metadata, free, preserved.shift_remove("custom"));
    if !custom.is_empty() {
        preserved.insert("custom".to_owned(), Value::Object(custom));
    }
    let among = |keys: &[&str]| -> Vec<String> {
        let entries = keys
            .iter()
            .filter_map(|key| Some((*key, preserved.get(*key)?)));
        entries
            .flat_map(|(key, value)| yaml::entry(key, value))
            .collect()
    };
    let rest = preserved
        .iter()
        .filter(|(key, _)| !OPENING.contains(&key.as_str()) && !DATES.contains(&key.as_str()));
    let unique = |texts: &[String]| -> Vec<String> {
        let texts: IndexSet<&String> = texts
            .iter()
            .filter(|text| !text.trim().is_empty())
            .collect();
        texts.into_iter().map(|text| yaml_scalar(text)).collect()
    };
    Document {
        title: yaml_scalar(&metadata::title(metadata)),
        id: metadata::id(metadata),
        opening: among(&OPENING),
        status: metadata::status(metadata).to_owned(),
        description: if metadata.description.is_empty() {
            String::new()
        } else {
            yaml::text(&metadata.description)
        },
        references: unique(&metadata.references),
        author: metadata
            .author
            .as_deref()
            .map(yaml_scalar)
            .unwrap_or_default(),
        dates: among(&DATES),
        tags,
        false_positives: unique(&metadata.false_positives),
        level: metadata.severity.name().to_owned(),
        closing: rest
            .flat_map(|(key, value)| yaml::entry(key, value))
            .collect(),
        ..Document::default()
    }
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
