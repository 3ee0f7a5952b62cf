//! How a target writes conditions, and the one printer that joins them.

use super::fragment::Fragment;
use crate::analysis::{Fidelity, Report};
use crate::ir::{Condition, Operator, Predicate, Quantifier, Term};

/// A word between operands and how strongly it binds.
#[derive(Clone, Copy, Debug)]
pub struct Infix {
    /// The word.
    pub word: &'static str,
    /// Its strength; a greater one binds tighter.
    pub strength: u8,
}

/// How a target negates.
#[derive(Clone, Copy, Debug)]
pub enum Negation {
    /// By a word before the operand, with its strength.
    Prefix(&'static str, u8),
    /// By a call, whose brackets make grouping needless.
    Call(&'static str, &'static str),
}

/// A predicate in the target's words, and what of it was kept.
#[derive(Clone, Debug)]
pub struct Spelled {
    /// The text.
    pub fragment: Fragment,
    /// What it keeps, as it stands (the printer turns the direction round under a negation).
    pub fidelity: Fidelity,
    /// Why it is not exact; empty where it is.
    pub reason: String,
}

impl Spelled {
    /// An exact spelling.
    pub fn exact(fragment: Fragment) -> Self {
        Self {
            fragment,
            fidelity: Fidelity::Exact,
            reason: String::new(),
        }
    }

    /// A spelling that differs in the given direction, with the reason.
    pub fn approximate(fragment: Fragment, fidelity: Fidelity, reason: impl Into<String>) -> Self {
        Self {
            fragment,
            fidelity,
            reason: reason.into(),
        }
    }
}

/// How a target writes conditions.
pub trait Notation {
    /// The loosest word.
    fn or(&self) -> Infix;
    /// The tighter word.
    fn and(&self) -> Infix;
    /// The negation.
    fn not(&self) -> Negation;
    /// The target's spelling of a constant condition.
    fn constant(&self, value: bool) -> Fragment;
    /// The target's spelling of a predicate; the error says why there is none.
    fn spell(&self, predicate: &Predicate) -> Result<Spelled, String>;
    /// The target's own spelling of a negated predicate (`!=`, `not in`), where it has one. Its fidelity is that of the
    /// negated predicate as a whole.
    fn spell_negated(&self, _predicate: &Predicate) -> Option<Result<Spelled, String>> {
        None
    }
    /// What the target has for a condition that is not written where it stands: one that was written before, or that gets a
    /// function of its own, whose predicates are then recorded.
    fn known(&self, _condition: &Condition, _report: &mut Report) -> Option<Fragment> {
        None
    }
    /// What stands for a condition that was written, for example the name that the target gives it.
    fn kept(&self, _condition: &Condition, written: Fragment) -> Fragment {
        written
    }
    /// The target's spelling of a quantifier over the items of a list; the error says why there is none.
    fn items(
        &self,
        quantifier: Quantifier,
        list: &Term,
        body: &Condition,
        report: &mut Report,
    ) -> Result<Fragment, String>;
}

/// The condition in the target's words, every predicate recorded in the report. `None` where a part cannot be expressed; the
/// report then says which and why.
pub fn print<N: Notation + ?Sized>(
    notation: &N,
    condition: &Condition,
    report: &mut Report,
) -> Option<Fragment> {
    write(notation, condition, false, report)
}

/// The same for a condition that is written out though the notation may know it.
pub fn print_out<N: Notation + ?Sized>(
    notation: &N,
    condition: &Condition,
    report: &mut Report,
) -> Option<Fragment> {
    written(notation, condition, false, report)
}

fn write<N: Notation + ?Sized>(
    notation: &N,
    condition: &Condition,
    negated: bool,
    report: &mut Report,
) -> Option<Fragment> {
    if let Some(known) = notation.known(condition, report) {
        return Some(known);
    }
    let written = written(notation, condition, negated, report)?;
    Some(notation.kept(condition, written))
}

fn written<N: Notation + ?Sized>(
    notation: &N,
    condition: &Condition,
    negated: bool,
    report: &mut Report,
) -> Option<Fragment> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) if parts.is_empty() => {
            Some(notation.constant(matches!(condition, Condition::All(_))))
        }
        Condition::All(parts) => join(notation, notation.and(), parts, negated, report),
        Condition::Any(parts) => join(notation, notation.or(), parts, negated, report),
        Condition::Test(predicate) => {
            let spelled = notation.spell(predicate);
            record(spelled, predicate, negated, negated, report)
        }
        Condition::Not(inner) => {
            if let Condition::Test(predicate) = inner.as_ref()
                && let Some(spelled) = notation.spell_negated(predicate)
            {
                return record(spelled, predicate, true, negated, report);
            }
            let fragment = write(notation, inner, !negated, report)?;
            for value in [true, false] {
                if fragment == notation.constant(value) {
                    return Some(notation.constant(!value));
                }
            }
            Some(match notation.not() {
                Negation::Prefix(word, strength) => fragment.prefix(word, strength),
                Negation::Call(open, close) => fragment.call(open, close),
            })
        }
        Condition::Items {
            quantifier,
            list,
            body,
        } => match notation.items(*quantifier, list, body, report) {
            Ok(fragment) => Some(fragment),
            Err(reason) => {
                report.refuse(condition.to_string(), crate::ir::Origin::default(), reason);
                None
            }
        },
    }
}

