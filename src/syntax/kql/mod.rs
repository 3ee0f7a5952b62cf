//! KQL: query text to a syntax tree, and back.
//!
//! [`parse`] reads any text: what follows Kusto's grammar becomes typed nodes, what does not becomes `Invalid` nodes and a
//! [`SyntaxError`] each. [`print()`] writes a tree in the house style of Sentinel content, so that
//! `parse(print(parse(text)))` is `parse(text)`. Names and types are not resolved here.
//!
//! ```
//! use rulec::syntax::kql;
//!
//! let parsed = kql::parse("AWSCloudTrail | where EventName in ('ListRoles', 'ListUsers') and (ErrorCode == '')");
//! assert!(parsed.errors.is_empty());
//! assert_eq!(
//!     kql::print(&parsed.query),
//!     "AWSCloudTrail\n| where EventName in (\"ListRoles\", \"ListUsers\") and ErrorCode == \"\"\n"
//! );
//! ```

pub mod ast;
mod error;
mod expression;
mod lexer;
mod literal;
mod number;
mod operators;
mod parser;
mod primary;
mod print;
pub mod quote;
mod statement;
#[cfg(test)]
mod tests;
mod text;
mod token;
mod word;

pub use ast::Query;
pub use error::SyntaxError;
pub use parser::DEPTH;
pub use print::{print, print_expression, print_pipeline, print_stage};

use crate::source::TextRange;
use ast::Expression;

/// A query as far as it could be read.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The tree.
    pub query: Query,
    /// What is not well-formed, in the order of the text.
    pub errors: Vec<SyntaxError>,
    /// Where comments stand.
    pub comments: Vec<TextRange>,
}

/// Reads a query.
pub fn parse(text: &str) -> Parsed {
    let lexed = lexer::lex(text);
    let mut parser = parser::Parser::new(text, &lexed);
    let query = parser.query();
    let errors = merge(&lexed.errors, parser.errors);
    Parsed {
        query,
        errors,
        comments: lexed.comments,
    }
}

/// Where the comments of a query stand. Nothing but its tokens is read.
pub fn comments(text: &str) -> Vec<TextRange> {
    lexer::lex(text).comments
}

/// Reads one expression; the first error where it is not one.
pub fn expression(text: &str) -> Result<Expression, SyntaxError> {
    let lexed = lexer::lex(text);
    let mut parser = parser::Parser::new(text, &lexed);
    let expression = parser.expression();
    if parser.kind() != token::TokenKind::End {
        parser.expected("the end of the expression");
    }
    let unknown = || SyntaxError::new(TextRange::default(), "expected an expression");
    match (
        expression,
        merge(&lexed.errors, parser.errors).into_iter().next(),
    ) {
        (Ok(expression), None) => Ok(expression),
        (_, error) => Err(error.unwrap_or_else(unknown)),
    }
}

/// The errors of both layers in the order of the text; at one place the lexer knows better.
fn merge(lexer: &[SyntaxError], parser: Vec<SyntaxError>) -> Vec<SyntaxError> {
    let inside = |error: &SyntaxError| {
        let behind = lexer.partition_point(|known| known.range.start <= error.range.start);
        behind
            .checked_sub(1)
            .and_then(|at| lexer.get(at))
            .is_some_and(|known| error.range.start < known.range.end)
    };
    let mut errors: Vec<SyntaxError> = parser.into_iter().filter(|error| !inside(error)).collect();
    errors.extend_from_slice(lexer);
    errors.sort_by_key(|error| error.range);
    errors
}
