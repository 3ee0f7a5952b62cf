//! The stages of a query and their layout: one stage per line, long lists broken item by item.
//!
//! The layout is that of Sentinel's content hub: `| where` for every conjunct, the continuation lines of a stage indented by four,
//! nothing wider than [`WIDTH`] that can be broken.

use super::pass::{Pass, joined};
use super::quote;
use crate::backend::fragment::{Fragment, Page, Place};

/// The width that lines are broken to.
pub(super) const WIDTH: usize = 120;

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

/// The query: the table and its stages, ending with a line end, in lines of this width where they can be broken.
pub(super) fn print(table: &str, stages: &[Stage], width: usize) -> String {
    let mut printer = Printer {
        page: Page::new(table),
        width,
    };
    for stage in stages {
        printer.stage(stage, 0, BAR);
    }
    printer.page.done()
}

/// What stands before a stage.
const BAR: &str = "| ";

struct Printer {
    page: Page,
    width: usize,
}

impl Printer {
    fn stage(&mut self, stage: &Stage, margin: usize, bar: &str) {
        let page = &mut self.page;
        match stage {
            Stage::Where(condition) => {
                page.line(margin, &[bar, "where "]);
                page.go_on();
                self.condition(condition, margin + 4);
            }
            Stage::Summarize(aggregates, by) => self.summarize(aggregates, by, margin, bar),
            Stage::Expand(item) => page.line(margin, &[bar, "mv-expand ", item]),
            Stage::Apply { items, body } => self.apply(items, body, margin, bar),
            Stage::Pass(pass) => self.apply(&pass.items, &pass.stages(), margin, bar),
            Stage::Take(count) => page.line(margin, &[bar, "take ", &count.to_string()]),
            Stage::Top(column, order) => {
                page.line(margin, &[bar, "top 1 by ", column, " ", order.word()]);
            }
            Stage::Sort(columns) => {
                let columns = columns.join(" asc, ");
                page.line(margin, &[bar, "sort by ", &columns, " asc"]);
            }
            Stage::Extend(items) => self.listed("extend", items, margin, bar),
            Stage::Project(items) => self.listed("project", items, margin, bar),
        }
    }

    /// A stage with stages in brackets, the first of which has no bar.
    fn apply(&mut self, items: &Items, body: &[Stage], margin: usize, bar: &str) {
        self.page.line(margin, &[bar, "mv-apply "]);
        if let Some(index) = &items.index {
            self.page.more(&["with_itemindex=", index, " "]);
        }
        let (name, list) = (quote::name(&items.name), items.list.flat());
        self.page.more(&[&name, " = ", &list, " on ("]);
        for (at, stage) in body.iter().enumerate() {
            self.stage(stage, margin + 4, if at == 0 { "" } else { BAR });
        }
        self.page.line(margin, &[")"]);
    }

    /// A condition behind its stage's word. A part that does not fit on its line goes on further to the right, so that the parts of
    /// the outer word can be told from those of the inner one.
    fn condition(&mut self, condition: &Fragment, margin: usize) {
        let indent = "| where ".len();
        let width = self.width;
        let place = Place {
            margin,
            indent,
            width,
        };
        let Some((word, parts)) = condition
            .parts()
            .filter(|_| indent + condition.width() > width)
        else {
            return condition.write_lines("", place, &mut self.page);
        };
        for (at, part) in parts.iter().enumerate() {
            let mut indent = indent;
            if at > 0 {
                self.page.line(margin, &[word, " "]);
                self.page.go_on();
                indent += word.len() + 1;
            }
            let place = Place {
                margin: margin + 4,
                indent,
                width,
            };
            part.write_lines("", place, &mut self.page);
        }
    }

    fn summarize(&mut self, aggregates: &[Fragment], by: &[Fragment], margin: usize, bar: &str) {
        let by: Vec<String> = by.iter().map(Fragment::flat).collect();
        let by = match by.as_slice() {
            [] => String::new(),
            by => format!("by {}", by.join(", ")),
        };
        let flat = format!("{} {by}", flat("summarize", aggregates));
        let flat = flat.trim_end();
        if BAR.len() + flat.chars().count() <= self.width {
            return self.page.line(margin, &[bar, flat]);
        }
        self.broken("summarize", aggregates, margin, bar);
        if !by.is_empty() {
            self.page.line(margin + 4, &[&by]);
        }
    }

    /// An operator and its items, on one line where they fit.
    fn listed(&mut self, operator: &str, items: &[Fragment], margin: usize, bar: &str) {
        let flat = flat(operator, items);
        if BAR.len() + flat.chars().count() <= self.width {
            self.page.line(margin, &[bar, &flat]);
        } else {
            self.broken(operator, items, margin, bar);
        }
    }

    fn broken(&mut self, operator: &str, items: &[Fragment], margin: usize, bar: &str) {
        self.page.line(margin, &[bar, operator]);
        let place = Place {
            margin: margin + 4,
            indent: 4,
            // One less for the comma.
            width: WIDTH - 1,
        };
        for (at, item) in items.iter().enumerate() {
            item.write_lines("", place, &mut self.page);
            if at + 1 < items.len() {
                self.page.more(&[","]);
            }
        }
    }
}

fn flat(operator: &str, items: &[Fragment]) -> String {
    let items: Vec<String> = items.iter().map(Fragment::flat).collect();
    format!("{operator} {}", items.join(", "))
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
            WIDTH,
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
