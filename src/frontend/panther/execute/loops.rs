//! `for` loops: over values whose number is known, unrolled; over a list of the event, one round for any item (see
//! [`rounds`](super::rounds)); a list of both, one after the other.

use std::rc::Rc;

use rustpython_ruff_python_ast as ast;

use super::exception::Exception;
use super::item::ItemId;
use super::statement::{Flow, left_or_flow};
use super::value::{Comprehension, Items, Names, Part, Parts, SequenceKind, Value};
use super::{Executor, Outcome, logic};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::Condition;

/// Whether a jump leaves the loop or only the round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JumpKind {
    Break,
    Continue,
}

/// A `break` or `continue`.
#[derive(Clone, Debug)]
pub(super) struct Jump<'m> {
    pub(super) kind: JumpKind,
    /// When it is taken, seen from the start of the round.
    pub(super) when: Condition,
    /// The names at that point.
    pub(super) names: Names<'m>,
}

impl Jump<'_> {
    /// The jump is taken only where the condition holds as well.
    pub(super) fn restrict(&mut self, condition: &Condition) {
        self.when = std::mem::replace(&mut self.when, Condition::FALSE).and(condition.clone());
    }
}

impl<'m> Executor<'m> {
    /// Records a `break` or `continue` on the path to here.
    pub(super) fn jump(&mut self, kind: JumpKind) -> Flow {
        let when = logic::all(self.frame.guards.since(self.frame.iteration));
        let names = self.frame.names.clone();
        self.frame.jumps.push(Jump { kind, when, names });
        Flow {
            falls: false,
            jumped: Condition::TRUE,
        }
    }

    /// A `for` statement.
    pub(super) fn for_statement(&mut self, statement: &'m ast::StmtFor) -> Outcome<Flow> {
        let value = self.evaluate(&statement.iter)?;
        self.stand_at(statement.iter.as_ref());
        let value = self.iterable(value)?;
        self.for_each_case(statement, value)
    }

    fn for_each_case(&mut self, statement: &'m ast::StmtFor, value: Value<'m>) -> Outcome<Flow> {
        let Value::Choice(choice) = &value else {
            return self.for_parts(statement, value);
        };
        let mut rest = choice.as_ref().clone();
        let (when, first) = rest.cases.remove(0);
        let rest = Value::choose(rest.cases, rest.otherwise);
        self.fork(
            when,
            |this| this.for_each_case(statement, first),
            |this| this.for_each_case(statement, rest),
        )
    }

    fn for_parts(&mut self, statement: &'m ast::StmtFor, value: Value<'m>) -> Outcome<Flow> {
        let parts = self.parts(value)?;
        let jumps = std::mem::take(&mut self.frame.jumps);
        let (iteration, guards) = (self.frame.iteration, self.frame.guards.len());
        let result = self.unrolled(statement, parts);
        self.frame.guards.truncate(guards);
        self.frame.iteration = iteration;
        self.frame.jumps = jumps;
        result
    }

    /// The rounds for some of the items.
    fn rounds_of(&mut self, statement: &'m ast::StmtFor, part: &Rc<Part<'m>>) -> Outcome<Flow> {
        let each = match &part.items {
            Items::One(value) => {
                let value = value.clone();
                return self.fork(
                    part.when.clone(),
                    |this| this.round(statement, value),
                    |_| Ok(Flow::FALLS),
                );
            }
            Items::Each(each) => each,
        };
        self.fork(
            part.when.clone(),
            |this| match each.parts.as_slice() {
                [single] if matches!(single.items, Items::One(_)) => this.rounds(statement, each),
                _ => {
                    let list = Comprehension {
                        kind: SequenceKind::List,
                        parts: vec![super::parts::each(each.clone())],
                        identity: 0,
                    };
                    let part = this.flattened(&list)?;
                    match &part.items {
                        Items::Each(each) => this.rounds(statement, each),
                        Items::One(_) => Ok(Flow::FALLS),
                    }
                }
            },
            |_| Ok(Flow::FALLS),
        )
    }

    /// The rounds for all items, one after the other.
    fn unrolled(&mut self, statement: &'m ast::StmtFor, parts: Parts<'m>) -> Outcome<Flow> {
        let mut breaks: Vec<Jump<'m>> = Vec::new();
        let mut falls = true;
        for part in parts {
            self.spend(1)?;
            self.frame.iteration = self.frame.guards.len();
            let flow = self.rounds_of(statement, &part)?;
            falls = self.end_round(flow.falls, &mut breaks)?;
            if !falls {
                break;
            }
        }
        self.leave_loop(falls, &statement.orelse, breaks)
    }

    /// A `while` statement whose condition is known in every round.
    pub(super) fn while_statement(&mut self, statement: &'m ast::StmtWhile) -> Outcome<Flow> {
        let jumps = std::mem::take(&mut self.frame.jumps);
        let (iteration, guards) = (self.frame.iteration, self.frame.guards.len());
        let result = self.while_rounds(statement);
        self.frame.guards.truncate(guards);
        self.frame.iteration = iteration;
        self.frame.jumps = jumps;
        result
    }

