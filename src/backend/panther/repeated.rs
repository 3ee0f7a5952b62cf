//! Parts of a condition that ask the same with one text after the other: `any(... for network in NETWORKS)`.
//!
//! Two parts are the same where their expressions are but for one text, which is the same at all of its places.

use super::code::Code;
use super::module::first_free;
use super::names;
use super::notation::Python;
use crate::analysis::Report;
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
    pub(super) fn repeated(&self, condition: &Condition, report: &mut Report) -> Option<Code> {
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
        let mut own = report.beside();
        let python = self.bare();
        let mut write = |part: &Condition| {
            let asked = match part {
                Condition::Not(inner) if negated => inner,
                other => other,
            };
            notation::print(&python, asked, &mut own)
        };
        let first = write(&parts[0]).filter(|first| first.length() >= SHORT)?;
        let mut values: Vec<Code> = Vec::new();
        for part in &parts[1..] {
            let (one, other) = first.differing(&write(part)?)?;
            if values.first().is_some_and(|known| *known != one) {
                return None;
            }
            if values.is_empty() {
                values.push(one);
            }
            values.push(other);
        }
        let subject = parts[0].predicates().first().map(|found| found.0);
        let stem = subject.map_or_else(|| "VALUE".to_owned(), |first| stem(first));
        let text = values[0].clone();
        let constant = names::plural(&stem);
        let constant = self.module.constant(&constant, Code::tuple(values));
        let name = first_free(&stem.to_ascii_lowercase(), |name| {
            names::is_reserved(name) || first.uses(name)
        });
        let asked = first.replaced(&text, &Code::name(name.as_str()))?;
        report.constructs.append(&mut own.constructs);
        // None of them holds, or each does not: one word for both.
        let word = if all == negated { "any" } else { "all" };
        let whole = Code::call(word, vec![Code::each(asked, name, constant)]);
        Some(if negated { whole.not() } else { whole })
    }
}

fn stem(predicate: &Predicate) -> String {
    names::constant(&predicate.subject)
}
