//! The Rust module as it grows: constants and functions, each once, in the order of first use.

use std::cell::RefCell;

use super::helpers;
use super::layout;

/// What the functions written so far have asked for.
#[derive(Debug, Default)]
pub(super) struct Module {
    inner: RefCell<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    constants: Vec<Constant>,
    functions: Vec<(String, String)>,
    /// How many functions were begun; some of them may still be in the making.
    begun: usize,
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
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "each", "else", "enum", "event", "extern", "false", "final", "fn", "for", "gen",
    "if", "impl", "in", "inner", "item", "let", "loop", "macro", "match", "matches", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where",
    "while", "yield", "tests", "holds",
];

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
    RESERVED.contains(&name) || helpers::all().iter().any(|helper| helper.name == name)
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
    pub(super) fn begin(&self) -> String {
        let mut inner = self.inner.borrow_mut();
        inner.begun += 1;
        match inner.begun {
            1 => "item_check".to_owned(),
            count => format!("item_check_{count}"),
        }
    }

    /// Adds the text of a function.
    pub(super) fn function(&self, name: String, text: String) {
        self.inner.borrow_mut().functions.push((name, text));
    }

    /// The constants and functions, each as its text.
    pub(super) fn blocks(self) -> (Vec<String>, Vec<String>) {
        let inner = self.inner.into_inner();
        let constants = inner.constants.iter().flat_map(Constant::texts).collect();
        let mut functions = inner.functions;
        functions.reverse();
        (
            constants,
            functions.into_iter().map(|(_, text)| text).collect(),
        )
    }
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
