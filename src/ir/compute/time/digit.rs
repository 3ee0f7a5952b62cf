//! Decimal digits of any script, which Python's numbers may be written in.

/// The zeros of the scripts that have digits; the other nine stand behind them.
const ZEROS: &[u32] = &[
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66,
    0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
    0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
    0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650,
    0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50,
    0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// The digit that the character is.
pub(super) fn digit(c: char) -> Option<u8> {
    let code = u32::from(c);
    let at = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?;
    u8::try_from(code - ZEROS[at])
        .ok()
        .filter(|digit| *digit < 10)
}

/// Digits that Python reads as a number.
const LONGEST: usize = 4_300;

/// The whole number that digits spell, or the greatest that there is; `None` for anything else.
pub(super) fn number(text: &[char]) -> Option<i64> {
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    unbounded(text)
}

/// The same of however many digits, of none zero.
pub(super) fn unbounded(text: &[char]) -> Option<i64> {
    text.iter().try_fold(0_i64, |number, c| {
        let digit = i64::from(digit(*c)?);
        Some(number.saturating_mul(10).saturating_add(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_any_script_are_digits() {
        for (c, expected) in [
            ('0', Some(0)),
            ('9', Some(9)),
            (':', None),
            ('/', None),
            ('\u{663}', Some(3)),
            ('²', None),
            ('\u{1d7ff}', Some(9)),
        ] {
            assert_eq!(digit(c), expected, "{c}");
        }
        assert_eq!(number(&['1', '\u{662}']), Some(12));
        assert_eq!(number(&[]), None);
    }
}
