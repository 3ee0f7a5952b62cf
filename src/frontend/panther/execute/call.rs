//! Calls: of the author's functions (executed in a frame of their own), of methods, of builtins and of the library.

use std::rc::Rc;

use rustpython_ruff_python_ast as ast;

use super::argument::Arguments;
use super::change::{CHANGES, is_changed_by};
use super::class::Bound;
use super::current::objects_in;
use super::exception::Exception;
use super::guard::Guards;
use super::recursion::{Called, calls_itself};
use super::state::{Cell, State};
use super::value::{Callable, Names, Value};
use super::{Executor, Exit, Frame, ModuleId, Outcome, Purpose, Stop, Way, logic};
use crate::diagnostic::Diagnostic;
use crate::ir::Condition;

/// What a call executes.
enum Body<'m> {
    Statements(&'m [ast::Stmt]),
    Expression(&'m ast::Expr),
}

impl<'m> Executor<'m> {
    /// A call expression.
    pub(super) fn call_expression(&mut self, call: &'m ast::ExprCall) -> Outcome<Value<'m>> {
        let function = self.evaluate(&call.func)?;
        let before = self.frame.names.state.clone();
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
        let function = match function {
            Value::Callable(Callable::Method { receiver, name }) => {
                let receiver = Box::new(self.current_since(&before, *receiver));
                Value::Callable(Callable::Method { receiver, name })
            }
            other => other,
        };
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
            Value::Callable(Callable::Method { receiver, name })
                if is_changed_by(&receiver, name) =>
            {
                self.change(*receiver, name, arguments)
            }
            Value::Callable(Callable::Method { receiver, name }) => self
                .each(*receiver, &mut |this, receiver| {
                    this.method(receiver, name, arguments.clone())
                }),
            Value::Callable(Callable::Function { definition, .. })
                if arguments.positional.iter().any(is_choice) && calls_itself(definition) =>
            {
                self.call_by_case(function, arguments)
            }
            Value::Callable(_) => {
                let here = self.here;
                let exits = self.call_exits(function, arguments)?;
                self.here = here;
                self.returned(exits)
            }
            Value::Class(class) => self.instance(&class, arguments),
            Value::Instance { .. } => match self.special_method(&function, "__call__") {
                Some(method) => self.call(method, arguments),
                None => self.raise(Exception::TYPE),
            },
            Value::Mock(value) => Ok(Value::Constant(value)),
            Value::External(path) => self.call_external(&path, arguments),
            Value::Constant(_) | Value::Data(_) => self.raise(Exception::TYPE),
            other => self.refuse(format!("{} cannot be called", other.type_name())),
        }
    }

    /// A function that calls itself, for each case of its arguments.
    fn call_by_case(
        &mut self,
        function: Value<'m>,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let Some(at) = arguments.positional.iter().position(is_choice) else {
            return self.call_one(function, arguments);
        };
        self.each(arguments.positional[at].clone(), &mut |this, value| {
            let mut arguments = arguments.clone();
            arguments.positional[at] = value;
            this.call_by_case(function.clone(), arguments)
        })
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
        if let Value::Callable(Callable::Bound(bound)) = function {
            return self.call_bound(&bound, arguments);
        }
        let method = self.calling.take();
        let recursive = match &function {
            Value::Callable(Callable::Function {
                definition, frame, ..
            }) if calls_itself(definition) => Some((*definition, *frame)),
            _ => None,
        };
        let (module, parameters, body, closure) = match function {
            Value::Callable(Callable::Function {
                module,
                definition,
                closure,
                frame,
            }) => {
                if definition.is_async || yields(&definition.body) {
                    return self.refuse("a rule must not be a coroutine or a generator function");
                }
                let parameters = Some(definition.parameters.as_ref());
                (
                    module,
                    parameters,
                    Body::Statements(&definition.body),
                    self.closure(&closure, frame),
                )
            }
            Value::Callable(Callable::Lambda {
                module,
                definition,
                closure,
                frame,
            }) => {
                let parameters = definition.parameters.as_deref();
                (
                    module,
                    parameters,
                    Body::Expression(&definition.body),
                    self.closure(&closure, frame),
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
        if let Some((definition, frame)) = recursive {
            let called = Called {
                definition,
                frame,
                arguments: &names,
            };
            let said_once = self.recursive_exits(&called, &mut |this, names| {
                this.execute_function(module, names, closure.clone(), &body, method.clone())
            })?;
            if let Some(exits) = said_once {
                return Ok(exits);
            }
        }
        self.execute_function(module, names, closure, &body, method)
    }

    /// A method with its object: the object is the first argument.
    fn call_bound(
        &mut self,
        bound: &Rc<Bound<'m>>,
        arguments: Arguments<'m>,
    ) -> Outcome<Vec<Exit<'m>>> {
        let mut positional = vec![bound.receiver.clone()];
        positional.extend(arguments.positional);
        let arguments = Arguments {
            positional,
            keywords: arguments.keywords,
        };
        let around = self.calling.replace(bound.clone());
        let exits = self.call_exits(bound.function.clone(), arguments);
        self.calling = around;
        exits
    }

    fn execute_function(
        &mut self,
        module: ModuleId,
        names: Names<'m>,
        closure: Names<'m>,
        body: &Body<'m>,
        method: Option<Rc<Bound<'m>>>,
    ) -> Outcome<Vec<Exit<'m>>> {
        let mut given = Vec::new();
        if self.purpose == Purpose::Display {
            for value in names.values() {
                objects_in(value, &mut given);
            }
        }
        let mut frame = Frame::new(module, names, closure);
        frame.names.state = self.frame.names.state.clone();
        if let Body::Statements(statements) = body {
            frame.bound = super::scope::Bound::of(statements);
            if frame.bound.nonlocal {
                return self.refuse("a `nonlocal` statement cannot be expressed");
            }
        }
        self.calls += 1;
        frame.number = self.calls;
        frame.method = method;
        self.hand_facts_to(&mut frame);
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
        let exits = self.frame.exits.take();
        let left = std::mem::take(&mut self.frame.names.state);
        if let Some(caller) = self.outer.pop() {
            self.frame = caller;
        }
        match result {
            Ok(()) | Err(Stop::Dead) => Ok(exits),
            Err(Stop::Refused(problem)) => {
                if self.purpose == Purpose::Display {
                    self.lose(&given, &left, body, &problem);
                }
                Err(Stop::Refused(problem))
            }
        }
    }

    /// What holds where a function is called also holds in it, but is no part of its own conditions.
    fn hand_facts_to(&self, frame: &mut Frame<'m>) {
        frame.guards = Guards::within(&self.frame.guards);
        for fact in self.facts_of_exits() {
            frame.guards.push(fact);
        }
        frame.root = frame.guards.len();
        frame.statement = frame.root;
    }

    /// What a function that cannot be read may have changed cannot be read any more.
    fn lose(&mut self, given: &[u32], left: &State<'m>, body: &Body<'m>, problem: &Diagnostic) {
        let before = self.frame.names.state.clone();
        let mut cells = super::state::differing(&before, left, self.newest());
        if let Body::Statements(statements) = body
            && changes_anything(statements)
        {
            cells.extend(given.iter().map(|identity| Cell::Object(*identity)));
        }
        let lost = Value::Refused(Rc::new(problem.clone()));
        for cell in cells {
            self.frame.names.state.set(cell, lost.clone());
        }
    }

    /// Goes on with the state that the ways out which return leave.
    fn adopt(&mut self, exits: &[Exit<'m>]) -> Outcome<()> {
        let returns = |exit: &&Exit<'m>| matches!(exit.way, Way::Return(_));
        let mut states = exits.iter().filter(returns).rev();
        let Some(last) = states.next() else {
            return Ok(());
        };
        let mut after = last.names.state.clone();
        for exit in states {
            after = self.merge_states(&exit.when, &exit.names.state, &after)?;
        }
        let before = self.frame.names.state.clone();
        if after.is(&before) {
            return Ok(());
        }
        let start = self.frame.statement.min(self.frame.guards.len());
        let within = logic::all(self.frame.guards.since(start));
        self.frame.names.state = match within.as_constant() {
            Some(true) => after,
            _ => self.merge_states(&within, &after, &before)?,
        };
        Ok(())
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
        let state = self.frame.names.state.clone();
        self.adopt(&exits)?;
        let settled = std::mem::replace(&mut self.frame.names.state, state);
        for exit in exits {
            match exit.way {
                Way::Raise(exception) => {
                    let when = before.clone().negate().and(exit.when);
                    self.spend(logic::size(&when))?;
                    let state = self.frame.names.state.clone();
                    self.frame.names.state = exit.names.state;
                    let raised = self.raise_if(when, exception);
                    self.frame.names.state = state;
                    raised?;
                }
                Way::Return(value) => {
                    self.spend(logic::size(&before))?;
                    before = before.or(exit.when.clone());
                    cases.push((exit.when, value));
                }
            }
        }
        self.frame.names.state = settled;
        match cases.pop() {
            Some((_, last)) => Ok(Value::choose(cases, last)),
            None => Err(Stop::Dead),
        }
    }
}

fn is_choice(value: &Value<'_>) -> bool {
    matches!(value, Value::Choice(_))
}

/// Whether anything in the statements may change a list, a dictionary, an attribute or a global.
fn changes_anything(body: &[ast::Stmt]) -> bool {
    use rustpython_ruff_python_ast::visitor::{self, Visitor};
    struct Changes(bool);
    impl<'a> Visitor<'a> for Changes {
        fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
            self.0 |= matches!(statement, ast::Stmt::Global(_) | ast::Stmt::AugAssign(_));
            visitor::walk_stmt(self, statement);
        }
        fn visit_expr(&mut self, expression: &'a ast::Expr) {
            self.0 |= match expression {
                ast::Expr::Attribute(attribute) => {
                    !attribute.ctx.is_load() || CHANGES.contains(&attribute.attr.as_str())
                }
                ast::Expr::Subscript(subscript) => !subscript.ctx.is_load(),
                _ => false,
            };
            visitor::walk_expr(self, expression);
        }
    }
    let mut found = Changes(false);
    found.visit_body(body);
    found.0
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
