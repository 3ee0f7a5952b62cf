//! A rule with less to ask: what is decided where it is asked is not asked again.
//!
//! Beside a conjunct the other conjuncts hold, and beside an alternative the others do not; a case of a choice is reached where
//! none before it held; what an alert shows is shown of events that the selection takes. Each pass keeps the verdict, and each
//! value that is shown, on every event on which it is asked. The normal form does the same for two predicates; here whole
//! conditions are facts, and choices are looked into. It takes time, so that only targets that write out what they ask use it.
//!
//! Where the caller has a log source whose types the events have, what these answer is not asked either; but for numbers, which
//! some collectors deliver as texts.

mod chosen;
mod factor;
mod facts;
mod first;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::rc::Rc;

use facts::{Fact, Facts, facts_of};

use super::assume::assume_within;
use crate::ir::{
    ByFingerprint, Case, Condition, Function, Object, Operator, Predicate, Rule, Shared, Term,
    fingerprint,
};
use crate::normalize;
use crate::schema::LogSourceMap;

/// How many facts are looked at for one rule. What is left then stays as it is.
const BUDGET: usize = 4_000_000;

/// How often a condition is gone through at most.
const ROUNDS: usize = 3;

/// A list with more parts than this has each held against those before it alone.
const LONG: usize = 60;

/// What is known of every event that a rule is about.
#[derive(Default)]
pub(super) struct Given<'m> {
    /// What holds of them.
    pub(super) facts: Vec<Condition>,
    /// The source whose types they have.
    pub(super) types: Option<&'m LogSourceMap>,
}

/// The rule with less to ask, on events of which it is known what is given.
pub(super) fn simplify(rule: &mut Rule, given: &Given<'_>) {
    let mut simplifier = Simplifier::new(given.types);
    for condition in &given.facts {
        simplifier.facts.add(condition, true);
    }
    let selection = simplifier.settled(&rule.selection);
    simplifier.facts.add(&rule.selection, true);
    simplifier.facts.add(&selection, true);
    // What is hardly shorter stays as its author wrote it.
    if selection.size() * 4 <= rule.selection.size() * 3 {
        rule.selection = selection;
    }
    let mut take = |term: &mut Term| {
        if let Some(told) = simplifier.term(term) {
            *term = told;
        }
    };
    rule.alert.texts_mut().for_each(&mut take);
    let details = rule.alert.details.iter_mut();
    details.for_each(|detail| take(&mut detail.source));
    let identifiers = rule
        .entities
        .iter_mut()
        .flat_map(|entity| &mut entity.identifiers);
    identifiers.for_each(|identifier| take(&mut identifier.source));
    if let Some(threshold) = &mut rule.threshold {
        threshold.group_by.iter_mut().for_each(&mut take);
        threshold.measure.term_mut().into_iter().for_each(&mut take);
    }
    for output in &mut rule.outputs {
        let length = simplifier.facts.len();
        if let Some(when) = output.when.take() {
            let when = simplifier.settled(&when);
            simplifier.facts.add(&when, true);
            output.when = Some(when).filter(|when| when.as_constant() != Some(true));
        }
        if let Some(told) = simplifier.term(&output.source) {
            output.source = told;
        }
        simplifier.facts.truncate(length);
    }
    let is_never = |when: &Condition| when.as_constant() == Some(false);
    rule.outputs
        .retain(|output| !output.when.as_ref().is_some_and(is_never));
}

/// What is known, and what conditions and terms have become where it was.
struct Simplifier<'m> {
    types: Option<&'m LogSourceMap>,
    /// The lists whose items are asked about, the innermost last.
    lists: Vec<Term>,
    facts: Facts,
    conditions: ByFingerprint<Option<Condition>>,
    terms: ByFingerprint<Option<Term>>,
    /// What conditions are on events with the types of their source.
    typed: ByFingerprint<Option<Condition>>,
    /// The normal forms of conditions.
    normal: ByFingerprint<Condition>,
    left: usize,
}

/// Parts of a condition, of which each is asked beside the others.
struct Beside {
    parts: Vec<Condition>,
    /// What each part says where it holds, or does not.
    facts: Vec<Vec<Rc<Fact>>>,
    hold: bool,
    is_changed: bool,
}

