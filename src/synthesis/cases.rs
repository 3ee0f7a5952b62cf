//! A rule to the tests that it lacks: a match, one for each alternative, and for each exclusion an event that it alone keeps out.
//!
//! Tests that the rule has already are taken into account: what they show is not shown again. The verdict of each test is that of
//! `eval`, and its name says what it shows. A rule whose verdict its selection does not say, a correlation or a pipeline, gets none.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::search::{Goal, Search};
use crate::eval;
use crate::ir::{Condition, Origin, ResidueEffect, Rule, RuleTest};

/// How many alternatives get a match of their own, and how many exclusions a near miss.
const MOST: usize = 20;

/// How long the words of a condition may be in a name.
const LONGEST: usize = 80;

/// The tests that the rule lacks, of events that `accepts` says there may be where such can be found.
pub fn missing_tests(rule: &Rule, accepts: &dyn Fn(&Value) -> bool) -> Vec<RuleTest> {
    let shown_elsewhere = |effect: ResidueEffect| effect != ResidueEffect::OutputsOnly;
    let is_more = rule.unsaid().any(|unsaid| shown_elsewhere(unsaid.effect));
    if rule.correlation.is_some() || is_more {
        return Vec::new();
    }
    let mut missing = Missing {
        rule,
        search: Search::of(Some(accepts)),
        any: Search::default(),
        names: rule.tests.iter().map(|test| test.name.clone()).collect(),
        made: Vec::new(),
    };
    missing.matches();
    missing.exclusions();
    missing.miss();
    missing.made
}

struct Missing<'m> {
    rule: &'m Rule,
    search: Search<'m>,
    /// The search for events of any form.
    any: Search<'m>,
    names: BTreeSet<String>,
    made: Vec<RuleTest>,
}

impl Missing<'_> {
    /// A match, where the rule has no test with one: by each alternative that the condition is made of.
    fn matches(&mut self) {
        if self.rule.tests.iter().any(|test| test.expected) {
            return;
        }
        let whole = &self.rule.selection;
        let alternatives = match whole {
            Condition::Any(parts) => parts.to_vec(),
            other => vec![other.clone()],
        };
        let several = alternatives.len() > 1;
        for alternative in alternatives.into_iter().take(MOST) {
            let name = if several {
                format!("Match: {}", words(&alternative))
            } else {
                "Match".to_owned()
            };
            let goals = [
                Goal::new(&alternative, true).with_values(),
                Goal::new(whole, true),
            ];
            self.add(&name, &goals, true);
        }
    }

    /// For each exclusion that no test shows an event that it keeps out, and that matched without it.
    fn exclusions(&mut self) {
        let conjuncts = self.rule.selection.conjuncts().to_vec();
        let mut left = MOST;
        for (at, conjunct) in conjuncts.iter().enumerate() {
            let Condition::Not(inner) = conjunct else {
                continue;
            };
            let others = conjuncts
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != at);
            let rest: Vec<Goal> = others.map(|(_, other)| Goal::new(other, true)).collect();
            for excluded in inner.as_ref().clone().into_disjuncts() {
                let Some(fewer) = left.checked_sub(1) else {
                    return;
                };
                left = fewer;
                if is_guard(&excluded) || self.shows(&excluded) {
                    continue;
                }
                let mut goals = vec![Goal::new(&excluded, true).with_values()];
                goals.extend(rest.iter().cloned());
                let name = format!("No match: excluded by {}", words(&excluded));
                self.add(&name, &goals, false);
            }
        }
    }

    /// Whether a test that does not match shows the exclusion.
    fn shows(&self, excluded: &Condition) -> bool {
        let tests = self.rule.tests.iter();
        let mut misses = tests.filter(|test| !test.expected);
        misses.any(|test| eval::holds(excluded, &test.event))
    }

    /// Where no test misses by then: an event that misses by the first condition alone that was written.
    fn miss(&mut self) {
        let mut tests = self.rule.tests.iter().chain(&self.made);
        if tests.any(|test| !test.expected) {
            return;
        }
        let conjuncts = self.rule.selection.conjuncts().to_vec();
        for (at, conjunct) in conjuncts.iter().enumerate() {
            if is_guard(conjunct) {
                continue;
            }
            let others = conjuncts
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != at);
            // Of alternatives the first has a value that misses, so that the event is not empty.
            let first = conjunct.predicates().into_iter().next();
            let near = first.map(|(predicate, negated)| {
                Goal::new(&Condition::Test(predicate.clone()), negated).with_values()
            });
            let mut goals: Vec<Goal> = near.into_iter().collect();
            goals.push(Goal::new(conjunct, false));
            goals.extend(others.map(|(_, other)| Goal::new(other, true)));
            let name = format!("No match: without {}", words(conjunct));
            // Within a question about items a predicate is not one about the event.
            if self.add(&name, &goals, false)
                || self.add(&name, goals.get(1..).unwrap_or_default(), false)
            {
                return;
            }
        }
    }

    /// Adds an event for which the goals are met, if there is one and the verdict on it is as expected.
    fn add(&mut self, name: &str, goals: &[Goal], expected: bool) -> bool {
        let mut solved = self.search.solve(goals);
        if solved.is_err() {
            solved = self.any.solve(goals);
        }
        let event = solved.map_or(json!({}), |solution| solution.event);
        if eval::matches(self.rule, &event) != expected || event == json!({}) {
            return false;
        }
        let again = |number: usize| format!("{name} ({number})");
        let mut name = name.to_owned();
        let mut number = 2;
        while !self.names.insert(name.clone()) {
            name = again(number);
            number += 1;
        }
        self.made.push(RuleTest {
            name,
            event,
            expected,
            origin: Origin::default(),
        });
        true
    }
}

