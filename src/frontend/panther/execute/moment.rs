//! What is done with times and durations: operators, comparisons, attributes and methods.
//!
//! A time is what its clock shows, and how far the clock is ahead of UTC where that is known; a clock of which it is not known
//! cannot be compared with one of which it is. Refused: texts of times and durations, and zones other than UTC.

use rustpython_ruff_python_ast::Operator as Binary;

use super::argument::Arguments;
use super::clock::{PARTS, constant, duration, is_utc, moment};
use super::exception::Exception;
use super::value::{Moment, Value};
use super::{Executor, Outcome};
use crate::ir::compute::time::{DAY, SECOND, bounds};
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Term};

/// Whether a time or a duration has an attribute of this name.
pub(super) fn is_property(name: &str) -> bool {
    PARTS.contains(&name) || matches!(name, "days" | "seconds" | "microseconds" | "tzinfo")
}

impl Moment<'_> {
    /// Whether both are plainly the same time.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.clock.same(&other.clock)
            && match (&self.offset, &other.offset) {
                (Some(a), Some(b)) => a.same(b),
                (a, b) => a.is_none() && b.is_none(),
            }
    }
}

impl<'m> Executor<'m> {
    /// What a clock in UTC shows at the time, whose own clock is known to be ahead of it.
    fn instant(&mut self, time: &Moment<'m>) -> Outcome<Value<'m>> {
        let Some(offset) = &time.offset else {
            return Ok(time.clock.clone());
        };
        if let Value::Data(data) = offset
            && may_be_far(&data.term)
        {
            let far = |operator, bound| {
                self.implied(
                    data.term.clone(),
                    operator,
                    Object::Literal(Literal::Integer(bound)),
                )
            };
            let far = far(Operator::AtLeast, DAY).or(far(Operator::AtMost, -DAY));
            self.raise_if(far, Exception::VALUE)?;
        }
        if offset.as_integer() == Some(0) {
            return Ok(time.clock.clone());
        }
        self.operate(Binary::Sub, time.clock.clone(), offset.clone())
    }

    /// Both times as clocks of one zone show them; `None` where only one has a zone.
    fn instants(
        &mut self,
        a: &Moment<'m>,
        b: &Moment<'m>,
    ) -> Outcome<Option<(Value<'m>, Value<'m>)>> {
        let instants = (self.instant(a)?, self.instant(b)?);
        Ok((a.offset.is_some() == b.offset.is_some()).then_some(instants))
    }

    /// `left op right`, one of which is a time or a duration.
    pub(super) fn time_operation(
        &mut self,
        left: &Value<'m>,
        op: Binary,
        right: &Value<'m>,
    ) -> Outcome<Value<'m>> {
        match (left, op, right) {
            (Value::Moment(a), Binary::Sub, Value::Moment(b)) => match self.instants(a, b)? {
                Some((a, b)) => Ok(duration(self.operate(Binary::Sub, a, b)?)),
                None => self.raise(Exception::TYPE),
            },
            (Value::Moment(time), Binary::Add | Binary::Sub, Value::Duration(micros)) => {
                let shown = self.operate(op, time.clock.clone(), micros.as_ref().clone())?;
                self.shown_at(shown, time.offset.clone())
            }
            (Value::Duration(micros), Binary::Add, Value::Moment(time)) => {
                let shown = self.operate(op, micros.as_ref().clone(), time.clock.clone())?;
                self.shown_at(shown, time.offset.clone())
            }
            (Value::Duration(a), _, Value::Duration(b)) => self.durations(a, op, b),
            (Value::Duration(a), Binary::Mult | Binary::FloorDiv, Value::Constant(_))
                if right.as_integer().is_some() =>
            {
                Ok(duration(self.operate(
                    op,
                    a.as_ref().clone(),
                    right.clone(),
                )?))
            }
            (Value::Constant(_), Binary::Mult, Value::Duration(b))
                if left.as_integer().is_some() =>
            {
                Ok(duration(self.operate(
                    op,
                    left.clone(),
                    b.as_ref().clone(),
                )?))
            }
            (
                Value::Moment(_) | Value::Duration(_),
                Binary::Add | Binary::Sub,
                Value::Constant(_) | Value::Data(_) | Value::Truth(_) | Value::Moment(_),
            )
            | (
                Value::Constant(_) | Value::Data(_) | Value::Truth(_),
                Binary::Add | Binary::Sub,
                Value::Moment(_) | Value::Duration(_),
            ) => self.raise(Exception::TYPE),
            _ => self.refuse(format!(
                "`{}` of {} and {} cannot be expressed",
                op.as_str(),
                left.type_name(),
                right.type_name()
            )),
        }
    }

