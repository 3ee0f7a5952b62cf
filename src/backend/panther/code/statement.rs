//! The lines of a function, each an expression with the words of its statement around it.

use std::rc::Rc;

use super::Code;

/// A logical line of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::backend::panther) struct Line {
    /// How many levels of four columns it stands from the margin.
    pub(in crate::backend::panther) indent: usize,
    /// What it says.
    pub(in crate::backend::panther) statement: Statement,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::backend::panther) enum Statement {
    /// `return value`
    Return(Code),
    /// `if condition:`
    If(Code),
    /// `name = value`
    Assign(Rc<str>, Code),
    /// `holder[key] = value`
    Set {
        /// The variable of the dictionary.
        holder: Rc<str>,
        /// The key.
        key: Code,
        /// The value.
        value: Code,
    },
    /// `return {`, or `name = {`, of a dictionary whose entries stand on lines of their own.
    Open(Option<Rc<str>>),
    /// Such an entry.
    Item(Code),
    /// `}`
    Close,
}

impl Line {
    /// A line that stands so far from the margin.
    pub(in crate::backend::panther) fn new(indent: usize, statement: Statement) -> Self {
        Self { indent, statement }
    }

    /// A line that returns a value.
    pub(in crate::backend::panther) fn returns(indent: usize, value: Code) -> Self {
        Self::new(indent, Statement::Return(value))
    }

    /// A line that asks what the lines below it, further from the margin, need.
    pub(in crate::backend::panther) fn asks(indent: usize, condition: Code) -> Self {
        Self::new(indent, Statement::If(condition))
    }

    /// A line that gives a value a name.
    pub(in crate::backend::panther) fn assigns(
        indent: usize,
        name: impl Into<Rc<str>>,
        value: Code,
    ) -> Self {
        Self::new(indent, Statement::Assign(name.into(), value))
    }

    /// Whether a statement may stand before it.
    pub(in crate::backend::panther) fn is_statement(&self) -> bool {
        !matches!(self.statement, Statement::Item(_) | Statement::Close)
    }

    /// The expressions of the line.
    pub(in crate::backend::panther) fn codes(&self) -> impl Iterator<Item = &Code> {
        let (one, two) = match &self.statement {
            Statement::Return(code)
            | Statement::If(code)
            | Statement::Assign(_, code)
            | Statement::Item(code) => (Some(code), None),
            Statement::Set { key, value, .. } => (Some(key), Some(value)),
            Statement::Open(_) | Statement::Close => (None, None),
        };
        one.into_iter().chain(two)
    }

    /// The same to change them.
    pub(in crate::backend::panther) fn codes_mut(&mut self) -> impl Iterator<Item = &mut Code> {
        let (one, two) = match &mut self.statement {
            Statement::Return(code)
            | Statement::If(code)
            | Statement::Assign(_, code)
            | Statement::Item(code) => (Some(code), None),
            Statement::Set { key, value, .. } => (Some(key), Some(value)),
            Statement::Open(_) | Statement::Close => (None, None),
        };
        one.into_iter().chain(two)
    }

    /// The variable that it gives a value.
    fn assigned(&self) -> Option<&str> {
        match &self.statement {
            Statement::Assign(name, _) | Statement::Open(Some(name)) => Some(name),
            Statement::Set { holder, .. } => Some(holder),
            _ => None,
        }
    }

    /// Goes through the names that stand in it.
    pub(in crate::backend::panther) fn each_name<'c>(&'c self, see: &mut dyn FnMut(&'c str)) {
        self.assigned().into_iter().for_each(&mut *see);
        self.codes().for_each(|code| code.each_name(see));
    }

    /// Whether the name stands in it.
    pub(in crate::backend::panther) fn has(&self, name: &str) -> bool {
        self.assigned() == Some(name) || self.uses(name)
    }

    /// Whether an expression of it uses the name.
    pub(in crate::backend::panther) fn uses(&self, name: &str) -> bool {
        self.codes().any(|code| code.uses(name))
    }

    /// The text on one line, without its indentation.
    pub(in crate::backend::panther) fn text(&self) -> String {
        let length: usize = self.codes().map(Code::length).sum();
        let mut text = String::with_capacity(length + 12);
        match &self.statement {
            Statement::Return(value) => {
                text.push_str("return ");
                value.print(&mut text);
            }
            Statement::If(condition) => {
                text.push_str("if ");
                condition.print(&mut text);
                text.push(':');
            }
            Statement::Assign(name, value) => {
                text.extend([name, " = "]);
                value.print(&mut text);
            }
            Statement::Set { holder, key, value } => {
                text.extend([holder, "["]);
                key.print(&mut text);
                text.push_str("] = ");
                value.print(&mut text);
            }
            Statement::Open(None) => text.push_str("return {"),
            Statement::Open(Some(name)) => text.extend([name, " = {"]),
            Statement::Item(entry) => entry.print(&mut text),
            Statement::Close => text.push('}'),
        }
        text
    }
}
