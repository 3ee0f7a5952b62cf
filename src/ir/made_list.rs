//! A list that is made of another list's items: a question about its items as one about those of the other list.
//!
//! Invariant: the new condition says of an item of the other list what the old one says of what is made of it. Refused, by giving
//! nothing: a path through every item of a list below a value that is computed.

use super::{
    Case, Condition, FieldPath, Function, Literal, Object, Predicate, Segment, Shared, Term,
};

impl Condition {
    /// The condition about an item (`depth` 0) of a list that is made by `made` of each item of another one, as a condition about
    /// that list's item.
    #[must_use]
    pub fn of_made(&self, made: &Term) -> Option<Self> {
        condition(self, made, 0)
    }
}

fn condition(given: &Condition, made: &Term, depth: usize) -> Option<Condition> {
    let all = |parts: &[Condition]| -> Option<Vec<Condition>> {
        parts
            .iter()
            .map(|part| condition(part, made, depth))
            .collect()
    };
    Some(match given {
        Condition::All(parts) => Condition::All(all(parts)?.into()),
        Condition::Any(parts) => Condition::Any(all(parts)?.into()),
        Condition::Not(inner) => Condition::Not(condition(inner, made, depth)?.into()),
        Condition::Test(predicate) => Predicate {
            subject: term(&predicate.subject, made, depth)?,
            object: match &predicate.object {
                Object::Term(other) => Object::Term(term(other, made, depth)?.into()),
                other => other.clone(),
            },
            ..predicate.as_ref().clone()
        }
        .into(),
        Condition::Items {
            quantifier,
            list,
            body,
        } => Condition::Items {
            quantifier: *quantifier,
            list: term(list, made, depth)?.into(),
            body: condition(body, made, depth + 1)?.into(),
        },
    })
}

fn term(given: &Term, made: &Term, depth: usize) -> Option<Term> {
    Some(match given {
        Term::Item { depth: own, path } if *own == depth => below(lifted(made, depth, 0), path)?,
        Term::Field(_) | Term::Literal(_) | Term::Item { .. } => given.clone(),
        Term::Call {
            function,
            arguments,
        } => {
            let arguments: Option<Vec<Term>> = arguments
                .iter()
                .map(|argument| term(argument, made, depth))
                .collect();
            Term::call(*function, arguments?)
        }
        Term::Choice { cases, otherwise } => {
            let cases: Option<Vec<Case>> = cases
                .iter()
                .map(|case| {
                    Some(Case {
                        when: condition(&case.when, made, depth)?,
                        then: term(&case.then, made, depth)?,
                    })
                })
                .collect();
            Term::Choice {
                cases: cases?.into(),
                otherwise: term(otherwise, made, depth)?.into(),
            }
        }
        Term::Select { list, when, item } => Term::Select {
            list: term(list, made, depth)?.into(),
            when: condition(when, made, depth + 1)?.into(),
            item: term(item, made, depth + 1)?.into(),
        },
        Term::Aggregate {
            aggregate,
            argument,
        } => Term::Aggregate {
            aggregate: *aggregate,
            argument: match argument {
                Some(argument) => Some(term(argument, made, depth)?.into()),
                None => None,
            },
        },
    })
}

/// What is below the value.
fn below(value: Term, path: &FieldPath) -> Option<Term> {
    path.segments.iter().try_fold(value, |value, step| {
        let text = |key: &String| Term::text(key.as_str());
        Some(match (value, step) {
            (Term::Field(path), step) => Term::Field(path.join(step.clone())),
            (Term::Item { depth, path }, step) => Term::Item {
                depth,
                path: path.join(step.clone()),
            },
            (value, Segment::Key(key)) => Term::call(Function::Member, [value, text(key)]),
            (value, Segment::Exact(key)) => Term::call(Function::MemberExact, [value, text(key)]),
            (value, Segment::Index(at)) => {
                let at = Term::Literal(Literal::Integer(*at));
                Term::call(Function::Item, [value, at])
            }
            (_, Segment::Each) => return None,
        })
    })
}

