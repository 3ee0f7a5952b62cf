//! The directives of a format: what a text may have in their place, and what that says.

use super::digit::{digit, number};
use super::format::Found;
use super::names::{MONTHS, WEEKDAYS};
use super::{Clock, DAY, SECOND, date_of, days_to};

/// The ways in which a directive of digits can be written, the first that fits deciding. Two characters of a way stand for one of
/// the text: the first and the last that it can be, or `NN` for any digit.
fn ways(directive: char) -> &'static [&'static str] {
    match directive {
        'd' => &["3301", "12NN", "0019", "19", "  19"],
        'H' => &["2203", "01NN", "NN"],
        'I' | 'm' => &["1102", "0019", "19"],
        'j' => &[
            "336606", "3305NN", "12NNNN", "0019NN", "000019", "19NN", "0019", "19",
        ],
        'M' => &["05NN", "NN"],
        'S' => &["6601", "05NN", "NN"],
        'w' => &["06"],
        'u' => &["17"],
        'y' => &["NNNN"],
        'Y' => &["NNNNNNNN"],
        _ => &[],
    }
}

/// How many characters the text begins with that the way stands for.
fn fits(way: &str, text: &[char]) -> Option<usize> {
    let length = way.len() / 2;
    let mut classes = way.as_bytes().chunks(2).zip(text.get(..length)?);
    let all = classes.all(|(class, c)| match class {
        b"NN" => digit(*c).is_some(),
        [first, last] => (char::from(*first)..=char::from(*last)).contains(c),
        _ => false,
    });
    all.then_some(length)
}

/// How many characters the directive can take, the preferred number first.
pub(super) fn lengths(directive: char, text: &[char]) -> Vec<usize> {
    let named = |names: &[&str], short: bool| -> Vec<usize> {
        let mut lengths: Vec<usize> = names
            .iter()
            .map(|name| if short { &name[..3] } else { name })
            .filter(|name| begins(text, name))
            .map(str::len)
            .collect();
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        lengths
    };
    match directive {
        'a' => named(WEEKDAYS, true),
        'A' => named(WEEKDAYS, false),
        'b' => named(MONTHS, true),
        'B' => named(MONTHS, false),
        'p' => named(&["am", "pm"], false),
        'Z' => named(&["utc", "gmt"], false),
        'f' => {
            let digits = text.iter().take(6).take_while(|c| c.is_ascii_digit());
            (1..=digits.count()).rev().collect()
        }
        'z' => offset_lengths(text),
        other => {
            let ways = ways(other).iter();
            ways.filter_map(|way| fits(way, text)).collect()
        }
    }
}

/// Whether the text begins with the word, in whatever letter case.
fn begins(text: &[char], word: &str) -> bool {
    word.len() <= text.len()
        && word
            .chars()
            .zip(text)
            .all(|(a, b)| a.eq_ignore_ascii_case(b))
}

/// `+hh[:]mm[[:]ss[.ffffff]]` or `Z`.
fn offset_lengths(text: &[char]) -> Vec<usize> {
    const SIXTY: &str = "05NN";
    let past_colon = |at: usize| at + usize::from(text.get(at) == Some(&':'));
    let rest = |at: usize| text.get(at..).unwrap_or_default();
    if text.first() == Some(&'Z') {
        return vec![1];
    }
    let minute = past_colon(3);
    if !text.first().is_some_and(|c| "+-".contains(*c))
        || fits("NNNN", rest(1)).is_none()
        || fits(SIXTY, rest(minute)).is_none()
    {
        return Vec::new();
    }
    let mut lengths = vec![minute + 2];
    let second = past_colon(minute + 2);
    if fits(SIXTY, rest(second)).is_some() {
        let end = second + 2;
        lengths.insert(0, end);
        if text.get(end) == Some(&'.') {
            let digits = rest(end + 1).iter().take(6);
            let digits = digits.take_while(|c| digit(**c).is_some()).count();
            for length in 1..=digits {
                lengths.insert(0, end + 1 + length);
            }
        }
    }
    lengths
}

