//! What an alert shows, as far as the rule's table tells it ([`shown`](crate::backend::without)), and the outputs of counted groups.

use super::place::Place;
use crate::analysis::Report;
use crate::backend::unmapped::name_of;
use crate::backend::without::{Shown, Telling, Text, is_asked_for};
use crate::backend::{Context, Unmapped};
use crate::ir::{Condition, FieldPath, Literal, Operator, Output, Rule};

/// The texts of an alert that a query makes.
const TEXTS: [Text; 4] = [
    ("title", |alert| &mut alert.title),
    ("alert description", |alert| &mut alert.description),
    ("alert severity", |alert| &mut alert.severity),
    ("dedup", |alert| &mut alert.dedup),
];

impl Telling for Place<'_> {
    fn lacks(&self, path: &FieldPath) -> bool {
        Place::lacks(self, path)
    }

    fn lost(&self, fields: &str) -> String {
        format!("`{}` has no column for {fields}", self.table)
    }

    fn constant(&self, path: &FieldPath) -> Option<&Literal> {
        Place::constant(self, path)
    }

    fn time_of(&self, path: &FieldPath) -> Option<&FieldPath> {
        Place::time_of(self, path)
    }

    fn keys(&self) -> Vec<&str> {
        Place::keys(self)
    }

    fn keys_below(&self, path: &FieldPath) -> Vec<(&str, FieldPath)> {
        Place::keys_below(self, path)
    }

    fn prefers_expressions(&self) -> bool {
        true
    }
}

/// A rule of which the table tells all that is shown.
pub(super) struct Told {
    pub(super) rule: Rule,
    shown: Shown,
}

impl Told {
    /// The rule as its table tells it; nothing where that is the rule itself.
    pub(super) fn of(rule: &Rule, context: &Context<'_>) -> Option<Self> {
        if context.unmapped != Unmapped::Refuse || rule.pipeline.is_some() {
            return None;
        }
        let place = Place::of(rule, context, &mut Report::refusals())?;
        let shown = Shown::of(rule, place, &TEXTS, |output| {
            format!("output {}", output.name)
        })?;
        Some(Self {
            rule: shown.within(rule),
            shown,
        })
    }

    /// Tells in the report what is shown with less.
    pub(super) fn tell(self, context: &Context<'_>, report: &mut Report) {
        let place = Place::of(&self.rule, context, &mut Report::refusals());
        let missing = |field: &FieldPath| place?.missing(field);
        let name = name_of(&self.rule);
        self.shown.tell(name, missing, Report::shows, report);
    }
}

/// The output as the groups of a threshold show it: a set of values holds none of an event that has none.
pub(super) fn of_groups(output: &Output) -> Output {
    let is_implied = |when: &Condition| is_asked_for(when, &output.source);
    if output.when.as_ref().is_some_and(is_implied) {
        let when = None;
        return Output {
            when,
            ..output.clone()
        };
    }
    output.on_every_event()
}

/// Why the set of an output's values differs from what the rule shows: asked for values that count as true, it has the empty ones
/// too. `written` is the output [`of_groups`].
pub(super) fn empties(output: &Output, written: &Output) -> Option<&'static str> {
    let Some(Condition::Test(predicate)) = &output.when else {
        return None;
    };
    let asks = matches!(predicate.operator, Operator::IsTruthy | Operator::IsFilled);
    let is_dropped = written.when.is_none() && written.source == output.source;
    (asks && is_dropped)
        .then_some("the values of all events stand in it, those that count as false too")
}
