//! A query as the rows that it reads and its stages, to its text: as it is read best where that is short enough for Sentinel, else
//! shorter.
//!
//! The stages are made once. A query of some length has a name for a list of constants and a column for an expression that stand
//! there several times. What makes it shorter is put in their place from what is easiest to read to what is least: more columns,
//! regular expressions for several texts, few lines. The values of a long list share lines before any of it. The meaning of the
//! stages stays.

use rustc_hash::FxHashSet;

use super::constants;
use super::pass::joined;
use super::query::{LONGEST, Query};
use super::quote;
use super::share::{self, Readings};
use super::stage::{self, Stage};
use crate::analysis::{Fidelity, Part, Report};
use crate::backend::fragment::{Breaks, Fragment};
use crate::ir::Rule;

/// What a column for an expression has to save, and whether regular expressions stand for several texts: from what is read most
/// easily to what is shortest.
const SHORTER: [(usize, bool); 4] = [(60, false), (12, false), (60, true), (12, true)];

/// Where the lines of a query end, and of one that is too long so: each from what is read most easily to what is shortest.
const USUAL: [Breaks; 2] = [stage::USUAL, Breaks::filled(stage::WIDTH)];
const FEW: [Breaks; 3] = [
    Breaks::filled(2 * stage::WIDTH),
    Breaks::filled(4 * stage::WIDTH),
    Breaks::NONE,
];

/// From how many characters on a query says once what would be said again and again, and what a column for it has to save.
const CLEAR: usize = 1_000;
const PLAIN: usize = 100;

/// The rows that the stages of a query read.
#[derive(Clone)]
pub(super) enum Source {
    /// Those of a table.
    Table(String),
    /// Those that stages make of several tables each, together.
    Union(Vec<(String, Vec<Stage>)>),
}

/// A query before it is a text.
#[derive(Clone)]
pub(super) struct Written {
    lets: String,
    source: Source,
    stages: Vec<Stage>,
}

impl Written {
    pub(super) fn new(source: Source, stages: Vec<Stage>) -> Self {
        let written = |stages| stage::written(joined(stages));
        let source = match source {
            Source::Union(legs) => {
                let legs = legs.into_iter();
                Source::Union(
                    legs.map(|(table, stages)| (table, written(stages)))
                        .collect(),
                )
            }
            table @ Source::Table(_) => table,
        };
        Self {
            lets: String::new(),
            source,
            stages: written(stages),
        }
    }

    /// The text; `is_free` says whether no table that is read has a column of a name.
    pub(super) fn fitted(mut self, is_free: &dyn Fn(&str) -> bool) -> String {
        let mut readings = Readings::default();
        if self.width() <= CLEAR
            && let Some(text) = self.short()
        {
            return text;
        }
        let is_within = self.floor() <= LONGEST;
        self.name_lists(is_free);
        if is_within && let Some(text) = self.sharing(PLAIN, &mut readings, is_free).short() {
            return text;
        }
        let mut shorter = Vec::new();
        for (worth, is_terse) in SHORTER {
            if is_terse {
                self.make_terse();
            }
            // Columns do not help where what is different in the query is too long by itself.
            if self.floor() > LONGEST {
                continue;
            }
            let shared = self.sharing(worth, &mut readings, is_free);
            if let Some(text) = shared.short() {
                return text;
            }
            shorter.push(shared);
        }
        // What is on few lines takes the fewest characters.
        let mut on_few_lines = shorter.iter().filter_map(|shared| shared.fitting(&FEW));
        on_few_lines.next().unwrap_or_else(|| {
            let (least, _) = SHORTER[SHORTER.len() - 1];
            let shared = self.sharing(least, &mut readings, is_free);
            shared.printed(Breaks::NONE)
        })
    }

    /// The text as usual, where it is short enough.
    fn short(&self) -> Option<String> {
        self.fitting(&USUAL)
    }

