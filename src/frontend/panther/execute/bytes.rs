//! Bytes: of a text in an encoding, of Base64, and back to a text.
//!
//! Bytes are a text of one character up to U+00FF for each byte, and never equal a text. Invariant: what an encoding has no
//! bytes for, and bytes that are no text in it, raise what Python raises.

use std::rc::Rc;

use super::argument::Arguments;
use super::exception::Exception;
use super::value::Value;
use super::{Executor, Outcome};
use crate::ir::compute::compute;
use crate::ir::{Function, Kind, Literal, Object, Operator};

/// The encoding's name in the IR.
fn encoding(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().replace('_', "-").as_str() {
        "ascii" | "us-ascii" => "ascii",
        "latin-1" | "latin1" | "iso-8859-1" => "latin-1",
        "utf-8" | "utf8" => "utf-8",
        "utf-16-le" | "utf-16le" => "utf-16-le",
        _ => return None,
    })
}

impl<'m> Executor<'m> {
    /// `text.encode(encoding)`.
    pub(super) fn encoded(
        &mut self,
        receiver: &Value<'m>,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let encoding = self.encoding(arguments)?;
        let text = self.require_text(receiver.clone())?;
        self.recoded(Function::Encode, text, encoding, Exception::ENCODE, true)
    }

    /// A method of bytes.
    pub(super) fn bytes_method(
        &mut self,
        bytes: &Value<'m>,
        name: &str,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        if name != "decode" {
            return self.refuse(format!("`.{name}()` of bytes cannot be expressed"));
        }
        let encoding = self.encoding(arguments)?;
        let bytes = bytes.clone();
        self.recoded(Function::Decode, bytes, encoding, Exception::DECODE, false)
    }

    fn encoding(&self, arguments: &Arguments<'m>) -> Outcome<Value<'m>> {
        let known = |name: &str| name == "encoding" || name == "errors";
        let strict = match arguments.get(1, "errors") {
            None => true,
            Some(errors) => errors.as_text() == Some("strict"),
        };
        let named = arguments.get(0, "encoding");
        let named = named.unwrap_or_else(|| Value::text("utf-8"));
        match named.as_text().and_then(encoding) {
            Some(encoding) if strict && arguments.keywords.iter().all(|(name, _)| known(name)) => {
                Ok(Value::text(encoding))
            }
            _ => self.refuse("this encoding cannot be expressed"),
        }
    }

    /// A function of one text and an option, which raises where its result is missing.
    fn recoded(
        &mut self,
        function: Function,
        text: Value<'m>,
        option: Value<'m>,
        exception: Exception,
        to_bytes: bool,
    ) -> Outcome<Value<'m>> {
        let text = self.each(text, &mut |this, text| {
            if let (Some(known), Some(option)) = (text.as_literal(), option.as_literal()) {
                this.spend(known.as_text().map_or(0, str::len) / 64)?;
                return match compute(function, &[&known.to_json(), &option.to_json()]) {
                    Some(value) => Ok(this.json_value(&value)),
                    None => this.raise(exception),
                };
            }
            let result = this.of_texts(function, Kind::Text, vec![text, option.clone()])?;
            if let Value::Data(data) = &result {
                let read = this.implied(data.term.clone(), Operator::Exists, Object::None);
                this.raise_if(read.negate(), exception)?;
            }
            Ok(result)
        })?;
        if !to_bytes {
            return Ok(text);
        }
        self.each(text, &mut |_, text| Ok(Value::Bytes(Rc::new(text))))
    }

    /// `base64.b64decode(text, validate=False)`.
    pub(super) fn base64(&mut self, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        let strict = match arguments.get(2, "validate") {
            None => Some(false),
            Some(Value::Constant(Literal::Boolean(strict))) => Some(strict),
            Some(_) => None,
        };
        let plain = arguments
            .get(1, "altchars")
            .is_none_or(|characters| matches!(characters, Value::Constant(Literal::Null)));
        let (Some(text), Some(strict), true) = (arguments.get(0, "s"), strict, plain) else {
            return self.refuse("`base64.b64decode()` with these arguments is not read");
        };
        self.each(text, &mut |this, text| {
            let text = match text {
                Value::Bytes(bytes) => bytes.as_ref().clone(),
                text => {
                    let text = this.require_text(text)?;
                    // A text is taken as bytes, and has to have them.
                    let ascii = Value::text("ascii");
                    this.recoded(Function::Encode, text, ascii, Exception::VALUE, false)?
                }
            };
            let strict = Value::Constant(Literal::Boolean(strict));
            let function = Function::Base64Decode;
            this.recoded(function, text, strict, Exception::BINASCII, true)
        })
    }
}
