//! `any` and `all`: of a comprehension as it is written, or of a value that was made before.
//!
//! A generator stops at the first item that decides, so a later item's exception does not count; a list is made whole first.

use rustpython_ruff_python_ast as ast;

use super::loops::{Iterated, some};
use super::value::{Comprehension, Value};
use super::{Exception, Executor, Outcome, Stop, Way, logic};
use crate::ir::{Condition, Term};

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
        self.frame.names = names;
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
        self.stand_at(&first.iter);
        let found = self.each(value, &mut |this, value| {
            let found = match this.iterated(value)? {
                Iterated::Known(items) => {
                    let exits = this.frame.exits.len();
                    let plain =
                        this.decides_known(first, rest, element, items.clone(), (every, false));
                    if !lazy || (plain.is_ok() && this.frame.exits.len() == exits) {
                        return Ok(Value::truth(plain?));
                    }
                    // Something raises: only for the items before which none decides.
                    this.frame.exits.truncate(exits);
                    let before = this.frame.guards.len();
                    let found = this.decides_known(first, rest, element, items, (every, true));
                    this.frame.guards.truncate(before);
                    found?
                }
                Iterated::List(list) => {
                    this.decides_list(first, rest, element, &list, (every, lazy))?
                }
            };
            Ok(Value::truth(found))
        })?;
        self.truth(&found)
    }

    fn decides_known(
        &mut self,
        first: &'m ast::Comprehension,
        rest: &'m [ast::Comprehension],
        element: &'m ast::Expr,
        items: Vec<Value<'m>>,
        (every, lazy): (bool, bool),
    ) -> Outcome<Condition> {
        let mut found = Condition::FALSE;
        for item in items {
            self.spend(1)?;
            let part = match self.decides_item(first, rest, element, item, (every, lazy)) {
                Ok(part) => part,
                Err(Stop::Dead) if found.as_constant().is_none() => return Ok(found),
                Err(stop) => return Err(stop),
            };
            self.spend(logic::size(&part))?;
            if lazy {
                self.frame.guards.push(part.clone().negate());
            }
            found = found.or(part);
            if found.as_constant() == Some(true) {
                break;
            }
        }
        Ok(found)
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

    fn decides_list(
        &mut self,
        first: &'m ast::Comprehension,
        rest: &'m [ast::Comprehension],
        element: &'m ast::Expr,
        list: &Term,
        how: (bool, bool),
    ) -> Outcome<Condition> {
        let (body, raises) =
            self.any_item(|this, item| this.decides_item(first, rest, element, item, how))?;
        self.found_or_raised(list, body, raises)
    }

    /// Does something for any item of a list: what it gives, and when it raises.
    pub(super) fn any_item(
        &mut self,
        work: impl FnOnce(&mut Self, Value<'m>) -> Outcome<Condition>,
    ) -> Outcome<(Condition, Option<(Condition, Exception)>)> {
        let (start, root, here) = (self.frame.exits.len(), self.frame.root, self.here);
        self.frame.root = self.frame.guards.len();
        let item = self.item();
        self.level += 1;
        let result = work(self, item);
        self.level -= 1;
        (self.frame.root, self.here) = (root, here);
        let mut raises: Option<(Condition, Exception)> = None;
        for exit in self.frame.exits.split_off(start) {
            if let Way::Raise(exception) = exit.way {
                raises = Some(match raises {
                    Some((when, first)) => (when.or(exit.when), first),
                    None => (exit.when, exception),
                });
            }
        }
        match result {
            Ok(condition) => Ok((condition, raises)),
            Err(Stop::Dead) => Ok((Condition::FALSE, raises)),
            Err(refused) => Err(refused),
        }
    }

    /// Whether an item of the list decides; raises where none does and one raises.
    fn found_or_raised(
        &mut self,
        list: &Term,
        body: Condition,
        raises: Option<(Condition, Exception)>,
    ) -> Outcome<Condition> {
        let Some((raises, exception)) = raises else {
            return Ok(some(list, body));
        };
        let found = some(list, body.and(raises.clone().negate()));
        if found.as_constant().is_none() {
            self.remark_order();
        }
        let unhidden = found.clone().negate().and(some(list, raises));
        self.raise_if(unhidden, exception)?;
        Ok(found)
    }

    /// `any(value)`, `all(value)`.
    pub(super) fn quantify(&mut self, value: Value<'m>, every: bool) -> Outcome<Value<'m>> {
        self.each(value, &mut |this, value| {
            let found = match value {
                Value::Comprehension(comprehension) => this.decided_list(&comprehension, every)?,
                Value::Data(data) => {
                    this.require_list(&data)?;
                    let (body, _) = this.any_item(|this, item| this.truth(&item))?;
                    some(&data.term, if every { body.negate() } else { body })
                }
                other => {
                    let mut found = Condition::FALSE;
                    for item in this.known_items(other)? {
                        let truth = this.truth(&item)?;
                        found = found.or(if every { truth.negate() } else { truth });
                    }
                    found
                }
            };
            Ok(Value::truth(if every { found.negate() } else { found }))
        })
    }

    fn decided_list(
        &mut self,
        comprehension: &Comprehension<'m>,
        every: bool,
    ) -> Outcome<Condition> {
        self.same_level(comprehension.level)?;
        self.level += 1;
        let truth = self.truth(&comprehension.element);
        self.level -= 1;
        let decides = if every { truth?.negate() } else { truth? };
        let body = comprehension.when.clone().and(decides);
        let raises = comprehension.raises.clone();
        self.found_or_raised(&comprehension.list, body, raises)
    }
}
