//! Durations in every form that rules use: `10m`, `1h`, `14d`, ISO 8601 (`PT1H`, `P1DT2H`), and time spans (`1.02:00:00`).

use std::time::Duration;

/// The duration that a text spells; `None` where it is none.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Some(period) = text.strip_prefix(['P', 'p']) {
        return iso(period);
    }
    if text.contains(':') {
        return span(text);
    }
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let seconds = match unit.trim().to_ascii_lowercase().as_str() {
        "s" | "sec" | "second" | "seconds" => 1,
        "m" | "min" | "minute" | "minutes" => 60,
        "h" | "hr" | "hour" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        _ => return None,
    };
    number
        .parse::<u64>()
        .ok()?
        .checked_mul(seconds)
        .map(Duration::from_secs)
}

/// The duration in whole days, hours or minutes, or else as a time span.
pub(super) fn spell(length: Duration) -> String {
    let seconds = length.as_secs();
    for (unit, name) in [(86_400, 'd'), (3_600, 'h'), (60, 'm')] {
        if seconds > 0 && seconds.is_multiple_of(unit) {
            return format!("{}{name}", seconds / unit);
        }
    }
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (hours, minutes, seconds) = (rest / 3_600, rest / 60 % 60, rest % 60);
    if days > 0 {
        format!("{days}.{hours:02}:{minutes:02}:{seconds:02}")
    } else {
        format!("{hours:02}:{minutes:02}:{seconds:02}")
    }
}

fn iso(period: &str) -> Option<Duration> {
    let (date, time) = period.split_once(['T', 't']).unwrap_or((period, ""));
    let days = parts(date, &[('W', 604_800), ('D', 86_400)])?;
    let seconds = parts(time, &[('H', 3_600), ('M', 60), ('S', 1)])?;
    (!period.is_empty()).then_some(())?;
    days.checked_add(seconds).map(Duration::from_secs)
}

fn parts(mut text: &str, units: &[(char, u64)]) -> Option<u64> {
    let mut total = 0_u64;
    while !text.is_empty() {
        let at = text.find(|c: char| !c.is_ascii_digit())?;
        let unit = text[at..].chars().next()?.to_ascii_uppercase();
        let (_, seconds) = units.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(text[..at].parse::<u64>().ok()?.checked_mul(*seconds)?)?;
        text = &text[at + 1..];
    }
    Some(total)
}

/// `hours:minutes:seconds`, with days and a dot before it.
fn span(text: &str) -> Option<Duration> {
    let (days, clock) = match text.split_once('.') {
        Some((days, clock)) if clock.contains(':') => (days.parse::<u64>().ok()?, clock),
        _ => (0, text),
    };
    let mut clock = clock.split(':');
    let hours: u64 = clock.next()?.parse().ok()?;
    let minutes: u64 = clock.next()?.parse().ok()?;
    let seconds: u64 = clock
        .next()
        .map_or(Some(0), |seconds| seconds.split('.').next()?.parse().ok())?;
    let whole = days
        .checked_mul(24)?
        .checked_add(hours)?
        .checked_mul(60)?
        .checked_add(minutes)?;
    whole
        .checked_mul(60)?
        .checked_add(seconds)
        .map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        for (text, seconds) in [
            ("10m", 600),
            ("1h", 3_600),
            ("14d", 1_209_600),
            ("PT1H", 3_600),
            ("P1D", 86_400),
            ("P1DT2H30M", 95_400),
            ("P2W", 1_209_600),
            ("01:30:00", 5_400),
            ("1.02:00:00", 93_600),
            ("90 min", 5_400),
        ] {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_spelt_is_read_back() {
        for (seconds, text) in [
            (600, "10m"),
            (7_200, "2h"),
            (86_400, "1d"),
            (5_400, "90m"),
            (61, "00:01:01"),
            (90_061, "1.01:01:01"),
            (0, "00:00:00"),
        ] {
            let length = Duration::from_secs(seconds);
            assert_eq!(spell(length), text);
            assert_eq!(parse(text), Some(length));
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            "h",
            "10",
            "10x",
            "P",
            "PT1X",
            "1:x",
            "99999999999999999999d",
            "-1h",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
