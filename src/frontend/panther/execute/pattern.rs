//! Python's regular expressions and file patterns to the dialect of the `regex` crate.
//!
//! What both dialects spell alike is kept; what one spells otherwise is rewritten; what the `regex` crate does not have
//! (look-around, back-references, possessive and atomic groups, conditionals) is refused. Invariant: a pattern that comes out
//! compiles. The two differ in which characters outside ASCII count as letters only where Unicode itself does.

use super::Executor;
use super::Outcome;
use super::argument::Arguments;
use super::exception::Exception;
use super::matching::END;
use super::value::Value;
use crate::ir::compute::{compiled, is_pattern};
use crate::ir::{Literal, Object, Operator, Term};

/// Where in the text a pattern must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anchor {
    Anywhere,
    Start,
    Whole,
}

impl<'m> Executor<'m> {
    /// `re.compile` and its like.
    pub(super) fn regex_function(
        &mut self,
        name: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let (pattern, at) = match name {
            "compile" => (arguments.get(0, "pattern"), 1),
            "sub" => (arguments.get(0, "pattern"), 4),
            "split" => (arguments.get(0, "pattern"), 3),
            _ => (arguments.get(0, "pattern"), 2),
        };
        let Some(pattern) = pattern else {
            return self.raise(Exception::TYPE);
        };
        let flags = match arguments.get(at, "flags") {
            None => String::new(),
            Some(flags) => self.regex_flags(&flags)?,
        };
        let text = match name {
            "sub" => arguments.get(2, "string"),
            _ => arguments.get(1, "string"),
        };
        let replacement = arguments.get(1, "repl").filter(|_| name == "sub");
        let texts: Vec<Value<'m>> = replacement.into_iter().chain(text.clone()).collect();
        if arguments.get(at - 1, "count").is_some() && matches!(name, "sub" | "split") {
            return self.refuse(format!(
                "`re.{name}()` of the first matches only is not read"
            ));
        }
        self.each(pattern, &mut |this, pattern| {
            let pattern = match pattern {
                Value::Pattern(pattern) => pattern,
                Value::Constant(Literal::Text(pattern)) => {
                    this.translated(&pattern, &flags)?.into()
                }
                Value::Constant(_) => return this.raise(Exception::TYPE),
                _ => return this.refuse("a regular expression must be a known text"),
            };
            match (name, &text) {
                ("compile", _) => Ok(Value::Pattern(pattern)),
                (_, Some(_)) => {
                    let texts = Arguments::positional(texts.clone());
                    this.pattern_method(&pattern, name, texts)
                }
                (_, None) => this.raise(Exception::TYPE),
            }
        })
    }

    /// Flags, one or several put together by `|`.
    fn regex_flags(&mut self, flags: &Value<'m>) -> Outcome<String> {
        let names = match flags {
            Value::External(names) => names,
            Value::Constant(Literal::Integer(0)) => return Ok(String::new()),
            _ => return self.refuse("the flags of a regular expression must be known"),
        };
        let mut letters = String::new();
        for name in names.split('|') {
            match name.rsplit('.').next().unwrap_or_default() {
                "IGNORECASE" | "I" => letters.push('i'),
                "MULTILINE" | "M" => letters.push('m'),
                "DOTALL" | "S" => letters.push('s'),
                "UNICODE" | "U" => {}
                _ => return self.refuse("this flag of a regular expression cannot be expressed"),
            }
        }
        Ok(letters)
    }

    fn translated(&self, pattern: &str, flags: &str) -> Outcome<String> {
        match translate(pattern, flags) {
            Ok(pattern) => Ok(pattern),
            Err(reason) => self.refuse(reason),
        }
    }

