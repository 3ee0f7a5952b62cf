//! What a rule hands on when it matches: output fields with their source, and the values over a counted group.
//!
//! In a rule that is a pipeline, the source is the stage that made the field; the group keys of a `summarize` come first, by
//! name, and its time bin is the threshold's window, not an output. Everywhere else the source is the value itself, blank
//! where it is the field of the same name.

use serde::Serialize;

use crate::ir::{Output, Rule, Stage, Term};

/// One output field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutputField {
    /// Its name.
    pub field: String,
    /// The stage that made it or the value it has; empty for the field of the same name.
    pub source: String,
}

/// A name and the value behind it, in the text form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedValue {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// The output fields, the group keys of a pipeline first.
pub fn output_fields(rule: &Rule) -> Vec<OutputField> {
    let (mut keys, rest): (Vec<&Output>, Vec<&Output>) = rule
        .outputs
        .iter()
        .filter(|output| !is_aggregate(output) && !is_window(output, rule))
        .partition(|output| output.stage == Stage::Summarize);
    keys.sort_by(|a, b| a.name.cmp(&b.name));
    keys.into_iter()
        .chain(rest)
        .map(|output| OutputField {
            field: output.name.clone(),
            source: source(output),
        })
        .collect()
}

/// The values over a counted group that are handed on, in the rule's order.
pub fn aggregates(rule: &Rule) -> Vec<NamedValue> {
    rule.outputs
        .iter()
        .filter(|output| is_aggregate(output))
        .map(|output| NamedValue {
            name: output.name.clone(),
            value: output.source.to_string(),
        })
        .collect()
}

fn source(output: &Output) -> String {
    match output.stage {
        Stage::Summarize | Stage::Extend | Stage::Project | Stage::Expand => {
            output.stage.name().to_owned()
        }
        Stage::AlertContext | Stage::Fields => match &output.source {
            Term::Field(path) if path.to_string() == output.name => String::new(),
            term => term.to_string(),
        },
    }
}

/// Whether the output is a value over the group as the summary made it, and not one computed from such a value later.
fn is_aggregate(output: &Output) -> bool {
    matches!(output.stage, Stage::Summarize | Stage::Expand) && has_aggregate(&output.source)
}

fn has_aggregate(term: &Term) -> bool {
    match term {
        Term::Aggregate { .. } => true,
        Term::Call { arguments, .. } => arguments.iter().any(has_aggregate),
        Term::Choice { cases, otherwise } => {
            has_aggregate(otherwise) || cases.iter().any(|case| has_aggregate(&case.then))
        }
        Term::Field(_) | Term::Item { .. } | Term::Literal(_) | Term::Select { .. } => false,
    }
}

/// Whether the output is the time bin of a summary: the one key by which the threshold does not group.
fn is_window(output: &Output, rule: &Rule) -> bool {
    let grouped = |term: &Term| {
        rule.threshold
            .as_ref()
            .is_none_or(|threshold| threshold.group_by.contains(term))
    };
    output.stage == Stage::Summarize && !grouped(&output.source)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ir::{Aggregate, Comparison, Measure, Metadata, Origin, Threshold, WindowKind};

    fn output(name: &str, source: Term, stage: Stage) -> Output {
        Output {
            name: name.to_owned(),
            source,
            when: None,
            stage,
            origin: Origin::default(),
        }
    }

    fn rows(rule: &Rule) -> Vec<String> {
        output_fields(rule)
            .into_iter()
            .map(|row| format!("{} <- {}", row.field, row.source))
            .collect()
    }

    #[test]
    fn a_field_of_the_same_name_has_a_blank_source() {
        let mut rule = Rule::new(Metadata::default());
        rule.outputs = vec![
            output("eventName", Term::field(["eventName"]), Stage::AlertContext),
            output(
                "userName",
                Term::field(["userIdentity", "userName"]),
                Stage::AlertContext,
            ),
        ];
        assert_eq!(
            rows(&rule),
            ["eventName <- ", "userName <- userIdentity.userName"]
        );
    }

    #[test]
    fn a_summary_gives_its_keys_by_name_without_the_bin() {
        let mut rule = Rule::new(Metadata::default());
        let (arn, account) = (Term::field(["arn"]), Term::field(["account"]));
        rule.threshold = Some(Threshold {
            measure: Measure::Count,
            comparison: Comparison::AtLeast,
            count: 51.0,
            also: None,
            window: Duration::from_secs(600),
            window_kind: WindowKind::Aligned,
            group_by: vec![arn.clone(), account.clone()],
            origin: Origin::default(),
        });
        let count = Term::aggregate(Aggregate::Count, None);
        rule.outputs = vec![
            output("count_", count.clone(), Stage::Summarize),
            output(
                "TimeGenerated",
                Term::field(["eventTime"]),
                Stage::Summarize,
            ),
            output("UserArn", arn, Stage::Summarize),
            output("Account", account, Stage::Summarize),
            output("Double", count, Stage::Extend),
        ];
        assert_eq!(
            rows(&rule),
            [
                "Account <- summarize",
                "UserArn <- summarize",
                "Double <- extend"
            ]
        );
        assert_eq!(aggregates(&rule)[0].value, "count()");
    }
}
