//! Comparisons: two values and an operator to a truth value, with the exceptions that Python raises on the wrong types.

use std::cmp::Ordering;

use rustpython_ruff_python_ast::CmpOp;

use super::exception::Exception;
use super::predicate::{is_hashable, literals};
use super::value::{Data, Sequence, SequenceKind, Value, same_constant};
use super::{Executor, Outcome, logic};
use crate::ir::{Condition, Kind, Literal, Object, Operator, Term};

impl<'m> Executor<'m> {
    /// `a op b`.
    pub(super) fn compare(&mut self, op: CmpOp, a: Value<'m>, b: Value<'m>) -> Outcome<Value<'m>> {
        self.each_two(a, b, &mut |this, a, b| {
            this.spend(1)?;
            let condition = match op {
                CmpOp::Eq => this.equal(&a, &b)?,
                CmpOp::NotEq => this.equal(&a, &b)?.negate(),
                CmpOp::Is => this.identical(&a, &b)?,
                CmpOp::IsNot => this.identical(&a, &b)?.negate(),
                CmpOp::In => this.contained(&a, &b)?,
                CmpOp::NotIn => this.contained(&a, &b)?.negate(),
                CmpOp::Lt => this.ordered(&a, &b, Operator::LessThan)?,
                CmpOp::LtE => this.ordered(&a, &b, Operator::AtMost)?,
                CmpOp::Gt => this.ordered(&a, &b, Operator::GreaterThan)?,
                CmpOp::GtE => this.ordered(&a, &b, Operator::AtLeast)?,
            };
            Ok(Value::truth(condition))
        })
    }

    /// `a == b`.
    pub(super) fn equal(&mut self, a: &Value<'m>, b: &Value<'m>) -> Outcome<Condition> {
        match (a, b) {
            (Value::Choice(_), _) | (_, Value::Choice(_)) => {
                let value = self.compare(CmpOp::Eq, a.clone(), b.clone())?;
                self.truth(&value)
            }
            (Value::Constant(a), Value::Constant(b)) => {
                Ok(Condition::constant(same_constant(a, b)))
            }
            (Value::Data(a), Value::Data(b)) => Ok(self.equal_data(a, b)),
            (Value::Data(data), Value::Constant(literal))
            | (Value::Constant(literal), Value::Data(data)) => Ok(self.equals(data, literal)),
            (Value::Data(data), Value::Truth(condition))
            | (Value::Truth(condition), Value::Data(data)) => Ok(logic::mix(
                condition.clone(),
                self.equals(data, &Literal::Boolean(true)),
                self.equals(data, &Literal::Boolean(false)),
            )),
            (Value::Truth(a), Value::Truth(b)) => {
                Ok(logic::mix(a.clone(), b.clone(), b.clone().negate()))
            }
            (Value::Truth(condition), Value::Constant(literal))
            | (Value::Constant(literal), Value::Truth(condition)) => Ok(logic::mix(
                condition.clone(),
                Condition::constant(same_constant(literal, &Literal::Boolean(true))),
                Condition::constant(same_constant(literal, &Literal::Boolean(false))),
            )),
            (Value::Sequence(a), Value::Sequence(b)) => self.equal_sequences(a, b),
            (Value::Mapping(a), Value::Mapping(b)) => {
                let mut result = Condition::constant(a.entries.len() == b.entries.len());
                for (key, value) in a.entries.iter() {
                    let same = match b.get(key) {
                        Some(other) => self.equal(value, other)?,
                        None => Condition::FALSE,
                    };
                    result = result.and(same);
                }
                Ok(result)
            }
            (Value::Data(data), container @ (Value::Sequence(_) | Value::Mapping(_)))
            | (container @ (Value::Sequence(_) | Value::Mapping(_)), Value::Data(data)) => {
                self.equal_container(data, container)
            }
            (
                Value::Constant(_) | Value::Truth(_) | Value::Sequence(_) | Value::Mapping(_),
                Value::Constant(_) | Value::Truth(_) | Value::Sequence(_) | Value::Mapping(_),
            ) => Ok(Condition::FALSE),
            _ => self.refuse(format!(
                "{} cannot be compared with {}",
                a.type_name(),
                b.type_name()
            )),
        }
    }

    /// Two values of the event: equal values, or both `None`.
    fn equal_data(&mut self, a: &Data, b: &Data) -> Condition {
        self.remark_truth_values(a, b);
        let same = self.test(
            a.term.clone(),
            Operator::Equals,
            Object::Term(Box::new(b.term.clone())),
        );
        let missing = |data: &Data| {
            if data.kind.is_some() {
                Condition::FALSE
            } else {
                self.implied(data.term.clone(), Operator::IsPresent, Object::None)
                    .negate()
            }
        };
        same.or(missing(a).and(missing(b)))
    }

    /// To Python `True` is 1 and `False` is 0, also where two values of the event are compared; here they are not.
    fn remark_truth_values(&mut self, a: &Data, b: &Data) {
        if a.kind.is_none() && b.kind.is_none() {
            self.remark("a truth value in one of these does not count as the number 1 or 0");
        }
    }

    fn equal_sequences(&mut self, a: &Sequence<'m>, b: &Sequence<'m>) -> Outcome<Condition> {
        if (a.kind == SequenceKind::Set) != (b.kind == SequenceKind::Set)
            || a.kind != b.kind
            || a.items.len() != b.items.len()
        {
            return Ok(Condition::FALSE);
        }
        if a.kind == SequenceKind::Set {
            return match (literals(&a.items), literals(&b.items)) {
                (Some(a), Some(b)) => {
                    Ok(Condition::constant(a.iter().all(|item| {
                        b.iter().any(|other| same_constant(item, other))
                    })))
                }
                _ => self.refuse("sets of event data cannot be compared"),
            };
        }
        let mut result = Condition::TRUE;
        for (a, b) in a.items.iter().zip(b.items.iter()) {
            result = result.and(self.equal(a, b)?);
        }
        Ok(result)
    }

    fn equal_container(&self, data: &Data, container: &Value<'m>) -> Outcome<Condition> {
        if let Value::Sequence(sequence) = container
            && (sequence.kind == SequenceKind::Set
                || sequence.kind == SequenceKind::Tuple && data.plain)
        {
            return Ok(Condition::FALSE);
        }
        match container.as_literal() {
            Some(literal) => Ok(self.equals(data, &literal)),
            None => self.refuse("a list of event data cannot be compared with event data"),
        }
    }

    /// `a is b`, for the constants that have one object.
    fn identical(&mut self, a: &Value<'m>, b: &Value<'m>) -> Outcome<Condition> {
        let ((value, Value::Constant(literal @ (Literal::Null | Literal::Boolean(_))))
        | (Value::Constant(literal @ (Literal::Null | Literal::Boolean(_))), value)) = (a, b)
        else {
            return self.refuse("`is` requires `None`, `True` or `False` on one side");
        };
        Ok(match (value, literal) {
            (Value::Data(data), Literal::Null) => self.is_present(data).negate(),
            (Value::Data(data), Literal::Boolean(_)) if data.kind.is_none() => self.test(
                data.term.clone(),
                Operator::Equals,
                Object::Literal(literal.clone()),
            ),
            (Value::Truth(condition), Literal::Boolean(true)) => condition.clone(),
            (Value::Truth(condition), Literal::Boolean(false)) => condition.clone().negate(),
            (Value::Constant(other), literal) => Condition::constant(match (other, literal) {
                (Literal::Null, Literal::Null) => true,
                (Literal::Boolean(a), Literal::Boolean(b)) => a == b,
                _ => false,
            }),
            _ => Condition::FALSE,
        })
    }

    /// `a < b` and its like.
    fn ordered(&mut self, a: &Value<'m>, b: &Value<'m>, operator: Operator) -> Outcome<Condition> {
        match (a, b) {
            (Value::Constant(a), Value::Constant(b)) => match order(a, b) {
                Some(ordering) => Ok(Condition::constant(satisfies(operator, ordering))),
                None => self.raise(Exception::TYPE),
            },
            (Value::Data(data), Value::Constant(literal)) => {
                self.ordered_constant(data, literal, operator)
            }
            (Value::Constant(literal), Value::Data(data)) => {
                self.ordered_constant(data, literal, turned(operator))
            }
            (Value::Data(a), Value::Data(b)) => {
                self.remark_truth_values(a, b);
                let of = |kind: Kind| self.is_kind(a, &[kind]).and(self.is_kind(b, &[kind]));
                let comparable = of(Kind::Number).or(of(Kind::Text));
                self.raise_if(comparable.negate(), Exception::TYPE)?;
                Ok(self.test(
                    a.term.clone(),
                    operator,
                    Object::Term(Box::new(b.term.clone())),
                ))
            }
            _ => self.refuse(format!(
                "{} cannot be ordered against {}",
                a.type_name(),
                b.type_name()
            )),
        }
    }

    fn ordered_constant(
        &mut self,
        data: &Data,
        literal: &Literal,
        operator: Operator,
    ) -> Outcome<Condition> {
        let kinds: &[Kind] = match literal {
            Literal::Text(_) => &[Kind::Text],
            Literal::Integer(_) | Literal::Float(_) | Literal::Boolean(_) => {
                &[Kind::Number, Kind::Boolean]
            }
            _ => return self.raise(Exception::TYPE),
        };
        let comparable = self.is_kind(data, kinds);
        self.raise_if(comparable.negate(), Exception::TYPE)?;
        let object = match literal {
            Literal::Boolean(value) => Literal::Integer(i64::from(*value)),
            other => other.clone(),
        };
        let mut result = self.test(data.term.clone(), operator, Object::Literal(object));
        if kinds.contains(&Kind::Boolean) && data.kind.is_none() {
            for value in [false, true] {
                let ordering = order(&Literal::Boolean(value), literal);
                if ordering.is_some_and(|ordering| satisfies(operator, ordering)) {
                    result = result.or(self.implied(
                        data.term.clone(),
                        Operator::Equals,
                        Object::Literal(Literal::Boolean(value)),
                    ));
                }
            }
        }
        Ok(result)
    }

    /// `a in b`.
    pub(super) fn contained(&mut self, a: &Value<'m>, b: &Value<'m>) -> Outcome<Condition> {
        match (a, b) {
            (_, Value::Sequence(sequence)) => self.in_sequence(a, sequence),
            (_, Value::Mapping(mapping)) => {
                self.require_hashable(a)?;
                let keys: Vec<Literal> =
                    mapping.entries.iter().map(|(key, _)| key.clone()).collect();
                self.equal_any(a, &keys)
            }
            (Value::Constant(Literal::Text(key)), Value::Event) => {
                Ok(self.test(Term::field([key]), Operator::Exists, Object::None))
            }
            (Value::Constant(Literal::Text(part)), Value::Constant(Literal::Text(text))) => {
                Ok(Condition::constant(text.contains(part.as_str())))
            }
            (Value::Constant(Literal::Text(text)), Value::Data(data)) => {
                let container = self.is_kind(data, &[Kind::Text, Kind::List, Kind::Object]);
                self.raise_if(container.negate(), Exception::TYPE)?;
                Ok(self.holds_text(data, text))
            }
            (Value::Data(item), Value::Data(data)) => self.data_in_data(item, data),
            (Value::Constant(item), Value::Data(data)) => {
                // A text and an object of the event raise for a key that is not a text.
                let list = self.is_kind(data, &[Kind::List]);
                self.raise_if(list.negate(), Exception::TYPE)?;
                Ok(match item {
                    Literal::Null => {
                        self.holds_item(data, Operator::IsKind, Object::Kinds(vec![Kind::Null]))
                    }
                    item => self.holds_item(data, Operator::Equals, Object::Literal(item.clone())),
                })
            }
            (_, Value::Comprehension(comprehension)) => {
                let comprehension = comprehension.clone();
                self.same_level(comprehension.level)?;
                self.level += 1;
                let same = self.equal(&comprehension.element, a);
                self.level -= 1;
                Ok(Condition::Items {
                    quantifier: crate::ir::Quantifier::Some,
                    list: comprehension.list.clone(),
                    body: Box::new(comprehension.when.clone().and(same?)),
                })
            }
            (Value::Address(term), Value::Network(network)) => Ok(self.test(
                term.clone(),
                Operator::InNetwork,
                Object::Texts(vec![network.to_string()]),
            )),
            (_, Value::Constant(literal)) if literal.as_text().is_none() => {
                self.raise(Exception::TYPE)
            }
            _ => self.refuse(format!(
                "`in` cannot be expressed for {} in {}",
                a.type_name(),
                b.type_name()
            )),
        }
    }

    fn in_sequence(&mut self, a: &Value<'m>, sequence: &Sequence<'m>) -> Outcome<Condition> {
        if sequence.kind == SequenceKind::Set {
            self.require_hashable(a)?;
        }
        if let Some(constants) = literals(&sequence.items) {
            return self.equal_any(a, &constants);
        }
        let mut result = Condition::FALSE;
        for item in sequence.items.iter() {
            result = result.or(self.equal(a, item)?);
        }
        Ok(result)
    }

    fn equal_any(&mut self, a: &Value<'m>, constants: &[Literal]) -> Outcome<Condition> {
        match a {
            Value::Data(data) => Ok(self.equals_any(data, constants)),
            Value::Constant(literal) => Ok(Condition::constant(
                constants.iter().any(|other| same_constant(literal, other)),
            )),
            _ => {
                let mut result = Condition::FALSE;
                for constant in constants {
                    let constant = Value::Constant(constant.clone());
                    result = result.or(self.equal(a, &constant)?);
                }
                Ok(result)
            }
        }
    }

    fn data_in_data(&mut self, item: &Data, data: &Data) -> Outcome<Condition> {
        match data.kind {
            None | Some(Kind::List) => {}
            Some(_) => {
                return self.refuse("event data in a text of event data cannot be expressed");
            }
        }
        let list = self.is_kind(data, &[Kind::List]);
        if data.kind.is_none() && self.known(list.clone()).as_constant() != Some(true) {
            return self.refuse("event data in event data requires that the latter is a list");
        }
        let same = self.holds_item(
            data,
            Operator::Equals,
            Object::Term(Box::new(item.term.clone())),
        );
        let null = self.holds_item(data, Operator::IsKind, Object::Kinds(vec![Kind::Null]));
        let missing = self.is_present(item).negate();
        Ok(same.or(missing.and(null)))
    }

    /// Raises where the value cannot be looked up in a set or a dictionary.
    pub(super) fn require_hashable(&mut self, value: &Value<'m>) -> Outcome<()> {
        match value {
            Value::Data(data) => {
                let container = self.is_kind(data, &[Kind::List, Kind::Object]);
                self.raise_if(container, Exception::TYPE)
            }
            other if is_hashable(other) => Ok(()),
            _ => self.raise(Exception::TYPE),
        }
    }
}

