//! A list that is made of another list's items: a question about its items as one about those of the other list.
//!
//! Invariant: the new condition says of an item of the other list what the old one says of what is made of it. Refused, by giving
//! nothing: a path through every item of a list below a value that is computed.

use std::cmp::Ordering;

use super::{Case, Condition, FieldPath, Function, Literal, Object, Predicate, Segment, Term};

/// What becomes of an item: given how many lists are around within what is rebuilt, the item's depth and its path.
type Change<'c> = dyn Fn(usize, usize, &FieldPath) -> Option<Term> + 'c;

impl Condition {
    /// The condition about an item (`depth` 0) of a list that is made by `made` of each item of another one, as a condition about
    /// that list's item.
    #[must_use]
    pub fn of_made(&self, made: &Term) -> Option<Self> {
        condition(self, 0, &|around, depth, path| {
            if depth != around {
                return Some(item(depth, path));
            }
            // What is made reads items from further out here.
            let lifted = term(made, 0, &|inner, depth, path| {
                let further = if depth >= inner { around } else { 0 };
                Some(item(depth + further, path))
            });
            below(lifted?, path)
        })
    }

    /// The condition about an item (`depth` 0) of a list of lists that are made of so many parts of each item of another list, as a
    /// condition about that list's item. Every part is there.
    #[must_use]
    pub fn of_parts(&self, parts: &[Term]) -> Option<Self> {
        condition(self, 0, &|around, depth, path| {
            of_part(parts, around, depth, path)
        })
    }

    /// The condition about an item (`depth` 0) of a list of lists, as one about these parts of it, which are said outside of the
    /// list. Every part is there.
    #[must_use]
    pub fn of_values(&self, parts: &[Term]) -> Option<Self> {
        condition(self, 0, &|around, depth, path| match depth.cmp(&around) {
            Ordering::Greater => Some(item(depth - 1, path)),
            _ => of_part(parts, around, depth, path),
        })
    }

    /// The same condition about an item (`depth` 0), said where one more list stands between it and the lists around.
    #[must_use]
    pub fn within_list(&self) -> Self {
        let changed = condition(self, 0, &|around, depth, path| {
            Some(item(depth + usize::from(depth > around), path))
        });
        changed.unwrap_or_else(|| self.clone())
    }

    /// The condition about an item (`depth` 0) of a list, as one about the value, which is said outside of the list.
    #[must_use]
    pub fn of_value(&self, value: &Term) -> Option<Self> {
        condition(self, 0, &|around, depth, path| {
            in_place_of_item(value, around, depth, path)
        })
    }
}

impl Term {
    /// The value of an item (`depth` 0) of a list of lists, as with [`Condition::of_parts`].
    #[must_use]
    pub fn of_parts(&self, parts: &[Term]) -> Option<Self> {
        term(self, 0, &|around, depth, path| {
            of_part(parts, around, depth, path)
        })
    }

    /// The value of an item (`depth` 0) of a list, as with [`Condition::of_value`].
    #[must_use]
    pub fn of_value(&self, value: &Self) -> Option<Self> {
        term(self, 0, &|around, depth, path| {
            in_place_of_item(value, around, depth, path)
        })
    }

    /// The same value, said within one more list.
    #[must_use]
    pub fn within_list(&self) -> Self {
        self.within_lists(1)
    }

    /// The same value, said within so many more lists.
    #[must_use]
    pub fn within_lists(&self, count: usize) -> Self {
        let changed = term(self, 0, &|around, depth, path| {
            let further = if depth >= around { count } else { 0 };
            Some(item(depth + further, path))
        });
        changed.unwrap_or_else(|| self.clone())
    }
}

/// What is read of an item with a value in its place, which is said outside of the list.
fn in_place_of_item(value: &Term, around: usize, depth: usize, path: &FieldPath) -> Option<Term> {
    match depth.cmp(&around) {
        Ordering::Less => Some(item(depth, path)),
        Ordering::Greater => Some(item(depth - 1, path)),
        Ordering::Equal => {
            let lifted = term(value, 0, &|inner, depth, path| {
                let further = if depth >= inner { around } else { 0 };
                Some(item(depth + further, path))
            });
            below(lifted?, path)
        }
    }
}

