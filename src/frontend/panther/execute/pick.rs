//! The first or the last item of a list of the event that satisfies: what holds for it, and what a value about it is.
//!
//! The item is free in what is asked; the result no longer mentions it. Invariant: the result is right wherever an item of the
//! list satisfies, and says nothing elsewhere; whoever picks makes sure of that with [`some`].

use super::item::{ItemId, mentions, mentions_term, select, some};
use super::predicate::item as item_at;
use super::remap::Remap;
use crate::ir::{Case, Condition, Literal, Object, Operator, Predicate, Shared, Term};

/// The item that is picked.
pub(super) struct Pick<'p> {
    /// The list.
    pub list: &'p Term,
    /// The free item.
    pub item: ItemId,
    /// What it must satisfy.
    pub when: &'p Condition,
    /// The position among those that satisfy: 0 is the first, -1 the last.
    pub at: i64,
}

impl Remap for Pick<'_> {
    fn term(&self, term: Term) -> Term {
        if !mentions_term(&term, self.item) {
            return term;
        }
        let list = select(self.list, self.item, self.when.clone(), term);
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
    let at = 0;
    let pick = Pick {
        list,
        item,
        when,
        at,
    };
    if mentions(&what, item) {
        return pick.condition(what);
    }
    some(list, item, when.clone()).and(what)
}
