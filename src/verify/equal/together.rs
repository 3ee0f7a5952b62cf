//! What questions about the items of one list say of each other.
//!
//! That some item has something, that none has, and what the first item has that is taken: each is a statement about all items
//! of the list, so that a proof about one item says whether they go together. What is settled beside the list is told to that
//! proof only where all answers on a way go together otherwise.

use super::states::is_multiple;
use super::{Atom, DEEPEST, Prover};
use crate::ir::{
    Condition, FieldPath, Fingerprint, Function, Literal, Object, Operator, Predicate, Quantifier,
    Term,
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
    /// What is settled beside the list, as it is said within it.
    beside: Option<Condition>,
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

    /// What is asked of the items.
    fn asked(&self) -> Asked<'_> {
        let taken = self.taken.iter();
        let taken = taken.flat_map(|(_, when, asked, _)| [when, asked]);
        Asked {
            bodies: self.some.iter().chain(&self.none).chain(taken).collect(),
        }
    }

    /// Whether some item has something, by one of the answers.
    fn says_of_some(&self) -> bool {
        !self.some.is_empty() || self.taken.iter().any(|(.., holds)| *holds)
    }
}

/// Conditions about the items of a list.
struct Asked<'k> {
    bodies: Vec<&'k Condition>,
}

impl Asked<'_> {
    /// Whether one of them reads something outside of the list that the condition, which is said there, reads, too.
    fn reads_what(&self, outside: &Condition) -> bool {
        let read = outside.fields();
        let reads = |path: &FieldPath| {
            let mut read = read.iter();
            read.any(|other| path.starts_with(other) || other.starts_with(path))
        };
        self.bodies.iter().any(|body| {
            let mut depths = 0..DEEPEST;
            body.fields().into_iter().any(reads)
                || depths.any(|depth| outside.may_read(depth) && body.may_read(depth + 1))
        })
    }
}

impl Prover<'_> {
    /// The answers about the items of the list that the last one is about, where they do not go together.
    pub(super) fn conflict_of_items(
        &mut self,
        given: &[(usize, bool)],
    ) -> Option<Vec<(usize, bool)>> {
        let listed = |at: usize| self.listed.get(at).and_then(Option::as_ref);
        let newest = given.last().and_then(|(at, _)| listed(*at))?;
        let (list, print) = (newest.list.clone(), newest.print);
        let is_about = |at: usize| listed(at).is_some_and(|listed| listed.print == print);
        let about = given.iter().copied().filter(|(at, _)| is_about(*at));
        let mut about: Vec<(usize, bool)> = about.collect();
        if about.len() < 2 {
            return None;
        }
        about.sort_unstable();
        if let Some(go_together) = self.together.get(&about) {
            return (!go_together).then_some(about);
        }
        let said = about.iter();
        let said = said.filter_map(|(at, holds)| Some((listed(*at)?, *holds)));
        let known = Known::of(said);
        let contradicts = self.spared_contradict(&list, &known);
        self.together.insert(about.clone(), !contradicts);
        contradicts.then_some(about)
    }

    /// Answers about the items of some list that contradict each other where others of a whole way are told, with these.
    pub(super) fn conflict_beside(
        &mut self,
        given: &[(usize, bool)],
    ) -> Option<Vec<(usize, bool)>> {
        let listed = |at: usize| self.listed.get(at).and_then(Option::as_ref);
        let mut lists: Vec<(Term, Fingerprint)> = Vec::new();
        for (at, _) in given {
            if let Some(of) = listed(*at)
                && lists.iter().all(|(_, print)| *print != of.print)
            {
                lists.push((of.list.clone(), of.print));
            }
        }
        lists
            .into_iter()
            .find_map(|(list, print)| self.conflict_beside_list(&list, print, given))
    }

    fn conflict_beside_list(
        &mut self,
        list: &Term,
        print: Fingerprint,
        given: &[(usize, bool)],
    ) -> Option<Vec<(usize, bool)>> {
        let about = |at: usize| self.listed[at].as_ref().filter(|of| of.print == print);
        let said = given
            .iter()
            .filter_map(|(at, holds)| Some((about(*at)?, *holds)));
        let mut known = Known::of(said);
        let bodies = known.asked();
        let is_beside =
            |at: usize| about(at).is_none() && bodies.reads_what(&self.atoms[at].condition());
        let given = given.iter().copied();
        let (beside, mut key): (Vec<_>, Vec<_>) = given
            .filter(|(at, _)| about(*at).is_some() || is_beside(*at))
            .partition(|(at, _)| about(*at).is_none());
        if beside.is_empty() || !known.says_of_some() {
            return None;
        }
        let told = beside.iter().map(|(at, holds)| {
            let asked = self.atoms[*at].condition().within_list();
            if *holds { asked } else { asked.negate() }
        });
        known.beside = Some(told.fold(Condition::TRUE, Condition::and));
        key.extend(beside);
        key.sort_unstable();
        if let Some(contradicts) = self.beside.get(&(print, key.clone())) {
            return contradicts.then_some(key);
        }
        let contradicts = self.spared_contradict(list, &known);
        self.beside.insert((print, key.clone()), contradicts);
        contradicts.then_some(key)
    }

    /// Whether what is known contradicts itself. What this takes is no part of what the proof itself may take.
    fn spared_contradict(&mut self, list: &Term, known: &Known) -> bool {
        let steps = std::mem::replace(&mut self.steps, self.spare);
        let contradicts = self.contradict(list, known);
        self.spare = std::mem::replace(&mut self.steps, steps);
        contradicts
    }

    /// Whether what is known of the items of a list contradicts itself.
    fn contradict(&mut self, list: &Term, known: &Known) -> bool {
        let told = |condition: &Condition| match &known.beside {
            Some(beside) => beside.clone().and(condition.clone()),
            None => condition.clone(),
        };
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
                .any(|some| self.follows(list, &told(some), &is_taken))
            {
                some.push(when.clone().and(asked.clone().negate()));
            }
        }
        if some
            .iter()
            .any(|some| self.follows(list, &told(some), &none()))
        {
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
                    self.follows(list, &told(taken), &when_or)
                        && self.follows(list, &told(when), &taken_or)
                        && self.follows(list, &told(&both.and(said.clone())), &none())
                } else {
                    let said = taken.clone().and(said.clone()).or(none());
                    self.follows(list, &told(taken), &when_or)
                        && self.follows(list, &told(&both), &said)
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
