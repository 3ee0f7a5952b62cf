//! A file of Rust, as `rustfmt` leaves it, cut into its items and imports.
//!
//! An item starts at the margin and ends at the next line at the margin that closes it. Its tests are no part of it, nor are the
//! exceptions from lints of this crate.

use crate::backend::native::quote;

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) module: Vec<&'static str>,
    pub(super) items: Vec<Item>,
    pub(super) imports: Vec<Import>,
}

/// An item at the margin.
#[derive(Debug)]
pub(super) struct Item {
    /// What it defines; for an `impl` the type that it is of.
    pub(super) name: String,
    pub(super) is_impl: bool,
    pub(super) text: String,
}

/// A `use` line, one path at a time.
#[derive(Debug)]
pub(super) struct Import {
    /// What it is called here.
    pub(super) name: String,
    pub(super) path: Vec<String>,
    /// The whole `use`.
    pub(super) line: String,
}

impl Item {
    /// A function.
    pub(super) fn function(name: String, text: String) -> Self {
        Self {
            name,
            is_impl: false,
            text,
        }
    }
}

impl File {
    pub(super) fn cut(module: &'static str, text: &'static str) -> Self {
        let mut file = Self {
            module: module.split("::").collect(),
            ..Self::default()
        };
        for block in blocks(text) {
            file.add(block);
        }
        file
    }

    fn add(&mut self, block: &'static str) {
        let (head, code) = attributes(block);
        if head.contains("#[cfg(test)]") {
            return;
        }
        let plain = without_visibility(code);
        if let Some(paths) = plain.strip_prefix("use ") {
            let paths = paths.trim_end().trim_end_matches(';');
            expanded(paths, &[], plain.trim_end(), &mut self.imports);
            return;
        }
        let is_impl = plain.starts_with("impl");
        if let Some(name) = defined(plain) {
            let text = format!("{head}{}", code.trim_end());
            let name = name.to_owned();
            self.items.push(Item {
                name,
                is_impl,
                text,
            });
        }
    }
}

/// The blocks at the margin, without the file's own documentation.
fn blocks(text: &'static str) -> Vec<&'static str> {
    let (mut blocks, mut start, mut at) = (Vec::new(), None, 0);
    // Whether the item's first line was read, and whether it ends where a line ends with a semicolon.
    let (mut begun, mut assigned) = (false, false);
    for line in text.split_inclusive('\n') {
        let from = at;
        at += line.len();
        let code = line.trim_end();
        if code.is_empty() || code.starts_with("//!") || (code.starts_with("// ") && !begun) {
            continue;
        }
        let first = *start.get_or_insert(from);
        let at_margin = !line.starts_with(' ');
        let ends = if begun {
            (at_margin && code.starts_with(['}', ')', ']']) && !code.ends_with('{'))
                || (assigned && code.ends_with(';'))
        } else if at_margin
            && !code.starts_with("///")
            && !code.starts_with("#[")
            && !code.starts_with(")]")
        {
            begun = true;
            assigned = code.ends_with('=');
            code.ends_with([';', '}'])
        } else {
            false
        };
        if ends {
            blocks.push(&text[first..at]);
            (start, begun, assigned) = (None, false, false);
        }
    }
    blocks
}

/// The documentation and attributes before an item, those about this crate's lints left out, and the item.
fn attributes(block: &'static str) -> (String, &'static str) {
    let (mut kept, mut rest) = (String::new(), block);
    while rest.starts_with("///") || rest.starts_with("#[") {
        let length = if rest.starts_with("#[") {
            rest.find("]\n").map_or(rest.len(), |at| at + 2)
        } else {
            rest.find('\n').map_or(rest.len(), |at| at + 1)
        };
        let (one, after) = rest.split_at(length);
        if !one.contains("clippy::") {
            kept.push_str(one);
        }
        rest = after;
    }
    (kept, rest)
}

fn without_visibility(code: &'static str) -> &'static str {
    let Some(rest) = code.strip_prefix("pub") else {
        return code;
    };
    match rest.strip_prefix('(') {
        Some(scope) => scope.split_once(") ").map_or(code, |(_, rest)| rest),
        None => rest.trim_start(),
    }
}

/// The name that an item defines.
fn defined(code: &'static str) -> Option<&'static str> {
    let word = |text: &'static str| {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
        Some(&text[..end.unwrap_or(text.len())]).filter(|word| !word.is_empty())
    };
    if code.starts_with("thread_local!") {
        return word(code.split_once("static ")?.1);
    }
    if let Some(rest) = code.strip_prefix("impl") {
        let head = rest.split_once('{')?.0;
        let head = head.split(" where ").next()?;
        let subject = match head.split_once(" for ") {
            Some((_, subject)) => subject,
            None if rest.starts_with('<') => rest.split_once("> ")?.1,
            None => head,
        };
        return word(subject.trim_start_matches([' ', '&']));
    }
    [
        "const fn ",
        "fn ",
        "struct ",
        "enum ",
        "const ",
        "static ",
        "type ",
        "trait ",
    ]
    .into_iter()
    .find_map(|keyword| word(code.strip_prefix(keyword)?))
}

/// The single paths of what stands behind `use`, each with the name that it gets.
fn expanded(paths: &str, before: &[String], line: &str, found: &mut Vec<Import>) {
    let paths = paths.trim();
    let (head, group) = match paths.find('{') {
        Some(at) => (&paths[..at], paths[at + 1..].strip_suffix('}')),
        None => (paths, None),
    };
    let mut path = before.to_vec();
    let (head, name) = match head.split_once(" as ") {
        Some((head, name)) => (head, Some(name)),
        None => (head, None),
    };
    path.extend(
        head.split("::")
            .filter(|part| !part.is_empty())
            .map(str::to_owned),
    );
    if let Some(group) = group {
        for part in at_commas(group) {
            expanded(part, &path, line, found);
        }
        return;
    }
    if path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let name = name.or(path.last().map(String::as_str)).unwrap_or_default();
    found.push(Import {
        name: name.to_owned(),
        line: line.to_owned(),
        path,
    });
}

/// The parts between the commas that stand in no braces.
fn at_commas(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// The paths that a piece of code names, by their words; what stands behind a dot is none.
pub(super) fn paths(code: &str) -> Vec<Vec<&str>> {
    let mut paths: Vec<Vec<&str>> = Vec::new();
    let mut rest = code;
    // Whether the next word goes on a path, or belongs to a value.
    let (mut joined, mut dotted) = (false, false);
    while let Some(c) = rest.chars().next() {
        let length = if let Some(length) = quote::literal_length(rest) {
            (joined, dotted) = (false, false);
            length
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if quote::is_word(c) {
            let end = quote::word_length(rest);
            let word = &rest[..end];
            match paths.last_mut() {
                Some(path) if joined => path.push(word),
                _ if dotted || c.is_ascii_digit() => {}
                _ => paths.push(vec![word]),
            }
            (joined, dotted) = (false, false);
            end
        } else if rest.starts_with("::") {
            joined = !dotted && !rest.starts_with("::<");
            2
        } else if rest.starts_with("..") {
            (joined, dotted) = (false, false);
            2
        } else {
            if !c.is_whitespace() {
                joined = false;
                dotted = c == '.';
            }
            c.len_utf8()
        };
        rest = &rest[length..];
    }
    paths
}
