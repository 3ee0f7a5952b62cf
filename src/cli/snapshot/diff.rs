//! Two texts to their unified diff.
//!
//! Invariant: the work is bounded by the texts' length, whatever they hold: where comparing all lines would take long, the diff
//! says only how many lines there were and are.

use std::fmt::Write;

use similar::TextDiff;

use super::compare::FileChange;
use crate::diagnostic::render::{Colour, printable};

/// How many pairs of lines are compared at most; every text that a person reads stays far below.
const LARGEST: usize = 100_000_000;

/// How many unchanged lines stand around a change.
const CONTEXT: usize = 3;

/// The diff of a file, the whole of a file that is new, or a line for one that is to go. `shown` is how its path is called.
pub(super) fn unified(file: &FileChange, shown: &str) -> String {
    if file.new.is_none() {
        return format!("removes {shown}\n");
    }
    let before = file.old.as_deref().map_or("/dev/null", |_| shown);
    let (old, new) = (
        file.old.as_deref().unwrap_or(""),
        file.new.as_deref().unwrap_or(""),
    );
    let (was, is) = (old.lines().count(), new.lines().count());
    if was.saturating_mul(is) > LARGEST {
        return format!(
            "--- {before}\n+++ {shown}\n@@ {was} lines became {is}, too many for a diff @@\n"
        );
    }
    TextDiff::from_lines(old, new)
        .unified_diff()
        .context_radius(CONTEXT)
        .header(before, shown)
        .to_string()
}

/// The first lines of a text, and how many are left.
pub(super) fn head(text: &str, lines: usize) -> String {
    let mut ends = text.match_indices('\n').map(|(at, _)| at + 1);
    match ends.nth(lines.saturating_sub(1)) {
        Some(end) if end < text.len() => {
            let left = text[end..].lines().count();
            format!("{}… {left} more lines\n", &text[..end])
        }
        _ => text.to_owned(),
    }
}

/// The diff for a terminal: without characters that would move its cursor, and coloured where that is wanted.
pub(super) fn painted(diff: &str, colour: Colour) -> String {
    let mut text = String::with_capacity(diff.len());
    for (at, line) in diff.lines().enumerate() {
        let paint = match (colour, line.as_bytes().first()) {
            (Colour::Never, _) => "",
            _ if at < 2 => "\x1b[1m",
            (Colour::Always, Some(b'-')) => "\x1b[31m",
            (Colour::Always, Some(b'+')) => "\x1b[32m",
            (Colour::Always, Some(b'@')) => "\x1b[36m",
            (Colour::Always, _) => "",
        };
        let reset = if paint.is_empty() { "" } else { "\x1b[0m" };
        let _ = writeln!(text, "{paint}{}{reset}", printable(line));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(old: Option<&str>, new: Option<&str>) -> FileChange {
        FileChange {
            path: "a".to_owned(),
            old: old.map(str::to_owned),
            new: new.map(str::to_owned),
        }
    }

    #[test]
    fn a_diff_is_a_unified_diff() {
        let diff = unified(
            &change(Some("1\n2\n3\n4\n5\n"), Some("1\n2\n3\n4\n6\n")),
            "x/a",
        );
        assert_eq!(
            diff,
            "--- x/a\n+++ x/a\n@@ -2,4 +2,4 @@\n 2\n 3\n 4\n-5\n+6\n"
        );
        let new = unified(&change(None, Some("1\n")), "a");
        assert_eq!(new, "--- /dev/null\n+++ a\n@@ -0,0 +1 @@\n+1\n");
        let gone = unified(&change(Some("1\n"), None), "a");
        assert_eq!(gone, "removes a\n");
    }

    #[test]
    fn large_texts_end_soon() {
        let lines = |word: &str| vec![word; 20_000].join("\n");
        let diff = unified(&change(Some(&lines("a")), Some(&lines("b"))), "a");
        assert!(diff.ends_with("@@ 20000 lines became 20000, too many for a diff @@\n"));
    }

    #[test]
    fn colour_and_control_characters() {
        let diff = "--- a\n+++ a\n@@ -1 +1 @@\n-\u{1b}[2J\n+b\n";
        assert_eq!(
            painted(diff, Colour::Never),
            "--- a\n+++ a\n@@ -1 +1 @@\n-\u{fffd}[2J\n+b\n"
        );
        assert_eq!(
            painted(diff, Colour::Always),
            "\x1b[1m--- a\x1b[0m\n\x1b[1m+++ a\x1b[0m\n\x1b[36m@@ -1 +1 @@\x1b[0m\n\x1b[31m-\u{fffd}[2J\x1b[0m\n\x1b[32m+b\x1b[0m\n"
        );
    }

    #[test]
    fn a_long_diff_is_cut() {
        assert_eq!(head("a\nb\nc\n", 2), "a\nb\n… 1 more lines\n");
        assert_eq!(head("a\nb\n", 2), "a\nb\n");
    }
}
