//! A rule on several log sources as the rule on one of them: what it asks of the log type has an answer.
//!
//! What a text shows, and what is read out of one that spells JSON, is said in the source's fields. What an alert shows is shown of
//! selected events only, so that the selection answers what the alert asks again.

use std::cell::RefCell;

use crate::backend::assume::read_beside;
use crate::eval;
use crate::ir::{
    ByFingerprint, Case, Condition, FieldPath, Object, Predicate, Rule, Segment, Shared, Term,
};
use crate::normalize;
use crate::schema::{LOG_TYPE, LogSourceMap};

/// The answers to what is asked of the log type.
pub(super) struct Narrowing<'m> {
    log_types: Vec<String>,
    /// The fields' types, by which a text is shown as itself.
    map: Option<&'m LogSourceMap>,
    /// What holds on every event that is asked about.
    known: Option<Condition>,
    /// What conditions and terms have become, while the same is known.
    told: RefCell<Told>,
}

/// What conditions and terms have become.
#[derive(Default)]
struct Told {
    conditions: ByFingerprint<Condition>,
    terms: ByFingerprint<Term>,
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
        rule.selection = self.condition(std::mem::replace(&mut rule.selection, Condition::TRUE));
        if let Some(map) = self.map {
            let asked = rule.selection.clone();
            rule.selection = read_beside(map, &rule.selection, asked);
        }
        self.known = Some(normalize::condition(rule.selection.clone()));
        self.told = RefCell::default();
        let take = |term: &mut Term| *term = self.told(std::mem::replace(term, Term::text("")));
        for output in &mut rule.outputs {
            take(&mut output.source);
            output.when = output.when.take().map(|when| self.condition(when));
        }
        let alert = &mut rule.alert;
        alert.texts_mut().for_each(take);
        alert
            .details
            .iter_mut()
            .for_each(|detail| take(&mut detail.source));
        let identifiers = rule
            .entities
            .iter_mut()
            .flat_map(|entity| &mut entity.identifiers);
        identifiers.for_each(|identifier| take(&mut identifier.source));
        if let Some(threshold) = &mut rule.threshold {
            threshold.group_by.iter_mut().for_each(take);
            threshold.measure.term_mut().into_iter().for_each(take);
        }
    }

    fn condition(&self, condition: Condition) -> Condition {
        let print = condition.fingerprint();
        if let Some(told) = self.told.borrow().conditions.get(&print) {
            return told.clone();
        }
        let told = self.condition_anew(condition);
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
                let told = self.term(list.as_ref().clone());
                (told != **list).then(|| Condition::Items {
                    quantifier: *quantifier,
                    list: Shared::new(told),
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
            Some(known) => normalize::beside(known, read_beside(map, known, told)),
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

    /// The term with the answers, and with texts shown as themselves.
    fn told(&self, term: Term) -> Term {
        let told = self.term(term);
        match self.map {
            Some(map) => map.shown(told),
            None => told,
        }
    }

    fn in_predicate(&self, predicate: &Predicate) -> Option<Condition> {
        let subject = self.told(predicate.subject.clone());
        let object = match &predicate.object {
            Object::Term(term) => Object::Term(Shared::new(self.told(term.as_ref().clone()))),
            other => other.clone(),
        };
        let changed = subject != predicate.subject || object != predicate.object;
        changed.then(|| {
            Predicate {
                subject,
                object,
                ..predicate.clone()
            }
            .into()
        })
    }

    fn term(&self, term: Term) -> Term {
        if matches!(term, Term::Field(_) | Term::Item { .. } | Term::Literal(_)) {
            return term;
        }
        let print = term.fingerprint();
        if let Some(told) = self.told.borrow().terms.get(&print) {
            return told.clone();
        }
        let told = self.term_anew(term);
        self.told.borrow_mut().terms.insert(print, told.clone());
        told
    }

    fn term_anew(&self, term: Term) -> Term {
        match term {
            Term::Choice { cases, otherwise } => self.choice(cases.iter(), &otherwise),
            Term::Call {
                function,
                arguments,
            } => {
                let arguments = arguments.into_iter().map(|part| self.term(part));
                let told = Term::call(function, arguments.collect::<Vec<_>>());
                let read = self.map.and_then(|map| map.read_out(&told));
                read.unwrap_or(told)
            }
            Term::Select { list, when, item } => Term::Select {
                list: Shared::new(self.term(list.as_ref().clone())),
                when: Shared::new(self.condition(when.as_ref().clone())),
                item: Shared::new(self.term(item.as_ref().clone())),
            },
            Term::Aggregate {
                aggregate,
                argument,
            } => Term::Aggregate {
                aggregate,
                argument: argument.map(|part| Shared::new(self.term(part.as_ref().clone()))),
            },
            Term::Field(_) | Term::Item { .. } | Term::Literal(_) => term,
        }
    }

    fn choice<'c>(&self, cases: impl Iterator<Item = &'c Case>, otherwise: &Term) -> Term {
        let mut kept = Vec::new();
        let mut last = None;
        for case in cases {
            let when = self.condition(case.when.clone());
            let then = self.term(case.then.clone());
            match when.as_constant() {
                Some(false) => {}
                Some(true) => {
                    last = Some(then);
                    break;
                }
                None => kept.push(Case { when, then }),
            }
        }
        let otherwise = last.unwrap_or_else(|| self.term(otherwise.clone()));
        if kept.is_empty() {
            return otherwise;
        }
        Term::Choice {
            cases: kept.into(),
            otherwise: Shared::new(otherwise),
        }
    }
}
