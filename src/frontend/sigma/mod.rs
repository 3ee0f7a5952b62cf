//! Sigma rules and correlations to the IR.
//!
//! A file may hold several documents: rules, and correlations that count some of them. A rule that is only counted is not a rule
//! of its own. Sigma's meaning (texts in any case, wildcards, values compared as texts) becomes explicit predicates; see `item`.
//! Refused with a span: keywords, placeholders, filters, collections of Sigma 1, and what `correlation` names.

mod condition;
mod correlation;
mod detection;
mod document;
mod encode;
mod item;
mod modifier;
mod placeholders;
mod plain;
mod scope;
mod tags;
mod typed;
mod value;

use serde_json::Value;

use self::correlation::Referred;
use self::document::Read;
use super::{Context, Frontend};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::Rule;
use crate::source::{Source, SourceId};
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
        keys.any(|key| key == "correlation") || (has("detection") && has("logsource"))
    }

    fn import(&self, id: SourceId, context: &mut Context<'_>) -> Vec<Rule> {
        let Some(file) = context.sources.get(id).map(Source::shared_text) else {
            return Vec::new();
        };
        match yaml::parse(id, &file) {
            Ok(documents) => read(documents, &file, context),
            Err(error) => {
                context.diagnostics.push(error);
                Vec::new()
            }
        }
    }
}

/// What one document is.
#[derive(Clone, Copy)]
enum Place {
    /// The rule with this number among those that correlations can refer to.
    Rule(usize),
    /// The correlation in the document with this number.
    Correlation(usize),
}

fn read(
    parsed: Vec<yaml::Parsed<'_>>,
    file: &str,
    context: &mut Context<'_>,
) -> Vec<Rule> {
    let (crosswalk, tuning) = (context.crosswalk, context.tuning);
    let diagnostics = &mut *context.diagnostics;
    let mut reads = Vec::new();
    let parsed = parsed.into_iter();
    let (documents, values): (Vec<_>, Vec<_>) =
        parsed.map(|parsed| (parsed.document, parsed.value)).unzip();
    for (document, value) in documents.iter().zip(values) {
        match value {
            Ok(Value::Object(content)) => reads.push(Read {
                document,
                file,
                content,
                crosswalk,
                tuning,
            }),
            Ok(Value::Null) => {}
            Ok(_) => diagnostics.push(shape("a rule is a mapping").at(document.whole())),
            Err(error) => diagnostics.push(error),
        }
    }
    let mut referred: Vec<Referred> = Vec::new();
    let mut places: Vec<Place> = Vec::new();
    for (at, read) in reads.iter().enumerate() {
        if read.content.contains_key("correlation") {
            places.push(Place::Correlation(at));
        } else if let Some(message) = unsupported(read) {
            let error = Diagnostic::error(Code::SigmaUnsupported, message);
            diagnostics.push(error.at(read.document.whole()));
        } else if read.content.contains_key("detection") || read.content.contains_key("logsource") {
            places.push(Place::Rule(referred.len()));
            let text = |key: &str| {
                read.content
                    .get(key)
                    .and_then(Value::as_str)
                    .map(str::to_owned)
            };
            let (id, name) = (text("id"), text("name"));
            let rule = read.rule(diagnostics);
            referred.push(Referred {
                id,
                name,
                rule,
                counted: false,
            });
        } else {
            let message = "a document requires `logsource` and `detection`, or `correlation`";
            diagnostics.push(shape(message).at(read.document.whole()));
        }
    }
    collect(&places, &reads, &mut referred, diagnostics)
}

/// The rules in the order of the documents, without those that are only counted.
fn collect(
    places: &[Place],
    reads: &[Read<'_>],
    referred: &mut [Referred],
    diagnostics: &mut Diagnostics,
) -> Vec<Rule> {
    let mut correlations: Vec<Option<Rule>> = Vec::new();
    for place in places {
        correlations.push(match place {
            Place::Correlation(at) => correlation::lower(&reads[*at], referred, diagnostics),
            Place::Rule(_) => None,
        });
    }
    let rules = places
        .iter()
        .zip(correlations)
        .filter_map(|(place, correlation)| match place {
            Place::Correlation(_) => correlation,
            Place::Rule(at) if referred[*at].counted => None,
            Place::Rule(at) => referred[*at].rule.take(),
        });
    rules.collect()
}

/// Why a document that is Sigma is not supported.
fn unsupported(read: &Read<'_>) -> Option<&'static str> {
    if read.content.contains_key("filter") {
        Some("filters are not supported")
    } else if read.content.contains_key("action") {
        Some("collections with `action` (Sigma 1) are not supported")
    } else {
        None
    }
}

fn shape(message: &str) -> Diagnostic {
    Diagnostic::error(Code::YamlShape, message)
}
