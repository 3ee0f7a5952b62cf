//! What an alert says: the functions `title`, `dedup`, `unique`, `severity`, `description`, `runbook`, `reference` and
//! `alert_context` of an emitted rule.
//!
//! Panther calls them with one event. A value computed over the events of an alert becomes this event's own value, or is left
//! out and reported where one event says nothing about it.

use super::code::{Code, Line};
use super::formatted::is_text;
use super::group::groups;
use super::module::Function;
use super::notation::Python;
use crate::analysis::{Fidelity, Report};
use crate::ir::{
    Aggregate, Case, Function as IrFunction, Literal, Measure, Rule, Severity, Shared, Term,
    Threshold,
};

/// Why a value over several events is narrower here.
const ONE_EVENT: &str = "holds this event's value; Panther keeps all events of the alert";

/// The functions of one rule.
pub(super) struct Alerts<'r, 'm> {
    /// The rule.
    pub(super) rule: &'r Rule,
    /// How expressions are written.
    pub(super) python: Python<'m>,
}

/// A term as one event sees it.
pub(super) struct Resolved {
    pub(super) term: Term,
    /// Why it is not what the rule says; empty where it is.
    pub(super) reason: &'static str,
}

impl Alerts<'_, '_> {
    /// The functions that the rule asks for.
    pub(super) fn functions(&self, report: &mut Report) -> Vec<Function> {
        let alert = &self.rule.alert;
        let mut functions = Vec::new();
        functions.extend(self.text_of(report, "title", alert.title.as_ref()));
        functions.extend(self.dedup(report));
        functions.extend(self.unique(report));
        functions.extend(self.severity(report));
        functions.extend(self.text_of(report, "description", alert.description.as_ref()));
        functions.extend(self.text_of(report, "runbook", alert.runbook.as_ref()));
        functions.extend(self.text_of(report, "reference", alert.reference.as_ref()));
        functions.extend(self.context(report));
        functions
    }

    fn text_of(&self, report: &mut Report, name: &str, term: Option<&Term>) -> Option<Function> {
        let term = term?;
        let origin = self.rule.alert.origins.of(name);
        let written = self
            .resolve(term, true)
            .and_then(|resolved| Ok((self.formatted(name, &resolved.term)?, resolved.reason)));
        match written {
            Ok((text, "")) => {
                report.exact(name, origin);
                Some(text)
            }
            Ok((text, reason)) => {
                report.record(Fidelity::Narrower, name, origin, reason);
                Some(text)
            }
            Err(reason) => {
                report.record(Fidelity::Unsupported, name, origin, reason);
                None
            }
        }
    }

    /// The function that names the group of an event.
    fn dedup(&self, report: &mut Report) -> Option<Function> {
        let dedup = self.rule.alert.dedup.as_ref();
        let Some(threshold) = &self.rule.threshold else {
            return self.text_of(report, "dedup", dedup);
        };
        if let Some(dedup) = dedup {
            if threshold.group_by.is_empty() || groups(Some(dedup), &threshold.group_by) {
                return self.text_of(report, "dedup", Some(dedup));
            }
            let reason = "Panther counts per dedup text, which here is the threshold's group";
            let origin = self.rule.alert.origins.dedup;
            report.record(Fidelity::Unsupported, "dedup", origin, reason);
        } else if self.title_groups(threshold) {
            return None;
        }
        let mut terms = Vec::new();
        for (at, key) in threshold.group_by.iter().enumerate() {
            if at > 0 {
                terms.push(Term::text("-"));
            }
            terms.push(key.clone());
        }
        let group = match terms.len() {
            // Without a function of its own, Panther would count per title.
            0 => Term::text("all"),
            1 => terms.remove(0),
            _ => Term::Call {
                function: IrFunction::Concat,
                arguments: terms.into(),
            },
        };
        match self.formatted("dedup", &group) {
            Ok(text) => Some(text),
            Err(reason) => {
                report.refuse("group of the threshold", threshold.origin, reason);
                None
            }
        }
    }

    /// Whether the title tells the groups apart: without a dedup text Panther counts per title, which is the rule's name
    /// where there is no other.
    fn title_groups(&self, threshold: &Threshold) -> bool {
        let Some(title) = &self.rule.alert.title else {
            return threshold.group_by.is_empty();
        };
        let written = |resolved: &Resolved| {
            resolved.reason.is_empty() && self.formatted("title", &resolved.term).is_ok()
        };
        let resolved = self.resolve(title, true);
        groups(Some(title), &threshold.group_by) && resolved.as_ref().is_ok_and(written)
    }

    /// The function whose distinct values are counted.
    fn unique(&self, report: &mut Report) -> Option<Function> {
        let threshold = self.rule.threshold.as_ref()?;
        let Measure::DistinctCount(term) = &threshold.measure else {
            return None;
        };
        match self.formatted("unique", term) {
            Ok(text) => Some(text),
            Err(reason) => {
                report.refuse("distinct count", threshold.origin, reason);
                None
            }
        }
    }

    fn severity(&self, report: &mut Report) -> Option<Function> {
        let term = self.rule.alert.severity.as_ref()?;
        let origin = self.rule.alert.origins.severity;
        match self.severity_lines(term, 1) {
            Ok(body) => {
                report.exact("severity", origin);
                Some(self.python.module.entry("severity", body))
            }
            Err(reason) => {
                report.record(Fidelity::Unsupported, "severity", origin, reason);
                None
            }
        }
    }