    /// A method of a compiled pattern: a match or `None`.
    pub(super) fn pattern_method(
        &mut self,
        pattern: &std::rc::Rc<str>,
        name: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let anchor = match name {
            "search" => Anchor::Anywhere,
            "match" => Anchor::Start,
            "fullmatch" => Anchor::Whole,
            _ => return self.every_match(pattern, name, &arguments),
        };
        if !arguments.only(1..=1) {
            return self.refuse(format!("`.{name}()` requires one text here"));
        }
        let pattern: std::rc::Rc<str> = match anchor {
            Anchor::Anywhere => pattern.clone(),
            Anchor::Start => format!(r"\A(?:{pattern})").into(),
            // The whole text: no newline is left over for a `$` to stand before.
            Anchor::Whole => format!(r"\A(?:{})\z", pattern.replace(END, r"\z")).into(),
        };
        let text = arguments
            .positional
            .into_iter()
            .next()
            .unwrap_or(Value::NONE);
        let text = self.require_text(text)?;
        self.each(text, &mut |this, text| {
            let (when, term) = match &text {
                Value::Constant(Literal::Text(text)) => {
                    let found = compiled(&pattern, false).is_some_and(|regex| regex.is_match(text));
                    (crate::ir::Condition::constant(found), Term::text(text))
                }
                Value::Data(data) => (
                    this.test(
                        data.term.clone(),
                        Operator::Matches,
                        Object::Texts(vec![pattern.to_string()]),
                    ),
                    data.term.clone(),
                ),
                _ => return this.refuse("a regular expression requires a text"),
            };
            let found = Value::Match {
                pattern: pattern.clone(),
                text: term,
            };
            Ok(Value::choose(vec![(when, found)], Value::NONE))
        })
    }

    /// `fnmatch.fnmatch(text, pattern)`.
    pub(super) fn file_pattern(
        &mut self,
        text: Value<'m>,
        pattern: Value<'m>,
    ) -> Outcome<Value<'m>> {
        let text = self.require_text(text)?;
        self.each_two(text, pattern, &mut |this, text, pattern| {
            let Some(pattern) = pattern.as_text() else {
                return this.refuse("a file pattern must be a known text");
            };
            let (operator, object) = match wildcard(pattern) {
                Some(wildcard) => (Operator::Wildcard, wildcard),
                None => (Operator::Matches, file_regex(pattern)),
            };
            if operator == Operator::Matches && !is_pattern(&object, false) {
                return this.refuse("this file pattern cannot be expressed");
            }
            match &text {
                Value::Constant(Literal::Text(text)) => {
                    let found = compiled(&file_regex(pattern), false)
                        .is_some_and(|regex| regex.is_match(text));
                    Ok(Value::Constant(Literal::Boolean(found)))
                }
                Value::Data(data) if operator == Operator::Matches => Ok(Value::truth(this.test(
                    data.term.clone(),
                    operator,
                    Object::Texts(vec![object]),
                ))),
                Value::Data(data) => Ok(Value::truth(this.text_test(
                    &data.term,
                    operator,
                    &[object],
                ))),
                _ => this.refuse("a file pattern requires a text"),
            }
        })
    }
}

/// The pattern with wild cards that a file pattern is; nothing for one that asks for one of several characters.
fn wildcard(pattern: &str) -> Option<String> {
    let mut rest = pattern.chars();
    let mut wildcard = String::new();
    while let Some(next) = rest.next() {
        match next {
            // The way to write a character that would mean something.
            '[' => {
                let mut class = rest.by_ref().take(2);
                let (Some(literal), Some(']')) = (class.next(), class.next()) else {
                    return None;
                };
                match literal {
                    '!' => return None,
                    '*' | '?' | '\\' => wildcard.extend(['\\', literal]),
                    literal => wildcard.push(literal),
                }
            }
            '\\' => wildcard.push_str(r"\\"),
            other => wildcard.push(other),
        }
    }
    Some(wildcard)
}

