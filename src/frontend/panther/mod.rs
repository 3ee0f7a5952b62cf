//! Panther detections: a YAML document, and the Python file that it may name, to rules.
//!
//! The Python of a rule, a scheduled rule or a policy is executed symbolically ([`execute`]), never matched by shape. Invariant: a
//! rule that comes out selects exactly the events for which its `rule()` returns `True`, or the resources for which its `policy()`
//! returns `False`; an exception is no match, as in Panther. [`simple`] reads match expressions in place of Python, [`correlation`]
//! rules about the alerts of other rules. Refuses, by name and place: what cannot be expressed. Helper documents (globals, data models, packs, queries, lookup tables) hold no rule.

mod correlation;
mod document;
mod emitted;
mod execute;
mod folders;
mod model;
mod output;
mod packages;
mod query;
mod rule;
mod simple;
mod threshold;

#[cfg(test)]
mod tests;

use super::{Context, Frontend, Undecided};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{LogSource, Rule, Shared, SharedVec};
use crate::schema::Crosswalk;
use crate::source::{Source, SourceId};
use crate::syntax::yaml;

use document::Fields;
pub(super) use execute::Places;
pub(super) use folders::Folders;
use rule::Judged;

/// The Panther frontend.
#[derive(Clone, Copy, Debug, Default)]
pub struct Panther {
    unfiltered: bool,
}

impl Panther {
    /// Reads rules whole.
    pub const fn new() -> Self {
        Self { unfiltered: false }
    }

    /// Reads rules without their `InlineFilters`: the detection as it was shipped, not as it was tuned.
    pub const fn without_filters() -> Self {
        Self { unfiltered: true }
    }
}

/// Kinds of document that are part of a Panther repository and hold no rule.
const HELPERS: &[&str] = &[
    "datamodel",
    "derived",
    "global",
    "lookup_table",
    "pack",
    "saved_query",
    "scheduled_query",
];

/// The name of the format.
const FORMAT: &str = "panther";

impl Frontend for Panther {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn unread(&self, rule: &Rule) -> Vec<String> {
        document::unread(&rule.preserved)
    }

    fn recognises(&self, text: &str) -> bool {
        let before = ['"', '\'', '{', ' '];
        let behind = ['"', '\'', ' '];
        text.match_indices("AnalysisType").any(|(at, key)| {
            let line = text[..at].trim_end_matches(before);
            let rest = text[at + key.len()..].trim_start_matches(behind);
            (line.is_empty() || line.ends_with('\n')) && rest.starts_with(':')
        })
    }

    fn import(&self, id: SourceId, context: &mut Context<'_>) -> Vec<Rule> {
        let Some(text) = context.sources.get(id).map(Source::shared_text) else {
            return Vec::new();
        };
        let documents = match yaml::parse(id, &text) {
            Ok(documents) => documents,
            Err(problem) => {
                context.diagnostics.push(problem);
                return Vec::new();
            }
        };
        documents
            .into_iter()
            .filter_map(|parsed| self.import_document(id, parsed, context))
            .collect()
    }
}

impl Panther {
    /// Gives a correlation the rules that it is about, as far as they are among the inputs and can be read. It is about their
    /// matches, however many make an alert of their own.
    fn embed(self, rule: &mut Rule, context: &mut Context<'_>) {
        let tuning = context.tuning;
        let Some(correlation) = &mut rule.correlation else {
            return;
        };
        let of_alerts = correlation::of_alerts(correlation);
        let members = correlation.members.iter_mut().zip(of_alerts);
        // What an alert is given is not in its events, so that the rule alone does not say what is compared.
        for (member, _) in members.filter(|(_, of_alert)| !of_alert) {
            let Some((path, text)) = tuning.elsewhere.file(&member.rule) else {
                continue;
            };
            // Another correlation may be about this one.
            if text.contains("correlation_rule") {
                continue;
            }
            let id = context.sources.add(path, text);
            let mut unsaid = Diagnostics::new();
            let mut nested = context.for_another(&mut unsaid);
            let found = self.import(id, &mut nested).into_iter();
            let mut found = found.filter(|found| found.metadata.id == member.rule);
            if let Some(found) = found.next() {
                member.alerts = !found.metadata.silent;
                member.definition = Some(Shared::new(Rule {
                    threshold: None,
                    dedup_window: None,
                    tests: SharedVec::EMPTY,
                    variants: Vec::new(),
                    ..found
                }));
            }
        }
    }

    /// The rule of one document, if it holds one that can be read.
    fn import_document(
        self,
        id: SourceId,
        parsed: yaml::Parsed<'_>,
        context: &mut Context<'_>,
    ) -> Option<Rule> {
        let value = parsed.value.map_err(Box::new);
        let read = value.and_then(|value| Fields::read(&parsed.document, value));
        let mut fields = match read {
            Ok(fields) => fields,
            Err(problem) => {
                context.diagnostics.push(*problem);
                return None;
            }
        };
        if self.unfiltered {
            fields.take_value(simple::FILTERS);
        }
        let kind = fields.required::<String>("AnalysisType", context.diagnostics)?;
        match kind.as_str() {
            "rule" | "scheduled_rule" if fields.has("Detection") => {
                simple::import(id, fields, context).map(|rule| told_apart(rule, context.crosswalk))
            }
            "rule" | "scheduled_rule" => rule::import(id, Judged::Events, fields, context)
                .map(|rule| told_apart(rule, context.crosswalk)),
            "policy" => rule::import(id, Judged::Resources, fields, context),
            "correlation_rule" => {
                let mut rule = correlation::import(fields, context)?;
                self.embed(&mut rule, context);
                Some(rule)
            }
            kind if HELPERS.contains(&kind) => None,
            kind => {
                context.diagnostics.push(
                    Diagnostic::error(
                        Code::YamlShape,
                        format!("`AnalysisType` must be a kind that Panther knows, not `{kind}`"),
                    )
                    .at(fields.span("AnalysisType")),
                );
                None
            }
        }
    }
}

/// The rule about the sources that its condition tells from others under their log type.
fn told_apart(mut rule: Rule, crosswalk: &Crosswalk) -> Rule {
    for source in &mut rule.log_sources {
        if let LogSource::Unknown { format, name } = source
            && format == FORMAT
            && let Some(known) = crosswalk.by_part_of_log_type(name, &rule.selection)
        {
            *source = LogSource::known(&known.id);
        }
    }
    rule
}
