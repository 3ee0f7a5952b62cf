//! Questions about a value that is computed, by its function: each becomes one about what it is computed of, as far as the function
//! says how.

use super::plain::Place;
use super::states::{self, Held, MISSING, held, is_multiple, is_total, kinds_of, of_argument};
use super::term;
use super::ways::ways;
use crate::eval;
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Predicate, Term};

impl Place<'_> {
    /// Whether there is a value that a function has for everything of some kinds, and for nothing else.
    pub(super) fn of_total(
        &self,
        function: Function,
        arguments: &[Term],
        predicate: &Predicate,
    ) -> Option<Condition> {
        let of = arguments.first().filter(|of| !is_multiple(of))?;
        let kinds = kinds_of(of_argument(function).filter(|_| is_total(function, arguments))?)?;
        let values = states::of_call(function) & !MISSING;
        let Held { states, always } = held(predicate);
        let is_there = always && states & MISSING == 0 && values & !states == 0;
        let of_kinds = Predicate {
            subject: of.clone(),
            operator: Operator::IsKind,
            object: Object::Kinds(kinds),
            ..predicate.clone()
        };
        is_there.then(|| self.test(&of_kinds))
    }

    /// A question about what a function has a value of.
    pub(super) fn of_call(
        &self,
        function: Function,
        arguments: &[Term],
        predicate: &Predicate,
    ) -> Option<Condition> {
        match function {
            Function::Length => {
                let [of] = arguments else {
                    return None;
                };
                self.of_length(of, predicate)
            }
            Function::Subtract => self.of_negated_length(arguments, predicate),
            Function::Item => self
                .of_first(arguments, predicate)
                .or_else(|| self.of_end(arguments, predicate)),
            Function::ToText => self.of_text(arguments.first()?, predicate),
            Function::Lower | Function::Upper => self.of_letters(arguments.first()?, predicate),
            Function::FirstAddress | Function::LastAddress => {
                self.of_network(arguments.first()?, predicate)
            }
            Function::Slice => self.of_slice(arguments, predicate),
            Function::Split | Function::SplitFirst | Function::SplitLast => {
                self.of_split(arguments, predicate)
            }
            Function::Flatten | Function::Append if predicate.operator == Operator::IsTruthy => {
                self.of_joined(function, arguments)
            }
            Function::Distinct if predicate.operator == Operator::IsTruthy => {
                let of = arguments.first().filter(|of| !is_multiple(of))?;
                let filled = self.one(Predicate::new(of.clone(), Operator::IsTruthy, Object::None));
                Some(self.is_kind(of, Kind::List).and(filled))
            }
            Function::Walk => super::walk::asked(self, predicate)
                .map(|asked| self.one(asked))
                .or_else(|| super::walk::of_one(self, predicate)),
            Function::Intersection => self.of_intersection(arguments, predicate),
            Function::Display | Function::DisplayEvent => {
                self.of_shown(arguments.first()?, predicate)
            }
            _ => None,
        }
    }

    /// Whether there is anything in a text in lower or upper case: none loses all of its characters.
    fn of_letters(&self, of: &Term, predicate: &Predicate) -> Option<Condition> {
        if is_multiple(of) {
            return None;
        }
        let is_asked = matches!(predicate.operator, Operator::IsTruthy | Operator::IsFilled);
        is_asked.then(|| {
            let filled = self.one(Predicate::new(of.clone(), Operator::IsTruthy, Object::None));
            self.is_kind(of, Kind::Text).and(filled)
        })
    }

    /// A question about a constant or a truth value that is taken of the first or last item of several is whether that item is one
    /// for which the question holds.
    fn of_first(&self, arguments: &[Term], predicate: &Predicate) -> Option<Condition> {
        let [
            Term::Select { list, when, item },
            Term::Literal(Literal::Integer(at @ (0 | -1))),
        ] = arguments
        else {
            return None;
        };
        if matches!(predicate.object, Object::Term(_)) {
            return None;
        }
        let within = self.within(list);
        let is_of_nothing = || {
            let on_null = Predicate {
                subject: Term::Literal(Literal::Null),
                ..predicate.clone()
            };
            predicate.operator.info().on_missing
                || eval::holds(&on_null.into(), &serde_json::Value::Null)
        };
        let mut asked = Condition::FALSE;
        for (given, value) in ways(&within, item)? {
            let is_known = matches!(value, Term::Literal(_))
                || term::is_truth_value(&within, &value) && !is_of_nothing();
            let question = Predicate {
                subject: value,
                ..predicate.clone()
            };
            asked = asked.or(given.and(is_known.then(|| within.one(question))?));
        }
        Some(self.one_taken(list, when, *at, asked))
    }
}
