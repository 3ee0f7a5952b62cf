//! Sigma texts in typed parts: plain text, `*` and `?`.
//!
//! The parts are kept from the YAML value to the predicate; nothing is printed and parsed again on the way, so that a backslash
//! at the end of a value never meets a wildcard that a modifier added.

use std::fmt::Write as _;

/// One part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Characters that stand for themselves.
    Text(String),
    /// Any run of characters.
    Any,
    /// Exactly one character.
    One,
}

/// A text with wildcards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Part>);

/// What a pattern asks, in the operators' terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// The whole text.
    Whole(String),
    /// A part of the text.
    Part(String),
    /// Its beginning.
    Start(String),
    /// Its end.
    End(String),
    /// Any text at all.
    Anything,
    /// Anything else, as a pattern of the IR.
    Pattern(String),
}

impl Pattern {
    /// Reads a value: `\` escapes `*`, `?` and itself, and is plain before everything else.
    pub(super) fn parse(value: &str) -> Self {
        const SPECIAL: [char; 3] = ['*', '?', '\\'];
        let (mut pattern, mut rest) = (Self::default(), value);
        while let Some(at) = rest.find(SPECIAL) {
            let (plain, special) = rest.split_at(at);
            pattern.push(plain);
            rest = &special[1..];
            match special.as_bytes()[0] {
                b'*' => pattern.0.push(Part::Any),
                b'?' => pattern.0.push(Part::One),
                _ if rest.starts_with(SPECIAL) => {
                    pattern.push(&rest[..1]);
                    rest = &rest[1..];
                }
                _ => pattern.push("\\"),
            }
        }
        pattern.push(rest);
        pattern
    }

    /// A text without wildcards.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    fn push(&mut self, plain: &str) {
        match self.0.last_mut() {
            _ if plain.is_empty() => {}
            Some(Part::Text(text)) => text.push_str(plain),
            _ => self.0.push(Part::Text(plain.to_owned())),
        }
    }

    /// The text, if there is no wildcard in it.
    pub(super) fn as_plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The pattern with `*` before or after it.
    #[must_use]
    pub(super) fn open(mut self, before: bool, after: bool) -> Self {
        if before {
            self.0.insert(0, Part::Any);
        }
        if after {
            self.0.push(Part::Any);
        }
        self
    }

    /// The parts, for modifiers that change the text.
    pub(super) fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The same with other parts.
    pub(super) fn from_parts(parts: Vec<Part>) -> Self {
        Self(parts)
    }

    /// What the pattern asks.
    pub(super) fn shape(&self) -> Shape {
        let mut parts: Vec<&Part> = Vec::new();
        for part in &self.0 {
            if !(part == &Part::Any && parts.last() == Some(&&Part::Any)) {
                parts.push(part);
            }
        }
        match parts.as_slice() {
            [] => Shape::Whole(String::new()),
            [Part::Text(text)] => Shape::Whole(text.clone()),
            [Part::Any] => Shape::Anything,
            [Part::Any, Part::Text(text), Part::Any] => Shape::Part(text.clone()),
            [Part::Text(text), Part::Any] => Shape::Start(text.clone()),
            [Part::Any, Part::Text(text)] => Shape::End(text.clone()),
            parts => Shape::Pattern(parts.iter().fold(String::new(), |mut pattern, part| {
                match part {
                    Part::Any => pattern.push('*'),
                    Part::One => pattern.push('?'),
                    Part::Text(text) => text.chars().for_each(|c| {
                        let escape = if "*?\\".contains(c) { "\\" } else { "" };
                        let _ = write!(pattern, "{escape}{c}");
                    }),
                }
                pattern
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backslashes_escape_wildcards_and_themselves() {
        let plain = |value: &str| Pattern::parse(value).as_plain().map(str::to_owned);
        for (value, text) in [
            (r"C:\x", r"C:\x"),
            (r"C:\\x", r"C:\x"),
            (r"\\\\srv", r"\\srv"),
            (r"\\\srv", r"\\srv"),
            (r"a\*c", "a*c"),
            (r"a\\\*", r"a\*"),
            (r"a\", r"a\"),
            (r"a\\", r"a\"),
        ] {
            assert_eq!(plain(value).as_deref(), Some(text), "{value}");
        }
        assert_eq!(Pattern::parse(r"a\\*").shape(), Shape::Start(r"a\".into()));
    }

    #[test]
    fn shapes_are_operators_where_there_is_one() {
        let shape = |value: &str| Pattern::parse(value).shape();
        assert_eq!(shape("**a*"), Shape::Part("a".into()));
        assert_eq!(shape("*"), Shape::Anything);
        assert_eq!(shape("*a"), Shape::End("a".into()));
        assert_eq!(shape("a*b?"), Shape::Pattern("a*b?".into()));
        assert_eq!(shape(r"a*\?\x"), Shape::Pattern(r"a*\?\\x".into()));
        assert_eq!(shape("?"), Shape::Pattern("?".into()));
        let ending = Pattern::parse(r"\Temp\").open(true, true);
        assert_eq!(ending.shape(), Shape::Part(r"\Temp\".into()));
    }
}
