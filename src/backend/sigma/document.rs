//! The documents of a rule, as the template takes them: the search, and the correlation that counts what it finds.

use indexmap::IndexSet;
use serde::Serialize;
use serde_json::{Map, Value};

use super::layout::{self, Layout};
use super::predicate::Speller;
use super::search::{Item, Map as SearchMap};
use super::{condition, metadata, part, range, yaml};
use crate::analysis::{Fidelity, Report, What};
use crate::backend::assume::assume;
use crate::backend::{file_stem, yaml_scalar};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Condition, ResidueEffect, Rule, Term};
use crate::schema::{Crosswalk, LogSourceMap, Named, SigmaSource};

/// The preserved keys that stand right after the id, and those that stand after the author.
const OPENING: [&str; 2] = ["related", "taxonomy"];
const DATES: [&str; 3] = ["license", "date", "modified"];

/// One YAML document, every value finished.
#[derive(Default, Serialize)]
pub(super) struct Document {
    /// Whether another one stands before it.
    pub(super) follows: bool,
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
pub(super) struct Search {
    name: String,
    lines: Vec<String>,
}

/// The names that the documents of a file have.
#[derive(Default)]
pub(super) struct Names {
    taken: IndexSet<String>,
}

impl Names {
    /// Takes the name, if no document has it yet.
    pub(super) fn take(&mut self, name: &str) -> bool {
        self.taken.insert(name.to_owned())
    }

    /// A name that no document has yet: this one, or else with a number.
    pub(super) fn fresh(&mut self, wanted: &str) -> String {
        let numbered = (2..).map(|number| format!("{wanted}_{number}"));
        let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
        let name = names.find(|name| !self.taken.contains(name));
        let name = name.unwrap_or_default();
        self.taken.insert(name.clone());
        name
    }
}

impl Document {
    /// Gives the document this name.
    pub(super) fn call(&mut self, name: &str) {
        self.name = yaml_scalar(name);
    }

    /// The correlation with this section, of a rule that is known by title, id and name only.
    pub(super) fn correlating(
        title: &str,
        id: String,
        name: &str,
        section: &Map<String, Value>,
    ) -> Self {
        Self {
            title: yaml_scalar(title),
            id,
            name: yaml_scalar(name),
            correlation: lines_of(section),
            ..Self::default()
        }
    }