impl<'m> Simplifier<'m> {
    fn new(types: Option<&'m LogSourceMap>) -> Self {
        Self {
            types,
            lists: Vec::new(),
            facts: Facts::default(),
            conditions: ByFingerprint::default(),
            terms: ByFingerprint::default(),
            typed: ByFingerprint::default(),
            normal: ByFingerprint::default(),
            left: BUDGET,
        }
    }

    /// The condition, simplified until nothing changes.
    fn settled(&mut self, condition: &Condition) -> Condition {
        let mut condition = condition.clone();
        for _ in 0..ROUNDS {
            let before = condition.fingerprint();
            condition = self.typed(&condition).unwrap_or(condition);
            if let Some(told) = self.within(&condition) {
                condition = told;
            }
            condition = self.normal(condition);
            if condition.fingerprint() == before {
                break;
            }
        }
        condition
    }

    /// The condition on events with the types of their source; nothing where that is the condition itself.
    fn typed(&mut self, condition: &Condition) -> Option<Condition> {
        let types = self.types?;
        let lists = self.lists.iter().map(Term::fingerprint);
        let place = lists.fold(condition.fingerprint(), fingerprint::of_two);
        let known = self.typed.entry(place);
        let known = known.or_insert_with(|| assume_within(types, &self.lists, condition));
        known.clone()
    }

    /// The condition with what its alternatives have in common taken out, in normal form.
    fn normal(&mut self, condition: Condition) -> Condition {
        let normal = self.normal.entry(condition.fingerprint());
        let normal = normal.or_insert_with(|| normalize::condition(factor::factored(condition)));
        normal.clone()
    }

    /// The condition where the facts are; nothing where that is the condition itself.
    fn within(&mut self, condition: &Condition) -> Option<Condition> {
        if condition.as_constant().is_some() {
            return None;
        }
        if self.left == 0 {
            return None;
        }
        self.left = self.left.saturating_sub(1 + self.facts.len());
        let place = fingerprint::of_two(condition.fingerprint(), self.facts.print());
        if let Some(told) = self.conditions.get(&place) {
            return told.clone();
        }
        let told = match self.facts.decide(condition) {
            Some(verdict) => Some(Condition::constant(verdict)),
            None => self.within_parts(condition),
        };
        self.conditions.insert(place, told.clone());
        told
    }

    fn within_parts(&mut self, condition: &Condition) -> Option<Condition> {
        match condition {
            Condition::All(parts) => {
                let parts = self.beside(parts, true)?;
                Some(parts.into_iter().fold(Condition::TRUE, Condition::and))
            }
            Condition::Any(parts) => {
                let parts = self.beside(parts, false)?;
                Some(parts.into_iter().fold(Condition::FALSE, Condition::or))
            }
            Condition::Not(inner) => self.within(inner).map(Condition::negate),
            Condition::Test(predicate) => self.test(predicate),
            Condition::Items {
                quantifier,
                list,
                body,
            } => {
                let told = self.apart(list);
                let list = told.clone().map_or_else(|| list.clone(), Shared::new);
                let inside = self.facts.within(&list);
                let around = std::mem::replace(&mut self.facts, inside);
                self.lists.push(list.as_ref().clone());
                let body_told = self.within(body);
                self.lists.pop();
                self.facts = around;
                if told.is_none() && body_told.is_none() {
                    return None;
                }
                Some(Condition::Items {
                    quantifier: *quantifier,
                    list,
                    body: body_told.map_or_else(|| body.clone(), Shared::new),
                })
            }
        }
    }

    /// Parts of which each is asked where the others hold, or do not; nothing where they stay as they are. The later ones go
    /// first, so that of two that say the same the first stays.
    fn beside(&mut self, parts: &[Condition], hold: bool) -> Option<Vec<Condition>> {
        let mut beside = Beside {
            facts: parts.iter().map(|part| facts_of(part, hold)).collect(),
            parts: parts.to_vec(),
            hold,
            is_changed: false,
        };
        let is_decided = self.each_beside(&mut beside, 0..parts.len());
        if is_decided {
            return Some(vec![Condition::constant(!hold)]);
        }
        beside.is_changed.then_some(beside.parts)
    }

