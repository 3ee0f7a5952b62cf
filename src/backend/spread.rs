//! A rule on several log sources, or on several tables of one, as a rule for each of them.
//!
//! What a rule asks of the log type of its event is answered for each source, and folds away; a source of which that leaves
//! nothing to select has no rule. Each rule has an id that follows from the rule's and the source's, and a name that says the
//! source. Where one of them cannot be expressed and another can, the translation is narrower, and the report says why.

mod legs;
mod narrowing;

use uuid::Uuid;

pub use legs::Legs;
use narrowing::Narrowing;

use super::{Artifact, Context, Translation, file_stem};
use crate::analysis::{Fidelity, Report};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::ir::{LogSource, Rule, SourceName};
use crate::normalize;
use crate::schema::{Crosswalk, LogSourceMap, TableMap};

/// The longest name of a file, without its ending.
const LONGEST: usize = 66;

/// What a rule is where queries read tables.
pub(super) enum Spread {
    /// One rule: with what it asks of the log type answered, or as it is.
    Alone(Option<Box<Rule>>),
    /// A rule for each table.
    Apart(Vec<Rule>),
}

/// The rule for each Sentinel table that its events stand in, as far as the context wants them apart or together.
pub(super) fn by_table(rule: &Rule, context: &Context<'_>) -> Spread {
    let crosswalk = context.crosswalk;
    if super::kusto::is_own(rule) || rule.pipeline.is_some() || rule.correlation.is_some() {
        return Spread::Alone(alone(rule, context).map(Box::new));
    }
    let parts = parts(rule, crosswalk);
    let narrowed = parts
        .iter()
        .filter_map(|source| narrowed(rule, source, context));
    let narrowed: Vec<Rule> = narrowed.collect();
    let mut legs: Vec<Rule> = Vec::new();
    for leg in &narrowed {
        let Some(map) = crosswalk.of(&leg.log_sources[0]) else {
            continue;
        };
        for name in tables(leg, map) {
            let source = LogSource::Known(name);
            if legs.iter().all(|known| known.log_sources[0] != source) {
                legs.push(Rule {
                    log_sources: vec![source],
                    ..leg.clone()
                });
            }
        }
    }
    if legs.len() < 2 && rule.log_sources.len() < 2 {
        return Spread::Alone(only(rule, narrowed).map(Box::new));
    }
    let told = legs.into_iter().map(|leg| {
        let table = crosswalk.table_of(&leg.log_sources[0]);
        let table = table.map_or_else(String::new, |table| table.name.clone());
        told_apart(leg, &table)
    });
    match told.collect::<Vec<Rule>>() {
        none if none.is_empty() => Spread::Alone(None),
        legs => Spread::Apart(legs),
    }
}

/// The names of the source with each table that the rule is written for.
fn tables(leg: &Rule, map: &LogSourceMap) -> Vec<SourceName> {
    if let [LogSource::Known(name)] = leg.log_sources.as_slice()
        && name.table.is_some()
    {
        return vec![name.clone()];
    }
    let Some(first) = map.table_with_fields(leg) else {
        return Vec::new();
    };
    let mut tables = vec![first];
    // Tables with the same events are other ways to the same ones.
    for table in map.tables_for(&leg.selection) {
        let same = |known: &&TableMap| known.has == table.has || known.covers.contains(&table.name);
        if !tables.iter().any(same) {
            tables.push(table);
        }
    }
    let kept = match leg.log_sources.as_slice() {
        [LogSource::Known(name)] => name.columns.as_slice(),
        _ => &[],
    };
    tables
        .into_iter()
        .filter(|table| selects(leg, map, table))
        .map(|table| SourceName {
            columns: kept.to_vec(),
            ..map.name_with(table)
        })
        .collect()
}

/// Whether what the table has leaves the rule something to select in it.
fn selects(leg: &Rule, map: &LogSourceMap, table: &TableMap) -> bool {
    let told = map.told(leg.selection.clone(), table);
    normalize::condition(told).as_constant() != Some(false)
}

