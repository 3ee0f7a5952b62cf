//! The Rust module as it grows: constants and functions, each once, in the order of first use.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use indexmap::IndexSet;
use rustc_hash::FxHashSet;

use super::helpers;
use super::layout;
use crate::ir::Function;

/// What the functions written so far have asked for.
#[derive(Debug, Default)]
pub(super) struct Module {
    inner: RefCell<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    constants: Vec<Constant>,
    functions: Vec<(String, String)>,
    /// The functions by their texts without a name.
    texts: BTreeMap<String, String>,
    /// The names of the functions that were begun; some of them may still be in the making.
    begun: IndexSet<String>,
    /// The functions of the IR that are called by the evaluator's text.
    called: BTreeSet<Function>,
    /// Whether the time of a scan is asked for.
    timed: bool,
}

/// How far a module has come.
#[derive(Debug)]
pub(super) struct Mark {
    constants: usize,
    functions: usize,
    called: BTreeSet<Function>,
}

#[derive(Debug)]
struct Constant {
    name: String,
    /// What it holds, by which it is found again.
    value: Vec<String>,
    kind: Kind,
}

/// The kind of a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// A list of texts.
    Texts,
    /// A list of networks.
    Networks,
    /// A regular expression, by its pattern.
    Pattern,
}

/// Words that are taken in every module.
const RESERVED: &[&str] = &[
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "crate",
    "do",
    "dyn",
    "each",
    "else",
    "enum",
    "event",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "inner",
    "item",
    "let",
    "loop",
    "macro",
    "match",
    "matches",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "struct",
    "super",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
    "tests",
    "holds",
    "functions",
    "known",
    "level",
    "part",
    "scan_time",
    "outputs",
    "Map",
];

/// What functions of items are called, before their numbers.
const NESTED: &[&str] = &["item_check", "item_value", "value_within"];

/// Constants of every module.
const OWN: &[&str] = &[
    "ID",
    "NAME",
    "SEVERITY",
    "ATTACK",
    "LOG_SOURCES",
    "THRESHOLD",
];

/// Whether no variable or function may be called so.
pub(super) fn is_reserved(name: &str) -> bool {
    static TAKEN: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
        let helpers = helpers::all().iter().map(|helper| helper.name);
        RESERVED.iter().copied().chain(helpers).collect()
    });
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    TAKEN.contains(name) || NESTED.contains(&stem)
}

/// The first of a name and its numbered forms that is not taken.
pub(super) fn first_free(stem: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut name = stem.to_owned();
    let mut count = 2;
    while taken(&name) {
        name = format!("{stem}_{count}");
        count += 1;
    }
    name
}

impl Module {
    /// The name of a constant that holds these literals.
    pub(super) fn constant(&self, stem: &str, kind: Kind, value: Vec<String>) -> String {
        let mut inner = self.inner.borrow_mut();
        let known = inner
            .constants
            .iter()
            .find(|known| known.kind == kind && known.value == value);
        if let Some(known) = known {
            return known.name.clone();
        }
        let name = first_free(stem, |name| {
            OWN.contains(&name) || inner.constants.iter().any(|known| known.name == name)
        });
        inner.constants.push(Constant {
            name: name.clone(),
            value,
            kind,
        });
        name
    }

    /// A name for a function that is about to be written.
    pub(super) fn begin(&self, stem: &str) -> String {
        let mut inner = self.inner.borrow_mut();
        let name = first_free(stem, |name| inner.begun.contains(name));
        inner.begun.insert(name.clone());
        name
    }

    /// How far it has come.
    pub(super) fn mark(&self) -> Mark {
        let inner = self.inner.borrow();
        Mark {
            constants: inner.constants.len(),
            functions: inner.functions.len(),
            called: inner.called.clone(),
        }
    }

    /// Leaves out what was added since.
    pub(super) fn reset(&self, mark: Mark) {
        let mut inner = self.inner.borrow_mut();
        inner.constants.truncate(mark.constants);
        inner.functions.truncate(mark.functions);
        let left: Vec<String> = inner
            .functions
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        inner.texts.retain(|_, name| left.contains(name));
        inner.called = mark.called;
    }

    /// Notes that a function of the IR is called.
    pub(super) fn calls(&self, function: Function) {
        self.inner.borrow_mut().called.insert(function);
    }

    /// Notes that the time of a scan is asked for.
    pub(super) fn asks_time(&self) {
        self.inner.borrow_mut().timed = true;
    }

    /// Whether the time of a scan is asked for.
    pub(super) fn is_timed(&self) -> bool {
        self.inner.borrow().timed
    }

    /// A module whose functions get the time of a scan, where that is so.
    pub(super) fn new(timed: bool) -> Self {
        let module = Self::default();
        module.inner.borrow_mut().timed = timed;
        module
    }

    /// Adds the function of a name that was begun, and returns what it is called: it may be there under another name.
    pub(super) fn define(&self, name: String, text: &dyn Fn(&str) -> String) -> String {
        let mut inner = self.inner.borrow_mut();
        let unnamed = text("");
        let known = inner.texts.get(&unnamed).cloned();
        if let Some(known) = known {
            if inner.begun.last() == Some(&name) {
                inner.begun.pop();
            }
            return known;
        }
        inner.texts.insert(unnamed, name.clone());
        let whole = text(&name);
        inner.functions.push((name.clone(), whole));
        name
    }

    /// What was written.
    pub(super) fn written(self) -> Written {
        let inner = self.inner.into_inner();
        let mut functions: Vec<String> =
            inner.functions.into_iter().map(|(_, text)| text).collect();
        functions.reverse();
        Written {
            constants: inner.constants.iter().flat_map(Constant::texts).collect(),
            functions,
            called: inner.called,
        }
    }
}

/// What a module consists of, besides its public functions.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) constants: Vec<String>,
    pub(super) functions: Vec<String>,
    /// The functions of the IR that are called by the evaluator's text.
    pub(super) called: BTreeSet<Function>,
}

impl Constant {
    fn texts(&self) -> Vec<String> {
        let name = &self.name;
        let single = |head: &str| {
            let value = self.value.concat();
            format!(
                "{head}{};",
                layout::after_equals(&format!("{head};"), &value)
            )
        };
        match self.kind {
            Kind::Text => vec![single(&format!("const {name}: &str ="))],
            Kind::Texts => vec![layout::list(
                &format!("const {name}: &[&str] = &"),
                &self.value,
                ";",
                0,
            )],
            Kind::Networks => {
                vec![layout::list(
                    &format!("const {name}: &[(&str, u32)] = &"),
                    &self.value,
                    ";",
                    0,
                )]
            }
            Kind::Pattern => {
                let head = format!("static {name}: LazyLock<Regex> =");
                let compiled = format!("LazyLock::new(|| regex({name}_TEXT))");
                let compiled = layout::after_equals(&format!("{head};"), &compiled);
                vec![
                    single(&format!("const {name}_TEXT: &str =")),
                    format!("{head}{compiled};"),
                ]
            }
        }
    }
}
