//! The numbers and names of a date, in the order in which a text has them, to its year, month and day.
//!
//! The month stands before the day unless one of them can only be something else.

use super::digit::number;
use super::free::Unread;
use super::word::month;
use super::{days_in, is_leap};

/// What is known of a number's place in a date.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Year,
    Month,
}

/// The numbers so far, and which of them are known to be what.
#[derive(Debug, Default)]
pub(super) struct Date {
    pub parts: Vec<i64>,
    pub century: bool,
    year: Option<usize>,
    month: Option<usize>,
}

/// Year, month and day, each if it is there.
type Resolved = (Option<i64>, Option<i64>, Option<i64>);

impl Date {
    /// Adds a number by its digits; three of them and more are a year.
    pub(super) fn spelled(&mut self, digits: &[char], label: Option<Label>) -> Result<(), Unread> {
        let number = number(digits).ok_or(Unread::NoTime)?;
        self.add(number, digits.len() > 2, label)
    }

    /// Adds a number; one beyond 100 is a year.
    pub(super) fn counted(&mut self, number: i64, beyond: bool) -> Result<(), Unread> {
        self.add(number, beyond, None)
    }

    /// Adds a month by its name.
    pub(super) fn named(&mut self, month: i64) -> Result<(), Unread> {
        self.add(month, false, Some(Label::Month))
    }

    /// Adds a month by its name, or a number by its digits.
    pub(super) fn month_or_number(&mut self, text: &str) -> Result<(), Unread> {
        match month(text) {
            Some(month) => self.named(month),
            None => self.spelled(&text.chars().collect::<Vec<char>>(), None),
        }
    }

    fn add(&mut self, number: i64, is_year: bool, label: Option<Label>) -> Result<(), Unread> {
        self.century |= is_year;
        let label = if is_year { Some(Label::Year) } else { label };
        let place = match label {
            Some(Label::Year) => &mut self.year,
            Some(Label::Month) => &mut self.month,
            None => {
                self.parts.push(number);
                return Ok(());
            }
        };
        if place.is_some() {
            return Err(Unread::NoTime);
        }
        *place = Some(self.parts.len());
        self.parts.push(number);
        Ok(())
    }

    /// The last day that the month so far has.
    pub(super) fn last_day(&self) -> i64 {
        let Some(month) = self.month.map(|at| self.parts[at]) else {
            return 31;
        };
        let year = self.year.map_or(2000, |at| self.parts[at]);
        if month == 2 && !is_leap(year) {
            28
        } else {
            days_in(2000, month)
        }
    }

    /// Which number is what.
    pub(super) fn resolve(&self) -> Result<Resolved, Unread> {
        let known = usize::from(self.year.is_some()) + usize::from(self.month.is_some());
        let count = self.parts.len();
        if count > 0 && count == known || count == 3 && known == 2 {
            return Ok(self.by_labels());
        }
        match (self.parts.as_slice(), self.month) {
            ([], _) => Ok((None, None, None)),
            ([one], _) => Ok(year_or_day(*one, None)),
            ([first, second], Some(month)) => {
                let (month, other) = if month == 0 {
                    (*first, *second)
                } else {
                    (*second, *first)
                };
                Ok(year_or_day(other, Some(month)))
            }
            ([first, second], None) => Ok(if *first > 31 {
                (Some(*first), Some(*second), None)
            } else if *second > 31 {
                (Some(*second), Some(*first), None)
            } else {
                (None, Some(*first), Some(*second))
            }),
            ([a, b, c], month) => Ok(self.of_three([*a, *b, *c], month)),
            _ => Err(Unread::NoTime),
        }
    }

    /// Where all numbers but one are known, that is what is left.
    fn by_labels(&self) -> Resolved {
        let at = |place: Option<usize>| place.map(|at| self.parts[at]);
        let labelled = [self.year, self.month];
        let mut rest = (0..self.parts.len()).filter(|at| !labelled.contains(&Some(*at)));
        (at(self.year), at(self.month), at(rest.next()))
    }

    fn of_three(&self, parts: [i64; 3], month: Option<usize>) -> Resolved {
        let [a, b, c] = parts;
        let (year, month, day) = match month {
            Some(0) if b > 31 => (b, a, c),
            Some(0) => (c, a, b),
            Some(1) if a > 31 => (a, b, c),
            Some(1) => (c, b, a),
            Some(_) if b > 31 => (b, c, a),
            Some(_) => (a, c, b),
            None if a > 31 || self.year == Some(0) => (a, b, c),
            None if a > 12 => (c, b, a),
            None => (c, a, b),
        };
        (Some(year), Some(month), Some(day))
    }
}

fn year_or_day(number: i64, month: Option<i64>) -> Resolved {
    if number > 31 {
        (Some(number), month, None)
    } else {
        (None, month, Some(number))
    }
}