/// Python's order of two constants.
pub(super) fn order(a: &Literal, b: &Literal) -> Option<Ordering> {
    #[allow(
        clippy::cast_precision_loss,
        reason = "only for a comparison with a float"
    )]
    let number = |literal: &Literal| match literal {
        Literal::Boolean(value) => Some(f64::from(u8::from(*value))),
        Literal::Integer(number) => Some(*number as f64),
        Literal::Float(number) => Some(*number),
        _ => None,
    };
    match (a, b) {
        (Literal::Text(a), Literal::Text(b)) => Some(a.cmp(b)),
        (Literal::Integer(a), Literal::Integer(b)) => Some(a.cmp(b)),
        _ => number(a)?.partial_cmp(&number(b)?),
    }
}

fn satisfies(operator: Operator, ordering: Ordering) -> bool {
    match operator {
        Operator::LessThan => ordering.is_lt(),
        Operator::AtMost => ordering.is_le(),
        Operator::GreaterThan => ordering.is_gt(),
        _ => ordering.is_ge(),
    }
}

/// The operator with its sides exchanged.
fn turned(operator: Operator) -> Operator {
    match operator {
        Operator::LessThan => Operator::GreaterThan,
        Operator::AtMost => Operator::AtLeast,
        Operator::GreaterThan => Operator::LessThan,
        _ => Operator::AtMost,
    }
}