    /// The text in the first of these lines in which it is short enough. What is too long on one line is so on many.
    fn fitting(&self, breaks: &[Breaks]) -> Option<String> {
        if self.width() > LONGEST {
            return None;
        }
        let mut texts = breaks.iter().map(|breaks| self.printed(*breaks));
        texts.find(|text| text.chars().count() <= LONGEST)
    }

    /// What stands in the stages.
    fn fragments(&self) -> impl Iterator<Item = &Fragment> {
        let legs = match &self.source {
            Source::Union(legs) => legs.as_slice(),
            Source::Table(_) => &[],
        };
        let before = legs.iter().flat_map(|(_, stages)| stages);
        before.chain(&self.stages).flat_map(stage::fragments)
    }

    /// The fewest characters of a query with columns for whatever stands in it several times.
    fn floor(&self) -> usize {
        let mut seen = FxHashSet::default();
        let fragments = self.fragments();
        fragments
            .map(|fragment| own_width(fragment, &mut seen))
            .sum()
    }

    /// The same with the shorter form of what has one.
    fn make_terse(&mut self) {
        self.each(&mut |mut stages| {
            let shorter = |fragment: &Fragment| fragment.shorter().cloned();
            for stage in &mut stages {
                stage::change(stage, &mut |fragment| shorter(fragment));
            }
            stages
        });
    }

    /// The same with columns for what stands there several times and saves so much.
    fn sharing(
        &self,
        worth: usize,
        readings: &mut Readings,
        is_free: &dyn Fn(&str) -> bool,
    ) -> Self {
        let mut shared = self.clone();
        shared.each(&mut |stages| share::once(stages, worth, readings, is_free));
        shared
    }

    /// The characters of what stands in the stages.
    fn width(&self) -> usize {
        self.fragments().map(Fragment::width).sum()
    }

    /// Changes the stages of each table, and those behind them.
    fn each(&mut self, change: &mut dyn FnMut(Vec<Stage>) -> Vec<Stage>) {
        if let Source::Union(legs) = &mut self.source {
            for (_, stages) in legs {
                *stages = change(std::mem::take(stages));
            }
        }
        self.stages = change(std::mem::take(&mut self.stages));
    }

    fn name_lists(&mut self, is_free: &dyn Fn(&str) -> bool) {
        let mut all: Vec<&mut Stage> = self.stages.iter_mut().collect();
        if let Source::Union(legs) = &mut self.source {
            all.extend(legs.iter_mut().flat_map(|(_, stages)| stages));
        }
        self.lets = constants::named(&mut all, is_free);
    }

    fn printed(&self, breaks: Breaks) -> String {
        let stages = match &self.source {
            Source::Table(table) => stage::print(&quote::name(table), &self.stages, breaks),
            Source::Union(legs) => {
                let indent = if breaks == Breaks::NONE { "" } else { "    " };
                let leg = |(table, stages): &(String, Vec<Stage>)| {
                    let text = stage::print(&quote::name(table), stages, breaks);
                    let lines = text.lines().map(|line| format!("{indent}{line}\n"));
                    let lines = lines.collect::<String>();
                    format!("{indent}({})", lines.trim())
                };
                let legs: Vec<String> = legs.iter().map(leg).collect();
                let source = format!("union\n{}", legs.join(",\n"));
                stage::print(&source, &self.stages, breaks)
            }
        };
        format!("{}{stages}", self.lets)
    }
}

/// The characters of a fragment and of what stands in it, each that was not seen before; brackets may be left out.
fn own_width(fragment: &Fragment, seen: &mut FxHashSet<u64>) -> usize {
    if !seen.insert(fragment.fingerprint()) {
        return 0;
    }
    let parts = fragment.inner();
    let within: usize = parts.iter().map(|part| part.width()).sum();
    let own = match fragment.inside() {
        Some(("(", _)) => 0,
        _ => fragment.width() - within,
    };
    let parts = parts.into_iter().map(|part| own_width(part, seen));
    own + parts.sum::<usize>()
}

