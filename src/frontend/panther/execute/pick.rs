//! The first or the last item of a list of the event that satisfies: what holds for it, and what a value about it is.
//!
//! The item is free in what is asked; the result no longer mentions it. Invariant: the result is right wherever an item of the
//! list satisfies, and says nothing elsewhere; whoever picks makes sure of that with [`some`].

use super::item::{ItemId, bound, mentions, mentions_term, select_bound, some};
use super::predicate::item as item_at;
use super::remap::Remap;
use crate::ir::{Case, Condition, Literal, Object, Operator, Predicate, Shared, Term};

/// The item that is picked.
pub(super) struct Pick {
    list: Shared<Term>,
    item: ItemId,
    /// What it must satisfy; the item is bound.
    when: Shared<Condition>,
    at: i64,
}

impl Pick {
    /// The free item of a list that satisfies `when`, at the position among those that do: 0 is the first, -1 the last.
    pub(super) fn new(list: &Term, item: ItemId, when: &Condition, at: i64) -> Self {
        Self {
            list: Shared::new(list.clone()),
            item,
            when: bound(when.clone(), item),
            at,
        }
    }
}

impl Remap for Pick {
    fn term(&self, term: Term) -> Term {
        if !mentions_term(&term, self.item) {
            return term;
        }
        let list = select_bound(&self.list, self.item, &self.when, term);
        item_at(&list, self.at)
    }

    fn condition(&self, condition: Condition) -> Condition {
        if !mentions(&condition, self.item) {
            return condition;
        }
        let truth = |value| Term::Literal(Literal::Boolean(value));
        let subject = self.term(Term::Choice {
            cases: vec![Case {
                when: condition,
                then: truth(true),
            }]
            .into(),
            otherwise: Shared::new(truth(false)),
        });
        let object = Object::Literal(Literal::Boolean(true));
        Predicate::new(subject, Operator::Equals, object)
            .implied()
            .into()
    }
}

/// Whether there is an item that satisfies `when`, the first of which satisfies `what` as well.
pub(super) fn first_is(list: &Term, item: ItemId, when: &Condition, what: Condition) -> Condition {
    if what.as_constant() == Some(false) || what == *when {
        return some(list, item, what);
    }
    if mentions(&what, item) {
        return Pick::new(list, item, when, 0).condition(what);
    }
    some(list, item, when.clone()).and(what)
}

impl Pick {
    /// The same as [`first_is`] for the item that is picked, which satisfies `when`.
    pub(super) fn is(&self, list: &Term, when: &Condition, what: Condition) -> Condition {
        if mentions(&what, self.item) && what != *when && what.as_constant() != Some(false) {
            return self.condition(what);
        }
        first_is(list, self.item, when, what)
    }
}
