//! The functions that an emitted rule may call: those in `templates/panther/helpers`, each taken as it stands there.
//!
//! They make the reading of an event total: whatever a value's type, no function raises, and a value that is absent or `null`
//! is `None`. What a function calls and imports is found by the words in its text.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// The files; a function may call those of the files before its own.
const FILES: &[&str] = &[
    include_str!("../../../templates/panther/helpers/values.py"),
    include_str!("../../../templates/panther/helpers/lists.py"),
    include_str!("../../../templates/panther/helpers/texts.py"),
    include_str!("../../../templates/panther/helpers/numbers.py"),
    include_str!("../../../templates/panther/helpers/queries.py"),
    include_str!("../../../templates/panther/helpers/moments.py"),
    include_str!("../../../templates/panther/helpers/wording.py"),
    include_str!("../../../templates/panther/helpers/sets.py"),
];

/// One function.
#[derive(Debug)]
pub(super) struct Helper {
    /// Its name.
    pub(super) name: &'static str,
    /// Its text, without a line end after it.
    pub(super) text: &'static str,
    /// What it names, which is looked for where it is written.
    named: OnceLock<Named>,
}

/// What a piece of Python names.
#[derive(Debug)]
struct Named {
    /// The functions of the files that it calls.
    calls: Vec<&'static str>,
    /// What it imports.
    imports: Vec<Import>,
}

/// A name that is imported: from a module, or a module itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Import {
    /// The module.
    pub(super) module: &'static str,
    /// The name in the module; the module itself where there is none.
    pub(super) name: Option<&'static str>,
}

/// Every name that an emitted rule may import.
const IMPORTS: &[Import] = &[
    module("base64"),
    module("hashlib"),
    module("json"),
    module("math"),
    module("operator"),
    module("re"),
    module("shlex"),
    from("collections.abc", "Mapping"),
    from("collections.abc", "Sequence"),
    from("collections.abc", "Sized"),
    from("datetime", "date"),
    from("datetime", "datetime"),
    from("datetime", "timedelta"),
    from("datetime", "timezone"),
    from("dateutil", "parser"),
    from("decimal", "Decimal"),
    from("difflib", "SequenceMatcher"),
    from("fnmatch", "fnmatch"),
    from("fnmatch", "fnmatchcase"),
    from("ipaddress", "IPv4Address"),
    from("ipaddress", "IPv6Address"),
    from("ipaddress", "ip_address"),
    from("ipaddress", "ip_network"),
    from("panther_core", "PantherEvent"),
    from("urllib.parse", "parse_qs"),
    from("urllib.parse", "quote_from_bytes"),
    from("urllib.parse", "unquote"),
    from("urllib.parse", "unquote_to_bytes"),
    from("urllib.parse", "urlparse"),
];

const fn module(module: &'static str) -> Import {
    Import { module, name: None }
}

const fn from(module: &'static str, name: &'static str) -> Import {
    Import {
        module,
        name: Some(name),
    }
}

impl Import {
    /// Whether it is no part of Python's own library.
    pub(super) fn is_foreign(self) -> bool {
        matches!(self.module, "dateutil" | "panther_core")
    }

    /// The word by which it is used.
    pub(super) fn word(self) -> &'static str {
        self.name.unwrap_or(self.module)
    }
}

/// The import that brings the word.
pub(super) fn import(word: &str) -> Option<Import> {
    IMPORTS.iter().copied().find(|import| import.word() == word)
}

/// The functions of the files.
struct Library {
    /// In the order of the files: one stands after those it calls.
    helpers: Vec<Helper>,
    /// Where each stands.
    places: BTreeMap<&'static str, usize>,
}

fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let blocks = FILES.iter().flat_map(|file| file.split("\n\n\n"));
        let blocks = blocks.filter_map(|block| {
            let name = block.strip_prefix("def ")?.split('(').next()?;
            Some(Helper {
                name,
                text: block.trim_end(),
                named: OnceLock::new(),
            })
        });
        let helpers: Vec<Helper> = blocks.collect();
        let names = helpers.iter().enumerate();
        let places = names.map(|(at, helper)| (helper.name, at)).collect();
        Library { helpers, places }
    })
}

