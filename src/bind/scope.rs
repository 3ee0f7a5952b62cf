//! The names that statements define, as a chain: a name sees those that were defined before it, so that no definition can reach
//! itself. The chain is taken apart step by step, so that its length is not a depth of the stack.

use std::borrow::Cow;
use std::rc::Rc;

use super::value::Value;

struct Node<'a> {
    name: Cow<'a, str>,
    value: Value<'a>,
    parent: Scope<'a>,
}

/// The names visible at a place, the latest first.
#[derive(Clone, Default)]
pub(crate) struct Scope<'a>(Option<Rc<Node<'a>>>);

impl<'a> Scope<'a> {
    /// The scope with one more name.
    pub(crate) fn with(&self, name: impl Into<Cow<'a, str>>, value: Value<'a>) -> Self {
        Self(Some(Rc::new(Node {
            name: name.into(),
            value,
            parent: self.clone(),
        })))
    }

    /// What the name stands for.
    pub(crate) fn find(&self, name: &str) -> Option<&Value<'a>> {
        let mut node = self.0.as_ref();
        while let Some(here) = node {
            if here.name == name {
                return Some(&here.value);
            }
            node = here.parent.0.as_ref();
        }
        None
    }

    /// Every name, the latest first.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        let mut node = self.0.as_ref();
        while let Some(here) = node {
            names.push(here.name.as_ref());
            node = here.parent.0.as_ref();
        }
        names
    }
}

impl Drop for Scope<'_> {
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(node) = next {
            next = Rc::into_inner(node).and_then(|mut node| node.parent.0.take());
        }
    }
}
