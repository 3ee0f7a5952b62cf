//! Expressions to values.

use std::rc::Rc;

use rustpython_ruff_python_ast as ast;
use rustpython_ruff_python_ast::{BoolOp, Expr, UnaryOp};

use super::predicate::constant_truth;
use super::value::{Callable, SequenceKind, Value};
use super::{Executor, Outcome, logic};
use crate::ir::{Condition, Function, Kind, Literal, Term};

impl<'m> Executor<'m> {
    /// The value of an expression.
    pub(super) fn evaluate(&mut self, expression: &'m Expr) -> Outcome<Value<'m>> {
        self.spend(1)?;
        self.stand_at(expression);
        self.deeper(|this| this.evaluate_node(expression))
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
                closure: Rc::new(self.visible_names()),
            })),
            Expr::BytesLiteral(_) => self.refuse("bytes cannot be expressed"),
            Expr::EllipsisLiteral(_) => Ok(Value::External("Ellipsis".into())),
            Expr::Await(_) | Expr::Yield(_) | Expr::YieldFrom(_) => {
                self.refuse("a rule must not be a coroutine or a generator function")
            }
            Expr::TString(_) | Expr::Starred(_) | Expr::Slice(_) | Expr::IpyEscapeCommand(_) => {
                self.refuse("this expression cannot be expressed")
            }
        }
    }

    /// The names that a function defined here sees.
    pub(super) fn visible_names(&self) -> super::Names<'m> {
        let mut names = self.frame.closure.clone();
        names.extend(
            self.frame
                .names
                .iter()
                .map(|(name, value)| (*name, value.clone())),
        );
        names
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
        let mut items = Vec::with_capacity(elements.len());
        for element in elements {
            match element {
                Expr::Starred(starred) => {
                    let value = self.evaluate(&starred.value)?;
                    items.extend(self.known_items(value)?);
                }
                other => {
                    let value = self.evaluate(other);
                    items.push(self.spoiled(value)?);
                }
            }
        }
        if kind == SequenceKind::Set {
            for item in &items {
                self.require_hashable(item)?;
            }
        }
        Ok(self.sequence(kind, items))
    }

    fn attribute(&mut self, attribute: &'m ast::ExprAttribute) -> Outcome<Value<'m>> {
        let value = self.evaluate(&attribute.value)?;
        self.stand_at(attribute);
        let name = attribute.attr.as_str();
        match value {
            Value::Module(id) => self.global(id, name),
            Value::External(path) => Ok(Value::External(format!("{path}.{name}").into())),
            other => Ok(Value::Callable(Callable::Method {
                receiver: Box::new(other),
                name,
            })),
        }
    }

    /// An f-string.
    fn interpolated(&mut self, text: &'m ast::ExprFString) -> Outcome<Value<'m>> {
        let mut parts = Vec::new();
        for part in text.value.as_slice() {
            match part {
                ast::FStringPart::Literal(literal) => {
                    parts.push(Value::text(literal.as_str()));
                }
                ast::FStringPart::FString(inner) => {
                    for element in &inner.elements {
                        parts.push(self.interpolated_element(element)?);
                    }
                }
            }
        }
        self.stand_at(text);
        self.concatenate(parts)
    }

    fn interpolated_element(
        &mut self,
        element: &'m ast::InterpolatedStringElement,
    ) -> Outcome<Value<'m>> {
        let interpolation = match element {
            ast::InterpolatedStringElement::Literal(literal) => {
                return Ok(Value::text(&*literal.value));
            }
            ast::InterpolatedStringElement::Interpolation(interpolation) => interpolation,
        };
        let value = self.evaluate(&interpolation.expression)?;
        self.stand_at(interpolation);
        if interpolation.format_spec.is_some() || interpolation.debug_text.is_some() {
            return self.refuse("format specifications cannot be expressed");
        }
        match interpolation.conversion {
            ast::ConversionFlag::None | ast::ConversionFlag::Str => self.text_of(value),
            ast::ConversionFlag::Repr | ast::ConversionFlag::Ascii => {
                self.refuse("`!r` and `!a` cannot be expressed")
            }
        }
    }

    /// The texts one after the other.
    pub(super) fn concatenate(&mut self, parts: Vec<Value<'m>>) -> Outcome<Value<'m>> {
        let mut done = Value::text("");
        for part in parts {
            let part = self.collapsed_text(part);
            done = self.each_two(done, part, &mut |this, a, b| this.concatenate_two(a, b))?;
        }
        Ok(done)
    }

    fn concatenate_two(&mut self, a: Value<'m>, b: Value<'m>) -> Outcome<Value<'m>> {
        self.spend(1)?;
        let terms = |value: Value<'m>| match value {
            Value::Constant(Literal::Text(text)) if text.is_empty() => Some(Vec::new()),
            Value::Constant(literal @ Literal::Text(_)) => Some(vec![Term::Literal(literal)]),
            Value::Data(data) if data.kind == Some(Kind::Text) => Some(match data.term {
                Term::Call {
                    function: Function::Concat,
                    arguments,
                } => arguments,
                other => vec![other],
            }),
            _ => None,
        };
        let length: usize = [&a, &b]
            .iter()
            .filter_map(|value| value.as_text())
            .map(str::len)
            .sum();
        if length > super::TEXT {
            return self.refuse("a text must be shorter than this");
        }
        self.spend(length / 64)?;
        let (Some(mut parts), Some(more)) = (terms(a), terms(b)) else {
            return self.refuse("only texts can be put together");
        };
        for term in more {
            match (parts.last_mut(), term) {
                (
                    Some(Term::Literal(Literal::Text(before))),
                    Term::Literal(Literal::Text(after)),
                ) => {
                    before.push_str(&after);
                }
                (_, term) => parts.push(term),
            }
        }
        Ok(match parts.as_slice() {
            [] => Value::text(""),
            [Term::Literal(literal)] => Value::Constant(literal.clone()),
            [one] => Value::computed(one.clone(), Kind::Text),
            _ => {
                self.spend(parts.len())?;
                Value::computed(Term::call(Function::Concat, parts), Kind::Text)
            }
        })
    }

    /// `str(value)`.
    pub(super) fn text_of(&mut self, value: Value<'m>) -> Outcome<Value<'m>> {
        if self.purpose == super::Purpose::Display
            && matches!(value, Value::Choice(_))
            && let Some(term) = super::term::term_of(&value)
        {
            return Ok(Value::computed(super::term::or_none(term), Kind::Text));
        }
        self.each_text(value)
    }

    /// In a text for people, a choice of texts is one term.
    fn collapsed_text(&self, value: Value<'m>) -> Value<'m> {
        match (&value, super::term::term_of(&value)) {
            (Value::Choice(_), Some(term)) if self.purpose == super::Purpose::Display => {
                Value::computed(term, Kind::Text)
            }
            _ => value,
        }
    }

    fn each_text(&mut self, value: Value<'m>) -> Outcome<Value<'m>> {
        self.each(value, &mut |this, value| match value {
            Value::Constant(literal) => match constant_text(&literal) {
                Some(text) => Ok(Value::text(text)),
                None => this.refuse("the text of this number cannot be expressed"),
            },
            Value::Truth(condition) => Ok(Value::choose(
                vec![(condition, Value::text("True"))],
                Value::text("False"),
            )),
            Value::Data(data) if data.kind == Some(Kind::Text) => Ok(Value::Data(data)),
            Value::Data(data) => Ok(this.text_of_data(data)),
            other => this.refuse(format!(
                "the text of {} cannot be expressed",
                other.type_name()
            )),
        })
    }

    /// The text of a list, an object or a fraction, which Python writes in its own way, is its JSON; a remark says so.
    fn text_of_data(&mut self, data: super::Data) -> Value<'m> {
        let present = self.is_present(&data);
        if self.purpose == super::Purpose::Display {
            let present = self.known(present);
            let term = if present.as_constant() == Some(true) {
                data.term
            } else {
                Term::call(Function::Coalesce, [data.term, Term::text("None")])
            };
            return Value::computed(term, Kind::Text);
        }
        let missing = present.negate();
        let shown = Value::computed(
            Term::call(Function::ToText, [data.term.clone()]),
            Kind::Text,
        );
        let is = |kind| self.known(self.is_kind(&data, &[kind]));
        let text = is(Kind::Text);
        let integer = is(Kind::Integer);
        let missing = self.known(missing);
        let yes = self.known(self.equals_exactly(&data, true));
        let no = self.known(self.equals_exactly(&data, false));
        if text.as_constant() != Some(true) && integer.as_constant() != Some(true) {
            self.remark("the text of a list, an object or a fraction counts as its JSON");
        }
        Value::choose(
            vec![
                (text, Value::computed(data.term.clone(), Kind::Text)),
                (missing, Value::text("None")),
                (yes, Value::text("True")),
                (no, Value::text("False")),
            ],
            shown,
        )
    }

    pub(super) fn equals_exactly(&self, data: &super::Data, value: bool) -> Condition {
        self.implied(
            data.term.clone(),
            crate::ir::Operator::Equals,
            crate::ir::Object::Literal(Literal::Boolean(value)),
        )
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

/// `str()` of a constant, where Python and Rust write it alike.
fn constant_text(literal: &Literal) -> Option<String> {
    match literal {
        Literal::Null => Some("None".to_owned()),
        Literal::Boolean(true) => Some("True".to_owned()),
        Literal::Boolean(false) => Some("False".to_owned()),
        Literal::Integer(number) => Some(number.to_string()),
        Literal::Text(text) => Some(text.clone()),
        Literal::Float(number)
            if number.is_finite()
                && number.abs() < 1e15
                && (*number == 0.0 || number.abs() >= 1e-4) =>
        {
            Some(format!("{number:?}"))
        }
        _ => None,
    }
}
