//! Whether an expression raises on no event, wherever it stands.
//!
//! Helpers take any value. A method of a text, a part of a text, an order and a pattern do not: they stand behind what says that
//! the value is a text, and cannot be asked before it. Where it does not show in the expression itself that the value is a text,
//! the answer is no.

use super::{Code, Form};
use crate::backend::panther::shape::Sign;

/// Functions that give a text, whatever they are given.
const TEXTS: &[&str] = &["text", "to_text", "str", "shown", "shown_event"];

/// Methods of a text that give a text.
const METHODS: &[&str] = &["lower", "upper", "strip"];

impl Code {
    /// Whether it raises on no event.
    pub(in crate::backend::panther) fn is_total(&self) -> bool {
        let is_own = match &self.0.form {
            Form::Method { of, arguments, .. } => match &of.0.form {
                Form::Name(name) if **name == *"event" => true,
                // A pattern is asked of a text, and so is a dictionary.
                Form::Name(_) if of.is_constant() => arguments.iter().all(Self::is_surely_text),
                _ => of.is_surely_text(),
            },
            Form::Call {
                function,
                arguments,
            } if function == "fnmatch" => arguments.first().is_some_and(Self::is_surely_text),
            Form::Compare { sign, right, .. } => match sign {
                Sign::Equal | Sign::NotEqual | Sign::Is | Sign::IsNot => true,
                Sign::In | Sign::NotIn => {
                    let is_display = matches!(right.0.form, Form::Display { .. });
                    right.is_surely_text() || is_display || right.is_constant()
                }
                Sign::Less | Sign::AtMost | Sign::Greater | Sign::AtLeast => false,
            },
            Form::Index { .. } | Form::Next(_) => false,
            Form::Name(_)
            | Form::Literal(_)
            | Form::Formatted { .. }
            | Form::Call { .. }
            | Form::Keyword { .. }
            | Form::Joined { .. }
            | Form::Not(_)
            | Form::Display { .. }
            | Form::Entry { .. }
            | Form::Generator { .. } => true,
        };
        let mut is_total = is_own;
        self.each_part(&mut |part| is_total = is_total && part.is_total());
        is_total
    }

    /// Whether it is a constant of the module.
    fn is_constant(&self) -> bool {
        matches!(&self.0.form, Form::Name(name) if !name.contains(|c: char| c.is_ascii_lowercase()))
    }

    /// Whether it shows that the value is a text.
    fn is_surely_text(&self) -> bool {
        match &self.0.form {
            Form::Literal(_) => self.is_text(),
            Form::Formatted { .. } => true,
            Form::Call { function, .. } => TEXTS.contains(&&**function),
            Form::Method { of, name, .. } => METHODS.contains(name) && of.is_surely_text(),
            _ => false,
        }
    }
}
