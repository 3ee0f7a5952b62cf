//! The reference evaluator: what the IR means.
//!
//! Turns a [`Condition`] and one event into a verdict, and a [`Term`] and one event into a value. Two-valued: a predicate on a
//! missing value is what the operator's table entry says, mostly false, and its negation is the opposite. Frontends of
//! languages with a third value (KQL's null, Python's exceptions) write it as guards. Slow and plain on purpose; `engine` is
//! the fast one, and must agree.

mod alert;
mod compare;
mod container;
mod correlation;
mod field;
mod order;
pub mod pipeline;
mod recursion;
mod term;
mod timed;
mod walk;
mod window;

use serde_json::Value;

use crate::ir::{Condition, Quantifier, Rule, Term};

pub use alert::{Shown, shown, shown_at};
pub use term::text_of;
pub use window::{Alert, alerts};

/// Whether the rule's selection holds for the event. For a correlation the event is what its members matched, and the question
/// whether that makes an alert.
///
/// A rule that asks for the time of the scan finds none: see [`matches_at`].
pub fn matches(rule: &Rule, event: &Value) -> bool {
    if let Some(correlation) = &rule.correlation {
        return correlation::fires(correlation, event);
    }
    holds(&rule.selection, event)
}

/// The same where the time of the scan is known: what a clock in UTC shows, in microseconds since 1970.
pub fn matches_at(rule: &Rule, event: &Value, scan_time: i64) -> bool {
    if rule.correlation.is_some() {
        return matches(rule, event);
    }
    Scope::at(event, scan_time).holds(&rule.selection)
}

/// Whether the condition holds for the event; see [`matches_at`] for the time.
pub fn holds_at(condition: &Condition, event: &Value, scan_time: i64) -> bool {
    Scope::at(event, scan_time).holds(condition)
}

/// Whether the condition holds for the event.
pub fn holds(condition: &Condition, event: &Value) -> bool {
    Scope::new(event).holds(condition)
}

/// The value of the term for the event; `None` where it is missing. A path through every item of a list gives the first.
pub fn value(term: &Term, event: &Value) -> Option<Value> {
    Scope::new(event).value(term)
}

/// The event and the items of the quantifiers around the current condition, the innermost last.
struct Scope<'e> {
    event: &'e Value,
    items: Vec<Value>,
    /// What a clock in UTC shows, where a resource is judged.
    scan_time: Option<i64>,
    /// What is taken of a value again within itself, by number.
    recursions: Vec<std::rc::Rc<recursion::Recursion>>,
}

impl<'e> Scope<'e> {
    fn new(event: &'e Value) -> Self {
        Self {
            event,
            items: Vec::new(),
            scan_time: None,
            recursions: Vec::new(),
        }
    }

    fn at(event: &'e Value, scan_time: i64) -> Self {
        Self {
            scan_time: Some(scan_time),
            ..Self::new(event)
        }
    }

    fn value(&self, term: &Term) -> Option<Value> {
        let values = self.values(term);
        values.into_iter().next().map(std::borrow::Cow::into_owned)
    }

    fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::All(parts) => parts.iter().all(|part| self.holds(part)),
            Condition::Any(parts) => parts.iter().any(|part| self.holds(part)),
            Condition::Not(inner) => !self.holds(inner),
            Condition::Test(predicate) => self.test(predicate),
            Condition::Items {
                quantifier,
                list,
                body,
            } => self.items_hold(*quantifier, list, body),
        }
    }

    /// The scope inside of a quantifier at one item.
    fn with_item(&self, item: Value) -> Self {
        let mut items = self.items.clone();
        items.push(item);
        Self {
            event: self.event,
            items,
            scan_time: self.scan_time,
            recursions: self.recursions.clone(),
        }
    }

    fn items_hold(&self, quantifier: Quantifier, list: &Term, body: &Condition) -> bool {
        let lists = self.values(list);
        let Some(items) = lists.first().and_then(|list| list.as_array()) else {
            return false;
        };
        let mut inner = items
            .iter()
            .map(|item| self.with_item(item.clone()).holds(body));
        match quantifier {
            Quantifier::Some => inner.any(|held| held),
            Quantifier::Every => inner.all(|held| held),
            Quantifier::One => inner.filter(|held| *held).count() == 1,
        }
    }
}
