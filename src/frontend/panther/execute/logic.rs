//! Conditions from conditions: small simplifications that keep what is built small. Normalization does the rest.
//!
//! Invariant: every function here returns a condition that evaluates alike on every event.

use crate::ir::{Condition, Predicate, Term};

/// `then` where the condition holds, `otherwise` where it does not.
pub(in crate::frontend::panther) fn mix(
    when: Condition,
    then: Condition,
    otherwise: Condition,
) -> Condition {
    let then = under(&when, true, then);
    let otherwise = under(&when, false, otherwise);
    match (
        when.as_constant(),
        then.as_constant(),
        otherwise.as_constant(),
    ) {
        (Some(true), ..) => then,
        (Some(false), ..) => otherwise,
        (_, Some(true), _) => when.or(otherwise),
        (_, Some(false), _) => when.negate().and(otherwise),
        (_, _, Some(true)) => when.negate().or(then),
        (_, _, Some(false)) => when.and(then),
        _ if then == otherwise => then,
        _ => {
            let negated = when.clone().negate();
            when.and(then).or(negated.and(otherwise))
        }
    }
}

/// What is left of a condition where `when` is known to be `value`.
fn under(when: &Condition, value: bool, condition: Condition) -> Condition {
    if condition == *when {
        Condition::constant(value)
    } else if is_negation(&condition, when) {
        Condition::constant(!value)
    } else {
        condition
    }
}

/// Whether one is plainly the negation of the other.
pub(in crate::frontend::panther) fn is_negation(a: &Condition, b: &Condition) -> bool {
    matches!(a, Condition::Not(inner) if **inner == *b)
        || matches!(b, Condition::Not(inner) if **inner == *a)
}

/// The conjunction of many.
pub(in crate::frontend::panther) fn all(parts: impl IntoIterator<Item = Condition>) -> Condition {
    parts.into_iter().fold(Condition::TRUE, Condition::and)
}

/// The disjunction of many.
pub(in crate::frontend::panther) fn any(parts: impl IntoIterator<Item = Condition>) -> Condition {
    parts.into_iter().fold(Condition::FALSE, Condition::or)
}

/// How many nodes a condition has.
pub(in crate::frontend::panther) fn size(condition: &Condition) -> usize {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => 1 + parts.iter().map(size).sum::<usize>(),
        Condition::Not(inner) => 1 + size(inner),
        Condition::Test(_) => 1,
        Condition::Items { body, .. } => 1 + size(body),
    }
}

/// How deep a condition is.
pub(in crate::frontend::panther) fn depth(condition: &Condition) -> usize {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            1 + parts.iter().map(depth).max().unwrap_or(0)
        }
        Condition::Not(inner) => 1 + depth(inner),
        Condition::Test(_) => 1,
        Condition::Items { body, .. } => 1 + depth(body),
    }
}

/// Whether the condition reads an item of a quantifier at the level or further in.
pub(in crate::frontend::panther) fn reads_level(condition: &Condition, level: usize) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().any(|part| reads_level(part, level))
        }
        Condition::Not(inner) => reads_level(inner, level),
        Condition::Test(predicate) => {
            term_reads_level(&predicate.subject, level)
                || matches!(&predicate.object, crate::ir::Object::Term(term) if term_reads_level(term, level))
        }
        Condition::Items { list, body, .. } => {
            term_reads_level(list, level) || reads_level(body, level)
        }
    }
}

/// Whether the term reads an item of a quantifier at the level or further in.
pub(in crate::frontend::panther) fn term_reads_level(term: &Term, level: usize) -> bool {
    match term {
        Term::Item { depth, .. } => *depth >= level,
        Term::Field(_) | Term::Literal(_) => false,
        Term::Call { arguments, .. } => arguments
            .iter()
            .any(|argument| term_reads_level(argument, level)),
        Term::Choice { cases, otherwise } => {
            term_reads_level(otherwise, level)
                || cases.iter().any(|case| {
                    reads_level(&case.when, level) || term_reads_level(&case.then, level)
                })
        }
        Term::Aggregate { argument, .. } => argument
            .as_deref()
            .is_some_and(|argument| term_reads_level(argument, level)),
    }
}

/// Turns the levels that items carry while a rule is executed (0 is the outermost quantifier) into the distances of the IR
/// (0 is the innermost).
pub(in crate::frontend::panther) fn settle(condition: Condition, around: usize) -> Condition {
    match condition {
        Condition::All(parts) => {
            Condition::All(parts.into_iter().map(|part| settle(part, around)).collect())
        }
        Condition::Any(parts) => {
            Condition::Any(parts.into_iter().map(|part| settle(part, around)).collect())
        }
        Condition::Not(inner) => Condition::Not(Box::new(settle(*inner, around))),
        Condition::Test(predicate) => Condition::Test(settle_predicate(predicate, around)),
        Condition::Items {
            quantifier,
            list,
            body,
        } => Condition::Items {
            quantifier,
            list: settle_term(list, around),
            body: Box::new(settle(*body, around + 1)),
        },
    }
}

fn settle_predicate(mut predicate: Predicate, around: usize) -> Predicate {
    predicate.subject = settle_term(predicate.subject, around);
    if let crate::ir::Object::Term(term) = predicate.object {
        predicate.object = crate::ir::Object::Term(Box::new(settle_term(*term, around)));
    }
    predicate
}

/// The same for a term.
pub(in crate::frontend::panther) fn settle_term(term: Term, around: usize) -> Term {
    match term {
        Term::Item { depth, path } => Term::Item {
            depth: around.saturating_sub(depth + 1),
            path,
        },
        Term::Call {
            function,
            arguments,
        } => Term::Call {
            function,
            arguments: arguments
                .into_iter()
                .map(|argument| settle_term(argument, around))
                .collect(),
        },
        Term::Choice { cases, otherwise } => Term::Choice {
            cases: cases
                .into_iter()
                .map(|case| crate::ir::Case {
                    when: settle(case.when, around),
                    then: settle_term(case.then, around),
                })
                .collect(),
            otherwise: Box::new(settle_term(*otherwise, around)),
        },
        other => other,
    }
}
