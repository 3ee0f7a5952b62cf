//! How points in time and spans are written, and read from texts.

use super::calendar::{DAY, HOUR, MINUTE, SECOND, date_of, day_at, within};

/// A point in time as ISO 8601 with seven digits after the second.
pub fn moment_text(ticks: i64) -> String {
    let (year, month, day) = date_of(ticks);
    let rest = ticks.rem_euclid(DAY);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:07}Z",
        rest / HOUR,
        rest / MINUTE % 60,
        rest / SECOND % 60,
        rest % SECOND
    )
}

/// A span as `[-][d.]hh:mm:ss[.fffffff]`.
pub fn span_text(ticks: i64) -> String {
    let sign = if ticks < 0 { "-" } else { "" };
    let ticks = ticks.unsigned_abs();
    let (second, minute, hour, day) = (
        SECOND.unsigned_abs(),
        MINUTE.unsigned_abs(),
        HOUR.unsigned_abs(),
        DAY.unsigned_abs(),
    );
    let days = match ticks / day {
        0 => String::new(),
        days => format!("{days}."),
    };
    let fraction = match ticks % second {
        0 => String::new(),
        fraction => format!(".{fraction:07}"),
    };
    format!(
        "{sign}{days}{:02}:{:02}:{:02}{fraction}",
        ticks / hour % 24,
        ticks / minute % 60,
        ticks / second % 60
    )
}

/// The digits at the start of a text, so many at least and at most, and what follows them.
fn digits(text: &str, least: usize, most: usize) -> Option<(i64, &str)> {
    let count = text
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    if count < least {
        return None;
    }
    Some((text[..count].parse().ok()?, &text[count..]))
}

/// The ticks of the digits behind the point of a second; more than seven are cut.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    if count == 0 {
        return None;
    }
    let mut ticks = 0;
    for at in 0..7 {
        let digit = text.as_bytes().get(at).filter(|_| at < count);
        ticks = ticks * 10 + digit.map_or(0, |digit| i64::from(digit - b'0'));
    }
    Some((ticks, &text[count..]))
}

/// `hh:mm[:ss[.fffffff]]`, and what follows.
fn time_of_day(text: &str) -> Option<(i64, &str)> {
    let (hour, rest) = digits(text, 1, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 1, 2)?;
    let mut ticks = hour * HOUR + minute * MINUTE;
    let mut rest = rest;
    if let Some(behind) = rest.strip_prefix(':') {
        let (second, behind) = digits(behind, 1, 2)?;
        if second > 59 {
            return None;
        }
        ticks += second * SECOND;
        rest = behind;
        if let Some(behind) = rest.strip_prefix('.') {
            let (part, behind) = fraction(behind)?;
            ticks += part;
            rest = behind;
        }
    }
    (hour < 24 && minute < 60).then_some((ticks, rest))
}

/// `Z`, `GMT`, `UTC` or an offset, as the ticks by which its clock is ahead.
fn zone(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() || ["z", "gmt", "utc"].contains(&text.to_ascii_lowercase().as_str()) {
        return Some(0);
    }
    let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (_, Some(rest)) => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = digits(rest, 2, 2)?;
    let (minutes, rest) = match rest.strip_prefix(':').unwrap_or(rest) {
        "" => (0, ""),
        rest => digits(rest, 2, 2)?,
    };
    (rest.is_empty() && hours <= 14 && minutes < 60)
        .then(|| sign * (hours * HOUR + minutes * MINUTE))
}

/// The point in time that a text spells.
pub(super) fn read_moment(text: &str) -> Option<i64> {
    let text = text.trim();
    let (day, rest) = date(text)?;
    let rest = rest.trim_start_matches(' ');
    let rest = rest.strip_prefix(['T', 't']).unwrap_or(rest);
    if rest.is_empty() {
        return Some(day);
    }
    if let Some(offset) = zone(rest) {
        return within(day - offset);
    }
    let (time, rest) = time_of_day(rest)?;
    let (time, rest) = half_of_day(time, rest)?;
    within(day + time - zone(rest)?)
}

/// `AM` or `PM` behind a time.
fn half_of_day(time: i64, rest: &str) -> Option<(i64, &str)> {
    let word = rest.trim_start();
    let half = word.get(..2).map(str::to_ascii_lowercase);
    match half.as_deref() {
        Some("am" | "pm") if !(HOUR..13 * HOUR).contains(&time) => None,
        Some("am") => Some((time % (12 * HOUR), &word[2..])),
        Some("pm") => Some((time % (12 * HOUR) + 12 * HOUR, &word[2..])),
        _ => Some((time, rest)),
    }
}

