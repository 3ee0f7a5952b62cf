//! The parts of URLs, and percent encoding.

use serde_json::{Map, Value};

/// The text with `%20` and the like as UTF-8 and `+` as a blank.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let hex = |at: usize| char::from(*behind.get(at)?).to_digit(16);
        match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.extend(u8::try_from(high * 16 + low).ok());
                rest = &behind[2..];
            }
            (b'+', ..) => {
                bytes.push(b' ');
                rest = behind;
            }
            (byte, ..) => {
                bytes.push(*byte);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The text with all but letters, digits and a few marks as `%2f` and the like.
pub(super) fn encoded(text: &str, plus: bool) -> String {
    let mut result = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' if plus => result.push('+'),
            byte if byte.is_ascii_alphanumeric() || b"-_.!*()".contains(&byte) => {
                result.push(char::from(byte));
            }
            byte => {
                result.push('%');
                result.extend(
                    [byte >> 4, byte & 15]
                        .map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0')),
                );
            }
        }
    }
    result
}

fn parameters(query: &str) -> Value {
    let mut found = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        found.insert(decoded(key), decoded(value).into());
    }
    found.into()
}

/// The parameters of a query.
pub(super) fn query_parts(query: &str) -> Value {
    let query = query.strip_prefix('?').unwrap_or(query);
    let mut parts = Map::new();
    parts.insert("Query Parameters".to_owned(), parameters(query));
    parts.into()
}

/// The parts of a URL.
pub(super) fn parts(url: &str) -> Value {
    let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (scheme, rest) = rest.split_once("://").unwrap_or(("", rest));
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
        _ => (host, ""),
    };
    let mut parts = Map::new();
    let texts = [
        ("Scheme", scheme),
        ("Host", host),
        ("Port", port),
        ("Path", path),
        ("Username", user),
        ("Password", password),
    ];
    for (name, text) in texts {
        parts.insert(name.to_owned(), text.into());
    }
    parts.insert("Query Parameters".to_owned(), parameters(query));
    parts.insert("Fragment".to_owned(), fragment.into());
    parts.into()
}
