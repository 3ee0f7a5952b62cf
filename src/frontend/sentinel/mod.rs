//! Microsoft Sentinel: a rule's document ([`forms`]) with its KQL query, and a query alone.
//!
//! The YAML is read with its positions, so that whatever there is to say about the query points into the file. The query is
//! parsed whole and lowered by [`query`]. A query that is not well-formed means no rule; a stage that the IR cannot say is a
//! residue of the rule, never left out silently.

mod alert;
mod bare;
mod check;
mod document;
mod duration;
mod forms;
mod incidents;
mod metadata;
mod query;
#[cfg(test)]
mod tests;
mod trigger;

pub use bare::Kql;

pub use query::asked_names;

use std::time::Duration;

use super::{Context, Frontend};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Rule, Schedule};
use crate::schema::Crosswalk;
use crate::source::{Embedded, Source, SourceId, Sources};
use crate::syntax::kql;
use crate::syntax::yaml::{self, Step};
use document::Document;
use metadata::Reader;
use query::Lowering;

/// The name of the format.
pub(crate) const FORMAT: &str = "sentinel";

/// How far a near-real-time rule looks back.
const NRT_PERIOD: Duration = Duration::from_secs(60);

/// Analytics rules and hunting queries in YAML and as resources, and Defender's custom detections.
#[derive(Clone, Copy, Debug)]
pub struct Sentinel;

impl Frontend for Sentinel {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn table_language(&self) -> Option<&'static str> {
        Some("KQL")
    }

    fn unread(&self, rule: &Rule) -> Vec<String> {
        metadata::unread(rule)
    }

    fn recognises(&self, text: &str) -> bool {
        forms::recognises(text)
    }

    fn import(&self, id: SourceId, context: &mut Context<'_>) -> Vec<Rule> {
        let Some(text) = context.sources.get(id).map(Source::shared_text) else {
            return Vec::new();
        };
        let documents = match forms::documents(id, &text) {
            Ok(documents) => documents,
            Err(error) => {
                context.diagnostics.push(error);
                return Vec::new();
            }
        };
        let mut rules = Vec::new();
        for found in documents {
            for (key, span) in found.left {
                let message = format!("`{key}` has no place in a Sentinel rule, and is left out");
                let note = Diagnostic::note(Code::UnknownKey, message).at(span);
                context.diagnostics.push(note);
            }
            rules.extend(import_document(found.yaml, context));
        }
        rules
    }

    fn check(&self, id: SourceId, sources: &Sources, diagnostics: &mut Diagnostics) {
        let text = sources.get(id).map_or("", Source::text);
        // What cannot be read was said by the import.
        for found in forms::documents(id, text).unwrap_or_default() {
            check::check(&found, diagnostics);
        }
    }
}

fn import_document(parsed: yaml::Parsed<'_>, context: &mut Context<'_>) -> Option<Rule> {
    let yaml = &parsed.document;
    let read = parsed
        .value
        .and_then(|value| Ok((yaml.read::<Document>(&value)?, value)));
    let (document, value) = match read {
        Ok(read) => read,
        Err(error) => {
            context.diagnostics.push(error);
            return None;
        }
    };
    let Some((query, embedded)) = yaml
        .embedded(&[Step::Key("query")])
        .filter(|(query, _)| !query.trim().is_empty())
    else {
        let message = "a Sentinel rule requires a `query`";
        context
            .diagnostics
            .push(Diagnostic::error(Code::YamlShape, message).at(yaml.whole()));
        return None;
    };
    let mut reader = Reader {
        yaml,
        diagnostics: context.diagnostics,
    };
    if document.name.is_empty() {
        reader.warn(
            Code::RuleMetadata,
            "a Sentinel rule requires a `name`".to_owned(),
            &[],
        );
    }
    let mut rule = Rule::new(reader.metadata(&document));
    rule.origin = yaml.whole().into();
    rule.schedule = reader.schedule(&document);
    let nrt = document
        .kind
        .eq_ignore_ascii_case("NRT")
        .then_some(NRT_PERIOD);
    let period = rule.schedule.map(|schedule| schedule.period).or(nrt);
    let references = document.references();
    let lowering = lower(
        query,
        &embedded,
        period,
        &references,
        context.crosswalk,
        reader.diagnostics,
    )?;
    let outcome = apply(&mut rule, lowering);
    alert::fill(&mut rule, &document, &outcome, &mut reader);
    trigger::apply(&mut rule, &document, &outcome, period, &mut reader);
    incidents::apply(&mut rule, &document, &reader);
    rule.forget_unused();
    rule.preserved = reader.preserved(&document, value);
    Some(rule)
}

/// The query's meaning, whose columns the references name as well; `None`, with its errors in the diagnostics, where it is not well-formed.
fn lower(
    query: &str,
    embedded: &Embedded,
    period: Option<Duration>,
    references: &[&str],
    crosswalk: &Crosswalk,
    diagnostics: &mut Diagnostics,
) -> Option<Lowering> {
    let parsed = kql::parse(query);
    for error in &parsed.errors {
        let mut diagnostic =
            Diagnostic::error(error.code, &error.message).at(embedded.span(error.range));
        if let Some((range, message)) = &error.related {
            diagnostic = diagnostic.label(embedded.span(*range), message);
        }
        if let Some(help) = &error.help {
            diagnostic = diagnostic.help(help);
        }
        diagnostics.push(diagnostic);
    }
    if !parsed.errors.is_empty() {
        return None;
    }
    let mut lowering = query::lower(
        &parsed.query,
        query,
        embedded,
        period,
        references,
        crosswalk,
    );
    for diagnostic in std::mem::take(&mut lowering.diagnostics) {
        diagnostics.push(diagnostic);
    }
    Some(lowering)
}

/// Puts the query's meaning into the rule; what is left are the columns that the document refers to.
fn apply(rule: &mut Rule, lowering: Lowering) -> query::Outcome {
    rule.log_sources = lowering.sources;
    rule.selection = lowering.selection;
    rule.threshold = lowering.threshold;
    rule.outputs = lowering.outputs;
    rule.pipeline = lowering.pipeline;
    rule.beyond = lowering.beyond;
    rule.residue = lowering.residue;
    rule.listing = Some(lowering.listing);
    if let (Some(schedule), Some(period)) = (rule.schedule, lowering.period) {
        rule.schedule = Some(Schedule { period, ..schedule });
    }
    lowering.outcome
}
