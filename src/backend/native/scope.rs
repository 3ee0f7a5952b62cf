//! One function of an emitted module: its variables, and the terms they hold.
//!
//! Every term that a condition asks about becomes a variable, an `Option` of a value, borrowed from the event or computed. A
//! variable is written once, before the condition. Refused: values over several events.

use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::layout::{self, Argument};
use super::many;
use super::module::{self, Module};
use super::quote;
use crate::backend::names;
use crate::backend::survey::Survey;
use crate::ir::compute::is_pattern;
use crate::ir::{Condition, FieldPath, Fingerprint, Function, Literal, Segment, Term};

/// The longest name of a variable.
const LONGEST: usize = 18;

/// The longest constant that is written where it is used.
const SHORT: usize = 22;

/// The function being written.
#[derive(Debug)]
pub(super) struct Scope<'m> {
    /// The module it belongs to.
    pub(super) module: &'m Module,
    /// What it may be given.
    pub(super) parameters: Vec<Parameter>,
    /// The names of the items around, the innermost last.
    pub(super) items: Vec<String>,
    /// What is taken of values within values, the innermost last.
    pub(super) recursions: Vec<Recursion>,
    variables: RefCell<Variables>,
    survey: RefCell<Survey>,
}

/// The variables of a function, in the order of their lines.
#[derive(Debug, Default)]
struct Variables {
    list: Vec<Variable>,
    /// Where each stands that holds something by its fingerprint.
    places: FxHashMap<Key, usize>,
    names: FxHashSet<String>,
    /// How the parts of the event are referred to that were asked for.
    parts: FxHashMap<Fingerprint, String>,
    /// The number that the last name of a stem has.
    numbers: FxHashMap<String, usize>,
}

impl Variables {
    fn of(&self, key: &Key) -> Option<&Variable> {
        self.places.get(key).map(|at| &self.list[*at])
    }

    fn push(&mut self, variable: Variable) {
        // What was written first is what is found.
        let at = self.list.len();
        self.places.entry(variable.key.clone()).or_insert(at);
        self.names.insert(variable.name.clone());
        self.list.push(variable);
    }

    fn truncate(&mut self, length: usize) {
        if self.list.len() > length {
            self.parts.clear();
            self.numbers.clear();
        }
        for variable in self.list.drain(length..) {
            self.names.remove(&variable.name);
            if self
                .places
                .get(&variable.key)
                .is_some_and(|at| *at >= length)
            {
                self.places.remove(&variable.key);
            }
        }
    }
}

/// What a function may be given.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) kind: &'static str,
}

impl Parameter {
    pub(super) fn new(name: &str, kind: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
        }
    }
}

/// A function that takes of a value what it takes of values within it.
#[derive(Clone, Debug)]
pub(super) struct Recursion {
    /// Its number in the term.
    pub(super) number: i64,
    pub(super) function: String,
    /// What it is called with, but for the value, which is `item`, and the level.
    pub(super) parameters: Vec<String>,
    pub(super) item: String,
    pub(super) known: String,
    pub(super) level: String,
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

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Term(Fingerprint),
    Lowercase(Fingerprint),
    /// Whether a condition holds.
    Check(Fingerprint),
    /// A constant.
    Literal(Value),
    /// A part of a path, by the variable it starts from.
    Step(String, Vec<Segment>),
}

impl<'m> Scope<'m> {
    /// A function of the event.
    pub(super) fn new(module: &'m Module) -> Self {
        let mut parameters = vec![Parameter::new("event", "&Value")];
        if module.is_timed() {
            parameters.push(Parameter::new("scan_time", "Option<i64>"));
        }
        Self {
            module,
            parameters,
            items: Vec::new(),
            recursions: Vec::new(),
            variables: RefCell::default(),
            survey: RefCell::default(),
        }
    }

    /// A function of an item, called from this one.
    pub(super) fn inner(&self, item: &str) -> Self {
        let mut items = self.items.clone();
        items.push(item.to_owned());
        let mut parameters = self.parameters.clone();
        parameters.push(Parameter::new(item, "&Value"));
        Self {
            module: self.module,
            parameters,
            items,
            recursions: self.recursions.clone(),
            variables: RefCell::default(),
            survey: RefCell::default(),
        }
    }

    /// Looks at what is about to be written.
    pub(super) fn survey(&self, look: impl FnOnce(&mut Survey)) {
        look(&mut self.survey.borrow_mut());
    }

