//! What both sides were asked about, as an engine that runs the target's rules gets it, and what the rule says of it.
//!
//! Each case is an event, or several in time. An event is the row of a table, or stands under the names that the target's rules use.
//! What the alert of a matching event says is what the evaluator shows of it.

use serde::Serialize;
use serde_json::Value;

use super::counts::{Sequence, timed};
use super::view::{NOW, View};
use crate::analysis::Claim;
use crate::backend::Backend;
use crate::eval::{self, Shown};
use crate::ir::{Measure, Rule, Term};

/// A question to an engine, and the rule's answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Case {
    /// The table whose rows the events are; nothing where they are what the target's rules get.
    pub table: Option<String>,
    /// What is asked.
    #[serde(flatten)]
    pub asked: Asked,
}

/// What a case asks.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Asked {
    /// Whether the rule selects the event.
    Event {
        /// The event.
        event: Value,
        /// Whether it does.
        matches: bool,
        /// What the alert says, where it does.
        shown: Option<Box<Reading>>,
        /// The name of the rule's own test that it is, if it is one.
        test: Option<String>,
    },
    /// Whether the events together make an alert.
    Sequence {
        /// What the sequence shows.
        what: &'static str,
        /// The events, each with its time in seconds since 1970.
        events: Vec<(i64, Value)>,
        /// Whether they do.
        alerts: bool,
        /// How the translation may differ.
        claimed: Claim,
    },
}

/// What the rule says of an event that it selects.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reading {
    /// What the alert says; of the outputs, those that are about one event.
    #[serde(flatten)]
    pub alert: Shown,
    /// The values by which events are counted together; nothing where none are counted.
    pub group: Option<Vec<Option<Value>>>,
    /// The value that is measured.
    pub measured: Option<Value>,
}

impl Case {
    /// The question about one event: as the engine gets it, and as the rule sees it.
    pub(super) fn event(
        rule: &Rule,
        (table, event): (Option<&str>, Value),
        own: &Value,
        matches: bool,
        test: Option<&str>,
    ) -> Self {
        Self {
            table: table.map(str::to_owned),
            asked: Asked::Event {
                event,
                matches,
                shown: matches.then(|| Box::new(reading(rule, own))),
                test: test.map(str::to_owned),
            },
        }
    }

    /// The question about events in time; nothing where one of them is none of the target's.
    pub(super) fn sequence(
        view: &View<'_>,
        target: &dyn Backend,
        sequence: &Sequence,
        alerts: bool,
        claimed: Claim,
    ) -> Option<Self> {
        let mut events = Vec::new();
        let mut table = None;
        for (time, event) in &sequence.events {
            let event = timed(view, *time, event)?;
            let (of, given) = view.given(target, &event)?;
            table = of.map(str::to_owned);
            events.push((*time, given));
        }
        Some(Self {
            table,
            asked: Asked::Sequence {
                what: sequence.what,
                events,
                alerts,
                claimed,
            },
        })
    }
}

fn reading(rule: &Rule, event: &Value) -> Reading {
    let mut alert = eval::shown_at(rule, event, NOW);
    alert.outputs.retain(|name, _| {
        let mut outputs = rule.outputs.iter();
        !outputs.any(|output| output.name == *name && is_of_groups(&output.source))
    });
    let threshold = rule.threshold.as_ref();
    Reading {
        alert,
        group: threshold.map(|threshold| {
            let group = threshold.group_by.iter();
            group.map(|term| eval::value(term, event)).collect()
        }),
        measured: threshold.and_then(|threshold| match &threshold.measure {
            Measure::Count => None,
            Measure::DistinctCount(of)
            | Measure::Sum(of)
            | Measure::Average(of)
            | Measure::Percentile { of, .. } => eval::value(of, event),
        }),
    }
}

/// Whether the term is computed over several events.
fn is_of_groups(term: &Term) -> bool {
    match term {
        Term::Aggregate { .. } => true,
        Term::Field(_) | Term::Item { .. } | Term::Literal(_) => false,
        Term::Call { arguments, .. } => arguments.iter().any(is_of_groups),
        Term::Choice { cases, otherwise } => {
            is_of_groups(otherwise) || cases.iter().any(|case| is_of_groups(&case.then))
        }
        Term::Select { list, item, .. } => is_of_groups(list) || is_of_groups(item),
    }
}
