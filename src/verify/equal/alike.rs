//! Whether two values are the same, or are shown alike, in every event that a rule selects.
//!
//! A value that conditions choose is each of its ways; two ways that go together in no selected event need not be the same. An
//! alert shows texts: no value, `null` and the empty text are shown alike, and so are a value and its text.

use super::plain::Place;
use super::term::choice;
use super::ways::{ways_up_to, ways_within};
use super::{Prover, World, assumed, places, spelt, term};
use crate::ir::{Case, Condition, Function, Literal, Object, Operator, Predicate, Term};

/// How many steps are made at most for one pair of values.
const STEPS: usize = 5_000;

/// How many for one that decides when a rule alerts.
const PATIENT: usize = 100_000;

/// How many pairs of ways are compared at most.
const MOST: usize = 600;

/// How many ways a value may have.
const WAYS: usize = 256;

/// The events of a world that a rule selects.
pub(in crate::verify) struct Alike<'w> {
    own: Place<'w>,
    other: Place<'w>,
    given: Condition,
    prover: Prover<'w>,
    /// Whether both sides see the same values, so that what is written alike is the same.
    by_name: bool,
    steps: usize,
}

/// What nothing is shown of.
static NOTHING: Term = Term::Literal(Literal::Null);

/// What makes two values one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum As {
    /// That they are equal.
    Values,
    /// That their texts are.
    Texts,
}

impl<'w> Alike<'w> {
    /// The events that the rule's condition selects.
    pub(in crate::verify) fn new(selection: &Condition, world: World<'w>) -> Self {
        let [own, other] = places(world);
        let given = own.condition(selection).and(assumed(&own));
        Self {
            prover: Prover::new(own.clone(), 0, STEPS),
            own,
            other,
            given,
            by_name: world.is_alike(),
            steps: STEPS,
        }
    }

    /// The same, looked at for longer.
    pub(in crate::verify) fn patient(self) -> Self {
        Self {
            steps: PATIENT,
            ..self
        }
    }

    /// Whether the rule's value is that of its translation; `false` where that was not found out.
    pub(in crate::verify) fn is_equal(&mut self, rule: &Term, read: &Term) -> bool {
        self.is(As::Values, rule, read)
    }

    /// Whether an alert shows the one as it shows the other; `false` where that was not found out.
    pub(in crate::verify) fn is_shown_alike(&mut self, rule: &Term, read: &Term) -> bool {
        self.is(As::Texts, rule, read)
    }

    fn is(&mut self, how: As, rule: &Term, read: &Term) -> bool {
        if self.by_name && rule.fingerprint() == read.fingerprint() {
            return true;
        }
        let (rule, read) = (term::plain(&self.own, rule), term::plain(&self.other, read));
        self.prover.steps = self.steps;
        // What all events have in common is found out sooner than what the selected ones have.
        let given = [Condition::TRUE, self.given.clone()];
        let mut given = given.into_iter();
        if given.any(|given| self.prover.are_alike(how, &rule, &read, &given) == Some(true)) {
            return true;
        }
        let Some((given, [rule, read])) = spelt::terms_apart(&self.given, [&rule, &read]) else {
            return false;
        };
        self.prover.steps = self.steps;
        self.prover.are_alike(how, &rule, &read, &given) == Some(true)
    }
}

