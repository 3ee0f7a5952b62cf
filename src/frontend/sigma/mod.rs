//! Sigma rules and correlations to the IR.
//!
//! A file may hold several documents: rules, correlations that count some of them, and filters of rules here or elsewhere. A rule
//! that is only counted is not a rule of its own. Sigma's meaning (texts in any case, wildcards, values compared as texts) becomes
//! explicit predicates; see `item`. Refused with a span: placeholders without values, aggregations of Sigma 1, and what
//! `correlation` names.

mod collection;
mod condition;
mod correlation;
mod detection;
mod document;
mod encode;
mod filter;
mod item;
mod modifier;
mod placeholders;
mod plain;
mod referred;
mod scope;
mod tags;
mod typed;
mod value;

use serde_json::{Map, Value};

use self::document::Read;
use self::filter::Applying;
pub use self::filter::Filters;
use self::referred::{Referred, Referring, State};
use super::{Context, Frontend};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::Rule;
use crate::source::{Source, SourceId, Sources};
use crate::syntax::yaml;

/// The Sigma frontend.
#[derive(Clone, Copy, Debug)]
pub struct Sigma;

impl Frontend for Sigma {
    fn name(&self) -> &'static str {
        document::FORMAT
    }

    fn recognises(&self, text: &str) -> bool {
        let mut keys = text
            .lines()
            .filter_map(|line| line.split_once(':').map(|(key, _)| key));
        let has = |wanted: &str| {
            text.lines()
                .any(|line| line.split_once(':').is_some_and(|(key, _)| key == wanted))
        };
        let searches = has("detection") || has("filter");
        keys.any(|key| key == "correlation") || (searches && has("logsource"))
    }

    fn import(&self, id: SourceId, context: &mut Context<'_>) -> Vec<Rule> {
        let Some(file) = context.sources.get(id).map(Source::shared_text) else {
            return Vec::new();
        };
        match yaml::parse(id, &file) {
            Ok(documents) => read(id, documents, &file, context),
            Err(error) => {
                context.diagnostics.push(error);
                Vec::new()
            }
        }
    }

    fn check(&self, id: SourceId, sources: &Sources, diagnostics: &mut Diagnostics) {
        let Some(file) = sources.get(id).map(Source::shared_text) else {
            return;
        };
        for parsed in yaml::parse(id, &file).unwrap_or_default() {
            if let Ok(content) = &parsed.value {
                filter::check(&parsed.document, content, diagnostics);
            }
        }
    }
}

/// The documents of a file as rules and correlations, each read but for the correlations that are not asked for.
fn read(
    id: SourceId,
    parsed: Vec<yaml::Parsed<'_>>,
    file: &str,
    context: &mut Context<'_>,
) -> Vec<Rule> {
    let (crosswalk, tuning) = (context.crosswalk, context.tuning);
    let diagnostics = &mut *context.diagnostics;
    let parsed = parsed.into_iter();
    let (documents, values): (Vec<_>, Vec<_>) =
        parsed.map(|parsed| (parsed.document, parsed.value)).unzip();
    let reads = documents
        .iter()
        .zip(values)
        .filter_map(|(document, value)| {
            let keys = mapping(document, value, diagnostics)?;
            Some(Read {
                document,
                file,
                content: keys,
                crosswalk,
                tuning,
            })
        });
    let reads = reads.collect();
    let reads = collection::whole(reads, diagnostics);
    let filters = Applying::new(&tuning.filters, id, context.sources);
    let mut referred: Vec<Referred> = Vec::new();
    for (at, read) in reads.iter().enumerate() {
        if read.content.contains_key("correlation") {
            referred.push(Referred::new(read, State::Waiting(at)));
        } else if read.content.contains_key("filter") {
            filter::validate(read, diagnostics);
            context.accompanies = true;
        } else if read.content.contains_key("detection") || read.content.contains_key("logsource") {
            let rule = read.rule(diagnostics);
            let rule = rule.and_then(|rule| {
                let target = read.target(&rule);
                filters.apply(rule, &target, context.sources, read, diagnostics)
            });
            referred.push(Referred::new(read, State::Read(rule.map(Box::new))));
        } else {
            let message =
                "a document requires `logsource` and `detection`, `correlation`, or `filter`";
            diagnostics.push(shape(message).at(read.document.whole()));
        }
    }
    let mut referring = Referring {
        reads: &reads,
        referred,
        depth: 0,
    };
    referring.resolve_all(diagnostics);
    let alone = referring.referred.into_iter().filter(|it| !it.hidden);
    let mut rules: Vec<Rule> = alone
        .filter_map(|it| match it.state {
            State::Read(rule) => rule.map(|rule| *rule),
            State::Waiting(_) | State::Underway => None,
        })
        .collect();
    name_apart(&mut rules);
    rules
}

/// The keys of a document, if it has any; anything else but nothing is reported.
fn mapping(
    document: &yaml::Document<'_>,
    value: Result<Value, Diagnostic>,
    diagnostics: &mut Diagnostics,
) -> Option<Map<String, Value>> {
    match value {
        Ok(Value::Object(keys)) => return Some(keys),
        Ok(Value::Null) => {}
        Ok(_) => diagnostics.push(shape("a rule is a mapping").at(document.whole())),
        Err(error) => diagnostics.push(error),
    }
    None
}

/// Numbers the short names of rules that have their title from one document of a collection.
fn name_apart(rules: &mut [Rule]) {
    for at in 1..rules.len() {
        let (before, rest) = rules.split_at_mut(at);
        let Some(rule) = rest
            .first_mut()
            .filter(|rule| rule.metadata.slug.is_empty())
        else {
            continue;
        };
        let same = before
            .iter()
            .filter(|other| other.metadata.name == rule.metadata.name);
        let number = same.count() + 1;
        if number > 1 {
            rule.metadata.slug = format!("{} {number}", rule.metadata.name);
        }
    }
}

fn shape(message: &str) -> Diagnostic {
    Diagnostic::error(Code::YamlShape, message)
}
