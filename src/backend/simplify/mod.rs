//! A rule with less to ask: what is decided where it is asked is not asked again.
//!
//! Beside a conjunct the other conjuncts hold, and beside an alternative the others do not; a case of a choice is reached where
//! none before it held; what an alert shows is shown of events that the selection takes. Each pass keeps the verdict, and each
//! value that is shown, on every event on which it is asked. The normal form does the same for two predicates; here whole
//! conditions are facts, and choices are looked into. It takes time, so that only targets that write out what they ask use it.

mod facts;
mod factor;
#[cfg(test)]
mod tests;

use facts::Facts;

use crate::ir::{
    ByFingerprint, Case, Condition, Function, Object, Predicate, Rule,
    Shared, Term, fingerprint,
};
use crate::normalize;

/// How many parts of conditions are looked at for one rule. What is left then stays as it is.
const BUDGET: usize = 300_000;

/// How often a condition is gone through at most.
const ROUNDS: usize = 3;

/// A list with more parts than this has each held against those before it alone.
const LONG: usize = 60;

/// The rule with less to ask, on events of which `given` is known.
pub(super) fn simplify(rule: &mut Rule, given: &[Condition]) {
    let mut simplifier = Simplifier::new();
    for condition in given {
        simplifier.facts.add(condition, true);
    }
    rule.selection = simplifier.settled(&rule.selection);
    let selection = rule.selection.clone();
    simplifier.facts.add(&selection, true);
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
struct Simplifier {
    facts: Facts,
    conditions: ByFingerprint<Option<Condition>>,
    terms: ByFingerprint<Option<Term>>,
    left: usize,
}

impl Simplifier {
    fn new() -> Self {
        Self {
            facts: Facts::default(),
            conditions: ByFingerprint::default(),
            terms: ByFingerprint::default(),
            left: BUDGET,
        }
    }

    /// The condition, simplified until nothing changes.
    fn settled(&mut self, condition: &Condition) -> Condition {
        let mut condition = condition.clone();
        for _ in 0..ROUNDS {
            let before = condition.fingerprint();
            if let Some(told) = self.within(&condition) {
                condition = told;
            }
            condition = normalize::condition(factor::factored(condition));
            if condition.fingerprint() == before {
                break;
            }
        }
        condition
    }

    /// The condition where the facts are; nothing where that is the condition itself.
    fn within(&mut self, condition: &Condition) -> Option<Condition> {
        if condition.as_constant().is_some() {
            return None;
        }
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
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
                let body_told = self.within(body);
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
        let mut kept = parts.to_vec();
        let mut changed = false;
        for at in (0..kept.len()).rev() {
            let length = self.facts.len();
            let others = kept.iter().enumerate();
            let others = others.filter(|(other, _)| {
                *other < at || *other > at && parts.len() <= LONG
            });
            for (_, part) in others {
                self.facts.add(part, hold);
            }
            let told = self.within(&kept[at]);
            self.facts.truncate(length);
            if let Some(told) = told {
                kept[at] = told;
                changed = true;
            }
            if kept[at].as_constant() == Some(!hold) {
                return Some(vec![Condition::constant(!hold)]);
            }
        }
        changed.then_some(kept)
    }

    fn test(&mut self, predicate: &Predicate) -> Option<Condition> {
        let subject = self.apart(&predicate.subject);
        let object = match &predicate.object {
            Object::Term(term) => self.apart(term).map(|term| Object::Term(term.into())),
            _ => None,
        };
        if subject.is_none() && object.is_none() {
            return None;
        }
        let told = Predicate {
            subject: subject.unwrap_or_else(|| predicate.subject.clone()),
            object: object.unwrap_or_else(|| predicate.object.clone()),
            ..predicate.clone()
        };
        Some(told.into())
    }

    /// The term where nothing is known: what a condition is about is to stay the same wherever it is asked.
    fn apart(&mut self, term: &Term) -> Option<Term> {
        let around = std::mem::take(&mut self.facts);
        let told = self.term(term);
        self.facts = around;
        told
    }

    /// The term where the facts are; nothing where that is the term itself.
    fn term(&mut self, term: &Term) -> Option<Term> {
        if matches!(term, Term::Field(_) | Term::Item { .. } | Term::Literal(_)) || self.left == 0 {
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
        match term {
            // Its item is about values within values, of which nothing is known.
            Term::Call {
                function: Function::Recurse,
                ..
            } => None,
            Term::Call {
                function,
                arguments,
            } => {
                let told: Vec<Option<Term>> =
                    arguments.iter().map(|part| self.term(part)).collect();
                if told.iter().all(Option::is_none) {
                    return None;
                }
                let parts = arguments.iter().zip(told);
                let parts = parts.map(|(old, told)| told.unwrap_or_else(|| old.clone()));
                Some(Term::call(*function, parts.collect::<Vec<_>>()))
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

    fn selected(&mut self, list: &Term, when: &Condition, item: &Term) -> Term {
        let list = self.term(list).unwrap_or_else(|| list.clone());
        let inside = self.facts.within(&list);
        let around = std::mem::replace(&mut self.facts, inside);
        let when = self.settled(when);
        self.facts.add(&when, true);
        let item = self.term(item).unwrap_or_else(|| item.clone());
        self.facts = around;
        Term::Select {
            list: Shared::new(list),
            when: Shared::new(when),
            item: Shared::new(item),
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
            case.when = normalize::condition(factor::factored(case.when.clone()));
        }
        Term::Choice {
            cases: kept.into(),
            otherwise: Shared::new(otherwise),
        }
    }
}
