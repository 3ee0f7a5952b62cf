//! Comprehensions and generator expressions: over known values, a list or a set of cases; over a list of the event, a list
//! whose items depend on the event.

use rustpython_ruff_python_ast as ast;

use super::parts::{known, one, restricted};
use super::value::{Items, Parts, SequenceKind, Value};
use super::{Executor, Outcome, Stop, logic};
use crate::ir::Condition;

/// Lists that a comprehension with known values and conditions becomes, one per case.
const CASES: usize = 2;

/// What is made of the names of the comprehension.
pub(super) type Element<'e, 'm> = dyn FnMut(&mut Executor<'m>) -> Outcome<Value<'m>> + 'e;

impl<'m> Executor<'m> {
    /// The value of a comprehension. One that is evaluated at once raises here; a generator where it is consumed.
    pub(super) fn comprehension(
        &mut self,
        generators: &'m [ast::Comprehension],
        element: &'m ast::Expr,
        kind: SequenceKind,
        at_once: bool,
    ) -> Outcome<Value<'m>> {
        self.comprehended(
            generators,
            !at_once,
            &mut |this| {
                let value = this.evaluate(element)?;
                if kind == SequenceKind::Set {
                    this.require_hashable(&value)?;
                }
                Ok(value)
            },
            &mut |this, parts| this.gathered(parts, kind),
        )
    }

    /// What a comprehension makes, put into a container.
    pub(super) fn comprehended(
        &mut self,
        generators: &'m [ast::Comprehension],
        lazy: bool,
        element: &mut Element<'_, 'm>,
        finish: &mut dyn FnMut(&mut Self, Parts<'m>) -> Outcome<Value<'m>>,
    ) -> Outcome<Value<'m>> {
        let Some((first, _)) = generators.split_first() else {
            return self.refuse("a comprehension must have a `for` part");
        };
        let names = self.frame.names.clone();
        let result = self.evaluate(&first.iter).and_then(|value| {
            self.stand_at(&first.iter);
            let value = self.iterable(value)?;
            self.each(value, &mut |this, value| {
                let parts = this.parts(value)?;
                let made = this.comprehend(generators, &parts, lazy, element)?;
                finish(this, made)
            })
        });
        self.leave_scope(names);
        result
    }

    /// What the rest of the comprehension makes of the items of its first `for` part.
    fn comprehend(
        &mut self,
        generators: &'m [ast::Comprehension],
        parts: &Parts<'m>,
        lazy: bool,
        element: &mut Element<'_, 'm>,
    ) -> Outcome<Parts<'m>> {
        let Some((first, rest)) = generators.split_first() else {
            return Ok(Parts::new());
        };
        if first.is_async {
            return self.refuse("an asynchronous comprehension cannot be expressed");
        }
        self.mapped(parts, lazy, &mut |this, item| {
            this.assign(&first.target, item)?;
            let Some(when) = this.filters(&first.ifs)? else {
                return Ok(Parts::new());
            };
            let made = this.guarded(when.clone(), |this| {
                this.deeper(|this| {
                    let Some(next) = rest.first() else {
                        return Ok(vec![one(Condition::TRUE, element(this)?)]);
                    };
                    let value = this.evaluate(&next.iter)?;
                    this.stand_at(&next.iter);
                    let parts = this.all_parts(value)?;
                    this.comprehend(rest, &parts, lazy, element)
                })
            });
            match made {
                Ok(parts) => Ok(restricted(parts, &when)),
                Err(Stop::Dead) if when.as_constant().is_none() => Ok(Parts::new()),
                Err(stop) => Err(stop),
            }
        })
    }

    /// The condition of the `if` parts; none where it never holds.
    pub(super) fn filters(&mut self, filters: &'m [ast::Expr]) -> Outcome<Option<Condition>> {
        let before = self.frame.guards.len();
        let mut when = Condition::TRUE;
        for filter in filters {
            let part = match self.condition(filter) {
                Ok(part) => part,
                Err(stop) => {
                    self.frame.guards.truncate(before);
                    return Err(stop);
                }
            };
            self.frame.guards.push(part.clone());
            when = when.and(part);
        }
        self.frame.guards.truncate(before);
        Ok((when.as_constant() != Some(false)).then_some(when))
    }

    /// The list or set of the items; a few known items that may be there or not are lists of their own by case.
    pub(super) fn gathered(&mut self, parts: Parts<'m>, kind: SequenceKind) -> Outcome<Value<'m>> {
        if let Some(items) = known(&parts) {
            return Ok(self.sequence(kind, items));
        }
        let mut result: Vec<(Condition, Vec<Value<'m>>)> = vec![(Condition::TRUE, Vec::new())];
        for part in &parts {
            let Items::One(value) = &part.items else {
                return Ok(self.listed(kind, parts));
            };
            self.spend(result.len() * (1 + logic::size(&part.when)))?;
            if result.len() > CASES {
                return Ok(self.listed(kind, parts));
            }
            let mut next = Vec::new();
            for (so_far, items) in result {
                let mut with = items.clone();
                with.push(value.clone());
                next.push((so_far.clone().and(part.when.clone()), with));
                if part.when.as_constant().is_none() {
                    next.push((so_far.and(part.when.clone().negate()), items));
                }
            }
            result = next;
        }
        let mut cases = Vec::new();
        for (when, items) in result {
            let value = self.sequence(kind, items);
            cases.push((when, value));
        }
        match cases.pop() {
            Some((_, last)) => Ok(Value::choose(cases, last)),
            None => Ok(self.sequence(kind, Vec::new())),
        }
    }
}
