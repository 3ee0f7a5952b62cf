//! URLs: their parts, their queries, and the bytes that `%` spells.
//!
//! Source: the Python library reference, `urllib.parse`. Nothing is checked but brackets around IPv6 addresses and characters of
//! a host that stand for the signs between parts.

use serde_json::{Map, Value};

use super::address;

/// Characters that are other characters with one of `/?#@:` among them.
const DISGUISED: &[char] = &[
    '\u{2047}', '\u{2048}', '\u{2049}', '\u{2100}', '\u{2101}', '\u{2105}', '\u{2106}', '\u{2a74}',
    '\u{fe13}', '\u{fe16}', '\u{fe55}', '\u{fe56}', '\u{fe5f}', '\u{fe6b}', '\u{ff03}', '\u{ff0f}',
    '\u{ff1a}', '\u{ff1f}', '\u{ff20}',
];

/// Schemes of URLs whose last step may have parameters.
const WITH_PARAMETERS: &[&str] = &[
    "", "ftp", "hdl", "prospero", "http", "imap", "https", "shttp", "rtsp", "rtsps", "rtspu",
    "sip", "sips", "mms", "sftp", "tel",
];

/// A part of a URL by its name; missing where the URL is malformed.
pub(super) fn part(url: &str, name: &str) -> Option<Value> {
    let url: String = url
        .trim_start_matches(|c: char| c <= ' ')
        .chars()
        .filter(|c| !matches!(c, '\t' | '\r' | '\n'))
        .collect();
    let (scheme, rest) = scheme(&url);
    let (netloc, rest) = netloc(rest)?;
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (path, params) = if WITH_PARAMETERS.contains(&scheme.as_str()) {
        parameters(path)
    } else {
        (path, "")
    };
    Some(Value::from(match name {
        "scheme" => scheme.as_str(),
        "netloc" => netloc,
        "path" => path,
        "params" => params,
        "query" => query,
        "fragment" => fragment,
        _ => return None,
    }))
}

fn scheme(url: &str) -> (String, &str) {
    let parts = url.split_once(':').filter(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    });
    match parts {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => (String::new(), url),
    }
}

/// The host with its user and port, and what is left.
fn netloc(url: &str) -> Option<(&str, &str)> {
    let Some(rest) = url.strip_prefix("//") else {
        return Some(("", url));
    };
    let (netloc, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if netloc.contains('[') != netloc.contains(']') || netloc.contains(DISGUISED) {
        return None;
    }
    if let Some((_, host)) = netloc.split_once('[') {
        let host = host.split_once(']').map_or(host, |(host, _)| host);
        is_bracketed(host).then_some(())?;
    }
    Some((netloc, rest))
}

/// Whether the text may stand in brackets: an IPv6 address, or one of a later version.
fn is_bracketed(host: &str) -> bool {
    match host.strip_prefix('v') {
        Some(later) => later.split_once('.').is_some_and(|(version, address)| {
            !version.is_empty()
                && version.bytes().all(|byte| byte.is_ascii_hexdigit())
                && !address.is_empty()
                && !address.contains('\n')
        }),
        None => address::parse(host).is_some_and(|(address, _)| address.is_ipv6()),
    }
}

/// The path without the parameters of its last step, and these.
fn parameters(path: &str) -> (&str, &str) {
    let last = path.rfind('/').unwrap_or(0);
    match path[last..].find(';') {
        Some(at) => (&path[..last + at], &path[last + at + 1..]),
        None => (path, ""),
    }
}

/// The text with `%20` and the like decoded, and `+` as a space where `form`.
pub(super) fn percent_decode(text: &str, form: bool) -> String {
    let text = if form {
        text.replace('+', " ")
    } else {
        text.to_owned()
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while !rest.is_empty() {
        // Bytes beside a character that is not spelled out do not make up one with it.
        let plain = rest.find(|c: char| !c.is_ascii()).unwrap_or(rest.len());
        out.push_str(&String::from_utf8_lossy(&bytes(&rest[..plain])));
        rest = &rest[plain..];
        let other = rest.find(|c: char| c.is_ascii()).unwrap_or(rest.len());
        out.push_str(&rest[..other]);
        rest = &rest[other..];
    }
    out
}

fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|c| char::from(*c).to_digit(16));
        if let (b'%', Some(high), Some(low)) = (first, digit(0), digit(1)) {
            out.extend(u8::try_from(high * 16 + low));
            rest = &after[2..];
        } else {
            out.push(*first);
            rest = after;
        }
    }
    out
}

/// The names of a query with the list of the values of each; what has no value is left out.
pub(super) fn query_values(query: &str) -> Value {
    let mut values: Map<String, Value> = Map::new();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    for (name, value) in pairs.filter(|(_, value)| !value.is_empty()) {
        let known = values
            .entry(percent_decode(name, true))
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(known) = known {
            known.push(percent_decode(value, true).into());
        }
    }
    values.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_are_pythons() {
        let url = "HTTPS://u:p@h.example:8/a;x/b;y=1?q=1&r#f#g";
        for (name, expected) in [
            ("scheme", "https"),
            ("netloc", "u:p@h.example:8"),
            ("path", "/a;x/b"),
            ("params", "y=1"),
            ("query", "q=1&r"),
            ("fragment", "f#g"),
        ] {
            assert_eq!(part(url, name), Some(json!(expected)), "{name}");
        }
        assert_eq!(part("//[::1]/a", "netloc"), Some(json!("[::1]")));
        assert_eq!(part("//[::1", "netloc"), None);
        assert_eq!(part("//[1.2.3.4]", "netloc"), None);
        assert_eq!(part("//a\u{ff0f}b", "netloc"), None);
        assert_eq!(part("a:b", "path"), Some(json!("b")));
        assert_eq!(part("1a:b", "path"), Some(json!("1a:b")));
    }

    #[test]
    fn bytes_are_decoded_as_python_does() {
        for (text, expected) in [
            ("a%20b%2", "a b%2"),
            ("%C3%A9%zz", "é%zz"),
            ("%e2%82x", "\u{fffd}x"),
            ("é%C3é", "é\u{fffd}é"),
            ("+", "+"),
        ] {
            assert_eq!(percent_decode(text, false), expected, "{text}");
        }
        assert_eq!(
            query_values("a=1&b=&c&a=2+3&%61=4"),
            json!({"a": ["1", "2 3", "4"]})
        );
    }
}
