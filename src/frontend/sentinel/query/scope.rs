//! The names that `let` statements and function parameters define.
//!
//! A scope is a chain; what a name was bound to sees exactly the names that were defined before it, so that no definition can
//! reach itself. The chain is taken apart step by step, so that its length is not a depth of the stack.

use std::rc::Rc;

use super::value::{Lowered, Value};
use crate::syntax::kql::ast::{Expression, Function, Pipeline};

/// What a name stands for.
#[derive(Clone)]
pub(super) enum Bound<'q> {
    /// A scalar or a list, or the reason why it has no value.
    Value(Lowered<Value>),
    /// A parameter of the function around; columns do not hide it.
    Parameter(Lowered<Value>),
    /// A table with stages.
    Pipeline(&'q Pipeline),
    /// A table as an expression: a name, a call, a data table.
    Table(&'q Expression),
    /// A function.
    Function(&'q Function),
}

struct Node<'q> {
    name: &'q str,
    bound: Bound<'q>,
    parent: Scope<'q>,
}

/// The names visible at a place, the latest first.
#[derive(Clone, Default)]
pub(super) struct Scope<'q>(Option<Rc<Node<'q>>>);

impl<'q> Scope<'q> {
    /// The scope with one more name.
    pub(super) fn with(&self, name: &'q str, bound: Bound<'q>) -> Self {
        Self(Some(Rc::new(Node {
            name,
            bound,
            parent: self.clone(),
        })))
    }

    /// What the name stands for, and the names that are visible to it.
    pub(super) fn find(&self, name: &str) -> Option<(&Bound<'q>, &Self)> {
        let mut node = self.0.as_ref();
        while let Some(here) = node {
            if here.name == name {
                return Some((&here.bound, &here.parent));
            }
            node = here.parent.0.as_ref();
        }
        None
    }

    /// The parameter with this name.
    pub(super) fn parameter(&self, name: &str) -> Option<&Lowered<Value>> {
        match self.find(name) {
            Some((Bound::Parameter(value), _)) => Some(value),
            _ => None,
        }
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
