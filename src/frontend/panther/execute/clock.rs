//! The functions of `datetime`, `time` and `dateutil` that give times and durations, as whole numbers of microseconds.
//!
//! Machines run in UTC, as Panther's do. The time of the scan is known to policies; a rule that asks for the time is refused,
//! because an event judged again later would get another verdict. Refused: formats that are not read, zones other than UTC, and
//! durations made of event data otherwise than by a difference of times.

use std::rc::Rc;

use rustpython_ruff_python_ast::Operator as Binary;

use super::argument::Arguments;
use super::exception::Exception;
use super::value::{Moment, Value};
use super::{Executor, Outcome};
use crate::ir::compute::compute;
use crate::ir::compute::time::{DAY, Format, SECOND, Unusable, clock};
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Term};

/// The units of a duration in the order of `timedelta()`'s arguments, in microseconds.
const UNITS: &[(&str, i64)] = &[
    ("days", DAY),
    ("seconds", SECOND),
    ("microseconds", 1),
    ("milliseconds", 1_000),
    ("minutes", 60 * SECOND),
    ("hours", 3_600 * SECOND),
    ("weeks", 7 * DAY),
];
/// The parts of a clock's time, in the order of `datetime()`'s arguments.
pub(super) const PARTS: [&str; 7] = [
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
    "microsecond",
];
/// The days that a duration may have.
const LONGEST: i128 = 999_999_999;
/// Seconds since 1970 of which it is not known what exception they raise.
const UNKNOWN: f64 = 6e16;

pub(super) fn constant<'m>(number: i64) -> Value<'m> {
    Value::Constant(Literal::Integer(number))
}

/// The time that a clock shows which is so far ahead of UTC.
pub(super) fn moment<'m>(clock: Value<'m>, offset: Option<Value<'m>>) -> Value<'m> {
    Value::Moment(Rc::new(Moment { clock, offset }))
}

