//! Values that a function asks for again and again get a variable.
//!
//! Expressions of emitted Python read nothing but their function's parameters, have no effects and raise nothing, so that a value
//! may be computed once, before the first statement that asks for it. Left where they stand: what reads an item of a
//! comprehension, what is inside texts, and what answers yes or no.

use super::layout::Line;
use super::module::first_free;
use super::{names, quote};

/// How many variables a function gets at most.
const MOST: usize = 12;

/// How many characters a variable has to save.
const WORTH: usize = 8;

/// Functions that give a value another form: a variable is named after the value.
const CONVERSIONS: [&str; 6] = ["text", "to_text", "str", "lower", "shown", "shown_event"];

/// The lines with variables for what they ask again and again. `is_taken` says which names mean something else in the module.
pub(super) fn named(mut lines: Vec<Line>, is_taken: &dyn Fn(&str) -> bool) -> Vec<Line> {
    for _ in 0..MOST {
        let Some(wanted) = worthiest(&lines) else {
            break;
        };
        let known = assigned(&lines, &wanted);
        let name = known.unwrap_or_else(|| {
            let used: Vec<String> = lines
                .iter()
                .flat_map(|line| quote::words(&line.text))
                .map(str::to_owned)
                .collect();
            first_free(&stem(&wanted), |name| {
                is_taken(name) || used.iter().any(|word| word == name) || is_written(&lines, name)
            })
        });
        give(&mut lines, &wanted, &name);
    }
    lines
}

/// The variable that some line assigns the expression to, if no other line assigns it anything else.
fn assigned(lines: &[Line], wanted: &str) -> Option<String> {
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let assignments = || {
        let pairs = lines.iter().filter_map(|line| line.text.split_once(" = "));
        pairs.filter(|(name, _)| is_name(name))
    };
    let (name, _) = assignments().find(|(_, value)| *value == wanted)?;
    assignments()
        .all(|(other, value)| other != name || value == wanted)
        .then(|| name.to_owned())
}

/// Whether the name stands in some text, as one that is put together names its parts.
fn is_written(lines: &[Line], name: &str) -> bool {
    let part = format!("{{{name}}}");
    lines.iter().any(|line| line.text.contains(&part))
}

/// Writes the name in place of the expression, with an assignment before the first statement that asks for it.
fn give(lines: &mut Vec<Line>, wanted: &str, name: &str) {
    let assignment = format!("{name} = {wanted}");
    lines.retain(|line| line.text != assignment);
    let asks = |line: &Line| occurrences(&line.text, wanted).next().is_some();
    // An assignment that was there may have been read by texts alone.
    let reads = |line: &Line| asks(line) || line.text.contains(&format!("{{{name}}}"));
    let (Some(first), Some(last)) = (lines.iter().position(reads), lines.iter().rposition(reads))
    else {
        return;
    };
    let start = (1..=lines[first].indent).rev().find_map(|indent| {
        let starts = |line: &Line| line.indent == indent && line.is_statement();
        let start = lines[..=first].iter().rposition(starts)?;
        let within = lines[start..=last].iter().all(|line| line.indent >= indent);
        within.then_some((start, indent))
    });
    let Some((start, indent)) = start else { return };
    for line in lines.iter_mut() {
        let places: Vec<usize> = occurrences(&line.text, wanted).collect();
        for at in places.into_iter().rev() {
            line.text.replace_range(at..at + wanted.len(), name);
        }
    }
    lines.insert(start, Line::new(indent, assignment));
}

/// The call whose variable saves the most characters.
fn worthiest(lines: &[Line]) -> Option<String> {
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for line in lines {
        let bound = bound(&line.text);
        for call in calls(&line.text) {
            if !is_value(call) || quote::words(call).iter().any(|word| bound.contains(word)) {
                continue;
            }
            match counted.iter_mut().find(|(known, _)| *known == call) {
                Some((_, count)) => *count += 1,
                None => counted.push((call, 1)),
            }
        }
    }
    let saved = |(call, count): &(&str, usize)| {
        let name = stem(call).len();
        (count * call.len()).checked_sub((count + 1) * name + call.len() + 8)
    };
    let worth = counted.iter().filter(|known| known.1 > 1);
    let worth = worth.filter_map(|known| Some((saved(known)?, known.0)));
    let (saved, call) = worth.max_by(|one, other| one.0.cmp(&other.0).then(other.1.cmp(one.1)))?;
    (saved >= WORTH).then(|| call.to_owned())
}

/// Whether the call is of a value rather than of a question.
fn is_value(call: &str) -> bool {
    let name = call.split('(').next().unwrap_or_default();
    if name.rsplit('.').next() == Some("items") {
        return false;
    }
    let asks = [
        "is", "has_", "are_", "check_", "any", "all", "bool", "next", "sum", "in_",
    ];
    !asks.iter().any(|start| name.starts_with(start))
}

