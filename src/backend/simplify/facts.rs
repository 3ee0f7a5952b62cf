//! What is known at a place of a rule, and what it says of a condition there.
//!
//! A fact is a condition that holds there or does not. Every condition is true or false on every event, so that what follows is
//! plain logic over what the table of operators says (`normalize::follows`). Invariant: a verdict is right on every event on which
//! all facts are; none is always safe.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use super::first;
use crate::ir::fingerprint;
use crate::ir::{
    Condition, Fingerprint, Kind, Mark, Object, Operator, Predicate, Quantifier, Shared, Term,
    related,
};
use crate::normalize;

/// A condition that is known to hold, or known not to.
#[derive(Debug)]
pub(super) struct Fact {
    condition: Condition,
    holds: bool,
    print: Fingerprint,
    about: Mark,
    /// What each part of a choice between several is about.
    parts: Vec<Mark>,
    /// The part of a choice that left the last question open.
    silent: Cell<usize>,
}

/// What is known, the latest last.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    list: Vec<Rc<Fact>>,
    /// The condition of each and what it is about, which is what most of them are looked at for.
    index: Vec<(Fingerprint, Mark)>,
    /// What tells the facts so far from others, behind each of them.
    prints: Vec<Fingerprint>,
}

/// What is known where the condition holds, or does not.
pub(super) fn facts_of(condition: &Condition, holds: bool) -> Vec<Rc<Fact>> {
    let mut found = Vec::new();
    collect(condition, holds, &mut found);
    found
}

fn collect(condition: &Condition, holds: bool, found: &mut Vec<Rc<Fact>>) {
    match (condition, holds) {
        (Condition::Not(inner), _) => collect(inner, !holds, found),
        (Condition::All(parts), true) | (Condition::Any(parts), false) => {
            parts.iter().for_each(|part| collect(part, holds, found));
        }
        _ => {
            found.push(Fact::new(condition.clone(), holds));
            if let (Condition::Test(predicate), true) = (condition, holds)
                && let Some((taken, _)) = first::some_taken(predicate)
            {
                found.push(Fact::new(taken, true));
            }
        }
    }
}

impl Fact {
    fn new(condition: Condition, holds: bool) -> Rc<Self> {
        Rc::new(Self {
            print: condition.fingerprint(),
            about: about(&condition),
            parts: match &condition {
                Condition::All(parts) | Condition::Any(parts) => parts.iter().map(about).collect(),
                Condition::Not(_) | Condition::Test(_) | Condition::Items { .. } => Vec::new(),
            },
            condition,
            holds,
            silent: Cell::new(0),
        })
    }
}

impl Facts {
    /// How much is known.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Forgets what was added since there was so much.
    pub(super) fn truncate(&mut self, length: usize) {
        self.list.truncate(length);
        self.index.truncate(length);
        self.prints.truncate(length);
    }

    /// What tells these facts from others.
    pub(super) fn print(&self) -> Fingerprint {
        self.prints.last().copied().unwrap_or_default()
    }

    /// Adds that the condition holds, or does not.
    pub(super) fn add(&mut self, condition: &Condition, holds: bool) {
        self.extend(&facts_of(condition, holds));
    }

    /// Adds facts.
    pub(super) fn extend(&mut self, facts: &[Rc<Fact>]) {
        for fact in facts {
            let one = fingerprint::of_two(self.print(), fact.print);
            self.prints
                .push(fingerprint::of_two(one, u64::from(fact.holds)));
            self.index.push((fact.print, fact.about));
            self.list.push(Rc::clone(fact));
        }
    }

    /// The facts as they are for the items of a list: those about an item of a list around are about another one there.
    pub(super) fn within(&self, list: &Term) -> Self {
        let outer = self.list.iter().filter(|fact| !reads_item(&fact.condition));
        let outer: Vec<Rc<Fact>> = outer.cloned().collect();
        let mut inner = Self::default();
        inner.extend(&outer);
        for fact in &self.list {
            if let Condition::Items {
                quantifier,
                list: of,
                body,
            } = &fact.condition
                && **of == *list
                && !list.reads_each()
            {
                match (quantifier, fact.holds) {
                    (Quantifier::Some, false) => inner.add(body, false),
                    (Quantifier::Every, true) => inner.add(body, true),
                    _ => {}
                }
            }
        }
        if let Some((_, passes)) = first::before_first(list) {
            inner.add(passes, false);
        }
        inner
    }

