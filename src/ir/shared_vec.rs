//! A list of parts that several trees can hold without a copy of it each.
//!
//! Invariant: to its readers it is the list itself, and it compares, prints and is serialized as that. A list without parts takes
//! no memory, one of few takes one piece of it. Changing a list that others hold as well changes a copy.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smallvec::SmallVec;

use super::Shared;
use super::shared::Found;

/// The parts of a list; most lists have one or two.
pub(super) type Parts<T> = SmallVec<[T; 2]>;

/// A list that is copied when it is changed rather than when it is handed on.
pub struct SharedVec<T>(Option<Shared<Parts<T>>>);

impl<T> SharedVec<T> {
    /// The list without parts.
    pub const EMPTY: Self = Self(None);

    /// A number that follows from the parts, computed once for all who hold the list. What is found is the same for every
    /// caller.
    pub(super) fn found(&self, what: Found, compute: impl FnOnce(&[T]) -> u64) -> u64 {
        match &self.0 {
            Some(shared) => shared.found(what, |parts| compute(parts)),
            None => compute(&[]),
        }
    }

    /// The list as it is shared; nothing where it has no parts.
    pub(super) fn shared(&self) -> Option<&Shared<Parts<T>>> {
        self.0.as_ref()
    }

    fn of(parts: Parts<T>) -> Self {
        Self((!parts.is_empty()).then(|| Shared::new(parts)))
    }

    /// The parts.
    pub fn as_slice(&self) -> &[T] {
        self
    }

    /// Whether both are one list that is held twice, or have no parts.
    pub fn is_one_with(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => one.is_one_with(other),
            (None, None) => true,
            _ => false,
        }
    }

    /// What tells this list from every other that is held at the same time, where others may hold it as well.
    pub fn identity(&self) -> Option<usize> {
        self.0.as_ref()?.identity()
    }
}

impl<T: Clone> SharedVec<T> {
    /// The parts themselves, copied only where others hold them as well.
    pub fn into_vec(self) -> Vec<T> {
        self.into_parts().into_vec()
    }

    fn into_parts(self) -> Parts<T> {
        self.0.map_or_else(Parts::new, Shared::into_inner)
    }

    /// The list, to be changed. Lists that nobody else holds are changed in place.
    pub fn to_mut(&mut self) -> &mut Parts<T> {
        self.0.get_or_insert_with(|| Shared::new(Parts::new()))
    }

    /// The list with the parts replaced for which there is another; nothing where there is none.
    pub fn rebuilt(&self, mut change: impl FnMut(&T) -> Option<T>) -> Option<Self> {
        let (at, first) = self
            .iter()
            .enumerate()
            .find_map(|(at, part)| Some((at, change(part)?)))?;
        let mut parts = Parts::with_capacity(self.len());
        parts.extend(self[..at].iter().cloned());
        parts.push(first);
        for part in &self[at + 1..] {
            parts.push(change(part).unwrap_or_else(|| part.clone()));
        }
        Some(Self::of(parts))
    }

    /// Adds a part at the end.
    pub fn push(&mut self, part: T) {
        self.to_mut().push(part);
    }
}

impl<T: Clone> Extend<T> for SharedVec<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, parts: I) {
        self.to_mut().extend(parts);
    }
}

impl<T> Default for SharedVec<T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<T> Clone for SharedVec<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Deref for SharedVec<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0.as_ref().map_or(&[], |shared| shared.as_slice())
    }
}

impl<T> From<Vec<T>> for SharedVec<T> {
    fn from(parts: Vec<T>) -> Self {
        Self::of(parts.into())
    }
}

impl<T, const N: usize> From<[T; N]> for SharedVec<T> {
    fn from(parts: [T; N]) -> Self {
        parts.into_iter().collect()
    }
}

impl<T> FromIterator<T> for SharedVec<T> {
    fn from_iter<I: IntoIterator<Item = T>>(parts: I) -> Self {
        Self::of(parts.into_iter().collect())
    }
}

impl<T: Clone> IntoIterator for SharedVec<T> {
    type Item = T;
    type IntoIter = smallvec::IntoIter<[T; 2]>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_parts().into_iter()
    }
}

impl<'a, T> IntoIterator for &'a SharedVec<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: PartialEq> PartialEq for SharedVec<T> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => a == b,
            _ => self.is_empty() && other.is_empty(),
        }
    }
}

impl<T: Eq> Eq for SharedVec<T> {}

impl<T: PartialOrd> PartialOrd for SharedVec<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: Ord> Ord for SharedVec<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: fmt::Debug> fmt::Debug for SharedVec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: JsonSchema> JsonSchema for SharedVec<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        <Vec<T>>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Vec<T>>()
    }
}

impl<T: Serialize> Serialize for SharedVec<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for SharedVec<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_by_its_maker_only() {
        let first = SharedVec::from([1]);
        let mut second = first.clone();
        second.push(2);
        assert_eq!(*first, [1]);
        assert_eq!(second.into_vec(), [1, 2]);
    }

    #[test]
    fn no_parts_are_no_parts() {
        let mut emptied = SharedVec::from([1]);
        emptied.to_mut().clear();
        assert_eq!(emptied, SharedVec::EMPTY);
        assert_eq!(SharedVec::<i32>::from(Vec::new()), SharedVec::EMPTY);
    }
}
