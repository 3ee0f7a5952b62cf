//! Expressions to values.

use std::rc::Rc;

use rustpython_ruff_python_ast as ast;
use rustpython_ruff_python_ast::{BoolOp, Expr, UnaryOp};

use super::predicate::constant_truth;
use super::value::{Callable, SequenceKind, Value};
use super::{Executor, Outcome, logic};
use crate::diagnostic::Code;
use crate::ir::{Condition, Literal};

/// Nodes that a computed value may have.
const TERM: usize = 50_000;
/// Nodes of a computed value that are as much work as a step.
const NODES_PER_STEP: usize = 16;

impl<'m> Executor<'m> {
    /// The value of an expression.
    pub(super) fn evaluate(&mut self, expression: &'m Expr) -> Outcome<Value<'m>> {
        self.spend(1)?;
        self.stand_at(expression);
        let value = self.deeper(|this| this.evaluate_node(expression))?;
        self.pay_for_terms(&value)?;
        Ok(value)
    }

    /// Pays for what a value is computed from: one that is used twice in every step doubles with each.
    fn pay_for_terms(&mut self, value: &Value<'m>) -> Outcome<()> {
        let nodes = match value {
            Value::Data(data) => logic::term_size(&data.term, TERM),
            Value::Choice(choice) => {
                let values = choice.cases.iter().map(|(_, value)| value);
                let data = values
                    .chain([&choice.otherwise])
                    .filter_map(|value| match value {
                        Value::Data(data) => Some(logic::term_size(&data.term, TERM)),
                        _ => None,
                    });
                data.max().unwrap_or(0)
            }
            _ => 0,
        };
        if nodes >= TERM {
            let message = "the value must be computed in fewer steps than this";
            return Err(self.refusal(Code::PythonBudget, message));
        }
        self.spend(nodes / NODES_PER_STEP)
    }

    fn evaluate_node(&mut self, expression: &'m Expr) -> Outcome<Value<'m>> {
        match expression {
            Expr::NoneLiteral(_) => Ok(Value::NONE),
            Expr::BooleanLiteral(literal) => Ok(Value::Constant(Literal::Boolean(literal.value))),
            Expr::StringLiteral(literal) => Ok(Value::text(literal.value.to_str())),
            Expr::NumberLiteral(literal) => self.number(&literal.value),
            Expr::Name(name) => self.name(&name.id),
            Expr::BoolOp(operation) => self.bool_operation(operation.op, &operation.values),
            Expr::UnaryOp(operation) => self.unary(operation),
            Expr::BinOp(operation) => self.binary(operation),
            Expr::Compare(comparison) => self.comparison(comparison),
            Expr::If(choice) => {
                let when = self.condition(&choice.test)?;
                self.either(
                    when,
                    |this| this.evaluate(&choice.body),
                    |this| this.evaluate(&choice.orelse),
                )
            }
            Expr::Named(named) => {
                let value = self.evaluate(&named.value)?;
                self.assign_within(&named.target, value.clone())?;
                Ok(value)
            }
            Expr::FString(text) => self.interpolated(text),
            Expr::List(list) => self.display(SequenceKind::List, &list.elts),
            Expr::Tuple(tuple) => self.display(SequenceKind::Tuple, &tuple.elts),
            Expr::Set(set) => self.display(SequenceKind::Set, &set.elts),
            Expr::Dict(dict) => self.dictionary_display(dict),
            Expr::ListComp(list) => {
                self.comprehension(&list.generators, &list.elt, SequenceKind::List, true)
            }
            Expr::SetComp(set) => {
                self.comprehension(&set.generators, &set.elt, SequenceKind::Set, true)
            }
            Expr::Generator(generator) => self.comprehension(
                &generator.generators,
                &generator.elt,
                SequenceKind::List,
                false,
            ),
            Expr::DictComp(dict) => self.dictionary_comprehension(dict),
            Expr::Attribute(attribute) => self.attribute(attribute),
            Expr::Subscript(subscript) => self.subscript(subscript),
            Expr::Call(call) => self.call_expression(call),
            Expr::Lambda(lambda) => Ok(Value::Callable(Callable::Lambda {
                module: self.frame.module,
                definition: lambda,
                closure: Rc::new(self.visible_names(lambda)),
                frame: self.frame.number,
            })),
            Expr::BytesLiteral(literal) => {
                let bytes = literal.value.bytes().map(char::from);
                Ok(Value::Bytes(Rc::new(Value::text(
                    bytes.collect::<String>(),
                ))))
            }
            Expr::EllipsisLiteral(_) => Ok(Value::External("Ellipsis".into())),
            Expr::Await(_) | Expr::Yield(_) | Expr::YieldFrom(_) => {
                self.refuse("a rule must not be a coroutine or a generator function")
            }
            Expr::TString(_) | Expr::Starred(_) | Expr::Slice(_) | Expr::IpyEscapeCommand(_) => {
                self.refuse("this expression cannot be expressed")
            }
        }
    }

    fn number(&mut self, number: &ast::Number) -> Outcome<Value<'m>> {
        match number {
            ast::Number::Int(integer) => match integer.as_i64() {
                Some(integer) => Ok(Value::Constant(Literal::Integer(integer))),
                None => self.refuse("whole numbers must fit into 64 bits"),
            },
            ast::Number::Float(float) => Ok(Value::Constant(Literal::Float(*float))),
            ast::Number::Complex { .. } => self.refuse("complex numbers cannot be expressed"),
        }
    }

    /// The truth of an expression, without the value it would have.
    pub(super) fn condition(&mut self, expression: &'m Expr) -> Outcome<Condition> {
        match expression {
            Expr::BoolOp(operation) => {
                self.deeper(|this| this.bool_condition(operation.op, &operation.values))
            }
            Expr::UnaryOp(operation) if operation.op == UnaryOp::Not => {
                let inner = self.deeper(|this| this.condition(&operation.operand))?;
                Ok(inner.negate())
            }
            other => {
                let value = self.evaluate(other)?;
                self.stand_at(other);
                let condition = self.truth(&value)?;
                Ok(self.known(condition))
            }
        }
    }

    /// `a and b`, `a or b` where only the truth counts: a later part is evaluated on the path that reaches it.
    fn bool_condition(&mut self, op: BoolOp, values: &'m [Expr]) -> Outcome<Condition> {
        let before = self.frame.guards.len();
        let result = self.bool_parts(op, values);
        self.frame.guards.truncate(before);
        result
    }

    fn bool_parts(&mut self, op: BoolOp, values: &'m [Expr]) -> Outcome<Condition> {
        let mut parts: Vec<Condition> = Vec::with_capacity(values.len());
        for value in values {
            let part = match self.condition(value) {
                Ok(part) => part,
                // Whoever gets here has left the function; who does not has its answer from the parts before.
                Err(super::Stop::Dead) if !parts.is_empty() => {
                    Condition::constant(op == BoolOp::And)
                }
                Err(stop) => return Err(stop),
            };
            self.spend(logic::size(&part))?;
            let decided = part.as_constant() == Some(op == BoolOp::Or);
            let guard = match op {
                BoolOp::And => part.clone(),
                BoolOp::Or => part.clone().negate(),
            };
            parts.push(part);
            if decided {
                break;
            }
            self.frame.guards.push(guard);
        }
        Ok(match op {
            BoolOp::And => logic::all(parts),
            BoolOp::Or => logic::any(parts),
        })
    }

    /// `a and b`, `a or b` with their values.
    fn bool_operation(&mut self, op: BoolOp, values: &'m [Expr]) -> Outcome<Value<'m>> {
        let Some((first, rest)) = values.split_first() else {
            return Ok(Value::NONE);
        };
        let value = self.evaluate(first)?;
        if rest.is_empty() {
            return Ok(value);
        }
        self.each(value, &mut |this, value| {
            this.stand_at(first);
            let truth = this.truth(&value)?;
            let stays = match op {
                BoolOp::And => truth.clone().negate(),
                BoolOp::Or => truth.clone(),
            };
            // On the path where the first value is the result, a truth value is known.
            let kept = match value {
                Value::Truth(_) => Value::Constant(Literal::Boolean(op == BoolOp::Or)),
                other => other,
            };
            this.either(
                stays,
                |_| Ok(kept),
                |this| this.deeper(|this| this.bool_operation(op, rest)),
            )
        })
    }

    fn unary(&mut self, operation: &'m ast::ExprUnaryOp) -> Outcome<Value<'m>> {
        if operation.op == UnaryOp::Not {
            let condition = self.condition(&operation.operand)?;
            return Ok(Value::truth(condition.negate()));
        }
        let value = self.evaluate(&operation.operand)?;
        self.stand_at(operation);
        match (operation.op, &value) {
            (UnaryOp::USub, Value::Constant(Literal::Integer(number))) => {
                match number.checked_neg() {
                    Some(number) => Ok(Value::Constant(Literal::Integer(number))),
                    None => self.refuse("whole numbers must fit into 64 bits"),
                }
            }
            (UnaryOp::USub, Value::Constant(Literal::Float(number))) => {
                Ok(Value::Constant(Literal::Float(-number)))
            }
            (UnaryOp::USub, Value::Data(_) | Value::Choice(_)) => {
                let zero = Value::Constant(Literal::Integer(0));
                self.operate(ast::Operator::Sub, zero, value)
            }
            (UnaryOp::UAdd, Value::Constant(Literal::Integer(_) | Literal::Float(_))) => Ok(value),
            _ => self.refuse(format!(
                "`{}` cannot be expressed for {}",
                operation.op.as_str(),
                value.type_name()
            )),
        }
    }

    /// `a < b < c`: each part on the path where the ones before it hold.
    fn comparison(&mut self, comparison: &'m ast::ExprCompare) -> Outcome<Value<'m>> {
        let mut left = self.evaluate(&comparison.left)?;
        let before = self.frame.guards.len();
        let mut parts: Vec<Condition> = Vec::new();
        for (op, right) in comparison.ops.iter().zip(&comparison.comparators) {
            let result = self.evaluate(right).and_then(|right| {
                self.stand_at(comparison);
                let value = self.compare(*op, left.clone(), right.clone())?;
                Ok((self.truth(&value)?, right))
            });
            match result {
                Ok((part, right)) => {
                    self.frame.guards.push(part.clone());
                    parts.push(part);
                    left = right;
                }
                Err(super::Stop::Dead) if !parts.is_empty() => break,
                Err(stop) => {
                    self.frame.guards.truncate(before);
                    return Err(stop);
                }
            }
        }
        self.frame.guards.truncate(before);
        Ok(Value::truth(logic::all(parts)))
    }

    fn display(&mut self, kind: SequenceKind, elements: &'m [Expr]) -> Outcome<Value<'m>> {
        let mut parts = super::value::Parts::new();
        for element in elements {
            match element {
                Expr::Starred(starred) => {
                    let value = self.evaluate(&starred.value)?;
                    parts.extend(self.all_parts(value)?);
                }
                other => {
                    let value = self.evaluate(other);
                    let value = self.spoiled(value)?;
                    parts.push(super::parts::one(Condition::TRUE, value));
                }
            }
        }
        if kind == SequenceKind::Set {
            parts = self.hashable_parts(&parts)?;
        }
        Ok(self.listed(kind, parts))
    }

    fn attribute(&mut self, attribute: &'m ast::ExprAttribute) -> Outcome<Value<'m>> {
        let value = self.evaluate(&attribute.value)?;
        self.stand_at(attribute);
        let name = attribute.attr.as_str();
        match value {
            Value::Module(id) => self.module_attribute(id, name),
            Value::External(path) => self.external_attribute(&path, name),
            Value::Instance { .. } | Value::Class(_) | Value::Super(..) => {
                self.own_attribute(&value, name)
            }
            Value::Choice(choice) if super::class::is_any_own(&choice) => {
                self.each(Value::Choice(choice), &mut |this, value| match value {
                    Value::Instance { .. } | Value::Class(_) => this.own_attribute(&value, name),
                    other if super::property::is_property(name) => this.property(other, name),
                    other => Ok(Value::Callable(Callable::Method {
                        receiver: Box::new(other),
                        name,
                    })),
                })
            }
            other if super::property::is_property(name) => self.property(other, name),
            other => Ok(Value::Callable(Callable::Method {
                receiver: Box::new(other),
                name,
            })),
        }
    }

    /// `bool(value)`.
    pub(super) fn truth_of(&mut self, value: &Value<'m>) -> Outcome<Value<'m>> {
        if let Value::Constant(literal) = value {
            return Ok(Value::Constant(Literal::Boolean(constant_truth(literal))));
        }
        let condition = self.truth(value)?;
        Ok(Value::truth(self.known(condition)))
    }
}

/// Something of the language by its full name.
pub(super) fn external(path: &str) -> Value<'static> {
    match path {
        "typing.TYPE_CHECKING" => Value::Constant(Literal::Boolean(false)),
        path => Value::External(path.into()),
    }
}
