//! What is known at a place of a rule, and what it says of a condition there.
//!
//! A fact is a condition that holds there or does not. Every condition is true or false on every event, so that what follows is
//! plain logic over what the table of operators says (`normalize::follows`). Invariant: a verdict is right on every event on which
//! all facts are; none is always safe.

mod clause;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use clause::Part;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

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
    /// What tells the fact from others.
    key: Fingerprint,
    about: Mark,
    /// The parts of a choice between several.
    parts: Vec<Part>,
    /// The parts of a choice that left the last questions open, the last one first.
    silent: Cell<[usize; 2]>,
}

/// What each part of a choice says.
type Verdicts = Rc<[Option<bool>]>;

/// The age of a fact: how many were added before it, those that are forgotten by now among them.
type Serial = u64;

/// What is known, the latest last.
#[derive(Debug, Default)]
pub(super) struct Facts {
    list: Vec<Rc<Fact>>,
    /// The condition of each and what it is about, which is what most of them are looked at for.
    index: Vec<(Fingerprint, Mark)>,
    /// What tells the facts so far from others, behind each of them.
    prints: Vec<Fingerprint>,
    /// The age of each.
    serials: Vec<Serial>,
    /// How many facts were added, to these or to others from which these come.
    clock: Rc<Cell<Serial>>,
    /// What tells these facts from those of other items of lists.
    world: Serial,
    /// What one condition says of another, where one of them is large.
    said: Rc<RefCell<FxHashMap<Fingerprint, Option<bool>>>>,
    /// What the parts of a choice say of a predicate, each by itself, where one of them says something.
    said_by_parts: Rc<RefCell<FxHashMap<Fingerprint, Option<Verdicts>>>>,
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
        let print = condition.fingerprint();
        let part = |part| Part::new(part, holds);
        Rc::new(Self {
            print,
            key: key(print, holds),
            about: about(&condition),
            parts: match &condition {
                Condition::All(parts) | Condition::Any(parts) => parts.iter().map(part).collect(),
                Condition::Not(_) | Condition::Test(_) | Condition::Items { .. } => Vec::new(),
            },
            condition,
            holds,
            silent: Cell::default(),
        })
    }
}

impl Facts {
    /// Nothing known, in a world of its own.
    pub(super) fn none(&self) -> Self {
        let mut none = Self {
            clock: Rc::clone(&self.clock),
            said: Rc::clone(&self.said),
            said_by_parts: Rc::clone(&self.said_by_parts),
            ..Self::default()
        };
        none.world = none.tick();
        none
    }

    /// An age that no fact has.
    fn tick(&self) -> Serial {
        let serial = self.clock.get() + 1;
        self.clock.set(serial);
        serial
    }

    /// How much is known.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Forgets what was added since there was so much.
    pub(super) fn truncate(&mut self, length: usize) {
        self.list.truncate(length);
        self.index.truncate(length);
        self.prints.truncate(length);
        self.serials.truncate(length);
    }

    /// What tells these facts from others.
    pub(super) fn print(&self) -> Fingerprint {
        self.prints.last().copied().unwrap_or_default()
    }

    /// Adds that the condition holds, or does not, as far as it is not known to.
    pub(super) fn add(&mut self, condition: &Condition, holds: bool) {
        let mut facts = facts_of(condition, holds);
        facts.retain(|fact| self.of_print(fact.print) != Some(holds));
        self.extend(&facts);
    }

    /// Adds facts.
    pub(super) fn extend(&mut self, facts: &[Rc<Fact>]) {
        for fact in facts {
            let print = fingerprint::of_two(self.print(), fact.key);
            self.prints.push(print);
            self.index.push((fact.print, fact.about));
            self.list.push(Rc::clone(fact));
            self.serials.push(self.tick());
        }
    }

    /// The facts as they are for the items of a list: those about an item of a list around are about another one there.
    pub(super) fn within(&self, list: &Term) -> Self {
        let outer = self.list.iter().filter(|fact| !reads_item(&fact.condition));
        let outer: Vec<Rc<Fact>> = outer.cloned().collect();
        let mut inner = self.none();
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
        self.of_print(condition.fingerprint())
    }

    fn of_print(&self, print: Fingerprint) -> Option<bool> {
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
        let mut clauses: SmallVec<[_; 8]> = SmallVec::new();
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
            .find_map(|(fact, parts)| self.of_clause(fact, parts, predicate))
    }
}

/// What tells a fact from others.
fn key(print: Fingerprint, holds: bool) -> Fingerprint {
    fingerprint::of_two(print, u64::from(holds))
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
