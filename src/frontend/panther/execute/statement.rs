//! Statements: executed on the path to them, with the paths of a branch merged where it ends.

use std::collections::BTreeSet;
use std::rc::Rc;

use rustpython_ruff_python_ast as ast;
use rustpython_ruff_python_ast::{Expr, Stmt};

use super::exception::Exception;
use super::loops::JumpKind;
use super::value::{Callable, Names, Value};
use super::{Executor, Outcome, Stop, Way, logic};
use crate::ir::Condition;

/// How control goes on after statements.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    /// Whether any path gets to the statement after.
    pub falls: bool,
    /// On what condition, at the point before, a `break` or `continue` was taken.
    pub jumped: Condition,
}

impl Flow {
    /// Every path that did not leave the function goes on.
    pub(super) const FALLS: Self = Self {
        falls: true,
        jumped: Condition::FALSE,
    };
    /// Every path has left the function.
    pub(super) const LEFT: Self = Self {
        falls: false,
        jumped: Condition::FALSE,
    };
}

impl<'m> Executor<'m> {
    /// Statements one after the other.
    pub(super) fn block(&mut self, body: &'m [Stmt]) -> Outcome<Flow> {
        let before = self.frame.guards.len();
        let result = self.deeper(|this| this.block_within(body));
        self.frame.guards.truncate(before);
        result
    }

    fn block_within(&mut self, body: &'m [Stmt]) -> Outcome<Flow> {
        let mut jumped = Condition::FALSE;
        for statement in body {
            let flow = match self.statement(statement) {
                Err(Stop::Dead) => Flow::LEFT,
                other => other?,
            };
            if flow.jumped.as_constant() != Some(false) {
                jumped = jumped.or(flow.jumped.clone());
                self.frame.guards.push(flow.jumped.negate());
            }
            if !flow.falls {
                return Ok(Flow {
                    falls: false,
                    jumped,
                });
            }
        }
        Ok(Flow {
            falls: true,
            jumped,
        })
    }

    /// One statement.
    pub(super) fn statement(&mut self, statement: &'m Stmt) -> Outcome<Flow> {
        self.spend(1)?;
        self.stand_at(statement);
        self.frame.statement = self.frame.guards.len();
        match statement {
            Stmt::Return(statement) => self.return_statement(statement),
            Stmt::If(statement) => self.if_statement(
                &statement.test,
                &statement.body,
                &statement.elif_else_clauses,
            ),
            Stmt::Assign(statement) => self.assign_statement(&statement.value, &statement.targets),
            Stmt::AnnAssign(statement) => match &statement.value {
                Some(value) => {
                    self.assign_statement(value, std::slice::from_ref(&statement.target))
                }
                None => Ok(Flow::FALLS),
            },
            Stmt::AugAssign(statement) => self.augmented(statement),
            Stmt::Expr(statement) => {
                let value = self.evaluate(&statement.value)?;
                if let Value::Refused(problem) = value {
                    return Err(Stop::Refused(Box::new(problem.as_ref().clone())));
                }
                Ok(Flow::FALLS)
            }
            Stmt::For(statement) => self.for_statement(statement),
            Stmt::Break(_) => Ok(self.jump(JumpKind::Break)),
            Stmt::Continue(_) => Ok(self.jump(JumpKind::Continue)),
            Stmt::Try(statement) => self.try_statement(statement),
            Stmt::Raise(statement) => self.raise_statement(statement),
            Stmt::Assert(statement) => {
                let condition = self.condition(&statement.test)?;
                self.raise_if(condition.negate(), Exception::ASSERTION)?;
                Ok(Flow::FALLS)
            }
            Stmt::FunctionDef(definition) => self.define(definition),
            Stmt::Import(_) | Stmt::ImportFrom(_) => self.import(statement),
            Stmt::Pass(_) => Ok(Flow::FALLS),
            other => self.refuse(format!(
                "a `{}` statement cannot be expressed",
                keyword(other)
            )),
        }
    }

    fn return_statement(&mut self, statement: &'m ast::StmtReturn) -> Outcome<Flow> {
        let value = match &statement.value {
            Some(value) => self.evaluate(value)?,
            None => Value::NONE,
        };
        self.exit(Condition::TRUE, Way::Return(value))?;
        Ok(Flow::LEFT)
    }

    /// A nested function, which sees the names as they are here.
    fn define(&mut self, definition: &'m ast::StmtFunctionDef) -> Outcome<Flow> {
        if !definition.decorator_list.is_empty() {
            return self.refuse("a decorated function cannot be expressed");
        }
        let value = Value::Callable(Callable::Function {
            module: self.frame.module,
            definition,
            closure: Rc::new(self.visible_names()),
        });
        self.frame.names.insert(&definition.name.id, value);
        Ok(Flow::FALLS)
    }

