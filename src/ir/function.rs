//! The functions of computed terms, and the aggregates of a counted group: two tables, like the operators.
//!
//! A function of a missing or `null` argument is missing, unless its entry says otherwise.

use serde::{Deserialize, Serialize};

/// What is known of a function.
#[derive(Clone, Copy, Debug)]
pub struct FunctionInfo {
    /// The function.
    pub function: Function,
    /// Its name in the text form.
    pub name: &'static str,
    /// The least and the greatest number of arguments.
    pub arity: (usize, usize),
    /// What it computes.
    pub doc: &'static str,
}

macro_rules! functions {
    ($($variant:ident $name:literal $min:literal $max:expr, $doc:literal)*) => {
        /// What a computed term computes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Function { $(#[doc = $doc] #[serde(rename = $name)] $variant),* }

        /// Every function, in the order of the table.
        pub const FUNCTIONS: &[FunctionInfo] = &[$(FunctionInfo {
            function: Function::$variant, name: $name, arity: ($min, $max), doc: $doc,
        }),*];
    };
}

functions! {
    Lower "lower" 1 1, "The text in lower case."
    Upper "upper" 1 1, "The text in upper case."
    Trim "trim" 1 1, "The text without white space at its ends."
    Length "length" 1 1, "The number of characters of a text, items of a list or keys of an object."
    Concat "concat" 1 usize::MAX, "The arguments' text forms, one after the other; a missing argument counts as the empty text."
    ToText "text" 1 1, "The value's text form; a text is itself, a truth value `true` or `false`, a list or object its JSON."
    ToNumber "number" 1 1, "The number that a text spells, or the number itself."
    Coalesce "coalesce" 2 usize::MAX, "The first argument that is there and not `null`."
    IfMissing "if_missing" 2 2, "The first argument if it is there, be it `null`; else the second."
    ParseJson "parse_json" 1 1, "The value that a text spells in JSON; an object or a list is itself; missing where the text is not JSON."
    Member "member" 2 2, "The value of the key (second argument) of an object; missing for anything but an object that has it."
    Item "item" 2 2, "The item at the position (second argument, from 0, negative from the end) of a list."
    Split "split" 2 2, "The parts of a text between the separators (second argument)."
    Substring "substring" 2 3, "The part of a text from the character position (second argument, from 0), of the length (third argument) or to the end."
    IndexOfRegex "index_of_regex" 2 2, "The character position of the first match of the regular expression (second argument), or -1."
    Replace "replace" 3 3, "The text with every occurrence of the second argument replaced by the third."
    Extract "extract" 3 3, "The group (third argument) of the first match of the regular expression (second argument); the empty text without a match."
    Add "add" 2 2, "The sum of two numbers."
    Subtract "subtract" 2 2, "The difference of two numbers."
    Each "each" 1 1, "One result row per item of the list."
}

impl Function {
    /// The table's entry.
    pub fn info(self) -> FunctionInfo {
        FUNCTIONS[self as usize]
    }

    /// The name in the text form.
    pub fn name(self) -> &'static str {
        self.info().name
    }
}

/// What is computed over the events of a counted group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// The number of events; takes no argument.
    Count,
    /// The number of distinct values.
    DistinctCount,
    /// The distinct values, as a list.
    MakeSet,
    /// All values, as a list.
    MakeList,
    /// The sum.
    Sum,
    /// The mean.
    Average,
    /// The least value.
    Min,
    /// The greatest value.
    Max,
    /// The value of any one event.
    TakeAny,
}

impl Aggregate {
    /// The name in the text form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::DistinctCount => "distinct_count",
            Self::MakeSet => "set",
            Self::MakeList => "list",
            Self::Sum => "sum",
            Self::Average => "average",
            Self::Min => "min",
            Self::Max => "max",
            Self::TakeAny => "any",
        }
    }
}
