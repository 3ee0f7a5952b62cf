//! `next`, `map` and `filter`: what takes or makes the items of a list one after the other.

use super::argument::Arguments;
use super::exception::Exception;
use super::item::some;
use super::parts::{each, one};
use super::pick::{Pick, first_is};
use super::remap::Remap;
use super::value::{Comprehension, Each, Items, Parts, SequenceKind, Value};
use super::{Executor, Outcome, logic};
use crate::ir::{Condition, Literal};

impl<'m> Executor<'m> {
    /// `next(iterator, default)`.
    pub(super) fn next(
        &mut self,
        iterator: Value<'m>,
        default: Option<Value<'m>>,
    ) -> Outcome<Value<'m>> {
        self.each(iterator, &mut |this, iterator| {
            let parts = match iterator {
                Value::Comprehension(list) => list.parts,
                Value::Sequence(_) => this.loose_parts(iterator)?,
                other => {
                    return this.refuse(format!(
                        "`next()` of {} cannot be expressed",
                        other.type_name()
                    ));
                }
            };
            this.first_of(&parts, default.clone())
        })
    }

    fn first_of(&mut self, parts: &Parts<'m>, default: Option<Value<'m>>) -> Outcome<Value<'m>> {
        let Some((part, rest)) = parts.split_first() else {
            return match default {
                Some(default) => Ok(default),
                None => self.raise(Exception::STOP),
            };
        };
        let (when, value) = match &part.items {
            Items::One(value) => (part.when.clone(), value.clone()),
            Items::Each(each) => {
                let part_when = part.when.clone();
                let (there, value) =
                    self.guarded(part_when.clone(), |this| this.first_of_each(each))?;
                (part_when.and(there), value)
            }
        };
        let rest = rest.to_vec();
        self.either(
            when,
            |_| Ok(value),
            |this| this.deeper(|this| this.first_of(&rest, default)),
        )
    }

    /// Whether there is an item, and the first; raises what is raised before it.
    fn first_of_each(&mut self, part: &Each<'m>) -> Outcome<(Condition, Value<'m>)> {
        let part = match part.parts.as_slice() {
            [single] if matches!(single.items, Items::One(_)) => self.fresh(part),
            _ => {
                let list = Comprehension {
                    kind: SequenceKind::List,
                    parts: vec![each(part.clone())],
                    identity: 0,
                };
                match &self.flattened(&list)?.items {
                    Items::Each(each) => each.clone(),
                    Items::One(_) => return self.refuse("this list cannot be expressed"),
                }
            }
        };
        let Some((when, Items::One(value))) = part
            .parts
            .first()
            .map(|single| (single.when.clone(), &single.items))
        else {
            let raises = part.raises;
            self.raise_any(&part.list, part.item, raises)?;
            return Ok((Condition::FALSE, Value::NONE));
        };
        let raises = self.by_class(part.raises.clone());
        let any_raised = logic::any(raises.iter().map(|(when, _)| when.clone()));
        let ends = any_raised.or(when);
        for (when, exception) in raises {
            self.raise_if(first_is(&part.list, part.item, &ends, when), exception)?;
        }
        let pick = Pick::new(&part.list, part.item, &ends, 0);
        let value = pick.value(value);
        Ok((some(&part.list, part.item, ends), value))
    }

    /// `map(function, iterable)` and `filter(function, iterable)`.
    pub(super) fn map_or_filter(
        &mut self,
        name: &str,
        function: Value<'m>,
        iterable: Value<'m>,
    ) -> Outcome<Value<'m>> {
        let iterable = self.iterable(iterable)?;
        self.each(iterable, &mut |this, iterable| {
            let parts = this.parts(iterable)?;
            let made = this.mapped(&parts, true, &mut |this, item| {
                if name == "filter" && matches!(function, Value::Constant(Literal::Null)) {
                    let when = this.truth(&item)?;
                    return Ok(vec![one(when, item)]);
                }
                let arguments = Arguments::positional(vec![item.clone()]);
                let result = this.call(function.clone(), arguments)?;
                Ok(if name == "map" {
                    vec![one(Condition::TRUE, result)]
                } else {
                    let when = this.truth(&result)?;
                    vec![one(when, item)]
                })
            })?;
            this.gathered(made, SequenceKind::List)
        })
    }
}
