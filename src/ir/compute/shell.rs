//! A command line to its words, as a POSIX shell takes it apart without any expansion.
//!
//! Source: the Python library reference, `shlex`, parsing rules in POSIX mode; there are no comments.

use serde_json::Value;

/// Where in a line a character stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Between,
    Word,
    Quoted(char),
}

/// The words; missing where a quotation or an escape does not end.
pub(super) fn words(line: &str) -> Option<Value> {
    let mut words: Vec<Value> = Vec::new();
    let (mut word, mut quoted, mut place) = (String::new(), false, Place::Between);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (place, c) {
            (Place::Quoted(quote), c) if c == quote => place = Place::Word,
            (Place::Quoted('"'), '\\') => {
                quoted = true;
                let next = chars.next()?;
                if !matches!(next, '\\' | '"') {
                    word.push('\\');
                }
                word.push(next);
            }
            (Place::Quoted(_), c) => word.push(c),
            (_, ' ' | '\t' | '\r' | '\n') => {
                if !word.is_empty() || quoted {
                    words.push(std::mem::take(&mut word).into());
                }
                (quoted, place) = (false, Place::Between);
            }
            (_, '\'' | '"') => (quoted, place) = (true, Place::Quoted(c)),
            (_, '\\') => {
                word.push(chars.next()?);
                place = Place::Word;
            }
            (_, c) => {
                word.push(c);
                place = Place::Word;
            }
        }
    }
    match place {
        Place::Quoted(_) => return None,
        Place::Word if !word.is_empty() || quoted => words.push(word.into()),
        Place::Word | Place::Between => {}
    }
    Some(words.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_are_taken_apart_as_python_does() {
        for (line, expected) in [
            (
                "a 'b c' d\"e\\\"f\" \\g",
                Some(json!(["a", "b c", "de\"f", "g"])),
            ),
            ("a '' \"x\\y\" #no", Some(json!(["a", "", "x\\y", "#no"]))),
            ("", Some(json!([]))),
            ("''", Some(json!([""]))),
            ("  a\u{a0}b\n", Some(json!(["a\u{a0}b"]))),
            ("a\\ b", Some(json!(["a b"]))),
            ("a 'b", None),
            ("a \\", None),
            ("\"a\\", None),
        ] {
            assert_eq!(words(line), expected, "{line}");
        }
    }
}
