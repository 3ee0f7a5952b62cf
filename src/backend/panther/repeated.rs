//! Parts of a condition that ask the same with one text after the other: `any(... for network in NETWORKS)`.
//!
//! Two parts are the same where they are written alike but for one text, which is the same at all of its places.

use super::notation::Python;
use super::{names, quote};
use crate::analysis::Report;
use crate::backend::fragment::Fragment;
use crate::backend::notation;
use crate::ir::{Condition, Predicate};

/// Fewer parts are written one after the other.
const FEWEST: usize = 5;

/// Parts with more nodes differ in more than a text.
const LARGEST: usize = 40;

/// Parts that are shorter are written one after the other, too.
const SHORT: usize = 30;

impl Python<'_> {
    /// A condition whose parts are all the same with one text after the other.
    pub(super) fn repeated(&self, condition: &Condition, report: &mut Report) -> Option<Fragment> {
        let (parts, all) = match condition {
            Condition::All(parts) => (parts, true),
            Condition::Any(parts) => (parts, false),
            _ => return None,
        };
        let size = parts.first()?.size();
        if parts.len() < FEWEST || size > LARGEST || parts.iter().any(|part| part.size() != size) {
            return None;
        }
        let negated = parts.iter().all(|part| matches!(part, Condition::Not(_)));
        let mut own = Report::new();
        let python = self.bare();
        let written = parts.iter().map(|part| {
            let asked = match part {
                Condition::Not(inner) if negated => inner,
                other => other,
            };
            notation::print(&python, asked, &mut own).map(|written| written.flat())
        });
        let written: Vec<String> = written.collect::<Option<_>>()?;
        let first = written.first().filter(|first| first.len() >= SHORT)?;
        let pieces: Vec<Vec<&str>> = written.iter().map(|text| quote::pieces(text)).collect();
        let place = differing(&pieces)?;
        let values: Vec<&str> = pieces.iter().map(|pieces| pieces[place]).collect();
        let subject = parts[0].predicates().first().map(|found| found.0);
        let stem = subject.map_or_else(|| "VALUE".to_owned(), stem);
        let constant = self
            .module
            .constant(&names::plural(&stem), format!("({})", values.join(", ")));
        let words = quote::words(first);
        let name = super::module::first_free(&stem.to_ascii_lowercase(), |name| {
            names::is_reserved(name) || words.contains(&name)
        });
        let asked: String = pieces[0]
            .iter()
            .map(|piece| {
                if *piece == values[0] {
                    name.as_str()
                } else {
                    piece
                }
            })
            .collect();
        report.constructs.append(&mut own.constructs);
        // None of them holds, or each does not: one word for both.
        let word = if all == negated { "any" } else { "all" };
        let whole = Fragment::atom(format!("{word}({asked} for {name} in {constant})"));
        Some(if negated {
            whole.prefix("not ", super::notation::NOT)
        } else {
            whole
        })
    }
}

fn stem(predicate: &Predicate) -> String {
    names::constant(&predicate.subject)
}

/// The one place at which the pieces of all parts differ, the same text standing at all places where it stands in the first.
fn differing(parts: &[Vec<&str>]) -> Option<usize> {
    let (first, rest) = parts.split_first()?;
    let mut place = None;
    for other in rest {
        if other.len() != first.len() {
            return None;
        }
        let at = (0..first.len()).find(|at| first[*at] != other[*at])?;
        if *place.get_or_insert(at) != at || !first[at].starts_with(['"', '\'']) {
            return None;
        }
        let fits = (0..first.len()).all(|at_other| {
            let is_text = first[at_other] == first[at];
            if is_text {
                other[at_other] == other[at]
            } else {
                first[at_other] == other[at_other]
            }
        });
        if !fits {
            return None;
        }
    }
    place
}
