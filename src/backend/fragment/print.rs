//! A text to a number that texts which differ hardly have in common, made of the numbers of its parts.
//!
//! The number is of the characters alone: it is the same however the text is put together.

/// A number for a text that is made of the numbers of its parts: a polynomial of its bytes, and the power that its length has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Print {
    pub(super) sum: u64,
    power: u64,
}

impl Print {
    /// A prime, so that sums of different texts are hardly the same.
    const PRIME: u64 = (1 << 61) - 1;
    const BASE: u64 = 0x0f3a_c2d1_97e5_6b4d;
    pub(super) const EMPTY: Self = Self { sum: 0, power: 1 };

    /// The product of two remainders of the prime, and what is added to it: the prime is one less than a power of two, so that the
    /// digits above the power are as much as so many ones.
    fn times_plus(a: u64, b: u64, c: u64) -> u64 {
        let whole = u128::from(a) * u128::from(b) + u128::from(c);
        let low = whole & u128::from(Self::PRIME);
        let sum = u64::try_from(low + (whole >> 61)).unwrap_or_default();
        sum.checked_sub(Self::PRIME).unwrap_or(sum)
    }

    /// The number of this text with another one behind it.
    pub(super) fn text(self, text: &str) -> Self {
        text.bytes().fold(self, |print, byte| Self {
            sum: Self::times_plus(print.sum, Self::BASE, u64::from(byte) + 1),
            power: Self::times_plus(print.power, Self::BASE, 0),
        })
    }

    /// The number of both texts one behind the other.
    pub(super) fn and(self, next: Self) -> Self {
        Self {
            sum: Self::times_plus(self.sum, next.power, next.sum),
            power: Self::times_plus(self.power, next.power, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_that_of_the_text() {
        let of = |parts: &[&str]| {
            parts
                .iter()
                .fold(Print::EMPTY, |print, part| print.text(part))
        };
        let joined = of(&["tostring(", "a"]).and(of(&[".b", ")"]));
        assert_eq!(joined, of(&["tostring(a.b)"]));
        assert_ne!(joined, of(&["tostring(b.a)"]));
        assert_ne!(of(&["a"]), of(&["a", "a"]));
        assert_eq!(of(&[]), of(&[""]));
    }
}
