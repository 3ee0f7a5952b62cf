//! An expression with what is known of its value: the Kusto type, the vendor's type behind it, and what it shows for an event
//! that does not have the field.
//!
//! A table forgets differences that the event has: a text column is `""` for an absent field, for `null` and for an empty text.
//! [`Blank`] keeps that knowledge, so that a predicate can be spelled and judged on exactly the values that the table confuses.

use serde_json::Value as Json;

use crate::backend::fragment::{ATOM, Fragment};
use crate::ir::compute::is_match;
use crate::ir::{CaseSensitivity, Function, Literal, Object, Operator, Predicate, Term};
use crate::schema::FieldType;

/// How tightly KQL's operators bind.
pub(super) mod strength {
    pub(in crate::backend) const OR: u8 = 1;
    pub(in crate::backend) const AND: u8 = 2;
    pub(in crate::backend) const EQUALITY: u8 = 3;
    pub(in crate::backend) const ORDER: u8 = 4;
    pub(in crate::backend) const SUM: u8 = 5;
    pub(in crate::backend) const TEXT: u8 = 7;
}

/// What is chosen by conditions: `iff` for one, `case` for several.
pub(super) fn cases_of(mut cases: Vec<[Fragment; 2]>, otherwise: Fragment) -> Fragment {
    if cases.len() == 1 {
        let [when, then] = cases.remove(0);
        return Fragment::called("iff", &[when, then, otherwise]);
    }
    let rows = cases.into_iter().map(|case| Fragment::row(case.into()));
    Fragment::called("case", &rows.chain([otherwise]).collect::<Vec<_>>())
}

/// The type of an expression, as far as it decides which operators it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Bool,
    Whole,
    Real,
    Time,
    Dynamic,
    /// A column of an unknown table: it is taken for whatever it is compared with.
    Open,
}

/// What an expression shows where the event has no value for it, and which values of the event that may stand for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Blank {
    /// What the table shows; JSON's null is a typed null.
    pub(super) shown: Json,
    /// What the event may have had; `None` is a missing field.
    pub(super) means: Vec<Option<Json>>,
}

impl Blank {
    /// An empty text, for a field whose filled values are texts.
    pub(super) fn text() -> Self {
        Self {
            shown: "".into(),
            means: vec![None, Some(Json::Null), Some("".into())],
        }
    }

    /// An empty text, for a field that is never an empty text in the event.
    pub(super) fn unfilled() -> Self {
        Self {
            shown: "".into(),
            means: vec![None, Some(Json::Null)],
        }
    }

    /// A typed null.
    pub(super) fn null() -> Self {
        Self {
            shown: Json::Null,
            means: vec![None, Some(Json::Null)],
        }
    }

    /// What the event may have had, where a constant stands in for a missing value.
    pub(super) fn means_or(&self, fallback: &Json, keeps_null: bool) -> Vec<Option<Json>> {
        let means = self.means.iter().map(|mean| match mean {
            Some(Json::Null) if keeps_null => Some(Json::Null),
            None | Some(Json::Null) => Some(fallback.clone()),
            filled => filled.clone(),
        });
        means.collect()
    }

    /// The verdicts of a predicate: on what the table shows, and on each value of the event that it may stand for.
    pub(super) fn verdicts(&self, predicate: &Predicate) -> (bool, Vec<bool>) {
        let shown = Some(&self.shown).filter(|shown| !shown.is_null());
        let means = self
            .means
            .iter()
            .map(|mean| verdict(predicate, mean.as_ref()));
        (verdict(predicate, shown), means.collect())
    }
}

/// The predicate's verdict on a value, by the reference evaluator.
pub(super) fn verdict(predicate: &Predicate, value: Option<&Json>) -> bool {
    match value {
        None => predicate.operator.info().on_missing,
        Some(value) if (value.is_null() || value == "") && asks_for_characters(predicate) => false,
        Some(value) => {
            let mut question = predicate.clone();
            question.subject = Term::Field(crate::ir::FieldPath::root());
            crate::eval::holds(&question.into(), value)
        }
    }
}

