//! Calls: of the author's functions (executed in a frame of their own), of methods, of builtins and of the library.

use std::rc::Rc;

use rustpython_ruff_python_ast as ast;

use super::argument::Arguments;
use super::exception::Exception;
use super::value::{Callable, Names, Value};
use super::{Executor, Exit, Frame, ModuleId, Outcome, Stop, Way, logic};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::Condition;

/// What a call executes.
enum Body<'m> {
    Statements(&'m [ast::Stmt]),
    Expression(&'m ast::Expr),
}

impl<'m> Executor<'m> {
    /// A call expression.
    pub(super) fn call_expression(&mut self, call: &'m ast::ExprCall) -> Outcome<Value<'m>> {
        if let ast::Expr::Attribute(attribute) = call.func.as_ref()
            && let ast::Expr::Name(name) = attribute.value.as_ref()
            && self.is_changed_by(name.id.as_str(), attribute.attr.as_str())
        {
            let arguments = self.arguments(&call.arguments)?;
            self.stand_at(call);
            return self.change(&name.id, attribute.attr.as_str(), arguments);
        }
        let function = self.evaluate(&call.func)?;
        if let Value::External(name) = &function
            && let "any" | "all" = name.as_ref()
            && let ([argument], []) = (
                call.arguments.args.as_ref(),
                call.arguments.keywords.as_ref(),
            )
        {
            let every = name.as_ref() == "all";
            match argument {
                ast::Expr::Generator(generator) => {
                    return self.quantify_written(
                        &generator.generators,
                        &generator.elt,
                        every,
                        true,
                    );
                }
                ast::Expr::ListComp(list) => {
                    return self.quantify_written(&list.generators, &list.elt, every, false);
                }
                _ => {}
            }
        }
        let arguments = self.arguments(&call.arguments)?;
        self.stand_at(call);
        self.call(function, arguments)
    }

    /// What calling the value gives.
    pub(super) fn call(
        &mut self,
        function: Value<'m>,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        self.each(function, &mut |this, function| {
            this.call_one(function, arguments.clone())
        })
    }

    fn call_one(&mut self, function: Value<'m>, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        match function {
            Value::Callable(Callable::Method { receiver, name }) => self
                .each(*receiver, &mut |this, receiver| {
                    this.method(receiver, name, arguments.clone())
                }),
            Value::Callable(_) => {
                let here = self.here;
                let exits = self.call_exits(function, arguments)?;
                self.here = here;
                self.returned(exits)
            }
            Value::External(path) => self.call_external(&path, arguments),
            Value::Constant(_) | Value::Data(_) => self.raise(Exception::TYPE),
            other => self.refuse(format!("{} cannot be called", other.type_name())),
        }
    }

    fn call_external(&mut self, path: &Rc<str>, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        if path.contains('.') {
            self.library(path, arguments)
        } else {
            self.builtin(path, arguments)
        }
    }

    /// The ways out of an author's function for these arguments.
    pub(super) fn call_exits(
        &mut self,
        function: Value<'m>,
        arguments: Arguments<'m>,
    ) -> Outcome<Vec<Exit<'m>>> {
        let (module, parameters, body, closure) = match function {
            Value::Callable(Callable::Function {
                module,
                definition,
                closure,
            }) => {
                if definition.is_async || yields(&definition.body) {
                    return self.refuse("a rule must not be a coroutine or a generator function");
                }
                let parameters = Some(definition.parameters.as_ref());
                (
                    module,
                    parameters,
                    Body::Statements(&definition.body),
                    closure,
                )
            }
            Value::Callable(Callable::Lambda {
                module,
                definition,
                closure,
            }) => {
                let parameters = definition.parameters.as_deref();
                (
                    module,
                    parameters,
                    Body::Expression(&definition.body),
                    closure,
                )
            }
            other => {
                return self.refuse(format!(
                    "a function is required here, not {}",
                    other.type_name()
                ));
            }
        };
        let names = match parameters {
            Some(parameters) => self.bind_parameters(module, parameters, arguments)?,
            None => Names::new(),
        };
        self.execute_function(module, names, closure.as_ref().clone(), &body)
    }

    fn execute_function(
        &mut self,
        module: ModuleId,
        names: Names<'m>,
        closure: Names<'m>,
        body: &Body<'m>,
    ) -> Outcome<Vec<Exit<'m>>> {
        let mut frame = Frame::new(module, names, closure);
        // What holds where the function is called also holds in it, but is no part of its own conditions.
        frame.guards.extend(self.frame.guards.iter().cloned());
        frame.guards.extend(self.facts_of_exits());
        frame.root = frame.guards.len();
        frame.statement = frame.root;
        let caller = std::mem::replace(&mut self.frame, frame);
        self.outer.push(caller);
        let result = self.deeper(|this| match body {
            Body::Statements(statements) => {
                let flow = this.block(statements)?;
                if flow.falls {
                    this.exit(Condition::TRUE, Way::Return(Value::NONE))?;
                }
                Ok(())
            }
            Body::Expression(expression) => {
                let value = this.evaluate(expression)?;
                this.exit(Condition::TRUE, Way::Return(value))
            }
        });
        let exits = std::mem::take(&mut self.frame.exits);
        if let Some(caller) = self.outer.pop() {
            self.frame = caller;
        }
        match result {
            Ok(()) | Err(Stop::Dead) => Ok(exits),
            Err(refused) => Err(refused),
        }
    }

    /// What is known because none of the ways out of the current function was taken.
    fn facts_of_exits(&self) -> Vec<Condition> {
        self.frame
            .exits
            .iter()
            .map(|exit| exit.when.clone().negate())
            .filter(|fact| matches!(fact, Condition::Test(_) | Condition::Not(_)))
            .filter(|fact| logic::size(fact) < 6)
            .collect()
    }

    /// The value of a call with these ways out; its exceptions become the caller's.
    fn returned(&mut self, exits: Vec<Exit<'m>>) -> Outcome<Value<'m>> {
        let mut before = Condition::FALSE;
        let mut cases: Vec<(Condition, Value<'m>)> = Vec::new();
        for exit in exits {
            match exit.way {
                Way::Raise(exception) => {
                    let when = before.clone().negate().and(exit.when);
                    self.spend(logic::size(&when))?;
                    self.raise_if(when, exception)?;
                }
                Way::Return(value) => {
                    self.spend(logic::size(&before))?;
                    before = before.or(exit.when.clone());
                    cases.push((exit.when, value));
                }
            }
        }
        match cases.pop() {
            Some((_, last)) => Ok(Value::choose(cases, last)),
            None => Err(Stop::Dead),
        }
    }

    /// Refuses a call that keeps state or reads the clock.
    pub(super) fn stateful<T>(&self, path: &str, why: &str) -> Outcome<T> {
        Err(Stop::Refused(Box::new(
            Diagnostic::error(
                Code::PythonStateful,
                format!("the rule must not call `{path}`, {why}"),
            )
            .at(self.here),
        )))
    }
}

/// Whether a function's own body has a `yield`.
fn yields(body: &[ast::Stmt]) -> bool {
    use rustpython_ruff_python_ast::visitor::{self, Visitor};
    struct Yields(bool);
    impl<'a> Visitor<'a> for Yields {
        fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
            if !matches!(
                statement,
                ast::Stmt::FunctionDef(_) | ast::Stmt::ClassDef(_)
            ) {
                visitor::walk_stmt(self, statement);
            }
        }
        fn visit_expr(&mut self, expression: &'a ast::Expr) {
            match expression {
                ast::Expr::Yield(_) | ast::Expr::YieldFrom(_) | ast::Expr::Await(_) => {
                    self.0 = true;
                }
                ast::Expr::Lambda(_) => {}
                other => visitor::walk_expr(self, other),
            }
        }
    }
    let mut found = Yields(false);
    found.visit_body(body);
    found.0
}
