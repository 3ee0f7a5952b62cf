//! Regular expressions of the IR's dialect (the `regex` crate's) to what Sigma backends have in common.
//!
//! Sigma names a subset of PCRE. Literals, classes, groups, alternatives, repetitions and anchors pass, and the escapes that every
//! PCRE, RE2 and Python have. Flags that hold for all that they could change become modifiers, wherever they stand; the anchors of
//! the whole text are those of the line where there are no other lines. Refused: everything that only some engines read.

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{
    AssertionKind, Ast, ClassSet, ClassSetItem, Flag, Flags, Group, GroupKind, Span,
};

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
    let (flags, pattern) = plain(pattern, ignore_case);
    check(&pattern)?;
    Ok(Portable { flags, pattern })
}

/// The flags that hold for the whole pattern, and the pattern without those inside of it; as it is, where they do not.
fn plain(pattern: &str, ignore_case: bool) -> (Vec<&'static str>, String) {
    let start = State {
        letters: ignore_case,
        ..State::default()
    };
    let mut found = Found::default();
    let parsed = Parser::new().parse(pattern).ok();
    let global = parsed.and_then(|ast| {
        // What stands at the start is kept, even where it changes nothing.
        let written = match &ast {
            Ast::Flags(first) => start.with(&first.flags)?,
            Ast::Concat(concat) => match concat.asts.first() {
                Some(Ast::Flags(first)) => start.with(&first.flags)?,
                _ => start,
            },
            _ => start,
        };
        found.walk(&ast, start)?;
        Some(State {
            letters: found.letters.all()?.unwrap_or(written.letters),
            lines: found.lines.all()?.unwrap_or(written.lines),
            dots: found.dots.all()?.unwrap_or(written.dots),
        })
    });
    let Some(global) = global else {
        return (start.names(), pattern.to_owned());
    };
    let mut text = pattern.to_owned();
    for (span, instead) in found.edits.into_iter().rev() {
        // In a text of many lines, the whole text's anchors have no other form.
        if !(global.lines && ANCHORS.contains(&instead)) {
            text.replace_range(span.start.offset..span.end.offset, instead);
        }
    }
    (global.names(), text)
}

/// The anchors of a line, which are those of a text of one line.
const ANCHORS: [&str; 2] = ["^", "$"];

/// The flags that hold somewhere.
#[derive(Clone, Copy, Default)]
struct State {
    letters: bool,
    lines: bool,
    dots: bool,
}

impl State {
    fn with(self, flags: &Flags) -> Option<Self> {
        let other = [
            Flag::SwapGreed,
            Flag::Unicode,
            Flag::CRLF,
            Flag::IgnoreWhitespace,
        ];
        if other
            .into_iter()
            .any(|flag| flags.flag_state(flag).is_some())
        {
            return None;
        }
        let or = |flag, before: bool| flags.flag_state(flag).unwrap_or(before);
        Some(Self {
            letters: or(Flag::CaseInsensitive, self.letters),
            lines: or(Flag::MultiLine, self.lines),
            dots: or(Flag::DotMatchesNewLine, self.dots),
        })
    }

    fn names(self) -> Vec<&'static str> {
        let names = [(self.letters, "i"), (self.lines, "m"), (self.dots, "s")];
        let set = names.into_iter().filter(|(set, _)| *set);
        set.map(|(_, name)| name).collect()
    }
}

/// Whether what a flag could change stood under it, and whether not.
#[derive(Default)]
struct Seen {
    under: bool,
    without: bool,
}

impl Seen {
    fn note(&mut self, set: bool) {
        self.under |= set;
        self.without |= !set;
    }

    /// The state that holds for all of it; nothing where there are two, and none where nothing was seen.
    #[allow(clippy::option_option, reason = "no state is another thing than two")]
    fn all(&self) -> Option<Option<bool>> {
        match (self.under, self.without) {
            (true, true) => None,
            (false, false) => Some(None),
            (under, _) => Some(Some(under)),
        }
    }
}

