//! What questions say of each other: the states that their subjects are left with, the numbers between their bounds, and pairs of
//! which one decides the other.

use std::collections::BTreeMap;

use super::Atom;
use super::plain::Place;
use super::states::{
    Held, LIST, LISTS, MISSING, NULL, NUMBERS, OBJECT, States, held, is_multiple, is_total,
    keeps_kind, number, of_argument, of_kinds, on_equal,
};
use super::term::states;
use crate::ir::{
    Condition, FieldPath, Fingerprint, Object, Operator, Predicate, Quantifier, Segment, Shared,
    Term,
};
use crate::normalize;

/// What is asked about.
struct Subject {
    /// The states that the types allow.
    states: States,
    /// What it is a part of or computed from, and how that is where this has a value.
    parent: Option<Parent>,
}

/// What a subject is a part of or computed from.
struct Parent {
    subject: usize,
    /// The states that this has where the part has a value.
    states: States,
    /// Whether the part has a value in all of them.
    always: bool,
    /// Whether the part is of the same kind.
    is_alike: bool,
}

/// What one question says.
struct Said {
    subject: Option<usize>,
    held: Held,
    /// The bound that it sets to a number.
    bound: Option<(Operator, f64)>,
    /// The subject that it says is equal.
    other: Option<usize>,
}

/// The questions and their subjects.
#[derive(Default)]
pub(super) struct Theory {
    subjects: Vec<Subject>,
    known: BTreeMap<Fingerprint, usize>,
    said: Vec<Said>,
}

impl Theory {
    /// Adds a question, the next by number.
    pub(super) fn add(&mut self, atom: &Atom, place: &Place<'_>) {
        let said = match atom {
            Atom::Test(predicate) => Said {
                subject: self.subject(&predicate.subject, place),
                held: held(predicate),
                bound: bound(predicate),
                other: match &predicate.object {
                    Object::Term(other) if predicate.operator == Operator::Equals => {
                        self.subject(other, place)
                    }
                    _ => None,
                },
            },
            Atom::Items {
                quantifier,
                list,
                body,
            } => Said {
                subject: self.subject(list, place),
                held: Held {
                    states: LIST,
                    always: *quantifier == Quantifier::Some && *body == Condition::TRUE,
                },
                bound: None,
                other: None,
            },
        };
        self.said.push(said);
    }

    /// The number of a subject; nothing where it may have several values.
    fn subject(&mut self, term: &Term, place: &Place<'_>) -> Option<usize> {
        if is_multiple(term) {
            return None;
        }
        let print = term.fingerprint();
        if let Some(known) = self.known.get(&print) {
            return Some(*known);
        }
        let parent = parent(term).and_then(|(parent, states, always)| {
            let subject = self.subject(&parent, place)?;
            Some(Parent {
                subject,
                states,
                always,
                is_alike: matches!(term, Term::Call { function, .. } if keeps_kind(*function)),
            })
        });
        let states = states(place, term);
        self.subjects.push(Subject { states, parent });
        let number = self.subjects.len() - 1;
        self.known.insert(print, number);
        Some(number)
    }

    /// Whether the answers go together, as far as states and bounds say.
    pub(super) fn is_possible(&self, given: &[(usize, bool)]) -> bool {
        let mut states: Vec<States> = self.subjects.iter().map(|subject| subject.states).collect();
        for (atom, holds) in given {
            let said = &self.said[*atom];
            let Some(subject) = said.subject else {
                continue;
            };
            match holds {
                true => states[subject] &= said.held.states,
                false if said.held.always => states[subject] &= !said.held.states,
                false => {}
            }
            if states[subject] == 0 {
                return false;
            }
        }
        for (atom, _) in given.iter().filter(|(_, holds)| *holds) {
            let said = &self.said[*atom];
            if let (Some(one), Some(other)) = (said.subject, said.other) {
                let both = any_number(states[one]) & any_number(states[other]) & !(MISSING | NULL);
                states[one] &= both;
                states[other] &= both;
            }
        }
        self.is_whole(&mut states) && self.is_between(given, &states)
    }

