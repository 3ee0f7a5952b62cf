//! Numbers and timespans: how long each form is in the text, and what it is worth.
//!
//! Timespans are counted in ticks of 100 nanoseconds, as Kusto does; a literal that is not a whole number of ticks is cut.
//! Text that is no such value, or one that does not fit, is refused with [`NoValue`]; a typed null is `None`.

use super::lexer::is_word_character;
use super::token::TokenKind;

/// The text is not a value of the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoValue;

/// A value, or the type's null.
pub(super) type Nullable<T> = Result<Option<T>, NoValue>;

/// Ticks of one second.
const SECOND: i64 = 10_000_000;

/// The units of a timespan, each with its ticks; nanoseconds are handled apart.
const UNITS: &[(&str, i64)] = &[
    ("d", 86_400 * SECOND),
    ("day", 86_400 * SECOND),
    ("days", 86_400 * SECOND),
    ("h", 3_600 * SECOND),
    ("hr", 3_600 * SECOND),
    ("hrs", 3_600 * SECOND),
    ("hour", 3_600 * SECOND),
    ("hours", 3_600 * SECOND),
    ("m", 60 * SECOND),
    ("min", 60 * SECOND),
    ("minute", 60 * SECOND),
    ("minutes", 60 * SECOND),
    ("s", SECOND),
    ("sec", SECOND),
    ("second", SECOND),
    ("seconds", SECOND),
    ("ms", SECOND / 1_000),
    ("milli", SECOND / 1_000),
    ("millis", SECOND / 1_000),
    ("millisec", SECOND / 1_000),
    ("millisecond", SECOND / 1_000),
    ("milliseconds", SECOND / 1_000),
    ("micro", SECOND / 1_000_000),
    ("micros", SECOND / 1_000_000),
    ("microsec", SECOND / 1_000_000),
    ("microsecond", SECOND / 1_000_000),
    ("microseconds", SECOND / 1_000_000),
    ("tick", 1),
    ("ticks", 1),
    ("nano", 0),
    ("nanos", 0),
    ("nanosec", 0),
    ("nanosecond", 0),
    ("nanoseconds", 0),
];

fn digits(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len())
}

fn ends_word(text: &str, at: usize) -> bool {
    !text
        .get(at..)
        .and_then(|rest| rest.chars().next())
        .is_some_and(is_word_character)
}

fn tail(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or("")
}

/// The kind and length of the number, timespan or digit-first word that `text` starts with.
pub(super) fn scan(text: &str) -> (TokenKind, usize) {
    if let Some(length) = real_length(text) {
        return (TokenKind::Real, length);
    }
    if let Some(length) = timespan_length(text) {
        return (TokenKind::Timespan, length);
    }
    let whole = digits(text);
    let hex = text
        .get(..2)
        .is_some_and(|head| head.eq_ignore_ascii_case("0x"));
    let length = if hex {
        2 + tail(text, 2)
            .find(|c: char| !c.is_ascii_hexdigit())
            .unwrap_or(text.len() - 2)
    } else {
        whole
    };
    if (!hex || length > 2) && ends_word(text, length) {
        (TokenKind::Long, length)
    } else {
        (TokenKind::Word, 0)
    }
}

fn real_length(text: &str) -> Option<usize> {
    let mut at = digits(text);
    let after = tail(text, at);
    let range = after.starts_with("..") && !after.starts_with("...");
    if after.starts_with('.') && !range {
        at += 1;
        at += digits(tail(text, at));
        at += exponent_length(tail(text, at)).unwrap_or(0);
    } else {
        at += exponent_length(after)?;
    }
    ends_word(text, at).then_some(at)
}

fn exponent_length(text: &str) -> Option<usize> {
    let sign = match text.as_bytes() {
        [b'e' | b'E', b'+' | b'-', ..] => 2,
        [b'e' | b'E', ..] => 1,
        _ => return None,
    };
    let count = digits(tail(text, sign));
    (count > 0).then_some(sign + count)
}

fn timespan_length(text: &str) -> Option<usize> {
    let mut at = digits(text);
    if tail(text, at).starts_with('.') {
        let fraction = digits(tail(text, at + 1));
        if fraction > 0 {
            at += 1 + fraction;
        }
    }
    let unit = tail(text, at);
    let length = unit.find(|c| !is_word_character(c)).unwrap_or(unit.len());
    unit_ticks(unit.get(..length)?)?;
    Some(at + length)
}

fn unit_ticks(name: &str) -> Option<i64> {
    UNITS
        .iter()
        .find(|(unit, _)| *unit == name)
        .map(|(_, ticks)| *ticks)
}

/// The ticks of `10m`, `1.5h` and their like.
fn short_timespan(text: &str) -> Option<i64> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(split);
    let ticks = unit_ticks(unit)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: i128 = whole.parse().ok()?;
    let fraction = fraction.get(..fraction.len().min(18))?;
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    let part: i128 = if fraction.is_empty() {
        0
    } else {
        fraction.parse().ok()?
    };
    let scaled = whole.checked_mul(scale)?.checked_add(part)?;
    let (multiplier, divisor) = if ticks == 0 {
        (1, 100)
    } else {
        (i128::from(ticks), 1)
    };
    i64::try_from(scaled.checked_mul(multiplier)? / (scale * divisor)).ok()
}

