//! Whether Kusto reads a regular expression as the IR does.
//!
//! The IR's dialect is that of the `regex` crate, which Kusto follows today and which differs from the RE2 of older clusters in a
//! few constructs. Those are refused rather than passed on: set operations and nested classes, word-boundary assertions beyond
//! `\b`, the flags `x`, `u` and `R`, and Unicode escapes other than `\x{...}`.

use crate::ir::compute::is_pattern;

/// Why the expression cannot be passed on, if it cannot.
pub(super) fn refusal(pattern: &str) -> Option<String> {
    // Compiling takes long, and a test is spelt more than once.
    if !is_pattern(pattern, false)
        && let Err(error) = regex::Regex::new(pattern)
    {
        let first = error.to_string();
        let line = first.lines().last().unwrap_or_default().trim();
        return Some(format!("the regular expression is not valid: {line}"));
    }
    construct(pattern)
        .map(|construct| format!("Kusto's regular expressions do not all know {construct}"))
}

/// The first construct that RE2 lacks. The expression is known to be well-formed.
fn construct(pattern: &str) -> Option<&'static str> {
    let chars: Vec<char> = pattern.chars().collect();
    let (mut at, mut in_class) = (0, false);
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        match c {
            '\\' => {
                match next {
                    Some('u' | 'U') => return Some("the escapes `\\u` and `\\U`"),
                    Some('<' | '>') => return Some("the assertions `\\<` and `\\>`"),
                    Some('b' | 'B') if chars.get(at + 2) == Some(&'{') => {
                        return Some("the assertions `\\b{...}`");
                    }
                    _ => {}
                }
                at += 1;
            }
            '[' if !in_class => {
                in_class = true;
                // A bracket right after the opening one, or after `^`, is plain.
                let first = at + 1 + usize::from(next == Some('^'));
                if chars.get(first) == Some(&']') {
                    at = first;
                }
            }
            '[' if next == Some(':') => at = end_of_named_class(&chars, at),
            '[' => return Some("classes inside classes"),
            ']' => in_class = false,
            '&' | '-' | '~' if in_class && next == Some(c) => {
                return Some("set operations in classes");
            }
            '(' if !in_class && next == Some('?') => {
                let flags = chars[at + 2..]
                    .iter()
                    .take_while(|c| c.is_ascii_alphabetic() || **c == '-');
                if chars.get(at + 2) != Some(&'P')
                    && flags
                        .into_iter()
                        .any(|flag| matches!(flag, 'x' | 'u' | 'R'))
                {
                    return Some("the flags `x`, `u` and `R`");
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn end_of_named_class(chars: &[char], start: usize) -> usize {
    let end = chars[start..]
        .windows(2)
        .position(|pair| pair == [':', ']']);
    end.map_or(start, |end| start + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_expressions_pass_and_rare_ones_are_refused() {
        for pattern in [
            r"^a\.b[\w-]+$",
            r"(?i)[[:alpha:]]+\d{2,3}",
            r"(?P<user>[^\]]+)",
            r"[]a]",
            r"[^]a]",
            r"\x{41}\pL",
            r"(?:uxR)",
            "a--b",
        ] {
            assert_eq!(refusal(pattern), None, "{pattern}");
        }
        for pattern in [
            "(",
            "a(?=b)",
            r"[a[b]]",
            r"[a-z&&[^x]]",
            r"(?x)a b",
            r"(?i-u)a",
            r"\u0041",
            r"\b{start}a",
            r"(a)\1",
        ] {
            assert!(refusal(pattern).is_some(), "{pattern}");
        }
    }
}
