//! The text of a YAML scalar to the place of each of its characters in the file.
//!
//! Block scalars lose their indentation, folded ones their line ends, quoted ones their escapes. What is equal is found in order; for
//! a character that the file does not have, such as the one that an escape stands for, the place is that of its neighbours.

use crate::source::{Embedded, SourceId, TextRange};

/// Matches the scalar's text with the bytes of the file from which it was read. White space may be folded or cut, and
/// escapes stand for other characters; every other character of the text stands in the file in the same order.
pub(super) fn align(source: SourceId, file: &str, range: TextRange, text: &str) -> Embedded {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    let mut outer = range.start as usize;
    let end = (range.end as usize).min(file.len());
    // Up to here the text was matched many bytes at once.
    let mut matched = 0;
    for (inner, wanted) in text.char_indices() {
        if inner < matched {
            continue;
        }
        let rest = file.get(outer..end).unwrap_or("");
        let Some(skip) = rest.find(|c| c == wanted || (wanted.is_whitespace() && c == '\n')) else {
            continue;
        };
        if wanted.is_whitespace() && skip > 0 {
            continue;
        }
        let at = outer + skip;
        let run = TextRange::new(inner, at);
        if runs
            .last()
            .is_none_or(|(from, to)| to + (run.start - from) != run.end)
        {
            runs.push((run.start, run.end));
        }
        outer = at + rest[skip..].chars().next().map_or(1, char::len_utf8);
        matched = inner + wanted.len_utf8();
        let length = same(text, matched, file.get(..end).unwrap_or(file), outer);
        if run_goes_on(&runs, matched, outer) {
            matched += length;
            outer += length;
        }
    }
    Embedded::new(source, runs, TextRange::new(0, end).end)
}

/// The number of bytes that both texts have alike from these places on, in whole characters.
fn same(text: &str, inner: usize, file: &str, outer: usize) -> usize {
    let (left, right) = (text.as_bytes(), file.as_bytes());
    let pairs = left.iter().skip(inner).zip(right.iter().skip(outer));
    let mut length = pairs.take_while(|(left, right)| left == right).count();
    while !text.is_char_boundary(inner + length) || !file.is_char_boundary(outer + length) {
        length -= 1;
    }
    length
}

/// Whether the last run leads from `inner` to `outer`.
fn run_goes_on(runs: &[(u32, u32)], inner: usize, outer: usize) -> bool {
    let place = TextRange::new(inner, outer);
    runs.last()
        .is_some_and(|(from, to)| to + (place.start - from) == place.end)
}
