//! A rule and the rules of its translation to how often they agree.

use serde_json::Value;

use super::atoms::deciding;
use super::cases::Case;
use super::counts::{self, Reach};
use super::same::{difference, severity};
use super::shown::shown;
use super::shrink::shrunk;
use super::view::{Seen, View, selects, views};
use super::{Disagreement, Example, Limits, Outcome, Verified};
use crate::analysis::Claim;
use crate::backend::{Backend, Translation};
use crate::ir::{Condition, Rule};
use crate::schema::Crosswalk;
use crate::synthesis::{self, Purpose, Synthesis, synthesise_of};

/// How many values of a list get events of their own.
const VALUES: usize = 60;

/// How many hits have all of their fields changed.
const VARIED: usize = 2;

/// How many hits the sequences of a threshold may be made of.
const BASES: usize = 5;

pub(super) fn compare(
    rule: &Rule,
    back: &[Rule],
    (target, cases): (&dyn Backend, Option<Vec<Case>>),
    translation: &Translation,
    crosswalk: &Crosswalk,
    limits: Limits,
) -> (Verified, Vec<Case>) {
    let claim = translation.report.claim();
    let counting = claim.and(translation.report.counting());
    let mut comparison = Comparison {
        rule,
        claim,
        grouping: claim.and(translation.report.grouping()),
        counting,
        views: views(rule, back, target.events(), crosswalk),
        target,
        cases,
        result: Verified::new(Outcome::Verified, claim),
    };
    if counting.is_exact() {
        let difference = difference(rule, back, &comparison.views, &translation.report)
            .or_else(|| severity(rule, back, &translation.report));
        comparison.result.same = Some(difference.is_none());
        comparison.result.difference = difference;
    }
    comparison.result.shown = shown(rule, &comparison.views, &translation.report);
    comparison.tests();
    comparison.made(back, limits);
    if comparison.result.disagreement.is_some() {
        comparison.result.outcome = Outcome::Disagrees;
    } else if comparison.is_open() {
        comparison.result.outcome = Outcome::Unproven;
        let reason = "neither an event nor a count of events could be asked about";
        comparison.result.reason = Some(reason.to_owned());
    }
    let cases = comparison.cases.take().unwrap_or_default();
    (comparison.result, cases)
}

struct Comparison<'c> {
    rule: &'c Rule,
    /// What the report says of the condition.
    claim: Claim,
    /// What it says of the condition and of the values by which events are counted together.
    grouping: Claim,
    /// What it says of the condition and of how events are counted.
    counting: Claim,
    views: Vec<View<'c>>,
    target: &'c dyn Backend,
    /// What was asked, where that is wanted.
    cases: Option<Vec<Case>>,
    result: Verified,
}

