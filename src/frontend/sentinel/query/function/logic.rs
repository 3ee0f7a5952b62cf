//! Functions that ask whether something is there, and choices.

use super::super::value::{
    Constant, Kind, Lowered, Scalar, Truth, Value, compare, is_filled, is_present, test,
};
use super::{Called, apply};
use crate::ir::{
    CaseSensitivity, Condition, FieldPath, Function, Literal, Object, Operator, Predicate, Segment,
    Term,
};
use crate::schema::KnownTable;

impl Called<'_, '_> {
    /// The value, if the function is one of these.
    pub(super) fn logic(&self) -> Option<Lowered<Value>> {
        Some(match self.name {
            "not" => self.place_truth(0).map(|truth| Value::Truth(truth.not())),
            "isempty" => self.filled().map(|truth| Value::Truth(truth.not())),
            "isnotempty" | "notempty" => self.filled().map(Value::Truth),
            "isnull" => self.present().map(|truth| Value::Truth(truth.not())),
            "isnotnull" | "notnull" => self.present().map(Value::Truth),
            "iff" | "iif" | "case" => self.choice(),
            "coalesce" => self.coalesce(),
            "column_ifexists" | "columnifexists" => self.column_if_exists(),
            "set_has_element" => self.set_has_element(),
            "bag_has_key" => self.bag_has_key(),
            "gettype" => self.type_name(),
            "pack" | "bag_pack" | "pack_dictionary" => self.pack(),
            _ => return None,
        })
    }

    fn place_truth(&self, at: usize) -> Lowered<Truth> {
        self.place.truth(self.expression(at)?)
    }

    /// Whether a value is there and not the empty text.
    fn filled(&self) -> Lowered<Truth> {
        let range = self.range;
        super::super::compare::distribute(self.value(0)?, &mut |value| match value {
            Value::Constant(constant) => {
                let empty =
                    constant.literal == Literal::Null || constant.literal == Literal::text("");
                Ok(Truth::total(Condition::constant(!empty)))
            }
            Value::Scalar(scalar) => {
                let filled = is_filled(scalar.term.clone());
                let always =
                    !matches!(scalar.absent, Literal::Null) && scalar.absent != Literal::text("");
                Ok(Truth::total(if always {
                    filled.or(is_present(scalar.term).negate())
                } else {
                    filled
                }))
            }
            Value::Truth(truth) => Ok(Truth::total(truth.holds.clone().or(truth.fails()))),
            Value::Address { v6, subject } => {
                Ok(Truth::total(super::address::is_address(subject.term, v6)))
            }
            Value::Clock(_) | Value::Window(_) | Value::TypeName(_) | Value::Unlisted(_) => {
                Ok(Truth::total(Condition::TRUE))
            }
            Value::Choice(..) | Value::Spelt(_) => {
                Err(super::Obstacle::new(range, "the choice was not resolved"))
            }
        })
    }

    /// Whether a value is not null; a string never is.
    fn present(&self) -> Lowered<Truth> {
        let range = self.range;
        super::super::compare::distribute(self.value(0)?, &mut |value| match value {
            Value::Constant(constant) => {
                let there = constant.kind == Kind::Text || constant.literal != Literal::Null;
                Ok(Truth::total(Condition::constant(there)))
            }
            Value::Scalar(scalar) if scalar.absent != Literal::Null => {
                Ok(Truth::total(Condition::TRUE))
            }
            Value::Scalar(scalar) => Ok(Truth::total(is_present(scalar.term))),
            Value::Truth(truth) => Ok(Truth::total(truth.holds.clone().or(truth.fails()))),
            Value::Address { v6, subject } => {
                Ok(Truth::total(super::address::is_address(subject.term, v6)))
            }
            Value::Clock(_) | Value::Window(_) | Value::TypeName(_) | Value::Unlisted(_) => {
                Ok(Truth::total(Condition::TRUE))
            }
            Value::Choice(..) | Value::Spelt(_) => {
                Err(super::Obstacle::new(range, "the choice was not resolved"))
            }
        })
    }

    /// `iff(condition, then, else)` and `case(condition, then, ..., else)`.
    fn choice(&self) -> Lowered<Value> {
        if self.count() < 3 || self.count().is_multiple_of(2) {
            self.expression(self.count() | 1)?;
        }
        let mut cases = Vec::new();
        let last = self.count() - 1;
        for at in (0..last).step_by(2) {
            let when = self.place_truth(at)?.holds;
            match when.as_constant() {
                Some(true) => return Ok(chosen(cases, self.value(at + 1)?)),
                Some(false) => {}
                None => cases.push((when, self.value(at + 1)?)),
            }
        }
        Ok(chosen(cases, self.value(last)?))
    }

    /// The first value that is there; for texts, the first that is not empty.
    fn coalesce(&self) -> Lowered<Value> {
        let mut values = self.values()?;
        let Some(mut last) = values.pop() else {
            return self.obstacle("`coalesce` requires arguments");
        };
        let text = |value: &Value| match value {
            Value::Constant(constant) => constant.kind == Kind::Text,
            Value::Scalar(scalar) => matches!(scalar.kind, Kind::Text | Kind::Unknown),
            Value::Choice(cases, otherwise) => {
                let constant = |value: &Value| matches!(value, Value::Constant(constant) if constant.kind == Kind::Text);
                constant(otherwise) || cases.iter().any(|(_, value)| constant(value))
            }
            _ => false,
        };
        let textual = values.iter().chain(std::iter::once(&last)).any(text);
        while let Some(value) = values.pop() {
            last = self.first_of(value, last, textual)?;
        }
        Ok(last)
    }

