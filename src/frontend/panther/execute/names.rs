//! Names to values: locals, the functions around, the module's globals, builtins.
//!
//! A global that is bound once, by an assignment, an import or a definition, is evaluated when it is first used; any other
//! makes the whole module be executed from top to bottom. Refuses names that are bound by something that cannot be read.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustpython_ruff_python_ast as ast;

use super::bindings::{assigned, mentioned};
use super::exception::Exception;
use super::module::{Modules, is_standard};
use super::state::Cell;
use super::value::{Callable, Names, Value};
use super::{Executor, Frame, ModuleId, Outcome, Purpose, Stop};
use crate::diagnostic::{Code, Diagnostic};

/// What binds a global.
#[derive(Clone, Copy, Debug)]
pub(super) enum Binding<'m> {
    Assigned(&'m ast::Expr),
    Function(&'m ast::StmtFunctionDef),
    Class(&'m ast::StmtClassDef),
    /// `import name` or `import name as other`.
    Import(&'m str),
    /// `from module import name`.
    ImportFrom(&'m ast::StmtImportFrom, &'m str),
    /// Bound or changed in another way, or more than once.
    Executed,
}

/// That it is not known whether a module binds a name.
struct Unknown;

/// The globals of a module.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope<'m> {
    bindings: BTreeMap<&'m str, Binding<'m>>,
}

impl<'m> Scope<'m> {
    fn new(body: &'m [ast::Stmt]) -> Self {
        let mut scope = Self::default();
        for statement in body {
            scope.add(statement);
        }
        scope
    }

    pub(super) fn binds(&self, name: &str) -> bool {
        self.bindings.contains_key(name)
    }

    /// The name as it stands in the module, if that binds it; an error where that is not known.
    fn named(&self, name: &str) -> Result<Option<&'m str>, Unknown> {
        match self.bindings.get_key_value(name) {
            Some((_, Binding::Executed)) => Err(Unknown),
            Some((name, _)) => Ok(Some(name)),
            None if self.binds("*") => Err(Unknown),
            None => Ok(None),
        }
    }

    /// What binds the name.
    pub(super) fn binding(&self, name: &str) -> Option<Binding<'m>> {
        self.bindings.get(name).copied()
    }

    fn add(&mut self, statement: &'m ast::Stmt) {
        match statement {
            ast::Stmt::Assign(assign) => match assign.targets.as_slice() {
                [ast::Expr::Name(name)] => self.bind(&name.id, Binding::Assigned(&assign.value)),
                _ => self.add_names(statement),
            },
            ast::Stmt::AnnAssign(assign) => match (assign.target.as_ref(), &assign.value) {
                (ast::Expr::Name(name), Some(value)) => {
                    self.bind(&name.id, Binding::Assigned(value));
                }
                (_, None) => {}
                _ => self.add_names(statement),
            },
            ast::Stmt::FunctionDef(definition) => {
                self.bind(&definition.name.id, Binding::Function(definition));
            }
            ast::Stmt::ClassDef(definition) => {
                self.bind(&definition.name.id, Binding::Class(definition));
            }
            ast::Stmt::Import(import) => {
                for alias in &import.names {
                    let module = alias.name.as_str();
                    let first = module.split('.').next().unwrap_or(module);
                    match &alias.asname {
                        Some(name) => self.bind(&name.id, Binding::Import(module)),
                        None => self.bind(first, Binding::Import(first)),
                    }
                }
            }
            ast::Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.bind(&name.id, Binding::ImportFrom(import, &alias.name.id));
                }
            }
            ast::Stmt::Expr(expression) if expression.value.is_literal_expr() => {}
            _ => self.add_names(statement),
        }
    }

    fn bind(&mut self, name: &'m str, binding: Binding<'m>) {
        self.bindings
            .entry(name)
            .and_modify(|before| *before = Binding::Executed)
            .or_insert(binding);
    }

    /// Every name of a statement that is not a plain binding may be changed by it.
    fn add_names(&mut self, statement: &'m ast::Stmt) {
        for name in mentioned(std::slice::from_ref(statement)) {
            self.bindings.insert(name, Binding::Executed);
        }
    }
}