    fn if_statement(
        &mut self,
        test: &'m Expr,
        body: &'m [Stmt],
        clauses: &'m [ast::ElifElseClause],
    ) -> Outcome<Flow> {
        let when = self.condition(test)?;
        self.fork(
            when,
            |this| this.block(body),
            |this| match clauses.split_first() {
                None => Ok(Flow::FALLS),
                Some((clause, rest)) => match &clause.test {
                    Some(test) => this.deeper(|this| this.if_statement(test, &clause.body, rest)),
                    None => this.block(&clause.body),
                },
            },
        )
    }

    /// Two branches, and the names as they are after both.
    pub(super) fn fork(
        &mut self,
        when: Condition,
        then: impl FnOnce(&mut Self) -> Outcome<Flow>,
        otherwise: impl FnOnce(&mut Self) -> Outcome<Flow>,
    ) -> Outcome<Flow> {
        let when = self.known(when);
        match when.as_constant() {
            Some(true) => return then(self),
            Some(false) => return otherwise(self),
            None => {}
        }
        self.spend(logic::size(&when))?;
        let names = self.frame.names.clone();
        let first = left_or_flow(self.guarded(when.clone(), then))?;
        let then_names = std::mem::replace(&mut self.frame.names, names);
        let second = left_or_flow(self.guarded(when.clone().negate(), otherwise))?;
        match (first.falls, second.falls) {
            (true, false) => self.frame.names = then_names,
            (true, true) => {
                let else_names = std::mem::take(&mut self.frame.names);
                self.frame.names = self.merge(&when, then_names, else_names)?;
            }
            _ => {}
        }
        Ok(Flow {
            falls: first.falls || second.falls,
            jumped: logic::mix(when, first.jumped, second.jumped),
        })
    }

