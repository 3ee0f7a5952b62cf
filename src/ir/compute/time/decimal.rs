//! Numbers with a fraction by their decimal digits, computed with as Python's `decimal` does.

use super::digit::{digit, unbounded};
use super::free::Unread;

/// Digits that Python's decimal numbers are computed with.
const PRECISION: usize = 28;
/// A number with a fraction, by its digits.
pub(super) struct Decimal {
    whole: Vec<char>,
    fraction: Vec<char>,
}

impl Decimal {
    pub(super) fn of(text: &str) -> Result<Self, Unread> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let (whole, fraction) = (
            whole.chars().collect::<Vec<char>>(),
            fraction.chars().collect::<Vec<char>>(),
        );
        let digits = whole.iter().chain(&fraction);
        if whole.is_empty() || digits.into_iter().any(|c| digit(*c).is_none()) {
            return Err(Unread::NoTime);
        }
        Ok(Self { whole, fraction })
    }

    pub(super) fn whole(&self) -> i64 {
        unbounded(&self.whole).unwrap_or(i64::MAX)
    }

    fn has_fraction(&self) -> bool {
        self.fraction.iter().any(|c| digit(*c) != Some(0))
    }

    pub(super) fn exceeds(&self, bound: i64) -> bool {
        self.whole() > bound || self.whole() == bound && self.has_fraction()
    }

    /// The whole sixtieths of the fraction, if there is one, as decimal numbers of a bounded precision give them.
    pub(super) fn sixtieths(&self) -> Result<Option<i64>, Unread> {
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
