//! `any` and `all`: of a comprehension as it is written, or of a value that was made before.
//!
//! A generator stops at the first item that decides, so a later item's exception does not count; a list is made whole first.

use rustpython_ruff_python_ast as ast;

use super::emitted::{are_texts_anywhere, is_of_one_text};
use super::value::{Data, Value};
use super::{Executor, Outcome, Stop};
use crate::ir::{Condition, Function, Kind, Term};

impl<'m> Executor<'m> {
    /// `any(...)` or `all(...)` of a comprehension.
    pub(super) fn quantify_written(
        &mut self,
        generators: &'m [ast::Comprehension],
        element: &'m ast::Expr,
        every: bool,
        lazy: bool,
    ) -> Outcome<Value<'m>> {
        let names = self.frame.names.clone();
        let before = self.frame.guards.len();
        let found = self.decides(generators, element, every, lazy);
        self.frame.guards.truncate(before);
        self.leave_scope(names);
        let found = found?;
        Ok(Value::truth(if every { found.negate() } else { found }))
    }

    /// Whether any item decides: is true for `any`, false for `all`.
    fn decides(
        &mut self,
        generators: &'m [ast::Comprehension],
        element: &'m ast::Expr,
        every: bool,
        lazy: bool,
    ) -> Outcome<Condition> {
        let Some((first, rest)) = generators.split_first() else {
            let condition = self.condition(element)?;
            return Ok(if every { condition.negate() } else { condition });
        };
        let value = self.evaluate(&first.iter)?;
        if rest.is_empty() && !every && are_texts_anywhere(&value) {
            return self.decides_text(first, element);
        }
        self.stand_at(&first.iter);
        let value = self.iterable(value)?;
        let found = self.each(value, &mut |this, value| {
            let parts = this.loose_parts(value)?;
            let found = this.search(&parts, lazy, &mut |this, item| {
                this.decides_item(first, rest, element, item, (every, lazy))
            })?;
            Ok(Value::truth(found))
        })?;
        self.truth(&found)
    }

    /// Whether a text anywhere in the event decides.
    fn decides_text(
        &mut self,
        generator: &'m ast::Comprehension,
        element: &'m ast::Expr,
    ) -> Outcome<Condition> {
        let text = Value::Data(Data {
            term: Term::call(Function::Anywhere, []),
            kind: Some(Kind::Text),
            plain: true,
        });
        let found = self.decides_item(generator, &[], element, text, (false, true))?;
        // Of several texts a question is asked one by one: what two questions say together is said of two texts.
        if is_of_one_text(&found) {
            Ok(found)
        } else {
            self.refuse("several questions about one text anywhere in the event")
        }
    }

    /// Whether one item passes the `if` parts and decides.
    fn decides_item(
        &mut self,
        first: &'m ast::Comprehension,
        rest: &'m [ast::Comprehension],
        element: &'m ast::Expr,
        item: Value<'m>,
        how: (bool, bool),
    ) -> Outcome<Condition> {
        self.assign(&first.target, item)?;
        let Some(when) = self.filters(&first.ifs)? else {
            return Ok(Condition::FALSE);
        };
        let inner = self.guarded(when.clone(), |this| {
            this.deeper(|this| this.decides(rest, element, how.0, how.1))
        });
        match inner {
            Ok(inner) => Ok(when.and(inner)),
            Err(Stop::Dead) if when.as_constant().is_none() => Ok(Condition::FALSE),
            Err(stop) => Err(stop),
        }
    }

    /// `any(value)`, `all(value)`.
    pub(super) fn quantify(&mut self, value: Value<'m>, every: bool) -> Outcome<Value<'m>> {
        let value = self.iterable(value)?;
        self.each(value, &mut |this, value| {
            let parts = this.loose_parts(value)?;
            let found = this.search(&parts, true, &mut |this, item| {
                let truth = this.truth(&item)?;
                Ok(if every { truth.negate() } else { truth })
            })?;
            Ok(Value::truth(if every { found.negate() } else { found }))
        })
    }
}
