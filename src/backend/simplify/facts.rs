//! What is known at a place of a rule, and what it says of a condition there.
//!
//! A fact is a condition that holds there or does not. Every condition is true or false on every event, so that what follows is
//! plain logic over what the table of operators says (`normalize::follows`). Invariant: a verdict is right on every event on which
//! all facts are; none is always safe.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use super::first;
use crate::ir::fingerprint;
use crate::ir::{
    ByFingerprint, Condition, Fingerprint, Kind, Mark, Object, Operator, Predicate, Quantifier,
    Shared, Term, related,
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

/// A part of a choice between several.
#[derive(Debug)]
struct Part {
    /// What tells the part, as a fact, from other facts.
    key: Fingerprint,
    about: Mark,
    /// A bit for each choice and quantifier in it, by their fingerprints.
    within: OnceCell<u64>,
    seen: Cell<Seen>,
}

/// What was found out about a part by the facts of a world.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    world: Serial,
    /// Older facts say nothing of the part.
    until: Serial,
    /// What the fact of just this age says of it, if it does.
    verdict: Option<bool>,
}

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
    said: Rc<RefCell<ByFingerprint<Option<bool>>>>,
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

impl Part {
    fn new(condition: &Condition, holds: bool) -> Self {
        Self {
            key: key(condition.fingerprint(), holds),
            about: about(condition),
            within: OnceCell::new(),
            seen: Cell::default(),
        }
    }

    /// Whether the fact may say something of the part, which is the condition.
    fn may_follow(&self, condition: &Condition, fact: &Fact) -> bool {
        if !related(fact.about, self.about) {
            return false;
        }
        // Most choices that are known are no part of the condition.
        let is_choice = matches!(fact.condition, Condition::All(_) | Condition::Any(_));
        !is_choice || self.within.get_or_init(|| within(condition)) & bit(fact.print) != 0
    }
}

/// What tells a fact from others.
fn key(print: Fingerprint, holds: bool) -> Fingerprint {
    fingerprint::of_two(print, u64::from(holds))
}

/// The bit of a fingerprint.
fn bit(print: Fingerprint) -> u64 {
    1 << (print % 64)
}

/// The bits of the choices and quantifiers in a condition.
fn within(condition: &Condition) -> u64 {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            let parts = parts.iter().map(within);
            parts.fold(bit(condition.fingerprint()), |bits, part| bits | part)
        }
        Condition::Not(inner) => within(inner),
        Condition::Test(_) => 0,
        Condition::Items { .. } => bit(condition.fingerprint()),
    }
}

impl Facts {
    /// Nothing known, in a world of its own.
    pub(super) fn none(&self) -> Self {
        let mut none = Self {
            clock: Rc::clone(&self.clock),
            said: Rc::clone(&self.said),
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

    /// The verdict that each part of a choice between several has, but for parts that are known not to apply. Most have a part
    /// that applies and says something else, and those that the last questions were left open by are looked at
    /// first.
    fn of_clause(
        &self,
        fact: &Fact,
        parts: &[Condition],
        predicate: &Shared<Predicate>,
        asked: Mark,
    ) -> Option<bool> {
        let says = |at: usize| {
            let is_related = related(fact.parts[at].about, asked);
            let pair = || fingerprint::of_two(fact.parts[at].key, predicate.fingerprint());
            let follows = || follows(&parts[at], fact.holds, predicate);
            is_related.then(|| self.once(&parts[at], pair, follows))?
        };
        let applies = |at: usize| self.verdict(&fact.parts[at], &parts[at]) != Some(!fact.holds);
        let silent = fact.silent.get();
        let is_silent = |at: &usize| *at < parts.len() && says(*at).is_none() && applies(*at);
        if silent.iter().any(is_silent) {
            return None;
        }
        if !(0..parts.len()).any(|at| says(at).is_some()) {
            return None;
        }
        let mut verdict = None;
        for at in 0..parts.len() {
            let said = says(at);
            if said.is_some() && said == verdict || !applies(at) {
                continue;
            }
            if said.is_none() || verdict.is_some() {
                fact.silent.set([at, silent[0]]);
                return None;
            }
            verdict = said;
        }
        verdict
    }

    /// What of two conditions one says of the other, where one of them is large: looked up by the two of them.
    fn once(
        &self,
        large: &Condition,
        pair: impl FnOnce() -> Fingerprint,
        say: impl FnOnce() -> Option<bool>,
    ) -> Option<bool> {
        let is_large = match large {
            Condition::Not(inner) => matches!(**inner, Condition::All(_) | Condition::Any(_)),
            condition => matches!(condition, Condition::All(_) | Condition::Any(_)),
        };
        if !is_large {
            return say();
        }
        let pair = pair();
        if let Some(said) = self.said.borrow().get(&pair) {
            return *said;
        }
        let said = say();
        self.said.borrow_mut().insert(pair, said);
        said
    }

    /// The verdict of a part of a choice by a fact that is no choice between several. Facts come and go while parts of a
    /// condition are looked at, the latest first, so that what the older ones say is known from before.
    fn verdict(&self, part: &Part, condition: &Condition) -> Option<bool> {
        let mut seen = part.seen.get();
        if seen.world != self.world {
            seen = Seen {
                world: self.world,
                ..Seen::default()
            };
        }
        let start = self.serials.partition_point(|serial| *serial < seen.until);
        let is_there = self.serials.get(start) == Some(&seen.until);
        if !is_there || seen.verdict.is_none() {
            let said = (start..self.list.len()).find_map(|at| {
                let fact = &*self.list[at];
                if !part.may_follow(condition, fact) {
                    return None;
                }
                let pair = || fingerprint::of_two(fact.key, part.key);
                let said = self.once(condition, pair, || fact.plainly(condition));
                Some((self.serials[at], said?))
            });
            let (until, verdict) = match said {
                Some((serial, verdict)) => (serial, Some(verdict)),
                None => (self.clock.get() + 1, None),
            };
            seen = Seen {
                until,
                verdict,
                ..seen
            };
            part.seen.set(seen);
        }
        seen.verdict
    }
}

impl Fact {
    /// The verdict of a condition by the fact, if it is no choice between several.
    fn plainly(&self, condition: &Condition) -> Option<bool> {
        match (condition, &self.condition) {
            (Condition::Not(inner), _) => self.plainly(inner).map(|verdict| !verdict),
            (Condition::Test(predicate), Condition::Test(_) | Condition::Items { .. }) => {
                follows(&self.condition, self.holds, predicate)
            }
            (Condition::All(_), Condition::All(_))
            | (Condition::Any(_), Condition::Any(_))
            | (Condition::Items { .. }, Condition::Items { .. })
                if self.print == condition.fingerprint() =>
            {
                Some(self.holds)
            }
            (Condition::Test(_) | Condition::Items { .. }, _) => None,
            (Condition::All(parts), _) => self.decides(parts, false).then_some(false),
            (Condition::Any(parts), _) => self.decides(parts, true).then_some(true),
        }
    }

    /// Whether one of the parts has the verdict by the fact.
    fn decides(&self, parts: &[Condition], verdict: bool) -> bool {
        let mut near = parts.iter().filter(|part| related(self.about, about(part)));
        near.any(|part| self.plainly(part) == Some(verdict))
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
