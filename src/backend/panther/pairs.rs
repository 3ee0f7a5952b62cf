//! The entries of an object as loops over its keys and values: `for key, value in event.items()`.
//!
//! An entry is a list of two; where nothing asks for the list itself, each of the two has a variable.

use std::rc::Rc;

use super::code::Code;
use super::notation::Python;
use crate::ir::{Condition, FieldPath, Function, Object, Segment, Term};

/// The variables of an entry, as a loop binds them.
const NAMES: &str = "key, value";

impl Python<'_> {
    /// The variables of a loop over a list, and what it goes through, where the list is of entries and what is asked of them in
    /// `conditions` and `terms` asks for their keys and values alone.
    pub(super) fn entry_loop(
        &self,
        list: &Term,
        conditions: &[&Condition],
        terms: &[&Term],
    ) -> Result<Option<(Rc<str>, Code)>, String> {
        let Term::Call {
            function: Function::Entries,
            arguments,
        } = list
        else {
            return Ok(None);
        };
        let of_pairs = conditions.iter().all(|asked| in_condition(asked, 0))
            && terms.iter().all(|term| in_term(term, 0));
        let is_free = |name: &Rc<str>| {
            !NAMES
                .split(", ")
                .any(|own| name.split(", ").any(|other| other == own))
        };
        let named = self.named.iter().map(|(_, name)| name);
        if !of_pairs || !self.items.iter().chain(named).all(is_free) {
            return Ok(None);
        }
        let [argument] = arguments.as_slice() else {
            return Ok(None);
        };
        let is_event = matches!(argument, Term::Field(path) if path.segments.is_empty());
        let items = if is_event {
            Code::event().method("items", Vec::new())
        } else {
            let entries = Code::call("entries_of", vec![self.single(argument)?]);
            Code::call("items_of", vec![entries])
        };
        Ok(Some((NAMES.into(), items)))
    }

    /// The variable that a path into an item starts with, and the steps that are left.
    pub(super) fn item_steps(
        &self,
        depth: usize,
        path: &FieldPath,
    ) -> Result<(Rc<str>, Vec<Segment>), String> {
        let item = self.item(depth)?;
        let steps = &path.segments[..];
        let Some((key, value)) = item.split_once(", ") else {
            return Ok((item, steps.to_vec()));
        };
        match steps.split_first() {
            Some((Segment::Index(0), rest)) => Ok((key.into(), rest.to_vec())),
            Some((Segment::Index(1), rest)) => Ok((value.into(), rest.to_vec())),
            _ => Err("an entry as a whole".to_owned()),
        }
    }

    /// Whether the term is the key of an entry, which is a text.
    pub(super) fn is_entry_key(&self, term: &Term) -> bool {
        let Term::Item { depth, path } = term else {
            return false;
        };
        matches!(path.segments[..], [Segment::Index(0)])
            && self.item(*depth).is_ok_and(|name| *name == *NAMES)
    }
}

/// Whether the condition asks for the keys and values of entries alone, which are `depth` lists out.
fn in_condition(condition: &Condition, depth: usize) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().all(|part| in_condition(part, depth))
        }
        Condition::Not(inner) => in_condition(inner, depth),
        Condition::Test(predicate) => {
            let object = match &predicate.object {
                Object::Term(term) => in_term(term, depth),
                _ => true,
            };
            object && in_term(&predicate.subject, depth)
        }
        Condition::Items { list, body, .. } => {
            in_term(list, depth) && in_condition(body, depth + 1)
        }
    }
}

fn in_term(term: &Term, depth: usize) -> bool {
    match term {
        Term::Item { depth: own, path } if *own == depth => {
            matches!(path.segments.first(), Some(Segment::Index(0 | 1)))
        }
        Term::Field(_) | Term::Item { .. } | Term::Literal(_) => true,
        // What is taken again is about values within values.
        Term::Call {
            function: Function::Recurse | Function::Again,
            ..
        } => false,
        Term::Call { arguments, .. } => arguments.iter().all(|part| in_term(part, depth)),
        Term::Choice { cases, otherwise } => {
            let in_cases = cases
                .iter()
                .all(|case| in_condition(&case.when, depth) && in_term(&case.then, depth));
            in_cases && in_term(otherwise, depth)
        }
        Term::Select { list, when, item } => {
            in_term(list, depth) && in_condition(when, depth + 1) && in_term(item, depth + 1)
        }
        Term::Aggregate { argument, .. } => {
            argument.as_ref().is_none_or(|part| in_term(part, depth))
        }
    }
}
