//! Statements: executed on the path to them, with the paths of a branch merged where it ends.

use std::collections::BTreeSet;
use std::rc::Rc;

use rustpython_ruff_python_ast as ast;
use rustpython_ruff_python_ast::{Expr, Stmt};

use super::argument::Arguments;
use super::class::Descriptor;
use super::exception::{Caught, Exception};
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

/// An exception that a handler catches: when, which handler, what, and the names where it was raised.
type Handled<'m> = (Condition, usize, Exception, Names<'m>);

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
                    return Err(self.refused(&problem));
                }
                Ok(Flow::FALLS)
            }
            Stmt::For(statement) => self.for_statement(statement),
            Stmt::While(statement) => self.while_statement(statement),
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
            Stmt::Delete(statement) => {
                for target in &statement.targets {
                    self.delete(target)?;
                }
                Ok(Flow::FALLS)
            }
            Stmt::ClassDef(definition) => {
                let class = self.class(self.frame.module, definition)?;
                self.bind_name(&definition.name.id, class)?;
                Ok(Flow::FALLS)
            }
            Stmt::Match(statement) => self.match_statement(statement),
            Stmt::Pass(_) | Stmt::Global(_) => Ok(Flow::FALLS),
            other => self.refuse(format!(
                "a `{}` statement cannot be expressed",
                keyword(other)
            )),
        }
    }

    fn return_statement(&mut self, statement: &'m ast::StmtReturn) -> Outcome<Flow> {
        let value = match &statement.value {
            Some(value) => match self.evaluate(value)? {
                carried @ Value::Carried(_) => self.each(carried, &mut |_, value| Ok(value))?,
                value => value,
            },
            None => Value::NONE,
        };
        self.exit(Condition::TRUE, Way::Return(value))?;
        Ok(Flow::LEFT)
    }

    /// A nested function, which sees the names as they are here.
    fn define(&mut self, definition: &'m ast::StmtFunctionDef) -> Outcome<Flow> {
        let value = Value::Callable(Callable::Function {
            module: self.frame.module,
            definition,
            closure: Rc::new(self.visible_names(definition)),
            frame: self.frame.number,
        });
        let value = self.decorated(definition, value)?;
        self.bind_name(&definition.name.id, value)?;
        Ok(Flow::FALLS)
    }

    /// The function as its decorators make it, the last one first.
    pub(super) fn decorated(
        &mut self,
        definition: &'m ast::StmtFunctionDef,
        function: Value<'m>,
    ) -> Outcome<Value<'m>> {
        let mut value = function;
        for decorator in definition.decorator_list.iter().rev() {
            let made = self.evaluate(&decorator.expression)?;
            self.stand_at(decorator);
            value = match made {
                Value::External(name) => match name.as_ref() {
                    "property" => Value::Described(Descriptor::Property, Rc::new(value)),
                    "staticmethod" => Value::Described(Descriptor::Static, Rc::new(value)),
                    "classmethod" => Value::Described(Descriptor::OfClass, Rc::new(value)),
                    // What they add does not change what the function gives.
                    "functools.lru_cache"
                    | "functools.lru_cache()"
                    | "functools.cache"
                    | "functools.wraps()"
                    | "abc.abstractmethod"
                    | "typing.override" => value,
                    other => {
                        return self.refuse(format!("the decorator `{other}` cannot be expressed"));
                    }
                },
                decorator @ Value::Callable(_) => {
                    self.call(decorator, Arguments::positional(vec![value]))?
                }
                other => {
                    return self.refuse(format!("{} is no decorator", other.type_name()));
                }
            };
        }
        Ok(value)
    }

    fn if_statement(
        &mut self,
        test: &'m Expr,
        body: &'m [Stmt],
        clauses: &'m [ast::ElifElseClause],
    ) -> Outcome<Flow> {
        self.frame.statement = self.frame.guards.len();
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
        let state = self.merge_states(when, &then.state, &otherwise.state)?;
        if then.is(&otherwise) {
            return Ok(then.in_state(state));
        }
        let keys: BTreeSet<&'m str> = then.keys().chain(otherwise.keys()).copied().collect();
        let mut merged = Names::within(state);
        for key in keys {
            let a = then.get(key).cloned().unwrap_or(Value::Unbound);
            let b = otherwise.get(key).cloned().unwrap_or(Value::Unbound);
            let value = if a.same(&b) {
                a
            } else if let (Value::Mapping(a), Value::Mapping(b)) = (&a, &b)
                && a.identity == b.identity
            {
                self.spend((a.entries.len() + b.entries.len()) * logic::size(when))?;
                Value::Mapping(a.merged(when, b))
            } else {
                self.spend(logic::size(when) + logic::size_of(&a) + logic::size_of(&b))?;
                Value::choose(vec![(when.clone(), a)], b)
            };
            merged.insert(key, value);
        }
        Ok(merged)
    }

    fn raise_statement(&mut self, statement: &'m ast::StmtRaise) -> Outcome<Flow> {
        let Some(raised) = &statement.exc else {
            return match self.frame.handled {
                Some(exception) => self.raise(exception),
                None => self.refuse("a bare `raise` must stand in a handler"),
            };
        };
        let class = match raised.as_ref() {
            Expr::Call(call) => &call.func,
            _ => raised,
        };
        let value = self.evaluate(class)?;
        let exception = match &value {
            Value::External(name) => Exception::named(name),
            Value::Class(class) => class.exception(),
            _ => None,
        };
        match exception {
            Some(exception) => self.raise(exception),
            None => self.refuse("what is raised must be a known exception"),
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
        let mut caught: Vec<Handled<'m>> = Vec::new();
        let mut none_caught = Condition::TRUE;
        for exit in exits {
            let handler = match &exit.way {
                Way::Raise(exception) => handlers
                    .iter()
                    .position(|classes| classes.iter().any(|class| self.catches(class, *exception)))
                    .map(|handler| (handler, *exception)),
                Way::Return(_) => None,
            };
            self.spend(logic::size(&none_caught))?;
            let when = none_caught.clone().and(exit.when.clone());
            match handler {
                Some((handler, exception)) => {
                    none_caught = none_caught.and(exit.when.negate());
                    caught.push((when, handler, exception, exit.names));
                }
                None => self.exit_with(when, exit.way, exit.names)?,
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
        caught: Vec<Handled<'m>>,
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
        for (when, handler, exception, names) in caught.into_iter().rev() {
            let after = std::mem::replace(&mut self.frame.names, names);
            let ast::ExceptHandler::ExceptHandler(handler) = &statement.handlers[handler];
            let around = self.frame.handled.replace(exception);
            let caught_flow = self.guarded(when.clone(), |this| {
                if let Some(name) = &handler.name {
                    let exception = this.refused_value("the exception itself cannot be expressed");
                    this.frame.names.insert(&name.id, exception);
                }
                left_or_flow(this.block(&handler.body))
            });
            self.frame.handled = around;
            let caught_flow = caught_flow?;
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
    fn handlers(&mut self, handlers: &'m [ast::ExceptHandler]) -> Outcome<Vec<Vec<Caught>>> {
        let mut result = Vec::new();
        for ast::ExceptHandler::ExceptHandler(handler) in handlers {
            let classes = match &handler.type_ {
                None => vec![Caught::Named("BaseException".into())],
                Some(class) => {
                    let value = self.evaluate(class)?;
                    let values = match &value {
                        Value::Sequence(sequence) => sequence.items.as_ref().clone(),
                        _ => vec![value],
                    };
                    let mut names = Vec::new();
                    for value in values {
                        match value {
                            Value::External(name) => names.push(Caught::Named(name)),
                            Value::Class(class) => names.push(Caught::Own(class.number())),
                            _ => {
                                return self.refuse("`except` requires known exceptions");
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

    /// Whether a handler's class catches the exception.
    fn catches(&self, class: &Caught, exception: Exception) -> bool {
        match class {
            Caught::Named(name) => exception.is_a(name),
            Caught::Own(number) => self
                .exceptions
                .get(&exception.number())
                .is_some_and(|line| line.contains(number)),
        }
    }

    fn import(&mut self, statement: &'m Stmt) -> Outcome<Flow> {
        match statement {
            Stmt::ImportFrom(import) => {
                let module = self.frame.module;
                for alias in &import.names {
                    let value = self.imported(module, import, &alias.name.id)?;
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.bind_name(&name.id, value)?;
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let module = alias.name.as_str();
                    let first = module.split('.').next().unwrap_or(module);
                    let renamed = alias.asname.as_ref();
                    let (name, bound) =
                        renamed.map_or((first, first), |name| (name.id.as_str(), module));
                    let value = self.module(bound);
                    self.bind_name(name, value)?;
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

fn keyword(statement: &Stmt) -> &'static str {
    match statement {
        Stmt::With(_) => "with",
        Stmt::Nonlocal(_) => "nonlocal",
        Stmt::TypeAlias(_) => "type",
        _ => "",
    }
}
