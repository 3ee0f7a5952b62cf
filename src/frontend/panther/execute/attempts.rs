//! A text that is tried against one format of a time after the other, to one reading by all of them.
//!
//! Invariant: the first format that the text follows decides, as before.

use std::rc::Rc;

use super::value::{Moment, Value};
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Predicate, Shared, Term};

/// Neighbouring cases that are times by the formats that a text follows.
struct Run {
    /// The test of the first.
    test: Predicate,
    /// The text and the formats.
    arguments: Vec<Term>,
    /// Whether some of the formats say how far the clock is ahead of UTC, and whether some do not.
    offsets: (bool, bool),
}

/// The cases with those that try the formats of one text as one or two cases.
pub(super) fn merged(cases: Vec<(Condition, Value<'_>)>) -> Vec<(Condition, Value<'_>)> {
    if !cases
        .iter()
        .any(|(_, value)| matches!(value, Value::Moment(_)))
    {
        return cases;
    }
    let mut merged = Vec::new();
    let mut run: Option<Run> = None;
    for (when, value) in cases {
        match (run.as_mut(), attempt(&when, &value)) {
            (Some(run), Some(next)) if run.arguments[0] == next.arguments[0] => {
                add_formats(&mut run.arguments, &next.arguments);
                run.offsets.0 |= next.offsets.0;
                run.offsets.1 |= next.offsets.1;
            }
            (_, next @ Some(_)) => {
                merged.extend(run.take().into_iter().flat_map(Run::cases));
                run = next;
            }
            (_, None) => {
                merged.extend(run.take().into_iter().flat_map(Run::cases));
                merged.push((when, value));
            }
        }
    }
    merged.extend(run.into_iter().flat_map(Run::cases));
    merged
}

impl Run {
    fn cases<'m>(self) -> Vec<(Condition, Value<'m>)> {
        let read = Term::call(Function::ReadTime, self.arguments);
        let time = |with_offset: bool| {
            Value::Moment(Rc::new(Moment {
                clock: part(&read, 0),
                offset: with_offset.then(|| part(&read, 1)),
            }))
        };
        let test = |subject: Term, operator| {
            Condition::from(Predicate {
                subject,
                operator,
                ..self.test.clone()
            })
        };
        let there = test(read.clone(), Operator::Exists);
        match self.offsets {
            (true, true) => {
                let offset = test(item(&read, 1), Operator::IsPresent);
                vec![(offset, time(true)), (there, time(false))]
            }
            (with_offset, _) => vec![(there, time(with_offset))],
        }
    }
}

/// Adds the formats of a later attempt to those of the earlier ones.
fn add_formats(arguments: &mut Vec<Term>, more: &[Term]) {
    for format in more.iter().skip(1) {
        if !arguments.iter().skip(1).any(|known| known == format) {
            arguments.push(format.clone());
        }
    }
}

fn item(read: &Term, at: i64) -> Term {
    let position = Term::Literal(Literal::Integer(at));
    Term::call(Function::Item, [read.clone(), position])
}

fn part<'m>(read: &Term, at: i64) -> Value<'m> {
    Value::computed(item(read, at), Kind::Integer)
}

/// The case as an attempt, if it is one.
fn attempt(when: &Condition, value: &Value<'_>) -> Option<Run> {
    let (test, arguments) = reading(when)?;
    let Value::Moment(time) = value else {
        return None;
    };
    let is_part = |value: &Value<'_>, at| match value {
        Value::Data(data) => data.term == item(&test.subject, at),
        _ => false,
    };
    let offset = time.offset.as_ref();
    let whole = is_part(&time.clock, 0) && offset.is_none_or(|offset| is_part(offset, 1));
    whole.then(|| Run {
        test: test.clone(),
        arguments: arguments.to_vec(),
        offsets: (offset.is_some(), offset.is_none()),
    })
}

/// The text and the formats that the condition asks for.
fn reading(condition: &Condition) -> Option<(&Predicate, &[Term])> {
    let Condition::Test(test) = condition else {
        return None;
    };
    match (&test.subject, test.operator, &test.object) {
        (
            Term::Call {
                function: Function::ReadTime,
                arguments,
            },
            Operator::Exists,
            Object::None,
        ) if arguments.len() > 1 => Some((test, arguments)),
        _ => None,
    }
}

/// The condition with neighbouring questions whether a text follows formats as one question.
pub(in crate::frontend::panther) fn asked_once(condition: Condition) -> Condition {
    match condition {
        Condition::All(parts) => Condition::All(joined(parts.into_vec(), true).into()),
        Condition::Any(parts) => Condition::Any(joined(parts.into_vec(), false).into()),
        Condition::Not(inner) => Condition::Not(Shared::new(asked_once(inner.into_inner()))),
        other => other,
    }
}

fn joined(parts: Vec<Condition>, negated: bool) -> Vec<Condition> {
    let mut joined: Vec<Condition> = Vec::new();
    for part in parts {
        let part = asked_once(part);
        let both = joined
            .last()
            .and_then(|last| either_format(last, &part, negated));
        match (both, joined.last_mut()) {
            (Some(both), Some(last)) => *last = both,
            _ => joined.push(part),
        }
    }
    joined
}

/// One question for two; for their negations, one negation.
fn either_format(a: &Condition, b: &Condition, negated: bool) -> Option<Condition> {
    let (a, b) = match (negated, a, b) {
        (true, Condition::Not(a), Condition::Not(b)) => (a.as_ref(), b.as_ref()),
        (true, ..) => return None,
        (false, a, b) => (a, b),
    };
    let ((test, first), (_, second)) = (reading(a)?, reading(b)?);
    if first[0] != second[0] {
        return None;
    }
    let mut arguments = first.to_vec();
    add_formats(&mut arguments, second);
    let one = Condition::from(Predicate {
        subject: Term::call(Function::ReadTime, arguments),
        ..test.clone()
    });
    Some(if negated {
        Condition::Not(Shared::new(one))
    } else {
        one
    })
}
