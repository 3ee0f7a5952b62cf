//! The conditions within what an alert shows and what is counted, in normal form: when an output is there, which of several
//! values it has, which items of a list it takes. Groups that are those of a text stay equal to it.
//!
//! Invariant: every term keeps its value on every event.

use std::collections::BTreeMap;

use super::condition;
use crate::ir::{
    Alert, Case, Condition, Fingerprint, Object, Output, Predicate, Shared, SharedVec, Term,
    Threshold,
};

/// The outputs, the alert and the threshold in normal form.
pub(super) fn settle(
    outputs: &mut Vec<Output>,
    alert: &mut Alert,
    threshold: Option<&mut Threshold>,
) {
    let mut settled = Settled::default();
    if let Some(threshold) = threshold {
        let counted = threshold.measure.term_mut();
        for term in threshold.group_by.iter_mut().chain(counted) {
            settled.replace(term);
        }
    }
    for text in alert.texts_mut() {
        settled.replace(text);
    }
    for output in outputs.iter_mut() {
        settled.replace(&mut output.source);
        output.when = output.when.take().map(|when| settled.condition(&when));
    }
    let never = |output: &Output| {
        let when = output.when.as_ref().and_then(Condition::as_constant);
        when == Some(false)
    };
    outputs.retain(|output| !never(output));
    for output in outputs {
        output.when.take_if(|when| when.as_constant() == Some(true));
    }
}

/// The conditions of one rule in normal form: what an alert shows asks the same in many places.
#[derive(Default)]
struct Settled(BTreeMap<Fingerprint, Condition>);

impl Settled {
    fn condition(&mut self, given: &Condition) -> Condition {
        if let Condition::Test(predicate) = given {
            let told = self.predicate(predicate);
            return condition(told.unwrap_or_else(|| given.clone()));
        }
        if let Some(known) = self.0.get(&given.fingerprint()) {
            return known.clone();
        }
        let told = given.clone().map(&mut |part| match part {
            Condition::Test(predicate) => self.predicate(predicate),
            _ => None,
        });
        let told = condition(told);
        self.0.insert(given.fingerprint(), told.clone());
        told
    }

    /// The predicate about settled terms, if it becomes another.
    fn predicate(&mut self, predicate: &Shared<Predicate>) -> Option<Condition> {
        let subject = self.term(&predicate.subject);
        let object = match &predicate.object {
            Object::Term(term) => self.part(term).map(Object::Term),
            _ => None,
        };
        if subject.is_none() && object.is_none() {
            return None;
        }
        let told = Predicate {
            subject: subject.unwrap_or_else(|| predicate.subject.clone()),
            object: object.unwrap_or_else(|| predicate.object.clone()),
            ..predicate.as_ref().clone()
        };
        Some(told.into())
    }

    /// The condition, if it becomes another.
    fn changed(&mut self, given: &Shared<Condition>) -> Option<Shared<Condition>> {
        let told = self.condition(given);
        (!told.is_one_with(given)).then(|| Shared::new(told))
    }

    fn replace(&mut self, term: &mut Term) {
        if let Some(settled) = self.term(term) {
            *term = settled;
        }
    }

    /// The term in normal form; nothing where it is, so that what is shared stays so.
    fn term(&mut self, term: &Term) -> Option<Term> {
        match term {
            Term::Call {
                function,
                arguments,
            } => {
                let arguments = arguments.rebuilt(|term| self.term(term))?;
                Some(Term::Call {
                    function: *function,
                    arguments,
                })
            }
            Term::Choice { cases, otherwise } => self.choice(cases, otherwise),
            Term::Select { list, when, item } => {
                let (list_told, when_told) = (self.part(list), self.changed(when));
                let item_told = self.part(item);
                if list_told.is_none() && when_told.is_none() && item_told.is_none() {
                    return None;
                }
                Some(Term::Select {
                    list: list_told.unwrap_or_else(|| list.clone()),
                    when: when_told.unwrap_or_else(|| when.clone()),
                    item: item_told.unwrap_or_else(|| item.clone()),
                })
            }
            Term::Field(_) | Term::Item { .. } | Term::Literal(_) | Term::Aggregate { .. } => None,
        }
    }

