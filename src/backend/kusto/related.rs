//! A correlation to a query: a `let` for the matches of each member, joined by the values that they have in common.
//!
//! A row of a member is the time of a match and the values in common, as texts; a match without one of them takes no part. A
//! member that counts is the times at which its window before a match has the measure, so that windows slide here as they do in
//! `eval`. A row of the result is the time of the last match and the values. Refused: a member whose rule is not at hand or
//! must match several times, some of several members, and an absence in an order.

use std::fmt::Write as _;

use super::columns::named;
use super::names;
use super::place::Place;
use super::query::{LONGEST, Query, selection};
use super::quote;
use super::sliding::{ANY, counted, group, joined, keys};
use super::stage::{self, Stage};
use super::term::Scope;
use super::value::Kind;
use crate::analysis::{Fidelity, Report};
use crate::backend::fragment::Fragment;
use crate::backend::spread::{self, Spread};
use crate::backend::{Context, not_at_hand};
use crate::ir::{Bound, Correlation, Function, Measure, Pattern, Rule, Term};

/// A column that a member has beside the time: its name, and the term over the member's matches.
type Column = (String, Term);

impl<'c> Query<'c> {
    /// The query of a rule about others; nothing where it cannot be expressed, and the report says why.
    pub(super) fn related(
        rule: &'c Rule,
        correlation: &'c Correlation,
        context: &Context<'c>,
        report: &mut Report,
    ) -> Option<Self> {
        let mut places = Vec::new();
        places_of(correlation, context, &mut places);
        let mut text = Text {
            context,
            report,
            lets: String::new(),
            names: Vec::new(),
        };
        let same = correlation.same.iter().map(|same| same.name.as_str());
        let groups = unique(same);
        let columns: Vec<&str> = groups.iter().map(String::as_str).collect();
        let body = text.correlation(correlation, &columns)?;
        let text = format!("{}{body}", text.lets);
        let Some((place, others)) = places.split_first() else {
            let reason = "no table is known for the members";
            report.refuse("correlation", correlation.origin, reason);
            return None;
        };
        let (place, others) = (*place, others.to_vec());
        let length = text.chars().count();
        if length > LONGEST {
            let reason = format!("Sentinel takes {LONGEST} characters, and the query has {length}");
            report.refuse("query", rule.origin, reason);
            return None;
        }
        let mut scope = Scope::columns(place);
        for (same, column) in correlation.same.iter().zip(&groups) {
            scope.name(Term::field([same.name.as_str()]), column, Kind::Text);
        }
        record(correlation, report);
        let outputs = outputs(rule, &scope, report);
        Some(Self {
            text,
            place,
            others,
            outputs,
            losses: Vec::new(),
            gaps: Vec::new(),
            scope,
        })
    }
}

/// The outputs that are in the result, and their columns.
fn outputs(rule: &Rule, scope: &Scope<'_>, report: &mut Report) -> Vec<(String, String)> {
    let mut outputs = Vec::new();
    for output in &rule.outputs {
        let what = format!("output {}", output.name);
        if let Some(column) = scope.column(&output.source) {
            report.exact(what, output.origin);
            outputs.push((output.name.clone(), column));
        } else {
            let reason = "the result has the values that the members have in common";
            report.record(Fidelity::Unsupported, what, output.origin, reason);
        }
    }
    outputs
}

/// Reports what is said of the members.
fn record(correlation: &Correlation, report: &mut Report) {
    for member in &correlation.members {
        let what = format!("matches of {}", member.rule);
        if member.absent && correlation.schedule.is_some() {
            let reason = "the absence is asked for in the window before the last match, and a run also sees what comes after it";
            report.record_count(Fidelity::Wider, what, correlation.origin, reason);
        } else {
            report.exact(what, correlation.origin);
        }
    }
}

/// The tables that the members read, each once.
fn places_of<'c>(correlation: &'c Correlation, context: &Context<'c>, places: &mut Vec<Place<'c>>) {
    for definition in correlation
        .members
        .iter()
        .filter_map(|it| it.definition.as_deref())
    {
        if let Some(inner) = &definition.correlation {
            places_of(inner, context, places);
        } else if let Some(place) = Place::of(definition, context, &mut Report::new())
            && places.iter().all(|known| known.table != place.table)
        {
            places.push(place);
        }
    }
}

