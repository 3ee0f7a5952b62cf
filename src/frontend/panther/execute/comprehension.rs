//! Comprehensions and generator expressions: over known values, a list or a set of cases; over a list of the event, a value
//! that `any`, `all`, `in` and truth can be asked of.

use std::rc::Rc;

use rustpython_ruff_python_ast as ast;

use super::loops::{Iterated, some};
use super::value::{Comprehension, SequenceKind, Value};
use super::{Executor, Outcome, Stop, logic};
use crate::ir::{Condition, Literal, Term};

/// What a comprehension over known values makes: each element with the condition on which it is taken.
pub(super) type Elements<'m> = Vec<(Condition, Value<'m>)>;

impl<'m> Executor<'m> {
    /// The value of a comprehension. One that is evaluated at once raises here; a generator where it is consumed.
    pub(super) fn comprehension(
        &mut self,
        generators: &'m [ast::Comprehension],
        element: &'m ast::Expr,
        kind: SequenceKind,
        at_once: bool,
    ) -> Outcome<Value<'m>> {
        let names = self.frame.names.clone();
        let result = self.comprehension_value(generators, element, kind, at_once);
        self.frame.names = names;
        result
    }

    fn comprehension_value(
        &mut self,
        generators: &'m [ast::Comprehension],
        element: &'m ast::Expr,
        kind: SequenceKind,
        at_once: bool,
    ) -> Outcome<Value<'m>> {
        if let [only] = generators
            && !only.is_async
        {
            let value = self.evaluate(&only.iter)?;
            self.stand_at(&only.iter);
            return self.each(value, &mut |this, value| match this.iterated(value)? {
                Iterated::List(list) => this.over_list(only, element, list, at_once),
                Iterated::Known(items) => {
                    let mut elements = Elements::new();
                    this.over_known(
                        only,
                        items,
                        &mut |this| this.evaluate(element),
                        &mut elements,
                    )?;
                    this.gathered(elements, kind)
                }
            });
        }
        let mut elements = Elements::new();
        self.nested(generators, element, &Condition::TRUE, &mut elements)?;
        self.gathered(elements, kind)
    }

    /// Several `for` parts, all over known values.
    fn nested(
        &mut self,
        generators: &'m [ast::Comprehension],
        element: &'m ast::Expr,
        around: &Condition,
        elements: &mut Elements<'m>,
    ) -> Outcome<()> {
        let Some((first, rest)) = generators.split_first() else {
            let value = self.evaluate(element)?;
            elements.push((around.clone(), value));
            return Ok(());
        };
        let value = self.evaluate(&first.iter)?;
        let Iterated::Known(items) = self.iterated(value)? else {
            return self.refuse("a comprehension over several lists must be over known values");
        };
        for item in items {
            self.assign(&first.target, item)?;
            let Some(when) = self.filters(&first.ifs)? else {
                continue;
            };
            let within = around.clone().and(when.clone());
            let result = self.guarded(when, |this| {
                this.deeper(|this| this.nested(rest, element, &within, elements))
            });
            match result {
                Ok(()) | Err(Stop::Dead) => {}
                Err(refused) => return Err(refused),
            }
        }
        Ok(())
    }

    /// One `for` part over known values.
    pub(super) fn over_known(
        &mut self,
        generator: &'m ast::Comprehension,
        items: Vec<Value<'m>>,
        make: &mut dyn FnMut(&mut Self) -> Outcome<Value<'m>>,
        elements: &mut Elements<'m>,
    ) -> Outcome<()> {
        for item in items {
            self.assign(&generator.target, item)?;
            let Some(when) = self.filters(&generator.ifs)? else {
                continue;
            };
            match self.guarded(when.clone(), |this| make(this)) {
                Ok(value) => elements.push((when, value)),
                Err(Stop::Dead) if when.as_constant().is_none() => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
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

    /// The list or set of elements; which of them are in it must be known, unless only the truth is asked.
    fn gathered(&mut self, elements: Elements<'m>, kind: SequenceKind) -> Outcome<Value<'m>> {
        if elements
            .iter()
            .all(|(when, _)| when.as_constant() == Some(true))
        {
            let items = elements.into_iter().map(|(_, value)| value).collect();
            return Ok(self.sequence(kind, items));
        }
        // Each element is in the list or not; lists that differ are cases, the longest first.
        let mut result: Vec<(Condition, Vec<Value<'m>>)> = vec![(Condition::TRUE, Vec::new())];
        for (when, value) in elements {
            self.spend(result.len() * (1 + logic::size(&when)))?;
            if result.len() > 64 {
                return self
                    .refuse("which items a comprehension takes must depend less on the event");
            }
            let mut next = Vec::new();
            for (so_far, items) in result {
                let mut with = items.clone();
                with.push(value.clone());
                next.push((so_far.clone().and(when.clone()), with));
                if when.as_constant().is_none() {
                    next.push((so_far.and(when.clone().negate()), items));
                }
            }
            result = next;
        }
        let mut cases: Elements<'m> = Vec::new();
        for (when, items) in result {
            let value = self.sequence(kind, items);
            cases.push((when, value));
        }
        match cases.pop() {
            Some((_, last)) => Ok(Value::choose(cases, last)),
            None => Ok(self.sequence(kind, Vec::new())),
        }
    }

    /// Over a list of the event.
    fn over_list(
        &mut self,
        generator: &'m ast::Comprehension,
        element: &'m ast::Expr,
        list: Term,
        at_once: bool,
    ) -> Outcome<Value<'m>> {
        let level = self.level;
        let mut value = Value::NONE;
        let (when, mut raises) = self.any_item(|this, item| {
            this.assign(&generator.target, item)?;
            let Some(when) = this.filters(&generator.ifs)? else {
                return Ok(Condition::FALSE);
            };
            value = this.guarded(when.clone(), |this| this.evaluate(element))?;
            Ok(when)
        })?;
        if at_once && let Some((when, exception)) = raises.take() {
            self.raise_if(some(&list, when), exception)?;
        }
        Ok(Value::Comprehension(Rc::new(Comprehension {
            list,
            level,
            when,
            element: value,
            raises,
        })))
    }

    /// A dictionary comprehension over known values.
    pub(super) fn dictionary_comprehension(
        &mut self,
        dict: &'m ast::ExprDictComp,
    ) -> Outcome<Value<'m>> {
        let [only] = dict.generators.as_slice() else {
            return self
                .refuse("a dictionary comprehension over several lists cannot be expressed");
        };
        let names = self.frame.names.clone();
        let value = self.evaluate(&only.iter)?;
        let Iterated::Known(items) = self.iterated(value)? else {
            return self.refuse("a dictionary comprehension must be over known values");
        };
        let mut entries: Vec<(Literal, Value<'m>)> = Vec::new();
        for item in items {
            self.assign(&only.target, item)?;
            match self.filters(&only.ifs)?.map(|when| when.as_constant()) {
                None => continue,
                Some(Some(true)) => {}
                Some(_) => {
                    return self.refuse("which keys a dictionary has must be known");
                }
            }
            let key = self.evaluate(&dict.key)?;
            let value = self.evaluate(&dict.value)?;
            match key {
                Value::Constant(key) => entries.push((key, value)),
                _ => return self.refuse("the keys of a dictionary must be known"),
            }
        }
        self.frame.names = names;
        Ok(self.mapping(entries))
    }
}
