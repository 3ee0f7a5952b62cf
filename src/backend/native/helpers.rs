//! The functions that an emitted module may call: those of `library.rs`, each taken as it stands there.

use std::sync::{LazyLock, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::quote;

const FILE: &str = include_str!("library.rs");

/// One function.
#[derive(Debug)]
pub(super) struct Helper {
    /// Its name.
    pub(super) name: &'static str,
    /// Its text, without a line end after it.
    pub(super) text: &'static str,
    /// What it calls, and what it names of what a module may import.
    called: OnceLock<Vec<&'static str>>,
    named: OnceLock<Vec<&'static str>>,
}

impl Helper {
    fn called(&self) -> &[&'static str] {
        self.called
            .get_or_init(|| quote::called(self.text).collect())
    }

    fn named(&self) -> &[&'static str] {
        self.named.get_or_init(|| {
            let mut named: Vec<_> = quote::words(self.text).filter(is_imported).collect();
            named.sort_unstable();
            named.dedup();
            named
        })
    }
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

/// Whether a module that names it imports it.
fn is_imported(name: &&str) -> bool {
    static NAMES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
        let names = IMPORTS.iter().flat_map(|(_, names)| *names);
        names.copied().collect()
    });
    NAMES.contains(name)
}

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
                let (called, named) = (OnceLock::new(), OnceLock::new());
                Some(Helper {
                    name,
                    text,
                    called,
                    named,
                })
            }));
        }
    }
    blocks
}

/// A name in some code, with the code after it.
pub(super) type Word<'c> = (&'c str, &'c str);

/// The functions of the file that some code calls with all that these call, in the order of the file.
pub(super) fn needed(words: &[Word<'_>]) -> Vec<&'static Helper> {
    static PLACES: LazyLock<FxHashMap<&str, usize>> =
        LazyLock::new(|| all().iter().map(|helper| helper.name).zip(0..).collect());
    let mut wanted = vec![false; all().len()];
    let called = words.iter().filter(|(_, after)| after.starts_with('('));
    let mut waiting: Vec<&str> = called.map(|(word, _)| *word).collect();
    while let Some(name) = waiting.pop() {
        if let Some(at) = PLACES.get(name).copied()
            && !wanted[at]
        {
            wanted[at] = true;
            waiting.extend(all()[at].called());
        }
    }
    let wanted = all().iter().zip(wanted).filter(|(_, wanted)| *wanted);
    wanted.map(|(helper, _)| helper).collect()
}

/// The `use` lines for what some code and some of these functions name.
pub(super) fn uses(words: &[Word<'_>], helpers: &[&Helper]) -> Vec<String> {
    let words = words.iter().map(|(word, _)| *word);
    let mut named: FxHashSet<&str> = words.filter(is_imported).collect();
    named.extend(helpers.iter().flat_map(|helper| helper.named()));
    let mut standard = Vec::new();
    let mut others = Vec::new();
    for (path, names) in IMPORTS {
        let found: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| named.contains(name))
            .collect();
        let line = match found.as_slice() {
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
