//! A `rule` document and its Python file to a rule.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::document::{Fields, Mocks};
use super::execute::{Exception, Executor, Exit, Modules, Purpose, Stop, Way, depth, is_of};
use super::{Context, Undecided};
use super::{model, output, query, simple, threshold};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Condition, LogSource, Rule, RuleTest, Variant};
use crate::schema::Crosswalk;
use crate::source::{SourceId, Span, TextRange};

/// How deep a condition may be, so that no walk over it exhausts the stack.
pub(super) const DEPTH: usize = 120;

/// What a detection judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// Events, by `rule(event)`, which returns `True` for an alert.
    Events,
    /// The state of resources, by `policy(resource)`, which returns `False` for an alert.
    Resources,
}

impl Judged {
    /// The function, and what it returns for an alert.
    fn function(self) -> (&'static str, bool) {
        match self {
            Self::Events => ("rule", true),
            Self::Resources => ("policy", false),
        }
    }
}

/// The rule of the document, or nothing where it cannot be read whole.
pub(super) fn import(
    id: SourceId,
    judged: Judged,
    mut fields: Fields<'_>,
    context: &mut Context<'_>,
) -> Option<Rule> {
    if judged == Judged::Resources {
        fields.judge_resources();
    }
    let path = context
        .sources
        .get(id)
        .map_or_else(PathBuf::new, |source| source.path().to_owned());
    let metadata = fields.metadata(context.diagnostics);
    let filename: Option<String> = fields.required("Filename", context.diagnostics);
    let (metadata, filename) = (metadata?, filename?);
    let mut rule = Rule::new(metadata);
    rule.origin = fields.whole().into();
    rule.log_sources = match judged {
        Judged::Events => log_sources(&mut fields, context.crosswalk, context.diagnostics),
        Judged::Resources => resources(&mut fields, context.diagnostics),
    };
    let is_scheduled = fields.has("ScheduledQueries");
    rule.residue = query::read(id, &mut fields, context);
    let counts = threshold::Counts::take(&mut fields, context.diagnostics);
    let filter = simple::filter(&mut fields, context.diagnostics)?;
    let tests = fields.tests_with_mocks(context.diagnostics);
    let named_at = fields.span("Filename");
    rule.preserved = fields.leftover(context.diagnostics);
    let python = path.parent().unwrap_or(Path::new("")).join(filename);
    let mut modules = match Modules::read(&python, named_at, context) {
        Ok(modules) => modules,
        Err(problem) => {
            context.diagnostics.push(*problem);
            return None;
        }
    };
    if judged == Judged::Events && !is_scheduled && modules.mention("udm", context) {
        let tested = tests.iter().map(|(test, _)| &test.event);
        let log_types = log_types(&rule, context.crosswalk, tested);
        modules.models = model::read(&log_types, &path, &mut modules, context);
    }
    let source = Lowering {
        judged,
        filter,
        modules: &modules,
        crosswalk: context.crosswalk,
    };
    source.whole(rule, &counts, tests, context)
}

/// What a rule's Python is lowered with.
struct Lowering<'l> {
    judged: Judged,
    filter: Condition,
    modules: &'l Modules,
    crosswalk: &'l Crosswalk,
}

/// That a test cannot be judged under what it replaces.
fn unjudged(test: &RuleTest, problem: &Diagnostic) -> Diagnostic {
    let message = format!("the test is not judged: {}", problem.message);
    Diagnostic::note(Code::TestShape, message).at(test.origin.0)
}

/// Adds a test that replaces something; where that makes no difference, it is a test like any other.
fn add_variant(rule: &mut Rule, test: RuleTest, varied: &Rule) {
    if varied.selection == rule.selection
        && varied.alert == rule.alert
        && varied.outputs == rule.outputs
    {
        rule.tests.push(test);
        return;
    }
    rule.variants.push(Variant {
        test,
        selection: varied.selection.clone(),
        alert: varied.alert.clone(),
        outputs: varied.outputs.clone(),
    });
}

/// What the Python says beside what a rule holds.
struct Said {
    /// What `unique()` returns.
    counted: threshold::Lowered,
    /// Why the text that a threshold groups by could not be expressed, if it could not.
    ungrouped: Option<Box<Diagnostic>>,
    /// When the verdict depends on more than the event, and on what.
    open: Option<(Condition, Diagnostic)>,
}

