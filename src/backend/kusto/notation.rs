//! Predicates to KQL, with the fidelity of each.
//!
//! Kusto's operators on texts are two-valued, as the IR's are; those on other types are not, and are made so where a negation
//! would show it. A table tells less than the event (see [`Blank`](super::value::Blank)), so every spelling is judged by the
//! verdicts of the reference evaluator on the values that the table confuses.
//! What is asked of a list's items is written by [`items`](super::items).

use super::comparison::Comparison;
use super::place::Gap;
use super::term::Scope;
use super::value::{Kind, Value, is_existence, strength};
use super::{existence, items, scalar, text};
use crate::analysis::{Fidelity, Report};
use crate::backend::fragment::Fragment;
use crate::backend::notation::{Infix, Negation, Notation, Spelled};
use crate::ir::{Condition, Object, Predicate, Quantifier, Term};
use crate::schema::FieldType;

/// Conditions over what a scope can read.
pub(super) struct Kusto<'s, 'c> {
    pub(super) scope: &'s Scope<'c>,
}

/// A predicate in KQL's words.
#[derive(Clone, Debug)]
pub(super) struct Words {
    form: Form,
    /// Whether the predicate can be null, which `not` would keep.
    pub(super) nullable: bool,
    /// What the positive form keeps.
    pub(super) fidelity: Fidelity,
    /// Why it is not exact.
    pub(super) reason: String,
}

/// What the words say.
#[derive(Clone, Debug)]
enum Form {
    /// A predicate, and KQL's own form of its negation, if it has one.
    Written(Fragment, Option<Fragment>),
    /// A comparison, of which one direction is asked for.
    Compared(Comparison),
}

impl Words {
    /// An exact form: the predicate, and KQL's own form of its negation, if it has one.
    pub(super) fn new(positive: Fragment, negative: Option<Fragment>) -> Self {
        Self::of(Form::Written(positive, negative))
    }

    /// A comparison, which is exact.
    pub(super) fn compared(comparison: Comparison) -> Self {
        Self::of(Form::Compared(comparison))
    }

    fn of(form: Form) -> Self {
        Self {
            form,
            nullable: false,
            fidelity: Fidelity::Exact,
            reason: String::new(),
        }
    }

    /// The predicate.
    pub(super) fn positive(&self) -> Fragment {
        match &self.form {
            Form::Written(positive, _) => positive.clone(),
            Form::Compared(comparison) => comparison.positive(),
        }
    }

    /// KQL's own form of its negation, if it has one.
    pub(super) fn negative(&self) -> Option<Fragment> {
        match &self.form {
            Form::Written(_, negative) => negative.clone(),
            Form::Compared(comparison) => Some(comparison.negative()),
        }
    }

    /// The same, but different from the source in the given way.
    pub(super) fn but(mut self, fidelity: Fidelity, reason: &str) -> Self {
        if fidelity > self.fidelity {
            self.fidelity = fidelity;
            reason.clone_into(&mut self.reason);
        }
        self
    }
}

/// What became of a predicate, or of its negation.
#[derive(Clone, Debug)]
pub(super) enum Spelling {
    /// The table's columns decide it for every event.
    Constant(bool, Fidelity, String),
    /// A text; and whether it can be null.
    Text(Spelled, bool),
}

impl Spelling {
    /// The same, but different from the source in the given way, where it was exact.
    pub(super) fn but(self, fidelity: Fidelity, reason: &str) -> Self {
        match self {
            Self::Constant(value, Fidelity::Exact, _) => {
                Self::Constant(value, fidelity, reason.to_owned())
            }
            Self::Text(spelled, nullable) if spelled.fidelity == Fidelity::Exact => {
                let spelled = Spelled::approximate(spelled.fragment, fidelity, reason);
                Self::Text(spelled, nullable)
            }
            other => other,
        }
    }
}

impl Kusto<'_, '_> {
    /// The spelling of the predicate, or of its negation.
    pub(super) fn spelling(&self, predicate: &Predicate, negated: bool) -> Result<Spelling, Gap> {
        let spelling = || self.spelled_out(predicate, negated);
        self.scope.memo.spelling(predicate, negated, spelling)
    }