    /// Whether the condition is asked more than once.
    pub(super) fn is_shared(&self, condition: &Condition) -> bool {
        self.survey.borrow().is_shared(condition)
    }

    /// The variable that holds whether a condition holds.
    pub(super) fn checked(&self, condition: &Condition) -> Option<String> {
        self.known(&Key::Check(condition.fingerprint()))
    }

    /// Writes this variable.
    pub(super) fn check(&self, condition: &Condition, text: &str) -> String {
        let name = self.free("condition");
        let line = layout::assigned(&name, text, 4);
        self.add(Key::Check(condition.fingerprint()), name, line, false)
    }

    /// What is written, with no trace of it where it cannot be.
    pub(super) fn attempt<T>(
        &self,
        write: impl FnOnce(&Self) -> Result<T, String>,
    ) -> Result<T, String> {
        let (mark, variables) = (self.module.mark(), self.variables.borrow().list.len());
        let written = write(self);
        if written.is_err() {
            self.module.reset(mark);
            self.variables.borrow_mut().truncate(variables);
        }
        written
    }

    /// The `let` lines.
    pub(super) fn lines(&self) -> Vec<String> {
        self.variables
            .borrow()
            .list
            .iter()
            .map(|variable| variable.line.clone())
            .collect()
    }

    /// The value of a term as an `Option<&Value>`; with every text in lower case where `fold` says so.
    pub(super) fn value(&self, term: &Term, fold: bool) -> Result<String, String> {
        if !fold {
            return self.plain(term);
        }
        let key = Key::Lowercase(term.fingerprint());
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

    /// The value of a term, the first of several.
    pub(super) fn first(&self, term: &Term) -> Result<String, String> {
        if many::is_many(term) {
            let list = many::listed(term)?;
            let first = Term::Literal(Literal::Integer(0));
            return self.plain(&Term::call(Function::Item, [list, first]));
        }
        self.plain(term)
    }

    /// The value of a term that has no more than one.
    pub(super) fn plain(&self, term: &Term) -> Result<String, String> {
        if let Term::Literal(literal) = term {
            return Ok(self.literal(&literal.to_json()));
        }
        let key = Key::Term(term.fingerprint());
        if let Some(known) = self.known(&key) {
            return Ok(known);
        }
        match term {
            Term::Field(path) => self.part(term.fingerprint(), "event", path),
            Term::Item { depth, path } => {
                let at = self.items.len().checked_sub(depth + 1);
                let item = at.and_then(|at| self.items.get(at));
                let item = item.ok_or("an item outside of its quantifier")?;
                self.part(term.fingerprint(), item, path)
            }
            Term::Literal(_) => Err("a constant in place of a value".to_owned()),
            Term::Call {
                function,
                arguments,
            } => self.call(key, *function, arguments, &stem(term)),
            Term::Choice { cases, otherwise } => self.choice(key, cases, otherwise, &stem(term)),
            Term::Select { list, when, item } => self.select(key, list, when, item, &stem(term)),
            Term::Aggregate { .. } => {
                Err("a value over several events, of which a matcher sees one".to_owned())
            }
        }
    }

    /// The same where what is made of it may be a part of it, so that a constant gets a variable.
    pub(super) fn held(&self, term: &Term) -> Result<String, String> {
        match term {
            Term::Literal(Literal::Null) => Ok("Some(&Value::Null)".to_owned()),
            Term::Literal(literal) => Ok(self.constant_variable(&literal.to_json())),
            _ => self.plain(term),
        }
    }

    /// The list that a quantifier or a choice of items is about.
    pub(super) fn list_of(&self, term: &Term) -> Result<String, String> {
        if !many::is_anywhere(term) {
            return self.first(term);
        }
        let key = Key::Term(term.fingerprint());
        if let Some(known) = self.known(&key) {
            return Ok(known);
        }
        let event = Argument::Text("event".to_owned());
        Ok(self.bind(key, "texts", "texts_in", &[event], true))
    }

    /// A constant as an `Option<&Value>`; a long one gets a variable.
    pub(super) fn literal(&self, value: &Value) -> String {
        let text = quote::value(value);
        if text.chars().count() <= SHORT {
            return format!("Some(&{text})");
        }
        self.constant_variable(value)
    }

    fn constant_variable(&self, value: &Value) -> String {
        let key = Key::Literal(value.clone());
        if let Some(known) = self.known(&key) {
            return format!("Some(&{known})");
        }
        let name = self.free("wanted");
        let line = format!("    let {name} = {};", quote::value(value));
        self.add(key, name.clone(), line, false);
        format!("Some(&{name})")
    }

    /// Adds a variable with its line, and returns how it is referred to.
    pub(super) fn add(&self, key: Key, name: String, line: String, owned: bool) -> String {
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

    /// A name for a variable.
    pub(super) fn free(&self, stem: &str) -> String {
        let Variables { names, numbers, .. } = &mut *self.variables.borrow_mut();
        let taken = |name: &str| {
            module::is_reserved(name)
                || self.parameters.iter().any(|given| given.name == name)
                || names.contains(name)
        };
        let stem = if module::is_reserved(stem) {
            format!("{stem}_value")
        } else {
            stem.to_owned()
        };
        if !taken(&stem) {
            return stem;
        }
        // What is below the last number is taken.
        let number = numbers.entry(stem.clone()).or_insert(2);
        loop {
            let name = format!("{stem}_{number}");
            if !taken(&name) {
                return name;
            }
            *number += 1;
        }
    }

    pub(super) fn known(&self, key: &Key) -> Option<String> {
        let variables = self.variables.borrow();
        variables.of(key).map(Variable::reference)
    }

    /// Writes `let name = function(arguments);` and returns how the variable is referred to.
    pub(super) fn bind(
        &self,
        key: Key,
        stem: &str,
        function: &str,
        arguments: &[Argument],
        owned: bool,
    ) -> String {
        let name = self.free(stem);
        let call = layout::call(&format!("let {name} = "), function, arguments, ";", 4);
        self.add(key, name, format!("    {call}"), owned)
    }

    /// The value at a path below a `&Value`, which the term is.
    fn part(&self, term: Fingerprint, base: &str, path: &FieldPath) -> Result<String, String> {
        if let Some(known) = self.variables.borrow().parts.get(&term) {
            return Ok(known.clone());
        }
        let part = self.path(base, path)?;
        let mut variables = self.variables.borrow_mut();
        variables.parts.insert(term, part.clone());
        Ok(part)
    }

    fn path(&self, base: &str, path: &FieldPath) -> Result<String, String> {
        if path.segments.is_empty() {
            return Ok(format!("Some({base})"));
        }
        let mut from = base.to_owned();
        let mut is_base = true;
        let mut rest = path.segments.as_slice();
        while let Some(first) = rest.first() {
            let taken = match first {
                Segment::Key(_) => leading_keys(rest).count(),
                _ => 1,
            };
            let (step, after) = rest.split_at(taken);
            let key = Key::Step(from.clone(), step.to_vec());
            from = match self.known(&key) {
                Some(known) => known,
                None => self.step(key, &from, is_base, step)?,
            };
            is_base = false;
            rest = after;
        }
        Ok(from)
    }

    /// The value at a step of a path: at several keys, or at anything else.
    fn step(
        &self,
        key: Key,
        from: &str,
        is_base: bool,
        step: &[Segment],
    ) -> Result<String, String> {
        let value = if is_base {
            format!("Some({from})")
        } else {
            from.to_owned()
        };
        let (function, arguments) = match step.first() {
            Some(Segment::Key(_)) => {
                let keys = leading_keys(step).map(quote::text).collect();
                let helper = if is_base { "field" } else { "below" };
                let from = Argument::Text(from.to_owned());
                (helper, vec![from, Argument::List(keys)])
            }
            Some(Segment::Exact(name)) => {
                let name = Argument::Text(quote::text(name));
                ("exact", vec![Argument::Text(value), name])
            }
            Some(Segment::Index(index)) => {
                let index = Argument::Text(index.to_string());
                ("item_at", vec![Argument::Text(value), index])
            }
            Some(Segment::Each) | None => {
                let reason = "a path through every item of a list inside a computed value";
                return Err(reason.to_owned());
            }
        };
        Ok(self.bind(key, &stem_of(step), function, &arguments, false))
    }

    /// The name of a compiled regular expression.
    pub(super) fn pattern(&self, subject: &Term, pattern: &str) -> Result<String, String> {
        if !is_pattern(pattern, false) {
            return Err(format!(
                "the regular expression `{pattern}` is not well-formed"
            ));
        }
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

fn leading_keys(segments: &[Segment]) -> impl Iterator<Item = &str> {
    segments.iter().map_while(|segment| match segment {
        Segment::Key(key) => Some(key.as_str()),
        Segment::Exact(_) | Segment::Index(_) | Segment::Each => None,
    })
}
