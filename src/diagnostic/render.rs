//! The text form of a diagnostic: message, place, excerpt with carets, help.
//!
//! ```text
//! error[KQL001]: expected `)`
//!   --> rules/sentinel/a/a.yaml:14:11
//!    |
//! 14 |   | where (a == 1
//!    |           ^ opened here
//!    = help: close the parenthesis
//! ```

use std::borrow::Cow;
use std::fmt::Write;

use super::{Diagnostic, Diagnostics, Label, Severity};
use crate::source::Sources;

/// The longest part of a source line that is shown; longer lines are cut around the span.
const EXCERPT: usize = 160;

/// Whether to colour the output for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    Never,
    /// ANSI escapes.
    Always,
}

/// All messages, each followed by an empty line.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, colour: Colour) -> String {
    diagnostics
        .iter()
        .fold(String::new(), |mut text, diagnostic| {
            text.push_str(&render_one(diagnostic, sources, colour));
            text.push('\n');
            text
        })
}

/// One message with its excerpts.
pub fn render_one(diagnostic: &Diagnostic, sources: &Sources, colour: Colour) -> String {
    let mut text = String::new();
    let (paint, bold, reset) = match (colour, diagnostic.severity) {
        (Colour::Never, _) => ("", "", ""),
        (Colour::Always, Severity::Error) => ("\x1b[1;31m", "\x1b[1m", "\x1b[0m"),
        (Colour::Always, Severity::Warning) => ("\x1b[1;33m", "\x1b[1m", "\x1b[0m"),
        (Colour::Always, Severity::Note) => ("\x1b[1;36m", "\x1b[1m", "\x1b[0m"),
    };
    let (name, code) = (diagnostic.severity.name(), diagnostic.code.name());
    let _ = writeln!(
        text,
        "{paint}{name}[{code}]{reset}{bold}: {}{reset}",
        printable(&diagnostic.message)
    );
    for (at, label) in diagnostic.labels.iter().enumerate() {
        excerpt(&mut text, label, at == 0, sources, (paint, reset));
    }
    if let Some(help) = &diagnostic.help {
        let margin = if diagnostic.labels.is_empty() {
            "  "
        } else {
            "   "
        };
        for (at, line) in help.lines().enumerate() {
            let lead = if at == 0 { "= help: " } else { "        " };
            let _ = writeln!(text, "{margin}{lead}{}", printable(line));
        }
    }
    text
}

fn excerpt(
    text: &mut String,
    label: &Label,
    first: bool,
    sources: &Sources,
    (paint, reset): (&str, &str),
) {
    let Some(source) = sources.get(label.span.source) else {
        return;
    };
    let range = label.span.range;
    let position = source.position(range.start);
    let arrow = if first { "-->" } else { ":::" };
    let _ = writeln!(text, "  {arrow} {}:{position}", source.path().display());
    let row = source.line_of(range.start);
    let line: Vec<char> = source.line(row).chars().map(visible).collect();
    let from = (position.column - 1).min(line.len());
    let width = source
        .slice(range)
        .lines()
        .next()
        .unwrap_or("")
        .chars()
        .count()
        .clamp(1, (line.len() - from).max(1));
    let cut = if line.len() > EXCERPT && from > EXCERPT / 2 {
        from - EXCERPT / 4
    } else {
        0
    };
    let shown: String = line.iter().skip(cut).take(EXCERPT).collect();
    let number = (row + 1).to_string();
    let margin = " ".repeat(number.len());
    let carets = "^".repeat(width.min(EXCERPT.saturating_sub(from - cut).max(1)));
    let pad = " ".repeat(from - cut);
    let lead = if cut > 0 { "…" } else { "" };
    let tail = if line.len() > cut + EXCERPT {
        "…"
    } else {
        ""
    };
    let shift = " ".repeat(lead.chars().count());
    let message = if label.message.is_empty() {
        String::new()
    } else {
        format!(" {}", printable(&label.message))
    };
    let _ = writeln!(text, "{margin} |");
    let _ = writeln!(text, "{number} | {lead}{}{tail}", shown.trim_end());
    let _ = writeln!(
        text,
        "{margin} | {shift}{pad}{paint}{carets}{message}{reset}"
    );
}

/// The text without the control and bidirectional characters of a rule, which must not reach the terminal.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    // Mostly there is none.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) {
        return Cow::Borrowed(text);
    }
    let shown = text.chars();
    let shown = shown.map(|c| if c == '\n' { c } else { visible(c) });
    shown.collect()
}

fn visible(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c => c,
    }
}
