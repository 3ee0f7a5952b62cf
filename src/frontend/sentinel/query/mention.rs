//! The names that a query's text, and what refers to its columns, can speak of.
//!
//! Tables have hundreds of columns, of which a query names a handful. Those that nothing can name are not written down when rows
//! are: no stage could read them, and what no stage reads is left out of a pipeline in the end. Invariant: a column that
//! anything names, also under the number that a join puts behind a name, is mentioned; where that cannot be seen in the text,
//! every column is.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

/// The names that are mentioned.
pub(super) struct Mentioned<'q> {
    /// The words of the text without the digits at their ends; `None` for every name.
    stems: Option<IndexSet<&'q str, FxBuildHasher>>,
}

impl<'q> Mentioned<'q> {
    /// The names in a query, and in other texts about its columns.
    pub(super) fn of(query: &'q str, others: &[&'q str]) -> Self {
        // Where equal rows are one, every column counts; and a name can be put together.
        let distinct = query.split_once("distinct");
        let every = distinct.is_some_and(|(_, behind)| behind.contains('*'));
        if every || query.contains("ifexists") || spells_letters(query) {
            return Self { stems: None };
        }
        let texts = std::iter::once(query).chain(others.iter().copied());
        let words = texts.flat_map(|text| text.split(|letter: char| !is_plain(letter)));
        let stems = words.map(stem).filter(|stem| !stem.is_empty());
        Self {
            stems: Some(stems.collect()),
        }
    }

    /// Whether a column with this name may be spoken of.
    pub(super) fn contains(&self, name: &str) -> bool {
        let Some(stems) = &self.stems else {
            return true;
        };
        stems.contains(stem(name)) || !name.chars().all(is_plain)
    }
}

/// Whether a string may have letters in it that are spelt by their numbers.
fn spells_letters(query: &str) -> bool {
    let mut escapes = query.split('\\').skip(1);
    while let Some(behind) = escapes.next() {
        if behind.starts_with(['x', 'u', 'U', '0', '1', '2', '3', '4', '5', '6', '7']) {
            return true;
        }
        // The second of two backslashes is what the first escapes.
        if behind.is_empty() {
            escapes.next();
        }
    }
    false
}

/// Whether the letter is one that words are made of.
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// A name without the number behind it.
fn stem(name: &str) -> &str {
    name.trim_end_matches(|letter: char| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_mentioned_with_and_without_a_number() {
        let mentioned = Mentioned::of("T | where Account1 == Port22", &["{{Title}} of `Host`"]);
        for name in [
            "Account", "Account1", "Account2", "Port", "Title", "Host", "a b",
        ] {
            assert!(mentioned.contains(name), "{name}");
        }
        for name in ["Acc", "Accounts", "account", "Hos", ""] {
            assert!(!mentioned.contains(name), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_seen_mentions_everything() {
        let every = |query| Mentioned::of(query, &[]).contains("Account");
        assert!(every(r#"T | where ["A\x63count"] == "a""#));
        assert!(every(
            r#"T | where column_ifexists(strcat("Acc", "ount"), "") == "a""#
        ));
        assert!(!every(
            r#"T | where Path == "C:\\users" and Other matches regex @"\d""#
        ));
        assert!(every("T | where A == 1 | distinct *"));
        assert!(!every("T | where 2 * A == 1 | distinct A"));
    }
}
