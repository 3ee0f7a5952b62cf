//! What questions about the items of one list say of each other.
//!
//! That some item has something, that none has, and what the first item has that is taken: each is a statement about all items
//! of the list, so that a proof about one item says whether they go together.

use super::states::is_multiple;
use super::{Atom, Prover};
use crate::ir::{
    Condition, Fingerprint, Function, Literal, Object, Operator, Predicate, Quantifier, Term,
};

/// A question about the items of a list.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    /// The list, and what it is known by.
    list: Term,
    print: Fingerprint,
    asks: Asks,
}

/// What is asked.
#[derive(Clone, Debug)]
enum Asks {
    /// Whether some item has it.
    Some(Condition),
    /// Whether the first or last item that is taken has it, too.
    Taken {
        at: i64,
        when: Condition,
        asked: Condition,
    },
}

impl Listed {
    /// What the question asks about items, if it does.
    pub(super) fn of(atom: &Atom) -> Option<Self> {
        let (list, asks) = match atom {
            Atom::Items {
                quantifier: Quantifier::Some,
                list,
                body,
            } => (list, Asks::Some(body.clone())),
            Atom::Test(predicate) => {
                // Of several lists each has a first item.
                let (list, when, asked) =
                    first(predicate).filter(|(list, ..)| !is_multiple(list))?;
                let at = position(predicate)?;
                let (when, asked) = (when.clone(), asked.clone());
                (list, Asks::Taken { at, when, asked })
            }
            Atom::Items { .. } => return None,
        };
        Some(Self {
            list: list.clone(),
            print: list.fingerprint(),
            asks,
        })
    }
}

/// What is known of the items of a list.
#[derive(Default)]
struct Known {
    /// What some item has.
    some: Vec<Condition>,
    /// What no item has, in one.
    none: Option<Condition>,
    /// The items that are taken, at which end, and what the first of them has; or has not.
    taken: Vec<(i64, Condition, Condition, bool)>,
}

impl Known {
    fn of<'l>(said: impl Iterator<Item = (&'l Listed, bool)>) -> Self {
        let mut known = Self::default();
        for (listed, holds) in said {
            match (&listed.asks, holds) {
                (Asks::Some(body), true) => known.some.push(body.clone()),
                (Asks::Some(body), false) => {
                    let none = known.none.take().unwrap_or(Condition::FALSE);
                    known.none = Some(none.or(body.clone()));
                }
                (Asks::Taken { at, when, asked }, holds) => {
                    known.taken.push((*at, when.clone(), asked.clone(), holds));
                }
            }
        }
        known
    }
}