    /// The names where the condition holds, else the others.
    pub(super) fn merge(
        &mut self,
        when: &Condition,
        then: Names<'m>,
        otherwise: Names<'m>,
    ) -> Outcome<Names<'m>> {
        let keys: BTreeSet<&'m str> = then.keys().chain(otherwise.keys()).copied().collect();
        let mut merged = Names::new();
        for key in keys {
            let a = then.get(key).cloned().unwrap_or(Value::Unbound);
            let b = otherwise.get(key).cloned().unwrap_or(Value::Unbound);
            let value = if a.same(&b) {
                a
            } else {
                self.spend(logic::size(when) + cases(&a) + cases(&b))?;
                Value::choose(vec![(when.clone(), a)], b)
            };
            merged.insert(key, value);
        }
        Ok(merged)
    }

    fn raise_statement(&mut self, statement: &'m ast::StmtRaise) -> Outcome<Flow> {
        let Some(raised) = &statement.exc else {
            return self.refuse("a bare `raise` cannot be expressed");
        };
        let class = match raised.as_ref() {
            Expr::Call(call) => &call.func,
            _ => raised,
        };
        let value = self.evaluate(class)?;
        let exception = match &value {
            Value::External(name) => Exception::named(name),
            _ => None,
        };
        match exception {
            Some(exception) => self.raise(exception),
            None => self.refuse("only the language's own exceptions can be raised"),
        }
    }

    /// `try`: exceptions of the body that a handler catches stop being ways out; the handler runs where they were raised.
    fn try_statement(&mut self, statement: &'m ast::StmtTry) -> Outcome<Flow> {
        if !statement.finalbody.is_empty() || statement.is_star {
            return self.refuse("`finally` and `except*` cannot be expressed");
        }
        let handlers = self.handlers(&statement.handlers)?;
        let (start, jumps) = (self.frame.exits.len(), self.frame.jumps.len());
        let (root, base) = (self.frame.root, self.frame.guards.len());
        self.frame.root = base;
        self.frame.tries += 1;
        let flow = left_or_flow(self.block(&statement.body));
        self.frame.tries -= 1;
        self.frame.root = root;
        let flow = flow?;
        let exits = self.frame.exits.split_off(start);
        let mut caught: Vec<(Condition, usize, Names<'m>)> = Vec::new();
        let mut none_caught = Condition::TRUE;
        for exit in exits {
            let handler = match &exit.way {
                Way::Raise(exception) => handlers
                    .iter()
                    .position(|classes| classes.iter().any(|class| exception.is_a(class))),
                Way::Return(_) => None,
            };
            self.spend(logic::size(&none_caught))?;
            let when = none_caught.clone().and(exit.when.clone());
            match handler {
                Some(handler) => {
                    let names = exit.names.unwrap_or_default();
                    none_caught = none_caught.and(exit.when.negate());
                    caught.push((when, handler, names));
                }
                None => self.exit(when, exit.way)?,
            }
        }
        for jump in self.frame.jumps.iter_mut().skip(jumps) {
            jump.restrict(&none_caught);
        }
        self.handle(statement, flow, caught, none_caught)
    }

    /// Runs the handlers where the exceptions were raised, the rest where none was.
    fn handle(
        &mut self,
        statement: &'m ast::StmtTry,
        flow: Flow,
        caught: Vec<(Condition, usize, Names<'m>)>,
        none_caught: Condition,
    ) -> Outcome<Flow> {
        let names = std::mem::take(&mut self.frame.names);
        let mut result = self.guarded(none_caught, |this| {
            this.frame.names = names;
            if flow.falls && !statement.orelse.is_empty() {
                if flow.jumped.as_constant() != Some(false) {
                    return this.refuse(
                        "`else` after a `try` with `break` or `continue` cannot be expressed",
                    );
                }
                return left_or_flow(this.block(&statement.orelse));
            }
            Ok(flow)
        })?;
        // The last exception first, so that an earlier one's names win.
        for (when, handler, names) in caught.into_iter().rev() {
            let after = std::mem::replace(&mut self.frame.names, names);
            let ast::ExceptHandler::ExceptHandler(handler) = &statement.handlers[handler];
            let caught_flow = self.guarded(when.clone(), |this| {
                if let Some(name) = &handler.name {
                    let exception = this.refused_value("the exception itself cannot be expressed");
                    this.frame.names.insert(&name.id, exception);
                }
                left_or_flow(this.block(&handler.body))
            })?;
            let caught_names = std::mem::take(&mut self.frame.names);
            self.frame.names = match (caught_flow.falls, result.falls) {
                (true, true) => self.merge(&when, caught_names, after)?,
                (true, false) => caught_names,
                _ => after,
            };
            result = Flow {
                falls: caught_flow.falls || result.falls,
                jumped: logic::mix(when, caught_flow.jumped, result.jumped),
            };
        }
        Ok(result)
    }

    /// The classes that each handler catches.
    fn handlers(&mut self, handlers: &'m [ast::ExceptHandler]) -> Outcome<Vec<Vec<Rc<str>>>> {
        let mut result = Vec::new();
        for ast::ExceptHandler::ExceptHandler(handler) in handlers {
            let classes = match &handler.type_ {
                None => vec![Rc::from("BaseException")],
                Some(class) => {
                    let value = self.evaluate(class)?;
                    let values = match &value {
                        Value::Sequence(sequence) => sequence.items.as_ref().clone(),
                        _ => vec![value],
                    };
                    let mut names = Vec::new();
                    for value in values {
                        match value {
                            Value::External(name) => names.push(name),
                            _ => {
                                return self
                                    .refuse("`except` requires the language's own exceptions");
                            }
                        }
                    }
                    names
                }
            };
            result.push(classes);
        }
        Ok(result)
    }

    fn import(&mut self, statement: &'m Stmt) -> Outcome<Flow> {
        match statement {
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or("", |module| module.as_str());
                for alias in &import.names {
                    let value = self.imported(module, &alias.name.id)?;
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.frame.names.insert(&name.id, value);
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let module = alias.name.as_str();
                    if module.contains('.') && alias.asname.is_none() {
                        return self
                            .refuse("a dotted import within a function cannot be expressed");
                    }
                    let value = self.module(module);
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.frame.names.insert(&name.id, value);
                }
            }
            _ => {}
        }
        Ok(Flow::FALLS)
    }
}

/// A path that has left the function, as a flow.
pub(super) fn left_or_flow(result: Outcome<Flow>) -> Outcome<Flow> {
    match result {
        Err(Stop::Dead) => Ok(Flow::LEFT),
        other => other,
    }
}

/// How many cases a value has.
fn cases(value: &Value<'_>) -> usize {
    match value {
        Value::Choice(choice) => choice
            .cases
            .iter()
            .map(|(when, _)| 1 + logic::size(when))
            .sum(),
        _ => 1,
    }
}

fn keyword(statement: &Stmt) -> &'static str {
    match statement {
        Stmt::ClassDef(_) => "class",
        Stmt::Delete(_) => "del",
        Stmt::While(_) => "while",
        Stmt::With(_) => "with",
        Stmt::Match(_) => "match",
        Stmt::Global(_) => "global",
        Stmt::Nonlocal(_) => "nonlocal",
        Stmt::TypeAlias(_) => "type",
        _ => "",
    }
}
