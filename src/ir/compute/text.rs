//! Functions of texts: white space, parts, and the case of letters.
//!
//! Characters are Unicode scalar values. White space is what Unicode calls so, and the four separators U+001C to U+001F.

use serde_json::Value;

/// Whether the character is white space.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// The text without white space at its ends.
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// How characters are cut off a text.
type Cut = for<'t> fn(&'t str, &dyn Fn(char) -> bool) -> &'t str;

/// A text without white space, or without the characters of the second argument, where `cut` looks for them.
pub(super) fn trimmed(arguments: &[&Value], cut: Cut) -> Option<Value> {
    let text = arguments.first()?.as_str()?;
    Some(match arguments.get(1) {
        None | Some(Value::Null) => cut(text, &is_space).into(),
        Some(set) => {
            let set = set.as_str()?;
            cut(text, &|c| set.contains(c)).into()
        }
    })
}

/// The parts between runs of white space.
pub(super) fn words(text: &str) -> Value {
    text.split(is_space)
        .filter(|word| !word.is_empty())
        .collect()
}

/// The lines without what ends them.
pub(super) fn lines(text: &str) -> Value {
    let ends = |c: char| {
        matches!(
            c,
            '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{1c}'
                ..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    let mut lines: Vec<Value> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(ends) {
        lines.push(rest[..at].into());
        let end = if rest[at..].starts_with("\r\n") {
            2
        } else {
            rest[at..].chars().next().map_or(1, char::len_utf8)
        };
        rest = &rest[at + end..];
    }
    if !rest.is_empty() {
        lines.push(rest.into());
    }
    lines.into()
}

/// The parts between at most so many separators, counted from the start; a negative number is no bound.
pub(super) fn split_first(text: &str, separator: &str, times: i64) -> Option<Value> {
    if separator.is_empty() {
        return None;
    }
    let parts = usize::try_from(times).map_or(usize::MAX, |times| times.saturating_add(1));
    Some(text.splitn(parts, separator).collect())
}

/// The parts between at most so many separators, counted from the end; a negative number is no bound.
pub(super) fn split_last(text: &str, separator: &str, times: i64) -> Option<Value> {
    if separator.is_empty() {
        return None;
    }
    let parts = usize::try_from(times).map_or(usize::MAX, |times| times.saturating_add(1));
    let mut parts: Vec<&str> = text.rsplitn(parts, separator).collect();
    parts.reverse();
    Some(parts.into_iter().collect())
}

/// Every run of letters with its first letter as in a title and the others in lower case.
pub(super) fn title_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut within = false;
    for (at, c) in text.char_indices() {
        if within {
            push_lower(text, at, c, &mut out);
        } else {
            push_title(c, &mut out);
        }
        within = is_cased(c);
    }
    out
}

/// The first character as in a title, the others in lower case.
pub(super) fn capitalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if at == 0 {
            push_title(c, &mut out);
        } else {
            push_lower(text, at, c, &mut out);
        }
    }
    out
}

/// Upper case for lower case and the other way round.
pub(super) fn swap_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if c.is_uppercase() {
            push_lower(text, at, c, &mut out);
        } else if c.is_lowercase() {
            out.extend(c.to_uppercase());
        } else {
            out.push(c);
        }
    }
    out
}

/// Lower case of the upper case, letter by letter; Cherokee, whose small letters are the newer ones, goes the other way.
pub(super) fn case_fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let code = u32::from(c);
        let own = match code {
            0x131 | 0x13a0..=0x13f5 => Some(code),
            0x13f8..=0x13fd => Some(code - 8),
            0xab70..=0xabbf => Some(code - 0xab70 + 0x13a0),
            _ => None,
        };
        match own.and_then(char::from_u32) {
            Some(own) => out.push(own),
            None => out.extend(c.to_uppercase().flat_map(char::to_lowercase)),
        }
    }
    out
}

/// Whether the character has a case.
fn is_cased(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase() || is_title(c)
}

/// Whether the character is a digraph, or a letter with a small iota, in the form for titles.
fn is_title(c: char) -> bool {
    matches!(
        u32::from(c),
        0x1c5 | 0x1c8 | 0x1cb | 0x1f2 | 0x1f88..=0x1f8f | 0x1f98..=0x1f9f | 0x1fa8..=0x1faf | 0x1fbc | 0x1fcc | 0x1ffc
    )
}

/// The lower case of the character that stands at `at`; a final sigma has a form of its own.
fn push_lower(text: &str, at: usize, c: char, out: &mut String) {
    if c == '\u{3a3}' {
        let lowered = text.to_lowercase();
        let place = text[..at].to_lowercase().len();
        out.extend(lowered.get(place..).and_then(|rest| rest.chars().next()));
    } else {
        out.extend(c.to_lowercase());
    }
}

/// The form of the character that starts a word of a title.
fn push_title(c: char, out: &mut String) {
    let code = u32::from(c);
    let special = match code {
        0x1c4..=0x1c6 => Some(0x1c5),
        0x1c7..=0x1c9 => Some(0x1c8),
        0x1ca..=0x1cc => Some(0x1cb),
        0x1f1..=0x1f3 => Some(0x1f2),
        0x1f80..=0x1faf => Some(code | 8),
        0x1fb3 | 0x1fbc => Some(0x1fbc),
        0x1fc3 | 0x1fcc => Some(0x1fcc),
        0x1ff3 | 0x1ffc => Some(0x1ffc),
        0x10d0..=0x10fa | 0x10fd..=0x10ff => Some(code),
        _ => None,
    };
    if let Some(special) = special.and_then(char::from_u32) {
        out.push(special);
        return;
    }
    // What becomes several letters keeps the first large: `ß` is `Ss`, a ligature `Fi`.
    let mut upper = c.to_uppercase();
    out.extend(upper.next());
    for c in upper {
        // A small iota under a letter stays small and under it.
        if c == '\u{399}' {
            out.push('\u{345}');
        } else {
            out.extend(c.to_lowercase());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn case_is_pythons() {
        for (text, title, capital, swapped) in [
            (
                "hELLO wORLD's 3d",
                "Hello World'S 3D",
                "Hello world's 3d",
                "Hello World'S 3D",
            ),
            ("ß ﬁx ǆ", "Ss Fix ǅ", "Ss ﬁx ǆ", "SS FIX Ǆ"),
            ("ΑΣ ΣΑ", "Ας Σα", "Ας σα", "ας σα"),
            ("ᾳ ᾴ", "ᾼ Άͅ", "ᾼ ᾴ", "ΑΙ ΆΙ"),
        ] {
            assert_eq!(title_case(text), title);
            assert_eq!(capitalize(text), capital);
            assert_eq!(swap_case(text), swapped);
        }
    }

    #[test]
    fn parts_are_pythons() {
        assert_eq!(words(" a\u{1c}b \u{a0}c\n"), json!(["a", "b", "c"]));
        assert_eq!(lines("a\r\nb\rc\u{85}\n"), json!(["a", "b", "c", ""]));
        assert_eq!(split_first("a,b,c", ",", 1), Some(json!(["a", "b,c"])));
        assert_eq!(split_last("a,b,c", ",", 1), Some(json!(["a,b", "c"])));
        assert_eq!(split_last("aaa", "aa", -1), Some(json!(["a", ""])));
        assert_eq!(split_first("a,b", ",", 0), Some(json!(["a,b"])));
        assert_eq!(split_first("a", "", 0), None);
    }
}
