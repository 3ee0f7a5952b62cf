//! The functions that an emitted module may call: those of `library.rs`, each taken as it stands there.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::quote;

const FILE: &str = include_str!("library.rs");

/// One function.
#[derive(Debug)]
pub(super) struct Helper {
    /// Its name.
    pub(super) name: &'static str,
    /// Its text, without a line end after it.
    pub(super) text: &'static str,
}

/// What a module may import: the path above, and the names in it.
const IMPORTS: &[(&str, &[&str])] = &[
    ("regex", &["Regex"]),
    ("serde_json", &["Map", "Number", "Value"]),
    ("std::cell", &["RefCell"]),
    ("std::cmp", &["Ordering"]),
    ("std::collections", &["BTreeMap"]),
    ("std::net", &["IpAddr", "Ipv6Addr"]),
    ("std::sync", &["LazyLock"]),
];

/// Every function, in the order of the file.
pub(super) fn all() -> &'static [Helper] {
    static ALL: OnceLock<Vec<Helper>> = OnceLock::new();
    ALL.get_or_init(blocks)
}

/// The file cut before every function at its margin.
fn blocks() -> Vec<Helper> {
    let mut blocks = Vec::new();
    let mut start = None;
    let mut at = 0;
    for line in FILE.split_inclusive('\n') {
        let begins = line.starts_with("///") || line.starts_with("fn ");
        if begins && start.is_none() {
            start = Some(at);
        }
        at += line.len();
        if line == "}\n"
            && let Some(from) = start.take()
        {
            let text = FILE[from..at].trim_end();
            let signature = text.lines().find_map(|line| line.strip_prefix("fn "));
            blocks.extend(signature.and_then(|signature| {
                let name = signature.split(['(', '<']).next()?;
                Some(Helper { name, text })
            }));
        }
    }
    blocks
}

/// Of some code, the functions of the file that it calls with all that these call, in the order of the file.
pub(super) fn needed(code: &[String]) -> Vec<&'static Helper> {
    let mut wanted: BTreeSet<&str> = code.iter().flat_map(|block| quote::called(block)).collect();
    loop {
        let before = wanted.len();
        for helper in all() {
            if wanted.contains(helper.name) {
                wanted.extend(quote::called(helper.text));
            }
        }
        if wanted.len() == before {
            break;
        }
    }
    all()
        .iter()
        .filter(|helper| wanted.contains(helper.name))
        .collect()
}

/// The `use` lines for what some code names.
pub(super) fn uses(code: &[String]) -> Vec<String> {
    let words: BTreeSet<&str> = code.iter().flat_map(|block| quote::words(block)).collect();
    let mut standard = Vec::new();
    let mut others = Vec::new();
    for (path, names) in IMPORTS {
        let named: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| words.contains(name))
            .collect();
        let line = match named.as_slice() {
            [] => continue,
            [one] => format!("use {path}::{one};"),
            many => format!("use {path}::{{{}}};", many.join(", ")),
        };
        if path.starts_with("std") {
            standard.push(line);
        } else {
            others.push(line);
        }
    }
    if !standard.is_empty() && !others.is_empty() {
        standard.push(String::new());
    }
    standard.extend(others);
    standard
}
