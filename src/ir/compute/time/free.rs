//! A time in a text of no particular form, as the Python package `dateutil` reads it.
//!
//! What the text leaves out is that of the day on which it is read, the time of day that of its start; a year of two digits is
//! within fifty years. The machine runs in UTC, so that this is the only zone that is known by a name. Invariant: a text either
//! spells one time, or none, or has a number that is too large for a calendar.

use super::date::Date;
use super::decimal::Decimal;
use super::digit::{digit, number};
use super::names::WEEKDAYS;
use super::token::tokens;
use super::word::{NUMBERS, ZONES, half_of_day, is_jump, is_zone, month, place_in, unit};
use super::{Clock, DAY, END, FIRST, SECOND, days_in, is_leap, weekday};

/// Why a text is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is none.
    NoTime,
    /// A number in it is too large for a calendar.
    TooLarge,
}

type Step<T> = Result<T, Unread>;

/// The greatest number that a part of a time can be asked to be.
const GREATEST: i64 = i32::MAX as i64;
/// The greatest offset of a zone, in seconds.
const FARTHEST: i64 = 86_399_999_999_999;

/// The clock that the text shows, in microseconds since 1970, and how far it is ahead of UTC.
pub(super) fn read(text: &str, now: i64) -> Step<(i64, Option<i64>)> {
    let mut reader = Reader {
        tokens: tokens(text),
        year_now: Clock::at(now).year,
        ..Reader::default()
    };
    reader.all()?;
    reader.time(now)
}

/// What was read so far.
#[derive(Debug, Default)]
struct Reader {
    tokens: Vec<String>,
    year_now: i64,
    date: Date,
    weekday: Option<i64>,
    hour: Option<i64>,
    minute: Option<i64>,
    second: Option<i64>,
    microsecond: Option<i64>,
    zone: Option<String>,
    offset: Option<i64>,
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn whole(digits: &[char]) -> Step<i64> {
    number(digits).ok_or(Unread::NoTime)
}

fn adjusted(hour: i64, afternoon: bool) -> i64 {
    match hour {
        hour if hour < 12 && afternoon => hour + 12,
        12 if !afternoon => 0,
        hour => hour,
    }
}

impl Reader {
    fn token(&self, at: usize) -> Option<&str> {
        self.tokens.get(at).map(String::as_str)
    }

    /// The token, without which the text is no time.
    fn required(&self, at: usize) -> Step<&str> {
        self.token(at).ok_or(Unread::NoTime)
    }

    fn all(&mut self) -> Step<()> {
        let mut at = 0;
        while at < self.tokens.len() {
            at = self.one(at)? + 1;
        }
        Ok(())
    }

    /// Reads what begins at a token; the last token that belongs to it.
    fn one(&mut self, at: usize) -> Step<usize> {
        let token = self.tokens[at].clone();
        if token.starts_with(|c| digit(c).is_some()) {
            return self.number(at, &token);
        }
        if NUMBERS
            .iter()
            .any(|number| number.eq_ignore_ascii_case(&token))
        {
            return Err(Unread::NoTime);
        }
        if let Some(day) = place_in(WEEKDAYS, &token) {
            self.weekday = Some(day);
        } else if let Some(month) = month(&token) {
            return self.month(at, month);
        } else if let Some(afternoon) = half_of_day(&token) {
            let hour = self.hour.filter(|hour| (0..=12).contains(hour));
            self.hour = Some(adjusted(hour.ok_or(Unread::NoTime)?, afternoon));
        } else if self.can_be_zone(&token, self.offset) {
            self.zone(at, token);
        } else if self.hour.is_some() && matches!(token.as_str(), "+" | "-") {
            return self.numbered_zone(at, token == "+");
        } else if !is_jump(&token) {
            return Err(Unread::NoTime);
        }
        Ok(at)
    }

