//! One of several values, by condition.
//!
//! Invariant: a [`Value::Choice`] is flat, its cases are tried in order, no two neighbours have one value, and a choice of nothing
//! but truth values is a condition.

use std::rc::Rc;

use super::logic::mix;
use super::value::{Choice, Value};
use crate::ir::Condition;

impl Value<'_> {
    /// The first of the cases whose condition holds, else `otherwise`; as simple as can be said.
    pub(in crate::frontend::panther) fn choose(
        cases: Vec<(Condition, Self)>,
        otherwise: Self,
    ) -> Self {
        if cases.iter().all(|(_, value)| value.same(&otherwise)) {
            return otherwise;
        }
        if let [(when, first)] = cases.as_slice()
            && let Some(value) = super::lean::defaulted(when, first, &otherwise)
        {
            return value;
        }
        let mut flat: Vec<(Condition, Self)> = Vec::new();
        let mut last = otherwise;
        for (when, value) in cases {
            match when.as_constant() {
                Some(false) => continue,
                Some(true) => {
                    last = value;
                    break;
                }
                None => {}
            }
            if let Self::Choice(choice) = value {
                for (inner, value) in &choice.cases {
                    push_case(&mut flat, when.clone().and(inner.clone()), value.clone());
                }
                push_case(&mut flat, when, choice.otherwise.clone());
            } else {
                push_case(&mut flat, when, value);
            }
        }
        if let Self::Choice(choice) = &last {
            for (when, value) in &choice.cases {
                push_case(&mut flat, when.clone(), value.clone());
            }
            last = choice.otherwise.clone();
        }
        while flat.last().is_some_and(|(_, value)| value.same(&last)) {
            flat.pop();
        }
        flat = super::attempts::merged(flat);
        super::lean::lean(&mut flat, &mut last);
        if flat.is_empty() {
            return last;
        }
        if let Some(grown) = super::growth::joined(&flat, &last) {
            return grown;
        }
        match truths(&flat, &last) {
            Some(condition) => Self::truth(condition),
            None => Self::Choice(Rc::new(Choice {
                cases: flat,
                otherwise: last,
            })),
        }
    }
}

/// Adds a case; two neighbours with one value become one case.
fn push_case<'m>(cases: &mut Vec<(Condition, Value<'m>)>, when: Condition, value: Value<'m>) {
    match cases.last_mut() {
        Some((before, same)) if same.same(&value) => {
            *before = std::mem::replace(before, Condition::FALSE).or(when);
        }
        _ => cases.push((when, value)),
    }
}

/// The one condition that a choice of nothing but truth values is.
fn truths(cases: &[(Condition, Value<'_>)], otherwise: &Value<'_>) -> Option<Condition> {
    let values: Vec<Condition> = cases
        .iter()
        .map(|(_, value)| value.as_condition())
        .collect::<Option<_>>()?;
    let mut result = otherwise.as_condition()?;
    for ((when, _), value) in cases.iter().zip(values).rev() {
        result = mix(when.clone(), value, result);
    }
    Some(result)
}
