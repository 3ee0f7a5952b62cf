//! Binary operators: arithmetic of numbers, and the operators of texts, lists, sets and dictionaries.

use rustpython_ruff_python_ast as ast;
use rustpython_ruff_python_ast::Operator as Binary;

use super::exception::Exception;
use super::value::{Sequence, SequenceKind, Value};
use super::{Executor, Outcome};
use crate::ir::Literal;

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
        if let Value::Carried(growth) = &left
            && super::growth::grows_by(growth, op)
        {
            return self.grow_by_operator(growth, op, right, false);
        }
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
            (
                Value::External(_) | Value::Class(_) | Value::Constant(Literal::Null),
                Binary::BitOr,
                Value::External(_) | Value::Class(_) | Value::Constant(Literal::Null),
            ) => Ok(self.union_of_classes(&left, &right)),
            (Value::Sequence(a), _, Value::Sequence(b)) => self.sequences(a, op, b),
            (
                Value::Sequence(_) | Value::Comprehension(_),
                _,
                Value::Sequence(_) | Value::Comprehension(_),
            ) => self.lists(&left, op, &right),
            (Value::Sequence(_) | Value::Comprehension(_), Binary::Add, Value::Data(_)) => {
                self.require_own_list(&right)?;
                let right = self.collected(right, SequenceKind::List)?;
                self.lists(&left, op, &right)
            }
            (Value::Data(_), Binary::Add, Value::Sequence(_) | Value::Comprehension(_)) => {
                self.require_own_list(&left)?;
                let left = self.collected(left, SequenceKind::List)?;
                self.lists(&left, op, &right)
            }
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
            (Value::Moment(_) | Value::Duration(_), ..)
            | (.., Value::Moment(_) | Value::Duration(_)) => self.time_operation(&left, op, &right),
            (
                Value::Data(_) | Value::Constant(_) | Value::Truth(_),
                _,
                Value::Data(_) | Value::Constant(_) | Value::Truth(_),
            ) => self.arithmetic(op, left, right),
            _ => self.refuse(format!(
                "`{}` of {} and {} cannot be expressed",
                op.as_str(),
                left.type_name(),
                right.type_name()
            )),
        }
    }

    /// Flags of regular expressions, or a union of classes, which `isinstance` takes like a tuple of them.
    fn union_of_classes(&mut self, left: &Value<'m>, right: &Value<'m>) -> Value<'m> {
        if let (Value::External(a), Value::External(b)) = (left, right) {
            return Value::External(format!("{a}|{b}").into());
        }
        let class = |value: &Value<'m>| match value {
            Value::Constant(_) => Value::External("NoneType".into()),
            other => other.clone(),
        };
        let classes = vec![class(left), class(right)];
        self.sequence(SequenceKind::Tuple, classes)
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
