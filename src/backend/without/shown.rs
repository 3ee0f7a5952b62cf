//! What an alert shows, as far as the target has names for it.
//!
//! A field without a name is taken to be one that the event does not have, so that what is shown is what the rule itself would show of
//! the event without these fields ([`Without`]). What would be nothing but such fields, or a constant in their place, is left out.
//! Every such loss is told as narrower: the alert shows less, and comes all the same. Conditions that select events are not touched.

use super::following;
use super::{Telling, Without, is_constant};
use crate::analysis::Report;
use crate::backend::unmapped::{Missing, Teller};
use crate::ir::{Alert, Condition, Detail, FieldPath, Operator, Origin, Output, Rule, Term};

/// What reports call a text of an alert, and where it stands.
pub(in crate::backend) type Text = (&'static str, fn(&mut Alert) -> &mut Option<Term>);

/// What a rule shows of which the target tells all.
pub(in crate::backend) struct Shown {
    pub(in crate::backend) outputs: Vec<Output>,
    pub(in crate::backend) alert: Alert,
    /// What is shown with less than the rule would.
    less: Vec<Less>,
}

/// Something that is shown with less, or not at all.
struct Less {
    what: String,
    origin: Origin,
    reason: String,
    /// A field that has no name.
    lost: Option<FieldPath>,
    /// Whether nothing is left of it.
    gone: bool,
}

impl Shown {
    /// What the rule shows as the target tells it; nothing where that is what it shows.
    pub(in crate::backend) fn of<T: Telling + Copy>(
        rule: &Rule,
        told: T,
        texts: &[Text],
        called: fn(&Output) -> String,
    ) -> Option<Self> {
        let mut shown = Self {
            outputs: Vec::new(),
            alert: rule.alert.clone(),
            less: Vec::new(),
        };
        let outputs = rule.outputs.iter();
        shown.outputs = outputs
            .filter_map(|output| shown.output(output.clone(), told, called))
            .collect();
        for (what, text) in texts {
            shown.text(what, *text, told, rule.origin);
        }
        let details = std::mem::take(&mut shown.alert.details);
        shown.alert.details = details
            .into_iter()
            .filter_map(|detail| shown.detail(detail, told, rule.origin))
            .collect();
        (shown.outputs != rule.outputs || shown.alert != rule.alert).then_some(shown)
    }

    /// The rule with this in place of what it shows.
    pub(in crate::backend) fn within(&self, rule: &Rule) -> Rule {
        Rule {
            outputs: self.outputs.clone(),
            alert: self.alert.clone(),
            ..rule.clone()
        }
    }

    fn output<T: Telling>(
        &mut self,
        mut output: Output,
        told: T,
        called: fn(&Output) -> String,
    ) -> Option<Output> {
        let mut without = Without::new(told);
        let source = without.term(&output.source);
        let when = output.when.clone();
        // An object that is put together is shown with what there is of it.
        let when = when.filter(|when| !without.has_made() || !is_asked_for(when, &output.source));
        let when = when.map(|when| without.condition(&when));
        let holds = when.as_ref().and_then(Condition::as_constant);
        let nothing_left = is_nothing(&source, &without) || holds == Some(false);
        if nothing_left && !is_constant(&output.source) {
            if !without.has_lost() {
                return Some(output);
            }
            self.lessened(called(&output), output.origin, &without, true);
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
        self.lessened(called(&output), output.origin, &without, false);
        Some(output)
    }

    fn text<T: Telling>(
        &mut self,
        what: &str,
        text: fn(&mut Alert) -> &mut Option<Term>,
        told: T,
        rule: Origin,
    ) {
        let text = text(&mut self.alert);
        let Some(shown) = text else { return };
        let mut without = Without::new(told);
        let left = without.term(shown);
        // A text without a value is that of the rule.
        let gone = without.has_lost() && without.is_missing(&left);
        *text = (!gone).then_some(left);
        let origin = self.alert.origins.of(what).or(rule);
        self.lessened(what.to_owned(), origin, &without, gone);
    }

    fn detail<T: Telling>(
        &mut self,
        mut detail: Detail,
        told: T,
        origin: Origin,
    ) -> Option<Detail> {
        let mut without = Without::new(told);
        let source = without.term(&detail.source);
        let gone = is_nothing(&source, &without) && without.has_lost();
        let what = format!("detail {}", detail.name);
        self.lessened(what, origin, &without, gone);
        detail.source = source;
        (!gone).then_some(detail)
    }

    fn lessened<T: Telling>(
        &mut self,
        what: String,
        origin: Origin,
        without: &Without<T>,
        gone: bool,
    ) {
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

    /// Tells in the report what is shown with less. `rule` is what messages call the rule; what is not written for another reason
    /// stays as it was told.
    pub(in crate::backend) fn tell(
        self,
        rule: &str,
        missing: impl Fn(&FieldPath) -> Option<Missing>,
        is_written: fn(&Report, &str) -> bool,
        report: &mut Report,
    ) {
        let mut teller = Teller::new(rule);
        for less in self.less {
            if less.gone || is_written(report, &less.what) {
                let missing = less.lost.as_ref().and_then(&missing);
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

/// Whether the condition asks that the term be there, and no more.
pub(in crate::backend) fn is_asked_for(when: &Condition, term: &Term) -> bool {
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
fn is_nothing<T: Telling>(left: &Term, without: &Without<T>) -> bool {
    is_constant(left) || without.is_missing(left)
}