/// Whether the predicate plainly takes neither null nor the empty text, which is what blanks mostly stand for.
fn asks_for_characters(predicate: &Predicate) -> bool {
    let ignore_case = predicate.case == CaseSensitivity::Insensitive;
    let is_filled = |literal: &Literal| literal.as_text() != Some("");
    match (predicate.operator, &predicate.object) {
        (Operator::Equals, Object::Literal(literal)) => is_filled(literal),
        (Operator::In, Object::List(literals)) => literals.iter().all(is_filled),
        (Operator::Contains | Operator::StartsWith | Operator::EndsWith, Object::Texts(texts)) => {
            texts.iter().all(|text| !text.is_empty())
        }
        (Operator::Wildcard, Object::Texts(patterns)) => patterns
            .iter()
            .all(|pattern| pattern.chars().any(|c| c != '*')),
        (Operator::Matches, Object::Texts(patterns)) => patterns
            .iter()
            .all(|pattern| !is_match(pattern, ignore_case, "")),
        _ => false,
    }
}

/// An expression and what is known of its value.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) fragment: Fragment,
    pub(super) kind: Kind,
    /// The type of the value in the event; `Any` where it is not known.
    pub(super) holds: FieldType,
    /// What it shows for a missing field; nothing where it always has a value of its own.
    pub(super) blank: Option<Blank>,
    /// Whether it is written otherwise than the rule would have it: good enough to be shown, not to be compared.
    pub(super) reshaped: bool,
    /// Whether it can be filled where the rule has no value: a function of texts over a value that may be of another kind.
    pub(super) partial: bool,
    /// Whether it may be a part of the text form of a value that is no text, which can be equal to a text that the rule asks for.
    pub(super) cut: bool,
}

impl Value {
    /// A name, a call or a path of the given type that always has a value.
    pub(super) fn atom(text: impl Into<String>, kind: Kind) -> Self {
        Self::of(Fragment::atom(text), kind)
    }

    /// An expression of the given type that always has a value.
    pub(super) fn of(fragment: Fragment, kind: Kind) -> Self {
        let holds = match kind {
            Kind::Text => FieldType::Text,
            Kind::Bool => FieldType::Boolean,
            Kind::Whole => FieldType::Integer,
            Kind::Real => FieldType::Float,
            Kind::Time => FieldType::Datetime,
            Kind::Dynamic | Kind::Open => FieldType::Any,
        };
        Self {
            fragment,
            kind,
            holds,
            blank: None,
            reshaped: false,
            partial: false,
            cut: false,
        }
    }

    /// The same value, blank in the given way.
    pub(super) fn blank(mut self, blank: Option<Blank>) -> Self {
        self.blank = blank;
        self
    }

    /// The text on one line.
    pub(super) fn text(&self) -> String {
        self.fragment.flat()
    }

    /// Whether this is the text on one line.
    pub(super) fn is_text(&self, text: &str) -> bool {
        self.fragment.is_text(text)
    }

    /// Whether both have one text.
    pub(super) fn says_same(&self, other: &Self) -> bool {
        self.fragment.fingerprint() == other.fragment.fingerprint()
    }

    /// The text on one line, where it is a plain name.
    pub(super) fn as_word(&self) -> Option<String> {
        super::quote::word(&self.fragment)
    }

    /// Whether it is a column's name, a call or a path, which any operator takes without brackets.
    pub(super) fn is_atom(&self) -> bool {
        self.fragment.strength() == ATOM
    }

    /// The value as a text; a typed null becomes the empty text.
    pub(super) fn as_text(&self) -> Self {
        if matches!(self.kind, Kind::Text | Kind::Open) {
            return self.clone();
        }
        let blank = self.blank.as_ref().map(|blank| {
            let mut means = blank.means.clone();
            let may_be_text = matches!(
                self.holds,
                FieldType::Any | FieldType::Text | FieldType::Datetime
            );
            if self.kind == Kind::Dynamic && may_be_text {
                means.push(Some("".into()));
            }
            Blank {
                shown: "".into(),
                means,
            }
        });
        let mut truth = ["true", "false"].into_iter();
        let fragment = match truth.find(|word| self.is_text(word)) {
            Some(word) => Fragment::atom(format!("\"{word}\"")),
            None => Fragment::form("tostring({})", &[&self.fragment]),
        };
        Self {
            fragment,
            kind: Kind::Text,
            holds: self.holds,
            blank,
            reshaped: self.reshaped || self.is_reshaped_as_text(),
            partial: self.partial,
            cut: self.cut,
        }
    }

    /// The value where it is a text, else nothing.
    pub(super) fn only_text(&self) -> Self {
        if self.kind != Kind::Dynamic || self.holds != FieldType::Any || self.reshaped {
            return self.as_text();
        }
        let kind = Fragment::called("gettype", std::slice::from_ref(&self.fragment));
        let is_text = infix(
            &kind,
            "==",
            Fragment::atom("\"string\""),
            strength::EQUALITY,
        );
        let text = Fragment::called("tostring", std::slice::from_ref(&self.fragment));
        let fragment = cases_of(vec![[is_text, text]], Fragment::atom("\"\""));
        Self {
            partial: self.partial,
            ..Self::of(fragment, Kind::Text).blank(Some(Blank::text()))
        }
    }

