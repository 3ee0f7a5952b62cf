//! A column that spells the values of its field in another way (see [`Spellings`]): what a query asks of it as a condition on
//! the field.
//!
//! The query's question is asked of each spelling, of what the column has where the field is missing, and of a value that is
//! spelt as none of the listed; the answers are then joined by the values of the field that they are about. Refused: a question
//! that the map cannot answer for the values which it does not have, such as an equality with a spelling that is not listed.

use super::value::{Constant, Kind, Lowered, Obstacle, Truth, Value, compare, is_present};
use crate::ir::{CaseSensitivity, Condition, Literal, Object, Operator, Term};
use crate::schema::{Column, ColumnType, Spellings};
use crate::source::TextRange;

/// A column with its map.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spelt {
    /// Its name.
    pub name: String,
    /// The field.
    pub term: Term,
    /// The column's kind.
    pub kind: Kind,
    pub values: Spellings,
}

impl Spelt {
    /// The column, which spells values in another way.
    pub(super) fn of(column: &Column) -> Self {
        let kind = match column.kind {
            ColumnType::Bool => Kind::Truth,
            ColumnType::Int | ColumnType::Long | ColumnType::Real => Kind::Number,
            ColumnType::Dynamic => Kind::Dynamic,
            ColumnType::String | ColumnType::Guid | ColumnType::Datetime | ColumnType::Timespan => {
                Kind::Text
            }
        };
        Self {
            name: column.name.clone(),
            term: Term::Field(column.field.clone()),
            kind,
            values: column.values.clone(),
        }
    }

    /// The column's value where the field has this one.
    fn spelling(&self, spelling: &Literal) -> Value {
        let constant = Constant::of(spelling.clone());
        match (self.kind, constant.literal) {
            (Kind::Truth, Literal::Boolean(value)) => {
                Value::Truth(Truth::total(Condition::constant(value)))
            }
            (_, literal) => Value::Constant(Constant::of(literal)),
        }
    }

    /// The column's value where the field is missing.
    fn blank(&self) -> Value {
        let literal = match self.kind {
            Kind::Text => Literal::text(""),
            _ => Literal::Null,
        };
        Value::Constant(Constant::new(self.kind, literal))
    }

    /// The truth of a question about the column.
    pub(super) fn ask(self, ask: &mut dyn FnMut(Value) -> Lowered<Truth>) -> Lowered<Truth> {
        let mut answers = Answers::default();
        for (own, spelling) in self.values.pairs() {
            answers
                .of(ask(self.spelling(spelling))?)
                .owns
                .push(own.clone());
        }
        answers.of(ask(self.blank())?).missing = true;
        if !self.values.is_complete() {
            answers
                .of(ask(Value::Unlisted(Box::new(self.clone())))?)
                .others = true;
        }
        Ok(answers.joined(&self.term))
    }

    /// The choice of the spelling by the value of the field, where the map says all of them.
    pub(super) fn as_choice(&self) -> Option<Value> {
        let cases = self.values.pairs().map(|(own, spelling)| {
            let when = among(&self.term, vec![own.clone()]);
            (when, self.spelling(spelling))
        });
        let cases = cases.collect();
        let complete = self.values.is_complete();
        complete.then(|| Value::Choice(cases, Box::new(self.blank())))
    }

    /// Why the column's value is not one of the event.
    pub(super) fn obstacle(&self, range: TextRange) -> Obstacle {
        let name = &self.name;
        Obstacle::new(
            range,
            format!(
                "`{name}` spells its values in another way than the event, and not all of them are known"
            ),
        )
    }

    /// Whether a value that the map has not, and that is there, equals the constant: it is none of the spellings.
    pub(super) fn unlisted_equals(&self, constant: &Constant, range: TextRange) -> Lowered<Truth> {
        let literal = &constant.literal;
        if *literal == Literal::Null {
            return Ok(Truth::partial(Condition::FALSE, Condition::TRUE));
        }
        let empty = *literal == Literal::text("");
        if empty || self.values.spells(literal, CaseSensitivity::Insensitive) {
            return Ok(Truth::total(Condition::FALSE));
        }
        let name = &self.name;
        let message = format!("the map of the values of `{name}` does not have {literal}");
        Err(Obstacle::new(range, message))
    }
}

impl Value {
    /// The value with a column of which all values are known as the choice that it is.
    pub(super) fn resolved(self) -> Self {
        match &self {
            Self::Spelt(spelt) => spelt.as_choice().unwrap_or(self),
            _ => self,
        }
    }
}

/// The values of a field that share an answer.
#[derive(Debug)]
struct Answer {
    truth: Truth,
    owns: Vec<Literal>,
    /// Whether a missing value is among them.
    missing: bool,
    /// Whether all values that are not listed are among them.
    others: bool,
}

#[derive(Debug, Default)]
struct Answers(Vec<Answer>);

impl Answers {
    fn of(&mut self, truth: Truth) -> &mut Answer {
        let known = self.0.iter().position(|answer| answer.truth == truth);
        let at = known.unwrap_or_else(|| {
            self.0.push(Answer {
                truth,
                owns: Vec::new(),
                missing: false,
                others: false,
            });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    fn joined(self, term: &Term) -> Truth {
        let all = &self.0;
        let when = |at: usize, answer: &Answer| {
            if all.len() == 1 {
                return Condition::TRUE;
            }
            let own = among(term, answer.owns.clone());
            if !answer.others {
                return if answer.missing {
                    own.or(is_present(term.clone()).negate())
                } else {
                    own
                };
            }
            let elsewhere = all.iter().enumerate().filter(|(other, _)| *other != at);
            let elsewhere = elsewhere
                .flat_map(|(_, other)| other.owns.clone())
                .collect();
            let other = among(term, elsewhere).negate();
            if answer.missing {
                other
            } else {
                is_present(term.clone()).and(other)
            }
        };
        let (mut holds, mut fails) = (Condition::FALSE, Condition::FALSE);
        for (at, answer) in all.iter().enumerate() {
            let when = when(at, answer);
            holds = holds.or(when.clone().and(answer.truth.holds.clone()));
            fails = fails.or(when.and(answer.truth.clone().fails()));
        }
        if all.iter().all(|answer| answer.truth.fails.is_none()) {
            Truth::total(holds)
        } else {
            Truth::partial(holds, fails)
        }
    }
}

/// Whether the field has one of the values.
fn among(term: &Term, values: Vec<Literal>) -> Condition {
    let (operator, object) = match <[Literal; 1]>::try_from(values) {
        Ok([one]) => (Operator::Equals, Object::Literal(one)),
        Err(many) if many.is_empty() => return Condition::FALSE,
        Err(many) => (Operator::In, Object::List(many)),
    };
    compare(term.clone(), operator, object, CaseSensitivity::Sensitive)
}