/// The ticks of `1.02:03:04.5` and its parts: days, hours and minutes, seconds and a fraction.
fn clock_timespan(text: &str) -> Option<i64> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut parts = text.split(':');
    let first = parts.next()?;
    let (days, hours) = match first.split_once('.') {
        Some((days, hours)) => (days.parse::<i64>().ok()?, hours.parse::<i64>().ok()?),
        None => (0, first.parse::<i64>().ok()?),
    };
    let Some(minutes) = parts.next() else {
        return hours
            .checked_mul(86_400)?
            .checked_mul(SECOND)
            .map(|ticks| if negative { -ticks } else { ticks });
    };
    let minutes: i64 = minutes.parse().ok()?;
    let (seconds, fraction) = match parts.next() {
        Some(seconds) => seconds.split_once('.').unwrap_or((seconds, "")),
        None => ("0", ""),
    };
    let seconds: i64 = seconds.parse().ok()?;
    if parts.next().is_some() || fraction.len() > 7 {
        return None;
    }
    let fraction: i64 = format!("{fraction:0<7}").parse().ok()?;
    let total = days
        .checked_mul(24)?
        .checked_add(hours)?
        .checked_mul(60)?
        .checked_add(minutes)?;
    let ticks = total
        .checked_mul(60)?
        .checked_add(seconds)?
        .checked_mul(SECOND)?
        .checked_add(fraction)?;
    Some(if negative { -ticks } else { ticks })
}

/// The text between the parentheses of `kind(...)`, trimmed; the text itself where there are none.
pub(super) fn enclosed_text(token: &str) -> &str {
    let Some(open) = token.find('(') else {
        return token;
    };
    let inner = token.get(open + 1..).unwrap_or("");
    inner.strip_suffix(')').unwrap_or(inner).trim()
}

/// The text between quotes, if the whole text is quoted.
pub(super) fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = text
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
        {
            return inner;
        }
    }
    text
}

/// The value of a timespan token, in ticks.
pub(super) fn timespan(token: &str) -> Nullable<i64> {
    let text = unquoted(enclosed_text(token));
    if text.eq_ignore_ascii_case("null") {
        return Ok(None);
    }
    let (negative, bare) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let short = short_timespan(bare).map(|ticks| if negative { -ticks } else { ticks });
    short
        .or_else(|| clock_timespan(text))
        .map(Some)
        .ok_or(NoValue)
}

/// The value of an integer token.
pub(super) fn integer(token: &str) -> Nullable<i64> {
    let text = enclosed_text(token);
    if text.eq_ignore_ascii_case("null") {
        return Ok(None);
    }
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    let value = match bare.strip_prefix("0x").or_else(|| bare.strip_prefix("0X")) {
        Some(hex) => {
            let value = u64::from_str_radix(hex, 16).ok().map(u64::cast_signed);
            if text.starts_with('-') {
                value.and_then(i64::checked_neg)
            } else {
                value
            }
        }
        None => text.parse().ok(),
    };
    value.map(Some).ok_or(NoValue)
}

/// The value of a real token.
pub(super) fn real(token: &str) -> Nullable<f64> {
    let text = enclosed_text(token);
    match text.to_ascii_lowercase().as_str() {
        "null" => Ok(None),
        "nan" => Ok(Some(f64::NAN)),
        "inf" | "+inf" => Ok(Some(f64::INFINITY)),
        "-inf" => Ok(Some(f64::NEG_INFINITY)),
        _ => text.parse().map(Some).map_err(|_| NoValue),
    }
}

/// A whole number of the largest unit that says it exactly: `90m`, `14d`, `3tick`.
pub(super) fn spell_timespan(ticks: i64) -> String {
    if ticks == 0 {
        return "0s".to_owned();
    }
    let unit = ["d", "h", "m", "s", "ms", "micros"]
        .into_iter()
        .find_map(|unit| {
            unit_ticks(unit)
                .filter(|size| ticks % size == 0)
                .map(|size| (ticks / size, unit))
        });
    let (count, unit) = unit.unwrap_or((ticks, "tick"));
    format!("{count}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timespans_are_ticks() {
        assert_eq!(timespan("1.5h"), Ok(Some(90 * 60 * SECOND)));
        assert_eq!(
            timespan("time(1.02:03:04.5)"),
            Ok(Some((93_784 * SECOND) + 5_000_000))
        );
        assert_eq!(timespan("timespan(7)"), Ok(Some(7 * 86_400 * SECOND)));
        assert_eq!(timespan("timespan(null)"), Ok(None));
        assert_eq!(timespan("time(5m)"), Ok(Some(300 * SECOND)));
        assert_eq!(timespan("time(x)"), Err(NoValue));
        for text in ["1d", "90m", "1ms", "7tick", "0s", "10micros"] {
            assert_eq!(
                timespan(text).ok().flatten().map(spell_timespan).as_deref(),
                Some(text)
            );
        }
    }

    #[test]
    fn integers_and_reals() {
        assert_eq!(integer("0x1F"), Ok(Some(31)));
        assert_eq!(integer("int(-5)"), Ok(Some(-5)));
        assert_eq!(integer("long(null)"), Ok(None));
        assert_eq!(integer("99999999999999999999"), Err(NoValue));
        assert_eq!(real("real(1.5)"), Ok(Some(1.5)));
        assert_eq!(real("1.e5"), Ok(Some(1e5)));
    }
}
