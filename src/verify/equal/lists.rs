//! Questions about lists: for one item, for every item on the way, for all of them, for a position, for the keys of an object.

use super::call::{nothing, written_item};
use super::plain::Place;
use super::term;
use crate::ir::{
    Case, CaseSensitivity, Condition, FieldPath, Function, Kind, Literal, Object, Operator,
    Predicate, Quantifier, Segment, Shared, Term,
};

/// How many items a list may have that is written out, each being asked about by itself.
const WRITTEN: usize = 8;

/// The question about the items of a list that is written out, or of what is no list.
pub(super) fn written(
    place: &Place<'_>,
    quantifier: Quantifier,
    list: &Term,
    body: &Condition,
) -> Option<Condition> {
    let items: Vec<Term> = match list {
        Term::Literal(Literal::List(items)) => items.iter().cloned().map(Term::Literal).collect(),
        Term::Literal(_) => return Some(Condition::FALSE),
        Term::Call {
            function: Function::List,
            arguments,
        } if !arguments.iter().any(super::states::is_multiple) => {
            arguments.iter().map(written_item).collect()
        }
        list => return (*list == nothing()).then_some(Condition::FALSE),
    };
    let is_short = items.len() <= WRITTEN && quantifier != Quantifier::One;
    let asked = items.iter().filter(|_| is_short).map(|item| {
        let asked = body.of_value(item)?;
        Some(place.condition(&asked))
    });
    let asked = asked.collect::<Option<Vec<Condition>>>()?.into_iter();
    match quantifier {
        Quantifier::Some if is_short => Some(asked.fold(Condition::FALSE, Condition::or)),
        Quantifier::Every if is_short => Some(asked.fold(Condition::TRUE, Condition::and)),
        _ => items.is_empty().then_some(Condition::FALSE),
    }
}

impl Place<'_> {
    /// A key among the keys of an object is one that it has.
    pub(super) fn has_key(&self, list: &Term, body: &Condition) -> Option<Condition> {
        let Term::Call {
            function: Function::Keys,
            arguments,
        } = list
        else {
            return None;
        };
        let [holder] = arguments.as_slice() else {
            return None;
        };
        let Condition::Test(predicate) = body else {
            return None;
        };
        let is_item =
            matches!(&predicate.subject, Term::Item { depth: 0, path } if path.segments.is_empty());
        let (Object::Literal(Literal::Text(key)), Operator::Equals, CaseSensitivity::Sensitive) =
            (&predicate.object, predicate.operator, predicate.case)
        else {
            return None;
        };
        let key = vec![holder.clone(), Term::text(key)];
        let key = term::plain(self, &Term::call(Function::MemberExact, key));
        is_item.then(|| self.test(&Predicate::new(key, Operator::Exists, Object::None)))
    }

    /// Whether a list has items in common with constants.
    pub(super) fn of_intersection(
        &self,
        arguments: &[Term],
        predicate: &Predicate,
    ) -> Option<Condition> {
        let [of, Term::Literal(Literal::List(wanted))] = arguments else {
            return None;
        };
        if super::states::is_multiple(of) {
            return None;
        }
        match (predicate.operator, &predicate.object) {
            (Operator::IsTruthy, _) => {
                let item = Term::Item {
                    depth: 0,
                    path: FieldPath::root(),
                };
                let is_wanted = Object::List(wanted.clone());
                let is_wanted = Predicate::new(item, Operator::In, is_wanted);
                Some(self.some(of, self.within(of).test(&is_wanted)))
            }
            (Operator::Exists | Operator::IsPresent | Operator::IsFilled, _) => {
                Some(self.is_kind(of, Kind::List))
            }
            (Operator::IsKind, Object::Kinds(kinds)) if kinds.contains(&Kind::List) => {
                Some(self.is_kind(of, Kind::List))
            }
            (Operator::IsKind, _) => Some(Condition::FALSE),
            _ => None,
        }
    }

    /// A list of constants has as many items, each of which is one of them.
    pub(super) fn of_list(&self, predicate: &Predicate) -> Option<Condition> {
        let (Operator::Equals, Object::Literal(Literal::List(items))) =
            (predicate.operator, &predicate.object)
        else {
            return None;
        };
        let is_plain = |item: &Literal| {
            matches!(
                item,
                Literal::Text(_) | Literal::Integer(_) | Literal::Boolean(_)
            )
        };
        let is_single = !super::states::is_multiple(&predicate.subject);
        if items.is_empty() || !is_single || !items.iter().all(is_plain) {
            return None;
        }
        let subject = &predicate.subject;
        let length = Literal::Integer(i64::try_from(items.len()).ok()?);
        let long = Predicate::new(
            Term::call(Function::Length, [subject.clone()]),
            Operator::Equals,
            Object::Literal(length),
        );
        let mut asked = self.is_kind(subject, Kind::List).and(self.one(long));
        for (at, item) in items.iter().enumerate() {
            let position = Term::Literal(Literal::Integer(i64::try_from(at).ok()?));
            let place = term::plain(
                self,
                &Term::call(Function::Item, [subject.clone(), position]),
            );
            asked = asked.and(self.one(Predicate {
                subject: place,
                object: Object::Literal(item.clone()),
                ..predicate.clone()
            }));
        }
        Some(asked)
    }

    /// A position of a list is there where the list is long enough.
    pub(super) fn of_position(&self, predicate: &Predicate) -> Option<Condition> {
        let (list, least) = term::position(&predicate.subject)?;
        let is_there = match (predicate.operator, &predicate.object) {
            (Operator::Exists, _) => true,
            (Operator::IsPresent, _) => term::has_texts(&list),
            (Operator::IsKind, Object::Kinds(kinds)) => {
                term::has_texts(&list) && kinds.as_slice() == [Kind::Text]
            }
            _ => false,
        };
        if !is_there {
            return None;
        }
        let length = Term::call(Function::Length, [list.clone()]);
        let long = Predicate::new(
            length,
            Operator::AtLeast,
            Object::Literal(Literal::Integer(least)),
        );
        Some(self.is_kind(&list, Kind::List).and(self.one(long)))
    }

    /// A question to every item of a list on the way is one to some item.
    pub(super) fn of_items(&self, predicate: &Predicate) -> Option<Condition> {
        let (called, of) = match &predicate.subject {
            Term::Call {
                function:
                    function @ (Function::ToText | Function::Lower | Function::Upper | Function::Trim),
                arguments,
            } => (Some(*function), arguments.first()?),
            other => (None, other),
        };
        let (Term::Field(path) | Term::Item { path, .. }) = of else {
            return None;
        };
        if predicate.operator.info().on_missing {
            return None;
        }
        let at = path
            .segments
            .iter()
            .position(|step| *step == Segment::Each)?;
        let part = |steps: &[Segment]| FieldPath {
            segments: steps.to_vec().into(),
        };
        let list = match of {
            Term::Item { depth, .. } => Term::Item {
                depth: *depth,
                path: part(&path.segments[..at]),
            },
            _ => Term::Field(part(&path.segments[..at])),
        };
        let item = Term::Item {
            depth: 0,
            path: part(&path.segments[at + 1..]),
        };
        let object = match &predicate.object {
            Object::Term(other) => Object::Term(Shared::new(other.within_list())),
            other => other.clone(),
        };
        let inner = Predicate {
            subject: called.map_or(item.clone(), |function| Term::call(function, [item])),
            object,
            ..predicate.clone()
        };
        let body = self.within(&list).test(&inner);
        Some(self.some(&list, body))
    }
}

