//! Dictionaries: displays and lookups. Changes are in [`change`](super::change).

use rustpython_ruff_python_ast as ast;

use super::absent::{given, presence};
use super::value::{Mapping, Parts, Value};
use super::{Executor, Outcome, Stop};
use crate::ir::Condition;

/// A key and its value, or a dictionary all of whose entries are taken.
type Written<'m> = (Option<Value<'m>>, Value<'m>);

impl<'m> Executor<'m> {
    /// `{key: value, **other}`.
    pub(super) fn dictionary_display(&mut self, dict: &'m ast::ExprDict) -> Outcome<Value<'m>> {
        let mut written: Vec<Written<'m>> = Vec::new();
        let before = self.frame.names.state.clone();
        for item in &dict.items {
            let key = match &item.key {
                Some(key) => Some(self.evaluate(key)?),
                None => None,
            };
            let value = self.evaluate(&item.value);
            written.push((key, self.spoiled(value)?));
        }
        for (_, value) in &mut written {
            let part = std::mem::replace(value, Value::NONE);
            *value = self.current_since(&before, part);
        }
        self.stand_at(dict);
        let mut parts = Parts::new();
        for (key, value) in written {
            match key {
                Some(key) => parts.push(self.set_entry(key, value)?),
                None => parts.extend(self.all_entries(value)?),
            }
        }
        Ok(self.dictionary(parts))
    }

    /// The value of a key, or what `missing` gives where the dictionary has no such key.
    pub(super) fn lookup(
        &mut self,
        mapping: &Mapping<'m>,
        key: Value<'m>,
        missing: &mut dyn FnMut(&mut Self) -> Outcome<Value<'m>>,
    ) -> Outcome<Value<'m>> {
        self.each(key, &mut |this, key| {
            if let Value::Constant(key) = &key {
                return match mapping.get(key) {
                    Some(value) => this.entry_or(value, missing),
                    None => missing(this),
                };
            }
            this.require_hashable(&key)?;
            let before = this.frame.guards.len();
            let mut cases: Vec<(Condition, Value<'m>)> = Vec::new();
            for (entry, value) in mapping.entries.iter() {
                this.spend(1)?;
                let when = this.equal(&key, &Value::Constant(entry.clone()))?;
                let when = when.and(presence(value));
                this.frame.guards.push(when.clone().negate());
                cases.push((when, given(value)));
            }
            let otherwise = missing(this);
            this.frame.guards.truncate(before);
            match otherwise {
                Ok(otherwise) => Ok(Value::choose(cases, otherwise)),
                Err(Stop::Dead) => match cases.pop() {
                    Some((_, last)) => Ok(Value::choose(cases, last)),
                    None => Err(Stop::Dead),
                },
                Err(refused) => Err(refused),
            }
        })
    }
}
