//! Dictionary keys that are there on some events only.
//!
//! The value of such an entry is a choice, one of whose values is [`Value::Unbound`]: where that one is chosen, there is no such
//! key. Invariant: an entry is never [`Value::Unbound`] alone. What needs to know the keys asks [`Executor::require_keys`].

use std::rc::Rc;

use super::logic::mix;
use super::value::{Choice, Mapping, Value, same_constant, weight};
use super::{Executor, Outcome};
use crate::ir::{Condition, Literal};

/// When the entry with this value is there.
pub(in crate::frontend::panther) fn presence(value: &Value<'_>) -> Condition {
    let one = |value: &Value<'_>| Condition::constant(!matches!(value, Value::Unbound));
    match value {
        Value::Choice(choice) if is_optional(value) => {
            let cases = choice.cases.iter().rev();
            cases.fold(one(&choice.otherwise), |rest, (when, value)| {
                mix(when.clone(), one(value), rest)
            })
        }
        other => one(other),
    }
}

/// Whether the entry with this value may not be there.
pub(super) fn is_optional(value: &Value<'_>) -> bool {
    let absent = |value: &Value<'_>| matches!(value, Value::Unbound);
    match value {
        Value::Choice(choice) => {
            absent(&choice.otherwise) || choice.cases.iter().any(|(_, value)| absent(value))
        }
        other => absent(other),
    }
}

/// The value of the entry where it is there.
pub(in crate::frontend::panther) fn given<'m>(value: &Value<'m>) -> Value<'m> {
    let Value::Choice(choice) = value else {
        return value.clone();
    };
    if !is_optional(value) {
        return value.clone();
    }
    let choice: &Choice<'m> = choice;
    let mut cases: Vec<_> = choice
        .cases
        .iter()
        .filter(|(_, value)| !matches!(value, Value::Unbound))
        .cloned()
        .collect();
    match (&choice.otherwise, cases.pop()) {
        (Value::Unbound, Some((_, last))) => Value::choose(cases, last),
        (otherwise, last) => {
            cases.extend(last);
            Value::choose(cases, otherwise.clone())
        }
    }
}

/// What a key has after it is set to a value that may not be there.
fn overlaid<'m>(before: Option<&Value<'m>>, after: Value<'m>) -> Value<'m> {
    if !is_optional(&after) {
        return after;
    }
    let before = before.cloned().unwrap_or(Value::Unbound);
    Value::choose(vec![(presence(&after), given(&after))], before)
}

/// Sets a key.
pub(super) fn set<'m>(
    entries: &mut Vec<(Literal, Value<'m>)>,
    at: Option<usize>,
    key: Literal,
    value: Value<'m>,
) {
    match at.and_then(|at| entries.get_mut(at)) {
        Some(entry) => entry.1 = overlaid(Some(&entry.1), value),
        None if matches!(value, Value::Unbound) => {}
        None => entries.push((key, value)),
    }
}

impl<'m> Mapping<'m> {
    /// The dictionary with the key set.
    pub(in crate::frontend::panther) fn with(&self, key: Literal, value: Value<'m>) -> Self {
        let mut entries = self.entries.as_ref().clone();
        let at = entries
            .iter()
            .position(|(other, _)| same_constant(other, &key));
        set(&mut entries, at, key, value);
        self.changed(entries)
    }

    /// What two paths have made of one dictionary: `self` where the condition holds, else `other`.
    pub(super) fn merged(&self, when: &Condition, other: &Self) -> Self {
        let mut entries: Vec<(Literal, Value<'m>)> = Vec::new();
        let keys = self.entries.iter().chain(other.entries.iter());
        for (key, _) in keys {
            if entries.iter().any(|(known, _)| same_constant(known, key)) {
                continue;
            }
            let of = |mapping: &Self| mapping.get(key).cloned().unwrap_or(Value::Unbound);
            let value = Value::choose(vec![(when.clone(), of(self))], of(other));
            entries.push((key.clone(), value));
        }
        self.changed(entries)
    }

    fn changed(&self, entries: Vec<(Literal, Value<'m>)>) -> Self {
        Self {
            weight: weight(entries.iter().map(|(_, value)| value)),
            entries: Rc::new(entries),
            identity: self.identity,
        }
    }
}

impl<'m> Executor<'m> {
    /// Refuses a dictionary that has some key on some events only.
    pub(super) fn require_keys(&self, mapping: &Mapping<'m>) -> Outcome<()> {
        if mapping.entries.iter().any(|(_, value)| is_optional(value)) {
            return self.refuse("which keys a dictionary has must be known");
        }
        Ok(())
    }

    /// Whether two dictionaries have the same keys with equal values.
    pub(super) fn equal_mappings(
        &mut self,
        a: &Mapping<'m>,
        b: &Mapping<'m>,
    ) -> Outcome<Condition> {
        let mut result = Condition::TRUE;
        let mut rest = b.entries.iter().filter(|(key, _)| a.get(key).is_none());
        let only_there = rest.try_fold((), |(), (_, value)| {
            result = std::mem::replace(&mut result, Condition::FALSE).and(presence(value).negate());
            (result.as_constant() != Some(false)).then_some(())
        });
        if only_there.is_none() {
            return Ok(Condition::FALSE);
        }
        for (key, value) in a.entries.iter() {
            let Some(other) = b.get(key) else {
                result = result.and(presence(value).negate());
                continue;
            };
            let (here, there) = (presence(value), presence(other));
            let both = here.clone().and(there.clone());
            let equal = match both.as_constant() {
                Some(false) => Condition::FALSE,
                _ => self.equal(&given(value), &given(other))?,
            };
            let neither = here.negate().and(there.negate());
            result = result.and(both.and(equal).or(neither));
        }
        Ok(result)
    }

    /// Whether the dictionary has the key.
    pub(super) fn has_key(&mut self, mapping: &Mapping<'m>, key: &Value<'m>) -> Outcome<Condition> {
        self.require_hashable(key)?;
        let entries = mapping.entries.iter();
        let (some, always): (Vec<_>, Vec<_>) = entries.partition(|(_, value)| is_optional(value));
        let always: Vec<Literal> = always.into_iter().map(|(key, _)| key.clone()).collect();
        let mut found = self.equal_any(key, &always)?;
        for (name, value) in some {
            let equal = self.equal(key, &Value::Constant(name.clone()))?;
            found = found.or(equal.and(presence(value)));
        }
        Ok(found)
    }

    /// The value of an entry, or what `missing` gives where it is not there.
    pub(super) fn entry_or(
        &mut self,
        value: &Value<'m>,
        missing: &mut dyn FnMut(&mut Self) -> Outcome<Value<'m>>,
    ) -> Outcome<Value<'m>> {
        if !is_optional(value) {
            return Ok(value.clone());
        }
        let there = given(value);
        self.either(presence(value), |_| Ok(there), missing)
    }
}