impl<'m> Executor<'m> {
    /// The globals of a module.
    pub(super) fn scope(&mut self, module: ModuleId) -> &Scope<'m> {
        let known = self.scopes.iter().position(|(id, _)| *id == module);
        let at = known.unwrap_or_else(|| {
            let scope = Scope::new(&self.modules.get(module).body);
            self.scopes.push((module, scope));
            self.scopes.len() - 1
        });
        &self.scopes[at].1
    }

    /// The value of a name where it stands.
    pub(super) fn name(&mut self, name: &'m str) -> Outcome<Value<'m>> {
        let local = self.frame.names.get(name);
        let value = match local {
            Some(value) => self.current(value.clone()),
            None if self.frame.bound.globals.contains(name) => {
                self.global(self.frame.module, name)?
            }
            None if self.frame.bound.locals.contains_key(name) => Value::Unbound,
            None => match self.frame.closure.get(name) {
                Some(value) => self.current(value.clone()),
                None => self.global(self.frame.module, name)?,
            },
        };
        if matches!(value, Value::Choice(_) | Value::Unbound) {
            return self.each(value, &mut |this, value| match value {
                Value::Unbound => this.raise(Exception::UNBOUND),
                other => Ok(other),
            });
        }
        Ok(value)
    }

    /// The value of a module's global, or of a builtin, on the path to here.
    pub(super) fn global(&mut self, module: ModuleId, name: &'m str) -> Outcome<Value<'m>> {
        let value = match self.written(Cell::Global(module, name)) {
            Some(value) => value,
            None => self.unchanged_global(module, name)?,
        };
        Ok(self.current(value))
    }

    /// The global of a module that has this name, if there is one.
    pub(super) fn global_named(
        &mut self,
        module: ModuleId,
        name: &str,
    ) -> Outcome<Option<&'m str>> {
        match self.scope(module).named(name) {
            Ok(found) if !name.starts_with("__") => Ok(found),
            _ => self.refuse(format!(
                "whether the module has a name `{name}` is not known"
            )),
        }
    }

    /// Binds a global of a module on the path to here.
    pub(super) fn set_global(&mut self, name: &'m str, value: Value<'m>) -> Outcome<()> {
        let module = self.frame.module;
        let before = if self.scope(module).binds(name) {
            self.unchanged_global(module, name)?
        } else {
            Value::Unbound
        };
        self.write(Cell::Global(module, name), value, before)
    }

    /// The value of a module's global that nothing has assigned since the module was loaded. A test's mocks come after that.
    fn unchanged_global(&mut self, module: ModuleId, name: &'m str) -> Outcome<Value<'m>> {
        match self.mocks.get(name) {
            Some(mock) if module == Modules::MAIN && self.loading == 0 => {
                Ok(Value::Mock(mock.clone()))
            }
            _ => self.loaded_global(module, name),
        }
    }

    /// The value of a module's global after the module was loaded.
    fn loaded_global(&mut self, module: ModuleId, name: &'m str) -> Outcome<Value<'m>> {
        if let Some(value) = self.globals.get(&(module, name)) {
            return Ok(value.clone());
        }
        let Some(binding) = self.scope(module).bindings.get(name).copied() else {
            if BUILTINS.contains(&name) {
                let builtin = Value::External(name.into());
                self.globals.insert((module, name), builtin.clone());
                return Ok(builtin);
            }
            return self.refuse(format!("the name `{name}` must be defined"));
        };
        let value = match binding {
            Binding::Function(definition) => {
                let function = Value::Callable(Callable::Function {
                    module,
                    definition,
                    closure: Rc::new(Names::new()),
                    frame: 0,
                });
                if definition.decorator_list.is_empty() {
                    function
                } else {
                    self.in_module(module, |this| this.decorated(definition, function))?
                }
            }
            Binding::Class(definition) => {
                self.in_module(module, |this| this.class(module, definition))?
            }
            Binding::Import(path) => self.module(path),
            Binding::ImportFrom(import, item) => self.imported(module, import, item)?,
            Binding::Assigned(expression) => self.evaluate_global(module, name, expression)?,
            Binding::Executed => return self.execute_module(module, name),
        };
        self.globals.insert((module, name), value.clone());
        Ok(value)
    }

    pub(super) fn module(&self, path: &str) -> Value<'m> {
        match self.modules.find(path) {
            Some(id) if !is_standard(path) => Value::Module(id),
            _ => Value::External(path.into()),
        }
    }

    /// What `from path import item` in a module binds.
    pub(super) fn imported(
        &mut self,
        module: ModuleId,
        import: &ast::StmtImportFrom,
        item: &'m str,
    ) -> Outcome<Value<'m>> {
        let path = import.module.as_ref().map_or("", |path| path.as_str());
        let Some(path) = self.modules.resolve(module, import.level, path) else {
            return self.refuse("a relative import requires that the module is in a package");
        };
        if let Some(id) = self.modules.find(&path).filter(|_| !is_standard(&path)) {
            // A package's own modules are not yet its names when it imports them.
            if let Some(inner) = self.modules.find_within(id, item).filter(|_| id == module) {
                return Ok(Value::Module(inner));
            }
            return self.deeper(|this| this.module_attribute(id, item));
        }
        if let Some(problem) = self.modules.problem(&path) {
            return Err(Stop::Refused(Box::new(problem.clone())));
        }
        self.external_attribute(&path, item)
    }

    /// `module.name`: one of its globals, or a module within it.
    pub(super) fn module_attribute(&mut self, id: ModuleId, name: &'m str) -> Outcome<Value<'m>> {
        match self.modules.find_within(id, name) {
            Some(inner) if !self.scope(id).binds(name) => Ok(Value::Module(inner)),
            _ => self.global(id, name),
        }
    }

    /// `path.name`, where the path is that of something of the language, or of a folder with modules.
    pub(super) fn external_attribute(&mut self, path: &str, name: &str) -> Outcome<Value<'m>> {
        let full = format!("{path}.{name}");
        if is_standard(path) {
            return Ok(super::expression::external(&full));
        }
        match (self.modules.find(&full), self.modules.problem(&full)) {
            (Some(id), _) => Ok(Value::Module(id)),
            (None, Some(problem)) => Err(Stop::Refused(Box::new(problem.clone()))),
            (None, None) => Ok(super::expression::external(&full)),
        }
    }

    fn evaluate_global(
        &mut self,
        module: ModuleId,
        name: &'m str,
        expression: &'m ast::Expr,
    ) -> Outcome<Value<'m>> {
        let cyclic = self.refusal(
            Code::PythonUnsupported,
            format!("the value of `{name}` must not depend on itself"),
        );
        if let Stop::Refused(cyclic) = cyclic {
            self.globals
                .insert((module, name), Value::Refused(Rc::new(*cyclic)));
        }
        let result = self.in_module(module, |this| this.evaluate(expression));
        if result.is_err() {
            self.globals.remove(&(module, name));
        }
        result
    }

    /// Does something in a frame of the module's own.
    pub(super) fn in_module<T>(
        &mut self,
        module: ModuleId,
        work: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        let names = Names::within(self.loaded.clone());
        let frame = Frame::new(module, names, Names::new());
        let caller = std::mem::replace(&mut self.frame, frame);
        let here = self.here;
        self.outer.push(caller);
        self.loading += 1;
        let result = self.deeper(work);
        self.loading -= 1;
        for (cell, value) in self.frame.names.state.cells() {
            self.loaded.set(cell, value.clone());
        }
        let raised = self
            .frame
            .exits
            .iter()
            .any(|exit| matches!(exit.way, super::Way::Raise(_)));
        if let Some(caller) = self.outer.pop() {
            self.frame = caller;
        }
        let result = match result {
            Err(Stop::Refused(diagnostic)) => Err(Stop::Refused(diagnostic)),
            Ok(_) | Err(Stop::Dead) if raised => {
                self.refuse("the module must load without an exception")
            }
            other => other,
        };
        self.here = here;
        result
    }

    /// Executes a module from top to bottom. After every statement its names are the module's globals.
    fn execute_module(&mut self, module: ModuleId, wanted: &'m str) -> Outcome<Value<'m>> {
        if !self.executing.contains(&module) {
            self.executing.push(module);
            let body = &self.modules.get(module).body;
            let purpose = std::mem::replace(&mut self.purpose, Purpose::Display);
            let result = self.in_module(module, |this| {
                for statement in body.iter() {
                    this.module_statement(statement)?;
                    let state = this.frame.names.state.clone();
                    let names = std::mem::replace(&mut this.frame.names, Names::within(state));
                    for (name, value) in names.iter() {
                        this.globals.insert((module, name), value.clone());
                    }
                }
                Ok(())
            });
            self.purpose = purpose;
            self.executing.retain(|other| *other != module);
            result?;
        }
        match self.globals.get(&(module, wanted)) {
            Some(value) => Ok(value.clone()),
            None => self.refuse(format!("the name `{wanted}` must be defined")),
        }
    }

    /// One statement of a module's top; one that cannot be read spoils the names that it mentions.
    fn module_statement(&mut self, statement: &'m ast::Stmt) -> Outcome<()> {
        let problem = match self.statement(statement) {
            Ok(_) => return Ok(()),
            Err(Stop::Dead) => return Err(Stop::Dead),
            Err(Stop::Refused(problem)) if problem.code == Code::PythonBudget => {
                return Err(Stop::Refused(problem));
            }
            Err(Stop::Refused(problem)) => Rc::<Diagnostic>::new(*problem),
        };
        let names = mentioned(std::slice::from_ref(statement))
            .into_iter()
            .chain(assigned(std::slice::from_ref(statement)));
        for name in names {
            if !BUILTINS.contains(&name) {
                self.frame
                    .names
                    .insert(name, Value::Refused(problem.clone()));
            }
        }
        Ok(())
    }
}

/// The builtins that are known by name; calling one that is not read is refused there.
pub(super) const BUILTINS: &[&str] = &[
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "BaseException",
    "Exception",
    "IndexError",
    "KeyError",
    "LookupError",
    "NameError",
    "NotImplementedError",
    "OverflowError",
    "RecursionError",
    "RuntimeError",
    "StopIteration",
    "TypeError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "UnicodeError",
    "ValueError",
    "ZeroDivisionError",
    "classmethod",
    "property",
    "staticmethod",
    "abs",
    "bytearray",
    "callable",
    "chr",
    "delattr",
    "dir",
    "divmod",
    "eval",
    "exec",
    "format",
    "globals",
    "hash",
    "hex",
    "id",
    "input",
    "issubclass",
    "locals",
    "open",
    "ord",
    "pow",
    "setattr",
    "slice",
    "super",
    "vars",
    "all",
    "any",
    "bool",
    "bytes",
    "dict",
    "enumerate",
    "filter",
    "float",
    "frozenset",
    "getattr",
    "hasattr",
    "int",
    "isinstance",
    "iter",
    "len",
    "list",
    "map",
    "max",
    "min",
    "next",
    "object",
    "print",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "type",
    "zip",
];
