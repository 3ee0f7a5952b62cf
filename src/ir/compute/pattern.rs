//! Functions of regular expressions in the dialect of the `regex` crate.
//!
//! Of a pattern that can match the empty text, dialects take different matches; frontends do not use these functions with one.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::Value;

/// Patterns that are kept.
const KEPT: usize = 500;

/// A pattern of at most so many states is not too large to be compiled: the limit is 10 MiB, and a state takes less than 60 bytes.
const SMALL: usize = 170_000;

/// A range of more characters than this is several sequences of bytes.
const NARROW: u32 = 64;

/// A text is no pattern.
pub(crate) struct NoPattern;

/// What is known of a text as a pattern.
#[derive(Default)]
struct Known {
    /// How long a match is at least; nothing where it is none.
    least: OnceCell<Option<usize>>,
    /// What was compiled of it; nothing where it is none.
    compiled: OnceCell<Option<Regex>>,
}

/// Patterns, by whether case counts.
type Patterns = [BTreeMap<String, Known>; 2];

thread_local! {
    /// The patterns that were asked for last: compiling takes far longer than matching, and a rule is asked of many events.
    static PATTERNS: RefCell<Patterns> = RefCell::default();
}

/// What is asked of a pattern, with what is known of it.
fn known<T>(pattern: &str, ignore_case: bool, ask: impl FnOnce(&Known) -> T) -> T {
    PATTERNS.with_borrow_mut(|patterns| {
        let patterns = &mut patterns[usize::from(ignore_case)];
        if let Some(known) = patterns.get(pattern) {
            return ask(known);
        }
        if patterns.len() >= KEPT {
            patterns.clear();
        }
        ask(patterns.entry(pattern.to_owned()).or_default())
    })
}

/// The compiled pattern; nothing where it is none.
pub(crate) fn compiled(pattern: &str, ignore_case: bool) -> Option<Regex> {
    known(pattern, ignore_case, |known| {
        let compile = || compile(pattern, ignore_case);
        known.compiled.get_or_init(compile).clone()
    })
}

/// Whether the text is a pattern that can be compiled.
pub(crate) fn is_pattern(pattern: &str, ignore_case: bool) -> bool {
    least(pattern, ignore_case).is_some()
}

/// Whether the text has a match.
pub(crate) fn is_match(pattern: &str, ignore_case: bool, text: &str) -> bool {
    least(pattern, ignore_case).is_some_and(|least| least <= text.len())
        && compiled(pattern, ignore_case).is_some_and(|regex| regex.is_match(text))
}

/// What the pattern finds in the text; nothing found where the text is too short for it, and nothing at all where it is none.
pub(crate) fn found<T>(
    pattern: &str,
    text: &str,
    find: impl FnOnce(&Regex) -> Option<T>,
) -> Result<Option<T>, NoPattern> {
    let fits = least(pattern, false).ok_or(NoPattern)? <= text.len();
    let regex = fits.then(|| compiled(pattern, false)).flatten();
    Ok(regex.as_ref().and_then(find))
}

/// How many bytes a match has at least; nothing where the text is no pattern. Compiled it is only where nothing else tells.
fn least(pattern: &str, ignore_case: bool) -> Option<usize> {
    known(pattern, ignore_case, |known| {
        *known.least.get_or_init(|| {
            let mut parser = ParserBuilder::new().case_insensitive(ignore_case).build();
            let tree = parser.parse(pattern).ok()?;
            let sound = states(&tree) <= SMALL || compile(pattern, ignore_case).is_some();
            // What never matches has no least length.
            sound.then(|| tree.properties().minimum_len().unwrap_or_default())
        })
    })
}

fn compile(pattern: &str, ignore_case: bool) -> Option<Regex> {
    let mut builder = RegexBuilder::new(pattern);
    builder.case_insensitive(ignore_case).build().ok()
}

/// About how many states a pattern has when it is compiled, rather too many than too few.
fn states(tree: &Hir) -> usize {
    match tree.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        // The sequences of bytes that a range is share their ends with others.
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = class.ranges();
            let sizes = ranges
                .iter()
                .map(|range| u32::from(range.end()) - u32::from(range.start()));
            let wide = sizes.filter(|size| *size >= NARROW).count();
            16 + ranges.len() * 5 / 4 + wide * 2
        }
        HirKind::Class(Class::Bytes(class)) => 1 + class.ranges().len(),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(repetition.min).max(1);
            let times = usize::try_from(most).unwrap_or(usize::MAX);
            states(&repetition.sub)
                .saturating_add(2)
                .saturating_mul(times)
        }
        HirKind::Capture(capture) => states(&capture.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            let parts = parts.iter().map(states);
            parts.fold(1, usize::saturating_add)
        }
    }
}

/// The text of a group of the first match; missing where there is none, or the group takes no part in it.
pub(super) fn group(text: &str, pattern: &str, group: &Value) -> Option<Value> {
    let captures = compiled(pattern, false)?.captures(text)?;
    let found = match group {
        Value::String(name) => captures.name(name),
        number => captures.get(usize::try_from(number.as_i64()?).ok()?),
    };
    Some(found?.as_str().into())
}

/// Every match from left to right: its text, or that of the only group, or the list of those of the groups.
pub(super) fn find_all(text: &str, pattern: &str) -> Option<Value> {
    let regex = compiled(pattern, false)?;
    let groups = regex.captures_len() - 1;
    let all = regex.captures_iter(text).map(|captures| {
        let part = |at: usize| Value::from(captures.get(at).map_or("", |part| part.as_str()));
        match groups {
            0 => part(0),
            1 => part(1),
            _ => (1..=groups).map(part).collect(),
        }
    });
    Some(all.collect())
}

/// The text with every match replaced; `$1`, `${name}` stand for groups and `$$` for itself.
pub(super) fn replace(text: &str, pattern: &str, replacement: &str) -> Option<Value> {
    let regex = compiled(pattern, false)?;
    Some(regex.replace_all(text, replacement).as_ref().into())
}

/// The parts between the matches.
pub(super) fn split(text: &str, pattern: &str) -> Option<Value> {
    Some(compiled(pattern, false)?.split(text).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_pattern_is_known_without_compiling_it() {
        for pattern in [
            "a",
            "(a",
            r"\w{3}",
            r"(?P<a>.)\k<a>",
            r"\w{900}{900}",
            "(?i)straße",
            r"\p{Greek}+",
        ] {
            for fold in [false, true] {
                let expected = compile(pattern, fold).is_some();
                assert_eq!(is_pattern(pattern, fold), expected, "{pattern}");
                assert_eq!(compiled(pattern, fold).is_some(), expected, "{pattern}");
            }
        }
    }

    #[test]
    fn states_are_not_larger_than_assumed() {
        let alternatives = vec!["abc.def"; 500].join("|");
        let patterns = [
            r"\w{20}",
            r"[^a]{100}",
            r".{300}",
            r"(\d+)\s\S{40}",
            r"[\w\s.-]{1,60}",
            r"(?i)[a-z]+\.exe",
            r"\p{L}{30}",
            r"\D{60}",
            r"\W{60}",
            r"\P{L}{60}",
            r"\p{Han}{90}",
            r"\p{Cn}{60}",
            r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}",
            &alternatives,
        ];
        for pattern in patterns {
            let tree = regex_syntax::parse(pattern).unwrap();
            let limit = 60 * states(&tree) + 2_000;
            let built = RegexBuilder::new(pattern).size_limit(limit).build();
            assert!(built.is_ok(), "{pattern}: {limit}");
        }
    }
}
