//! The words that a time in a text of no particular form is made of. Letter case does not count.

use super::names::MONTHS;

const JUMPS: &[&str] = &[
    " ", ".", ",", ";", "-", "/", "'", "at", "on", "and", "ad", "m", "t", "of", "st", "nd", "rd",
    "th",
];
const UNITS: &[[&str; 3]] = &[
    ["h", "hour", "hours"],
    ["m", "minute", "minutes"],
    ["s", "second", "seconds"],
];
/// Words that are numbers to Python, though none that a time has.
pub(super) const NUMBERS: &[&str] = &["nan", "inf", "infinity"];
/// The names of UTC.
pub(super) const ZONES: &[&str] = &["UTC", "GMT", "Z", "z"];

pub(super) fn place_in(names: &[&str], name: &str) -> Option<i64> {
    let is =
        |known: &&str| known.eq_ignore_ascii_case(name) || known[..3].eq_ignore_ascii_case(name);
    i64::try_from(names.iter().position(is)?).ok()
}

pub(super) fn month(name: &str) -> Option<i64> {
    if name.eq_ignore_ascii_case("sept") {
        return Some(9);
    }
    place_in(MONTHS, name).map(|at| at + 1)
}

pub(super) fn is_jump(token: &str) -> bool {
    JUMPS.iter().any(|jump| jump.eq_ignore_ascii_case(token))
}

/// Whether the word says the half of the day: the second one.
pub(super) fn half_of_day(token: &str) -> Option<bool> {
    match token.to_ascii_lowercase().as_str() {
        "am" | "a" => Some(false),
        "pm" | "p" => Some(true),
        _ => None,
    }
}

/// The place in hours, minutes and seconds.
pub(super) fn unit(token: &str) -> Option<usize> {
    UNITS
        .iter()
        .position(|names| names.iter().any(|name| name.eq_ignore_ascii_case(token)))
}

pub(super) fn is_zone(name: &str) -> bool {
    ZONES.iter().any(|zone| zone.eq_ignore_ascii_case(name))
}
