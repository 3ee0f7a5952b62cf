//! `.ljust` and `.rjust`: texts with a character at one end until they have a width, which can be computed.
//!
//! Invariant: a width of 0 or less leaves the text as it is.

use super::exception::Exception;
use super::value::Value;
use super::{Executor, Outcome};
use crate::ir::{Function, Kind, Literal, Term};

impl<'m> Executor<'m> {
    /// `.ljust` and `.rjust`: as a format specification does it.
    pub(super) fn padded(
        &mut self,
        receiver: &Value<'m>,
        name: &str,
        width: &Value<'m>,
        fill: &Value<'m>,
    ) -> Outcome<Value<'m>> {
        let Some(fill) = fill.as_text() else {
            return self.refuse(format!("`.{name}()` requires a known character"));
        };
        if fill.chars().count() != 1 {
            return self.raise(Exception::TYPE);
        }
        let side = if name == "ljust" { '<' } else { '>' };
        let spec = format!("{fill}{side}");
        match width {
            Value::Constant(_) => match width.as_integer() {
                Some(width) => self.formatted(receiver.clone(), &format!("{spec}{}", width.max(0))),
                None => self.raise(Exception::TYPE),
            },
            Value::Data(data) => {
                let whole = self.is_kind(data, &[Kind::Integer, Kind::Boolean]);
                self.raise_if(whole.negate(), Exception::TYPE)?;
                let zero = || Term::Literal(Literal::Integer(0));
                let width = Term::call(Function::Add, [data.term.clone(), zero()]);
                let widths = Term::call(Function::List, [zero(), width]);
                let width = Term::call(Function::Greatest, [widths]);
                let spec = Term::call(Function::Concat, [Term::text(spec), width]);
                let spec = Value::computed(spec, Kind::Text);
                self.of_texts(Function::Format, Kind::Text, vec![receiver.clone(), spec])
            }
            other => self.refuse(format!(
                "`.{name}()` requires a width that is known to be a number, not {}",
                other.type_name()
            )),
        }
    }
}
