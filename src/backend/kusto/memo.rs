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

#[cfg(test)]
mod tests {
    use super::super::value::Kind;
    use super::*;
    use crate::backend::fragment::Fragment;
    use crate::backend::notation::Spelled;
    use crate::ir::{Case, Condition, Implied, Operator, Shared};

    fn asked(implied: bool) -> Predicate {
        let field = Term::field(["field"]);
        let mut predicate = Predicate::new(field, Operator::Exists, Object::None);
        predicate.implied = Implied(implied);
        predicate
    }

    fn choice(implied: bool) -> Term {
        let case = Case {
            when: Condition::from(asked(implied)),
            then: Term::text("there"),
        };
        Term::Choice {
            cases: [case].into(),
            otherwise: Shared::new(Term::text("not there")),
        }
    }

    fn value(memo: &Memo, term: &Term, text: &str) -> String {
        let found = memo.value(term, || Ok(Value::atom(text, Kind::Text)));
        found.unwrap().text()
    }

    #[test]
    fn what_was_found_out_is_known_again() {
        let memo = Memo::default();
        let call = || Term::call(Function::Length, [Term::field(["field"])]);
        assert_eq!(value(&memo, &call(), "one"), "one");
        assert_eq!(value(&memo, &call(), "two"), "one");
        let other = Term::call(Function::Length, [Term::field(["other"])]);
        assert_eq!(value(&memo, &other, "three"), "three");
    }

    #[test]
    fn an_implied_question_is_another_one() {
        let memo = Memo::default();
        let spelling = |predicate: &Predicate, negated: bool, text: &str| {
            let made = || {
                let spelled = Spelled::exact(Fragment::atom(text));
                Ok(Spelling::Text(spelled, false))
            };
            match memo.spelling(predicate, negated, made) {
                Ok(Spelling::Text(spelled, _)) => spelled.fragment.flat(),
                other => format!("{other:?}"),
            }
        };
        assert_eq!(asked(true), asked(false));
        assert_eq!(spelling(&asked(false), false, "written"), "written");
        assert_eq!(spelling(&asked(true), false, "implied"), "implied");
        assert_eq!(spelling(&asked(false), true, "negated"), "negated");
        assert_eq!(spelling(&asked(false), false, "again"), "written");
    }

    #[test]
    fn a_choice_is_known_again_where_it_is_the_very_same() {
        let memo = Memo::default();
        let (written, implied) = (choice(false), choice(true));
        assert_eq!(written, implied);
        for around in [
            |term: &Term| term.clone(),
            |term: &Term| Term::call(Function::Length, [term.clone()]),
        ] {
            let (written, implied) = (around(&written), around(&implied));
            assert_eq!(value(&memo, &written, "written"), "written");
            assert_eq!(value(&memo, &implied, "implied"), "implied");
            assert_eq!(value(&memo, &written.clone(), "again"), "written");
        }
    }
}
