//! Choices that a term says in fewer words: what is the first to be there, and texts that differ in a part.

use crate::ir::{Case, Condition, Function, Literal, Operator, Predicate, Shared, Term};

/// The choice in fewer words, if there are any.
pub(super) fn shorter(cases: &[Case], otherwise: &Term) -> Option<Term> {
    first_there(cases, otherwise).or_else(|| differing_part(cases, otherwise))
}

/// The first of several values that is there, and one that always is.
fn first_there(cases: &[Case], otherwise: &Term) -> Option<Term> {
    let is_there = |case: &Case| matches!(&case.when, Condition::Test(predicate) if asks_for(predicate, &case.then));
    let always = match otherwise {
        Term::Literal(literal) => *literal != Literal::Null,
        _ => concat(otherwise).is_some(),
    };
    if !always || !cases.iter().all(is_there) {
        return None;
    }
    let values = cases.iter().map(|case| case.then.clone());
    let values: Vec<Term> = values.chain([otherwise.clone()]).collect();
    Some(Term::call(Function::Coalesce, values))
}

/// Whether the predicate says that the value is there.
fn asks_for(predicate: &Predicate, value: &Term) -> bool {
    predicate.operator == Operator::IsPresent
        && predicate.subject == *value
        && !value.reads_each()
        && !matches!(value, Term::Item { path, .. } if path.has_each())
}

/// Texts that start and end alike: what they have in common, and a choice between the rest.
fn differing_part(cases: &[Case], otherwise: &Term) -> Option<Term> {
    let texts = cases.iter().map(|case| &case.then).chain([otherwise]);
    let texts: Vec<Vec<Term>> = texts.map(concat).collect::<Option<_>>()?;
    let (first, rest) = texts.split_first()?;
    let shortest = texts.iter().map(Vec::len).min()?;
    let same = |at: &usize| rest.iter().all(|other| other[*at] == first[*at]);
    let start = (0..shortest).take_while(same).count();
    let same_end = |back: &usize| {
        let part = &first[first.len() - back];
        rest.iter().all(|other| other[other.len() - back] == *part)
    };
    let end = (1..=shortest - start).take_while(same_end).count();
    if start + end < 2 {
        return None;
    }
    let rest = |text: &Vec<Term>| match &text[start..text.len() - end] {
        [] => Term::text(""),
        [one] => one.clone(),
        many => Term::call(Function::Concat, many.to_vec()),
    };
    let parts: Vec<Term> = texts.iter().map(rest).collect();
    let cases: Vec<Case> = cases
        .iter()
        .zip(&parts)
        .map(|(case, then)| Case {
            when: case.when.clone(),
            then: then.clone(),
        })
        .collect();
    let chosen = Term::Choice {
        cases: cases.into(),
        otherwise: Shared::new(parts.last()?.clone()),
    };
    let whole = first[..start].iter().cloned().chain([chosen]);
    let whole = whole.chain(first[first.len() - end..].iter().cloned());
    Some(Term::call(Function::Concat, whole.collect::<Vec<_>>()))
}

/// The parts of a text that is put together, nested ones among them, without empty ones.
fn concat(term: &Term) -> Option<Vec<Term>> {
    let Term::Call {
        function: Function::Concat,
        arguments,
    } = term
    else {
        return None;
    };
    let mut parts = Vec::new();
    for argument in arguments {
        match concat(argument) {
            Some(more) => parts.extend(more),
            None if *argument == Term::text("") => {}
            None => parts.push(argument.clone()),
        }
    }
    Some(parts)
}
