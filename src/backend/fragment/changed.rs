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
        let mut all = |parts: &[Self]| changed_parts(parts, change);
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
                parts: all(parts)?.into(),
            },
            Layout::Infix {
                word,
                parts,
                is_flat,
            } => {
                let new = Self::infix(word, self.strength, all(parts)?);
                return Some(if *is_flat { new.unbroken() } else { new });
            }
            Layout::Row(items) => Layout::Row(all(items)?.into()),
            Layout::List {
                head,
                open,
                items,
                close,
            } => {
                let whole: Vec<Self> = head.iter().map(|head| (**head).clone()).collect();
                let whole: Vec<Self> = whole.into_iter().chain(items.iter().cloned()).collect();
                let mut whole = all(&whole)?;
                let items = whole.split_off(usize::from(head.is_some()));
                Layout::List {
                    head: whole.pop().map(Arc::new),
                    open: Arc::clone(open),
                    items: items.into(),
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
    let new: Vec<Option<Fragment>> = parts.iter().map(|part| part.changed(change)).collect();
    new.iter().any(Option::is_some).then(|| {
        let both = new.into_iter().zip(parts);
        let parts = both.map(|(new, old)| new.unwrap_or_else(|| old.clone()));
        parts.collect()
    })
}
