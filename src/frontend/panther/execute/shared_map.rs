//! A map of few keys in their order, which its copies share until one of them is changed.
//!
//! Names and states are copied wherever paths part, and most paths leave them as they are. Invariant: to its readers a copy is a
//! map of its own.

use std::borrow::Borrow;
use std::fmt;
use std::rc::Rc;

/// A sorted list of keys and values; without keys it takes no memory.
pub(in crate::frontend::panther) struct SharedMap<K, V>(Option<Rc<Vec<(K, V)>>>);

impl<K, V> SharedMap<K, V> {
    fn entries(&self) -> &[(K, V)] {
        self.0.as_ref().map_or(&[], |entries| entries.as_slice())
    }

    /// The keys and their values.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.entries().iter().map(|(key, value)| (key, value))
    }

    /// The keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        self.entries().iter().map(|(key, _)| key)
    }

    /// The values.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.entries().iter().map(|(_, value)| value)
    }

    /// Whether there are no keys.
    pub(super) fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    /// Whether both are one and the same.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            _ => self.is_empty() && other.is_empty(),
        }
    }
}

impl<K: Ord + Clone, V: Clone> SharedMap<K, V> {
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.entries()
            .binary_search_by(|(other, _)| other.borrow().cmp(key))
    }

    fn entries_mut(&mut self) -> &mut Vec<(K, V)> {
        Rc::make_mut(self.0.get_or_insert_default())
    }

    /// The value of a key.
    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        self.entries().get(at).map(|(_, value)| value)
    }

    /// Whether the key has a value.
    pub(super) fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Sets the value of a key.
    pub(super) fn insert(&mut self, key: K, value: V) {
        let found = self.find(&key);
        let entries = self.entries_mut();
        match found {
            Ok(at) => entries[at].1 = value,
            Err(at) => entries.insert(at, (key, value)),
        }
    }

    /// The values, to be changed.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        let entries = (!self.is_empty()).then(|| self.entries_mut());
        entries.into_iter().flatten().map(|(_, value)| value)
    }
}

impl<K: Ord + Clone, V: Clone> Extend<(K, V)> for SharedMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord + Clone, V: Clone> FromIterator<(K, V)> for SharedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        map.extend(entries);
        map
    }
}

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> Self {
        Self(None)
    }
}

impl<K, V> Clone for SharedMap<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for SharedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_by_its_maker_only() {
        let first: SharedMap<&str, i32> = [("b", 2), ("a", 1)].into_iter().collect();
        let mut second = first.clone();
        assert!(first.is(&second));
        second.insert("c", 3);
        second.insert("a", 0);
        assert_eq!(first.keys().collect::<Vec<_>>(), [&"a", &"b"]);
        assert_eq!(
            second.iter().collect::<Vec<_>>(),
            [(&"a", &0), (&"b", &2), (&"c", &3)]
        );
    }

    #[test]
    fn nothing_is_the_same_as_nothing() {
        let mut nothing = SharedMap::<&str, i32>::default();
        assert_eq!(nothing.values_mut().next(), None);
        assert!(nothing.is(&SharedMap::default()));
    }
}