    /// Whether Kusto writes the value's text in another way than JSON does.
    pub(super) fn is_reshaped_as_text(&self) -> bool {
        matches!(self.kind, Kind::Bool | Kind::Time | Kind::Real)
    }

    /// The value as a dynamic one: a text is read as JSON.
    pub(super) fn as_dynamic(&self) -> Self {
        match self.kind {
            Kind::Dynamic => self.clone(),
            Kind::Text | Kind::Open => Self {
                fragment: Fragment::form("parse_json({})", &[&self.fragment]),
                kind: Kind::Dynamic,
                holds: FieldType::Any,
                blank: Some(Blank::null()),
                reshaped: self.reshaped,
                partial: self.partial,
                cut: self.cut,
            },
            Kind::Bool | Kind::Whole | Kind::Real | Kind::Time => Self {
                fragment: Fragment::form("todynamic({})", &[&self.fragment]),
                ..self.clone()
            },
        }
    }

    /// The value converted by a function of one argument.
    pub(super) fn converted(&self, function: &str, kind: Kind) -> Self {
        Self {
            fragment: Fragment::called(function, std::slice::from_ref(&self.fragment)),
            kind,
            holds: self.holds,
            blank: Some(Blank::null()),
            reshaped: self.reshaped,
            partial: self.partial,
            cut: self.cut,
        }
    }
}

/// Two operands and the word between them.
pub(super) fn infix(
    left: &Fragment,
    word: &'static str,
    right: Fragment,
    strength: u8,
) -> Fragment {
    Fragment::infix(word, strength, vec![left.clone(), right]).unbroken()
}

/// Whether the operator asks for the value to be there or of some kind, rather than comparing it.
pub(super) fn is_existence(operator: Operator) -> bool {
    match operator {
        Operator::Exists
        | Operator::IsPresent
        | Operator::IsFilled
        | Operator::IsTruthy
        | Operator::IsKind => true,
        Operator::Equals
        | Operator::In
        | Operator::Contains
        | Operator::StartsWith
        | Operator::EndsWith
        | Operator::HasTerm
        | Operator::Matches
        | Operator::Wildcard
        | Operator::LessThan
        | Operator::AtMost
        | Operator::GreaterThan
        | Operator::AtLeast
        | Operator::InNetwork
        | Operator::IsIpAddress => false,
    }
}

/// Whether a text stands for the value where it is missing.
pub(super) fn has_default(term: Option<&Term>) -> bool {
    let Some(Term::Call {
        function: Function::IfMissing | Function::Coalesce,
        arguments,
    }) = term
    else {
        return false;
    };
    matches!(arguments.last(), Some(Term::Literal(Literal::Text(_))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::FieldPath;

    fn agrees(operator: Operator, object: &Object) {
        let subject = Term::Field(FieldPath::root());
        let predicate = Predicate::new(subject, operator, object.clone());
        for predicate in [predicate.clone(), predicate.ignore_case()] {
            for value in [Json::Null, "".into(), "a".into()] {
                let evaluated = crate::eval::holds(&predicate.clone().into(), &value);
                let line = predicate.line(false);
                assert_eq!(
                    verdict(&predicate, Some(&value)),
                    evaluated,
                    "{line} of {value}"
                );
            }
        }
    }

    #[test]
    fn the_verdict_on_a_blank_is_the_evaluators() {
        for text in [
            "", "a", "*", "**", "?", "a*", "\\*", "^$", "a?", "(?:)", "[",
        ] {
            let alone = vec![text.to_owned()];
            let beside = vec!["x".to_owned(), text.to_owned()];
            for texts in [alone, beside] {
                for operator in [
                    Operator::Contains,
                    Operator::StartsWith,
                    Operator::EndsWith,
                    Operator::Wildcard,
                    Operator::Matches,
                ] {
                    agrees(operator, &Object::Texts(texts.clone()));
                }
                let literals = texts.iter().map(Literal::text).collect();
                agrees(Operator::In, &Object::List(literals));
            }
            agrees(Operator::Equals, &Object::Literal(Literal::text(text)));
        }
        agrees(Operator::Equals, &Object::Literal(Literal::Null));
        agrees(
            Operator::In,
            &Object::List(vec![Literal::Null, Literal::Integer(0)]),
        );
    }
}
