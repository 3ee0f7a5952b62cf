//! Constants as Rust literals.

use std::fmt::Write as _;

use serde_json::Value;

/// A text literal: raw where that spares backslashes.
pub(super) fn text(text: &str) -> String {
    let seen = !text.chars().any(|c| c.is_control() || is_unseen(c));
    let is_plain = !text.contains(['\\', '"']);
    if seen && !is_plain {
        return raw(text);
    }
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    if seen {
        literal.push_str(text);
    } else {
        text.chars().for_each(|c| escape(c, &mut literal));
    }
    literal.push('"');
    literal
}

/// A raw text literal; line ends stay as they are.
pub(super) fn raw(text: &str) -> String {
    let mut hashes = String::new();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

fn escape(c: char, literal: &mut String) {
    match c {
        '\\' => literal.push_str("\\\\"),
        '"' => literal.push_str("\\\""),
        '\n' => literal.push_str("\\n"),
        '\r' => literal.push_str("\\r"),
        '\t' => literal.push_str("\\t"),
        c if c.is_control() || is_unseen(c) => literal.extend(c.escape_unicode()),
        c => literal.push(c),
    }
}

/// Marks of direction and the like, which would make the text on the page another than the one that is meant.
pub(super) fn is_unseen(c: char) -> bool {
    matches!(u32::from(c), 0x00ad | 0x061c | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff)
}

/// JSON with the characters that leave no mark escaped.
pub(super) fn unseen_escaped(json: &str) -> String {
    let leaves_none = |c: char| c != '\n' && (c.is_control() || is_unseen(c));
    let is_other = |byte: &u8| !matches!(byte, b' '..=b'~' | b'\n');
    // All are counted, since many bytes are looked at in one step without a way out in between.
    if json.bytes().filter(is_other).count() == 0 {
        return json.to_owned();
    }
    let mut escaped = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find(leaves_none) {
        let (plain, from) = rest.split_at(at);
        escaped.push_str(plain);
        let mut chars = from.chars();
        let code = chars.next().map_or(0, u32::from);
        let _ = write!(escaped, "\\u{code:04x}");
        rest = chars.as_str();
    }
    escaped.push_str(rest);
    escaped
}

/// A constant of any kind, as `serde_json` holds it.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Null => "Value::Null".to_owned(),
        Value::Bool(value) => format!("Value::Bool({value})"),
        Value::Number(_) | Value::String(_) => format!("Value::from({})", json(value)),
        Value::Array(_) | Value::Object(_) => {
            format!("serde_json::json!({})", json(value))
        }
    }
}

