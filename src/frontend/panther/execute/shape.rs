//! What is found out about a function by reading it, once for all of its calls.

use std::rc::Rc;

use rustpython_ruff_python_ast as ast;
use rustpython_ruff_python_ast::visitor::{self, Visitor};

use super::Executor;
use super::scope::Bound;

/// How a function is written.
#[derive(Debug)]
pub(super) struct Shape<'m> {
    /// What its body binds.
    pub bound: Rc<Bound<'m>>,
    /// Whether it is a generator function or a coroutine.
    pub is_suspended: bool,
    /// Whether its body calls a function of its name.
    pub calls_itself: bool,
}

impl<'m> Executor<'m> {
    /// How the function is written.
    pub(super) fn shape(&mut self, definition: &'m ast::StmtFunctionDef) -> &Shape<'m> {
        let shape = self.shapes.entry(std::ptr::from_ref(definition));
        shape.or_insert_with(|| Shape {
            bound: Rc::new(Bound::of(&definition.body)),
            is_suspended: definition.is_async || yields(&definition.body),
            calls_itself: calls_itself(definition),
        })
    }
}

/// Whether the function's body calls a function of its name.
fn calls_itself(definition: &ast::StmtFunctionDef) -> bool {
    struct Calls<'a>(&'a str, bool);
    impl<'a> Visitor<'a> for Calls<'_> {
        fn visit_expr(&mut self, expression: &'a ast::Expr) {
            if let ast::Expr::Call(call) = expression
                && let ast::Expr::Name(name) = call.func.as_ref()
            {
                self.1 |= name.id.as_str() == self.0;
            }
            visitor::walk_expr(self, expression);
        }
    }
    let mut calls = Calls(definition.name.as_str(), false);
    calls.visit_body(&definition.body);
    calls.1
}

/// Whether a function's own body has a `yield`.
fn yields(body: &[ast::Stmt]) -> bool {
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