/// Names as columns, each once and none that the query needs for itself.
fn unique<'n>(wanted: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for wanted in wanted {
        let own = [
            ANY,
            "TimeGenerated",
            "First",
            "Last",
            "MatchTime",
            "Measured",
            "Value",
        ];
        let plain = quote::is_word(wanted) && !own.contains(&wanted);
        let name = if plain {
            wanted.to_owned()
        } else {
            format!("{}_", names::pascal(wanted))
        };
        let mut numbered = (2..).map(|number| format!("{name}{number}"));
        let name = if names.contains(&name) {
            numbered.find(|it| !names.contains(it))
        } else {
            Some(name)
        };
        names.extend(name);
    }
    names
}

/// The query so far.
struct Text<'q, 'c> {
    context: &'q Context<'c>,
    report: &'q mut Report,
    lets: String,
    /// The names of the `let`s.
    names: Vec<String>,
}

impl Text<'_, '_> {
    fn refuse<T>(&mut self, correlation: &Correlation, reason: impl Into<String>) -> Option<T> {
        self.report
            .refuse("correlation", correlation.origin, reason.into());
        None
    }

    /// Writes a `let`; its name.
    fn bind(&mut self, wanted: &str, body: &str) -> String {
        let wanted = names::pascal(wanted);
        let mut numbered = (2..).map(|number| format!("{wanted}{number}"));
        let name = if self.names.contains(&wanted) {
            numbered
                .find(|name| !self.names.contains(name))
                .unwrap_or_default()
        } else {
            wanted.clone()
        };
        let _ = writeln!(self.lets, "let {name} = {};", body.trim_end());
        self.names.push(name.clone());
        name
    }

    /// The times and values of a correlation's alerts, under these names.
    fn correlation(&mut self, correlation: &Correlation, groups: &[&str]) -> Option<String> {
        let measures: &[Measure] = match &correlation.pattern {
            Pattern::Count { measures, .. } => measures,
            Pattern::Group { .. } | Pattern::Sequence { .. } => &[],
        };
        let mut members = Vec::new();
        for (at, member) in correlation.members.iter().enumerate() {
            let Some(definition) = member.definition.as_deref() else {
                return self.refuse(correlation, not_at_hand(correlation, at));
            };
            if member.least > 1 || member.most.is_some() {
                return self.refuse(
                    correlation,
                    "how often a member must match has no form here",
                );
            }
            let fields = correlation
                .same
                .iter()
                .map(|same| same.fields.get(at).cloned());
            let mut columns = Vec::new();
            for (name, field) in groups.iter().zip(fields) {
                columns.push(((*name).to_owned(), Term::Field(field?)));
            }
            columns.extend(measures.get(at).and_then(value_of));
            let body = self.matches(definition, &columns, groups.len())?;
            members.push(self.bind(&format!("{} Matches", member.name), &body));
        }
        let window = correlation.window;
        match &correlation.pattern {
            Pattern::Group { least: None } => {
                Some(group(&correlation.members, &members, groups, window))
            }
            Pattern::Group { least: Some(_) } => {
                self.refuse(correlation, "some of several members have no form here")
            }
            Pattern::Sequence { transitions } => {
                let plain = transitions
                    .iter()
                    .all(|step| step.within.is_none() && step.fields.is_none());
                if !plain || correlation.members.iter().any(|member| member.absent) {
                    let reason = "an absence in an order, and steps with times or fields of their own, have no form here";
                    return self.refuse(correlation, reason);
                }
                Some(joined(&members, groups, window, true))
            }
            Pattern::Count { bound, also, .. } => {
                let first = measures.first()?;
                let name = match members.as_slice() {
                    [one] => one.clone(),
                    several => self.bind("All Matches", &format!("union {}", several.join(", "))),
                };
                Some(counted(&name, groups, first, (*bound, *also), window))
            }
        }
    }

    /// The times of a rule's matches with these columns, of which so many are values in common.
    fn matches(&mut self, rule: &Rule, columns: &[Column], groups: usize) -> Option<String> {
        if let Some(correlation) = &rule.correlation {
            return self.alerts(correlation, columns);
        }
        let Some(threshold) = &rule.threshold else {
            return self.events(rule, columns, groups);
        };
        let mut inner: Vec<Column> = Vec::new();
        for term in &threshold.group_by {
            let known = columns.iter().find(|(_, wanted)| wanted == term);
            let name = known.map_or_else(
                || format!("{}_", names::of_term(term)),
                |(name, _)| name.clone(),
            );
            inner.push((name, term.clone()));
        }
        let groups = inner.len();
        inner.extend(value_of(&threshold.measure));
        let events = self.events(rule, &inner, groups)?;
        let name = self.bind(
            &format!("{} Events", crate::backend::file_stem(rule)),
            &events,
        );
        let groups: Vec<&str> = inner[..groups]
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let bound = Bound {
            comparison: threshold.comparison,
            count: threshold.count,
        };
        let bounds = (bound, threshold.also);
        let times = counted(&name, &groups, &threshold.measure, bounds, threshold.window);
        Some(shown(&times, columns, &inner[..groups.len()]))
    }

