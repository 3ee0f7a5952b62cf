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

    /// The base to the powers 0 to 4.
    const POWERS: [u64; 5] = {
        let mut powers = [1; 5];
        let mut at = 1;
        while at < powers.len() {
            powers[at] = Self::times_plus(powers[at - 1], Self::BASE, 0);
            at += 1;
        }
        powers
    };

    /// The product of two remainders of the prime, and what is added to it.
    const fn times_plus(a: u64, b: u64, c: u64) -> u64 {
        Self::remainder(a as u128 * b as u128 + c as u128)
    }

    /// What is left of a number of less than 123 bits: the prime is one less than a power of two, so that the digits above the power
    /// are as much as so many ones.
    #[allow(clippy::cast_possible_truncation, reason = "61 bits are left")]
    const fn remainder(whole: u128) -> u64 {
        let folded = (whole & Self::PRIME as u128) + (whole >> 61);
        // The first time may leave one digit too many.
        let sum = ((folded & Self::PRIME as u128) + (folded >> 61)) as u64;
        if sum >= Self::PRIME {
            sum - Self::PRIME
        } else {
            sum
        }
    }

    /// The number of this text with another one behind it. The four bytes of a group are added up before anything waits for them.
    pub(super) fn text(self, text: &str) -> Self {
        let (groups, rest) = text.as_bytes().as_chunks::<4>();
        let whole = groups.iter().fold(self, |print, [a, b, c, d]| {
            let digit = |byte: u8, power: u64| u128::from(u16::from(byte) + 1) * u128::from(power);
            let [_, one, two, three, four] = Self::POWERS;
            let low = digit(*a, three) + digit(*b, two) + digit(*c, one) + digit(*d, 1);
            Self {
                sum: Self::remainder(u128::from(print.sum) * u128::from(four) + low),
                power: Self::times_plus(print.power, four, 0),
            }
        });
        rest.iter().fold(whole, |print, byte| Self {
            sum: Self::times_plus(print.sum, Self::BASE, u64::from(*byte) + 1),
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
        // Wherever a group of bytes begins.
        let text = "where tostring(Claims.name) != \"\u{fffd}\u{fffd}\"";
        for (at, _) in text.char_indices() {
            assert_eq!(of(&[&text[..at], &text[at..]]), of(&[text]));
            let (before, behind) = (of(&[&text[..at]]), of(&[&text[at..]]));
            assert_eq!(before.and(behind), of(&[text]));
        }
    }
}
