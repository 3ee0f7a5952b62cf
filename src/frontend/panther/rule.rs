//! A `rule` document and its Python file to a rule.

use std::path::{Path, PathBuf};

use super::Context;
use super::document::Fields;
use super::execute::{Executor, Exit, Modules, Purpose, Stop, Way, depth, settle};
use super::{output, threshold};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Condition, LogSource, Residue, ResidueEffect, Rule};
use crate::schema::Crosswalk;
use crate::source::{SourceId, Span, TextRange};

/// How deep a condition may be, so that no walk over it exhausts the stack.
const DEPTH: usize = 120;

/// The rule of the document, or nothing where it cannot be read whole.
pub(super) fn import(
    id: SourceId,
    mut fields: Fields<'_>,
    context: &mut Context<'_>,
) -> Option<Rule> {
    let path = context
        .sources
        .get(id)
        .map_or_else(PathBuf::new, |source| source.path().to_owned());
    let metadata = fields.metadata(context.diagnostics);
    let filename: Option<String> = fields.required("Filename", context.diagnostics);
    let (metadata, filename) = (metadata?, filename?);
    let mut rule = Rule::new(metadata);
    rule.origin = fields.whole().into();
    rule.log_sources = log_sources(&mut fields, context.diagnostics);
    rule.residue = scheduled_queries(&mut fields, context.diagnostics);
    let counts = threshold::Counts::take(&mut fields, context.diagnostics);
    rule.tests = fields.tests(context.diagnostics);
    let named_at = fields.span("Filename");
    rule.preserved = fields.leftover(context.diagnostics);
    let python = path.parent().unwrap_or(Path::new("")).join(filename);
    let modules = match Modules::read(&python, named_at, context) {
        Ok(modules) => modules,
        Err(problem) => {
            context.diagnostics.push(*problem);
            return None;
        }
    };
    match lower(rule, &counts, &modules, context.diagnostics) {
        Ok(rule) => Some(rule),
        Err(problem) => {
            context.diagnostics.push(*problem);
            None
        }
    }
}

/// Fills in what the Python says.
fn lower(
    mut rule: Rule,
    counts: &threshold::Counts,
    modules: &Modules,
    diagnostics: &mut Diagnostics,
) -> Result<Rule, Box<Diagnostic>> {
    let mut executor = Executor::new(modules);
    if !executor.defines("rule") {
        let file = Span::new(modules.get(Modules::MAIN).source, TextRange::new(0, 0));
        return Err(Box::new(
            Diagnostic::error(
                Code::PythonMissingFunction,
                "the file must define a function `rule(event)`",
            )
            .at(file),
        ));
    }
    let exits = executor.run("rule", Purpose::Verdict)?;
    rule.selection = selection(&mut executor, exits)?;
    if let [source] = rule.log_sources.as_slice()
        && let Some(known) = Crosswalk::builtin().of(source)
    {
        rule.selection = known.rule_out(rule.selection);
    }
    for remark in executor.remarks.drain(..) {
        diagnostics.push(remark);
    }
    let (unique, ungrouped) = output::lower(&mut rule, &mut executor, diagnostics);
    executor.remarks.clear();
    counts.apply(&mut rule, unique, ungrouped)?;
    Ok(rule)
}

/// When the function returns `True`: the ways out in their order, an exception being no match.
fn selection<'m>(
    executor: &mut Executor<'m>,
    exits: Vec<Exit<'m>>,
) -> Result<Condition, Box<Diagnostic>> {
    let mut selection = Condition::FALSE;
    for exit in exits.into_iter().rev() {
        let verdict = match exit.way {
            Way::Raise(_) => Condition::FALSE,
            Way::Return(value) => match executor.verdict(&value) {
                Ok(verdict) => verdict,
                Err(Stop::Refused(problem)) => return Err(problem),
                Err(Stop::Dead) => Condition::FALSE,
            },
        };
        selection = super::execute::mix(exit.when, verdict, selection);
    }
    if depth(&selection) > DEPTH {
        return Err(Box::new(Diagnostic::error(
            Code::PythonBudget,
            "the rule must expand to a less deeply nested condition",
        )));
    }
    Ok(settle(selection, 0))
}

/// The log types as sources of the crosswalk.
fn log_sources(fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Vec<LogSource> {
    let types: Vec<String> = fields.take("LogTypes", diagnostics).unwrap_or_default();
    let mut sources: Vec<LogSource> = Vec::new();
    for name in types {
        let source = match Crosswalk::builtin().by_log_type(&name) {
            Some(known) => LogSource::Known(known.id.clone()),
            None => LogSource::Unknown {
                format: "panther".to_owned(),
                name,
            },
        };
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources
}

/// The queries whose rows a scheduled rule judges; what they select is not read.
fn scheduled_queries(fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Vec<Residue> {
    let origin = fields
        .span("ScheduledQueries")
        .map_or_else(Default::default, Into::into);
    let queries: Vec<String> = fields
        .take("ScheduledQueries", diagnostics)
        .unwrap_or_default();
    queries
        .into_iter()
        .map(|text| Residue {
            format: "panther".to_owned(),
            construct: "scheduled query".to_owned(),
            text,
            effect: ResidueEffect::Unknown,
            origin,
        })
        .collect()
}
