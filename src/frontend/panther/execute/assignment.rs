//! Assignments: names, unpacked tuples, keys of dictionaries, changes in place.

use rustpython_ruff_python_ast as ast;
use rustpython_ruff_python_ast::Expr;

use super::exception::Exception;
use super::statement::Flow;
use super::value::Value;
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
            Expr::Name(name) => {
                self.frame.names.insert(&name.id, value);
                Ok(())
            }
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, value),
            Expr::List(list) => self.unpack(&list.elts, value),
            Expr::Subscript(subscript) => {
                let Expr::Name(name) = subscript.value.as_ref() else {
                    return self.refuse("only a dictionary with a plain name can be changed");
                };
                let key = self.evaluate(&subscript.slice)?;
                self.stand_at(target);
                self.change_key(&name.id, key, value)
            }
            other => {
                self.stand_at(other);
                self.refuse("this assignment cannot be expressed")
            }
        }
    }

    /// Binds a name within an expression, where later parts of the statement may not have it.
    pub(super) fn assign_within(&mut self, target: &'m Expr, value: Value<'m>) -> Outcome<()> {
        let start = self.frame.statement.min(self.frame.guards.len());
        let when = logic::all(self.frame.guards[start..].iter().cloned());
        let Expr::Name(name) = target else {
            return self.assign(target, value);
        };
        let before = self.frame.names.get(name.id.as_str()).cloned();
        let value = Value::choose(vec![(when, value)], before.unwrap_or(Value::Unbound));
        self.frame.names.insert(&name.id, value);
        Ok(())
    }

    fn unpack(&mut self, targets: &'m [Expr], value: Value<'m>) -> Outcome<()> {
        if targets.iter().any(Expr::is_starred_expr) {
            return self.refuse("`*` in an assignment cannot be expressed");
        }
        for (at, target) in targets.iter().enumerate() {
            let part = self.each(value.clone(), &mut |this, value| {
                this.unpacked(value, at, targets.len())
            })?;
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

    pub(super) fn augmented(&mut self, statement: &'m ast::StmtAugAssign) -> Outcome<Flow> {
        let Expr::Name(name) = statement.target.as_ref() else {
            return self.refuse("only a plain name can be changed in place");
        };
        let before = self.name(&name.id)?;
        let more = self.evaluate(&statement.value)?;
        self.stand_at(statement);
        if matches!(&before, Value::Sequence(_) | Value::Mapping(_)) {
            self.require_single_name(&name.id, &before)?;
        }
        let value = self.operate(statement.op, before, more)?;
        self.frame.names.insert(&name.id, value);
        Ok(Flow::FALLS)
    }
}
