//! Methods of texts, constant ones and those of the event.

use super::argument::Arguments;
use super::exception::Exception;
use super::value::{SequenceKind, Value};
use super::{Executor, Outcome};
use crate::ir::{Function, Kind, Literal, Object, Operator, Term};

/// The methods that only texts have (and `count` and `index`, which lists have too).
pub(super) const METHODS: &[&str] = &[
    "capitalize",
    "casefold",
    "count",
    "encode",
    "endswith",
    "find",
    "format",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdigit",
    "islower",
    "isnumeric",
    "isspace",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "upper",
    "zfill",
];

impl<'m> Executor<'m> {
    /// A method of a text.
    pub(super) fn text_method(
        &mut self,
        receiver: &Value<'m>,
        name: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        match name {
            "startswith" | "endswith" => self.affix(receiver, name, arguments),
            "join" => self.join(receiver, arguments),
            "format" => self.format(receiver, arguments),
            _ => match (receiver, known_texts(&arguments)) {
                (Value::Constant(Literal::Text(text)), _) => {
                    self.constant_method(text, name, &arguments)
                }
                (Value::Data(data), texts) => {
                    let term = data.term.clone();
                    self.data_text_method(term, name, &arguments, texts)
                }
                _ => self.refuse(format!("`.{name}()` cannot be expressed here")),
            },
        }
    }

    /// `.startswith` and `.endswith`, of one text or a tuple of texts.
    fn affix(
        &mut self,
        receiver: &Value<'m>,
        name: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        if !arguments.only(1..=1) {
            return self.refuse(format!("`.{name}()` requires one argument here"));
        }
        let operator = if name == "startswith" {
            Operator::StartsWith
        } else {
            Operator::EndsWith
        };
        let affix = arguments
            .positional
            .into_iter()
            .next()
            .unwrap_or(Value::NONE);
        self.each(affix, &mut |this, affix| {
            let affixes = match &affix {
                Value::Sequence(sequence) if sequence.kind == SequenceKind::Tuple => {
                    sequence.items.as_ref().clone()
                }
                Value::Constant(Literal::Text(_)) | Value::Data(_) => vec![affix.clone()],
                Value::Constant(_) | Value::Truth(_) | Value::Sequence(_) | Value::Mapping(_) => {
                    return this.raise(Exception::TYPE);
                }
                other => {
                    return this.refuse(format!(
                        "`.{name}()` cannot be expressed with {}",
                        other.type_name()
                    ));
                }
            };
            let mut texts = Vec::new();
            for affix in &affixes {
                match affix.as_text() {
                    Some(text) => texts.push(text.to_owned()),
                    None if matches!(affix, Value::Constant(_)) => {
                        return this.raise(Exception::TYPE);
                    }
                    None => {
                        return this.refuse(format!("`.{name}()` requires a known text"));
                    }
                }
            }
            let condition = match receiver {
                Value::Constant(Literal::Text(text)) => {
                    crate::ir::Condition::constant(texts.iter().any(|affix| match operator {
                        Operator::StartsWith => text.starts_with(affix.as_str()),
                        _ => text.ends_with(affix.as_str()),
                    }))
                }
                Value::Data(data) => this.text_test(&data.term, operator, &texts),
                _ => return this.refuse(format!("`.{name}()` cannot be expressed here")),
            };
            Ok(Value::truth(condition))
        })
    }