impl Prover<'_> {
    fn are_alike(&mut self, how: As, a: &Term, b: &Term, given: &Condition) -> Option<bool> {
        let (a, b) = match how {
            As::Values => (a, b),
            As::Texts => (bare(a), bare(b)),
        };
        if self.are_terms_equal(a, b) {
            return Some(true);
        }
        // What is left of both is most often the same whatever was asked before.
        if let Some([a, b]) = behind_common(a, b)
            && self.are_alike(how, &a, &b, given) == Some(true)
        {
            return Some(true);
        }
        if self.are_chosen_side_by_side(how, a, b, given) == Some(true) {
            return Some(true);
        }
        let (one, other) = (
            ways_up_to(WAYS, &self.place, a)?,
            ways_up_to(WAYS, &self.place, b)?,
        );
        let within = [a, b].map(|term| ways_within(WAYS, &self.place, term));
        if let [Some(one), Some(other)] = &within
            && one.len() + other.len() > 2
            && self.are_given_alike(how, [one, other], how == As::Texts, given) == Some(true)
        {
            return Some(true);
        }
        let is_chosen = one.len() + other.len() > 2;
        let ways = [one.as_slice(), &other];
        if is_chosen && self.are_given_alike(how, ways, false, given) == Some(true) {
            return Some(true);
        }
        let mut pairs = one.iter().flat_map(|a| other.iter().map(move |b| (a, b)));
        let are_few = one.len() * other.len() <= MOST;
        let are_alike = are_few
            && pairs.all(|((when, value), (asked, found))| {
                let together = given.clone().and(when.clone()).and(asked.clone());
                self.are_one(how, value, found, together) == Some(true)
            });
        let is_shown = is_chosen && how == As::Texts;
        Some(are_alike || is_shown && self.are_given_alike(how, ways, true, given)?)
    }

    /// Whether each value is chosen for the same events on both sides; `by_blank` also looks at where a value shows nothing.
    fn are_given_alike(
        &mut self,
        how: As,
        ways: [&[(Condition, Term)]; 2],
        by_blank: bool,
        given: &Condition,
    ) -> Option<bool> {
        let mut values: Vec<(&Term, [Condition; 2])> = Vec::new();
        for (side, found) in ways.into_iter().enumerate() {
            for (when, value) in found {
                let mut add = |value, when: Condition| {
                    let known = values.iter().position(|(known, _)| *known == value);
                    let at = known.unwrap_or_else(|| {
                        values.push((value, [Condition::FALSE, Condition::FALSE]));
                        values.len() - 1
                    });
                    let chosen = &mut values[at].1[side];
                    *chosen = std::mem::replace(chosen, Condition::FALSE).or(when);
                };
                let value = match how {
                    As::Values => value,
                    As::Texts => bare(value),
                };
                if !by_blank {
                    add(value, when.clone());
                    continue;
                }
                let blank = self.blank(value);
                add(value, when.clone().and(blank.clone().negate()));
                add(&NOTHING, when.clone().and(blank));
            }
        }
        for (_, conditions) in values {
            let [a, b] = conditions.map(|condition| given.clone().and(condition));
            if a != b && !self.here(|inner| inner.are_equal(&a, &b))? {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Whether two choices have as many cases, which hold for the same events and give values that are alike, one by one.
    fn are_chosen_side_by_side(
        &mut self,
        how: As,
        a: &Term,
        b: &Term,
        given: &Condition,
    ) -> Option<bool> {
        let [(cases, otherwise), (others, rest)] = [choice_of(a)?, choice_of(b)?];
        if cases.len() != others.len() {
            return Some(false);
        }
        for (case, other) in cases.iter().zip(others) {
            let is_one = case.when == other.when
                || self.here(|inner| inner.are_equal(&case.when, &other.when))?;
            let given = given.clone().and(case.when.clone());
            if !is_one || !self.are_alike(how, &case.then, &other.then, &given)? {
                return Some(false);
            }
        }
        self.are_alike(how, otherwise, rest, given)
    }

    /// Whether two values that nothing chooses are one wherever the condition holds.
    fn are_one(&mut self, how: As, a: &Term, b: &Term, given: Condition) -> Option<bool> {
        let (a, b) = match how {
            As::Values => (a, b),
            As::Texts => (bare(a), bare(b)),
        };
        if self.are_terms_equal(a, b) {
            return Some(true);
        }
        if let (As::Texts, Some(parts), Some(others)) = (how, parts(a), parts(b))
            && parts.len() == others.len()
        {
            let mut pairs = parts.iter().zip(others);
            if pairs.all(|(a, b)| self.are_alike(how, a, b, &given) == Some(true)) {
                return Some(true);
            }
        }
        let differ = match how {
            As::Values => given,
            As::Texts => given.and(self.blank(a).and(self.blank(b)).negate()),
        };
        self.implies(&differ, &Condition::FALSE)
    }

    /// That nothing is shown of the value.
    fn blank(&self, value: &Term) -> Condition {
        match value {
            Term::Literal(Literal::Null) => Condition::TRUE,
            Term::Literal(Literal::Text(text)) => Condition::constant(text.is_empty()),
            value => {
                let filled = Predicate::new(value.clone(), Operator::IsFilled, Object::None);
                self.place.condition(&filled.into()).negate()
            }
        }
    }
}

/// The cases of a choice, and what it is otherwise.
fn choice_of(term: &Term) -> Option<(&[Case], &Term)> {
    match term {
        Term::Choice { cases, otherwise } => Some((cases, otherwise)),
        _ => None,
    }
}

/// Two choices without the cases that both begin with.
fn behind_common(a: &Term, b: &Term) -> Option<[Term; 2]> {
    let [(cases, otherwise), (others, rest)] = [choice_of(a)?, choice_of(b)?];
    let pairs = cases.iter().zip(others);
    let common = pairs.take_while(|(case, other)| case == other).count();
    let left =
        |cases: &[Case], otherwise: &Term| choice(cases[common..].to_vec(), otherwise.clone());
    (common > 0).then(|| [left(cases, otherwise), left(others, rest)])
}

/// The value whose text this is; nothing else is shown of no value than of an empty text.
fn bare(term: &Term) -> &Term {
    match term {
        Term::Call {
            function: Function::Concat | Function::ToText,
            arguments,
        } => match arguments.as_slice() {
            [of] => bare(of),
            _ => term,
        },
        Term::Call {
            function: Function::Coalesce,
            arguments,
        } => match arguments.as_slice() {
            [of, Term::Literal(Literal::Text(text))] if text.is_empty() => bare(of),
            _ => term,
        },
        Term::Literal(Literal::Text(text)) if text.is_empty() => &NOTHING,
        _ => term,
    }
}

/// The parts that a text is made of, where there are several.
fn parts(term: &Term) -> Option<&[Term]> {
    match term {
        Term::Call {
            function: Function::Concat,
            arguments,
        } if arguments.len() > 1 => Some(arguments.as_slice()),
        _ => None,
    }
}