pub(super) fn duration(micros: Value<'_>) -> Value<'_> {
    Value::Duration(Rc::new(micros))
}

/// Whether the value is the zone of UTC.
pub(super) fn is_utc(value: &Value<'_>) -> bool {
    let Value::External(path) = value else {
        return false;
    };
    matches!(path.as_ref(), "datetime.timezone.utc" | "datetime.UTC")
}

impl<'m> Executor<'m> {
    /// A call of a function of times by its full name, if it is one.
    pub(super) fn time_function(
        &mut self,
        path: &str,
        arguments: &Arguments<'m>,
    ) -> Option<Outcome<Value<'m>>> {
        Some(match path {
            "datetime.datetime.strptime" if arguments.only(2..=2) => {
                let (text, format) = (arguments.get(0, ""), arguments.get(1, ""));
                let (text, format) = (text.unwrap_or(Value::NONE), format.unwrap_or(Value::NONE));
                self.each_two(text, format, &mut |this, text, format| {
                    this.time_in_format(text, &format)
                })
            }
            "datetime.datetime.fromtimestamp" | "datetime.datetime.utcfromtimestamp" => {
                self.time_of_seconds(path, arguments)
            }
            "datetime.timedelta" => self.new_duration(arguments),
            "datetime.datetime" => self.new_time(arguments),
            "dateutil.parser.parse" if arguments.only(1..=1) => {
                let text = arguments.get(0, "").unwrap_or(Value::NONE);
                if !self.scans {
                    return Some(Err(self.clock_refused(path)));
                }
                self.each(text, &mut |this, text| this.guessed_time(text))
            }
            "datetime.datetime.now" | "datetime.datetime.utcnow" | "datetime.datetime.today"
                if self.scans =>
            {
                self.scan_time(path, arguments)
            }
            "time.time" if self.scans && arguments.only(0..=0) => {
                let now = Value::computed(Term::call(Function::ScanTime, []), Kind::Integer);
                self.operate(Binary::Div, now, constant(SECOND))
            }
            _ => return None,
        })
    }

    /// The time of the scan.
    fn scan_time(&mut self, path: &str, arguments: &Arguments<'m>) -> Outcome<Value<'m>> {
        let now = Value::computed(Term::call(Function::ScanTime, []), Kind::Integer);
        let offset = self.zone_argument(path, arguments, 0)?;
        Ok(moment(now, offset))
    }

    /// How far the clock of the zone argument is ahead of UTC, if there is one.
    fn zone_argument(
        &mut self,
        path: &str,
        arguments: &Arguments<'m>,
        at: usize,
    ) -> Outcome<Option<Value<'m>>> {
        let others = arguments.positional.len() > at + 1
            || arguments.keywords.iter().any(|(name, _)| name != "tz");
        match arguments.get(at, "tz") {
            _ if others => {}
            None | Some(Value::Constant(Literal::Null)) => return Ok(None),
            Some(zone) if is_utc(&zone) => return Ok(Some(constant(0))),
            Some(_) => {}
        }
        self.refuse(format!("`{path}()` requires `timezone.utc` or no zone"))
    }

    /// `datetime.strptime(text, format)`.
    fn time_in_format(&mut self, text: Value<'m>, format: &Value<'m>) -> Outcome<Value<'m>> {
        let Some(written) = format.as_text() else {
            return self.refuse("`strptime()` requires a known format");
        };
        let text = self.require_text(text)?;
        let has_offset = match Format::parse(written) {
            Ok(format) => format.has_offset(),
            Err(Unusable::Wrong) => return self.raise(Exception::VALUE),
            Err(Unusable::Unread) => {
                return self.refuse(format!("the format `{written}` is not read"));
            }
        };
        let read = self.time_read(Function::ReadTime, text, Term::text(written))?;
        self.raise_unless(Operator::Exists, &read, Exception::VALUE)?;
        let offset = has_offset.then(|| part_of(&read, 1));
        Ok(moment(part_of(&read, 0), offset))
    }

    /// `dateutil.parser.parse(text)`.
    fn guessed_time(&mut self, text: Value<'m>) -> Outcome<Value<'m>> {
        let text = self.require_text(text)?;
        let now = Term::call(Function::ScanTime, []);
        let read = self.time_read(Function::GuessTime, text, now)?;
        self.raise_unless(Operator::Exists, &read, Exception::PARSER)?;
        self.raise_unless(Operator::IsTruthy, &read, Exception::OVERFLOW)?;
        let (clock, offset) = (part_of(&read, 0), part_of(&read, 1));
        let known = match &offset {
            Value::Data(data) => self.implied(data.term.clone(), Operator::IsPresent, Object::None),
            _ => Condition::TRUE,
        };
        Ok(Value::choose(
            vec![(known, moment(clock.clone(), Some(offset)))],
            moment(clock, None),
        ))
    }

    fn time_read(
        &mut self,
        function: Function,
        text: Value<'m>,
        other: Term,
    ) -> Outcome<Value<'m>> {
        let Some(text) = super::term_of(&text) else {
            return self.refuse("the text of this time cannot be expressed");
        };
        Ok(self.folded_call(function, vec![text, other], Kind::List))
    }

    /// The function's value: a constant where its arguments are, `None` for a missing one.
    pub(super) fn folded_call(
        &mut self,
        function: Function,
        terms: Vec<Term>,
        kind: Kind,
    ) -> Value<'m> {
        let constants: Option<Vec<serde_json::Value>> = terms
            .iter()
            .map(|term| term.as_literal().map(Literal::to_json))
            .collect();
        match constants {
            Some(constants) => {
                let constants: Vec<&serde_json::Value> = constants.iter().collect();
                let value = compute(function, &constants);
                value.map_or(Value::NONE, |value| self.json_value(&value))
            }
            None => Value::computed(Term::call(function, terms), kind),
        }
    }

    /// Raises where the value, which a function of the IR gave, is not there or empty.
    fn raise_unless(
        &mut self,
        operator: Operator,
        value: &Value<'m>,
        exception: Exception,
    ) -> Outcome<()> {
        let holds = match (value, operator) {
            (Value::Data(data), operator) => {
                self.implied(data.term.clone(), operator, Object::None)
            }
            (Value::Constant(Literal::Null), _) => Condition::FALSE,
            (other, Operator::IsTruthy) => self.truth(other)?,
            _ => Condition::TRUE,
        };
        self.raise_if(holds.negate(), exception)
    }

    /// `datetime.fromtimestamp(seconds)`, `datetime.utcfromtimestamp(seconds)`.
    fn time_of_seconds(&mut self, path: &str, arguments: &Arguments<'m>) -> Outcome<Value<'m>> {
        let Some(seconds) = arguments.get(0, "timestamp") else {
            return self.raise(Exception::TYPE);
        };
        let offset = self.zone_argument(path, arguments, 1)?;
        if offset.is_some() && path.ends_with("utcfromtimestamp") {
            return self.raise(Exception::TYPE);
        }
        self.each(seconds, &mut |this, seconds| {
            let seconds = this.number_term(seconds)?;
            if seconds.as_literal().is_none() {
                let beyond = |operator, bound| {
                    let bound = Object::Literal(Literal::Float(bound));
                    this.test(seconds.clone(), operator, bound)
                };
                let unknown = beyond(Operator::AtLeast, UNKNOWN);
                let unknown = unknown.or(beyond(Operator::AtMost, -UNKNOWN));
                this.raise_if(unknown, Exception::UNKNOWN)?;
            }
            let clock = this.folded_call(Function::TimeOfSeconds, vec![seconds], Kind::Integer);
            this.raise_unless(Operator::Exists, &clock, Exception::VALUE)?;
            Ok(moment(clock, offset.clone()))
        })
    }

    /// `timedelta(...)` of known numbers.
    fn new_duration(&mut self, arguments: &Arguments<'m>) -> Outcome<Value<'m>> {
        let known = |name: &String| UNITS.iter().any(|(unit, _)| unit == name);
        if !arguments.keywords.iter().all(|(name, _)| known(name))
            || arguments.positional.len() > UNITS.len()
        {
            return self.raise(Exception::TYPE);
        }
        let (mut micros, mut rest) = (0_i128, 0.0_f64);
        for (at, (name, unit)) in UNITS.iter().enumerate() {
            match arguments.get(at, name) {
                None => {}
                Some(Value::Constant(Literal::Float(number)))
                    if number.is_finite() && number.abs() < 1e15 =>
                {
                    let (whole, fraction) = scaled(number, *unit);
                    micros += whole;
                    rest += fraction;
                }
                Some(Value::Constant(Literal::Null | Literal::Text(_))) => {
                    return self.raise(Exception::TYPE);
                }
                Some(other) => match other.as_integer() {
                    Some(number) => micros += i128::from(number) * i128::from(*unit),
                    None => return self.refuse("`timedelta()` requires known numbers"),
                },
            }
        }
        #[allow(clippy::cast_possible_truncation, reason = "it is a small number")]
        let rest = if (rest * 2.0).fract() == 0.0 && rest.fract() != 0.0 {
            // Halves go to the even side of the whole sum.
            let (low, high) = (rest.floor() as i128, rest.ceil() as i128);
            if (micros + low) % 2 == 0 { low } else { high }
        } else {
            rest.round() as i128
        };
        micros += rest;
        if micros.div_euclid(i128::from(DAY)).abs() > LONGEST {
            return self.raise(Exception::OVERFLOW);
        }
        match i64::try_from(micros) {
            Ok(micros) => Ok(duration(constant(micros))),
            Err(_) => self.refuse("durations must be shorter than 292,000 years"),
        }
    }

    /// `datetime(year, month, day, ...)` of known numbers.
    fn new_time(&mut self, arguments: &Arguments<'m>) -> Outcome<Value<'m>> {
        let mut parts = [0; 7];
        for (at, name) in PARTS.iter().enumerate() {
            match arguments.get(at, name) {
                Some(part) => match part.as_integer() {
                    Some(number) => parts[at] = number,
                    None => return self.refuse("`datetime()` requires known numbers"),
                },
                None if at < 3 => return self.raise(Exception::TYPE),
                None => {}
            }
        }
        let offset = match arguments.get(PARTS.len(), "tzinfo") {
            None | Some(Value::Constant(Literal::Null)) => None,
            Some(zone) if is_utc(&zone) => Some(constant(0)),
            Some(_) => return self.refuse("`datetime()` requires `timezone.utc` or no zone"),
        };
        let known = |name: &String| PARTS.contains(&name.as_str()) || name == "tzinfo";
        if !arguments.keywords.iter().all(|(name, _)| known(name)) {
            return self.refuse("`datetime()` with these arguments is not read");
        }
        match clock(parts) {
            Some(micros) => Ok(moment(constant(micros), offset)),
            None => self.raise(Exception::VALUE),
        }
    }
}

/// The part of a list of two, which a function of the IR gave.
fn part_of<'m>(read: &Value<'m>, at: i64) -> Value<'m> {
    match read {
        Value::Data(data) => {
            let position = Term::Literal(Literal::Integer(at));
            let part = Term::call(Function::Item, [data.term.clone(), position]);
            Value::computed(part, Kind::Integer)
        }
        Value::Sequence(list) => {
            let part = usize::try_from(at).ok().and_then(|at| list.items.get(at));
            part.cloned().unwrap_or(Value::NONE)
        }
        _ => Value::NONE,
    }
}

/// A number of units as whole microseconds, and what is left of one.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "as in Python; the number was found to be small"
)]
fn scaled(number: f64, unit: i64) -> (i128, f64) {
    let whole = number.trunc();
    let rest = (number - whole) * unit as f64;
    let micros = whole as i128 * i128::from(unit) + rest.trunc() as i128;
    (micros, rest - rest.trunc())
}
