//! Times: what a clock shows, as microseconds since the start of 1970, and the parts of it.
//!
//! The calendar is the Gregorian one for every year from 1 to 9999, as in Python; a time outside of these years is missing. A
//! time that is read from a text is a list of two: the microseconds since 1970 by its own clock, and how far its clock is ahead
//! of UTC in microseconds, `null` where the text does not say.

mod date;
mod decimal;
mod digit;
mod format;
mod free;
mod names;
mod parse;
mod token;
mod word;

use serde_json::{Value, json};

pub use format::{Format, Unusable};

use super::calendar::{self, days_in, is_leap};

/// The days from the start of the year 1 to that of 1970.
const EPOCH: i64 = 719_162;
/// Microseconds of a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds of a day.
pub const DAY: i64 = 86_400 * SECOND;
/// The first microsecond of the year 1.
const FIRST: i64 = -EPOCH * DAY;
/// The first microsecond after the year 9999.
const END: i64 = 2_932_897 * DAY;

/// What a clock shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Clock {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    microsecond: i64,
}

impl Clock {
    /// What the clock shows so many microseconds after the start of 1970.
    fn at(micros: i64) -> Self {
        let (year, month, day) = date_of(micros.div_euclid(DAY));
        let rest = micros.rem_euclid(DAY);
        let seconds = rest / SECOND;
        Self {
            year,
            month,
            day,
            hour: seconds / 3_600,
            minute: seconds / 60 % 60,
            second: seconds % 60,
            microsecond: rest % SECOND,
        }
    }

    /// The microseconds since 1970; `None` where no clock shows this.
    fn micros(self) -> Option<i64> {
        let within = (1..=9_999).contains(&self.year)
            && (1..=12).contains(&self.month)
            && (1..=days_in(self.year, self.month)).contains(&self.day)
            && (0..24).contains(&self.hour)
            && (0..60).contains(&self.minute)
            && (0..60).contains(&self.second)
            && (0..SECOND).contains(&self.microsecond);
        within.then(|| {
            let seconds = self.hour * 3_600 + self.minute * 60 + self.second;
            days_to(self.year, self.month, self.day) * DAY + seconds * SECOND + self.microsecond
        })
    }
}

/// The days from the start of 1970 to a date.
pub(crate) fn days_to(year: i64, month: i64, day: i64) -> i64 {
    calendar::days_to(year, month, day) - EPOCH
}

/// The date so many days after the start of 1970.
fn date_of(days: i64) -> (i64, i64, i64) {
    calendar::date_of(days + EPOCH)
}

/// The day of the week of a day since 1970, Monday being 0.
fn weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7)
}

/// The time that the text spells in the first of the formats that it follows.
pub(super) fn read(text: &str, formats: &[&Value]) -> Option<Value> {
    let mut formats = formats.iter();
    formats.find_map(|format| {
        let (clock, offset) = Format::parse(format.as_str()?).ok()?.read(text)?;
        Some(json!([clock, offset]))
    })
}

/// The time that the text spells in any way, what it leaves out being that of the day of another time; an empty list where a
/// number is too large for a calendar.
pub(super) fn guess(text: &str, now: i64) -> Option<Value> {
    match free::read(text, now) {
        Ok((clock, offset)) => Some(json!([clock, offset])),
        Err(free::Unread::TooLarge) => Some(json!([])),
        Err(free::Unread::NoTime) => None,
    }
}

/// The time so many seconds after the start of 1970, to the nearest microsecond, halves to the even one.
pub(super) fn of_seconds(seconds: &Value) -> Option<Value> {
    let micros = match seconds.as_i64() {
        Some(seconds) => seconds.checked_mul(SECOND)?,
        None => of_real_seconds(seconds.as_f64()?)?,
    };
    (FIRST..END).contains(&micros).then(|| micros.into())
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "the seconds were found to be within the calendar"
)]
fn of_real_seconds(seconds: f64) -> Option<i64> {
    let whole = seconds.trunc();
    if whole.abs() > 1e12 {
        return None;
    }
    let fraction = ((seconds - whole) * 1e6).round_ties_even();
    Some(whole as i64 * SECOND + fraction as i64)
}

/// The part of a time that is called so.
pub(super) fn part(micros: i64, name: &str) -> Option<Value> {
    let clock = Clock::at(micros);
    let part = match name {
        "year" => clock.year,
        "month" => clock.month,
        "day" => clock.day,
        "hour" => clock.hour,
        "minute" => clock.minute,
        "second" => clock.second,
        "microsecond" => clock.microsecond,
        "weekday" => weekday(micros.div_euclid(DAY)),
        _ => return None,
    };
    (FIRST..END).contains(&micros).then(|| part.into())
}

/// The microseconds since 1970 of what a clock shows: year, month, day, hour, minute, second, microsecond.
pub fn clock(parts: [i64; 7]) -> Option<i64> {
    let [year, month, day, hour, minute, second, microsecond] = parts;
    let shown = Clock {
        year,
        month,
        day,
        hour,
        minute,
        second,
        microsecond,
    };
    shown.micros()
}

/// The first microsecond of the calendar, and the last.
pub fn bounds() -> (i64, i64) {
    (FIRST, END - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_goes_there_and_back() {
        for days in (FIRST / DAY..END / DAY).step_by(97) {
            let micros = days * DAY + 3_723_000_004;
            let clock = Clock::at(micros);
            assert_eq!(clock.micros(), Some(micros), "{clock:?}");
            assert_eq!((clock.hour, clock.minute, clock.second), (1, 2, 3));
        }
        assert_eq!(Clock::at(FIRST).micros(), Some(FIRST));
        assert_eq!((Clock::at(FIRST).year, Clock::at(END - 1).year), (1, 9_999));
        assert_eq!(clock([1900, 2, 29, 0, 0, 0, 0]), None);
        assert_eq!(part(0, "weekday"), Some(json!(3)), "a Thursday");
    }

    #[test]
    fn seconds_become_the_nearest_microsecond() {
        for (seconds, micros) in [
            (json!(1), Some(1_000_000)),
            (json!(0.000_000_5), Some(0)),
            (json!(0.000_001_5), Some(2)),
            (json!(-1.5), Some(-1_500_000)),
            (
                json!(1_546_300_800.123_456),
                Some(1_546_300_800_123_456_i64),
            ),
            (json!(999_999_999_999_i64), None),
            (json!(1e300), None),
        ] {
            assert_eq!(of_seconds(&seconds), micros.map(Value::from), "{seconds}");
        }
    }
}