/// The regular expression of a file pattern.
fn file_regex(pattern: &str) -> String {
    let mut regex = String::from(r"(?s)\A");
    let chars: Vec<char> = pattern.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        at += 1;
        match c {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '[' => {
                let negated = chars.get(at) == Some(&'!');
                let first = at + usize::from(negated);
                let closing = (first + 1..chars.len()).find(|at| chars[*at] == ']');
                let Some(closing) = closing else {
                    regex.push_str(r"\[");
                    continue;
                };
                regex.push_str(if negated { "[^" } else { "[" });
                for c in &chars[first..closing] {
                    if *c != '-' && !c.is_alphanumeric() {
                        regex.push('\\');
                    }
                    regex.push(*c);
                }
                regex.push(']');
                at = closing + 1;
            }
            c => regex.push_str(&regex::escape(&c.to_string())),
        }
    }
    regex.push_str(r"\z");
    regex
}

/// The pattern in the `regex` crate's dialect. The error is a diagnostic's message.
fn translate(pattern: &str, flags: &str) -> Result<String, String> {
    let mut result = String::new();
    if !flags.is_empty() {
        result = format!("(?{flags})");
    }
    let chars: Vec<char> = pattern.chars().collect();
    let multiline = flags.contains('m') || pattern.contains("(?m") || pattern.contains("(?im");
    let mut at = 0;
    while at < chars.len() {
        at = match chars[at] {
            '\\' => escape(&chars, at, false, &mut result)?,
            '[' => class(&chars, at, &mut result)?,
            '(' => group(&chars, at, &mut result)?,
            '$' if !multiline => {
                if !matches!(chars.get(at + 1), None | Some(')' | '|')) {
                    return Err("a `$` within a regular expression cannot be expressed".to_owned());
                }
                result.push_str(END);
                at + 1
            }
            c @ ('*' | '+' | '?' | '}') => {
                if chars.get(at + 1) == Some(&'+') {
                    return Err("possessive quantifiers cannot be expressed".to_owned());
                }
                result.push(c);
                at + 1
            }
            '{' if !is_count(&chars[at..]) => {
                result.push_str(r"\{");
                at + 1
            }
            c => {
                result.push(c);
                at + 1
            }
        };
    }
    if !is_pattern(&result, false) {
        return Err("the regular expression must compile".to_owned());
    }
    Ok(result)
}

/// Whether a brace starts a count, as in `{2}`, `{2,}`, `{,3}` or `{2,3}`.
fn is_count(chars: &[char]) -> bool {
    let inner: String = chars[1..].iter().take_while(|c| **c != '}').collect();
    chars.contains(&'}')
        && inner != ","
        && !inner.starts_with(',')
        && !inner.is_empty()
        && inner.chars().all(|c| c.is_ascii_digit() || c == ',')
        && inner.matches(',').count() <= 1
}

/// Copies an escape and returns the position after it.
fn escape(chars: &[char], at: usize, in_class: bool, result: &mut String) -> Result<usize, String> {
    let Some(c) = chars.get(at + 1).copied() else {
        return Err("the regular expression must not end with a backslash".to_owned());
    };
    match c {
        'Z' if !in_class => result.push_str(r"\z"),
        'b' if in_class => result.push_str(r"\x08"),
        'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'n' | 'r' | 't' | 'f' | 'v' | 'a' | 'x' | 'u' | 'U' => {
            result.push('\\');
            result.push(c);
        }
        'A' | 'b' | 'B' if !in_class => {
            result.push('\\');
            result.push(c);
        }
        c if c.is_ascii_alphanumeric() => {
            return Err(format!(
                "`\\{c}` in a regular expression cannot be expressed"
            ));
        }
        c => result.push_str(&regex::escape(&c.to_string())),
    }
    if in_class
        && matches!(c, '-' | '&' | '~' | '^' | ']' | '[' | '\\')
        && !result.ends_with(&format!("\\{c}"))
    {
        result.pop();
        result.push('\\');
        result.push(c);
    }
    Ok(at + 2)
}

