//! The Gregorian calendar, taken back to the year 1: dates, and days counted from the start of that year.

/// Whether the year has 366 days.
pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// How many days the month has.
pub(super) fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days from the start of the year 1 to a date.
pub(super) fn days_to(year: i64, month: i64, day: i64) -> i64 {
    let before = year - 1;
    let leaps = before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    let months: i64 = (1..month).map(|month| days_in(year, month)).sum();
    before * 365 + leaps + months + day - 1
}

/// Year, month and day of the date so many days after the start of the year 1.
pub(super) fn date_of(days: i64) -> (i64, i64, i64) {
    // The mean year has 365.2425 days: at most one off, which the loops mend.
    let mut year = 1 + (days * 400).div_euclid(146_097);
    while days < days_to(year, 1, 1) {
        year -= 1;
    }
    while days >= days_to(year + 1, 1, 1) {
        year += 1;
    }
    let mut rest = days - days_to(year, 1, 1);
    let mut month = 1;
    while rest >= days_in(year, month) {
        rest -= days_in(year, month);
        month += 1;
    }
    (year, month, rest + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_are_inverse() {
        assert_eq!((days_to(1, 1, 1), days_to(1970, 1, 1)), (0, 719_162));
        for days in (-800_000..4_000_000).step_by(97) {
            let (year, month, day) = date_of(days);
            assert_eq!(days_to(year, month, day), days);
        }
    }
}