/// The item at a position of those for which one condition holds has what the other asks for.
pub(in crate::verify) fn one_has(
    list: Shared<Term>,
    when: Shared<Condition>,
    at: i64,
    asked: Condition,
) -> Condition {
    let verdict = |value| Term::Literal(Literal::Boolean(value));
    let chosen = Term::Choice {
        cases: vec![Case {
            when: asked,
            then: verdict(true),
        }]
        .into(),
        otherwise: Shared::new(verdict(false)),
    };
    let taken = Term::Select {
        list,
        when,
        item: Shared::new(chosen),
    };
    let one = Term::call(Function::Item, [taken, Term::Literal(Literal::Integer(at))]);
    let holds = Object::Literal(Literal::Boolean(true));
    Predicate::new(one, Operator::Equals, holds).into()
}

/// The list of which the list is every item once, where the question about an item has one answer for equal ones.
pub(super) fn distinct<'t>(
    list: &'t Term,
    quantifier: Quantifier,
    body: &Condition,
) -> Option<&'t Term> {
    let Term::Call {
        function: Function::Distinct,
        arguments,
    } = list
    else {
        return None;
    };
    let [of] = arguments.as_slice() else {
        return None;
    };
    (quantifier != Quantifier::One && is_of_value(body)).then_some(of)
}

/// Whether the question is about the item as a whole, and one that equal values answer alike: a number in another form is equal.
fn is_of_value(body: &Condition) -> bool {
    match body {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().all(is_of_value),
        Condition::Not(inner) => is_of_value(inner),
        Condition::Items { .. } => false,
        Condition::Test(predicate) => {
            let is_item = matches!(&predicate.subject, Term::Item { depth: 0, path } if path.segments.is_empty());
            let is_alike = match (predicate.operator, &predicate.object) {
                (Operator::Equals, Object::Literal(_)) => true,
                (Operator::IsKind, Object::Kinds(kinds)) => !kinds.contains(&Kind::Integer),
                _ => false,
            };
            is_item && is_alike
        }
    }
}
