//! An expression to what it reads, and to a name for what it is.
//!
//! The names of columns stand in it as words that are neither called nor below something; a text in it is no word.

use std::collections::BTreeSet;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::super::{names, quote};
use crate::backend::fragment::{ATOM, Fragment};

/// Functions of several rows.
const OF_ROWS: &[&str] = &[
    "arg_max",
    "arg_min",
    "avg",
    "count",
    "count_distinct",
    "count_distinctif",
    "countif",
    "dcount",
    "make_bag",
    "make_bag_if",
    "make_list",
    "make_list_if",
    "make_set",
    "max",
    "min",
    "next",
    "prev",
    "sum",
    "take_any",
];

/// What was found out about expressions.
#[derive(Default)]
pub(in crate::backend::kusto) struct Readings {
    known: FxHashMap<u64, Rc<Known>>,
    names: FxHashMap<u64, Rc<str>>,
}

/// What an expression reads.
#[derive(Debug)]
pub(super) struct Known {
    /// Names of columns, and some words that are none.
    pub(super) reads: BTreeSet<Rc<str>>,
    /// Whether it is of several rows.
    pub(super) is_of_rows: bool,
    /// Whether it may be a column.
    pub(super) is_row: bool,
}

impl Readings {
    pub(super) fn known(&mut self, fragment: &Fragment) -> Rc<Known> {
        let print = fragment.fingerprint();
        if let Some(known) = self.known.get(&print) {
            return Rc::clone(known);
        }
        let known = Rc::new(self.read(fragment));
        self.known.insert(print, Rc::clone(&known));
        known
    }

    /// A name for the column of an expression.
    pub(super) fn name(&mut self, fragment: &Fragment) -> Rc<str> {
        let name = self.names.entry(fragment.fingerprint());
        Rc::clone(name.or_insert_with(|| name_of(fragment).into()))
    }

    /// What an expression reads by itself and in its parts. A word, and a text, stands in one of these whole.
    fn read(&mut self, fragment: &Fragment) -> Known {
        let (mut reads, mut is_of_rows) = (BTreeSet::new(), false);
        for part in fragment.inner() {
            let part = self.known(part);
            reads.extend(part.reads.iter().cloned());
            is_of_rows |= part.is_of_rows;
        }
        for word in fragment.own_texts().into_iter().flat_map(words) {
            if word.is_called {
                is_of_rows |= OF_ROWS.contains(&word.name);
            } else if !word.is_member {
                reads.insert(Rc::from(word.name));
            }
        }
        let is_group = fragment.inside().is_some_and(|(open, _)| open == "(");
        let is_part = is_group
            || fragment.strength() == 0
            || matches!(fragment.first_character(), Some('.' | '['));
        let is_name = reads.len() == 1 && quote::word(fragment).is_some();
        Known {
            is_row: !(reads.is_empty() || is_part || is_name || is_of_rows),
            reads,
            is_of_rows,
        }
    }
}

/// A name for the column of an expression: that of the last key of what it reads first, and what is made of it.
fn name_of(fragment: &Fragment) -> String {
    let text = fragment.flat();
    let words = words(&text);
    let at = words.iter().position(|word| !word.is_called);
    let members = at.and_then(|at| {
        let members = words[at + 1..].iter().take_while(|word| word.is_member);
        members.last()
    });
    let key = members.or(at.map(|at| &words[at]));
    let key = names::pascal(key.map_or("Value", |word| word.name));
    if fragment.strength() < ATOM {
        return format!("{key}Check");
    }
    // A text form is what it is the form of, and so is a key of what a text spells.
    let is_form = |word: &Word<'_>| {
        matches!(word.name, "tostring" | "coalesce")
            || word.name == "parse_json" && members.is_some()
    };
    let called = words.iter().find(|word| !is_form(word));
    let made = called.filter(|word| word.is_called).map(|word| word.name);
    let made = MADE.iter().find(|(function, _)| made == Some(*function));
    let suffix = made.map_or("", |(_, suffix)| suffix);
    match part_number(&text) {
        Some(number) => format!("{key}Part{number}"),
        None => format!("{key}{suffix}"),
    }
}