    /// The times of the alerts of a correlation that is a member.
    fn alerts(&mut self, correlation: &Correlation, columns: &[Column]) -> Option<String> {
        if matches!(correlation.pattern, Pattern::Sequence { .. }) {
            let reason = "an order that is still in its window when a further match comes does not alert again";
            let what = "alerts of a member";
            self.report
                .record_count(Fidelity::Narrower, what, correlation.origin, reason);
        }
        let has = correlation.same.iter().map(|same| {
            let term = Term::field([same.name.as_str()]);
            let known = columns.iter().find(|(_, wanted)| *wanted == term);
            let own = || format!("{}_", names::pascal(&same.name));
            (known.map_or_else(own, |(name, _)| name.clone()), term)
        });
        let has: Vec<Column> = has.collect();
        let groups: Vec<&str> = has.iter().map(|(name, _)| name.as_str()).collect();
        let body = self.correlation(correlation, &groups)?;
        Some(shown(&body, columns, &has))
    }

    /// The times of the events that a rule selects.
    fn events(&mut self, rule: &Rule, columns: &[Column], groups: usize) -> Option<String> {
        let legs = match spread::by_table(rule, self.context) {
            Spread::Alone(told) => vec![told.map_or_else(|| rule.clone(), |told| *told)],
            Spread::Apart(legs) => legs,
        };
        let mut parts = Vec::new();
        for leg in &legs {
            parts.push(self.leg(leg, columns, groups)?);
        }
        if let [one] = parts.as_slice() {
            return Some(one.clone());
        }
        let parts: Vec<String> = parts
            .iter()
            .map(|part| format!("({})", part.trim_end()))
            .collect();
        Some(format!("union {}\n", parts.join(", ")))
    }

    fn leg(&mut self, rule: &Rule, columns: &[Column], groups: usize) -> Option<String> {
        let whole = super::query::residue(rule, self.report);
        let place = Place::of(rule, self.context, self.report)?;
        let mut rows = Scope::rows(place);
        let mut stages = selection(&mut rows, rule, self.report)?;
        let mut shown = vec![Fragment::atom("TimeGenerated")];
        let mut filled = Vec::new();
        for (at, (name, term)) in columns.iter().enumerate() {
            let value = match rows.term(term) {
                Ok(value) => value,
                Err(reason) => {
                    let what = format!("value {term}");
                    self.report.refuse(what, rule.origin, reason);
                    return None;
                }
            };
            if at < groups {
                let text = value.as_text();
                shown.push(if text.text() == *name {
                    text.fragment
                } else {
                    named(name, &text.fragment)
                });
                filled.push(Stage::Where(
                    Fragment::atom(name.as_str()).call("isnotempty(", ")"),
                ));
            } else {
                shown.push(named(name, &value.fragment));
            }
        }
        if groups == 0 {
            shown.push(named(ANY, &Fragment::atom("1")));
        }
        stages.push(Stage::Project(shown));
        stages.extend(filled);
        whole.then(|| stage::print(&quote::name(place.table), &stages, stage::USUAL))
    }
}

/// The columns that are wanted of alerts, which have these.
fn shown(text: &str, columns: &[Column], of_alerts: &[Column]) -> String {
    let wanted = columns.iter().map(|(name, term)| {
        let value = match term {
            Term::Call {
                function: Function::ToText,
                arguments,
            } => arguments.first().unwrap_or(term),
            term => term,
        };
        let known = of_alerts.iter().find(|(_, has)| has == value);
        match known {
            Some((has, _)) if has != name => format!("{name} = {has}"),
            Some(_) | None => name.clone(),
        }
    });
    let wanted: Vec<String> = wanted.collect();
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    format!("{text}| project TimeGenerated, {}\n", keys(&wanted))
}

/// What is measured of a match: what is only told apart is a text.
fn value_of(measure: &Measure) -> Option<Column> {
    let term = measure.term()?.clone();
    let term = match measure {
        Measure::DistinctCount(_) => Term::call(Function::ToText, vec![term]),
        Measure::Count | Measure::Sum(_) | Measure::Average(_) | Measure::Percentile { .. } => term,
    };
    Some(("Value".to_owned(), term))
}
