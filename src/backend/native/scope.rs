//! One function of an emitted module: its variables, and the terms they hold.
//!
//! Every term that a condition asks about becomes a variable, an `Option` of a value, borrowed from the event or computed. A
//! variable is written once, before the condition. Refused: a path through every item of a list inside a computed term, values
//! that depend on a condition, and values over several events.

use std::cell::RefCell;

use serde_json::Value;

use super::layout::{self, Argument};
use super::module::{self, Module};
use super::quote;
use crate::backend::names;
use crate::ir::{FieldPath, Function, Literal, Segment, Term, uncommon_function};

/// The longest name of a variable.
const LONGEST: usize = 18;

/// The longest constant that is written where it is used.
const SHORT: usize = 22;

/// The function being written.
#[derive(Debug)]
pub(super) struct Scope<'m> {
    /// The module it belongs to.
    pub(super) module: &'m Module,
    /// The variables of the items around, the innermost last.
    pub(super) items: Vec<String>,
    variables: RefCell<Vec<Variable>>,
}

#[derive(Debug)]
struct Variable {
    /// What it holds.
    key: Key,
    name: String,
    /// Its `let`.
    line: String,
    /// Whether the value is its own rather than a part of the event.
    owned: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Key {
    Term(Term),
    Lowercase(Term),
    /// A constant.
    Literal(Value),
    /// A part of a path, by the variable it starts from.
    Step(String, Vec<Segment>),
}

impl<'m> Scope<'m> {
    pub(super) fn new(module: &'m Module, items: Vec<String>) -> Self {
        Self {
            module,
            items,
            variables: RefCell::default(),
        }
    }

    /// The `let` lines.
    pub(super) fn lines(&self) -> Vec<String> {
        self.variables
            .borrow()
            .iter()
            .map(|variable| variable.line.clone())
            .collect()
    }

    /// The value of a term as an `Option<&Value>`; with every text in lower case where `fold` says so.
    pub(super) fn value(&self, term: &Term, fold: bool) -> Result<String, String> {
        if !fold {
            return self.plain(term);
        }
        let key = Key::Lowercase(term.clone());
        if let Some(known) = self.known(&key) {
            return Ok(known);
        }
        let value = self.plain(term)?;
        Ok(self.bind(
            key,
            &stem(term),
            "lowercase",
            &[Argument::Text(value)],
            true,
        ))
    }

    fn plain(&self, term: &Term) -> Result<String, String> {
        if let Term::Literal(literal) = term {
            return Ok(self.literal(&literal.to_json()));
        }
        let key = Key::Term(term.clone());
        if let Some(known) = self.known(&key) {
            return Ok(known);
        }
        match term {
            Term::Field(path) => self.path("event", path),
            Term::Item { depth, path } => {
                let at = self.items.len().checked_sub(depth + 1);
                let item = at.and_then(|at| self.items.get(at));
                let item = item.ok_or("an item outside of its quantifier")?;
                self.path(item, path)
            }
            Term::Literal(_) => Err("a constant in place of a value".to_owned()),
            Term::Call {
                function: Function::Anywhere,
                ..
            } => {
                let event = Argument::Text("event".to_owned());
                Ok(self.bind(key, "texts", "texts_in", &[event], true))
            }
            Term::Call {
                function,
                arguments,
            } => self.call(key, *function, arguments, &stem(term)),
            Term::Choice { .. } => Err("a value that depends on a condition".to_owned()),
            Term::Select { .. } => Err("a list made of a list's items".to_owned()),
            Term::Aggregate { .. } => {
                Err("a value over several events, of which a matcher sees one".to_owned())
            }
        }
    }

    /// A constant as an `Option<&Value>`; a long one gets a variable.
    pub(super) fn literal(&self, value: &Value) -> String {
        let text = quote::value(value);
        if text.chars().count() <= SHORT {
            return format!("Some(&{text})");
        }
        let key = Key::Literal(value.clone());
        if let Some(known) = self.known(&key) {
            return format!("Some(&{known})");
        }
        let name = self.free("wanted");
        let line = format!("    let {name} = {text};");
        self.variables.borrow_mut().push(Variable {
            key,
            name: name.clone(),
            line,
            owned: false,
        });
        format!("Some(&{name})")
    }

