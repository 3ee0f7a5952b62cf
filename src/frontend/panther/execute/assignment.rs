//! Assignments: names, unpacked tuples, keys of dictionaries, changes in place.

use rustpython_ruff_python_ast as ast;
use rustpython_ruff_python_ast::Expr;

use super::exception::Exception;
use super::statement::Flow;
use super::value::{SequenceKind, Value};
use super::{Executor, Outcome, logic};
use crate::ir::Literal;

impl<'m> Executor<'m> {
    /// `targets = value`.
    pub(super) fn assign_statement<T: std::borrow::Borrow<Expr>>(
        &mut self,
        value: &'m Expr,
        targets: &'m [T],
    ) -> Outcome<Flow> {
        let value = self.evaluate(value);
        let value = self.spoiled(value)?;
        for target in targets {
            self.assign(target.borrow(), value.clone())?;
        }
        Ok(Flow::FALLS)
    }

    /// Binds a target to a value on the whole path.
    pub(super) fn assign(&mut self, target: &'m Expr, value: Value<'m>) -> Outcome<()> {
        match target {
            Expr::Name(name) => self.bind_name(&name.id, value),
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, value),
            Expr::List(list) => self.unpack(&list.elts, value),
            Expr::Subscript(subscript) => {
                let container = self.evaluate(&subscript.value)?;
                let key = self.evaluate(&subscript.slice)?;
                self.stand_at(target);
                self.set_item(container, &key, &value)
            }
            Expr::Attribute(attribute) => {
                let object = self.evaluate(&attribute.value)?;
                self.stand_at(target);
                self.set_attribute(object, &attribute.attr.id, &value)
            }
            other => {
                self.stand_at(other);
                self.refuse("this assignment cannot be expressed")
            }
        }
    }

    /// `del target`.
    pub(super) fn delete(&mut self, target: &'m Expr) -> Outcome<()> {
        match target {
            Expr::Name(name) => {
                self.name(&name.id)?;
                self.bind_name(&name.id, Value::Unbound)
            }
            Expr::Subscript(subscript) => {
                let container = self.evaluate(&subscript.value)?;
                let key = self.evaluate(&subscript.slice)?;
                self.stand_at(target);
                self.delete_item(container, &key)
            }
            other => {
                self.stand_at(other);
                self.refuse("this `del` cannot be expressed")
            }
        }
    }

    /// Binds a name within an expression, where later parts of the statement may not have it.
    pub(super) fn assign_within(&mut self, target: &'m Expr, value: Value<'m>) -> Outcome<()> {
        let when = logic::all(self.frame.guards.since(self.frame.statement));
        let Expr::Name(name) = target else {
            return self.assign(target, value);
        };
        if self.frame.bound.globals.contains(name.id.as_str()) {
            return self.set_global(&name.id, value);
        }
        let before = self.frame.names.get(name.id.as_str()).cloned();
        let value = Value::choose(vec![(when, value)], before.unwrap_or(Value::Unbound));
        self.frame.names.insert(&name.id, value);
        Ok(())
    }

    fn unpack(&mut self, targets: &'m [Expr], value: Value<'m>) -> Outcome<()> {
        if let Some(at) = targets.iter().position(Expr::is_starred_expr) {
            return self.unpack_rest(targets, at, &value);
        }
        for (at, target) in targets.iter().enumerate() {
            let part = self.each(value.clone(), &mut |this, value| {
                this.unpacked(value, at, targets.len())
            })?;
            self.assign(target, part)?;
        }
        Ok(())
    }

    /// Unpacks known items, the target at the position taking what the others leave.
    fn unpack_rest(&mut self, targets: &'m [Expr], rest: usize, value: &Value<'m>) -> Outcome<()> {
        for (at, target) in targets.iter().enumerate() {
            let part = self.each(value.clone(), &mut |this, value| {
                let items = this.known_items(value)?;
                let Some(left) = (items.len() + 1).checked_sub(targets.len()) else {
                    return this.raise(Exception::VALUE);
                };
                if at == rest {
                    let items = items[rest..rest + left].to_vec();
                    return Ok(this.sequence(SequenceKind::List, items));
                }
                let at = if at < rest { at } else { at + left - 1 };
                Ok(items[at].clone())
            })?;
            let target = match target {
                Expr::Starred(starred) => &starred.value,
                other => other,
            };
            self.assign(target, part)?;
        }
        Ok(())
    }

    fn unpacked(&mut self, value: Value<'m>, at: usize, count: usize) -> Outcome<Value<'m>> {
        match &value {
            Value::Sequence(sequence) => match sequence.items.get(at) {
                Some(item) if sequence.items.len() == count => Ok(item.clone()),
                _ => self.raise(Exception::VALUE),
            },
            Value::Data(_) => {
                let length = self.length(value.clone())?;
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                let wanted = self.equal(&length, &Value::Constant(Literal::Integer(count)))?;
                self.raise_if(wanted.negate(), Exception::VALUE)?;
                let at = i64::try_from(at).unwrap_or(i64::MAX);
                self.index(value.clone(), Value::Constant(Literal::Integer(at)))
            }
            other => self.refuse(format!("{} cannot be unpacked", other.type_name())),
        }
    }

    /// `target op= value`.
    pub(super) fn augmented(&mut self, statement: &'m ast::StmtAugAssign) -> Outcome<Flow> {
        let (op, target) = (statement.op, statement.target.as_ref());
        match target {
            Expr::Name(name) => {
                let before = self.name(&name.id)?;
                let more = self.evaluate(&statement.value)?;
                self.stand_at(statement);
                if !self.change_in_place(op, &before, &more)? {
                    let value = self.operate(op, before, more)?;
                    self.bind_name(&name.id, value)?;
                }
            }
            Expr::Subscript(subscript) => {
                let container = self.evaluate(&subscript.value)?;
                let key = self.evaluate(&subscript.slice)?;
                self.stand_at(target);
                let before = self.each_two(container.clone(), key.clone(), &mut |this, a, b| {
                    this.index(a, b)
                })?;
                let more = self.evaluate(&statement.value)?;
                self.stand_at(statement);
                if !self.change_in_place(op, &before, &more)? {
                    let value = self.operate(op, before, more)?;
                    let container = self.current(container);
                    self.set_item(container, &key, &value)?;
                }
            }
            Expr::Attribute(attribute) => {
                let object = self.evaluate(&attribute.value)?;
                self.stand_at(target);
                let before = self.each(object.clone(), &mut |this, object| {
                    this.own_attribute(&object, &attribute.attr.id)
                })?;
                let more = self.evaluate(&statement.value)?;
                self.stand_at(statement);
                if !self.change_in_place(op, &before, &more)? {
                    let value = self.operate(op, before, more)?;
                    self.set_attribute(object, &attribute.attr.id, &value)?;
                }
            }
            other => {
                self.stand_at(other);
                return self.refuse("this assignment cannot be expressed");
            }
        }
        Ok(Flow::FALLS)
    }
}
