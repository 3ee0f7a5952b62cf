//! A term of several values, because a path goes through every item of a list, as a term of one: the list of these values.
//!
//! The values of a call are those of the function for every combination of its arguments' values, a missing argument taking part
//! as one missing value. Invariant: the new term reads nothing through every item. Refused: values over several events.

use crate::ir::{
    Case, Condition, FieldPath, Function, Kind, Literal, Object, Operator, Predicate, Segment, Term,
};

/// Whether the term is every text and number of the event.
pub(super) fn is_anywhere(term: &Term) -> bool {
    let Term::Call { function, .. } = term else {
        return false;
    };
    *function == Function::Anywhere
}

/// Whether the term may have several values.
pub(super) fn is_many(term: &Term) -> bool {
    match term {
        Term::Field(path) | Term::Item { path, .. } => path.has_each(),
        Term::Literal(_) | Term::Select { .. } => false,
        Term::Call {
            function,
            arguments,
        } => match function {
            Function::Anywhere => true,
            Function::Recurse => false,
            _ => arguments.iter().any(is_many),
        },
        Term::Choice { cases, otherwise } => {
            is_many(otherwise) || cases.iter().any(|case| is_many(&case.then))
        }
        Term::Aggregate { argument, .. } => {
            argument.as_ref().is_some_and(|argument| is_many(argument))
        }
    }
}

/// The list of the term's values.
pub(super) fn listed(term: &Term) -> Result<Term, String> {
    if !is_many(term) {
        let one = Term::call(Function::List, [term.clone()]);
        return Ok(chosen(
            asked(term.clone(), Operator::Exists),
            one,
            nothing(),
        ));
    }
    match term {
        Term::Field(path) => below(Term::Field, path),
        Term::Item { depth, path } => {
            let depth = *depth;
            below(|path| Term::Item { depth, path }, path)
        }
        // The items of a list to a matcher.
        Term::Call {
            function: Function::Anywhere,
            ..
        } => Ok(taken(
            term.clone(),
            Condition::TRUE,
            item(FieldPath::root()),
        )),
        Term::Call {
            function,
            arguments,
        } => of_call(*function, arguments),
        Term::Choice { cases, otherwise } => {
            let cases = cases.iter().map(|case| {
                let then = listed(&case.then)?;
                let when = case.when.clone();
                Ok(Case { when, then })
            });
            Ok(Term::Choice {
                cases: cases.collect::<Result<Vec<_>, String>>()?.into(),
                otherwise: listed(otherwise)?.into(),
            })
        }
        Term::Aggregate { .. } => {
            Err("a value over several events, of which a matcher sees one".to_owned())
        }
        Term::Literal(_) | Term::Select { .. } => Err("a list of one value".to_owned()),
    }
}

/// What a path through every item of a list leads to.
fn below(of: impl Fn(FieldPath) -> Term, path: &FieldPath) -> Result<Term, String> {
    let at = path.segments.iter().position(|step| *step == Segment::Each);
    let (before, after) = path.segments.split_at(at.unwrap_or_default());
    let part = |steps: &[Segment]| FieldPath {
        segments: steps.to_vec().into(),
    };
    let rest = item(part(after.get(1..).unwrap_or_default()));
    of_each(of(part(before)), &rest)
}

/// What becomes of each item of a list, in one list.
fn of_each(list: Term, made: &Term) -> Result<Term, String> {
    if !is_many(made) {
        let there = asked(made.clone(), Operator::Exists);
        return Ok(taken(list, there, made.clone()));
    }
    let inner = listed(made)?;
    let kinds = Object::Kinds(vec![Kind::List]);
    let is_list = Predicate::new(inner.clone(), Operator::IsKind, kinds).into();
    Ok(Term::call(Function::Flatten, [taken(list, is_list, inner)]))
}

fn of_call(function: Function, arguments: &[Term]) -> Result<Term, String> {
    let at = arguments.iter().position(is_many).unwrap_or_default();
    let list = listed(arguments.get(at).ok_or("a call without arguments")?)?;
    let mut within: Vec<Term> = arguments.iter().map(Term::within_list).collect();
    let mut without = arguments.to_vec();
    within[at] = item(FieldPath::root());
    without[at] = Term::call(
        Function::Item,
        [nothing(), Term::Literal(Literal::Integer(0))],
    );
    let found = of_each(list.clone(), &Term::call(function, within))?;
    let empty = listed(&Term::call(function, without))?;
    Ok(chosen(asked(list, Operator::IsTruthy), found, empty))
}

fn item(path: FieldPath) -> Term {
    Term::Item { depth: 0, path }
}

fn nothing() -> Term {
    Term::Literal(Literal::List(Vec::new()))
}

fn asked(term: Term, operator: Operator) -> Condition {
    Predicate::new(term, operator, Object::None).into()
}

fn taken(list: Term, when: Condition, item: Term) -> Term {
    Term::Select {
        list: list.into(),
        when: when.into(),
        item: item.into(),
    }
}

fn chosen(when: Condition, then: Term, otherwise: Term) -> Term {
    Term::Choice {
        cases: vec![Case { when, then }].into(),
        otherwise: otherwise.into(),
    }
}