    fn first_of(&self, value: Value, last: Value, textual: bool) -> Lowered<Value> {
        match value {
            Value::Constant(constant)
                if constant.literal == Literal::Null || constant.literal == Literal::text("") =>
            {
                Ok(last)
            }
            Value::Constant(constant) => Ok(Value::Constant(constant)),
            Value::Scalar(scalar) if textual => {
                let filled = is_filled(scalar.term.clone());
                Ok(chosen(vec![(filled, Value::Scalar(scalar))], last))
            }
            Value::Scalar(scalar) if scalar.absent != Literal::Null => Ok(Value::Scalar(scalar)),
            Value::Scalar(scalar) => {
                let kind = scalar.kind;
                let values = vec![Value::Scalar(scalar), last];
                apply(Function::Coalesce, values, kind, self.range)
            }
            Value::Truth(truth) => {
                let fails = truth.clone().fails();
                let of = |value| Value::Constant(Constant::of(Literal::Boolean(value)));
                let cases = vec![(truth.holds, of(true)), (fails, of(false))];
                Ok(chosen(cases, last))
            }
            Value::Choice(cases, otherwise) => {
                let mut filled = Vec::new();
                for (when, then) in cases {
                    let told = matches!(&then, Value::Scalar(scalar) if is_filled(scalar.term.clone()) == when);
                    let then = if told {
                        then
                    } else {
                        self.first_of(then, last.clone(), textual)?
                    };
                    filled.push((when, then));
                }
                Ok(chosen(filled, self.first_of(*otherwise, last, textual)?))
            }
            _ => self.obstacle("`coalesce` of these values has no counterpart"),
        }
    }

    /// `gettype(value)` of a dynamic value.
    fn type_name(&self) -> Lowered<Value> {
        match self.value(0)? {
            Value::Scalar(scalar) if matches!(scalar.kind, Kind::Dynamic | Kind::Unknown) => {
                Ok(Value::TypeName(scalar.term))
            }
            _ => self.obstacle("only a dynamic value has different types"),
        }
    }

    /// An object packed of the columns that hold the parts of a field is the field.
    fn pack(&self) -> Lowered<Value> {
        let Some(table) = self.place.columns.known_table().map(KnownTable::table) else {
            return self.obstacle("an object of computed values has no counterpart");
        };
        let mut pairs = Vec::new();
        for at in (0..self.count()).step_by(2) {
            let key = self.constant_text(at)?;
            match self.value(at + 1)?.into_term(self.range)? {
                Term::Field(path) => pairs.push((key, path)),
                _ => return self.obstacle("an object of computed values has no counterpart"),
            }
        }
        let packed = table.parts.iter().find(|(field, parts)| {
            let mut parts = parts.iter().map(|part| {
                let below = part.segments.get(field.segments.len()..).unwrap_or(&[]);
                let key = FieldPath {
                    segments: below.to_vec().into(),
                }
                .to_string();
                (key, part)
            });
            pairs.len() == parts.len()
                && parts.all(|(key, part)| {
                    pairs
                        .iter()
                        .any(|(name, path)| *name == key && path == part)
                })
        });
        match packed {
            Some((field, _)) => Ok(Value::Scalar(Scalar::new(
                Term::Field(field.clone()),
                Kind::Dynamic,
            ))),
            None => self.obstacle("an object of computed values has no counterpart"),
        }
    }

    /// `column_ifexists("name", default)`: the column, where the rows are not known not to have it.
    fn column_if_exists(&self) -> Lowered<Value> {
        let name = self.constant_text(0)?;
        if self.place.columns.may_have(&name) {
            return self.place.columns.value(&name, self.range);
        }
        self.value(1)
    }

    /// Whether a list has an item.
    fn set_has_element(&self) -> Lowered<Value> {
        let (list, item) = (self.value(0)?, self.value(1)?);
        let Some(item) = item.as_constant().map(|constant| constant.literal.clone()) else {
            return self.obstacle("the item of `set_has_element` must be constant");
        };
        match list {
            Value::Constant(Constant {
                literal: Literal::List(items),
                ..
            }) => Ok(Value::Truth(Truth::total(Condition::constant(
                items.contains(&item),
            )))),
            Value::Scalar(Scalar {
                term: Term::Field(path),
                kind: Kind::Dynamic | Kind::Unknown,
                ..
            }) => {
                let each = Term::Field(path.join(Segment::Each));
                let holds = compare(
                    each,
                    Operator::Equals,
                    Object::Literal(item),
                    CaseSensitivity::Sensitive,
                );
                Ok(Value::Truth(Truth::total(holds)))
            }
            _ => self.obstacle("only a list of the event is looked through"),
        }
    }

    fn bag_has_key(&self) -> Lowered<Value> {
        let below = self.place.step(
            self.value(0)?,
            Literal::text(self.constant_text(1)?),
            self.range,
        )?;
        match below {
            Value::Scalar(scalar) => Ok(Value::Truth(Truth::total(test(
                scalar.term,
                Operator::Exists,
            )))),
            _ => self.obstacle("only an object of the event has keys"),
        }
    }
}

/// A choice, or its last value where no case is left.
fn chosen(cases: Vec<(Condition, Value)>, otherwise: Value) -> Value {
    if cases.is_empty() {
        otherwise
    } else {
        Value::Choice(cases, Box::new(otherwise))
    }
}

/// A predicate that compares with constants only; its object is a list of texts.
pub(super) fn texts(term: Term, operator: Operator, texts: &[&str]) -> Condition {
    let object = Object::Texts(texts.iter().map(|text| (*text).to_owned()).collect());
    Predicate::new(term, operator, object).into()
}