/// The day that a text begins with, and what follows it.
fn date(text: &str) -> Option<(i64, &str)> {
    iso_date(text)
        .or_else(|| month_first(text))
        .or_else(|| named_month(text))
}

fn iso_date(text: &str) -> Option<(i64, &str)> {
    let (year, rest) = digits(text, 4, 4)?;
    let mark = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.'));
    let Some(mark) = mark else {
        if rest.is_empty() {
            return Some((day_at(year, 1, 1)?, rest));
        }
        let (month, rest) = digits(rest, 2, 2)?;
        let (day, rest) = digits(rest, 2, 2)?;
        return Some((day_at(year, month, day)?, rest));
    };
    let (month, rest) = digits(&rest[1..], 1, 2)?;
    let Some(rest) = rest.strip_prefix(mark) else {
        return Some((day_at(year, month, 1)?, rest));
    };
    let (day, rest) = digits(rest, 1, 2)?;
    Some((day_at(year, month, day)?, rest))
}

/// `02/17/2016`, `2-17-2016`.
fn month_first(text: &str) -> Option<(i64, &str)> {
    let (month, rest) = digits(text, 1, 2)?;
    let mark = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '-' | '/' | '.'))?;
    let (day, rest) = digits(&rest[1..], 1, 2)?;
    let (year, rest) = digits(rest.strip_prefix(mark)?, 4, 4)?;
    Some((day_at(year, month, day)?, rest))
}

/// `Sat, 8 Nov 2014`, `Saturday, 08-Nov-14`, `8 Nov 2014`.
fn named_month(text: &str) -> Option<(i64, &str)> {
    let behind_weekday = match text.split_once(',') {
        Some((word, rest)) => {
            let word = word.to_ascii_lowercase();
            let known = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
                .iter()
                .any(|start| word.starts_with(start));
            known.then(|| rest.trim_start())?
        }
        None => text,
    };
    let (day, rest) = digits(behind_weekday, 1, 2)?;
    let rest = rest.strip_prefix([' ', '-'])?;
    let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let word = rest.get(..3)?.to_ascii_lowercase();
    let month = months.iter().position(|known| *known == word)?;
    let rest = rest[3..].trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let rest = rest.strip_prefix([' ', '-'])?;
    let (year, rest) = digits(rest, 4, 4).or_else(|| {
        let (year, rest) = digits(rest, 2, 2)?;
        Some((if year < 50 { 2000 + year } else { 1900 + year }, rest))
    })?;
    let month = i64::try_from(month).ok()? + 1;
    Some((day_at(year, month, day)?, rest))
}

/// The span that a text spells.
pub(super) fn read_span(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text),
    };
    let ticks = clock_span(text)
        .or_else(|| whole_days(text))
        .or_else(|| with_unit(text))?;
    Some(sign * ticks)
}

fn whole_days(text: &str) -> Option<i64> {
    let (days, rest) = digits(text, 1, 8)?;
    rest.is_empty().then(|| days.checked_mul(DAY))?
}

/// `[d.]hh:mm[:ss[.fffffff]]`.
fn clock_span(text: &str) -> Option<i64> {
    let colon = text.find(':')?;
    let (days, clock) = match text[..colon].split_once('.') {
        Some((days, _)) => (days.parse::<i64>().ok()?, &text[days.len() + 1..]),
        None => (0, text),
    };
    let (time, rest) = time_of_day(clock)?;
    let whole = rest.is_empty() && (0..=10_675_198).contains(&days);
    whole.then(|| days * DAY + time)
}

/// `1d`, `1.5h`, `30min`.
fn with_unit(text: &str) -> Option<i64> {
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit_at);
    let ticks = match unit {
        "d" | "day" | "days" => DAY,
        "h" | "hr" | "hrs" | "hour" | "hours" => HOUR,
        "m" | "min" | "minute" | "minutes" => MINUTE,
        "s" | "sec" | "second" | "seconds" => SECOND,
        "ms" | "milli" | "millis" | "millisec" | "millisecond" | "milliseconds" => SECOND / 1_000,
        "micro" | "micros" | "microsec" | "microsecond" | "microseconds" => 10,
        "tick" | "ticks" => 1,
        _ => return None,
    };
    match number.parse::<i64>() {
        Ok(number) => number.checked_mul(ticks),
        #[allow(clippy::cast_precision_loss, reason = "a day has few ticks")]
        Err(_) => super::number::truncated(number.parse::<f64>().ok()? * ticks as f64),
    }
}