    /// `separator.join(texts)`.
    fn join(&mut self, separator: &Value<'m>, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        let Some(texts) = arguments.positional.into_iter().next() else {
            return self.raise(Exception::TYPE);
        };
        self.each(texts, &mut |this, texts| {
            let mut parts = Vec::new();
            for (at, item) in this.known_items(texts)?.into_iter().enumerate() {
                if at > 0 {
                    parts.push(separator.clone());
                }
                parts.push(this.require_text(item)?);
            }
            this.concatenate(parts)
        })
    }

    /// The value, raising where it is not a text.
    pub(super) fn require_text(&mut self, value: Value<'m>) -> Outcome<Value<'m>> {
        self.each(value, &mut |this, value| match value {
            Value::Constant(Literal::Text(_)) => Ok(value),
            Value::Data(data) => {
                let text = this.is_kind(&data, &[Kind::Text]);
                this.raise_if(text.negate(), Exception::TYPE)?;
                Ok(Value::computed(data.term, Kind::Text))
            }
            Value::Constant(_) | Value::Truth(_) | Value::Sequence(_) | Value::Mapping(_) => {
                this.raise(Exception::TYPE)
            }
            other => this.refuse(format!("{} cannot be used as a text", other.type_name())),
        })
    }

    /// `"... {} {name} ...".format(...)` with plain placeholders.
    fn format(&mut self, receiver: &Value<'m>, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        let Some(text) = receiver.as_text() else {
            return self.refuse("`.format()` requires a known text");
        };
        let Some(pieces) = placeholders(text) else {
            return self.refuse("`.format()` requires plain placeholders");
        };
        let mut parts = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => parts.push(Value::text(text)),
                Piece::Position(at) => match arguments.positional.get(at) {
                    Some(value) => parts.push(self.text_of(value.clone())?),
                    None => return self.raise(Exception::INDEX),
                },
                Piece::Name(name) => match arguments.keyword(&name) {
                    Some(value) => parts.push(self.text_of(value)?),
                    None => return self.raise(Exception::KEY),
                },
            }
        }
        self.concatenate(parts)
    }

    fn constant_method(
        &mut self,
        text: &str,
        name: &str,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let texts = known_texts(arguments);
        let Some(texts) = texts else {
            return self.refuse(format!("`.{name}()` of a text requires known texts"));
        };
        let result = match (name, texts.as_slice()) {
            ("lower" | "casefold", []) => text.to_lowercase(),
            ("upper", []) => text.to_uppercase(),
            ("strip", []) => text.trim().to_owned(),
            ("lstrip", []) => text.trim_start().to_owned(),
            ("rstrip", []) => text.trim_end().to_owned(),
            ("strip", [chars]) => text.trim_matches(|c| chars.contains(c)).to_owned(),
            ("lstrip", [chars]) => text.trim_start_matches(|c| chars.contains(c)).to_owned(),
            ("rstrip", [chars]) => text.trim_end_matches(|c| chars.contains(c)).to_owned(),
            ("replace", [from, to]) => {
                if (text.len() + 1).saturating_mul(to.len() + 1) > super::TEXT {
                    return self.refuse("a text must be shorter than this");
                }
                text.replace(from.as_str(), to)
            }
            ("removeprefix", [prefix]) => text
                .strip_prefix(prefix.as_str())
                .unwrap_or(text)
                .to_owned(),
            ("removesuffix", [suffix]) => text
                .strip_suffix(suffix.as_str())
                .unwrap_or(text)
                .to_owned(),
            ("split", []) => {
                let parts = text.split_whitespace().map(Value::text).collect();
                return Ok(self.sequence(SequenceKind::List, parts));
            }
            ("split", [separator]) if !separator.is_empty() => {
                let parts = text.split(separator.as_str()).map(Value::text).collect();
                return Ok(self.sequence(SequenceKind::List, parts));
            }
            ("isdigit", []) if text.is_ascii() => {
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                return Ok(Value::Constant(Literal::Boolean(digits)));
            }
            _ => return self.refuse(format!("`.{name}()` of a text cannot be expressed here")),
        };
        Ok(Value::text(result))
    }

    fn data_text_method(
        &mut self,
        term: Term,
        name: &str,
        arguments: &Arguments<'m>,
        texts: Option<Vec<String>>,
    ) -> Outcome<Value<'m>> {
        let Some(texts) = texts else {
            return self.refuse(format!("`.{name}()` of event data requires known texts"));
        };
        let call = |function, more: &[String]| {
            let arguments: Vec<Term> = std::iter::once(term.clone())
                .chain(more.iter().map(Term::text))
                .collect();
            Term::call(function, arguments)
        };
        let result = match (name, texts.as_slice()) {
            ("lower" | "casefold", []) => call(Function::Lower, &[]),
            ("upper", []) => call(Function::Upper, &[]),
            ("strip", []) => call(Function::Trim, &[]),
            ("replace", [from, _]) if !from.is_empty() => call(Function::Replace, &texts),
            ("split", [separator]) if !separator.is_empty() => {
                return Ok(Value::computed(call(Function::Split, &texts), Kind::List));
            }
            ("isdigit", []) => {
                let digits = Object::Texts(vec![r"\A[0-9]+\z".to_owned()]);
                return Ok(Value::truth(self.test(term, Operator::Matches, digits)));
            }
            _ => {
                let count = arguments.positional.len();
                return self.refuse(format!(
                    "`.{name}()` of event data with {count} arguments cannot be expressed"
                ));
            }
        };
        Ok(Value::computed(result, Kind::Text))
    }
}

/// The arguments, if all are known texts.
fn known_texts(arguments: &Arguments<'_>) -> Option<Vec<String>> {
    if !arguments.keywords.is_empty() {
        return None;
    }
    arguments
        .positional
        .iter()
        .map(|argument| argument.as_text().map(str::to_owned))
        .collect()
}

/// A part of a format text.
enum Piece {
    Text(String),
    Position(usize),
    Name(String),
}

/// The parts of a format text that has only plain placeholders.
fn placeholders(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut next = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' | '}' if chars.peek() == Some(&c) => {
                chars.next();
                plain.push(c);
            }
            '{' => {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                let mut name = String::new();
                loop {
                    match chars.next()? {
                        '}' => break,
                        c if c.is_alphanumeric() || c == '_' => name.push(c),
                        _ => return None,
                    }
                }
                if name.is_empty() {
                    pieces.push(Piece::Position(next));
                    next += 1;
                } else if let Ok(at) = name.parse() {
                    pieces.push(Piece::Position(at));
                } else {
                    pieces.push(Piece::Name(name));
                }
            }
            '}' => return None,
            c => plain.push(c),
        }
    }
    pieces.push(Piece::Text(plain));
    Some(pieces)
}
