//! Questions about lists that are made of other values: selected of a list, put together, a part of one, the parts of a text.
//! Each becomes one about what the list is made of.

use super::plain::Place;
use super::states::{INTEGERS, LISTS, MISSING, is_multiple};
use super::term;
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Predicate, Term};

impl Place<'_> {
    /// A question to some item of a list that is selected of another is one to some item of that.
    pub(super) fn of_selected(&self, list: &Term, body: &Condition) -> Option<Condition> {
        let Term::Select {
            list: of,
            when,
            item,
        } = list
        else {
            return None;
        };
        if is_multiple(of) || is_multiple(item) {
            return None;
        }
        let within = self.within(of);
        let is_there =
            matches!(item.as_ref(), Term::Literal(_)) || term::states(&within, item) & MISSING == 0;
        // What is not there is `null` in the list.
        let made = if is_there {
            item.as_ref().clone()
        } else {
            let null = Term::Literal(Literal::Null);
            Term::call(Function::IfMissing, [item.as_ref().clone(), null])
        };
        let asked = within.condition(&body.of_made(&made)?);
        Some(self.some(of, when.as_ref().clone().and(asked)))
    }

    /// A question about a list that is selected of another: that there is one, or that it has an item.
    pub(super) fn of_selection(
        &self,
        list: &Term,
        when: &Condition,
        predicate: &Predicate,
    ) -> Option<Condition> {
        let is_list = || self.is_kind(list, Kind::List);
        match (predicate.operator, &predicate.object) {
            (Operator::IsTruthy, _) => Some(self.some(list, when.clone())),
            (Operator::Exists | Operator::IsPresent | Operator::IsFilled, _) => Some(is_list()),
            (Operator::IsKind, Object::Kinds(kinds)) if kinds.contains(&Kind::List) => {
                Some(is_list())
            }
            (Operator::IsKind, _) => Some(Condition::FALSE),
            _ => None,
        }
    }

    /// A list that is put together from others has an item where one of these has, as far as all of them are lists.
    pub(super) fn of_joined(&self, function: Function, lists: &[Term]) -> Option<Condition> {
        let filled = |place: &Self, list: &Term| {
            place.one(Predicate::new(
                list.clone(),
                Operator::IsTruthy,
                Object::None,
            ))
        };
        match (function, lists) {
            (Function::Append, lists) => {
                let mut each = lists.iter();
                let are_lists = each.all(|list| self.is_list(list));
                let each = lists.iter().map(|list| filled(self, list));
                are_lists.then(|| each.fold(Condition::FALSE, Condition::or))
            }
            (_, [Term::Select { list, when, item }]) if !is_multiple(list) => {
                let within = self.within(list);
                let has = |item: &Term| {
                    let body = when.as_ref().clone().and(filled(&within, item));
                    self.some(list, body)
                };
                within.is_list(item).then(|| has(item))
            }
            _ => None,
        }
    }

    /// Whether the term is a list in every event.
    fn is_list(&self, term: &Term) -> bool {
        !is_multiple(term) && term::of_value(self, term) & !LISTS == 0
    }

    /// The parts of a text between separators are a list with an item wherever there is a text.
    pub(super) fn of_split(&self, arguments: &[Term], predicate: &Predicate) -> Option<Condition> {
        let [of, Term::Literal(Literal::Text(by)), count @ ..] = arguments else {
            return None;
        };
        let mut count = count.iter();
        let is_counted = count.all(|count| matches!(count, Term::Literal(Literal::Integer(_))));
        if by.is_empty() || !is_counted || is_multiple(of) {
            return None;
        }
        match (predicate.operator, &predicate.object) {
            (
                Operator::Exists | Operator::IsPresent | Operator::IsFilled | Operator::IsTruthy,
                _,
            ) => Some(self.is_kind(of, Kind::Text)),
            (Operator::IsKind, Object::Kinds(kinds)) => Some(if kinds.contains(&Kind::List) {
                self.is_kind(of, Kind::Text)
            } else {
                Condition::FALSE
            }),
            _ => None,
        }
    }

    /// A part of a list, or of a text, between places that are known is there where that is.
    pub(super) fn of_slice(&self, arguments: &[Term], predicate: &Predicate) -> Option<Condition> {
        let [of, from, to] = arguments else {
            return None;
        };
        let is_place = |term: &Term| match term {
            Term::Literal(Literal::Null | Literal::Integer(_)) => true,
            other => term::of_pair(self, other) == Some(INTEGERS),
        };
        if is_multiple(of) || !is_place(from) || !is_place(to) {
            return None;
        }
        let kinds = match (predicate.operator, &predicate.object) {
            (Operator::Exists | Operator::IsPresent, _) => vec![Kind::Text, Kind::List],
            (Operator::IsKind, Object::Kinds(kinds)) => kinds
                .iter()
                .filter(|kind| matches!(kind, Kind::Text | Kind::List))
                .copied()
                .collect(),
            _ => return None,
        };
        let asked = kinds.into_iter().map(|kind| self.is_kind(of, kind));
        Some(asked.fold(Condition::FALSE, Condition::or))
    }
}
