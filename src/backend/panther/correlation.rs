//! Correlations as Panther's `Detection` of a correlation rule, and their tests as `RuleOutputs`.
//!
//! Read back, the document is the same correlation. Refused: times that are no whole minutes.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::analysis::{Fidelity, Report};
use crate::ir::{
    Correlation, EvaluationOrder, FieldPath, Interval, Member, Pattern, RuleTest, Runs, SameValue,
    Segment, Transition,
};

/// The value of the key `Detection`; `None` where the report says what Panther cannot express.
pub(super) fn detection(correlation: &Correlation, report: &mut Report) -> Option<Value> {
    match entry(correlation) {
        Ok(entry) => {
            for member in &correlation.members {
                report.exact(format!("matches of {}", member.rule), correlation.origin);
            }
            Some(json!([entry]))
        }
        Err(reason) => {
            report.refuse("correlation", correlation.origin, reason);
            None
        }
    }
}

/// The one value that Panther correlates by, if there is one; the members must be rules of Panther.
fn common(correlation: &Correlation) -> Result<Option<&SameValue>, &'static str> {
    let foreign = |member: &Member| {
        let definition = member.definition.as_deref();
        definition.is_some_and(|rule| rule.preserved.format != "panther")
    };
    if correlation.members.iter().any(foreign) {
        return Err("a correlation of Panther is about rules that stand in files of their own");
    }
    match correlation.same.as_slice() {
        [] => Ok(None),
        [same] => Ok(Some(same)),
        [_, _, ..] => Err("Panther correlates by one value"),
    }
}

fn entry(correlation: &Correlation) -> Result<Value, &'static str> {
    let mut entry = Map::new();
    let mut put = |key: &str, value: Value| entry.insert(key.to_owned(), value);
    let same = common(correlation)?;
    let members: Value = correlation.members.iter().map(member).collect();
    match &correlation.pattern {
        Pattern::Count { .. } => {
            return Err(
                "Panther correlates matches and does not count those of several rules together",
            );
        }
        Pattern::Group { least: Some(_) } => {
            return Err("Panther asks for a match of every member of a group");
        }
        Pattern::Group { least: None } => {
            put("Group", members);
            if let Some(same) = same {
                let pairs = correlation.members.iter().zip(&same.fields);
                let fields: Value = pairs
                    .map(|(member, field)| json!({"GroupID": member.name, "Match": path(field)}))
                    .collect();
                put("MatchCriteria", json!({ &same.name: fields }));
            }
        }
        Pattern::Sequence { transitions } => {
            put("Sequence", members);
            let steps = transitions.iter().zip(correlation.members.windows(2));
            let steps = steps.enumerate().map(|(at, (step, pair))| {
                let common = same.and_then(|same| same.fields.get(at..at + 2));
                transition(&on_fields(step, common)?, &pair[0].name, &pair[1].name)
            });
            put("Transitions", steps.collect::<Result<Value, _>>()?);
        }
    }
    match correlation.order {
        None => {}
        Some(EvaluationOrder::Chronological) => {
            put("EventEvaluationOrder", "Chronological".into());
        }
        Some(EvaluationOrder::ReverseChronological) => {
            put("EventEvaluationOrder", "ReverseChronological".into());
        }
    }
    put(
        "LookbackWindowMinutes",
        minutes(correlation.window.as_secs())?,
    );
    if let Some(runs) = &correlation.schedule {
        put("Schedule", schedule(runs)?);
    }
    Ok(entry.into())
}

fn member(member: &Member) -> Value {
    let mut written = Map::new();
    written.insert("ID".to_owned(), member.name.clone().into());
    written.insert("RuleID".to_owned(), member.rule.clone().into());
    if member.least != 1 {
        written.insert("MinMatchCount".to_owned(), member.least.into());
    }
    if let Some(most) = member.most {
        written.insert("MaxMatchCount".to_owned(), most.into());
    }
    if member.absent {
        written.insert("Absence".to_owned(), true.into());
    }
    written.into()
}

fn schedule(runs: &Runs) -> Result<Value, &'static str> {
    let mut written = Map::new();
    let (key, every) = match &runs.every {
        Interval::Seconds(seconds) => ("RateMinutes", minutes(*seconds)?),
        Interval::Cron(text) => ("CronExpression", text.clone().into()),
    };
    written.insert(key.to_owned(), every);
    if let Some(timeout) = runs.timeout {
        written.insert("TimeoutMinutes".to_owned(), minutes(timeout)?);
    }
    Ok(written.into())
}

/// The step on the fields that all members have in common, which Panther says of each step.
fn on_fields(step: &Transition, common: Option<&[FieldPath]>) -> Result<Transition, &'static str> {
    let mut step = step.clone();
    if let Some([from, to]) = common {
        let fields = (from.clone(), to.clone());
        if step.fields.replace(fields).is_some() {
            return Err("Panther takes a step on one pair of fields");
        }
    }
    Ok(step)
}

fn transition(step: &Transition, from: &str, to: &str) -> Result<Value, &'static str> {
    let mut written = Map::new();
    if let Some(name) = &step.name {
        written.insert("ID".to_owned(), name.clone().into());
    }
    written.insert("From".to_owned(), from.into());
    written.insert("To".to_owned(), to.into());
    if let Some(within) = step.within {
        written.insert("WithinTimeFrameMinutes".to_owned(), minutes(within)?);
    }
    if let Some((before, after)) = &step.fields {
        let fields = if before == after {
            json!({"On": path(before)})
        } else {
            json!({"From": path(before), "To": path(after)})
        };
        written.insert("Match".to_owned(), json!([fields]));
    }
    Ok(written.into())
}

fn minutes(seconds: u64) -> Result<Value, &'static str> {
    let minutes = Duration::from_secs(seconds).as_secs() / 60;
    if seconds.is_multiple_of(60) {
        Ok(minutes.into())
    } else {
        Err("Panther counts in whole minutes")
    }
}

/// The path in Panther's spelling.
fn path(path: &FieldPath) -> String {
    let keys = path.segments.iter().enumerate();
    let written = keys.map(|(at, segment)| match segment {
        Segment::Each => "[*]".to_owned(),
        other => {
            let one = FieldPath::root().join(other.clone()).to_string();
            let dot = if at > 0 && matches!(other, Segment::Key(_)) {
                "."
            } else {
                ""
            };
            format!("{dot}{one}")
        }
    });
    written.collect()
}

/// The value of the key `RuleOutputs`; `None` where the event is not one of a correlation.
pub(super) fn outputs(test: &RuleTest, report: &mut Report) -> Option<Value> {
    let Some(members) = test.event.as_object() else {
        let what = format!("test {}", test.name);
        let reason = "Panther takes only matches by member and field";
        report.record(Fidelity::Unsupported, what, test.origin, reason);
        return None;
    };
    let outputs = members.iter().map(|(member, fields)| {
        let fields = fields.as_object().into_iter().flatten();
        let matches: Map<String, Value> = fields
            .map(|(field, values)| {
                let field = FieldPath::parse(field).map_or_else(|_| field.clone(), |it| path(&it));
                (field, values.clone())
            })
            .collect();
        json!({"ID": member, "Matches": matches})
    });
    Some(outputs.collect())
}
