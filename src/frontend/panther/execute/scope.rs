//! What a function's body binds: its local names, the globals that it declares, the names of functions around it.
//!
//! Python decides this for the whole body before anything of it is executed. Names of comprehensions, of nested functions and
//! of classes are not the function's own.

use std::collections::{BTreeMap, BTreeSet};

use rustpython_ruff_python_ast as ast;
use rustpython_ruff_python_ast::visitor::{self, Visitor};
use rustpython_ruff_text_size::{Ranged, TextSize};

use super::value::{Names, Value};
use super::{Executor, Outcome};

/// The names that a function's body binds.
#[derive(Clone, Debug, Default)]
pub(super) struct Bound<'m> {
    /// The local names and where the last of their bindings ends.
    pub locals: BTreeMap<&'m str, TextSize>,
    /// The names declared `global`.
    pub globals: BTreeSet<&'m str>,
    /// Whether a name is declared `nonlocal`.
    pub nonlocal: bool,
}

impl<'m> Bound<'m> {
    /// What the body binds.
    pub(super) fn of(body: &'m [ast::Stmt]) -> Self {
        let mut bound = Self::default();
        bound.visit_body(body);
        let Self {
            locals, globals, ..
        } = &mut bound;
        locals.retain(|name, _| !globals.contains(name));
        bound
    }

    fn bind(&mut self, name: &'m str, at: &impl Ranged) {
        let end = self.locals.entry(name).or_default();
        *end = (*end).max(at.range().end());
    }

    fn bind_pattern(&mut self, name: Option<&'m ast::Identifier>) {
        if let Some(name) = name {
            self.bind(&name.id, name);
        }
    }
}

impl<'m> Visitor<'m> for Bound<'m> {
    fn visit_stmt(&mut self, statement: &'m ast::Stmt) {
        match statement {
            ast::Stmt::FunctionDef(definition) => self.bind(&definition.name.id, definition),
            ast::Stmt::ClassDef(definition) => self.bind(&definition.name.id, definition),
            ast::Stmt::Global(names) => {
                self.globals
                    .extend(names.names.iter().map(|name| name.id.as_str()));
            }
            ast::Stmt::Nonlocal(_) => self.nonlocal = true,
            ast::Stmt::Import(import) => {
                for alias in &import.names {
                    if let Some(name) = &alias.asname {
                        self.bind(&name.id, name);
                        continue;
                    }
                    let name = alias.name.as_str();
                    self.bind(name.split('.').next().unwrap_or(name), &alias.name);
                }
            }
            ast::Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.bind(&name.id, name);
                }
            }
            ast::Stmt::For(_) | ast::Stmt::While(_) => {
                // What a loop binds may be bound again after anything within it.
                let before = std::mem::take(&mut self.locals);
                visitor::walk_stmt(self, statement);
                let within = std::mem::replace(&mut self.locals, before);
                for name in within.into_keys() {
                    self.bind(name, statement);
                }
            }
            other => visitor::walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, expression: &'m ast::Expr) {
        match expression {
            ast::Expr::Name(name) if !name.ctx.is_load() => self.bind(&name.id, name),
            ast::Expr::Lambda(_) => {}
            other => visitor::walk_expr(self, other),
        }
    }

    fn visit_comprehension(&mut self, comprehension: &'m ast::Comprehension) {
        self.visit_expr(&comprehension.iter);
        for filter in &comprehension.ifs {
            self.visit_expr(filter);
        }
    }

    fn visit_except_handler(&mut self, handler: &'m ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(inner) = handler;
        self.bind_pattern(inner.name.as_ref());
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'m ast::Pattern) {
        match pattern {
            ast::Pattern::MatchAs(part) => self.bind_pattern(part.name.as_ref()),
            ast::Pattern::MatchStar(part) => self.bind_pattern(part.name.as_ref()),
            ast::Pattern::MatchMapping(part) => self.bind_pattern(part.rest.as_ref()),
            _ => {}
        }
        visitor::walk_pattern(self, pattern);
    }
}

impl<'m> Executor<'m> {
    /// Binds a name of the current function, or the global that it declares.
    pub(super) fn bind_name(&mut self, name: &'m str, value: Value<'m>) -> Outcome<()> {
        if self.frame.bound.globals.contains(name) {
            return self.set_global(name, value);
        }
        self.frame.names.insert(name, value);
        Ok(())
    }

    /// The names that a function defined at `place` sees once the current one has returned: those that are bound after
    /// `place` are not known here.
    pub(super) fn visible_names(&self, place: &impl Ranged) -> Names<'m> {
        let mut names = self.frame.closure.clone();
        if self.frame.is_class {
            return names;
        }
        names.extend(
            self.frame
                .names
                .iter()
                .map(|(name, value)| (*name, value.clone())),
        );
        let end = place.range().end();
        for (name, bound) in &self.frame.bound.locals {
            if *bound > end {
                let message =
                    format!("`{name}` must not be bound again after a function that uses it");
                names.insert(*name, self.refused_value(message));
            }
        }
        names
    }

    /// The names that a function sees which was defined in the call `frame`: as they are now, while that call lasts.
    pub(super) fn closure(&self, closure: &Names<'m>, frame: usize) -> Names<'m> {
        let mut frames = std::iter::once(&self.frame).chain(self.outer.iter().rev());
        let around = frames.find(|other| frame != 0 && other.number == frame);
        let mut names = Names::new();
        names.extend(closure.iter().map(|(name, value)| (*name, value.clone())));
        if let Some(around) = around {
            for name in around.bound.locals.keys() {
                names.insert(*name, Value::Unbound);
            }
            names.extend(
                around
                    .names
                    .iter()
                    .map(|(name, value)| (*name, value.clone())),
            );
        }
        names
    }
}
