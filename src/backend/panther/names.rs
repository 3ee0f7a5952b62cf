//! Names of constants, variables and functions, made of field names.
//!
//! A name is made of ASCII words, is never a keyword, a builtin or a function of the rule's own, and is bounded in length.

use super::helpers;
use crate::backend::names::{self, keys};
use crate::ir::Term;

/// The longest name.
const LONGEST: usize = 40;

/// Python's keywords, the builtins that pylint guards, and what the emitted functions are called by Panther.
const RESERVED: &[&str] = &[
    "False",
    "None",
    "True",
    "abs",
    "alert_context",
    "all",
    "and",
    "any",
    "as",
    "ascii",
    "assert",
    "async",
    "await",
    "bin",
    "bool",
    "break",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "class",
    "classmethod",
    "compile",
    "complex",
    "continue",
    "copyright",
    "credits",
    "dedup",
    "def",
    "del",
    "delattr",
    "description",
    "destinations",
    "dict",
    "dir",
    "divmod",
    "elif",
    "else",
    "enumerate",
    "eval",
    "event",
    "except",
    "exec",
    "exit",
    "filter",
    "finally",
    "float",
    "for",
    "format",
    "from",
    "frozenset",
    "getattr",
    "global",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "if",
    "import",
    "in",
    "input",
    "int",
    "is",
    "isinstance",
    "issubclass",
    "iter",
    "lambda",
    "len",
    "license",
    "list",
    "locals",
    "map",
    "match",
    "max",
    "memoryview",
    "min",
    "next",
    "nonlocal",
    "not",
    "object",
    "oct",
    "open",
    "or",
    "ord",
    "pass",
    "pow",
    "print",
    "property",
    "quit",
    "raise",
    "range",
    "reference",
    "repr",
    "return",
    "reversed",
    "round",
    "rule",
    "runbook",
    "set",
    "setattr",
    "severity",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "title",
    "try",
    "tuple",
    "type",
    "unique",
    "vars",
    "while",
    "with",
    "yield",
    "zip",
];

/// Whether a variable or function must not be called so.
pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED.binary_search(&name).is_ok()
        || helpers::import(name).is_some()
        || helpers::is_helper(name)
}

/// A name in lower case made of the words of a text; `fallback` where there is none.
pub(super) fn snake(text: &str, fallback: &str) -> String {
    names::snake(text, fallback, LONGEST)
}

/// A variable for the value of a term: after its last key, with the key above it where the last alone is taken.
pub(super) fn variable(term: &Term, fallback: &str) -> String {
    let keys = keys(term);
    let last = snake(keys.last().copied().unwrap_or_default(), fallback);
    if !is_reserved(&last) {
        return last;
    }
    let above = keys.len().checked_sub(2).map_or("the", |above| keys[above]);
    snake(
        &format!("{above}_{}", keys.last().copied().unwrap_or_default()),
        fallback,
    )
}

/// The stem of a constant about a term: the last key in capitals.
pub(super) fn constant(term: &Term) -> String {
    snake(keys(term).last().copied().unwrap_or_default(), "VALUE").to_ascii_uppercase()
}

/// The stem's plural.
pub(super) fn plural(stem: &str) -> String {
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| stem.ends_with(suffix));
    if ends(&["AY", "EY", "OY", "UY"]) {
        format!("{stem}S")
    } else if let Some(base) = stem.strip_suffix('Y') {
        format!("{base}IES")
    } else if ends(&["S", "X", "Z", "CH", "SH"]) {
        format!("{stem}ES")
    } else {
        format!("{stem}S")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_are_in_order() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn names_are_made_of_words() {
        assert_eq!(snake("sourceIPAddress", "value"), "source_ip_address");
        assert_eq!(snake("3com-x", "value"), "value_3com_x");
        assert_eq!(snake("é", "value"), "value");
        assert_eq!(
            variable(&Term::field(["userIdentity", "type"]), "value"),
            "user_identity_type"
        );
        assert_eq!(variable(&Term::field(["id"]), "value"), "the_id");
        assert_eq!(
            plural(&constant(&Term::field(["requestParameters", "policyName"]))),
            "POLICY_NAMES"
        );
        assert_eq!(plural("STATUS"), "STATUSES");
        assert_eq!(plural("POLICY"), "POLICIES");
        assert_eq!(plural("KEY"), "KEYS");
    }
}
