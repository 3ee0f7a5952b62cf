//! A rule to a query: the table, the selection, the threshold, the outputs.
//!
//! The selection stands in one `| where` per conjunct, in source order. A rule without a threshold ends with the columns that it
//! hands on; a rule with one hands on its groups and what is computed from them. Refused: a rule on an unknown source or several
//! tables, a field of the selection without a column, a part that only its own format can express, a query longer than Sentinel
//! takes. An output that cannot be computed is left out and reported.

use super::aggregate::{is_of_groups, set_of};
use super::alert::{self, Piece, Want};
use super::columns::{Columns, item};
use super::enriched;
use super::group::Group;
use super::guards::without_unsayable;
use super::lists;
use super::message;
use super::names;
use super::place::{BARE_FORMAT, Gap, OWN_FORMAT, Place};
use super::question::prepared;
use super::quote;
use super::settle::settle;
use super::stage::Stage;
use super::staged;
use super::term::Scope;
use super::told::{empties, of_groups};
use super::written::{Source, Written};
use crate::analysis::{Construct, Fidelity, Part, Report};
use crate::backend::fragment::Fragment;
use crate::backend::unmapped::Teller;
use crate::backend::{Context, Unmapped};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{
    Condition, Function, Output, ResidueEffect, Rule, Stage as Given, Term, Threshold,
};

/// The most characters that Sentinel takes.
pub(super) const LONGEST: usize = 10_000;

/// A query and what stands in its result.
#[derive(Clone, Debug)]
pub(in crate::backend) struct Query<'c> {
    /// The text, ending with a line end.
    pub(in crate::backend) text: String,
    /// The table it reads.
    pub(in crate::backend) place: Place<'c>,
    /// Further tables that it reads.
    pub(in crate::backend) others: Vec<Place<'c>>,
    /// The outputs that are in the result: name and column.
    pub(in crate::backend) outputs: Vec<(String, String)>,
    /// Values of the alert that are not always the rule's, each with the reason.
    pub(super) losses: Vec<(Term, String)>,
    /// Values of the alert that no column holds, each with the reason.
    pub(super) gaps: Vec<(Term, String)>,
    pub(super) scope: Scope<'c>,
}

impl<'c> Query<'c> {
    /// The query of a rule; nothing where it cannot be expressed, and the report says why.
    pub(in crate::backend) fn of(
        rule: &'c Rule,
        context: &Context<'c>,
        report: &mut Report,
    ) -> Option<Self> {
        if let Some(correlation) = &rule.correlation {
            return Self::related(rule, correlation, context, report);
        }
        Self::of_table(rule, context, report)?.fitting(rule, report)
    }

    /// The query of a rule on one table.
    fn of_table(rule: &'c Rule, context: &Context<'c>, report: &mut Report) -> Option<Self> {
        let whole = residue(rule, report);
        let place = Place::of(rule, context, report)?;
        let mut rows = Scope::rows(place);
        let selected = selection(&mut rows, rule, report)?;
        let table = Source::Table(place.table.to_owned());
        let query = Self::of_rows(rule, place, rows, table, selected, report)?;
        whole.then_some(query)
    }

    /// The query that counts and shows what is selected of the rows of a source, of which `rows` can be read.
    pub(super) fn of_rows(
        rule: &Rule,
        place: Place<'c>,
        rows: Scope<'c>,
        source: Source,
        selection: Vec<Stage>,
        report: &mut Report,
    ) -> Option<Self> {
        let wants = alert::wants(rule, &place);
        let counted = rule.threshold.iter().flat_map(Threshold::counted);
        // What groups are shown by is made of single events, too.
        let is_shown = |term: &&Term| rule.threshold.is_some() && !is_of_groups(term);
        let shown = wants.iter().map(|want| &want.term).filter(is_shown);
        let terms = counted
            .map(|term| (term, false))
            .chain(shown.map(|term| (term, true)));
        let (rows, selection) = staged_before(rows, selection, terms);
        let mut columns = match &rule.threshold {
            Some(threshold) => Group::build(rule, threshold, rows, &wants, report)?,
            None => Columns::new(rows),
        };
        columns.behind(selection);
        columns.scope.set_lenient(true);
        let mut writer = Writer {
            rule,
            columns,
            outputs: Vec::new(),
            losses: Vec::new(),
            gaps: Vec::new(),
        };
        writer.outputs(&wants, report);
        let scope = writer.columns.scope.clone();
        let written = Written::new(source, writer.columns.into_stages());
        Some(Self {
            text: written.fitted(&|name| !place.has_column(name)),
            place,
            others: Vec::new(),
            outputs: writer.outputs,
            losses: writer.losses,
            gaps: writer.gaps,
            scope,
        })
    }