/// What was found, as a time; `None` where there is no such time.
pub(super) fn interpret(found: &Found<'_>) -> Option<(i64, Option<i64>)> {
    let mut clock = Clock {
        year: 1900,
        month: 1,
        day: 1,
        ..Clock::default()
    };
    let (mut offset, mut day_of_year) = (None, None);
    for (directive, text) in found {
        match directive {
            'y' => clock.year = of_two_digits(number(text)?),
            'Y' => clock.year = number(text)?,
            'm' => clock.month = number(text)?,
            'b' | 'B' => clock.month = month(text)?,
            'd' => clock.day = number(text.strip_prefix(&[' ']).unwrap_or(text))?,
            'H' => clock.hour = number(text)?,
            'I' => clock.hour = hour_of_twelve(number(text)?, found),
            'M' => clock.minute = number(text)?,
            'S' => clock.second = number(text)?,
            'f' => clock.microsecond = fraction(text)?,
            'j' => day_of_year = Some(number(text)?),
            'z' => offset = Some(offset_of(text)?),
            _ => {}
        }
    }
    if let Some(day) = day_of_year {
        if clock.year == 0 {
            return None;
        }
        let (year, month, day) = date_of(days_to(clock.year, 1, 1) + day - 1);
        clock = Clock {
            year,
            month,
            day,
            ..clock
        };
    }
    Some((clock.micros()?, offset))
}

/// A year of two digits: from 1969 to 2068.
fn of_two_digits(year: i64) -> i64 {
    if year <= 68 {
        year + 2_000
    } else {
        year + 1_900
    }
}

fn month(name: &[char]) -> Option<i64> {
    let at = MONTHS.iter().position(|month| begins(name, &month[..3]))?;
    i64::try_from(at + 1).ok()
}

/// An hour of a clock of twelve hours; without a word about the half of the day the first.
fn hour_of_twelve(hour: i64, found: &Found<'_>) -> i64 {
    let afternoon = found
        .iter()
        .any(|(directive, text)| *directive == 'p' && begins(text, "p"));
    hour % 12 + if afternoon { 12 } else { 0 }
}

/// The microseconds of the digits after a point.
fn fraction(digits: &[char]) -> Option<i64> {
    let missing = u32::try_from(6_usize.checked_sub(digits.len())?).ok()?;
    Some(number(digits)? * 10_i64.pow(missing))
}

/// How far a clock is ahead of UTC, which is less than a day.
fn offset_of(text: &[char]) -> Option<i64> {
    if text == ['Z'] {
        return Some(0);
    }
    let mut rest = text.get(1..)?.to_vec();
    if rest.get(2) == Some(&':') {
        rest.remove(2);
        if rest.len() > 4 && rest.remove(4) != ':' {
            return None;
        }
    }
    let seconds = number(rest.get(..2)?)? * 3_600 + number(rest.get(2..4)?)? * 60;
    let seconds = match rest.get(4..6) {
        Some(more) => seconds + number(more)?,
        None => seconds,
    };
    let micros = match rest.get(7..) {
        Some(digits) if !digits.is_empty() => fraction(digits)?,
        _ => 0,
    };
    let offset = seconds * SECOND + micros;
    let signed = if text.first() == Some(&'-') {
        -offset
    } else {
        offset
    };
    (offset < DAY).then_some(signed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::read;

    /// What Python's `strptime` gives.
    #[test]
    fn the_first_format_that_fits_decides() {
        let formats = [json!("%Y-%m-%d"), json!("%Y-%d-%m"), json!("%d.%m.%y %z")];
        let formats: Vec<&serde_json::Value> = formats.iter().collect();
        for (text, expected) in [
            ("1970-01-02", Some(json!([86_400_000_000_i64, null]))),
            ("1970-13-01", Some(json!([1_036_800_000_000_i64, null]))),
            ("1970-13-13", None),
            ("1.1.70 -01:30", Some(json!([0, -5_400_000_000_i64]))),
            ("1.1.70  Z", Some(json!([0, 0]))),
            ("1.1.70 z", None),
            ("1.1.70 +24:00", None),
            ("1.1.70 +0100:30", None),
            ("1.1.70 +01:00:30.5", Some(json!([0, 3_630_500_000_i64]))),
        ] {
            assert_eq!(read(text, &formats), expected, "{text}");
        }
    }
}