impl Comparison<'_> {
    /// The verdicts of both sides on an event that they see.
    fn verdicts(&self, view: &View<'_>, seen: &Seen) -> (bool, bool) {
        // The rows of a pipeline that counts say nothing of one event, unless the rule is such a pipeline itself.
        let counted = self.rule.threshold.is_some() && !self.rule.is_about_rows();
        (
            selects(self.rule, &seen.source),
            view.selects(&seen.target, counted),
        )
    }

    /// Whether nothing was compared: what was read back is written otherwise, and nobody was asked about an event.
    fn is_open(&self) -> bool {
        let result = &self.result;
        let asked = [&result.tests, &result.events, &result.counts];
        result.same != Some(true)
            && (self.rule.threshold.is_some() || self.rule.correlation.is_some())
            && asked.iter().all(|share| share.of == 0)
    }

    /// Whether what was read back says which single events it counts. A pipeline may count rows that it made before it chose among
    /// them; sequences alone tell of it.
    fn tells_of_one(&self, view: &View<'_>) -> bool {
        let is_open = |rule: &&Rule| {
            rule.is_about_rows() && rule.selection == Condition::TRUE && rule.correlation.is_none()
        };
        self.rule.threshold.is_none()
            || self.rule.is_about_rows()
            || self.rule.selection == Condition::TRUE
            || !view.rules.iter().any(is_open)
    }

    /// Judges the event in every view that has it: `None` where none has, else whether the sides agree. The first disagreement
    /// is kept, with the test that it is about.
    fn judge(&mut self, event: &Value, test: Option<&str>) -> Option<bool> {
        let mut asked = None;
        for at in 0..self.views.len() {
            let view = &self.views[at];
            let Some(seen) = view.seen(event).filter(|_| self.tells_of_one(view)) else {
                continue;
            };
            let (source, target) = self.verdicts(view, &seen);
            let agrees = self.claim.allows(source, target);
            asked = Some(agrees && asked.unwrap_or(true));
            if let Some(cases) = &mut self.cases {
                // An engine is never given what is no record.
                let given = view.given(self.target, event);
                let given = given.filter(|(_, event)| event.is_object());
                cases.extend(
                    given.map(|given| Case::event(self.rule, given, &seen.source, source, test)),
                );
            }
            if !agrees && self.result.disagreement.is_none() {
                let mut found = self.disagreement(view, event, (source, target));
                found.test = test.map(str::to_owned);
                self.result.disagreement = Some(found);
            }
        }
        asked
    }

    /// The disagreement about the event, shrunk.
    fn disagreement(&self, view: &View<'_>, event: &Value, verdicts: (bool, bool)) -> Disagreement {
        let shows = |event: &Value| {
            view.seen(event)
                .is_some_and(|seen| self.verdicts(view, &seen) == verdicts)
        };
        let event = shrunk(event, &shows);
        let seen = view.seen(&event);
        let on_target = seen.as_ref().map_or(&event, |seen| &seen.target);
        let on_source = seen.as_ref().map_or(&event, |seen| &seen.source);
        let mut rules = view.rules.iter();
        Disagreement {
            atom: deciding(&self.rule.selection, on_source),
            other: rules.find_map(|rule| deciding(&rule.selection, on_target)),
            seen: (*on_target != event).then(|| on_target.clone()),
            source: verdicts.0,
            target: verdicts.1,
            claimed: self.claim,
            test: None,
            example: Example::Event(event),
        }
    }

    fn tests(&mut self) {
        // A correlation's tests say which rules have matched and when, which a query over events cannot be asked about.
        let is_related = |rule: &Rule| rule.correlation.is_some();
        let mut read = self.views.iter().flat_map(|view| &view.rules);
        let is_told = !is_related(self.rule) || read.all(|rule| is_related(rule));
        for test in &self.rule.tests {
            let judged = is_told.then(|| self.judge(&test.event, Some(&test.name)));
            match judged.flatten() {
                Some(agrees) => self.result.tests.count(agrees),
                None => self.result.unasked += 1,
            }
        }
    }

    /// Judges the events that are made of both sides, and the sequences about the threshold.
    fn made(&mut self, back: &[Rule], limits: Limits) {
        if self.rule.correlation.is_some() {
            return;
        }
        let limits = synthesis::Limits {
            events: limits.events,
            values: VALUES,
            varied: VARIED,
        };
        let accepts = |event: &Value| self.views.iter().any(|view| view.accepts(event));
        let made = synthesise_of(&self.rule.selection, &limits, &accepts);
        self.result.cut |= made.cut;
        let asked = self.events(made.events.iter().map(|made| &made.event));
        self.atoms(&made, &asked);
        for read in back {
            if read.selection == self.rule.selection {
                continue;
            }
            let of_source = |event: &Value| -> Vec<Value> {
                let views = self.views.iter();
                let events = views.filter_map(|view| view.of_source(read, event));
                events.collect()
            };
            let accepts = |event: &Value| {
                let mut events = of_source(event).into_iter();
                events.any(|event| self.views.iter().any(|view| view.accepts(&event)))
            };
            let made = synthesise_of(&read.selection, &limits, &accepts);
            self.result.cut |= made.cut;
            let mut events: Vec<Value> = Vec::new();
            for made in &made.events {
                events.extend(of_source(&made.event));
            }
            events.dedup();
            self.events(events.iter());
        }
        self.sequences(&made);
    }

    /// Judges the events; says of each whether the sides were asked.
    fn events<'e>(&mut self, events: impl Iterator<Item = &'e Value>) -> Vec<bool> {
        let judged = events.map(|event| {
            let agrees = self.judge(event, None);
            match agrees {
                Some(agrees) => self.result.events.count(agrees),
                None => self.result.unasked += 1,
            }
            agrees.is_some()
        });
        judged.collect()
    }

    /// Counts the leaves that were shown to matter, in events that the sides were asked about.
    fn atoms(&mut self, made: &Synthesis, asked: &[bool]) {
        for atom in &made.atoms {
            let both = atom.decides.iter().flatten();
            let shown = atom.is_shown() && both.into_iter().all(|at| asked.get(*at) == Some(&true));
            if atom.implied {
                self.result.guards.count(shown);
                continue;
            }
            self.result.atoms.count(shown);
            if !shown {
                let unshown = (atom.text.clone(), atom.origin);
                self.result.unshown.push(unshown);
            }
        }
    }

    /// Judges sequences of events about the threshold.
    fn sequences(&mut self, made: &Synthesis) {
        if self.rule.threshold.is_none() || self.counting.unsupported {
            return;
        }
        let plain = |made: &&synthesis::Synthetic| !matches!(made.purpose, Purpose::Changed { .. });
        for at in 0..self.views.len() {
            let view = &self.views[at];
            let hits = made.hits().filter(plain);
            let hits = hits.filter(|made| view.accepts(&made.event));
            let mut made = hits
                .take(BASES)
                .map(|made| counts::sequences(self.rule, &made.event));
            let sequences = made.find(|made| !made.is_empty()).unwrap_or_default();
            for sequence in sequences {
                self.sequence(at, &sequence);
            }
        }
    }

    fn sequence(&mut self, at: usize, sequence: &counts::Sequence) {
        let view = &self.views[at];
        let Some(seen) = counts::seen(sequence, view) else {
            return;
        };
        let (mut source, mut target) = (Vec::new(), Vec::new());
        for (time, seen) in seen {
            source.push((time, seen.source));
            target.push((time, seen.target));
        }
        let on_source = counts::alerts(self.rule, &source);
        let mut rules = view.rules.iter();
        let on_target = rules.any(|rule| counts::alerts(rule, &target));
        let asked = match sequence.span {
            Reach::Within | Reach::Over => true,
            Reach::Past => counts::end(self.rule, view),
        };
        if !asked {
            return;
        }
        // Within one window the kind of window makes no difference.
        let claimed = match sequence.span {
            Reach::Within => self.grouping,
            Reach::Past | Reach::Over => self.counting,
        };
        let agrees = claimed.allows(on_source, on_target);
        if let Some(cases) = &mut self.cases {
            cases.extend(Case::sequence(
                view,
                self.target,
                sequence,
                on_source,
                claimed,
            ));
        }
        self.result.counts.count(agrees);
        if !agrees && self.result.disagreement.is_none() {
            self.result.disagreement = Some(Disagreement {
                example: Example::Sequence(sequence.what, sequence.events.clone()),
                seen: None,
                source: on_source,
                target: on_target,
                claimed,
                atom: None,
                other: None,
                test: None,
            });
        }
    }
}
