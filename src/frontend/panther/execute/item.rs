//! Items of event lists while a rule is executed: each is free under a number of its own until a quantifier or a list made of
//! the list binds it.
//!
//! A free item is a [`Term::Item`] whose depth is its number above [`FREE`]; a bound one has the IR's own depth. Binding turns
//! one into the other, so that what is bound can stand within any other quantifier. Invariant: a value that leaves the
//! statement that made its item no longer mentions it.

use crate::ir::{Case, Condition, FieldPath, Object, Predicate, Quantifier, Shared, Term};

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

/// The condition with the item changed, `around` quantifiers within the one that binds it.
fn change(condition: Condition, item: ItemId, how: Change, around: usize) -> Condition {
    let changed = Changing { item, how }.condition(&condition, around);
    changed.unwrap_or(condition)
}

fn change_term(term: Term, item: ItemId, how: Change, around: usize) -> Term {
    let changed = Changing { item, how }.term(&term, around);
    changed.unwrap_or(term)
}

/// An item, and what becomes of it. What does not read the item becomes nothing else and stays shared.
struct Changing {
    item: ItemId,
    how: Change,
}

impl Changing {
    fn condition(&self, condition: &Condition, around: usize) -> Option<Condition> {
        if !condition.may_read(self.item.depth()) {
            return None;
        }
        let part = |part: &Condition| self.condition(part, around);
        match condition {
            Condition::All(parts) => parts.rebuilt(part).map(Condition::All),
            Condition::Any(parts) => parts.rebuilt(part).map(Condition::Any),
            Condition::Not(inner) => part(inner).map(|inner| Condition::Not(inner.into())),
            Condition::Test(predicate) => self.predicate(predicate, around).map(Condition::from),
            Condition::Items {
                quantifier,
                list,
                body,
            } => {
                let changed = (self.term(list, around), self.condition(body, around + 1));
                let (list, body) = either_shared(changed, list, body)?;
                Some(Condition::Items {
                    quantifier: *quantifier,
                    list,
                    body,
                })
            }
        }
    }

    fn predicate(&self, predicate: &Predicate, around: usize) -> Option<Predicate> {
        let subject = self.term(&predicate.subject, around);
        let object = match &predicate.object {
            Object::Term(term) => self.term(term, around).map(Shared::new),
            _ => None,
        };
        (subject.is_some() || object.is_some()).then(|| Predicate {
            subject: subject.unwrap_or_else(|| predicate.subject.clone()),
            object: object.map_or_else(|| predicate.object.clone(), Object::Term),
            ..*predicate
        })
    }

    fn term(&self, term: &Term, around: usize) -> Option<Term> {
        if !term.may_read(self.item.depth()) {
            return None;
        }
        match term {
            Term::Item { depth, path } if *depth == self.item.depth() => Some(Term::Item {
                depth: match self.how {
                    Change::Bind => around,
                    Change::Rename(other) => other.depth(),
                },
                path: path.clone(),
            }),
            Term::Call {
                function,
                arguments,
            } => {
                let arguments = arguments.rebuilt(|argument| self.term(argument, around))?;
                Some(Term::Call {
                    function: *function,
                    arguments,
                })
            }
            Term::Choice { cases, otherwise } => {
                let changed = (
                    cases.rebuilt(|case| self.case(case, around)),
                    self.term(otherwise, around),
                );
                (changed.0.is_some() || changed.1.is_some()).then(|| Term::Choice {
                    cases: changed.0.unwrap_or_else(|| cases.clone()),
                    otherwise: changed.1.map_or_else(|| otherwise.clone(), Shared::new),
                })
            }
            Term::Select {
                list,
                when,
                item: element,
            } => {
                let new_list = self.term(list, around).map(Shared::new);
                let changed = (
                    self.condition(when, around + 1),
                    self.term(element, around + 1),
                );
                let inner = either_shared(changed, when, element);
                (new_list.is_some() || inner.is_some()).then(|| {
                    let (when, item) = inner.unwrap_or_else(|| (when.clone(), element.clone()));
                    let list = new_list.unwrap_or_else(|| list.clone());
                    Term::Select { list, when, item }
                })
            }
            Term::Field(_) | Term::Item { .. } | Term::Literal(_) | Term::Aggregate { .. } => None,
        }
    }

    fn case(&self, case: &Case, around: usize) -> Option<Case> {
        let when = self.condition(&case.when, around);
        let then = self.term(&case.then, around);
        (when.is_some() || then.is_some()).then(|| Case {
            when: when.unwrap_or_else(|| case.when.clone()),
            then: then.unwrap_or_else(|| case.then.clone()),
        })
    }
}

/// Two parts of which one has changed at least; nothing where none has.
fn either_shared<A: Clone, B: Clone>(
    changed: (Option<A>, Option<B>),
    a: &Shared<A>,
    b: &Shared<B>,
) -> Option<(Shared<A>, Shared<B>)> {
    (changed.0.is_some() || changed.1.is_some()).then(|| {
        (
            changed.0.map_or_else(|| a.clone(), Shared::new),
            changed.1.map_or_else(|| b.clone(), Shared::new),
        )
    })
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
