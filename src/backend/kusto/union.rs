//! A rule on several tables as one query: each table with its own selection and the values that the rule needs of its events,
//! under the same names; what is counted and shown is then read from these columns.
//!
//! A value that a table cannot show is left empty there and reported; one that the rule counts by is not, and the table is then
//! left out like one whose events cannot be selected.

use super::alert::{self, Want};
use super::columns::item;
use super::names;
use super::place::Place;
use super::query::{Query, selection, staged_before};
use super::quote;
use super::stage::Stage;
use super::term::Scope;
use super::value::{Kind, Value};
use super::written::Source;
use crate::analysis::{Fidelity, Report};
use crate::backend::fragment::Fragment;
use crate::backend::unmapped::Teller;
use crate::backend::without::Without;
use crate::backend::{Context, Unmapped};
use crate::ir::{Output, Rule, Term};

/// What is read of one table.
pub(in crate::backend) struct Leg<'c> {
    rule: &'c Rule,
    place: Place<'c>,
    selection: Vec<Stage>,
    /// The values that are needed, each with what it is for; none where the table has none.
    values: Vec<(Need, Option<Value>)>,
}

/// A value that the rule needs of an event.
#[derive(Clone, Debug, PartialEq)]
struct Need {
    /// What it is for: the same in every table.
    key: String,
    /// The name that its column gets.
    name: String,
    term: Term,
    /// The same as the table tells it, where it tells all of it.
    read: Term,
    /// Whether nothing can be counted without it.
    counted: bool,
}

impl<'c> Leg<'c> {
    /// What is read of the table of a rule on one table; nothing where that cannot be expressed, and the report says why.
    pub(in crate::backend) fn of(
        rule: &'c Rule,
        context: &Context<'c>,
        report: &mut Report,
    ) -> Option<Self> {
        let whole = super::query::residue(rule, report);
        let place = Place::of(rule, context, report)?;
        let mut rows = Scope::rows(place);
        let selection = selection(&mut rows, rule, report)?;
        let needs = needs(rule, &place, context);
        let needed = needs.iter().map(|need| (&need.read, !need.counted));
        let (rows, selection) = staged_before(rows, selection, needed);
        let mut values = Vec::new();
        for need in needs {
            let value = if need.counted {
                match rows.shown(&need.read) {
                    Ok(value) => Some(value),
                    Err(reason) => {
                        report.refuse(format!("count {}", need.term), rule.origin, reason);
                        return None;
                    }
                }
            } else {
                need.shown(rule, &rows, context, report)
            };
            values.push((need, value));
        }
        whole.then_some(Self {
            rule,
            place,
            selection,
            values,
        })
    }

    fn needs(&self, key: &str) -> bool {
        self.values.iter().any(|(need, _)| need.key == key)
    }

    fn value(&self, key: &str) -> Option<&Value> {
        let (_, value) = self.values.iter().find(|(need, _)| need.key == key)?;
        value.as_ref()
    }
}

impl Need {
    /// What the table shows of it; what has no column there is as on an event without the field, and told.
    fn shown(
        &self,
        rule: &Rule,
        rows: &Scope<'_>,
        context: &Context<'_>,
        report: &mut Report,
    ) -> Option<Value> {
        let mut rows = rows.clone();
        rows.set_lenient(true);
        let place = rows.place;
        let what = format!("{} in {}", self.key, place.table);
        let mut without = Without::new(place);
        let term = match context.unmapped {
            Unmapped::Refuse => without.term(&self.term),
            Unmapped::Warn | Unmapped::PassThrough => self.term.clone(),
        };
        let gone = without.has_lost() && without.is_missing(&term);
        let value = if gone { None } else { Some(rows.shown(&term)) };
        if let Some(Err(reason)) = value {
            report.record_shown(Fidelity::Unsupported, what, rule.origin, reason);
            return None;
        }
        if let Some(reason) = without.reason() {
            let missing = without.lost().and_then(|field| place.missing(field));
            let mut teller = Teller::new(place.rule);
            teller.shows_less(missing.as_ref(), what, reason, rule.origin, report);
        }
        value?.ok()
    }
}

