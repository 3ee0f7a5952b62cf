//! Points in time and spans.

use serde_json::Value;

use super::calendar::{
    DAY, HOUR, MINUTE, SECOND, date_of, day_at, days_to, iso_week, months_later, weekday, within,
};
use super::number::{Number, truncated};
use super::{Arguments, format, spell};
use crate::ir::Function;

pub(super) fn call(function: Function, arguments: Arguments<'_>) -> Option<Value> {
    let shown = |show: fn(i64) -> String| match arguments.get(0) {
        Some(ticks) => Some(show(ticks.as_i64()?).into()),
        None => Some("".into()),
    };
    match function {
        // What is a number of ticks already stays it.
        Function::ReadMoment => match arguments.whole(0) {
            Some(ticks) => Some(ticks.into()),
            None => spell::read_moment(arguments.text(0)?).map(Value::from),
        },
        Function::ReadSpan => match arguments.whole(0) {
            Some(ticks) => Some(ticks.into()),
            None => spell::read_span(arguments.text(0)?).map(Value::from),
        },
        Function::MomentText => {
            shown(|ticks| within(ticks).map_or_else(String::new, spell::moment_text))
        }
        Function::SpanText => shown(spell::span_text),
        Function::FormatMoment => {
            format::moment(within(arguments.whole(0)?)?, arguments.text(1)?).map(Value::from)
        }
        Function::FormatSpan => {
            format::span(arguments.whole(0)?, arguments.text(1)?).map(Value::from)
        }
        Function::PeriodStart => period(arguments, 0).map(Value::from),
        Function::PeriodEnd => period(arguments, 1).map(|next| (next - 1).into()),
        Function::MomentAdd => {
            moved(arguments.whole(2)?, arguments.text(0)?, arguments.whole(1)?).map(Value::from)
        }
        Function::MomentDifference => {
            let unit = arguments.text(0)?;
            let count = |at: usize| boundaries(within(arguments.whole(at)?)?, unit);
            Some(count(1)?.wrapping_sub(count(2)?).into())
        }
        Function::MomentPart => {
            part(within(arguments.whole(1)?)?, arguments.text(0)?).map(Value::from)
        }
        Function::MakeMoment => make_moment(arguments).map(Value::from),
        Function::MakeSpan => make_span(arguments).map(Value::from),
        _ => None,
    }
}

/// The start of a period, so many periods and `further` ones later.
fn period(arguments: Arguments<'_>, further: i64) -> Option<i64> {
    let ticks = within(arguments.whole(0)?)?;
    let offset = arguments.whole_or(2, 0)?.checked_add(further)?;
    let midnight = ticks - ticks.rem_euclid(DAY);
    let (year, month, _) = date_of(ticks);
    let days = |from: i64, days: i64| within(from.checked_add(days.checked_mul(DAY)?)?);
    match arguments.text(1)? {
        "day" => days(midnight, offset),
        "week" => days(midnight - weekday(ticks) * DAY, offset.checked_mul(7)?),
        "month" => months_later(days_to(year, month, 1) * DAY, offset),
        "year" => months_later(days_to(year, 1, 1) * DAY, offset.checked_mul(12)?),
        _ => None,
    }
}

/// The ticks of units that are always as long.
fn unit(name: &str) -> Option<i64> {
    Some(match name {
        "week" => 7 * DAY,
        "day" => DAY,
        "hour" => HOUR,
        "minute" => MINUTE,
        "second" => SECOND,
        "millisecond" => SECOND / 1_000,
        "microsecond" => SECOND / 1_000_000,
        _ => return None,
    })
}

fn moved(ticks: i64, name: &str, count: i64) -> Option<i64> {
    let name = name.to_ascii_lowercase();
    let months = match name.as_str() {
        "year" => Some(12),
        "quarter" => Some(3),
        "month" => Some(1),
        _ => None,
    };
    match months {
        Some(months) => months_later(ticks, count.checked_mul(months)?),
        None if name == "nanosecond" => within(ticks.checked_add(count / 100)?),
        None => within(ticks.checked_add(unit(&name)?.checked_mul(count)?)?),
    }
}

/// How many boundaries of a unit lie before a point in time.
fn boundaries(ticks: i64, name: &str) -> Option<i64> {
    let name = name.to_ascii_lowercase();
    let (year, month, _) = date_of(ticks);
    Some(match name.as_str() {
        "year" => year,
        "quarter" => year * 4 + (month - 1) / 3,
        "month" => year * 12 + month,
        // Weeks begin on Sunday; the year 1 on a Monday.
        "week" => (ticks.div_euclid(DAY) + 1).div_euclid(7),
        "nanosecond" => ticks.checked_mul(100)?,
        other => ticks.div_euclid(unit(other)?),
    })
}

fn part(ticks: i64, name: &str) -> Option<i64> {
    let (year, month, day) = date_of(ticks);
    let rest = ticks.rem_euclid(DAY);
    Some(match name.to_ascii_lowercase().as_str() {
        "year" => year,
        "quarter" => (month - 1) / 3 + 1,
        "month" => month,
        "week_of_year" => iso_week(ticks),
        "day" => day,
        "day_of_year" | "dayofyear" => days_to(year, month, day) - days_to(year, 1, 1) + 1,
        "hour" => rest / HOUR,
        "minute" => rest / MINUTE % 60,
        "second" => rest / SECOND % 60,
        "millisecond" => rest % SECOND / 10_000,
        "microsecond" => rest % SECOND / 10,
        "nanosecond" => rest % SECOND * 100,
        _ => return None,
    })
}

fn make_moment(arguments: Arguments<'_>) -> Option<i64> {
    let day = day_at(
        arguments.whole(0)?,
        arguments.whole(1)?,
        arguments.whole(2)?,
    )?;
    let part = |at: usize| match arguments.0.get(at) {
        Some(_) => arguments.whole(at),
        None => Some(0),
    };
    let (hour, minute) = (part(3)?, part(4)?);
    let second = match arguments.0.get(5) {
        Some(_) => seconds(Number::of(arguments.get(5)?)?)?,
        None => 0,
    };
    let valid = (0..24).contains(&hour) && (0..60).contains(&minute);
    valid.then(|| day + hour * HOUR + minute * MINUTE + second)
}

/// The ticks of seconds within a minute.
fn seconds(number: Number) -> Option<i64> {
    let ticks = match number {
        Number::Whole(seconds) => seconds.checked_mul(SECOND)?,
        #[allow(clippy::cast_precision_loss, reason = "a second has few ticks")]
        Number::Real(seconds) => truncated((seconds * SECOND as f64).round())?,
    };
    (0..MINUTE).contains(&ticks).then_some(ticks)
}

fn make_span(arguments: Arguments<'_>) -> Option<i64> {
    let days = if arguments.0.len() == 4 {
        arguments.whole(0)?
    } else {
        0
    };
    let first = usize::from(arguments.0.len() == 4);
    let (hours, minutes) = (arguments.whole(first)?, arguments.whole(first + 1)?);
    let seconds = match arguments.0.get(first + 2) {
        Some(_) => seconds(Number::of(arguments.get(first + 2)?)?)?,
        None => 0,
    };
    let valid =
        (0..=10_675_199).contains(&days) && (0..24).contains(&hours) && (0..60).contains(&minutes);
    valid.then(|| days * DAY + hours * HOUR + minutes * MINUTE + seconds)
}
