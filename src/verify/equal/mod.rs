//! Whether two conditions say the same of every event, by proof.
//!
//! Both are brought to plain form, in which a question has one way to be asked, and become propositions over their questions.
//! Equal propositions are one node of a diagram. Where they are not, every way on which they differ has to contradict itself by
//! what the questions say of each other. Sound: what is proved equal is; a pair that is not proved may still be equal. The work
//! is bounded by counts, so that every machine finds the same.

mod alike;
mod around;
mod call;
mod cell;
mod computed;
mod counted;
mod diagram;
mod form;
mod kinds;
mod lists;
mod made;
mod plain;
mod search;
mod settled;
mod spelt;
mod states;
mod term;
mod theory;
mod together;
mod walk;
mod ways;
mod world;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub(super) use alike::Alike;
use diagram::{Diagrams, Join, NO, Node, YES};
pub(super) use lists::one_has;
use plain::Place;
use search::Ways;
use theory::Theory;
use together::Listed;
use ways::{is_chosen, ways};
pub(super) use world::World;

use crate::ir::{Condition, Fingerprint, Object, Predicate, Quantifier, Term};

/// How many questions are asked of the theory at most.
const STEPS: usize = 100_000;

/// How many of them to find out whether answers about the items of one list go together.
const SPARE: usize = 20_000;

/// How deep proofs lie in each other: a body of a quantifier is compared by a proof of its own.
const DEEPEST: usize = 4;

/// Whether the conditions have the same verdict on every event of the world; `false` where that was not found out.
pub(super) fn is_equal(rule: &Condition, read: &Condition, world: World<'_>) -> bool {
    if rule == read && world.is_alike() {
        return true;
    }
    let [own, other] = places(world);
    let assumed = assumed(&own);
    let (rule, read) = (own.condition(rule), other.condition(read));
    if rule == read && !world.is_apart() {
        return true;
    }
    let told = own.side.told().map(|told| own.condition(&told));
    let mut prover = Prover::new(own.clone(), 0, STEPS);
    if let Some(told) = told
        && prover.implies(&read, &told) != Some(true)
    {
        return false;
    }
    let [rule, read] = spelt::apart([rule, read]);
    let [rule, read] = [rule, read].map(|condition| condition.and(assumed.clone()));
    let is_same = prover.are_equal(&rule, &read);
    is_same.unwrap_or_else(|| {
        // What a long list and its exclusions both ask need not be kept in mind where the exclusions ask first.
        let mut prover = Prover::new(own, 0, STEPS);
        prover.number(&rule);
        prover.are_equal(&rule, &read) == Some(true)
    })
}

/// The questions of a condition in the order in which they stand.
fn questions(condition: &Condition) -> Vec<&Condition> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().flat_map(questions).collect(),
        Condition::Not(inner) => questions(inner),
        Condition::Test(_) | Condition::Items { .. } => vec![condition],
    }
}

/// How both sides of the world see events.
fn places(world: World<'_>) -> [Place<'_>; 2] {
    world.sides().map(|side| Place {
        side,
        items: Vec::new(),
    })
}

/// What all events have.
fn assumed(own: &Place<'_>) -> Condition {
    own.condition(&own.side.assumed())
}

/// Whether the conditions are proved to have the same verdict on every event, whatever log source it is of.
pub fn are_equal(a: &Condition, b: &Condition) -> bool {
    is_equal(a, b, World::default())
}

/// A question: a predicate with one object, or one about the items of a list.
#[derive(Clone, Debug, PartialEq)]
enum Atom {
    Test(Predicate),
    Items {
        quantifier: Quantifier,
        list: Term,
        body: Condition,
    },
}

impl Atom {
    /// The question as a condition.
    fn condition(&self) -> Condition {
        match self {
            Self::Test(predicate) => predicate.clone().into(),
            Self::Items {
                quantifier,
                list,
                body,
            } => Condition::Items {
                quantifier: *quantifier,
                list: list.clone().into(),
                body: body.clone().into(),
            },
        }
    }
}

/// The questions of two conditions in plain form.
struct Prover<'w> {
    place: Place<'w>,
    depth: usize,
    steps: usize,
    diagrams: Diagrams,
    theory: Theory,
    atoms: Vec<Atom>,
    known: BTreeMap<Fingerprint, usize>,
    decided: BTreeMap<(usize, usize), Option<bool>>,
    settled: BTreeMap<Fingerprint, Option<Condition>>,
    /// What the questions by their numbers ask about the items of a list.
    listed: Vec<Option<Listed>>,
    /// Whether answers about the items of one list go together.
    together: BTreeMap<Vec<(usize, bool)>, bool>,
    /// Whether they contradict each other where what is settled beside the list is told.
    beside: BTreeMap<(Fingerprint, Vec<(usize, bool)>), bool>,
    /// How many steps are left to find that out.
    spare: usize,
    /// What was found out about ways that lead nowhere.
    ways: Ways,
    /// What of items is chosen or taken, each under the name that it was first met with.
    terms: Vec<Term>,
    /// Proofs about the items of lists.
    inner: BTreeMap<Fingerprint, Box<Self>>,
}

