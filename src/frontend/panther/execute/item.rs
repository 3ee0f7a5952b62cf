//! Items of event lists while a rule is executed: each is free under a number of its own until a quantifier or a list made of
//! the list binds it.
//!
//! A free item is a [`Term::Item`] whose depth is its number above [`FREE`]; a bound one has the IR's own depth. Binding turns
//! one into the other, so that what is bound can stand within any other quantifier. Invariant: a value that leaves the
//! statement that made its item no longer mentions it.

use crate::ir::{
    Case, Condition, FieldPath, Object, Predicate, Quantifier, Shared, SharedVec, Term,
};

/// The depths from here on are the numbers of free items.
const FREE: usize = usize::MAX / 2;

/// The number of a free item; a later item has a greater one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::frontend::panther) struct ItemId(usize);

impl ItemId {
    /// The first item of an execution.
    pub(super) const FIRST: Self = Self(0);

    /// The number after this one.
    pub(super) fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The item itself.
    pub(super) fn term(self) -> Term {
        Term::Item {
            depth: self.depth(),
            path: FieldPath::root(),
        }
    }

    /// The depth that it has while it is free.
    pub(super) fn depth(self) -> usize {
        FREE + self.0
    }
}

/// The number of a free item, and what of it is read.
pub(super) fn free(term: &Term) -> Option<(ItemId, &FieldPath)> {
    match term {
        Term::Item { depth, path } if *depth >= FREE => Some((ItemId(depth - FREE), path)),
        _ => None,
    }
}

/// Whether any item of the list satisfies; inside, the item is bound.
pub(super) fn some(list: &Term, item: ItemId, body: Condition) -> Condition {
    match body.as_constant() {
        Some(false) => Condition::FALSE,
        _ => Condition::Items {
            quantifier: Quantifier::Some,
            list: list.clone().into(),
            body: Shared::new(change(body, item, Change::Bind, 0)),
        },
    }
}

/// The list of `element` of every item that satisfies; inside, the item is bound.
pub(super) fn select(list: &Term, item: ItemId, when: Condition, element: Term) -> Term {
    Term::Select {
        list: Shared::new(list.clone()),
        when: bound(when, item),
        item: Shared::new(change_term(element, item, Change::Bind, 0)),
    }
}

/// What is asked of an item, with the item bound by the quantifier or list right around.
pub(super) fn bound(when: Condition, item: ItemId) -> Shared<Condition> {
    Shared::new(change(when, item, Change::Bind, 0))
}

/// The list of `element` of every item that satisfies what is asked, in which the item is [`bound`] already.
pub(super) fn select_bound(
    list: &Shared<Term>,
    item: ItemId,
    when: &Shared<Condition>,
    element: Term,
) -> Term {
    Term::Select {
        list: list.clone(),
        when: when.clone(),
        item: Shared::new(change_term(element, item, Change::Bind, 0)),
    }
}

/// The condition about another item.
pub(super) fn renamed(condition: Condition, item: ItemId, other: ItemId) -> Condition {
    change(condition, item, Change::Rename(other), 0)
}

/// The term about another item.
pub(super) fn renamed_term(term: Term, item: ItemId, other: ItemId) -> Term {
    change_term(term, item, Change::Rename(other), 0)
}

/// What becomes of a free item.
#[derive(Clone, Copy)]
enum Change {
    Bind,
    Rename(ItemId),
}

/// The condition with the item changed, `around` quantifiers within the one that binds it. What does not read the item stays
/// shared.
fn change(condition: Condition, item: ItemId, how: Change, around: usize) -> Condition {
    if !condition.may_read(item.depth()) {
        return condition;
    }
    let all = |parts: SharedVec<Condition>| {
        let parts = parts.into_iter();
        parts
            .map(|part| change(part, item, how, around))
            .collect::<SharedVec<_>>()
    };
    match condition {
        Condition::All(parts) => Condition::All(all(parts)),
        Condition::Any(parts) => Condition::Any(all(parts)),
        Condition::Not(inner) => Condition::Not(change_shared(inner, item, how, around)),
        Condition::Test(predicate) => {
            change_predicate(predicate.into_inner(), item, how, around).into()
        }
        Condition::Items {
            quantifier,
            list,
            body,
        } => Condition::Items {
            quantifier,
            list: change_shared_term(list, item, how, around),
            body: change_shared(body, item, how, around + 1),
        },
    }
}

