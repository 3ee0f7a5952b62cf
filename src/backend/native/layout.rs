//! Rust code as rustfmt lays it out: the lines of conditions and of lists.

/// The width of a line.
pub(super) const WIDTH: usize = 100;

/// The width up to which the items of a list, or the arguments of a call, stand on one line.
pub(super) const LIST: usize = 60;

/// Items no wider than this share lines in a list that is too wide for one.
const SHORT: usize = 10;

/// An expression that ends a block, `indent` columns in, with `end` after it.
pub(super) fn expression(text: &str, indent: usize, end: &str) -> String {
    let lines = lines(text, indent, 0, end.len());
    format!("{}{}{end}", " ".repeat(indent), lines.join("\n"))
}

/// A condition, as far as layout asks.
enum Node<'t> {
    /// Nothing in it is broken.
    Text,
    /// Operands joined by a word.
    Chain(&'static str, Vec<&'t str>),
    /// Brackets, after what stands before them.
    Group(&'t str, &'t str),
}

/// The operands of the loosest word, else what is in the brackets that enclose all.
fn parse(text: &str) -> Node<'_> {
    for (word, parts) in ["||", "&&"].into_iter().zip(split(text)) {
        if parts.len() > 1 {
            return Node::Chain(word, parts);
        }
    }
    let inner = text.trim_start_matches('!');
    let inside = inner
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'));
    match inside {
        Some(inside) => Node::Group(&text[..text.len() - inner.len()], inside),
        None => Node::Text,
    }
}

/// The text split at each `||`, and at each `&&`, that stands outside of brackets and texts.
fn split(text: &str) -> [Vec<&str>; 2] {
    let mut found = [Vec::new(), Vec::new()];
    let mut starts = [0, 0];
    let (mut depth, mut at) = (0usize, 0);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b' ' if depth == 0 => {
                let word = match bytes.get(at..at + 4) {
                    Some(b" || ") => 0,
                    Some(b" && ") => 1,
                    _ => {
                        at += 1;
                        continue;
                    }
                };
                found[word].push(&text[starts[word]..at]);
                at += 4;
                starts[word] = at;
                continue;
            }
            b'r' | b'"' | b'\'' => {
                if let Some(length) = super::quote::literal_length(&text[at..]) {
                    at += length;
                    continue;
                }
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    for (parts, start) in found.iter_mut().zip(starts) {
        parts.push(&text[start..]);
    }
    found
}

/// The lines of a condition whose first line starts `offset` columns after `indent` and has `tail` columns after its last.
fn lines(text: &str, indent: usize, offset: usize, tail: usize) -> Vec<String> {
    if indent + offset + text.chars().count() + tail <= WIDTH {
        return vec![text.to_owned()];
    }
    match parse(text) {
        Node::Text => vec![text.to_owned()],
        Node::Group(before, inside) => {
            let mut inner = lines(inside, indent, offset + before.len() + 1, tail + 1);
            if let Some(first) = inner.first_mut() {
                *first = format!("{before}({first}");
            }
            if let Some(last) = inner.last_mut() {
                last.push(')');
            }
            inner
        }
        Node::Chain(word, parts) => {
            let nested = indent + 4;
            let mut all: Vec<String> = Vec::new();
            for (at, part) in parts.iter().enumerate() {
                let tail = if at + 1 == parts.len() { tail } else { 0 };
                if at == 0 {
                    all.extend(lines(part, indent, offset, tail));
                    continue;
                }
                let mut part = lines(part, nested, word.len() + 1, tail);
                if let Some(first) = part.first_mut() {
                    *first = format!("{}{word} {first}", " ".repeat(nested));
                }
                all.extend(part);
            }
            all
        }
    }
}

/// The line of a variable that holds a condition.
pub(super) fn assigned(name: &str, condition: &str, indent: usize) -> String {
    let before = format!("let {name} = ");
    let lines = lines(condition, indent, before.len(), 1);
    format!("{}{before}{};", " ".repeat(indent), lines.join("\n"))
}

/// The head of a branch, behind what stands before it, in lines that stand `indent` columns in.
pub(super) fn branch(before: &str, condition: &str, indent: usize) -> String {
    let columns = before.lines().last().map_or(0, |line| line.chars().count());
    let offset = columns.saturating_sub(indent) + "if ".len();
    let lines = lines(condition, indent, offset, " {".len());
    match lines.as_slice() {
        [one] => format!("if {one} {{\n"),
        many => format!("if {}\n{}{{\n", many.join("\n"), " ".repeat(indent)),
    }
}

/// A list after `before`, with `after` behind it, in a line that stands `indent` columns in.
pub(super) fn list(before: &str, items: &[String], after: &str, indent: usize) -> String {
    let flat = items.join(", ");
    let columns = |text: &str| text.chars().count();
    if (columns(&flat) <= LIST || items.len() < 2)
        && indent + columns(before) + columns(&flat) + columns(after) + 2 <= WIDTH
    {
        return format!("{before}[{flat}]{after}");
    }
    let pad = " ".repeat(indent + 4);
    let mut lines: Vec<String> = Vec::new();
    let share = items.iter().all(|item| columns(item) <= SHORT);
    for item in items {
        match lines.last_mut() {
            Some(line) if share && columns(line) + columns(item) + 2 <= WIDTH => {
                line.push(' ');
                line.push_str(item);
                line.push(',');
            }
            _ => lines.push(format!("{pad}{item},")),
        }
    }
    format!(
        "{before}[\n{}\n{}]{after}",
        lines.join("\n"),
        " ".repeat(indent)
    )
}

/// A call that starts after `before` in a line `indent` columns in and has `after` behind it.
pub(super) fn call(
    before: &str,
    function: &str,
    arguments: &[Argument],
    after: &str,
    indent: usize,
) -> String {
    let flat: Vec<String> = arguments.iter().map(Argument::flat).collect();
    let flat = flat.join(", ");
    let columns = |text: &str| text.chars().count();
    let whole = format!("{before}{function}({flat}){after}");
    let short_lists = arguments.iter().all(|argument| match argument {
        Argument::Text(_) => true,
        Argument::List(items) => columns(&items.join(", ")) <= LIST,
    });
    if short_lists && columns(&flat) <= LIST && indent + columns(&whole) <= WIDTH {
        return whole;
    }
    if let [Argument::List(items)] = arguments {
        return list(
            &format!("{before}{function}(&"),
            items,
            &format!("){after}"),
            indent,
        );
    }
    let pad = " ".repeat(indent + 4);
    let lines: Vec<String> = arguments
        .iter()
        .map(|argument| match argument {
            Argument::Text(text) => format!("{pad}{text},"),
            Argument::List(items) => format!("{pad}{}", list("&", items, ",", indent + 4)),
        })
        .collect();
    format!(
        "{before}{function}(\n{}\n{}){after}",
        lines.join("\n"),
        " ".repeat(indent)
    )
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub(super) enum Argument {
    /// An expression that is not broken.
    Text(String),
    /// A borrowed list.
    List(Vec<String>),
}

impl Argument {
    pub(super) fn flat(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List(items) => format!("&[{}]", items.join(", ")),
        }
    }
}

/// What stands after the `=` of a constant text: on the same line where it fits, else on the next.
pub(super) fn after_equals(before: &str, literal: &str) -> String {
    if before.chars().count() + literal.chars().count() + 2 <= WIDTH {
        format!(" {literal}")
    } else {
        format!("\n    {literal}")
    }
}