/// The values that the rule needs of an event, the time of it aside.
fn needs(rule: &Rule, place: &Place<'_>, context: &Context<'_>) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::new();
    let mut need = |key: String, name: String, term: &Term, counted: bool| {
        if !matches!(term, Term::Aggregate { .. } | Term::Literal(_)) {
            let mut without = Without::new(*place);
            let told = without.term(term);
            let is_told = context.unmapped == Unmapped::Refuse && without.reason().is_none();
            needs.push(Need {
                key,
                name,
                term: term.clone(),
                read: if is_told { told } else { term.clone() },
                counted,
            });
        }
    };
    if let Some(threshold) = &rule.threshold {
        for (at, term) in threshold.group_by.iter().enumerate() {
            need(format!("group {at}"), names::of_term(term), term, true);
        }
        if let Some(term) = threshold.measure.term() {
            need("measure".to_owned(), names::of_term(term), term, true);
        }
    }
    for output in &rule.outputs {
        let output = output.on_every_event();
        let name = if quote::is_word(&output.name) {
            output.name.clone()
        } else {
            names::pascal(&output.name)
        };
        need(key_of(&output), name, &output.source, false);
    }
    for Want { term, name } in alert::wants(rule, place) {
        need(format!("alert {name}"), name, &term, false);
    }
    needs
}

impl<'c> Query<'c> {
    /// The query over all of the tables; nothing where it cannot be expressed.
    pub(in crate::backend) fn over(legs: &[Leg<'c>], report: &mut Report) -> Option<Self> {
        let first = legs.first()?;
        let (rule, place) = (first.rule, first.place);
        let mut columns: Vec<(String, &Need, Kind)> = Vec::new();
        let mut scope = Scope::columns(place);
        let mut taken = vec!["TimeGenerated".to_owned()];
        for (need, _) in &first.values {
            let shown: Vec<&Value> = legs.iter().filter_map(|leg| leg.value(&need.key)).collect();
            let twice = columns.iter().find(|(_, other, _)| other.term == need.term);
            if let Some((_, other, _)) = twice
                && !legs_agree(legs, other, need)
            {
                let reason = "the tables need it in two ways, of which one query shows one";
                report.refuse(need.key.clone(), rule.origin, reason);
                return None;
            }
            if shown.is_empty() || twice.is_some() {
                continue;
            }
            let alike = shown.windows(2).all(|pair| pair[0].kind == pair[1].kind);
            let kind = if alike { shown[0].kind } else { Kind::Text };
            let name = free(&need.name, &taken);
            taken.push(name.clone());
            scope.name_too(need.term.clone(), &name, kind);
            columns.push((name, need, kind));
        }
        let parts = legs.iter().map(|leg| part(leg, &columns)).collect();
        let source = Source::Union(parts);
        let shown = shown_of_any(rule, legs);
        let mut query = Self::of_rows(&shown, place, scope, source, Vec::new(), report)?;
        query.others = legs[1..].iter().map(|leg| leg.place).collect();
        query.fitting(&shown, report)
    }
}

/// The rule without the outputs that none of the tables shows: the report has told it of each table.
fn shown_of_any(rule: &Rule, legs: &[Leg<'_>]) -> Rule {
    let is_needed = |key: &str| legs.iter().any(|leg| leg.needs(key));
    let is_shown = |key: &str| legs.iter().any(|leg| leg.value(key).is_some());
    let mut shown = rule.clone();
    shown.outputs.retain(|output| {
        let key = key_of(output);
        !is_needed(&key) || is_shown(&key)
    });
    shown
}

/// What an output's value is needed for.
fn key_of(output: &Output) -> String {
    format!("output {}", output.name)
}

/// Whether every table has the same value for both needs.
fn legs_agree(legs: &[Leg<'_>], a: &Need, b: &Need) -> bool {
    let text = |leg: &Leg<'_>, key: &str| leg.value(key).map(Value::text);
    legs.iter()
        .all(|leg| text(leg, &a.key) == text(leg, &b.key))
}

fn free(wanted: &str, taken: &[String]) -> String {
    let numbered = (2..).map(|number| format!("{wanted}{number}"));
    let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
    let is_free = |name: &String| !taken.contains(name);
    names.find(is_free).unwrap_or_else(|| wanted.to_owned())
}

/// One table's part of the union.
fn part(leg: &Leg<'_>, columns: &[(String, &Need, Kind)]) -> (String, Vec<Stage>) {
    let mut items = vec![Fragment::atom("TimeGenerated")];
    for (name, need, kind) in columns {
        let value = match leg.value(&need.key) {
            Some(value) if *kind == Kind::Text => value.as_text(),
            Some(value) => value.clone(),
            None => Value::atom(nothing(*kind), *kind),
        };
        items.push(item(name, &value));
    }
    let mut stages = leg.selection.clone();
    stages.push(Stage::Project(items));
    (leg.place.table.to_owned(), stages)
}

/// What a column of the kind shows where there is no value.
fn nothing(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Open => "\"\"",
        Kind::Bool => "bool(null)",
        Kind::Whole => "long(null)",
        Kind::Real => "real(null)",
        Kind::Time => "datetime(null)",
        Kind::Dynamic => "dynamic(null)",
    }
}