/// Whether nothing of the condition was written.
fn is_guard(condition: &Condition) -> bool {
    let predicates = condition.predicates();
    predicates.iter().all(|(predicate, _)| predicate.implied.0)
}

/// The condition in the text form on one line, cut where it is long.
fn words(condition: &Condition) -> String {
    let text = condition.to_string();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= LONGEST {
        return text;
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Literal, Metadata, Object, Operator, Predicate, Term};

    fn is(field: &str, value: &str) -> Condition {
        let object = Object::Literal(Literal::text(value));
        Predicate::new(Term::field([field]), Operator::Equals, object).into()
    }

    fn rule() -> Rule {
        let mut rule = Rule::new(Metadata::default());
        rule.selection = is("a", "x").and(is("b", "y").or(is("c", "z")).negate());
        rule
    }

    fn told(tests: &[RuleTest]) -> Vec<(&str, &Value, bool)> {
        let told = tests
            .iter()
            .map(|test| (test.name.as_str(), &test.event, test.expected));
        told.collect()
    }

    #[test]
    fn a_match_and_a_miss_for_each_exclusion() {
        let made = missing_tests(&rule(), &|_| true);
        assert_eq!(
            told(&made),
            [
                ("Match", &json!({"a": "x"}), true),
                (
                    "No match: excluded by b eq \"y\"",
                    &json!({"b": "y", "a": "x"}),
                    false
                ),
                (
                    "No match: excluded by c eq \"z\"",
                    &json!({"c": "z", "a": "x"}),
                    false
                ),
            ]
        );
    }

    #[test]
    fn what_tests_show_is_not_shown_again() {
        let mut rule = rule();
        let all = missing_tests(&rule, &|_| true);
        rule.tests = all[..2].to_vec().into();
        assert_eq!(missing_tests(&rule, &|_| true), all[2..]);
        rule.tests = all.into();
        assert_eq!(missing_tests(&rule, &|_| true), []);
    }

    #[test]
    fn without_exclusions_a_part_is_missed() {
        let mut rule = Rule::new(Metadata::default());
        rule.selection = is("a", "x").or(is("b", "y"));
        let made = missing_tests(&rule, &|_| true);
        let names: Vec<&str> = made.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(names[..2], ["Match: a eq \"x\"", "Match: b eq \"y\""]);
        assert!(names[2].starts_with("No match: without"), "{names:?}");
        assert!(
            made.iter()
                .all(|test| eval::matches(&rule, &test.event) == test.expected)
        );
        rule.selection = Condition::TRUE;
        assert_eq!(missing_tests(&rule, &|_| true), []);
    }
}
