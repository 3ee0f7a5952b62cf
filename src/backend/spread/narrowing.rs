//! A rule on several log sources as the rule on one of them: what it asks of the log type has an answer.
//!
//! What a text shows, and what is read out of one that spells JSON, is said in the source's fields. What an alert shows is shown of
//! selected events only, so that the selection answers what the alert asks again.

use std::cell::RefCell;

use crate::backend::assume::{texts_read, without_texts};
use crate::eval;
use crate::ir::{
    ByFingerprint, Case, Condition, FieldPath, Object, Predicate, Rule, Segment, Shared, SharedVec,
    Term,
};
use crate::normalize;
use crate::schema::{LOG_TYPE, LogSourceMap};

/// The answers to what is asked of the log type.
pub(super) struct Narrowing<'m> {
    log_types: Vec<String>,
    /// The fields' types, by which a text is shown as itself.
    map: Option<&'m LogSourceMap>,
    /// What holds on every event that is asked about.
    known: Option<Known>,
    /// What conditions and terms have become, while the same is known.
    told: RefCell<Told>,
}

/// What holds on every event that is asked about.
struct Known {
    condition: Condition,
    /// The texts that are there, out of which it reads keys.
    texts: Vec<FieldPath>,
}

/// What conditions and terms have become; nothing where that is themselves.
#[derive(Default)]
struct Told {
    conditions: ByFingerprint<Option<Condition>>,
    terms: ByFingerprint<Option<Term>>,
}

impl<'m> Narrowing<'m> {
    /// The answers for a source with these log types.
    pub(super) fn new(log_types: Vec<String>, map: Option<&'m LogSourceMap>) -> Self {
        Self {
            log_types,
            map,
            known: None,
            told: RefCell::default(),
        }
    }

    /// Makes the rule one of the source alone.
    pub(super) fn rule(mut self, rule: &mut Rule) {
        self.take_condition(&mut rule.selection);
        if let Some(map) = self.map {
            let texts = texts_read(map, rule.selection.conjuncts());
            rule.selection = without_texts(map, &texts, rule.selection.clone());
        }
        let condition = normalize::condition(rule.selection.clone());
        let texts = self.map.map(|map| texts_read(map, condition.conjuncts()));
        self.known = Some(Known {
            condition,
            texts: texts.unwrap_or_default(),
        });
        self.told = RefCell::default();
        for output in &mut rule.outputs {
            self.take(&mut output.source);
            if let Some(when) = &mut output.when {
                self.take_condition(when);
            }
        }
        let alert = &mut rule.alert;
        alert.texts_mut().for_each(|text| self.take(text));
        for detail in &mut alert.details {
            self.take(&mut detail.source);
        }
        let entities = rule.entities.iter_mut();
        for identifier in entities.flat_map(|entity| &mut entity.identifiers) {
            self.take(&mut identifier.source);
        }
        if let Some(threshold) = &mut rule.threshold {
            for key in &mut threshold.group_by {
                self.take(key);
            }
            threshold
                .measure
                .term_mut()
                .into_iter()
                .for_each(|term| self.take(term));
        }
    }

    fn take(&self, term: &mut Term) {
        if let Some(told) = self.told(term) {
            *term = told;
        }
    }

    fn take_condition(&self, condition: &mut Condition) {
        if let Some(told) = self.condition(condition) {
            *condition = told;
        }
    }

    /// The condition with the answers; nothing where that is the condition itself.
    fn condition(&self, condition: &Condition) -> Option<Condition> {
        let print = condition.fingerprint();
        if let Some(told) = self.told.borrow().conditions.get(&print) {
            return told.clone();
        }
        let told = self.condition_anew(condition.clone());
        let told = (told != *condition).then_some(told);
        self.told
            .borrow_mut()
            .conditions
            .insert(print, told.clone());
        told
    }

    fn condition_anew(&self, condition: Condition) -> Condition {
        let told = condition.map(&mut |node| match node {
            Condition::Test(predicate) => match self.answer(predicate) {
                Some(holds) => Some(Condition::constant(holds)),
                None => self.in_predicate(predicate),
            },
            Condition::Items {
                quantifier,
                list,
                body,
            } => {
                let list = self.term(list)?;
                Some(Condition::Items {
                    quantifier: *quantifier,
                    list: Shared::new(list),
                    body: body.clone(),
                })
            }
            other => other.folded(),
        });
        let Some(map) = self.map else {
            return told;
        };
        let told = map.rid(map.rule_out(told));
        match &self.known {
            Some(known) => {
                let left = without_texts(map, &known.texts, told);
                normalize::beside(&known.condition, left)
            }
            None => told,
        }
    }

