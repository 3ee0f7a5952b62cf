//! Sections as Markdown (GitHub's tables). Values of the rule stand as code, and nothing in them can end a cell, a code span
//! or a code block.

use std::fmt::Write;

use super::{Body, Cell, Section, Table, Tables};

/// The page of a rule; only the given tables where any are given.
pub fn render(tables: &Tables, only: &[Table]) -> String {
    let mut page = format!("# {}\n", escaped(&tables.rule));
    for section in tables.sections() {
        if only.is_empty() || only.contains(&section.table) {
            render_section(&section, &mut page);
        }
    }
    page
}

fn render_section(section: &Section, page: &mut String) {
    let _ = writeln!(page, "\n## {}", section.table.heading());
    match &section.body {
        Body::Grid { columns, rows } => {
            let _ = writeln!(
                page,
                "\n| {} |\n|{}",
                columns.join(" | "),
                "---|".repeat(columns.len())
            );
            for row in rows {
                let cells: Vec<String> = row.iter().map(cell).collect();
                let _ = writeln!(page, "| {} |", cells.join(" | "));
            }
        }
        Body::Blocks(blocks) => {
            for (heading, text) in blocks {
                let _ = writeln!(page, "\n### {}\n\n{}", escaped(heading), block(text));
            }
        }
        Body::Lines(lines) => {
            let _ = writeln!(page, "\n{}", block(&lines.join("\n")));
        }
    }
    for note in &section.notes {
        let _ = writeln!(page, "\n{}", escaped(note));
    }
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Words(words) => escaped(words),
        Cell::Values(values) => values
            .iter()
            .map(|value| code(value))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// Words that Markdown takes as words, in a cell or a line.
fn escaped(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    let mut rest = words.chars().peekable();
    while let Some(c) = rest.next() {
        let inside_word = |text: &str| text.ends_with(char::is_alphanumeric);
        match c {
            '\n' | '\r' => text.push(' '),
            // Between letters an underscore is no emphasis.
            '_' if inside_word(&text) && rest.peek().is_some_and(|next| next.is_alphanumeric()) => {
                text.push(c);
            }
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' => {
                text.push('\\');
                text.push(c);
            }
            c => text.push(c),
        }
    }
    text
}

/// A code span in a cell: line breaks are shown by their symbols, a pipe is escaped as tables require, and the fence is longer
/// than any run of backticks inside.
fn code(value: &str) -> String {
    let shown: String = value
        .chars()
        .map(|c| match c {
            '\n' => '␊',
            '\r' => '␍',
            '\t' => '␉',
            c => c,
        })
        .collect();
    let fence = "`".repeat(longest_run(&shown) + 1);
    let pad = if shown.starts_with('`') || shown.ends_with('`') || shown.trim().is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{}{pad}{fence}", shown.replace('|', "\\|"))
}

fn block(text: &str) -> String {
    let fence = "`".repeat((longest_run(text) + 1).max(3));
    format!("{fence}\n{}\n{fence}", text.trim_end_matches('\n'))
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}
