//! A fragment with others in place of some of its parts.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{ATOM, Fragment, Layout};

/// What fragments with parts have become, each by where these are in memory: a copy shares them.
type Known = FxHashMap<Place, Option<Fragment>>;

/// Where the parts of a fragment are, and where what it may be instead is, with its strength and whether it stays on one line.
type Place = (usize, usize, u8, bool);

impl Fragment {
    /// The fragment with others in place of parts, found from the outside in; nothing where none is changed. What stands in the place
    /// of a part is an atom. Each is asked for once, however often it stands there.
    #[must_use]
    pub fn changed(&self, change: &mut dyn FnMut(&Self) -> Option<Self>) -> Option<Self> {
        self.changed_once(change, &mut Known::default())
    }

    fn changed_once(
        &self,
        change: &mut dyn FnMut(&Self) -> Option<Self>,
        known: &mut Known,
    ) -> Option<Self> {
        let place = self.place();
        if let Some(changed) = place.and_then(|place| known.get(&place)) {
            return changed.clone();
        }
        let changed = change(self).or_else(|| self.changed_within(change, known));
        if let Some(place) = place {
            known.insert(place, changed.clone());
        }
        changed
    }

    /// What tells the fragment from others that are there as well; nothing where it has no parts, or no copy.
    fn place(&self) -> Option<Place> {
        let (copies, parts) = match &self.layout {
            Layout::Text(_) => return None,
            Layout::Around { open, .. } | Layout::List { open, .. } => {
                (Arc::strong_count(open), open.as_ptr().addr())
            }
            Layout::Infix { parts, .. } | Layout::Form { parts, .. } | Layout::Row(parts) => {
                (Arc::strong_count(parts), parts.as_ptr().addr())
            }
        };
        if copies < 2 {
            return None;
        }
        let shorter = self.shorter.as_ref();
        let shorter = shorter.map_or(0, |other| Arc::as_ptr(other).addr());
        let is_flat = matches!(self.layout, Layout::Infix { is_flat: true, .. });
        Some((parts, shorter, self.strength, is_flat))
    }

    fn changed_within(
        &self,
        change: &mut dyn FnMut(&Self) -> Option<Self>,
        known: &mut Known,
    ) -> Option<Self> {
        let layout = match &self.layout {
            Layout::Text(_) => return None,
            Layout::Around { open, inner, close } => {
                let inner = inner.changed_once(change, known)?;
                // Brackets that grouped the part group nothing around a name.
                if **open == *"(" && **close == *")" && inner.strength == ATOM {
                    return Some(inner);
                }
                Layout::Around {
                    open: Arc::clone(open),
                    inner: Arc::new(inner),
                    close: Arc::clone(close),
                }
            }
            Layout::Form { pieces, parts } => Layout::Form {
                pieces: Arc::clone(pieces),
                parts: changed_parts(parts, change, known)?.into(),
            },
            Layout::Infix {
                word,
                parts,
                is_flat,
            } => {
                let new = Self::infix(word, self.strength, changed_parts(parts, change, known)?);
                return Some(if *is_flat { new.unbroken() } else { new });
            }
            Layout::Row(items) => Layout::Row(changed_parts(items, change, known)?.into()),
            Layout::List {
                head,
                open,
                items,
                close,
            } => {
                let new_head = head
                    .as_ref()
                    .and_then(|head| head.changed_once(change, known));
                let new_items = changed_parts(items, change, known);
                if new_head.is_none() && new_items.is_none() {
                    return None;
                }
                Layout::List {
                    head: new_head.map(Arc::new).or_else(|| head.clone()),
                    open: Arc::clone(open),
                    items: new_items.map_or_else(|| Arc::clone(items), Arc::from),
                    close: Arc::clone(close),
                }
            }
        };
        Some(Self::new(layout, self.strength))
    }
}

/// The parts with others in place of those that are changed; nothing where none is.
fn changed_parts(
    parts: &[Fragment],
    change: &mut dyn FnMut(&Fragment) -> Option<Fragment>,
    known: &mut Known,
) -> Option<Vec<Fragment>> {
    let mut changed: Option<Vec<Fragment>> = None;
    for (at, part) in parts.iter().enumerate() {
        match (part.changed_once(change, known), &mut changed) {
            (Some(new), Some(changed)) => changed.push(new),
            (Some(new), None) => {
                let before = parts[..at].iter().cloned();
                changed = Some(before.chain([new]).collect());
            }
            (None, Some(changed)) => changed.push(part.clone()),
            (None, None) => {}
        }
    }
    changed
}
