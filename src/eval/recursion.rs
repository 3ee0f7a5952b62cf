//! What is taken of a value and, in the same way, of values within it.
//!
//! What was computed for a value is kept, so that a value is looked at once however often it is asked for. Invariant: the
//! levels are bounded.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use super::Scope;
use crate::ir::{Literal, Term};

/// Values within one another.
const LEVELS: usize = 150;

/// What is taken of a value.
pub(super) struct Recursion {
    number: i64,
    taken: Term,
    /// The items of the quantifiers around.
    items: usize,
    level: Cell<usize>,
    known: RefCell<BTreeMap<String, Option<Value>>>,
}

impl Scope<'_> {
    /// `recurse`: the only item's value.
    pub(super) fn recurse(&self, arguments: &[Term]) -> Option<Value> {
        let [
            Term::Select { list, item, .. },
            Term::Literal(Literal::Integer(number)),
        ] = arguments
        else {
            return None;
        };
        let lists = self.values(list);
        let whole = lists.first()?.as_array()?.first()?.clone();
        let recursion = Recursion {
            number: *number,
            taken: item.as_ref().clone(),
            items: self.items.len(),
            level: Cell::new(0),
            known: RefCell::new(BTreeMap::new()),
        };
        self.taken(&Rc::new(recursion), whole)
    }

    /// `again`: the same of another value.
    pub(super) fn again(&self, arguments: &[Term]) -> Option<Value> {
        let [part, Term::Literal(Literal::Integer(number))] = arguments else {
            return None;
        };
        let part = self.values(part).into_iter().next();
        let part = part.map_or(Value::Null, std::borrow::Cow::into_owned);
        let mut around = self.recursions.iter().rev();
        let recursion = around.find(|recursion| recursion.number == *number)?;
        let key = part.to_string();
        if let Some(known) = recursion.known.borrow().get(&key) {
            return known.clone();
        }
        if recursion.level.get() == LEVELS {
            return None;
        }
        recursion.level.set(recursion.level.get() + 1);
        let value = self.taken(recursion, part);
        recursion.level.set(recursion.level.get() - 1);
        recursion.known.borrow_mut().insert(key, value.clone());
        value
    }

    fn taken(&self, recursion: &Rc<Recursion>, whole: Value) -> Option<Value> {
        let mut items = self.items[..recursion.items.min(self.items.len())].to_vec();
        items.push(whole);
        let mut recursions = self.recursions.clone();
        let around = recursions
            .iter()
            .position(|other| Rc::ptr_eq(other, recursion));
        recursions.truncate(around.unwrap_or(recursions.len()));
        recursions.push(recursion.clone());
        let scope = Scope {
            event: self.event,
            items,
            recursions,
            scan_time: self.scan_time,
        };
        let values = scope.values(&recursion.taken);
        values.into_iter().next().map(std::borrow::Cow::into_owned)
    }
}