impl Prover<'_> {
    /// Whether the last answer goes with the others about the items of the same list.
    pub(super) fn go_together(&mut self, given: &[(usize, bool)]) -> bool {
        let listed = |at: usize| self.listed.get(at).and_then(Option::as_ref);
        let Some(newest) = given.last().and_then(|(at, _)| listed(*at)) else {
            return true;
        };
        let (list, print) = (newest.list.clone(), newest.print);
        let is_about = |at: usize| listed(at).is_some_and(|listed| listed.print == print);
        let about = given.iter().copied().filter(|(at, _)| is_about(*at));
        let mut about: Vec<(usize, bool)> = about.collect();
        if about.len() < 2 {
            return true;
        }
        about.sort_unstable();
        if let Some(known) = self.together.get(&about) {
            return *known;
        }
        let said = about.iter();
        let said = said.filter_map(|(at, holds)| Some((listed(*at)?, *holds)));
        let known = Known::of(said);
        // What this takes is no part of what the proof itself may take.
        let steps = std::mem::replace(&mut self.steps, self.spare);
        let contradicts = self.contradict(&list, &known);
        self.spare = std::mem::replace(&mut self.steps, steps);
        self.together.insert(about, !contradicts);
        !contradicts
    }

    /// Whether what is known of the items of a list contradicts itself.
    fn contradict(&mut self, list: &Term, known: &Known) -> bool {
        let none = || known.none.clone().unwrap_or(Condition::FALSE);
        let mut some = known.some.clone();
        for (_, when, asked, holds) in &known.taken {
            if *holds {
                some.push(when.clone().and(asked.clone()));
                continue;
            }
            // Where an item is taken, the first one that is has not what is asked.
            let is_taken = when.clone().or(none());
            if known
                .some
                .iter()
                .any(|some| self.follows(list, some, &is_taken))
            {
                some.push(when.clone().and(asked.clone().negate()));
            }
        }
        if some.iter().any(|some| self.follows(list, some, &none())) {
            return true;
        }
        let taken = known.taken.iter().enumerate();
        for (number, (at, when, asked, holds)) in taken {
            for (other, (end, taken, said, held)) in known.taken.iter().enumerate() {
                if !holds || number == other || at != end {
                    continue;
                }
                let both = when.clone().and(asked.clone());
                let (taken_or, when_or) = (taken.clone().or(none()), when.clone().or(none()));
                // The first of the one is the first of the other where that takes no item besides, and this one.
                let contradicts = if *held {
                    self.follows(list, taken, &when_or)
                        && self.follows(list, when, &taken_or)
                        && self.follows(list, &both.and(said.clone()), &none())
                } else {
                    let said = taken.clone().and(said.clone()).or(none());
                    self.follows(list, taken, &when_or) && self.follows(list, &both, &said)
                };
                if contradicts {
                    return true;
                }
            }
        }
        false
    }

    /// Whether every item of the list that has the one has the other.
    fn follows(&mut self, list: &Term, from: &Condition, what: &Condition) -> bool {
        self.within(list, |inner| inner.implies(from, what)) == Some(true)
    }

    /// The question about what is taken of items under the name that it was first met with.
    pub(super) fn named(&mut self, atom: Atom) -> Atom {
        match atom {
            Atom::Test(predicate) => Atom::Test(Predicate {
                subject: self.name(&predicate.subject),
                object: match &predicate.object {
                    Object::Term(term) => Object::Term(self.name(term).into()),
                    other => other.clone(),
                },
                ..predicate
            }),
            Atom::Items {
                quantifier,
                list,
                body,
            } => Atom::Items {
                quantifier,
                list: self.name(&list),
                body,
            },
        }
    }

    fn name(&mut self, term: &Term) -> Term {
        if !takes(term) {
            return term.clone();
        }
        let terms = self.terms.clone();
        let known = terms
            .into_iter()
            .find(|known| self.are_terms_equal(known, term));
        known.unwrap_or_else(|| {
            self.terms.push(term.clone());
            term.clone()
        })
    }

    pub(super) fn known_settled(&mut self, condition: &Condition) -> Option<Condition> {
        let is_asked = match condition {
            Condition::Items { .. } => true,
            Condition::Test(predicate) => first(predicate).is_some(),
            _ => false,
        };
        if !is_asked {
            return None;
        }
        let print = condition.fingerprint();
        if let Some(known) = self.settled.get(&print) {
            return known.clone();
        }
        let settled = self.settled(condition);
        self.settled.insert(print, settled.clone());
        settled
    }

    /// What a question about the items of a list is, where that does not depend on the event, or is another.
    fn settled(&mut self, condition: &Condition) -> Option<Condition> {
        match condition {
            Condition::Items {
                quantifier: Quantifier::Some,
                list,
                body,
            } => {
                let never = self.within(list, |inner| inner.implies(body, &Condition::FALSE));
                (never == Some(true)).then_some(Condition::FALSE)
            }
            Condition::Test(predicate) => {
                let (list, when, asked) = first(predicate)?;
                let never = self.within(list, |inner| inner.implies(asked, &Condition::FALSE));
                if never == Some(true) {
                    return Some(Condition::FALSE);
                }
                let always = self.within(list, |inner| inner.implies(when, asked));
                (always == Some(true)).then(|| Condition::Items {
                    quantifier: Quantifier::Some,
                    list: list.clone().into(),
                    body: when.clone().into(),
                })
            }
            _ => None,
        }
    }
}

/// Whether the value is taken of the items of a list.
fn takes(term: &Term) -> bool {
    match term {
        Term::Select { .. } => true,
        Term::Call { arguments, .. } => arguments.iter().any(takes),
        _ => false,
    }
}

/// The position that the predicate's subject has among the items that are taken.
fn position(predicate: &Predicate) -> Option<i64> {
    match &predicate.subject {
        Term::Call { arguments, .. } => match arguments.as_slice() {
            [_, Term::Literal(Literal::Integer(at @ (0 | -1)))] => Some(*at),
            _ => None,
        },
        _ => None,
    }
}

/// The list, which of its items are taken, and what is asked of the first of these, where the predicate is such a question in
/// plain form.
fn first(predicate: &Predicate) -> Option<(&Term, &Condition, &Condition)> {
    let Term::Call {
        function: Function::Item,
        arguments,
    } = &predicate.subject
    else {
        return None;
    };
    let Some(Term::Select { list, when, item }) = arguments.first() else {
        return None;
    };
    let Term::Choice { cases, otherwise } = item.as_ref() else {
        return None;
    };
    let verdict = |value| Term::Literal(Literal::Boolean(value));
    let is_verdict = **otherwise == verdict(false)
        && predicate.operator == Operator::Equals
        && predicate.object == Object::Literal(Literal::Boolean(true));
    match cases.as_slice() {
        [case] if is_verdict && case.then == verdict(true) => Some((list, when, &case.when)),
        _ => None,
    }
}
