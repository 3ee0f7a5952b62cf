//! A regular expression of the `regex` crate's dialect to one of Python's `re` that finds the same.
//!
//! The pattern is parsed and written again. What Python lacks or reads otherwise is spelled out (`$` becomes `\Z`, `\z` too,
//! a flag in the middle becomes a group with the flag) or refused: Unicode classes, class arithmetic, swapped greed, word
//! boundaries of one side. `\d`, `\s`, `\w` and `\b` are Unicode's in both; the two editions of Unicode may differ by a few
//! characters.

use regex_syntax::ast::{
    AssertionKind, Ast, ClassAsciiKind, ClassPerl, ClassPerlKind, ClassSet, ClassSetItem, Flag,
    Flags, FlagsItemKind, Group, GroupKind, RepetitionKind, RepetitionRange, parse::Parser,
};
use regex_syntax::hir::{Hir, HirKind};

use super::quote;

/// The pattern in Python's dialect; the error says what has no counterpart.
pub(super) fn python(pattern: &str) -> Result<String, String> {
    let ast = Parser::new().parse(pattern).map_err(|error| {
        format!(
            "the regular expression `{pattern}` is not well-formed: {}",
            error.kind()
        )
    })?;
    let mut writer = Writer {
        text: String::new(),
    };
    writer.whole(&ast, false)?;
    Ok(writer.text)
}

/// How many groups the pattern captures.
pub(super) fn groups(pattern: &str) -> usize {
    Groups::of(pattern).map_or(0, |groups| groups.len() - 1)
}

/// The groups of a pattern, which are known without compiling it; the first one is the whole.
pub(super) struct Groups {
    names: Vec<Option<Box<str>>>,
}

impl Groups {
    /// The groups; nothing where the pattern is not well-formed.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        let mut groups = Self { names: vec![None] };
        groups.add(&regex_syntax::parse(pattern).ok()?);
        Some(groups)
    }

    fn add(&mut self, pattern: &Hir) {
        if let HirKind::Capture(capture) = pattern.kind() {
            let at = usize::try_from(capture.index).unwrap_or(0);
            // What is repeated no time is left out of the tree; the groups behind it keep their numbers.
            self.names.resize(self.names.len().max(at + 1), None);
            self.names[at].clone_from(&capture.name);
        }
        pattern.kind().subs().iter().for_each(|part| self.add(part));
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The number of the group with the name.
    pub(super) fn named(&self, name: &str) -> Option<usize> {
        let mut names = self.names.iter();
        names.position(|known| known.as_deref() == Some(name))
    }
}

/// Whether the pattern finds something in the empty text.
pub(super) fn finds_nothing(pattern: &str) -> bool {
    let is_short = |hir: Hir| hir.properties().minimum_len() == Some(0);
    regex_syntax::parse(pattern).is_ok_and(is_short)
        && regex::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(""))
}

/// A replacement of the crate's dialect (`$1`, `${name}`, `$$`) in the words of Python's `re`.
pub(super) fn replacement(text: &str, groups: &Groups) -> String {
    let mut written = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        written.push_str(&rest[..at].replace('\\', "\\\\"));
        rest = &rest[at + 1..];
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let braced = rest
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'));
        let (name, after) = match braced {
            Some(found) => found,
            None => rest.split_at(rest.find(|c| !is_word(c)).unwrap_or(rest.len())),
        };
        if let Some(after) = rest.strip_prefix('$') {
            written.push('$');
            rest = after;
        } else if name.is_empty() {
            written.push('$');
        } else {
            let known = match name.parse::<usize>() {
                Ok(number) => number < groups.len(),
                Err(_) => groups.named(name).is_some(),
            };
            // A group that is not there is the empty text.
            if known {
                written.extend(["\\g<", name, ">"]);
            }
            rest = after;
        }
    }
    written.push_str(&rest.replace('\\', "\\\\"));
    written
}

struct Writer {
    text: String,
}

impl Writer {
    /// A whole pattern or the whole inside of a group, which flags at its start apply to.
    fn whole(&mut self, ast: &Ast, multiline: bool) -> Result<(), String> {
        let Some(flags) = leading_flags(ast) else {
            return self.write(ast, multiline);
        };
        let multiline = flags.flag_state(Flag::MultiLine).unwrap_or(multiline);
        self.text.push_str("(?");
        self.flags(flags)?;
        self.text.push(':');
        match ast {
            Ast::Concat(concat) => self.sequence(&concat.asts[1..], multiline)?,
            Ast::Alternation(alternation) => {
                self.alternatives(&alternation.asts, true, multiline)?;
            }
            _ => {}
        }
        self.text.push(')');
        Ok(())
    }

