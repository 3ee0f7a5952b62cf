//! The modifiers that turn one value into others: encodings, Base64 and the Windows dash.

use super::modifier::Encoding;
use super::value::{Part, Pattern};

/// The characters that Windows programs take for the dash before an option.
const DASHES: [char; 5] = ['-', '/', '–', '—', '―'];

/// The bytes of the text in the encoding.
pub(super) fn encoded(text: &str, encoding: Encoding) -> Vec<u8> {
    let units = text.encode_utf16();
    match encoding {
        Encoding::Utf16Le => units.flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Be => units.flat_map(u16::to_be_bytes).collect(),
        Encoding::Utf16 => [0xff, 0xfe]
            .into_iter()
            .chain(units.flat_map(u16::to_le_bytes))
            .collect(),
    }
}

/// The Base64 form of the bytes.
pub(super) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let index = (word >> shift & 63) as usize;
            text.push(if at <= chunk.len() {
                char::from(ALPHABET[index])
            } else {
                '='
            });
        }
    }
    text
}

/// What stays the same of the Base64 form at each of the three places that the bytes can have in a longer text.
pub(super) fn base64_offsets(bytes: &[u8]) -> Vec<String> {
    let at = |offset: usize| {
        let mut shifted = vec![b' '; offset];
        shifted.extend_from_slice(bytes);
        let text = base64(&shifted);
        let start = [0, 2, 3][offset];
        let end = text.len() - [0, 3, 2][shifted.len() % 3];
        text.get(start..end).unwrap_or("").to_owned()
    };
    (0..3).map(at).collect()
}

/// Every spelling of the value with another dash before its options; at most `limit` of them, else nothing.
pub(super) fn windows_dashes(pattern: &Pattern, limit: usize) -> Option<Vec<Pattern>> {
    let mut spellings: Vec<Vec<Part>> = vec![Vec::new()];
    for part in pattern.parts() {
        let texts = match part {
            Part::Text(text) => dashed(text, limit)?.into_iter().map(Part::Text).collect(),
            wildcard => vec![wildcard.clone()],
        };
        if spellings.len() * texts.len() > limit {
            return None;
        }
        spellings = texts
            .iter()
            .flat_map(|text| {
                spellings
                    .iter()
                    .map(move |spelling| [spelling.as_slice(), std::slice::from_ref(text)].concat())
            })
            .collect();
    }
    Some(spellings.into_iter().map(Pattern::from_parts).collect())
}

fn dashed(text: &str, limit: usize) -> Option<Vec<String>> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut spellings = vec![String::new()];
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let option = "-/".contains(c)
            && !before.is_some_and(word)
            && chars.peek().is_some_and(|next| word(*next));
        if option {
            if spellings.len() * DASHES.len() > limit {
                return None;
            }
            let others = DASHES.into_iter().filter(|dash| *dash != c);
            let dashes: Vec<char> = std::iter::once(c).chain(others).collect();
            spellings = dashes
                .iter()
                .flat_map(|dash| spellings.iter().map(move |text| format!("{text}{dash}")))
                .collect();
        } else {
            for text in &mut spellings {
                text.push(c);
            }
        }
        before = Some(c);
    }
    Some(spellings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_base64() {
        for (text, form) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(base64(text.as_bytes()), form);
        }
    }

    #[test]
    fn the_three_offsets_are_the_stable_parts() {
        assert_eq!(base64_offsets(b"foo"), ["Zm9v", "Zvb", "mb2"]);
        let wide = encoded("foo", Encoding::Utf16Le);
        assert_eq!(base64_offsets(&wide), ["ZgBvAG8A", "YAbwBvA", "mAG8Abw"]);
        assert_eq!(base64_offsets(b"").len(), 3);
    }

    #[test]
    fn only_the_dash_of_an_option_varies() {
        let spellings = |text: &str| {
            let patterns = windows_dashes(&Pattern::plain(text), 100).unwrap();
            patterns
                .iter()
                .map(|pattern| pattern.as_plain().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(spellings(" -a "), [" -a ", " /a ", " –a ", " —a ", " ―a "]);
        assert_eq!(spellings("a-b - c"), ["a-b - c"]);
        assert_eq!(spellings(" -a -b").len(), 25);
        assert_eq!(windows_dashes(&Pattern::plain(" -a -b -c"), 100), None);
    }
}
