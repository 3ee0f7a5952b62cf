//! One form for "neither null nor empty": `x present and not x eq ""` is `x filled`, `not x present or x eq ""` is `not x filled`.

use crate::ir::{Condition, Literal, Local, Object, Operator, Predicate, SharedVec, Term};

pub(super) fn gather(condition: Condition) -> Condition {
    condition.map_unsettled(Local::Filled, &mut |node| match node {
        Condition::All(parts) => gathered(parts, false).map(Condition::All),
        Condition::Any(parts) => gathered(parts, true).map(Condition::Any),
        _ => None,
    })
}

/// The parts with each pair joined where its first one stood, if there are pairs; `negated` where a pair is an alternative.
fn gathered(parts: &SharedVec<Condition>, negated: bool) -> Option<SharedVec<Condition>> {
    let first = (0..parts.len()).find(|at| pair(parts, *at, negated).is_some())?;
    let mut parts = parts.to_vec();
    let mut at = first;
    while at < parts.len() {
        if let Some((empty, subject)) = pair(&parts, at, negated) {
            let mut filled = Predicate::new(subject, Operator::IsFilled, Object::None);
            if let Condition::Test(present) = without_negation(&parts[at]) {
                (filled.origin, filled.implied) = (present.origin, present.implied);
            }
            let filled = Condition::from(filled);
            parts[at] = if negated { filled.negate() } else { filled };
            parts.remove(empty);
            if empty < at {
                at -= 1;
            }
        }
        at += 1;
    }
    Some(parts.into())
}

/// Where the part stands that asks for the empty text, if the one at the position asks whether the same value is present; and of
/// which value.
fn pair(parts: &[Condition], at: usize, negated: bool) -> Option<(usize, Term)> {
    let subject = asked(&parts[at], Operator::IsPresent, negated)?;
    let empty = |other: &Condition| asked(other, Operator::Equals, !negated) == Some(subject);
    Some((parts.iter().position(empty)?, subject.clone()))
}

/// The subject, where the condition asks whether it is present, or is the empty text.
fn asked(condition: &Condition, operator: Operator, negated: bool) -> Option<&Term> {
    if matches!(condition, Condition::Not(_)) != negated {
        return None;
    }
    let Condition::Test(predicate) = without_negation(condition) else {
        return None;
    };
    let fits = match &predicate.object {
        Object::None => true,
        Object::Literal(Literal::Text(text)) => text.is_empty(),
        _ => false,
    };
    // Of several values one can be present and another empty.
    let single = matches!(&predicate.subject, Term::Field(path) | Term::Item { path, .. } if !path.has_each());
    (fits && single && predicate.operator == operator).then_some(&predicate.subject)
}

fn without_negation(condition: &Condition) -> &Condition {
    match condition {
        Condition::Not(inner) => inner,
        other => other,
    }
}