/// What becomes of an item that is a list of these parts.
fn of_part(parts: &[Term], around: usize, depth: usize, path: &FieldPath) -> Option<Term> {
    if depth != around {
        return Some(item(depth, path));
    }
    let (part, rest) = match path.segments.split_first() {
        Some((Segment::Index(at), rest)) => {
            let part = parts.get(usize::try_from(*at).ok()?)?;
            (part.clone(), rest)
        }
        Some(_) => return None,
        None => (Term::call(Function::List, parts.to_vec()), &[][..]),
    };
    // What is made reads items from further out here.
    let lifted = term(&part, 0, &|inner, depth, path| {
        let further = if depth >= inner { around } else { 0 };
        Some(item(depth + further, path))
    });
    let rest = FieldPath {
        segments: rest.to_vec().into(),
    };
    below(lifted?, &rest)
}

fn item(depth: usize, path: &FieldPath) -> Term {
    Term::Item {
        depth,
        path: path.clone(),
    }
}

/// The condition with every item changed; nothing where one cannot be.
fn condition(given: &Condition, around: usize, change: &Change<'_>) -> Option<Condition> {
    let all = |parts: &[Condition]| -> Option<Vec<Condition>> {
        let parts = parts.iter().map(|part| condition(part, around, change));
        parts.collect()
    };
    Some(match given {
        Condition::All(parts) => Condition::All(all(parts)?.into()),
        Condition::Any(parts) => Condition::Any(all(parts)?.into()),
        Condition::Not(inner) => Condition::Not(condition(inner, around, change)?.into()),
        Condition::Test(predicate) => Predicate {
            subject: term(&predicate.subject, around, change)?,
            object: match &predicate.object {
                Object::Term(other) => Object::Term(term(other, around, change)?.into()),
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
            list: term(list, around, change)?.into(),
            body: condition(body, around + 1, change)?.into(),
        },
    })
}

/// The same of a term.
fn term(given: &Term, around: usize, change: &Change<'_>) -> Option<Term> {
    Some(match given {
        Term::Item { depth, path } => change(around, *depth, path)?,
        Term::Field(_) | Term::Literal(_) => given.clone(),
        Term::Call {
            function,
            arguments,
        } => {
            let arguments = arguments
                .iter()
                .map(|argument| term(argument, around, change));
            Term::call(*function, arguments.collect::<Option<Vec<Term>>>()?)
        }
        Term::Choice { cases, otherwise } => {
            let cases = cases.iter().map(|case| {
                Some(Case {
                    when: condition(&case.when, around, change)?,
                    then: term(&case.then, around, change)?,
                })
            });
            Term::Choice {
                cases: cases.collect::<Option<Vec<Case>>>()?.into(),
                otherwise: term(otherwise, around, change)?.into(),
            }
        }
        Term::Select { list, when, item } => Term::Select {
            list: term(list, around, change)?.into(),
            when: condition(when, around + 1, change)?.into(),
            item: term(item, around + 1, change)?.into(),
        },
        Term::Aggregate {
            aggregate,
            argument,
        } => Term::Aggregate {
            aggregate: *aggregate,
            argument: match argument {
                Some(argument) => Some(term(argument, around, change)?.into()),
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
    fn a_question_about_the_item_of_a_list_of_one_is_one_about_the_value() {
        let listed = |value: &Term| Term::call(Function::List, [value.clone()]);
        let inner = some(item(0, "list"), equals(item(1, "deep"), "x"));
        let outer = some(item(0, "list"), equals(item(2, "name"), "a"));
        let values = [item(0, "inner"), Term::field(["other"]), item(0, "name")];
        let events = [
            json!({"list": [{"name": "a", "inner": {"deep": "x", "list": [1]}}], "other": "x"}),
            json!({"list": [{"name": "x", "inner": ["x"]}], "other": {"deep": "x", "list": [2]}}),
            json!({"list": [{}], "other": {"deep": "y", "list": []}}),
        ];
        for value in &values {
            for body in [
                equals(item(0, ""), "x"),
                equals(item(0, "deep"), "x"),
                inner.clone(),
                outer.clone(),
            ] {
                let given = some(Term::field(["list"]), some(listed(value), body.clone()));
                let direct = some(Term::field(["list"]), body.of_value(value).unwrap());
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