impl<'w> Prover<'w> {
    fn new(place: Place<'w>, depth: usize, steps: usize) -> Self {
        Self {
            place,
            depth,
            steps,
            diagrams: Diagrams::default(),
            theory: Theory::default(),
            atoms: Vec::new(),
            known: BTreeMap::new(),
            decided: BTreeMap::new(),
            settled: BTreeMap::new(),
            listed: Vec::new(),
            together: BTreeMap::new(),
            beside: BTreeMap::new(),
            spare: SPARE,
            ways: Ways::default(),
            terms: Vec::new(),
            inner: BTreeMap::new(),
        }
    }

    /// Numbers the questions of the parts of an `all`, those of the smallest part first.
    fn number(&mut self, condition: &Condition) {
        let Condition::All(parts) = condition else {
            return;
        };
        let mut parts: Vec<Vec<&Condition>> = parts.iter().map(questions).collect();
        parts.sort_by_key(Vec::len);
        for question in parts.into_iter().flatten() {
            // A bound that is reached is reached again by the proof.
            let _ = self.node(question);
        }
    }

    /// Whether two plain conditions are equal; nothing where a bound was reached.
    fn are_equal(&mut self, a: &Condition, b: &Condition) -> Option<bool> {
        let (a, b) = (self.node(a)?, self.node(b)?);
        let differ = self.diagrams.join(Join::Differ, a, b)?;
        self.is_never(differ)
    }

    /// Whether one plain condition holds wherever the other does.
    fn implies(&mut self, a: &Condition, b: &Condition) -> Option<bool> {
        let (a, b) = (self.node(a)?, self.node(b)?);
        let not = self.diagrams.negated(b)?;
        let differ = self.diagrams.join(Join::And, a, not)?;
        self.is_never(differ)
    }

    /// The proposition that a plain condition is.
    fn node(&mut self, condition: &Condition) -> Option<Node> {
        if let Some(settled) = self.known_settled(condition) {
            return self.node(&settled);
        }
        match condition {
            Condition::All(parts) => self.joined(Join::And, YES, parts),
            Condition::Any(parts) => self.joined(Join::Or, NO, parts),
            Condition::Not(inner) => {
                let inner = self.node(inner)?;
                self.diagrams.negated(inner)
            }
            Condition::Test(predicate) => {
                let atom = Atom::Test(predicate.as_ref().clone());
                let atom = self.atom(condition, atom);
                self.diagrams.atom(atom)
            }
            Condition::Items {
                quantifier,
                list,
                body,
            } => {
                let atom = Atom::Items {
                    quantifier: *quantifier,
                    list: list.as_ref().clone(),
                    body: body.as_ref().clone(),
                };
                let atom = self.atom(condition, atom);
                self.diagrams.atom(atom)
            }
        }
    }

    /// The propositions of several conditions in one. The last questions are joined first, so that each part is put on top of a
    /// diagram and not below all of it.
    fn joined(&mut self, how: Join, none: Node, parts: &[Condition]) -> Option<Node> {
        let nodes = parts.iter().map(|part| self.node(part));
        let nodes: Vec<Node> = nodes.collect::<Option<_>>()?;
        let mut nodes = nodes.into_iter().rev();
        nodes.try_fold(none, |all, part| self.diagrams.join(how, all, part))
    }

    /// The number of a question: that of an equal one, if there is one.
    fn atom(&mut self, condition: &Condition, atom: Atom) -> usize {
        let print = condition.fingerprint();
        if let Some(known) = self.known.get(&print) {
            return *known;
        }
        let atom = self.named(atom);
        let mut numbers = 0..self.atoms.len();
        let alike = numbers.find(|at| {
            let other = self.atoms[*at].clone();
            self.is_alike(&other, &atom)
        });
        let number = alike.unwrap_or_else(|| {
            self.theory.add(&atom, &self.place);
            self.listed.push(Listed::of(&atom));
            self.atoms.push(atom);
            self.atoms.len() - 1
        });
        self.known.insert(print, number);
        number
    }

