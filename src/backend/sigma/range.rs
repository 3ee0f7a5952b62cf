//! A range of counts, which Sigma's tools take no two comparisons for: a count for each number in it, and one of their alerts.
//!
//! The alerts of the counts are those of the range, at the same times and of the same groups. Refused: a range of measures that are
//! no whole numbers, one without an end, and one of many numbers.

use serde_json::{Map, Value, json};

use super::document::{Document, Names};
use super::predicate::Speller;
use super::{correlation, metadata};
use crate::analysis::Report;
use crate::ir::{Bound, Comparison, Measure, Rule, Threshold};

/// The most numbers of a range.
const MOST: u64 = 16;

/// The thresholds that together are the threshold: itself, where it has one comparison.
fn split(threshold: &Threshold) -> Result<Vec<Threshold>, String> {
    let Some(also) = threshold.also else {
        return Ok(vec![threshold.clone()]);
    };
    let first = Bound {
        comparison: threshold.comparison,
        count: threshold.count,
    };
    let whole = matches!(
        threshold.measure,
        Measure::Count | Measure::DistinctCount(_)
    );
    let refused = || {
        format!(
            "a correlation has one comparison, and a range of more than {MOST} counts, or of what is not counted, has no other form"
        )
    };
    let (Some(least), Some(most), true) = (least(first, also), most(first, also), whole) else {
        return Err(refused());
    };
    if most < least || most - least >= MOST {
        return Err(refused());
    }
    let one = |count: u64| Threshold {
        comparison: Comparison::Equal,
        #[allow(clippy::cast_precision_loss, reason = "a count of a range is small")]
        count: count as f64,
        also: None,
        ..threshold.clone()
    };
    Ok((least..=most).map(one).collect())
}

/// The whole number, if it is one that counts reach.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is compared before it is cast"
)]
fn count(number: f64) -> Option<u64> {
    (0.0..1e15).contains(&number).then_some(number as u64)
}

fn least(first: Bound, also: Bound) -> Option<u64> {
    let of = |bound: Bound| match bound.comparison {
        Comparison::AtLeast => count(bound.count.ceil()),
        Comparison::GreaterThan => count(bound.count.floor() + 1.0),
        Comparison::AtMost | Comparison::LessThan | Comparison::Equal | Comparison::NotEqual => {
            None
        }
    };
    of(first).or(of(also))
}

fn most(first: Bound, also: Bound) -> Option<u64> {
    let of = |bound: Bound| match bound.comparison {
        Comparison::AtMost => count(bound.count.floor()),
        Comparison::LessThan => count(bound.count.ceil() - 1.0),
        Comparison::AtLeast
        | Comparison::GreaterThan
        | Comparison::Equal
        | Comparison::NotEqual => None,
    };
    of(first).or(of(also))
}

/// The sections of what a threshold counts: one, or one for each number of a range.
pub(super) fn counts(
    threshold: &Threshold,
    counted: &str,
    speller: Speller<'_>,
    report: &mut Report,
) -> Option<Vec<Map<String, Value>>> {
    let parts = match split(threshold) {
        Ok(parts) => parts,
        Err(reason) => {
            report.refuse(format!("threshold {threshold}"), threshold.origin, reason);
            return None;
        }
    };
    let sections = parts
        .iter()
        .map(|part| correlation::build(part, counted, speller, report));
    sections.collect()
}

/// The section of the rule's own correlation; the counts of a range are documents before it, under names made of this one.
pub(super) fn written(
    rule: &Rule,
    stem: &str,
    mut counts: Vec<Map<String, Value>>,
    names: &mut Names,
    documents: &mut Vec<Document>,
) -> Map<String, Value> {
    if counts.len() == 1 {
        return counts.pop().unwrap_or_default();
    }
    let called: Vec<String> = counts.iter().map(|_| names.fresh(stem)).collect();
    let title = metadata::title(&rule.metadata);
    let title: String = title.chars().take(180).collect();
    for (name, section) in called.iter().zip(&counts) {
        let id = metadata::count_id(&rule.metadata, name);
        let title = format!("{title} - {name}");
        let mut count = Document::correlating(&title, id, name, section);
        count.follows = true;
        documents.push(count);
    }
    counts
        .first()
        .map_or_else(Map::new, |like| any_of(&called, like))
}

/// The section of a correlation that alerts when one of these does, which have the same groups as it.
fn any_of(names: &[String], like: &Map<String, Value>) -> Map<String, Value> {
    let mut section = Map::new();
    section.insert("type".to_owned(), "event_count".into());
    section.insert("rules".to_owned(), names.into());
    if let Some(groups) = like.get("group-by") {
        section.insert("group-by".to_owned(), groups.clone());
    }
    // The alerts of one moment, at each of them.
    section.insert("timespan".to_owned(), "1s".into());
    section.insert("condition".to_owned(), json!({"gte": 1}));
    section
}
