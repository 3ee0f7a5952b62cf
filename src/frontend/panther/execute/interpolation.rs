//! Texts with places for values: f-strings, `"...".format(...)`, and `"..." % values`.
//!
//! Refused: format specifications that are not known, places in `.format` that look into their value, and conversions of `%`
//! other than those for texts, literals and whole numbers.

use rustpython_ruff_python_ast as ast;

use super::argument::Arguments;
use super::exception::Exception;
use super::value::{SequenceKind, Value};
use super::{Executor, Outcome};
use crate::ir::{Kind, Literal};

impl<'m> Executor<'m> {
    /// An f-string.
    pub(super) fn interpolated(&mut self, text: &'m ast::ExprFString) -> Outcome<Value<'m>> {
        let mut parts = Vec::new();
        for part in text.value.as_slice() {
            match part {
                ast::FStringPart::Literal(literal) => {
                    parts.push(Value::text(literal.as_str()));
                }
                ast::FStringPart::FString(inner) => {
                    for element in &inner.elements {
                        parts.push(self.interpolated_element(element)?);
                    }
                }
            }
        }
        self.stand_at(text);
        self.concatenate(parts)
    }

    fn interpolated_element(
        &mut self,
        element: &'m ast::InterpolatedStringElement,
    ) -> Outcome<Value<'m>> {
        let interpolation = match element {
            ast::InterpolatedStringElement::Literal(literal) => {
                return Ok(Value::text(&*literal.value));
            }
            ast::InterpolatedStringElement::Interpolation(interpolation) => interpolation,
        };
        let value = self.evaluate(&interpolation.expression)?;
        if interpolation.debug_text.is_some() {
            return self.refuse("`=` in an f-string cannot be expressed");
        }
        let spec = match &interpolation.format_spec {
            None => String::new(),
            Some(spec) => {
                let mut parts = Vec::new();
                for element in &spec.elements {
                    parts.push(self.deeper(|this| this.interpolated_element(element))?);
                }
                match self.concatenate(parts)?.as_text() {
                    Some(spec) => spec.to_owned(),
                    None => return self.refuse("a format specification must be known"),
                }
            }
        };
        self.stand_at(interpolation);
        let conversion = match interpolation.conversion {
            ast::ConversionFlag::None => None,
            ast::ConversionFlag::Str => Some('s'),
            ast::ConversionFlag::Repr => Some('r'),
            ast::ConversionFlag::Ascii => Some('a'),
        };
        self.converted(value, conversion, &spec)
    }

    /// The value after a conversion and with a format specification.
    fn converted(
        &mut self,
        value: Value<'m>,
        conversion: Option<char>,
        spec: &str,
    ) -> Outcome<Value<'m>> {
        let value = match conversion {
            None => value,
            Some('s') => self.text_of(value)?,
            Some('r') => self.literal_of(value)?,
            Some(other) => return self.refuse(format!("`!{other}` cannot be expressed")),
        };
        self.formatted(value, spec)
    }

    /// `"... {} {name} ...".format(...)`.
    pub(super) fn format(
        &mut self,
        receiver: &Value<'m>,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let Some(text) = receiver.as_text() else {
            return self.refuse("`.format()` requires a known text");
        };
        let Some(pieces) = placeholders(text) else {
            return self.refuse("`.format()` requires plain placeholders");
        };
        let mut parts = Vec::new();
        for piece in pieces {
            let (value, place) = match piece {
                Piece::Text(text) => {
                    parts.push(Value::text(text));
                    continue;
                }
                Piece::Place(place) => match &place.name {
                    Ok(at) => match arguments.positional.get(*at) {
                        Some(value) => (value.clone(), place),
                        None => return self.raise(Exception::INDEX),
                    },
                    Err(name) => match arguments.keyword(name) {
                        Some(value) => (value, place),
                        None => return self.raise(Exception::KEY),
                    },
                },
            };
            parts.push(self.converted(value, place.conversion, &place.spec)?);
        }
        self.concatenate(parts)
    }

    /// `"..." % values`.
    pub(super) fn percent(&mut self, format: &str, values: Value<'m>) -> Outcome<Value<'m>> {
        self.each(values, &mut |this, values| this.percent_one(format, values))
    }

    fn percent_one(&mut self, format: &str, values: Value<'m>) -> Outcome<Value<'m>> {
        let mut single = false;
        let values = match values {
            Value::Sequence(sequence) if sequence.kind == SequenceKind::Tuple => {
                sequence.items.as_ref().clone()
            }
            Value::Mapping(_) => return self.refuse("`%` with a dictionary cannot be expressed"),
            other => {
                single = true;
                vec![other]
            }
        };
        let mut values = values.into_iter();
        let mut parts = Vec::new();
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            parts.push(Value::text(&rest[..at]));
            let mut after = rest[at + 1..].chars();
            match after.next() {
                Some('%') => parts.push(Value::text("%")),
                Some(c @ ('s' | 'r' | 'd')) => match values.next() {
                    Some(value) => parts.push(self.percent_value(c, value)?),
                    None => return self.raise(Exception::TYPE),
                },
                _ => return self.refuse("only `%s`, `%r` and `%d` can be expressed"),
            }
            rest = after.as_str();
        }
        parts.push(Value::text(rest));
        if let Some(left) = values.next() {
            // A single object of the event may stand there without a place of its own.
            if single && matches!(left, Value::Data(_) | Value::Choice(_)) {
                return self.refuse("a value of the event must have a place in the text");
            }
            return self.raise(Exception::TYPE);
        }
        self.concatenate(parts)
    }

    fn percent_value(&mut self, conversion: char, value: Value<'m>) -> Outcome<Value<'m>> {
        match conversion {
            's' => self.text_of(value),
            'r' => self.literal_of(value),
            _ => self.each(value, &mut |this, value| match &value {
                Value::Constant(Literal::Integer(_)) => this.text_of(value),
                Value::Data(data) if data.kind == Some(Kind::Integer) => this.text_of(value),
                _ => this.refuse("`%d` requires a whole number"),
            }),
        }
    }
}

/// A part of a format text.
enum Piece {
    Text(String),
    Place(Place),
}

/// A place for a value, by position or by name.
struct Place {
    name: Result<usize, String>,
    conversion: Option<char>,
    spec: String,
}

/// The parts of a format text; `None` where a place looks into its value or holds another place.
fn placeholders(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut next = 0;
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        if let Some(after) = after.strip_prefix(brace) {
            plain.push_str(brace);
            rest = after;
            continue;
        }
        if brace == "}" {
            return None;
        }
        let (inner, after) = after.split_once('}')?;
        pieces.push(Piece::Text(std::mem::take(&mut plain)));
        pieces.push(Piece::Place(place(inner, &mut next)?));
        rest = after;
    }
    plain.push_str(rest);
    pieces.push(Piece::Text(plain));
    Some(pieces)
}

fn place(inner: &str, next: &mut usize) -> Option<Place> {
    let (field, spec) = inner.split_once(':').unwrap_or((inner, ""));
    let (name, conversion) = match field.split_once('!') {
        Some((name, conversion)) => {
            let mut letters = conversion.chars();
            let conversion = letters.next()?;
            if letters.next().is_some() {
                return None;
            }
            (name, Some(conversion))
        }
        None => (field, None),
    };
    if spec.contains('{') || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let name = if name.is_empty() {
        *next += 1;
        Ok(*next - 1)
    } else {
        name.parse().map_err(|_| name.to_owned())
    };
    Some(Place {
        name,
        conversion,
        spec: spec.to_owned(),
    })
}
