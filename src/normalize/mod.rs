//! The IR in normal form: the same meaning, fewer nodes, one shape for what can be written in many ways.
//!
//! [`normalize`] runs the passes below over the selection, and over the conditions within what an alert shows and what is counted, until nothing changes. Each pass keeps the verdict on every event;
//! `tests/integration/meaning.rs` checks that by evaluation. Source order is kept, so that a rule still reads as its author
//! wrote it.

mod answers;
mod case;
mod choice;
mod context;
mod factor;
mod filled;
mod flatten;
mod known;
mod membership;
mod negation;
mod output;

pub(crate) use case::is_caseless;
pub(crate) use known::is_of_texts;

use crate::ir::{Condition, Fingerprint, Predicate, Rule, Shared};

/// A pass: a condition to an equal one.
type Pass = fn(Condition) -> Condition;

/// The passes, in order.
const PASSES: &[(&str, Pass)] = &[
    ("choice", choice::expand),
    ("flatten", flatten::flatten),
    ("negation", negation::gather),
    ("filled", filled::gather),
    ("membership", membership::merge),
    ("factor", factor::factor),
    ("case", case::settle),
    ("context", context::simplify),
];

/// What makes one condition of alternatives that differ in a constant alone, as a loop over constants leaves them.
const JOINING: &[Pass] = &[flatten::flatten, membership::merge, factor::factor];

/// Conditions with more nodes than this are joined before the other passes, which take the longer the more there is.
const LARGE: usize = 400;

/// Conditions with more nodes than this are only joined: the other passes compare every part with every other.
const LARGEST: usize = 4_000;

/// Conditions with more nodes than this are only flattened.
const LARGEST_JOINED: usize = 40_000;

/// How often the passes run at most; conditions settle after two or three rounds.
const ROUNDS: usize = 8;

/// How often a large condition's alternatives are joined at most: one step for each level of it.
const JOINING_ROUNDS: usize = 48;

/// The rule with its selection, and those of the rules that it correlates, in normal form.
#[must_use]
pub fn normalize(mut rule: Rule) -> Rule {
    rule.selection = condition(rule.selection);
    output::settle(&mut rule.outputs, &mut rule.alert, rule.threshold.as_mut());
    for variant in &mut rule.variants {
        let selection = std::mem::replace(&mut variant.selection, Condition::TRUE);
        variant.selection = condition(selection);
        output::settle(&mut variant.outputs, &mut variant.alert, None);
    }
    let members = rule.correlation.iter_mut().flat_map(|it| &mut it.members);
    for definition in members.filter_map(|member| member.definition.as_mut()) {
        *definition = Shared::new(normalize(definition.clone().into_inner()));
    }
    rule
}

/// The condition in normal form.
#[must_use]
pub fn condition(mut condition: Condition) -> Condition {
    if condition.is_noted_normal() {
        return condition;
    }
    if condition.size() > LARGE {
        condition = joined(condition);
        if condition.size() > LARGEST {
            return condition;
        }
    }
    // A pass that left a condition as it is leaves it so again.
    let mut left: [Option<Fingerprint>; PASSES.len()] = [None; PASSES.len()];
    for _ in 0..ROUNDS {
        let before = condition.fingerprint();
        for ((_, pass), left) in PASSES.iter().zip(&mut left) {
            let print = condition.fingerprint();
            if *left == Some(print) {
                continue;
            }
            condition = pass(condition);
            *left = (condition.fingerprint() == print).then_some(print);
        }
        if condition.fingerprint() == before {
            condition.note_normal();
            break;
        }
    }
    condition
}

/// A large condition with its alternatives joined as far as they differ in constants.
fn joined(condition: Condition) -> Condition {
    let mut condition = flatten::flatten(condition);
    for _ in 0..JOINING_ROUNDS {
        let nodes = condition.size();
        if !(LARGE..LARGEST_JOINED).contains(&nodes) {
            break;
        }
        let joined = JOINING
            .iter()
            .fold(condition.clone(), |whole, pass| pass(whole));
        if joined.fingerprint() == condition.fingerprint() {
            break;
        }
        condition = joined;
    }
    condition
}

/// The condition in normal form, as it is on events on which another condition holds.
#[must_use]
pub fn beside(known: &Condition, asked: Condition) -> Condition {
    if known.size() > LARGEST {
        return condition(asked);
    }
    condition(context::beside(known, asked))
}

/// The verdict of a predicate on events on which another one holds, or does not; nothing where that one does not decide it.
#[must_use]
pub fn follows(fact: &Shared<Predicate>, holds: bool, asked: &Shared<Predicate>) -> Option<bool> {
    known::known(fact, holds, asked)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{LARGEST, condition};
    use crate::eval;
    use crate::ir::{Condition, Literal, Object, Operator, Predicate, Term};

    pub(super) fn equals(key: &str, value: &str) -> Condition {
        let object = Object::Literal(Literal::text(value));
        Predicate::new(Term::field([key]), Operator::Equals, object).into()
    }

    /// What a loop over constants makes of a value with many cases.
    #[test]
    fn a_large_condition_has_its_constants_in_lists() {
        let of = |name: &str| {
            (0..30).rev().fold(Condition::FALSE, |rest, at| {
                let kind = equals("kind", &at.to_string());
                let here = kind.clone().and(equals(&format!("name{at}"), name));
                here.or(kind.negate().and(rest))
            })
        };
        let names: Vec<String> = (0..40).map(|at| format!("n{at}")).collect();
        let all = names.iter().map(|name| of(name));
        let given = all.fold(Condition::FALSE, Condition::or);
        assert!(given.size() > LARGEST);
        let normal = condition(given.clone());
        assert!(normal.size() < LARGEST / 10, "{}", normal.size());
        for event in [
            json!({"kind": "7", "name7": "n39"}),
            json!({"kind": "7", "name8": "n39"}),
            json!({"kind": "29", "name29": "n0"}),
            json!({"kind": "29", "name29": "x"}),
            json!({}),
        ] {
            assert_eq!(
                eval::holds(&given, &event),
                eval::holds(&normal, &event),
                "{event}"
            );
        }
    }
}
