//! What is counted or measured of matches, in Sigma's words.
//!
//! Several fields are one measure where their values count together. Refused: a computed value, a range, and members that call
//! what is measured differently.

use serde_json::{Map, Value};

use super::correlation::{number, word};
use super::members::Written;
use crate::ir::{Bound, FieldPath, Function, Literal, Measure, Operator, Term};

/// The type of a count over several members, and its condition.
pub(super) fn asked(
    measures: &[Measure],
    bound: Bound,
    also: Option<Bound>,
    members: &[Written<'_>],
) -> Result<(&'static str, Option<Value>), String> {
    if also.is_some() {
        return Err("pySigma takes one comparison, and a range has two".to_owned());
    }
    let (kind, _) = kind(measures.first().ok_or("a count requires a measure")?);
    let mut condition = Map::new();
    let mut names: Vec<String> = Vec::new();
    for (measure, member) in measures.iter().zip(members) {
        let mut own = Vec::new();
        for field in measured(measure)? {
            own.push(member.name(field)?);
        }
        if names.is_empty() {
            names = own;
        } else if names != own {
            return Err(
                "Sigma measures a field of one name, and the members call it differently".into(),
            );
        }
    }
    match names.as_slice() {
        [] => {}
        [name] => {
            condition.insert("field".to_owned(), name.as_str().into());
        }
        names => {
            condition.insert("field".to_owned(), names.into());
        }
    }
    condition.insert(word(bound.comparison).to_owned(), number(bound.count));
    if let Some(Measure::Percentile { percent, .. }) = measures.first() {
        condition.insert("percentile".to_owned(), number(*percent));
    }
    Ok((kind, Some(condition.into())))
}

/// The word of a measure, and its term.
pub(super) fn kind(measure: &Measure) -> (&'static str, Option<&Term>) {
    match measure {
        Measure::Count => ("event_count", None),
        Measure::DistinctCount(term) => ("value_count", Some(term)),
        Measure::Sum(term) => ("value_sum", Some(term)),
        Measure::Average(term) => ("value_avg", Some(term)),
        Measure::Percentile { of, .. } => ("value_percentile", Some(of)),
    }
}

/// The fields that are measured: one, or several whose values count together where an event has them all.
pub(super) fn measured(measure: &Measure) -> Result<Vec<&FieldPath>, String> {
    let (_, Some(term)) = kind(measure) else {
        return Ok(Vec::new());
    };
    let computed = || format!("Sigma measures fields; `{term}` is computed");
    match term {
        Term::Field(path) => Ok(vec![path]),
        Term::Choice { cases, otherwise } => {
            let [case] = &**cases else {
                return Err(computed());
            };
            let (
                Measure::DistinctCount(_),
                Term::Call {
                    function: Function::List,
                    arguments,
                },
            ) = (measure, &case.then)
            else {
                return Err(computed());
            };
            let fields: Option<Vec<&FieldPath>> = arguments.iter().map(Term::as_field).collect();
            let fields = fields.ok_or_else(computed)?;
            let asked = case.when.conjuncts().len() == fields.len()
                && case.when.predicates().iter().all(|(predicate, negated)| {
                    !*negated
                        && predicate.operator == Operator::IsPresent
                        && predicate
                            .subject
                            .as_field()
                            .is_some_and(|it| fields.contains(&it))
                });
            let null = otherwise.as_literal() == Some(&Literal::Null);
            if asked && null {
                Ok(fields)
            } else {
                Err(computed())
            }
        }
        Term::Item { .. }
        | Term::Literal(_)
        | Term::Call { .. }
        | Term::Select { .. }
        | Term::Aggregate { .. } => Err(computed()),
    }
}