impl Lowering<'_> {
    /// The rule with what the Python says and its tests; nothing where it is refused.
    fn whole(
        &self,
        mut rule: Rule,
        counts: &threshold::Counts,
        tests: Vec<(RuleTest, Mocks)>,
        context: &mut Context<'_>,
    ) -> Option<Rule> {
        let written = rule.clone();
        let lowered = self
            .lower(&mut rule, &Mocks::new(), context.diagnostics)
            .and_then(|said| {
                counts.apply(&mut rule, said.counted, said.ungrouped)?;
                Ok(said.open)
            });
        let open = match lowered {
            Ok(open) => open,
            Err(problem) => {
                context.diagnostics.push(*problem);
                return None;
            }
        };
        self.add_tests(&mut rule, tests, &written, context.diagnostics);
        let Some((when, problem)) = open else {
            return Some(rule);
        };
        context.diagnostics.push(problem);
        context.undecided.push(Undecided { rule, when });
        None
    }

    /// Fills in what the Python says, with the mocks in place of its names.
    fn lower(
        &self,
        rule: &mut Rule,
        mocks: &Mocks,
        diagnostics: &mut Diagnostics,
    ) -> Result<Said, Box<Diagnostic>> {
        let (judged, modules) = (self.judged, self.modules);
        let mut executor = Executor::new(modules);
        if judged == Judged::Resources {
            executor.judge_resource();
        }
        executor.replace(mocks);
        if judged == Judged::Resources {
            executor.scan();
        }
        if !executor.defines(judged.function().0) {
            let file = Span::new(modules.get(Modules::MAIN).source, TextRange::new(0, 0));
            return Err(Box::new(
                Diagnostic::error(
                    Code::PythonMissingFunction,
                    match judged {
                        Judged::Events => "the file must define a function `rule(event)`",
                        Judged::Resources => "the file must define a function `policy(resource)`",
                    },
                )
                .at(file),
            ));
        }
        let (matches, unknown) = selection(&mut executor, judged)?;
        let unknown = self.filter.clone().and(unknown);
        rule.selection = self.filter.clone().and(matches);
        let known = match rule.log_sources.as_slice() {
            [source] => self.crosswalk.of(source),
            _ => None,
        };
        if let Some(known) = known {
            let selection = std::mem::replace(&mut rule.selection, Condition::TRUE);
            rule.selection = known.rule_out(selection);
        }
        let remarks = std::mem::take(&mut executor.remarks);
        let mut said = Diagnostics::new();
        let problem = executor.outside.first().cloned();
        let open = problem.filter(|_| unknown.as_constant() != Some(false));
        let (counted, ungrouped) = output::lower(rule, known, &mut executor, &mut said);
        // With mocks there is one event only.
        if mocks.is_empty() && executor.forget_earlier() {
            // A second look, at an event after another: nothing that this one left may be read.
            selection(&mut executor, judged)?;
        }
        for remark in remarks {
            diagnostics.push(remark);
        }
        diagnostics.extend(said);
        Ok(Said {
            counted,
            ungrouped,
            open: open.map(|problem| (unknown, problem)),
        })
    }

    /// Adds the tests; those that replace something are judged by what the Python says then. It is read once for all tests that
    /// replace the same.
    fn add_tests(
        &self,
        rule: &mut Rule,
        tests: Vec<(RuleTest, Mocks)>,
        written: &Rule,
        diagnostics: &mut Diagnostics,
    ) {
        let mut read: Vec<(Mocks, Result<Rule, Box<Diagnostic>>)> = Vec::new();
        for (test, mocks) in tests {
            if mocks.is_empty() {
                rule.tests.push(test);
                continue;
            }
            let known = read.iter().position(|(other, _)| *other == mocks);
            let at = known.unwrap_or_else(|| {
                let varied = self.varied(&mocks, written);
                read.push((mocks, varied));
                read.len() - 1
            });
            match &read[at].1 {
                Ok(varied) => add_variant(rule, test, varied),
                Err(problem) => diagnostics.push(unjudged(&test, problem)),
            }
        }
    }

    /// The rule with the mocks in place of its names, or why no test can be judged with them.
    fn varied(&self, mocks: &Mocks, written: &Rule) -> Result<Rule, Box<Diagnostic>> {
        let mut varied = written.clone();
        let said = self.lower(&mut varied, mocks, &mut Diagnostics::new())?;
        match said.open {
            Some((_, problem)) => Err(Box::new(problem)),
            None => Ok(varied),
        }
    }
}

