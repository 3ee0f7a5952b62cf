//! `functools.reduce`: a function of what there is so far and of the next item, called for one known item after the other.
//!
//! Invariant: an item that is there on some events only is taken on the path where it is there. What one item of an event list
//! leaves for the next is not known, so such a list must be empty; else it is refused.

use super::argument::Arguments;
use super::exception::Exception;
use super::parts::any_there;
use super::value::{Items, Parts, Value};
use super::{Executor, Outcome, logic};

impl<'m> Executor<'m> {
    /// `functools.reduce(function, iterable[, initial])`.
    pub(super) fn reduce(&mut self, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        if !arguments.only(2..=3) {
            return self.raise(Exception::TYPE);
        }
        let mut arguments = arguments.positional.into_iter();
        let (Some(function), Some(items)) = (arguments.next(), arguments.next()) else {
            return self.raise(Exception::TYPE);
        };
        let initial = arguments.next();
        let items = self.iterable(items)?;
        self.each(items, &mut |this, items| {
            let parts = this.parts(items)?;
            this.reduced(&function, &parts, initial.clone())
        })
    }

    fn reduced(
        &mut self,
        function: &Value<'m>,
        parts: &Parts<'m>,
        so_far: Option<Value<'m>>,
    ) -> Outcome<Value<'m>> {
        let mut so_far = so_far;
        for (at, part) in parts.iter().enumerate() {
            self.spend(1 + logic::size(&part.when))?;
            let Items::One(item) = &part.items else {
                match any_there(&vec![part.clone()]).as_constant() {
                    Some(false) => continue,
                    _ => return self.refuse("the items of `functools.reduce()` must be known"),
                }
            };
            let Some(value) = so_far else {
                // Whether this one or a later one is the first depends on the event.
                if part.when.as_constant() != Some(true) {
                    let (item, rest) = (item.clone(), parts[at + 1..].to_vec());
                    return self.either(
                        part.when.clone(),
                        |this| this.deeper(|this| this.reduced(function, &rest, Some(item))),
                        |this| this.deeper(|this| this.reduced(function, &rest, None)),
                    );
                }
                so_far = Some(item.clone());
                continue;
            };
            so_far = Some(self.each(value, &mut |this, value| {
                let given = Arguments::positional(vec![value.clone(), item.clone()]);
                this.either(
                    part.when.clone(),
                    |this| this.call(function.clone(), given),
                    |_| Ok(value),
                )
            })?);
        }
        match so_far {
            Some(value) => Ok(value),
            None => self.raise(Exception::TYPE),
        }
    }
}