    fn spelled_out(&self, predicate: &Predicate, negated: bool) -> Result<Spelling, Gap> {
        if let Some(holds) = self.scope.place.answer(predicate) {
            let holds = holds != negated;
            return Ok(Spelling::Constant(holds, Fidelity::Exact, String::new()));
        }
        if let Some(spelt) = self.scope.spelt(predicate) {
            return spelt.spelling(predicate, negated);
        }
        if is_existence(predicate.operator) {
            return existence::spell(self.scope, predicate, negated);
        }
        let subject = self.scope.try_term(&predicate.subject)?;
        if subject.reshaped && !self.scope.lenient {
            return Err(Gap::Unreadable(reshaped(&predicate.subject)));
        }
        let words = match &predicate.object {
            Object::Term(term) => self.against_term(&subject, predicate, term),
            _ => words(&subject, predicate),
        }
        .map_err(Gap::Unreadable)?;
        let Some(words) = words else {
            // Nothing that the value can be is asked for.
            return Ok(never(negated));
        };
        let words = if subject.reshaped {
            words.but(Fidelity::Wider, &reshaped(&predicate.subject))
        } else {
            words
        };
        Ok(directed(words, negated))
    }

    /// A comparison with another value of the same event.
    fn against_term(
        &self,
        subject: &Value,
        predicate: &Predicate,
        term: &Term,
    ) -> Result<Option<Words>, String> {
        let other = self.scope.term(term)?;
        if other.reshaped && !self.scope.lenient {
            return Err(reshaped(term));
        }
        let words = scalar::against(subject, predicate, &other)?;
        Ok(Some(if other.reshaped {
            words.but(Fidelity::Wider, &reshaped(term))
        } else {
            words
        }))
    }
}

/// Why a value that is only good to be shown is not compared.
pub(super) fn reshaped(term: &Term) -> String {
    format!("Kusto does not write `{term}` as the rule compares it")
}

/// What never holds, or its negation.
pub(super) fn never(negated: bool) -> Spelling {
    Spelling::Constant(negated, Fidelity::Exact, String::new())
}

/// The words for a comparison with constants; nothing where it cannot hold.
pub(super) fn words(subject: &Value, predicate: &Predicate) -> Result<Option<Words>, String> {
    match subject.kind {
        Kind::Text if subject.holds == FieldType::Any => scalar::by_object(subject, predicate),
        Kind::Text => text::words(subject, predicate),
        Kind::Bool => scalar::bool_words(subject, predicate),
        Kind::Whole | Kind::Real => scalar::number_words(subject, predicate),
        Kind::Time => scalar::time_words(subject, predicate),
        Kind::Dynamic | Kind::Open => scalar::by_object(subject, predicate),
    }
}

/// The words with what the blanks of the compared value do to them.
pub(super) fn judged(words: Words, value: &Value, predicate: &Predicate) -> Words {
    let Some(blank) = &value.blank else {
        return words;
    };
    let (shown, means) = blank.verdicts(predicate);
    if shown && means.contains(&false) {
        words.but(Fidelity::Wider, existence::CONFUSED)
    } else if !shown && means.contains(&true) {
        words.but(Fidelity::Narrower, existence::CONFUSED)
    } else {
        words
    }
}

/// The positive or the negative form.
pub(super) fn directed(words: Words, negated: bool) -> Spelling {
    let (fidelity, nullable) = (words.fidelity, words.nullable);
    if !negated {
        let spelled = Spelled::approximate(words.positive(), fidelity, words.reason);
        return Spelling::Text(spelled, nullable);
    }
    let text = match words.negative() {
        Some(negative) => negative,
        None if nullable => words.positive().call("not(coalesce(", ", false))"),
        None => words.positive().call("not(", ")"),
    };
    let spelled = Spelled::approximate(text, fidelity.negated(), words.reason);
    Spelling::Text(spelled, false)
}

impl Notation for Kusto<'_, '_> {
    type Written = Fragment;

    fn or(&self) -> Infix {
        Infix {
            word: "or",
            strength: strength::OR,
        }
    }

    fn and(&self) -> Infix {
        Infix {
            word: "and",
            strength: strength::AND,
        }
    }

    fn not(&self) -> Negation {
        Negation::Call("not(", ")")
    }

    fn constant(&self, value: bool) -> Fragment {
        Fragment::atom(value.to_string())
    }

    fn spell(&self, predicate: &Predicate) -> Result<Spelled, String> {
        finish(self, self.spelling(predicate, false))
    }

    fn spell_negated(&self, predicate: &Predicate) -> Option<Result<Spelled, String>> {
        Some(finish(self, self.spelling(predicate, true)))
    }

    fn items(
        &self,
        _: Quantifier,
        list: &Term,
        body: &Condition,
        report: &mut Report,
    ) -> Result<Fragment, String> {
        items::answer(self.scope, list, body, report)
    }
}

fn finish(notation: &Kusto<'_, '_>, spelling: Result<Spelling, Gap>) -> Result<Spelled, String> {
    match spelling {
        Ok(Spelling::Text(spelled, _)) => Ok(spelled),
        Ok(Spelling::Constant(value, fidelity, reason)) => Ok(Spelled::approximate(
            notation.constant(value),
            fidelity,
            reason,
        )),
        Err(gap) => Err(gap.reason()),
    }
}