/// The rule for each of its log sources; nothing where it has one.
pub(super) fn by_source(rule: &Rule, context: &Context<'_>) -> Vec<Rule> {
    if rule.pipeline.is_some() || rule.correlation.is_some() {
        return Vec::new();
    }
    let parts = parts(rule, context.crosswalk);
    let mut sources: Vec<&LogSource> = Vec::new();
    for source in &parts {
        let is_same = |known: &&LogSource| match (known, source) {
            (LogSource::Known(a), LogSource::Known(b)) => a.id == b.id,
            (known, source) => *known == source,
        };
        if !sources.iter().any(is_same) {
            sources.push(source);
        }
    }
    if sources.len() < 2 {
        return Vec::new();
    }
    let legs = sources.into_iter().filter_map(|source| {
        let leg = narrowed(rule, source, context)?;
        let name = match &leg.log_sources[0] {
            LogSource::Known(name) => name.id.clone(),
            LogSource::Resource { name, .. } | LogSource::Unknown { name, .. } => name.clone(),
        };
        Some(told_apart(leg, &name))
    });
    legs.collect()
}

/// The log sources of the rule, a log type that several sources share as each of them where the condition does not tell which.
fn parts(rule: &Rule, crosswalk: &Crosswalk) -> Vec<LogSource> {
    let each = |source: &LogSource| -> Vec<LogSource> {
        if let LogSource::Unknown { format, name } = source
            && format == "panther"
            && crosswalk
                .by_part_of_log_type(name, &rule.selection)
                .is_none()
        {
            let sources = crosswalk.parts_of_log_type(name);
            let known: Vec<LogSource> = sources.map(|part| LogSource::known(&part.id)).collect();
            if !known.is_empty() {
                return known;
            }
        }
        vec![source.clone()]
    };
    rule.log_sources.iter().flat_map(each).collect()
}