    /// Whether the states of parts and of what they are parts of go together.
    fn is_whole(&self, states: &mut [States]) -> bool {
        // A parent has a lower number than its parts: what is said of a part goes up in the first pass, and down in the second.
        for (at, subject) in self.subjects.iter().enumerate().rev() {
            if let Some(parent) = &subject.parent {
                if states[at] & MISSING == 0 {
                    states[parent.subject] &= parent.states;
                    if parent.is_alike {
                        states[parent.subject] &= of_kinds(states[at]);
                    }
                }
                if states[at] == MISSING && parent.always {
                    states[parent.subject] &= !parent.states;
                }
            }
            if states[at] == 0 {
                return false;
            }
        }
        for (at, subject) in self.subjects.iter().enumerate() {
            if let Some(parent) = &subject.parent {
                let above = states[parent.subject];
                if above & parent.states == 0 {
                    states[at] &= MISSING;
                }
                if parent.is_alike {
                    states[at] &= MISSING | of_kinds(above);
                }
                if above & !parent.states == 0 && parent.always {
                    states[at] &= !MISSING;
                }
            }
            if states[at] == 0 {
                return false;
            }
        }
        true
    }

    /// Whether a number lies between all bounds.
    #[allow(clippy::float_cmp, reason = "bounds are compared as they were written")]
    fn is_between(&self, given: &[(usize, bool)], states: &[States]) -> bool {
        let Some((last, _)) = given.last() else {
            return true;
        };
        let Some(subject) = self.said[*last].subject else {
            return true;
        };
        let (mut low, mut high) = ((f64::NEG_INFINITY, true), (f64::INFINITY, true));
        for (atom, holds) in given {
            let said = &self.said[*atom];
            let Some((operator, bound)) = said.bound.filter(|_| said.subject == Some(subject))
            else {
                continue;
            };
            // A question that does not hold says nothing of what is no number.
            if !holds && states[subject] & !NUMBERS != 0 {
                continue;
            }
            let (is_high, is_closed) = match (operator, *holds) {
                (Operator::LessThan, true) | (Operator::AtLeast, false) => (true, false),
                (Operator::AtMost, true) | (Operator::GreaterThan, false) => (true, true),
                (Operator::GreaterThan, true) | (Operator::AtMost, false) => (false, false),
                (Operator::AtLeast, true) | (Operator::LessThan, false) => (false, true),
                _ => continue,
            };
            if is_high && (bound < high.0 || bound == high.0 && !is_closed) {
                high = (bound, is_closed);
            }
            if !is_high && (bound > low.0 || bound == low.0 && !is_closed) {
                low = (bound, is_closed);
            }
        }
        low.0 < high.0 || low.0 == high.0 && low.1 && high.1
    }
}

/// The bound that a predicate sets to a number.
fn bound(predicate: &Predicate) -> Option<(Operator, f64)> {
    let Object::Literal(literal) = &predicate.object else {
        return None;
    };
    let bound = number(literal)?;
    matches!(
        predicate.operator,
        Operator::LessThan | Operator::AtMost | Operator::GreaterThan | Operator::AtLeast
    )
    .then_some((predicate.operator, bound))
}

/// The states with those of numbers of the other form: one number may equal another that is written otherwise.
fn any_number(states: States) -> States {
    if states & NUMBERS == 0 {
        states
    } else {
        states | NUMBERS
    }
}

/// What the term is a part of or computed from, how that is where the term has a value, and whether it has one wherever that is
/// so.
fn parent(term: &Term) -> Option<(Term, States, bool)> {
    let above = |path: &FieldPath| {
        let (last, above) = path.segments.split_last()?;
        let (states, always) = match last {
            Segment::Key(_) | Segment::Exact(_) => (OBJECT, false),
            Segment::Index(at) => (LIST, matches!(at, 0 | -1)),
            Segment::Each => return None,
        };
        let above = FieldPath {
            segments: above.to_vec().into(),
        };
        Some((above, states, always))
    };
    match term {
        Term::Field(path) => {
            above(path).map(|(path, states, always)| (Term::Field(path), states, always))
        }
        Term::Item { depth, path } => above(path).map(|(path, states, always)| {
            (
                Term::Item {
                    depth: *depth,
                    path,
                },
                states,
                always,
            )
        }),
        Term::Call {
            function,
            arguments,
        } => {
            let states = of_argument(*function)?;
            Some((
                arguments.first()?.clone(),
                states,
                is_total(*function, arguments),
            ))
        }
        // Of what is no list nothing is selected.
        Term::Select { list, .. } => Some((list.as_ref().clone(), LISTS, true)),
        _ => None,
    }
}

/// What a predicate is where another holds; nothing where that does not say.
pub(super) fn decided(fact: &Predicate, query: &Predicate) -> Option<bool> {
    if fact.subject == query.subject && !is_multiple(&fact.subject) {
        // An address in a network is an address.
        if (fact.operator, query.operator) == (Operator::InNetwork, Operator::IsIpAddress) {
            return Some(true);
        }
        if let Some(verdict) = on_equal(fact, query) {
            return Some(verdict);
        }
    }
    normalize::follows(
        &Shared::new(fact.clone()),
        true,
        &Shared::new(query.clone()),
    )
}