impl Query<'_> {
    /// The query, unless it is longer than Sentinel takes, which is reported.
    pub(super) fn fitting(self, rule: &Rule, report: &mut Report) -> Option<Self> {
        let length = self.text.chars().count();
        if length <= LONGEST {
            return Some(self);
        }
        let reason = format!("Sentinel takes {LONGEST} characters, and the query has {length}");
        report.refuse(WHOLE, rule.origin, reason);
        None
    }
}

/// What is refused for its length.
const WHOLE: &str = "query";

/// Whether a query was refused for nothing but its length.
pub(super) fn is_too_long(report: &Report) -> bool {
    let refused = report.constructs.iter().filter(|construct| {
        construct.part == Part::Condition && construct.fidelity == Fidelity::Unsupported
    });
    let mut refused = refused.map(|construct| construct.what == WHOLE);
    refused.next() == Some(true) && refused.all(|whole| whole)
}

#[cfg(test)]
mod tests {
    use super::super::value::{infix, strength};
    use super::*;

    fn differs(text: &str) -> Stage {
        let value = Fragment::called("tostring", &[Fragment::atom("Claims.identity.name")]);
        let text = Fragment::atom(format!("\"{text}\""));
        Stage::Where(infix(&value, "!=", text, strength::EQUALITY))
    }

    fn written(stages: Vec<Stage>) -> String {
        Written::new(Source::Table("T".to_owned()), stages).fitted(&|_| true)
    }

    #[test]
    fn what_is_said_again_and_again_is_said_once() {
        let some = |count: usize| (0..count).map(|at| differs(&format!("value {at}")));
        let short = written(some(10).collect());
        assert!(!short.contains("extend"), "{short}");
        assert_eq!(short.lines().count(), 11);
        let long = written(some(300).collect());
        assert!(long.contains(
            "| extend Name = tostring(Claims.identity.name)\n| where Name != \"value 0\""
        ));
        assert!(long.chars().count() <= LONGEST);
    }

    #[test]
    fn a_regular_expression_stands_for_texts_where_columns_are_not_enough() {
        let either = |at: usize| {
            let part = |text: &str| {
                let text = Fragment::atom(format!("\"{text}{}\"", "x".repeat(30)));
                infix(
                    &Fragment::atom("Name"),
                    "startswith_cs",
                    text,
                    strength::TEXT,
                )
            };
            let parts = vec![part(&format!("a{at}")), part("b"), part("c")];
            let shorter = Fragment::atom(format!("Name matches regex \"^(?:a{at}|b|c)\""));
            Stage::Where(Fragment::infix("or", strength::OR, parts).or_shorter(|| shorter))
        };
        let few = written((0..10).map(either).collect());
        assert!(few.contains("startswith_cs") && !few.contains("regex"));
        let many = written((0..240).map(either).collect());
        assert!(many.contains("regex") && !many.contains("startswith_cs"));
    }

    #[test]
    fn the_tables_of_a_union_are_written_shorter_each() {
        let stages = || (0..130).map(|at| differs(&format!("value {at}"))).collect();
        let legs = ["A", "B"].map(|table| (table.to_owned(), stages()));
        let text = Written::new(Source::Union(legs.into()), Vec::new()).fitted(&|_| true);
        assert!(
            text.starts_with("union\n    (A\n    | extend Name = "),
            "{text}"
        );
        assert_eq!(text.matches("| extend Name = ").count(), 2);
    }

    #[test]
    fn no_column_makes_a_query_shorter_than_what_differs_in_it() {
        let stages: Vec<Stage> = (0..300).map(|at| differs(&format!("value {at}"))).collect();
        let written = Written::new(Source::Table("T".to_owned()), stages);
        let shared = written.sharing(0, &mut Readings::default(), &|_| true);
        let shortest = shared.printed(Breaks::NONE).chars().count();
        assert!(written.floor() <= shortest);
        assert!(shortest < written.printed(Breaks::NONE).chars().count() * 2 / 3);
    }
}
