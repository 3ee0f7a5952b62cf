//! What a function gave, for when it is called again on the same values where the same is known: by `title()` and by `dedup()`,
//! or the method of a data model for one part of an alert after the other.
//!
//! Invariant: the call would give the same again. So only calls are remembered that are about plain values, give plain values, and
//! leave nothing changed; a budget is charged as if the function were executed.

use rustpython_ruff_python_ast as ast;

use super::standing::Reading;
use super::value::{Names, Value};
use super::{Executor, Exit, Purpose, Way};
use crate::frontend::panther::model::Model;
use crate::ir::{Fingerprint, Literal, Term};

/// A call, by all that its outcome depends on.
#[derive(Debug)]
pub(super) struct Question<'m> {
    function: &'m ast::StmtFunctionDef,
    arguments: Names<'m>,
    /// What is known where it is called.
    known: Fingerprint,
    purpose: Purpose,
    model: Option<&'m Model>,
    /// What the machine had done before.
    before: Marks,
}

/// A function, and what is known where it is called.
pub(super) type Place = (*const ast::StmtFunctionDef, Fingerprint);

/// Where the machine stands.
#[derive(Clone, Copy, Debug)]
struct Marks {
    spent: usize,
    compared: usize,
    remarks: usize,
    outside: usize,
    reading: Option<Reading>,
}

/// A call and its outcome.
#[derive(Debug)]
pub(super) struct Remembered<'m> {
    question: Question<'m>,
    exits: Vec<Exit<'m>>,
    /// The work that it was.
    spent: usize,
    compared: usize,
    /// Whether it asked for the data model.
    asked: bool,
}

impl<'m> Executor<'m> {
    /// The call of a function in whose frame the machine stands, if its outcome can be remembered.
    pub(super) fn question(&self, function: &'m ast::StmtFunctionDef) -> Option<Question<'m>> {
        let arguments = &self.frame.names;
        let is_handled = self.outer.iter().any(|frame| frame.tries > 0);
        let is_plain = self.loading == 0
            && self.recursions.is_empty()
            && self.earlier.is_empty()
            && self.frame.method.is_none()
            && self.frame.closure.is_empty()
            && self.frame.names.state.is_empty()
            && !is_handled
            && arguments.values().all(is_argument);
        is_plain.then(|| Question {
            function,
            arguments: arguments.clone(),
            known: self.frame.guards.print(),
            purpose: self.purpose,
            model: self.model,
            before: self.marks(),
        })
    }

    fn marks(&self) -> Marks {
        Marks {
            spent: self.spent,
            compared: self.compared.get(),
            remarks: self.remarks.len(),
            outside: self.outside.len(),
            reading: self.carried.last_reading,
        }
    }

    /// The ways out that the call has, if it was executed before.
    pub(super) fn recall(&mut self, question: &Question<'m>) -> Option<Vec<Exit<'m>>> {
        let alike = self.remembered.get(&question.place())?;
        let known = alike.iter().find(|known| known.question.is(question))?;
        self.spent = self.spent.saturating_add(known.spent);
        self.compared
            .update(|compared| compared.saturating_add(known.compared));
        self.asked |= known.asked;
        Some(known.exits.clone())
    }

    /// Keeps the outcome of a call, unless it may be another the next time. That the data model was asked for was taken back
    /// before the call.
    pub(super) fn remember(&mut self, question: Question<'m>, exits: &[Exit<'m>]) {
        let (before, after) = (question.before, self.marks());
        let changes_nothing = before.remarks == after.remarks
            && before.outside == after.outside
            && before.reading == after.reading
            && exits.iter().all(|exit| exit.names.state.is_empty());
        let is_plain = |exit: &Exit<'m>| match &exit.way {
            Way::Return(value) => is_result(value),
            Way::Raise(_) => true,
        };
        if changes_nothing && exits.iter().all(is_plain) {
            let alike = self.remembered.entry(question.place()).or_default();
            alike.push(Remembered {
                exits: exits.to_vec(),
                spent: after.spent - before.spent,
                compared: after.compared - before.compared,
                asked: self.asked,
                question,
            });
        }
    }
}

impl Question<'_> {
    /// What it is kept by.
    fn place(&self) -> Place {
        (std::ptr::from_ref(self.function), self.known)
    }

    fn is(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.arguments.iter(), other.arguments.iter());
        self.place() == other.place()
            && self.purpose == other.purpose
            && self.model.map(std::ptr::from_ref) == other.model.map(std::ptr::from_ref)
            && ours.zip(theirs).all(|(a, b)| a.0 == b.0 && a.1.same(b.1))
    }
}

/// Whether nothing but the value itself can make two calls with it differ.
fn is_argument(value: &Value<'_>) -> bool {
    match value {
        Value::Event => true,
        Value::Constant(literal) => !matches!(literal, Literal::List(_) | Literal::Object(_)),
        Value::Data(data) => matches!(data.term, Term::Field(_)),
        _ => false,
    }
}

/// Whether the value is no object that could be changed.
fn is_result(value: &Value<'_>) -> bool {
    match value {
        Value::Constant(_) | Value::Data(_) | Value::Truth(_) => true,
        Value::Choice(choice) => {
            let cases = choice.cases.iter().map(|(_, value)| value);
            cases.chain([&choice.otherwise]).all(is_result)
        }
        _ => false,
    }
}