/// What was found in a pattern: what flags could change, and what is to be written in another way, in the order of the text.
#[derive(Default)]
struct Found {
    letters: Seen,
    lines: Seen,
    dots: Seen,
    edits: Vec<(Span, &'static str)>,
}

impl Found {
    /// Walks through the node; gives the state behind it, or nothing where it has a flag that is not Sigma's.
    fn walk(&mut self, ast: &Ast, state: State) -> Option<State> {
        match ast {
            Ast::Empty(_) | Ast::ClassUnicode(_) | Ast::ClassPerl(_) => {}
            Ast::Flags(set) => {
                self.edits.push((set.span, ""));
                return state.with(&set.flags);
            }
            Ast::Literal(literal) => self.letter(literal.c, state),
            Ast::Dot(_) => self.dots.note(state.dots),
            Ast::Assertion(assertion) => match assertion.kind {
                AssertionKind::StartLine | AssertionKind::EndLine => self.lines.note(state.lines),
                AssertionKind::StartText => self.edits.push((assertion.span, ANCHORS[0])),
                AssertionKind::EndText => self.edits.push((assertion.span, ANCHORS[1])),
                _ => {}
            },
            Ast::ClassBracketed(class) => self.class(&class.kind, state),
            Ast::Repetition(repetition) => {
                self.walk(&repetition.ast, state)?;
            }
            Ast::Group(group) => self.group(group, state)?,
            Ast::Alternation(alternation) => {
                return self.each(&alternation.asts, state);
            }
            Ast::Concat(concat) => return self.each(&concat.asts, state),
        }
        Some(state)
    }

    /// Flags hold until the group ends, in the alternatives behind them as well.
    fn each(&mut self, asts: &[Ast], state: State) -> Option<State> {
        asts.iter()
            .try_fold(state, |state, ast| self.walk(ast, state))
    }

    fn group(&mut self, group: &Group, state: State) -> Option<()> {
        let mut opening = group.span;
        opening.end = group.ast.span().start;
        let inside = match &group.kind {
            GroupKind::CaptureIndex(_) => state,
            GroupKind::CaptureName { .. } => {
                self.edits.push((opening, "("));
                state
            }
            GroupKind::NonCapturing(flags) => {
                if !flags.items.is_empty() {
                    self.edits.push((opening, "(?:"));
                }
                state.with(flags)?
            }
        };
        self.walk(&group.ast, inside).map(|_| ())
    }

    fn letter(&mut self, c: char, state: State) {
        if c.is_alphabetic() {
            self.letters.note(state.letters);
        }
    }

    fn class(&mut self, set: &ClassSet, state: State) {
        match set {
            ClassSet::Item(ClassSetItem::Literal(literal)) => self.letter(literal.c, state),
            ClassSet::Item(ClassSetItem::Union(union)) => {
                for item in &union.items {
                    self.class(&ClassSet::Item(item.clone()), state);
                }
            }
            ClassSet::Item(ClassSetItem::Empty(_) | ClassSetItem::Perl(_)) => {}
            // Any of them may hold letters.
            ClassSet::Item(_) | ClassSet::BinaryOp(_) => self.letters.note(state.letters),
        }
    }
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
    fn what_only_one_dialect_has_is_written_as_all_have_it() {
        for (written, flags, expected) in [
            (
                r"\A(?:(?i)(ran|pay)[_-]?a\n?\z)",
                vec!["i"],
                r"^(?:(ran|pay)[_-]?a\n?$)",
            ),
            (r"(?<year>\d+)-(?P<b>x)", vec![], r"(\d+)-(x)"),
            (r"\A(?s:.*)$", vec!["s"], r"^(?:.*)$"),
            (r"\d+(?i)[a-f]", vec!["i"], r"\d+[a-f]"),
            (r"a(?i:\d)", vec![], r"a(?:\d)"),
        ] {
            let portable = portable(written, false).unwrap();
            assert_eq!(
                (portable.flags, portable.pattern.as_str()),
                (flags, expected)
            );
        }
        assert_eq!(super::portable("(?-i)a", true).unwrap().flags, [""; 0]);
    }

    #[test]
    fn dialect_specific_syntax_is_refused() {
        for pattern in [
            r"\p{L}",
            "a(?i)b",
            "[a&&b]",
            r"\x{41}",
            "[[:alpha:]]",
            r"(?m)\Aa$",
            r".(?s).",
            r"a|(?i)b",
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
