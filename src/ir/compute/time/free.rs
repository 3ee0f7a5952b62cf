//! A time in a text of no particular form, as the Python package `dateutil` reads it.
//!
//! What the text leaves out is that of the day on which it is read, the time of day that of its start; a year of two digits is
//! within fifty years. The machine runs in UTC, so that this is the only zone that is known by a name. Invariant: a text either
//! spells one time, or none, or has a number that is too large for a calendar.

use super::date::Date;
use super::digit::{digit, number, unbounded};
use super::token::tokens;
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

/// Digits that Python's decimal numbers are computed with.
const PRECISION: usize = 28;
/// The greatest number that a part of a time can be asked to be.
const GREATEST: i64 = i32::MAX as i64;
/// The greatest offset of a zone, in seconds.
const FARTHEST: i64 = 86_399_999_999_999;

const JUMPS: &[&str] = &[
    " ", ".", ",", ";", "-", "/", "'", "at", "on", "and", "ad", "m", "t", "of", "st", "nd", "rd",
    "th",
];
const WEEKDAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const UNITS: &[[&str; 3]] = &[
    ["h", "hour", "hours"],
    ["m", "minute", "minutes"],
    ["s", "second", "seconds"],
];
/// Words that are numbers to Python, though none that a time has.
const NUMBERS: &[&str] = &["nan", "inf", "infinity"];
const ZONES: &[&str] = &["UTC", "GMT", "Z", "z"];

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

/// A number with a fraction, by its digits.
struct Decimal {
    whole: Vec<char>,
    fraction: Vec<char>,
}

fn place_in(names: &[&str], name: &str) -> Option<i64> {
    let is =
        |known: &&str| known.eq_ignore_ascii_case(name) || known[..3].eq_ignore_ascii_case(name);
    i64::try_from(names.iter().position(|known| is(&known))?).ok()
}

fn month(name: &str) -> Option<i64> {
    if name.eq_ignore_ascii_case("sept") {
        return Some(9);
    }
    place_in(MONTHS, name).map(|at| at + 1)
}

fn is_jump(token: &str) -> bool {
    JUMPS.iter().any(|jump| jump.eq_ignore_ascii_case(token))
}

/// Whether the word says the half of the day: the second one.
fn half_of_day(token: &str) -> Option<bool> {
    match token.to_ascii_lowercase().as_str() {
        "am" | "a" => Some(false),
        "pm" | "p" => Some(true),
        _ => None,
    }
}

/// The place in hours, minutes and seconds.
fn unit(token: &str) -> Option<usize> {
    UNITS
        .iter()
        .position(|names| names.iter().any(|name| name.eq_ignore_ascii_case(token)))
}

fn is_zone(name: &str) -> bool {
    ZONES.iter().any(|zone| zone.eq_ignore_ascii_case(name))
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

impl Decimal {
    fn of(text: &str) -> Step<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let (whole, fraction) = (chars(whole), chars(fraction));
        let digits = whole.iter().chain(&fraction);
        if whole.is_empty() || digits.into_iter().any(|c| digit(*c).is_none()) {
            return Err(Unread::NoTime);
        }
        Ok(Self { whole, fraction })
    }

    fn whole(&self) -> i64 {
        unbounded(&self.whole).unwrap_or(i64::MAX)
    }

    fn has_fraction(&self) -> bool {
        self.fraction.iter().any(|c| digit(*c) != Some(0))
    }

    fn exceeds(&self, bound: i64) -> bool {
        self.whole() > bound || self.whole() == bound && self.has_fraction()
    }

    /// The whole sixtieths of the fraction, if there is one, as decimal numbers of a bounded precision give them.
    fn sixtieths(&self) -> Step<Option<i64>> {
        let significant = self.whole.iter().skip_while(|c| digit(**c) == Some(0));
        if significant.count() > PRECISION {
            return Err(Unread::TooLarge);
        }
        if !self.has_fraction() {
            return Ok(None);
        }
        let digits: Vec<u8> = self.fraction.iter().filter_map(|c| digit(*c)).collect();
        let (fraction, places) = rounded(&digits, digits.len());
        let product: Vec<u8> = (fraction * 60)
            .to_string()
            .bytes()
            .map(|b| b - b'0')
            .collect();
        let (product, places) = rounded(&product, places);
        let divisor = u32::try_from(places)
            .ok()
            .and_then(|places| 10_u128.checked_pow(places));
        let sixtieths = divisor.map_or(0, |divisor| product / divisor);
        Ok(Some(i64::try_from(sixtieths).unwrap_or(i64::MAX)))
    }
}

/// The number that decimal digits spell, and how many of them are behind the point: to the nearest number of the precision,
/// halves to the even one.
fn rounded(digits: &[u8], places: usize) -> (u128, usize) {
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    let (kept, dropped) = digits[zeros..].split_at(PRECISION.min(digits.len() - zeros));
    let number = kept
        .iter()
        .fold(0_u128, |sum, digit| sum * 10 + u128::from(*digit));
    let up = match dropped.split_first() {
        Some((5, rest)) => number % 2 == 1 || rest.iter().any(|digit| *digit != 0),
        Some((first, _)) => *first > 5,
        None => false,
    };
    (number + u128::from(up), places - dropped.len())
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
        self.tokens[at + 1] = turned.to_owned();
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
        if self.token(at + 2).is_some_and(is_jump)
            && self.token(at + 3) == Some("(")
            && self.token(at + 5) == Some(")")
            && let Some(name) = self.token(at + 4).map(str::to_owned)
            && name.chars().count() >= 3
            && self.can_be_zone(&name, None)
        {
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
        match month(second) {
            Some(month) => self.date.named(month)?,
            None => {
                let digits = chars(second);
                self.date.spelled(&digits, None)?;
            }
        }
        if self.token(at + 3) != Some(separator) {
            return Ok(at + 2);
        }
        let third = self.required(at + 4)?;
        match month(third) {
            Some(month) => self.date.named(month)?,
            None => {
                let digits = chars(third);
                self.date.spelled(&digits, None)?;
            }
        }
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