    /// The verdict of the condition, where the facts decide it.
    pub(super) fn decide(&self, condition: &Condition) -> Option<bool> {
        match condition {
            Condition::Test(predicate) => self.of_test(predicate),
            Condition::Not(inner) => self.decide(inner).map(|verdict| !verdict),
            Condition::All(parts) => self.same(condition).or_else(|| self.of_parts(parts, true)),
            Condition::Any(parts) => self.same(condition).or_else(|| self.of_parts(parts, false)),
            Condition::Items {
                quantifier, list, ..
            } => self
                .same(condition)
                .or_else(|| self.of_items(*quantifier, list)),
        }
    }

    /// The verdict of a condition that is a fact.
    fn same(&self, condition: &Condition) -> Option<bool> {
        let print = condition.fingerprint();
        let at = self.index.iter().position(|(known, _)| *known == print)?;
        Some(self.list[at].holds)
    }

    /// The facts that may say something of what is asked.
    fn related(&self, asked: Mark) -> impl Iterator<Item = &Fact> {
        let both = self.index.iter().zip(&self.list);
        let related = both.filter(move |((_, about), _)| related(*about, asked));
        related.map(|(_, fact)| &**fact)
    }

    /// The verdict of an `all` (or an `any`) of which some parts together are one that does not hold (or one that does).
    fn of_parts(&self, parts: &[Condition], all: bool) -> Option<bool> {
        let mut given = self.list.iter().filter_map(|fact| match &fact.condition {
            Condition::All(given) if all && !fact.holds => Some(given),
            Condition::Any(given) if !all && fact.holds => Some(given),
            _ => None,
        });
        let prints: OnceCell<Vec<Fingerprint>> = OnceCell::new();
        let is_part = |part: &Condition| {
            let prints = prints.get_or_init(|| parts.iter().map(Condition::fingerprint).collect());
            prints.contains(&part.fingerprint())
        };
        let decided = given.any(|given| given.len() <= parts.len() && given.iter().all(is_part));
        decided.then_some(!all)
    }

    /// What is known of the list decides whether it has items.
    fn of_items(&self, quantifier: Quantifier, list: &Term) -> Option<bool> {
        let is_list = Predicate::new(
            list.clone(),
            Operator::IsKind,
            Object::Kinds(vec![Kind::List]),
        );
        let is_list = self.of_test(&Shared::new(is_list));
        if is_list == Some(false) {
            return Some(false);
        }
        let truthy = Predicate::new(list.clone(), Operator::IsTruthy, Object::None);
        let is_empty = self.of_test(&Shared::new(truthy)) == Some(false);
        (is_empty && quantifier != Quantifier::Every).then_some(false)
    }

    fn of_test(&self, predicate: &Shared<Predicate>) -> Option<bool> {
        let asked = predicate.mark();
        let mut clauses = Vec::new();
        for fact in self.related(asked) {
            match &fact.condition {
                Condition::All(parts) | Condition::Any(parts) => clauses.push((fact, parts)),
                condition => {
                    let verdict = follows(condition, fact.holds, predicate);
                    if verdict.is_some() {
                        return verdict;
                    }
                }
            }
        }
        clauses
            .into_iter()
            .find_map(|(fact, parts)| self.of_clause(fact, parts, predicate, asked))
    }

    /// The verdict that each part of a choice between several has, but for parts that are known not to apply. What a part says
    /// is found sooner than whether it applies, and most say nothing; of the others most have a part that applies and says
    /// something else, and the one that the last question was left open by is looked at first.
    fn of_clause(
        &self,
        fact: &Fact,
        parts: &[Condition],
        predicate: &Shared<Predicate>,
        asked: Mark,
    ) -> Option<bool> {
        let says = |at: usize| {
            let is_related = related(fact.parts[at], asked);
            is_related.then(|| follows(&parts[at], fact.holds, predicate))?
        };
        if !(0..parts.len()).any(|at| says(at).is_some()) {
            return None;
        }
        let last = fact.silent.get();
        let is_silent = |part: &Condition| says(last).is_none() && self.applies(fact, part);
        if parts.get(last).is_some_and(is_silent) {
            return None;
        }
        let mut verdict = None;
        for (at, part) in parts.iter().enumerate() {
            let said = says(at);
            if said.is_some() && said == verdict || !self.applies(fact, part) {
                continue;
            }
            if said.is_none() || verdict.is_some() {
                fact.silent.set(at);
                return None;
            }
            verdict = said;
        }
        verdict
    }