/// What makes the files of the rules that could be translated, each with what became of it.
type Join<'j, 'l, T> = dyn FnMut(Vec<(&'l Rule, T)>, &mut Report) -> Vec<Artifact> + 'j;

/// The translations of each of the rules as one. `joined` makes the files of those that could be translated.
pub(super) fn each<'l, T>(
    rule: &Rule,
    legs: &'l [Rule],
    one: &dyn Fn(&'l Rule, &mut Report) -> Option<T>,
    context: &Context<'_>,
    joined: &mut Join<'_, 'l, T>,
) -> Translation {
    let mut report = Report::new();
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    for leg in legs {
        let mut own = Report::new();
        match one(leg, &mut own) {
            Some(made) => {
                report.append(own);
                done.push((leg, made));
            }
            None => refused.push((leg, own)),
        }
    }
    if done.is_empty() {
        for (_, own) in refused {
            report.append(own);
        }
        return Translation {
            report,
            ..Translation::default()
        };
    }
    for (leg, own) in refused {
        let mut errors = own
            .diagnostics
            .iter()
            .filter(|one| one.severity == Severity::Error);
        let error = errors.next();
        let reason = error.map_or("it cannot be expressed", |error| &error.message);
        let what = format!("source {}", leg.log_sources[0]);
        let reason = format!("its events are not read: {reason}");
        // What the target has no names for, no rule there can read.
        let unknown =
            |error: &Diagnostic| matches!(error.code, Code::UnmappedField | Code::UnmappedSource);
        if error.is_some_and(unknown) {
            report.record(Fidelity::Narrower, what, rule.origin, reason);
        } else {
            report.record_events(Fidelity::Narrower, what, rule.origin, reason);
        }
    }
    not_read(rule, legs, context, &mut report);
    let artifacts = joined(done, &mut report);
    Translation { artifacts, report }
}

/// Reports the sources that no rule is about, though they may have events that the rule selects.
fn not_read(rule: &Rule, legs: &[Rule], context: &Context<'_>, report: &mut Report) {
    for source in &rule.log_sources {
        let is_read = |leg: &Rule| match (&leg.log_sources[0], source) {
            (LogSource::Known(a), LogSource::Known(b)) => a.id == b.id,
            (known, source) => known == source,
        };
        // A log type that a condition makes a known source has its own name there.
        let unknown =
            matches!(source, LogSource::Unknown { .. }) && legs.len() >= rule.log_sources.len();
        if legs.iter().any(is_read) || unknown || narrowed(rule, source, context).is_none() {
            continue;
        }
        let reason = "it has no name here";
        let what = format!("source {source}");
        report.record(Fidelity::Narrower, what, rule.origin, reason);
    }
}

/// The rule under a name and an id of its own.
fn told_apart(mut leg: Rule, source: &str) -> Rule {
    let own = if leg.metadata.id.is_empty() {
        &leg.metadata.name
    } else {
        &leg.metadata.id
    };
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{own} {source}").as_bytes());
    let suffix = source
        .to_lowercase()
        .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let room = LONGEST.saturating_sub(suffix.len() + 1);
    let stem: String = file_stem(&leg).chars().take(room).collect();
    leg.metadata.slug = format!("{}_{suffix}", stem.trim_end_matches('_'));
    leg.metadata.name = format!("{} ({source})", leg.metadata.name);
    leg.metadata.id = id.to_string();
    leg
}

/// The rule on its one source, with what it asks of the log type answered; nothing where that is the rule itself.
pub(super) fn alone(rule: &Rule, context: &Context<'_>) -> Option<Rule> {
    if rule.log_sources.len() != 1 || rule.pipeline.is_some() || rule.correlation.is_some() {
        return None;
    }
    let parts = parts(rule, context.crosswalk);
    let legs = parts
        .iter()
        .filter_map(|source| narrowed(rule, source, context));
    only(rule, legs.collect())
}

/// The one rule that a rule on one source is on its parts; nothing where that is the rule itself.
fn only(rule: &Rule, legs: Vec<Rule>) -> Option<Rule> {
    let [leg] = <[Rule; 1]>::try_from(legs).ok()?;
    (rule.log_sources.len() == 1 && leg != *rule).then_some(leg)
}

/// The rule about the events of one of its sources; nothing where it selects none of them.
fn narrowed(rule: &Rule, source: &LogSource, context: &Context<'_>) -> Option<Rule> {
    let anew = || narrowed_anew(rule, source, context.crosswalk);
    match context.legs {
        Some(legs) => legs.get(rule, source, anew),
        None => anew(),
    }
}

fn narrowed_anew(rule: &Rule, source: &LogSource, crosswalk: &Crosswalk) -> Option<Rule> {
    let log_types = log_types(source, crosswalk);
    let mut leg = Rule {
        log_sources: vec![source.clone()],
        ..rule.clone()
    };
    if !log_types.is_empty() {
        let map = crosswalk.of(source);
        Narrowing::new(log_types, map).rule(&mut leg);
    }
    if leg.selection.as_constant() == Some(false) {
        return None;
    }
    if let Some(map) = crosswalk.of(source)
        && !map.tables().is_empty()
        && !map.tables().iter().any(|table| selects(&leg, map, table))
    {
        return None;
    }
    if let LogSource::Unknown { name, .. } = source
        && let Some(part) = crosswalk.by_part_of_log_type(name, &leg.selection)
    {
        leg.log_sources = vec![LogSource::known(&part.id)];
    }
    Some(leg)
}

/// What Panther calls the source.
fn log_types(source: &LogSource, crosswalk: &Crosswalk) -> Vec<String> {
    match source {
        LogSource::Known(_) => crosswalk.of(source).map_or_else(Vec::new, |map| {
            map.panther.iter().map(|named| named.name.clone()).collect()
        }),
        LogSource::Unknown { format, name } if format == "panther" => vec![name.clone()],
        LogSource::Resource { .. } | LogSource::Unknown { .. } => Vec::new(),
    }
}
