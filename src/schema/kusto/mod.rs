//! What is known of a Kusto workspace before any query: its tables, the functions of the language, those that solutions save,
//! and how arithmetic combines types.
//!
//! The data are line files under `schemas/kusto/`, embedded in the binary. They are facts, not code: a line names a thing and
//! its types. A file is cut into lines when something is first looked for in it; of the tables only those that a query names are read further. A line that
//! cannot be read is left out rather than ending the program; the loaders' tests refuse it.

mod arithmetic;
mod functions;
mod saved;
mod tables;

pub use arithmetic::{Arithmetic, Outcome};
pub use functions::{
    Accepts, Form, Function, FunctionKind, FunctionParameter, Functions, Place, ResultName,
    ResultType,
};
pub use saved::{SavedFunction, SavedParameter};
pub use tables::{STANDARD, TableColumn, TableColumns, Tables};

use std::sync::LazyLock;

use saved::Saved;

const TABLES: &str = include_str!("../../../schemas/kusto/tables.txt");
const FUNCTIONS: &str = include_str!("../../../schemas/kusto/functions.txt");
const SAVED: &str = include_str!("../../../schemas/kusto/saved-functions.txt");
const ARITHMETIC: &str = include_str!("../../../schemas/kusto/arithmetic.txt");

/// The tables and functions that a query can name.
#[derive(Debug)]
pub struct Schemas {
    tables: LazyLock<Tables>,
    saved: LazyLock<Saved>,
    functions: LazyLock<Functions>,
    arithmetic: LazyLock<Arithmetic>,
}

impl Schemas {
    /// What ships with rulec. Each file is read on first use.
    pub fn builtin() -> &'static Self {
        static BUILTIN: Schemas = Schemas {
            tables: LazyLock::new(|| Tables::read(TABLES)),
            saved: LazyLock::new(|| Saved::read(SAVED)),
            functions: LazyLock::new(|| Functions::read(FUNCTIONS)),
            arithmetic: LazyLock::new(|| Arithmetic::read(ARITHMETIC)),
        };
        &BUILTIN
    }

    /// The columns of a table; `None` for a table that is not known.
    pub fn table(&self, name: &str) -> Option<&TableColumns> {
        self.tables.columns(name)
    }

    /// The tables, by name.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The function that a solution saves under this name.
    pub fn saved(&self, name: &str) -> Option<SavedFunction> {
        self.saved.get(name)
    }

    /// The names of the saved functions, in their order.
    pub fn saved_names(&self) -> impl Iterator<Item = &'static str> {
        self.saved.names()
    }

    /// The functions of the language.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    /// How arithmetic combines types.
    pub fn arithmetic(&self) -> &Arithmetic {
        &self.arithmetic
    }
}

/// The lines of a data file without its comments.
fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}