/// Inside `json!`; a number says its type, so that none is too large for it.
fn json(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => format!("{whole}_i64"),
            (None, Some(real)) => format!("{real:?}_f64"),
            (None, None) => "null".to_owned(),
        },
        Value::String(text) => self::text(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(json).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let entries: Vec<String> = map
                .iter()
                .map(|(key, item)| format!("{}: {}", self::text(key), json(item)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// The names that a piece of code uses: not those after a dot or `::`, nor those in texts and comments.
pub(super) fn words(code: &str) -> impl Iterator<Item = &str> {
    scan(code).map(|(word, _)| word)
}

/// The names, each with the code after it.
pub(super) fn scan(code: &str) -> impl Iterator<Item = (&str, &str)> {
    let bytes = code.as_bytes();
    let (mut at, mut after_dot) = (0, false);
    std::iter::from_fn(move || {
        while let Some(byte) = bytes.get(at) {
            let start = at;
            let next = bytes.get(at + 1);
            let is_own = !std::mem::take(&mut after_dot);
            at += match byte {
                b'/' if next == Some(&b'/') => {
                    let rest = &bytes[at..];
                    let end = rest.iter().position(|byte| *byte == b'\n');
                    end.unwrap_or(rest.len())
                }
                b'.' => {
                    after_dot = next != Some(&b'.');
                    1
                }
                b':' => {
                    after_dot = next == Some(&b':') || !is_own;
                    1
                }
                byte if NAME[usize::from(*byte)] || matches!(byte, b'"' | b'\'') => {
                    let (length, is_word) = piece(&code[at..]);
                    if is_word && is_own {
                        at += length;
                        return Some(code[start..].split_at(length));
                    }
                    length
                }
                _ => 1,
            };
        }
        None
    })
}

/// The bytes of which names are made, all of those beyond ASCII among them.
static NAME: [bool; 256] = {
    let mut name = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[allow(clippy::cast_possible_truncation, reason = "the loop ends at 256")]
        let one = byte as u8;
        name[byte] = one.is_ascii_alphanumeric() || one == b'_' || !one.is_ascii();
        byte += 1;
    }
    name
};

/// The length of the literal, the name or the character that the code starts with, and whether it is a name.
fn piece(code: &str) -> (usize, bool) {
    if let Some(length) = literal_length(code) {
        return (length, false);
    }
    match word_length(code) {
        0 => (code.chars().next().map_or(1, char::len_utf8), false),
        length => (length, true),
    }
}

/// Whether the character can stand in a name.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of the name that the code starts with.
pub(super) fn word_length(code: &str) -> usize {
    let end = code.bytes().position(|byte| !NAME[usize::from(byte)]);
    let end = end.unwrap_or(code.len());
    if code.as_bytes()[..end].is_ascii() {
        return end;
    }
    code.find(|c: char| !is_word(c)).unwrap_or(code.len())
}

/// The functions that a piece of code calls by name.
pub(super) fn called(code: &str) -> impl Iterator<Item = &str> {
    let calls = scan(code).filter(|(_, after)| after.starts_with('('));
    calls.map(|(word, _)| word)
}

/// The length of the text literal that the code starts with, up to its second quote; quotes and backslashes are a byte each.
fn text_length(code: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match code.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// The length of the text or character literal that the code starts with.
pub(super) fn literal_length(code: &str) -> Option<usize> {
    if !matches!(code.as_bytes().first(), Some(b'r' | b'"' | b'\'')) {
        return None;
    }
    if let Some(raw) = code.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let text = raw[hashes..].strip_prefix('"')?;
        let mut ends = text.match_indices('"');
        let end = ends.find(|(at, _)| {
            let behind = text[at + 1..].bytes();
            behind.take_while(|byte| *byte == b'#').count() >= hashes
        });
        return Some(end.map_or(code.len(), |(at, _)| 1 + hashes + 1 + at + 1 + hashes));
    }
    if code.starts_with('"') {
        return Some(text_length(code.as_bytes()).unwrap_or(1));
    }
    let mut escaped = false;
    for (at, c) in code.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => return Some(at + 1),
            // A lifetime has no second quote.
            c if at > 1 && c.is_alphanumeric() => return Some(1),
            _ => {}
        }
    }
    Some(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_raw_where_that_spares_backslashes() {
        assert_eq!(text("plain"), "\"plain\"");
        assert_eq!(text("say \"x\""), "r#\"say \"x\"\"#");
        assert_eq!(text("a\\b"), "r\"a\\b\"");
        assert_eq!(text("a\\\n"), "\"a\\\\\\n\"");
    }

    #[test]
    fn words_are_those_of_the_code() {
        let code = "// not this\nfn f<'v>(x: &'v str) { y.g(\"h\", r#\"i\"#, 'j', '\\'', k::l) }";
        assert!(words(code).eq(["fn", "f", "v", "x", "v", "str", "y", "k"]));
    }

    #[test]
    fn a_name_goes_on_beyond_ascii_and_ends_at_what_is_no_letter() {
        let code = "naïve(été) → r#\"no\"# rest.r#\"no\"# r ::c 1.5";
        assert!(words(code).eq(["naïve", "été", "rest", "r", "1"]));
        assert!(called(code).eq(["naïve"]));
    }
}