    /// A month by its name, and the day and year that follow it.
    fn month(&mut self, at: usize, month: i64) -> Step<usize> {
        self.date.named(month)?;
        let next = self.token(at + 1);
        if let Some(separator @ ("-" | "/")) = next {
            let separator = separator.to_owned();
            let digits = chars(self.required(at + 2)?);
            self.date.spelled(&digits, None)?;
            if self.token(at + 3) != Some(&separator) {
                return Ok(at + 2);
            }
            let digits = chars(self.required(at + 4)?);
            self.date.spelled(&digits, None)?;
            return Ok(at + 4);
        }
        let of = self
            .token(at + 2)
            .is_some_and(|word| word.eq_ignore_ascii_case("of"));
        let Some(year) = self.token(at + 4).map(chars) else {
            return Ok(at);
        };
        if !of || next != Some(" ") || self.token(at + 3) != Some(" ") {
            return Ok(at);
        }
        if year.iter().all(|c| digit(*c).is_some()) {
            let year = self.full_year(whole(&year)?, false).to_string();
            self.date
                .spelled(&chars(&year), Some(super::date::Label::Year))?;
        }
        Ok(at + 4)
    }

    /// A year of two digits in its century.
    fn full_year(&self, year: i64, century: bool) -> i64 {
        if year >= 100 || century {
            return year;
        }
        let year = year + self.year_now / 100 * 100;
        if year >= self.year_now + 50 {
            year - 100
        } else if year < self.year_now - 50 {
            year + 100
        } else {
            year
        }
    }

    fn can_be_zone(&self, token: &str, offset: Option<i64>) -> bool {
        self.hour.is_some()
            && self.zone.is_none()
            && offset.is_none()
            && token.chars().count() <= 5
            && (token.chars().all(|c| c.is_ascii_uppercase()) || ZONES.contains(&token))
    }

    /// The name of a zone. With a sign behind it, what follows is how far it is behind.
    fn zone(&mut self, at: usize, token: String) {
        self.offset = (token == "z").then_some(0);
        let turned = match self.token(at + 1) {
            Some("+") => "-",
            Some("-") => "+",
            _ => {
                self.zone = Some(token);
                return;
            }
        };
        turned.clone_into(&mut self.tokens[at + 1]);
        self.offset = None;
        self.zone = (!is_zone(&token)).then_some(token);
    }

    /// `+hhmm`, `+hh:mm` or `+hh`, and the zone's name in parentheses.
    fn numbered_zone(&mut self, mut at: usize, ahead: bool) -> Step<usize> {
        let digits = chars(self.required(at + 1)?);
        let (hours, minutes) = if digits.len() == 4 {
            (whole(&digits[..2])?, whole(&digits[2..])?)
        } else if self.token(at + 2) == Some(":") {
            let minutes = chars(self.required(at + 3)?);
            at += 2;
            (whole(&digits)?, whole(&minutes)?)
        } else if digits.len() <= 2 {
            (whole(&digits)?, 0)
        } else {
            return Err(Unread::NoTime);
        };
        let seconds = hours
            .saturating_mul(3_600)
            .saturating_add(minutes.saturating_mul(60));
        self.offset = Some(if ahead { seconds } else { -seconds });
        let in_brackets = self.token(at + 2).is_some_and(is_jump)
            && self.token(at + 3) == Some("(")
            && self.token(at + 5) == Some(")");
        let name = self.token(at + 4).filter(|_| in_brackets);
        let name = name.filter(|name| name.chars().count() >= 3 && self.can_be_zone(name, None));
        if let Some(name) = name.map(str::to_owned) {
            self.zone = Some(name);
            at += 4;
        }
        Ok(at + 1)
    }

