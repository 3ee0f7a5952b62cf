//! The calendar of points in time in ticks since the start of the year 1.

pub(super) use super::super::calendar::{days_in, days_to};

use super::super::calendar;

/// Ticks of a second.
pub(super) const SECOND: i64 = 10_000_000;
/// Ticks of a minute.
pub(super) const MINUTE: i64 = 60 * SECOND;
/// Ticks of an hour.
pub(super) const HOUR: i64 = 60 * MINUTE;
/// Ticks of a day.
pub(super) const DAY: i64 = 24 * HOUR;
/// The first tick after the year 9999.
const END: i64 = 3_652_059 * DAY;

/// The ticks, where they are those of a point in time.
pub(super) fn within(ticks: i64) -> Option<i64> {
    (0..END).contains(&ticks).then_some(ticks)
}

/// Year, month and day of a point in time.
pub(super) fn date_of(ticks: i64) -> (i64, i64, i64) {
    calendar::date_of(ticks.div_euclid(DAY))
}

/// The point in time at the start of a day; nothing where there is no such day.
pub(super) fn day_at(year: i64, month: i64, day: i64) -> Option<i64> {
    let valid = (1..=9_999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day);
    valid.then(|| days_to(year, month, day) * DAY)
}

/// The day of the week, Sunday being 0.
pub(super) fn weekday(ticks: i64) -> i64 {
    // The year 1 began on a Monday.
    (ticks.div_euclid(DAY) + 1).rem_euclid(7)
}

/// The point in time so many months later, at the last day of the month at most.
pub(super) fn months_later(ticks: i64, months: i64) -> Option<i64> {
    let (year, month, day) = date_of(ticks);
    let count = (year * 12 + month - 1).checked_add(months)?;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
    if !(1..=9_999).contains(&year) {
        return None;
    }
    let day = day.min(days_in(year, month));
    Some(days_to(year, month, day) * DAY + ticks.rem_euclid(DAY))
}

/// The week of the year as ISO 8601 counts.
pub(super) fn iso_week(ticks: i64) -> i64 {
    let day = ticks.div_euclid(DAY);
    // The Thursday of the week decides which year it belongs to.
    let thursday = day - day.rem_euclid(7) + 3;
    let (year, _, _) = date_of(thursday * DAY);
    (thursday - days_to(year, 1, 1)) / 7 + 1
}