    /// What the predicate says of every event of the source, if it is about the log type.
    fn answer(&self, predicate: &Predicate) -> Option<bool> {
        let is_log_type = |path: &FieldPath| match &path.segments[..] {
            [Segment::Key(key) | Segment::Exact(key)] => key.eq_ignore_ascii_case(LOG_TYPE),
            _ => false,
        };
        if !is_log_type(predicate.subject.as_field()?)
            || matches!(predicate.object, Object::Term(_))
        {
            return None;
        }
        let mut question = predicate.clone();
        question.subject = Term::Field(FieldPath::root());
        let question = Condition::from(question);
        let mut holds = self
            .log_types
            .iter()
            .map(|name| eval::holds(&question, &name.as_str().into()));
        let first = holds.next()?;
        holds.all(|other| other == first).then_some(first)
    }

    /// The term with the answers, and with texts shown as themselves; nothing where that is the term itself.
    fn told(&self, term: &Term) -> Option<Term> {
        let told = self.term(term);
        let shown = self.map.and_then(|map| {
            let term = told.as_ref().unwrap_or(term);
            map.shown(term)
        });
        shown.or(told)
    }

    fn in_predicate(&self, predicate: &Predicate) -> Option<Condition> {
        let subject = self.told(&predicate.subject);
        let object = match &predicate.object {
            Object::Term(term) => self.told(term),
            _ => None,
        };
        if subject.is_none() && object.is_none() {
            return None;
        }
        let mut told = predicate.clone();
        if let Some(subject) = subject {
            told.subject = subject;
        }
        if let Some(object) = object {
            told.object = Object::Term(Shared::new(object));
        }
        Some(told.into())
    }

    /// The term with the answers; nothing where that is the term itself.
    fn term(&self, term: &Term) -> Option<Term> {
        if matches!(term, Term::Field(_) | Term::Item { .. } | Term::Literal(_)) {
            return None;
        }
        let print = term.fingerprint();
        if let Some(told) = self.told.borrow().terms.get(&print) {
            return told.clone();
        }
        let told = self.term_anew(term);
        self.told.borrow_mut().terms.insert(print, told.clone());
        told
    }

    fn term_anew(&self, term: &Term) -> Option<Term> {
        match term {
            Term::Choice { cases, otherwise } => self.choice(cases, otherwise),
            Term::Call {
                function,
                arguments,
            } => {
                let told = arguments.rebuilt(|part| self.term(part));
                let told = told.map(|arguments| Term::call(*function, arguments));
                let read = |map: &LogSourceMap| map.read_out(told.as_ref().unwrap_or(term));
                self.map.and_then(read).or(told)
            }
            Term::Select { list, when, item } => {
                let told = (self.term(list), self.condition(when), self.term(item));
                if matches!(told, (None, None, None)) {
                    return None;
                }
                Some(Term::Select {
                    list: told.0.map_or_else(|| list.clone(), Shared::new),
                    when: told.1.map_or_else(|| when.clone(), Shared::new),
                    item: told.2.map_or_else(|| item.clone(), Shared::new),
                })
            }
            Term::Aggregate {
                aggregate,
                argument,
            } => {
                let told = self.term(argument.as_ref()?)?;
                Some(Term::aggregate(*aggregate, Some(told)))
            }
            Term::Field(_) | Term::Item { .. } | Term::Literal(_) => None,
        }
    }

    fn choice(&self, cases: &SharedVec<Case>, otherwise: &Shared<Term>) -> Option<Term> {
        let mut kept = Vec::new();
        let mut last = None;
        let mut changed = false;
        for case in cases {
            let (when, then) = (self.condition(&case.when), self.term(&case.then));
            changed |= when.is_some() || then.is_some();
            let case = Case {
                when: when.unwrap_or_else(|| case.when.clone()),
                then: then.unwrap_or_else(|| case.then.clone()),
            };
            match case.when.as_constant() {
                Some(false) => changed = true,
                Some(true) => {
                    last = Some(case.then);
                    break;
                }
                None => kept.push(case),
            }
        }
        let told = match last {
            Some(last) => Some(last),
            None => self.term(otherwise),
        };
        if !changed && told.is_none() {
            return (kept.is_empty()).then(|| otherwise.as_ref().clone());
        }
        if kept.is_empty() {
            return Some(told.unwrap_or_else(|| otherwise.as_ref().clone()));
        }
        Some(Term::Choice {
            cases: if changed || kept.len() < cases.len() {
                kept.into()
            } else {
                cases.clone()
            },
            otherwise: told.map_or_else(|| otherwise.clone(), Shared::new),
        })
    }
}