fn join<N: Notation + ?Sized>(
    notation: &N,
    infix: Infix,
    parts: &[Condition],
    negated: bool,
    report: &mut Report,
) -> Option<Fragment> {
    // Every part is written even after a failure, so that all problems are reported at once.
    let written: Vec<Option<Fragment>> = parts
        .iter()
        .map(|part| write(notation, part, negated, report))
        .collect();
    let mut written = written.into_iter().collect::<Option<Vec<_>>>()?;
    // What a notation answers by itself decides the whole, or says nothing beside others.
    let idle = notation.constant(infix.word == notation.and().word);
    let deciding = notation.constant(infix.word != notation.and().word);
    if written.contains(&deciding) {
        return Some(deciding);
    }
    written.retain(|part| *part != idle);
    if written.is_empty() {
        return Some(idle);
    }
    Some(Fragment::conditions(infix.word, infix.strength, &written))
}

/// Records a spelling. `shown` says whether the report's line shows a `not`; `turned` whether the direction is turned round by
/// negations above the spelled text.
fn record(
    spelled: Result<Spelled, String>,
    predicate: &Predicate,
    shown: bool,
    turned: bool,
    report: &mut Report,
) -> Option<Fragment> {
    let what = predicate.line(shown);
    match spelled {
        Ok(spelled) => {
            let fidelity = if turned {
                spelled.fidelity.negated()
            } else {
                spelled.fidelity
            };
            report.record_predicate(fidelity, what, predicate.origin, spelled.reason);
            Some(spelled.fragment)
        }
        Err(reason) => {
            report.refuse(what, predicate.origin, reason);
            None
        }
    }
}

/// One cell of the support matrix.
#[derive(Clone, Debug)]
pub struct Support {
    /// The operator.
    pub operator: Operator,
    /// What the target keeps of it, on a text field.
    pub fidelity: Fidelity,
    /// An example, or why there is none.
    pub example: String,
}

/// The support matrix's column of a notation: every operator, on the given field.
pub fn support<N: Notation + ?Sized>(notation: &N, field: &Term) -> Vec<Support> {
    let samples = crate::ir::OPERATORS
        .iter()
        .map(|info| crate::ir::sample(info.operator, field.clone()));
    samples
        .map(|predicate| match notation.spell(&predicate) {
            Ok(spelled) => Support {
                operator: predicate.operator,
                fidelity: spelled.fidelity,
                example: spelled.fragment.flat(),
            },
            Err(reason) => Support {
                operator: predicate.operator,
                fidelity: Fidelity::Unsupported,
                example: reason,
            },
        })
        .collect()
}
