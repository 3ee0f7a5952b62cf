//! Plain values: texts with wildcards, numbers, truth values and `null`, and the modifiers that change them.
//!
//! A value compares as a text in any case; see `item`. Modifiers apply in their order to values of typed parts.

use serde_json::Value;

use super::encode;
use super::item::{Item, Refusal};
use super::modifier::Modifier;
use super::value::{Pattern, Shape};
use crate::diagnostic::Code;
use crate::ir::{Condition, Function, Literal, Object, Operator, Origin, Term};
use crate::schema::{FieldType, sigma};

/// How many values one item may expand to.
pub(super) const LARGEST: usize = 10_000;

impl Item {
    pub(super) fn plain(&self, value: &Value, origin: Origin) -> Result<Vec<Condition>, Refusal> {
        let unmodified = self.key.modifiers.iter().all(|modifier| {
            matches!(
                modifier,
                Modifier::All | Modifier::NotEqual | Modifier::Cased | Modifier::Expand
            )
        });
        let text = match value {
            Value::Null if unmodified && !self.is_keyword() => {
                let present = self.test(self.field(), Operator::IsPresent, Object::None, origin);
                return Ok(vec![present.negate()]);
            }
            Value::Bool(_) | Value::Number(_) if unmodified && !self.is_keyword() => {
                let literals = self.literals_of(&Literal::from_json(value));
                return Ok(vec![self.test(
                    self.whole(),
                    Operator::In,
                    Object::List(literals),
                    origin,
                )]);
            }
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Null if self.is_keyword() => {
                return Err((
                    Code::SigmaModifier,
                    "a search over the whole event requires a value, not `null`".into(),
                )
                    .into());
            }
            Value::Null => {
                return Err((
                    Code::SigmaModifier,
                    "the modifier requires a value, not `null`".into(),
                )
                    .into());
            }
            Value::Array(_) | Value::Object(_) => {
                return Err((
                    Code::YamlShape,
                    "a text, number, truth value or `null` is required".into(),
                )
                    .into());
            }
        };
        self.patterns(Pattern::parse(&text), origin)
    }

    /// The conditions of a value that is a text with wildcards.
    pub(super) fn patterns(
        &self,
        pattern: Pattern,
        origin: Origin,
    ) -> Result<Vec<Condition>, Refusal> {
        let patterns = self.transformed(pattern)?;
        Ok(patterns
            .into_iter()
            .map(|pattern| self.pattern(&self.opened(pattern), origin))
            .collect())
    }

    /// The pattern of a keyword stands anywhere in a text, unless the key says where.
    fn opened(&self, pattern: Pattern) -> Pattern {
        let placed = [Modifier::StartsWith, Modifier::EndsWith];
        if self.is_keyword() && !placed.iter().any(|place| self.key.has(*place)) {
            pattern.open(true, true)
        } else {
            pattern
        }
    }

    /// The patterns that the value becomes by the modifiers, in their order.
    fn transformed(&self, pattern: Pattern) -> Result<Vec<Pattern>, Refusal> {
        let mut contents = vec![Content::Pattern(pattern)];
        for modifier in &self.key.modifiers {
            let changed: Result<Vec<Vec<Content>>, Refusal> = contents
                .into_iter()
                .map(|content| content.apply(*modifier))
                .collect();
            contents = changed?.concat();
            if contents.len() > LARGEST {
                return Err(too_many());
            }
        }
        contents
            .into_iter()
            .map(|content| match content {
                Content::Pattern(pattern) => Ok(pattern),
                Content::Bytes(bytes) => String::from_utf8(bytes)
                    .map(Pattern::plain)
                    .map_err(|_| no_text()),
            })
            .collect()
    }

    fn pattern(&self, pattern: &Pattern, origin: Origin) -> Condition {
        let texts = |operator, text: String| {
            // A part of a number is looked for in its text form, where the field may hold numbers.
            let subject = if sigma::is_in_spelling(&text) && self.kind == FieldType::Any {
                Term::call(Function::ToText, [self.field()])
            } else {
                self.as_text()
            };
            self.test(subject, operator, Object::Texts(vec![text]), origin)
        };
        match pattern.shape() {
            Shape::Whole(text) => {
                let literals = self.literals_of(&Literal::Text(text));
                self.test(self.whole(), Operator::In, Object::List(literals), origin)
            }
            Shape::Part(text) => texts(Operator::Contains, text),
            Shape::Start(text) => texts(Operator::StartsWith, text),
            Shape::End(text) => texts(Operator::EndsWith, text),
            Shape::Pattern(pattern) => texts(Operator::Wildcard, pattern),
            Shape::Anything => self.test(self.field(), Operator::IsPresent, Object::None, origin),
        }
    }

