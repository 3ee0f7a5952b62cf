//! The selection made ready for a table, before it is printed.
//!
//! Predicates that the table's columns decide by themselves become constants and fold away, each recorded with what that does to
//! the verdict: a guard such as `x is text` on a text column has no words of its own in KQL. Negations move inwards over parts
//! that can be null, because `not(null)` is null and would lose the event. Fields without a column are reported with their
//! nearest names, all of them at once.

use super::notation::{Kusto, Spelling};
use super::place::Gap;
use super::term::Scope;
use crate::analysis::{Fidelity, Report, What};
use crate::backend::notation::Spelled;
use crate::backend::unmapped::{Missing, Teller};
use crate::backend::{Approximate, Unmapped};
use crate::ir::{Condition, Object, Origin, Predicate, Shared};

/// The condition to print; nothing where a field has no column.
pub(super) fn settle(
    scope: &Scope<'_>,
    condition: &Condition,
    report: &mut Report,
) -> Option<Condition> {
    let mut settling = Settling {
        notation: Kusto { scope },
        report,
        teller: Teller::new(scope.place.rule),
        unmapped: false,
    };
    let settled = settling.condition(condition, false);
    if settling.unmapped {
        return None;
    }
    let approximate = scope.place.approximate == Approximate::Wider;
    if approximate && settled == Condition::TRUE && settling.report.count(Fidelity::Wider) > 0 {
        let reason = "nothing is left of the condition without the fields that have no column";
        report.refuse("condition", Origin::default(), reason);
        return None;
    }
    Some(settled)
}

struct Settling<'s, 'c, 'r> {
    notation: Kusto<'s, 'c>,
    report: &'r mut Report,
    teller: Teller<'c>,
    unmapped: bool,
}

impl Settling<'_, '_, '_> {
    fn condition(&mut self, condition: &Condition, negated: bool) -> Condition {
        match condition {
            Condition::All(parts) => self.join(parts, negated, true),
            Condition::Any(parts) => self.join(parts, negated, false),
            Condition::Not(inner) => match inner.as_ref() {
                Condition::Test(predicate) => self.test(predicate, true, negated),
                Condition::Not(inner) => self.condition(inner, negated),
                Condition::All(parts) if self.can_be_null(inner) => {
                    let parts: Vec<Condition> =
                        parts.iter().cloned().map(Condition::negate).collect();
                    self.join(&parts, negated, false)
                }
                Condition::Any(parts) if self.can_be_null(inner) => {
                    let parts: Vec<Condition> =
                        parts.iter().cloned().map(Condition::negate).collect();
                    self.join(&parts, negated, true)
                }
                _ => self.condition(inner, !negated).negate(),
            },
            Condition::Test(predicate) => self.test(predicate, false, negated),
            Condition::Items { .. } => condition.clone(),
        }
    }

    fn join(&mut self, parts: &[Condition], negated: bool, all: bool) -> Condition {
        let mut decided = None;
        let settled: Vec<Condition> = parts
            .iter()
            .map(|part| {
                let before = self.report.constructs.len();
                let part = self.condition(part, negated);
                if part.as_constant() == Some(!all) {
                    let recorded = &self.report.constructs[before..];
                    let exact = recorded.iter().all(|one| one.fidelity == Fidelity::Exact);
                    decided = Some(exact || decided == Some(true));
                }
                part
            })
            .collect();
        // A constant that decides the whole takes the other parts with it; none of them goes unsaid.
        if let Some(exact) = decided {
            let fidelity = match (exact, all == negated) {
                (true, _) => Fidelity::Exact,
                (false, true) => Fidelity::Wider,
                (false, false) => Fidelity::Narrower,
            };
            for part in &settled {
                self.left_out(part, fidelity);
            }
        }
        let fold = if all { Condition::and } else { Condition::or };
        settled.into_iter().fold(Condition::constant(all), fold)
    }

    fn left_out(&mut self, part: &Condition, fidelity: Fidelity) {
        if !self.report.records(fidelity) {
            return;
        }
        for (predicate, turned) in part.predicates() {
            let reason = match fidelity {
                Fidelity::Exact => "",
                _ => "it plays no part beside what the table cannot tell",
            };
            let what = What::line(predicate, turned);
            self.report
                .record_predicate(fidelity, what, predicate.origin, reason);
        }
    }

    /// One predicate, under a `not` of its own where `direct`, and under an odd number of further ones where `negated`.
    fn test(&mut self, predicate: &Shared<Predicate>, direct: bool, negated: bool) -> Condition {
        let kept = |predicate: &Shared<Predicate>| {
            let test = Condition::Test(predicate.clone());
            if direct { test.negate() } else { test }
        };
        match self.notation.spelling(predicate, direct) {
            Ok(Spelling::Constant(value, fidelity, reason)) => {
                let fidelity = if negated {
                    fidelity.negated()
                } else {
                    fidelity
                };
                if self.report.records(fidelity) {
                    let what = What::line(predicate, direct != negated);
                    self.report
                        .record_predicate(fidelity, what, predicate.origin, reason);
                }
                Condition::constant(value)
            }
            Err(Gap::Unmapped(missing)) => self.missing(&missing, predicate, direct, negated),
            Ok(Spelling::Text(..)) => {
                self.passed(predicate, direct != negated);
                kept(predicate)
            }
            Err(Gap::Unreadable(_)) => kept(predicate),
        }
    }

    /// A predicate that asks for a field without a column: what makes the rule match more, where that may be said.
    fn missing(
        &mut self,
        missing: &Missing,
        predicate: &Shared<Predicate>,
        direct: bool,
        negated: bool,
    ) -> Condition {
        let what = What::line(predicate, direct != negated);
        match self.notation.scope.place.approximate {
            Approximate::Wider => {
                let reason = missing.reason();
                self.report
                    .record_predicate(Fidelity::Wider, what, predicate.origin, reason);
                Condition::constant(!negated)
            }
            Approximate::No => {
                self.unmapped = true;
                let (asked, origin) = (Some(&**predicate), predicate.origin);
                self.teller
                    .refuse(missing, what, asked, origin, self.report);
                Condition::TRUE
            }
        }
    }

    /// Warns of the fields of a predicate that are written under their own names.
    fn passed(&mut self, predicate: &Shared<Predicate>, negated: bool) {
        let place = self.notation.scope.place;
        if place.unmapped != Unmapped::Warn {
            return;
        }
        let object = match &predicate.object {
            Object::Term(term) => term.fields(),
            _ => Vec::new(),
        };
        let fields = predicate.subject.fields().into_iter().chain(object);
        for missing in fields.filter_map(|path| place.missing(path)) {
            let (what, origin) = (What::line(predicate, negated), predicate.origin);
            let asked = Some(&**predicate);
            self.teller
                .warn(&missing, &what, asked, origin, self.report);
        }
    }

    /// Whether some predicate in it is null for an event without the value.
    fn can_be_null(&self, condition: &Condition) -> bool {
        condition.predicates().iter().any(|(predicate, _)| {
            let spelling = self.notation.spelling(predicate, false);
            matches!(spelling, Ok(Spelling::Text(Spelled { .. }, true)))
        })
    }
}