    /// A name for a variable.
    fn free(&self, stem: &str) -> String {
        let variables = self.variables.borrow();
        let taken = |name: &str| {
            module::is_reserved(name)
                || self.items.iter().any(|item| item == name)
                || variables.iter().any(|variable| variable.name == name)
        };
        let stem = if module::is_reserved(stem) {
            format!("{stem}_value")
        } else {
            stem.to_owned()
        };
        module::first_free(&stem, taken)
    }

    fn known(&self, key: &Key) -> Option<String> {
        let variables = self.variables.borrow();
        variables
            .iter()
            .find(|variable| variable.key == *key)
            .map(Variable::reference)
    }

    /// Writes `let name = function(arguments);` and returns how the variable is referred to.
    fn bind(
        &self,
        key: Key,
        stem: &str,
        function: &str,
        arguments: &[Argument],
        owned: bool,
    ) -> String {
        let name = self.free(stem);
        let call = layout::call(&format!("let {name} = "), function, arguments, ";", 4);
        let line = format!("    {call}");
        let variable = Variable {
            key,
            name,
            line,
            owned,
        };
        let reference = variable.reference();
        self.variables.borrow_mut().push(variable);
        reference
    }

    /// The value at a path below a `&Value`.
    fn path(&self, base: &str, path: &FieldPath) -> Result<String, String> {
        if path.segments.is_empty() {
            return Ok(format!("Some({base})"));
        }
        let mut from = base.to_owned();
        let mut is_base = true;
        let mut rest = path.segments.as_slice();
        while let Some(first) = rest.first() {
            let (taken, function, arguments) = match first {
                Segment::Key(_) => {
                    let keys: Vec<String> = leading_keys(rest);
                    let taken = keys.len();
                    let helper = if is_base { "field" } else { "below" };
                    let arguments = vec![Argument::Text(from.clone()), Argument::List(keys)];
                    (taken, helper, arguments)
                }
                Segment::Exact(name) => {
                    let object = if is_base {
                        format!("Some({from})")
                    } else {
                        from.clone()
                    };
                    let arguments = vec![Argument::Text(object), Argument::Text(quote::text(name))];
                    (1, "exact", arguments)
                }
                Segment::Index(index) => {
                    let list = if is_base {
                        format!("Some({from})")
                    } else {
                        from.clone()
                    };
                    (
                        1,
                        "item_at",
                        vec![Argument::Text(list), Argument::Text(index.to_string())],
                    )
                }
                Segment::Each => {
                    return Err(
                        "a path through every item of a list inside a computed value".to_owned(),
                    );
                }
            };
            let (step, after) = rest.split_at(taken);
            let key = Key::Step(from.clone(), step.to_vec());
            from = match self.known(&key) {
                Some(known) => known,
                None => self.bind(key, &stem_of(step), function, &arguments, false),
            };
            is_base = false;
            rest = after;
        }
        Ok(from)
    }

    fn call(
        &self,
        key: Key,
        function: Function,
        arguments: &[Term],
        stem: &str,
    ) -> Result<String, String> {
        let Some(helper) = helper(function)? else {
            let argument = arguments.first().ok_or("`each` takes one argument")?;
            return self.plain(argument);
        };
        let mut written = self.arguments(function, arguments)?;
        if function == Function::Substring && written.len() == 2 {
            written.push("None".to_owned());
        }
        let written = if matches!(function, Function::Concat | Function::Coalesce) {
            vec![Argument::List(written)]
        } else {
            written.into_iter().map(Argument::Text).collect()
        };
        let borrowed = matches!(
            function,
            Function::Member | Function::MemberExact | Function::Item
        );
        Ok(self.bind(key, stem, helper, &written, !borrowed))
    }