    /// Why a text is not always shown as the rule does; nothing where it is.
    pub(in crate::backend) fn loss(&self, text: &Term) -> Option<&str> {
        told(&self.losses, text)
    }

    /// Why a text has no form; nothing where it has one.
    pub(in crate::backend) fn gap(&self, text: &Term) -> Option<&str> {
        told(&self.gaps, text)
    }

    /// The column of the result that holds the term.
    pub(in crate::backend) fn column(&self, term: &Term) -> Option<String> {
        self.scope.column(term)
    }
}

/// What is told of the first value of a text of which something is told.
fn told<'t>(reasons: &'t [(Term, String)], text: &Term) -> Option<&'t str> {
    let pieces = alert::pieces(text);
    let mut values = pieces.iter().filter_map(|piece| match piece {
        Piece::Value(term) => Some(term),
        Piece::Text(_) => None,
    });
    values.find_map(|value| {
        let (_, reason) = reasons.iter().find(|(term, _)| term == value)?;
        Some(reason.as_str())
    })
}

/// What can be read behind the stages, and the stages with those that the terms need before them, each with whether it is but
/// shown.
pub(super) fn staged_before<'c, 't>(
    rows: Scope<'c>,
    selection: Vec<Stage>,
    terms: impl Iterator<Item = (&'t Term, bool)>,
) -> (Scope<'c>, Vec<Stage>) {
    let mut columns = Columns::new(rows);
    columns.behind(selection);
    for (term, is_shown) in terms {
        columns.scope.set_lenient(is_shown);
        let _ = staged::prepare(&mut columns, term);
    }
    columns.scope.set_lenient(false);
    (columns.scope.clone(), columns.into_stages())
}

/// Whether the rule is whole without the parts that the IR could not take.
pub(super) fn residue(rule: &Rule, report: &mut Report) -> bool {
    let mut whole = true;
    for residue in rule.unsaid() {
        let what = format!("{} of {}", residue.construct, residue.format);
        if residue.effect == ResidueEffect::OutputsOnly {
            let reason = "it has no form here, and what the alert shows changes without it";
            report.record_shown(Fidelity::Unsupported, what, residue.origin, reason);
            continue;
        }
        whole = false;
        let reason = "the condition is not complete without this part, which has no form here";
        let message = format!("`{what}`: {reason}");
        report
            .diagnostics
            .push(Diagnostic::error(Code::ResidueBlocks, message).at(residue.origin));
        report.constructs.push(Construct {
            part: Part::Condition,
            what: what.into(),
            fidelity: Fidelity::Unsupported,
            origin: residue.origin,
            reason: reason.to_owned(),
            code: Some(Code::ResidueBlocks),
        });
    }
    whole
}

/// The selection, one stage per conjunct.
pub(super) fn selection(
    rows: &mut Scope<'_>,
    rule: &Rule,
    report: &mut Report,
) -> Option<Vec<Stage>> {
    let settled = settled(rows, rule, report)?;
    filters(rows, &settled, report)
}

/// The selection as the table has to be asked.
fn settled(rows: &Scope<'_>, rule: &Rule, report: &mut Report) -> Option<Condition> {
    let searched = message::searched(&rows.place, &rule.selection, report)?;
    let asked = rows.place.rid(&searched, report);
    let asked = enriched::without(rows.place, &asked, report);
    let assumed = rows.place.assume(&asked);
    let assumed = match rows.place.besides() {
        Some(others) => others.without(assumed, rule, report),
        None => assumed,
    };
    let settled = settle(rows, &prepared(&assumed), report)?;
    Some(without_unsayable(rows, &settled, report))
}

/// The stages of the selection, with what tells the source's events from others in the table.
fn filters(rows: &mut Scope<'_>, settled: &Condition, report: &mut Report) -> Option<Vec<Stage>> {
    let stages = lists::stages(rows, settled, report)?;
    let only = rows.place.only();
    let is_told = |stage: &Stage| {
        let Stage::Where(test) = stage else {
            return false;
        };
        let mut only = only.iter().filter_map(Fragment::text);
        only.any(|own| test.is_text(own))
    };
    let asked: Vec<Stage> = stages.into_iter().filter(|stage| !is_told(stage)).collect();
    Some(only.into_iter().map(Stage::Where).chain(asked).collect())
}

/// The stages after the selection and the count.
struct Writer<'r, 'c> {
    rule: &'r Rule,
    columns: Columns<'c>,
    outputs: Vec<(String, String)>,
    losses: Vec<(Term, String)>,
    gaps: Vec<(Term, String)>,
}

impl Writer<'_, '_> {
    fn outputs(&mut self, wants: &[Want], report: &mut Report) {
        let projects = self.rule.threshold.is_none()
            && self.rule.outputs.iter().any(|output| match output.stage {
                Given::AlertContext | Given::Project | Given::Fields => true,
                Given::Summarize | Given::Extend | Given::Expand => false,
            });
        let mut listed = Listed::default();
        let place = *self.columns.place();
        let mut teller = Teller::new(place.rule);
        for given in &self.rule.outputs {
            // Every row of a result has every column.
            let output = &match self.rule.threshold {
                Some(_) => of_groups(given),
                None => given.on_every_event(),
            };
            let prepared = staged::prepare(&mut self.columns, &output.source);
            let loss = self.columns.scope.loss(&output.source);
            let loss = loss.or_else(|| empties(given, output).map(str::to_owned));
            let written = if projects && !is_expand(&output.source) {
                self.list(output, &mut listed)
            } else {
                self.compute(output)
            };
            let what = format!("output {}", output.name);
            match written.map_err(|gap| prepared.err().unwrap_or(gap)) {
                Ok(column) => {
                    if place.unmapped == Unmapped::Warn {
                        let fields = output.source.fields().into_iter();
                        for missing in fields.filter_map(|path| place.missing(path)) {
                            teller.warn(&missing, &what, None, output.origin, report);
                        }
                    }
                    let fidelity = loss
                        .as_ref()
                        .map_or(Fidelity::Exact, |_| Fidelity::Narrower);
                    report.record_shown(fidelity, what, output.origin, loss.unwrap_or_default());
                    self.outputs.push((output.name.clone(), column));
                }
                Err(gap) => left_out(what, output, gap, &mut teller, report),
            }
        }
        for want in wants {
            if let Err(gap) = staged::prepare(&mut self.columns, &want.term) {
                self.gaps.push((want.term.clone(), gap.reason()));
            }
            if let Some(loss) = self.columns.scope.loss(&want.term) {
                self.losses.push((want.term.clone(), loss));
            }
        }
        if projects {
            for want in wants {
                self.list_want(want, &mut listed);
            }
            self.project(listed);
        } else {
            for want in wants {
                self.compute_want(want);
            }
        }
    }

    /// Makes an output a column; its name in the result.
    fn compute(&mut self, output: &Output) -> Result<String, Gap> {
        let source = &output.source;
        let keeps_name = match output.stage {
            Given::Extend | Given::Expand | Given::Summarize | Given::Project => true,
            Given::AlertContext | Given::Fields => false,
        };
        if self.rule.threshold.is_some()
            && let Some(column) = self.columns.scope.column(&set_of(source))
        {
            return Ok(column);
        }
        let column = self.columns.scope.column(source);
        if let Some(column) = column
            && (!keeps_name || column == output.name || !quote::is_word(&output.name))
        {
            return Ok(column);
        }
        let name = if keeps_name && quote::is_word(&output.name) {
            output.name.clone()
        } else {
            // What is missing is said before a name is spent on it.
            self.columns.scope.try_term(source)?;
            self.columns.fresh(&names::pascal(&output.name))
        };
        if !is_expand(source) {
            self.columns.scope.try_term(source)?;
        }
        self.columns
            .expand(&name, source)
            .map_err(Gap::Unreadable)?;
        Ok(name)
    }

    /// Puts an output on the list of columns to project.
    fn list(&mut self, output: &Output, listed: &mut Listed) -> Result<String, Gap> {
        let value = self.columns.scope.try_shown(&output.source)?;
        let renames = output.stage == Given::Project && quote::is_word(&output.name);
        let name = if renames {
            output.name.clone()
        } else {
            let own = value.as_word();
            own.unwrap_or_else(|| self.columns.fresh(&names::pascal(&output.name)))
        };
        listed.add(&self.columns, &name, &output.source);
        Ok(name)
    }

    fn list_want(&mut self, want: &Want, listed: &mut Listed) {
        if listed.holds(&want.term) {
            return;
        }
        let value = match self.columns.scope.shown(&want.term) {
            Ok(value) => value,
            Err(reason) => return self.gaps.push((want.term.clone(), reason)),
        };
        let own = value.as_word();
        let name = own.unwrap_or_else(|| self.columns.fresh(&want.name));
        listed.add(&self.columns, &name, &want.term);
    }

    fn compute_want(&mut self, want: &Want) {
        if self.columns.scope.column(&want.term).is_some() {
            return;
        }
        if let Err(reason) = self.columns.scope.term(&want.term) {
            return self.gaps.push((want.term.clone(), reason));
        }
        let name = self.columns.fresh(&want.name);
        let _ = self.columns.extend(&name, &want.term);
    }

    fn project(&mut self, listed: Listed) {
        let mut items = Vec::new();
        if !listed.names.iter().any(|name| name == "TimeGenerated") {
            items.push(Fragment::atom("TimeGenerated"));
        }
        items.extend(listed.items);
        let place = *self.columns.place();
        self.columns.push(Stage::Project(items));
        self.columns.scope = Scope::columns(place);
        for ((name, term), kind) in listed.names.iter().zip(listed.terms).zip(listed.kinds) {
            self.columns.scope.name_too(term, name, kind);
        }
    }
}

fn is_expand(term: &Term) -> bool {
    matches!(
        term,
        Term::Call {
            function: Function::Each,
            ..
        }
    )
}

/// The columns of a `project`.
#[derive(Default)]
struct Listed {
    names: Vec<String>,
    items: Vec<Fragment>,
    terms: Vec<Term>,
    kinds: Vec<super::value::Kind>,
}

impl Listed {
    fn holds(&self, term: &Term) -> bool {
        self.terms.contains(term)
    }

    fn add(&mut self, columns: &Columns<'_>, name: &str, term: &Term) {
        let Ok(value) = columns.scope.shown(term) else {
            return;
        };
        self.terms.push(term.clone());
        self.kinds.push(value.kind);
        if !self.names.iter().any(|known| known == name) {
            self.items.push(item(name, &value));
        }
        self.names.push(name.to_owned());
    }
}

/// Reports an output that is not in the result.
fn left_out(what: String, output: &Output, gap: Gap, teller: &mut Teller<'_>, report: &mut Report) {
    match gap {
        Gap::Unreadable(reason) => {
            report.record_shown(Fidelity::Unsupported, what, output.origin, reason);
        }
        Gap::Unmapped(missing) => teller.leave_out(&missing, what, output.origin, report),
    }
}

/// Whether the rule was read from a format that this notation is the language of.
pub(in crate::backend) fn is_own(rule: &Rule) -> bool {
    [OWN_FORMAT, BARE_FORMAT].contains(&rule.preserved.format.as_str())
}
