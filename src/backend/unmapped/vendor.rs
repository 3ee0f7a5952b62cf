//! A rule for a target whose names are the vendor's: what its condition asks for under other names refuses it, or is taken out as
//! the caller allows; of outputs and texts is shown what there is without them ([`without`](crate::backend::without)).

use std::cell::OnceCell;

use super::{Entry, Missing, Near, Teller, name_of, nearest};
use crate::analysis::{Fidelity, Report, What};
use crate::backend::without::{Shown, Telling, Text};
use crate::backend::{Approximate, Context, Unmapped};
use crate::ir::{
    Comparison, Condition, FieldPath, LogSource, Measure, Object, Origin, Output, Predicate,
    Quantifier, Rule, Term, Threshold,
};
use crate::schema::{FieldType, LogSourceMap};

/// A target whose names are the vendor's.
#[derive(Clone, Copy)]
pub(in crate::backend) struct VendorNames<'v> {
    /// What rules of the target's own format are marked with.
    pub(in crate::backend) own: &'v str,
    /// The target, as people call it.
    pub(in crate::backend) system: &'v str,
    /// What its reports call the texts of an alert.
    pub(in crate::backend) texts: &'v [Text],
    /// What they call an output.
    pub(in crate::backend) called: fn(&Output) -> String,
}

/// The formats whose names are not the vendor's where the crosswalk has no field for them.
const NAMED_OTHERWISE: [&str; 3] = ["sentinel", "kql", "sigma"];

/// The texts of an alert.
pub(in crate::backend) const TEXTS: [Text; 6] = [
    ("title", |alert| &mut alert.title),
    ("description", |alert| &mut alert.description),
    ("dedup", |alert| &mut alert.dedup),
    ("severity", |alert| &mut alert.severity),
    ("runbook", |alert| &mut alert.runbook),
    ("reference", |alert| &mut alert.reference),
];

impl VendorNames<'_> {
    /// Writes the rule as far as its names are the vendor's; `None` where its condition asks for others, and the report says so.
    pub(in crate::backend) fn written<R>(
        self,
        rule: &Rule,
        context: &Context<'_>,
        report: &mut Report,
        write: impl FnOnce(&Rule, &mut Report) -> Option<R>,
    ) -> Option<R> {
        let Some(foreign) = self.foreign(rule, context) else {
            return write(rule, report);
        };
        let mut pass = Pass {
            foreign: &foreign,
            context: *context,
            teller: Teller::new(name_of(rule)),
            report,
            refused: false,
        };
        let mut changed = rule.clone();
        changed.selection = pass.condition(&rule.selection, true);
        if changed.selection == Condition::TRUE && rule.selection != Condition::TRUE {
            let reason = "nothing is left of the condition without the fields that are unmapped";
            pass.report.refuse("condition", rule.origin, reason);
            return None;
        }
        pass.counted(&mut changed);
        let shown = match context.unmapped {
            Unmapped::Refuse => Shown::of(rule, &foreign, self.texts, self.called),
            Unmapped::Warn => {
                pass.warn_of_shown(rule, self.texts);
                None
            }
            Unmapped::PassThrough => None,
        };
        if pass.refused {
            return None;
        }
        if let Some(shown) = &shown {
            changed = shown.within(&changed);
        }
        let written = write(&changed, report)?;
        if let Some(shown) = shown {
            let missing = |path: &FieldPath| foreign.missing(path);
            let is_written = |report: &Report, what: &str| !report.drops(what);
            shown.tell(name_of(rule), missing, is_written, report);
        }
        Some(written)
    }

    /// The names of the rule that are none of the vendor's; nothing where all are.
    fn foreign<'f>(&'f self, rule: &'f Rule, context: &Context<'f>) -> Option<Foreign<'f>> {
        let format = rule.preserved.format.as_str();
        if !NAMED_OTHERWISE.contains(&format) || format == self.own {
            return None;
        }
        let maps: Option<Vec<&LogSourceMap>> = rule
            .log_sources
            .iter()
            .map(|source| match source {
                LogSource::Known(_) => context.crosswalk.of(source),
                LogSource::Resource { .. } | LogSource::Unknown { .. } => None,
            })
            .collect();
        let foreign = Foreign {
            system: self.system,
            format,
            maps: maps.filter(|maps| !maps.is_empty())?,
        };
        let reads = rule_fields(rule);
        let any = reads.iter().any(|path| foreign.missing(path).is_some());
        any.then_some(foreign)
    }
}

