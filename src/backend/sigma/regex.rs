//! Regular expressions of the IR's dialect (the `regex` crate's) to what Sigma backends have in common.
//!
//! Sigma names a subset of PCRE. Literals, classes, groups, alternatives, repetitions and anchors pass, and the escapes that every
//! PCRE, RE2 and Python have. Flags at the start become modifiers. Refused: everything that only some engines read.

/// A portable pattern: the flags to set beside it, and the pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Portable {
    /// `i`, `m`, `s`, in this order.
    pub(super) flags: Vec<&'static str>,
    /// The pattern without them.
    pub(super) pattern: String,
}

/// The pattern, or why it is not portable.
pub(super) fn portable(pattern: &str, ignore_case: bool) -> Result<Portable, String> {
    let (written, pattern) = match pattern
        .strip_prefix("(?")
        .and_then(|rest| rest.split_once(')'))
    {
        Some((flags, rest))
            if !flags.is_empty() && flags.chars().all(|flag| "ims".contains(flag)) =>
        {
            (flags, rest)
        }
        _ => ("", pattern),
    };
    check(pattern)?;
    let set = |flag: &&&str| written.contains(**flag) || (**flag == "i" && ignore_case);
    Ok(Portable {
        flags: ["i", "m", "s"].iter().filter(set).copied().collect(),
        pattern: pattern.to_owned(),
    })
}

fn check(pattern: &str) -> Result<(), String> {
    let mut chars = pattern.chars().peekable();
    let mut in_class = false;
    let refuse = |what: String| {
        Err(format!(
            "`{what}` in a regular expression is not read by every Sigma backend"
        ))
    };
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('x') if chars.peek() == Some(&'{') => return refuse("\\x{".into()),
                Some(escaped)
                    if !escaped.is_ascii_alphanumeric() || "dDsSwWtnrfvx".contains(escaped) => {}
                Some('b' | 'B') if !in_class => {}
                Some(escaped) => return refuse(format!("\\{escaped}")),
                None => return refuse("\\".into()),
            },
            '[' if in_class => return refuse("[ in a class".into()),
            '[' => {
                in_class = true;
                // A bracket that closes nothing is a plain character of the class.
                chars.next_if_eq(&'^');
                chars.next_if_eq(&']');
            }
            ']' => in_class = false,
            '&' | '~' | '-' if in_class && chars.peek() == Some(&c) => {
                return refuse(format!("{c}{c}"));
            }
            '(' if !in_class && chars.next_if_eq(&'?').is_some() => match chars.next() {
                Some(':') => {}
                next => return refuse(format!("(?{}", next.map_or(String::new(), String::from))),
            },
            _ => {}
        }
    }
    Ok(())
}

/// A regular expression that matches a text with the term between Kusto's term boundaries: letters, digits and everything outside
/// ASCII make a term.
pub(super) fn term(term: &str) -> String {
    const OUTSIDE: &str = r"[\x00-/:-@\[-`{-\x7f]";
    let in_term = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii();
    let before = if term.chars().next().is_some_and(in_term) {
        format!("(?:^|{OUTSIDE})")
    } else {
        String::new()
    };
    let after = if term.chars().next_back().is_some_and(in_term) {
        format!("(?:{OUTSIDE}|$)")
    } else {
        String::new()
    };
    format!("{before}{}{after}", regex::escape(term))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_syntax_passes_and_flags_become_modifiers() {
        let portable = portable(r"(?is)^a(?:b|c)+[^\]x-z]\d{2,}\.exe$", false).unwrap();
        assert_eq!(portable.flags, ["i", "s"]);
        assert_eq!(portable.pattern, r"^a(?:b|c)+[^\]x-z]\d{2,}\.exe$");
        assert_eq!(super::portable("a", true).unwrap().flags, ["i"]);
    }

    #[test]
    fn dialect_specific_syntax_is_refused() {
        for pattern in [
            r"\p{L}",
            "(?P<x>a)",
            "a(?i)b",
            "[a&&b]",
            r"\x{41}",
            "[[:alpha:]]",
            r"\z",
            "(?x)a",
        ] {
            assert!(portable(pattern, false).is_err(), "{pattern}");
        }
    }

    #[test]
    fn terms_stand_between_boundaries() {
        let finds =
            |needle: &str, text: &str| regex::Regex::new(&term(needle)).unwrap().is_match(text);
        assert!(
            finds("ab", "x ab y")
                && finds("ab", "ab")
                && finds("ab", "[ab]")
                && finds("a.b", "a.b")
        );
        assert!(
            !finds("ab", "xab")
                && !finds("ab", "ab1")
                && !finds("ab", "éab")
                && !finds("a.b", "axb")
        );
        assert!(finds("/ab/", "x/ab/y"));
    }
}