    fn arguments(&self, function: Function, arguments: &[Term]) -> Result<Vec<String>, String> {
        let found = |text: &Term, pattern: &str| -> Result<Vec<String>, String> {
            let name = self.pattern(text, pattern)?;
            Ok(vec![self.plain(text)?, format!("&{name}")])
        };
        match (function, arguments) {
            (Function::Member | Function::MemberExact | Function::Item, [Term::Literal(_), ..]) => {
                Err(format!("`{}` of a constant", function.name()))
            }
            (Function::IndexOfRegex, [text, Term::Literal(Literal::Text(pattern))]) => {
                found(text, pattern)
            }
            (
                Function::Extract,
                [
                    text,
                    Term::Literal(Literal::Text(pattern)),
                    Term::Literal(Literal::Integer(group)),
                ],
            ) if *group >= 0 => {
                let mut written = found(text, pattern)?;
                written.push(group.to_string());
                Ok(written)
            }
            (Function::Item, [list, Term::Literal(Literal::Integer(index))]) => {
                Ok(vec![self.plain(list)?, index.to_string()])
            }
            (Function::IndexOfRegex | Function::Extract | Function::Item, _) => Err(format!(
                "`{}` with an argument that is not constant",
                function.name()
            )),
            (_, arguments) => arguments
                .iter()
                .map(|argument| self.plain(argument))
                .collect(),
        }
    }

    /// The name of a compiled regular expression.
    pub(super) fn pattern(&self, subject: &Term, pattern: &str) -> Result<String, String> {
        regex::Regex::new(pattern)
            .map_err(|_| format!("the regular expression `{pattern}` is not well-formed"))?;
        let stem = format!("{}_PATTERN", stem(subject).to_ascii_uppercase());
        Ok(self
            .module
            .constant(&stem, module::Kind::Pattern, vec![quote::text(pattern)]))
    }
}

impl Variable {
    fn reference(&self) -> String {
        if self.owned {
            format!("{}.as_ref()", self.name)
        } else {
            self.name.clone()
        }
    }
}

/// The function of the library that computes it, an error where there is none; nothing for one result row per item, which to a condition is the list itself.
fn helper(function: Function) -> Result<Option<&'static str>, String> {
    Ok(Some(match function {
        Function::Lower => "lower",
        Function::Upper => "upper",
        Function::Trim => "trim",
        Function::Length => "length",
        Function::Concat => "concat",
        Function::ToText => "to_text",
        Function::ToNumber => "to_number",
        Function::Coalesce => "coalesce",
        Function::IfMissing => "if_missing",
        Function::ParseJson => "parse_json",
        Function::Member => "member",
        Function::MemberExact => "member_exact",
        Function::Item => "item_at",
        Function::Split => "split",
        Function::Substring => "substring",
        Function::IndexOfRegex => "index_of",
        Function::Replace => "replace",
        Function::Extract => "extract",
        Function::Add => "add",
        Function::Subtract => "subtract",
        uncommon_function!() => {
            return Err(format!("the function `{}`", function.name()));
        }
        Function::Each => return Ok(None),
    }))
}

/// What a variable about a term is called.
pub(super) fn stem(term: &Term) -> String {
    let keys = names::keys(term);
    names::snake(keys.last().copied().unwrap_or_default(), "value", LONGEST)
}

fn stem_of(segments: &[Segment]) -> String {
    let last = segments.iter().rev().find_map(|segment| match segment {
        Segment::Key(key) | Segment::Exact(key) => Some(key.as_str()),
        Segment::Index(_) | Segment::Each => None,
    });
    names::snake(last.unwrap_or_default(), "value", LONGEST)
}

fn leading_keys(segments: &[Segment]) -> Vec<String> {
    segments
        .iter()
        .map_while(|segment| match segment {
            Segment::Key(key) => Some(quote::text(key)),
            Segment::Exact(_) | Segment::Index(_) | Segment::Each => None,
        })
        .collect()
}
