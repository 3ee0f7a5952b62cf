//! XML to objects: elements and attributes as keys, texts as values.
//!
//! Reads well-formed XML without a document type of its own; anything else is missing. A text that is a number in JSON is one.

use serde_json::{Map, Value};

/// The longest text that is read.
const LONGEST: usize = 1 << 20;

/// How deep elements may nest.
const DEEPEST: usize = 100;

/// The object that an XML document is.
pub(super) fn read(text: &str) -> Option<Value> {
    if text.len() > LONGEST {
        return None;
    }
    let mut reader = Reader { rest: text };
    reader.skip_misc()?;
    let mut document = Map::new();
    let (name, value) = reader.element(0)?;
    reader.skip_misc()?;
    document.insert(name, value);
    reader.rest.is_empty().then(|| document.into())
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn take(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// What stands before a mark, which is taken too.
    fn until(&mut self, mark: &str) -> Option<&'a str> {
        let (before, rest) = self.rest.split_once(mark)?;
        self.rest = rest;
        Some(before)
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches(is_space);
    }

    /// Skips declarations, instructions and comments.
    fn skip_misc(&mut self) -> Option<()> {
        loop {
            self.skip_space();
            if self.take("<?") {
                self.until("?>")?;
            } else if self.take("<!--") {
                self.until("-->")?;
            } else if self.rest.starts_with("<!DOCTYPE") {
                let declaration = self.until(">")?;
                if declaration.contains('[') {
                    return None;
                }
            } else {
                return Some(());
            }
        }
    }

    fn name(&mut self) -> Option<String> {
        let end = self
            .rest
            .find(|c: char| is_space(c) || matches!(c, '/' | '>' | '=' | '<' | '"' | '\''))?;
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        let first = name.chars().next()?;
        (first.is_alphabetic() || first == '_').then(|| name.to_owned())
    }

    fn element(&mut self, depth: usize) -> Option<(String, Value)> {
        if depth > DEEPEST || !self.take("<") {
            return None;
        }
        let name = self.name()?;
        let mut object = Map::new();
        loop {
            let before = self.rest;
            self.skip_space();
            if self.take("/>") {
                let value = if object.is_empty() {
                    Value::Null
                } else {
                    object.into()
                };
                return Some((name, value));
            }
            if self.take(">") {
                break;
            }
            let spaced = before.len() > self.rest.len();
            let (key, value) = self.attribute().filter(|_| spaced)?;
            if object.insert(format!("@{key}"), value.into()).is_some() {
                return None;
            }
        }
        let text = self.content(&name, &mut object, depth)?;
        let text = text.trim_matches(is_space);
        let value = match (object.is_empty(), text.is_empty()) {
            (true, true) => Value::Null,
            (true, false) => number_or_text(text),
            (false, true) => object.into(),
            (false, false) => {
                object.insert("#text".to_owned(), number_or_text(text));
                object.into()
            }
        };
        Some((name, value))
    }

    fn attribute(&mut self) -> Option<(String, String)> {
        let name = self.name()?;
        self.skip_space();
        if !self.take("=") {
            return None;
        }
        self.skip_space();
        let value = if self.take("\"") {
            self.until("\"")?
        } else if self.take("'") {
            self.until("'")?
        } else {
            return None;
        };
        (!value.contains('<')).then(|| Some((name, resolved(value)?)))?
    }

    /// The text of an element up to its end; its elements go into the object.
    fn content(
        &mut self,
        name: &str,
        object: &mut Map<String, Value>,
        depth: usize,
    ) -> Option<String> {
        let mut text = String::new();
        loop {
            let end = self.rest.find('<')?;
            let (before, rest) = self.rest.split_at(end);
            text.push_str(&resolved(before)?);
            self.rest = rest;
            if self.take("</") {
                let closed = self.name()?;
                self.skip_space();
                return (closed == name && self.take(">")).then_some(text);
            }
            if self.take("<!--") {
                self.until("-->")?;
            } else if self.take("<![CDATA[") {
                text.push_str(self.until("]]>")?);
            } else if self.take("<?") {
                self.until("?>")?;
            } else {
                let (key, value) = self.element(depth + 1)?;
                add(object, key, value);
            }
        }
    }
}

/// Adds an element; one whose name repeats becomes a list.
fn add(object: &mut Map<String, Value>, key: String, value: Value) {
    match object.get_mut(&key) {
        // Elements are no lists by themselves: a list is one of elements.
        Some(Value::Array(items)) => items.push(value),
        Some(single) => {
            let first = single.take();
            *single = vec![first, value].into();
        }
        None => {
            object.insert(key, value);
        }
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn number_or_text(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(Value::Number(number)) => number.into(),
        _ => text.into(),
    }
}

/// The text with its references replaced.
fn resolved(text: &str) -> Option<String> {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        result.push_str(before);
        let (name, behind) = behind.split_once(';')?;
        result.push(match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            other => {
                let number = other.strip_prefix('#')?;
                let point = match number.strip_prefix('x') {
                    Some(digits) => u32::from_str_radix(digits, 16),
                    None => number.parse(),
                };
                char::from_u32(point.ok()?)?
            }
        });
        rest = behind;
    }
    result.push_str(rest);
    Some(result)
}
