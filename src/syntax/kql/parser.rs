//! The parser's cursor: tokens in, nodes and errors out.
//!
//! Parsing is recursive descent with one token of lookahead, a few more where a keyword is also a name. A function that cannot
//! go on reports an error and returns [`Failed`]; the stage or statement around it becomes `Invalid` and parsing goes on behind
//! it, so one query can hold several errors. Nesting is counted: past [`DEPTH`] the parser reports once and stops, so that
//! neither it nor any later walk over the tree can exhaust the stack.

use super::ast::{Name, NodeRange};
use super::error::SyntaxError;
use super::lexer::Lexed;
use super::token::{Token, TokenKind};
use super::{text, word};
use crate::diagnostic::Code;
use crate::source::TextRange;

/// How deep a tree may be.
pub const DEPTH: u32 = 128;

/// The parser could not go on here; the error is already reported.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failed;

/// A node, or a reported failure.
pub(super) type Parse<T> = Result<T, Failed>;

/// The parser's state.
pub(super) struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    depth: u32,
    /// The deepest level that the node being read reaches.
    pub(super) deepest: u32,
    /// A table is being read, whose last step may hold asterisks.
    pub(super) in_table: bool,
    /// Nothing more is read or reported.
    stopped: bool,
    pub(super) errors: Vec<SyntaxError>,
}

