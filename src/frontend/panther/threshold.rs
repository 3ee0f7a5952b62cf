//! `Threshold`, `DedupPeriodMinutes` and `unique()` to a threshold with its group.
//!
//! Panther counts the matches of one dedup text within the period that starts at the first. The dedup text is what `dedup()`
//! returns, else the title, else one for the whole rule. A text that is put together from fields groups by the fields.

use std::time::Duration;

use super::document::Fields;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{
    Case, Comparison, Condition, Function, Measure, Operator, Origin, Rule, Shared, Term,
    Threshold, WindowKind,
};

/// The period where the document names none, in minutes.
const PERIOD: u64 = 60;

/// What the document says about counting.
pub(super) struct Counts {
    threshold: u64,
    minutes: u64,
    origin: Origin,
}

impl Counts {
    /// Takes the keys.
    pub(super) fn take(fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Self {
        let origin = fields
            .span("Threshold")
            .map_or_else(Origin::default, Into::into);
        Self {
            threshold: fields.take("Threshold", diagnostics).unwrap_or(1),
            minutes: fields
                .take("DedupPeriodMinutes", diagnostics)
                .unwrap_or(PERIOD),
            origin,
        }
    }

    /// Sets the rule's threshold, or its dedup window. `unique` is what `unique()` returns, if there is one; an error where it,
    /// or the text by which a threshold groups (`ungrouped` says why), could not be expressed.
    pub(super) fn apply(
        &self,
        rule: &mut Rule,
        unique: Lowered,
        ungrouped: Option<Box<Diagnostic>>,
    ) -> Result<(), Box<Diagnostic>> {
        let seconds = self.minutes.saturating_mul(60);
        if self.threshold <= 1 {
            rule.dedup_window = Some(seconds);
            return Ok(());
        }
        if let Some(problem) = ungrouped {
            return Err(problem);
        }
        let measure = match unique {
            Lowered::Absent => Measure::Count,
            Lowered::Term(term) => Measure::DistinctCount(term),
            Lowered::Lost(problem) => return Err(problem),
        };
        let dedup = rule.alert.dedup.as_ref().or(rule.alert.title.as_ref());
        let mut group_by = Vec::new();
        if let Some(term) = dedup {
            group_terms(&factored(term), &mut group_by);
        }
        #[allow(clippy::cast_precision_loss, reason = "thresholds are small")]
        let count = self.threshold as f64;
        rule.threshold = Some(Threshold {
            measure,
            comparison: Comparison::AtLeast,
            count,
            also: None,
            window: Duration::from_secs(seconds),
            window_kind: WindowKind::FromFirstMatch,
            group_by,
            origin: self.origin,
        });
        Ok(())
    }
}

/// What became of a function that returns a text.
pub(super) enum Lowered {
    /// The rule does not define it.
    Absent,
    /// Its value.
    Term(Term),
    /// It could not be expressed.
    Lost(Box<Diagnostic>),
}

impl Lowered {
    /// The term, where the loss of it only changes what is shown.
    pub(super) fn shown(self, diagnostics: &mut Diagnostics) -> Option<Term> {
        match self {
            Self::Absent => None,
            Self::Term(term) => Some(term),
            Self::Lost(mut problem) => {
                problem.severity = crate::diagnostic::Severity::Warning;
                problem.code = Code::PythonOutput;
                diagnostics.push(*problem);
                None
            }
        }
    }
}

/// A text that is one of several by condition, with what all of them begin and end with before and behind the choice.
fn factored(term: &Term) -> Term {
    match term {
        Term::Call {
            function: Function::Concat,
            arguments,
        } => Term::call(
            Function::Concat,
            arguments.iter().map(factored).collect::<Vec<_>>(),
        ),
        Term::Choice { cases, otherwise } => {
            let values = cases.iter().map(|case| &case.then);
            let texts: Vec<Term> = values.chain([otherwise.as_ref()]).map(factored).collect();
            let texts: Vec<&[Term]> = texts.iter().map(pieces).collect();
            let (before, behind) = shared(&texts);
            if before + behind == 0 {
                return term.clone();
            }
            let own = |text: &[Term]| match &text[before..text.len() - behind] {
                [one @ (Term::Call { .. } | Term::Literal(_))] => one.clone(),
                own => Term::call(Function::Concat, own.to_vec()),
            };
            let mut own_texts = texts.iter().map(|text| own(text));
            let chosen = cases.iter().zip(own_texts.by_ref());
            let cases: Vec<Case> = chosen
                .map(|(case, then)| Case {
                    when: case.when.clone(),
                    then,
                })
                .collect();
            let last = texts[cases.len()];
            let chosen = Term::Choice {
                cases: cases.into(),
                otherwise: Shared::new(own(last)),
            };
            let parts = last[..before].iter().cloned();
            let parts = parts.chain([chosen]);
            let parts = parts.chain(last[last.len() - behind..].iter().cloned());
            Term::call(Function::Concat, parts.collect::<Vec<_>>())
        }
        other => other.clone(),
    }
}

/// The parts that a text is put together from.
fn pieces(term: &Term) -> &[Term] {
    match term {
        Term::Call {
            function: Function::Concat,
            arguments,
        } => arguments,
        other => std::slice::from_ref(other),
    }
}

/// With how many parts all texts begin and end that are the same in all of them.
fn shared(texts: &[&[Term]]) -> (usize, usize) {
    let Some((first, rest)) = texts.split_first() else {
        return (0, 0);
    };
    let shortest = texts.iter().map(|text| text.len()).min().unwrap_or(0);
    let begins = |at: &usize| rest.iter().all(|text| text[*at] == first[*at]);
    let before = (0..shortest).take_while(begins).count();
    let ends = |at: &usize| {
        let from_end = |text: &[Term]| text[text.len() - 1 - *at].clone();
        rest.iter().all(|text| from_end(text) == from_end(first))
    };
    let behind = (0..shortest - before).take_while(ends).count();
    (before, behind)
}

/// The terms that decide what a text is: its parts that are not constant, without the defaults for missing values.
fn group_terms(term: &Term, found: &mut Vec<Term>) {
    match term {
        Term::Literal(_) => {}
        Term::Call {
            function: Function::Concat | Function::Display | Function::DisplayEvent,
            arguments,
        } => arguments
            .iter()
            .for_each(|argument| group_terms(argument, found)),
        Term::Call {
            function: Function::Coalesce | Function::IfMissing,
            arguments,
        } if arguments[1..]
            .iter()
            .all(|argument| argument.as_literal().is_some()) =>
        {
            if let Some(first) = arguments.first() {
                group_terms(first, found);
            }
        }
        other => {
            if let Some(shown) = with_default(other) {
                return group_terms(shown, found);
            }
            if !found.contains(other) {
                found.push(other.clone());
            }
        }
    }
}

/// The value that is shown where it is there, if a constant is otherwise.
fn with_default(term: &Term) -> Option<&Term> {
    let Term::Choice { cases, otherwise } = term else {
        return None;
    };
    let ([Case { when, then }], Term::Literal(_)) = (cases.as_slice(), otherwise.as_ref()) else {
        return None;
    };
    let Condition::Test(there) = when else {
        return None;
    };
    let value = match then {
        Term::Call {
            function: Function::Display | Function::DisplayEvent,
            arguments,
        } => arguments.first()?,
        value => value,
    };
    let is_there = matches!(there.operator, Operator::Exists | Operator::IsPresent);
    (is_there && there.subject == *value).then_some(value)
}
