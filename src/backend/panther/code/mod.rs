//! Expressions of Python as a tree, which is printed once.
//!
//! Whatever is compared, counted or written otherwise is the tree and never its text. A tree is made by the functions here alone
//! and never changed: parts are shared, and what is known of a part (its length, what it is known again by) is found out once.
//! Parentheses are no part of it, they are printed where an operand holds together less than what stands around it.

mod print;
mod statement;
mod total;
mod walk;

use std::borrow::Cow;
use std::rc::Rc;

use serde_json::Value;

pub(super) use statement::{Line, Statement};

use super::notation::{AND, COMPARISON, NOT, OR};
use super::quote;
use super::shape::Sign;
use crate::backend::fragment::ATOM;
use crate::backend::notation::Words;
use crate::ir::Fingerprint;

/// The strength of what stands alone in brackets or gets its own.
const LOOSEST: u8 = 0;

/// An expression.
#[derive(Clone, Debug)]
pub(super) struct Code(Rc<Node>);

#[derive(Debug)]
struct Node {
    form: Form,
    fingerprint: Fingerprint,
    /// The bytes of the text.
    length: usize,
    /// Its characters.
    width: usize,
}

/// A loop of a generator: `for names in list`.
#[derive(Clone, Debug)]
pub(super) struct Loop {
    /// The variables: one, or several separated by commas.
    pub(super) names: Rc<str>,
    /// What it goes through.
    pub(super) list: Code,
}

/// What an expression is.
#[derive(Clone, Debug)]
enum Form {
    /// A variable, a constant of the module, a function.
    Name(Rc<str>),
    /// A text, a number, a word such as `None`.
    Literal(Rc<str>),
    /// A text with values in it.
    Formatted { text: Rc<str>, values: Rc<[Code]> },
    /// `function(arguments)`
    Call {
        function: Cow<'static, str>,
        arguments: Rc<[Code]>,
    },
    /// `of.name(arguments)`
    Method {
        of: Code,
        name: &'static str,
        arguments: Rc<[Code]>,
    },
    /// `name=value`, as an argument.
    Keyword { name: &'static str, value: Code },
    /// Conditions or values with `and` or `or` between them.
    Joined {
        word: &'static str,
        strength: u8,
        parts: Rc<[Code]>,
    },
    /// Two operands and what compares them.
    Compare { left: Code, sign: Sign, right: Code },
    /// `not inner`
    Not(Code),
    /// Items in brackets of a kind.
    Display {
        brackets: Brackets,
        items: Rc<[Code]>,
    },
    /// `key: value`, in a dictionary.
    Entry { key: Code, value: Code },
    /// `of[index]`
    Index { of: Code, index: Code },
    /// `item for names in list if when`
    Generator {
        item: Code,
        loops: Rc<[Loop]>,
        when: Option<Code>,
    },
    /// `name + 1`
    Next(Rc<str>),
}

/// The brackets of a display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Brackets {
    List,
    Tuple,
    Dictionary,
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.0.fingerprint == other.0.fingerprint && self.0.length == other.0.length
    }
}

impl Eq for Code {}

impl Code {
    fn new(form: Form) -> Self {
        let measured = print::Measure::of(&form);
        Self(Rc::new(Node {
            fingerprint: measured.fingerprint(),
            length: measured.length,
            width: measured.width,
            form,
        }))
    }

    /// A variable, or a constant of the module.
    pub(super) fn name(name: impl Into<Rc<str>>) -> Self {
        Self::new(Form::Name(name.into()))
    }

    /// The event.
    pub(super) fn event() -> Self {
        Self::name("event")
    }

    /// A number or a word, as it is written.
    pub(super) fn literal(text: impl Into<Rc<str>>) -> Self {
        Self::new(Form::Literal(text.into()))
    }

    /// `None`
    pub(super) fn none() -> Self {
        Self::literal("None")
    }

    /// A truth value.
    pub(super) fn truth(value: bool) -> Self {
        Self::literal(if value { "True" } else { "False" })
    }

    /// A constant text.
    pub(super) fn text(text: &str) -> Self {
        Self::literal(quote::text(text))
    }

    /// A constant text, with its backslashes as they are where that can be.
    pub(super) fn raw(text: &str) -> Self {
        Self::literal(quote::raw(text))
    }

    /// Any constant.
    pub(super) fn value(value: &Value) -> Self {
        match value {
            Value::Null => Self::none(),
            Value::Bool(value) => Self::truth(*value),
            Value::Number(number) => Self::literal(number.to_string()),
            Value::String(text) => Self::text(text),
            Value::Array(items) => Self::list(items.iter().map(Self::value).collect()),
            Value::Object(map) => {
                let entries = map.iter();
                let entries =
                    entries.map(|(key, item)| Self::entry(Self::text(key), Self::value(item)));
                Self::dictionary(entries.collect())
            }
        }
    }