    /// Whether two questions are one, by a proof about the conditions within them.
    fn is_alike(&mut self, a: &Atom, b: &Atom) -> bool {
        match (a, b) {
            (
                Atom::Items {
                    quantifier: how,
                    list,
                    body,
                },
                Atom::Items {
                    quantifier,
                    list: other,
                    body: asked,
                },
            ) => {
                how == quantifier
                    && !asks_another(body, asked)
                    && self.are_terms_equal(list, other)
                    && (body == asked
                        || self.within(list, |inner| inner.are_equal(body, asked)) == Some(true))
            }
            (Atom::Test(a), Atom::Test(b)) => {
                let is_asked = a.operator == b.operator && a.case == b.case;
                let objects = match (&a.object, &b.object) {
                    (Object::Term(a), Object::Term(b)) => is_asked && self.are_terms_equal(a, b),
                    (a, b) => is_asked && a == b,
                };
                objects && self.are_terms_equal(&a.subject, &b.subject)
            }
            _ => false,
        }
    }

    /// A proof about the items of a list. What one has found out is known to the next.
    fn within<T>(&mut self, list: &Term, prove: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth >= DEEPEST {
            return None;
        }
        let print = list.fingerprint();
        let known = self.inner.remove(&print);
        let mut inner = known
            .unwrap_or_else(|| Box::new(Self::new(self.place.within(list), self.depth + 1, 0)));
        inner.steps = self.steps;
        let proved = prove(&mut inner);
        self.steps = inner.steps;
        self.inner.insert(print, inner);
        proved
    }

    /// Whether two plain terms have one value in every event.
    fn are_terms_equal(&mut self, a: &Term, b: &Term) -> bool {
        if a.fingerprint() == b.fingerprint() {
            return true;
        }
        match (a, b) {
            (
                Term::Call {
                    function,
                    arguments,
                },
                Term::Call {
                    function: other,
                    arguments: others,
                },
            ) => {
                let mut pairs = arguments.iter().zip(others);
                function == other
                    && arguments.len() == others.len()
                    && pairs.all(|(a, b)| self.are_terms_equal(a, b))
            }
            (
                Term::Select { list, when, item },
                Term::Select {
                    list: other,
                    when: asked,
                    item: taken,
                },
            ) => {
                self.are_terms_equal(list, other)
                    && self.within(list, |inner| {
                        Some(inner.are_equal(when, asked)? && inner.are_terms_equal(item, taken))
                    }) == Some(true)
            }
            (a, b) if is_chosen(a) || is_chosen(b) => self.are_chosen_alike(a, b) == Some(true),
            _ => false,
        }
    }

    /// Whether two values are chosen under the same conditions.
    fn are_chosen_alike(&mut self, a: &Term, b: &Term) -> Option<bool> {
        let (a, b) = (ways(&self.place, a)?, ways(&self.place, b)?);
        let mut values: Vec<(Term, [Condition; 2])> = Vec::new();
        for (side, found) in [a, b].into_iter().enumerate() {
            for (given, value) in found {
                let known = (0..values.len()).find(|at| {
                    let other = values[*at].0.clone();
                    self.are_terms_equal(&other, &value)
                });
                let at = known.unwrap_or_else(|| {
                    values.push((value, [Condition::FALSE, Condition::FALSE]));
                    values.len() - 1
                });
                let before = std::mem::replace(&mut values[at].1[side], Condition::FALSE);
                values[at].1[side] = before.or(given);
            }
        }
        for (_, [a, b]) in &values {
            if !self.here(|inner| inner.are_equal(a, b))? {
                return Some(false);
            }
        }
        Some(true)
    }

    /// A proof of its own.
    fn here<T>(&mut self, prove: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth >= DEEPEST {
            return None;
        }
        let mut inner = Self::new(self.place.clone(), self.depth + 1, self.steps);
        let proved = prove(&mut inner);
        self.steps = inner.steps;
        proved
    }

    /// What a question is where another holds.
    fn decided(&mut self, fact: usize, query: usize) -> Option<bool> {
        if let Some(known) = self.decided.get(&(fact, query)) {
            return *known;
        }
        let verdict = match (self.atoms[fact].clone(), self.atoms[query].clone()) {
            (Atom::Test(fact), Atom::Test(query)) => theory::decided(&fact, &query),
            (
                Atom::Items {
                    quantifier: Quantifier::Some,
                    list,
                    body,
                },
                Atom::Items {
                    quantifier: Quantifier::Some,
                    list: other,
                    body: asked,
                },
            ) if list == other => {
                let implied = self.within(&list, |inner| inner.implies(&body, &asked));
                (implied == Some(true)).then_some(true)
            }
            _ => None,
        };
        self.decided.insert((fact, query), verdict);
        verdict
    }
}

/// Whether two questions ask one value for different constants, which makes them two without a proof.
fn asks_another(a: &Condition, b: &Condition) -> bool {
    let (Condition::Test(a), Condition::Test(b)) = (a, b) else {
        return false;
    };
    let is_constant = |asked: &Predicate| !matches!(asked.object, Object::Term(_));
    a.operator == b.operator
        && a.object != b.object
        && is_constant(a)
        && is_constant(b)
        && a.subject.fingerprint() == b.subject.fingerprint()
}
