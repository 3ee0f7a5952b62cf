//! Which names statements mention, bind, or change the containers of; found by reading them, without executing them.

use std::collections::BTreeSet;

use rustpython_ruff_python_ast as ast;
use rustpython_ruff_python_ast::visitor::{self, Visitor};
use rustpython_ruff_text_size::TextRange;

/// Every name that the statements mention.
pub(super) fn mentioned(body: &[ast::Stmt]) -> BTreeSet<&str> {
    let mut found = Mentioned(BTreeSet::new());
    found.visit_body(body);
    found.0
}

/// The first key with this text that a dictionary is written or given an entry with.
pub(super) fn naming(body: &[ast::Stmt], key: &str) -> Option<TextRange> {
    let mut found = Naming { key, found: None };
    found.visit_body(body);
    found.found
}

struct Naming<'k> {
    key: &'k str,
    found: Option<TextRange>,
}

impl Naming<'_> {
    fn see(&mut self, expression: &ast::Expr) {
        if let ast::Expr::StringLiteral(text) = expression
            && text.value == *self.key
        {
            self.found.get_or_insert(text.range);
        }
    }
}

impl<'a> Visitor<'a> for Naming<'_> {
    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        match expression {
            ast::Expr::Dict(dictionary) => {
                let keys = dictionary.items.iter().filter_map(|item| item.key.as_ref());
                keys.for_each(|key| self.see(key));
            }
            ast::Expr::Subscript(part) if part.ctx.is_store() => self.see(&part.slice),
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }

    fn visit_keyword(&mut self, keyword: &'a ast::Keyword) {
        if let Some(name) = &keyword.arg
            && name.as_str() == self.key
        {
            self.found.get_or_insert(name.range);
        }
        visitor::walk_keyword(self, keyword);
    }
}

struct Mentioned<'a>(BTreeSet<&'a str>);

impl<'a> Visitor<'a> for Mentioned<'a> {
    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        if let ast::Expr::Name(name) = expression {
            self.0.insert(&name.id);
        }
        visitor::walk_expr(self, expression);
    }
}

/// Every name that the statements assign, delete or bind in another way.
pub(super) fn assigned(body: &[ast::Stmt]) -> BTreeSet<&str> {
    let mut found = Assigned(BTreeSet::new());
    found.visit_body(body);
    found.0
}

/// Every name that a loop sets, or whose container it changes.
pub(super) fn changed(statement: &ast::StmtFor) -> BTreeSet<&str> {
    let mut found = Assigned(BTreeSet::new());
    found.visit_expr(&statement.target);
    found.visit_body(&statement.body);
    let mut changed = Changed(found.0);
    changed.visit_body(&statement.body);
    changed.0
}

/// Every name that a loop sets.
pub(super) fn assigned_by(statement: &ast::StmtFor) -> BTreeSet<&str> {
    let mut found = Assigned(BTreeSet::new());
    found.visit_expr(&statement.target);
    found.visit_body(&statement.body);
    found.0
}

/// Whether a loop gives the name another object than the list, set or dictionary that it has; `+=` of a list and `|=` of the
/// others change that object instead.
pub(super) fn rebinds(statement: &ast::StmtFor, name: &str, in_place: ast::Operator) -> bool {
    let mut found = Rebinds {
        name,
        in_place,
        found: false,
    };
    found.visit_expr(&statement.target);
    found.visit_body(&statement.body);
    found.found
}

struct Rebinds<'n> {
    name: &'n str,
    in_place: ast::Operator,
    found: bool,
}

impl<'a> Visitor<'a> for Rebinds<'_> {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        match statement {
            ast::Stmt::AugAssign(change) if change.op == self.in_place => {
                if !change.target.is_name_expr() {
                    self.visit_expr(&change.target);
                }
                self.visit_expr(&change.value);
            }
            ast::Stmt::FunctionDef(_) | ast::Stmt::ClassDef(_) => {
                let bound = assigned(std::slice::from_ref(statement));
                self.found = self.found || bound.contains(self.name);
            }
            other => visitor::walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        match expression {
            ast::Expr::Name(name) if !name.ctx.is_load() => {
                self.found = self.found || name.id == self.name;
            }
            other => visitor::walk_expr(self, other),
        }
    }
}

/// Names whose containers are changed by a method or an assignment to a key.
struct Changed<'a>(BTreeSet<&'a str>);

impl<'a> Visitor<'a> for Changed<'a> {
    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        match expression {
            ast::Expr::Call(call) => {
                if let ast::Expr::Attribute(attribute) = call.func.as_ref()
                    && let ast::Expr::Name(name) = attribute.value.as_ref()
                    && super::change::CHANGES.contains(&attribute.attr.as_str())
                {
                    self.0.insert(&name.id);
                }
            }
            ast::Expr::Subscript(subscript) if !subscript.ctx.is_load() => {
                if let ast::Expr::Name(name) = subscript.value.as_ref() {
                    self.0.insert(&name.id);
                }
            }
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }
}

struct Assigned<'a>(BTreeSet<&'a str>);

impl<'a> Visitor<'a> for Assigned<'a> {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        match statement {
            ast::Stmt::FunctionDef(definition) => {
                self.0.insert(&definition.name.id);
            }
            ast::Stmt::ClassDef(definition) => {
                self.0.insert(&definition.name.id);
            }
            other => visitor::walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        match expression {
            ast::Expr::Name(name) if !name.ctx.is_load() => {
                self.0.insert(&name.id);
            }
            ast::Expr::Lambda(_) => {}
            other => visitor::walk_expr(self, other),
        }
    }
}