    /// The correlation with this section, the rule being about others.
    pub(super) fn about(rule: &Rule, section: &Map<String, Value>, report: &mut Report) -> Self {
        alert(rule, report);
        Self {
            correlation: lines_of(section),
            fields: fields(rule, Speller { map: None }, report),
            ..alerting(rule)
        }
    }
}

fn lines_of(section: &Map<String, Value>) -> Vec<String> {
    let entries = section.iter();
    entries
        .flat_map(|(key, value)| yaml::entry(key, value))
        .collect()
}

/// The documents of a rule on one log source; the last of them is the rule's own.
pub(super) fn documents(
    rule: &Rule,
    crosswalk: &Crosswalk,
    names: &mut Names,
    report: &mut Report,
) -> Option<Vec<Document>> {
    let complete = residue(rule, report);
    let (log_source, known) = log_source(rule, crosswalk, report)?;
    let speller = Speller {
        map: known.map(|(map, _)| map),
    };
    let told = known.and_then(|(_, named)| named).map_or_else(
        || rule.selection.clone(),
        |named| named.told(&rule.selection),
    );
    let source = known.map(|(map, _)| map);
    let source = source.filter(|_| rule.preserved.format != metadata::FORMAT);
    let typed = |condition: Condition| match source.and_then(|map| assume(map, &condition)) {
        Some(typed) => typed,
        None => condition,
    };
    let assumed = typed(told);
    let assumed = part::of_whole(&assumed).map_or(assumed, typed);
    let node = condition::build(speller, &assumed, report);
    let stem = match rule.threshold {
        Some(_) => names.fresh(&events_name(rule)),
        None => String::new(),
    };
    let counted = rule
        .threshold
        .as_ref()
        .map(|threshold| range::counts(threshold, &stem, speller, report));
    let fields = fields(rule, speller, report);
    alert(rule, report);
    if !complete {
        return None;
    }
    let (node, counted) = (
        node?,
        counted.map_or(Some(None), |section| section.map(Some))?,
    );
    let selecting = selecting(log_source, layout::layout(node), fields);
    let mut alerting = alerting(rule);
    let Some(counts) = counted else {
        return Some(vec![Document {
            log_source: selecting.log_source,
            searches: selecting.searches,
            condition: selecting.condition,
            fields: selecting.fields,
            ..alerting
        }]);
    };
    alerting.follows = true;
    let mut documents = vec![counted_events(rule, &stem, selecting)];
    alerting.correlation = lines_of(&range::written(rule, &stem, counts, names, &mut documents));
    documents.push(alerting);
    Some(documents)
}

/// The document of the events that a correlation counts, under their name.
fn counted_events(rule: &Rule, name: &str, selecting: Document) -> Document {
    let title: String = metadata::title(&rule.metadata).chars().take(230).collect();
    Document {
        title: yaml_scalar(&format!("{title} - Counted Events")),
        id: metadata::event_id(&rule.metadata),
        name: yaml_scalar(name),
        ..selecting
    }
}

/// The name by which a correlation refers to the events that it counts, which is not the rule's own.
fn events_name(rule: &Rule) -> String {
    let stem = name(rule);
    let own = metadata::preserved(rule);
    let own = own.get("name").and_then(Value::as_str);
    if own == Some(&stem) {
        format!("{stem}_events")
    } else {
        stem
    }
}

/// The name of the rule's file, as long as the conventions for Sigma's files require and allow.
pub(super) fn name(rule: &Rule) -> String {
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
    let Some(mut names) =
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
    let wanted = metadata::named(&names);
    let known = crosswalk.of(source).map(|map| {
        let name = map.sigma.iter().find(|named| named.name == wanted);
        (map, name)
    });
    if let Some((map, Some(name))) = &known {
        custom_name(rule, map, name, &mut names, report);
    }
    let lines = names
        .iter()
        .flat_map(|(key, value)| yaml::entry(key, value))
        .collect();
    Some((lines, known))
}

/// Says which events are meant by a name that Sigma's taxonomy lacks.
fn custom_name(
    rule: &Rule,
    map: &LogSourceMap,
    named: &Named<SigmaSource>,
    keys: &mut Map<String, Value>,
    report: &mut Report,
) {
    if !named.custom {
        return;
    }
    let message = format!(
        "Sigma's taxonomy has no name for the log source `{}`; `{}` is one of rulec's own",
        map.id, named.name
    );
    let help = "whoever converts the rule has to say where these events are";
    let note = Diagnostic::note(Code::CustomSource, message).at(rule.origin);
    report.diagnostics.push(note.help(help));
    keys.entry("definition")
        .or_insert_with(|| Value::from(map.name.as_str()));
}

/// The names of the outputs that are fields, then of the fields that what is computed is made of; that is reported.
fn fields(rule: &Rule, speller: Speller<'_>, report: &mut Report) -> Vec<String> {
    let mut names = IndexSet::new();
    for output in &rule.outputs {
        let what = What::named("output", output.clone());
        let name = match &output.source {
            Term::Field(path) => speller.name(path),
            _ => Err(
                "Sigma lists fields; this is computed, and the fields it is made of are listed"
                    .to_owned(),
            ),
        };
        match name {
            Ok(name) => {
                report.exact(what, output.origin);
                names.insert(yaml_scalar(&name));
            }
            Err(reason) => report.record(Fidelity::Unsupported, what, output.origin, reason),
        }
    }
    let computed = rule.outputs.iter().map(|output| &output.source);
    let shown = [&rule.alert.title, &rule.alert.description];
    let computed = computed.chain(shown.into_iter().flatten());
    let paths: IndexSet<_> = computed.flat_map(Term::fields).collect();
    let further = paths.into_iter().filter_map(|path| speller.name(path).ok());
    names.extend(further.map(|name| yaml_scalar(&name)));
    names.into_iter().collect()
}

/// Reports what an alert says beyond its fields.
fn alert(rule: &Rule, report: &mut Report) {
    let alert = &rule.alert;
    let grouped: Vec<_> = rule
        .threshold
        .iter()
        .flat_map(|threshold| &threshold.group_by)
        .flat_map(Term::fields)
        .collect();
    let dedup = alert.dedup.as_ref().filter(|dedup| {
        let fields = dedup.fields();
        grouped.is_empty() || !fields.iter().all(|field| grouped.contains(field))
    });
    let is_name = |term: &&Term| {
        term.as_literal().and_then(|literal| literal.as_text()) != Some(&rule.metadata.name)
    };
    let parts = [
        ("alert title", alert.title.as_ref().filter(is_name)),
        ("alert description", alert.description.as_ref()),
        ("alert grouping", dedup),
        ("alert severity", alert.severity.as_ref()),
        ("alert runbook", alert.runbook.as_ref()),
        ("alert reference", alert.reference.as_ref()),
    ];
    let reason = "Sigma leaves the alert to the system that runs the rule";
    for (what, term) in parts {
        if let Some(term) = term {
            report.record(
                Fidelity::Unsupported,
                What::named(what, term.clone()),
                alert.origins.of(what).or(rule.origin),
                reason,
            );
        }
    }
    for detail in &alert.details {
        let what = format!("detail {} = {}", detail.name, detail.source);
        report.record(Fidelity::Unsupported, what, rule.origin, reason);
    }
    for entity in &rule.entities {
        report.record(
            Fidelity::Unsupported,
            format!("entity {}", entity.kind),
            rule.origin,
            reason,
        );
    }
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
        [map] if keywords(map).is_none() => lines(map),
        maps => maps
            .iter()
            .flat_map(|map| match keywords(map) {
                Some(values) => values.iter().map(|value| format!("- {value}")).collect(),
                None => yaml::bulleted(lines(map)),
            })
            .collect(),
    }
}

/// The values of a map that is nothing but keywords without modifiers, which stand in a list without a key.
fn keywords(map: &SearchMap) -> Option<&[String]> {
    match map.as_slice() {
        [item] if item.is_keyword() && item.modifiers.is_empty() => Some(&item.values),
        _ => None,
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
    let name = preserved.shift_remove("name");
    let name = name.as_ref().and_then(Value::as_str);
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
        name: name.map(yaml_scalar).unwrap_or_default(),
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