fn change_shared(
    condition: Shared<Condition>,
    item: ItemId,
    how: Change,
    around: usize,
) -> Shared<Condition> {
    if condition.may_read(item.depth()) {
        change(condition.into_inner(), item, how, around).into()
    } else {
        condition
    }
}

fn change_predicate(
    mut predicate: Predicate,
    item: ItemId,
    how: Change,
    around: usize,
) -> Predicate {
    predicate.subject = change_term(predicate.subject, item, how, around);
    if let Object::Term(term) = predicate.object {
        predicate.object = Object::Term(change_shared_term(term, item, how, around));
    }
    predicate
}

fn change_term(term: Term, item: ItemId, how: Change, around: usize) -> Term {
    if !term.may_read(item.depth()) {
        return term;
    }
    match term {
        Term::Item { depth, path } if depth == item.depth() => Term::Item {
            depth: match how {
                Change::Bind => around,
                Change::Rename(other) => other.depth(),
            },
            path,
        },
        Term::Call {
            function,
            arguments,
        } => Term::Call {
            function,
            arguments: arguments
                .into_iter()
                .map(|argument| change_term(argument, item, how, around))
                .collect(),
        },
        Term::Choice { cases, otherwise } => Term::Choice {
            cases: cases
                .into_iter()
                .map(|case| Case {
                    when: change(case.when, item, how, around),
                    then: change_term(case.then, item, how, around),
                })
                .collect(),
            otherwise: change_shared_term(otherwise, item, how, around),
        },
        Term::Select {
            list,
            when,
            item: element,
        } => Term::Select {
            list: change_shared_term(list, item, how, around),
            when: change_shared(when, item, how, around + 1),
            item: change_shared_term(element, item, how, around + 1),
        },
        other
        @ (Term::Field(_) | Term::Item { .. } | Term::Literal(_) | Term::Aggregate { .. }) => other,
    }
}

fn change_shared_term(
    term: Shared<Term>,
    item: ItemId,
    how: Change,
    around: usize,
) -> Shared<Term> {
    if term.may_read(item.depth()) {
        change_term(term.into_inner(), item, how, around).into()
    } else {
        term
    }
}

/// Whether the condition reads the free item.
pub(super) fn mentions(condition: &Condition, item: ItemId) -> bool {
    reads(condition, item)
}

/// Whether the term reads the free item.
pub(super) fn mentions_term(term: &Term, item: ItemId) -> bool {
    reads_term(term, item)
}

fn reads(condition: &Condition, item: ItemId) -> bool {
    if !condition.may_read(item.depth()) {
        return false;
    }
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(|part| reads(part, item)),
        Condition::Not(inner) => reads(inner, item),
        Condition::Test(predicate) => reads_predicate(predicate, item),
        Condition::Items { list, body, .. } => reads_term(list, item) || reads(body, item),
    }
}

fn reads_predicate(predicate: &Predicate, item: ItemId) -> bool {
    reads_term(&predicate.subject, item)
        || matches!(&predicate.object, Object::Term(term) if reads_term(term, item))
}

fn reads_term(term: &Term, item: ItemId) -> bool {
    if !term.may_read(item.depth()) {
        return false;
    }
    match term {
        Term::Item { depth, .. } => *depth == item.depth(),
        Term::Field(_) | Term::Literal(_) => false,
        Term::Call { arguments, .. } => arguments.iter().any(|term| reads_term(term, item)),
        Term::Choice { cases, otherwise } => {
            reads_term(otherwise, item)
                || cases
                    .iter()
                    .any(|case| reads(&case.when, item) || reads_term(&case.then, item))
        }
        Term::Select {
            list,
            when,
            item: element,
        } => reads_term(list, item) || reads(when, item) || reads_term(element, item),
        Term::Aggregate { argument, .. } => argument
            .as_deref()
            .is_some_and(|term| reads_term(term, item)),
    }
}