    /// What begins with a number.
    fn number(&mut self, at: usize, token: &str) -> Step<usize> {
        let value = Decimal::of(token)?;
        let digits = chars(token);
        let length = digits.len();
        let next = self.token(at + 1);
        let of_time = next.is_some_and(|next| next == ":" || unit(next).is_some());
        if self.date.parts.len() == 3 && matches!(length, 2 | 4) && self.hour.is_none() && !of_time
        {
            self.hour = Some(whole(&digits[..2])?);
            if length == 4 {
                self.minute = Some(whole(&digits[2..])?);
            }
            return Ok(at);
        }
        let point = digits.iter().position(|c| *c == '.');
        if length == 6 || length > 6 && point == Some(6) {
            return self.six_digits(at, &digits, point.is_some());
        }
        if matches!(length, 8 | 12 | 14) {
            return self.date_and_time(at, &digits);
        }
        if let Some(place) = self.unit_place(at) {
            return self.with_unit(at, place, &value, &digits);
        }
        if next == Some(":") && self.token(at + 2).is_some() {
            return self.clock(at, &value);
        }
        if let Some(separator @ ("-" | "/" | ".")) = next {
            let separator = separator.to_owned();
            return self.separated(at, &digits, &separator);
        }
        if next.is_none_or(is_jump) {
            let half = self.token(at + 2).and_then(half_of_day);
            if let Some(afternoon) = half {
                self.hour = Some(adjusted(value.whole(), afternoon));
                return Ok(at + 2);
            }
            self.date.counted(value.whole(), value.exceeds(100))?;
            return Ok(at + 1);
        }
        match next.and_then(half_of_day) {
            Some(afternoon) if value.whole() < 24 => {
                self.hour = Some(adjusted(value.whole(), afternoon));
                Ok(at + 1)
            }
            _ if value.whole() >= 1 && !value.exceeds(self.date.last_day()) => {
                self.date.counted(value.whole(), false)?;
                Ok(at)
            }
            _ => Err(Unread::NoTime),
        }
    }

    /// `YYMMDD`, or `hhmmss` with or without a fraction.
    fn six_digits(&mut self, at: usize, digits: &[char], point: bool) -> Step<usize> {
        if self.date.parts.is_empty() && !point {
            for part in [&digits[..2], &digits[2..4], &digits[4..]] {
                self.date.spelled(part, None)?;
            }
        } else {
            self.hour = Some(whole(&digits[..2])?);
            self.minute = Some(whole(&digits[2..4])?);
            self.seconds(&digits[4..])?;
        }
        Ok(at)
    }

    /// `YYYYMMDD`, `YYYYMMDDhhmm` or `YYYYMMDDhhmmss`.
    fn date_and_time(&mut self, at: usize, digits: &[char]) -> Step<usize> {
        self.date
            .spelled(&digits[..4], Some(super::date::Label::Year))?;
        self.date.spelled(&digits[4..6], None)?;
        self.date.spelled(&digits[6..8], None)?;
        if digits.len() > 8 {
            self.hour = Some(whole(&digits[8..10])?);
            self.minute = Some(whole(&digits[10..12])?);
        }
        if digits.len() > 12 {
            self.second = Some(whole(&digits[12..])?);
        }
        Ok(at)
    }

    /// Where the unit of a number stands: behind it, or before it.
    fn unit_place(&self, at: usize) -> Option<usize> {
        let is_unit = |at: usize| self.token(at).is_some_and(|token| unit(token).is_some());
        let is_blank = |at: usize| self.token(at) == Some(" ");
        if is_unit(at + 1) {
            Some(at + 1)
        } else if is_blank(at + 1) && is_unit(at + 2) {
            Some(at + 2)
        } else if at > 0 && is_unit(at - 1) {
            Some(at - 1)
        } else if at > 1 && at + 1 == self.tokens.len() && is_blank(at - 1) && is_unit(at - 2) {
            Some(at - 2)
        } else {
            None
        }
    }

    /// A number of hours, minutes or seconds. A unit before it is that of the number before, and the next smaller one is meant.
    fn with_unit(
        &mut self,
        at: usize,
        place: usize,
        value: &Decimal,
        digits: &[char],
    ) -> Step<usize> {
        let before = place < at;
        let named = self.token(place).and_then(unit).unwrap_or(0);
        match named + usize::from(before) {
            0 => {
                self.hour = Some(value.whole());
                if let Some(minutes) = value.sixtieths()? {
                    self.minute = Some(minutes);
                }
            }
            1 => self.minutes(value)?,
            2 => self.seconds(digits)?,
            _ => {}
        }
        Ok(if before { at } else { place })
    }

    fn minutes(&mut self, value: &Decimal) -> Step<()> {
        self.second = value.sixtieths()?;
        self.minute = Some(value.whole());
        Ok(())
    }