const END: Token = Token {
    kind: TokenKind::End,
    spaced: false,
    range: TextRange {
        start: u32::MAX,
        end: u32::MAX,
    },
};

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, lexed: &'a Lexed) -> Self {
        Self {
            text,
            tokens: &lexed.tokens,
            at: 0,
            depth: 0,
            deepest: 0,
            in_table: false,
            stopped: false,
            errors: Vec::new(),
        }
    }

    /// The token `offset` tokens ahead.
    pub(super) fn peek_at(&self, offset: usize) -> Token {
        let last = || self.tokens.last().copied().unwrap_or(END);
        if self.stopped {
            last()
        } else {
            self.tokens
                .get(self.at + offset)
                .copied()
                .unwrap_or_else(last)
        }
    }

    pub(super) fn peek(&self) -> Token {
        self.peek_at(0)
    }

    pub(super) fn kind(&self) -> TokenKind {
        self.peek().kind
    }

    pub(super) fn kind_at(&self, offset: usize) -> TokenKind {
        self.peek_at(offset).kind
    }

    /// The text of a token.
    pub(super) fn text_of(&self, token: Token) -> &'a str {
        self.slice(token.range)
    }

    /// The text of a range.
    pub(super) fn slice(&self, range: TextRange) -> &'a str {
        self.text.get(range.indices()).unwrap_or("")
    }

    /// The word `offset` tokens ahead; empty where no word stands.
    pub(super) fn word_at(&self, offset: usize) -> &'a str {
        let token = self.peek_at(offset);
        if token.kind == TokenKind::Word {
            self.text_of(token)
        } else {
            ""
        }
    }

    pub(super) fn word(&self) -> &'a str {
        self.word_at(0)
    }

    /// The word just taken; empty where it was none.
    pub(super) fn previous_word(&self) -> &'a str {
        let token = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        token
            .filter(|token| token.kind == TokenKind::Word)
            .map_or("", |token| self.slice(token.range))
    }

    /// Takes the token and returns it.
    pub(super) fn advance(&mut self) -> Token {
        let token = self.peek();
        if !self.stopped && self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
        token
    }

    pub(super) fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.kind() == kind;
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.word() == word;
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn expect(&mut self, kind: TokenKind) -> Parse<Token> {
        if self.kind() == kind {
            Ok(self.advance())
        } else {
            Err(self.expected(kind.shown()))
        }
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Parse<Token> {
        if self.word() == word {
            Ok(self.advance())
        } else {
            Err(self.expected(&format!("`{word}`")))
        }
    }

    /// The closing bracket of `open`; the error names both places.
    pub(super) fn close(&mut self, kind: TokenKind, open: Token) -> Parse<Token> {
        if self.kind() == kind {
            return Ok(self.advance());
        }
        let message = format!("expected {}, found {}", kind.shown(), self.found());
        let error = SyntaxError::new(self.here(), message).with_related(open.range, "opened here");
        Err(self.report(error))
    }

    /// Where the next token stands.
    pub(super) fn here(&self) -> TextRange {
        self.peek().range
    }

    /// The start of the next token.
    pub(super) fn start(&self) -> u32 {
        self.here().start
    }

    /// From `start` to the end of the last token taken.
    pub(super) fn range_from(&self, start: u32) -> NodeRange {
        let end = self
            .at
            .checked_sub(1)
            .and_then(|at| self.tokens.get(at))
            .map_or(start, |token| token.range.end);
        NodeRange(TextRange {
            start,
            end: end.max(start),
        })
    }

    /// The next token as a message names it.
    pub(super) fn found(&self) -> String {
        let token = self.peek();
        match token.kind {
            TokenKind::End => "the end of the query".to_owned(),
            TokenKind::Word if self.text_of(token).len() <= 40 => {
                format!("`{}`", self.text_of(token))
            }
            kind => kind.shown().to_owned(),
        }
    }

    pub(super) fn report(&mut self, error: SyntaxError) -> Failed {
        let repeated = self
            .errors
            .last()
            .is_some_and(|last| last.range.start == error.range.start);
        if !self.stopped && !repeated {
            self.errors.push(error);
        }
        Failed
    }

    pub(super) fn error(&mut self, message: impl Into<String>) -> Failed {
        let here = self.here();
        self.report(SyntaxError::new(here, message))
    }

    pub(super) fn expected(&mut self, what: &str) -> Failed {
        let found = self.found();
        self.error(format!("expected {what}, found {found}"))
    }

    /// Runs `inner` one level deeper, or stops the whole parse.
    pub(super) fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        if self.depth > DEPTH {
            self.depth -= 1;
            return Err(self.too_deep());
        }
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Runs `inner` with a [`Self::deepest`] of its own, which the levels that a loop wraps around it count up.
    pub(super) fn measured<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        let outer = std::mem::replace(&mut self.deepest, self.depth);
        let result = inner(self);
        self.deepest = self.deepest.max(outer);
        result
    }

    /// The node just read becomes the inside of another.
    pub(super) fn wrapped(&mut self) -> Parse<()> {
        self.deepest += 1;
        if self.deepest > DEPTH {
            Err(self.too_deep())
        } else {
            Ok(())
        }
    }

    fn too_deep(&mut self) -> Failed {
        if !self.stopped {
            let mut error = SyntaxError::new(
                self.here(),
                format!("expected at most {DEPTH} levels of nesting"),
            );
            error.code = Code::KqlNesting;
            error.help = Some("a `let` statement can hold a part of the expression".to_owned());
            self.errors.push(error);
            self.stopped = true;
        }
        Failed
    }

    /// Skips to the next stage, statement or closing bracket of the surrounding level.
    pub(super) fn recover(&mut self) {
        let mut open = 0_usize;
        loop {
            match self.kind() {
                TokenKind::End => return,
                TokenKind::Bar | TokenKind::Semicolon if open == 0 => return,
                kind if kind.opens() => open += 1,
                kind if kind.closes() => match open.checked_sub(1) {
                    Some(less) => open = less,
                    None => return,
                },
                _ => {}
            }
            self.advance();
        }
    }

    /// Elements separated by commas, at least one.
    pub(super) fn list<T>(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Parse<T>,
    ) -> Parse<Vec<T>> {
        let mut list = vec![element(self)?];
        while self.eat(TokenKind::Comma) {
            list.push(element(self)?);
        }
        Ok(list)
    }

    /// Whether a list ends here.
    pub(super) fn at_list_end(&self) -> bool {
        let kind = self.kind();
        kind.closes() || matches!(kind, TokenKind::Bar | TokenKind::Semicolon | TokenKind::End)
    }

    /// The number of tokens of the name `offset` tokens ahead: 0 where none stands.
    pub(super) fn name_length(&self, offset: usize, allowed: fn(&str) -> bool) -> usize {
        match self.kind_at(offset) {
            TokenKind::Word if allowed(self.word_at(offset)) && is_plain(self.word_at(offset)) => 1,
            TokenKind::OpenBracket => {
                let mut strings = 0;
                while self.kind_at(offset + strings + 1) == TokenKind::String {
                    strings += 1;
                }
                let closed = self.kind_at(offset + strings + 1) == TokenKind::CloseBracket;
                if strings > 0 && closed {
                    strings + 2
                } else {
                    0
                }
            }
            _ => 0,
        }
    }

    /// A name that is used: `a`, `['a b']`.
    pub(super) fn name(&mut self) -> Parse<Name> {
        self.name_of(word::is_usable)
    }

    /// A name that is declared; a few keywords are allowed here.
    pub(super) fn declared_name(&mut self) -> Parse<Name> {
        self.name_of(word::is_declarable)
    }

    pub(super) fn name_of(&mut self, allowed: fn(&str) -> bool) -> Parse<Name> {
        match self.name_length(0, allowed) {
            0 if self.kind() == TokenKind::OpenBracket => {
                let open = self.advance();
                Err(self.bracket_is_no_name(open))
            }
            0 => {
                let keyword = self.word();
                let found = self.found();
                let mut error =
                    SyntaxError::new(self.here(), format!("expected a name, found {found}"));
                if !keyword.is_empty() {
                    error = error.with_help(format!(
                        "a keyword is used as a name in brackets: ['{keyword}']"
                    ));
                }
                Err(self.report(error))
            }
            1 => {
                let token = self.advance();
                Ok(Name::new(token.range, self.text_of(token)))
            }
            length => {
                let start = self.start();
                let text = (1..length - 1)
                    .map(|at| text::value(self.text_of(self.peek_at(at))))
                    .collect::<String>();
                for _ in 0..length {
                    self.advance();
                }
                Ok(Name::new(self.range_from(start), text))
            }
        }
    }
}

/// Whether the word is a name by its form: no dash, mark or tilde in it.
fn is_plain(word: &str) -> bool {
    !word
        .bytes()
        .any(|letter| matches!(letter, b'-' | b'!' | b'~'))
}
