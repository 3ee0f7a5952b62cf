//! The Python module as it grows: constants and functions, each once, in the order of first use; and what they use of helpers
//! and imports.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use indexmap::IndexMap;

use super::code::{Code, Line};
use super::helpers::{self, Import};
use super::{layout, locals, names};
use crate::backend::survey::Survey;
use crate::ir::{Fingerprint, Rule};

/// What the functions written so far have asked for.
#[derive(Debug, Default)]
pub(super) struct Module {
    inner: RefCell<Inner>,
    /// What the rule asks more than once.
    pub(super) survey: Survey,
}

#[derive(Debug, Default)]
struct Inner {
    constants: Vec<(Rc<str>, Code)>,
    functions: Vec<Function>,
    /// The functions that return a value, by their parameters and the value.
    returning: IndexMap<(String, Fingerprint), Rc<str>>,
    /// What was written before, by what it is and what stands around it.
    written: IndexMap<Around, Written>,
}

/// How a part is written.
#[derive(Clone, Debug)]
pub(super) enum Written {
    /// By the call of its function.
    Call(Code),
    /// Where it stands: it is too short to have a function.
    InPlace,
}

/// A condition or a term, and the names that stand for items and terms around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Around {
    /// What is written.
    pub(super) what: Fingerprint,
    /// The variables of the quantifiers.
    pub(super) items: Vec<Rc<str>>,
    /// The terms that have names.
    pub(super) named: Vec<(Fingerprint, Rc<str>)>,
    /// The functions that call themselves.
    pub(super) again: Vec<Rc<str>>,
}

/// A function of the module.
#[derive(Debug)]
pub(super) struct Function {
    name: Rc<str>,
    parameters: String,
    /// The lines after the `def` line.
    body: Vec<Line>,
}

impl Function {
    fn text(&self) -> String {
        let mut text = format!("def {}({}):", self.name, self.parameters);
        layout::lines(&self.body, &mut text);
        text
    }

    /// Adds the names that it uses.
    fn add_names<'f>(&'f self, names: &mut BTreeSet<&'f str>) {
        for line in &self.body {
            line.each_name(&mut |name| {
                names.insert(name);
            });
        }
    }
}

/// The finished blocks of text, as the template prints them.
#[derive(Debug, serde::Serialize)]
pub(super) struct Blocks {
    /// The import lines, in groups.
    pub(super) imports: Vec<String>,
    /// The constants, each with the line ends inside it.
    pub(super) constants: Vec<String>,
    /// Whether anything stands before the functions.
    pub(super) preamble: bool,
    /// The functions, each with the line ends inside it.
    pub(super) functions: Vec<String>,
}

impl Module {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Nothing yet of the rule.
    pub(super) fn of(rule: &Rule) -> Self {
        let mut survey = Survey::with_items();
        survey.rule(rule);
        Self {
            survey,
            ..Self::default()
        }
    }

    /// What was written for it.
    pub(super) fn written(&self, around: &Around) -> Option<Written> {
        self.inner.borrow().written.get(around).cloned()
    }

    /// Keeps what was written.
    pub(super) fn keep(&self, around: Around, written: Written) {
        self.inner.borrow_mut().written.insert(around, written);
    }

    /// The name of a constant with this value, called by the stem where that is free.
    pub(super) fn constant(&self, stem: &str, value: Code) -> Code {
        let mut inner = self.inner.borrow_mut();
        if let Some((name, _)) = inner.constants.iter().find(|(_, known)| *known == value) {
            return Code::name(name.clone());
        }
        let taken = |name: &str| inner.constants.iter().any(|(known, _)| **known == *name);
        let name: Rc<str> = first_free(stem, |name| taken(name)).into();
        inner.constants.push((name.clone(), value));
        Code::name(name)
    }

    /// The name of a function with these lines after its `def` line, called by the stem where that is free.
    pub(super) fn function(&self, stem: &str, parameters: &str, body: Vec<Line>) -> Rc<str> {
        let body = locals::named(body, &|name| self.is_taken(name));
        let mut inner = self.inner.borrow_mut();
        let mut known = inner.functions.iter();
        if let Some(same) = known.find(|known| known.parameters == parameters && known.body == body)
        {
            return same.name.clone();
        }
        let taken = |name: &str| {
            names::is_reserved(name) || inner.functions.iter().any(|known| *known.name == *name)
        };
        let name: Rc<str> = first_free(stem, |name| taken(name)).into();
        inner.functions.push(Function {
            name: name.clone(),
            parameters: parameters.to_owned(),
            body,
        });
        name
    }