    /// Goes through the parts in a range, what all others say being known; whether one of them decides the whole. Of two halves
    /// each is gone through beside the other, so that a part's facts are added as often as there are halves of halves.
    fn each_beside(&mut self, beside: &mut Beside, range: Range<usize>) -> bool {
        let length = self.facts.len();
        if range.len() > 1 {
            let middle = range.start.midpoint(range.end);
            let halves = [
                (middle..range.end, range.start..middle),
                (range.start..middle, middle..range.end),
            ];
            return halves.into_iter().any(|(half, other)| {
                let is_before = other.start < half.start;
                if is_before || beside.parts.len() <= LONG {
                    for facts in &beside.facts[other] {
                        self.facts.extend(facts);
                    }
                }
                let is_decided = self.each_beside(beside, half);
                self.facts.truncate(length);
                is_decided
            });
        }
        let Some(part) = beside.parts.get_mut(range.start) else {
            return false;
        };
        if let Some(told) = self.within(part) {
            beside.facts[range.start] = facts_of(&told, beside.hold);
            *part = told;
            beside.is_changed = true;
        }
        part.as_constant() == Some(!beside.hold)
    }

    fn test(&mut self, predicate: &Predicate) -> Option<Condition> {
        let subject = self.apart(&predicate.subject);
        let object = match &predicate.object {
            Object::Term(term) => self.apart(term).map(|term| Object::Term(term.into())),
            _ => None,
        };
        let told = (subject.is_some() || object.is_some()).then(|| Predicate {
            subject: subject.unwrap_or_else(|| predicate.subject.clone()),
            object: object.unwrap_or_else(|| predicate.object.clone()),
            ..predicate.clone()
        });
        if let Some((taken, true)) = first::some_taken(told.as_ref().unwrap_or(predicate)) {
            let verdict = self.facts.decide(&taken);
            return Some(verdict.map_or(taken, Condition::constant));
        }
        told.map(Condition::from)
    }

    /// The term where nothing is known: what a condition is about is to stay the same wherever it is asked.
    fn apart(&mut self, term: &Term) -> Option<Term> {
        if is_plain(term) {
            return None;
        }
        let nothing = self.facts.none();
        let around = std::mem::replace(&mut self.facts, nothing);
        let told = self.term(term);
        self.facts = around;
        told
    }

    /// The term where the facts are; nothing where that is the term itself.
    fn term(&mut self, term: &Term) -> Option<Term> {
        if is_plain(term) || self.left == 0 {
            return None;
        }
        let place = fingerprint::of_two(term.fingerprint(), self.facts.print());
        if let Some(told) = self.terms.get(&place) {
            return told.clone();
        }
        let told = self.term_anew(term);
        self.terms.insert(place, told.clone());
        told
    }

    fn term_anew(&mut self, term: &Term) -> Option<Term> {
        if let Term::Call {
            function: Function::Recurse,
            ..
        } = term
        {
            // Its item is about values within values, of which nothing is known.
            return None;
        }
        match term {
            Term::Call {
                function,
                arguments,
            } => {
                if let Some(told) = self.first_there(*function, arguments) {
                    return Some(told);
                }
                let told = arguments.iter().enumerate();
                let told = told.map(|(at, part)| match at {
                    0 => self.term(part),
                    _ => self.behind(*function, &arguments[0], part),
                });
                let told: Vec<Option<Term>> = told.collect();
                let is_same = told.iter().all(Option::is_none);
                let parts = arguments.iter().zip(told);
                let parts = parts.map(|(old, told)| told.unwrap_or_else(|| old.clone()));
                let parts: Vec<Term> = parts.collect();
                let joined = first::joined_one(*function, &parts);
                joined.or_else(|| (!is_same).then(|| Term::call(*function, parts)))
            }
            Term::Choice { cases, otherwise } => {
                let told = self.choice(cases, otherwise);
                (told != *term).then_some(told)
            }
            Term::Select { list, when, item } => {
                let told = self.selected(list, when, item);
                (told != *term).then_some(told)
            }
            Term::Field(_) | Term::Item { .. } | Term::Literal(_) | Term::Aggregate { .. } => None,
        }
    }