/// When the rule matches, and when that depends on more than the event: for each log type with a data model that the rule asks for, and for all other events.
fn selection(
    executor: &mut Executor<'_>,
    judged: Judged,
) -> Result<(Condition, Condition), Box<Diagnostic>> {
    let (function, alerting) = judged.function();
    let mut unknown = Condition::FALSE;
    let mut cases: Vec<(Vec<&str>, Condition)> = Vec::new();
    let mut otherwise = Condition::FALSE;
    let exits = executor.run_each(function, Purpose::Verdict);
    let exits = exits.map_err(|problem| Box::new(executor.essential(function, *problem)))?;
    for (log_type, exits) in &exits {
        let verdict = matched(executor, exits, alerting)?;
        unknown = unknown.or(undecided(exits));
        let Some(log_type) = *log_type else {
            otherwise = verdict;
            continue;
        };
        match cases.iter_mut().find(|(_, other)| *other == verdict) {
            Some((log_types, _)) => log_types.push(log_type),
            None => cases.push((vec![log_type], verdict)),
        }
    }
    executor.go_on(&exits, Some(!alerting))?;
    cases.retain(|(_, verdict)| *verdict != otherwise);
    let others: Vec<&str> = cases.iter().flat_map(|(types, _)| types).copied().collect();
    let otherwise = is_of(&others).negate().and(otherwise);
    let matches = cases
        .iter()
        .map(|(log_types, verdict)| is_of(log_types).and(verdict.clone()))
        .chain([otherwise])
        .fold(Condition::FALSE, Condition::or);
    Ok((matches, unknown))
}

/// When the function's verdict depends on more than the event.
fn undecided(exits: &[Exit<'_>]) -> Condition {
    let is_outside = |exit: &Exit<'_>| matches!(exit.way, Way::Raise(Exception::OUTSIDE));
    if !exits.iter().any(is_outside) {
        return Condition::FALSE;
    }
    exits.iter().rev().fold(Condition::FALSE, |after, exit| {
        let here = Condition::constant(is_outside(exit));
        super::execute::mix(exit.when.clone(), here, after)
    })
}

/// When the function returns what makes an alert: the ways out in their order, an exception being no match.
fn matched<'m>(
    executor: &mut Executor<'m>,
    exits: &[Exit<'m>],
    alerting: bool,
) -> Result<Condition, Box<Diagnostic>> {
    let mut selection = Condition::FALSE;
    for exit in exits.iter().rev() {
        let verdict = match &exit.way {
            Way::Raise(_) => Condition::FALSE,
            Way::Return(value) => match executor.verdict(value, alerting) {
                Ok(verdict) => verdict,
                Err(Stop::Refused(problem)) => return Err(problem),
                Err(Stop::Dead) => Condition::FALSE,
            },
        };
        selection = super::execute::mix(exit.when.clone(), verdict, selection);
    }
    let selection = super::execute::asked_once(selection);
    if depth(&selection) > DEPTH {
        return Err(Box::new(Diagnostic::error(
            Code::PythonBudget,
            "the rule must expand to a less deeply nested condition",
        )));
    }
    Ok(selection)
}

/// The log types of the events that the rule meets, those of its own tests included.
fn log_types<'t>(
    rule: &Rule,
    crosswalk: &Crosswalk,
    tested: impl Iterator<Item = &'t Value>,
) -> Vec<String> {
    let own = rule.log_sources.iter().flat_map(|source| match source {
        LogSource::Known(_) => crosswalk.of(source).map_or_else(Vec::new, |known| {
            known.log_types().map(str::to_owned).collect()
        }),
        LogSource::Unknown { name, .. } => vec![name.clone()],
        LogSource::Resource { .. } => Vec::new(),
    });
    let tested = tested.filter_map(|event| {
        let log_type = event.get("p_log_type")?.as_str()?;
        Some(log_type.to_owned())
    });
    let mut types: Vec<String> = Vec::new();
    for log_type in own.chain(tested) {
        if !types.contains(&log_type) {
            types.push(log_type);
        }
    }
    types
}

/// The log types as sources of the crosswalk.
pub(super) fn log_sources(
    fields: &mut Fields<'_>,
    crosswalk: &Crosswalk,
    diagnostics: &mut Diagnostics,
) -> Vec<LogSource> {
    let types: Vec<String> = fields.take("LogTypes", diagnostics).unwrap_or_default();
    let mut sources: Vec<LogSource> = Vec::new();
    for name in types {
        let source = match crosswalk.by_log_type(&name) {
            Some(known) => LogSource::known(&known.id),
            None => LogSource::Unknown {
                format: super::FORMAT.to_owned(),
                name,
            },
        };
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources
}

/// The types of resource that a policy judges.
fn resources(fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Vec<LogSource> {
    let types: Vec<String> = fields
        .take("ResourceTypes", diagnostics)
        .unwrap_or_default();
    let resource = |name| LogSource::Resource {
        format: super::FORMAT.to_owned(),
        name,
    };
    types.into_iter().map(resource).collect()
}
