//! Bytes as texts of one character up to U+00FF for each: texts to bytes and back in an encoding, and Base64.
//!
//! Base64 is read as Python 3.11 reads it. Invariant: what has no bytes, or is no text in the encoding, gives nothing.

/// The bytes of a text.
pub(super) fn encode(text: &str, encoding: &str) -> Option<String> {
    let latin = |last: char| {
        let held = text.chars().all(|c| c <= last);
        held.then(|| text.to_owned())
    };
    match encoding {
        "ascii" => latin('\x7f'),
        "latin-1" => latin('\u{ff}'),
        "utf-8" => Some(text.bytes().map(char::from).collect()),
        "utf-16-le" => Some(
            text.encode_utf16()
                .flat_map(u16::to_le_bytes)
                .map(char::from)
                .collect(),
        ),
        _ => None,
    }
}

/// The text that bytes spell.
pub(super) fn decode(bytes: &str, encoding: &str) -> Option<String> {
    let raw = raw(bytes)?;
    match encoding {
        "ascii" => raw.is_ascii().then(|| bytes.to_owned()),
        "latin-1" => Some(bytes.to_owned()),
        "utf-8" => String::from_utf8(raw).ok(),
        "utf-16-le" => {
            let pairs = raw.chunks_exact(2);
            if !pairs.remainder().is_empty() {
                return None;
            }
            let units = pairs.map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        _ => None,
    }
}

fn raw(bytes: &str) -> Option<Vec<u8>> {
    bytes
        .chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .collect()
}

/// The bytes that a text or bytes spell in Base64.
pub(super) fn base64_decode(text: &str, strict: bool) -> Option<String> {
    let mut result = String::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    // How many characters of a group of four have been read, and how much padding after them.
    let (mut place, mut padding, mut padded) = (0_u32, 0_u32, false);
    let mut characters = text.chars().peekable();
    if strict && characters.peek() == Some(&'=') {
        return None;
    }
    while let Some(c) = characters.next() {
        if c == '=' {
            padded = true;
            if place >= 2 {
                padding += 1;
                if place + padding >= 4 {
                    let ends = !strict || characters.peek().is_none();
                    return ends.then_some(result);
                }
            }
            continue;
        }
        let Some(value) = digit(c) else {
            if strict {
                return None;
            }
            continue;
        };
        if strict && padded {
            return None;
        }
        padding = 0;
        place = (place + 1) % 4;
        held = (held << 6 | value) & 0xfff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            result.extend(char::from_u32(held >> bits & 0xff));
        }
        if place == 0 {
            bits = 0;
        }
    }
    (place == 0).then_some(result)
}

fn digit(c: char) -> Option<u32> {
    let value = u32::from(c);
    Some(match c {
        'A'..='Z' => value - u32::from('A'),
        'a'..='z' => value - u32::from('a') + 26,
        '0'..='9' => value - u32::from('0') + 52,
        '+' => 62,
        '/' => 63,
        _ => return None,
    })
}
