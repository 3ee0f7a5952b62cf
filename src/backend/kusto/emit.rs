//! A rule to the files of a target whose rules are queries: one query, one for each of the rule's tables, or one over all of
//! them, as the context wants it.
//!
//! A count over several tables is one only in one query; where it is taken apart, the report says that less is counted together.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::query::Query;
use super::told::Told;
use super::union::Leg;
use super::untold;
use super::written::is_too_long;
use crate::analysis::{Fidelity, Report};
use crate::backend::simplify::{Given, simplify};
use crate::backend::spread::{self, Spread};
use crate::backend::{Artifact, Context, Tables, Translation, sentinel};
use crate::ir::{Rule, Term};

/// The file of a rule on one table.
type One<'o> = dyn Fn(&Rule, &mut Report) -> Option<Artifact> + 'o;

/// The file of a rule with its query.
type Written<'o> = dyn Fn(&Rule, &Query<'_>, &mut Report) -> Option<Artifact> + 'o;

/// The rule's files.
pub(in crate::backend) fn emit(
    rule: &Rule,
    context: &Context<'_>,
    one: &One<'_>,
    written: &Written<'_>,
) -> Translation {
    let one = &|rule: &Rule, report: &mut Report| match Told::of(rule, context) {
        Some(told) => {
            let artifact = one(&told.rule, report)?;
            told.tell(context, report);
            Some(artifact)
        }
        None => one(rule, report),
    };
    let one: &One<'_> = &|rule, report| fitted(rule, context, one, report);
    let together = untold::together(rule, context);
    let left = together.as_ref().map(|(_, left)| left.as_slice());
    let rule = together.as_ref().map_or(rule, |(rule, _)| rule);
    let mut translation = match spread::by_table(rule, context) {
        Spread::Alone(told) => {
            let mut translation = Translation::default();
            let artifact = one(told.as_deref().unwrap_or(rule), &mut translation.report);
            translation.artifacts.extend(artifact);
            translation
        }
        Spread::Apart(legs) => {
            let whole = match context.tables {
                Tables::Union => Some(in_one(rule, context, written)),
                // A count over several tables is whole in one query alone, if that can be written.
                Tables::AsNeeded if rule.threshold.is_some() && legs.len() > 1 => {
                    let whole = in_one(rule, context, written);
                    (!whole.artifacts.is_empty()).then_some(whole)
                }
                Tables::AsNeeded | Tables::Split => None,
            };
            whole.unwrap_or_else(|| apart(rule, &legs, one, context))
        }
    };
    untold::record(rule, left.unwrap_or_default(), &mut translation.report);
    if !translation.artifacts.is_empty() {
        translation.artifacts.extend(sentinel::events(rule));
    }
    translation
}

/// The file of a rule on one table. A query that is too long goes without what takes most room of what is shown: an alert that
/// shows less is worth more than none.
fn fitted(
    rule: &Rule,
    context: &Context<'_>,
    one: &One<'_>,
    report: &mut Report,
) -> Option<Artifact> {
    let mut own = Report::new();
    let mut artifact = one(rule, &mut own);
    let (asking_less, alone);
    let rule = if artifact.is_none() && is_too_long(&own) {
        asking_less = with_less_to_ask(rule, context);
        // What has nothing less to ask is not written again.
        if asking_less != *rule {
            own = Report::new();
            artifact = one(&asking_less, &mut own);
        }
        &asking_less
    } else {
        rule
    };
    let rule = match &rule.alert.dedup {
        Some(_) if artifact.is_none() && rule.dedup_window.is_some() && is_too_long(&own) => {
            alone = apart_from_others(rule);
            own = Report::new();
            artifact = one(&alone, &mut own);
            let reason = "the query would be longer than Sentinel takes; each alert is an incident";
            let origin = rule.alert.origins.dedup.or(rule.origin);
            report.record_shown(Fidelity::Narrower, "dedup", origin, reason);
            &alone
        }
        _ => rule,
    };
    let mut out: BTreeSet<usize> = BTreeSet::new();
    if artifact.is_none()
        && is_too_long(&own)
        && let Some((shorter, told, left)) = showing_less(rule, one)
    {
        (artifact, own, out) = (Some(shorter), told, left);
    }
    report.append(own);
    for at in out {
        let (what, origin) = match rule.outputs.get(at) {
            Some(output) => (format!("output {}", output.name), output.origin),
            None => (TEXTS[at - rule.outputs.len()].to_owned(), rule.origin),
        };
        let reason = "the query would be longer than Sentinel takes";
        report.record_shown(Fidelity::Unsupported, what, origin, reason);
    }
    artifact
}

