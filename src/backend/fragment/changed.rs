//! A fragment with others in place of some of its parts.

use std::sync::Arc;

use super::{ATOM, Fragment, Layout};

impl Fragment {
    /// The fragment with others in place of parts, found from the outside in; nothing where none is changed. What stands in the place
    /// of a part is an atom.
    #[must_use]
    pub fn changed(&self, change: &mut dyn FnMut(&Self) -> Option<Self>) -> Option<Self> {
        if let Some(other) = change(self) {
            return Some(other);
        }
        let layout = match &self.layout {
            Layout::Text(_) => return None,
            Layout::Around { open, inner, close } => {
                let inner = inner.changed(change)?;
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
                parts: changed_parts(parts, change)?.into(),
            },
            Layout::Infix {
                word,
                parts,
                is_flat,
            } => {
                let new = Self::infix(word, self.strength, changed_parts(parts, change)?);
                return Some(if *is_flat { new.unbroken() } else { new });
            }
            Layout::Row(items) => Layout::Row(changed_parts(items, change)?.into()),
            Layout::List {
                head,
                open,
                items,
                close,
            } => {
                let new_head = head.as_ref().and_then(|head| head.changed(change));
                let new_items = changed_parts(items, change);
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
) -> Option<Vec<Fragment>> {
    let mut changed: Option<Vec<Fragment>> = None;
    for (at, part) in parts.iter().enumerate() {
        match (part.changed(change), &mut changed) {
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