impl Helper {
    fn named(&self) -> &Named {
        self.named.get_or_init(|| {
            let words: BTreeSet<&str> = words(self.text).into_iter().collect();
            let calls = words.iter().copied().filter(|word| is_helper(word));
            Named {
                calls: calls.collect(),
                imports: words.iter().filter_map(|word| import(word)).collect(),
            }
        })
    }
}

/// Every function, in the order of the files: one stands after those it calls.
#[cfg(test)]
pub(super) fn all() -> &'static [Helper] {
    &library().helpers
}

/// Whether a function of the files is called so.
pub(super) fn is_helper(name: &str) -> bool {
    library().places.contains_key(name)
}

/// Of some words of Python, the functions of the files that they name with all that these call, in their order; and
/// what has to be imported.
pub(super) fn needed(mut wanted: BTreeSet<&str>) -> (Vec<&'static Helper>, BTreeSet<Import>) {
    let mut imports: BTreeSet<Import> = wanted.iter().filter_map(|word| import(word)).collect();
    let mut found = Vec::new();
    // From the last: a function only calls those before it.
    for helper in library().helpers.iter().rev() {
        if wanted.contains(helper.name) {
            wanted.extend(&helper.named().calls);
            imports.extend(&helper.named().imports);
            found.push(helper);
        }
    }
    found.reverse();
    (found, imports)
}

/// The names that a piece of code uses: not those after a dot, nor those in texts but for what a formatted one shows.
fn words(code: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut words = Vec::new();
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let length = if is_word(c) || c == '.' {
            let end = rest
                .find(|c: char| !is_word(c) && c != '.')
                .unwrap_or(rest.len());
            words.extend(
                rest[..end]
                    .split('.')
                    .next()
                    .filter(|word| !word.is_empty()),
            );
            match rest[end..].chars().next() {
                Some(quote @ ('"' | '\'')) if &rest[..end] == "f" => {
                    words.pop();
                    let length = literal_length(&rest[end..], quote);
                    words.extend(shown(&rest[end..end + length]).flat_map(self::words));
                    end + length
                }
                _ => end,
            }
        } else if let Some(docstring) = rest.strip_prefix("\"\"\"") {
            docstring.find("\"\"\"").map_or(rest.len(), |end| end + 6)
        } else if matches!(c, '"' | '\'') {
            literal_length(rest, c)
        } else {
            c.len_utf8()
        };
        rest = &rest[length..];
    }
    words
}

/// The expressions that a formatted text shows.
fn shown(literal: &str) -> impl Iterator<Item = &str> {
    // A brace that is doubled stands for itself: what is between two of them is empty or has its own end first.
    let starts = literal.split('{').skip(1);
    starts.filter_map(|part| part.split_once('}').map(|(shown, _)| shown))
}

/// The length of the text literal that the code starts with.
fn literal_length(code: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in code.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_stands_after_those_it_calls() {
        for (at, helper) in all().iter().enumerate() {
            let later = &all()[at + 1..];
            for word in words(helper.text) {
                assert!(
                    later.iter().all(|other| other.name != word),
                    "{} calls {word}",
                    helper.name
                );
            }
        }
    }

    /// A value that a function asks again and again is kept in a variable; a generator would be empty the second time.
    #[test]
    fn no_function_gives_what_can_be_gone_through_only_once() {
        for helper in all() {
            assert!(!words(helper.text).contains(&"yield"), "{}", helper.name);
        }
    }

    #[test]
    fn a_function_brings_what_it_needs() {
        let (helpers, imports) = needed(BTreeSet::from(["items_of"]));
        let names: Vec<&str> = helpers.iter().map(|helper| helper.name).collect();
        assert_eq!(names, ["is_list", "items_of"]);
        assert_eq!(
            imports
                .iter()
                .map(|import| import.word())
                .collect::<Vec<_>>(),
            ["Sequence"]
        );
    }

    #[test]
    fn every_import_of_the_file_is_known() {
        let (_, imports) = needed(all().iter().map(|helper| helper.name).collect());
        for file in FILES {
            let head = file.split("\n\n\n").next().unwrap();
            for word in head
                .lines()
                .filter_map(|line| line.split("import ").nth(1))
                .flat_map(|names| names.split(", "))
            {
                assert!(imports.iter().any(|import| import.word() == word), "{word}");
            }
        }
    }
}
