//! `sorted`, `min` and `max` of items that depend on the event, and `.sort()`: an order of their own or that of a key.
//!
//! Refused: keys that are neither texts nor numbers, and items of which some may be lists.

use super::argument::Arguments;
use super::entries::projected;
use super::exception::Exception;
use super::parts::{any_there, one};
use super::term::list_term;
use super::value::{Data, Parts, SequenceKind, Value};
use super::{Executor, Outcome};
use crate::ir::{Condition, Function, Kind, Literal, Object, Operator, Term};

impl<'m> Executor<'m> {
    /// `sorted`, `min` or `max`.
    pub(super) fn sorting(
        &mut self,
        name: &str,
        parts: &Parts<'m>,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let key = arguments.keyword("key");
        let key = key.filter(|key| !matches!(key, Value::Constant(Literal::Null)));
        let keyed = match &key {
            Some(key) => Some(self.keyed(parts, key)?),
            None => None,
        };
        let function = match name {
            "sorted" => {
                return self.sorted(parts, keyed, arguments.keyword("reverse").as_ref());
            }
            "min" => Function::Least,
            _ => Function::Greatest,
        };
        self.extreme(function, parts, keyed, arguments.keyword("default"))
    }

    /// Every item as a pair of its key and itself.
    fn keyed(&mut self, parts: &Parts<'m>, key: &Value<'m>) -> Outcome<Parts<'m>> {
        let pairs = self.mapped(parts, false, &mut |this, item| {
            let arguments = Arguments::positional(vec![item.clone()]);
            let key = this.call(key.clone(), arguments)?;
            if matches!(key, Value::Sequence(_) | Value::Comprehension(_)) {
                return this.refuse("the key of an order must be a text or a number");
            }
            let pair = this.sequence(SequenceKind::Tuple, vec![key, item]);
            Ok(vec![one(Condition::TRUE, pair)])
        })?;
        self.ordered_items(&projected(&pairs, 0))?;
        Ok(pairs)
    }

    fn sorted(
        &mut self,
        parts: &Parts<'m>,
        keyed: Option<Parts<'m>>,
        reverse: Option<&Value<'m>>,
    ) -> Outcome<Value<'m>> {
        let backwards = match reverse {
            None => false,
            Some(value) => match value {
                Value::Constant(literal) => super::predicate::constant_truth(literal),
                _ => return self.refuse("`sorted()` requires a known `reverse`"),
            },
        };
        let function = if keyed.is_some() {
            Function::SortPairs
        } else {
            self.ordered_items(parts)?;
            Function::Sort
        };
        let term = self.term_of_parts(keyed.as_ref().unwrap_or(parts))?;
        let (kind, plain) = self.element_of(parts)?;
        let part = self.each_of(in_order(function, term, backwards), kind, plain);
        Ok(self.listed(SequenceKind::List, vec![part]))
    }

    pub(super) fn term_of_parts(&mut self, parts: &Parts<'m>) -> Outcome<Term> {
        match list_term(SequenceKind::List, parts) {
            Some(term) => Ok(term),
            None => self.refuse("the items of this list cannot be expressed"),
        }
    }

    fn extreme(
        &mut self,
        function: Function,
        parts: &Parts<'m>,
        keyed: Option<Parts<'m>>,
        default: Option<Value<'m>>,
    ) -> Outcome<Value<'m>> {
        let there = any_there(parts);
        let term = match keyed {
            None => {
                self.ordered_items(parts)?;
                Term::call(function, [self.term_of_parts(parts)?])
            }
            Some(keyed) => {
                let keyed = self.term_of_parts(&keyed)?;
                let backwards = function == Function::Greatest;
                let ordered = in_order(Function::SortPairs, keyed, backwards);
                super::predicate::item(&ordered, 0)
            }
        };
        let (kind, plain) = self.element_of(parts)?;
        let found = Value::Data(Data { term, kind, plain });
        self.either(
            there,
            |_| Ok(found),
            |this| match default {
                Some(default) => Ok(default),
                None => this.raise(Exception::VALUE),
            },
        )
    }

    /// Raises where the items cannot be ordered against each other.
    fn ordered_items(&mut self, parts: &Parts<'m>) -> Outcome<()> {
        let (kind, plain) = self.element_of(parts)?;
        let empty = any_there(parts).as_constant() == Some(false);
        if empty || matches!(kind, Some(Kind::Text | Kind::Integer | Kind::Boolean)) {
            return Ok(());
        }
        let term = Term::call(Function::Sort, [self.term_of_parts(parts)?]);
        let ordered = self.implied(term, Operator::Exists, Object::None);
        if plain && kind != Some(Kind::Number) {
            // Python's own lists can be ordered, too.
            return self.unknown_where(
                ordered.negate(),
                "items that are neither all texts nor all numbers count as an exception when they are ordered",
            );
        }
        self.raise_if(ordered.negate(), Exception::TYPE)
    }
}

/// The list in order; backwards, equal items stay in theirs.
fn in_order(function: Function, list: Term, backwards: bool) -> Term {
    if !backwards {
        return Term::call(function, [list]);
    }
    let list = Term::call(Function::Reverse, [list]);
    let sorted = Term::call(function, [list]);
    Term::call(Function::Reverse, [sorted])
}