/// The number of the part that the expression ends with, counted from the front.
fn part_number(text: &str) -> Option<u32> {
    let (_, last) = text
        .trim_end_matches(')')
        .strip_suffix(']')?
        .rsplit_once('[')?;
    last.parse().ok()
}

/// What functions make, as a part of a name.
const MADE: &[(&str, &str)] = &[
    ("array_length", "Count"),
    ("bag_keys", "Keys"),
    ("gettype", "Type"),
    ("isempty", "Missing"),
    ("isnotempty", "Given"),
    ("isnotnull", "Given"),
    ("isnull", "Missing"),
    ("not", "Check"),
    ("parse_json", "Json"),
    ("set_intersect", "Common"),
    ("split", "Parts"),
    ("strcat", "Text"),
    ("tolong", "Number"),
    ("toreal", "Number"),
];

/// A word of an expression that is no literal.
pub(super) struct Word<'t> {
    pub(super) name: &'t str,
    /// Whether it is the name of a function.
    pub(super) is_called: bool,
    /// Whether it is a key below what stands before it.
    pub(super) is_member: bool,
}

/// The words between texts that are operators or constants.
const KEYWORDS: &[&str] = &[
    "and",
    "by",
    "contains",
    "contains_cs",
    "endswith",
    "endswith_cs",
    "false",
    "has",
    "has_any",
    "has_cs",
    "in",
    "matches",
    "null",
    "or",
    "regex",
    "startswith",
    "startswith_cs",
    "true",
];

/// The words of an expression, but for operators and what stands in texts.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let bytes = text.as_bytes();
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut found: Vec<Word<'_>> = Vec::new();
    let (mut at, mut before) = (0, b' ');
    while let Some(&byte) = bytes.get(at) {
        let mut end = at + 1;
        if byte == b'"' || byte == b'\'' {
            end = behind_text(bytes, at, before == b'@');
        } else if is_word(&byte) {
            end += bytes[end..].iter().take_while(|byte| is_word(byte)).count();
            let name = &text[at..end];
            if !byte.is_ascii_digit() && !KEYWORDS.contains(&name) {
                found.push(Word {
                    name,
                    is_called: bytes.get(end) == Some(&b'('),
                    is_member: before == b'.',
                });
            }
        }
        (at, before) = (end, byte);
    }
    found
}

/// Where the text ends that starts at the position.
fn behind_text(bytes: &[u8], start: usize, is_verbatim: bool) -> usize {
    let mut escaped = false;
    let inner = bytes[start + 1..].iter().position(|byte| {
        let is_end = *byte == bytes[start] && !escaped;
        escaped = !is_verbatim && *byte == b'\\' && !escaped;
        is_end
    });
    inner.map_or(bytes.len(), |inner| start + inner + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_after_what_they_hold() {
        for (fragment, expected) in [
            (Fragment::atom("tostring(parse_json(Body).role.id)"), "Id"),
            (
                Fragment::called("split", &[Fragment::atom("Path")]),
                "PathParts",
            ),
            (
                Fragment::atom("tostring(split(Path, \"/\")[3])"),
                "PathPart3",
            ),
            (Fragment::atom("array_length(Request.rules)"), "RulesCount"),
            (
                Fragment::with_strength("User.name != \"Other.x\"", 3),
                "NameCheck",
            ),
            (Fragment::atom("iff(Kind == 1, 'Other', \"\")"), "Kind"),
        ] {
            assert_eq!(name_of(&fragment), expected, "{}", fragment.flat());
        }
    }

    #[test]
    fn texts_have_no_words() {
        let names = |text| words(text).iter().map(|word| word.name).collect::<Vec<_>>();
        assert_eq!(names(r#"A == "B \" C" and D"#), ["A", "D"]);
        assert_eq!(names(r#"A matches regex @"\" or B"#), ["A", "B"]);
        assert_eq!(names("f(A.b, '\"C', 15m)"), ["f", "A", "b"]);
    }
}
