//! A rule's exclusions: what its top-level NOT conjuncts suppress, in source order.
//!
//! `not (a or b)` is two exclusions; `not (a and b)` is one of two parts that suppress only together. An exclusion of another
//! shape is given as the condition's text, never left out. Guards that follow from the source language are no exclusions.

use serde::Serialize;

use super::indicators::Indicator;
use crate::ir::{Condition, Quantifier, Term};

/// One exclusion.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// Predicates that suppress the rule where all of them hold; mostly one.
    Predicates(Vec<Indicator>),
    /// A condition of another shape, in the text form.
    Condition(String),
}

/// The exclusions of a condition.
pub fn exclusions(condition: &Condition) -> Vec<Exclusion> {
    let mut found = Vec::new();
    for conjunct in condition.conjuncts() {
        if let Condition::Not(inner) = conjunct {
            exclude(inner, &mut found);
        }
    }
    found
}

fn exclude(condition: &Condition, found: &mut Vec<Exclusion>) {
    if let Condition::Any(parts) = condition {
        for part in parts {
            exclude(part, found);
        }
        return;
    }
    match together(condition, &mut Vec::new()) {
        Some(parts) if parts.is_empty() => {}
        Some(parts) => found.push(Exclusion::Predicates(parts)),
        None => found.push(Exclusion::Condition(condition.to_string())),
    }
}

/// The predicates that hold where the condition holds, if it is nothing but a conjunction of them.
fn together<'c>(condition: &'c Condition, lists: &mut Vec<&'c Term>) -> Option<Vec<Indicator>> {
    match condition {
        Condition::All(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(together(part, lists)?);
            }
            Some(all)
        }
        Condition::Test(predicate) if predicate.implied.0 => Some(Vec::new()),
        Condition::Test(predicate) => Some(vec![Indicator::of(predicate, lists)]),
        Condition::Items {
            quantifier: Quantifier::Some,
            list,
            body,
        } => {
            lists.push(list);
            let inner = together(body, lists);
            lists.pop();
            // Several predicates under one quantifier are about the same item, which rows by field cannot say.
            inner.filter(|parts| parts.len() <= 1)
        }
        Condition::Any(_) | Condition::Not(_) | Condition::Items { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Literal, Object, Operator, Predicate, Shared};

    fn starts(field: &str) -> Condition {
        let object = Object::Texts(vec!["x".to_owned()]);
        Predicate::new(Term::field([field]), Operator::StartsWith, object).into()
    }

    fn not(condition: Condition) -> Condition {
        Condition::Not(Shared::new(condition))
    }

    fn fields(exclusion: &Exclusion) -> String {
        match exclusion {
            Exclusion::Predicates(parts) => parts
                .iter()
                .map(|part| part.field.as_str())
                .collect::<Vec<_>>()
                .join("+"),
            Exclusion::Condition(text) => text.clone(),
        }
    }

    #[test]
    fn alternatives_are_separate_and_conjunctions_stay_together() {
        let condition = Condition::All(
            vec![
                starts("kept"),
                not(Condition::Any(vec![starts("b"), starts("a")].into())),
                not(Condition::All(vec![starts("c"), starts("d")].into())),
                not(Condition::All(
                    vec![
                        starts("e"),
                        Condition::Any(vec![starts("f"), starts("g")].into()),
                    ]
                    .into(),
                )),
            ]
            .into(),
        );
        let found: Vec<String> = exclusions(&condition).iter().map(fields).collect();
        assert_eq!(
            found,
            [
                "b",
                "a",
                "c+d",
                "e starts_with \"x\" and (f starts_with \"x\" or g starts_with \"x\")"
            ]
        );
    }

    #[test]
    fn guards_are_no_exclusions_and_nested_negations_are_not_top_level() {
        let guard = Predicate::new(Term::field(["g"]), Operator::IsPresent, Object::None).implied();
        let condition = Condition::Any(vec![not(starts("a")), starts("b")].into());
        assert!(exclusions(&condition).is_empty());
        assert!(exclusions(&not(guard.into())).is_empty());
    }

    #[test]
    fn one_predicate_of_some_item_is_written_under_the_list() {
        let item = Term::Item {
            depth: 0,
            path: crate::ir::FieldPath::root(),
        };
        let body = Predicate::new(item, Operator::Equals, Object::Literal(Literal::text("x")));
        let condition = not(Condition::Items {
            quantifier: Quantifier::Some,
            list: Term::field(["names"]).into(),
            body: Shared::new(body.into()),
        });
        assert_eq!(fields(&exclusions(&condition)[0]), "names[]");
    }
}
