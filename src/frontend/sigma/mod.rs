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

use std::path::PathBuf;

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

    fn unread(&self, rule: &Rule) -> Vec<String> {
        document::unread(&rule.preserved)
    }

    fn recognises(&self, text: &str) -> bool {
        let (mut searches, mut logsource) = (false, false);
        for line in text.lines() {
            let has = |key: &str| {
                let rest = line.strip_prefix(key);
                rest.is_some_and(|rest| rest.starts_with(':'))
            };
            searches |= has("detection") || has("filter");
            logsource |= has("logsource");
            if has("correlation") || searches && logsource {
                return true;
            }
        }
        false
    }

    fn import(&self, id: SourceId, context: &mut Context<'_>) -> Vec<Rule> {
        let path = context.sources.get(id).map(|file| file.path().to_owned());
        let path = path.unwrap_or_default();
        let mut rules = Vec::new();
        for referred in rules_of(id, context, &mut vec![path.clone()]) {
            let elsewhere = &context.tuning.elsewhere;
            let taken = referred.words().any(|word| elsewhere.hides(word, &path));
            context.accompanies |= taken;
            if let (false, State::Read(Some(rule))) = (taken || referred.hidden, referred.state) {
                rules.push(*rule);
            }
        }
        name_apart(&mut rules);
        rules
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

/// The rules and correlations of a file, all read. The files that are under way, this one the last, are not asked for rules.
fn rules_of(id: SourceId, context: &mut Context<'_>, trail: &mut Vec<PathBuf>) -> Vec<Referred> {
    let Some(file) = context.sources.get(id).map(Source::shared_text) else {
        return Vec::new();
    };
    let parsed = match yaml::parse(id, &file) {
        Ok(parsed) => parsed.into_iter(),
        Err(error) => {
            context.diagnostics.push(error);
            return Vec::new();
        }
    };
    let (crosswalk, tuning) = (context.crosswalk, context.tuning);
    let (documents, values): (Vec<_>, Vec<_>) =
        parsed.map(|parsed| (parsed.document, parsed.value)).unzip();
    let reads = documents.iter().zip(values);
    let reads = reads.filter_map(|(document, value)| {
        let keys = mapping(document, value, context.diagnostics)?;
        Some(Read {
            document,
            file: &file,
            content: keys,
            crosswalk,
            tuning,
        })
    });
    let reads = reads.collect();
    let reads = collection::whole(reads, context.diagnostics);
    let mut referred = own(id, &reads, context);
    let count = referred.len();
    referred.extend(foreign(&reads, &referred, context, trail));
    let mut referring = Referring {
        reads: &reads,
        referred,
        depth: 0,
    };
    referring.resolve_all(context.diagnostics);
    referring.referred.truncate(count);
    referring.referred
}

/// The rules of the documents, and the correlations that are still to be read.
fn own(id: SourceId, reads: &[Read<'_>], context: &mut Context<'_>) -> Vec<Referred> {
    let diagnostics = &mut *context.diagnostics;
    let filters = Applying::new(&context.tuning.filters, id, context.sources);
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
    referred
}

/// The rules of other files that the file's correlations are about.
fn foreign(
    reads: &[Read<'_>],
    known: &[Referred],
    context: &mut Context<'_>,
    trail: &mut Vec<PathBuf>,
) -> Vec<Referred> {
    let mut found: Vec<Referred> = Vec::new();
    let tuning = context.tuning;
    for word in reads
        .iter()
        .flat_map(|read| correlation::words(&read.content))
    {
        if known.iter().chain(&found).any(|it| it.is(&word)) {
            continue;
        }
        let Some((path, text)) = tuning.elsewhere.file(&word) else {
            continue;
        };
        if trail.iter().any(|file| file == path) || trail.len() > referred::LONGEST {
            continue;
        }
        let id = context.sources.add(path, text);
        let mut unsaid = Diagnostics::new();
        let mut nested = context.for_another(&mut unsaid);
        trail.push(path.to_owned());
        let others = rules_of(id, &mut nested, trail).into_iter();
        found.extend(others.map(|it| Referred {
            foreign: true,
            ..it
        }));
        trail.pop();
    }
    found
}

/// The words that a document's correlation names rules by, and whether they are then no rules of their own.
pub(super) fn named(content: &Map<String, Value>) -> Vec<(String, bool)> {
    let hides = !correlation::generates(content);
    let words = correlation::words(content).into_iter();
    words.map(|word| (word, hides)).collect()
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