/// Whether one event of a group is enough.
fn needs_one(threshold: &Threshold) -> bool {
    let one = match threshold.comparison {
        Comparison::AtLeast => threshold.count <= 1.0,
        Comparison::GreaterThan => threshold.count < 1.0,
        Comparison::AtMost | Comparison::LessThan | Comparison::Equal | Comparison::NotEqual => {
            false
        }
    };
    one && threshold.measure == Measure::Count && threshold.also.is_none()
}

/// Every field that the rule reads, wherever.
fn rule_fields(rule: &Rule) -> Vec<&FieldPath> {
    let mut fields = rule.selection.fields();
    fields.extend(rule.alert.texts().flat_map(Term::fields));
    fields.extend(
        rule.outputs
            .iter()
            .flat_map(|output| output.source.fields()),
    );
    fields.extend(
        rule.alert
            .details
            .iter()
            .flat_map(|detail| detail.source.fields()),
    );
    if let Some(threshold) = &rule.threshold {
        fields.extend(threshold.group_by.iter().flat_map(Term::fields));
        fields.extend(threshold.measure.term().into_iter().flat_map(Term::fields));
    }
    fields
}

/// Which fields of a rule are none of the vendor's.
struct Foreign<'f> {
    system: &'f str,
    format: &'f str,
    maps: Vec<&'f LogSourceMap>,
}

impl Foreign<'_> {
    fn is_missing(&self, path: &FieldPath) -> bool {
        !self.maps.is_empty() && !self.maps.iter().any(|map| map.knows(path))
    }

    fn missing(&self, path: &FieldPath) -> Option<Missing> {
        if !self.is_missing(path) {
            return None;
        }
        let map = self.maps.first()?;
        let sigma = self.format == "sigma";
        let entry = match map.preferred_table() {
            Some(table) if !sigma => Entry::Field {
                table: table.name.clone(),
            },
            _ => Entry::Sigma,
        };
        let kind = if sigma { "Sigma name" } else { "column" };
        let fields = map.fields().iter();
        let shown: Vec<(String, &str)> = fields
            .map(|field| (field.field.to_string(), field.sigma.as_str()))
            .collect();
        let names = shown.iter().map(|(field, sigma)| [field.as_str(), *sigma]);
        let near = nearest(path, names)
            .into_iter()
            .map(|at| format!("`{}`", shown[at].0));
        Some(Missing {
            field: path.clone(),
            reason: format!(
                "{} calls fields as the vendor does, and no field of `{}` is known for the {kind} `{path}`",
                self.system, map.id
            ),
            near: Near::Names(near.collect()),
            source: map.id.clone(),
            entry,
            kind: FieldType::Any,
            told: OnceCell::new(),
        })
    }

    fn of<'p>(&self, mut fields: impl Iterator<Item = &'p FieldPath>) -> Option<Missing> {
        fields.find_map(|path| self.missing(path))
    }
}

impl Telling for &Foreign<'_> {
    fn lacks(&self, path: &FieldPath) -> bool {
        self.is_missing(path)
    }

    fn lost(&self, fields: &str) -> String {
        let source = self.maps.first().map_or("", |map| map.id.as_str());
        format!("no field of `{source}` is known for {fields}")
    }
}

/// A rule on its way to a target whose names are the vendor's.
struct Pass<'p, 'c> {
    foreign: &'p Foreign<'p>,
    context: Context<'c>,
    teller: Teller<'p>,
    report: &'p mut Report,
    refused: bool,
}

impl Pass<'_, '_> {
    /// The condition without what asks for unmapped fields, where that may be. `positive` says whether the rule matches more
    /// where the condition holds.
    fn condition(&mut self, condition: &Condition, positive: bool) -> Condition {
        match condition {
            Condition::All(parts) => {
                let parts = parts.iter().map(|part| self.condition(part, positive));
                parts.fold(Condition::TRUE, Condition::and)
            }
            Condition::Any(parts) => {
                let parts = parts.iter().map(|part| self.condition(part, positive));
                parts.fold(Condition::FALSE, Condition::or)
            }
            Condition::Not(inner) => self.condition(inner, !positive).negate(),
            Condition::Test(predicate) => {
                let object = match &predicate.object {
                    Object::Term(term) => term.fields(),
                    _ => Vec::new(),
                };
                let fields = predicate.subject.fields().into_iter().chain(object);
                let missing = self.foreign.of(fields);
                let what = What::line(predicate, !positive);
                self.atom(condition, missing, what, Some(predicate), positive)
            }
            Condition::Items {
                quantifier,
                list,
                body,
            } => {
                let missing = self.foreign.of(list.fields().into_iter());
                let in_body = || self.foreign.of(body.fields().into_iter());
                // Exactly one item is neither more nor less where the body holds for more.
                let missing = match quantifier {
                    Quantifier::One => missing.or_else(in_body),
                    Quantifier::Some | Quantifier::Every => missing,
                };
                if missing.is_some() {
                    return self.atom(
                        condition,
                        missing,
                        What::condition(condition),
                        None,
                        positive,
                    );
                }
                let body = self.condition(body, positive);
                Condition::Items {
                    quantifier: *quantifier,
                    list: list.clone(),
                    body: body.into(),
                }
            }
        }
    }

