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
    const PRIME: u128 = (1 << 61) - 1;
    const BASE: u64 = 0x0f3a_c2d1_97e5_6b4d;
    pub(super) const EMPTY: Self = Self { sum: 0, power: 1 };

    fn times(a: u64, b: u64) -> u64 {
        u64::try_from(u128::from(a) * u128::from(b) % Self::PRIME).unwrap_or_default()
    }

    /// The number of this text with another one behind it.
    pub(super) fn text(self, text: &str) -> Self {
        text.bytes().fold(self, |print, byte| {
            print.and(Self {
                sum: u64::from(byte) + 1,
                power: Self::BASE,
            })
        })
    }

    /// The number of both texts one behind the other.
    pub(super) fn and(self, next: Self) -> Self {
        let sum = u128::from(Self::times(self.sum, next.power)) + u128::from(next.sum);
        Self {
            sum: u64::try_from(sum % Self::PRIME).unwrap_or_default(),
            power: Self::times(self.power, next.power),
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
