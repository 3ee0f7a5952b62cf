//! The page of a rule as tables: from the rule to typed rows, and from those to sections that the renderers lay out.
//!
//! [`Tables`] is the stable, typed form (its JSON is what `--format json` prints). [`Tables::sections`] gives the same as
//! headed sections in the order of the page, empty ones left out; [`markdown`] and [`csv`] print those. Predicates that follow
//! from the source language are left out of the condition's listing and counted in its note.

pub mod csv;
pub mod markdown;
mod section;

use serde::Serialize;

use super::{
    Coverage, Exclusion, Indicator, NamedValue, OutputField, aggregates, coverage, exclusions,
    indicators, output_fields,
};
use crate::ir::{Condition, Rule, Shared, SharedVec, Threshold, duration};
use crate::schema::AttackTable;

pub use section::{Body, Cell, Section, TABLES, Table};

/// One stage of a pipeline rule, as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StageText {
    /// The stage's word, for example `where`.
    pub operator: String,
    /// Its text.
    pub text: String,
}

/// The condition, one predicate per line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConditionListing {
    /// The lines; nested ones are indented.
    pub lines: Vec<String>,
    /// How many predicates follow from the source language and are not listed.
    pub implied: usize,
    /// The parts of the source that no condition can express, as `construct: text`.
    pub residue: Vec<String>,
}

/// How many matching events make an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ThresholdRow {
    /// What is counted.
    pub measure: String,
    /// The comparison and the number.
    pub count: String,
    /// The window and where it starts.
    pub window: String,
    /// By what the events are grouped.
    pub group_by: Vec<String>,
}

/// One identifier of a thing that the alert is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EntityRow {
    /// The kind of thing.
    pub kind: String,
    /// The identifier's name.
    pub identifier: String,
    /// Its value.
    pub source: String,
}

/// Everything that a rule's page shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tables {
    /// The rule's id.
    pub id: String,
    /// The rule's name.
    pub rule: String,
    /// ATT&CK coverage.
    pub attack: Vec<Coverage>,
    /// The named constants of a pipeline, as written.
    pub parameters: Vec<String>,
    /// The stages of a pipeline.
    pub stages: Vec<StageText>,
    /// The condition.
    pub condition: ConditionListing,
    /// What the rule suppresses.
    pub exclusions: Vec<Exclusion>,
    /// What the rule looks for.
    pub indicators: Vec<Indicator>,
    /// What the rule hands on.
    pub outputs: Vec<OutputField>,
    /// The values over a counted group.
    pub aggregates: Vec<NamedValue>,
    /// When the count alerts.
    pub threshold: Option<ThresholdRow>,
    /// The things that the alert is about.
    pub entities: Vec<EntityRow>,
    /// Named values shown with the alert.
    pub details: Vec<NamedValue>,
}

/// The tables of a rule in normal form.
pub fn tables(rule: &Rule, attack: &AttackTable) -> Tables {
    let listing = rule.listing.clone().unwrap_or_default();
    let entities = rule.entities.iter().flat_map(|entity| {
        entity.identifiers.iter().map(|identifier| EntityRow {
            kind: entity.kind.clone(),
            identifier: identifier.name.clone(),
            source: identifier.source.to_string(),
        })
    });
    let details = rule.alert.details.iter().map(|detail| NamedValue {
        name: detail.name.clone(),
        value: detail.source.to_string(),
    });
    Tables {
        id: rule.metadata.id.clone(),
        rule: rule.metadata.name.clone(),
        attack: coverage(&rule.metadata.attack, attack),
        parameters: listing.parameters,
        stages: listing
            .stages
            .into_iter()
            .map(|(operator, text)| StageText { operator, text })
            .collect(),
        condition: condition_listing(rule),
        exclusions: exclusions(&rule.selection),
        indicators: indicators(&rule.selection),
        outputs: output_fields(rule),
        aggregates: aggregates(rule),
        threshold: rule.threshold.as_ref().map(threshold_row),
        entities: entities.collect(),
        details: details.collect(),
    }
}