    /// What a whole value is compared with: the field, or its text form where it holds no scalar.
    fn whole(&self) -> Term {
        match self.kind {
            FieldType::Object | FieldType::ObjectList => self.as_text(),
            _ => self.field(),
        }
    }

    /// The constants that a whole value stands for, by the type of the field.
    fn literals_of(&self, literal: &Literal) -> Vec<Literal> {
        let text = match literal {
            Literal::Text(text) => text.clone(),
            other => other.to_string(),
        };
        let typed = match literal {
            Literal::Text(text) => sigma::typed(text),
            other => Some(other.clone()),
        };
        match (self.kind, typed) {
            (
                FieldType::Text | FieldType::Datetime | FieldType::Object | FieldType::ObjectList,
                _,
            )
            | (_, None) => vec![Literal::Text(text)],
            (FieldType::Integer | FieldType::Float | FieldType::Boolean, Some(typed)) => {
                vec![typed]
            }
            (FieldType::ScalarList | FieldType::Any, Some(typed)) => {
                vec![typed, Literal::Text(text)]
            }
        }
    }
}

/// A value on its way through the modifiers.
#[derive(Clone)]
enum Content {
    Pattern(Pattern),
    Bytes(Vec<u8>),
}

impl Content {
    fn apply(self, modifier: Modifier) -> Result<Vec<Self>, Refusal> {
        let one = |pattern| Ok(vec![Self::Pattern(pattern)]);
        match modifier {
            Modifier::Contains => one(self.text()?.open(true, true)),
            Modifier::StartsWith => one(self.text()?.open(false, true)),
            Modifier::EndsWith => one(self.text()?.open(true, false)),
            Modifier::Encode(encoding) => {
                let pattern = self.text()?;
                let plain = pattern.as_plain().ok_or_else(no_wildcards)?;
                Ok(vec![Self::Bytes(encode::encoded(plain, encoding))])
            }
            Modifier::Base64 => one(Pattern::plain(encode::base64(&self.bytes()?))),
            Modifier::Base64Offset => {
                let offsets = encode::base64_offsets(&self.bytes()?);
                Ok(offsets
                    .into_iter()
                    .map(|text| Self::Pattern(Pattern::plain(text)))
                    .collect())
            }
            Modifier::WindowsDash => {
                let spellings =
                    encode::windows_dashes(&self.text()?, LARGEST).ok_or_else(too_many)?;
                Ok(spellings.into_iter().map(Self::Pattern).collect())
            }
            Modifier::All
            | Modifier::Cased
            | Modifier::NotEqual
            | Modifier::Regex
            | Modifier::Flag(_)
            | Modifier::Network
            | Modifier::Exists
            | Modifier::Compare(_)
            | Modifier::FieldReference
            | Modifier::Expand
            | Modifier::TimePart(_) => Ok(vec![self]),
        }
    }

    fn text(self) -> Result<Pattern, Refusal> {
        match self {
            Self::Pattern(pattern) => Ok(pattern),
            Self::Bytes(bytes) => String::from_utf8(bytes)
                .map(Pattern::plain)
                .map_err(|_| no_text()),
        }
    }

    fn bytes(self) -> Result<Vec<u8>, Refusal> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Pattern(pattern) => pattern
                .as_plain()
                .map(|text| text.as_bytes().to_vec())
                .ok_or_else(no_wildcards),
        }
    }
}

fn no_text() -> Refusal {
    let message = "an encoded value that is no text requires `base64` or `base64offset`";
    (Code::SigmaModifier, message.to_owned()).into()
}

fn no_wildcards() -> Refusal {
    let message = "an encoding requires a value without wildcards";
    (Code::SigmaModifier, message.to_owned()).into()
}

pub(super) fn too_many() -> Refusal {
    let message = format!("the value expands to more than {LARGEST} values");
    (Code::SigmaUnsupported, message).into()
}