    fn sequence(&mut self, parts: &[Ast], multiline: bool) -> Result<(), String> {
        for (at, part) in parts.iter().enumerate() {
            if let Ast::Flags(set) = part {
                let multiline = set.flags.flag_state(Flag::MultiLine).unwrap_or(multiline);
                self.text.push_str("(?");
                self.flags(&set.flags)?;
                self.text.push(':');
                self.sequence(&parts[at + 1..], multiline)?;
                self.text.push(')');
                return Ok(());
            }
            self.write(part, multiline)?;
        }
        Ok(())
    }

    /// Alternatives, without the flags at the start of the first where they are already written.
    fn alternatives(
        &mut self,
        branches: &[Ast],
        without_flags: bool,
        multiline: bool,
    ) -> Result<(), String> {
        for (at, branch) in branches.iter().enumerate() {
            self.text.push_str(if at == 0 { "" } else { "|" });
            let mut parts = match branch {
                Ast::Concat(concat) => concat.asts.as_slice(),
                other => std::slice::from_ref(other),
            };
            if at == 0 && without_flags {
                parts = parts.get(1..).unwrap_or_default();
            }
            // The flag would hold for the alternatives after this one, too.
            if at + 1 < branches.len() && parts.iter().any(|part| matches!(part, Ast::Flags(_))) {
                return Err("a flag that holds for the following alternatives".to_owned());
            }
            self.sequence(parts, multiline)?;
        }
        Ok(())
    }

    fn write(&mut self, ast: &Ast, multiline: bool) -> Result<(), String> {
        match ast {
            // Flags stand in a sequence; alone they say nothing.
            Ast::Empty(_) | Ast::Flags(_) => {}
            Ast::Literal(literal) => self
                .text
                .push_str(&literal_text(literal.c, ".^$*+?{}[]\\|()")),
            Ast::Dot(_) => self.text.push('.'),
            Ast::Assertion(assertion) => self
                .text
                .push_str(assertion_text(&assertion.kind, multiline)?),
            Ast::ClassUnicode(_) => return Err(NO_UNICODE_CLASS.to_owned()),
            Ast::ClassPerl(class) => self.text.push_str(perl(class)),
            Ast::ClassBracketed(class) => {
                self.text.push_str(if class.negated { "[^" } else { "[" });
                self.class(&class.kind)?;
                self.text.push(']');
            }
            Ast::Repetition(repetition) => {
                let simple = matches!(
                    *repetition.ast,
                    Ast::Literal(_)
                        | Ast::Dot(_)
                        | Ast::ClassPerl(_)
                        | Ast::ClassBracketed(_)
                        | Ast::Group(_)
                );
                self.text.push_str(if simple { "" } else { "(?:" });
                self.write(&repetition.ast, multiline)?;
                self.text.push_str(if simple { "" } else { ")" });
                self.text.push_str(&repetition_text(&repetition.op.kind));
                self.text.push_str(if repetition.greedy { "" } else { "?" });
            }
            Ast::Group(group) => self.group(group, multiline)?,
            Ast::Alternation(alternation) => {
                self.alternatives(&alternation.asts, false, multiline)?;
            }
            Ast::Concat(concat) => self.sequence(&concat.asts, multiline)?,
        }
        Ok(())
    }

    fn group(&mut self, group: &Group, mut multiline: bool) -> Result<(), String> {
        match &group.kind {
            GroupKind::CaptureName { name, .. } if is_identifier(&name.name) => {
                self.text.push_str("(?P<");
                self.text.push_str(&name.name);
                self.text.push('>');
            }
            GroupKind::CaptureIndex(_) | GroupKind::CaptureName { .. } => self.text.push('('),
            GroupKind::NonCapturing(flags) => {
                multiline = flags.flag_state(Flag::MultiLine).unwrap_or(multiline);
                self.text.push_str("(?");
                self.flags(flags)?;
                self.text.push(':');
            }
        }
        self.whole(&group.ast, multiline)?;
        self.text.push(')');
        Ok(())
    }