    /// Whether a part of a choice is not known to be none that decides it.
    fn applies(&self, fact: &Fact, part: &Condition) -> bool {
        self.plainly(part) != Some(!fact.holds)
    }

    /// The verdict of a condition by the facts that are no choice between several.
    fn plainly(&self, condition: &Condition) -> Option<bool> {
        match condition {
            Condition::Not(inner) => self.plainly(inner).map(|verdict| !verdict),
            Condition::Test(predicate) => {
                let mut plain = self.related(predicate.mark()).filter(|fact| {
                    matches!(fact.condition, Condition::Test(_) | Condition::Items { .. })
                });
                plain.find_map(|fact| follows(&fact.condition, fact.holds, predicate))
            }
            Condition::All(parts) => self.same(condition).or_else(|| {
                let mut parts = parts.iter().map(|part| self.plainly(part));
                parts.any(|part| part == Some(false)).then_some(false)
            }),
            Condition::Any(parts) => self.same(condition).or_else(|| {
                let mut parts = parts.iter().map(|part| self.plainly(part));
                parts.any(|part| part == Some(true)).then_some(true)
            }),
            Condition::Items { .. } => self.same(condition),
        }
    }
}

/// What a condition that holds, or does not, says of a predicate.
fn follows(fact: &Condition, holds: bool, predicate: &Shared<Predicate>) -> Option<bool> {
    let is_related = |part: &&Condition| related(about(part), predicate.mark());
    match (fact, holds) {
        (Condition::Test(given), _) => normalize::follows(given, holds, predicate),
        (Condition::Not(inner), _) => follows(inner, !holds, predicate),
        (Condition::All(parts), true) | (Condition::Any(parts), false) => parts
            .iter()
            .filter(is_related)
            .find_map(|part| follows(part, holds, predicate)),
        (Condition::Any(parts), true) | (Condition::All(parts), false) => {
            if !parts.iter().all(|part| is_related(&part)) {
                return None;
            }
            let mut parts = parts.iter();
            let first = follows(parts.next()?, holds, predicate)?;
            parts
                .all(|part| follows(part, holds, predicate) == Some(first))
                .then_some(first)
        }
        (
            Condition::Items {
                quantifier, list, ..
            },
            true,
        ) => {
            if **list != predicate.subject || list.reads_each() {
                return None;
            }
            // What has an item that is asked for is a list with something in it.
            let shows = match quantifier {
                Quantifier::Every => Predicate::new(
                    predicate.subject.clone(),
                    Operator::IsKind,
                    Object::Kinds(vec![Kind::List]),
                ),
                Quantifier::Some | Quantifier::One => {
                    if predicate.operator == Operator::IsTruthy {
                        return Some(true);
                    }
                    Predicate::new(
                        predicate.subject.clone(),
                        Operator::IsKind,
                        Object::Kinds(vec![Kind::List]),
                    )
                }
            };
            normalize::follows(&Shared::new(shows), true, predicate)
        }
        (Condition::Items { .. }, false) => None,
    }
}

/// What the condition, where it is a fact, may say something about; a quantifier says something of its list alone.
fn about(condition: &Condition) -> Mark {
    match condition {
        Condition::Items { list, .. } => list.mark(),
        Condition::Not(inner) => about(inner),
        Condition::All(_) | Condition::Any(_) | Condition::Test(_) => condition.mark(),
    }
}

/// Whether the condition asks about an item of a list around it.
fn reads_item(condition: &Condition) -> bool {
    // Within quantifiers of its own the numbers are larger; what is asked there is taken as of around.
    (0..8).any(|depth| condition.may_read(depth))
}
