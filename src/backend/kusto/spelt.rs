//! Predicates on a field whose column spells its values in another way (see [`Spellings`]), and such a field as a value.
//!
//! A predicate becomes a membership of the column in the spellings of the values for which it holds, as the reference evaluator
//! judges them, or in all but those for which it does not. Refused, with the name of the column: a constant that the map has not
//! and the field could, an operator whose verdict on values beside the map is not known, a test that tells values apart which
//! the column spells alike. As a value, a short complete map is a `case` over its spellings; any other is good to be shown and to
//! be grouped by in the column's own words, and not to be compared.

use serde_json::{Value as Json, json};

use super::existence;
use super::notation::{self, Spelling, Words, directed};
use super::place::Gap;
use super::quote;
use super::text;
use super::value::{Blank, Kind, Value, cases_of, infix, strength, verdict};
use crate::backend::fragment::Fragment;
use crate::ir::{CaseSensitivity, Literal, Object, Operator, Predicate};
use crate::schema::{FieldType, Spellings};

/// The longest map that is written out where its field is a value.
const LONGEST: usize = 16;

/// A column with its map.
#[derive(Clone, Debug)]
pub(super) struct Spelt<'c> {
    /// The column as it is.
    pub(super) raw: Value,
    pub(super) values: &'c Spellings,
    /// The type of the field.
    pub(super) field: FieldType,
}

impl Spelt<'_> {
    /// The spelling of a predicate that compares the field with constants, or asks for it, or of its negation.
    pub(super) fn spelling(&self, predicate: &Predicate, negated: bool) -> Result<Spelling, Gap> {
        let gap = |reason: String| Gap::Unreadable(reason);
        let (held, failed) = self
            .values
            .divided(|own| verdict(predicate, Some(&own.to_json())))
            .map_err(|alike| {
                gap(format!(
                    "`{}` spells several values as {}",
                    self.raw.text(),
                    alike.0
                ))
            })?;
        let others = if self.values.is_complete() {
            failed.is_empty()
        } else {
            self.on_others(predicate).map_err(gap)?
        };
        if predicate.operator != Operator::Exists && verdict(predicate, Some(&Json::Null)) {
            let reason = format!(
                "`{}` is as blank for null as where there is none",
                self.raw.text()
            );
            return Err(gap(reason));
        }
        if !others {
            return self.among(held, predicate, negated).map_err(gap);
        }
        if failed.is_empty() {
            return Ok(self.filled(predicate, negated));
        }
        Ok(directed(self.filled_but(&failed), negated))
    }

    /// The verdict on the values that the map has not.
    fn on_others(&self, predicate: &Predicate) -> Result<bool, String> {
        let column = self.raw.text();
        let constants = match (predicate.operator, &predicate.object) {
            (Operator::Equals, Object::Literal(literal)) => std::slice::from_ref(literal),
            (Operator::In, Object::List(items)) => items,
            _ => return self.on_others_at_large(predicate),
        };
        let unknown = constants.iter().find(|constant| {
            **constant == Literal::Null
                || self.field.has(constant) && !self.values.lists(constant, predicate.case)
        });
        match unknown {
            Some(constant) => Err(format!(
                "the map of the values of `{column}` does not have {constant}"
            )),
            None => Ok(false),
        }
    }

    fn on_others_at_large(&self, predicate: &Predicate) -> Result<bool, String> {
        let samples: &[Json] = match (predicate.operator, self.field) {
            (Operator::Exists | Operator::IsPresent | Operator::IsFilled, _)
            | (Operator::IsTruthy, FieldType::Text | FieldType::Datetime) => return Ok(true),
            (Operator::IsTruthy, FieldType::Integer | FieldType::Float)
                if self
                    .values
                    .lists(&Literal::Integer(0), CaseSensitivity::Sensitive) =>
            {
                return Ok(true);
            }
            (Operator::IsKind, FieldType::Text | FieldType::Datetime) => &[json!("x")],
            (Operator::IsKind, FieldType::Integer) => &[json!(1)],
            (Operator::IsKind, FieldType::Boolean) => &[json!(true)],
            // Words about texts hold of nothing else.
            (operator, FieldType::Integer | FieldType::Float | FieldType::Boolean)
                if operator.info().of_texts =>
            {
                return Ok(false);
            }
            _ => &[],
        };
        match samples {
            [sample] => Ok(verdict(predicate, Some(sample))),
            _ => Err(format!(
                "the map of the values of `{}` does not have all of them, which `{}` asks for",
                self.raw.text(),
                predicate.operator.name()
            )),
        }
    }

    /// Whether the column is one of the spellings.
    fn among(
        &self,
        spellings: Vec<Literal>,
        predicate: &Predicate,
        negated: bool,
    ) -> Result<Spelling, String> {
        let (operator, object) = match <[Literal; 1]>::try_from(spellings) {
            Ok([one]) => (Operator::Equals, Object::Literal(one)),
            Err(many) => (Operator::In, Object::List(many)),
        };
        let question = Predicate {
            operator,
            object,
            case: CaseSensitivity::Sensitive,
            ..predicate.clone()
        };
        let words = notation::words(&self.raw, &question)?;
        Ok(match words {
            Some(words) => directed(words, negated),
            None => notation::never(negated),
        })
    }

    /// Whether the column has a value.
    fn filled(&self, predicate: &Predicate, negated: bool) -> Spelling {
        let question = Predicate {
            operator: match predicate.operator {
                Operator::Exists => Operator::Exists,
                _ => Operator::IsPresent,
            },
            object: Object::None,
            ..predicate.clone()
        };
        existence::of_column(&self.raw, &question, negated)
    }

    /// Whether the column has a value that is none of the spellings.
    fn filled_but(&self, spellings: &[Literal]) -> Words {
        let list: Vec<String> = spellings.iter().map(quote::literal).collect();
        let words = text::membership(&self.raw, ("in", "!in"), &list);
        let test = |filled| existence::test(&self.raw, filled);
        let others = words.negative();
        let others = others.unwrap_or_else(|| words.positive().call("not(", ")"));
        Words::new(
            Fragment::infix("and", strength::AND, vec![test(true), others]),
            Some(Fragment::infix(
                "or",
                strength::OR,
                vec![test(false), words.positive()],
            )),
        )
    }

    /// The field as a value.
    pub(super) fn value(&self) -> Result<Value, Gap> {
        if !self.values.is_injective() {
            let column = self.raw.text();
            return Err(Gap::Unreadable(format!(
                "`{column}` spells several values alike"
            )));
        }
        let (kind, blank, nothing) = match self.field {
            FieldType::Text => (Kind::Text, Blank::unfilled(), "\"\""),
            FieldType::Integer => (Kind::Whole, Blank::null(), "long(null)"),
            FieldType::Boolean => (Kind::Bool, Blank::null(), "bool(null)"),
            _ => return Ok(self.in_own_words()),
        };
        if !self.values.is_complete() || self.values.pairs().count() > LONGEST {
            return Ok(self.in_own_words());
        }
        let cases = self.values.pairs().map(|(own, spelt)| {
            let right = Fragment::atom(quote::literal(spelt));
            let test = infix(&self.raw.fragment, "==", right, strength::EQUALITY);
            [test, Fragment::atom(quote::literal(own))]
        });
        let cases: Vec<[Fragment; 2]> = cases.collect();
        let call = cases_of(cases, Fragment::atom(nothing));
        Ok(Value {
            holds: self.field,
            ..Value::of(call, kind).blank(Some(blank))
        })
    }

    fn in_own_words(&self) -> Value {
        Value {
            reshaped: true,
            ..self.raw.clone()
        }
    }
}
