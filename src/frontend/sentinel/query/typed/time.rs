//! Functions of points in time, spans, and multiples.

use super::call::Called;
use super::convert::{as_number, is_real, now};
use super::{Kind, Lowered, Typed, call as apply, choice, whole, word};
use crate::ir::{Function, Literal, Term};

/// Ticks of one day.
const DAY: i64 = 864_000_000_000;

/// The start of 1970 in ticks.
const EPOCH: i64 = 621_355_968_000_000_000;

/// The value, if the function is one of these.
pub(super) fn call(called: Called<'_, '_>) -> Option<Lowered<Typed>> {
    let part = |part: &str| {
        let moment = moment(called, 0)?;
        Ok(number(apply(Function::MomentPart, [word(part), moment])))
    };
    Some(match called.name {
        "now" => shifted_now(called, Function::Plus),
        "ago" => shifted_now(called, Function::Minus),
        "bin" | "floor" => bin(called, false),
        "bin_at" => bin(called, true),
        "around" => choice::around(called),
        "startofday" => period(called, Function::PeriodStart, "day"),
        "startofweek" => period(called, Function::PeriodStart, "week"),
        "startofmonth" => period(called, Function::PeriodStart, "month"),
        "startofyear" => period(called, Function::PeriodStart, "year"),
        "endofday" => period(called, Function::PeriodEnd, "day"),
        "endofweek" => period(called, Function::PeriodEnd, "week"),
        "endofmonth" => period(called, Function::PeriodEnd, "month"),
        "endofyear" => period(called, Function::PeriodEnd, "year"),
        "datetime_add" => add(called),
        "datetime_diff" => difference(called),
        "datetime_part" | "datepart" => named_part(called),
        "getyear" => part("year"),
        "getmonth" | "monthofyear" => part("month"),
        "dayofmonth" => part("day"),
        "dayofyear" => part("day_of_year"),
        "hourofday" => part("hour"),
        "week_of_year" => part("week_of_year"),
        "dayofweek" => day_of_week(called),
        "make_datetime" => made(called, Function::MakeMoment, Kind::Moment),
        "make_timespan" => made(called, Function::MakeSpan, Kind::Span),
        "datetime" => called
            .typed(0)
            .and_then(|typed| called.to_type(typed, crate::syntax::kql::ast::ScalarType::Datetime)),
        "format_datetime" => formatted(called, Function::FormatMoment, Kind::Moment),
        "format_timespan" => formatted(called, Function::FormatSpan, Kind::Span),
        "unixtime_seconds_todatetime" => of_unix(called, 10_000_000),
        "unixtime_milliseconds_todatetime" => of_unix(called, 10_000),
        "unixtime_microseconds_todatetime" => of_unix(called, 10),
        "unixtime_nanoseconds_todatetime" => of_nanoseconds(called),
        _ => return None,
    })
}

fn number(term: Term) -> Typed {
    Typed::new(term, Kind::Number)
}

fn moment(called: Called<'_, '_>, at: usize) -> Lowered<Term> {
    let typed = called.typed(at)?;
    match typed.kind {
        Kind::Moment => Ok(typed.term),
        _ => called.wrong(),
    }
}

/// The time of the run, moved by a span.
fn shifted_now(called: Called<'_, '_>, function: Function) -> Lowered<Typed> {
    if !called.place.lower.relational {
        return called.refused("the value depends on the time of the run");
    }
    if called.count() == 0 {
        return Ok(Typed::new(now(), Kind::Moment));
    }
    let span = called.typed(0)?;
    match span.kind {
        Kind::Span => Ok(Typed::new(
            apply(function, [now(), span.term]),
            Kind::Moment,
        )),
        _ => called.wrong(),
    }
}

fn bin(called: Called<'_, '_>, anchored: bool) -> Lowered<Typed> {
    let (value, step) = (called.typed(0)?, called.typed(1)?);
    let kind = value.kind;
    let fits = match (kind, step.kind) {
        (Kind::Number, Kind::Number) | (Kind::Moment | Kind::Span, Kind::Span) => true,
        (Kind::Dynamic, Kind::Number) => {
            return called.refused("the type of a dynamic number is not known");
        }
        _ => false,
    };
    if !fits {
        return called.wrong();
    }
    let mut arguments = vec![value.term, step.term];
    if anchored {
        let from = called.typed(2)?;
        if from.kind != kind {
            return called.wrong();
        }
        arguments.push(from.term);
    }
    if kind == Kind::Number && arguments.iter().any(is_real) {
        let reals = arguments
            .into_iter()
            .map(|term| apply(Function::RealNumber, [term]));
        arguments = reals.collect();
    }
    Ok(Typed::new(apply(Function::MultipleBelow, arguments), kind))
}

