//! Names for the code of several targets, made of field names: ASCII words joined by `_`, never starting with a digit.

use crate::ir::{FieldPath, Segment, Term};

/// The words of a text in lower case, split at what is no letter or digit and where the case changes.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let previous = at.checked_sub(1).map(|before| chars[before]);
        let after_lower = previous.is_some_and(|p| p.is_ascii_lowercase() || p.is_ascii_digit());
        // The last capital of several starts the next word: `sourceIPAddress`.
        let before_lower = chars.get(at + 1).is_some_and(char::is_ascii_lowercase)
            && previous.is_some_and(|p| p.is_ascii_uppercase());
        if words.is_empty() || (c.is_ascii_uppercase() && (after_lower || before_lower)) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A name in lower case made of the words of a text, at most `longest` characters long; `fallback` where there is none.
pub(super) fn snake(text: &str, fallback: &str, longest: usize) -> String {
    let mut name = String::new();
    for word in words(text) {
        if !name.is_empty() && name.len() + word.len() >= longest {
            break;
        }
        if !name.is_empty() {
            name.push('_');
        }
        name.extend(word.chars().take(longest));
    }
    match name.chars().next() {
        None => fallback.to_owned(),
        Some(first) if first.is_ascii_digit() => format!("{fallback}_{name}"),
        Some(_) => name,
    }
}

/// The keys of the first field that the term reads, or of the item it is about.
pub(super) fn keys(term: &Term) -> Vec<&str> {
    fn of(path: &FieldPath) -> Vec<&str> {
        path.segments
            .iter()
            .filter_map(|segment| match segment {
                Segment::Key(key) | Segment::Exact(key) => Some(key.as_str()),
                Segment::Index(_) | Segment::Each => None,
            })
            .collect()
    }
    match term {
        Term::Field(path) | Term::Item { path, .. } => of(path),
        Term::Literal(_) => Vec::new(),
        Term::Call { arguments, .. } => arguments
            .iter()
            .map(keys)
            .find(|keys| !keys.is_empty())
            .unwrap_or_default(),
        Term::Choice { otherwise, .. } => keys(otherwise),
        Term::Select { list, .. } => keys(list),
        Term::Aggregate { argument, .. } => argument.as_deref().map(keys).unwrap_or_default(),
    }
}
