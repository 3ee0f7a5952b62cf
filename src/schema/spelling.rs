//! A column that spells the values of its field in another way.
//!
//! What a map of values says, and does not say:
//!
//! - Each pair is a value of the field and the column's spelling of it. Neither side writes it in other letters, so that a test
//!   which does not mind case is one on the listed values.
//! - A value that is not listed is spelt as none of the listed ones. A `complete` map lists every value that the field can have;
//!   one with both truth values always does.
//! - Several values may have one spelling. What tells them apart is not said by the column.
//! - A missing value and `null` are the column's blank, which no value is spelt as.
//!
//! So a test is taken apart by what it says of each listed value, and of all others together; who asks knows how to judge one.

use super::log_source::FieldType;
use super::table::ColumnType;
use crate::ir::{CaseSensitivity, Literal};

/// The values of a column's field, and how the column spells them; empty where it does not spell them otherwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spellings {
    /// The field's value, and the column's.
    pairs: Vec<(Literal, Literal)>,
    complete: bool,
}

/// The values that share a spelling and are judged unlike.
#[derive(Clone, Debug, PartialEq)]
pub struct Ambiguous(pub Literal);

impl Spellings {
    /// The map with these pairs; `complete` where the field has no other values.
    pub fn new(pairs: Vec<(Literal, Literal)>, complete: bool) -> Self {
        let has = |wanted| {
            pairs
                .iter()
                .any(|(own, _)| *own == Literal::Boolean(wanted))
        };
        let complete = complete || (has(true) && has(false));
        Self { pairs, complete }
    }

    /// Whether the column has the field's values as they are.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Whether the field has no other values.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The field's values, each with the column's spelling.
    pub fn pairs(&self) -> impl Iterator<Item = (&Literal, &Literal)> {
        self.pairs.iter().map(|(own, spelt)| (own, spelt))
    }

    /// Whether each value has a spelling of its own.
    pub fn is_injective(&self) -> bool {
        self.pairs.iter().enumerate().all(|(at, (_, spelt))| {
            let mut before = self.pairs[..at].iter();
            before.all(|(_, known)| known != spelt)
        })
    }

    /// Whether the value is listed, in these letters or in any.
    pub fn lists(&self, value: &Literal, case: CaseSensitivity) -> bool {
        self.pairs.iter().any(|(own, _)| is_same(own, value, case))
    }

    /// Whether the spelling is listed, in these letters or in any.
    pub fn spells(&self, spelling: &Literal, case: CaseSensitivity) -> bool {
        let mut pairs = self.pairs.iter();
        pairs.any(|(_, spelt)| is_same(spelt, spelling, case))
    }

    /// The spellings of the values for which the judgement holds, and of those for which it does not.
    pub fn divided(
        &self,
        mut judge: impl FnMut(&Literal) -> bool,
    ) -> Result<(Vec<Literal>, Vec<Literal>), Ambiguous> {
        let (mut held, mut failed) = (Vec::new(), Vec::new());
        for (own, spelt) in &self.pairs {
            let (ours, others) = if judge(own) {
                (&mut held, &failed)
            } else {
                (&mut failed, &held)
            };
            if others.contains(spelt) {
                return Err(Ambiguous(spelt.clone()));
            }
            if !ours.contains(spelt) {
                ours.push(spelt.clone());
            }
        }
        Ok((held, failed))
    }

    /// What keeps the map from being one of a field and a column of these types.
    pub(super) fn problem(&self, field: FieldType, column: ColumnType) -> Option<String> {
        for (own, spelt) in &self.pairs {
            if !field.has(own) {
                return Some(format!("{own} is not a value of a {}", field.name()));
            }
            let fits = match column {
                ColumnType::String => spelt.as_text().is_some_and(|text| !text.is_empty()),
                ColumnType::Bool => matches!(spelt, Literal::Boolean(_)),
                ColumnType::Int | ColumnType::Long => matches!(spelt, Literal::Integer(_)),
                ColumnType::Dynamic => *spelt != Literal::text(""),
                ColumnType::Real
                | ColumnType::Datetime
                | ColumnType::Timespan
                | ColumnType::Guid => false,
            };
            if !fits {
                let column = column.name();
                return Some(format!(
                    "{spelt} is not a value of a column of type {column}"
                ));
            }
        }
        None
    }
}

impl FieldType {
    /// Whether a field of the type can have the value.
    pub fn has(self, value: &Literal) -> bool {
        match self {
            Self::Any => true,
            Self::Text | Self::Datetime => matches!(value, Literal::Text(_)),
            Self::Integer => match value {
                Literal::Integer(_) => true,
                Literal::Float(number) => number.fract() == 0.0,
                _ => false,
            },
            Self::Float => matches!(value, Literal::Integer(_) | Literal::Float(_)),
            Self::Boolean => matches!(value, Literal::Boolean(_)),
            Self::Object => matches!(value, Literal::Object(_)),
            Self::ScalarList | Self::ObjectList => matches!(value, Literal::List(_)),
        }
    }
}

fn is_same(a: &Literal, b: &Literal, case: CaseSensitivity) -> bool {
    match (a, b, case) {
        (Literal::Text(a), Literal::Text(b), CaseSensitivity::Insensitive) => {
            a.to_lowercase() == b.to_lowercase()
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures() -> Spellings {
        let pair = |own, spelt| (Literal::Integer(own), Literal::text(spelt));
        Spellings::new(
            vec![pair(0, "Success"), pair(1, "Failure"), pair(2, "Failure")],
            false,
        )
    }

    #[test]
    fn values_with_one_spelling_are_judged_together() {
        let map = failures();
        let is = |wanted: &'static [i64]| {
            map.divided(|own| wanted.iter().any(|one| *own == Literal::Integer(*one)))
        };
        let (held, failed) = is(&[1, 2]).unwrap();
        assert_eq!(
            (held, failed),
            (
                vec![Literal::text("Failure")],
                vec![Literal::text("Success")]
            )
        );
        assert_eq!(is(&[1]), Err(Ambiguous(Literal::text("Failure"))));
        assert!(!map.is_injective() && !map.is_complete());
    }

    #[test]
    fn both_truth_values_are_all() {
        let pairs = |values: &[bool]| {
            let pair = |value: &bool| (Literal::Boolean(*value), Literal::text(value.to_string()));
            Spellings::new(values.iter().map(pair).collect(), false).is_complete()
        };
        assert!(pairs(&[true, false]) && !pairs(&[true]));
    }
}
