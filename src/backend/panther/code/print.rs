//! The text of an expression, its length, and what it is known again by: one way through its parts for all three.

use std::hash::{BuildHasher, Hasher};

use foldhash::quality::{FixedState, FoldHasher};

use super::{Brackets, Code, Form, Loop};
use crate::backend::fragment::ATOM;
use crate::backend::panther::notation::{COMPARISON, NOT};
use crate::ir::Fingerprint;

/// What an expression is written to.
trait Out {
    /// Takes a piece of text.
    fn text(&mut self, text: &str);
    /// Takes a part.
    fn part(&mut self, part: &Code);
}

/// What there is to know of an expression whose parts are known.
pub(super) struct Measure {
    hasher: FoldHasher<'static>,
    /// The bytes of the text.
    pub(super) length: usize,
    /// Its characters.
    pub(super) width: usize,
}

impl Measure {
    /// What there is to know of an expression.
    pub(super) fn of(form: &Form) -> Self {
        let mut measure = Self {
            hasher: FixedState::default().build_hasher(),
            length: 0,
            width: 0,
        };
        write(form, &mut measure);
        measure
    }

    /// What it is known again by.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.hasher.finish()
    }
}

impl Out for Measure {
    fn text(&mut self, text: &str) {
        self.hasher.write(text.as_bytes());
        self.length += text.len();
        self.width += if text.is_ascii() {
            text.len()
        } else {
            text.chars().count()
        };
    }

    fn part(&mut self, part: &Code) {
        self.hasher.write_u64(part.0.fingerprint);
        self.length += part.0.length;
        self.width += part.0.width;
    }
}

impl Out for String {
    fn text(&mut self, text: &str) {
        self.push_str(text);
    }

    fn part(&mut self, part: &Code) {
        write(&part.0.form, self);
    }
}

impl Code {
    /// The text on one line.
    pub(in crate::backend::panther) fn printed(&self) -> String {
        let mut text = String::with_capacity(self.0.length);
        self.print(&mut text);
        text
    }

    /// The same behind a text.
    pub(in crate::backend::panther) fn print(&self, text: &mut String) {
        write(&self.0.form, text);
    }
}

fn write(form: &Form, out: &mut impl Out) {
    match form {
        Form::Name(text) | Form::Literal(text) | Form::Formatted { text, .. } => out.text(text),
        Form::Call {
            function,
            arguments,
        } => {
            out.text(function);
            called(arguments, out);
        }
        Form::Method {
            of,
            name,
            arguments,
        } => {
            operand(of, ATOM, out);
            out.text(".");
            out.text(name);
            called(arguments, out);
        }
        Form::Keyword { name, value } => {
            out.text(name);
            out.text("=");
            out.part(value);
        }
        Form::Joined {
            word,
            strength,
            parts,
        } => joined(word, *strength, parts, out),
        Form::Compare { left, sign, right } => {
            let parts = [left.clone(), right.clone()];
            joined(sign.word(), COMPARISON + 1, &parts, out);
        }
        Form::Not(inner) => {
            out.text("not ");
            operand(inner, NOT, out);
        }
        Form::Display {
            brackets,
            items: shown,
        } => display(*brackets, shown, out),
        Form::Entry { key, value } => {
            out.part(key);
            out.text(": ");
            operand(value, NOT, out);
        }
        Form::Index { of, index } => {
            operand(of, ATOM, out);
            out.text("[");
            out.part(index);
            out.text("]");
        }
        Form::Generator { item, loops, when } => generator(item, loops, when.as_ref(), out),
        Form::Next(name) => {
            out.text(name);
            out.text(" + 1");
        }
    }
}

fn called(arguments: &[Code], out: &mut impl Out) {
    out.text("(");
    items(arguments, out);
    out.text(")");
}

fn joined(word: &str, strength: u8, parts: &[Code], out: &mut impl Out) {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.text(" ");
            out.text(word);
            out.text(" ");
        }
        operand(part, strength, out);
    }
}

fn generator(item: &Code, loops: &[Loop], when: Option<&Code>, out: &mut impl Out) {
    out.part(item);
    for each in loops {
        out.text(" for ");
        out.text(&each.names);
        out.text(" in ");
        operand(&each.list, ATOM, out);
    }
    if let Some(when) = when {
        out.text(" if ");
        out.part(when);
    }
}

fn display(brackets: Brackets, shown: &[Code], out: &mut impl Out) {
    let (open, close) = match brackets {
        Brackets::List => ("[", "]"),
        Brackets::Tuple => ("(", ")"),
        Brackets::Dictionary => ("{", "}"),
    };
    out.text(open);
    items(shown, out);
    if brackets == Brackets::Tuple && shown.len() == 1 {
        out.text(",");
    }
    out.text(close);
}

/// Items with commas between them; a loop among several needs brackets of its own.
fn items(items: &[Code], out: &mut impl Out) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.text(", ");
        }
        if items.len() > 1 {
            operand(item, super::LOOSEST + 1, out);
        } else {
            out.part(item);
        }
    }
}

/// A part that needs parentheses where it holds together less.
fn operand(part: &Code, strength: u8, out: &mut impl Out) {
    if part.strength() >= strength {
        out.part(part);
        return;
    }
    out.text("(");
    out.part(part);
    out.text(")");
}
