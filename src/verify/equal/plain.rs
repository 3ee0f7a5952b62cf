//! Conditions to plain ones: the same verdict on every event, one way to ask each question.
//!
//! A predicate asks for one constant, ignores case only where letters are, and stands beside what it implies of computed values.
//! A list is asked for some of its items, and a question to some item is one predicate deep as far as alternatives go.

use std::collections::BTreeSet;

use super::around;
use super::call::unlisted;
use super::counted;
use super::kinds;
use super::lists;
use super::settled::{listed, settled};
use super::spelt;
use super::states::{Held, States, held, is_multiple};
use super::term;
use super::ways::{is_chosen, ways};
use super::world::Side;
use crate::eval;
use crate::ir::{
    CaseSensitivity, Condition, FieldPath, Function, Kind, Literal, Object, Operator, Predicate,
    Quantifier, Segment, Shared, Term,
};

/// A place in a condition: a side, and the lists whose items the quantifiers around are about, the innermost last.
#[derive(Clone)]
pub(super) struct Place<'w> {
    pub(super) side: Side<'w>,
    pub(super) items: Vec<Listed>,
}

/// The items of a list.
#[derive(Clone)]
pub(super) struct Listed {
    /// Their path from the root of the event, if they are of one.
    path: Option<FieldPath>,
    /// Whether all of them are texts.
    pub(super) texts: bool,
    /// The states of their parts, where all of them are lists of two.
    pub(super) pair: Option<[States; 2]>,
    /// What there is wherever there is one of these, as it is said outside, and of which kind; a list has items.
    pub(super) around: Vec<(Term, Kind)>,
}