    /// Seconds with or without a fraction.
    fn seconds(&mut self, digits: &[char]) -> Step<()> {
        let Some(point) = digits.iter().position(|c| *c == '.') else {
            self.second = Some(whole(digits)?);
            self.microsecond = Some(0);
            return Ok(());
        };
        self.second = Some(whole(&digits[..point])?);
        let mut fraction = digits[point + 1..].to_vec();
        fraction.resize(6, '0');
        self.microsecond = Some(whole(&fraction)?);
        Ok(())
    }

    /// `hh:mm`, `hh:mm:ss`, with or without a fraction.
    fn clock(&mut self, at: usize, hour: &Decimal) -> Step<usize> {
        self.hour = Some(hour.whole());
        let minutes = Decimal::of(self.required(at + 2)?)?;
        self.minutes(&minutes)?;
        if self.token(at + 3) == Some(":") && self.token(at + 4).is_some() {
            let digits = chars(self.required(at + 4)?);
            self.seconds(&digits)?;
            return Ok(at + 4);
        }
        Ok(at + 2)
    }

    /// `01-02`, `01-Feb` and so on, with a third part behind the same separator.
    fn separated(&mut self, at: usize, digits: &[char], separator: &str) -> Step<usize> {
        self.date.spelled(digits, None)?;
        let Some(second) = self.token(at + 2).filter(|token| !is_jump(token)) else {
            return Ok(at + 1);
        };
        let second = second.to_owned();
        self.date.month_or_number(&second)?;
        if self.token(at + 3) != Some(separator) {
            return Ok(at + 2);
        }
        let third = self.required(at + 4)?.to_owned();
        self.date.month_or_number(&third)?;
        Ok(at + 4)
    }

    /// The time that was read; what is not there is that of the start of the day.
    fn time(&self, now: i64) -> Step<(i64, Option<i64>)> {
        let (year, month, day) = self.date.resolve()?;
        let year = year.map(|year| self.full_year(year, self.date.century));
        let asked = [year, month, day, self.hour, self.minute, self.second];
        let nothing = asked.iter().all(Option::is_none)
            && self.weekday.is_none()
            && self.microsecond.is_none();
        if nothing {
            return Err(Unread::NoTime);
        }
        let today = Clock::at(now);
        let (year_or, month_or) = (year.unwrap_or(today.year), month.unwrap_or(today.month));
        let day_or = match day {
            Some(day) => day,
            None if !(1..=12).contains(&month_or) => return Err(Unread::NoTime),
            None if month_or == 2 => today.day.min(28 + i64::from(is_leap(year_or))),
            None => today.day.min(days_in(2000, month_or)),
        };
        if asked.iter().flatten().any(|part| *part > GREATEST) {
            return Err(Unread::TooLarge);
        }
        let clock = Clock {
            year: year_or,
            month: month_or,
            day: day_or,
            hour: self.hour.unwrap_or(0),
            minute: self.minute.unwrap_or(0),
            second: self.second.unwrap_or(0),
            microsecond: self.microsecond.unwrap_or(0),
        };
        let mut micros = clock.micros().ok_or(Unread::NoTime)?;
        if let (Some(wanted), None) = (self.weekday, day) {
            let ahead = (7 - weekday(micros.div_euclid(DAY)) + wanted) % 7;
            micros += ahead * DAY;
        }
        if !(FIRST..END).contains(&micros) {
            return Err(Unread::TooLarge);
        }
        Ok((micros, self.zone_offset()?))
    }

