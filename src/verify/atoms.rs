//! The leaves of a condition, and which of them decide the verdict on an event.
//!
//! A leaf decides where the verdict is another with the leaf's own verdict turned round.

use serde_json::Value;

use super::view::NOW;
use crate::eval;
use crate::ir::{Condition, Origin};

/// A leaf that decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Deciding {
    /// Its text form.
    pub text: String,
    /// Where it was written.
    pub origin: Origin,
}

/// How many leaves are looked at.
const MOST: usize = 500;

/// The leaf that decides the verdict on the event: one that was written, where there is such, and the first of several.
pub(super) fn deciding(condition: &Condition, event: &Value) -> Option<Deciding> {
    let verdict = eval::holds_at(condition, event, NOW);
    let mut implied = None;
    for at in 0..MOST {
        let Some((leaf, turned)) = turned(condition, at, event) else {
            break;
        };
        if eval::holds_at(&turned, event, NOW) == verdict {
            continue;
        }
        let written = leaf
            .predicates()
            .into_iter()
            .map(|(predicate, _)| predicate);
        let written: Vec<_> = written.collect();
        let found = Deciding {
            text: leaf.to_string(),
            origin: written
                .first()
                .map(|first| first.origin)
                .unwrap_or_default(),
        };
        if written.iter().any(|predicate| !predicate.implied.0) {
            return Some(found);
        }
        implied.get_or_insert(found);
    }
    implied
}

/// The leaf with this number, and the condition with the leaf's verdict turned round.
fn turned(condition: &Condition, at: usize, event: &Value) -> Option<(Condition, Condition)> {
    let mut seen = 0;
    let mut found = None;
    let turned = turn(condition, &mut |leaf| {
        let is_it = seen == at;
        seen += 1;
        if is_it {
            found = Some(leaf.clone());
        }
        is_it.then(|| Condition::constant(!eval::holds_at(leaf, event, NOW)))
    });
    found.map(|leaf| (leaf, turned))
}

/// The condition with leaves changed; the body of a question about items is no leaf of its own.
fn turn(
    condition: &Condition,
    change: &mut impl FnMut(&Condition) -> Option<Condition>,
) -> Condition {
    match condition {
        Condition::All(parts) => {
            Condition::All(parts.iter().map(|part| turn(part, change)).collect())
        }
        Condition::Any(parts) => {
            Condition::Any(parts.iter().map(|part| turn(part, change)).collect())
        }
        Condition::Not(inner) => Condition::Not(turn(inner, change).into()),
        leaf @ (Condition::Test(_) | Condition::Items { .. }) => {
            change(leaf).unwrap_or_else(|| leaf.clone())
        }
    }
}
