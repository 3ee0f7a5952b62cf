//! What is known at a place of a rule, and what it says of a condition there.
//!
//! A fact is a condition that holds there or does not. Every condition is true or false on every event, so that what follows is
//! plain logic over what the table of operators says (`normalize::follows`). Invariant: a verdict is right on every event on which
//! all facts are; none is always safe.

use std::rc::Rc;

use super::first;
use crate::ir::fingerprint;
use crate::ir::{
    Condition, Fingerprint, Kind, Mark, Object, Operator, Predicate, Quantifier, Segment, Shared,
    Term,
};
use crate::normalize;

/// A condition that is known to hold, or known not to.
#[derive(Debug)]
pub(super) struct Fact {
    condition: Condition,
    holds: bool,
    print: Fingerprint,
    mark: Mark,
    /// What each part of a choice between several is about.
    parts: Vec<About>,
}

/// What is known, the latest last.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    list: Vec<Rc<Fact>>,
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
            mark: mark(&condition),
            parts: match &condition {
                Condition::All(parts) | Condition::Any(parts) => parts.iter().map(about).collect(),
                Condition::Not(_) | Condition::Test(_) | Condition::Items { .. } => Vec::new(),
            },
            condition,
            holds,
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
        let fact = self.list.iter().find(|fact| fact.print == print)?;
        Some(fact.holds)
    }

    /// The verdict of an `all` (or an `any`) of which some parts together are one that does not hold (or one that does).
    fn of_parts(&self, parts: &[Condition], all: bool) -> Option<bool> {
        let prints: Vec<Fingerprint> = parts.iter().map(Condition::fingerprint).collect();
        let decided = self.list.iter().any(|fact| {
            let given = match &fact.condition {
                Condition::All(given) if all && !fact.holds => given,
                Condition::Any(given) if !all && fact.holds => given,
                _ => return false,
            };
            given.len() <= parts.len()
                && given
                    .iter()
                    .all(|part| prints.contains(&part.fingerprint()))
        });
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
        let mark = predicate.mark();
        let related = self.list.iter().filter(|fact| fact.mark & mark != 0);
        let mut clauses = Vec::new();
        for fact in related {
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

    /// The verdict that each part of a choice between several has, but for parts that are known not to apply. What a part says
    /// is found sooner than whether it applies, and most say nothing.
    fn of_clause(
        &self,
        fact: &Fact,
        parts: &[Condition],
        predicate: &Shared<Predicate>,
    ) -> Option<bool> {
        let holds = fact.holds;
        let asked = about_test(predicate);
        let said = parts.iter().zip(&fact.parts);
        let said = said.map(|(part, own)| {
            let is_related = own.0 & asked.0 != 0 && own.1 & asked.1 != 0;
            is_related.then(|| follows(part, holds, predicate))?
        });
        let said: Vec<Option<bool>> = said.collect();
        if said.iter().all(Option::is_none) {
            return None;
        }
        let applies = |part: &Condition| self.plainly(part) != Some(!holds);
        let both = || parts.iter().zip(&said);
        if both().any(|(part, said)| said.is_none() && applies(part)) {
            return None;
        }
        let mut open = both().filter(|(part, said)| said.is_some() && applies(part));
        let first = (*open.next()?.1)?;
        open.all(|(_, said)| *said == Some(first)).then_some(first)
    }

    /// The verdict of a condition by the facts that are no choice between several.
    fn plainly(&self, condition: &Condition) -> Option<bool> {
        match condition {
            Condition::Not(inner) => self.plainly(inner).map(|verdict| !verdict),
            Condition::Test(predicate) => {
                let mark = predicate.mark();
                let mut plain = self.list.iter().filter(|fact| {
                    fact.mark & mark != 0
                        && matches!(fact.condition, Condition::Test(_) | Condition::Items { .. })
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
    match (fact, holds) {
        (Condition::Test(given), _) => normalize::follows(given, holds, predicate),
        (Condition::Not(inner), _) => follows(inner, !holds, predicate),
        (Condition::All(parts), true) | (Condition::Any(parts), false) => parts
            .iter()
            .find_map(|part| follows(part, holds, predicate)),
        (Condition::Any(parts), true) | (Condition::All(parts), false) => {
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

/// The first steps and the second steps of what something is about. A path says nothing of one that parts from it at either.
type About = (Mark, Mark);

fn about(condition: &Condition) -> About {
    match condition {
        Condition::Items { .. } => (Mark::MAX, Mark::MAX),
        Condition::All(parts) | Condition::Any(parts) => {
            let parts = parts.iter().map(about);
            parts.fold((0, 0), |all, part| (all.0 | part.0, all.1 | part.1))
        }
        Condition::Not(inner) => about(inner),
        Condition::Test(predicate) => about_test(predicate),
    }
}

fn about_test(predicate: &Shared<Predicate>) -> About {
    let second = match second_steps(&predicate.subject) {
        0 => Mark::MAX,
        steps => steps,
    };
    (predicate.mark(), second)
}

fn second_steps(term: &Term) -> Mark {
    match term {
        Term::Field(path) | Term::Item { path, .. } => match path.segments.get(1) {
            Some(Segment::Key(key) | Segment::Exact(key)) => {
                let sum = key.bytes().fold(0_u64, |sum, byte| {
                    sum.wrapping_mul(31).wrapping_add(u64::from(byte))
                });
                1 << (sum % 64)
            }
            Some(Segment::Index(_) | Segment::Each) | None => Mark::MAX,
        },
        Term::Literal(_) => 0,
        Term::Call { arguments, .. } => arguments
            .iter()
            .fold(0, |all, part| all | second_steps(part)),
        Term::Choice { .. } | Term::Select { .. } | Term::Aggregate { .. } => Mark::MAX,
    }
}

/// What the condition is about; a list whose items are asked for among it.
fn mark(condition: &Condition) -> Mark {
    match condition {
        Condition::Items { .. } => Mark::MAX,
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().fold(0, |all, part| all | mark(part))
        }
        Condition::Not(inner) => mark(inner),
        Condition::Test(predicate) => predicate.mark(),
    }
}

/// Whether the condition asks about an item of a list around it.
fn reads_item(condition: &Condition) -> bool {
    // Within quantifiers of its own the numbers are larger; what is asked there is taken as of around.
    (0..8).any(|depth| condition.may_read(depth))
}