fn condition_listing(rule: &Rule) -> ConditionListing {
    let implied = rule
        .selection
        .predicates()
        .iter()
        .filter(|(predicate, _)| predicate.implied.0)
        .count();
    let written = without_implied(&rule.selection).unwrap_or(Condition::TRUE);
    let residue = rule
        .unsaid()
        .map(|residue| format!("{}: {}", residue.construct, residue.text.trim()));
    ConditionListing {
        lines: match &rule.correlation {
            Some(correlation) => correlation.lines(),
            None => written.lines(),
        },
        implied,
        residue: residue.collect(),
    }
}

/// The condition as written: without the predicates that follow from the source language; `None` where nothing else is left.
fn without_implied(condition: &Condition) -> Option<Condition> {
    let kept = |parts: &[Condition]| -> Vec<Condition> {
        parts.iter().filter_map(without_implied).collect()
    };
    let joined = |parts: &[Condition], join: fn(SharedVec<Condition>) -> Condition| {
        let mut left = kept(parts);
        match left.len() {
            0 if !parts.is_empty() => None,
            1 => left.pop(),
            _ => Some(join(left.into())),
        }
    };
    match condition {
        Condition::All(parts) => joined(parts, Condition::All),
        Condition::Any(parts) => joined(parts, Condition::Any),
        Condition::Not(inner) => {
            without_implied(inner).map(|inner| Condition::Not(Shared::new(inner)))
        }
        Condition::Test(predicate) => (!predicate.implied.0).then(|| condition.clone()),
        Condition::Items {
            quantifier,
            list,
            body,
        } => Some(Condition::Items {
            quantifier: *quantifier,
            list: list.clone(),
            body: Shared::new(without_implied(body).unwrap_or(Condition::TRUE)),
        }),
    }
}

fn threshold_row(threshold: &Threshold) -> ThresholdRow {
    ThresholdRow {
        measure: threshold.measure.to_string(),
        count: threshold.bounds(),
        window: format!(
            "{} ({})",
            duration(threshold.window),
            threshold.window_kind.name()
        ),
        group_by: threshold.group_by.iter().map(ToString::to_string).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Attack, Literal, Metadata, Object, Operator, Predicate, StageListing, Term};

    fn equals(field: &str, value: &str) -> Predicate {
        let object = Object::Literal(Literal::text(value));
        Predicate::new(Term::field([field]), Operator::Equals, object)
    }

    fn page(rule: &Rule) -> String {
        markdown::render(&tables(rule, AttackTable::builtin()), &[])
    }

    #[test]
    fn a_page_has_the_sections_in_order_and_no_empty_one() {
        let mut rule = Rule::new(Metadata {
            name: "A | B".to_owned(),
            attack: vec![Attack {
                tactic: Some("TA0007".to_owned()),
                technique: Some("T1526".to_owned()),
            }],
            ..Metadata::default()
        });
        rule.listing = Some(StageListing {
            parameters: vec!["let n = 1;".to_owned()],
            stages: vec![("source".to_owned(), "T".to_owned())],
        });
        rule.selection = Condition::All(
            vec![
                equals("a", "x|`y`\nz").into(),
                equals("b", "1").implied().into(),
                Condition::Not(Shared::new(equals("c", "2").into())),
            ]
            .into(),
        );
        let expected = "# A \\| B\n\n## ATT&CK coverage\n\n| Tactic | Techniques |\n|---|---|\n\
            | Discovery | T1526 Cloud Service Discovery |\n\n\
            ## Stages and Predicates\n\n### Parameters\n\n```\nlet n = 1;\n```\n\n### Stage 1: source\n\n```\nT\n```\n\n\
            ## Condition\n\n```\na eq \"x|`y`\\nz\"\nc not eq \"2\"\n```\n\n\
            1 further predicate follows from the source language (a guard against a missing value or a wrong type) and is \
            not listed.\n\n\
            ## Exclusions\n\n| Field | Kind | Excluded values |\n|---|---|---|\n| `c` | eq | `2` |\n\n\
            ## Indicators\n\n| Field | Kind | Values |\n|---|---|---|\n| `a` | eq | ``x\\|`y`␊z`` |\n";
        assert_eq!(page(&rule), expected);
    }

    #[test]
    fn json_keeps_every_section() {
        let rule = Rule::new(Metadata::default());
        let json = serde_json::to_value(tables(&rule, AttackTable::builtin())).unwrap();
        assert_eq!(json["condition"]["lines"], serde_json::json!(["always"]));
        assert_eq!(json["indicators"], serde_json::json!([]));
        assert!(json["threshold"].is_null());
    }
}
