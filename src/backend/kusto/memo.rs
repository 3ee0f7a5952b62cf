//! What was found out about terms and predicates where the same can be read, so that it is found out once.
//!
//! A selection, the choices of its outputs and the report on them ask for the same few predicates again and again. Invariant: what
//! is kept is what would be computed anew. Equal terms have one expression, except that a choice takes note of which of its questions
//! are implied ([`Implied`](crate::ir::Implied)), which equality does not see: such a term is known again where it is the very same.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::notation::Spelling;
use super::place::Gap;
use super::value::Value;
use crate::ir::{Fingerprint, Function, Object, Predicate, Term};

/// A predicate's fingerprint, whether it is implied, and whether it is asked for negated.
type Asked = (Fingerprint, bool, bool);

/// Of what something was found out, and what.
type Known<T, F> = (T, Result<F, Gap>);

/// What tells a term from others.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Told {
    /// It is equal.
    Equal(Fingerprint),
    /// It is a call of the function with the same list of arguments.
    Call(Function, usize),
    /// It is a choice among the same list of cases, with the same last value.
    Choice(usize, usize),
}

/// The terms and predicates of one scope. What is kept beside a result keeps the addresses in its key from being given to others.
#[derive(Debug, Default)]
pub(super) struct Memo {
    values: RefCell<FxHashMap<Told, Known<Term, Value>>>,
    spellings: RefCell<FxHashMap<Asked, Known<Predicate, Spelling>>>,
}

impl Memo {
    /// The expression for a term.
    pub(super) fn value(
        &self,
        term: &Term,
        compute: impl FnOnce() -> Result<Value, Gap>,
    ) -> Result<Value, Gap> {
        if let Some(told) = told(term)
            && let Some((known, value)) = self.values.borrow().get(&told)
            && known == term
        {
            return value.clone();
        }
        let value = compute();
        let kept = term.clone();
        // Only now that there is a copy of it, its parts have an identity.
        if let Some(told) = told(term) {
            let mut values = self.values.borrow_mut();
            values.insert(told, (kept, value.clone()));
        }
        value
    }

    /// The words for a predicate, or for its negation.
    pub(super) fn spelling(
        &self,
        predicate: &Predicate,
        negated: bool,
        compute: impl FnOnce() -> Result<Spelling, Gap>,
    ) -> Result<Spelling, Gap> {
        let other = match &predicate.object {
            Object::Term(term) => is_plain(term),
            _ => true,
        };
        if !other || !is_plain(&predicate.subject) {
            return compute();
        }
        let asked = (predicate.fingerprint(), predicate.implied.0, negated);
        if let Some((known, spelling)) = self.spellings.borrow().get(&asked)
            && known == predicate
        {
            return spelling.clone();
        }
        let spelling = compute();
        let mut spellings = self.spellings.borrow_mut();
        spellings.insert(asked, (predicate.clone(), spelling.clone()));
        spelling
    }
}

/// Whether no condition stands in the term.
fn is_plain(term: &Term) -> bool {
    match term {
        Term::Field(_) | Term::Item { .. } | Term::Literal(_) => true,
        Term::Call { arguments, .. } => arguments.iter().all(is_plain),
        Term::Choice { .. } | Term::Select { .. } => false,
        Term::Aggregate { argument, .. } => {
            argument.as_ref().is_none_or(|argument| is_plain(argument))
        }
    }
}

/// What tells the term from others; nothing where that cannot be said, or where it is computed as fast as looked up.
fn told(term: &Term) -> Option<Told> {
    match term {
        Term::Literal(_) | Term::Item { .. } | Term::Select { .. } | Term::Aggregate { .. } => None,
        Term::Call {
            function,
            arguments,
        } if !is_plain(term) => Some(Told::Call(*function, arguments.identity()?)),
        Term::Field(_) | Term::Call { .. } => Some(Told::Equal(term.fingerprint())),
        Term::Choice { cases, otherwise } => {
            Some(Told::Choice(cases.identity()?, otherwise.identity()?))
        }
    }
}