    fn flags(&mut self, flags: &Flags) -> Result<(), String> {
        let (mut on, mut off, mut negated) = (String::new(), String::new(), false);
        for item in &flags.items {
            let letter = match item.kind {
                FlagsItemKind::Negation => {
                    negated = true;
                    continue;
                }
                FlagsItemKind::Flag(Flag::CaseInsensitive) => 'i',
                FlagsItemKind::Flag(Flag::MultiLine) => 'm',
                FlagsItemKind::Flag(Flag::DotMatchesNewLine) => 's',
                // White space and comments are gone from the tree.
                FlagsItemKind::Flag(Flag::IgnoreWhitespace) => continue,
                FlagsItemKind::Flag(Flag::Unicode) if !negated => continue,
                FlagsItemKind::Flag(Flag::Unicode | Flag::SwapGreed | Flag::CRLF) => {
                    return Err("a flag that Python's `re` does not have".to_owned());
                }
            };
            if negated {
                off.push(letter);
            } else {
                on.push(letter);
            }
        }
        self.text.push_str(&on);
        if !off.is_empty() {
            self.text.push('-');
            self.text.push_str(&off);
        }
        Ok(())
    }

    fn class(&mut self, set: &ClassSet) -> Result<(), String> {
        match set {
            ClassSet::Item(item) => self.class_item(item),
            ClassSet::BinaryOp(_) => {
                Err("class arithmetic, which Python's `re` does not have".to_owned())
            }
        }
    }

    fn class_item(&mut self, item: &ClassSetItem) -> Result<(), String> {
        const SPECIAL: &str = "\\]^-[&~|";
        match item {
            ClassSetItem::Empty(_) => {}
            ClassSetItem::Literal(literal) => self.text.push_str(&literal_text(literal.c, SPECIAL)),
            ClassSetItem::Range(range) => {
                self.text.push_str(&literal_text(range.start.c, SPECIAL));
                self.text.push('-');
                self.text.push_str(&literal_text(range.end.c, SPECIAL));
            }
            ClassSetItem::Ascii(class) if !class.negated => self.text.push_str(ascii(&class.kind)),
            ClassSetItem::Perl(class) => self.text.push_str(perl(class)),
            ClassSetItem::Bracketed(class) if !class.negated => self.class(&class.kind)?,
            ClassSetItem::Ascii(_) | ClassSetItem::Bracketed(_) => {
                return Err(
                    "a negated class inside a class, which Python's `re` does not have".to_owned(),
                );
            }
            ClassSetItem::Unicode(_) => return Err(NO_UNICODE_CLASS.to_owned()),
            ClassSetItem::Union(union) => {
                for item in &union.items {
                    self.class_item(item)?;
                }
            }
        }
        Ok(())
    }
}

const NO_UNICODE_CLASS: &str =
    "a Unicode class such as `\\p{L}`, which Python's `re` does not have";

/// The flags that the pattern starts with, if they hold for all of it.
fn leading_flags(ast: &Ast) -> Option<&Flags> {
    match ast {
        Ast::Flags(set) => Some(&set.flags),
        Ast::Concat(concat) => match concat.asts.first()? {
            Ast::Flags(set) => Some(&set.flags),
            _ => None,
        },
        Ast::Alternation(alternation) => leading_flags(alternation.asts.first()?),
        _ => None,
    }
}

fn is_identifier(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn literal_text(c: char, special: &str) -> String {
    match c {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        c if special.contains(c) => format!("\\{c}"),
        c if quote::is_unseen(c) => quote::escape(c),
        c => c.to_string(),
    }
}

fn assertion_text(kind: &AssertionKind, multiline: bool) -> Result<&'static str, String> {
    Ok(match kind {
        AssertionKind::StartLine => "^",
        // Python's `$` also matches before a line end at the end of the text.
        AssertionKind::EndLine => {
            if multiline {
                "$"
            } else {
                "\\Z"
            }
        }
        AssertionKind::StartText => "\\A",
        AssertionKind::EndText => "\\Z",
        AssertionKind::WordBoundary => "\\b",
        AssertionKind::NotWordBoundary => {
            return Err("`\\B`, which Python's `re` does not find in an empty text".to_owned());
        }
        AssertionKind::WordBoundaryStart
        | AssertionKind::WordBoundaryEnd
        | AssertionKind::WordBoundaryStartAngle
        | AssertionKind::WordBoundaryEndAngle
        | AssertionKind::WordBoundaryStartHalf
        | AssertionKind::WordBoundaryEndHalf => {
            return Err(
                "a word boundary of one side, which Python's `re` does not have".to_owned(),
            );
        }
    })
}