    fn while_rounds(&mut self, statement: &'m ast::StmtWhile) -> Outcome<Flow> {
        let mut breaks: Vec<Jump<'m>> = Vec::new();
        let mut falls = true;
        while falls {
            self.spend(1)?;
            self.frame.iteration = self.frame.guards.len();
            self.frame.statement = self.frame.guards.len();
            let goes_on = self.condition(&statement.test)?;
            self.stand_at(statement);
            match goes_on.as_constant() {
                Some(true) => {}
                Some(false) => break,
                None => {
                    return self.refuse("the condition of a `while` must not depend on the event");
                }
            }
            let flow = left_or_flow(self.block(&statement.body))?;
            falls = self.end_round(flow.falls, &mut breaks)?;
        }
        self.leave_loop(falls, &statement.orelse, breaks)
    }

    /// Brings the ends of a round together; whether another may follow.
    fn end_round(&mut self, falls: bool, breaks: &mut Vec<Jump<'m>>) -> Outcome<bool> {
        let mut falls = falls;
        let mut stopped = Condition::FALSE;
        for jump in std::mem::take(&mut self.frame.jumps).into_iter().rev() {
            self.spend(logic::size(&jump.when))?;
            if jump.kind == JumpKind::Break {
                stopped = jump.when.clone().or(stopped);
                breaks.push(jump);
            } else if falls {
                let after = std::mem::take(&mut self.frame.names);
                self.frame.names = self.merge(&jump.when, jump.names, after)?;
            } else {
                falls = true;
                self.frame.names = jump.names;
            }
        }
        if falls && stopped.as_constant() != Some(false) {
            self.frame.guards.push(stopped.negate());
        }
        Ok(falls)
    }

    /// After the last round: the `else`, and the paths that broke off.
    fn leave_loop(
        &mut self,
        falls: bool,
        orelse: &'m [ast::Stmt],
        breaks: Vec<Jump<'m>>,
    ) -> Outcome<Flow> {
        let mut falls = falls;
        if falls && !orelse.is_empty() {
            if contains_jump(orelse) {
                return self
                    .refuse("`break` and `continue` in the `else` of a loop cannot be expressed");
            }
            falls = left_or_flow(self.block(orelse))?.falls;
        }
        for jump in breaks.into_iter().rev() {
            if falls {
                let after = std::mem::take(&mut self.frame.names);
                self.frame.names = self.merge(&jump.when, jump.names, after)?;
            } else {
                falls = true;
                self.frame.names = jump.names;
            }
        }
        Ok(if falls { Flow::FALLS } else { Flow::LEFT })
    }

    /// The item of the quantifier that is about to start.
    pub(super) fn item(&mut self) -> ItemId {
        let item = self.next_item;
        self.next_item = item.next();
        item
    }

    /// The same, of a list that is kept while a function is executed for any value.
    pub(super) fn item_of(&mut self, list: &crate::ir::Term) -> ItemId {
        let item = self.item();
        if !self.recursions.is_empty() {
            self.lists.insert(item, list.clone());
        }
        item
    }

    pub(super) fn remark(&mut self, message: &str) {
        let remark = Diagnostic::note(Code::PythonApproximate, message).at(self.here);
        if self.purpose == super::Purpose::Verdict && !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    /// The items of a value whose number is known.
    pub(super) fn known_items(&mut self, value: Value<'m>) -> Outcome<Vec<Value<'m>>> {
        match value {
            Value::Sequence(sequence) => Ok(sequence.items.as_ref().clone()),
            Value::Mapping(mapping) => {
                self.require_keys(&mapping)?;
                let keys = mapping.entries.iter();
                Ok(keys.map(|(key, _)| Value::Constant(key.clone())).collect())
            }
            Value::Constant(crate::ir::Literal::Text(text)) => {
                Ok(text.chars().map(|c| Value::text(c.to_string())).collect())
            }
            Value::Constant(_) | Value::Truth(_) => self.raise(Exception::TYPE),
            Value::Refused(problem) => Err(self.refused(&problem)),
            other => self.refuse(format!("the items of {} must be known", other.type_name())),
        }
    }
}

/// Whether the statements have a jump of the loop around.
fn contains_jump(body: &[ast::Stmt]) -> bool {
    body.iter().any(|statement| match statement {
        ast::Stmt::Break(_) | ast::Stmt::Continue(_) => true,
        ast::Stmt::If(branch) => {
            contains_jump(&branch.body)
                || branch
                    .elif_else_clauses
                    .iter()
                    .any(|clause| contains_jump(&clause.body))
        }
        ast::Stmt::Try(branch) => {
            contains_jump(&branch.body)
                || contains_jump(&branch.orelse)
                || branch.handlers.iter().any(|handler| {
                    let ast::ExceptHandler::ExceptHandler(handler) = handler;
                    contains_jump(&handler.body)
                })
        }
        _ => false,
    })
}