    fn part(&mut self, term: &Shared<Term>) -> Option<Shared<Term>> {
        self.term(term).map(Shared::new)
    }

    /// The choice without cases that never hold, and without those after one that always does.
    fn choice(&mut self, cases: &SharedVec<Case>, otherwise: &Shared<Term>) -> Option<Term> {
        let mut kept: Vec<Case> = Vec::new();
        let mut last = otherwise.as_ref();
        let mut is_changed = false;
        for case in cases {
            let when = self.condition(&case.when);
            match when.as_constant() {
                Some(false) => is_changed = true,
                Some(true) => {
                    last = &case.then;
                    is_changed = true;
                    break;
                }
                // What an earlier case asks is never asked again.
                None if kept.iter().any(|earlier| earlier.when == when) => is_changed = true,
                None => {
                    let then = self.term(&case.then);
                    is_changed |= then.is_some() || !when.is_one_with(&case.when);
                    let then = then.unwrap_or_else(|| case.then.clone());
                    kept.push(Case { when, then });
                }
            }
        }
        let told = self.term(last);
        is_changed |= told.is_some();
        let last = told.unwrap_or_else(|| last.clone());
        while kept.last().is_some_and(|case| case.then == last) {
            kept.pop();
            is_changed = true;
        }
        if !is_changed {
            return None;
        }
        if kept.is_empty() {
            return Some(last);
        }
        Some(Term::Choice {
            cases: kept.into(),
            otherwise: Shared::new(last),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Literal, Operator, Origin, Stage};

    fn is(field: &str) -> Condition {
        Predicate::new(Term::field([field]), Operator::IsTruthy, Object::None).into()
    }

    #[test]
    fn conditions_within_values_are_settled() {
        let a_twice =
            Condition::Any(vec![is("a"), Condition::All(vec![is("a"), is("b")].into())].into());
        let value = Term::Choice {
            cases: vec![
                Case {
                    when: Condition::FALSE,
                    then: Term::text("never"),
                },
                Case {
                    when: a_twice.clone(),
                    then: Term::text("a"),
                },
            ]
            .into(),
            otherwise: Shared::new(Term::Literal(Literal::Null)),
        };
        let mut outputs = vec![Output {
            name: "x".to_owned(),
            source: value,
            when: Some(a_twice),
            stage: Stage::Fields,
            origin: Origin::default(),
        }];
        settle(&mut outputs, &mut Alert::default(), None);
        assert_eq!(
            outputs[0].to_string(),
            "x = \"a\" if a truthy, else null, where a truthy"
        );
    }

    #[test]
    fn a_case_that_an_earlier_one_asks_for_is_never_chosen() {
        let case = |when: Condition, then: &str| Case {
            when,
            then: Term::text(then),
        };
        let value = Term::Choice {
            cases: vec![case(is("a"), "x"), case(is("b"), "y"), case(is("a"), "z")].into(),
            otherwise: Shared::new(Term::text("-")),
        };
        let told = Settled::default().term(&value).unwrap();
        let expected = "\"x\" if a truthy, else \"y\" if b truthy, else \"-\"";
        assert_eq!(told.to_string(), expected);
    }

    #[test]
    fn what_a_condition_asks_of_a_value_is_settled() {
        let first = Term::Select {
            list: Shared::new(Term::field(["list"])),
            when: Shared::new(Condition::Any(vec![is("a"), is("a").and(is("b"))].into())),
            item: Shared::new(Term::field(["c"])),
        };
        let asked = Predicate::new(first, Operator::IsTruthy, Object::None);
        let value = Term::Choice {
            cases: vec![Case {
                when: asked.into(),
                then: Term::text("x"),
            }]
            .into(),
            otherwise: Shared::new(Term::text("y")),
        };
        let told = Settled::default().term(&value).unwrap();
        assert_eq!(
            told.to_string(),
            "\"x\" if [c of each item of list where a truthy] truthy, else \"y\""
        );
    }
}
