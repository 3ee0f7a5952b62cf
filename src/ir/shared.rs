//! A part of a tree that several trees can hold without a copy of it each.
//!
//! Invariant: to its readers it is the part itself: it compares, prints and is serialized as that. Changing a part that others
//! hold as well changes a copy.

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that is copied when it is changed rather than when it is handed on.
pub struct Shared<T>(Arc<Inner<T>>);

/// What is found out about a value once for all who hold it.
#[derive(Clone, Copy)]
pub(super) enum Found {
    /// Its fingerprint.
    Fingerprint,
    /// Which items of lists it may read.
    Items,
    /// Which fields it is about.
    Mark,
    /// Which terms it is about.
    Subjects,
    /// What only its own kind is asked for: how large a condition is, which others a predicate may say something about.
    Own,
    /// What is noted of the conditions that are made of it.
    Notes,
}

struct Inner<T> {
    value: T,
    /// What was found out about the value; 0 where nothing was.
    found: [AtomicU64; 6],
}

impl<T: Clone> Clone for Inner<T> {
    fn clone(&self) -> Self {
        Self::new(self.value.clone())
    }
}

impl<T> Inner<T> {
    fn new(value: T) -> Self {
        let found = Default::default();
        Self { value, found }
    }
}

impl<T> Shared<T> {
    /// The value, to be shared.
    pub fn new(value: T) -> Self {
        Self(Arc::new(Inner::new(value)))
    }

    /// A number that follows from the value, computed once for all who hold it. What is found is the same for every caller.
    pub(super) fn found(&self, what: Found, compute: impl FnOnce(&T) -> u64) -> u64 {
        let found = &self.0.found[what as usize];
        match found.load(Ordering::Relaxed) {
            0 => {
                let number = compute(&self.0.value);
                found.store(number, Ordering::Relaxed);
                number
            }
            number => number,
        }
    }

    /// Notes something about the value, a bit for each; forgotten when the value changes.
    pub(super) fn note(&self, bits: u64) {
        // A note that gets lost between two threads is made again.
        let notes = &self.0.found[Found::Notes as usize];
        notes.store(notes.load(Ordering::Relaxed) | bits, Ordering::Relaxed);
    }

    /// What was noted.
    pub(super) fn notes(&self) -> u64 {
        self.0.found[Found::Notes as usize].load(Ordering::Relaxed)
    }

    /// Whether two are equal, where their fingerprints were already found out.
    fn are_alike(&self, other: &Self) -> Option<bool> {
        let print =
            |shared: &Self| shared.0.found[Found::Fingerprint as usize].load(Ordering::Relaxed);
        let (one, two) = (print(self), print(other));
        (one != 0 && two != 0).then_some(one == two)
    }

    /// Whether both are one part that is held twice.
    pub fn is_one_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What tells this part from every other that is held at the same time, where others may hold it as well.
    pub fn identity(&self) -> Option<usize> {
        (Arc::strong_count(&self.0) > 1).then(|| Arc::as_ptr(&self.0).addr())
    }
}

impl<T: Clone> Shared<T> {
    /// The value itself, copied only where others hold it as well.
    pub fn into_inner(self) -> T {
        Arc::unwrap_or_clone(self.0).value
    }
}

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        let inner = Arc::make_mut(&mut self.0);
        inner.found = Default::default();
        &mut inner.value
    }
}

impl<T> AsRef<T> for Shared<T> {
    fn as_ref(&self) -> &T {
        &self.0.value
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        self.is_one_with(other)
            || self
                .are_alike(other)
                .unwrap_or_else(|| self.0.value == other.0.value)
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.value.fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.value.fmt(f)
    }
}

impl<T: JsonSchema> JsonSchema for Shared<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        <T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

impl<T: Serialize> Serialize for Shared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.value.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_by_its_maker_only() {
        let first = Shared::new(vec![1]);
        let mut second = first.clone();
        second.push(2);
        assert_eq!((*first).as_slice(), [1]);
        assert_eq!(second.into_inner(), [1, 2]);
    }

    #[test]
    fn a_change_makes_forget() {
        let sum = |numbers: &Vec<u64>| numbers.iter().sum();
        let mut numbers = Shared::new(vec![1]);
        assert_eq!(numbers.found(Found::Items, sum), 1);
        numbers.push(2);
        assert_eq!(numbers.found(Found::Items, sum), 3);
        numbers.note(2);
        assert_eq!(numbers.notes(), 2);
        numbers.push(3);
        assert_eq!(numbers.notes(), 0);
    }
}
