//! One form for "neither null nor empty": `x present and not x eq ""` is `x filled`, `not x present or x eq ""` is `not x filled`.

use crate::ir::{Condition, Literal, Object, Operator, Predicate, Term};

pub(super) fn gather(condition: Condition) -> Condition {
    condition.map(&mut |node| match node {
        Condition::All(parts) => Condition::All(gathered(parts.into_vec(), false).into()),
        Condition::Any(parts) => Condition::Any(gathered(parts.into_vec(), true).into()),
        other => other,
    })
}

/// The parts with each pair joined where its first one stood; `negated` where the pair is an alternative.
fn gathered(mut parts: Vec<Condition>, negated: bool) -> Vec<Condition> {
    let mut at = 0;
    while at < parts.len() {
        let pair = asked(&parts[at], Operator::IsPresent, negated).and_then(|subject| {
            let empty =
                |other: &Condition| asked(other, Operator::Equals, !negated) == Some(subject);
            Some((parts.iter().position(empty)?, subject.clone()))
        });
        if let Some((empty, subject)) = pair {
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
    parts
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