    /// The value that is there or, where it is known not to be, what stands for it.
    fn first_there(&mut self, function: Function, arguments: &[Term]) -> Option<Term> {
        let (Function::IfMissing, [value, default]) = (function, arguments) else {
            return None;
        };
        let is_there = self.facts.decide(&asked_first(function, value)?)?;
        let told = if is_there { value } else { default };
        Some(self.term(told).unwrap_or_else(|| told.clone()))
    }

    /// An argument that is asked for only where the first one has no value.
    fn behind(&mut self, function: Function, first: &Term, argument: &Term) -> Option<Term> {
        let Some(there) = asked_first(function, first) else {
            return self.term(argument);
        };
        let length = self.facts.len();
        self.facts.add(&there, false);
        let told = self.term(argument);
        self.facts.truncate(length);
        told
    }

    fn selected(&mut self, list: &Term, when: &Condition, item: &Term) -> Term {
        let list = self.term(list).unwrap_or_else(|| list.clone());
        let inside = self.facts.within(&list);
        let around = std::mem::replace(&mut self.facts, inside);
        self.lists.push(list.clone());
        let when = self.settled(when);
        self.facts.add(&when, true);
        let item = self.term(item).unwrap_or_else(|| item.clone());
        self.lists.pop();
        self.facts = around;
        if when.as_constant() == Some(false)
            && let Some(none) = first::none_of(&list)
        {
            return none;
        }
        let made = |list: &Term| Term::Select {
            list: Shared::new(list.clone()),
            when: Shared::new(when.clone()),
            item: Shared::new(item.clone()),
        };
        match first::behind_first(&list) {
            Some((whole, passes)) if *passes == when => first::without_first(made(whole)),
            _ => made(&list),
        }
    }

    /// A choice, its cases asked in order; one that is chosen within a case is one of the cases.
    fn choice(&mut self, cases: &[Case], otherwise: &Term) -> Term {
        let length = self.facts.len();
        let mut kept: Vec<Case> = Vec::new();
        let mut last = None;
        for case in cases {
            let when = self.settled(&case.when);
            if when.as_constant() == Some(false) {
                continue;
            }
            let outside = self.facts.len();
            self.facts.add(&when, true);
            let then = self.term(&case.then).unwrap_or_else(|| case.then.clone());
            self.facts.truncate(outside);
            if when.as_constant() == Some(true) {
                last = Some(then);
                break;
            }
            self.facts.add(&when, false);
            match kept.last_mut() {
                Some(before) if before.then == then => {
                    before.when = before.when.clone().or(when);
                }
                _ => kept.push(Case { when, then }),
            }
        }
        let otherwise = match last {
            Some(last) => last,
            None => self.term(otherwise).unwrap_or_else(|| otherwise.clone()),
        };
        self.facts.truncate(length);
        while kept.last().is_some_and(|case| case.then == otherwise) {
            kept.pop();
        }
        if kept.is_empty() {
            return otherwise;
        }
        for case in &mut kept {
            case.when = self.normal(case.when.clone());
        }
        chosen::shorter(&kept, &otherwise).unwrap_or_else(|| Term::Choice {
            cases: kept.into(),
            otherwise: Shared::new(otherwise),
        })
    }
}

/// What decides whether the arguments behind the first one are asked for.
fn asked_first(function: Function, first: &Term) -> Option<Condition> {
    let operator = match function {
        Function::IfMissing => Operator::Exists,
        Function::Coalesce => Operator::IsPresent,
        _ => return None,
    };
    let is_one = match first {
        Term::Field(path) | Term::Item { path, .. } => !path.has_each(),
        _ => !first.reads_each(),
    };
    is_one.then(|| Predicate::new(first.clone(), operator, Object::None).into())
}

/// Whether nothing that is known makes another term of it.
fn is_plain(term: &Term) -> bool {
    matches!(term, Term::Field(_) | Term::Item { .. } | Term::Literal(_))
}
