//! Comparisons: two values and an operator to a truth value, with the exceptions that Python raises on the wrong types.

use std::cmp::Ordering;

use rustpython_ruff_python_ast::CmpOp;

use super::exception::Exception;
use super::predicate::{is_hashable, literals};
use super::value::{Data, Sequence, SequenceKind, Value, same_constant};
use super::{Executor, Outcome, logic};
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Shared, Term};

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
            (Value::Refused(it), _) | (_, Value::Refused(it)) => Err(self.refused(it)),
            (Value::Bytes(bytes), other) | (other, Value::Bytes(bytes)) => {
                self.equal_bytes(bytes, other)
            }
            (Value::Constant(a), Value::Constant(b)) => {
                Ok(Condition::constant(same_constant(a, b)))
            }
            (Value::Data(a), Value::Data(b)) => Ok(self.equal_data(a, b)),
            (Value::Data(data), Value::Constant(literal))
            | (Value::Constant(literal), Value::Data(data)) => Ok(self.equals(data, literal)),
            (Value::Data(data), Value::Truth(condition))
            | (Value::Truth(condition), Value::Data(data)) => {
                let [yes, no] = [true, false].map(|is| self.equals(data, &Literal::Boolean(is)));
                Ok(logic::mix(condition.clone(), yes, no))
            }
            (Value::Truth(a), Value::Truth(b)) => Ok(logic::same(a, b)),
            (Value::Truth(condition), Value::Constant(literal))
            | (Value::Constant(literal), Value::Truth(condition)) => {
                let is = |value| same_constant(literal, &Literal::Boolean(value));
                let [yes, no] = [true, false].map(|value| Condition::constant(is(value)));
                Ok(logic::mix(condition.clone(), yes, no))
            }
            (Value::Sequence(a), Value::Sequence(b)) => self.equal_sequences(a, b),
            (
                Value::Comprehension(_),
                Value::Comprehension(_) | Value::Sequence(_) | Value::Data(_),
            )
            | (Value::Sequence(_) | Value::Data(_), Value::Comprehension(_)) => {
                self.equal_lists(a, b)
            }
            (Value::Comprehension(_), Value::Constant(_) | Value::Truth(_) | Value::Mapping(_))
            | (Value::Constant(_) | Value::Truth(_) | Value::Mapping(_), Value::Comprehension(_)) => {
                Ok(Condition::FALSE)
            }
            (Value::Mapping(a), Value::Mapping(b)) => self.equal_mappings(a, b),
            (Value::Address(a), Value::Address(b)) => self.equal_addresses(a, b),
            (Value::Network { .. }, Value::Network { .. }) => self.equal_networks(a, b),
            (Value::Moment(_) | Value::Duration(_), _)
            | (_, Value::Moment(_) | Value::Duration(_)) => self.equal_times(a, b),
            (Value::Data(data), container @ (Value::Sequence(_) | Value::Mapping(_)))
            | (container @ (Value::Sequence(_) | Value::Mapping(_)), Value::Data(data)) => {
                self.equal_container(data, container)
            }
            (
                Value::Constant(_) | Value::Truth(_) | Value::Sequence(_) | Value::Mapping(_),
                Value::Constant(_) | Value::Truth(_) | Value::Sequence(_) | Value::Mapping(_),
            ) => Ok(Condition::FALSE),
            _ => {
                let (a, b) = (a.type_name(), b.type_name());
                self.refuse(format!("{a} cannot be compared with {b}"))
            }
        }
    }

    /// Two values of the event: equal values, or both `None`.
    fn equal_data(&mut self, a: &Data, b: &Data) -> Condition {
        self.remark_truth_values(a, b);
        let same = self.test(
            a.term.clone(),
            Operator::Equals,
            Object::Term(Shared::new(b.term.clone())),
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
            let (Some(a), Some(b)) = (literals(&a.items), literals(&b.items)) else {
                let (a, b) = (Value::Sequence(a.clone()), Value::Sequence(b.clone()));
                return self.equal_lists(&a, &b);
            };
            let in_b = |item: &Literal| b.iter().any(|other| same_constant(item, other));
            return Ok(Condition::constant(a.iter().all(in_b)));
        }
        let mut result = Condition::TRUE;
        for (a, b) in a.items.iter().zip(b.items.iter()) {
            result = result.and(self.equal(a, b)?);
        }
        Ok(result)
    }

    fn equal_container(&mut self, data: &Data, container: &Value<'m>) -> Outcome<Condition> {
        if let Value::Sequence(sequence) = container
            && (sequence.kind == SequenceKind::Set
                || sequence.kind == SequenceKind::Tuple && data.plain)
        {
            return Ok(Condition::FALSE);
        }
        match container.as_literal() {
            Some(literal) => Ok(self.equals(data, &literal)),
            None if matches!(container, Value::Sequence(_)) => {
                self.equal_lists(&Value::Data(data.clone()), container)
            }
            None => self.refuse("a dictionary of event data cannot be compared with event data"),
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
                    Object::Term(Shared::new(b.term.clone())),
                ))
            }
            (Value::Moment(_) | Value::Duration(_), _)
            | (_, Value::Moment(_) | Value::Duration(_)) => {
                let (a, b) = self.ordered_times(a, b)?;
                self.ordered(&a, &b, operator)
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
            (_, Value::Mapping(mapping)) => self.has_key(mapping, a),
            (Value::Constant(_) | Value::Data(_), Value::Event)
                if !matches!(a, Value::Constant(Literal::Text(_))) =>
            {
                let event = Data {
                    term: Term::Field(crate::ir::FieldPath::root()),
                    kind: Some(Kind::Object),
                    plain: false,
                };
                self.has_key_of(&event, a)
            }
            (Value::Constant(Literal::Text(key)), Value::Event) => {
                Ok(self.test(Term::field([key]), Operator::Exists, Object::None))
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
            (_, Value::Comprehension(list)) => {
                if list.kind == SequenceKind::Set {
                    self.require_hashable(a)?;
                }
                let parts = list.parts.clone();
                self.search(&parts, true, &mut |this, item| this.equal(a, &item))
            }
            (_, Value::Entries(entries)) => {
                self.require_hashable(a)?;
                let keys = super::entries::projected(&entries.parts, 0);
                self.search(&keys, true, &mut |this, key| this.equal(a, &key))
            }
            (Value::Address(term), Value::Network { first, last }) => {
                self.address_in_network(term, first, last)
            }
            (_, Value::Constant(constant)) => self.in_constant(a, constant),
            _ => self.refuse(format!(
                "`in` cannot be expressed for {} in {}",
                a.type_name(),
                b.type_name()
            )),
        }
    }

    /// `a in constant`: a part of a text.
    fn in_constant(&mut self, a: &Value<'m>, constant: &Literal) -> Outcome<Condition> {
        if constant.as_text().is_none() {
            return self.raise(Exception::TYPE);
        }
        let part = self.require_text(a.clone())?;
        Ok(self.compare_texts(
            &Value::Constant(constant.clone()),
            Operator::Contains,
            &part,
        ))
    }

    fn in_sequence(&mut self, a: &Value<'m>, sequence: &Sequence<'m>) -> Outcome<Condition> {
        if sequence.kind == SequenceKind::Set {
            self.require_hashable(a)?;
        }
        // Tuples within are not the lists that they look like as constants.
        let flat = sequence
            .items
            .iter()
            .all(|item| matches!(item, Value::Constant(_)));
        if let Some(constants) = literals(&sequence.items).filter(|_| flat) {
            return self.equal_any(a, &constants);
        }
        let mut result = Condition::FALSE;
        for item in sequence.items.iter() {
            result = result.or(self.equal(a, item)?);
        }
        Ok(result)
    }

    pub(super) fn equal_any(&mut self, a: &Value<'m>, constants: &[Literal]) -> Outcome<Condition> {
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

    /// A value of the event in another: a part of a text, an item of a list, a key of an object.
    fn data_in_data(&mut self, item: &Data, data: &Data) -> Outcome<Condition> {
        let is = |this: &mut Self, kind| this.known(this.is_kind(data, &[kind]));
        let [text, list, object] =
            [Kind::Text, Kind::List, Kind::Object].map(|kind| is(self, kind));
        let container = text.clone().or(list.clone()).or(object.clone());
        self.raise_if(container.negate(), Exception::TYPE)?;
        let mut result = Condition::FALSE;
        let is_text = self.is_kind(item, &[Kind::Text]);
        if text.as_constant() != Some(false) {
            self.raise_if(text.and(is_text.clone().negate()), Exception::TYPE)?;
            let term = Object::Term(Shared::new(item.term.clone()));
            result = result.or(self.test(data.term.clone(), Operator::Contains, term));
        }
        if list.as_constant() != Some(false) {
            self.remark_truth_values(item, item);
            result = result.or(self.item_in_list(item, data));
        }
        if object.as_constant() != Some(false) {
            self.require_key(item, data, object)?;
            let function = if data.plain {
                Function::MemberExact
            } else {
                Function::Member
            };
            let found = Term::call(function, [data.term.clone(), item.term.clone()]);
            result = result.or(self.implied(found, Operator::Exists, Object::None));
        }
        Ok(result)
    }

    fn item_in_list(&mut self, item: &Data, data: &Data) -> Condition {
        let term = Object::Term(Shared::new(item.term.clone()));
        let same = self.holds_item(data, Operator::Equals, term);
        let null = self.holds_item(data, Operator::IsKind, Object::Kinds(vec![Kind::Null]));
        let missing = self.is_present(item).negate();
        same.or(missing.and(null))
    }

    /// Raises where the value cannot be asked for as a key. An empty object of the event is asked for nothing.
    fn require_key(&mut self, item: &Data, data: &Data, object: Condition) -> Outcome<()> {
        let unhashable = self.is_kind(item, &[Kind::List, Kind::Object]);
        self.raise_if(object.clone().and(unhashable), Exception::TYPE)?;
        if data.plain {
            return Ok(());
        }
        let is_text = self.is_kind(item, &[Kind::Text]);
        let filled = self.implied(data.term.clone(), Operator::IsTruthy, Object::None);
        self.raise_if(
            object.and(filled).and(is_text.negate()),
            Exception::ATTRIBUTE,
        )
    }

    /// Raises where the value cannot be looked up in a set or a dictionary.
    pub(super) fn require_hashable(&mut self, value: &Value<'m>) -> Outcome<()> {
        match value {
            Value::Data(data) => {
                let container = self.is_kind(data, &[Kind::List, Kind::Object]);
                self.raise_if(container, Exception::TYPE)
            }
            Value::Choice(_) => {
                self.each(value.clone(), &mut |this, value| {
                    this.require_hashable(&value)?;
                    Ok(value)
                })?;
                Ok(())
            }
            Value::Sequence(tuple) if tuple.kind == SequenceKind::Tuple => {
                let items = tuple.items.clone();
                items
                    .iter()
                    .try_for_each(|item| self.require_hashable(item))
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