/// The variable's name: after the last key in the expression, else after the function.
fn stem(call: &str) -> String {
    let keys: Vec<&str> = texts(call)
        .into_iter()
        .filter(|text| is_key(text))
        .collect();
    let Some(last) = keys.last() else {
        let mut words = quote::words(call).into_iter();
        let name = words
            .find(|word| !CONVERSIONS.contains(word))
            .unwrap_or_default();
        let made = ["choose_", "find_", "list_"];
        let bare = made.iter().find_map(|start| name.strip_prefix(start));
        return names::snake(bare.unwrap_or(name), "value");
    };
    let name = names::snake(last, "value");
    if !names::is_reserved(&name) {
        return name;
    }
    let above = keys.len().checked_sub(2).map_or("the", |at| keys[at]);
    names::snake(&format!("{above}_{last}"), "value")
}

fn is_key(text: &str) -> bool {
    text.len() > 1
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

/// The names that the comprehensions of a line bind.
fn bound(line: &str) -> Vec<&str> {
    let words = quote::words(line);
    let pairs = words.windows(2);
    let bound = pairs.filter(|pair| pair[0] == "for").map(|pair| pair[1]);
    bound.collect()
}

/// The calls in a line, those within calls among them.
fn calls(line: &str) -> Vec<&str> {
    let bytes = line.as_bytes();
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut found = Vec::new();
    let mut at = 0;
    let mut word = None;
    while at < bytes.len() {
        match bytes[at] {
            b'"' | b'\'' => {
                at += quote::literal_length(&line[at..], char::from(bytes[at]));
                word = None;
                continue;
            }
            b'(' | b'[' | b'{' => {
                open.push(word.take().filter(|_| bytes[at] == b'('));
            }
            b')' | b']' | b'}' => {
                if let Some(Some(start)) = open.pop() {
                    found.push(&line[start..=at]);
                }
                word = None;
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                word = word.or(Some(at));
            }
            // A method of what is called or written before it is no call of its own.
            b'.' if word.is_some() => {}
            b'.' => {
                let rest = &line[at + 1..];
                let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
                at += rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            }
            _ => word = None,
        }
        at += 1;
    }
    found
}

/// The texts in an expression.
fn texts(expression: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = expression[at..].find(['"', '\'']) {
        let start = at + next;
        let quote = if expression.as_bytes()[start] == b'"' {
            '"'
        } else {
            '\''
        };
        let end = start + quote::literal_length(&expression[start..], quote);
        found.push(expression[start + 1..].get(..end - start - 2).unwrap_or(""));
        at = end;
    }
    found
}

/// Where the expression stands in a line as a whole, outside of texts.
fn occurrences<'l>(line: &'l str, wanted: &'l str) -> impl Iterator<Item = usize> + use<'l> {
    let start = line.as_ptr() as usize;
    let calls = calls(line).into_iter().filter(move |call| *call == wanted);
    calls.map(move |call| call.as_ptr() as usize - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[(usize, &str)]) -> Vec<Line> {
        let lines = texts.iter().map(|(indent, text)| Line::new(*indent, *text));
        lines.collect()
    }

    fn written(texts: &[(usize, &str)]) -> String {
        let named = named(lines(texts), &|_| false);
        let lines = named
            .iter()
            .map(|line| format!("{}{}\n", "    ".repeat(line.indent - 1), line.text));
        lines.collect()
    }

    const TYPE: &str = r#"event.deep_get("userIdentity", "type")"#;

    #[test]
    fn what_is_asked_often_is_asked_once_before_the_first_who_asks() {
        let text = written(&[
            (1, r#"if event.get("a") == 1:"#),
            (2, "return None"),
            (
                1,
                &format!(r#"if {TYPE} == "Root" or {TYPE} == "{TYPE}":"#)
                    .replace(&format!("\"{TYPE}\""), "\"x\""),
            ),
            (2, &format!("return {TYPE}")),
            (1, &format!("return {TYPE}")),
        ]);
        insta::assert_snapshot!(text, @r#"
        if event.get("a") == 1:
            return None
        user_identity_type = event.deep_get("userIdentity", "type")
        if user_identity_type == "Root" or user_identity_type == "x":
            return user_identity_type
        return user_identity_type
        "#);
    }

    #[test]
    fn a_value_of_one_block_stays_in_it_and_takes_its_variable() {
        let text = written(&[
            (1, "if event:"),
            (2, &format!("if {TYPE} in TYPES and {TYPE} != OTHER:")),
            (3, &format!("kind = {TYPE}")),
            (3, r#"return f"Unknown{kind}""#),
            (2, &format!("return {TYPE}")),
            (1, "return None"),
        ]);
        insta::assert_snapshot!(text, @r#"
        if event:
            kind = event.deep_get("userIdentity", "type")
            if kind in TYPES and kind != OTHER:
                return f"Unknown{kind}"
            return kind
        return None
        "#);
    }

    #[test]
    fn what_reads_an_item_and_what_is_in_a_text_stays() {
        let item = r#"member(item, "responseElements", "policy")"#;
        let text = format!("return any({item} and {item} != 'x' for item in VALUES if {item})");
        assert_eq!(written(&[(1, &text)]), format!("{text}\n"));
        let text = format!("return '{TYPE} {TYPE} {TYPE} {TYPE}'");
        assert_eq!(written(&[(1, &text)]), format!("{text}\n"));
    }
}