/// The file that lacks the least of what is shown and is short enough, what is told of it, and what it lacks.
fn showing_less(rule: &Rule, one: &One<'_>) -> Option<(Artifact, Report, BTreeSet<usize>)> {
    let mut longest: Vec<usize> = (0..rule.outputs.len() + TEXTS.len()).collect();
    longest.retain(|at| room(rule, *at) > 0);
    // Of what takes as much room the last one goes first.
    longest.sort_by_cached_key(|at| Reverse((room(rule, *at), *at)));
    let without = |count: usize| {
        let out: BTreeSet<usize> = longest[..count].iter().copied().collect();
        let mut report = Report::new();
        one(&lacking(rule, &out), &mut report).map(|artifact| (artifact, report, out))
    };
    // The fewest whose absence is enough, found by halves: less that is shown is never a longer query.
    let (mut too_few, mut enough) = (0, longest.len());
    let mut found = (enough > 0).then(|| without(enough)).flatten();
    while found.is_some() && enough - too_few > 1 {
        let count = usize::midpoint(too_few, enough);
        match without(count) {
            Some(shorter) => (found, enough) = (Some(shorter), count),
            None => too_few = count,
        }
    }
    found
}

/// The rule that asks nothing again that is decided where it is asked, which takes time to find.
fn with_less_to_ask(rule: &Rule, context: &Context<'_>) -> Rule {
    let types = match rule.log_sources.as_slice() {
        [source] => context.crosswalk.of(source),
        _ => None,
    };
    let given = Given {
        facts: Vec::new(),
        types,
    };
    let mut less = rule.clone();
    simplify(&mut less, &given);
    less
}

/// The rule without the text by which its alerts are put together.
fn apart_from_others(rule: &Rule) -> Rule {
    let mut alone = rule.clone();
    (alone.alert.dedup, alone.dedup_window) = (None, None);
    alone
}

/// What an alert shows beside the outputs, numbered behind them.
const TEXTS: [&str; 3] = ["title", "alert description", "alert severity"];

/// The room that something that is shown takes: that of the term, as far as others are to go before it.
fn room(rule: &Rule, at: usize) -> usize {
    let text = |term: &Term| term.to_string().len();
    match rule.outputs.get(at) {
        Some(output) => text(&output.source),
        // The texts say most, and go late.
        None => text_at(rule, at).map_or(0, text) / 4,
    }
}

fn text_at(rule: &Rule, at: usize) -> Option<&Term> {
    let alert = &rule.alert;
    match at.checked_sub(rule.outputs.len())? {
        0 => alert.title.as_ref(),
        1 => alert.description.as_ref(),
        _ => alert.severity.as_ref(),
    }
}

/// The rule without some of what is shown.
fn lacking(rule: &Rule, out: &BTreeSet<usize>) -> Rule {
    let mut shorter = rule.clone();
    let mut at = 0..;
    let mut is_kept = || !at.next().is_some_and(|at| out.contains(&at));
    shorter.outputs.retain(|_| is_kept());
    let alert = &mut shorter.alert;
    for text in [
        &mut alert.title,
        &mut alert.description,
        &mut alert.severity,
    ] {
        let is_kept = is_kept();
        *text = text.take().filter(|_| is_kept);
    }
    shorter
}

/// A file for each table.
fn apart(rule: &Rule, legs: &[Rule], one: &One<'_>, context: &Context<'_>) -> Translation {
    spread::each(rule, legs, one, context, &mut |done, report| {
        if let Some(threshold) = rule.threshold.as_ref().filter(|_| done.len() > 1) {
            let reason = "the events of each table are counted apart";
            let what = format!("threshold {threshold}");
            report.record_events(Fidelity::Narrower, what, threshold.origin, reason);
        }
        done.into_iter().map(|(_, artifact)| artifact).collect()
    })
}

/// One file over all tables. A query that is too long goes without some outputs.
fn in_one(rule: &Rule, context: &Context<'_>, written: &Written<'_>) -> Translation {
    let one = |rule: &Rule, report: &mut Report| {
        let Spread::Apart(legs) = spread::by_table(rule, context) else {
            return None;
        };
        let mut made = over_all(rule, &legs, context, written);
        report.append(made.report);
        made.artifacts.pop()
    };
    let mut translation = Translation::default();
    let artifact = fitted(rule, context, &one, &mut translation.report);
    translation.artifacts.extend(artifact);
    translation
}

/// The same with everything that is shown.
fn over_all(
    rule: &Rule,
    legs: &[Rule],
    context: &Context<'_>,
    written: &Written<'_>,
) -> Translation {
    let of_leg = |leg, report: &mut Report| Leg::of(leg, context, report);
    spread::each(rule, legs, &of_leg, context, &mut |done, report| {
        let Some((first, _)) = done.first() else {
            return Vec::new();
        };
        let whole = Rule {
            metadata: rule.metadata.clone(),
            ..(*first).clone()
        };
        let parts: Vec<_> = done.into_iter().map(|(_, leg)| leg).collect();
        let query = Query::over(&parts, report);
        let artifact = query.and_then(|query| written(&whole, &query, report));
        artifact.into_iter().collect()
    })
}
