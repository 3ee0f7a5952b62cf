//! The stages of a query and their layout: one stage per line, long lists broken item by item.
//!
//! The layout is that of Sentinel's content hub: `| where` for every conjunct, the continuation lines of a stage indented by four,
//! nothing wider than [`WIDTH`] that can be broken.

use super::pass::{Pass, joined};
use super::quote;
use crate::backend::fragment::{Breaks, Fragment};

/// The width that lines are broken to.
pub(super) const WIDTH: usize = 120;

/// The lines of a query that is short enough.
pub(super) const USUAL: Breaks = Breaks::at(WIDTH);

/// What a condition stands behind.
const WHERE: &str = "| where ";

/// One stage after the table's name.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// Keeps the rows for which the condition holds.
    Where(Fragment),
    /// One row per group: what is computed, and by what.
    Summarize(Vec<Fragment>, Vec<Fragment>),
    /// One row per item of a list.
    Expand(String),
    /// The rows that stages make of the items of a list, for each row.
    Apply {
        /// The items.
        items: Items,
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

/// The items of a list, each in a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Items {
    /// The column with an item.
    pub(super) name: String,
    /// The column with its position, where that is asked for.
    pub(super) index: Option<String>,
    pub(super) list: Fragment,
}

impl Items {
    /// The items of a list, of which a row without any has one that is null.
    pub(super) fn or_null(name: &str, index: Option<&str>, list: &Fragment) -> Self {
        let filled = "iff(array_length({}) > 0, {}, dynamic([null]))";
        Self {
            name: name.to_owned(),
            index: index.map(str::to_owned),
            list: Fragment::form(filled, &[list, list]),
        }
    }
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

/// What stands in a stage, and in those within it.
pub(super) fn fragments(stage: &Stage) -> Vec<&Fragment> {
    match stage {
        Stage::Where(test) => vec![test],
        Stage::Extend(items) | Stage::Project(items) => items.iter().collect(),
        Stage::Summarize(items, by) => items.iter().chain(by).collect(),
        Stage::Apply { items, body } => {
            let list = std::iter::once(&items.list);
            list.chain(body.iter().flat_map(fragments)).collect()
        }
        // It is written before anything is looked for in it.
        Stage::Pass(_) | Stage::Expand(_) | Stage::Take(_) | Stage::Top(..) | Stage::Sort(_) => {
            Vec::new()
        }
    }
}

/// Puts others in place of parts of what stands in a stage and in those within it.
pub(super) fn change(
    stage: &mut Stage,
    change_part: &mut dyn FnMut(&Fragment) -> Option<Fragment>,
) {
    let mut changed = |fragment: &mut Fragment| {
        if let Some(new) = fragment.changed(change_part) {
            *fragment = new;
        }
    };
    match stage {
        Stage::Where(test) => changed(test),
        Stage::Extend(items) | Stage::Project(items) => items.iter_mut().for_each(changed),
        Stage::Summarize(items, by) => items.iter_mut().chain(by).for_each(changed),
        Stage::Apply { items, body } => {
            changed(&mut items.list);
            for stage in body {
                change(stage, change_part);
            }
        }
        Stage::Pass(_) | Stage::Expand(_) | Stage::Take(_) | Stage::Top(..) | Stage::Sort(_) => {}
    }
}

/// The stages as they are printed: a pass is the stages that it takes.
pub(super) fn written(stages: Vec<Stage>) -> Vec<Stage> {
    let written_out = |stage| match stage {
        Stage::Pass(pass) => Stage::Apply {
            body: written(pass.stages()),
            items: pass.items,
        },
        Stage::Apply { items, body } => Stage::Apply {
            items,
            body: written(joined(body)),
        },
        other => other,
    };
    stages.into_iter().map(written_out).collect()
}

/// The query: the table and its stages, ending with a line end, in such lines.
pub(super) fn print(table: &str, stages: &[Stage], breaks: Breaks) -> String {
    let mut text = format!("{table}\n");
    for stage in stages {
        match stage {
            // Most stages are conditions of one line.
            Stage::Where(condition) if WHERE.len() + condition.width() <= breaks.width => {
                text.push_str(WHERE);
                condition.write(&mut text);
                text.push('\n');
            }
            _ => {
                for line in lines(stage, breaks) {
                    text.push_str(&line);
                    text.push('\n');
                }
            }
        }
    }
    text
}

fn lines(stage: &Stage, breaks: Breaks) -> Vec<String> {
    match stage {
        Stage::Where(condition) => condition_lines(condition, breaks)
            .into_iter()
            .enumerate()
            .map(|(at, line)| match at {
                0 => format!("{WHERE}{line}"),
                _ => format!("    {line}"),
            })
            .collect(),
        Stage::Summarize(aggregates, by) => summarize(aggregates, by, breaks),
        Stage::Expand(item) => vec![format!("| mv-expand {item}")],
        Stage::Apply { items, body } => apply(items, body, breaks),
        Stage::Pass(pass) => apply(&pass.items, &pass.stages(), breaks),
        Stage::Take(count) => vec![format!("| take {count}")],
        Stage::Top(column, order) => vec![format!("| top 1 by {column} {}", order.word())],
        Stage::Sort(columns) => vec![format!("| sort by {} asc", columns.join(" asc, "))],
        Stage::Extend(items) => listed("extend", items, breaks),
        Stage::Project(items) => listed("project", items, breaks),
    }
}

/// A stage with stages in brackets, the first of which has no bar.
fn apply(items: &Items, body: &[Stage], breaks: Breaks) -> Vec<String> {
    let index = items.index.as_ref();
    let index = index.map_or_else(String::new, |index| format!("with_itemindex={index} "));
    let item = format!(
        "{index}{} = {}",
        quote::name(&items.name),
        items.list.flat()
    );
    let mut inner: Vec<String> = body.iter().flat_map(|stage| lines(stage, breaks)).collect();
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
fn condition_lines(condition: &Fragment, breaks: Breaks) -> Vec<String> {
    let lead = WHERE.len();
    let Some((word, parts)) = condition
        .parts()
        .filter(|_| lead + condition.width() > breaks.width)
    else {
        return condition.lines(lead, breaks);
    };
    let mut lines = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let lead = if at == 0 {
            String::new()
        } else {
            format!("{word} ")
        };
        let inner = part.lines(8 + lead.len(), breaks);
        lines.extend(inner.into_iter().enumerate().map(|(at, line)| match at {
            0 => format!("{lead}{line}"),
            _ => format!("    {line}"),
        }));
    }
    lines
}

fn summarize(aggregates: &[Fragment], by: &[Fragment], breaks: Breaks) -> Vec<String> {
    let by = if by.is_empty() {
        String::new()
    } else {
        let by: Vec<String> = by.iter().map(Fragment::flat).collect();
        format!("by {}", by.join(", "))
    };
    let flat = format!("{} {by}", flat("summarize", aggregates));
    let flat = flat.trim_end();
    if flat.chars().count() <= breaks.width {
        return vec![flat.to_owned()];
    }
    let mut lines = broken("summarize", aggregates, breaks);
    if !by.is_empty() {
        lines.push(format!("    {by}"));
    }
    lines
}

/// An operator and its items, on one line where they fit.
fn listed(operator: &str, items: &[Fragment], breaks: Breaks) -> Vec<String> {
    let flat = flat(operator, items);
    if flat.chars().count() <= breaks.width {
        vec![flat]
    } else {
        broken(operator, items, breaks)
    }
}

fn flat(operator: &str, items: &[Fragment]) -> String {
    let items: Vec<String> = items.iter().map(Fragment::flat).collect();
    format!("| {operator} {}", items.join(", "))
}

fn broken(operator: &str, items: &[Fragment], breaks: Breaks) -> Vec<String> {
    let mut lines = vec![format!("| {operator}")];
    for (at, item) in items.iter().enumerate() {
        let from = lines.len();
        // One less for the comma.
        lines.extend(item.lines(4, breaks.less(1)));
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
                Stage::Summarize(names(2), vec![Fragment::atom("bin(TimeGenerated, 10m)")]),
                Stage::Summarize(names(6), vec![Fragment::atom("A"), Fragment::atom("B")]),
                Stage::Project(vec![Fragment::atom("A"), Fragment::atom("B = C")]),
            ],
            USUAL,
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
