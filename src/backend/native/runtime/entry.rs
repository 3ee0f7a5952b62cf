//! What one function of the IR computes, taken out of the `match` over all functions that it stands in.
//!
//! An arm starts eight columns in, as `rustfmt` leaves it, and becomes a function of its own with those variables of the
//! surrounding one that it uses.

use super::item::{File, Item, paths};
use crate::backend::native::quote;

/// A function that asks which function of the IR is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dispatcher {
    pub(super) module: &'static str,
    pub(super) name: &'static str,
    /// What it is called with.
    pub(super) form: Form,
}

/// How the arguments come to an arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As a list in which a missing one is `null`.
    Values,
    /// As such a list in the type of the queries' functions.
    Query,
    /// As a list that tells a missing one from `null`.
    Present,
}

/// Where the functions are computed; the first with an arm of its own counts.
pub(super) const DISPATCHERS: &[Dispatcher] = &[
    of("compute", "compute", Form::Values),
    of("compute::query::logic", "call", Form::Query),
    of("compute::query::arithmetic", "call", Form::Query),
    of("compute::query::moment", "call", Form::Query),
    of("compute::query::wording", "call", Form::Query),
    of("compute::query::collection", "call", Form::Query),
    of("compute::query::network", "call", Form::Query),
    of("compute::query::coding", "call", Form::Query),
    of("compute::query::series", "call", Form::Query),
    of("compute::query::geography", "call", Form::Query),
    of("eval::term", "apply", Form::Present),
];

const fn of(module: &'static str, name: &'static str, form: Form) -> Dispatcher {
    Dispatcher { module, name, form }
}

/// The variants that the dispatcher of a file has an arm for, each alone, with the function that the arm becomes.
pub(super) fn entries(file: &File, dispatcher: Dispatcher) -> Vec<(String, Item)> {
    let whole = file.items.iter().find(|item| item.name == dispatcher.name);
    let Some((before, arms, wrapped)) = whole.and_then(|item| taken_apart(&item.text)) else {
        return Vec::new();
    };
    let lets = lets(before);
    let mut entries = Vec::new();
    for (pattern, body) in arms_of(arms) {
        let Some(variant) = pattern.strip_prefix("Function::") else {
            continue;
        };
        let text = written(variant, &body, &lets, wrapped, dispatcher);
        // A function that only hands on computes nothing itself.
        let is_known = variant.chars().all(char::is_alphanumeric);
        if is_known && !quote::words(&body).any(|word| word == "function") && body.trim() != "None"
        {
            let name = name(variant, dispatcher);
            entries.push((variant.to_owned(), Item::function(name, text)));
        }
    }
    entries
}

/// What the function of a variant is called.
fn name(variant: &str, dispatcher: Dispatcher) -> String {
    let mut name = dispatcher.name.to_owned();
    for c in variant.chars() {
        if c.is_uppercase() {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    name
}

/// The lines before the `match`, its arms, and whether the whole of it is wrapped in `Some`.
fn taken_apart(text: &str) -> Option<(&str, &str, bool)> {
    let plain = text.find("\n    match function {\n");
    let wrapped = text.find("\n    Some(match function {\n");
    let at = plain.or(wrapped)?;
    let (before, rest) = text.split_at(at);
    let before = before.split_once(" {\n").map_or("", |(_, before)| before);
    let arms = rest.split_once("{\n")?.1;
    Some((before, arms, plain.is_none()))
}

/// The variables that are set, by name.
fn lets(before: &str) -> Vec<(String, String)> {
    let mut lets: Vec<(String, String)> = Vec::new();
    for line in before.lines() {
        if let Some(rest) = line.strip_prefix("    let ") {
            let end = rest.find([' ', ':']).unwrap_or(rest.len());
            lets.push((rest[..end].to_owned(), line.to_owned()));
        } else if let Some((_, text)) = lets.last_mut() {
            text.push('\n');
            text.push_str(line);
        }
    }
    lets
}

/// The arms, each as its pattern and its value.
fn arms_of(arms: &str) -> Vec<(String, String)> {
    let mut found: Vec<String> = Vec::new();
    for line in arms.lines() {
        let is_start = line
            .strip_prefix("        ")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_alphabetic() || c == '_'));
        if is_start {
            found.push(String::new());
        }
        if !line.starts_with("        ") || line.trim_start().starts_with("//") {
            continue;
        }
        if let Some(arm) = found.last_mut() {
            arm.push_str(line.strip_prefix("        ").unwrap_or(line));
            arm.push('\n');
        }
    }
    let split = |arm: &String| {
        let (pattern, value) = arm.split_once("=>")?;
        let value = value.trim().trim_end_matches(',');
        Some((pattern.trim().to_owned(), value.to_owned()))
    };
    found.iter().filter_map(split).collect()
}

/// The function that an arm becomes.
fn written(
    variant: &str,
    body: &str,
    lets: &[(String, String)],
    wrapped: bool,
    dispatcher: Dispatcher,
) -> String {
    let body = match body.strip_prefix("return ") {
        Some(value) => value.to_owned(),
        None if wrapped => format!("Some({body})"),
        None => body.to_owned(),
    };
    let mut used = vec![false; lets.len()];
    let mut code = body.clone();
    for (at, (name, text)) in lets.iter().enumerate().rev() {
        if paths(&code).iter().any(|path| path == &[name.as_str()])
            || code.contains(&format!("{name}("))
        {
            used[at] = true;
            code.push_str(text);
        }
    }
    let (arguments, first) = match dispatcher.form {
        Form::Values => ("&[&Value]", None),
        Form::Query => (
            "&[&Value]",
            Some("    let arguments = Arguments(arguments);"),
        ),
        Form::Present => (
            "&[Option<&Value>]",
            Some(
                "    let values: Vec<_> = arguments.iter().map(|value| value.map(Cow::Borrowed)).collect();\n    \
                 let arguments = &Arguments(&values);",
            ),
        ),
    };
    let mut lines: Vec<String> = first.map(str::to_owned).into_iter().collect();
    let wanted = lets.iter().zip(used).filter(|(_, used)| *used);
    lines.extend(wanted.map(|((_, text), _)| text.clone()));
    lines.push(indented(&body));
    let name = name(variant, dispatcher);
    let lines = lines.join("\n");
    format!("pub fn {name}(arguments: {arguments}) -> Option<Value> {{\n{lines}\n}}")
}

/// The lines four columns further in.
pub(super) fn indented(text: &str) -> String {
    let mut indented = String::with_capacity(text.len() + text.len() / 4);
    for (at, line) in text.lines().enumerate() {
        if at > 0 {
            indented.push('\n');
        }
        if !line.is_empty() {
            indented.extend(["    ", line]);
        }
    }
    indented
}