fn period(called: Called<'_, '_>, function: Function, unit: &str) -> Lowered<Typed> {
    let moment = moment(called, 0)?;
    let offset = match called.count() {
        0 | 1 => whole(0),
        _ => as_number(called.typed(1)?, called.range)?,
    };
    Ok(Typed::new(
        apply(function, [moment, word(unit), offset]),
        Kind::Moment,
    ))
}

/// A constant name that the table of units or parts has.
fn unit(called: Called<'_, '_>, known: &[&str]) -> Lowered<Term> {
    let name = called.word(0)?.to_ascii_lowercase();
    if known.contains(&name.as_str()) {
        Ok(Term::text(name))
    } else {
        called.refused(format!("`{name}` is no part of a point in time"))
    }
}

const UNITS: [&str; 11] = [
    "year",
    "quarter",
    "month",
    "week",
    "day",
    "hour",
    "minute",
    "second",
    "millisecond",
    "microsecond",
    "nanosecond",
];

fn add(called: Called<'_, '_>) -> Lowered<Typed> {
    let unit = unit(called, &UNITS)?;
    let count = as_number(called.typed(1)?, called.range)?;
    let moment = moment(called, 2)?;
    Ok(Typed::new(
        apply(Function::MomentAdd, [unit, count, moment]),
        Kind::Moment,
    ))
}

fn difference(called: Called<'_, '_>) -> Lowered<Typed> {
    let unit = unit(called, &UNITS)?;
    let (later, earlier) = (moment(called, 1)?, moment(called, 2)?);
    Ok(number(apply(
        Function::MomentDifference,
        [unit, later, earlier],
    )))
}

fn named_part(called: Called<'_, '_>) -> Lowered<Typed> {
    let parts = [
        "year",
        "quarter",
        "month",
        "week_of_year",
        "day",
        "dayofyear",
        "day_of_year",
        "hour",
        "minute",
        "second",
        "millisecond",
        "microsecond",
        "nanosecond",
    ];
    let part = unit(called, &parts)?;
    Ok(number(apply(
        Function::MomentPart,
        [part, moment(called, 1)?],
    )))
}

/// The span since the last Sunday; the first day of all was a Monday.
fn day_of_week(called: Called<'_, '_>) -> Lowered<Typed> {
    let days = apply(Function::Quotient, [moment(called, 0)?, whole(DAY)]);
    let days = apply(Function::Plus, [days, whole(1)]);
    let days = apply(Function::Remainder, [days, whole(7)]);
    Ok(Typed::new(
        apply(Function::Times, [days, whole(DAY)]),
        Kind::Span,
    ))
}

fn made(called: Called<'_, '_>, function: Function, kind: Kind) -> Lowered<Typed> {
    let parts = called.rest(0)?;
    let counts = if kind == Kind::Moment {
        [3, 5, 6]
    } else {
        [2, 3, 4]
    };
    if !counts.contains(&parts.len()) {
        return called.refused("this number of parts has no counterpart");
    }
    let parts = parts.into_iter().map(|part| as_number(part, called.range));
    Ok(Typed::new(
        apply(function, parts.collect::<Lowered<Vec<_>>>()?),
        kind,
    ))
}

fn formatted(called: Called<'_, '_>, function: Function, kind: Kind) -> Lowered<Typed> {
    let value = called.typed(0)?;
    let format = called.word(1)?;
    // What the format says is known from any value.
    let sample = apply(function, [whole(0), Term::text(&format)]);
    if value.kind != kind || sample.as_literal() == Some(&Literal::Null) {
        return called.refused("this format has no counterpart");
    }
    let text = apply(function, [value.term, Term::text(format)]);
    Ok(Typed::new(apply(Function::PlainText, [text]), Kind::Text))
}

fn of_unix(called: Called<'_, '_>, ticks: i64) -> Lowered<Typed> {
    let count = as_number(called.typed(0)?, called.range)?;
    let count = apply(Function::Times, [count, whole(ticks)]);
    let count = apply(Function::WholeNumber, [count]);
    Ok(Typed::new(
        apply(Function::Plus, [count, whole(EPOCH)]),
        Kind::Moment,
    ))
}

fn of_nanoseconds(called: Called<'_, '_>) -> Lowered<Typed> {
    let count = as_number(called.typed(0)?, called.range)?;
    let ticks = apply(Function::Quotient, [count, whole(100)]);
    Ok(Typed::new(
        apply(Function::Plus, [ticks, whole(EPOCH)]),
        Kind::Moment,
    ))
}
