//! An operation on a choice: done on every case, on the path where the case applies.

use std::rc::Rc;

use super::value::Value;
use super::{Executor, Outcome, Stop, logic};
use crate::diagnostic::Diagnostic;
use crate::ir::Condition;

/// What is done with one value.
pub(super) type Operation<'o, 'm> =
    dyn FnMut(&mut Executor<'m>, Value<'m>) -> Outcome<Value<'m>> + 'o;

impl<'m> Executor<'m> {
    /// Does the operation on every value that `value` can be. A value that cannot be used is refused here.
    pub(super) fn each(
        &mut self,
        value: Value<'m>,
        operation: &mut Operation<'_, 'm>,
    ) -> Outcome<Value<'m>> {
        match value {
            Value::Choice(choice) => {
                let before = self.frame.guards.len();
                let result = self.each_case(&choice.cases, &choice.otherwise, operation);
                self.frame.guards.truncate(before);
                result
            }
            Value::Refused(problem) => Err(self.refused(&problem)),
            Value::Carried(growth) => {
                let value = self.read_growth(&growth)?;
                self.each(value, operation)
            }
            other => operation(self, other),
        }
    }

    /// That a value which cannot be used is used; here, where its problem has no place of its own.
    pub(super) fn refused(&self, problem: &Diagnostic) -> Stop {
        let problem = problem.clone();
        Stop::Refused(Box::new(if problem.labels.is_empty() {
            problem.at(self.here)
        } else {
            problem
        }))
    }

    /// Does the operation on every pair of values.
    pub(super) fn each_two(
        &mut self,
        a: Value<'m>,
        b: Value<'m>,
        operation: &mut dyn FnMut(&mut Self, Value<'m>, Value<'m>) -> Outcome<Value<'m>>,
    ) -> Outcome<Value<'m>> {
        self.each(a, &mut |this, a| {
            this.each(b.clone(), &mut |this, b| operation(this, a.clone(), b))
        })
    }

    fn each_case(
        &mut self,
        cases: &[(Condition, Value<'m>)],
        otherwise: &Value<'m>,
        operation: &mut Operation<'_, 'm>,
    ) -> Outcome<Value<'m>> {
        let mut results: Vec<(Condition, Value<'m>)> = Vec::new();
        for (when, value) in cases {
            self.spend(logic::size(when))?;
            let when = self.known(when.clone());
            match when.as_constant() {
                Some(false) => continue,
                Some(true) => {
                    let last = self.each(value.clone(), operation);
                    return finish(results, last);
                }
                None => {}
            }
            let result = self.guarded(when.clone(), |this| this.each(value.clone(), operation));
            match result {
                Ok(result) => results.push((when.clone(), result)),
                Err(Stop::Dead) => {}
                Err(refused) => return Err(refused),
            }
            self.frame.guards.push(when.negate());
        }
        let last = self.each(otherwise.clone(), operation);
        finish(results, last)
    }

    /// The value with a condition: `then` where it holds, else `otherwise`, each evaluated on its path.
    pub(super) fn either(
        &mut self,
        when: Condition,
        then: impl FnOnce(&mut Self) -> Outcome<Value<'m>>,
        otherwise: impl FnOnce(&mut Self) -> Outcome<Value<'m>>,
    ) -> Outcome<Value<'m>> {
        let when = self.known(when);
        match when.as_constant() {
            Some(true) => return then(self),
            Some(false) => return otherwise(self),
            None => {}
        }
        self.spend(logic::size(&when))?;
        let first = match self.guarded(when.clone(), then) {
            Err(Stop::Refused(problem)) => return Err(Stop::Refused(problem)),
            other => other.ok(),
        };
        let second = self.guarded(when.clone().negate(), otherwise);
        finish(
            first.map(|value| (when, value)).into_iter().collect(),
            second,
        )
    }

    /// A refused value stands for what it was to be, so that only its use is refused; everything else is as it is.
    pub(super) fn spoiled(&self, result: Outcome<Value<'m>>) -> Outcome<Value<'m>> {
        match result {
            Err(Stop::Refused(problem))
                if self.purpose == super::Purpose::Display
                    && problem.code != crate::diagnostic::Code::PythonBudget =>
            {
                Ok(Value::Refused(Rc::new(*problem)))
            }
            other => other,
        }
    }
}

/// Whether an operation on the value is one on it alone, as [`Executor::each`] does it.
pub(super) fn is_single(value: &Value<'_>) -> bool {
    !matches!(
        value,
        Value::Choice(_) | Value::Refused(_) | Value::Carried(_)
    )
}

/// The choice of the cases, the last of which applies when no other does; dead if all paths are.
fn finish<'m>(
    mut cases: Vec<(Condition, Value<'m>)>,
    last: Outcome<Value<'m>>,
) -> Outcome<Value<'m>> {
    match last {
        Ok(otherwise) => Ok(Value::choose(cases, otherwise)),
        Err(Stop::Dead) => match cases.pop() {
            Some((_, otherwise)) => Ok(Value::choose(cases, otherwise)),
            None => Err(Stop::Dead),
        },
        Err(refused) => Err(refused),
    }
}