impl Place<'_> {
    /// The place inside of a question about the items of a list.
    pub(super) fn within(&self, list: &Term) -> Self {
        let mut items = self.items.clone();
        items.push(Listed {
            path: self.whole(list).map(|path| path.join(Segment::Each)),
            texts: term::has_texts(list) || super::walk::has_texts(self, list),
            pair: around::pair(list),
            around: around::around(list),
        });
        Self {
            side: self.side,
            items,
        }
    }

    /// The path of a term from the root of the event, through every item of the lists around.
    pub(super) fn whole(&self, term: &Term) -> Option<FieldPath> {
        match term {
            Term::Field(path) => Some(path.clone()),
            Term::Item { depth, path } => {
                let at = self.items.len().checked_sub(depth + 1)?;
                let list = self.items.get(at)?.path.as_ref()?;
                Some(list.below(path.segments.iter().cloned()))
            }
            _ => None,
        }
    }

    /// A place in an item with its keys as the source spells them; nothing where it has no name for it.
    pub(super) fn spelt(&self, depth: usize, path: &FieldPath) -> Option<Term> {
        let at = self.items.len().checked_sub(depth + 1)?;
        let list = self.items.get(at)?.path.as_ref()?;
        let whole = self.side.path(&list.below(path.segments.iter().cloned()));
        let below = whole.segments.strip_prefix(list.segments.as_slice())?;
        let path = FieldPath {
            segments: below.to_vec().into(),
        };
        Some(Term::Item { depth, path })
    }

    /// The items of the quantifier so many levels out.
    pub(super) fn listed(&self, depth: usize) -> Option<&Listed> {
        self.items.get(self.items.len().checked_sub(depth + 1)?)
    }

    /// The condition in plain form.
    pub(super) fn condition(&self, condition: &Condition) -> Condition {
        match condition {
            Condition::All(parts) => {
                let all = parts
                    .iter()
                    .fold(Condition::TRUE, |all, part| all.and(self.condition(part)));
                match once(all) {
                    Condition::All(parts) => {
                        let parts = kinds::beside(spelt::beside(parts.into_vec())).into_iter();
                        parts.fold(Condition::TRUE, Condition::and)
                    }
                    other => other,
                }
            }
            Condition::Any(parts) => {
                let any = parts
                    .iter()
                    .fold(Condition::FALSE, |any, part| any.or(self.condition(part)));
                once(any)
            }
            Condition::Not(inner) => self.condition(inner).negate(),
            Condition::Test(predicate) => self.test(predicate),
            Condition::Items {
                quantifier,
                list,
                body,
            } => self.items(*quantifier, &unlisted(term::plain(self, list)), body),
        }
    }

    fn items(&self, quantifier: Quantifier, list: &Term, body: &Condition) -> Condition {
        if is_chosen(list)
            && let Some(ways) = ways(self, list)
        {
            return ways
                .into_iter()
                .fold(Condition::FALSE, |any, (given, list)| {
                    any.or(given.and(self.items(quantifier, &list, body)))
                });
        }
        if let Some(asked) = lists::written(self, quantifier, list, body) {
            return asked;
        }
        let body = self.within(list).condition(body);
        if let Some(of) = lists::distinct(list, quantifier, &body) {
            return self.items(quantifier, of, &body);
        }
        match quantifier {
            Quantifier::Some => self.some(list, body),
            Quantifier::Every => {
                let is_list = self.is_kind(list, Kind::List);
                is_list.and(self.some(list, body.negate()).negate())
            }
            Quantifier::One => Condition::Items {
                quantifier,
                list: Shared::new(list.clone()),
                body: Shared::new(body),
            },
        }
    }

    /// Some item of the list has what the plain body asks for.
    pub(super) fn some(&self, list: &Term, body: Condition) -> Condition {
        if body.as_constant() == Some(false) {
            return Condition::FALSE;
        }
        if let Condition::Any(parts) = body {
            let parts = parts.into_vec().into_iter();
            return parts.fold(Condition::FALSE, |any, part| any.or(self.some(list, part)));
        }
        if let Some(asked) = lists::written(self, Quantifier::Some, list, &body) {
            return asked;
        }
        if let Some(asked) = self
            .outside(list, &body)
            .or_else(|| self.has_key(list, &body))
            .or_else(|| super::walk::of_several(self, list, &body))
            .or_else(|| self.of_selected(list, &body))
        {
            return asked;
        }
        Condition::some_item(list.clone(), body)
    }

    pub(super) fn test(&self, predicate: &Predicate) -> Condition {
        if let Object::Term(other) = &predicate.object {
            return self.one(self.of_two(predicate, other));
        }
        let subject = term::plain(self, &predicate.subject);
        if term::is_conversion(&predicate.subject)
            && !term::is_conversion(&subject)
            && let Some(asked) = self.without_null(&subject, predicate)
        {
            return asked;
        }
        let object = predicate.object.clone();
        let predicate = Predicate {
            subject,
            object,
            ..predicate.clone()
        };
        match &predicate.object {
            Object::List(items) => self.each(
                &predicate,
                Operator::Equals,
                items.iter().cloned().map(Object::Literal),
            ),
            Object::Texts(texts) if predicate.operator == Operator::Matches => {
                let each = texts.iter().map(|text| {
                    if let Some(counted) = counted::parts(&predicate, text) {
                        return self.one(counted);
                    }
                    let (operator, texts) = listed(text, predicate.case)
                        .unwrap_or((Operator::Matches, vec![text.clone()]));
                    let texts = texts.into_iter().map(|text| Object::Texts(vec![text]));
                    self.each(&predicate, operator, texts)
                });
                each.fold(Condition::FALSE, Condition::or)
            }
            Object::Texts(texts) => {
                let texts = texts.iter().map(|text| Object::Texts(vec![text.clone()]));
                self.each(&predicate, predicate.operator, texts)
            }
            Object::Kinds(kinds) => {
                let kinds = kinds.iter().map(|kind| Object::Kinds(vec![*kind]));
                self.each(&predicate, predicate.operator, kinds)
            }
            Object::None | Object::Literal(_) | Object::Term(_) => self.one(predicate),
        }
    }

    fn each(
        &self,
        predicate: &Predicate,
        operator: Operator,
        objects: impl Iterator<Item = Object>,
    ) -> Condition {
        objects.fold(Condition::FALSE, |any, object| {
            any.or(self.one(Predicate {
                operator,
                object,
                ..predicate.clone()
            }))
        })
    }

    /// Whether the plain subject is of the kind.
    pub(super) fn is_kind(&self, subject: &Term, kind: Kind) -> Condition {
        let kind = Object::Kinds(vec![kind]);
        self.one(Predicate::new(subject.clone(), Operator::IsKind, kind))
    }

    /// A predicate with one object.
    pub(super) fn one(&self, predicate: Predicate) -> Condition {
        if let Some(asked) = self
            .of_cell(&predicate)
            .or_else(|| self.of_items(&predicate))
        {
            return asked;
        }
        if let Some(asked) = self.of_value(&predicate) {
            return asked;
        }
        if let Some(asked) = self
            .of_list(&predicate)
            .or_else(|| self.of_position(&predicate))
        {
            return asked;
        }
        let predicate = self.as_told(predicate);
        let subject = predicate.subject.clone();
        let predicate = settled(predicate);
        if predicate.subject != subject {
            return self.one(predicate);
        }
        if let Some(verdict) = self.of_types(&predicate) {
            return Condition::constant(verdict);
        }
        if self.is_around(&predicate) {
            return Condition::TRUE;
        }
        let other = match &predicate.object {
            Object::Term(other) => term::implied(other),
            _ => None,
        };
        let implied = [term::implied(&predicate.subject), other];
        let implied = implied.into_iter().flatten();
        implied.fold(predicate.into(), |asked, implied| {
            self.condition(&implied).and(asked)
        })
    }

    /// A question for a value that tells parts of the source apart, and is spelt in one way in all of its records.
    fn as_told(&self, predicate: Predicate) -> Predicate {
        let spelling = match (
            predicate.operator,
            predicate.case,
            &predicate.subject,
            &predicate.object,
        ) {
            (
                Operator::Equals,
                CaseSensitivity::Insensitive,
                Term::Field(path),
                Object::Literal(Literal::Text(text)),
            ) => self.side.spelling(path, text),
            _ => None,
        };
        match spelling {
            Some(text) => Predicate {
                object: Object::Literal(Literal::Text(text)),
                case: CaseSensitivity::Sensitive,
                ..predicate
            },
            None => predicate,
        }
    }

    /// The answer that the types of the source leave.
    fn of_types(&self, predicate: &Predicate) -> Option<bool> {
        if is_multiple(&predicate.subject) {
            return None;
        }
        let states = term::states(self, &predicate.subject);
        let Held { states: of, always } = held(predicate);
        if states & of == 0 {
            return Some(false);
        }
        (always && states & !of == 0).then_some(true)
    }

    /// A question about a value that others, or nothing but constants, decide.
    fn of_value(&self, predicate: &Predicate) -> Option<Condition> {
        let about = |subject: &Term| Predicate {
            subject: subject.clone(),
            ..predicate.clone()
        };
        match &predicate.subject {
            Term::Literal(_) if !matches!(predicate.object, Object::Term(_)) => {
                let verdict = eval::holds(&predicate.clone().into(), &serde_json::Value::Null);
                Some(Condition::constant(verdict))
            }
            Term::Select { list, when, .. } if !is_multiple(list) => {
                self.of_selection(list, when, predicate)
            }
            Term::Field(path) => match self.side.constant(path)? {
                Some(value) => Some(self.one(about(&Term::Literal(value)))),
                None => Some(Condition::constant(predicate.operator.info().on_missing)),
            },
            subject if is_chosen(subject) => {
                let ways = ways(self, subject)?.into_iter();
                Some(ways.fold(Condition::FALSE, |any, (given, value)| {
                    any.or(given.and(self.one(about(&value))))
                }))
            }
            Term::Call {
                function: Function::Item,
                arguments,
            } if matches!(arguments.as_slice(), [Term::Literal(_), Term::Literal(_)]) => {
                let verdict = eval::holds(&predicate.clone().into(), &serde_json::Value::Null);
                let is_known = !matches!(predicate.object, Object::Term(_));
                is_known.then(|| Condition::constant(verdict))
            }
            Term::Call {
                function,
                arguments,
            } => self
                .of_total(*function, arguments, predicate)
                .or_else(|| self.of_call(*function, arguments, predicate)),
            _ => None,
        }
    }
}

/// The `all`, or the `any`, with each part once; the constant that it is where a part stands beside its negation.
fn once(condition: Condition) -> Condition {
    let is_all = matches!(condition, Condition::All(_));
    let (Condition::All(parts) | Condition::Any(parts)) = condition else {
        return condition;
    };
    let mut known = BTreeSet::new();
    let mut negated = BTreeSet::new();
    let mut left = Vec::new();
    for part in parts.into_vec() {
        let is_new = match &part {
            Condition::Not(inner) => negated.insert(inner.fingerprint()),
            part => known.insert(part.fingerprint()),
        };
        if is_new {
            left.push(part);
        }
    }
    if !known.is_disjoint(&negated) {
        return Condition::constant(!is_all);
    }
    let left = left.into_iter();
    if is_all {
        left.fold(Condition::TRUE, Condition::and)
    } else {
        left.fold(Condition::FALSE, Condition::or)
    }
}