    /// How far the clock is ahead of UTC in microseconds, where that is known.
    fn zone_offset(&self) -> Step<Option<i64>> {
        match (&self.zone, self.offset) {
            (Some(name), _) if name == "UTC" || name == "Z" || name == "z" => Ok(Some(0)),
            (Some(name), offset) if is_zone(name) && offset != Some(0) => Ok(Some(0)),
            (_, Some(seconds)) if seconds.abs() > FARTHEST => Err(Unread::TooLarge),
            (_, Some(seconds)) => Ok(Some(seconds.saturating_mul(SECOND))),
            (_, None) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::guess;

    /// What `dateutil` gives on the 29th of February 2024.
    #[test]
    fn times_are_read_as_dateutil_reads_them() {
        let now = 1_709_212_455_000_000;
        for (text, expected) in [
            ("2019-01-02", Some(json!([1_546_387_200_000_000_i64, null]))),
            (
                "2019-01-02T03:04:05Z",
                Some(json!([1_546_398_245_000_000_i64, 0_i64])),
            ),
            (
                "2019-01-02T03:04:05.678+05:30",
                Some(json!([1_546_398_245_678_000_i64, 19_800_000_000_i64])),
            ),
            (
                "20190102T030405",
                Some(json!([1_546_398_245_000_000_i64, null])),
            ),
            (
                "20190102030405",
                Some(json!([1_546_398_245_000_000_i64, null])),
            ),
            ("190102", Some(json!([1_011_398_400_000_000_i64, null]))),
            (
                "Jan 2 2019 3pm",
                Some(json!([1_546_441_200_000_000_i64, null])),
            ),
            (
                "2 January, 2019 12 am",
                Some(json!([1_546_387_200_000_000_i64, null])),
            ),
            ("Sept of 19", Some(json!([1_569_715_200_000_000_i64, null]))),
            ("Tue", Some(json!([1_709_596_800_000_000_i64, null]))),
            (
                "Wednesday 10:30",
                Some(json!([1_709_721_000_000_000_i64, null])),
            ),
            (
                "10:30:15 UTC",
                Some(json!([1_709_202_615_000_000_i64, 0_i64])),
            ),
            (
                "10:30 GMT+3",
                Some(json!([1_709_202_600_000_000_i64, -10_800_000_000_i64])),
            ),
            ("10:30 EST", Some(json!([1_709_202_600_000_000_i64, null]))),
            (
                "10:30 EST-5",
                Some(json!([1_709_202_600_000_000_i64, 18_000_000_000_i64])),
            ),
            (
                "10:30 -0300 (BRST)",
                Some(json!([1_709_202_600_000_000_i64, -10_800_000_000_i64])),
            ),
            (
                "10h36m28.5s",
                Some(json!([1_709_202_988_500_000_i64, null])),
            ),
            ("36 h", None),
            (
                "12 h 30.5 m",
                Some(json!([1_709_209_830_000_000_i64, null])),
            ),
            ("99-1-2", Some(json!([915_235_200_000_000_i64, null]))),
            ("13/1/2019", Some(json!([1_547_337_600_000_000_i64, null]))),
            ("1/13/19", Some(json!([1_547_337_600_000_000_i64, null]))),
            ("1/2/3", Some(json!([1_041_465_600_000_000_i64, null]))),
            ("12,5", Some(json!([1_707_696_000_000_000_i64, null]))),
            ("2.30", Some(json!([1_706_832_000_000_000_i64, null]))),
            ("February", Some(json!([1_709_164_800_000_000_i64, null]))),
            ("1999-02", Some(json!([920_160_000_000_000_i64, null]))),
            ("30", None),
            ("Feb 30 2019", None),
            ("2019-13-01", None),
            ("10:30 pm", Some(json!([1_709_245_800_000_000_i64, null]))),
            ("13:30 pm", None),
            ("am", None),
            ("abc", None),
            ("N/A", None),
            ("", None),
            (
                "2019-01-02 10:30 +99:00",
                Some(json!([1_546_425_000_000_000_i64, 356_400_000_000_i64])),
            ),
            ("99999999999-01-02", Some(json!([]))),
            ("1546300800", None),
            ("154630080000", None),
            ("5000000000", Some(json!([]))),
            ("12345678901234567890123456789 h", Some(json!([]))),
            ("0.99999999999999999999999999999 m 10 h", None),
            ("inf", None),
            (
                "\u{662}\u{660}\u{661}\u{669}-01-02",
                Some(json!([1_546_387_200_000_000_i64, null])),
            ),
            (
                "2019-01-02\u{a0}03:04",
                Some(json!([1_546_398_240_000_000_i64, null])),
            ),
            (
                "2019-01-02T03:04:05,5",
                Some(json!([1_546_398_245_500_000_i64, null])),
            ),
            (
                "9999-12-31 Sat 10:00",
                Some(json!([253_402_250_400_000_000_i64, null])),
            ),
            ("24:00", None),
            ("12:60", None),
        ] {
            assert_eq!(guess(text, now), expected, "{text}");
        }
    }
}