    /// A text with values in it: an ordinary one where there is none.
    pub(super) fn formatted(pieces: &[Piece]) -> Self {
        let mut written = quote::Formatted::new();
        let mut values = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Constant(text) => written.constant(text),
                Piece::Value(value) => {
                    written.name(&value.flat());
                    values.push(value.clone());
                }
            }
        }
        let text = written.literal();
        if values.is_empty() {
            return Self::literal(text);
        }
        Self::new(Form::Formatted {
            text: text.into(),
            values: values.into(),
        })
    }

    /// A call of a function; a key below a key is another argument of the same call.
    pub(super) fn call(function: impl Into<Cow<'static, str>>, arguments: Vec<Self>) -> Self {
        let function = function.into();
        if let ("member" | "member_exact", [holder, _]) = (&*function, arguments.as_slice())
            && let Form::Call {
                function: inner,
                arguments: keys,
            } = &holder.0.form
            && *inner == function
        {
            let arguments = keys.iter().chain(&arguments[1..]).cloned().collect();
            return Self::new(Form::Call {
                function,
                arguments,
            });
        }
        Self::new(Form::Call {
            function,
            arguments: arguments.into(),
        })
    }

    /// A call of a method.
    pub(super) fn method(self, name: &'static str, arguments: Vec<Self>) -> Self {
        Self::new(Form::Method {
            of: self,
            name,
            arguments: arguments.into(),
        })
    }

    /// An argument by its name.
    pub(super) fn keyword(name: &'static str, value: Self) -> Self {
        Self::new(Form::Keyword { name, value })
    }

    /// A comparison.
    pub(super) fn compare(left: Self, sign: Sign, right: Self) -> Self {
        Self::new(Form::Compare { left, sign, right })
    }

    /// `not`
    pub(super) fn not(self) -> Self {
        Self::new(Form::Not(self))
    }

    /// The first that is true, else the last.
    pub(super) fn either(parts: Vec<Self>) -> Self {
        <Self as Words>::infix("or", OR, parts)
    }

    /// Whether all hold.
    pub(super) fn all(parts: Vec<Self>) -> Self {
        <Self as Words>::infix("and", AND, parts)
    }

    /// A list.
    pub(super) fn list(items: Vec<Self>) -> Self {
        Self::display(Brackets::List, items)
    }

    /// A tuple.
    pub(super) fn tuple(items: Vec<Self>) -> Self {
        Self::display(Brackets::Tuple, items)
    }

    /// A dictionary of entries.
    pub(super) fn dictionary(entries: Vec<Self>) -> Self {
        Self::display(Brackets::Dictionary, entries)
    }

    fn display(brackets: Brackets, items: Vec<Self>) -> Self {
        Self::new(Form::Display {
            brackets,
            items: items.into(),
        })
    }

    /// A key and its value.
    pub(super) fn entry(key: Self, value: Self) -> Self {
        Self::new(Form::Entry { key, value })
    }

    /// An item, or a part, of a list.
    pub(super) fn at(self, index: Self) -> Self {
        Self::new(Form::Index { of: self, index })
    }

    /// What a loop gives; a list of it is a display of this alone.
    pub(super) fn generator(item: Self, loops: &[Loop], when: Option<Self>) -> Self {
        Self::new(Form::Generator {
            item,
            loops: loops.into(),
            when,
        })
    }

    /// The same for one loop.
    pub(super) fn each(item: Self, names: impl Into<Rc<str>>, list: Self) -> Self {
        let names = names.into();
        Self::generator(item, &[Loop { names, list }], None)
    }

    /// `name + 1`
    pub(super) fn next(name: &str) -> Self {
        Self::new(Form::Next(name.into()))
    }

    /// What it is known again by.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint
    }

    /// The bytes of its text.
    pub(super) fn length(&self) -> usize {
        self.0.length
    }

    /// The characters of its text.
    pub(super) fn width(&self) -> usize {
        self.0.width
    }

    /// Whether it is a text.
    pub(super) fn is_text(&self) -> bool {
        matches!(&self.0.form, Form::Literal(text) if text.contains(['"', '\'']))
    }

    /// How tightly it holds together.
    pub(super) fn strength(&self) -> u8 {
        match &self.0.form {
            Form::Joined { strength, .. } => *strength,
            Form::Compare { .. } | Form::Next(_) => COMPARISON,
            Form::Not(_) => NOT,
            Form::Generator { .. } => LOOSEST,
            Form::Name(_)
            | Form::Literal(_)
            | Form::Formatted { .. }
            | Form::Call { .. }
            | Form::Method { .. }
            | Form::Keyword { .. }
            | Form::Display { .. }
            | Form::Entry { .. }
            | Form::Index { .. } => ATOM,
        }
    }
}

/// A piece of a formatted text.
pub(super) enum Piece {
    /// A constant text.
    Constant(String),
    /// A value.
    Value(Code),
}

impl Words for Code {
    fn infix(word: &'static str, strength: u8, mut parts: Vec<Self>) -> Self {
        if parts.len() == 1 {
            return parts.remove(0);
        }
        Self::new(Form::Joined {
            word,
            strength,
            parts: parts.into(),
        })
    }

    fn prefix(self, _word: &'static str, _strength: u8) -> Self {
        self.not()
    }

    fn call(self, open: &'static str, _close: &'static str) -> Self {
        Self::call(open.trim_end_matches('('), vec![self])
    }

    fn joined(&self) -> Option<(&'static str, u8, &[Self])> {
        match &self.0.form {
            Form::Joined {
                word,
                strength,
                parts,
            } => Some((word, *strength, parts)),
            _ => None,
        }
    }

    fn flat(&self) -> String {
        self.printed()
    }
}