fn perl(class: &ClassPerl) -> &'static str {
    match (&class.kind, class.negated) {
        (ClassPerlKind::Digit, false) => "\\d",
        (ClassPerlKind::Digit, true) => "\\D",
        (ClassPerlKind::Space, false) => "\\s",
        (ClassPerlKind::Space, true) => "\\S",
        (ClassPerlKind::Word, false) => "\\w",
        (ClassPerlKind::Word, true) => "\\W",
    }
}

fn ascii(kind: &ClassAsciiKind) -> &'static str {
    match kind {
        ClassAsciiKind::Alnum => "0-9A-Za-z",
        ClassAsciiKind::Alpha => "A-Za-z",
        ClassAsciiKind::Ascii => "\\x00-\\x7f",
        ClassAsciiKind::Blank => "\\t ",
        ClassAsciiKind::Cntrl => "\\x00-\\x1f\\x7f",
        ClassAsciiKind::Digit => "0-9",
        ClassAsciiKind::Graph => "!-~",
        ClassAsciiKind::Lower => "a-z",
        ClassAsciiKind::Print => " -~",
        ClassAsciiKind::Punct => "!-/:-@\\[-`{-~",
        ClassAsciiKind::Space => "\\t\\n\\v\\f\\r ",
        ClassAsciiKind::Upper => "A-Z",
        ClassAsciiKind::Word => "0-9A-Za-z_",
        ClassAsciiKind::Xdigit => "0-9A-Fa-f",
    }
}

fn repetition_text(kind: &RepetitionKind) -> String {
    match kind {
        RepetitionKind::ZeroOrOne => "?".to_owned(),
        RepetitionKind::ZeroOrMore => "*".to_owned(),
        RepetitionKind::OneOrMore => "+".to_owned(),
        RepetitionKind::Range(RepetitionRange::Exactly(count)) => format!("{{{count}}}"),
        RepetitionKind::Range(RepetitionRange::AtLeast(least)) => format!("{{{least},}}"),
        RepetitionKind::Range(RepetitionRange::Bounded(least, most)) => {
            format!("{{{least},{most}}}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Groups, finds_nothing, python};

    #[test]
    fn groups_and_empty_matches_are_those_of_the_compiled_pattern() {
        for pattern in [
            "a",
            "(a)|(?<name>b*)",
            "(?:a(b)){2}(?<last>c)?",
            "(a){0}(?<kept>b)",
            "^$",
            "\\b",
            "x*",
            "(?<n>\\w+)@(\\d+)",
        ] {
            let compiled = regex::Regex::new(pattern).unwrap();
            let groups = Groups::of(pattern).unwrap();
            assert_eq!(groups.len(), compiled.captures_len(), "{pattern}");
            for name in ["name", "last", "kept", "n", "other"] {
                let at = compiled.capture_names().position(|own| own == Some(name));
                assert_eq!(groups.named(name), at, "{pattern}");
            }
            assert_eq!(finds_nothing(pattern), compiled.is_match(""), "{pattern}");
        }
        assert!(Groups::of("(").is_none() && !finds_nothing("("));
    }

    #[test]
    fn patterns_are_written_in_pythons_dialect() {
        for (pattern, expected) in [
            ("^al.+e$", "^al.+e\\Z"),
            ("(?i)a|b", "(?i:a|b)"),
            ("a(?i)b", "a(?i:b)"),
            ("(?m)^a$", "(?m:^a$)"),
            ("(?<year>\\d{4})-\\z", "(?P<year>\\d{4})-\\Z"),
            ("[[:alpha:]_\\-&]+?", "[A-Za-z_\\-\\&]+?"),
            ("\\x{41}\\u{2028}", "A\\u2028"),
            ("(?x) a b # c", "(?:ab)"),
            ("(?:a{2,3})*", "(?:a{2,3})*"),
            ("a\\.b\\/c", "a\\.b/c"),
            ("\"it's\"", "\"it's\""),
        ] {
            assert_eq!(python(pattern).unwrap(), expected, "{pattern}");
        }
    }

    #[test]
    fn what_python_lacks_is_refused() {
        for pattern in [
            "\\p{L}",
            "[a-z&&[^b]]",
            "(?U)a+",
            "a|(?i)b|c",
            "\\<a",
            "(?-u)a",
            "(",
        ] {
            assert!(python(pattern).is_err(), "{pattern}");
        }
    }
}
