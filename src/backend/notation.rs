//! How a target writes conditions, and the one printer that joins them.

use super::fragment::Fragment;
use crate::analysis::{Fidelity, Report, What};
use crate::ir::{Condition, Operator, Predicate, Quantifier, Shared, Term};

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

/// A condition in a target's words, which knows how strongly it holds together.
pub trait Words: Clone + PartialEq {
    /// Parts joined by a word of the given strength; one part stays as it is.
    fn infix(word: &'static str, strength: u8, parts: Vec<Self>) -> Self;

    /// It behind a word of the given strength.
    #[must_use]
    fn prefix(self, word: &'static str, strength: u8) -> Self;

    /// It as the only argument of a call.
    #[must_use]
    fn call(self, open: &'static str, close: &'static str) -> Self;

    /// The word between its parts with the strength of it, and the parts, if it is such; brackets that only group do not count.
    fn joined(&self) -> Option<(&'static str, u8, &[Self])>;

    /// The text on one line.
    fn flat(&self) -> String;

    /// Conditions joined by a word, of which one that stands there twice says no more.
    fn conditions(word: &'static str, strength: u8, parts: &[Self]) -> Self {
        let mut flat: Vec<&Self> = Vec::new();
        for part in parts {
            match part.joined().filter(|(own, ..)| *own == word) {
                Some((.., inner)) => flat.extend(inner),
                None => flat.push(part),
            }
        }
        let is_first = |at: &usize| !flat[..*at].contains(&flat[*at]);
        if !(0..flat.len()).all(|at| is_first(&at)) {
            let distinct = (0..flat.len()).filter(is_first);
            let distinct: Vec<Self> = distinct.map(|at| flat[at].clone()).collect();
            return Self::conditions(word, strength, &distinct);
        }
        let told = parts.iter().map(|part| part.beside(word, &flat));
        Self::infix(word, strength, told.collect())
    }

    /// A part beside others with the same word between: what is one of them again within the part, between the same word, has
    /// been said.
    #[must_use]
    fn beside(&self, word: &'static str, all: &[&Self]) -> Self {
        let Some((own, strength, parts)) = self.joined() else {
            return self.clone();
        };
        let others = |part: &Self| part != self && all.contains(&part);
        let mut told = Vec::new();
        let mut is_told = false;
        for part in parts {
            if own != word
                && let Some((_, inner_strength, inner)) =
                    part.joined().filter(|(inner, ..)| *inner == word)
            {
                let left: Vec<Self> = inner.iter().filter(|part| !others(part)).cloned().collect();
                if !left.is_empty() && left.len() < inner.len() {
                    told.push(Self::infix(word, inner_strength, left));
                    is_told = true;
                    continue;
                }
            }
            told.push(part.clone());
        }
        if is_told {
            return Self::infix(own, strength, told);
        }
        self.clone()
    }
}

impl Words for Fragment {
    fn infix(word: &'static str, strength: u8, parts: Vec<Self>) -> Self {
        Self::infix(word, strength, parts)
    }

    fn prefix(self, word: &'static str, strength: u8) -> Self {
        self.prefix(word, strength)
    }

    fn call(self, open: &'static str, close: &'static str) -> Self {
        self.call(open, close)
    }

    fn joined(&self) -> Option<(&'static str, u8, &[Self])> {
        let bare = match self.inside() {
            Some(("(", inner)) => inner,
            _ => self,
        };
        let (word, parts) = bare.parts()?;
        Some((word, bare.strength(), parts))
    }

    fn flat(&self) -> String {
        self.flat()
    }
}

/// A predicate in the target's words, and what of it was kept.
#[derive(Clone, Debug)]
pub struct Spelled<W = Fragment> {
    /// The condition.
    pub fragment: W,
    /// What it keeps, as it stands (the printer turns the direction round under a negation).
    pub fidelity: Fidelity,
    /// Why it is not exact; empty where it is.
    pub reason: String,
}

impl<W> Spelled<W> {
    /// An exact spelling.
    pub fn exact(fragment: W) -> Self {
        Self {
            fragment,
            fidelity: Fidelity::Exact,
            reason: String::new(),
        }
    }

    /// A spelling that differs in the given direction, with the reason.
    pub fn approximate(fragment: W, fidelity: Fidelity, reason: impl Into<String>) -> Self {
        Self {
            fragment,
            fidelity,
            reason: reason.into(),
        }
    }
}

/// How a target writes conditions.
pub trait Notation {
    /// What a condition is written as.
    type Written: Words;
    /// The loosest word.
    fn or(&self) -> Infix;
    /// The tighter word.
    fn and(&self) -> Infix;
    /// The negation.
    fn not(&self) -> Negation;
    /// The target's spelling of a constant condition.
    fn constant(&self, value: bool) -> Self::Written;
    /// The target's spelling of a predicate; the error says why there is none.
    fn spell(&self, predicate: &Predicate) -> Result<Spelled<Self::Written>, String>;
    /// The target's own spelling of a negated predicate (`!=`, `not in`), where it has one. Its fidelity is that of the
    /// negated predicate as a whole.
    fn spell_negated(
        &self,
        _predicate: &Predicate,
    ) -> Option<Result<Spelled<Self::Written>, String>> {
        None
    }
    /// What the target has for a condition that is not written where it stands: one that was written before, or that gets a
    /// function of its own, whose predicates are then recorded.
    fn known(&self, _condition: &Condition, _report: &mut Report) -> Option<Self::Written> {
        None
    }
    /// What stands for a condition that was written, for example the name that the target gives it.
    fn kept(&self, _condition: &Condition, written: Self::Written) -> Self::Written {
        written
    }
    /// The target's spelling of a quantifier over the items of a list; the error says why there is none.
    fn items(
        &self,
        quantifier: Quantifier,
        list: &Term,
        body: &Condition,
        report: &mut Report,
    ) -> Result<Self::Written, String>;
}

/// The condition in the target's words, every predicate recorded in the report. `None` where a part cannot be expressed; the
/// report then says which and why.
pub fn print<N: Notation + ?Sized>(
    notation: &N,
    condition: &Condition,
    report: &mut Report,
) -> Option<N::Written> {
    write(notation, condition, false, report)
}

/// The same for a condition that is written out though the notation may know it.
pub fn print_out<N: Notation + ?Sized>(
    notation: &N,
    condition: &Condition,
    report: &mut Report,
) -> Option<N::Written> {
    written(notation, condition, false, report)
}

/// The same for a condition that is denied by what stands around it.
pub fn print_denied<N: Notation + ?Sized>(
    notation: &N,
    condition: &Condition,
    report: &mut Report,
) -> Option<N::Written> {
    write(notation, condition, true, report)
}

/// That a predicate does not hold; it is recorded as it stands in the condition.
pub fn print_opposite<N: Notation + ?Sized>(
    notation: &N,
    predicate: &Shared<Predicate>,
    report: &mut Report,
) -> Option<N::Written> {
    let opposite = notation.spell_negated(predicate)?;
    record(opposite, predicate, false, true, report)
}

fn write<N: Notation + ?Sized>(
    notation: &N,
    condition: &Condition,
    negated: bool,
    report: &mut Report,
) -> Option<N::Written> {
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
) -> Option<N::Written> {
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
) -> Option<N::Written> {
    // Every part is written even after a failure, so that all problems are reported at once.
    let written: Vec<Option<N::Written>> = parts
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
    Some(N::Written::conditions(infix.word, infix.strength, &written))
}

/// Records a spelling. `shown` says whether the report's line shows a `not`; `turned` whether the direction is turned round by
/// negations above the spelled text.
fn record<W>(
    spelled: Result<Spelled<W>, String>,
    predicate: &Shared<Predicate>,
    shown: bool,
    turned: bool,
    report: &mut Report,
) -> Option<W> {
    match spelled {
        Ok(spelled) if !report.records(spelled.fidelity) => Some(spelled.fragment),
        Ok(spelled) => {
            let what = What::line(predicate, shown);
            let fidelity = if turned {
                spelled.fidelity.negated()
            } else {
                spelled.fidelity
            };
            report.record_predicate(fidelity, what, predicate.origin, spelled.reason);
            Some(spelled.fragment)
        }
        Err(reason) => {
            report.refuse(What::line(predicate, shown), predicate.origin, reason);
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
