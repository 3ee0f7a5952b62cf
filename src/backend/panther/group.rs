//! Whether a text that Panther counts by tells the same groups apart as a threshold does.

use crate::ir::Term;

/// Whether the text differs exactly where the group does: its values are the group's, in any order. Without a text all events
/// are one group.
pub(super) fn groups(text: Option<&Term>, group: &[Term]) -> bool {
    let parts = text.map_or_else(Vec::new, Term::deciding);
    let wanted: Vec<Term> = group.iter().flat_map(Term::deciding).collect();
    parts.iter().all(|part| wanted.contains(part)) && wanted.iter().all(|term| parts.contains(term))
}