/// The term within so many more lists: the items that it reads from outside of itself (from depth `own` on) are further out.
fn lifted(given: &Term, by: usize, own: usize) -> Term {
    match given {
        Term::Item { depth, path } if *depth >= own => Term::Item {
            depth: depth + by,
            path: path.clone(),
        },
        Term::Field(_) | Term::Literal(_) | Term::Item { .. } => given.clone(),
        Term::Call {
            function,
            arguments,
        } => {
            let arguments = arguments.iter().map(|argument| lifted(argument, by, own));
            Term::call(*function, arguments.collect::<Vec<_>>())
        }
        Term::Choice { cases, otherwise } => Term::Choice {
            cases: cases
                .iter()
                .map(|case| Case {
                    when: lifted_condition(&case.when, by, own),
                    then: lifted(&case.then, by, own),
                })
                .collect::<Vec<_>>()
                .into(),
            otherwise: lifted(otherwise, by, own).into(),
        },
        Term::Select { list, when, item } => Term::Select {
            list: lifted(list, by, own).into(),
            when: lifted_condition(when, by, own + 1).into(),
            item: lifted(item, by, own + 1).into(),
        },
        Term::Aggregate {
            aggregate,
            argument,
        } => Term::Aggregate {
            aggregate: *aggregate,
            argument: argument
                .as_ref()
                .map(|argument| lifted(argument, by, own).into()),
        },
    }
}

fn lifted_condition(given: &Condition, by: usize, own: usize) -> Condition {
    let all = |parts: &[Condition]| -> Vec<Condition> {
        let lifted = parts.iter().map(|part| lifted_condition(part, by, own));
        lifted.collect()
    };
    match given {
        Condition::All(parts) => Condition::All(all(parts).into()),
        Condition::Any(parts) => Condition::Any(all(parts).into()),
        Condition::Not(inner) => Condition::Not(lifted_condition(inner, by, own).into()),
        Condition::Test(predicate) => Predicate {
            subject: lifted(&predicate.subject, by, own),
            object: match &predicate.object {
                Object::Term(other) => Object::Term(Shared::new(lifted(other, by, own))),
                other => other.clone(),
            },
            ..predicate.as_ref().clone()
        }
        .into(),
        Condition::Items {
            quantifier,
            list,
            body,
        } => Condition::Items {
            quantifier: *quantifier,
            list: lifted(list, by, own).into(),
            body: lifted_condition(body, by, own + 1).into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::eval;
    use crate::ir::{Operator, Quantifier};

    fn item(depth: usize, path: &str) -> Term {
        Term::Item {
            depth,
            path: FieldPath::parse(path).unwrap(),
        }
    }

    fn equals(subject: Term, value: &str) -> Condition {
        let object = Object::Literal(Literal::Text(value.to_owned()));
        Predicate::new(subject, Operator::Equals, object).into()
    }

    fn some(list: Term, body: Condition) -> Condition {
        Condition::Items {
            quantifier: Quantifier::Some,
            list: list.into(),
            body: body.into(),
        }
    }

    /// Lists that are made, and bodies about their items, on events: both forms say the same.
    #[test]
    fn a_question_about_what_is_made_is_one_about_what_it_is_made_of() {
        let root = FieldPath::root();
        let whole = Term::Item {
            depth: 0,
            path: root.clone(),
        };
        let when = equals(item(0, "kind"), "a");
        let lowered = Term::call(Function::Lower, [item(0, "name")]);
        let parts = Term::call(Function::Split, [item(0, "name"), Term::text("/")]);
        let made = [
            item(0, "inner"),
            lowered,
            parts,
            Term::Field(FieldPath::parse("other").unwrap()),
        ];
        let bodies = [
            equals(whole.clone(), "x"),
            equals(item(0, "deep"), "x"),
            equals(item(0, "[1]"), "x"),
            some(
                whole,
                equals(
                    Term::Item {
                        depth: 0,
                        path: root,
                    },
                    "x",
                ),
            ),
            some(item(0, "list"), equals(item(1, "deep"), "x")),
        ];
        let events = [
            json!({"list": [{"kind": "a", "name": "X", "inner": {"deep": "x", "list": [1]}}], "other": "x"}),
            json!({"list": [{"kind": "a", "name": "y/x", "inner": ["x"]}], "other": {"deep": "x", "list": [2]}}),
            json!({"list": [{"kind": "b", "name": "x", "inner": "x"}], "other": ["y", "x"]}),
            json!({"list": []}),
            json!({}),
        ];
        let list = Term::field(["list"]);
        for made in &made {
            let select = Term::Select {
                list: list.clone().into(),
                when: when.clone().into(),
                item: made.clone().into(),
            };
            for body in &bodies {
                let direct = body.of_made(made).unwrap();
                let direct = some(list.clone(), when.clone().and(direct));
                let given = some(select.clone(), body.clone());
                for event in &events {
                    let verdicts = [&given, &direct].map(|condition| eval::holds(condition, event));
                    assert_eq!(verdicts[0], verdicts[1], "{given} and {direct} on {event}");
                }
            }
        }
    }

    #[test]
    fn every_item_below_what_is_computed_has_no_such_form() {
        let lowered = Term::call(Function::Lower, [item(0, "name")]);
        assert_eq!(equals(item(0, "a[]"), "x").of_made(&lowered), None);
    }
}