    /// The name of a function that returns the value, called by the stem where that is free.
    pub(super) fn returning(&self, stem: &str, parameters: &str, value: Code) -> Rc<str> {
        let key = (parameters.to_owned(), value.fingerprint());
        if let Some(name) = self.inner.borrow().returning.get(&key) {
            return name.clone();
        }
        let name = self.function(stem, parameters, vec![Line::returns(1, value)]);
        let mut inner = self.inner.borrow_mut();
        inner.returning.insert(key, name.clone());
        name
    }

    /// A function that Panther calls with one event; one that does not look at the event says so in its parameter's name.
    pub(super) fn entry(&self, name: &str, body: Vec<Line>) -> Function {
        let body = locals::named(body, &|name| self.is_taken(name));
        let parameter = if body.iter().any(|line| line.uses("event")) {
            "event"
        } else {
            "_"
        };
        Function {
            name: name.into(),
            parameters: parameter.to_owned(),
            body,
        }
    }

    /// Whether a variable must not be called so.
    fn is_taken(&self, name: &str) -> bool {
        let inner = self.inner.borrow();
        names::is_reserved(name) || inner.functions.iter().any(|known| *known.name == *name)
    }

    /// A variable that hides no function of the module and none of `used`.
    pub(super) fn variable(&self, stem: &str, used: &[Rc<str>]) -> Rc<str> {
        let name = first_free(stem, |name| {
            self.is_taken(name) || used.iter().any(|known| **known == *name)
        });
        name.into()
    }

    /// The finished text blocks: imports, constants, helpers, functions, and then the `entries`, which Panther calls. Only what
    /// an entry uses, itself or by way of others, is written.
    pub(super) fn blocks(self, entries: &[Function]) -> Blocks {
        let mut inner = self.inner.into_inner();
        let mut used: BTreeSet<&str> = BTreeSet::new();
        for entry in entries {
            entry.add_names(&mut used);
        }
        // A function is written before those that use it.
        let mut functions: Vec<String> = Vec::new();
        for function in inner.functions.iter().rev() {
            if used.contains(&*function.name) {
                function.add_names(&mut used);
                functions.push(function.text());
            }
        }
        functions.reverse();
        inner.constants.retain(|(name, _)| used.contains(&**name));
        for (_, value) in &inner.constants {
            value.each_name(&mut |name| {
                used.insert(name);
            });
        }
        let (helpers, imports) = helpers::needed(used);
        let constants = inner.constants.iter();
        let constants: Vec<String> = constants
            .map(|(name, value)| {
                let line = Line::assigns(0, name.clone(), value.clone());
                layout::statement(&line.text(), 0).join("\n")
            })
            .collect();
        let helpers = helpers.iter().map(|helper| helper.text.to_owned());
        let entries = entries.iter().map(Function::text);
        Blocks {
            preamble: !(imports.is_empty() && constants.is_empty()),
            imports: import_lines(&imports),
            constants,
            functions: helpers.chain(functions).chain(entries).collect(),
        }
    }
}

pub(super) fn first_free(stem: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(stem) {
        return stem.to_owned();
    }
    let mut count = 2;
    loop {
        let name = format!("{stem}_{count}");
        if !taken(&name) {
            return name;
        }
        count += 1;
    }
}

/// The lines as isort orders them: modules, names from the standard library, and after an empty line those of others.
fn import_lines(imports: &BTreeSet<Import>) -> Vec<String> {
    let mut lines: Vec<String> = imports
        .iter()
        .filter(|import| import.name.is_none())
        .map(|import| format!("import {}", import.module))
        .collect();
    for foreign in [false, true] {
        let listed: Vec<&Import> = imports
            .iter()
            .filter(|import| import.name.is_some() && import.is_foreign() == foreign)
            .collect();
        if foreign && !listed.is_empty() && !lines.is_empty() {
            lines.push(String::new());
        }
        for import in &listed {
            let line = format!("from {} import ", import.module);
            if lines.last().is_none_or(|last| !last.starts_with(&line)) {
                let names: Vec<&str> = listed
                    .iter()
                    .filter(|other| other.module == import.module)
                    .filter_map(|other| other.name)
                    .collect();
                lines.push(format!("{line}{}", names.join(", ")));
            }
        }
    }
    lines
}
