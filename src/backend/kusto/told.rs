//! What an alert shows, as far as the rule's table tells it.
//!
//! A field that the table has no column for is taken to be one that the event does not have, so that what is shown is what the rule
//! itself would show of the event without these fields ([`without`](super::without)). What would be nothing but such fields, or a
//! constant in their place, is left out. Every such loss is told as narrower: the alert shows less, and comes all the same.
//! Conditions that select events are not touched.

use super::following;
use super::place::Place;
use super::without::{Without, is_constant};
use crate::analysis::Report;
use crate::backend::unmapped::{Teller, name_of};
use crate::backend::{Context, Unmapped};
use crate::ir::{Condition, Detail, FieldPath, Metadata, Operator, Origin, Output, Rule, Term};

/// A rule of which the table tells all that is shown.
pub(super) struct Told {
    pub(super) rule: Rule,
    /// What is shown with less than the rule would.
    less: Vec<Less>,
}

/// Something that is shown with less, or not at all.
struct Less {
    what: String,
    origin: Origin,
    reason: String,
    /// A field that no column holds.
    lost: Option<FieldPath>,
    /// Whether nothing is left of it.
    gone: bool,
}

impl Told {
    /// The rule as its table tells it; nothing where that is the rule itself.
    pub(super) fn of(rule: &Rule, context: &Context<'_>) -> Option<Self> {
        if context.unmapped != Unmapped::Refuse || rule.pipeline.is_some() {
            return None;
        }
        let place = Place::of(rule, context, &mut Report::new())?;
        // What is shown, without the rest of the rule, which stays as it is.
        let shown = Rule {
            outputs: rule.outputs.clone(),
            alert: rule.alert.clone(),
            origin: rule.origin,
            ..Rule::new(Metadata::default())
        };
        let mut told = Self {
            rule: shown,
            less: Vec::new(),
        };
        let outputs = std::mem::take(&mut told.rule.outputs);
        told.rule.outputs = outputs
            .into_iter()
            .filter_map(|output| told.output(output, place))
            .collect();
        told.texts(place);
        let details = std::mem::take(&mut told.rule.alert.details);
        told.rule.alert.details = details
            .into_iter()
            .filter_map(|detail| told.detail(detail, place))
            .collect();
        let Rule { outputs, alert, .. } = told.rule;
        let is_same = outputs == rule.outputs && alert == rule.alert;
        (!is_same).then(|| Self {
            rule: Rule {
                outputs,
                alert,
                ..rule.clone()
            },
            less: told.less,
        })
    }

    fn output(&mut self, mut output: Output, place: Place<'_>) -> Option<Output> {
        let mut without = Without::new(place);
        let source = without.term(&output.source);
        let when = output.when.clone();
        // An object that is put together is shown with what there is of it.
        let when = when.filter(|when| !without.has_made() || !is_asked_for(when, &output.source));
        let when = when.map(|when| without.condition(&when));
        let holds = when.as_ref().and_then(Condition::as_constant);
        let what = format!("output {}", output.name);
        let nothing_left = is_nothing(&source, &without) || holds == Some(false);
        if nothing_left && !is_constant(&output.source) {
            if !without.has_lost() {
                return Some(output);
            }
            self.lessened(what, output.origin, &without, true);
            return None;
        }
        output.when = when.filter(|_| holds != Some(true));
        if let Some(when) = &mut output.when {
            following::without_implied(when, &source);
            if following::is_filled(when, &source) {
                output.when = None;
            }
        }
        output.source = source;
        self.lessened(what, output.origin, &without, false);
        Some(output)
    }

    fn texts(&mut self, place: Place<'_>) {
        let origin = self.rule.origin;
        let mut alert = std::mem::take(&mut self.rule.alert);
        for (what, text) in [
            ("title", &mut alert.title),
            ("alert description", &mut alert.description),
            ("alert severity", &mut alert.severity),
            ("dedup", &mut alert.dedup),
        ] {
            let Some(shown) = text else { continue };
            let mut without = Without::new(place);
            let left = without.term(shown);
            // A text without a value is that of the rule.
            let gone = without.has_lost() && without.is_missing(&left);
            *text = (!gone).then_some(left);
            self.lessened(what.to_owned(), origin, &without, gone);
        }
        self.rule.alert = alert;
    }

    fn detail(&mut self, mut detail: Detail, place: Place<'_>) -> Option<Detail> {
        let mut without = Without::new(place);
        let source = without.term(&detail.source);
        let gone = is_nothing(&source, &without) && without.has_lost();
        let what = format!("detail {}", detail.name);
        self.lessened(what, self.rule.origin, &without, gone);
        detail.source = source;
        (!gone).then_some(detail)
    }

    fn lessened(&mut self, what: String, origin: Origin, without: &Without<'_>, gone: bool) {
        if let Some(reason) = without.reason() {
            self.less.push(Less {
                what,
                origin,
                reason,
                lost: without.lost().cloned(),
                gone,
            });
        }
    }

    /// Tells in the report what is shown with less.
    pub(super) fn tell(self, context: &Context<'_>, report: &mut Report) {
        let place = Place::of(&self.rule, context, &mut Report::new());
        let mut teller = Teller::new(name_of(&self.rule));
        for less in self.less {
            // What cannot be written for another reason stays as it was told.
            if less.gone || report.shows(&less.what) {
                let missing = place.zip(less.lost.as_ref());
                let missing = missing.and_then(|(place, field)| place.missing(field));
                teller.shows_less(
                    missing.as_ref(),
                    less.what,
                    less.reason,
                    less.origin,
                    report,
                );
            }
        }
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

/// Whether the condition asks that the term be there, and no more.
fn is_asked_for(when: &Condition, term: &Term) -> bool {
    match when {
        Condition::Test(predicate) => {
            predicate.subject == *term
                && matches!(
                    predicate.operator,
                    Operator::IsTruthy
                        | Operator::IsPresent
                        | Operator::IsFilled
                        | Operator::Exists
                )
        }
        _ => false,
    }
}

/// Whether nothing of an event is left of what was shown.
fn is_nothing(left: &Term, without: &Without<'_>) -> bool {
    is_constant(left) || without.is_missing(left)
}
