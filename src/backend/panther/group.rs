//! Whether a text that Panther counts by tells the same groups apart as a threshold does.
//!
//! Constants in the text, and constants that stand for missing values, decide nothing.

use crate::ir::{Function, Term};

/// Whether the text differs exactly where the group does: its values are the group's, in any order. Without a text all events
/// are one group.
pub(super) fn groups(text: Option<&Term>, group: &[Term]) -> bool {
    let mut parts = Vec::new();
    text.into_iter().for_each(|text| deciding(text, &mut parts));
    let mut wanted = Vec::new();
    group.iter().for_each(|term| deciding(term, &mut wanted));
    parts.iter().all(|part| wanted.contains(part)) && wanted.iter().all(|term| parts.contains(term))
}

/// The values that decide what a text is: its parts that are not constant, without the constants for missing values.
fn deciding<'t>(text: &'t Term, found: &mut Vec<&'t Term>) {
    match text {
        Term::Literal(_) => {}
        Term::Call {
            function:
                Function::Concat | Function::ToText | Function::Display | Function::DisplayEvent,
            arguments,
        } => arguments.iter().for_each(|part| deciding(part, found)),
        Term::Call {
            function: Function::Coalesce | Function::IfMissing,
            arguments,
        } if arguments
            .iter()
            .skip(1)
            .all(|default| default.as_literal().is_some()) =>
        {
            arguments
                .iter()
                .take(1)
                .for_each(|part| deciding(part, found));
        }
        other => found.push(other),
    }
}
