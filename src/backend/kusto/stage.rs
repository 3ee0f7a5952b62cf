//! The stages of a query and their layout: one stage per line, long lists broken item by item.
//!
//! The layout is that of Sentinel's content hub: `| where` for every conjunct, the continuation lines of a stage indented by four,
//! nothing wider than [`WIDTH`] that can be broken.

use super::pass::Pass;
use crate::backend::fragment::Fragment;

/// The width that lines are broken to.
const WIDTH: usize = 120;

/// One stage after the table's name.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// Keeps the rows for which the condition holds.
    Where(Fragment),
    /// One row per group: what is computed, and by what.
    Summarize(Vec<Fragment>, Vec<String>),
    /// One row per item of a list.
    Expand(String),
    /// The rows that stages make of the items of a list, for each row.
    Apply {
        /// The item's name and its list.
        item: String,
        /// The stages.
        body: Vec<Stage>,
    },
    /// Columns made of the items of a list, for each row.
    Pass(Pass),
    /// So many rows, whichever.
    Take(usize),
    /// The row with the least or the greatest value of a column.
    Top(String, Order),
    /// The rows in the order of these columns, the least first.
    Sort(Vec<String>),
    /// Columns beside those that there are.
    Extend(Vec<Fragment>),
    /// Columns instead of those that there are.
    Project(Vec<Fragment>),
}

/// At which end of an order a row stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    Least,
    Greatest,
}

impl Order {
    fn word(self) -> &'static str {
        match self {
            Self::Least => "asc",
            Self::Greatest => "desc",
        }
    }
}

/// The query: the table and its stages, ending with a line end.
pub(super) fn print(table: &str, stages: &[Stage]) -> String {
    printed(table, stages, WIDTH)
}

/// The same with every stage on one line, which takes the least room.
pub(super) fn print_compact(table: &str, stages: &[Stage]) -> String {
    printed(table, stages, usize::MAX)
}

fn printed(table: &str, stages: &[Stage], width: usize) -> String {
    let mut text = format!("{table}\n");
    for line in stages.iter().flat_map(|stage| lines(stage, width)) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn lines(stage: &Stage, width: usize) -> Vec<String> {
    match stage {
        Stage::Where(condition) => condition_lines(condition, width)
            .into_iter()
            .enumerate()
            .map(|(at, line)| match at {
                0 => format!("| where {line}"),
                _ => format!("    {line}"),
            })
            .collect(),
        Stage::Summarize(aggregates, by) => summarize(aggregates, by, width),
        Stage::Expand(item) => vec![format!("| mv-expand {item}")],
        Stage::Apply { item, body } => apply(item, body, width),
        Stage::Pass(pass) => apply(&pass.item, &pass.stages(), width),
        Stage::Take(count) => vec![format!("| take {count}")],
        Stage::Top(column, order) => vec![format!("| top 1 by {column} {}", order.word())],
        Stage::Sort(columns) => vec![format!("| sort by {} asc", columns.join(" asc, "))],
        Stage::Extend(items) => listed("extend", items, width),
        Stage::Project(items) => listed("project", items, width),
    }
}

/// A stage with stages in brackets, the first of which has no bar.
fn apply(item: &str, body: &[Stage], width: usize) -> Vec<String> {
    let mut inner: Vec<String> = body.iter().flat_map(|stage| lines(stage, width)).collect();
    if let Some(first) = inner.first_mut() {
        *first = first.trim_start_matches("| ").to_owned();
    }
    let inner = inner.into_iter().map(|line| format!("    {line}"));
    std::iter::once(format!("| mv-apply {item} on ("))
        .chain(inner)
        .chain(std::iter::once(")".to_owned()))
        .collect()
}

/// The lines of a condition. A part that does not fit on its line goes on further to the right, so that the parts of the outer
/// word can be told from those of the inner one.
fn condition_lines(condition: &Fragment, width: usize) -> Vec<String> {
    let lead = "| where ".len();
    let Some((word, parts)) = condition
        .parts()
        .filter(|_| lead + condition.flat().chars().count() > width)
    else {
        return condition.lines(lead, width);
    };
    let mut lines = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let lead = if at == 0 {
            String::new()
        } else {
            format!("{word} ")
        };
        let inner = part.lines(8 + lead.len(), width);
        lines.extend(inner.into_iter().enumerate().map(|(at, line)| match at {
            0 => format!("{lead}{line}"),
            _ => format!("    {line}"),
        }));
    }
    lines
}

fn summarize(aggregates: &[Fragment], by: &[String], width: usize) -> Vec<String> {
    let by = if by.is_empty() {
        String::new()
    } else {
        format!("by {}", by.join(", "))
    };
    let flat = format!("{} {by}", flat("summarize", aggregates));
    let flat = flat.trim_end();
    if flat.chars().count() <= width {
        return vec![flat.to_owned()];
    }
    let mut lines = broken("summarize", aggregates);
    if !by.is_empty() {
        lines.push(format!("    {by}"));
    }
    lines
}

/// An operator and its items, on one line where they fit.
fn listed(operator: &str, items: &[Fragment], width: usize) -> Vec<String> {
    let flat = flat(operator, items);
    if flat.chars().count() <= width {
        vec![flat]
    } else {
        broken(operator, items)
    }
}

fn flat(operator: &str, items: &[Fragment]) -> String {
    let items: Vec<String> = items.iter().map(Fragment::flat).collect();
    format!("| {operator} {}", items.join(", "))
}

fn broken(operator: &str, items: &[Fragment]) -> Vec<String> {
    let mut lines = vec![format!("| {operator}")];
    for (at, item) in items.iter().enumerate() {
        let from = lines.len();
        // One less for the comma.
        lines.extend(item.lines(4, WIDTH - 1));
        for line in &mut lines[from..] {
            line.insert_str(0, "    ");
        }
        if let Some(line) = lines.last_mut().filter(|_| at + 1 < items.len()) {
            line.push(',');
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_breaks_only_where_it_is_too_long() {
        let either = |parts: &[&str]| {
            let parts = parts
                .iter()
                .map(|part| Fragment::atom("x".repeat(40) + part));
            Fragment::infix("or", 1, parts.collect())
        };
        let both = |a: &str, parts: &[&str]| {
            Fragment::infix("and", 2, vec![Fragment::atom(a), either(parts)])
        };
        let nested = Fragment::infix(
            "or",
            1,
            vec![both("a", &["b", "c", "d"]), both("e", &["f"])],
        );
        let names = |count: usize| -> Vec<Fragment> {
            (0..count)
                .map(|at| Fragment::atom(format!("make_set(Column{at:02})")))
                .collect()
        };
        let text = print(
            "T",
            &[
                Stage::Where(Fragment::atom("isnotempty(A)")),
                Stage::Where(nested),
                Stage::Summarize(names(2), vec!["bin(TimeGenerated, 10m)".into()]),
                Stage::Summarize(names(6), vec!["A".into(), "B".into()]),
                Stage::Project(vec![Fragment::atom("A"), Fragment::atom("B = C")]),
            ],
        );
        insta::assert_snapshot!(text, @r"
        T
        | where isnotempty(A)
        | where a
                and (
                    xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxb
                    or xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxc
                    or xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxd
                )
            or e and xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxf
        | summarize make_set(Column00), make_set(Column01) by bin(TimeGenerated, 10m)
        | summarize
            make_set(Column00),
            make_set(Column01),
            make_set(Column02),
            make_set(Column03),
            make_set(Column04),
            make_set(Column05)
            by A, B
        | project A, B = C
        ");
    }
}
