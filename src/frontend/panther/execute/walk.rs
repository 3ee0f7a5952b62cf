//! `event.deep_walk()`: the values below keys, through lists of any depth.
//!
//! Keys are spelt exactly so there, and what is found is Python's own lists and dictionaries. Invariant: where an item of a list
//! gives what Python cannot hash, an exception is raised.

use super::argument::Arguments;
use super::exception::Exception;
use super::value::{Data, Value};
use super::{Executor, Outcome};
use crate::ir::{FieldPath, Function, Literal, Object, Operator, Term};

impl<'m> Executor<'m> {
    /// `event.deep_walk(*keys, default=None, return_val="all")`.
    pub(super) fn deep_walk(&mut self, arguments: &Arguments<'m>) -> Outcome<Value<'m>> {
        let known = |name: &str| matches!(name, "default" | "return_val");
        if arguments.keywords.iter().any(|(name, _)| !known(name)) {
            return self.raise(Exception::TYPE);
        }
        let mut keys = Vec::new();
        for key in &arguments.positional {
            match key.as_text() {
                Some(key) => keys.push(Literal::text(key)),
                None => return self.refuse("the keys of `event.deep_walk()` must be known texts"),
            }
        }
        let default = arguments.keyword("default").unwrap_or(Value::NONE);
        let Some(default) = default.as_literal() else {
            return self.refuse("the default of `event.deep_walk()` must be known");
        };
        let which = arguments.keyword("return_val");
        let which = which.unwrap_or_else(|| Value::text("all"));
        let Some(which @ ("first" | "last" | "all")) = which.as_text() else {
            return self.refuse("`return_val` must be `first`, `last` or `all`");
        };
        let term = Term::call(
            Function::Walk,
            [
                Term::Field(FieldPath::root()),
                Term::Literal(Literal::List(keys)),
                Term::Literal(default),
                Term::text(which),
            ],
        );
        let hashable = self.implied(term.clone(), Operator::Exists, Object::None);
        self.raise_if(hashable.negate(), Exception::TYPE)?;
        Ok(Value::Data(Data {
            term,
            kind: None,
            plain: true,
        }))
    }
}