    fn atom(
        &mut self,
        condition: &Condition,
        missing: Option<Missing>,
        what: What,
        asked: Option<&Predicate>,
        positive: bool,
    ) -> Condition {
        let Some(missing) = missing else {
            return condition.clone();
        };
        let origin = asked.map_or(Origin::default(), |predicate| predicate.origin);
        match (self.context.unmapped, self.context.approximate) {
            (Unmapped::Refuse, Approximate::No) => {
                self.refused = true;
                self.teller
                    .refuse(&missing, what, asked, origin, self.report);
                condition.clone()
            }
            (Unmapped::Refuse, Approximate::Wider) => {
                let reason = missing.reason();
                self.report
                    .record_predicate(Fidelity::Wider, what, origin, reason);
                Condition::constant(positive)
            }
            (Unmapped::Warn, _) => {
                self.teller
                    .warn(&missing, &what, asked, origin, self.report);
                condition.clone()
            }
            (Unmapped::PassThrough, _) => condition.clone(),
        }
    }

    /// What is counted decides whether the rule alerts; where one event is enough, a group only keeps alerts apart, and a key
    /// under another name is left out like an output.
    fn counted(&mut self, rule: &mut Rule) {
        let Some(threshold) = &mut rule.threshold else {
            return;
        };
        if needs_one(threshold) {
            let keys = std::mem::take(&mut threshold.group_by);
            for key in keys {
                let missing = self.foreign.of(key.fields().into_iter());
                if !self.leaves_out(missing, format!("group by {key}"), threshold.origin) {
                    threshold.group_by.push(key);
                }
            }
            return;
        }
        let mut fields: Vec<&FieldPath> =
            threshold.group_by.iter().flat_map(Term::fields).collect();
        fields.extend(threshold.measure.term().into_iter().flat_map(Term::fields));
        let Some(missing) = self.foreign.of(fields.into_iter()) else {
            return;
        };
        let what = What::from(threshold.to_string());
        let origin = threshold.origin;
        match self.context.unmapped {
            Unmapped::Refuse => {
                self.refused = true;
                self.teller
                    .refuse(&missing, what, None, origin, self.report);
            }
            Unmapped::Warn => self.teller.warn(&missing, &what, None, origin, self.report),
            Unmapped::PassThrough => {}
        }
    }

    /// Says of outputs and texts what is unmapped, where it is written all the same.
    fn warn_of_shown(&mut self, rule: &Rule, texts: &[Text]) {
        for output in &rule.outputs {
            let what = format!("output {}", output.name);
            self.warn_of(&output.source, &what, output.origin);
        }
        for detail in &rule.alert.details {
            let what = format!("detail {}", detail.name);
            self.warn_of(&detail.source, &what, rule.origin);
        }
        let mut alert = rule.alert.clone();
        for (what, text) in texts {
            if let Some(text) = text(&mut alert) {
                self.warn_of(text, what, rule.alert.origins.of(what).or(rule.origin));
            }
        }
    }

    fn warn_of(&mut self, term: &Term, what: &str, origin: Origin) {
        if let Some(missing) = self.foreign.of(term.fields().into_iter()) {
            self.teller.warn(&missing, what, None, origin, self.report);
        }
    }

    fn leaves_out(&mut self, missing: Option<Missing>, what: String, origin: Origin) -> bool {
        let Some(missing) = missing else { return false };
        match self.context.unmapped {
            Unmapped::Refuse => {
                self.teller.leave_out(&missing, what, origin, self.report);
                return true;
            }
            Unmapped::Warn => self.teller.warn(&missing, &what, None, origin, self.report),
            Unmapped::PassThrough => {}
        }
        false
    }
}
