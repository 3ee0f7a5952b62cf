//! Guards that a table cannot be asked for: what holds wherever the source language raises no error.
//!
//! A frontend adds a guard to a condition where the source language would raise an error on an event, which is then not selected. An
//! error can depend on what stands before the first item that decides, or on a key that is there and null, which no table keeps.
//! Such a guard beside what the author wrote is left out, and the report says that the selection is wider by the events on which
//! the rule raises an error. What the author wrote is never left out, nor is a guard below a negation or all of a part.

use super::lists;
use super::term::Scope;
use crate::analysis::{Fidelity, Report};
use crate::ir::Condition;

/// Why the selection is wider.
const RAISES: &str = "an event on which the rule raises an error is not told from others";

/// The condition without the guards that have no form.
pub(super) fn without_unsayable(
    scope: &Scope<'_>,
    condition: &Condition,
    report: &mut Report,
) -> Condition {
    match condition {
        Condition::All(parts) => {
            let is_left_out = |part: &&Condition| {
                is_guard(part)
                    && lists::stages(&mut scope.clone(), part, &mut Report::new()).is_none()
            };
            let (out, kept): (Vec<&Condition>, Vec<&Condition>) =
                parts.iter().partition(is_left_out);
            if kept.is_empty() {
                return condition.clone();
            }
            for (predicate, negated) in out.into_iter().flat_map(Condition::predicates) {
                let what = predicate.line(negated);
                report.record_predicate(Fidelity::Wider, what, predicate.origin, RAISES);
            }
            kept.into_iter()
                .map(|part| without_unsayable(scope, part, report))
                .fold(Condition::TRUE, Condition::and)
        }
        Condition::Any(parts) => parts
            .iter()
            .map(|part| without_unsayable(scope, part, report))
            .fold(Condition::FALSE, Condition::or),
        Condition::Not(_) | Condition::Test(_) | Condition::Items { .. } => condition.clone(),
    }
}

/// Whether the source language alone asks for it.
fn is_guard(condition: &Condition) -> bool {
    let predicates = condition.predicates();
    !predicates.is_empty() && predicates.iter().all(|(predicate, _)| predicate.implied.0)
}