    fn severity_lines(&self, term: &Term, indent: usize) -> Result<Vec<Line>, String> {
        match term {
            Term::Literal(Literal::Text(name)) => {
                let name = severity_word(name)
                    .ok_or_else(|| format!("Panther has no severity `{name}`"))?;
                Ok(vec![Line::returns(indent, Code::text(name))])
            }
            Term::Choice { cases, otherwise } => {
                let then = |term: &Term, at: usize| self.severity_lines(term, at);
                self.python.case_lines(cases, otherwise, indent, &then)
            }
            // A name that is no severity's leaves it to the document.
            Term::Field(_) | Term::Item { .. } | Term::Call { .. } => {
                let values = vec![self.python.single(term)?, Code::text("DEFAULT")];
                let value = Code::call("first_of", values);
                let value = if is_text(term) {
                    value
                } else {
                    Code::call("to_text", vec![value])
                };
                Ok(vec![Line::returns(indent, value)])
            }
            Term::Literal(_) | Term::Select { .. } | Term::Aggregate { .. } => {
                Err("a severity that is no name".to_owned())
            }
        }
    }

    /// The term with every aggregate replaced by what one event knows. `shown` says that it is part of a text for people.
    pub(super) fn resolve(&self, term: &Term, shown: bool) -> Result<Resolved, String> {
        let mut reason = "";
        let term = self.without_aggregates(term, shown, &mut reason)?;
        Ok(Resolved { term, reason })
    }

    fn without_aggregates(
        &self,
        term: &Term,
        shown: bool,
        reason: &mut &'static str,
    ) -> Result<Term, String> {
        Ok(match term {
            Term::Field(_) | Term::Item { .. } | Term::Literal(_) | Term::Select { .. } => {
                term.clone()
            }
            Term::Call {
                function,
                arguments,
            } => Term::Call {
                function: *function,
                arguments: arguments
                    .iter()
                    .map(|argument| self.without_aggregates(argument, shown, reason))
                    .collect::<Result<_, _>>()?,
            },
            Term::Choice { cases, otherwise } => Term::Choice {
                cases: cases
                    .iter()
                    .map(|case| {
                        Ok(Case {
                            when: case.when.clone(),
                            then: self.without_aggregates(&case.then, shown, reason)?,
                        })
                    })
                    .collect::<Result<_, String>>()?,
                otherwise: Shared::new(self.without_aggregates(otherwise, shown, reason)?),
            },
            Term::Aggregate {
                aggregate,
                argument,
            } => self.one_event(*aggregate, argument.as_deref(), shown, reason)?,
        })
    }

    /// What one event knows of a value computed over several.
    fn one_event(
        &self,
        aggregate: Aggregate,
        argument: Option<&Term>,
        shown: bool,
        reason: &mut &'static str,
    ) -> Result<Term, String> {
        match (aggregate, argument) {
            (
                Aggregate::MakeSet
                | Aggregate::MakeList
                | Aggregate::Min
                | Aggregate::Max
                | Aggregate::TakeAny,
                Some(argument),
            ) => {
                *reason = ONE_EVENT;
                return self.without_aggregates(argument, shown, reason);
            }
            (Aggregate::Count | Aggregate::DistinctCount, _) if shown => {
                if let Some(least) = self.least(aggregate, argument) {
                    *reason =
                        "shows the threshold in place of the count, which one event does not know";
                    return Ok(Term::text(format!("{least}+")));
                }
            }
            (
                Aggregate::Count
                | Aggregate::DistinctCount
                | Aggregate::Sum
                | Aggregate::Average
                | Aggregate::MakeSet
                | Aggregate::MakeList
                | Aggregate::Min
                | Aggregate::Max
                | Aggregate::TakeAny,
                _,
            ) => {}
        }
        Err(format!(
            "`{}` is computed over all events of the alert, of which Panther shows a function one",
            aggregate.name()
        ))
    }

    /// What the threshold says of a count: that it is at least this.
    fn least(&self, aggregate: Aggregate, argument: Option<&Term>) -> Option<u64> {
        let threshold = self.rule.threshold.as_ref()?;
        let same = match (&threshold.measure, aggregate) {
            (Measure::Count, Aggregate::Count) => true,
            (Measure::DistinctCount(term), Aggregate::DistinctCount) => argument == Some(term),
            _ => false,
        };
        same.then(|| least(threshold))?
    }

    /// A function that returns the term as a text.
    fn formatted(&self, name: &str, term: &Term) -> Result<Function, String> {
        let lines = self.python.text_lines(term, 1)?;
        Ok(self.python.module.entry(name, lines))
    }
}

/// The least whole number that a threshold asks for; `None` where it asks for something else.
pub(super) fn least(threshold: &Threshold) -> Option<u64> {
    use crate::ir::Comparison;
    if threshold.also.is_some() {
        return None;
    }
    let least = match threshold.comparison {
        Comparison::AtLeast => threshold.count.ceil(),
        Comparison::GreaterThan => threshold.count.floor() + 1.0,
        Comparison::AtMost | Comparison::LessThan | Comparison::Equal | Comparison::NotEqual => {
            return None;
        }
    };
    // A threshold that nothing falls short of is reached by the first event.
    let text = format!("{:.0}", least.max(1.0));
    text.parse().ok()
}

pub(super) fn severity_word(name: &str) -> Option<&'static str> {
    let severities = [
        (Severity::Informational, "INFO"),
        (Severity::Low, "LOW"),
        (Severity::Medium, "MEDIUM"),
        (Severity::High, "HIGH"),
        (Severity::Critical, "CRITICAL"),
    ];
    let found = severities.iter().find(|(severity, word)| {
        name.eq_ignore_ascii_case(severity.name()) || name.eq_ignore_ascii_case(word)
    });
    found
        .map(|(_, word)| *word)
        .or_else(|| name.eq_ignore_ascii_case("default").then_some("DEFAULT"))
}