    /// `a op b` of two durations.
    fn durations(&mut self, a: &Value<'m>, op: Binary, b: &Value<'m>) -> Outcome<Value<'m>> {
        let result = match op {
            Binary::Add | Binary::Sub | Binary::Mod | Binary::Div | Binary::FloorDiv => {
                self.operate(op, a.clone(), b.clone())?
            }
            _ => return self.raise(Exception::TYPE),
        };
        Ok(match op {
            Binary::Div | Binary::FloorDiv => result,
            _ => duration(result),
        })
    }

    /// A time that was computed, which has to be one that a clock can show.
    fn shown_at(&mut self, clock: Value<'m>, offset: Option<Value<'m>>) -> Outcome<Value<'m>> {
        let (first, last) = bounds();
        let beyond = match &clock {
            Value::Data(data) => {
                let test = |operator, bound| {
                    let bound = Object::Literal(Literal::Integer(bound));
                    self.implied(data.term.clone(), operator, bound)
                };
                test(Operator::LessThan, first).or(test(Operator::GreaterThan, last))
            }
            other => {
                let shown = other
                    .as_integer()
                    .is_some_and(|at| (first..=last).contains(&at));
                Condition::constant(!shown)
            }
        };
        self.raise_if(beyond, Exception::OVERFLOW)?;
        Ok(moment(clock, offset))
    }

    /// `a == b`, one of which is a time or a duration.
    pub(super) fn equal_times(&mut self, a: &Value<'m>, b: &Value<'m>) -> Outcome<Condition> {
        match (a, b) {
            (Value::Moment(a), Value::Moment(b)) => match self.instants(a, b)? {
                Some((a, b)) => self.equal(&a, &b),
                None => Ok(Condition::FALSE),
            },
            (Value::Duration(a), Value::Duration(b)) => self.equal(a, b),
            _ => Ok(Condition::FALSE),
        }
    }

    /// The order of two times or two durations.
    pub(super) fn ordered_times(
        &mut self,
        a: &Value<'m>,
        b: &Value<'m>,
    ) -> Outcome<(Value<'m>, Value<'m>)> {
        match (a, b) {
            (Value::Moment(a), Value::Moment(b)) => match self.instants(a, b)? {
                Some(instants) => Ok(instants),
                None => self.raise(Exception::TYPE),
            },
            (Value::Duration(a), Value::Duration(b)) => {
                Ok((a.as_ref().clone(), b.as_ref().clone()))
            }
            _ => self.raise(Exception::TYPE),
        }
    }

    /// An attribute of a time.
    pub(super) fn time_property(&mut self, time: &Moment<'m>, name: &str) -> Outcome<Value<'m>> {
        if name == "tzinfo" {
            return match &time.offset {
                None => Ok(Value::NONE),
                Some(offset) if offset.as_integer() == Some(0) => {
                    Ok(Value::External("datetime.timezone.utc".into()))
                }
                // Which zone it is does not matter: nothing but its being there can be asked.
                Some(_) => Ok(Value::External("datetime.timezone()".into())),
            };
        }
        if !PARTS.contains(&name) {
            return self.raise(Exception::ATTRIBUTE);
        }
        self.time_part(time, name)
    }

    fn time_part(&mut self, time: &Moment<'m>, name: &str) -> Outcome<Value<'m>> {
        let Some(clock) = super::term_of(&time.clock) else {
            return self.refuse("this time cannot be expressed");
        };
        let terms = vec![clock, Term::text(name)];
        Ok(self.folded_call(Function::TimePart, terms, Kind::Integer))
    }

    /// An attribute of a duration.
    pub(super) fn duration_property(
        &mut self,
        micros: &Value<'m>,
        name: &str,
    ) -> Outcome<Value<'m>> {
        let (of, unit) = match name {
            "days" => return self.operate(Binary::FloorDiv, micros.clone(), constant(DAY)),
            "seconds" => (DAY, SECOND),
            "microseconds" => (SECOND, 1),
            _ => return self.raise(Exception::ATTRIBUTE),
        };
        let rest = self.operate(Binary::Mod, micros.clone(), constant(of))?;
        self.operate(Binary::FloorDiv, rest, constant(unit))
    }

    /// A method of a duration.
    pub(super) fn duration_method(
        &mut self,
        micros: &Value<'m>,
        name: &str,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        match name {
            "total_seconds" if arguments.only(0..=0) => self.seconds_of(micros.clone()),
            _ => self.refuse(format!("`.{name}()` of a duration cannot be expressed")),
        }
    }

    fn seconds_of(&mut self, micros: Value<'m>) -> Outcome<Value<'m>> {
        self.operate(Binary::Div, micros, constant(SECOND))
    }

    /// A method of a time.
    pub(super) fn time_method(
        &mut self,
        time: &Moment<'m>,
        name: &str,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        match (
            name,
            arguments.positional.as_slice(),
            arguments.keywords.as_slice(),
        ) {
            ("timestamp", [], []) if time.offset.is_some() => {
                let micros = self.instant(time)?;
                self.seconds_of(micros)
            }
            ("timestamp", [], []) => {
                let clock = || time.clock.clone();
                let whole = self.operate(Binary::FloorDiv, clock(), constant(SECOND))?;
                let rest = self.operate(Binary::Mod, clock(), constant(SECOND))?;
                let rest = self.seconds_of(rest)?;
                self.operate(Binary::Add, whole, rest)
            }
            ("weekday", [], []) => self.time_part(time, "weekday"),
            ("isoweekday", [], []) => {
                let day = self.time_part(time, "weekday")?;
                self.operate(Binary::Add, day, constant(1))
            }
            ("replace", [], [(name, zone)]) if name == "tzinfo" => match zone {
                Value::Constant(Literal::Null) => Ok(moment(time.clock.clone(), None)),
                zone if is_utc(zone) => Ok(moment(time.clock.clone(), Some(constant(0)))),
                _ => self.refuse("`.replace()` requires `timezone.utc` or `None`"),
            },
            ("astimezone", [zone], []) if is_utc(zone) => {
                let shown = self.instant(time)?;
                self.shown_at(shown, Some(constant(0)))
            }
            _ => self.refuse(format!("`.{name}()` of a time cannot be expressed")),
        }
    }
}

/// Whether the offset of a zone may be a day or more, which no operation takes.
fn may_be_far(offset: &Term) -> bool {
    let Term::Call { arguments, .. } = offset else {
        return false;
    };
    matches!(
        arguments.first(),
        Some(Term::Call {
            function: Function::GuessTime,
            ..
        })
    )
}
