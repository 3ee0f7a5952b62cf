//! Policies: what was lowered for an event, as it is for a resource.
//!
//! An event of Panther finds its keys in any case; the resource that a policy is given is a plain dictionary, whose keys have to be
//! spelt exactly so. Everything else is the same.

use crate::ir::{Condition, FieldPath, Function, Object, Rule, Segment, Term};

/// Makes every key of the rule one that has to be spelt exactly so.
pub(super) fn spell_exactly(rule: &mut Rule) {
    condition(&mut rule.selection);
    let alert = &mut rule.alert;
    let texts = [
        &mut alert.title,
        &mut alert.description,
        &mut alert.dedup,
        &mut alert.severity,
        &mut alert.runbook,
        &mut alert.reference,
    ];
    texts.into_iter().flatten().for_each(term);
    let outputs = rule.outputs.iter_mut();
    outputs.for_each(|output| term(&mut output.source));
}

fn condition(node: &mut Condition) {
    match node {
        Condition::All(parts) | Condition::Any(parts) => parts.iter_mut().for_each(condition),
        Condition::Not(inner) => condition(inner),
        Condition::Test(predicate) => {
            term(&mut predicate.subject);
            if let Object::Term(other) = &mut predicate.object {
                term(other);
            }
        }
        Condition::Items { list, body, .. } => {
            term(list);
            condition(body);
        }
    }
}

fn term(node: &mut Term) {
    match node {
        Term::Field(keys) | Term::Item { path: keys, .. } => path(keys),
        Term::Literal(_) => {}
        Term::Call {
            function,
            arguments,
        } => {
            if *function == Function::Member {
                *function = Function::MemberExact;
            }
            arguments.iter_mut().for_each(term);
        }
        Term::Choice { cases, otherwise } => {
            for case in cases {
                condition(&mut case.when);
                term(&mut case.then);
            }
            term(otherwise);
        }
        Term::Select { list, when, item } => {
            term(list);
            condition(when);
            term(item);
        }
        Term::Aggregate { argument, .. } => argument.iter_mut().for_each(|inner| term(inner)),
    }
}

fn path(path: &mut FieldPath) {
    for segment in &mut path.segments {
        if let Segment::Key(key) = segment {
            *segment = Segment::Exact(std::mem::take(key));
        }
    }
}
