//! Binary operators: arithmetic of numbers, and the operators of texts, lists, sets and dictionaries.

use rustpython_ruff_python_ast as ast;
use rustpython_ruff_python_ast::Operator as Binary;

use super::exception::Exception;
use super::value::{Sequence, SequenceKind, Value};
use super::{Executor, Outcome};
use crate::ir::{Function, Kind, Literal, Term};

impl<'m> Executor<'m> {
    /// A binary expression.
    pub(super) fn binary(&mut self, operation: &'m ast::ExprBinOp) -> Outcome<Value<'m>> {
        let left = self.evaluate(&operation.left)?;
        let right = self.evaluate(&operation.right)?;
        self.stand_at(operation);
        self.operate(operation.op, left, right)
    }

    /// `left op right`.
    pub(super) fn operate(
        &mut self,
        op: Binary,
        left: Value<'m>,
        right: Value<'m>,
    ) -> Outcome<Value<'m>> {
        if let (Binary::Mod, Some(format)) = (op, left.as_text()) {
            let format = format.to_owned();
            return self.percent(&format, right);
        }
        self.each_two(left, right, &mut |this, left, right| {
            this.operate_two(op, left, right)
        })
    }

    fn operate_two(&mut self, op: Binary, left: Value<'m>, right: Value<'m>) -> Outcome<Value<'m>> {
        match (&left, op, &right) {
            (Value::Constant(a), _, Value::Constant(b))
                if a.as_text().is_none() && b.as_text().is_none() =>
            {
                self.constants(a, op, b)
            }
            (Value::Sequence(a), _, Value::Sequence(b)) => self.sequences(a, op, b),
            (Value::Mapping(a), Binary::BitOr, Value::Mapping(b)) => {
                let entries = a.entries.iter().chain(b.entries.iter()).cloned().collect();
                Ok(self.mapping(entries))
            }
            (Value::Constant(Literal::Text(text)), Binary::Mult, Value::Constant(count)) => {
                match count {
                    Literal::Integer(count)
                        if *count < 1_000 && text.len() < super::TEXT / 1_000 =>
                    {
                        Ok(Value::text(
                            text.repeat(usize::try_from(*count).unwrap_or(0)),
                        ))
                    }
                    _ => self.refuse("this repetition cannot be expressed"),
                }
            }
            (
                Value::Data(_) | Value::Constant(_),
                Binary::Add,
                Value::Data(_) | Value::Constant(_),
            ) => self.add(left, right),
            (
                Value::Data(_) | Value::Constant(_),
                Binary::Sub,
                Value::Data(_) | Value::Constant(_),
            ) => self.numbers(left, right, Function::Subtract),
            _ => self.refuse(format!(
                "`{}` of {} and {} cannot be expressed",
                op.as_str(),
                left.type_name(),
                right.type_name()
            )),
        }
    }

    /// Lists put together, and the operators of sets.
    fn sequences(&mut self, a: &Sequence<'m>, op: Binary, b: &Sequence<'m>) -> Outcome<Value<'m>> {
        let sets = a.kind == SequenceKind::Set && b.kind == SequenceKind::Set;
        let name = match op {
            Binary::Add if a.kind == b.kind && !sets => {
                self.spend(a.items.len() + b.items.len())?;
                let items = a.items.iter().chain(b.items.iter()).cloned().collect();
                return Ok(self.sequence(a.kind, items));
            }
            Binary::BitOr if sets => "union",
            Binary::BitAnd if sets => "intersection",
            Binary::Sub if sets => "difference",
            Binary::BitXor if sets => return self.refuse("`^` of sets cannot be expressed"),
            _ => return self.raise(Exception::TYPE),
        };
        self.set_operation(name, a, b)
    }

    /// `a + b` with event data: two texts, or two numbers.
    fn add(&mut self, left: Value<'m>, right: Value<'m>) -> Outcome<Value<'m>> {
        let kind = |value: &Value<'_>| match value {
            Value::Constant(Literal::Text(_)) => Some(Kind::Text),
            Value::Constant(Literal::Null) => Some(Kind::Null),
            Value::Constant(_) => Some(Kind::Number),
            Value::Data(data) => data.kind,
            _ => None,
        };
        match (kind(&left), kind(&right)) {
            (Some(Kind::Text), _) | (_, Some(Kind::Text)) => {
                let left = self.require_text(left)?;
                let right = self.require_text(right)?;
                self.concatenate(vec![left, right])
            }
            (Some(Kind::Number | Kind::Integer), _) | (_, Some(Kind::Number | Kind::Integer)) => {
                self.numbers(left, right, Function::Add)
            }
            _ => self.refuse("`+` requires that one side is known to be a text or a number"),
        }
    }

    fn numbers(
        &mut self,
        left: Value<'m>,
        right: Value<'m>,
        function: Function,
    ) -> Outcome<Value<'m>> {
        let mut terms = Vec::new();
        for value in [left, right] {
            terms.push(match value {
                Value::Constant(literal @ (Literal::Integer(_) | Literal::Float(_))) => {
                    Term::Literal(literal)
                }
                Value::Data(data) => {
                    let boolean = self.is_kind(&data, &[Kind::Boolean]);
                    if self.known(boolean.clone()).as_constant() != Some(false) {
                        self.raise_if(boolean, Exception::TYPE)?;
                    }
                    let number = self.is_kind(&data, &[Kind::Number]);
                    self.raise_if(number.negate(), Exception::TYPE)?;
                    data.term
                }
                _ => return self.raise(Exception::TYPE),
            });
        }
        Ok(Value::computed(Term::call(function, terms), Kind::Number))
    }

    fn constants(&mut self, a: &Literal, op: Binary, b: &Literal) -> Outcome<Value<'m>> {
        let integer = |literal: &Literal| match literal {
            Literal::Integer(number) => Some(*number),
            Literal::Boolean(value) => Some(i64::from(*value)),
            _ => None,
        };
        if matches!(a, Literal::Null) || matches!(b, Literal::Null) {
            return self.raise(Exception::TYPE);
        }
        if let (Some(a), Some(b)) = (integer(a), integer(b)) {
            let result = match op {
                Binary::Add => a.checked_add(b),
                Binary::Sub => a.checked_sub(b),
                Binary::Mult => a.checked_mul(b),
                Binary::Pow => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
                Binary::BitOr => Some(a | b),
                Binary::BitAnd => Some(a & b),
                Binary::FloorDiv | Binary::Mod | Binary::Div if b == 0 => {
                    return self.raise(Exception::ZERO_DIVISION);
                }
                Binary::FloorDiv => Some(floor_division(a, b)),
                Binary::Mod => floor_division(a, b)
                    .checked_mul(b)
                    .and_then(|product| a.checked_sub(product)),
                Binary::Div => return Ok(divided(a, b)),
                _ => None,
            };
            return match result {
                Some(number) => Ok(Value::Constant(Literal::Integer(number))),
                None => self.refuse("whole numbers must fit into 64 bits"),
            };
        }
        #[allow(clippy::cast_precision_loss, reason = "as in Python")]
        let float = |literal: &Literal| match literal {
            Literal::Float(number) => *number,
            other => integer(other).map_or(f64::NAN, |number| number as f64),
        };
        let (a, b) = (float(a), float(b));
        match op {
            Binary::Add => Ok(Value::Constant(Literal::Float(a + b))),
            Binary::Sub => Ok(Value::Constant(Literal::Float(a - b))),
            Binary::Mult => Ok(Value::Constant(Literal::Float(a * b))),
            Binary::Div if b != 0.0 => Ok(Value::Constant(Literal::Float(a / b))),
            Binary::Div => self.raise(Exception::ZERO_DIVISION),
            _ => self.refuse(format!(
                "`{}` of these numbers cannot be expressed",
                op.as_str()
            )),
        }
    }

    /// `"..." % values`, with `%s` only.
    fn percent(&mut self, format: &str, values: Value<'m>) -> Outcome<Value<'m>> {
        let values = match values {
            Value::Sequence(sequence) if sequence.kind == SequenceKind::Tuple => {
                sequence.items.as_ref().clone()
            }
            Value::Mapping(_) => return self.refuse("`%` with a dictionary cannot be expressed"),
            other => vec![other],
        };
        let mut values = values.into_iter();
        let mut parts = Vec::new();
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            parts.push(Value::text(&rest[..at]));
            let after = &rest[at + 1..];
            if let Some(after) = after.strip_prefix('%') {
                parts.push(Value::text("%"));
                rest = after;
            } else if let Some(after) = after.strip_prefix('s') {
                match values.next() {
                    Some(value) => parts.push(self.text_of(value)?),
                    None => return self.raise(Exception::TYPE),
                }
                rest = after;
            } else {
                return self.refuse("only `%s` can be expressed");
            }
        }
        parts.push(Value::text(rest));
        if values.next().is_some() {
            return self.raise(Exception::TYPE);
        }
        self.concatenate(parts)
    }
}

/// Python's `//`.
fn floor_division(a: i64, b: i64) -> i64 {
    let quotient = a.wrapping_div(b);
    if a.wrapping_rem(b) != 0 && ((a < 0) != (b < 0)) {
        quotient - 1
    } else {
        quotient
    }
}

#[allow(clippy::cast_precision_loss, reason = "as in Python")]
fn divided<'m>(a: i64, b: i64) -> Value<'m> {
    Value::Constant(Literal::Float(a as f64 / b as f64))
}
