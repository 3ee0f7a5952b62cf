//! Strings: how long each form is in the text, and the value it stands for.
//!
//! Forms: `"..."` and `'...'` with escapes, `@"..."` verbatim (a doubled quote is a quote), and three backticks or tildes
//! around several lines. Any of them may have an `h` before it, which hides the value from logs and changes nothing here.
//! An unknown escape is reported by position and stands for itself.

/// The form of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoted {
    /// With escapes, in these quotes.
    Escaped(u8),
    /// Verbatim, in these quotes.
    Verbatim(u8),
    /// Several lines, between these.
    Lines(&'static str),
}

/// Where a string ends, and what is wrong with it.
#[derive(Debug)]
pub(super) struct Scanned {
    /// The form.
    pub(super) form: Quoted,
    /// The length of the prefix and the opening quote.
    pub(super) lead: usize,
    /// The length of the whole token.
    pub(super) length: usize,
    /// Whether the closing quote was found.
    pub(super) terminated: bool,
    /// Where unknown escapes stand, from the start of the token.
    pub(super) bad_escapes: Vec<(usize, usize)>,
}

/// The string that `text` starts with; the caller has seen that one does.
pub(super) fn scan(text: &str) -> Scanned {
    let bytes = text.as_bytes();
    let hidden = usize::from(matches!(bytes.first(), Some(b'h' | b'H')));
    let rest = text.get(hidden..).unwrap_or("");
    if let Some(scanned) = scan_lines(rest, hidden) {
        return scanned;
    }
    let verbatim = rest.starts_with('@');
    let lead = hidden + usize::from(verbatim) + 1;
    let quote = bytes.get(lead - 1).copied().unwrap_or(b'"');
    let form = if verbatim {
        Quoted::Verbatim(quote)
    } else {
        Quoted::Escaped(quote)
    };
    let mut scanned = Scanned {
        form,
        lead,
        length: lead,
        terminated: false,
        bad_escapes: Vec::new(),
    };
    while let Some(&byte) = bytes.get(scanned.length) {
        let next = bytes.get(scanned.length + 1).copied();
        match byte {
            b'\n' | b'\r' => break,
            b'\\' if !verbatim => {
                let body = text.get(scanned.length + 1..).unwrap_or("");
                let length = match escape(body) {
                    Ok((_, length)) => length,
                    Err(length) => {
                        scanned
                            .bad_escapes
                            .push((scanned.length, scanned.length + 1 + length));
                        length
                    }
                };
                scanned.length += 1 + length;
            }
            _ if byte == quote && verbatim && next == Some(quote) => scanned.length += 2,
            _ if byte == quote => {
                scanned.length += 1;
                scanned.terminated = true;
                break;
            }
            _ => scanned.length += 1,
        }
    }
    scanned.length = scanned.length.min(text.len());
    scanned
}

/// The extent of a literal of several lines, of which `hidden` bytes stand before `rest`.
fn scan_lines(rest: &str, hidden: usize) -> Option<Scanned> {
    let quote = ["```", "~~~"]
        .into_iter()
        .find(|quote| rest.starts_with(quote))?;
    let lead = hidden + quote.len();
    let (length, terminated) = match rest[quote.len()..].find(quote) {
        Some(end) => (lead + end + quote.len(), true),
        None => (hidden + rest.len(), false),
    };
    Some(Scanned {
        form: Quoted::Lines(quote),
        lead,
        length,
        terminated,
        bad_escapes: Vec::new(),
    })
}

/// The character that an escape stands for and its length, the backslash not counted; or the length of what is no escape.
fn escape(body: &str) -> Result<(char, usize), usize> {
    let Some(first) = body.chars().next() else {
        return Err(0);
    };
    let simple = match first {
        '\\' | '\'' | '"' => first,
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        'x' => return hexadecimal(body, 2),
        'u' => return hexadecimal(body, 4),
        'U' => return hexadecimal(body, 8),
        '0'..='7' => return Ok(octal(body)),
        '\n' | '\r' => return Err(0),
        _ => return Err(first.len_utf8()),
    };
    Ok((simple, 1))
}

fn hexadecimal(body: &str, count: usize) -> Result<(char, usize), usize> {
    let digits = body
        .get(1..=count)
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .ok_or(1_usize)?;
    let value = u32::from_str_radix(digits, 16).map_err(|_| 1_usize)?;
    Ok((char::from_u32(value).unwrap_or('\u{fffd}'), count + 1))
}

fn octal(body: &str) -> (char, usize) {
    let limit = if body.starts_with(['0', '1', '2', '3']) {
        3
    } else {
        2
    };
    let digits: Vec<u32> = body
        .chars()
        .take(limit)
        .map_while(|c| c.to_digit(8))
        .collect();
    let value = digits.iter().fold(0, |value, digit| value * 8 + digit);
    (
        char::from_u32(value).unwrap_or('\u{fffd}'),
        digits.len().max(1),
    )
}

/// The value of a string token.
pub(super) fn value(token: &str) -> String {
    let scanned = scan(token);
    let closing = match scanned.form {
        _ if !scanned.terminated => 0,
        Quoted::Lines(quote) => quote.len(),
        Quoted::Escaped(_) | Quoted::Verbatim(_) => 1,
    };
    let body = token
        .get(scanned.lead..scanned.length - closing)
        .unwrap_or("");
    match scanned.form {
        Quoted::Lines(_) => body.to_owned(),
        Quoted::Verbatim(b'"') => body.replace("\"\"", "\""),
        Quoted::Verbatim(_) => body.replace("''", "'"),
        Quoted::Escaped(_) => unescape(body),
    }
}

fn unescape(body: &str) -> String {
    let mut value = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        let (plain, escaped) = rest.split_at(at);
        value.push_str(plain);
        let escaped = escaped.get(1..).unwrap_or("");
        let length = match escape(escaped) {
            Ok((character, length)) => {
                value.push(character);
                length
            }
            Err(length) => {
                value.push('\\');
                value.push_str(escaped.get(..length).unwrap_or(""));
                length
            }
        };
        rest = escaped.get(length..).unwrap_or("");
    }
    value.push_str(rest);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_escapes() {
        for (token, expected) in [
            (r#""a\"b\\c\t\x41\u00e9\101""#, "a\"b\\c\tA\u{e9}A"),
            (r"'it''", "it"),
            (r#"@"C:\x""y""#, "C:\\x\"y"),
            (r"h@'a''b'", "a'b"),
            ("```a\n\\d```", "a\n\\d"),
            ("~~~x~~~", "x"),
            (r#"H"s""#, "s"),
        ] {
            assert_eq!(value(token), expected, "{token}");
        }
    }

    #[test]
    fn what_is_wrong_is_located() {
        let scanned = scan("\"a\\qb\" c");
        assert_eq!(
            (scanned.length, scanned.terminated, scanned.bad_escapes),
            (6, true, vec![(2, 4)])
        );
        let scanned = scan("'abc\nd'");
        assert_eq!((scanned.length, scanned.terminated), (4, false));
    }
}