/// Copies a class and returns the position after it. What the other dialect would read as a set operation is escaped.
fn class(chars: &[char], at: usize, result: &mut String) -> Result<usize, String> {
    result.push('[');
    let mut at = at + 1;
    if chars.get(at) == Some(&'^') {
        result.push('^');
        at += 1;
    }
    let first = at;
    while let Some(c) = chars.get(at).copied() {
        match c {
            ']' if at > first => {
                result.push(']');
                return Ok(at + 1);
            }
            '\\' => at = escape(chars, at, true, result)?,
            '[' | ']' | '&' | '~' => {
                result.push('\\');
                result.push(c);
                at += 1;
            }
            c => {
                result.push(c);
                at += 1;
            }
        }
    }
    Err("the regular expression must close its classes".to_owned())
}

/// Copies the opening of a group and returns the position after it.
fn group(chars: &[char], at: usize, result: &mut String) -> Result<usize, String> {
    let opening: String = chars[at..].iter().take(6).collect();
    if !opening.starts_with("(?") {
        result.push('(');
        return Ok(at + 1);
    }
    for (start, what) in [
        ("(?=", "look-ahead"),
        ("(?!", "look-ahead"),
        ("(?<=", "look-behind"),
        ("(?<!", "look-behind"),
        ("(?P=", "a back-reference"),
        ("(?>", "an atomic group"),
        ("(?(", "a conditional"),
        ("(?#", "a comment"),
    ] {
        if opening.starts_with(start) {
            return Err(format!(
                "{what} in a regular expression cannot be expressed"
            ));
        }
    }
    if opening.starts_with("(?P<") || opening.starts_with("(?:") {
        result.push_str("(?");
        return Ok(at + 2);
    }
    let letters: String = chars[at + 2..]
        .iter()
        .take_while(|c| c.is_ascii_alphabetic() || **c == '-')
        .collect();
    if letters.is_empty() || letters.chars().any(|c| !matches!(c, 'i' | 'm' | 's' | '-')) {
        return Err("this group of a regular expression cannot be expressed".to_owned());
    }
    result.push_str("(?");
    Ok(at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_translate_or_are_refused() {
        for (pattern, expected) in [
            (r"^a.*b$", r"^a.*b\n?\z"),
            (r"\<x\>\/", r"<x>/"),
            (r"[a[b&&c]", r"[a\[b\&\&c]"),
            (r"[\w.\-]+@x\Z", r"[\w.\-]+@x\z"),
            (r"a{b}", r"a\{b}"),
            (r"(?i)abc", r"(?i)abc"),
            (r"[]a]", r"[\]a]"),
        ] {
            assert_eq!(translate(pattern, "").as_deref(), Ok(expected), "{pattern}");
        }
        for pattern in [
            r"(?=a)", r"(?<!a)b", r"(a)\1", r"a*+b", r"(?>a)", r"a$b", "(", r"(?x) a",
        ] {
            assert!(translate(pattern, "").is_err(), "{pattern}");
        }
    }

    #[test]
    fn file_patterns_translate() {
        for (pattern, text, expected) in [
            ("a*", "abc", true),
            ("a?c", "abc", true),
            ("[!a]bc", "abc", false),
            ("[a-c]bc", "bbc", true),
            ("a[", "a[", true),
            ("*.x", "a.y", false),
            ("[]]", "]", true),
        ] {
            let regex = regex::Regex::new(&file_regex(pattern)).unwrap();
            assert_eq!(regex.is_match(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_character_in_brackets_is_itself() {
        for (pattern, expected) in [
            ("*[[]x[*]?", Some(r"*[x\*?")),
            ("[]]", Some("]")),
            (r"a\b[?]", Some(r"a\\b\?")),
            ("a[bc]", None),
            ("[!a]", None),
            ("a[", None),
        ] {
            assert_eq!(wildcard(pattern).as_deref(), expected, "{pattern}");
        }
    }
}
