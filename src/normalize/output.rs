//! The conditions within what an alert shows and what is counted, in normal form: when an output is there, which of several
//! values it has, which items of a list it takes. Groups that are those of a text stay equal to it.
//!
//! Invariant: every term keeps its value on every event.

use std::collections::BTreeMap;

use super::condition;
use crate::ir::{Alert, Case, Condition, Fingerprint, Output, Shared, Term, Threshold};

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
        output.when = output.when.take().map(|when| settled.condition(when));
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
    fn condition(&mut self, given: Condition) -> Condition {
        if matches!(given, Condition::Test(_)) {
            return condition(given);
        }
        let known = self.0.entry(given.fingerprint());
        known.or_insert_with(|| condition(given)).clone()
    }

    fn replace(&mut self, term: &mut Term) {
        let given = std::mem::replace(term, Term::Literal(crate::ir::Literal::Null));
        *term = self.term(given);
    }

    fn term(&mut self, term: Term) -> Term {
        match term {
            Term::Call {
                function,
                arguments,
            } => Term::Call {
                function,
                arguments: arguments.into_iter().map(|term| self.term(term)).collect(),
            },
            Term::Choice { cases, otherwise } => {
                self.choice(cases.into_vec(), otherwise.into_inner())
            }
            Term::Select { list, when, item } => Term::Select {
                list: Shared::new(self.term(list.into_inner())),
                when: Shared::new(self.condition(when.into_inner())),
                item: Shared::new(self.term(item.into_inner())),
            },
            Term::Field(_) | Term::Item { .. } | Term::Literal(_) | Term::Aggregate { .. } => term,
        }
    }

    /// The choice without cases that never hold, and without those after one that always does.
    fn choice(&mut self, cases: Vec<Case>, otherwise: Term) -> Term {
        let mut kept: Vec<Case> = Vec::new();
        let mut last = otherwise;
        for case in cases {
            let when = self.condition(case.when);
            match when.as_constant() {
                Some(false) => {}
                Some(true) => {
                    last = case.then;
                    break;
                }
                None => kept.push(Case {
                    when,
                    then: self.term(case.then),
                }),
            }
        }
        let last = self.term(last);
        while kept.last().is_some_and(|case| case.then == last) {
            kept.pop();
        }
        if kept.is_empty() {
            return last;
        }
        Term::Choice {
            cases: kept.into(),
            otherwise: Shared::new(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Literal, Object, Operator, Origin, Predicate, Stage};

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
}
