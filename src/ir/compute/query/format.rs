//! Points in time and spans in a format of specifiers: runs of one letter.

use super::calendar::{DAY, HOUR, MINUTE, SECOND, date_of};

/// What stands between specifiers.
fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '/' | '-' | ':' | ',' | '.' | '_' | '[' | ']')
}

/// A format with each run of a letter replaced; nothing where a run has no meaning.
fn filled(format: &str, specifier: impl Fn(char, usize) -> Option<String>) -> Option<String> {
    let mut result = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if is_separator(c) {
            result.push(c);
            continue;
        }
        let mut count = 1;
        while chars.next_if_eq(&c).is_some() {
            count += 1;
        }
        result.push_str(&specifier(c, count)?);
    }
    Some(result)
}

/// The first digits of a fraction of a second; with `F` without zeros at the end.
fn fraction(letter: char, count: usize, ticks: i64) -> Option<String> {
    let digits = format!("{:07}", ticks.rem_euclid(SECOND));
    let digits = digits.get(..count)?;
    Some(if letter == 'F' {
        digits.trim_end_matches('0').to_owned()
    } else {
        digits.to_owned()
    })
}

/// One digit or two.
fn padded(number: i64, count: usize) -> Option<String> {
    match count {
        1 => Some(number.to_string()),
        2 => Some(format!("{number:02}")),
        _ => None,
    }
}

/// A point in time in the format.
pub(super) fn moment(ticks: i64, format: &str) -> Option<String> {
    let (year, month, day) = date_of(ticks);
    let rest = ticks.rem_euclid(DAY);
    let hour = rest / HOUR;
    filled(format, |letter, count| match letter {
        'd' => padded(day, count),
        'f' | 'F' => fraction(letter, count, rest),
        'H' => padded(hour, count),
        'h' => padded((hour + 11) % 12 + 1, count),
        'm' => padded(rest / MINUTE % 60, count),
        'M' => padded(month, count),
        's' => padded(rest / SECOND % 60, count),
        'y' if count == 4 => Some(format!("{year:04}")),
        'y' if count == 2 => Some(format!("{:02}", year % 100)),
        't' if count == 2 => Some(if hour < 12 { "AM" } else { "PM" }.to_owned()),
        _ => None,
    })
}

/// A span in the format.
pub(super) fn span(ticks: i64, format: &str) -> Option<String> {
    let ticks = ticks.checked_abs()?;
    filled(format, |letter, count| match letter {
        'd' if count <= 8 => Some(format!("{:0count$}", ticks / DAY)),
        'f' | 'F' => fraction(letter, count, ticks),
        'H' | 'h' => padded(ticks / HOUR % 24, count),
        'm' => padded(ticks / MINUTE % 60, count),
        's' => padded(ticks / SECOND % 60, count),
        _ => None,
    })
}
