//! The room that a query has: what is too long for Sentinel is written shorter, by what is easier to read first.

use super::place::Place;
use super::query::{LONGEST, Query, residue, selection};
use super::quote;
use super::shorter::{self, Long, Shorter};
use super::stage::{self, Stage};
use super::term::Scope;
use super::value::Value;
use crate::analysis::{Fidelity, Part, Report};
use crate::backend::Context;
use crate::ir::{Rule, Term};

/// A query so many times too long is not written shorter: columns for what it repeats save no more.
const HOPELESS: usize = 6;

/// How much room a query has.
enum Room<'q, 'c> {
    /// As much as it takes.
    Enough,
    /// Little enough for the selection to have columns of what it asks several times.
    Folded,
    /// So little that what is shorter is written rather than what is usual.
    Little,
    /// So little that what the query says several times becomes a column, up to the length.
    Columns(&'q Query<'c>, usize),
}

impl<'c> Query<'c> {
    /// The query of a rule on one table, written shorter where it is too long.
    pub(super) fn fitted(
        rule: &'c Rule,
        context: &Context<'c>,
        report: &mut Report,
    ) -> Option<Self> {
        let mut own = Report::new();
        let query = Self::of_table(rule, context, &Room::Enough, &mut own);
        if let Some(long) = query.as_ref().filter(|query| query.length() > LONGEST)
            && let Some((shorter, told)) = Self::shorter(rule, context, long)
        {
            report.append(told);
            return Some(shorter);
        }
        report.append(own);
        query?.fitting(rule, report)
    }

    /// A query that is short enough in place of one that is too long; what is easier to read comes first.
    fn shorter(rule: &'c Rule, context: &Context<'c>, long: &Self) -> Option<(Self, Report)> {
        if long.compact.chars().count() > LONGEST * HOPELESS {
            return None;
        }
        let of = |room: &Room<'_, 'c>| {
            let mut told = Report::new();
            let query = Self::of_table(rule, context, room, &mut told)?;
            Some((query, told))
        };
        let fits = |(query, _): &(Self, Report)| query.length() <= LONGEST;
        let folded = of(&Room::Folded);
        if folded.as_ref().is_some_and(fits) {
            return folded;
        }
        let little = of(&Room::Little);
        if little.as_ref().is_some_and(fits) {
            return little;
        }
        let terse = little.as_ref().map_or(long, |(query, _)| query);
        let mut columns = Vec::new();
        // Columns as far as they are needed, or as many as are worth it.
        for length in [LONGEST * 19 / 20, LONGEST * 4 / 5, 0] {
            let written = of(&Room::Columns(terse, length));
            if written.as_ref().is_some_and(fits) {
                return written;
            }
            columns.extend(written);
        }
        let written = folded.into_iter().chain(little).chain(columns);
        let mut compact = written.map(|(query, told)| (query.compacted(), told));
        compact.find(fits)
    }

    fn length(&self) -> usize {
        self.text.chars().count()
    }

    /// The query with every stage on one line.
    fn compacted(mut self) -> Self {
        self.text.clone_from(&self.compact);
        self
    }

    /// The query, unless it is longer than Sentinel takes, which is reported.
    pub(super) fn fitting(self, rule: &Rule, report: &mut Report) -> Option<Self> {
        if self.length() <= LONGEST {
            return Some(self);
        }
        let compact = self.compacted();
        let length = compact.length();
        if length <= LONGEST {
            return Some(compact);
        }
        let reason = format!("Sentinel takes {LONGEST} characters, and the query has {length}");
        report.refuse(WHOLE, rule.origin, reason);
        None
    }

    /// The same over one table.
    fn of_table(
        rule: &'c Rule,
        context: &Context<'c>,
        room: &Room<'_, 'c>,
        report: &mut Report,
    ) -> Option<Self> {
        let whole = residue(rule, report);
        let place = Place::of(rule, context, report)?;
        let mut rows = Scope::rows(place);
        rows.set_terse(matches!(room, Room::Little | Room::Columns(..)));
        let shorter = match room {
            Room::Columns(long, length) => {
                let long = Long {
                    text: &long.text,
                    selection: &long.selection,
                };
                shorter::columns(&rows, rule, &long, *length)
            }
            Room::Enough | Room::Folded | Room::Little => Shorter::default(),
        };
        let [before, behind] = shorter.named;
        let name = |rows: &mut Scope<'_>, named: Vec<(Term, Value)>| {
            for (term, value) in named {
                rows.stands(term, value);
            }
        };
        name(&mut rows, before);
        let folds = matches!(room, Room::Folded);
        let selected = selection(&mut rows, rule, folds, report)?;
        name(&mut rows, behind);
        let selection_text = stage::print("", &selected);
        let selection: Vec<Stage> = shorter.before.into_iter().chain(selected).collect();
        let selection = selection.into_iter().chain(shorter.behind).collect();
        let table = quote::name(place.table);
        let query = Self::of_rows(rule, place, rows, &table, selection, report)?;
        whole.then_some(Self {
            selection: selection_text,
            ..query
        })
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
