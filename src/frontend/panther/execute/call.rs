//! Calls: of the author's functions (executed in a frame of their own), of methods, of builtins and of the library.

use std::rc::Rc;

use rustpython_ruff_python_ast as ast;

use super::argument::Arguments;
use super::change::{CHANGES, is_changed_by};
use super::class::Bound;
use super::current::objects_in;
use super::each::is_single;
use super::exception::Exception;
use super::guard::Guard;
use super::recursion::Called;
use super::state::{Cell, State};
use super::value::{Callable, Names, Value};
use super::{Executor, Exit, Frame, ModuleId, Outcome, Purpose, Stop, Way, logic};
use crate::diagnostic::Diagnostic;
use crate::ir::Condition;

/// What a call executes.
enum Body<'m> {
    Statements(&'m ast::StmtFunctionDef),
    Expression(&'m ast::Expr),
}

/// How many guards there were where a frame was entered.
pub(super) struct Entered(usize);

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
            Value::Callable(Callable::Method { mut receiver, name }) => {
                if !self.frame.names.state.is(&before) {
                    *receiver = self.current(*receiver);
                }
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
        if is_single(&function) {
            return self.call_one(function, arguments);
        }
        self.each(function, &mut |this, function| {
            this.call_one(function, arguments.clone())
        })
    }

    /// A call; where it depends on more than the event, the verdict is not known from here on.
    fn call_one(&mut self, function: Value<'m>, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        let guards = self.frame.guards.len();
        match self.called(function, arguments) {
            Err(Stop::Refused(problem)) if self.is_outside(&problem) => {
                self.frame.guards.truncate(guards);
                self.outside.push(*problem);
                self.raise(Exception::OUTSIDE)
            }
            other => other,
        }
    }

    fn called(&mut self, function: Value<'m>, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        if let Some(value) = self.emitted(&function, &arguments)? {
            return Ok(value);
        }
        match function {
            Value::Callable(Callable::Method { receiver, name })
                if is_changed_by(&receiver, name) =>
            {
                self.change(*receiver, name, arguments)
            }
            Value::Callable(Callable::Method { receiver, name }) if is_single(&receiver) => {
                self.method(*receiver, name, arguments)
            }
            Value::Callable(Callable::Method { receiver, name }) => self
                .each(*receiver, &mut |this, receiver| {
                    this.method(receiver, name, arguments.clone())
                }),
            Value::Callable(Callable::Function { definition, .. })
                if arguments.positional.iter().any(is_choice)
                    && self.shape(definition).calls_itself =>
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
        let recursive = self.recursive(&function);
        let (module, parameters, body, closure) = match function {
            Value::Callable(Callable::Function {
                module,
                definition,
                closure,
                frame,
            }) => {
                if self.shape(definition).is_suspended {
                    return self.refuse("a rule must not be a coroutine or a generator function");
                }
                let parameters = Some(definition.parameters.as_ref());
                let body = Body::Statements(definition);
                (module, parameters, body, self.closure(&closure, frame))
            }
            Value::Callable(Callable::Lambda {
                module,
                definition,
                closure,
                frame,
            }) => {
                let parameters = definition.parameters.as_deref();
                let body = Body::Expression(&definition.body);
                (module, parameters, body, self.closure(&closure, frame))
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
        let mut execute = |this: &mut Self, names| {
            this.execute_function(module, names, closure.clone(), &body, method.clone())
        };
        if let Some((definition, frame)) = recursive {
            let called = Called {
                definition,
                frame,
                arguments: &names,
            };
            if let Some(exits) = self.recursive_exits(&called, &mut execute)? {
                return Ok(exits);
            }
        }
        execute(self, names)
    }

    /// The function that calls itself, and the call in which it was defined.
    fn recursive(&mut self, function: &Value<'m>) -> Option<(&'m ast::StmtFunctionDef, usize)> {
        match function {
            Value::Callable(Callable::Function {
                definition, frame, ..
            }) if self.shape(definition).calls_itself => Some((*definition, *frame)),
            _ => None,
        }
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
        if let Body::Statements(definition) = body {
            frame.bound = self.shape(definition).bound.clone();
            if frame.bound.nonlocal {
                return self.refuse("a `nonlocal` statement cannot be expressed");
            }
        }
        self.calls += 1;
        frame.number = self.calls;
        frame.method = method;
        let facts = self.facts_of_exits();
        let entered = self.enter(frame);
        for fact in facts {
            self.frame.guards.push_known(fact);
        }
        self.frame.root = self.frame.guards.len();
        self.frame.statement = self.frame.root;
        let result = self.body(body);
        let frame = self.leave(entered);
        if let Err(Stop::Refused(problem)) = &result
            && self.purpose == Purpose::Display
        {
            self.lose(&given, &frame.names.state, body, problem);
        }
        result
    }

    /// The ways out of the function in whose frame the machine stands.
    fn body(&mut self, body: &Body<'m>) -> Outcome<Vec<Exit<'m>>> {
        let question = match body {
            Body::Statements(definition) => self.question(definition),
            Body::Expression(_) => None,
        };
        if let Some(exits) = question.as_ref().and_then(|question| self.recall(question)) {
            return Ok(exits);
        }
        let asked_before = std::mem::replace(&mut self.asked, false);
        let result = self.deeper(|this| match body {
            Body::Statements(definition) => {
                let flow = this.block(&definition.body)?;
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
        if let Err(Stop::Refused(problem)) = result {
            self.asked |= asked_before;
            return Err(Stop::Refused(problem));
        }
        let exits = self.frame.exits.take();
        if let Some(question) = question {
            self.remember(question, &exits);
        }
        self.asked |= asked_before;
        Ok(exits)
    }

    /// Goes into the frame of a function or a class. What holds where it is called also holds in it, but is no part of its own
    /// conditions. The result is for [`leave`](Self::leave).
    pub(super) fn enter(&mut self, mut frame: Frame<'m>) -> Entered {
        frame.guards = std::mem::take(&mut self.frame.guards);
        let entered = Entered(frame.guards.len());
        (frame.root, frame.statement) = (entered.0, entered.0);
        self.outer.push(std::mem::replace(&mut self.frame, frame));
        entered
    }

    /// Goes back to the frame around; the result is the one that is left.
    pub(super) fn leave(&mut self, entered: Entered) -> Frame<'m> {
        let caller = self.outer.pop().unwrap_or_else(|| {
            let module = self.frame.module;
            Frame::new(module, Names::new(), Names::new())
        });
        let mut frame = std::mem::replace(&mut self.frame, caller);
        self.frame.guards = std::mem::take(&mut frame.guards);
        self.frame.guards.truncate(entered.0);
        frame
    }

    /// What a function that cannot be read may have changed cannot be read any more.
    fn lose(&mut self, given: &[u32], left: &State<'m>, body: &Body<'m>, problem: &Diagnostic) {
        let before = self.frame.names.state.clone();
        let mut cells = super::state::differing(&before, left, self.newest());
        if let Body::Statements(definition) = body
            && changes_anything(&definition.body)
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
    fn facts_of_exits(&mut self) -> Vec<Rc<Guard>> {
        self.frame.exits.small_facts().collect()
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
